/* model/solver_score.c - the answers of SVMs and linear models, and figures over them. */
#include "config.h"
#include "model/score.h"
#include "model/solver.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

#define PARTS 16 /* of samples, whatever the number of workers; their sums are added in order */

struct sum {
	double loss;
	int64_t right;
	bool failed;
};

struct job {
	const struct lepton__solver *solver;
	enum lepton_split split;
	int64_t from, to;
	struct sum sum[PARTS];
};

static void score_part(void *arg, int part)
{
	struct job *job = arg;
	const struct lepton__solver *s = job->solver;
	struct sum sum = {0};
	int64_t n = job->to - job->from, first = job->from + n * part / PARTS,
		end = job->from + n * (part + 1) / PARTS;
	float *x = lepton__calloc((size_t)s->features, sizeof *x);
	double *work = lepton__calloc(s->kind->room(s), sizeof *work), loss;
	sum.failed = !x || !work;
	for (int64_t i = first; i < end && !sum.failed; i++) {
		uint32_t index = (uint32_t)i;
		int32_t label;
		lepton_dataset_gather(s->data, job->split, &index, 1, x, &label);
		sum.right += s->kind->decide(s, x, label, work, &loss, NULL) == label;
		sum.loss += loss;
	}
	job->sum[part] = sum;
	lepton__free(x);
	lepton__free(work);
}

static int no_weights(const struct lepton__solver *s, struct lepton_error *err)
{
	return s->outside.weights
		       ? LEPTON_OK
		       : lepton_error_set(err, LEPTON_E_STATE,
				 "%s: no weights yet: they come when training ends", s->kind->name);
}

int lepton__solver_evaluate(struct lepton_learner *learner, const struct lepton_team *team,
	enum lepton_split split, int64_t from, int64_t to, struct lepton_score *score,
	struct lepton_error *err)
{
	struct lepton__solver *s = (struct lepton__solver *)learner;
	struct job job = {.solver = s, .split = split, .from = from, .to = to};
	struct sum all = {0};
	int code = lepton__score_begin(s->data, split, from, to, score, err);
	if (!code)
		code = no_weights(s, err);
	if (code || from == to)
		return code;
	team->run(team, PARTS, score_part, &job);
	for (int p = 0; p < PARTS; p++) {
		all.loss += job.sum[p].loss;
		all.right += job.sum[p].right;
		all.failed = all.failed || job.sum[p].failed;
	}
	if (all.failed)
		return lepton_error_set(err, LEPTON_E_NOMEM, "%s: out of memory to score", s->kind->name);
	score->samples = to - from;
	score->loss = all.loss / (double)score->samples;
	score->accuracy = (double)all.right / (double)score->samples;
	return LEPTON_OK;
}

/* A table's row without what is missing in it. */
static const float *fill(const struct lepton__solver *s, const float *x, float *room)
{
	if (!lepton_dataset_info(s->data)->features)
		return x;
	lepton_dataset_fill(s->data, x, 1, room);
	return room;
}

int lepton__solver_predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
	struct lepton_error *err)
{
	struct lepton__solver *s = (struct lepton__solver *)learner;
	double loss;
	if (n < 0)
		return lepton_error_set(err, LEPTON_E_USAGE, "cannot predict %" PRId64 " samples", n);
	int code = no_weights(s, err);
	if (code)
		return code;
	double *work = lepton__calloc(s->kind->room(s), sizeof *work);
	float *filled = lepton__calloc((size_t)s->features, sizeof *filled);
	if (!work || !filled)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "%s: out of memory to predict", s->kind->name);
	for (int64_t i = 0; i < n && !code; i++)
		(void)s->kind->decide(s, fill(s, x + i * s->features, filled), -1, work, &loss,
			probabilities + i * s->classes);
	lepton__free(work);
	lepton__free(filled);
	return code;
}
