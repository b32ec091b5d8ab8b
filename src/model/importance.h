/* model/importance.h - which features of a table trees go by. */
#ifndef LEPTON_MODEL_IMPORTANCE_H
#define LEPTON_MODEL_IMPORTANCE_H

#include "lepton/data.h"

#define LEPTON__IMPORTANCE_MOST 20 /* features named */

/* The features whose splits won most, most first: [{"feature":"bmi","share":0.31},…], heap. NULL where there is nothing to
 * tell (no table, no trees, no split yet), or no memory to tell it in. */
char *lepton__importance(const struct lepton_params *weights, const struct lepton_data_info *info);

#endif
