/* model/learner_svm.c - {"learner": "svm"}: LIBSVM's C-SVC, one two-class problem for each pair of classes.
 *
 * As tensors: the supporting vectors, sparse, class by class ("vectors/…": the row i is from starts[i] to
 * starts[i + 1]); "labels" and "counts" of the classes, in the order LIBSVM met them; "coefficients", classes
 * - 1 for each vector; "rho", one a pair; "gamma"; and, where probabilities were asked for, "sigmoid", the
 * two numbers of Platt's sigmoid for each pair. The rule is LIBSVM's: each pair votes, most votes win, of
 * equals the class it met first. Doubles stay doubles, so that decisions differ from LIBSVM's in rounding
 * only.
 *
 * The loss is the hinge loss of the pairs that a sample's class is in, their mean: what training makes small.
 */
#include "config.h"
#include "model/solver.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { LINEAR, POLY, RBF, SIGMOID }; /* LIBSVM's numbers */

#define LARGE 1e12

const struct lepton__key lepton__svm_keys[] = {
	{"kernel", LEPTON__KEY_STRING, 0, 0, "linear|poly|rbf|sigmoid", false, "rbf"},
	{"C", LEPTON__KEY_NUMBER, 1e-9, LARGE, NULL, false, "what a sample on the wrong side costs; 1"},
	{"gamma", LEPTON__KEY_ANY, 0, 0, NULL, false,
		"of poly, rbf and sigmoid: a number, \"scale\" (1 / (values × their variance)) or \"auto\" "
		"(1 / "
		"values); scale"},
	{"degree", LEPTON__KEY_INTEGER, 1, 100, NULL, false, "of poly; 3"},
	{"coef0", LEPTON__KEY_NUMBER, -LARGE, LARGE, NULL, false, "of poly and sigmoid; 0"},
	{"tolerance", LEPTON__KEY_NUMBER, 1e-12, 1, NULL, false, "training ends below it; 0.001"},
	{"cache_mb", LEPTON__KEY_NUMBER, 1, 1e6, NULL, false,
		"memory for kernel values while it trains; 100"},
	{"shrinking", LEPTON__KEY_BOOL, 0, 0, NULL, false, "set samples aside that will not change; true"},
	{"probability", LEPTON__KEY_BOOL, 0, 0, NULL, false,
		"train five times more for class probabilities (Platt); false"},
	{"train_limit", LEPTON__KEY_INTEGER, 2, 1e9, NULL, false, "only the first so many samples; all"},
	{0},
};

/* ---- settings ---- */

static int read_gamma(struct lepton__solver *s, const cJSON *config, struct lepton_error *err)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(config, "gamma");
	const char *word = cJSON_IsString(value) ? value->valuestring : value ? "" : "scale";
	s->scale_gamma = strcmp(word, "scale") == 0;
	s->ask.gamma = cJSON_IsNumber(value) ? value->valuedouble
					     : 0; /* 0: by the number of values, once that is known */
	if (s->scale_gamma || strcmp(word, "auto") == 0 ||
		(cJSON_IsNumber(value) && value->valuedouble > 0 && value->valuedouble <= LARGE))
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_SPEC,
		"svm: \"gamma\" takes \"scale\", \"auto\" or a number above 0, such as 0.02");
}

static int configure(struct lepton__solver *s, const cJSON *config, struct lepton_error *err)
{
	static const char *const kernels[] = {"linear", "poly", "rbf", "sigmoid"};
	int code = lepton__keys_check(lepton__svm_keys, config, true, "svm", err);
	if (!code)
		code = read_gamma(s, config, err);
	if (code)
		return code;
	const char *kernel = lepton__json_get_string(config, "kernel", "rbf");
	while (strcmp(kernels[s->ask.kind], kernel) != 0)
		s->ask.kind++;
	s->ask.library = LEPTON__LIBSVM;
	s->ask.C = lepton__json_get_number(config, "C", 1);
	s->ask.degree = (int32_t)lepton__json_get_int(config, "degree", 3);
	s->ask.coef0 = lepton__json_get_number(config, "coef0", 0);
	s->ask.tolerance = lepton__json_get_number(config, "tolerance", 0.001);
	s->ask.cache_mb = lepton__json_get_number(config, "cache_mb", 100);
	s->ask.shrinking = lepton__json_get_bool(config, "shrinking", true);
	s->ask.probability = lepton__json_get_bool(config, "probability", false);
	return LEPTON_OK;
}

/* ---- from LIBSVM's answer to tensors ---- */

enum { STARTS, COLUMNS, VALUES, COEFFICIENTS, RHO, LABELS, COUNTS, GAMMA, SIGMOIDS, TENSORS };

static const struct {
	const char *name;
	enum lepton_dtype dtype;
	int rank;
} tensors[TENSORS] = {{"vectors/starts", LEPTON_I32, 1}, {"vectors/columns", LEPTON_I32, 1},
	{"vectors/values", LEPTON_F32, 1}, {"coefficients", LEPTON_F64, 2}, {"rho", LEPTON_F64, 1},
	{"labels", LEPTON_I32, 1}, {"counts", LEPTON_I32, 1}, {"gamma", LEPTON_F64, 1},
	{"sigmoid", LEPTON_F64, 2}};

static int64_t pairs_of(int64_t classes)
{
	return classes * (classes - 1) / 2;
}

static int damaged(const char *what, struct lepton_error *err)
{
	return lepton_error_set(
		err, LEPTON_E_CORRUPT, "this svm is damaged: %s; go back to an earlier checkpoint", what);
}

/* The supporting vectors among the training samples, one after another; out NULL: only their nodes are
 * counted. */
static int64_t gather(
	const struct lepton__solver *s, const struct lepton__answered *a, float *x, struct lepton_params *out)
{
	int32_t *starts = out ? lepton_params_data(out, STARTS) : NULL,
		*columns = out ? lepton_params_data(out, COLUMNS) : NULL;
	float *values = out ? lepton_params_data(out, VALUES) : NULL;
	int64_t nodes = 0;
	for (int32_t v = 0; v < a->vectors; v++) {
		uint32_t index = (uint32_t)a->integers[2 * a->classes + v];
		lepton_dataset_gather(s->data, LEPTON_TRAIN, &index, 1, x, NULL);
		for (int32_t f = 0; f < s->features; f++) {
			if (!(x[f] < 0 || x[f] > 0))
				continue;
			if (out) {
				columns[nodes] = f;
				values[nodes] = x[f];
			}
			nodes++;
		}
		if (out)
			starts[v + 1] = (int32_t)nodes;
	}
	return nodes;
}

static int check_answer(
	const struct lepton__solver *s, const struct lepton__answered *a, struct lepton_error *err)
{
	int64_t pairs = pairs_of(a->classes), sigmoids = s->ask.probability ? 2 * pairs : 0;
	bool good = a->vectors >= 1 && a->integer_count == 2 * (int64_t)a->classes + a->vectors &&
		    a->number_count == pairs + sigmoids + (int64_t)(a->classes - 1) * a->vectors;
	for (int32_t v = 0; v < a->vectors && good; v++)
		good = a->integers[2 * a->classes + v] >= 0 &&
		       a->integers[2 * a->classes + v] < s->ask.samples;
	return good ? LEPTON_OK : lepton_error_set(err, LEPTON_E_DATA, "LIBSVM's answer is damaged");
}

static int room_for(const struct lepton__solver *s, const struct lepton__answered *a, int64_t nodes,
	struct lepton_params **out, struct lepton_error *err)
{
	const int64_t pairs = pairs_of(a->classes),
		      sizes[TENSORS] = {a->vectors + 1, nodes, nodes, a->classes - 1, pairs, a->classes,
			      a->classes, 1, 2};
	struct lepton_tensor like[TENSORS] = {{.dtype = LEPTON_I32}};
	for (int t = 0; t < TENSORS; t++) {
		lepton__copy_name(like[t].name, sizeof like[t].name, tensors[t].name);
		like[t].dtype = tensors[t].dtype;
		like[t].shape.rank = tensors[t].rank;
		like[t].shape.dim[0] = sizes[t];
	}
	like[COEFFICIENTS].shape.dim[1] = a->vectors;
	like[SIGMOIDS].shape.dim[1] = pairs;
	return lepton_params_new(like, s->ask.probability ? TENSORS : TENSORS - 1, out, err);
}

static void fill(const struct lepton__solver *s, const struct lepton__answered *a, struct lepton_params *out)
{
	size_t pairs = (size_t)pairs_of(a->classes), classes = (size_t)a->classes;
	const double *at = a->numbers + pairs;
	memcpy(lepton_params_data(out, RHO), a->numbers, pairs * sizeof *at);
	if (s->ask.probability) {
		memcpy(lepton_params_data(out, SIGMOIDS), at, 2 * pairs * sizeof *at);
		at += 2 * pairs;
	}
	memcpy(lepton_params_data(out, COEFFICIENTS), at, (classes - 1) * (size_t)a->vectors * sizeof *at);
	memcpy(lepton_params_data(out, LABELS), a->integers, classes * sizeof *a->integers);
	memcpy(lepton_params_data(out, COUNTS), a->integers + classes, classes * sizeof *a->integers);
	*(double *)lepton_params_data(out, GAMMA) = s->ask.gamma;
}

static int make(struct lepton__solver *s, const struct lepton__answered *a, struct lepton_params **out,
	struct lepton_error *err)
{
	int code = check_answer(s, a, err);
	if (code)
		return code;
	float *x = lepton__calloc((size_t)s->features, sizeof *x);
	if (!x)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the supporting vectors");
	int64_t nodes = gather(s, a, x, NULL);
	if (nodes > INT32_MAX)
		code = lepton_error_set(
			err, LEPTON_E_NOMEM, "the supporting vectors are too many; lower \"train_limit\"");
	if (!code)
		code = room_for(s, a, nodes, out, err);
	if (!code) {
		gather(s, a, x, *out);
		fill(s, a, *out);
	}
	lepton__free(x);
	return code;
}

/* ---- tensors from anywhere ---- */

static int find(const struct lepton_params *weights, const struct lepton_tensor *out[TENSORS],
	struct lepton_error *err)
{
	for (int t = 0; t < TENSORS; t++) {
		out[t] = lepton_params_find(weights, tensors[t].name);
		if (!out[t] && t == SIGMOIDS)
			return LEPTON_OK;
		if (!out[t] || out[t]->dtype != tensors[t].dtype || out[t]->shape.rank != tensors[t].rank)
			return lepton_error_set(err, LEPTON_E_SHAPE,
				"these are not the tensors of an svm: \"%s\" is missing or of another kind",
				tensors[t].name);
	}
	return LEPTON_OK;
}

static int check_shapes(
	const struct lepton_tensor *const t[TENSORS], int64_t most_classes, struct lepton_error *err)
{
	int64_t classes = t[LABELS]->shape.dim[0], vectors = t[STARTS]->shape.dim[0] - 1,
		pairs = pairs_of(classes);
	bool good = classes >= 2 && classes <= most_classes && vectors >= 1 && vectors < INT32_MAX &&
		    t[COLUMNS]->shape.dim[0] == t[VALUES]->shape.dim[0] &&
		    t[COUNTS]->shape.dim[0] == classes && t[RHO]->shape.dim[0] == pairs &&
		    t[GAMMA]->shape.dim[0] == 1 && t[COEFFICIENTS]->shape.dim[0] == classes - 1 &&
		    t[COEFFICIENTS]->shape.dim[1] == vectors;
	if (good && t[SIGMOIDS])
		good = t[SIGMOIDS]->shape.dim[0] == 2 && t[SIGMOIDS]->shape.dim[1] == pairs;
	return good ? LEPTON_OK
		    : lepton_error_set(err, LEPTON_E_SHAPE,
			      "the tensors of this svm have sizes that do not belong together");
}

static bool all_finite(const struct lepton_tensor *t)
{
	int64_t count = t ? lepton_shape_count(&t->shape) : 0;
	for (int64_t i = 0; i < count; i++)
		if (!isfinite(t->dtype == LEPTON_F64 ? ((const double *)t->data)[i]
						     : (double)((const float *)t->data)[i]))
			return false;
	return true;
}

/* Each row within the nodes, its columns rising and among the features. */
static bool rows_good(const struct lepton__svm *m, int64_t nodes, int32_t features)
{
	if (m->starts[0] != 0 || m->starts[m->vectors] != nodes)
		return false;
	for (int32_t v = 0; v < m->vectors; v++)
		if (m->starts[v] > m->starts[v + 1] || m->starts[v + 1] > nodes)
			return false;
	for (int32_t v = 0; v < m->vectors; v++)
		for (int32_t i = m->starts[v], last = -1; i < m->starts[v + 1]; last = m->columns[i++])
			if (m->columns[i] <= last || m->columns[i] >= features)
				return false;
	return true;
}

/* Classes of the data, each once, and as many vectors as there are. */
static bool classes_good(const struct lepton__svm *m, int32_t classes)
{
	bool seen[256] = {false};
	int64_t sum = 0;
	for (int32_t c = 0; c < m->classes; c++) {
		if (m->labels[c] < 0 || m->labels[c] >= classes || seen[m->labels[c]] || m->counts[c] < 0)
			return false;
		seen[m->labels[c]] = true;
		sum += m->counts[c];
	}
	return sum == m->vectors;
}

static double squared(const struct lepton__svm *m, int32_t v)
{
	double sum = 0;
	for (int32_t i = m->starts[v]; i < m->starts[v + 1]; i++)
		sum += (double)m->values[i] * (double)m->values[i];
	return sum;
}

static int hold(struct lepton__solver *s, const struct lepton_params *weights, struct lepton_error *err)
{
	const struct lepton_tensor *t[TENSORS];
	int code = find(weights, t, err);
	if (!code)
		code = check_shapes(t, s->classes, err);
	if (code)
		return code;
	struct lepton__svm m = {(int32_t)t[LABELS]->shape.dim[0], (int32_t)t[STARTS]->shape.dim[0] - 1,
		t[STARTS]->data, t[COLUMNS]->data, t[LABELS]->data, t[COUNTS]->data, t[VALUES]->data,
		t[COEFFICIENTS]->data, t[RHO]->data, t[SIGMOIDS] ? t[SIGMOIDS]->data : NULL,
		*(const double *)t[GAMMA]->data, NULL};
	if (!rows_good(&m, t[COLUMNS]->shape.dim[0], s->features))
		return damaged("a vector points nowhere", err);
	if (!classes_good(&m, s->classes))
		return damaged("its classes are not those of the data", err);
	if (!all_finite(t[VALUES]) || !all_finite(t[COEFFICIENTS]) || !all_finite(t[RHO]) ||
		!all_finite(t[GAMMA]) || !all_finite(t[SIGMOIDS]))
		return damaged("a value is no number", err);
	m.norms = lepton__calloc((size_t)m.vectors, sizeof *m.norms);
	if (!m.norms)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "out of memory for %d supporting vectors", m.vectors);
	for (int32_t v = 0; v < m.vectors; v++)
		m.norms[v] = squared(&m, v);
	lepton__free(s->svm.norms);
	s->svm = m;
	return LEPTON_OK;
}

/* ---- deciding ---- */

/* In four sums: one waits for each addition to end before the next. */
static double dot(const struct lepton__svm *m, int32_t v, const float *x)
{
	double sum[4] = {0};
	int32_t i = m->starts[v], end = m->starts[v + 1];
	for (; i + 4 <= end; i += 4)
		for (int k = 0; k < 4; k++)
			sum[k] += (double)m->values[i + k] * (double)x[m->columns[i + k]];
	for (; i < end; i++)
		sum[0] += (double)m->values[i] * (double)x[m->columns[i]];
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double to_the(double base, int times)
{
	double result = 1;
	for (; times > 0; times /= 2, base *= base)
		if (times % 2)
			result *= base;
	return result;
}

static void kernel_values(const struct lepton__solver *s, const float *x, double *out)
{
	const struct lepton__svm *m = &s->svm;
	double own = 0;
	for (int f = 0; f < s->features; f++)
		own += (double)x[f] * (double)x[f];
	for (int32_t v = 0; v < m->vectors; v++) {
		double product = dot(m, v, x), scaled = m->gamma * product + s->ask.coef0;
		out[v] = s->ask.kind == RBF       ? exp(-m->gamma * fmax(own + m->norms[v] - 2 * product, 0))
			 : s->ask.kind == POLY    ? to_the(scaled, s->ask.degree)
			 : s->ask.kind == SIGMOID ? tanh(scaled)
						  : product;
	}
}

static double weigh(const double *coefficient, const double *value, int32_t from, int32_t count)
{
	double sum = 0;
	for (int32_t i = from; i < from + count; i++)
		sum += coefficient[i] * value[i];
	return sum;
}

/* The decision of each pair, above 0 for its first class. */
static void decisions(const struct lepton__svm *m, const double *value, double *out)
{
	for (int32_t i = 0, first = 0, p = 0; i < m->classes; first += m->counts[i++])
		for (int32_t j = i + 1, second = first + m->counts[i]; j < m->classes;
			second += m->counts[j++], p++)
			out[p] = weigh(m->coefficients + (int64_t)(j - 1) * m->vectors, value, first,
					 m->counts[i]) +
				 weigh(m->coefficients + (int64_t)i * m->vectors, value, second,
					 m->counts[j]) -
				 m->rho[p];
}

static int most_votes(const struct lepton__svm *m, const double *decision, int votes[256])
{
	int best = 0;
	memset(votes, 0, (size_t)m->classes * sizeof *votes);
	for (int i = 0, p = 0; i < m->classes; i++)
		for (int j = i + 1; j < m->classes; j++, p++)
			votes[decision[p] > 0 ? i : j]++;
	for (int i = 1; i < m->classes; i++)
		if (votes[i] > votes[best])
			best = i;
	return best;
}

/* Of the pairs that the label is in; 1, as without a decision, when training has not seen it. */
static double hinge(const struct lepton__svm *m, const double *decision, int label)
{
	double sum = 0;
	int count = 0;
	for (int i = 0, p = 0; i < m->classes; i++)
		for (int j = i + 1; j < m->classes; j++, p++) {
			if (m->labels[i] != label && m->labels[j] != label)
				continue;
			sum += fmax(0, 1 - (m->labels[i] == label ? decision[p] : -decision[p]));
			count++;
		}
	return count ? sum / count : 1;
}

/* No probabilities: a softmax of the votes, where the winner of equals has half a vote more. */
static void vote_shares(const struct lepton__svm *m, const int *votes, int best, double *out)
{
	double sum = 0;
	for (int i = 0; i < m->classes; i++)
		sum += out[i] = exp(votes[i] - votes[best] - (i == best ? 0 : 0.5));
	for (int i = 0; i < m->classes; i++)
		out[i] /= sum;
}

/* LIBSVM's: Platt's sigmoid of each pair, kept off 0 and 1, then all of them coupled. */
static void couple(const struct lepton__svm *m, const double *decision, double *work, double *out)
{
	int k = m->classes, pairs = (int)pairs_of(k);
	double *r = work;
	for (int i = 0, p = 0; i < k; i++)
		for (int j = i + 1; j < k; j++, p++) {
			double at = decision[p] * m->sigmoid[p] + m->sigmoid[pairs + p],
			       share = at >= 0 ? exp(-at) / (1 + exp(-at)) : 1 / (1 + exp(at));
			r[i * k + j] = fmin(fmax(share, 1e-7), 1 - 1e-7);
			r[j * k + i] = 1 - r[i * k + j];
		}
	if (k == 2) {
		out[0] = r[1];
		out[1] = r[2];
	} else {
		lepton__svm_couple(k, r, out, work + k * k);
	}
}

static int largest(const double *p, int k)
{
	int best = 0;
	for (int i = 1; i < k; i++)
		best = p[i] > p[best] ? i : best;
	return best;
}

static size_t room(const struct lepton__solver *s)
{
	size_t k = (size_t)s->svm.classes;
	return (size_t)s->svm.vectors + k * k + 2 * k * k + 2 * k;
}

static int decide(const struct lepton__solver *s, const float *x, int label, double *work, double *loss,
	float *probability)
{
	const struct lepton__svm *m = &s->svm;
	int votes[256], k = m->classes;
	double *decision = work + m->vectors, *shares = decision + k * k, *more = shares + k;
	kernel_values(s, x, work);
	decisions(m, work, decision);
	int best = most_votes(m, decision, votes);
	*loss = label < 0 ? 0 : hinge(m, decision, label);
	if (m->sigmoid) {
		couple(m, decision, more, shares);
		best = largest(shares, k);
	} else if (probability) {
		vote_shares(m, votes, best, shares);
	}
	if (probability)
		memset(probability, 0, (size_t)s->classes * sizeof *probability);
	for (int i = 0; i < k && probability; i++)
		probability[m->labels[i]] = (float)shares[i];
	return m->labels[best];
}

/* ---- the table's entry ---- */

static const struct lepton__solver_kind kind = {
	.name = "svm",
	.library = "LIBSVM",
	.package = "libsvm-dev",
#ifdef HAVE_LIBSVM
	.built = true,
#endif
	.configure = configure,
	.make = make,
	.hold = hold,
	.room = room,
	.decide = decide,
};

int lepton__svm_check(const cJSON *config, struct lepton_error *err)
{
	struct lepton__solver unused = {.kind = &kind};
	int code = configure(&unused, config, err);
	return code ? code : lepton__solver_built(&kind, err);
}

static int create(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	return lepton__solver_create(&lepton__learner_svm, &kind, config, seed, data, out, err);
}

const struct lepton_learner_ops lepton__learner_svm = {
	.name = "svm",
	.summary = "a support vector machine with a kernel, by LIBSVM",
	.discrete = true,
	.how = "by LIBSVM, in one call in a process of its own: no checkpoint before its end; cut off, it "
	       "begins anew",
	LEPTON__SOLVER_OPS,
};
