/* tui/plot_parts.h - what the files of the plot share (and the tests look at). */
#ifndef LEPTON_TUI_PLOT_PARTS_H
#define LEPTON_TUI_PLOT_PARTS_H

#include "tui/plot.h"

struct lepton__window { /* what of the plane the area shows; logarithms on a log axis */
	double x_min, x_max, y_min, y_max;
	bool log_x, log_y;
	double from, to; /* x_min and x_max as values, to the bit */
	double *ends;    /* the least x behind each column of dots; NULL: not worked out */
};

double lepton__scaled(double value, bool log); /* as it stands on the axis */
double lepton__unscaled(double place, bool log);

static inline double lepton__series_x(const struct lepton__series *series, size_t i)
{
	if (series->numbers)
		return series->numbers[i];
	if (series->wholes)
		return (double)series->wholes[i] * series->whole;
	return series->x == NULL ? (double)i : series->x(series->context, i);
}
const struct lepton__pyramid *lepton__series_shown(const struct lepton__series *series); /* smooth where it is */
/* First index whose x is >= x (or > x); count when there is none. */
size_t lepton__series_index(const struct lepton__series *series, double x, bool beyond);
double lepton__series_between_at(const struct lepton__series *series, size_t next, double x); /* next: the first behind x */
/* The window of a plot; false when there is nothing to show. */
bool lepton__plot_window(const struct lepton__plot *plot, struct lepton__window *out);

int lepton__window_column(const struct lepton__window *window, int width, double x); /* -1 … width; dots */
int lepton__window_row(const struct lepton__window *window, int height, double y);   /* -1 … height; dots */
int lepton__scaled_column(const struct lepton__window *window, int width, double x); /* of what stands on the axis */
int lepton__scaled_row(const struct lepton__window *window, int height, double y);
/* For a window's `ends`; NULL where they cannot be had, which only takes longer. The caller frees them. */
double *lepton__column_ends(const struct lepton__window *window, int width);
/* The column of point i, which lies in the window; none before `from`. */
int lepton__column_at(const struct lepton__series *series, const struct lepton__window *window, int width, int from, size_t i);
/* First index behind `from` whose point lies in another column than `column`, which is that of `from`. */
size_t lepton__column_end(const struct lepton__series *series, const struct lepton__window *window, int width, int column,
		size_t from, size_t to);
/* One curve of values (the trace's raw or smooth pyramid) into the canvas. */
void lepton__plot_raster(struct lepton__canvas *canvas, const struct lepton__series *series,
		const struct lepton__pyramid *values, const struct lepton__window *window, unsigned ink);
bool lepton__drawable(const struct lepton__window *window, float value); /* finite, and above zero on a log axis */

struct lepton__band_value { /* of several series at one x */
	double least, greatest, mean, deviation; /* NaN where none has a value there */
	size_t count;                            /* how many have */
};
struct lepton__band_value lepton__band_value(const struct lepton__series *series, size_t count, double x);
/* Several series as one: their mean as a line in `ink`, from their least to their greatest value shaded in `shade`. */
int lepton__plot_band(struct lepton__canvas *canvas, const struct lepton__series *series, size_t count,
		const struct lepton__window *window, unsigned ink, unsigned shade) LEPTON_MUST_CHECK;

uint32_t lepton__best_sign(enum lepton__glyphs glyphs);
void lepton__plot_marks(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect area,
		const struct lepton__plot *plot, const struct lepton__window *window);
/* All curves, then their markers on top, into the area. */
int lepton__plot_curves(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect area,
		const struct lepton__plot *plot, const struct lepton__window *window) LEPTON_MUST_CHECK;
/* Screen row and column of a value; -1 where it is not shown. */
int lepton__area_row(struct lepton__rect area, const struct lepton__window *window, double y);
int lepton__area_column(struct lepton__rect area, const struct lepton__window *window, double x);
/* Both axes; returns the area left for the curves. */
struct lepton__rect lepton__plot_axes(struct lepton__screen *screen, const struct lepton__theme *theme,
		struct lepton__rect rect, const struct lepton__plot *plot, const struct lepton__window *window);
/* The x axis in the two rows under an area, with what happened. */
void lepton__plot_x_axis(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect area,
		const struct lepton__plot *plot, const struct lepton__window *window);
/* The cross-hair through what is empty in the area; with axes, its x under them. */
void lepton__plot_cursor(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect area,
		const struct lepton__plot *plot, const struct lepton__window *window, bool axes);
void lepton__plot_say_empty(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect rect,
		const struct lepton__plot *plot);
/* The part that a drag has chosen; what happened at the cross-hair, in words. Both over what is drawn. */
void lepton__plot_chosen(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect area,
		const struct lepton__plot *plot, const struct lepton__window *window);
void lepton__plot_notes(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect area,
		const struct lepton__plot *plot, const struct lepton__window *window);
/* Of a heat-map: the share of sorted values below this one, and x in the middle of a cell. */
double lepton__heat_rank(const float *sorted, size_t count, float value);
double lepton__heat_x(const struct lepton__window *window, int cols, int column);
void lepton__plot_fill_view(struct lepton__plot_view *view, struct lepton__rect area, const struct lepton__window *window);
void lepton__plot_figure(char *out, size_t size, double y); /* a value in at most 8 columns; "-" for NaN */
void lepton__plot_legend(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect area,
		const struct lepton__plot *plot, const struct lepton__window *window);

#endif
