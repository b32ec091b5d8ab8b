/* lepton/spec.h - the spec file: what to train, on what data.
 *
 * JSON, read once and checked completely before anything starts. Every fault names file, line and
 * key; an unknown key comes with the nearest known one. `base` merges deeply (arrays are replaced),
 * `defaults` lie under every version, `grid` makes one version a combination (NAME/0.001,64), `random`
 * draws COUNT of them (NAME/1 …), `shards` makes COUNT sub-models (NAME/1 …) and then NAME, which they become. Left out, `seed` is 1, `format` idx and `validation_split` 0.1.
 */
#ifndef LEPTON_SPEC_H
#define LEPTON_SPEC_H

#include "lepton/data.h"

struct lepton_spec_version {
	char name[LEPTON_NAME_MAX];
	char learner[LEPTON_NAME_MAX]; /* "network" unless said */
	char *config;                  /* merged configuration, JSON object text without name/base/grid/random */
	uint64_t seed;                 /* the configuration's "seed" where there is one (it merges like any key); else 53 bits
	                                * of BLAKE2b-256 over "EXPERIMENT-SEED NAME" */
	double priority;               /* 1 unless said */
	char *tags;                    /* "big slow": in order, a blank between; "" for none */
	char *note;                    /* "" for none; neither is part of the configuration */
};

/* "early_stopping" of a version's configuration, in Keras's terms. */
struct lepton_early_stopping {
	int64_t patience; /* epochs */
	double min_delta;
	bool by_accuracy; /* the figure is val_accuracy, not val_loss */
	bool restore_best;
};
/* "search": {"asha": …} of the spec. */
struct lepton_search {
	int64_t min_epochs, reduction_factor;
	bool by_accuracy;
};

/* "shards" and "fuse" of a version's configuration: sub-models, and how and when they become one. */
enum lepton_server { LEPTON_SERVER_NONE, LEPTON_SERVER_SGD, LEPTON_SERVER_ADAM };
struct lepton_sharding {
	int count;
	bool own_start; /* each sub-model from weights of its own, until the first fusion */
	char method[LEPTON_NAME_MAX], settings[512]; /* of fusion; JSON */
	int64_t every;                               /* epochs or steps; 0: once, at the end */
	bool by_steps;
	enum lepton_server server; /* Reddi et al., "Adaptive Federated Optimization", 2021 */
	double server_rate, server_momentum;
	double prox; /* hold_near's mu */
};

struct lepton_spec {
	char experiment[LEPTON_NAME_MAX];
	uint64_t seed;
	struct lepton_data_options data; /* strings owned by the spec; path relative to the spec file's folder is made whole */
	struct lepton_spec_version *versions;
	size_t count;
	char *text; /* the file as read, for the store */
};

LEPTON_API int lepton_spec_load(const char *path, struct lepton_spec *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* `name` stands for the file in messages; `folder` resolves a relative data path (NULL: as it is). */
LEPTON_API int lepton_spec_parse(const char *text, size_t length, const char *name, const char *folder,
		struct lepton_spec *out, struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API void lepton_spec_clear(struct lepton_spec *spec);

/* Change one hyper-parameter of a configuration by dotted key ("optimizer.learning_rate", "layers.1.filters",
 * "epochs"): value is JSON or a bare word. The result is checked as a spec is. *out is heap text. */
LEPTON_API int lepton_config_set(const char *config, const char *key, const char *value, char **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* Check a whole configuration for a learner: LEPTON_E_SPEC with the key. */
LEPTON_API int lepton_config_check(const char *learner, const char *config, struct lepton_error *err) LEPTON_MUST_CHECK;
/* From a checked configuration's text, or a checked spec's: false where it is not asked for. */
LEPTON_API bool lepton_early_stopping_read(const char *config, struct lepton_early_stopping *out);
LEPTON_API bool lepton_search_read(const char *spec, struct lepton_search *out);
LEPTON_API bool lepton_sharding_read(const char *config, struct lepton_sharding *out);
/* "shard": the part of the training data that is the version's; *index from 0. */
LEPTON_API bool lepton_shard_read(const char *config, struct lepton_shard_rule *rule, int *index);
/* A version's or alias's name: 1 to 63 bytes of UTF-8, no control characters, no '@', no leading ':', '-' or '#'.
 * LEPTON_E_USAGE. */
LEPTON_API int lepton_name_check(const char *name, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
