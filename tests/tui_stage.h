/* tests/tui_stage.h - one dashboard on a memory screen with a story told, and hands for its keys. */
#ifndef TESTS_TUI_STAGE_H
#define TESTS_TUI_STAGE_H

#include "tui_fake.h"
#include "tui/app.h"

struct stage {
	struct lepton_run run;
	struct fake fake;
	struct lepton__screen *screen;
	struct lepton__app *app;
	struct lepton_tui_options options;
};

int set_up_story(void **state, const char *story); /* a file under the sources */
int set_up(void **state);                          /* the one the golden screens are drawn from */
int tear_down(void **state);
void press(struct stage *stage, const char *keys); /* as keymap.h writes them; a frame each */
void choose(struct stage *stage, const char *name);
int64_t id_of(struct stage *stage, const char *name);
const char *said(const struct stage *stage); /* by the dashboard, last; "" before */

#endif
