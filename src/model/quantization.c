/* model/quantization.c - quantisation-aware training: the layers run on rounded weights, the optimiser moves
 * exact ones.
 *
 * Rounding has no gradient; the gradient by the rounded weight is taken for that by the exact one (the
 * straight-through estimator: Bengio, Léonard and Courville, 2013; Jacob et al., "Quantization and training
 * of neural networks for efficient integer-arithmetic-only inference", 2018). So a weight moves on until it
 * rounds to another code.
 *
 * A weight becomes scale · code. With 8 bits the scale is the largest weight over 127. With fewer that would
 * send most weights to 0, so two scales are tried in every step: that one, and one from the mean size, near
 * the best for a bell curve, after some turns of fitting the scale to its codes, as k-means does. (The
 * squared error is then within a quarter of the least up to 4 bits, within a half from 5 on, where it is next
 * to nothing.) It depends on the weights alone, so a checkpoint needs nothing more; and since the largest
 * weight of rounded ones is `most` times their scale, rounding them again changes nothing: the last step
 * leaves the weights rounded, and `compress --method quantize` then keeps them as they are.
 */
#include "config.h"
#include "model/quantization.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define WHERE "quantization"
#define TURNS 2
#define EXACT 1e-9F /* of the weights' squares: no error */

static const struct lepton__key keys[] = {
	{"bits", LEPTON__KEY_INTEGER, 2, 8, NULL, true, "of each weight; 2: -1, 0 and 1 times the scale"},
	{"per", LEPTON__KEY_STRING, 0, 0, "channel|tensor", false,
		"one scale for each channel or one for the whole tensor; channel"},
	{0},
};

int lepton__quantization_read(struct lepton__quantization *q, const cJSON *config, struct lepton_error *err)
{
	*q = (struct lepton__quantization){.on = config != NULL};
	if (!config)
		return LEPTON_OK;
	int code = lepton__keys_check(keys, config, false, WHERE, err);
	if (code)
		return code;
	q->most = (1 << (lepton__json_get_int(config, "bits", 8) - 1)) - 1;
	q->per_channel = strcmp(lepton__json_get_string(config, "per", "channel"), "channel") == 0;
	return LEPTON_OK;
}

int lepton__quantization_plan(
	struct lepton__quantization *q, const struct lepton__graph *graph, struct lepton_error *err)
{
	int64_t widest = 1;
	if (!q->on)
		return LEPTON_OK;
	q->tensors = lepton__graph_matrices(graph, &q->count);
	for (int i = 0; i < q->count; i++)
		widest = q->tensors[i].columns > widest ? q->tensors[i].columns : widest;
	q->sums = lepton__calloc((size_t)widest, 6 * sizeof *q->sums);
	q->rounded = lepton__aligned((size_t)graph->floats, sizeof *q->rounded);
	return q->tensors && q->sums && q->rounded
		       ? LEPTON_OK
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for quantization");
}

void lepton__quantization_free(struct lepton__quantization *q)
{
	lepton__free(q->tensors);
	lepton__free(q->sums);
	lepton__free(q->rounded);
	*q = (struct lepton__quantization){0};
}

/* ---- scales ---- */

struct columns {
	int64_t rows, count;
	const float *w;
	float most;
	float *widest, *scale; /* two scales a column */
	float *cross, *square, *error, *widest_error;
};

static void measure(const struct columns *c, const float *scale, float *error)
{
	lepton__kernels_get()->code_sums(c->rows, c->count, c->w, scale, c->most, c->cross, c->square, error);
}

/* One for all columns: their sum, or the largest. */
static void share(bool per_channel, int64_t count, float *values, bool largest)
{
	float all = 0;
	if (per_channel)
		return;
	for (int64_t k = 0; k < count; k++)
		all = largest ? fmaxf(all, values[k]) : all + values[k];
	for (int64_t k = 0; k < count; k++)
		values[k] = all;
}

/* Of a bell curve's mean size, the scale of least squared error: found by trying, for 1, 3, 7, 15, 31, 63. */
static float bell(int most)
{
	static const struct {
		int most;
		float scale;
	} found[] = {{1, 1.54F}, {3, 0.82F}, {7, 0.44F}, {15, 0.24F}, {31, 0.13F}, {63, 0.072F}};
	for (size_t i = 0; i < sizeof found / sizeof *found; i++)
		if (found[i].most == most)
			return found[i].scale;
	return 1;
}

/* Leaves the better of two in c->scale. No scale is above largest / most, so that the largest weight has the
 * largest code. */
static void fit(const struct lepton__quantization *q, const struct columns *c)
{
	lepton__kernels_get()->column_sizes(c->rows, c->count, c->w, c->widest, c->scale);
	share(q->per_channel, c->count, c->widest, true);
	share(q->per_channel, c->count, c->scale, false);
	const float weights = (float)c->rows * (q->per_channel ? 1 : (float)c->count);
	for (int64_t k = 0; k < c->count; k++) {
		c->widest[k] /= c->most;
		c->scale[k] = fminf(c->widest[k], bell(q->most) * c->scale[k] / weights);
	}
	if (q->most == 127) {
		memcpy(c->scale, c->widest, (size_t)c->count * sizeof(float));
		return;
	}
	measure(c, c->widest, c->widest_error);
	for (int turn = 0; turn <= TURNS; turn++) {
		measure(c, c->scale, c->error);
		share(q->per_channel, c->count, c->cross, false);
		share(q->per_channel, c->count, c->square, false);
		for (int64_t k = 0; turn < TURNS && k < c->count; k++)
			if (c->square[k] > 0)
				c->scale[k] = fminf(c->widest[k], c->cross[k] / c->square[k]);
	}
	share(q->per_channel, c->count, c->error, false);
	share(q->per_channel, c->count, c->widest_error, false);
	/* Of rounded weights both are next to nothing, and the widest is theirs. */
	for (int64_t k = 0; k < c->count; k++)
		if (!(c->error[k] + EXACT * c->cross[k] * c->scale[k] < c->widest_error[k]))
			c->scale[k] = c->widest[k];
}

/* A scale that comes back when the largest weight, rounded, is divided by `most` again. */
static float settled(float scale, float most)
{
	for (int i = 0; i < 4; i++) {
		const float largest = scale * most;
		scale = largest / most;
	}
	return scale;
}

void lepton__quantization_round(
	const struct lepton__quantization *q, const struct lepton__graph *graph, const float *weights)
{
	memcpy(q->rounded, weights, (size_t)graph->floats * sizeof *weights);
	for (int i = 0; i < q->count; i++) {
		const struct lepton__matrix *t = &q->tensors[i];
		float *sums = q->sums, *to = q->rounded + t->offset;
		const struct columns c = {t->count / t->columns, t->columns, weights + t->offset,
			(float)q->most, sums, sums + t->columns, sums + 2 * t->columns, sums + 3 * t->columns,
			sums + 4 * t->columns, sums + 5 * t->columns};
		fit(q, &c);
		for (int64_t k = 0; k < c.count; k++)
			c.scale[k] = settled(c.scale[k], c.most);
		lepton__kernels_get()->code_round(c.rows, c.count, c.w, c.scale, c.most, to);
	}
}
