/* base/number.c - numbers as people read them: three digits that count, a unit letter for large ones.
 *
 * The C library prints in the process's LC_NUMERIC, which stays "C" (both programs set LC_CTYPE only).
 */
#include "config.h"
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Three digits that count, no trailing zeros after the point. */
static void short_number(char *to, size_t size, double value)
{
	double size_of = fabs(value);
	int digits = size_of >= 99.95 ? 0 : size_of >= 9.995 ? 1 : 2;
	snprintf(to, size, "%.*f", digits, value);
	if (strchr(to, '.') == NULL)
		return;
	size_t length = strlen(to);
	while (to[length - 1] == '0')
		to[--length] = '\0';
	if (to[length - 1] == '.')
		to[length - 1] = '\0';
}

static void with_unit(
	char *to, size_t size, double value, double step, const char *const *units, size_t count)
{
	size_t unit = 0;
	char digits[32];
	while (unit + 1 < count && fabs(value) >= 999.5) {
		value /= step;
		unit++;
	}
	short_number(digits, sizeof digits, value);
	snprintf(to, size, "%s%s", digits, units[unit]);
}

static void small_number(char *to, size_t size, double value)
{
	double magnitude = fabs(value);
	if (magnitude < 0.0005) {
		snprintf(to, size, "%.0e", value);
		return;
	}
	int digits = magnitude < 0.0095 ? 4 : 3;
	snprintf(to, size, "%.*f", digits, value);
	for (size_t length = strlen(to); to[length - 1] == '0'; length--)
		to[length - 1] = '\0';
}

void lepton__text_number(char *to, size_t size, double value)
{
	static const char *const units[] = {"", "k", "M", "G", "T"};
	if (isnan(value))
		snprintf(to, size, "-");
	else if (isinf(value))
		snprintf(to, size, value > 0 ? "inf" : "-inf");
	else if (fabs(value) >= 999.5e12)
		snprintf(to, size, "%.0e", value);
	else if (fabs(value) > 0 && fabs(value) < 0.9995)
		small_number(to, size, value);
	else
		with_unit(to, size, value, 1000, units, sizeof units / sizeof *units);
}

void lepton__text_bytes(char *to, size_t size, double bytes)
{
	static const char *const units[] = {" B", " kB", " MB", " GB", " TB"};
	if (!isfinite(bytes))
		snprintf(to, size, "-");
	else
		with_unit(to, size, bytes, 1000, units, sizeof units / sizeof *units);
}

void lepton__text_duration(char *to, size_t size, double seconds)
{
	if (!(seconds >= 0) || seconds > 3e10) {
		snprintf(to, size, "-");
		return;
	}
	long long all = (long long)(seconds + 0.5);
	if (seconds < 9.95)
		short_number(to, size > 1 ? size - 1 : size, seconds);
	if (seconds < 9.95 && size > 1)
		memcpy(to + strlen(to), "s", 2);
	else if (all < 60)
		snprintf(to, size, "%llds", all);
	else if (all < 3600)
		snprintf(to, size, "%lldm%02llds", all / 60, all % 60);
	else if (all < 86400)
		snprintf(to, size, "%lldh%02lldm", all / 3600, all / 60 % 60);
	else
		snprintf(to, size, "%lldd%02lldh", all / 86400, all / 3600 % 24);
}
