/* base/format.c - numbers as people read them.
 *
 * A column of figures is read by its shape: each of these keeps to about the same number of signs
 * over the range that turns up, so a list does not jump while it counts. An unknown figure (NaN in
 * the run's picture) is "-"; a loss that really became infinite says so.
 */
#include "config.h"
#include "base/format.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

void lepton__print(char *out, size_t size, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int length = vsnprintf(out, size, fmt, args);
	va_end(args);
	if (length < 0 || (size_t)length < size)
		return;
	size_t end = size - 1, lead = end; /* cut: does the last character lack some of its bytes? */
	while (lead > 0 && ((unsigned char)out[lead - 1] & 0xc0) == 0x80)
		lead--;
	unsigned char first = lead > 0 ? (unsigned char)out[--lead] : 0;
	size_t wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	if (lead + wanted > end)
		out[lead] = '\0';
}

/* NaN stands for "not known yet" all over the run's picture. */
static int unknown(char *out, double value)
{
	if (isfinite(value))
		return 0;
	snprintf(out, LEPTON__FMT, "%s", isnan(value) ? "-" : value > 0 ? "inf" : "-inf");
	return 1;
}

void lepton__fmt_loss(char out[LEPTON__FMT], double loss)
{
	double size = fabs(loss);
	if (unknown(out, loss))
		return;
	if (size < 9.99995 && size >= 0.00005)
		snprintf(out, LEPTON__FMT, "%.4f", loss);
	else if (size < 9999.5 && size >= 0.00005)
		snprintf(out, LEPTON__FMT, "%.4g", loss);
	else
		snprintf(out, LEPTON__FMT, size > 0 ? "%.1e" : "%.0f", loss);
}

void lepton__fmt_percent(char out[LEPTON__FMT], double part)
{
	if (!unknown(out, part))
		snprintf(out, LEPTON__FMT, part >= 0.99995 ? "%.1f%%" : "%.2f%%", 100 * part);
}

/* Three or four significant signs and a unit: 0, 9.87, 98.7, 987, 9.87k … */
static void scaled(char *out, double value, const char *last_unit)
{
	static const char *const units[] = {"", "k", "M", "G", "T", "P"};
	size_t unit = 0;
	if (unknown(out, value))
		return;
	while (fabs(value) >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
		value /= 1000;
		unit++;
	}
	int digits = unit == 0 && fabs(value - rint(value)) < 1e-9 ? 0
		     : fabs(value) < 9.995                         ? 2
		     : fabs(value) < 99.95                         ? 1
								   : 0;
	snprintf(out, LEPTON__FMT, "%.*f%s%s", digits, value, units[unit], last_unit);
}

void lepton__fmt_rate(char out[LEPTON__FMT], double per_second)
{
	scaled(out, per_second >= 100 ? rint(per_second) : per_second, "/s");
}

void lepton__fmt_integer(char out[LEPTON__FMT], int64_t value)
{
	char plain[LEPTON__FMT];
	int length = snprintf(plain, sizeof plain, "%lld", (long long)value);
	int first = plain[0] == '-' ? 1 : 0, at = 0;
	for (int i = 0; i < length && at + 2 < LEPTON__FMT; i++) {
		if (i > first && (length - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = plain[i];
	}
	out[at] = '\0';
}

void lepton__fmt_clock(char out[LEPTON__FMT], double wall)
{
	struct tm parts;
	time_t when = isfinite(wall) && fabs(wall) < 1e13 ? (time_t)wall : 0;
	if (!localtime_r(&when, &parts) || !strftime(out, LEPTON__FMT, "%H:%M:%S", &parts))
		snprintf(out, LEPTON__FMT, "-");
}
