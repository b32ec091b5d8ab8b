/* tui/plot_columns.c - which column of dots an x falls into, and where each column ends.
 *
 * A curve is cut into columns, and a thousand of them by the same ones. So where each column ends is found
 * once a plot: the least x, to the bit, that falls behind it. A point's column then takes a comparison
 * instead of a division (or a logarithm), and no point can come out in another column than by itself.
 */
#include "config.h"
#include "tui/plot_parts.h"
#include "base/bits.h"
#include "base/memory.h"

#include <math.h>

/* The whole dot below place + 1/2; -1 and `most` outside. */
static int dot_of(double place, int most)
{
	place += 0.5;
	return !(place >= 0) ? -1 : place >= most ? most : (int)place;
}

/* Column of an already scaled x. */
static int column_of(const struct lepton__window *window, int width, double x)
{
	return dot_of((x - window->x_min) / (window->x_max - window->x_min) * (width - 1), width);
}

int lepton__scaled_column(const struct lepton__window *window, int width, double x)
{
	return column_of(window, width, x);
}

int lepton__window_column(const struct lepton__window *window, int width, double x)
{
	return column_of(window, width, lepton__scaled(x, window->log_x));
}

int lepton__scaled_row(const struct lepton__window *window, int height, double y)
{
	return dot_of((window->y_max - y) / (window->y_max - window->y_min) * (height - 1), height);
}

int lepton__window_row(const struct lepton__window *window, int height, double y)
{
	return lepton__scaled_row(window, height, lepton__scaled(y, window->log_y));
}

/* ---- ends ---- */

/* Doubles in their order as whole numbers, so that what lies in the middle of two can be asked for. */
static int64_t rank_of(double x)
{
	int64_t bits = (int64_t)lepton__double_bits(x);
	return bits < 0 ? INT64_MIN - bits : bits;
}

static bool behind(const struct lepton__window *window, int width, int column, int64_t rank)
{
	double x = lepton__double_of_bits((uint64_t)(rank < 0 ? INT64_MIN - rank : rank));
	return lepton__window_column(window, width, x) > column;
}

/* From one rank to another, which may be all doubles apart. */
static uint64_t gap(int64_t low, int64_t high)
{
	return (uint64_t)high - (uint64_t)low;
}

/* The least rank behind the column, which is there to be found between those two: from a guess in ever longer
 * strides to both sides of it, then by halves. */
static int64_t end_of(
	const struct lepton__window *window, int width, int column, int64_t guess, const int64_t range[2])
{
	int64_t low = guess, high = guess;
	for (uint64_t stride = 1; low > range[0] && behind(window, width, column, low); stride *= 2)
		low = gap(range[0], low) > stride ? low - (int64_t)stride : range[0];
	for (uint64_t stride = 1; high < range[1] && !behind(window, width, column, high); stride *= 2)
		high = gap(high, range[1]) > stride ? high + (int64_t)stride : range[1];
	while (gap(low, high) > 1) {
		int64_t middle = low + (int64_t)(gap(low, high) / 2);
		if (behind(window, width, column, middle))
			high = middle;
		else
			low = middle;
	}
	return high;
}

double *lepton__column_ends(const struct lepton__window *window, int width)
{
	double *ends = width > 1 ? lepton__calloc((size_t)width, sizeof *ends) : NULL;
	const int64_t range[2] = {rank_of(window->from), rank_of(window->to)};
	for (int c = 0; c + 1 < width && ends; c++) {
		double place = window->x_min + (c + 0.5) / (width - 1) * (window->x_max - window->x_min),
		       x = lepton__unscaled(place, window->log_x);
		int64_t guess = rank_of(!(x > window->from) ? window->from : x > window->to ? window->to : x);
		int64_t end = end_of(window, width, c, guess, range);
		ends[c] = lepton__double_of_bits((uint64_t)(end < 0 ? INT64_MIN - end : end));
	}
	if (ends)
		ends[width - 1] = INFINITY; /* what lies behind it is behind the window */
	return ends;
}

/* ---- the points of a column ---- */

struct column { /* the one with ends, where these are known */
	const struct lepton__series *series;
	const struct lepton__window *window;
	int width, column;
};

static bool holds(const struct column *c, size_t i)
{
	double x = lepton__series_x(c->series, i);
	return c->window->ends ? !(x >= c->window->ends[c->column])
			       : lepton__window_column(c->window, c->width, x) == c->column;
}

size_t lepton__column_end(const struct lepton__series *series, const struct lepton__window *window, int width,
	int at, size_t from, size_t to)
{
	struct column column = {series, window, width, at};
	size_t low = from + 1, stride = 1;
	while (low < to && holds(&column, low)) {
		from = low;
		low += stride;
		stride *= 2;
	}
	size_t high = low < to ? low : to;
	for (low = from + 1; low < high;) {
		size_t middle = low + (high - low) / 2;
		if (holds(&column, middle))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int lepton__column_at(const struct lepton__series *series, const struct lepton__window *window, int width,
	int from, size_t i)
{
	double x = lepton__series_x(series, i);
	if (!window->ends)
		return lepton__window_column(window, width, x);
	while (x >= window->ends[from])
		from++;
	return from;
}
