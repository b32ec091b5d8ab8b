/* model/factors_als.c - alternating least squares: with the items held, each user is a small least-squares
 * problem of its own, and the other way round.
 *
 * A user's unknowns are the factors p and the bias b. Over the items it rated, with their factors q and
 * biases c, minimise  sum (r − mean − c − q·p − b)² + regularization · n · (|p|² + b²), which is (A + λ n I)
 * x = y with rows (q, 1). It is solved by Cholesky's method, in double. A sweep takes many calls, each a
 * bounded piece; what it makes is kept apart until it is whole.
 */
#include "config.h"
#include "model/factors.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define PIECE 2e7 /* multiplications in one call, about */
#define LEAST                                                                                                \
	1e-12 /* of a pivot, beside the largest: without regularisation a problem may have many answers */

static int unknowns(const struct lepton__factors *model)
{
	return model->k + 1;
}

/* Each one's ratings side by side, in the training split's order. */
static void sort_ratings(struct lepton__factors *model, int s)
{
	struct lepton__factor_side *side = &model->side[s];
	const float *values = lepton_dataset_values(model->data, LEPTON_TRAIN),
		    *targets = lepton_dataset_targets(model->data, LEPTON_TRAIN);
	for (int64_t i = 0; i < model->train; i++) {
		int64_t at = side->starts[(int64_t)values[2 * i + s]]++;
		side->other[at] = (uint32_t)values[2 * i + !s];
		side->rating[at] = targets[i];
	}
	memmove(side->starts + 1, side->starts, (size_t)side->count * sizeof *side->starts);
	side->starts[0] = 0;
}

int lepton__factors_als_prepare(struct lepton__factors *model, struct lepton_error *err)
{
	size_t n = (size_t)unknowns(model);
	model->scratch_size = n * n + 2 * n;
	model->scratch = lepton__calloc(LEPTON__FACTOR_PARTS * model->scratch_size, sizeof *model->scratch);
	if (!model->scratch)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %d factors", model->k);
	sort_ratings(model, 0);
	sort_ratings(model, 1);
	return LEPTON_OK;
}

/* ---- one problem ---- */

struct problem {
	int n;
	double *a, *y, *row; /* lower triangle; right side, then the answer; one equation */
};

static void read_row(const struct lepton__factors *model, const struct lepton__factor_side *others,
	uint32_t other, double *row)
{
	const float *factors = others->factors + (int64_t)other * model->k;
	for (int f = 0; f < model->k; f++)
		row[f] = (double)factors[f];
	row[model->k] = 1;
}

static double wanted(const struct lepton__factors *model, const struct lepton__factor_side *side,
	const struct lepton__factor_side *others, int64_t at)
{
	return (double)side->rating[at] - (double)model->mean - (double)others->bias[side->other[at]];
}

static void set_up(const struct lepton__factors *model, const struct lepton__factor_side *side,
	const struct lepton__factor_side *others, int64_t one, struct problem *p)
{
	int n = p->n;
	int64_t from = side->starts[one], to = side->starts[one + 1];
	memset(p->a, 0, (size_t)(n * n + n) * sizeof *p->a); /* y lies behind a */
	for (int64_t at = from; at < to; at++) {
		double target = wanted(model, side, others, at);
		read_row(model, others, side->other[at], p->row);
		for (int i = 0; i < n; i++) {
			for (int j = 0; j <= i; j++)
				p->a[i * n + j] += p->row[i] * p->row[j];
			p->y[i] += p->row[i] * target;
		}
	}
	for (int i = 0; i < n; i++)
		p->a[i * n + i] += model->regularization * (double)(to - from);
}

/* a = L·Lᵀ, then both triangles. An unknown that nothing determines is 0. */
static void solve(struct problem *p)
{
	int n = p->n;
	double *a = p->a, *y = p->y, largest = 0;
	for (int i = 0; i < n; i++)
		largest = fmax(largest, a[i * n + i]);
	for (int j = 0; j < n; j++) {
		double pivot = a[j * n + j];
		for (int t = 0; t < j; t++)
			pivot -= a[j * n + t] * a[j * n + t];
		double root = pivot > LEAST * largest ? sqrt(pivot) : 0;
		a[j * n + j] = root;
		for (int i = j + 1; i < n; i++) {
			double sum = a[i * n + j];
			for (int t = 0; t < j; t++)
				sum -= a[i * n + t] * a[j * n + t];
			a[i * n + j] = root > 0 ? sum / root : 0;
		}
	}
	for (int i = 0; i < n; i++) {
		for (int t = 0; t < i; t++)
			y[i] -= a[i * n + t] * y[t];
		y[i] = a[i * n + i] > 0 ? y[i] / a[i * n + i] : 0;
	}
	for (int i = n - 1; i >= 0; i--) {
		for (int t = i + 1; t < n; t++)
			y[i] -= a[t * n + i] * y[t];
		y[i] = a[i * n + i] > 0 ? y[i] / a[i * n + i] : 0;
	}
}

/* With what is found, as it will be held. */
static double squared_errors(const struct lepton__factors *model, const struct lepton__factor_side *side,
	const struct lepton__factor_side *others, int64_t one, const float *found, double *row)
{
	double sum = 0;
	for (int64_t at = side->starts[one]; at < side->starts[one + 1]; at++) {
		double error = wanted(model, side, others, at);
		read_row(model, others, side->other[at], row);
		for (int i = 0; i <= model->k; i++)
			error -= row[i] * (double)found[i];
		sum += error * error;
	}
	return sum;
}

/* ---- a piece of a sweep ---- */

struct job {
	struct lepton__factors *model;
	int64_t from, to; /* of the side that is swept */
};

static int swept_side(const struct lepton__factors *model)
{
	return (int)(model->step % 2);
}

static void sweep_part(void *arg, int part)
{
	const struct job *job = arg;
	struct lepton__factors *model = job->model;
	int s = swept_side(model), n = unknowns(model);
	struct lepton__factor_side *side = &model->side[s];
	double *scratch = model->scratch + (size_t)part * model->scratch_size;
	struct problem p = {n, scratch, scratch + n * n, scratch + n * n + n};
	int64_t count = job->to - job->from, to = job->from + count * (part + 1) / LEPTON__FACTOR_PARTS;
	model->part_sum[part] = 0;
	for (int64_t one = job->from + count * part / LEPTON__FACTOR_PARTS; one < to; one++) {
		float *fresh = side->fresh + one * n;
		set_up(model, side, &model->side[!s], one, &p);
		solve(&p);
		for (int i = 0; i < n; i++)
			fresh[i] = (float)p.y[i];
		model->part_sum[part] += squared_errors(model, side, &model->side[!s], one, fresh, p.row);
	}
}

/* The end of the next piece: as many as cost about PIECE, by what is known of them alone. */
static int64_t piece_end(const struct lepton__factors *model, const struct lepton__factor_side *side)
{
	double n = unknowns(model), cost = 0;
	int64_t to = model->swept;
	for (; to < side->count && cost < PIECE; to++)
		cost += n * n * n / 3 + (double)(side->starts[to + 1] - side->starts[to]) * n * n;
	return to;
}

/* What the sweep made becomes the side's. */
static void publish(struct lepton__factors *model, struct lepton__factor_side *side)
{
	int n = unknowns(model);
	for (int64_t i = 0; i < side->count; i++) {
		memcpy(side->factors + i * model->k, side->fresh + i * n, (size_t)model->k * sizeof(float));
		side->bias[i] = side->fresh[i * n + model->k];
	}
}

int lepton__factors_als(struct lepton__factors *model, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	struct lepton__factor_side *side = &model->side[swept_side(model)];
	struct job job = {model, model->swept, piece_end(model, side)};
	model->sum = model->swept ? model->sum : 0;
	team->run(team, LEPTON__FACTOR_PARTS, sweep_part, &job);
	for (int p = 0; p < LEPTON__FACTOR_PARTS; p++)
		model->sum += model->part_sum[p];
	model->swept = job.to;
	result->partial = model->swept < side->count;
	if (result->partial)
		return LEPTON_OK;
	model->swept = 0;
	if (!isfinite(model->sum))
		return lepton_error_set(err, LEPTON_E_DIVERGED,
			"training diverged at step %" PRId64
			": the loss is not a finite number; raise \"regularization\"",
			model->step + 1);
	publish(model, side);
	lepton__factors_advance(model, model->sum, model->train, result);
	return LEPTON_OK;
}
