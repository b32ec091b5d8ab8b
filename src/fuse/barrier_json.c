/* fuse/barrier_json.c - a measured barrier written as JSON, and read back.
 *
 *     "points":11,"t":[0,0.1,…],"before":{"barrier":1.9,"top":5,"loss":[…],"accuracy":[…]},"after":{…,"sweeps":6,"moves":2431},
 *     "unmatched":null
 *
 * Without a line after, "after" is null and "unmatched" says why. What is not finite is null.
 */
#include "config.h"
#include "fuse/barrier.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>

static void write_numbers(struct lepton__buffer *out, const char *key, const double *values, size_t count)
{
	lepton__buffer_printf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < count; i++) {
		lepton__buffer_string(out, i ? "," : "");
		lepton__json_number(out, values[i]);
	}
	lepton__buffer_string(out, "]");
}

static void write_line(
	struct lepton__buffer *out, const char *key, const struct lepton_line *line, size_t points)
{
	lepton__buffer_printf(out, ",\"%s\":{\"barrier\":", key);
	lepton__json_number(out, line->barrier);
	lepton__buffer_printf(out, ",\"top\":%zu", line->top);
	write_numbers(out, "loss", line->loss, points);
	write_numbers(out, "accuracy", line->accuracy, points);
}

void lepton__barrier_write(struct lepton__buffer *out, const struct lepton_barrier *b)
{
	double t[LEPTON_BARRIER_POINTS_MAX];
	for (size_t i = 0; i < b->points; i++)
		t[i] = (double)i / (double)(b->points - 1);
	lepton__buffer_printf(out, "\"points\":%zu", b->points);
	write_numbers(out, "t", t, b->points);
	write_line(out, "before", &b->before, b->points);
	lepton__buffer_string(out, "}");
	if (*b->unmatched) {
		lepton__buffer_string(out, ",\"after\":null,\"unmatched\":");
		lepton__json_string(out, b->unmatched);
		return;
	}
	write_line(out, "after", &b->after, b->points);
	lepton__buffer_printf(out, ",\"sweeps\":%zu,\"moves\":%zu},\"unmatched\":null", b->sweeps, b->moves);
}

static bool read_numbers(const cJSON *object, const char *key, double *values, size_t count)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, key), *item;
	size_t i = 0;
	if (!cJSON_IsArray(list) || (size_t)cJSON_GetArraySize(list) != count)
		return false;
	cJSON_ArrayForEach(item, list) values[i++] = cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
	return true;
}

static bool read_line(const cJSON *object, size_t points, struct lepton_line *line)
{
	int64_t top = lepton__json_get_int(object, "top", 0);
	line->barrier = lepton__json_get_number(object, "barrier", (double)NAN);
	line->top = top >= 0 && (size_t)top < points ? (size_t)top : 0;
	return read_numbers(object, "loss", line->loss, points) &&
	       read_numbers(object, "accuracy", line->accuracy, points);
}

static bool read(const cJSON *object, struct lepton_barrier *out)
{
	int64_t points = lepton__json_get_int(object, "points", 0);
	const cJSON *after = cJSON_GetObjectItemCaseSensitive(object, "after");
	if (points < LEPTON_BARRIER_POINTS_MIN || points > LEPTON_BARRIER_POINTS_MAX)
		return false;
	out->points = (size_t)points;
	lepton__copy_name(
		out->unmatched, sizeof out->unmatched, lepton__json_get_string(object, "unmatched", ""));
	out->sweeps = (size_t)lepton__json_get_int(after, "sweeps", 0);
	out->moves = (size_t)lepton__json_get_int(after, "moves", 0);
	return read_line(cJSON_GetObjectItemCaseSensitive(object, "before"), out->points, &out->before) &&
	       (*out->unmatched || read_line(after, out->points, &out->after));
}

int lepton_barrier_read(const char *json, struct lepton_barrier *out, struct lepton_error *err)
{
	cJSON *object = cJSON_Parse(json);
	*out = (struct lepton_barrier){.points = 0};
	bool good = cJSON_IsObject(object) && read(object, out);
	cJSON_Delete(object);
	return good ? LEPTON_OK
		    : lepton_error_set(
			      err, LEPTON_E_CORRUPT, "what was measured between two versions cannot be read");
}
