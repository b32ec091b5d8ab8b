/* tui/bands.h - which versions are drawn as one. */
#ifndef LEPTON_TUI_BANDS_H
#define LEPTON_TUI_BANDS_H

#include "tui/dash.h"

extern const char *const lepton__kinship_names[LEPTON__KINSHIPS]; /* "by seed", "by name" */

bool lepton__kin_counts(const struct lepton__flat_row *row); /* kin must have this setting the same */
/* Two versions (indices in run->versions) belong together. */
bool lepton__kin(const struct lepton__dash *dash, size_t a, size_t b, enum lepton__kinship how);

struct lepton__bands {
	struct lepton__plot_group *groups;
	char (*names)[LEPTON_NAME_MAX];
	size_t count;
};
/* Puts series of kin behind the first of them, and says which are. Each series' look is its version's index. */
int lepton__bands_make(const struct lepton__dash *dash, struct lepton__series *series, size_t count, struct lepton__bands *out)
		LEPTON_MUST_CHECK;
void lepton__bands_free(struct lepton__bands *bands);

#endif
