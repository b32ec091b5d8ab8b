/* train/codec.c - the two walks over a table of fields: writing and reading. See codec.h. */
#include "config.h"
#include "train/codec.h"
#include "lepton/event.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXACT ((int64_t)1 << 53) /* whole numbers up to here are exact as doubles */

/* ---- writing -------------------------------------------------------------------------------- */

static void write_i64(struct lepton__buffer *out, int64_t value)
{
	bool exact = value >= -EXACT && value <= EXACT;
	lepton__buffer_printf(out, exact ? "%" PRId64 : "\"%" PRId64 "\"", value);
}

static void write_u64(struct lepton__buffer *out, uint64_t value)
{
	lepton__buffer_printf(out, value <= (uint64_t)EXACT ? "%" PRIu64 : "\"%" PRIu64 "\"", value);
}

static void write_ids(struct lepton__buffer *out, const int64_t *ids, int count)
{
	lepton__buffer_string(out, "[");
	for (int i = 0; i < count; i++) {
		if (i)
			lepton__buffer_string(out, ",");
		write_i64(out, ids[i]);
	}
	lepton__buffer_string(out, "]");
}

static void write_text(struct lepton__buffer *out, const struct lepton_text *text)
{
	if (text)
		lepton__json_string(out, lepton_text_get(text));
	else
		lepton__buffer_string(out, "null");
}

static void write_field(struct lepton__buffer *out, const struct lepton__field *field, const char *base)
{
	const void *at = base + field->offset;
	switch (field->kind) {
	case LEPTON__FIELD_INT:
		write_i64(out, *(const int *)at);
		break;
	case LEPTON__FIELD_I64:
		write_i64(out, *(const int64_t *)at);
		break;
	case LEPTON__FIELD_U64:
		write_u64(out, *(const uint64_t *)at);
		break;
	case LEPTON__FIELD_NUMBER:
		lepton__json_number(out, *(const double *)at);
		break;
	case LEPTON__FIELD_BOOL:
		lepton__buffer_string(out, *(const bool *)at ? "true" : "false");
		break;
	case LEPTON__FIELD_NAME:
		lepton__json_string(out, at);
		break;
	case LEPTON__FIELD_TEXT:
		write_text(out, *(struct lepton_text *const *)at);
		break;
	case LEPTON__FIELD_ENUM:
		lepton__json_string(out, (*field->names)[*(const unsigned *)at]);
		break;
	case LEPTON__FIELD_IDS:
		write_ids(out, at, *(const int *)(const void *)(base + field->count));
		break;
	}
}

void lepton__codec_write(struct lepton__buffer *out, const struct lepton__field *table, const void *from)
{
	for (const struct lepton__field *field = table; field->name; field++) {
		lepton__buffer_printf(out, ",\"%s\":", field->name);
		write_field(out, field, from);
	}
}

/* ---- reading: each returns whether the value fits ------------------------------------------------ */

static bool read_i64(const cJSON *value, int64_t min, int64_t max, int64_t *to)
{
	char *end;
	if (cJSON_IsString(value)) {
		errno = 0;
		long long number = strtoll(value->valuestring, &end, 10);
		*to = number;
		return !errno && end != value->valuestring && !*end && number >= min && number <= max;
	}
	if (!cJSON_IsNumber(value) || !(fabs(value->valuedouble) <= (double)EXACT))
		return false;
	*to = (int64_t)value->valuedouble;
	return !(fabs(value->valuedouble - (double)*to) > 0) && *to >= min && *to <= max;
}

static bool read_u64(const cJSON *value, uint64_t *to)
{
	char *end;
	int64_t small = 0;
	if (cJSON_IsString(value)) {
		errno = 0;
		*to = strtoull(value->valuestring, &end, 10);
		return !errno && end != value->valuestring && !*end && !strchr(value->valuestring, '-');
	}
	bool fits = read_i64(value, 0, EXACT, &small);
	*to = (uint64_t)small;
	return fits;
}

static bool read_number(const cJSON *value, double *to)
{
	*to = cJSON_IsNumber(value) ? value->valuedouble : (double)NAN;
	return cJSON_IsNumber(value) || cJSON_IsNull(value);
}

static bool read_name(const cJSON *value, char *to, size_t size)
{
	if (!cJSON_IsString(value) || strlen(value->valuestring) >= size)
		return false;
	lepton__copy_name(to, size, value->valuestring);
	return true;
}

static bool read_ids(const cJSON *value, int64_t *ids, int max, int *count)
{
	if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) > max)
		return false;
	*count = 0;
	for (const cJSON *item = value->child; item; item = item->next)
		if (!read_i64(item, INT64_MIN, INT64_MAX, &ids[(*count)++]))
			return false;
	return true;
}

static bool read_enum(const cJSON *value, const char *const *names, unsigned *to)
{
	int word = cJSON_IsString(value) ? lepton__codec_word(names, value->valuestring) : -1;
	if (word >= 0)
		*to = (unsigned)word;
	return word >= 0;
}

static bool read_int(const cJSON *value, int *to)
{
	int64_t wide = 0;
	bool fits = read_i64(value, INT_MIN, INT_MAX, &wide);
	*to = fits ? (int)wide : 0;
	return fits;
}

static bool read_field(const cJSON *value, const struct lepton__field *field, char *base)
{
	void *at = base + field->offset;
	switch (field->kind) {
	case LEPTON__FIELD_INT:
		return read_int(value, at);
	case LEPTON__FIELD_I64:
		return read_i64(value, INT64_MIN, INT64_MAX, at);
	case LEPTON__FIELD_U64:
		return read_u64(value, at);
	case LEPTON__FIELD_NUMBER:
		return read_number(value, at);
	case LEPTON__FIELD_BOOL:
		*(bool *)at = cJSON_IsTrue(value);
		return cJSON_IsBool(value);
	case LEPTON__FIELD_NAME:
		return read_name(value, at, field->size);
	case LEPTON__FIELD_ENUM:
		return read_enum(value, *field->names, at);
	case LEPTON__FIELD_IDS:
		return read_ids(value, at, (int)(field->size / sizeof(int64_t)),
			(int *)(void *)(base + field->count));
	case LEPTON__FIELD_TEXT:
		break; /* read_text, which can also run out of memory */
	}
	return false;
}

static int read_text(const cJSON *value, struct lepton_text **to, bool *fits, struct lepton_error *err)
{
	*fits = cJSON_IsNull(value) || cJSON_IsString(value);
	if (!cJSON_IsString(value))
		return LEPTON_OK;
	*to = lepton_text_new(value->valuestring);
	return *to ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
}

int lepton__codec_read(
	const cJSON *object, const struct lepton__field *table, void *to, int code, struct lepton_error *err)
{
	for (const struct lepton__field *field = table; field->name; field++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, field->name);
		bool fits = false;
		int failed = LEPTON_OK;
		if (!value && field->optional)
			continue;
		if (!value)
			return lepton_error_set(err, code, "\"%s\" is missing", field->name);
		if (field->kind == LEPTON__FIELD_TEXT)
			failed = read_text(value, (void *)((char *)to + field->offset), &fits, err);
		else
			fits = read_field(value, field, to);
		if (failed)
			return failed;
		if (!fits)
			return lepton_error_set(
				err, code, "\"%s\" has a value that does not fit", field->name);
	}
	return LEPTON_OK;
}

int lepton__codec_word(const char *const *names, const char *word)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], word) == 0)
			return i;
	return -1;
}

cJSON *lepton__codec_parse(const char *json, const char *what, int code, struct lepton_error *err)
{
	const char *end = json;
	cJSON *object = cJSON_ParseWithOpts(json, &end, true);
	if (cJSON_IsObject(object))
		return object;
	if (object)
		lepton_error_set(err, code, "%s: a JSON object is wanted", what);
	else
		lepton_error_set(err, code, "%s: not valid JSON at byte %zu", what, (size_t)(end - json) + 1);
	cJSON_Delete(object);
	return NULL;
}
