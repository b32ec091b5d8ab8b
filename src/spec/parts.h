/* spec/parts.h - what the files of this room share. */
#ifndef LEPTON_SPEC_PARTS_H
#define LEPTON_SPEC_PARTS_H

#include "lepton/spec.h"
#include "spec/where.h"
#include "model/keys.h"

#define LEPTON__VERSIONS_MAX 1000
#define LEPTON__SEED_MAX 9007199254740992.0 /* 2^53: exact in JSON */

/* What is being filled while a spec is read. */
struct lepton__growing {
	const char *name, *folder; /* of the file */
	struct lepton_spec *spec;
	size_t capacity, bytes; /* of all configurations */
};

/* Where an object of settings stands decides which keys it may have. */
enum lepton__scope { LEPTON__IN_VERSION, LEPTON__IN_DEFAULTS, LEPTON__IN_CONFIG };

/* "name:line: …" with the node's line; name NULL leaves the place out. LEPTON_E_SPEC (NOMEM stays NOMEM). */
int lepton__spec_fault(const char *name, const cJSON *node, struct lepton_error *err, const char *fmt, ...) LEPTON_PRINTF(4, 5);
/* Put the place before what *err says already; returns `code`. */
int lepton__spec_place(const char *name, const cJSON *node, int code, struct lepton_error *err);

/* One object against a table of keys; unknown keys are faults. */
int lepton__spec_check_table(const char *name, const struct lepton__key *table, const cJSON *object, const char *where,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* Keys of a version, the defaults, or a merged configuration: known, and those that are not a learner's
 * own of the right type. `where` leads the sentence: version "cnn". */
int lepton__spec_check_keys(const char *name, const cJSON *object, enum lepton__scope scope, const char *where,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* early.c: "early_stopping" of a configuration, "search" of the spec, where they are. */
int lepton__spec_check_early(const char *name, const cJSON *config, const char *where, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__spec_check_search(const char *name, const cJSON *root, struct lepton_error *err) LEPTON_MUST_CHECK;
/* keep.c: "keep" of the spec. */
int lepton__spec_check_keep(const char *name, const cJSON *root, struct lepton_error *err) LEPTON_MUST_CHECK;
/* shards.c: "shards", "fuse" and "shard" of a merged configuration; and the sub-models that come before their whole, whose seed
 * is `seed`. */
int lepton__spec_check_shards(const char *name, const char *learner, const cJSON *config, const char *where,
		struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__spec_add_shards(struct lepton__growing *growing, const char *version, const cJSON *config, uint64_t seed,
		const cJSON *node, struct lepton_error *err) LEPTON_MUST_CHECK;
/* A whole merged configuration, as far as that goes without data. */
int lepton__spec_check_config(const char *name, const char *learner, const cJSON *config, const char *where,
		struct lepton_error *err) LEPTON_MUST_CHECK;

/* Put `value` (taken over, on failure too) at a dotted key; null takes the key away. LEPTON_E_SPEC. */
int lepton__spec_put(cJSON *config, const char *key, cJSON *value, struct lepton_error *err) LEPTON_MUST_CHECK;

/* Fill spec->versions from the checked "versions" and "defaults". `folder`: the spec file's, NULL for ours. */
int lepton__spec_versions(const char *name, const char *folder, const cJSON *root, struct lepton_spec *spec,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* One version, or one a combination, from a merged configuration and what was written. */
int lepton__spec_expand(struct lepton__growing *growing, const cJSON *written, const cJSON *config, struct lepton_error *err)
		LEPTON_MUST_CHECK;
void lepton__spec_free_version(struct lepton_spec_version *version);
int lepton__spec_add(struct lepton__growing *growing, const char *version, const cJSON *config, const cJSON *node,
		struct lepton_error *err) LEPTON_MUST_CHECK;

/* 53 bits from (seed, name): the first of BLAKE2b-256 of "SEED NAME". */
uint64_t lepton__spec_seed(uint64_t seed, const char *name);

/* A learner (NULL: any) has this key in its configuration. */
bool lepton__learner_knows(const char *learner, const char *key);

#endif
