/* spec/flat.c - a version's configuration, flattened.
 *
 * Nested objects become dotted keys, the form in which `--set` and the clone prompt take them, so
 * what is read on the screen can be typed back. The list of layers is also summed up in one row
 * ("Conv2D 32 3x3 relu, Flatten, Dense 10 softmax"): that is how people speak of a network.
 */
#include "config.h"
#include "base/format.h"
#include "spec/flat.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static char *plain(const cJSON *value)
{
	if (cJSON_IsString(value))
		return lepton__strdup(value->valuestring);
	return lepton__json_text(value);
}

/* Takes `value`; a NULL one (no memory) fails. */
static bool add(struct lepton__flat *settings, const char *key, char *value, bool inner)
{
	char *copy = lepton__strdup(key);
	if (!copy || !value ||
		lepton__grow(&settings->items, &settings->capacity, settings->count + 1,
			sizeof *settings->items)) {
		lepton__free(copy);
		lepton__free(value);
		return false;
	}
	settings->items[settings->count++] = (struct lepton__flat_row){copy, value, inner};
	return true;
}

static void sum_up_size(struct lepton__buffer *out, const cJSON *layer, const char *key, const char *before)
{
	const cJSON *size = cJSON_GetObjectItemCaseSensitive(layer, key);
	if (cJSON_IsNumber(size))
		lepton__buffer_printf(out, "%s%d", before, size->valueint);
	for (const cJSON *d = cJSON_IsArray(size) ? size->child : NULL; d; d = d->next)
		lepton__buffer_printf(out, "%s%d", d == size->child ? before : "x", d->valueint);
}

/* A number, or a range of them. */
static void sum_up_share(struct lepton__buffer *out, const cJSON *share)
{
	if (cJSON_IsNumber(share))
		lepton__buffer_printf(out, " %.3g", share->valuedouble);
	for (const cJSON *d = cJSON_IsArray(share) ? share->child : NULL; d; d = d->next)
		lepton__buffer_printf(out, "%s%.3g", d == share->child ? " " : "..", d->valuedouble);
}

static void sum_up(struct lepton__buffer *out, const cJSON *layer)
{
	static const char *const shares[] = {"rate", "factor", "height_factor", "width_factor"};
	lepton__buffer_string(out, lepton__json_get_string(layer, "type", "?"));
	sum_up_size(out, layer, "shape", " ");
	sum_up_size(out, layer, "filters", " ");
	sum_up_size(out, layer, "kernel_size", " ");
	sum_up_size(out, layer, "pool_size", " ");
	sum_up_size(out, layer, "units", " ");
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
		sum_up_share(out, cJSON_GetObjectItemCaseSensitive(layer, shares[i]));
	const char *activation = lepton__json_get_string(layer, "activation", "linear");
	if (strcmp(activation, "linear") != 0)
		lepton__buffer_printf(out, " %s", activation);
}

static bool add_layers(struct lepton__flat *settings, const cJSON *layers)
{
	struct lepton__buffer text;
	lepton__buffer_init(&text, 1 << 16);
	for (const cJSON *layer = layers->child; layer; layer = layer->next) {
		if (layer != layers->child)
			lepton__buffer_string(&text, ", ");
		sum_up(&text, layer);
	}
	char *line = text.size ? lepton__buffer_take(&text) : lepton__strdup("");
	lepton__buffer_free(&text);
	return add(settings, "layers", line, false);
}

/* "2 of 3, class" of a sub-model, "3, iid" of the whole. */
static bool add_shard(struct lepton__flat *settings, const cJSON *shard)
{
	const char *split = lepton__json_get_string(shard, "split", "iid");
	int index = (int)lepton__json_get_int(shard, "index", 0);
	return add(settings, shard->string,
		index ? lepton__format(
				"%d of %d, %s", index, (int)lepton__json_get_int(shard, "of", 0), split)
		      : lepton__format("%d, %s", (int)lepton__json_get_int(shard, "count", 0), split),
		false);
}

/* "average, every 2 epochs" */
static bool add_fuse(struct lepton__flat *settings, const cJSON *fuse)
{
	const char *method = lepton__json_get_string(fuse, "method", "weighted by samples");
	const char *unit = lepton__json_get_string(fuse, "unit", "epochs");
	int every = (int)lepton__json_get_int(fuse, "every", 1);
	if (every < 1)
		return add(settings, fuse->string, lepton__format("%s, once at the end", method), false);
	if (every == 1)
		return add(settings, fuse->string,
			lepton__format("%s, every %.*s", method, (int)strlen(unit) - 1, unit), false);
	return add(settings, fuse->string, lepton__format("%s, every %d %s", method, every, unit), false);
}

/* What is told in one line has that first, and the rest for who wants all. */
static bool sum_up_object(struct lepton__flat *settings, const cJSON *object, bool *told)
{
	*told = true;
	if (cJSON_IsObject(object) &&
		(strcmp(object->string, "shard") == 0 || strcmp(object->string, "shards") == 0))
		return add_shard(settings, object);
	if (cJSON_IsObject(object) && strcmp(object->string, "fuse") == 0)
		return add_fuse(settings, object);
	*told = cJSON_IsArray(object) && strcmp(object->string, "layers") == 0;
	return !*told || add_layers(settings, object);
}

static bool flatten(
	struct lepton__flat *settings, const char *prefix, const cJSON *value, bool inner, int depth)
{
	char key[192];
	int index = 0;
	for (const cJSON *member = value->child; member; member = member->next, index++) {
		if (member->string)
			lepton__print(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", member->string);
		else
			lepton__print(key, sizeof key, "%s.%d", prefix, index);
		bool told = false;
		if (depth == 0 && !sum_up_object(settings, member, &told))
			return false;
		bool nested = cJSON_IsObject(member) || told;
		if (nested && depth < 6) {
			if (!flatten(settings, key, member, inner || told, depth + 1))
				return false;
		} else if (!add(settings, key, plain(member), inner)) {
			return false;
		}
	}
	return true;
}

bool lepton__flat_read(struct lepton__flat *settings, const char *json)
{
	cJSON *object = json && *json ? cJSON_Parse(json) : NULL;
	bool ok = !cJSON_IsObject(object) || flatten(settings, "", object, false, 0);
	cJSON_Delete(object);
	return ok;
}

void lepton__flat_free(struct lepton__flat *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		lepton__free(settings->items[i].key);
		lepton__free(settings->items[i].value);
	}
	lepton__free(settings->items);
	*settings = (struct lepton__flat){0};
}

const char *lepton__flat_get(const struct lepton__flat *settings, const char *key)
{
	for (size_t i = 0; i < settings->count; i++)
		if (strcmp(settings->items[i].key, key) == 0)
			return settings->items[i].value;
	return NULL;
}
