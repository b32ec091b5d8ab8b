/* model/learner_linear.c - {"learner": "linear"}: LIBLINEAR's linear classifiers, one a class against the
 * rest.
 *
 * Loss "squared_hinge" and "hinge" make them linear SVMs, "logistic" logistic regression. The tensors are
 * those of a network's Dense layer, "kernel" (values × classes) and "bias", in single precision, so that they
 * can be compressed and fused too; with two classes, where LIBLINEAR solves one problem, the second column is
 * the first with the sign turned. The largest decision wins.
 *
 * The loss is the mean, over the classes, of the loss that training makes small. Probabilities of "logistic"
 * are LIBLINEAR's: each class's sigmoid over their sum. Those of the others are a softmax of the decisions.
 */
#include "config.h"
#include "model/solver.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { SQUARED_HINGE, HINGE, LOGISTIC };

#define LARGE 1e12

const struct lepton__key lepton__linear_keys[] = {
	{"loss", LEPTON__KEY_STRING, 0, 0, "squared_hinge|hinge|logistic", false, "squared_hinge"},
	{"penalty", LEPTON__KEY_STRING, 0, 0, "l2|l1", false, "of the weights; l1 makes most of them 0; l2"},
	{"C", LEPTON__KEY_NUMBER, 1e-9, LARGE, NULL, false, "what a sample on the wrong side costs; 1"},
	{"dual", LEPTON__KEY_BOOL, 0, 0, NULL, false,
		"solve the dual problem: for few samples of many values; true for squared_hinge and hinge "
		"with l2, "
		"else false"},
	{"tolerance", LEPTON__KEY_NUMBER, 1e-12, 10, NULL, false,
		"training ends below it; 0.1 where the dual is solved, else 0.01"},
	{"bias", LEPTON__KEY_NUMBER, 0, LARGE, NULL, false,
		"the value of a feature that every sample has; 0 for none; 1"},
	{"train_limit", LEPTON__KEY_INTEGER, 2, 1e9, NULL, false, "only the first so many samples; all"},
	{0},
};

/* ---- settings ---- */

/* LIBLINEAR's solver for loss, penalty and dual; -1: it has none. */
static int solver_of(int loss, bool l1, bool dual)
{
	static const int solvers[3][2][2] = {/* [loss][l1][dual] */
		{{2, 1}, {5, -1}}, {{-1, 3}, {-1, -1}}, {{0, 7}, {6, -1}}};
	return solvers[loss][l1][dual];
}

static int choose_solver(
	struct lepton__solver *s, const cJSON *config, const char *loss, struct lepton_error *err)
{
	bool l1 = strcmp(lepton__json_get_string(config, "penalty", "l2"), "l1") == 0,
	     dual = lepton__json_get_bool(config, "dual", !l1 && s->loss != LOGISTIC);
	s->ask.kind = solver_of(s->loss, l1, dual);
	if (s->ask.kind >= 0) {
		s->ask.tolerance = lepton__json_get_number(config, "tolerance", dual ? 0.1 : 0.01);
		return LEPTON_OK;
	}
	if (l1 && s->loss == HINGE)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"linear: \"penalty\" l1 does not go with loss hinge; take squared_hinge or logistic");
	return lepton_error_set(err, LEPTON_E_SPEC,
		"linear: \"dual\" cannot be %s with loss %s and penalty %s; leave it out",
		dual ? "true" : "false", loss, l1 ? "l1" : "l2");
}

static int configure(struct lepton__solver *s, const cJSON *config, struct lepton_error *err)
{
	int code = lepton__keys_check(lepton__linear_keys, config, true, "linear", err);
	if (code)
		return code;
	const char *loss = lepton__json_get_string(config, "loss", "squared_hinge");
	s->loss = strcmp(loss, "logistic") == 0 ? LOGISTIC
		  : strcmp(loss, "hinge") == 0  ? HINGE
						: SQUARED_HINGE;
	s->ask.library = LEPTON__LIBLINEAR;
	s->ask.C = lepton__json_get_number(config, "C", 1);
	s->ask.bias = lepton__json_get_number(config, "bias", 1);
	return choose_solver(s, config, loss, err);
}

/* ---- tensors ---- */

static int room_for(const struct lepton__solver *s, struct lepton_params **out, struct lepton_error *err)
{
	const struct lepton_tensor like[] = {
		{.name = "kernel", .dtype = LEPTON_F32, .shape = {2, {s->features, s->classes}}},
		{.name = "bias", .dtype = LEPTON_F32, .shape = {1, {s->classes}}}};
	return lepton_params_new(like, 2, out, err);
}

/* Column `from` of LIBLINEAR's matrix becomes that of class `label`. */
static void fill_column(const struct lepton__solver *s, const struct lepton__answered *a, int64_t columns,
	int64_t from, double sign, int32_t label, struct lepton_params *out)
{
	float *kernel = lepton_params_data(out, 0), *bias = lepton_params_data(out, 1);
	for (int64_t f = 0; f < s->features; f++)
		kernel[f * s->classes + label] = (float)(sign * a->numbers[f * columns + from]);
	if (a->vectors > s->features)
		bias[label] = (float)(sign * s->ask.bias * a->numbers[s->features * columns + from]);
}

static int make(struct lepton__solver *s, const struct lepton__answered *a, struct lepton_params **out,
	struct lepton_error *err)
{
	bool seen[256] = {false}, good = a->classes == s->classes && a->integer_count == a->classes;
	int64_t columns = a->classes == 2 ? 1 : a->classes, rows = s->features + (s->ask.bias > 0);
	good = good && a->vectors == rows && a->number_count == rows * columns;
	for (int32_t c = 0; c < a->classes && good; c++) {
		int32_t label = a->integers[c];
		good = label >= 0 && label < s->classes && !seen[label];
		if (good)
			seen[label] = true;
	}
	if (!good)
		return lepton_error_set(err, LEPTON_E_DATA, "LIBLINEAR's answer is damaged");
	int code = room_for(s, out, err);
	for (int32_t c = 0; c < a->classes && !code; c++)
		fill_column(s, a, columns, columns == 1 ? 0 : c, columns == 1 && c ? -1 : 1, a->integers[c],
			*out);
	return code;
}

static int hold(struct lepton__solver *s, const struct lepton_params *weights, struct lepton_error *err)
{
	struct lepton_params *like;
	int code = room_for(s, &like, err);
	if (code)
		return code;
	code = lepton_params_match(like, weights, err);
	lepton_params_release(like);
	if (code)
		return code;
	for (size_t t = 0; t < 2; t++) {
		const float *data = lepton_params_at(weights, t)->data;
		for (int64_t i = 0; i < (t ? 1 : s->features) * (int64_t)s->classes; i++)
			if (!isfinite(data[i]))
				return lepton_error_set(err, LEPTON_E_CORRUPT,
					"this linear model is damaged: a weight is no number; go back to an "
					"earlier checkpoint");
	}
	s->kernel = lepton_params_at(weights, 0)->data;
	s->bias = lepton_params_at(weights, 1)->data;
	return LEPTON_OK;
}

/* ---- deciding ---- */

static size_t room(const struct lepton__solver *s)
{
	return (size_t)s->classes;
}

static void decisions(const struct lepton__solver *s, const float *x, double *out)
{
	for (int c = 0; c < s->classes; c++)
		out[c] = (double)s->bias[c];
	for (int f = 0; f < s->features; f++) {
		const float *row = s->kernel + (int64_t)f * s->classes;
		if (x[f] < 0 || x[f] > 0)
			for (int c = 0; c < s->classes; c++)
				out[c] += (double)x[f] * (double)row[c];
	}
}

/* Of a decision with its sign turned so that it should be positive. */
static double loss_of(int loss, double margin)
{
	double short_of = fmax(0, 1 - margin);
	if (loss == LOGISTIC)
		return margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin;
	return loss == HINGE ? short_of : short_of * short_of;
}

static void shares(const struct lepton__solver *s, const double *decision, int best, float *out)
{
	double sum = 0;
	for (int c = 0; c < s->classes; c++) {
		double share =
			s->loss == LOGISTIC ? 1 / (1 + exp(-decision[c])) : exp(decision[c] - decision[best]);
		out[c] = (float)share;
		sum += share;
	}
	for (int c = 0; c < s->classes; c++)
		out[c] = sum > 0 ? (float)((double)out[c] / sum) : (float)(c == best);
}

static int decide(const struct lepton__solver *s, const float *x, int label, double *work, double *loss,
	float *probability)
{
	int best = 0;
	decisions(s, x, work);
	*loss = 0;
	for (int c = 0; c < s->classes; c++) {
		best = work[c] > work[best] ? c : best;
		if (label >= 0)
			*loss += loss_of(s->loss, c == label ? work[c] : -work[c]) / s->classes;
	}
	if (probability)
		shares(s, work, best, probability);
	return best;
}

/* ---- the table's entry ---- */

static const struct lepton__solver_kind kind = {
	.name = "linear",
	.library = "LIBLINEAR",
	.package = "liblinear-dev",
#ifdef HAVE_LIBLINEAR
	.built = true,
#endif
	.configure = configure,
	.make = make,
	.hold = hold,
	.room = room,
	.decide = decide,
};

int lepton__linear_check(const cJSON *config, struct lepton_error *err)
{
	struct lepton__solver unused = {.kind = &kind};
	int code = configure(&unused, config, err);
	return code ? code : lepton__solver_built(&kind, err);
}

static int create(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	return lepton__solver_create(&lepton__learner_linear, &kind, config, seed, data, out, err);
}

const struct lepton_learner_ops lepton__learner_linear = {
	.name = "linear",
	.summary = "a linear SVM or logistic regression, by LIBLINEAR",
	.how = "by LIBLINEAR, in one call in a process of its own: no checkpoint before its end; cut off, it "
	       "begins "
	       "anew",
	LEPTON__SOLVER_OPS,
};
