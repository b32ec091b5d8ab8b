/* tui/record.h - the session as an asciicast (version 2), which asciinema and its players show. */
#ifndef LEPTON_TUI_RECORD_H
#define LEPTON_TUI_RECORD_H

#include "tui/screen.h"

struct lepton__app;
struct lepton__recorder; /* opaque */

/* The file is made anew, so that a bad name is told before the terminal is taken. LEPTON_E_IO, LEPTON_E_NOMEM. */
int lepton__recorder_open(const char *path, struct lepton__recorder **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* What changed since the last frame, so many seconds after the first; nothing where nothing did. On failure the file ends with the
 * frame before, whole, and later frames do nothing. LEPTON_E_IO, LEPTON_E_NOMEM. */
int lepton__recorder_frame(struct lepton__recorder *recorder, const struct lepton__screen *screen, double now,
		struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__recorder_close(struct lepton__recorder *recorder); /* NULL is fine */

/* The app's picture as a frame, where the session is recorded; a failure is said once, and the session goes on. */
void lepton__app_record(struct lepton__app *app);

#endif
