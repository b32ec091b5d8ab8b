/* compress/rounding.c - rate-distortion-optimised rounding.
 *
 * The nearest level is not the best one: where a weight lies near the middle between two levels, the smaller
 * is often far cheaper to write. So each weight takes the level with the least
 *
 *     (weight − number)² / step² + lambda · bits
 *
 * of its nearest, the next towards zero, and zero; `bits` is what the adaptive coder would charge at this
 * very place, after all levels before it (the greedy form of DeepCABAC, Wiegand, Samek et al. 2019, section
 * III-C). With lambda 0 it is plain rounding. A zero stays a zero, so pruning survives. The reader needs none
 * of this: it multiplies a level by the step, exact in double, and rounds once to float.
 */
#include "config.h"
#include "compress/rounding.h"
#include "compress/levels.h"
#include "compress/linear.h"
#include "base/memory.h"

#include <math.h>

struct lepton__steps lepton__steps_even(float step)
{
	return (struct lepton__steps){.step = step, .below = LEPTON__LEVEL_MOST, .above = LEPTON__LEVEL_MOST};
}

struct lepton__steps lepton__steps_book(const float *centroids, uint32_t count)
{
	struct lepton__steps steps = {.step = 1, .centroids = centroids};
	for (uint32_t i = 0; i < count; i++)
		if (centroids[i] < 0)
			steps.below++;
		else
			steps.above++;
	static const float nothing[1];
	if (!centroids)
		steps.centroids = nothing;
	return steps;
}

/* However far out. */
static double stands_for(const struct lepton__steps *steps, int32_t level)
{
	if (!steps->centroids)
		return (double)steps->step * level;
	if (level == 0)
		return 0;
	return (double)steps->centroids[level < 0 ? steps->below + level : steps->below + level - 1];
}

static double number_of(const struct lepton__steps *steps, int32_t level)
{
	return lepton__within_float(stands_for(steps, level));
}

/* The nearest centroid's level by halving; only a true 0 is level 0. */
static int32_t nearest_in_book(const struct lepton__steps *steps, double weight)
{
	int32_t low = 0, high = steps->below + steps->above - 1;
	if (high < 0 || fpclassify(weight) == FP_ZERO)
		return 0;
	while (low < high) { /* the first centroid whose upper border is not below the weight */
		int32_t middle = (low + high) / 2;
		double border = ((double)steps->centroids[middle] + (double)steps->centroids[middle + 1]) / 2;
		if (weight <= border)
			high = middle;
		else
			low = middle + 1;
	}
	return low < steps->below ? low - steps->below : low - steps->below + 1;
}

static int32_t nearest(const struct lepton__steps *steps, double weight)
{
	if (steps->centroids)
		return nearest_in_book(steps, weight);
	double level = steps->step > 0 ? rint(weight / (double)steps->step) : 0;
	return (int32_t)fmax(-LEPTON__LEVEL_MOST, fmin(LEPTON__LEVEL_MOST, level));
}

/* The squared step that errors are measured in. A code book has no step: there it is that of the even
 * steps which would err as much, twelve times the mean squared error. */
static double squared_step(const struct lepton__steps *steps, const float *weights, int64_t count)
{
	double sum = 0;
	if (!steps->centroids)
		return (double)steps->step * (double)steps->step;
	for (int64_t i = 0; i < count; i++) {
		double off = (double)weights[i] - number_of(steps, nearest(steps, (double)weights[i]));
		sum += off * off;
	}
	return 12 * sum / (double)count;
}

struct chooser {
	const struct lepton__steps *steps;
	const struct lepton__bit_costs *costs;
	const struct lepton__level_models *models;
	double bit; /* a bit's worth in squared weight: lambda · step² */
};

static double price(const struct chooser *c, struct lepton__level_place place, double weight, int32_t level)
{
	double off = weight - number_of(c->steps, level);
	return off * off + c->bit * (double)lepton__level_cost(c->costs, c->models, place, level);
}

static int32_t choose(const struct chooser *c, struct lepton__level_place place, double weight)
{
	int32_t best = nearest(c->steps, weight);
	if (!(c->bit > 0) || best == 0)
		return best;
	int32_t others[2] = {best > 0 ? best - 1 : best + 1, 0};
	double least = price(c, place, weight, best);
	for (int i = 0; i < 2; i++) {
		double other = price(c, place, weight, others[i]);
		if (other < least) {
			least = other;
			best = others[i];
		}
	}
	return best;
}

int lepton__rounding_encode(const struct lepton_tensor *tensor, const struct lepton__steps *steps,
	double lambda, struct lepton__buffer *out, struct lepton_error *err)
{
	struct lepton__grid grid = lepton__grid_of(&tensor->shape);
	const float *weights = tensor->data;
	int64_t count = grid.rows * grid.columns;
	struct lepton__range_encoder coder;
	struct lepton__level_models models;
	struct lepton__bit_costs costs;
	int32_t *levels = lepton__calloc((size_t)count, sizeof *levels);
	if (!levels)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "no memory to code %lld weights", (long long)count);
	struct chooser chooser = {.steps = steps, .costs = &costs, .models = &models};
	if (lambda > 0)
		chooser.bit = lambda * squared_step(steps, weights, count);
	lepton__bit_costs_fill(&costs);
	lepton__level_models_init(&models);
	lepton__range_encode_start(&coder, out);
	for (int64_t at = 0; at < count; at++) {
		struct lepton__level_place place =
			lepton__level_place(levels, at, at % grid.columns, grid.columns);
		levels[at] = choose(&chooser, place, (double)weights[at]);
		lepton__level_encode(&coder, &models, place, levels[at]);
	}
	lepton__range_encode_end(&coder);
	lepton__free(levels);
	return out->failed ? lepton_error_set(err, LEPTON_E_NOMEM, "no memory for compressed weights")
			   : LEPTON_OK;
}

static bool rebuild(const struct lepton__steps *steps, const int32_t *levels, int64_t count,
	struct lepton__prediction prediction, float *weights)
{
	for (int64_t i = 0; i < count; i++) {
		if (levels[i] < -steps->below || levels[i] > steps->above)
			return false;
		double number = stands_for(steps, levels[i]);
		if (prediction.base)
			number += lepton__predicted(prediction, i);
		weights[i] = (float)lepton__within_float(number);
	}
	return true;
}

int lepton__rounding_decode(const struct lepton__steps *steps, struct lepton__grid grid,
	struct lepton__prediction prediction, const uint8_t *bytes, size_t size, float *weights, bool *whole,
	struct lepton_error *err)
{
	int64_t count = grid.rows * grid.columns;
	int32_t *levels = lepton__calloc((size_t)count, sizeof *levels);
	if (!levels)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for compressed weights");
	*whole = lepton__levels_decode(bytes, size, levels, count, grid.columns) &&
		 rebuild(steps, levels, count, prediction, weights);
	lepton__free(levels);
	return LEPTON_OK;
}
