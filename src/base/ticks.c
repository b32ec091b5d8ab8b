/* base/ticks.c - round numbers for axes, and how they are written.
 *
 * Heckbert's rule ("Nice numbers for graph labels", Graphics Gems, 1990): steps of 1, 2 or 5 times a power of
 * ten. The step is the smallest of them that needs no more than `most` steps, so the count can be promised. A
 * label has the digits that tell it from its neighbour, no more.
 */
#include "config.h"
#include "base/ticks.h"

#include <math.h>
#include <stdio.h>

static double nice_step(double least)
{
	double power = pow(10, floor(log10(least)));
	static const double steps[] = {1, 2, 5, 10};
	for (int i = 0; i < 4; i++)
		if (steps[i] * power >= least * (1 - 1e-12))
			return steps[i] * power;
	return 10 * power;
}

/* Multiples of step within [lo, hi]. */
static int multiples(double lo, double hi, double step, double *ticks, int max)
{
	int count = 0;
	double slack = step * 1e-9;
	for (double k = ceil((lo - slack) / step); count < max; k++) {
		double value = k * step;
		if (!isfinite(value) || value > hi + slack || (count > 0 && value <= ticks[count - 1]))
			break;
		ticks[count++] = fabs(value) < slack ? 0 : value;
	}
	return count;
}

int lepton__nice_ticks(double lo, double hi, int most, double *ticks, int max)
{
	if (!isfinite(lo) || !isfinite(hi) || hi < lo || most < 1 || max < 1)
		return 0;
	double range = hi - lo;
	if (!isfinite(range))
		return 0;
	if (range <= 4e-15 * fmax(fabs(lo), fabs(hi)) || range < 1e-300) {
		ticks[0] = lo;
		return 1;
	}
	return multiples(lo, hi, nice_step(range / most), ticks, max);
}

/* 1, 2 and 5 times each power of ten. */
static int fine_log_ticks(double lo, double hi, double *ticks, int max)
{
	static const double part[] = {1, 2, 5};
	int count = 0;
	for (int decade = (int)floor(log10(lo)); decade <= (int)ceil(log10(hi)); decade++)
		for (int i = 0; i < 3 && count < max; i++) {
			double value = part[i] * pow(10, decade);
			if (isfinite(value) && value >= lo * (1 - 1e-12) && value <= hi * (1 + 1e-12))
				ticks[count++] = value;
		}
	return count;
}

int lepton__nice_log_ticks(double lo, double hi, int most, double *ticks, int max)
{
	if (!(lo > 0) || !isfinite(hi) || hi < lo || most < 1 || max < 1)
		return 0;
	double decades = log10(hi) - log10(lo);
	if (decades < 1)
		return lepton__nice_ticks(lo, hi, most, ticks, max);
	if (decades * 3 + 1 <= most)
		return fine_log_ticks(lo, hi, ticks, max);
	int every = (int)ceil(decades / most), count = 0;
	for (int decade = (int)ceil(log10(lo) - 1e-9); decade <= log10(hi) + 1e-9 && count < max; decade++)
		if (decade % every == 0)
			ticks[count++] = pow(10, decade);
	return count;
}

int lepton__nice_time_ticks(double lo, double hi, int most, double *ticks, int max)
{
	static const double steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800,
		21600, 43200, 86400, 172800, 604800, 1209600};
	if (!isfinite(lo) || !isfinite(hi) || hi < lo || most < 1 || max < 1)
		return 0;
	if (hi - lo < most)
		return lepton__nice_ticks(lo, hi, most, ticks, max);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if ((hi - lo) / steps[i] <= most)
			return multiples(lo, hi, steps[i], ticks, max);
	return multiples(lo, hi, nice_step((hi - lo) / most / 86400) * 86400, ticks, max);
}

/* Digits behind the point that a step needs. */
static int decimals(double step)
{
	int digits = (int)ceil(-log10(step) - 1e-9);
	return digits < 0 ? 0 : digits > 17 ? 17 : digits;
}

static void exponent_label(char *to, size_t size, double value, double step)
{
	int digits = (int)(floor(log10(fabs(value))) - floor(log10(step) + 1e-9));
	snprintf(to, size, "%.*e", digits < 0 ? 0 : digits > 16 ? 16 : digits, value);
}

void lepton__tick_label(char *to, size_t size, double value, double step)
{
	static const struct {
		double unit;
		const char *letter;
	} units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
	double magnitude = fabs(value);
	if (!isfinite(value)) {
		snprintf(to, size, "%f", value);
		return;
	}
	step = step > 0 && isfinite(step) ? step : magnitude > 0 ? magnitude / 100 : 1;
	if (magnitude < step * 1e-6) {
		snprintf(to, size, "0");
		return;
	}
	if (magnitude >= 1e15 || (step < 0.9e-5 && magnitude < 1)) {
		exponent_label(to, size, value, step);
		return;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (magnitude >= units[i].unit * (1 - 1e-12)) {
			snprintf(to, size, "%.*f%s", decimals(step / units[i].unit), value / units[i].unit,
				units[i].letter);
			return;
		}
	snprintf(to, size, "%.*f", decimals(step), value);
}
