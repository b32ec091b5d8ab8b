/* model/look.c - how the numbers inside a learner are spread: of each tensor, and of what each layer gives.
 *
 * A histogram needs its ends before it can be filled. Tensors are walked twice; what layers give is nowhere
 * kept, so the samples run through the network twice, too: once for the ends and the mean, once for the bins
 * and the deviation. Both runs give the same numbers.
 */
#include "config.h"
#include "lepton/look.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- one spread, number by number ---- */

static void begin(struct lepton_spread *s)
{
	*s = (struct lepton_spread){
		.min = (double)NAN, .max = (double)NAN, .mean = (double)NAN, .deviation = (double)NAN};
}

/* First time: the mean holds the sum. */
static void measure(struct lepton_spread *s, const float *values, int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		const double x = (double)values[i];
		s->count++;
		s->odd += !isfinite(x);
		s->zeros += fabs(x) <= 0;
		if (!isfinite(x))
			continue;
		s->min = x < s->min || isnan(s->min) ? x : s->min;
		s->max = x > s->max || isnan(s->max) ? x : s->max;
		s->mean = isnan(s->mean) ? x : s->mean + x;
	}
}

static void settle_mean(struct lepton_spread *s)
{
	s->mean /= (double)(s->count - s->odd);
	s->deviation = s->count > s->odd ? 0 : (double)NAN;
}

static int bin_of(const struct lepton_spread *s, double x)
{
	const double width = s->max - s->min;
	if (!(width > 0) || !isfinite(width))
		return LEPTON_LOOK_BINS / 2;
	const int bin = (int)((x - s->min) / width * LEPTON_LOOK_BINS);
	return bin < LEPTON_LOOK_BINS ? bin : LEPTON_LOOK_BINS - 1;
}

/* Second time: the deviation holds the sum of squares. */
static void sort(struct lepton_spread *s, const float *values, int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		const double x = (double)values[i];
		if (!isfinite(x))
			continue;
		s->bins[bin_of(s, x)]++;
		s->deviation += (x - s->mean) * (x - s->mean);
	}
}

static void settle_deviation(struct lepton_spread *s)
{
	s->deviation = sqrt(s->deviation / (double)(s->count - s->odd));
}

/* ---- tensors ---- */

static void look_at(const struct lepton_tensor *tensor, struct lepton_look_tensor *out)
{
	const int64_t n = lepton_shape_count(&tensor->shape);
	*out = (struct lepton_look_tensor){.shape = tensor->shape};
	lepton__copy_name(out->name, sizeof out->name, tensor->name);
	begin(&out->spread);
	measure(&out->spread, tensor->data, n);
	settle_mean(&out->spread);
	sort(&out->spread, tensor->data, n);
	settle_deviation(&out->spread);
}

static int look_at_tensors(struct lepton_learner *learner, struct lepton_look *out, struct lepton_error *err)
{
	struct lepton_params *weights;
	int code = learner->ops->weights(learner, &weights, err);
	if (code)
		return code;
	const size_t count = lepton_params_count(weights);
	out->tensors = lepton__calloc(count + 1, sizeof *out->tensors);
	for (size_t i = 0; i < count && out->tensors; i++) {
		const struct lepton_tensor *tensor = lepton_params_at(weights, i);
		if (tensor->dtype == LEPTON_F32)
			look_at(tensor, &out->tensors[out->tensor_count++]);
	}
	lepton_params_release(weights);
	return out->tensors ? LEPTON_OK
			    : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to look at the weights");
}

/* ---- layers ---- */

struct walk {
	struct lepton_look *look;
	bool **fired; /* of each layer, which units were not always 0 */
	size_t capacity, fired_capacity;
	bool again; /* the second run */
};

static int meet(struct walk *walk, const struct lepton_outputs *o, struct lepton_error *err)
{
	struct lepton_look *look = walk->look;
	bool *fired = lepton__calloc((size_t)o->units, sizeof *fired);
	if (!fired ||
		lepton__grow(&look->layers, &walk->capacity, look->layer_count + 1, sizeof *look->layers) ||
		lepton__grow(
			&walk->fired, &walk->fired_capacity, look->layer_count + 1, sizeof *walk->fired)) {
		lepton__free(fired);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to look at the layers");
	}
	walk->fired[look->layer_count] = fired;
	struct lepton_look_layer *layer = &look->layers[look->layer_count++];
	*layer = (struct lepton_look_layer){.units = o->units};
	snprintf(layer->name, sizeof layer->name, "%.40s%s", o->name, o->logits ? " (logits)" : "");
	begin(&layer->spread);
	return LEPTON_OK;
}

static int see(void *context, const struct lepton_outputs *o, struct lepton_error *err)
{
	struct walk *walk = context;
	int code = o->layer < walk->look->layer_count ? LEPTON_OK : meet(walk, o, err);
	if (code)
		return code;
	struct lepton_spread *spread = &walk->look->layers[o->layer].spread;
	if (walk->again) {
		sort(spread, o->values, o->rows * o->units);
		return LEPTON_OK;
	}
	walk->look->samples += o->layer ? 0 : o->samples;
	measure(spread, o->values, o->rows * o->units);
	for (int64_t i = 0; i < o->rows * o->units; i++)
		walk->fired[o->layer][i % o->units] |= fabsf(o->values[i]) > 0 || isnan(o->values[i]);
	return LEPTON_OK;
}

static void settle(struct walk *walk, void (*how)(struct lepton_spread *spread))
{
	for (size_t i = 0; i < walk->look->layer_count; i++)
		how(&walk->look->layers[i].spread);
}

static int walk_twice(
	struct walk *walk, struct lepton_learner *learner, int64_t samples, struct lepton_error *err)
{
	int code = learner->ops->outputs(learner, samples, see, walk, err);
	if (code)
		return code;
	settle(walk, settle_mean);
	walk->again = true;
	code = learner->ops->outputs(learner, samples, see, walk, err);
	settle(walk, settle_deviation);
	for (size_t i = 0; i < walk->look->layer_count; i++)
		for (int64_t u = 0; u < walk->look->layers[i].units; u++)
			walk->look->layers[i].idle += !walk->fired[i][u];
	return code;
}

static int look_at_layers(
	struct lepton_learner *learner, int64_t samples, struct lepton_look *out, struct lepton_error *err)
{
	struct walk walk = {.look = out};
	int code = walk_twice(&walk, learner, samples, err);
	for (size_t i = 0; i < out->layer_count; i++)
		lepton__free(walk.fired[i]);
	lepton__free(walk.fired);
	return code;
}

int lepton_look_inside(
	struct lepton_learner *learner, int64_t samples, struct lepton_look *out, struct lepton_error *err)
{
	const struct lepton_learner_ops *ops = learner->ops;
	*out = (struct lepton_look){.samples = 0};
	int code = ops->discrete || ops->foreign ? LEPTON_OK : look_at_tensors(learner, out, err);
	if (!code && ops->outputs)
		code = look_at_layers(learner, samples, out, err);
	if (code)
		lepton_look_clear(out);
	return code;
}

void lepton_look_clear(struct lepton_look *look)
{
	lepton__free(look->tensors);
	lepton__free(look->layers);
	*look = (struct lepton_look){0};
}
