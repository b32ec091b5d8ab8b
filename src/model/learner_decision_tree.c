/* model/learner_decision_tree.c - one tree (CART): a step is a level, or a doubling of the leaves. */
#include "config.h"
#include "model/trees.h"

/* Best first, round r goes to 2^r leaves; 2^22 is above any max_leaves. */
#define ROUNDS_MAX 64

static int64_t planned(const struct lepton__trees *trees)
{
	int64_t rounds = 1;
	if (!trees->settings.max_leaves)
		return trees->settings.max_depth;
	while (rounds < ROUNDS_MAX && (int64_t)1 << rounds < trees->settings.max_leaves)
		rounds++;
	return rounds;
}

static int begin(
	struct lepton__trees *trees, struct lepton__tree_lane *lane, int64_t tree, struct lepton_error *err)
{
	struct lepton__growth *growth = &lane->growth;
	for (int64_t i = 0; i < trees->rows; i++)
		growth->sample[i] = (uint32_t)i;
	trees->round = (int)tree + 1;
	return tree ? lepton__growth_again(growth, trees->rows, &trees->done, err)
		    : lepton__growth_begin(growth, trees->rows, 0, err);
}

static int publish(struct lepton__trees *trees, struct lepton_error *err)
{
	struct lepton__nodes old = trees->done;
	(void)err;
	trees->done = trees->fresh;
	trees->fresh = old; /* cleared by the caller, its memory used again */
	trees->round = (int)trees->step + 2;
	return LEPTON_OK;
}

static const struct lepton__tree_kind kind = {
	"decision_tree", false, true, false, planned, lepton__trees_start_shares, begin, publish};

static int create(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	return lepton__trees_create(&lepton__learner_decision_tree, &kind, config, seed, data, out, err);
}

const struct lepton_learner_ops lepton__learner_decision_tree = {
	.name = "decision_tree",
	.summary = "one tree of yes-or-no questions about single pixels",
	LEPTON__TREES_OPS,
};
