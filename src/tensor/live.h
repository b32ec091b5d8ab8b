/* tensor/live.h - which steps of a product's sum are worth taking (live.c). */
#ifndef LEPTON_TENSOR_LIVE_H
#define LEPTON_TENSOR_LIVE_H

#include "tensor/product.h"
#include <stdint.h>

#define LEPTON__LIVE_TILE 4   /* rows that share a list */
#define LEPTON__LIVE_TILES 64 /* lists held at a time */
#define LEPTON__LIVE_ROWS (LEPTON__LIVE_TILE * LEPTON__LIVE_TILES)

/* The steps in which a tile's rows are not all zero, in order. `room` floats a list: a step each, and a
 * vector more. */
struct lepton__live {
	int room;
	int count[LEPTON__LIVE_TILES];
	int32_t *step;
};

#endif
