/* model/learner_gradient_boosting.c - trees that correct those before them: a step is a round, a tree a
 * class.
 *
 * Softmax over the classes' sums. For class k the gradient of the loss is p - [label is k] and its curvature
 * p (1 - p); a leaf's value is the Newton step. Every class starts from the logarithm of its share, kept as
 * the first trees, of one leaf each. Two classes have one sum, the logit of the second, and one tree a round:
 * two mirrored sums would go twice as far in twice the time. Regression has one sum, which starts from the
 * mean; its gradient is the error.
 */
#include "config.h"
#include "model/trees.h"

#include <math.h>

#define DRAWS ((uint64_t)1 << 62)
#define SHARE_MIN 1e-15

static int64_t planned(const struct lepton__trees *trees)
{
	return trees->settings.estimators;
}

static double first_value(const struct lepton__trees *trees, int sum)
{
	double shares[LEPTON__CLASSES_MAX];
	if (trees->regression)
		return lepton__trees_mean(trees);
	lepton__trees_shares(trees, shares);
	if (trees->sums == 1)
		return log(fmax(shares[1], SHARE_MIN) / fmax(shares[0], SHARE_MIN));
	return log(fmax(shares[sum], SHARE_MIN));
}

static int start(struct lepton__trees *trees, struct lepton_error *err)
{
	for (int sum = 0; sum < trees->sums; sum++) {
		int32_t root;
		int code = lepton__nodes_add(&trees->done, 1, &root, err);
		if (!code)
			code = lepton__nodes_add_root(&trees->done, root, err);
		if (code)
			return code;
		trees->done.value[root] = (float)first_value(trees, sum);
	}
	return LEPTON_OK;
}

static void set_gradients(const struct lepton__trees *trees, int sum, struct lepton__gradient *gradient)
{
	int which = trees->sums == 1 ? 1 : sum;
	const uint8_t *labels = lepton_dataset_labels(trees->data, LEPTON_TRAIN);
	for (int64_t i = 0; i < trees->rows; i++) {
		double p = (double)trees->probability[i * trees->classes + which];
		gradient[i].g = (int32_t)lrint((p - (labels[i] == which)) * LEPTON__FIXED);
		gradient[i].h = (int32_t)lrint(p * (1 - p) * LEPTON__FIXED);
	}
}

/* The round's share of the samples, without repetition, in order (Knuth's algorithm S). */
static int64_t choose(const struct lepton__trees *trees, struct lepton__growth *growth, int64_t step)
{
	int64_t wanted = (int64_t)fmax(1, floor(trees->settings.subsample * (double)trees->rows)), got = 0;
	struct lepton__rng rng;
	lepton__rng_init(&rng, trees->seed, DRAWS | (uint64_t)step);
	for (int64_t i = 0; i < trees->rows && got < wanted; i++)
		if (wanted == trees->rows ||
			(int64_t)lepton__rng_below(&rng, (uint32_t)(trees->rows - i)) < wanted - got)
			growth->sample[got++] = (uint32_t)i;
	return got;
}

static int begin(
	struct lepton__trees *trees, struct lepton__tree_lane *lane, int64_t tree, struct lepton_error *err)
{
	struct lepton__growth *growth = &lane->growth;
	int64_t step = tree / trees->sums;
	trees->round = INT32_MAX;
	if (trees->regression)
		lepton__trees_set_errors(trees, trees->score);
	else
		set_gradients(trees, (int)(tree % trees->sums), lane->gradient);
	int64_t count = choose(trees, growth, step);
	return lepton__growth_begin(growth, count, (uint64_t)step, err);
}

static int publish(struct lepton__trees *trees, struct lepton_error *err)
{
	return lepton__nodes_append(&trees->done, &trees->fresh, err);
}

static const struct lepton__tree_kind kind = {
	"gradient_boosting", true, false, false, planned, start, begin, publish};

static int create(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	return lepton__trees_create(&lepton__learner_gradient_boosting, &kind, config, seed, data, out, err);
}

const struct lepton_learner_ops lepton__learner_gradient_boosting = {
	.name = "gradient_boosting",
	.summary = "rounds of small trees, each correcting the sum of those before",
	LEPTON__TREES_OPS,
};
