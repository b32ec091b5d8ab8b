/* model/learner_random_forest.c - trees that differ by chance, and vote: a step is a tree. */
#include "config.h"
#include "model/trees.h"

#include <string.h>

#define DRAWS ((uint64_t)1 << 63) /* streams of the samples' draws; those of the nodes are below */

static int64_t planned(const struct lepton__trees *trees)
{
	return trees->settings.estimators;
}

/* As many as there are, with repetition, in ascending order: a sample drawn twice stands there twice. */
static void draw(const struct lepton__trees *trees, struct lepton__growth *growth, int64_t tree)
{
	struct lepton__rng rng;
	int64_t at = 0;
	lepton__rng_init(&rng, trees->seed, DRAWS | (uint64_t)tree);
	memset(growth->spare, 0, (size_t)trees->rows * sizeof *growth->spare);
	for (int64_t i = 0; i < trees->rows; i++)
		growth->spare[lepton__rng_below(&rng, (uint32_t)trees->rows)]++;
	for (int64_t i = 0; i < trees->rows; i++)
		for (uint32_t times = growth->spare[i]; times; times--)
			growth->sample[at++] = (uint32_t)i;
}

static int begin(
	struct lepton__trees *trees, struct lepton__tree_lane *lane, int64_t tree, struct lepton_error *err)
{
	struct lepton__growth *growth = &lane->growth;
	trees->round = INT32_MAX;
	if (trees->settings.bootstrap)
		draw(trees, growth, tree);
	else
		for (int64_t i = 0; i < trees->rows; i++)
			growth->sample[i] = (uint32_t)i;
	return lepton__growth_begin(growth, trees->rows, (uint64_t)tree, err);
}

static int publish(struct lepton__trees *trees, struct lepton_error *err)
{
	if (trees->step == 0)
		lepton__nodes_clear(&trees->done);
	return lepton__nodes_append(&trees->done, &trees->fresh, err);
}

static const struct lepton__tree_kind kind = {
	"random_forest", false, false, true, planned, lepton__trees_start_shares, begin, publish};

static int create(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	return lepton__trees_create(&lepton__learner_random_forest, &kind, config, seed, data, out, err);
}

const struct lepton_learner_ops lepton__learner_random_forest = {
	.name = "random_forest",
	.summary = "many trees, each of samples and pixels drawn by chance, that vote",
	LEPTON__TREES_OPS,
};
