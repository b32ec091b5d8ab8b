/* base/json.c - exact JSON text, whatever the locale.
 *
 * Numbers are printed with the fewest digits that read back to the same bits. printf and strtod obey
 * the locale's decimal sign, so both programs stay in LC_NUMERIC=C; a library user who does not is
 * covered by turning a ',' back into '.' here.
 */
#include "config.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 30)

static void escaped(struct lepton__buffer *out, unsigned char c)
{
	switch (c) {
	case '"':
		lepton__buffer_string(out, "\\\"");
		break;
	case '\\':
		lepton__buffer_string(out, "\\\\");
		break;
	case '\n':
		lepton__buffer_string(out, "\\n");
		break;
	case '\t':
		lepton__buffer_string(out, "\\t");
		break;
	case '\r':
		lepton__buffer_string(out, "\\r");
		break;
	default:
		lepton__buffer_printf(out, "\\u%04x", c);
	}
}

void lepton__json_string(struct lepton__buffer *out, const char *string)
{
	lepton__buffer_string(out, "\"");
	const char *s = string;
	while (*s) {
		unsigned char c = (unsigned char)*s;
		size_t length = lepton__utf8_length(s, 4);
		if (length == 0) {
			lepton__buffer_string(out, "\xEF\xBF\xBD"); /* U+FFFD */
			length = 1;
		} else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) {
			escaped(out, c);
		} else {
			lepton__buffer_append(out, s, length);
		}
		s += length;
	}
	lepton__buffer_string(out, "\"");
}

static void number_text(struct lepton__buffer *out, char *text)
{
	char *comma = strchr(text, ',');
	if (comma)
		*comma = '.';
	lepton__buffer_string(out, text);
}

/* The same bits, not merely equal: keeps -0.0. */
static bool same_double(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

void lepton__json_number(struct lepton__buffer *out, double value)
{
	char text[40];
	if (!isfinite(value)) {
		lepton__buffer_string(out, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (same_double(strtod(text, NULL), value))
			break;
	}
	number_text(out, text);
}

void lepton__json_member(struct lepton__buffer *out, const char *key, double value)
{
	lepton__buffer_printf(out, ",\"%s\":", key);
	lepton__json_number(out, value);
}

void lepton__json_float(struct lepton__buffer *out, float value)
{
	char text[40];
	if (!isfinite(value)) {
		lepton__buffer_string(out, "null");
		return;
	}
	for (int digits = 6; digits <= 9; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, (double)value);
		float back = strtof(text, NULL);
		if (memcmp(&back, &value, sizeof back) == 0)
			break;
	}
	number_text(out, text);
}

void lepton__json_int(struct lepton__buffer *out, int64_t value)
{
	lepton__buffer_printf(out, "%" PRId64, value);
}

static void members(struct lepton__buffer *out, const cJSON *value, bool named)
{
	for (const cJSON *child = value->child; child; child = child->next) {
		if (child != value->child)
			lepton__buffer_string(out, ",");
		if (named) {
			lepton__json_string(out, child->string);
			lepton__buffer_string(out, ":");
		}
		lepton__json_value(out, child);
	}
}

void lepton__json_value(struct lepton__buffer *out, const cJSON *value)
{
	if (cJSON_IsObject(value) || cJSON_IsArray(value)) {
		bool object = cJSON_IsObject(value);
		lepton__buffer_string(out, object ? "{" : "[");
		members(out, value, object);
		lepton__buffer_string(out, object ? "}" : "]");
	} else if (cJSON_IsString(value)) {
		lepton__json_string(out, value->valuestring);
	} else if (cJSON_IsNumber(value)) {
		lepton__json_number(out, value->valuedouble);
	} else {
		lepton__buffer_string(out, cJSON_IsTrue(value)    ? "true"
					   : cJSON_IsFalse(value) ? "false"
								  : "null");
	}
}

char *lepton__json_text(const cJSON *value)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, TEXT_MAX);
	lepton__json_value(&out, value);
	return lepton__buffer_take(&out);
}

double lepton__json_get_number(const cJSON *object, const char *key, double fallback)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
	if (cJSON_IsNull(member))
		return NAN;
	return cJSON_IsNumber(member) ? member->valuedouble : fallback;
}

int64_t lepton__json_get_int(const cJSON *object, const char *key, int64_t fallback)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
	if (!cJSON_IsNumber(member) || !(fabs(member->valuedouble) < 9.2e18))
		return fallback;
	return (int64_t)member->valuedouble;
}

const char *lepton__json_get_string(const cJSON *object, const char *key, const char *fallback)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(member) ? member->valuestring : fallback;
}

bool lepton__json_get_bool(const cJSON *object, const char *key, bool fallback)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsBool(member) ? cJSON_IsTrue(member) : fallback;
}

static bool put_copy(cJSON *under, const cJSON *member, cJSON *old)
{
	cJSON *copy = cJSON_Duplicate(member, true);
	if (!copy)
		return false;
	bool put = old ? cJSON_ReplaceItemInObjectCaseSensitive(under, member->string, copy)
		       : cJSON_AddItemToObject(under, member->string, copy);
	if (!put)
		cJSON_Delete(copy);
	return put;
}

bool lepton__json_merge(cJSON *under, const cJSON *over)
{
	for (const cJSON *member = over->child; member; member = member->next) {
		cJSON *old = cJSON_GetObjectItemCaseSensitive(under, member->string);
		bool both = cJSON_IsObject(old) && cJSON_IsObject(member);
		if (both ? !lepton__json_merge(old, member) : !put_copy(under, member, old))
			return false;
	}
	return true;
}

void lepton__json_drop(cJSON *object, const char *const *keys)
{
	for (; *keys; keys++)
		cJSON_DeleteItemFromObjectCaseSensitive(object, *keys);
}
