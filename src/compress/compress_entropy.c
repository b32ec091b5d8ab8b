/* compress/compress_entropy.c - even steps and an adaptive arithmetic coder, as DeepCABAC has them.
 *
 * A trained layer's weights crowd round zero in a bell, so most of them can be said in two or three bits once
 * rounded to even steps, and the coder learns from the weights themselves how few (Wiegand, Samek et al.,
 * "DeepCABAC: a universal compression algorithm for deep neural networks", 2019; the core of MPEG's NNC,
 * ISO/IEC 15938-17). The step goes by the tensor's root mean square, which, unlike its largest weight, says
 * how wide the bell is. The rounding prefers cheap levels: rounding.c. After a stage that shares weights
 * there is nothing to step; then the choice among the shared values is what is priced.
 */
#include "config.h"
#include "compress/methods.h"
#include "compress/product.h"
#include "compress/stages.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define FINEST 1048576 /* levels either side of zero at most: the coder's bound */

static const struct lepton_option options[] = {
	LEPTON__STEP_OPTIONS, LEPTON__LAMBDA_OPTIONS, LEPTON__OPTIONS_END};

static double largest_of(const float *values, int64_t count)
{
	double largest = 0;
	for (int64_t i = 0; i < count; i++)
		largest = fmax(largest, fabs((double)values[i]));
	return largest;
}

/* Of the numbers that are not zero: pruning is not to make the others' steps finer. */
static double root_mean_square(const float *values, int64_t count)
{
	double sum = 0;
	int64_t some = 0;
	for (int64_t i = 0; i < count; i++) {
		sum += (double)values[i] * (double)values[i];
		some += fpclassify(values[i]) != FP_ZERO;
	}
	return some ? sqrt(sum / (double)some) : 0;
}

float lepton__stage_step(const struct lepton_tensor *tensor, int bits, double share)
{
	int64_t count = lepton_shape_count(&tensor->shape);
	double largest = largest_of(tensor->data, count);
	double step =
		bits ? largest / fmax(1, exp2(bits - 1) - 1) : share * root_mean_square(tensor->data, count);
	float found = (float)fmin(fmax(step, largest / FINEST), (double)FLT_MAX);
	return found > 0 || !(largest > 0) ? found : nextafterf(0, 1);
}

/* The steps' size, which a table without STEP_OPTIONS has no say in. */
static int read_step(struct lepton__stages *stages, int *bits, double *share, struct lepton_error *err)
{
	*bits = 0;
	*share = 0;
	if (!lepton_options_has(stages->options, "step"))
		return LEPTON_OK;
	*bits = (int)lepton_options_number(stages->options, stages->settings, "bits");
	*share = lepton_options_number(stages->options, stages->settings, "step");
	if (*bits && lepton_options_given(stages->settings, "step"))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"compress entropy: \"bits\" and \"step\" both say how far apart the levels are: "
			"leave one out");
	if (*bits == 1)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"compress entropy: \"bits\" is 1, but zero and "
			"two signs take 2");
	return LEPTON_OK;
}

static void say(struct lepton__stages *stages, int bits, double share, double lambda, const char *biases)
{
	if (bits)
		lepton__stage_says(stages, "steps of %d bits", bits);
	else if (share > 0)
		lepton__stage_says(stages, "steps of %g root mean squares", share);
	lepton__stage_says(stages, "range-coded, lambda %g, biases %s", lambda, biases);
}

static void step_factors(
	const struct lepton_tensor *tensor, struct lepton__plan *plan, int bits, double share)
{
	struct lepton_tensor left, right;
	lepton__product_factors(plan, lepton__grid_of(&tensor->shape), &left, &right);
	plan->stepped = true;
	plan->step = lepton__stage_step(&left, bits, share);
	plan->step_right = lepton__stage_step(&right, bits, share);
}

int lepton__stage_entropy(struct lepton__stages *stages, struct lepton_error *err)
{
	int bits;
	double share;
	char biases[32];
	int code = read_step(stages, &bits, &share, err);
	if (code)
		return code;
	double lambda = lepton_options_number(stages->options, stages->settings, "lambda");
	lepton_options_choice(stages->options, stages->settings, "biases", biases, sizeof biases);
	bool keep = strcmp(biases, "float32") == 0;
	for (size_t i = 0; i < lepton_params_count(stages->weights); i++) {
		const struct lepton_tensor *tensor = lepton_params_at(stages->weights, i);
		struct lepton__plan *plan = &stages->plans[i];
		bool spared = lepton__stage_spares(tensor);
		if (spared && keep)
			continue;
		plan->lambda = spared ? 0 : lambda;
		if (plan->coding == LEPTON__CODE_BOOK)
			continue;
		if (plan->coding == LEPTON__CODE_PRODUCT) {
			step_factors(tensor, plan, bits, share);
			continue;
		}
		plan->coding = LEPTON__CODE_LEVELS;
		plan->step = lepton__stage_step(tensor, spared ? LEPTON__BIAS_BITS : bits, share);
	}
	say(stages, bits, share, lambda, biases);
	return LEPTON_OK;
}

LEPTON__ROW(entropy, "entropy", "even steps, cheap rounding, an adaptive arithmetic coder", options,
	lepton__stage_entropy);
