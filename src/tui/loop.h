/* tui/loop.h - the dashboard on a real terminal, and what the script player shares with it. */
#ifndef LEPTON_TUI_LOOP_H
#define LEPTON_TUI_LOOP_H

#include "tui/app.h"

/* Everything but the loop: theme, monochrome, first events. `app` is initialised by this. */
int lepton__app_start(struct lepton__app *app, const struct lepton_tui_options *options, const struct lepton_tui_link *link,
		struct lepton_run *run, struct lepton__screen *screen, enum lepton__colors colors, struct lepton_error *err) LEPTON_MUST_CHECK;
/* act_settings.c: read the file of settings into *preferences, and what the command line leaves open into *options;
 * the terminal's part of both; the dashboard's. */
void lepton__options_prefer(struct lepton_tui_options *options, struct lepton__preferences *preferences);
struct lepton__terminal_options lepton__terminal_wishes(const struct lepton_tui_options *options);
void lepton__app_prefer(struct lepton__app *app);
void lepton__app_welcome(struct lepton__app *app); /* tour.c: at the very first start, or where it was asked for */
bool lepton__no_color(const struct lepton_tui_options *options); /* by option or environment */
/* Sleep until input, a signal or, unless these can wait, an event comes, at most `seconds` (<0: no limit). */
void lepton__app_sleep(const struct lepton__app *app, double seconds, bool events_wait);
/* Take in what the terminal has: keys, mouse, resizes, signals. */
bool lepton__app_listen(struct lepton__app *app); /* was there a key or the mouse? */
size_t lepton__app_paint(struct lepton__app *app); /* draw and flush; how many cells of the terminal changed */

/* Play options->script. */
int lepton__script_play(const struct lepton_tui_options *options, const struct lepton_tui_link *link, struct lepton_run *run,
		bool *detached, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
