/* model/look_json.c - a look inside as JSON, and back: a report's "inside". */
#include "config.h"
#include "lepton/look.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

#define JSON_MAX ((size_t)4 << 20)

static void write_spread(struct lepton__buffer *out, const struct lepton_spread *s)
{
	lepton__buffer_printf(out, ",\"count\":%" PRId64 ",\"zeros\":%" PRId64 ",\"odd\":%" PRId64, s->count,
		s->zeros, s->odd);
	lepton__json_member(out, "min", s->min);
	lepton__json_member(out, "max", s->max);
	lepton__json_member(out, "mean", s->mean);
	lepton__json_member(out, "deviation", s->deviation);
	lepton__buffer_string(out, ",\"bins\":[");
	for (int i = 0; i < LEPTON_LOOK_BINS; i++)
		lepton__buffer_printf(out, i ? ",%" PRId64 : "%" PRId64, s->bins[i]);
	lepton__buffer_string(out, "]}");
}

static void write_name(struct lepton__buffer *out, size_t i, const char *name)
{
	lepton__buffer_string(out, i ? ",{\"name\":" : "{\"name\":");
	lepton__json_string(out, name);
}

char *lepton_look_to_json(const struct lepton_look *look)
{
	struct lepton__buffer out;
	char shape[128];
	lepton__buffer_init(&out, JSON_MAX);
	lepton__buffer_printf(&out, "{\"samples\":%" PRId64 ",\"tensors\":[", look->samples);
	for (size_t i = 0; i < look->tensor_count; i++) {
		lepton_shape_format(&look->tensors[i].shape, shape, sizeof shape);
		write_name(&out, i, look->tensors[i].name);
		lepton__buffer_printf(&out, ",\"shape\":%s", shape);
		write_spread(&out, &look->tensors[i].spread);
	}
	lepton__buffer_string(&out, "],\"layers\":[");
	for (size_t i = 0; i < look->layer_count; i++) {
		const struct lepton_look_layer *layer = &look->layers[i];
		write_name(&out, i, layer->name);
		lepton__buffer_printf(
			&out, ",\"units\":%" PRId64 ",\"idle\":%" PRId64, layer->units, layer->idle);
		write_spread(&out, &layer->spread);
	}
	lepton__buffer_string(&out, "]}");
	return lepton__buffer_take(&out);
}

/* ---- back ---- */

static bool read_spread(const cJSON *object, struct lepton_spread *s)
{
	const cJSON *bins = cJSON_GetObjectItemCaseSensitive(object, "bins"), *bin;
	int i = 0;
	if (cJSON_GetArraySize(bins) != LEPTON_LOOK_BINS)
		return false;
	s->count = lepton__json_get_int(object, "count", 0);
	s->zeros = lepton__json_get_int(object, "zeros", 0);
	s->odd = lepton__json_get_int(object, "odd", 0);
	s->min = lepton__json_get_number(object, "min", (double)NAN);
	s->max = lepton__json_get_number(object, "max", (double)NAN);
	s->mean = lepton__json_get_number(object, "mean", (double)NAN);
	s->deviation = lepton__json_get_number(object, "deviation", (double)NAN);
	cJSON_ArrayForEach(bin, bins)
	{
		if (!cJSON_IsNumber(bin) || !(bin->valuedouble >= 0) || bin->valuedouble > 0x1p53)
			return false;
		s->bins[i++] = (int64_t)bin->valuedouble;
	}
	return true;
}

static bool read_shape(const cJSON *list, struct lepton_shape *shape)
{
	const cJSON *dim;
	*shape = (struct lepton_shape){.rank = 0};
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > LEPTON_MAX_RANK)
		return false;
	cJSON_ArrayForEach(dim, list)
	{
		if (!cJSON_IsNumber(dim) || !(dim->valuedouble >= 0) || dim->valuedouble > 0x1p53)
			return false;
		shape->dim[shape->rank++] = (int64_t)dim->valuedouble;
	}
	return true;
}

static bool read_tensors(const cJSON *list, struct lepton_look *out)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		struct lepton_look_tensor *tensor = &out->tensors[out->tensor_count++];
		lepton__copy_name(
			tensor->name, sizeof tensor->name, lepton__json_get_string(item, "name", ""));
		if (!read_shape(cJSON_GetObjectItemCaseSensitive(item, "shape"), &tensor->shape) ||
			!read_spread(item, &tensor->spread))
			return false;
	}
	return true;
}

static bool read_layers(const cJSON *list, struct lepton_look *out)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		struct lepton_look_layer *layer = &out->layers[out->layer_count++];
		lepton__copy_name(layer->name, sizeof layer->name, lepton__json_get_string(item, "name", ""));
		layer->units = lepton__json_get_int(item, "units", 0);
		layer->idle = lepton__json_get_int(item, "idle", 0);
		if (!read_spread(item, &layer->spread))
			return false;
	}
	return true;
}

int lepton_look_read(const char *report, struct lepton_look *out, struct lepton_error *err)
{
	cJSON *object = cJSON_Parse(report);
	const cJSON *inside = cJSON_GetObjectItemCaseSensitive(object, "inside");
	const cJSON *tensors = cJSON_GetObjectItemCaseSensitive(inside, "tensors"),
		    *layers = cJSON_GetObjectItemCaseSensitive(inside, "layers");
	int code = LEPTON_OK;
	*out = (struct lepton_look){.samples = lepton__json_get_int(inside, "samples", 0)};
	out->tensors = lepton__calloc((size_t)cJSON_GetArraySize(tensors) + 1, sizeof *out->tensors);
	out->layers = lepton__calloc((size_t)cJSON_GetArraySize(layers) + 1, sizeof *out->layers);
	if (!out->tensors || !out->layers)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading a look inside");
	else if (!inside)
		code = lepton_error_set(
			err, LEPTON_E_NOTFOUND, "this report has no look inside: evaluate the version again");
	else if (!read_tensors(tensors, out) || !read_layers(layers, out))
		code = lepton_error_set(err, LEPTON_E_CORRUPT, "what was seen inside cannot be read");
	cJSON_Delete(object);
	if (code)
		lepton_look_clear(out);
	return code;
}
