/* model/mistakes.c - the most certain of a model's wrong answers, with their images.
 *
 * A wrong answer that the model is sure of says most: a label that is wrong, a sample that nobody could
 * tell, or something the model has not learned. A heap of the best so far would save little: the list is
 * short and few answers are wrong.
 */
#include "config.h"
#include "model/mistakes.h"
#include "model/loss.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <string.h>

#define SIDE_MOST 64 /* pixels; larger images are not kept */

/* Into its place, the surest first, of equals the one that comes first; the last may fall off. */
static void insert(struct lepton_metrics *out, const struct lepton_mistake *m)
{
	size_t at = out->mistake_count;
	while (at > 0 && out->mistakes[at - 1].probability < m->probability)
		at--;
	if (at == LEPTON_MISTAKES)
		return;
	if (out->mistake_count < LEPTON_MISTAKES)
		out->mistake_count++;
	memmove(&out->mistakes[at + 1], &out->mistakes[at],
		(out->mistake_count - at - 1) * sizeof *out->mistakes);
	out->mistakes[at] = *m;
}

static bool has_pictures(struct lepton_dataset *data, enum lepton_split split)
{
	const struct lepton_shape *s = &lepton_dataset_info(data)->sample;
	return lepton_dataset_pixels(data, split) && s->rank == 3 && s->dim[0] <= SIDE_MOST &&
	       s->dim[1] <= SIDE_MOST && (s->dim[2] == 1 || s->dim[2] == 3);
}

static int copy_pictures(struct lepton_dataset *data, enum lepton_split split, struct lepton_metrics *out,
	struct lepton_error *err)
{
	const uint8_t *pixels = lepton_dataset_pixels(data, split);
	const struct lepton_shape *shape = &lepton_dataset_info(data)->sample;
	const size_t size = (size_t)lepton_shape_count(shape);
	out->pictures = lepton__calloc(out->mistake_count, size);
	if (!out->pictures)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the wrong answers' images");
	out->picture = *shape;
	for (size_t i = 0; i < out->mistake_count; i++)
		memcpy(out->pictures + i * size, pixels + (size_t)out->mistakes[i].sample * size, size);
	return LEPTON_OK;
}

int lepton__mistakes_find(struct lepton_dataset *data, enum lepton_split split, const float *answers,
	struct lepton_metrics *out, struct lepton_error *err)
{
	const uint8_t *labels = lepton_dataset_labels(data, split);
	out->mistakes = lepton__calloc(LEPTON_MISTAKES, sizeof *out->mistakes);
	if (!out->mistakes)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the wrong answers");
	for (int64_t i = 0; i < out->samples; i++) {
		const float *p = answers + i * out->classes;
		const int said = lepton__largest(out->classes, p);
		const struct lepton_mistake m = {i, labels[i], said, p[said], p[labels[i]]};
		if (said == labels[i])
			continue;
		out->wrong++;
		insert(out, &m);
	}
	return out->mistake_count && has_pictures(data, split) ? copy_pictures(data, split, out, err)
							       : LEPTON_OK;
}

/* ---- as JSON ---- */

static void write_pixels(struct lepton__buffer *out, const struct lepton_metrics *metrics, size_t i)
{
	char text[sodium_base64_ENCODED_LEN(SIDE_MOST * SIDE_MOST * 3, sodium_base64_VARIANT_ORIGINAL)];
	const size_t size = (size_t)lepton_shape_count(&metrics->picture);
	sodium_bin2base64(
		text, sizeof text, metrics->pictures + i * size, size, sodium_base64_VARIANT_ORIGINAL);
	lepton__buffer_printf(out, ",\"pixels\":\"%s\"", text);
}

void lepton__mistakes_write(struct lepton__buffer *out, const struct lepton_metrics *metrics)
{
	char shape[128];
	lepton__buffer_printf(out, ",\"mistakes\":{\"wrong\":%" PRId64, metrics->wrong);
	if (metrics->pictures) {
		lepton_shape_format(&metrics->picture, shape, sizeof shape);
		lepton__buffer_printf(out, ",\"shape\":%s", shape);
	}
	lepton__buffer_string(out, ",\"shown\":[");
	for (size_t i = 0; i < metrics->mistake_count; i++) {
		const struct lepton_mistake *m = &metrics->mistakes[i];
		lepton__buffer_printf(out,
			"%s{\"sample\":%" PRId64 ",\"true\":%d,\"said\":%d,\"probability\":", i ? "," : "",
			m->sample, m->label, m->said);
		lepton__json_float(out, m->probability);
		lepton__buffer_string(out, ",\"of_true\":");
		lepton__json_float(out, m->of_label);
		if (metrics->pictures)
			write_pixels(out, metrics, i);
		lepton__buffer_string(out, "}");
	}
	lepton__buffer_string(out, "]}");
}

/* ---- back ---- */

/* Height, width, channels, as has_pictures() wants them; none is fine, too. */
static bool read_picture(const cJSON *list, struct lepton_shape *shape)
{
	const cJSON *dim;
	if (!list)
		return true;
	if (cJSON_GetArraySize(list) != 3)
		return false;
	cJSON_ArrayForEach(dim, list)
	{
		if (!cJSON_IsNumber(dim) || !(dim->valuedouble >= 1) || dim->valuedouble > SIDE_MOST)
			return false;
		shape->dim[shape->rank++] = (int64_t)dim->valuedouble;
	}
	return shape->dim[2] == 1 || shape->dim[2] == 3;
}

static bool read_pixels(const cJSON *item, uint8_t *to, size_t size)
{
	const char *text = lepton__json_get_string(item, "pixels", "");
	size_t got = 0;
	return sodium_base642bin(
		       to, size, text, strlen(text), NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       got == size;
}

static bool read_one(const cJSON *item, struct lepton_mistake *m)
{
	int64_t label = lepton__json_get_int(item, "true", -1), said = lepton__json_get_int(item, "said", -1);
	m->sample = lepton__json_get_int(item, "sample", -1);
	m->label = (int)label;
	m->said = (int)said;
	m->probability = (float)lepton__json_get_number(item, "probability", (double)NAN);
	m->of_label = (float)lepton__json_get_number(item, "of_true", (double)NAN);
	return m->sample >= 0 && label >= 0 && label < 256 && said >= 0 && said < 256;
}

static bool read_shown(const cJSON *list, struct lepton_metrics *out)
{
	const size_t size = out->pictures ? (size_t)lepton_shape_count(&out->picture) : 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		const size_t i = out->mistake_count++;
		if (!read_one(item, &out->mistakes[i]) ||
			(size && !read_pixels(item, out->pictures + i * size, size)))
			return false;
	}
	return true;
}

int lepton_mistakes_read(const char *report, struct lepton_metrics *out, struct lepton_error *err)
{
	cJSON *object = cJSON_Parse(report);
	const cJSON *mistakes = cJSON_GetObjectItemCaseSensitive(object, "mistakes");
	const cJSON *shown = cJSON_GetObjectItemCaseSensitive(mistakes, "shown");
	const int count = cJSON_GetArraySize(shown);
	*out = (struct lepton_metrics){.wrong = lepton__json_get_int(mistakes, "wrong", 0)};
	bool good = count <= LEPTON_MISTAKES &&
		    read_picture(cJSON_GetObjectItemCaseSensitive(mistakes, "shape"), &out->picture);
	int code = LEPTON_OK;
	if (good && count) {
		out->mistakes = lepton__calloc((size_t)count, sizeof *out->mistakes);
		if (out->picture.rank)
			out->pictures =
				lepton__calloc((size_t)count, (size_t)lepton_shape_count(&out->picture));
	}
	if (!mistakes)
		code = lepton_error_set(err, LEPTON_E_NOTFOUND,
			"this report has no wrong answers: evaluate the version again");
	else if (good && count && (!out->mistakes || (out->picture.rank && !out->pictures)))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading the wrong answers");
	else if (!good || !read_shown(shown, out))
		code = lepton_error_set(err, LEPTON_E_CORRUPT, "the wrong answers cannot be read");
	cJSON_Delete(object);
	if (code)
		lepton_metrics_clear(out);
	return code;
}
