/* tui/plot_parts.h - what the files of the plot share (and the tests look at). */
#ifndef LEPTON_TUI_PLOT_PARTS_H
#define LEPTON_TUI_PLOT_PARTS_H

#include "tui/plot.h"

struct lepton__window { /* what of the plane the area shows; y_min and y_max as logarithms when log_y */
	double x_min, x_max, y_min, y_max;
	bool log_y;
};

double lepton__series_x(const struct lepton__series *series, size_t i);
/* First index whose x is >= x (or > x); count when there is none. */
size_t lepton__series_index(const struct lepton__series *series, double x, bool beyond);
/* The window of a plot; false when there is nothing to show. */
bool lepton__plot_window(const struct lepton__plot *plot, struct lepton__window *out);

int lepton__window_column(const struct lepton__window *window, int width, double x); /* -1 … width; dots */
int lepton__window_row(const struct lepton__window *window, int height, double y);   /* -1 … height; dots */
/* One curve of values (the trace's raw or smooth pyramid) into the canvas. */
void lepton__plot_raster(struct lepton__canvas *canvas, const struct lepton__series *series,
		const struct lepton__pyramid *values, const struct lepton__window *window, unsigned ink);
/* All curves, then their markers on top, into the area. */
int lepton__plot_curves(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect area,
		const struct lepton__plot *plot, const struct lepton__window *window) LEPTON_MUST_CHECK;
void lepton__plot_legend(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect area,
		const struct lepton__plot *plot, const struct lepton__window *window);

#endif
