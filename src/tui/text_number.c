/* tui/text_number.c - numbers as people read them, and the ASCII stand-ins of our own characters.
 *
 * A dashboard shows few digits: three that count, a unit letter for large ones. The C library prints
 * in the process's LC_NUMERIC, which stays "C" (the terminal sets LC_CTYPE only).
 */
#include "config.h"
#include "tui/text.h"

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

/* Letters of Latin-1 from U+00C0 on. */
static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYPsaaaaaaaceeeeiiiidnooooo/ouuuuypy";

static char box_for(uint32_t code)
{
	if (code == 0x2500 || code == 0x2501 || code == 0x2504 || code == 0x2505 || code == 0x2550)
		return '-';
	if (code == 0x2502 || code == 0x2503 || code == 0x2506 || code == 0x2507 || code == 0x250a ||
		code == 0x2551)
		return '|';
	return '+';
}

static char block_for(uint32_t code)
{
	if (code >= 0x2581 && code <= 0x2583)
		return code == 0x2581 ? '_' : code == 0x2582 ? '.' : '-';
	if (code == 0x2591)
		return '.';
	return code == 0x2592 || code == 0x2584 ? '=' : '#';
}

struct stand_in {
	uint32_t code;
	char ascii;
};

static const struct stand_in stand_ins[] = {{0xa0, ' '}, {0xb7, '.'}, {0xd7, 'x'}, {0x2010, '-'},
	{0x2011, '-'}, {0x2012, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''},
	{0x201c, '"'}, {0x201d, '"'}, {0x2022, '*'}, {0x2026, '~'}, {0x2190, '<'}, {0x2191, '^'},
	{0x2192, '>'}, {0x2193, 'v'}, {0x21b5, '<'}, {0x2212, '-'}, {0x25a0, '#'}, {0x25a1, 'o'},
	{0x25aa, '*'}, {0x25b2, '^'}, {0x25b3, '^'}, {0x25b4, '^'}, {0x25b6, '>'}, {0x25b8, '>'},
	{0x25bc, 'v'}, {0x25bd, 'v'}, {0x25be, 'v'}, {0x25c0, '<'}, {0x25c2, '<'}, {0x25c6, '*'},
	{0x25c7, 'o'}, {0x25cb, 'o'}, {0x25cf, '*'}, {0x2605, '*'}, {0x2606, '*'}, {0x2713, '+'},
	{0x2717, 'x'}, {0x23f5, '>'}, {0x23f8, '='}, {0x23f9, '#'}};

char lepton__ascii_for(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return (char)code;
	if (code >= 0xc0 && code <= 0xff)
		return code == 0xd7 ? 'x' : latin[code - 0xc0];
	if (code >= 0x2500 && code <= 0x257f)
		return box_for(code);
	if (code >= 0x2580 && code <= 0x259f)
		return block_for(code);
	if (code >= 0x2800 && code <= 0x28ff)
		return code == 0x2800 ? ' ' : '*';
	for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++)
		if (stand_ins[i].code == code)
			return stand_ins[i].ascii;
	return '?';
}
