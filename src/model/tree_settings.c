/* model/tree_settings.c - the keys of decision_tree, random_forest and gradient_boosting. */
#include "config.h"
#include "model/tree_settings.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

#define DEPTH_MAX 64 /* deeper than any tree gets in practice */
#define ESTIMATORS_MAX 10000
#define LEAVES_MAX 4000000
#define SAMPLES_MAX 1e9

#define CRITERION                                                                                            \
	{"criterion", LEPTON__KEY_STRING, 0, 0, "gini|entropy", false, "how mixed a node is; gini"}
#define SIZE_KEYS                                                                                            \
	{"max_depth", LEPTON__KEY_INTEGER, 1, DEPTH_MAX, NULL, false, "levels below the root; no limit"},    \
		{"max_leaves", LEPTON__KEY_INTEGER, 2, LEAVES_MAX, NULL, false,                              \
			"leaves of a tree, best splits first; no limit (boosting: 31)"},                     \
	{                                                                                                    \
		"min_samples_leaf", LEPTON__KEY_INTEGER, 1, SAMPLES_MAX, NULL, false,                        \
			"samples in a leaf at least; 1 (boosting: 20)"                                       \
	}
#define MIN_SPLIT                                                                                            \
	{"min_samples_split", LEPTON__KEY_INTEGER, 2, SAMPLES_MAX, NULL, false,                              \
		"samples in a node that is split at least; 2"}
#define ESTIMATORS                                                                                           \
	{"n_estimators", LEPTON__KEY_INTEGER, 1, ESTIMATORS_MAX, NULL, false, "trees, or rounds of them; 100"}

const struct lepton__key lepton__decision_tree_keys[] = {CRITERION, SIZE_KEYS, MIN_SPLIT, {0}};

const struct lepton__key lepton__random_forest_keys[] = {
	ESTIMATORS,
	{"max_features", LEPTON__KEY_ANY, 0, 0, NULL, false,
		"features tried at a node: \"sqrt\" of all, or a share of them; sqrt"},
	{"bootstrap", LEPTON__KEY_BOOL, 0, 0, NULL, false, "draw each tree's samples by chance; true"},
	CRITERION, SIZE_KEYS, MIN_SPLIT, {0}};

const struct lepton__key lepton__gradient_boosting_keys[] = {
	ESTIMATORS,
	{"max_iter", LEPTON__KEY_INTEGER, 1, ESTIMATORS_MAX, NULL, false, "another name of n_estimators"},
	{"learning_rate", LEPTON__KEY_NUMBER, 1e-6, 10, NULL, false, "how far a tree's step goes; 0.1"},
	{"l2", LEPTON__KEY_NUMBER, 0, 1e9, NULL, false, "regularisation of the leaves; 0"},
	{"subsample", LEPTON__KEY_NUMBER, 0.001, 1, NULL, false, "share of the samples a round sees; 1"},
	SIZE_KEYS, {0}};

static const struct lepton__key *keys_of(const char *kind)
{
	return strcmp(kind, "decision_tree") == 0   ? lepton__decision_tree_keys
	       : strcmp(kind, "random_forest") == 0 ? lepton__random_forest_keys
						    : lepton__gradient_boosting_keys;
}

/* "sqrt", or a share of the features from above 0 to 1. All of them is written 0: nothing is drawn. */
static int read_features(
	const char *kind, const cJSON *config, int64_t features, int *out, struct lepton_error *err)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(config, "max_features");
	double share = cJSON_IsNumber(value) ? value->valuedouble : 0;
	if (!value || (cJSON_IsString(value) && strcmp(value->valuestring, "sqrt") == 0))
		share = sqrt((double)features) / (double)features;
	else if (!cJSON_IsNumber(value) || !(share > 0 && share <= 1))
		return lepton_error_set(err, LEPTON_E_SPEC,
			"%s: \"max_features\" takes \"sqrt\" or a number above 0 and up to 1, the share of "
			"the features",
			kind);
	*out = share < 1 ? (int)fmax(1, floor(share * (double)features + 1e-9)) : 0;
	return LEPTON_OK;
}

static int read_boosting(
	struct lepton__tree_settings *settings, const cJSON *config, struct lepton_error *err)
{
	if (cJSON_HasObjectItem(config, "max_iter") && cJSON_HasObjectItem(config, "n_estimators"))
		return lepton_error_set(err, LEPTON_E_SPEC,
			"gradient_boosting: \"max_iter\" and \"n_estimators\" mean the same; leave one out");
	settings->estimators = lepton__json_get_int(config, "max_iter", settings->estimators);
	settings->learning_rate = lepton__json_get_number(config, "learning_rate", 0.1);
	settings->l2 = lepton__json_get_number(config, "l2", 0);
	settings->subsample = lepton__json_get_number(config, "subsample", 1);
	return LEPTON_OK;
}

int lepton__tree_settings_read(struct lepton__tree_settings *settings, const char *kind, const cJSON *config,
	int64_t features, struct lepton_error *err)
{
	bool boosting = strcmp(kind, "gradient_boosting") == 0, forest = strcmp(kind, "random_forest") == 0;
	int code = lepton__keys_check(keys_of(kind), config, true, kind, err);
	if (code)
		return code;
	*settings = (struct lepton__tree_settings){
		.entropy = strcmp(lepton__json_get_string(config, "criterion", "gini"), "entropy") == 0,
		.max_depth = (int)lepton__json_get_int(config, "max_depth", DEPTH_MAX),
		.max_leaves = lepton__json_get_int(config, "max_leaves", boosting ? 31 : 0),
		.min_samples_leaf = lepton__json_get_int(config, "min_samples_leaf", boosting ? 20 : 1),
		.min_samples_split = lepton__json_get_int(config, "min_samples_split", 2),
		.estimators = lepton__json_get_int(config, "n_estimators", 100),
		.bootstrap = forest && lepton__json_get_bool(config, "bootstrap", true),
		.subsample = 1,
		.learning_rate = 1,
	};
	if (forest)
		return read_features(kind, config, features, &settings->features, err);
	return boosting ? read_boosting(settings, config, err) : LEPTON_OK;
}

int lepton__decision_tree_check(const cJSON *config, struct lepton_error *err)
{
	struct lepton__tree_settings settings;
	return lepton__tree_settings_read(&settings, "decision_tree", config, 1, err);
}

int lepton__random_forest_check(const cJSON *config, struct lepton_error *err)
{
	struct lepton__tree_settings settings;
	return lepton__tree_settings_read(&settings, "random_forest", config, 1, err);
}

int lepton__gradient_boosting_check(const cJSON *config, struct lepton_error *err)
{
	struct lepton__tree_settings settings;
	return lepton__tree_settings_read(&settings, "gradient_boosting", config, 1, err);
}
