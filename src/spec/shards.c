/* spec/shards.c - one version that stands for several sub-models, each on a shard of the training data, and
 * the whole:
 *
 *   "shards": 3, or {"count": 3, "split": "dirichlet", "alpha": 0.5, "start": "own"}
 *   "fuse":   {"method": "average", "every": 1, "server": {"optimizer": "adam"}, "prox": 0.01}
 *
 * Version m becomes m/1, m/2, m/3, whose "shard" says which part of the data is theirs, and m, which they are
 * fused into.
 */
#include "config.h"
#include "spec/parts.h"
#include "base/json.h"
#include "base/memory.h"
#include "lepton/fuse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SPLITS "iid|class|dirichlet"
#define ALPHA 0.5
#define SERVER_ADAM_RATE 0.01
#define METHOD_SETTINGS_MAX 480

/* Of "shards" and of "shard". */
#define SPLIT_KEYS                                                                                           \
	{"split", LEPTON__KEY_STRING, 0, 0, SPLITS, false, "how the training data is dealt; iid"},           \
		{"classes", LEPTON__KEY_INTEGER, 1, 256, NULL, false, "class: about so many in a shard; 2"}, \
	{                                                                                                    \
		"alpha", LEPTON__KEY_NUMBER, 1e-3, 1e6, NULL, false,                                         \
			"dirichlet: the smaller, the more unlike; 0.5"                                       \
	}
static const struct lepton__key shards_keys[] = {
	{"count", LEPTON__KEY_INTEGER, 2, LEPTON_SHARDS_MAX, NULL, true, "how many parts"},
	SPLIT_KEYS,
	{"start", LEPTON__KEY_STRING, 0, 0, "same|own", false,
		"from the same weights, or each from its own; same"},
	{0},
};
static const struct lepton__key fuse_keys[] = {
	{"method", LEPTON__KEY_STRING, 0, 0, NULL, false, "how sub-models become one; weighted, by samples"},
	{"settings", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "the method's own"},
	{"every", LEPTON__KEY_INTEGER, 0, 1e9, NULL, false,
		"epochs or steps between; 0: once, at the end; 1"},
	{"unit", LEPTON__KEY_STRING, 0, 0, "epochs|steps", false, "of \"every\"; epochs"},
	{"server", LEPTON__KEY_OBJECT, 0, 0, NULL, false,
		"goes from the last fusion towards this one: {\"optimizer\": …}"},
	{"prox", LEPTON__KEY_NUMBER, 0, 1000, NULL, false,
		"FedProx: holds sub-models near the last fusion; 0"},
	{0},
};
static const struct lepton__key server_keys[] = {
	{"optimizer", LEPTON__KEY_STRING, 0, 0, "sgd|adam", true, "sgd or adam"},
	{"learning_rate", LEPTON__KEY_NUMBER, 1e-6, 10, NULL, false, "sgd 1, adam 0.01"},
	{"momentum", LEPTON__KEY_NUMBER, 0, 0.9999, NULL, false, "sgd's, or adam's of the mean; 0.9"},
	{0},
};
static const struct lepton__key shard_keys[] = {
	{"index", LEPTON__KEY_INTEGER, 1, LEPTON_SHARDS_MAX, NULL, true, "which part, from 1"},
	{"of", LEPTON__KEY_INTEGER, 1, LEPTON_SHARDS_MAX, NULL, true, "how many parts there are"},
	SPLIT_KEYS,
	{"seed", LEPTON__KEY_INTEGER, 0, LEPTON__SEED_MAX, NULL, false, "of the dealing; 0"},
	{0},
};

/* ---- checking ---- */

static int fault(
	const char *name, const cJSON *node, const char *where, const char *what, struct lepton_error *err)
{
	return lepton__spec_fault(name, node, err, "%s: %s", where, what);
}

static int check_method(const char *name, const cJSON *fuse, const char *where, struct lepton_error *err)
{
	const char *method = lepton__json_get_string(fuse, "method", "weighted");
	const cJSON *settings = cJSON_GetObjectItemCaseSensitive(fuse, "settings");
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(fuse, "method");
	const struct lepton_fuser *fuser;
	struct lepton_error inner;
	int code = lepton_fuser_find(method, &fuser, &inner);
	if (!code && (fuser->evaluates || fuser->takes_engine))
		return lepton__spec_fault(name, node, err,
			"%s: \"method\" %s is for versions that are done; take average, weighted, slerp, "
			"rebasin, ties or dare",
			where, method);
	char *text = code || !settings ? NULL : lepton__json_text(settings);
	if (!code && settings && !text)
		return lepton_error_set(err, LEPTON_E_NOMEM, "%s: out of memory", where);
	if (!code && text && strlen(text) > METHOD_SETTINGS_MAX)
		code = lepton_error_set(&inner, LEPTON_E_SPEC, "\"settings\" are too long");
	if (!code)
		code = lepton_options_check(fuser->options, text, method, &inner);
	if (!code && fuser->looks && fuser->looks(text))
		code = lepton_error_set(&inner, LEPTON_E_SPEC,
			"%s%s looks into networks at work, which is for versions that are done; take "
			"average, weighted, "
			"slerp, rebasin by weights, ties or dare",
			method, settings ? " with these settings" : "");
	lepton__free(text);
	return code ? fault(name,
			      settings ? settings
			      : node   ? node
				       : fuse,
			      where, inner.message, err)
		    : LEPTON_OK;
}

static int check_fuse(const char *name, const cJSON *fuse, const char *where, struct lepton_error *err)
{
	char place[LEPTON_NAME_MAX + 64];
	const cJSON *server = cJSON_GetObjectItemCaseSensitive(fuse, "server");
	snprintf(place, sizeof place, "%.90s: fuse", where);
	int code = fuse ? lepton__spec_check_table(name, fuse_keys, fuse, place, err) : LEPTON_OK;
	if (!code && server) {
		char deeper[LEPTON_NAME_MAX + 80];
		snprintf(deeper, sizeof deeper, "%s: server", place);
		code = lepton__spec_check_table(name, server_keys, server, deeper, err);
	}
	return code || !fuse ? code : check_method(name, fuse, place, err);
}

int lepton__spec_check_shards(const char *name, const char *learner, const cJSON *config, const char *where,
	struct lepton_error *err)
{
	const cJSON *shards = cJSON_GetObjectItemCaseSensitive(config, "shards"),
		    *fuse = cJSON_GetObjectItemCaseSensitive(config, "fuse"),
		    *shard = cJSON_GetObjectItemCaseSensitive(config, "shard");
	char place[LEPTON_NAME_MAX + 64];
	const cJSON *any = shards ? shards : shard ? shard : fuse;
	if (!any)
		return LEPTON_OK;
	if (strcmp(learner, "network") != 0)
		return lepton__spec_fault(name, any, err,
			"%s: \"%s\" is for networks: a %s cannot be trained in parts", where, any->string,
			learner);
	if (fuse && !shards)
		return fault(
			name, fuse, where, "\"fuse\" says how \"shards\" are fused, and there are none", err);
	if (shards && shard)
		return fault(name, shards, where, "has both \"shards\" and \"shard\"; choose one", err);
	const cJSON *averaging = cJSON_GetObjectItemCaseSensitive(config, "averaging");
	if (shards && averaging)
		return fault(name, averaging, where,
			"each fusion is a mean, from which sub-models begin anew; leave \"averaging\" or "
			"\"shards\" out",
			err);
	int code = LEPTON_OK;
	const struct lepton__key count = {
		"shards", LEPTON__KEY_INTEGER, 2, LEPTON_SHARDS_MAX, NULL, true, ""};
	snprintf(place, sizeof place, "%.90s: %s", where, any->string);
	if (cJSON_IsObject(any))
		code = lepton__spec_check_table(name, shards ? shards_keys : shard_keys, any, place, err);
	else if (shard)
		code = fault(name, shard, where, "\"shard\" takes an object: {\"index\": 1, \"of\": 3}", err);
	else if ((code = lepton__key_check(&count, shards, where, err)))
		lepton__spec_place(name, shards, code, err);
	if (!code && shard && lepton__json_get_int(shard, "index", 1) > lepton__json_get_int(shard, "of", 1))
		code = fault(name, shard, place, "\"index\" is above \"of\"", err);
	return code || !shards ? code : check_fuse(name, fuse, where, err);
}

/* ---- reading ---- */

static enum lepton_shard_split split_of(const cJSON *object)
{
	const char *word = lepton__json_get_string(object, "split", "iid");
	return strcmp(word, "class") == 0       ? LEPTON_SHARD_CLASS
	       : strcmp(word, "dirichlet") == 0 ? LEPTON_SHARD_DIRICHLET
						: LEPTON_SHARD_IID;
}

static struct lepton_shard_rule rule_of(const cJSON *object)
{
	return (struct lepton_shard_rule){
		.by = split_of(object),
		.classes = (int)lepton__json_get_int(object, "classes", 2),
		.alpha = lepton__json_get_number(object, "alpha", ALPHA),
		.seed = (uint64_t)lepton__json_get_int(object, "seed", 0),
	};
}

bool lepton_shard_read(const char *config, struct lepton_shard_rule *rule, int *index)
{
	cJSON *tree = config ? cJSON_Parse(config) : NULL;
	const cJSON *shard = cJSON_GetObjectItemCaseSensitive(tree, "shard");
	*rule = rule_of(shard);
	rule->count = (int)lepton__json_get_int(shard, "of", 1);
	*index = (int)lepton__json_get_int(shard, "index", 1) - 1;
	bool asked = cJSON_IsObject(shard);
	cJSON_Delete(tree);
	return asked;
}

static void read_fuse(const cJSON *fuse, struct lepton_sharding *out)
{
	const cJSON *settings = cJSON_GetObjectItemCaseSensitive(fuse, "settings"),
		    *server = cJSON_GetObjectItemCaseSensitive(fuse, "server");
	char *text = settings ? lepton__json_text(settings) : NULL;
	const char *method = lepton__json_get_string(fuse, "method", "");
	lepton__copy_name(out->method, sizeof out->method, *method ? method : "weighted");
	snprintf(out->settings, sizeof out->settings, "%s",
		text      ? text
		: *method ? "{}"
			  : "{\"by\":\"samples\"}");
	lepton__free(text);
	out->every = lepton__json_get_int(fuse, "every", 1);
	out->by_steps = strcmp(lepton__json_get_string(fuse, "unit", "epochs"), "steps") == 0;
	out->prox = lepton__json_get_number(fuse, "prox", 0);
	out->server = !server ? LEPTON_SERVER_NONE
		      : strcmp(lepton__json_get_string(server, "optimizer", ""), "adam") == 0
			      ? LEPTON_SERVER_ADAM
			      : LEPTON_SERVER_SGD;
	out->server_rate = lepton__json_get_number(
		server, "learning_rate", out->server == LEPTON_SERVER_ADAM ? SERVER_ADAM_RATE : 1);
	out->server_momentum = lepton__json_get_number(server, "momentum", 0.9);
}

/* 3, or {"count": 3}; 0 where there is neither. */
static int count_of(const cJSON *shards)
{
	return cJSON_IsNumber(shards) ? (int)shards->valuedouble
				      : (int)lepton__json_get_int(shards, "count", 0);
}

bool lepton_sharding_read(const char *config, struct lepton_sharding *out)
{
	cJSON *tree = config ? cJSON_Parse(config) : NULL;
	const cJSON *shards = cJSON_GetObjectItemCaseSensitive(tree, "shards");
	*out = (struct lepton_sharding){.count = count_of(shards),
		.own_start = strcmp(lepton__json_get_string(shards, "start", "same"), "own") == 0};
	read_fuse(cJSON_GetObjectItemCaseSensitive(tree, "fuse"), out);
	cJSON_Delete(tree);
	return shards != NULL;
}

/* ---- making the versions ---- */

static cJSON *shard_of(const cJSON *shards, int index, int count, uint64_t seed)
{
	cJSON *shard = cJSON_CreateObject();
	bool good = shard && cJSON_AddNumberToObject(shard, "index", index) &&
		    cJSON_AddNumberToObject(shard, "of", count) &&
		    cJSON_AddNumberToObject(shard, "seed", (double)seed);
	static const char *const same[] = {"split", "classes", "alpha"};
	for (size_t i = 0; i < sizeof same / sizeof *same && good; i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(shards, same[i]);
		good = !value || cJSON_AddItemToObject(shard, same[i], cJSON_Duplicate(value, true));
	}
	if (good)
		return shard;
	cJSON_Delete(shard);
	return NULL;
}

/* Of the whole's configuration; the seeds differ, and with them the orders and dropout. */
static cJSON *part_of(const cJSON *whole, const char *name, int index, int count, uint64_t seed)
{
	static const char *const left_out[] = {"shards", "fuse", "early_stopping", "seed", "note", NULL};
	cJSON *part = cJSON_Duplicate(whole, true);
	lepton__json_drop(part, left_out);
	cJSON *shard =
		part ? shard_of(cJSON_GetObjectItemCaseSensitive(whole, "shards"), index, count, seed) : NULL;
	if (shard && cJSON_AddItemToObject(part, "shard", shard)) {
		part->valueint = whole->valueint;
		if (cJSON_AddNumberToObject(part, "seed", (double)lepton__spec_seed(seed, name)))
			return part;
	} else {
		cJSON_Delete(shard);
	}
	cJSON_Delete(part);
	return NULL;
}

int lepton__spec_add_shards(struct lepton__growing *growing, const char *version, const cJSON *config,
	uint64_t seed, const cJSON *node, struct lepton_error *err)
{
	const cJSON *shards = cJSON_GetObjectItemCaseSensitive(config, "shards");
	int code = LEPTON_OK, count = count_of(shards);
	for (int i = 1; i <= count && !code; i++) {
		char name[LEPTON_NAME_MAX + 16];
		snprintf(name, sizeof name, "%s/%d", version, i);
		cJSON *part = part_of(config, name, i, count, seed);
		code = part ? lepton__spec_add(growing, name, part, node, err)
			    : lepton_error_set(err, LEPTON_E_NOMEM, "%.200s: out of memory", growing->name);
		cJSON_Delete(part);
	}
	return code;
}
