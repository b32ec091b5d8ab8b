/* model/learner.c - the kinds of learner, and what all of them share. */
#include "config.h"
#include "lepton/model.h"
#include "model/ensemble.h"
#include "model/external.h"
#include "model/factors.h"
#include "model/network.h"
#include "model/score.h"
#include "model/solver.h"
#include "model/text_model.h"
#include "model/tree_settings.h"
#include "model/trees.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static const struct lepton_learner_ops *const table[] = {
	&lepton__learner_network,
	&lepton__learner_decision_tree,
	&lepton__learner_random_forest,
	&lepton__learner_gradient_boosting,
	&lepton__learner_svm,
	&lepton__learner_linear,
	&lepton__learner_text,
	&lepton__learner_factors,
	&lepton__learner_external,
};

/* Their keys, in the same order. */
static const struct {
	const struct lepton__key *keys;
	int (*check)(const cJSON *config, struct lepton_error *err);
} checks[] = {
	{lepton__network_keys, lepton__network_check},
	{lepton__decision_tree_keys, lepton__decision_tree_check},
	{lepton__random_forest_keys, lepton__random_forest_check},
	{lepton__gradient_boosting_keys, lepton__gradient_boosting_check},
	{lepton__svm_keys, lepton__svm_check},
	{lepton__linear_keys, lepton__linear_check},
	{lepton__text_keys, lepton__text_check},
	{lepton__factors_keys, lepton__factors_check},
	{lepton__external_keys, lepton__external_check},
};

#define COUNT (sizeof table / sizeof *table)

static const char *const names[COUNT + 1] = {
	"network", "decision_tree", "random_forest", "gradient_boosting", "svm", "linear", "text",
	"matrix_factorization", "external", NULL};

const struct lepton_learner_ops *lepton_learner_find(const char *name)
{
	for (size_t i = 0; name && i < COUNT; i++)
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	/* Not in the table: no spec can ask for it. */
	return name && strcmp(name, lepton__learner_ensemble.name) == 0 ? &lepton__learner_ensemble : NULL;
}

static size_t index_of(const char *learner)
{
	size_t i = 0;
	while (i < COUNT && strcmp(table[i]->name, learner) != 0)
		i++;
	return i;
}

const struct lepton__key *lepton__learner_keys(const char *learner)
{
	size_t i = index_of(learner);
	return i < COUNT ? checks[i].keys : NULL;
}

int lepton__learner_check(const char *learner, const cJSON *config, struct lepton_error *err)
{
	size_t i = index_of(learner);
	return i < COUNT ? checks[i].check(config, err)
			 : lepton_error_set(err, LEPTON_E_SPEC, "no learner \"%.40s\" in this build", learner);
}

const char *const *lepton_learner_names(void)
{
	return names;
}

int lepton__score_begin(const struct lepton_dataset *data, enum lepton_split split, int64_t from, int64_t to,
	struct lepton_score *score, struct lepton_error *err)
{
	int64_t count = lepton_dataset_count(data, split);
	*score = (struct lepton_score){.loss = (double)NAN, .accuracy = (double)NAN};
	if (from < 0 || to < from || to > count)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"samples %lld to %lld asked for, but the split has %lld", (long long)from,
			(long long)to, (long long)count);
	return LEPTON_OK;
}

void lepton_state_clear(struct lepton_state *state)
{
	lepton_params_release(state->weights);
	lepton_params_release(state->slots);
	lepton__free(state->extra);
	*state = (struct lepton_state){0};
}

static void run_alone(
	const struct lepton_team *team, int parts, void (*part)(void *arg, int index), void *arg)
{
	(void)team;
	for (int i = 0; i < parts; i++)
		part(arg, i);
}

const struct lepton_team lepton_team_alone = {.run = run_alone, .pool = NULL, .width = 1};
