/* tui/sparkline.c - one-line pictures: eighth blocks for a series, a bar for a fraction.
 *
 * Each column is the mean of its equal part of the values, so a long history keeps its shape; of a part longer
 * than MOST_LOOKED_AT only evenly spaced values are looked at, so drawing costs the width and not the length of
 * the history. A part with no finite value is a gap. A flat series is drawn half high, since it has no range to show.
 */
#include "config.h"
#include "tui/sparkline.h"

#include <math.h>
#include <stdio.h>

#define MOST_LOOKED_AT 64

/* Mean of the finite values of part `column` of `cols`; NaN when there is none. */
static double part_mean(const float *values, size_t count, int column, int cols)
{
	size_t from = (size_t)((double)count * column / cols),
	       to = (size_t)((double)count * (column + 1) / cols);
	double sum = 0;
	size_t finite = 0, stride = 1 + (to - from) / MOST_LOOKED_AT;
	for (size_t i = from; i < to && i < count; i += stride)
		if (isfinite(values[i])) {
			sum += (double)values[i];
			finite++;
		}
	return finite > 0 ? sum / (double)finite : NAN;
}

static void range_of(const float *values, size_t count, int cols, double *low, double *high)
{
	*low = INFINITY;
	*high = -INFINITY;
	for (int i = 0; i < cols; i++) {
		double value = part_mean(values, count, i, cols);
		*low = fmin(*low, value);
		*high = fmax(*high, value);
	}
}

uint32_t lepton__sparkline_bar(double level, enum lepton__glyphs glyphs)
{
	static const char ascii[] = "_.-=oO*#";
	int eighth = (int)lround(level * 7);
	return glyphs == LEPTON__GLYPHS_ASCII ? (unsigned char)ascii[eighth] : 0x2581u + (unsigned)eighth;
}

void lepton__sparkline_draw(struct lepton__screen *screen, int y, int x, int cols, struct lepton__style style,
	const float *values, size_t count)
{
	double low, high;
	if (cols < 1 || count == 0)
		return;
	int used = count < (size_t)cols ? (int)count : cols;
	x += cols - used;
	range_of(values, count, used, &low, &high);
	for (int i = 0; i < used; i++) {
		double value = part_mean(values, count, i, used);
		if (!isfinite(value))
			continue;
		double level = high > low ? (value - low) / (high - low) : 0.5;
		lepton__screen_put(screen, y, x + i, lepton__sparkline_bar(level, screen->glyphs), style);
	}
}

static double clamp_fraction(double fraction)
{
	return !(fraction > 0) ? 0 : fraction > 1 ? 1 : fraction;
}

void lepton__meter_draw(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x,
	int cols, enum lepton__gradient gradient, double fraction)
{
	bool ascii = screen->glyphs == LEPTON__GLYPHS_ASCII;
	int full = (int)(clamp_fraction(fraction) * cols + 0.5);
	for (int i = 0; i < cols; i++) {
		bool on = i < full;
		struct lepton__style style =
			on ? lepton__theme_shade(theme, gradient, cols > 1 ? (double)i / (cols - 1) : 1)
			   : lepton__theme_style(theme, LEPTON__METER_BG);
		lepton__screen_put(screen, y, x + i, on || !ascii ? 0x25a0 : '-', style);
	}
}

void lepton__progress_draw(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x,
	int cols, enum lepton__gradient gradient, double fraction)
{
	char percent[16];
	int bar_cols = cols - 5;
	if (bar_cols > 0)
		lepton__meter_draw(screen, theme, y, x, bar_cols, gradient, fraction);
	if (isnan(fraction))
		snprintf(percent, sizeof percent, "-");
	else
		snprintf(percent, sizeof percent, "%d%%", (int)(clamp_fraction(fraction) * 100));
	lepton__screen_right(screen, y, x + (bar_cols > 0 ? bar_cols : 0), bar_cols > 0 ? 5 : cols,
		lepton__theme_style(theme, LEPTON__MAIN), percent);
}
