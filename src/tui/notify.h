/* tui/notify.h - news of what has ended: the last of them, and how the terminal is told. */
#ifndef LEPTON_TUI_NOTIFY_H
#define LEPTON_TUI_NOTIFY_H

#include "lepton/event.h"

#include <stdbool.h>
#include <stddef.h>

struct lepton__app;

enum lepton__notify { LEPTON__NOTIFY_LINE, LEPTON__NOTIFY_BELL, LEPTON__NOTIFY_DESKTOP, LEPTON__NOTIFIES };
extern const char *const lepton__notify_names[LEPTON__NOTIFIES]; /* "line", "bell", "desktop" */

struct lepton__notice {
	double time;
	int64_t version; /* whom it is about; 0: nobody in particular */
	bool failed;
	char text[200];
};
#define LEPTON__NOTICES 100

struct lepton__notices { /* oldest first */
	struct lepton__notice items[LEPTON__NOTICES];
	size_t count, fresh; /* those that the terminal was not told of: the last so many */
	enum lepton__notify how;
};

/* Note the end of a version's training or of a job; other events are passed over. Before the run folds it: a state that is only said again is no news. */
void lepton__notices_take(struct lepton__app *app, const struct lepton_event *event);
/* Tell the terminal of those that are new, all at once. */
void lepton__notices_tell(struct lepton__app *app);
/* What that tells: one in its own words, several as how many; false: nothing is new. */
bool lepton__notices_sum(const struct lepton__notices *notices, char *out, size_t size);

struct lepton__surroundings { /* of the terminal, from the environment; NULL where not set */
	const char *term, *tmux, *vte;
};
/* The bytes that make a terminal show a text on its desktop: OSC 777 where VTE, rxvt and foot know it, else OSC 9; wrapped
 * for tmux and screen. "" for terminals that would print it. Control characters are left out. */
void lepton__notify_bytes(const struct lepton__surroundings *where, const char *title, const char *text, char *out, size_t size);

#endif
