/* tui/preferences.h - what a person wants the dashboard to be like: a file of `key = value` lines.
 *
 * One table says every setting's name, what it may be and what it means; the reader, the writer, the messages and
 * the manual are made from it. Adding a setting is one entry in the table and a field here.
 */
#ifndef LEPTON_TUI_PREFERENCES_H
#define LEPTON_TUI_PREFERENCES_H

#include "lepton/error.h"

#include <stdbool.h>
#include <stddef.h>

#define LEPTON__FAULTS 8

struct lepton__preferences {
	char theme[128]; /* "": not said */
	/* indices into the choices of the table */
	int ascii, colors, mouse, pictures, tour, lines, metric, axis, smoothing, sort;
	char path[512]; /* where they came from and go to; "": nowhere */
	bool found;     /* there was a file */
	char faults[LEPTON__FAULTS][320]; /* one line each, "file:3: what is wrong" */
	size_t fault_count, more_faults;
};
enum lepton__color_wish { LEPTON__WISH_AUTO, LEPTON__WISH_TRUE, LEPTON__WISH_256, LEPTON__WISH_16, LEPTON__WISH_NONE };

struct lepton__preference {
	const char *name, *help;
	size_t offset;
	const char *const *choices; /* NULL: a text, the theme's name */
	int count, usual;           /* the index it has unless said */
};
extern const struct lepton__preference lepton__preference_table[];
extern const size_t lepton__preference_count;

void lepton__preferences_usual(struct lepton__preferences *preferences);
/* The person's own file, whether it exists or not; "" where there is no home. */
void lepton__preferences_path(char *out, size_t size);
/* Over what is there; binds keys. What is wrong becomes faults, never a failure. `must`: a missing file is a fault. */
void lepton__preferences_read(struct lepton__preferences *preferences, const char *path, bool must);
/* "yes" or "val loss": a setting as it stands. */
const char *lepton__preference_value(
	const struct lepton__preferences *preferences, const struct lepton__preference *setting);
/* Into the file at ->path: lines that are there get the values that hold now, others are kept as they are,
 * settings that differ from the usual are added. */
int lepton__preferences_save(const struct lepton__preferences *preferences, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
