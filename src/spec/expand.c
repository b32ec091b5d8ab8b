/* spec/expand.c - one version that stands for several.
 *
 *   "grid":   {"optimizer.learning_rate": [0.0003, 0.001], "batch_size": [64, 128]}
 *             every combination, the last key changing fastest, called NAME/0.0003,64 and so on
 *   "random": {"count": 4, "optimizer.learning_rate": {"min": 1e-4, "max": 1e-2, "log": true},
 *              "epochs": {"min": 2, "max": 9, "integer": true}, "batch_size": [64, 128]}
 *             NAME/1 to NAME/4, each value drawn from its list or range (four digits are kept)
 *
 * Draws come from Philox keyed by the spec's seed and the version's name, one stream a sample, so a
 * larger count leaves the first samples as they were.
 */
#include "config.h"
#include "spec/parts.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 256 /* of a version's name before it is checked */

static const struct lepton__key range_keys[] = {
	{"min", LEPTON__KEY_NUMBER, -1e300, 1e300, NULL, true, "the smallest value"},
	{"max", LEPTON__KEY_NUMBER, -1e300, 1e300, NULL, true, "the largest value"},
	{"log", LEPTON__KEY_BOOL, 0, 0, NULL, false, "spread evenly over orders of magnitude"},
	{"integer", LEPTON__KEY_BOOL, 0, 0, NULL, false, "whole numbers only"},
	{0},
};
static const struct lepton__key count_key = {
	"count", LEPTON__KEY_INTEGER, 1, LEPTON__VERSIONS_MAX, NULL, true, "how many to draw"};

struct stem { /* what all of the versions made have in common */
	struct lepton__growing *growing;
	const char *version, *what; /* "grid", "random" */
	const cJSON *config;
};

static int fault(const struct stem *stem, const cJSON *node, const char *text, struct lepton_error *err)
{
	return lepton__spec_fault(stem->growing->name, node, err, "version \"%s\": %s: \"%.80s\" %s",
		stem->version, stem->what, node->string ? node->string : "", text);
}

/* Put one chosen value; the fault's line is the value's. */
static int put(
	const struct stem *stem, cJSON *config, const cJSON *member, cJSON *value, struct lepton_error *err)
{
	struct lepton_error inner;
	int code = lepton__spec_put(config, member->string, value, &inner);
	if (!code)
		return LEPTON_OK;
	lepton_error_set(err, code, "version \"%s\": %s: %s", stem->version, stem->what, inner.message);
	return lepton__spec_place(stem->growing->name, member, code, err);
}

static bool is_single(const cJSON *value)
{
	return cJSON_IsNumber(value) || cJSON_IsString(value) || cJSON_IsBool(value);
}

static int check_list(const struct stem *stem, const cJSON *member, struct lepton_error *err)
{
	if (!member->child)
		return fault(stem, member, "takes a list of at least one value", err);
	for (const cJSON *value = member->child; value; value = value->next)
		if (!is_single(value))
			return lepton__spec_fault(stem->growing->name, value, err,
				"version \"%s\": %s: \"%.80s\" takes numbers, words, true or false",
				stem->version, stem->what, member->string);
	return LEPTON_OK;
}

static cJSON *copy_or_new(const cJSON *from)
{
	cJSON *copy = cJSON_Duplicate(from, true);
	if (copy)
		copy->valueint = from->valueint;
	return copy;
}

static int no_memory(const struct stem *stem, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "%.200s: out of memory", stem->growing->name);
}

/* ---- grid ---- */

static int check_grid(
	const struct stem *stem, const cJSON *grid, long *combinations, struct lepton_error *err)
{
	*combinations = 1;
	if (!grid->child)
		return lepton__spec_fault(stem->growing->name, grid, err,
			"version \"%s\": \"grid\" is empty; name a key and its values", stem->version);
	for (const cJSON *member = grid->child; member; member = member->next) {
		if (!cJSON_IsArray(member))
			return fault(stem, member, "takes a list of values", err);
		int code = check_list(stem, member, err);
		if (code)
			return code;
		*combinations *= cJSON_GetArraySize(member);
		if (*combinations > LEPTON__VERSIONS_MAX)
			return lepton__spec_fault(stem->growing->name, member, err,
				"version \"%s\": \"grid\" makes more than %d versions", stem->version,
				LEPTON__VERSIONS_MAX);
	}
	return LEPTON_OK;
}

static void append_value(struct lepton__buffer *name, const cJSON *value)
{
	if (cJSON_IsString(value))
		lepton__buffer_string(name, value->valuestring);
	else
		lepton__json_value(name, value);
}

/* Combination number `which`: the last key's value changes fastest. */
static int combine(const struct stem *stem, const cJSON *grid, long which, long combinations,
	struct lepton__buffer *name, cJSON *config, struct lepton_error *err)
{
	int code = LEPTON_OK;
	lepton__buffer_string(name, stem->version);
	for (const cJSON *member = grid->child; member && !code; member = member->next) {
		int size = cJSON_GetArraySize(member);
		combinations /= size;
		const cJSON *value = cJSON_GetArrayItem(member, (int)(which / combinations % size));
		lepton__buffer_string(name, member == grid->child ? "/" : ",");
		append_value(name, value);
		code = put(stem, config, member, copy_or_new(value), err);
	}
	return code;
}

static int add_grid(const struct stem *stem, const cJSON *grid, struct lepton_error *err)
{
	long combinations;
	int code = check_grid(stem, grid, &combinations, err);
	for (long i = 0; i < combinations && !code; i++) {
		struct lepton__buffer name;
		cJSON *config = copy_or_new(stem->config);
		lepton__buffer_init(&name, WORD_MAX);
		code = config ? combine(stem, grid, i, combinations, &name, config, err)
			      : no_memory(stem, err);
		if (!code && name.failed)
			code = lepton__spec_fault(stem->growing->name, grid, err,
				"version \"%s\": \"grid\" makes names that are too long", stem->version);
		if (!code)
			code = lepton__spec_add(stem->growing, name.data, config, grid, err);
		lepton__buffer_free(&name);
		cJSON_Delete(config);
	}
	return code;
}

/* ---- random ---- */

static int check_range(const struct stem *stem, const cJSON *range, struct lepton_error *err)
{
	char where[WORD_MAX];
	snprintf(where, sizeof where, "version \"%s\": random: \"%.80s\"", stem->version, range->string);
	int code = lepton__spec_check_table(stem->growing->name, range_keys, range, where, err);
	if (code)
		return code;
	double min = lepton__json_get_number(range, "min", 0), max = lepton__json_get_number(range, "max", 0);
	if (min > max)
		return fault(stem, range, "has a \"min\" above its \"max\"", err);
	if (lepton__json_get_bool(range, "log", false) && min <= 0)
		return fault(stem, range, "with \"log\" takes a \"min\" above 0", err);
	if (lepton__json_get_bool(range, "integer", false) && ceil(min) > floor(max))
		return fault(stem, range, "holds no whole number", err);
	return LEPTON_OK;
}

static int check_random(const struct stem *stem, const cJSON *random, struct lepton_error *err)
{
	const cJSON *count = cJSON_GetObjectItemCaseSensitive(random, "count");
	if (!count)
		return lepton__spec_fault(stem->growing->name, random, err,
			"version \"%s\": random: \"count\" is missing (how many to draw)", stem->version);
	char where[WORD_MAX];
	snprintf(where, sizeof where, "version \"%s\": random", stem->version);
	int code = lepton__key_check(&count_key, count, where, err);
	if (code)
		return lepton__spec_place(stem->growing->name, count, code, err);
	if (cJSON_GetArraySize(random) < 2)
		return lepton__spec_fault(stem->growing->name, random, err,
			"version \"%s\": random: names no key to draw values for", stem->version);
	for (const cJSON *member = random->child; member && !code; member = member->next) {
		if (cJSON_IsObject(member))
			code = check_range(stem, member, err);
		else if (cJSON_IsArray(member))
			code = check_list(stem, member, err);
		else if (member != count)
			code = fault(stem, member, "takes a list, or {\"min\": …, \"max\": …}", err);
	}
	return code;
}

/* Few digits read well in a name, a table, a paper; rounding stays inside the range. */
static double rounded(double value, double min, double max)
{
	double scale = pow(10, 3 - floor(log10(fabs(value))));
	double few = round(value * scale) / scale;
	return isfinite(few) && few >= min && few <= max ? few : value;
}

static double draw_range(struct lepton__rng *rng, const cJSON *range)
{
	double min = lepton__json_get_number(range, "min", 0), max = lepton__json_get_number(range, "max", 0);
	bool log_scale = lepton__json_get_bool(range, "log", false),
	     integer = lepton__json_get_bool(range, "integer", false);
	double share = lepton__rng_u32(rng) * 0x1p-32;
	if (integer)
		max = floor(max) + 1, min = ceil(min); /* each whole number has the same width */
	double value = log_scale ? exp(log(min) + share * (log(max) - log(min))) : min + share * (max - min);
	if (integer)
		return fmin(fmax(floor(value), min), max - 1);
	return rounded(fmin(fmax(value, min), max), min, max);
}

static cJSON *draw(struct lepton__rng *rng, const cJSON *member)
{
	if (cJSON_IsArray(member))
		return copy_or_new(cJSON_GetArrayItem(
			member, (int)lepton__rng_below(rng, (uint32_t)cJSON_GetArraySize(member))));
	cJSON *value = cJSON_CreateNumber(draw_range(rng, member));
	if (value)
		value->valueint = member->valueint;
	return value;
}

static int add_random(const struct stem *stem, const cJSON *random, struct lepton_error *err)
{
	int code = check_random(stem, random, err);
	int64_t count = code ? 0 : lepton__json_get_int(random, "count", 0);
	for (int64_t i = 1; i <= count && !code; i++) {
		char name[WORD_MAX];
		struct lepton__rng rng;
		lepton__rng_init(
			&rng, lepton__spec_seed(stem->growing->spec->seed, stem->version), (uint64_t)i);
		cJSON *config = copy_or_new(stem->config);
		code = config ? LEPTON_OK : no_memory(stem, err);
		for (const cJSON *member = random->child; member && !code; member = member->next)
			if (strcmp(member->string, "count") != 0)
				code = put(stem, config, member, draw(&rng, member), err);
		snprintf(name, sizeof name, "%s/%d", stem->version, (int)i);
		if (!code)
			code = lepton__spec_add(stem->growing, name, config, random, err);
		cJSON_Delete(config);
	}
	return code;
}

int lepton__spec_expand(
	struct lepton__growing *growing, const cJSON *written, const cJSON *config, struct lepton_error *err)
{
	const cJSON *grid = cJSON_GetObjectItemCaseSensitive(written, "grid");
	const cJSON *random = cJSON_GetObjectItemCaseSensitive(written, "random");
	struct stem stem = {
		growing, lepton__json_get_string(written, "name", ""), grid ? "grid" : "random", config};
	if (grid && random)
		return lepton__spec_fault(growing->name, random, err,
			"version \"%s\": has both \"grid\" and \"random\"; choose one", stem.version);
	if (grid)
		return add_grid(&stem, grid, err);
	if (random)
		return add_random(&stem, random, err);
	return lepton__spec_add(growing, stem.version, config, written, err);
}
