/* data/ratings.h - who gave what how many points: a table of three columns, whose names are numbered. */
#ifndef LEPTON_DATA_RATINGS_H
#define LEPTON_DATA_RATINGS_H

#include "data/formats.h"

/* The ratings of another file as a test part, by the users and items known: others are missing (NaN). Without `with_target`
 * the ratings are not looked at, and there may be none. LEPTON_E_DATA, LEPTON_E_IO, LEPTON_E_NOMEM. */
int lepton__ratings_more(const char *path, const struct lepton__ratings *ratings, bool with_target, struct lepton__part *out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__ratings_free(struct lepton__ratings *ratings);

#endif
