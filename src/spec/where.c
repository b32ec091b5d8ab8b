/* spec/where.c - where in the text a value was written.
 *
 * cJSON reads values but forgets lines, and forgives much. So a strict scanner of our own goes over
 * the text first: it is the one that finds syntax faults, and it notes the line of each value in the
 * order they come, the key's line for a member. cJSON then reads the same text; both see the same
 * values in the same order, so walking the tree puts each line where it belongs. What the scanner
 * accepts must be what cJSON accepts: it refuses NUL, lone surrogates and numbers past cJSON's 63
 * bytes.
 */
#include "config.h"
#include "spec/where.h"
#include "base/memory.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAX 60 /* bytes; cJSON's own buffer has 64 */
#define NAME_SHOWN 200

struct scan {
	const char *text, *at, *end, *name;
	int line, depth;
	int *lines; /* of the values so far */
	size_t count, capacity;
	struct lepton_error *err;
};

size_t lepton__where_utf8(const char *text, size_t left, uint32_t *code_point)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = left == 0     ? 0
			: s[0] < 0x80 ? 1
			: s[0] < 0xC2 ? 0
			: s[0] < 0xE0 ? 2
			: s[0] < 0xF0 ? 3
			: s[0] < 0xF5 ? 4
				      : 0;
	if (length == 0 || length > left)
		return 0;
	uint32_t value = length == 1 ? s[0] : s[0] & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (s[i] & 0x3Fu);
	}
	if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*code_point = value;
	return length;
}

/* ---- faults ---- */

static int column(const struct scan *s)
{
	const char *start = s->at;
	int characters = 1;
	while (start > s->text && start[-1] != '\n')
		start--;
	for (; start < s->at; start++)
		characters += ((unsigned char)*start & 0xC0) != 0x80;
	return characters;
}

static int fault(const struct scan *s, const char *what)
{
	return lepton_error_set(
		s->err, LEPTON_E_SPEC, "%.*s:%d:%d: %s", NAME_SHOWN, s->name, s->line, column(s), what);
}

/* What stands at this place, as a person would call it. */
static int unexpected(const struct scan *s, const char *expected)
{
	char found[24] = "the end of the file", what[160];
	uint32_t code_point;
	if (s->at < s->end) {
		size_t length = lepton__where_utf8(s->at, (size_t)(s->end - s->at), &code_point);
		if (length && code_point > 0x20 && code_point != 0x7F)
			snprintf(found, sizeof found, "'%.*s'", (int)length, s->at);
		else
			snprintf(found, sizeof found, "byte 0x%02X", (unsigned char)*s->at);
	}
	snprintf(what, sizeof what, "expected %s, found %s", expected, found);
	return fault(s, what);
}

/* ---- tokens ---- */

static void skip_blanks(struct scan *s)
{
	for (; s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at; s->at++)
		if (*s->at == '\n' && s->line < INT_MAX)
			s->line++;
}

static bool is(const struct scan *s, char c)
{
	return s->at < s->end && *s->at == c;
}

static bool take(struct scan *s, char c)
{
	bool found = is(s, c);
	s->at += found;
	return found;
}

/* The four digits of \uXXXX; -1 when they are none. */
static long hexadecimal(struct scan *s)
{
	long value = 0;
	for (int i = 0; i < 4; i++, s->at++) {
		static const char digits[] = "0123456789abcdef";
		char c = s->at < s->end ? *s->at : '\0';
		const char *digit = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
		if (!digit)
			return -1;
		value = value * 16 + (digit - digits);
	}
	return value;
}

static int escape(struct scan *s)
{
	s->at++;
	if (s->at < s->end && *s->at && strchr("\"\\/bfnrt", *s->at)) {
		s->at++;
		return LEPTON_OK;
	}
	if (!take(s, 'u'))
		return unexpected(s, "one of \" \\ / b f n r t u behind a backslash");
	long first = hexadecimal(s);
	if (first < 0)
		return unexpected(s, "four hexadecimal digits behind \\u");
	if (first == 0)
		return fault(s, "\\u0000 cannot be part of a text");
	if (first >= 0xD800 && first < 0xE000) {
		bool high = first < 0xDC00 && take(s, '\\') && take(s, 'u');
		long second = high ? hexadecimal(s) : -1;
		if (second < 0xDC00 || second > 0xDFFF)
			return fault(s, "half of a surrogate pair; write the character itself");
	}
	return LEPTON_OK;
}

static int string(struct scan *s)
{
	s->at++; /* the quote */
	while (!take(s, '"')) {
		uint32_t code_point;
		size_t length = lepton__where_utf8(s->at, (size_t)(s->end - s->at), &code_point);
		if (s->at == s->end || *s->at == '\n')
			return fault(s, "this line's text has no closing quote");
		if (!length)
			return fault(s, "the text is not UTF-8");
		if (code_point < 0x20)
			return unexpected(s, "no control character in a text");
		int code = *s->at == '\\' ? escape(s) : LEPTON_OK;
		if (code)
			return code;
		s->at += code_point == '\\' ? 0 : length;
	}
	return LEPTON_OK;
}

static size_t digits(struct scan *s)
{
	const char *start = s->at;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return (size_t)(s->at - start);
}

static int number(struct scan *s)
{
	const char *start = s->at;
	take(s, '-');
	if (take(s, '0')) {
		if (digits(s))
			return fault(s, "a number cannot begin with 0");
	} else if (!digits(s)) {
		return unexpected(s, "a digit");
	}
	if (take(s, '.') && !digits(s))
		return unexpected(s, "a digit behind the point");
	if (is(s, 'e') || is(s, 'E')) {
		s->at++;
		if (!take(s, '+'))
			take(s, '-');
		if (!digits(s))
			return unexpected(s, "a digit in the exponent");
	}
	return s->at - start > NUMBER_MAX ? fault(s, "a number of too many digits") : LEPTON_OK;
}

static int word(struct scan *s)
{
	static const char *const words[] = {"true", "false", "null"};
	for (int i = 0; i < 3; i++) {
		size_t length = strlen(words[i]);
		if ((size_t)(s->end - s->at) >= length && memcmp(s->at, words[i], length) == 0) {
			s->at += length;
			return LEPTON_OK;
		}
	}
	if (is(s, '\''))
		return unexpected(s, "a value; texts stand in \"double quotes\"");
	if (is(s, '/') || is(s, '#'))
		return unexpected(s, "a value; JSON has no comments");
	return unexpected(s, "a value");
}

/* ---- values ---- */

static int value(struct scan *s, int line);

static int member(struct scan *s)
{
	int line = s->line;
	if (!is(s, '"'))
		return unexpected(s, "a key in \"double quotes\"");
	int code = string(s);
	if (code)
		return code;
	skip_blanks(s);
	if (!take(s, ':'))
		return unexpected(s, "':' behind the key");
	skip_blanks(s);
	return value(s, line);
}

static int members(struct scan *s, char close)
{
	if (++s->depth > LEPTON__SPEC_DEPTH)
		return fault(s, "nested too deeply");
	s->at++;
	skip_blanks(s);
	bool more = !take(s, close);
	while (more) {
		int code = close == '}' ? member(s) : value(s, s->line);
		if (code)
			return code;
		skip_blanks(s);
		if (take(s, close))
			break;
		if (!take(s, ','))
			return unexpected(s, close == '}' ? "',' or '}'" : "',' or ']'");
		skip_blanks(s);
		if (is(s, close))
			return fault(s, "a ',' with nothing behind it");
	}
	s->depth--;
	return LEPTON_OK;
}

static int value(struct scan *s, int line)
{
	if (lepton__grow(&s->lines, &s->capacity, s->count + 1, sizeof *s->lines))
		return lepton_error_set(s->err, LEPTON_E_NOMEM, "%.*s: out of memory", NAME_SHOWN, s->name);
	s->lines[s->count++] = line;
	if (is(s, '{'))
		return members(s, '}');
	if (is(s, '['))
		return members(s, ']');
	if (is(s, '"'))
		return string(s);
	if (is(s, '-') || (s->at < s->end && *s->at >= '0' && *s->at <= '9'))
		return number(s);
	return word(s);
}

static int document(struct scan *s)
{
	if (s->end - s->at >= 3 && memcmp(s->at, "\xEF\xBB\xBF", 3) == 0)
		s->text = s->at += 3; /* a byte order mark */
	skip_blanks(s);
	if (s->at == s->end)
		return fault(s, "the file is empty");
	int code = value(s, s->line);
	skip_blanks(s);
	if (!code && s->at < s->end)
		return unexpected(s, "nothing behind the last '}'");
	return code;
}

/* ---- the tree ---- */

static size_t mark(cJSON *node, const int *lines, size_t count, size_t at)
{
	if (at < count)
		node->valueint = lines[at];
	at++;
	for (cJSON *child = node->child; child; child = child->next)
		at = mark(child, lines, count, at);
	return at;
}

static int check_twice(const cJSON *object, const char *name, struct lepton_error *err)
{
	int count = 0;
	for (const cJSON *a = object->child; a; a = a->next) {
		if (++count > LEPTON__SPEC_MEMBERS)
			return lepton_error_set(err, LEPTON_E_SPEC,
				"%.*s:%d: more than %d keys in one object", NAME_SHOWN, name, a->valueint,
				LEPTON__SPEC_MEMBERS);
		for (const cJSON *b = object->child; b != a; b = b->next)
			if (strcmp(a->string, b->string) == 0)
				return lepton_error_set(err, LEPTON_E_SPEC,
					"%.*s:%d: \"%.40s\" is here a second time; it stands in line %d "
					"already",
					NAME_SHOWN, name, a->valueint, a->string, b->valueint);
	}
	return LEPTON_OK;
}

static int check_keys(const cJSON *node, const char *name, struct lepton_error *err)
{
	int code = cJSON_IsObject(node) ? check_twice(node, name, err) : LEPTON_OK;
	for (const cJSON *child = node->child; child && !code; child = child->next)
		code = check_keys(child, name, err);
	return code;
}

int lepton__where_parse(
	const char *text, size_t length, const char *name, cJSON **out, struct lepton_error *err)
{
	struct scan s = {.text = text, .at = text, .end = text + length, .name = name, .line = 1, .err = err};
	*out = NULL;
	int code = document(&s);
	cJSON *tree = code ? NULL : cJSON_ParseWithLength(text, length);
	if (!code && !tree)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "%.*s: out of memory", NAME_SHOWN, name);
	if (!code && mark(tree, s.lines, s.count, 0) != s.count)
		code = lepton_error_set(
			err, LEPTON_E_SPEC, "%.*s: not the JSON it seems to be", NAME_SHOWN, name);
	if (!code)
		code = check_keys(tree, name, err);
	if (!code) {
		*out = tree;
		tree = NULL;
	}
	cJSON_Delete(tree);
	lepton__free(s.lines);
	return code;
}
