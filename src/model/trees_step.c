/* model/trees_step.c - one step of a tree learner, in pieces of some milliseconds.
 *
 * Turn the pixels, or the bins of a table, into columns (once); sum up the trees there are (once, and after a
 * load); then for each step and tree: grow, add the tree to the sums over the training samples; at last
 * measure and publish.
 */
#include "config.h"
#include "model/trees.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define TURN 64                /* features turned in one piece */
#define SORT 100000            /* numbers sorted in one piece, or a feature's */
#define ERROR_MAX 2147483000.0 /* of a gradient in fixed point */

/* ---- squared error ---- */

/* Gradients in fixed point reach to 2: the errors are made that small by a power of two, and leaves' values
 * as much larger. */
static double find_spread(const struct lepton__trees *trees)
{
	const float *targets = lepton_dataset_targets(trees->data, LEPTON_TRAIN);
	float most = 0;
	for (int64_t i = 0; i < trees->rows; i++)
		most = fmaxf(most, fabsf(targets[i]));
	return ldexp(1, most > 0 ? ilogbf(most) + 2 : 0);
}

void lepton__trees_set_errors(struct lepton__trees *trees, const float *from)
{
	const float *targets = lepton_dataset_targets(trees->data, LEPTON_TRAIN);
	for (int64_t i = 0; i < trees->rows; i++) {
		double error = (from ? (double)from[i] : 0) - (double)targets[i];
		double fixed = error / trees->spread * LEPTON__FIXED;
		trees->gradient[i].g = (int32_t)lrint(fmax(-ERROR_MAX, fmin(fixed, ERROR_MAX)));
		trees->gradient[i].h = LEPTON__FIXED;
	}
}

/* ---- before the first tree ---- */

static int allocate(struct lepton__trees *trees, struct lepton_error *err)
{
	size_t rows = (size_t)trees->rows, classes = (size_t)trees->classes;
	trees->columns.rows = trees->rows;
	trees->columns.features = trees->features;
	bool failed = false;
	if (!trees->kind->deepens) {
		trees->score = lepton__calloc(rows * (size_t)trees->sums, sizeof *trees->score);
		trees->grown = lepton__calloc(rows, sizeof *trees->grown);
		failed = !trees->score || !trees->grown;
	}
	if (trees->kind->boosts && !trees->regression) {
		trees->probability = lepton__calloc(rows * classes, sizeof *trees->probability);
		failed |= !trees->probability;
	}
	if (trees->regression) {
		trees->gradient = lepton__calloc(rows, sizeof *trees->gradient);
		failed |= !trees->gradient;
	}
	trees->spread = trees->regression ? find_spread(trees) : 1;
	if (failed)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a %s", trees->kind->name);
	if (trees->regression)
		lepton__trees_set_errors(trees, NULL);
	return lepton__columns_allocate(&trees->columns, err);
}

void lepton__trees_free_training(struct lepton__trees *trees)
{
	lepton__trees_lanes_free(trees);
	lepton__columns_free(&trees->columns);
	lepton__free(trees->score);
	lepton__free(trees->probability);
	lepton__free(trees->gradient);
	lepton__free(trees->grown);
	trees->grown = NULL;
	trees->score = trees->probability = NULL;
	trees->gradient = NULL;
}

/* Of equally good splits the first wins. In an order drawn once, no corner of the image is always first. */
static void shuffle(struct lepton__trees *trees)
{
	struct lepton__rng rng;
	int *list = trees->columns.varying;
	lepton__rng_init(&rng, trees->seed, UINT64_MAX);
	for (int i = trees->columns.varying_count - 1; i > 0; i--) {
		int other = (int)lepton__rng_below(&rng, (uint32_t)i + 1), feature = list[i];
		list[i] = list[other];
		list[other] = feature;
	}
}

static int turn(struct lepton__trees *trees, struct lepton_error *err)
{
	if (!trees->ready) {
		int code = allocate(trees, err);
		if (code) {
			lepton__trees_free_training(trees);
			return code;
		}
		trees->ready = true;
	}
	bool numbers = trees->columns.numbers;
	int64_t to = trees->columns.done + (numbers ? 1 + SORT / trees->rows : TURN);
	int end = to < trees->features ? (int)to : trees->features;
	if (numbers)
		lepton__columns_bin(&trees->columns, lepton_dataset_values(trees->data, LEPTON_TRAIN), end);
	else
		lepton__columns_turn(&trees->columns, lepton_dataset_pixels(trees->data, LEPTON_TRAIN), end);
	if (trees->columns.done == trees->features) {
		shuffle(trees);
		trees->phase = LEPTON__TREES_REPLAY;
	}
	return LEPTON_OK;
}

static int forget_foreign(struct lepton__trees *trees, struct lepton_error *err)
{
	if (!trees->foreign)
		return LEPTON_OK;
	lepton__nodes_clear(&trees->done);
	trees->step = 0;
	trees->foreign = false;
	return trees->kind->start(trees, err);
}

/* A tree of the past a piece. What a voting learner starts with is no tree of it. */
static int replay(struct lepton__trees *trees, const struct lepton_team *team, struct lepton_error *err)
{
	int code = forget_foreign(trees, err);
	size_t count = trees->kind->boosts || trees->step ? trees->done.trees : 0;
	if (code)
		return code;
	if (trees->kind->deepens)
		count = 0;
	else if (trees->replayed == 0)
		memset(trees->score, 0, (size_t)(trees->rows * trees->sums) * sizeof *trees->score);
	if (trees->replayed < count) {
		lepton__trees_add_tree(trees, team, trees->replayed++);
		return LEPTON_OK;
	}
	if (trees->probability)
		lepton__trees_measure(trees, team, count);
	trees->phase = LEPTON__TREES_GROW;
	return LEPTON_OK;
}

/* ---- a tree ---- */

static int grow(struct lepton__trees *trees, const struct lepton_team *team, struct lepton_error *err)
{
	bool done;
	int code = lepton__trees_grow(trees, team, &done, err);
	if (!code && done) {
		code = lepton__nodes_append(&trees->fresh, &trees->growth->nodes, err);
		trees->phase = trees->kind->deepens ? LEPTON__TREES_MEASURE : LEPTON__TREES_ADD;
	}
	return code;
}

static void add(struct lepton__trees *trees, const struct lepton_team *team)
{
	size_t wanted = trees->kind->boosts ? (size_t)trees->sums : 1;
	lepton__trees_add_grown(trees, team);
	trees->phase = trees->fresh.trees < wanted ? LEPTON__TREES_GROW : LEPTON__TREES_MEASURE;
}

/* ---- a step's end ---- */

static int conclude(struct lepton__trees *trees, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	struct lepton__trees_sum sum = {0};
	bool deepens = trees->kind->deepens;
	if (deepens)
		lepton__trees_measure_leaves(trees, team);
	else
		lepton__trees_measure(trees, team, (size_t)trees->step + 1);
	int code = trees->kind->publish(trees, err);
	if (code)
		return code;
	for (int p = 0; p < LEPTON__TREE_PARTS; p++) {
		sum.loss += trees->sum[p].loss;
		sum.right += trees->sum[p].right;
	}
	lepton__nodes_clear(&trees->fresh);
	trees->replayed = trees->done.trees;
	trees->step++;
	trees->finished = deepens && lepton__growth_over(trees->growth);
	trees->phase = LEPTON__TREES_GROW;
	result->partial = false;
	result->samples = trees->rows;
	result->loss = sum.loss / (double)trees->rows * trees->unit;
	result->accuracy = trees->regression ? NAN : (double)sum.right / (double)trees->rows;
	result->finished = trees->finished || trees->step >= trees->kind->planned(trees);
	result->epoch_ended =
		result->finished || trees->step % lepton__trees_steps_per_epoch(&trees->learner) == 0;
	return LEPTON_OK;
}

int lepton__trees_step(struct lepton_learner *learner, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	struct lepton__trees *trees = (struct lepton__trees *)learner;
	*result = (struct lepton_step_result){.partial = true};
	/* Taken up at its end, or where nothing was left to split: a word of that, no step. */
	if (!trees->foreign && (trees->finished || trees->step >= trees->kind->planned(trees))) {
		result->finished = result->epoch_ended = true;
		return LEPTON_OK;
	}
	switch (trees->phase) {
	case LEPTON__TREES_TURN:
		return turn(trees, err);
	case LEPTON__TREES_REPLAY:
		return replay(trees, team, err);
	case LEPTON__TREES_GROW:
		return grow(trees, team, err);
	case LEPTON__TREES_ADD:
		add(trees, team);
		return LEPTON_OK;
	case LEPTON__TREES_MEASURE:
		return conclude(trees, team, result, err);
	}
	return LEPTON_OK;
}
