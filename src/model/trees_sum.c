/* model/trees_sum.c - what the trees so far say of each training sample, added up.
 *
 * A tree that has just grown has its samples in the order of its leaves, so they need not walk down it again;
 * only those that it was not grown from do. Both ways add the same value to the same sum.
 */
#include "config.h"
#include "model/loss.h"
#include "model/trees.h"

#include <string.h>

struct work {
	struct lepton__trees *trees;
	size_t tree, count;
	int sum; /* boosting: which */
};

static void span(int64_t n, int part, int64_t *from, int64_t *to)
{
	*from = n * part / LEPTON__TREE_PARTS;
	*to = n * (part + 1) / LEPTON__TREE_PARTS;
}

static void add_value(struct lepton__trees *trees, int64_t sample, const float *value, int sum)
{
	float *score = trees->score + sample * trees->sums;
	if (trees->kind->boosts) {
		score[sum] += *value;
		return;
	}
	for (int c = 0; c < trees->sums; c++)
		score[c] += value[c];
}

/* ---- a tree of the past ---- */

static void add_part(void *arg, int part)
{
	const struct work *work = arg;
	struct lepton__trees *trees = work->trees;
	int64_t from, to;
	span(trees->rows, part, &from, &to);
	for (int64_t i = from; i < to; i++)
		add_value(trees, i, lepton__trees_leaf(trees, &trees->done, work->tree, LEPTON_TRAIN, i),
			work->sum);
}

void lepton__trees_add_tree(struct lepton__trees *trees, const struct lepton_team *team, size_t tree)
{
	struct work work = {.trees = trees, .tree = tree, .sum = (int)(tree % (size_t)trees->sums)};
	team->run(team, LEPTON__TREE_PARTS, add_part, &work);
}

/* ---- the tree just grown ---- */

/* Samples drawn several times stand side by side, and count once. */
static void add_leaf(const struct work *work, int32_t leaf)
{
	struct lepton__trees *trees = work->trees;
	const struct lepton__growth *growth = trees->growth;
	const struct lepton__sprout *sprout = &growth->sprout[leaf];
	const uint32_t *sample = growth->sample + sprout->begin;
	const float *value = growth->nodes.value + (size_t)leaf * (size_t)growth->nodes.width;
	for (uint32_t i = 0; i < sprout->count; i++) {
		if (i && sample[i] == sample[i - 1])
			continue;
		add_value(trees, sample[i], value, work->sum);
		trees->grown[sample[i]] = true;
	}
}

static void add_leaves(void *arg, int part)
{
	const struct work *work = arg;
	const struct lepton__nodes *nodes = &work->trees->growth->nodes;
	int64_t from, to;
	span((int64_t)nodes->count, part, &from, &to);
	for (int64_t node = from; node < to; node++)
		if (nodes->node[node].feature < 0)
			add_leaf(work, (int32_t)node);
}

static void add_others(void *arg, int part)
{
	const struct work *work = arg;
	struct lepton__trees *trees = work->trees;
	int64_t from, to;
	span(trees->rows, part, &from, &to);
	for (int64_t i = from; i < to; i++) {
		if (!trees->grown[i])
			add_value(trees, i,
				lepton__trees_leaf(trees, &trees->growth->nodes, 0, LEPTON_TRAIN, i),
				work->sum);
		trees->grown[i] = false;
	}
}

void lepton__trees_add_grown(struct lepton__trees *trees, const struct lepton_team *team)
{
	struct work work = {.trees = trees, .sum = (int)((trees->fresh.trees - 1) % (size_t)trees->sums)};
	team->run(team, LEPTON__TREE_PARTS, add_leaves, &work);
	team->run(team, LEPTON__TREE_PARTS, add_others, &work);
}

/* ---- figures ---- */

static void measure_part(void *arg, int part)
{
	const struct work *work = arg;
	struct lepton__trees *trees = work->trees;
	int64_t from, to;
	span(trees->rows, part, &from, &to);
	trees->sum[part] = (struct lepton__trees_sum){0};
	for (int64_t i = from; i < to; i++) {
		const float *score = trees->score + i * trees->sums;
		float *probability = trees->probability ? trees->probability + i * trees->classes : NULL;
		if (probability)
			lepton__trees_finish(trees, work->count, score, probability);
		lepton__trees_sum_add(trees, LEPTON_TRAIN, i, probability ? probability : score,
			trees->kind->boosts ? 1 : (float)work->count, &trees->sum[part]);
	}
}

void lepton__trees_measure(struct lepton__trees *trees, const struct lepton_team *team, size_t count)
{
	struct work work = {.trees = trees, .count = count};
	team->run(team, LEPTON__TREE_PARTS, measure_part, &work);
}

/* ---- figures of one tree ---- */

/* All samples of a leaf have the same answer: count them class by class. */
static void measure_leaf(const struct lepton__trees *trees, const struct lepton__sprout *sprout,
	const float *value, struct lepton__trees_sum *sum)
{
	const uint8_t *labels = lepton_dataset_labels(trees->data, LEPTON_TRAIN);
	const uint32_t *sample = trees->growth->sample + sprout->begin;
	uint32_t count[LEPTON__CLASSES_MAX];
	memset(count, 0, (size_t)trees->classes * sizeof *count);
	for (uint32_t i = 0; i < sprout->count; i++)
		count[labels[sample[i]]]++;
	for (int c = 0; c < trees->classes; c++)
		if (count[c])
			sum->loss += count[c] * lepton__trees_loss(value[c]);
	sum->right += count[lepton__largest(trees->classes, value)];
}

static void measure_leaves_part(void *arg, int part)
{
	struct lepton__trees *trees = arg;
	const struct lepton__growth *growth = trees->growth;
	struct lepton__trees_sum *sum = &trees->sum[part];
	int64_t from, to;
	span((int64_t)growth->nodes.count, part, &from, &to);
	*sum = (struct lepton__trees_sum){0};
	for (int64_t node = from; node < to; node++) {
		const struct lepton__sprout *sprout = &growth->sprout[node];
		const float *value = growth->nodes.value + node * growth->nodes.width;
		if (growth->nodes.node[node].feature >= 0)
			continue;
		if (!trees->regression)
			measure_leaf(trees, sprout, value, sum);
		for (uint32_t i = 0; trees->regression && i < sprout->count; i++)
			lepton__trees_sum_add(
				trees, LEPTON_TRAIN, growth->sample[sprout->begin + i], value, 1, sum);
	}
}

void lepton__trees_measure_leaves(struct lepton__trees *trees, const struct lepton_team *team)
{
	team->run(team, LEPTON__TREE_PARTS, measure_leaves_part, trees);
}
