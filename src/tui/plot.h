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
#include "tui/gaps.h"
#include "tui/pyramid.h"
#include "tui/theme.h"

struct lepton__series {
	const char *name;
	const struct lepton__trace *trace;
	/* x of value i; never falling. NULL: i itself. */
	double (*x)(const void *context, size_t i);
	const void *context;
	/* The same where they lie in memory, which is quicker; NULL both: as x says. */
	const double *numbers;
	const int64_t *wholes;
	double whole; /* x of one of these */
	size_t look;   /* which colour and marker: lepton__theme_curve, lepton__theme_marker */
	bool pinned;   /* drawn over the others */
	const struct lepton__gaps *gaps; /* where values are no numbers; NULL: they are just missing */
};

struct lepton__plot_mark { /* something that happened, as a small sign on the x axis */
	double x;
	uint32_t sign; /* a character; 0: a small triangle */
	size_t look;
	const char *text; /* stands beside the cross-hair when that is here; NULL: none */
};

struct lepton__plot_group { /* series drawn as one: the line of their mean in a band from least to greatest */
	const char *name;
	size_t first, count; /* of the plot's series */
};

/* Which value of a curve has its own mark. */
enum lepton__best { LEPTON__BEST_NONE, LEPTON__BEST_LEAST, LEPTON__BEST_GREATEST };

struct lepton__plot {
	const struct lepton__series *series;
	size_t series_count;
	const struct lepton__plot_group *groups; /* NULL: each series by itself */
	size_t group_count;
	const struct lepton__plot_mark *marks;
	size_t mark_count;
	const char *x_label, *y_label;      /* NULL: none */
	bool log_x, log_y;                  /* values <= 0 are left out */
	bool x_is_time;                     /* tick labels as durations */
	bool legend;
	bool robust;                        /* automatic y range: let a steep start run out of the top */
	double x_min, x_max, y_min, y_max;  /* the window; NaN each: automatic */
	double cursor;                      /* x of the cross-hair; NaN: none */
	double chosen[2];                   /* the range that a drag has chosen so far; NaN: none */
	enum lepton__best best;
};

/* All NaN, legend and robust on. */
void lepton__plot_init(struct lepton__plot *plot);

struct lepton__plot_view { /* how it was drawn: for the mouse, for zooming */
	struct lepton__rect area;          /* the cells of the curves themselves; empty if nothing could be drawn */
	double x_min, x_max, y_min, y_max; /* the window really shown; y as values, also on a log axis */
	bool log_x, log_y;
};

/* Nothing to draw (no series, no finite value) says so in words in the middle. */
void lepton__plot_draw(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect rect,
		const struct lepton__plot *plot, struct lepton__plot_view *view);
/* The same as a heat-map: from series `first` on a row each, of the row `at` is chosen (count: none). The marks go to
 * the x axis, the range of values to a scale under it. Returns how many rows there was room for. */
size_t lepton__plot_heat(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect rect,
		const struct lepton__plot *plot, size_t first, size_t at, struct lepton__plot_view *view);
size_t lepton__heat_rows(struct lepton__rect rect); /* how many there is room for */
double lepton__plot_x_at(const struct lepton__plot_view *view, int column); /* x in the middle of a screen column */
/* The window after zooming about x by a factor (<1: closer) within [lo, hi]. */
void lepton__plot_zoom(double *x_min, double *x_max, double lo, double hi, double about, double factor);
/* The value of a series last at or before x (smoothed where it is); NaN before the first. */
double lepton__series_value(const struct lepton__series *series, double x);
/* The same on the straight line to the value behind x; NaN outside of the curve. */
double lepton__series_between(const struct lepton__series *series, double x);
/* The first of the best values at or before `until`, as it is drawn; false where there is none. */
bool lepton__series_best(const struct lepton__series *series, enum lepton__best which, double until, double *x, double *y);
/* Full extent of x over the series (on a log axis: of what is above zero); false if there is none. */
bool lepton__series_extent(const struct lepton__series *series, size_t count, bool log_x, double *lo, double *hi);

#endif
