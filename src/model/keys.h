/* model/keys.h - what a network's configuration may say, as const tables.
 *
 * Every layer type, every optimiser and the network itself lists its keys here in one form. The spec
 * room checks a spec file against these tables (with line numbers); the network learner checks its own
 * configuration against the same ones, so a learner can be given anything and answers with a sentence.
 */
#ifndef LEPTON_MODEL_KEYS_H
#define LEPTON_MODEL_KEYS_H

#include "lepton/error.h"
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum lepton__key_type {
	LEPTON__KEY_NUMBER,  /* min..max inclusive */
	LEPTON__KEY_INTEGER, /* a whole number, min..max inclusive */
	LEPTON__KEY_STRING,  /* one of `choices` where there are some */
	LEPTON__KEY_BOOL,
	LEPTON__KEY_PAIR,    /* [a, b], or one integer for both; each a whole number min..max */
	LEPTON__KEY_RANGE,   /* [low, high], each a number min..max; or one from 0 to max, f for [-f, f] */
	LEPTON__KEY_OBJECT,
	LEPTON__KEY_ARRAY,   /* of min..max elements */
	LEPTON__KEY_ANY,     /* its reader checks it */
};

struct lepton__key {
	const char *name; /* NULL ends a table */
	enum lepton__key_type type;
	double min, max;
	const char *choices; /* STRING: "relu|tanh"; NULL for any */
	bool required;
	const char *help; /* one line */
};

/* The network learner's top-level keys. */
extern const struct lepton__key lepton__network_keys[];

/* By the spec's "type" ("Conv2D") and the optimiser's "name" ("adam"); NULL when unknown. "type" and
 * "name" themselves are in the tables. */
const struct lepton__key *lepton__layer_keys(const char *type);
const struct lepton__key *lepton__optimizer_keys(const char *name);
const char *const *lepton__layer_types(void);     /* NULL-terminated */
const char *const *lepton__optimizer_names(void); /* NULL-terminated; the first is the default */

/* "Input, Conv2D, Dense": names for a sentence; what does not fit is left out. Gives `out`. */
const char *lepton__key_list(const char *const *names, char *out, size_t size);

const struct lepton__key *lepton__key_find(const struct lepton__key *table, const char *name); /* NULL */
/* Check one member of an object against its key, or a whole object against a table (unknown keys are
 * faults unless `loose`, required ones must be there). The sentence is "WHERE: what is wrong".
 * LEPTON_E_SPEC. */
int lepton__key_check(const struct lepton__key *key, const cJSON *value, const char *where,
		struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__keys_check(const struct lepton__key *table, const cJSON *object, bool loose, const char *where,
		struct lepton_error *err) LEPTON_MUST_CHECK;

/* Check a whole network configuration as far as that goes without data: every key, and that each
 * layer's output fits the next. "layers[3] Dense: …". LEPTON_E_SPEC, LEPTON_E_SHAPE, LEPTON_E_NOMEM. */
int lepton__network_check(const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;

/* A learner's top-level keys (NULL when there is no such learner), and its whole check without data.
 * LEPTON_E_SPEC, LEPTON_E_SHAPE, LEPTON_E_NOMEM. */
const struct lepton__key *lepton__learner_keys(const char *learner);
int lepton__learner_check(const char *learner, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
