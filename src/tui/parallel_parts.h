/* tui/parallel_parts.h - a picture of parallel coordinates, from values to places; parallel_draw.c draws it. */
#ifndef LEPTON_TUI_PARALLEL_PARTS_H
#define LEPTON_TUI_PARALLEL_PARTS_H

#include "tui/parallel.h"

#define LEPTON__AXES (LEPTON_SWEEP_SETTINGS + 1)

struct lepton__parallel_axis {
	const char *label;
	char top[24], bottom[24];
	double importance, correlation; /* NaN where unknown */
	size_t column;                  /* of the picture's values */
};

struct lepton__parallel {
	struct lepton__app *app;
	const size_t *rows;
	size_t count;          /* versions */
	size_t columns;        /* settings, then the figure */
	float *values;         /* count × settings: what the axes measure; NaN where there is none */
	double *goal, *places; /* count; count × columns, 0 to 1 */
	struct lepton__parallel_axis axes[LEPTON__AXES];
	struct lepton_sweep sweep;
};

void lepton__parallel_inside(const struct lepton__parallel *p, struct lepton__rect inside);

#endif
