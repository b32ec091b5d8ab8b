/* tui/forecast.h - how long it will take: each version, and all of them. Nothing of the dashboard is needed here. */
#ifndef LEPTON_TUI_FORECAST_H
#define LEPTON_TUI_FORECAST_H

#include <stddef.h>

struct lepton__claim { /* on the workers, by a version that trains or waits to */
	double priority;
	double work;  /* seconds that it needs on a worker of its own; NaN: not known */
	double share; /* comes out: of the workers, of all 1 */
	double left;  /* comes out: seconds until it ends; NaN: not known */
};

/* Until all whose work is known have ended, with `workers` of them; *unknown: how many are not known. */
double lepton__forecast(struct lepton__claim *claims, size_t count, int workers, size_t *unknown);

#endif
