/* data/number.c - decimal numbers out of cells, the same in every locale.
 *
 * Most cells have few digits: then the digits as an integer, and a power of ten that a double holds exactly,
 * give the nearest double by one multiplication or division (Clinger's fast path). The rest goes through
 * strtod, with the decimal sign that the locale wants.
 */
#include "config.h"
#include "data/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EXACT_DIGITS 15   /* any integer of so many is a double */
#define EXACT_POWER 22    /* 10^22 is the last power of ten that is one */
#define SLOW_MAX 400      /* bytes of a number; longer ones are words */
#define EXPONENT_MAX 9999 /* further digits change nothing */

struct decimal {
	uint64_t digits; /* the first EXACT_DIGITS that count */
	int count;       /* of those that count */
	int exponent;
	bool negative;
};

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool is_missing(const char *text, size_t length)
{
	return length == 0 || (length == 1 && *text == '?') || is_word(text, length, "na") ||
	       is_word(text, length, "nan") || is_word(text, length, "null");
}

static bool is_infinite(const char *text, size_t length)
{
	if (length && (*text == '-' || *text == '+')) {
		text++;
		length--;
	}
	return is_word(text, length, "inf") || is_word(text, length, "infinity");
}

/* Digits from `at` on; where they end. `scale` is -1 behind the point. */
static const char *read_digits(const char *at, const char *end, int scale, struct decimal *out)
{
	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		bool counts = out->count > 0 || *at != '0';
		if (counts && out->count < EXACT_DIGITS)
			out->digits = out->digits * 10 + (uint64_t)(*at - '0');
		else if (counts)
			out->exponent++; /* one that is left out */
		out->count += counts;
		out->exponent += scale;
	}
	return at;
}

static const char *read_exponent(const char *at, const char *end, struct decimal *out)
{
	const char *start = at++;
	bool negative = at < end && *at == '-';
	int value = 0;
	at += at < end && (*at == '-' || *at == '+');
	if (at == end || *at < '0' || *at > '9')
		return start;
	for (; at < end && *at >= '0' && *at <= '9'; at++)
		value = value < EXPONENT_MAX ? value * 10 + (*at - '0') : value;
	out->exponent += negative ? -value : value;
	return at;
}

static bool read_decimal(const char *text, size_t length, struct decimal *out)
{
	const char *at = text, *end = text + length;
	*out = (struct decimal){.negative = at < end && *at == '-'};
	at += at < end && (*at == '-' || *at == '+');
	const char *start = at;
	at = read_digits(at, end, 0, out);
	ptrdiff_t seen = at - start;
	if (at < end && *at == '.') {
		const char *point = ++at;
		at = read_digits(at, end, -1, out);
		seen += at - point;
	}
	if (seen && at < end && (*at == 'e' || *at == 'E'))
		at = read_exponent(at, end, out);
	return seen > 0 && at == end;
}

static double slow(const char *text, size_t length)
{
	char copy[SLOW_MAX + 1];
	memcpy(copy, text, length);
	copy[length] = '\0';
	char *point = strchr(copy, '.');
	if (point)
		*point = *localeconv()->decimal_point;
	return strtod(copy, NULL);
}

static bool fast(const struct decimal *d, double *value)
{
	static const double power[EXACT_POWER + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
		1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	if (d->count > EXACT_DIGITS || d->exponent > EXACT_POWER || d->exponent < -EXACT_POWER)
		return false;
	double digits = (double)d->digits;
	*value = d->exponent < 0 ? digits / power[-d->exponent] : digits * power[d->exponent];
	*value = d->negative ? -*value : *value;
	return true;
}

enum lepton__cell_kind lepton__number_read(const char *text, size_t length, double *value)
{
	struct decimal d;
	*value = NAN;
	if (is_missing(text, length))
		return LEPTON__CELL_MISSING;
	if (is_infinite(text, length))
		return LEPTON__CELL_OUT_OF_RANGE;
	if (length > SLOW_MAX || !read_decimal(text, length, &d))
		return LEPTON__CELL_WORD;
	if (!fast(&d, value))
		*value = slow(text, length);
	return fabs(*value) <= (double)FLT_MAX ? LEPTON__CELL_NUMBER : LEPTON__CELL_OUT_OF_RANGE;
}
