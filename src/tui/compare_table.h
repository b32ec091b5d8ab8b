/* tui/compare_table.h - which versions are compared, and in what they differ. */
#ifndef LEPTON_TUI_COMPARE_TABLE_H
#define LEPTON_TUI_COMPARE_TABLE_H

#include "tui/app.h"

#define LEPTON__COMPARE_KEYS 48

struct lepton__compared {
	size_t *rows; /* indices of versions, best first; lepton__free */
	size_t count;
	const char *keys[LEPTON__COMPARE_KEYS]; /* settings that differ; the layers as a whole come last */
	size_t key_count;
};

/* The marked versions, or all that are shown. False: out of memory. */
bool lepton__compare_make(const struct lepton__app *app, struct lepton__compared *table);
/* A version's setting; "-" where it has none. */
const char *lepton__compare_setting(const struct lepton__app *app, size_t index, const char *key);
/* The same versions, with the keys that a picture has axes for: layers that are alike but for some numbers are told by these. */
struct lepton__compared lepton__compare_picture(const struct lepton__app *app, const struct lepton__compared *table);

#endif
