/* compress/compress_delta.c - the weight-sharing formula: a version stored as its difference to another.
 *
 * For each tensor θ' = θ - α·θ_prev is kept instead of θ, in 8 bits with a scale, and the version is rebuilt
 * as α·θ_prev + θ'. Versions that share a past differ by little, so θ' is small, its scale is fine, and the
 * error is a fraction of what quantising θ itself would cost. α is given, or the one that leaves the
 * least sum of squares: the derivative of |θ - α·θ_prev|² is zero at
 *
 *     α = <θ, θ_prev> / <θ_prev, θ_prev>
 *
 * (0 where the base is all zero, as fresh biases are: then θ' is θ). α is rounded to float32 before the
 * residual is taken, since that is what a reader will have.
 */
#include "config.h"
#include "compress/methods.h"
#include "compress/payload.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct lepton_option options[] = {
	{"fit", LEPTON_OPTION_CHOICE, 0, 0, 0, "least_squares|given",
		"where alpha comes from; given, when alpha is"},
	{"alpha", LEPTON_OPTION_NUMBER, 1, -1000, 1000, NULL,
		"share of the base to take away, for all tensors"},
	{"per", LEPTON_OPTION_CHOICE, 0, 0, 0, "tensor|channel",
		"one scale for the tensor's residual or one for each channel (last dimension)"},
	{"bits", LEPTON_OPTION_INTEGER, 8, 8, 8, NULL, "of each residual"},
	{"pack", LEPTON_OPTION_CHOICE, 0, 0, 0, "deflate|none",
		"entropy coding of the codes; kept only where it is shorter"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

struct alphas {
	bool given;
	float value;       /* when given */
	float least, most; /* that were used */
};

static int read_alphas(const char *settings, struct alphas *out, struct lepton_error *err)
{
	char fit[32];
	lepton_options_choice(options, settings, "fit", fit, sizeof fit);
	bool least_squares = strcmp(fit, "least_squares") == 0,
	     alpha = lepton_options_given(settings, "alpha");
	if (alpha && least_squares && lepton_options_given(settings, "fit"))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"compress delta: \"alpha\" is given, but \"fit\" asks for least squares: leave one "
			"out");
	*out = (struct alphas){.given = alpha || !least_squares,
		.value = (float)lepton_options_number(options, settings, "alpha"),
		.least = INFINITY,
		.most = -INFINITY};
	return LEPTON_OK;
}

static float least_squares_alpha(const struct lepton_tensor *weights, const struct lepton_tensor *base)
{
	const float *w = weights->data, *b = base->data;
	int64_t count = lepton_shape_count(&weights->shape);
	double cross = 0, square = 0;
	for (int64_t i = 0; i < count; i++) {
		cross += (double)w[i] * (double)b[i];
		square += (double)b[i] * (double)b[i];
	}
	float alpha = square > 0 ? (float)(cross / square) : 0;
	return isfinite(alpha) ? alpha : 0; /* a base of next to nothing predicts nothing */
}

static void describe(const struct alphas *alphas, const char *per,
	const struct lepton__payload_account *account, struct lepton_compress_report *report)
{
	char range[64];
	if (alphas->least < alphas->most)
		snprintf(range, sizeof range, "%.4g to %.4g", (double)alphas->least, (double)alphas->most);
	else
		snprintf(range, sizeof range, "%.4g", (double)alphas->least);
	snprintf(report->detail, sizeof report->detail,
		"alpha %s (%s), residual 8 bits, one scale a %s, codes packed %lld to %lld bytes", range,
		alphas->given ? "given" : "least squares", per, (long long)account->codes,
		(long long)account->packed);
}

static void plan_tensor(const struct lepton_tensor *weights, const struct lepton_tensor *base,
	struct alphas *alphas, struct lepton__plan *plan)
{
	plan->predictor = LEPTON__PREDICT_BASE;
	plan->coding = LEPTON__CODE_LINEAR;
	plan->alpha = alphas->given ? alphas->value : least_squares_alpha(weights, base);
	alphas->least = fminf(alphas->least, plan->alpha);
	alphas->most = fmaxf(alphas->most, plan->alpha);
}

static int encode(const struct lepton_params *weights, const struct lepton_params *base, const char *settings,
	uint8_t **payload, size_t *size, struct lepton_compress_report *report, struct lepton_error *err)
{
	struct alphas alphas = {.given = false};
	struct lepton__payload_account account;
	char per[32];
	size_t count = lepton_params_count(weights);
	int code = read_alphas(settings, &alphas, err);
	if (code)
		return code;
	struct lepton__plan *plans = lepton__calloc(count, sizeof *plans);
	if (!plans)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to take differences");
	lepton_options_choice(options, settings, "per", per, sizeof per);
	for (size_t i = 0; i < count; i++) {
		const struct lepton_tensor *tensor = lepton_params_at(weights, i);
		plan_tensor(tensor, lepton_params_at(base, i), &alphas, &plans[i]);
		plans[i].per_channel = strcmp(per, "channel") == 0 && tensor->shape.rank > 1;
		plans[i].deflate = lepton__compress_deflates(options, settings);
	}
	code = lepton__payload_encode(weights, base, plans, payload, size, &account, err);
	if (!code)
		describe(&alphas, per, &account, report);
	lepton__free(plans);
	return code;
}

static int decode(const uint8_t *payload, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err)
{
	return lepton__payload_decode(payload, size, base, weights, err);
}

const struct lepton_compressor lepton__compress_delta = {
	.name = "delta",
	.summary = "the difference to another version of the same shapes, in 8 bits",
	.needs_base = true,
	.options = options,
	.encode = encode,
	.decode = decode,
};
