/* train/codec_quick.c - lines as this build writes them, read in one pass without a tree.
 *
 * A store has tens of thousands of epochs and checkpoints, each a line, all read when it is opened. What has
 * the members of its table in their order, without blanks and without escapes, is read here; anything else is
 * left to cJSON, which reads the same and says what is wrong.
 */
#include "config.h"
#include "train/codec.h"
#include "lepton/event.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_EXACT 15 /* of whole numbers, as a double has them */

static bool past(const char **at, const char *word)
{
	size_t size = strlen(word);
	bool there = strncmp(*at, word, size) == 0;
	*at += there ? size : 0;
	return there;
}

static bool quick_int(const char **at, int64_t *to)
{
	bool negative = **at == '-';
	const char *start = *at += negative;
	int64_t value = 0;
	while (**at >= '0' && **at <= '9' && *at - start < DIGITS_EXACT)
		value = value * 10 + (*(*at)++ - '0');
	*to = negative ? -value : value;
	return *at > start && (**at == ',' || **at == '}');
}

static bool quick_number(const char **at, double *to)
{
	size_t size = strspn(*at, "0123456789+-.eE");
	char *end;
	if (past(at, "null")) {
		*to = (double)NAN;
		return true;
	}
	if (!size || **at == '+' || **at == '.')
		return false;
	*to = strtod(*at, &end);
	bool whole = end == *at + size;
	*at = end;
	return whole;
}

/* The characters of a plain string; NULL where it is none. */
static const char *quick_string(const char **at, size_t *size)
{
	if (**at != '"')
		return NULL;
	const char *start = ++*at;
	while (**at != '"') {
		if ((unsigned char)**at < 0x20 || **at == '\\')
			return NULL;
		++*at;
	}
	*size = (size_t)(*at - start);
	++*at;
	return start;
}

static bool quick_name(const char **at, const struct lepton__field *field, char *to)
{
	size_t size;
	const char *start = quick_string(at, &size);
	if (!start || size >= field->size)
		return false;
	memcpy(to, start, size);
	to[size] = '\0';
	return true;
}

static bool quick_enum(const char **at, const char *const *names, unsigned *to)
{
	size_t size;
	const char *start = quick_string(at, &size);
	for (unsigned i = 0; start && names[i]; i++)
		if (strlen(names[i]) == size && memcmp(names[i], start, size) == 0) {
			*to = i;
			return true;
		}
	return false;
}

static bool quick_field(const char **at, const struct lepton__field *field, char *base)
{
	void *to = base + field->offset;
	int64_t number = 0;
	switch (field->kind) {
	case LEPTON__FIELD_I64:
		return quick_int(at, to);
	case LEPTON__FIELD_U64:
		if (!quick_int(at, &number) || number < 0)
			return false;
		*(uint64_t *)to = (uint64_t)number;
		return true;
	case LEPTON__FIELD_NUMBER:
		return quick_number(at, to);
	case LEPTON__FIELD_BOOL:
		*(bool *)to = past(at, "true");
		return *(bool *)to || past(at, "false");
	case LEPTON__FIELD_NAME:
		return quick_name(at, field, to);
	case LEPTON__FIELD_ENUM:
		return quick_enum(at, *field->names, to);
	case LEPTON__FIELD_TEXT: /* most lines have none */
		return past(at, "null");
	default:
		return false;
	}
}

bool lepton__codec_quick(const char **at, const struct lepton__field *table, void *to)
{
	for (const struct lepton__field *field = table; field->name; field++)
		if (!past(at, ",\"") || !past(at, field->name) || !past(at, "\":") ||
			!quick_field(at, field, to))
			return false;
	return true;
}

bool lepton__codec_quick_numbers(void)
{
	return strcmp(localeconv()->decimal_point, ".") == 0;
}
