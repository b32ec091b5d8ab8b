/* compress/compress_delta.c - the weight-sharing formula: a version stored as its difference to another.
 *
 * For each tensor θ' = θ - α·θ_prev is kept instead of θ, and the version is rebuilt as α·θ_prev + θ'.
 * Versions that share a past differ by little, so θ' is small, and the error is a fraction of what quantising
 * θ itself would cost. α is given, or the one that leaves the least sum of squares: the derivative of |θ -
 * α·θ_prev|² is zero at
 *
 *     α = <θ, θ_prev> / <θ_prev, θ_prev>
 *
 * (0 where the base is all zero, as fresh biases are: then θ' is θ). α is rounded to float32 before the
 * residual is taken, since that is what a reader will have. θ' itself is kept in one of three ways: 8 bits
 * with a scale; even steps, chosen for their price as compress_entropy.c has it; or to the bit, when what is
 * restored must be what was trained.
 */
#include "config.h"
#include "compress/exact.h"
#include "compress/methods.h"
#include "compress/stages.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_BYTES ((size_t)1 << 36)

static const struct lepton_option options[] = {
	{"residual", LEPTON_OPTION_CHOICE, 0, 0, 0, "linear|steps|exact",
		"how the difference is kept: 8 bits and a scale, even steps range-coded, or to the bit"},
	{"fit", LEPTON_OPTION_CHOICE, 0, 0, 0, "least_squares|given",
		"where alpha comes from; given, when alpha is"},
	{"alpha", LEPTON_OPTION_NUMBER, 1, -1000, 1000, NULL,
		"share of the base to take away, for all tensors"},
	{"alphas", LEPTON_OPTION_CHOICE, 0, 0, 0, "tensor|channel",
		"of least squares: one for each tensor or for each channel (last dimension)"},
	{"per", LEPTON_OPTION_CHOICE, 0, 0, 0, "tensor|channel",
		"linear: one scale for the tensor's residual or one for each channel (last dimension)"},
	{"bits", LEPTON_OPTION_INTEGER, 8, 8, 8, NULL, "linear: of each residual"},
	{"pack", LEPTON_OPTION_CHOICE, 0, 0, 0, "deflate|none",
		"linear: entropy coding of the codes; kept only where it is shorter"},
	{"step", LEPTON_OPTION_NUMBER, 1, 0.001, 64, NULL,
		"steps: between levels, as a share of the residual's root mean square"},
	{"lambda", LEPTON_OPTION_NUMBER, 0.05, 0, 10, NULL,
		"steps: what a bit is worth in squared steps; 0 rounds to the nearest"},
	{"biases", LEPTON_OPTION_CHOICE, 0, 0, 0, "exact|coded",
		"steps: tensors of rank 1 to the bit, or in even steps of 8 bits"},
	LEPTON__OPTIONS_END};

/* Which settings go with which way of keeping the residual. */
static const struct {
	const char *setting, *residual;
} belongs[] = {{"per", "linear"}, {"bits", "linear"}, {"pack", "linear"}, {"step", "steps"},
	{"lambda", "steps"}, {"biases", "steps"}};

static int check_residual(const char *settings, char residual[32], struct lepton_error *err)
{
	lepton_options_choice(options, settings, "residual", residual, 32);
	for (size_t i = 0; i < sizeof belongs / sizeof *belongs; i++)
		if (strcmp(belongs[i].residual, residual) != 0 &&
			lepton_options_given(settings, belongs[i].setting))
			return lepton_error_set(err, LEPTON_E_USAGE,
				"compress delta: \"%s\" goes with residual \"%s\", not \"%s\": leave one out",
				belongs[i].setting, belongs[i].residual, residual);
	return LEPTON_OK;
}

struct alphas {
	bool given, by_channel;
	float value;       /* when given */
	float least, most; /* that were used */
};

static int read_alphas(const char *settings, struct alphas *out, struct lepton_error *err)
{
	char fit[32], per[32];
	lepton_options_choice(options, settings, "fit", fit, sizeof fit);
	bool least_squares = strcmp(fit, "least_squares") == 0,
	     alpha = lepton_options_given(settings, "alpha");
	if (alpha && least_squares && lepton_options_given(settings, "fit"))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"compress delta: \"alpha\" is given, but \"fit\" asks for least squares: leave one "
			"out");
	lepton_options_choice(options, settings, "alphas", per, sizeof per);
	bool by_channel = strcmp(per, "channel") == 0;
	if (by_channel && (alpha || !least_squares))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"compress delta: \"alphas\" a channel are fitted, but alpha is given: leave one out");
	*out = (struct alphas){.given = alpha || !least_squares,
		.by_channel = by_channel,
		.value = (float)lepton_options_number(options, settings, "alpha"),
		.least = INFINITY,
		.most = -INFINITY};
	return LEPTON_OK;
}

static double inner(const struct lepton_tensor *a, const struct lepton_tensor *b)
{
	const float *x = a->data, *y = b->data;
	int64_t count = lepton_shape_count(&a->shape);
	double sum = 0;
	for (int64_t i = 0; i < count; i++)
		sum += (double)x[i] * (double)y[i];
	return sum;
}

static float least_squares_alpha(const struct lepton_tensor *weights, const struct lepton_tensor *base)
{
	double square = inner(base, base);
	float alpha = square > 0 ? (float)(inner(weights, base) / square) : 0;
	return isfinite(alpha) ? alpha : 0; /* a base of next to nothing predicts nothing */
}

/* One for each column, heap; NULL without memory. */
static float *channel_alphas(const struct lepton_tensor *weights, const struct lepton_tensor *base)
{
	const struct lepton__grid grid = lepton__grid_of(&weights->shape);
	const float *x = weights->data, *y = base->data;
	float *alphas = lepton__calloc((size_t)grid.columns, sizeof *alphas);
	for (int64_t c = 0; alphas && c < grid.columns; c++) {
		double cross = 0, square = 0;
		for (int64_t at = c; at < grid.rows * grid.columns; at += grid.columns) {
			cross += (double)x[at] * (double)y[at];
			square += (double)y[at] * (double)y[at];
		}
		float alpha = square > 0 ? (float)(cross / square) : 0;
		alphas[c] = isfinite(alpha) ? alpha : 0;
	}
	return alphas;
}

double lepton__delta_left(const struct lepton_params *weights, const struct lepton_params *base)
{
	double whole = 0, told = 0;
	for (size_t i = 0; i < lepton_params_count(weights); i++) {
		const struct lepton_tensor *w = lepton_params_at(weights, i), *b = lepton_params_at(base, i);
		double square = inner(b, b), cross = inner(w, b);
		whole += inner(w, w);
		told += square > 0 ? cross * cross / square : 0;
	}
	return whole > 0 ? fmax(0, 1 - told / whole) : 0;
}

/* ---- the residual ------------------------------------------------------------------------------ */

struct delta {
	char residual[32], per[32];
	bool deflate, code_biases;
	double step, lambda;
	struct alphas alphas;
};

static int read_settings(const char *settings, struct delta *out, struct lepton_error *err)
{
	char biases[32];
	*out = (struct delta){.step = 0};
	int code = check_residual(settings, out->residual, err);
	if (!code)
		code = read_alphas(settings, &out->alphas, err);
	lepton_options_choice(options, settings, "per", out->per, sizeof out->per);
	lepton_options_choice(options, settings, "biases", biases, sizeof biases);
	out->code_biases = strcmp(biases, "coded") == 0;
	out->deflate = lepton__compress_deflates(options, settings);
	out->step = lepton_options_number(options, settings, "step");
	out->lambda = lepton_options_number(options, settings, "lambda");
	return code;
}

static int plan_steps(const struct delta *delta, const struct lepton_tensor *weights,
	struct lepton__prediction prediction, struct lepton__plan *plan, struct lepton_error *err)
{
	struct lepton_tensor residual = *weights;
	bool spared = lepton__stage_spares(weights);
	float *left = lepton__residual(weights, prediction);
	if (!left)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to take differences");
	residual.data = left;
	plan->coding = LEPTON__CODE_LEVELS;
	plan->step = lepton__stage_step(&residual, spared ? LEPTON__BIAS_BITS : 0, delta->step);
	plan->lambda = spared ? 0 : delta->lambda;
	lepton__free(left);
	return LEPTON_OK;
}

static int exact_bytes(const struct lepton_tensor *weights, struct lepton__prediction prediction,
	size_t *bytes, struct lepton_error *err)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, MOST_BYTES);
	int code =
		lepton__exact_encode(lepton__grid_of(&weights->shape), weights->data, prediction, &out, err);
	*bytes = out.size;
	lepton__buffer_free(&out);
	return code;
}

/* To the bit, nearness in value is not all: what did not change at all costs least with alpha 1. */
static int plan_exact(const struct delta *delta, const struct lepton_tensor *weights,
	struct lepton__prediction prediction, struct lepton__plan *plan, struct lepton_error *err)
{
	size_t fitted, whole;
	plan->coding = LEPTON__CODE_EXACT;
	if (delta->alphas.given)
		return LEPTON_OK;
	int code = exact_bytes(weights, prediction, &fitted, err);
	prediction.alpha = 1;
	prediction.alphas = NULL;
	if (!code)
		code = exact_bytes(weights, prediction, &whole, err);
	if (!code && whole <= fitted) {
		plan->alpha = 1;
		lepton__free(plan->alphas);
		plan->alphas = NULL;
	}
	return code;
}

static int plan_tensor(struct delta *delta, const struct lepton_tensor *weights,
	const struct lepton_tensor *base, struct lepton__plan *plan, struct lepton_error *err)
{
	int code = LEPTON_OK;
	bool spared = lepton__stage_spares(weights), steps = strcmp(delta->residual, "steps") == 0;
	plan->predictor = LEPTON__PREDICT_BASE;
	plan->coding = LEPTON__CODE_LINEAR;
	plan->alpha = delta->alphas.given ? delta->alphas.value : least_squares_alpha(weights, base);
	plan->per_channel = strcmp(delta->per, "channel") == 0 && weights->shape.rank > 1;
	plan->deflate = delta->deflate;
	if (delta->alphas.by_channel && !spared) {
		plan->alphas = channel_alphas(weights, base);
		if (!plan->alphas)
			return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to take differences");
	}
	struct lepton__prediction prediction = {
		base->data, plan->alpha, plan->alphas, lepton__grid_of(&weights->shape).columns};
	if (steps && (!spared || delta->code_biases))
		code = plan_steps(delta, weights, prediction, plan, err);
	else if (steps || strcmp(delta->residual, "exact") == 0)
		code = plan_exact(delta, weights, prediction, plan, err);
	const int64_t alphas = plan->alphas ? lepton__grid_of(&weights->shape).columns : 1;
	for (int64_t i = 0; i < alphas; i++) {
		const float alpha = plan->alphas ? plan->alphas[i] : plan->alpha;
		delta->alphas.least = fminf(delta->alphas.least, alpha);
		delta->alphas.most = fmaxf(delta->alphas.most, alpha);
	}
	return code;
}

static void describe(const struct delta *delta, const struct lepton__payload_account *account,
	struct lepton_compress_report *report)
{
	const struct alphas *alphas = &delta->alphas;
	char range[64], how[128];
	if (alphas->least < alphas->most)
		snprintf(range, sizeof range, "%.4g to %.4g", (double)alphas->least, (double)alphas->most);
	else
		snprintf(range, sizeof range, "%.4g", (double)alphas->least);
	if (strcmp(delta->residual, "linear") == 0)
		snprintf(how, sizeof how, "8 bits, one scale a %s, codes packed %lld to %lld bytes",
			delta->per, (long long)account->codes, (long long)account->packed);
	else if (strcmp(delta->residual, "steps") == 0)
		snprintf(how, sizeof how,
			"in steps of %g root mean squares, range-coded, lambda %g, biases %s", delta->step,
			delta->lambda, delta->code_biases ? "coded" : "exact");
	else
		snprintf(how, sizeof how, "to the bit, range-coded");
	snprintf(report->detail, sizeof report->detail, "alpha %s (%s), residual %s", range,
		alphas->given        ? "given"
		: alphas->by_channel ? "least squares, one a channel"
				     : "least squares",
		how);
}

static int encode(const struct lepton_params *weights, const struct lepton_params *base, const char *settings,
	uint8_t **payload, size_t *size, struct lepton_compress_report *report, struct lepton_error *err)
{
	struct delta delta;
	struct lepton__payload_account account;
	size_t count = lepton_params_count(weights);
	int code = read_settings(settings, &delta, err);
	if (code)
		return code;
	struct lepton__plan *plans = lepton__calloc(count, sizeof *plans);
	if (!plans)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to take differences");
	for (size_t i = 0; i < count && !code; i++)
		code = plan_tensor(
			&delta, lepton_params_at(weights, i), lepton_params_at(base, i), &plans[i], err);
	if (!code)
		code = lepton__payload_encode(weights, base, plans, payload, size, &account, err);
	if (!code)
		describe(&delta, &account, report);
	for (size_t i = 0; i < count; i++)
		lepton__free(plans[i].alphas);
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
	.summary = "the difference to another version of the same shapes",
	.needs_base = true,
	.options = options,
	.encode = encode,
	.decode = decode,
};
