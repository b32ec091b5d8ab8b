/* model/trees_score.c - the answers of trees, and figures over them. */
#include "config.h"
#include "model/score.h"
#include "model/loss.h"
#include "model/trees.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

#define LEAST 1e-15 /* a leaf may be sure and wrong: its loss is kept finite */

static void softmax(int classes, const float *in, float *out)
{
	float most = in[0], sum = 0;
	for (int c = 1; c < classes; c++)
		most = in[c] > most ? in[c] : most;
	for (int c = 0; c < classes; c++) {
		out[c] = expf(in[c] - most);
		sum += out[c];
	}
	for (int c = 0; c < classes; c++)
		out[c] /= sum;
}

static void logistic(float logit, float out[2])
{
	out[1] = 1 / (1 + expf(-logit));
	out[0] = 1 / (1 + expf(logit));
}

void lepton__trees_finish(const struct lepton__trees *trees, size_t count, const float *sum, float *out)
{
	if (trees->kind->boosts && !trees->regression) {
		if (trees->sums == 1)
			logistic(*sum, out);
		else
			softmax(trees->classes, sum, out);
		return;
	}
	float share = trees->kind->boosts ? 1 : (float)count;
	for (int c = 0; c < trees->classes; c++)
		out[c] = sum[c] / share;
}

const float *lepton__trees_leaf(const struct lepton__trees *trees, const struct lepton__nodes *nodes,
	size_t tree, enum lepton_split split, int64_t sample)
{
	int64_t at = sample * trees->features;
	return nodes->numbers
		       ? lepton__nodes_leaf_of(nodes, tree, lepton_dataset_values(trees->data, split) + at)
		       : lepton__nodes_leaf(nodes, tree, lepton_dataset_pixels(trees->data, split) + at);
}

double lepton__trees_loss(float share)
{
	return -log(fmax((double)share, LEAST));
}

void lepton__trees_sum_add(const struct lepton__trees *trees, enum lepton_split split, int64_t sample,
	const float *answer, float times, struct lepton__trees_sum *sum)
{
	if (trees->regression) {
		double error = (double)(*answer / times) -
			       (double)lepton_dataset_targets(trees->data, split)[sample];
		sum->loss += error * error;
		return;
	}
	int label = lepton_dataset_labels(trees->data, split)[sample];
	sum->right += lepton__largest(trees->classes, answer) == label;
	sum->loss += lepton__trees_loss(answer[label] / times);
}

/* Of a row of bytes, or of a table's numbers. */
static void answer(const struct lepton__trees *trees, const uint8_t *row, const float *numbers, float *out)
{
	const struct lepton__nodes *nodes = &trees->done;
	size_t sums = (size_t)trees->sums;
	for (size_t c = 0; c < sums; c++)
		out[c] = 0;
	for (size_t t = 0; t < nodes->trees; t++) {
		const float *value = numbers ? lepton__nodes_leaf_of(nodes, t, numbers)
					     : lepton__nodes_leaf(nodes, t, row);
		if (trees->kind->boosts)
			out[t % sums] += *value;
		else
			for (size_t c = 0; c < sums; c++)
				out[c] += value[c];
	}
	lepton__trees_finish(trees, nodes->trees, out, out);
}

struct job {
	struct lepton__trees *trees;
	enum lepton_split split;
	int64_t from, to;
	struct lepton__trees_sum sum[LEPTON__TREE_PARTS];
};

static void score_part(void *arg, int part)
{
	struct job *job = arg;
	const struct lepton__trees *trees = job->trees;
	const uint8_t *pixels = lepton_dataset_pixels(trees->data, job->split);
	const float *values = lepton_dataset_values(trees->data, job->split);
	float out[LEPTON__CLASSES_MAX];
	int64_t n = job->to - job->from;
	job->sum[part] = (struct lepton__trees_sum){0};
	for (int64_t i = job->from + n * part / LEPTON__TREE_PARTS;
		i < job->from + n * (part + 1) / LEPTON__TREE_PARTS; i++) {
		answer(trees, pixels ? pixels + i * trees->features : NULL,
			values ? values + i * trees->features : NULL, out);
		lepton__trees_sum_add(trees, job->split, i, out, 1, &job->sum[part]);
	}
}

int lepton__trees_evaluate(struct lepton_learner *learner, const struct lepton_team *team,
	enum lepton_split split, int64_t from, int64_t to, struct lepton_score *score,
	struct lepton_error *err)
{
	struct lepton__trees *trees = (struct lepton__trees *)learner;
	struct lepton__trees_sum sum = {0};
	int code = lepton__score_begin(trees->data, split, from, to, score, err);
	if (code || from == to)
		return code;
	struct job job = {trees, split, from, to, {{0, 0}}};
	team->run(team, LEPTON__TREE_PARTS, score_part, &job);
	for (int p = 0; p < LEPTON__TREE_PARTS; p++) {
		sum.loss += job.sum[p].loss;
		sum.right += job.sum[p].right;
	}
	score->samples = to - from;
	score->loss = sum.loss / (double)score->samples * trees->unit;
	score->accuracy = trees->regression ? NAN : (double)sum.right / (double)score->samples;
	return LEPTON_OK;
}

/* Back from 0..1 to the bytes that trees know; exact for what was a byte. */
static uint8_t byte_of(float x)
{
	return x > 0 ? (uint8_t)lrintf(fminf(x, 1) * 255) : 0;
}

int lepton__trees_predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
	struct lepton_error *err)
{
	struct lepton__trees *trees = (struct lepton__trees *)learner;
	if (n < 0)
		return lepton_error_set(err, LEPTON_E_USAGE, "cannot predict %" PRId64 " samples", n);
	uint8_t *row = lepton__malloc((size_t)trees->features);
	if (!row)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a sample");
	for (int64_t i = 0; i < n; i++, x += trees->features) {
		for (int f = 0; f < trees->features && !trees->done.numbers; f++)
			row[f] = byte_of(x[f]);
		answer(trees, row, trees->done.numbers ? x : NULL, probabilities + i * trees->classes);
	}
	lepton__free(row);
	return LEPTON_OK;
}
