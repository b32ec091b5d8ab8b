/* model/learner.c - the kinds of learner, and what all of them share. */
#include "config.h"
#include "lepton/model.h"
#include "model/network.h"
#include "base/memory.h"

#include <string.h>

static const struct lepton_learner_ops *const table[] = {
	&lepton__learner_network,
};

#define COUNT (sizeof table / sizeof *table)

static const char *const names[COUNT + 1] = {"network", NULL};

const struct lepton_learner_ops *lepton_learner_find(const char *name)
{
	for (size_t i = 0; name && i < COUNT; i++)
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	return NULL;
}

const char *const *lepton_learner_names(void)
{
	return names;
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
