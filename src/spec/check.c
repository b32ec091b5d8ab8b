/* spec/check.c - is each key one we know, and its value one we can use?
 *
 * Tables say what there may be; the learner's own check (the network's, from the model room) says whether
 * it fits together. That check names the place in its sentence ("layers[3] Dense: \"units\" …"); from
 * there the line is found, so that one check serves spec files, clones and programs alike.
 */
#include "config.h"
#include "spec/parts.h"
#include "lepton/model.h"
#include "lepton/option.h"
#include "base/labels.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES_MAX 64

static const struct lepton__key version_keys[] = {
	{"name", LEPTON__KEY_STRING, 0, 0, NULL, true, "what the version is called"},
	{"base", LEPTON__KEY_STRING, 0, 0, NULL, false, "name of the version this one is like"},
	{"grid", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "one version a combination"},
	{"random", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "versions with values drawn by chance"},
	{0},
};
static const struct lepton__key common_keys[] = {
	/* any learner's, in every scope */
	{"learner", LEPTON__KEY_STRING, 0, 0, NULL, false, "kind of learner; network"},
	{"seed", LEPTON__KEY_INTEGER, 0, LEPTON__SEED_MAX, NULL, false, "of weights, order and dropout"},
	{"priority", LEPTON__KEY_NUMBER, 0.001, 1000, NULL, false, "share of the processor; 1"},
	{"tags", LEPTON__KEY_ANY, 0, 0, NULL, false, "words to find and group it by"},
	{"note", LEPTON__KEY_ANY, 0, 0, NULL, false, "a text about it"},
	{"early_stopping", LEPTON__KEY_OBJECT, 0, 0, NULL, false,
		"end training when validation gets no better"},
	{"shards", LEPTON__KEY_ANY, 0, 0, NULL, false, "sub-models, each on a part of the data"},
	{"fuse", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "how and when shards become one"},
	{"shard", LEPTON__KEY_ANY, 0, 0, NULL, false, "the part of the data to train on"},
	{0},
};

/* ---- faults with a place ---- */

int lepton__spec_place(const char *name, const cJSON *node, int code, struct lepton_error *err)
{
	if (name && err)
		lepton_error_set(err, code, "%.200s:%d: %s", name, node->valueint, err->message);
	return code;
}

int lepton__spec_fault(const char *name, const cJSON *node, struct lepton_error *err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	lepton_error_setv(err, LEPTON_E_SPEC, fmt, args);
	va_end(args);
	return lepton__spec_place(name, node, LEPTON_E_SPEC, err);
}

/* ---- keys ---- */

static size_t add_candidates(const struct lepton__key *table, const char **names, size_t count)
{
	for (; table->name && count < CANDIDATES_MAX; table++)
		names[count++] = table->name;
	return count;
}

static int unknown(const char *name, const cJSON *member, const char *const *names, size_t count,
	const char *where, struct lepton_error *err)
{
	char list[200] = "";
	const char *near = lepton_suggest(member->string, names, count);
	if (near)
		return lepton__spec_fault(name, member, err,
			"%s: unknown key \"%.40s\"; did you mean \"%s\"?", where, member->string, near);
	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(list);
		snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
	}
	return lepton__spec_fault(
		name, member, err, "%s: unknown key \"%.40s\"; it takes %s", where, member->string, list);
}

int lepton__spec_check_table(const char *name, const struct lepton__key *table, const cJSON *object,
	const char *where, struct lepton_error *err)
{
	const char *names[CANDIDATES_MAX];
	size_t count = add_candidates(table, names, 0);
	for (const cJSON *member = object->child; member; member = member->next) {
		const struct lepton__key *key = lepton__key_find(table, member->string);
		if (!key)
			return unknown(name, member, names, count, where, err);
		int code = lepton__key_check(key, member, where, err);
		if (code)
			return lepton__spec_place(name, member, code, err);
	}
	for (const struct lepton__key *key = table; key->name; key++)
		if (key->required && !cJSON_GetObjectItemCaseSensitive(object, key->name))
			return lepton__spec_fault(
				name, object, err, "%s: \"%s\" is missing (%s)", where, key->name, key->help);
	return LEPTON_OK;
}

static int check_learner(const char *name, const cJSON *object, const char *where, struct lepton_error *err)
{
	const cJSON *learner = cJSON_GetObjectItemCaseSensitive(object, "learner");
	const char *const *names = lepton_learner_names();
	char list[200] = "";
	size_t count = 0;
	if (!learner)
		return LEPTON_OK;
	for (; names[count]; count++) {
		size_t used = strlen(list);
		snprintf(list + used, sizeof list - used, "%s%s", count ? ", " : "", names[count]);
		if (cJSON_IsString(learner) && strcmp(learner->valuestring, names[count]) == 0)
			return LEPTON_OK;
	}
	if (!cJSON_IsString(learner))
		return lepton__spec_fault(name, learner, err, "%s: \"learner\" takes one of %s", where, list);
	return lepton__spec_fault(name, learner, err,
		"%s: \"learner\" is \"%.40s\", which is not available in this build; available: %s", where,
		learner->valuestring, list);
}

/* `learner` NULL: any, since defaults and bases serve versions of several kinds. */
bool lepton__learner_knows(const char *learner, const char *key)
{
	const char *const *names = lepton_learner_names();
	if (learner && lepton__learner_keys(learner))
		return lepton__key_find(lepton__learner_keys(learner), key) != NULL;
	for (; *names; names++)
		if (lepton__key_find(lepton__learner_keys(*names), key))
			return true;
	return false;
}

/* Keys that several learners have are named once. */
static size_t add_learner_candidates(const char *learner, const char **names, size_t count)
{
	const char *const *learners = lepton_learner_names();
	for (; *learners; learners++) {
		if (learner && strcmp(learner, *learners) != 0)
			continue;
		for (const struct lepton__key *k = lepton__learner_keys(*learners);
			k->name && count < CANDIDATES_MAX; k++) {
			bool there = false;
			for (size_t i = 0; i < count && !there; i++)
				there = strcmp(names[i], k->name) == 0;
			if (!there)
				names[count++] = k->name;
		}
	}
	return count;
}

/* Not the types of a learner's keys: its own check goes into those. */
static int check_member(const char *name, const cJSON *member, enum lepton__scope scope, const char *learner,
	const char *where, struct lepton_error *err)
{
	const char *names[CANDIDATES_MAX];
	const struct lepton__key *key = lepton__key_find(common_keys, member->string);
	if (!key)
		key = lepton__key_find(version_keys, member->string);
	if (key && scope != LEPTON__IN_VERSION && lepton__key_find(version_keys, member->string))
		return lepton__spec_fault(name, member, err,
			"%s: \"%s\" belongs to one version, and cannot be set here", where, member->string);
	if (!key && lepton__learner_knows(learner, member->string))
		return LEPTON_OK;
	if (!key) {
		if (strcmp(member->string, "search") == 0)
			return lepton__spec_fault(name, member, err,
				"%s: \"search\" stands beside \"versions\", for all of them", where);
		size_t count = scope == LEPTON__IN_VERSION ? add_candidates(version_keys, names, 0) : 0;
		count = add_learner_candidates(learner, names, add_candidates(common_keys, names, count));
		return unknown(name, member, names, count, where, err);
	}
	int code = lepton__key_check(key, member, where, err);
	return code ? lepton__spec_place(name, member, code, err) : LEPTON_OK;
}

int lepton__spec_check_keys(const char *name, const cJSON *object, enum lepton__scope scope,
	const char *where, struct lepton_error *err)
{
	int code = check_learner(name, object, where, err);
	const char *learner = scope == LEPTON__IN_VERSION ? lepton__json_get_string(object, "learner", NULL) : NULL;
	for (const cJSON *member = object->child; member && !code; member = member->next)
		code = check_member(name, member, scope, learner, where, err);
	return code;
}

/* ---- a whole configuration ---- */

static int check_labels(const char *name, const cJSON *config, const char *where, struct lepton_error *err)
{
	char tags[LEPTON__TAGS_SIZE];
	const char *note;
	struct lepton_error inner = {0};
	if (!lepton__labels_read(config, tags, &note, &inner))
		return LEPTON_OK;
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(
		config, strncmp(inner.message, "\"note\"", 6) == 0 ? "note" : "tags");
	return lepton__spec_fault(name, member ? member : config, err, "%s: %s", where, inner.message);
}

/* The member that a sentence speaks of: the first quoted word that is a key of the object. */
static const cJSON *quoted_member(const cJSON *object, const char *message)
{
	for (const char *quote = strchr(message, '"'); quote; quote = strchr(quote + 1, '"')) {
		char word[64];
		size_t length = strcspn(quote + 1, "\"");
		if (length >= sizeof word)
			continue;
		memcpy(word, quote + 1, length);
		word[length] = '\0';
		const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, word);
		if (member)
			return member;
	}
	return object;
}

/* "layers[3] Dense: …", "optimizer: …", "optimizer.schedule: …", anything else: the node a sentence is about.
 */
static const cJSON *place_of(const cJSON *config, const char *message)
{
	static const char *const objects[] = {
		"optimizer", "pruning", "clustering", "quantization", "averaging", "privacy"};
	const cJSON *node = config;
	if (strncmp(message, "layers[", 7) == 0)
		node = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(config, "layers"),
			(int)strtol(message + 7, NULL, 10));
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
		if (strncmp(message, objects[i], strlen(objects[i])) == 0)
			node = cJSON_GetObjectItemCaseSensitive(config, objects[i]);
	if (node && strncmp(message, "optimizer.schedule", 18) == 0)
		node = cJSON_GetObjectItemCaseSensitive(node, "schedule");
	return quoted_member(node ? node : config, message);
}

/* Check what the learner will be given: the text. In our own tree `valueint` holds lines, not numbers. */
static int check_clean(const char *learner, const cJSON *config, struct lepton_error *err)
{
	char *text = lepton__json_text(config);
	cJSON *clean = text ? cJSON_Parse(text) : NULL;
	int code = clean ? lepton__learner_check(learner, clean, err)
			 : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory checking the configuration");
	cJSON_Delete(clean);
	lepton__free(text);
	return code;
}

int lepton__spec_check_config(const char *name, const char *learner, const cJSON *config, const char *where,
	struct lepton_error *err)
{
	struct lepton_error inner = {0};
	int code = lepton__spec_check_keys(name, config, LEPTON__IN_CONFIG, where, err);
	if (!code)
		code = check_labels(name, config, where, err);
	if (!code)
		code = lepton__spec_check_early(name, config, where, err);
	if (!code)
		code = lepton__spec_check_shards(name, learner, config, where, err);
	if (code)
		return code;
	code = check_clean(learner, config, &inner);
	if (!code)
		return LEPTON_OK;
	lepton_error_set(err, code, "%s: %s", where, inner.message);
	return lepton__spec_place(name, place_of(config, inner.message), code, err);
}
