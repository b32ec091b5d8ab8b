/* tui/plot.h - curves with axes: several series, nice ticks, legend, cross-hair, log scale, zoom.
 *
 * A plot is a value: fill the struct, draw it, throw it away. What lasts between frames (pyramids,
 * smoothed values) is in each series' trace. Drawing costs the width of the plot, not the length of
 * the run: each dot column asks the pyramid for its minimum and maximum.
 */
#ifndef LEPTON_TUI_PLOT_H
#define LEPTON_TUI_PLOT_H

#include "base/ticks.h"
#include "tui/canvas.h"
#include "tui/pyramid.h"
#include "tui/theme.h"

struct lepton__series {
	const char *name;
	const struct lepton__trace *trace;
	/* x of value i; never falling. NULL: i itself. */
	double (*x)(const void *context, size_t i);
	const void *context;
	size_t look;   /* which colour and marker: lepton__theme_curve, lepton__theme_marker */
	bool pinned;   /* drawn over the others */
};

struct lepton__plot_mark { /* something that happened, as a small sign on the x axis */
	double x;
	uint32_t sign; /* a character; 0: a small triangle */
	size_t look;
};

struct lepton__plot {
	const struct lepton__series *series;
	size_t series_count;
	const struct lepton__plot_mark *marks;
	size_t mark_count;
	const char *x_label, *y_label;      /* NULL: none */
	bool log_y;                         /* values <= 0 are left out */
	bool x_is_time;                     /* tick labels as durations */
	bool legend;
	bool robust;                        /* automatic y range: let a steep start run out of the top */
	double x_min, x_max, y_min, y_max;  /* the window; NaN each: automatic */
	double cursor;                      /* x of the cross-hair; NaN: none */
};

/* All NaN, legend and robust on. */
void lepton__plot_init(struct lepton__plot *plot);

struct lepton__plot_view { /* how it was drawn: for the mouse, for zooming */
	struct lepton__rect area;          /* the cells of the curves themselves; empty if nothing could be drawn */
	double x_min, x_max, y_min, y_max; /* the window really shown; y as values, also on a log axis */
	bool log_y;
};

/* Nothing to draw (no series, no finite value) says so in words in the middle. */
void lepton__plot_draw(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect rect,
		const struct lepton__plot *plot, struct lepton__plot_view *view);
double lepton__plot_x_at(const struct lepton__plot_view *view, int column); /* x in the middle of a screen column */
/* The window after zooming about x by a factor (<1: closer) within [lo, hi]. */
void lepton__plot_zoom(double *x_min, double *x_max, double lo, double hi, double about, double factor);
/* The value of a series last at or before x (smoothed where it is); NaN before the first. */
double lepton__series_value(const struct lepton__series *series, double x);
/* Full extent of x over the series; false if there is none. */
bool lepton__series_extent(const struct lepton__series *series, size_t count, double *lo, double *hi);

#endif
