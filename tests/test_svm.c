/* tests/test_svm.c - SVMs and linear models against LIBSVM and LIBLINEAR themselves, called here, and against
 * their command-line tools.
 */
#include "config.h"
#include "model/keys.h"
#include "model/solver.h"
#include "base/clock.h"
#include "model_team.h"

#ifdef HAVE_LIBSVM
#include <libsvm/svm.h>
#endif
#ifdef HAVE_LIBLINEAR
#include <linear.h>
#endif

#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define TRAIN 240
#define TEST 120
#define FEATURES 12
#define CLASSES 4
#define PATIENCE 300.0 /* seconds */

struct set {
	uint8_t x[TRAIN + TEST][FEATURES], y[TRAIN + TEST];
	int classes;
	struct lepton_dataset *data;
};

static struct set many, two; /* of classes */
static char folder[] = "/tmp/lepton-svm-XXXXXX";

static uint32_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

/* Clouds that overlap; a third of the values is 0. The first sample is not of class 0. */
static void make_set(struct set *set, int classes, uint64_t seed)
{
	const struct lepton_shape shape = {1, {FEATURES}};
	set->classes = classes;
	for (int i = 0; i < TRAIN + TEST; i++) {
		set->y[i] = (uint8_t)(i < classes ? classes - 1 - i : (int)(draw(&seed) % (uint32_t)classes));
		for (int f = 0; f < FEATURES; f++) {
			int value = (int)(draw(&seed) % 110) + ((set->y[i] + 1) * (f + 3)) % 5 * 35;
			set->x[i][f] = (uint8_t)(draw(&seed) % 3 ? value : 0);
		}
	}
	assert_int_equal(lepton_dataset_from_u8(&set->x[0][0], set->y, TRAIN + TEST, TEST, &shape, classes, 0,
				 &set->data, NULL),
		0);
}

static int setup(void **state)
{
	(void)state;
	make_set(&many, CLASSES, 3);
	make_set(&two, 2, 4);
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[64];
	(void)state;
	lepton_dataset_release(many.data);
	lepton_dataset_release(two.data);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

#ifdef HAVE_LIBSVM
static const bool has_svm = true;
#else
static const bool has_svm = false;
#endif
#ifdef HAVE_LIBLINEAR
static const bool has_linear = true;
#else
static const bool has_linear = false;
#endif

static void needs(bool svm, bool linear)
{
	if ((svm && !has_svm) || (linear && !has_linear))
		skip();
}

static struct lepton_learner *make(const char *kind, const char *config, struct lepton_dataset *data)
{
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	int code = lepton_learner_find(kind)->create(config, 5, data, &learner, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return learner;
}

/* Its program run to the end: figures only go on, the loss only falls. How its end was told. */
static struct lepton_report run(struct lepton_learner *learner)
{
	const struct lepton_outside_ops *ops = learner->ops->outside;
	const struct lepton_outside_start start = {"v", 0, 0, NULL};
	struct lepton_report r = {.kind = LEPTON_REPORT_NOTHING};
	struct lepton_error err = {0};
	double until = lepton__monotonic() + PATIENCE, loss = INFINITY, epoch = 0;
	int64_t step = 0;
	int code = ops->run(learner, &start, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	while (r.kind != LEPTON_REPORT_ENDED && lepton__monotonic() < until) {
		ops->next(learner, &r);
		if (r.kind == LEPTON_REPORT_FIGURES && isfinite(r.loss)) {
			assert_true(r.loss <= loss + 1e-9 && r.loss >= 0);
			assert_true(r.step >= step && r.epoch >= epoch && r.epoch <= 1);
			loss = r.loss;
			step = r.step;
			epoch = r.epoch;
		}
		struct pollfd fd = {ops->descriptor(learner), POLLIN, 0};
		if (r.kind == LEPTON_REPORT_NOTHING)
			poll(&fd, 1, 200);
	}
	assert_int_equal(r.kind, LEPTON_REPORT_ENDED);
	if (!r.code) {
		assert_float_equal(epoch, 1, 0);
		assert_true(step > 0);
	}
	return r;
}

static struct lepton_learner *trained(const char *kind, const char *config, struct lepton_dataset *data)
{
	struct lepton_learner *learner = make(kind, config, data);
	struct lepton_report end = run(learner);
	assert_string_equal(end.line, "");
	assert_int_equal(end.code, 0);
	return learner;
}

static void row_of(struct lepton_dataset *data, enum lepton_split split, uint32_t i, float *x)
{
	lepton_dataset_gather(data, split, &i, 1, x, NULL);
}

static int largest(const float *p, int n)
{
	int best = 0;
	for (int i = 1; i < n; i++)
		best = p[i] > p[best] ? i : best;
	return best;
}

static struct lepton_params *weights_of(struct lepton_learner *learner)
{
	struct lepton_params *weights;
	assert_int_equal(learner->ops->weights(learner, &weights, NULL), 0);
	return weights;
}

/* ---- against the libraries, called here ---- */

#if defined(HAVE_LIBSVM) || defined(HAVE_LIBLINEAR)
static double decide(struct lepton_learner *learner, const float *x, int label, int *class)
{
	struct lepton__solver *s = (struct lepton__solver *)learner;
	double loss, *work = calloc(s->kind->room(s), sizeof *work);
	assert_non_null(work);
	*class = s->kind->decide(s, x, label, work, &loss, NULL);
	free(work);
	return loss;
}

static void silent(const char *text)
{
	(void)text;
}
#endif

#ifdef HAVE_LIBSVM
struct svm_rows {
	struct svm_node node[TRAIN][FEATURES + 1], *row[TRAIN];
	double y[TRAIN];
};

static void svm_row(const float *x, struct svm_node *node)
{
	int count = 0;
	for (int f = 0; f < FEATURES; f++)
		if (x[f] > 0)
			node[count++] = (struct svm_node){f + 1, (double)x[f]};
	node[count].index = -1;
}

/* LIBSVM's own decisions of all pairs, as the mean hinge loss of those that `label` is in. */
static double hinge(const struct svm_model *m, const double *decision, int label)
{
	double sum = 0;
	int p = 0, count = 0;
	for (int i = 0; i < m->nr_class; i++)
		for (int j = i + 1; j < m->nr_class; j++, p++)
			if (m->label[i] == label || m->label[j] == label) {
				double margin = m->label[i] == label ? decision[p] : -decision[p];
				sum += margin < 1 ? 1 - margin : 0;
				count++;
			}
	return sum / count;
}

static void same_as_libsvm(const struct set *set, const char *config, struct svm_parameter parameter)
{
	static struct svm_rows rows;
	struct lepton_learner *learner = trained("svm", config, set->data);
	const struct svm_problem problem = {TRAIN, rows.y, rows.row};
	float x[FEATURES], p[CLASSES];
	for (int i = 0; i < TRAIN; i++) {
		row_of(set->data, LEPTON_TRAIN, (uint32_t)i, x);
		svm_row(x, rows.node[i]);
		rows.row[i] = rows.node[i];
		rows.y[i] = set->y[i];
	}
	svm_set_print_string_function(silent);
	srand(1);
	struct svm_model *m = svm_train(&problem, &parameter);
	for (int i = 0; i < TEST; i++) {
		struct svm_node node[FEATURES + 1];
		double decision[CLASSES * CLASSES], share[CLASSES];
		int class;
		row_of(set->data, LEPTON_TEST, (uint32_t)i, x);
		svm_row(x, node);
		int theirs = (int)svm_predict_values(m, node, decision);
		for (int label = 0; label < set->classes; label++)
			assert_float_equal(
				decide(learner, x, label, &class), hinge(m, decision, label), 1e-10);
		assert_int_equal(learner->ops->predict(learner, x, 1, p, NULL), 0);
		if (parameter.probability) {
			theirs = (int)svm_predict_probability(m, node, share);
			for (int c = 0; c < m->nr_class; c++)
				assert_float_equal((double)p[m->label[c]], share[c], 1e-6);
		}
		assert_int_equal(class, theirs);
		assert_int_equal(largest(p, set->classes), theirs);
	}
	svm_free_and_destroy_model(&m);
	learner->ops->destroy(learner);
}

static void decisions_are_libsvms(void **state)
{
	struct svm_parameter p = {
		.kernel_type = RBF, .cache_size = 100, .eps = 0.001, .C = 10, .gamma = 0.5, .shrinking = 1};
	(void)state;
	same_as_libsvm(&many, "{\"C\":10,\"gamma\":0.5}", p);
	same_as_libsvm(&two, "{\"C\":10,\"gamma\":0.5}", p);
	p.probability = 1;
	same_as_libsvm(&many, "{\"C\":10,\"gamma\":0.5,\"probability\":true}", p);
	same_as_libsvm(&two, "{\"C\":10,\"gamma\":0.5,\"probability\":true}", p);
	p.probability = 0;
	p.gamma = 1.0 / FEATURES;
	p.shrinking = 0;
	p.eps = 1e-5;
	same_as_libsvm(&many,
		"{\"C\":10,\"gamma\":\"auto\",\"shrinking\":false,\"tolerance\":1e-5,\"cache_mb\":10}", p);
	p.kernel_type = LINEAR;
	same_as_libsvm(&many, "{\"C\":10,\"kernel\":\"linear\",\"shrinking\":false,\"tolerance\":1e-5}", p);
	p.kernel_type = POLY;
	p.degree = 3;
	p.coef0 = 0.5;
	p.gamma = 0.3;
	same_as_libsvm(&many,
		"{\"C\":10,\"kernel\":\"poly\",\"degree\":3,\"coef0\":0.5,\"gamma\":0.3,\"shrinking\":false,"
		"\"tolerance\":1e-5}",
		p);
	p.kernel_type = SIGMOID;
	p.coef0 = -0.5;
	p.gamma = 0.1;
	same_as_libsvm(&many,
		"{\"C\":10,\"kernel\":\"sigmoid\",\"coef0\":-0.5,\"gamma\":0.1,\"shrinking\":false,"
		"\"tolerance\":1e-5}",
		p);
}

/* Computed here another way: over a list of all values. */
static void gamma_scale_is_by_the_variance(void **state)
{
	struct lepton_learner *learner = trained("svm", "{\"train_limit\":100}", many.data);
	struct lepton_params *weights = weights_of(learner);
	double mean = 0, variance = 0;
	(void)state;
	for (int i = 0; i < 100 * FEATURES; i++)
		mean += (&many.x[0][0])[i] / 255.0 / (100 * FEATURES);
	for (int i = 0; i < 100 * FEATURES; i++)
		variance += pow((&many.x[0][0])[i] / 255.0 - mean, 2) / (100 * FEATURES);
	assert_float_equal(
		*(double *)lepton_params_find(weights, "gamma")->data, 1 / (FEATURES * variance), 1e-5);
	assert_true(lepton_params_find(weights, "vectors/starts")->shape.dim[0] <= 101);
	lepton_params_release(weights);
	learner->ops->destroy(learner);
}
#endif

#ifdef HAVE_LIBLINEAR
static double loss_of(const char *loss, double margin)
{
	if (strcmp(loss, "logistic") == 0)
		return log(1 + exp(-margin));
	double short_of = margin < 1 ? 1 - margin : 0;
	return strcmp(loss, "hinge") == 0 ? short_of : short_of * short_of;
}

static void linear_row(const float *x, double bias, struct feature_node *node)
{
	int count = 0;
	for (int f = 0; f < FEATURES; f++)
		if (x[f] > 0)
			node[count++] = (struct feature_node){f + 1, (double)x[f]};
	if (bias > 0)
		node[count++] = (struct feature_node){FEATURES + 1, bias};
	node[count].index = -1;
}

static void same_as_liblinear(
	const struct set *set, const char *config, const char *loss, struct parameter parameter, double bias)
{
	static struct feature_node node[TRAIN + 1][FEATURES + 2], *row[TRAIN];
	static double y[TRAIN];
	struct lepton_learner *learner = trained("linear", config, set->data);
	const struct problem problem = {TRAIN, FEATURES + (bias > 0), y, row, bias > 0 ? bias : -1};
	float x[FEATURES], p[CLASSES];
	for (int i = 0; i < TRAIN; i++) {
		row_of(set->data, LEPTON_TRAIN, (uint32_t)i, x);
		linear_row(x, bias, row[i] = node[i]);
		y[i] = set->y[i];
	}
	set_print_string_function(silent);
	srand(1);
	struct model *m = train(&problem, &parameter);
	for (int i = 0; i < TEST; i++) {
		double decision[CLASSES], share[CLASSES];
		int class;
		row_of(set->data, LEPTON_TEST, (uint32_t)i, x);
		linear_row(x, bias, node[TRAIN]);
		int theirs = (int)predict_values(m, node[TRAIN], decision);
		if (m->nr_class == 2)
			decision[1] = -decision[0];
		for (int label = 0; label < set->classes; label++) {
			double sum = 0;
			for (int c = 0; c < m->nr_class; c++)
				sum += loss_of(loss, m->label[c] == label ? decision[c] : -decision[c]);
			sum /= m->nr_class;
			assert_float_equal(decide(learner, x, label, &class), sum, 1e-5 * (1 + sum));
		}
		assert_int_equal(class, theirs);
		assert_int_equal(learner->ops->predict(learner, x, 1, p, NULL), 0);
		assert_int_equal(largest(p, set->classes), theirs);
		if (strcmp(loss, "logistic") != 0)
			continue;
		predict_probability(m, node[TRAIN], share);
		for (int c = 0; c < m->nr_class; c++)
			assert_float_equal((double)p[m->label[c]], share[c], 1e-5);
	}
	free_and_destroy_model(&m);
	learner->ops->destroy(learner);
}

static void decisions_are_liblinears(void **state)
{
	static const struct {
		const char *config, *loss;
		int solver;
		double eps, bias;
	} cases[] = {
		{"{}", "squared_hinge", L2R_L2LOSS_SVC_DUAL, 0.1, 1},
		{"{\"dual\":false,\"tolerance\":0.001}", "squared_hinge", L2R_L2LOSS_SVC, 0.001, 1},
		{"{\"loss\":\"hinge\",\"bias\":0}", "hinge", L2R_L1LOSS_SVC_DUAL, 0.1, 0},
		{"{\"penalty\":\"l1\"}", "squared_hinge", L1R_L2LOSS_SVC, 0.01, 1},
		{"{\"loss\":\"logistic\"}", "logistic", L2R_LR, 0.01, 1},
		{"{\"loss\":\"logistic\",\"penalty\":\"l1\"}", "logistic", L1R_LR, 0.01, 1},
		{"{\"loss\":\"logistic\",\"dual\":true,\"bias\":2.5}", "logistic", L2R_LR_DUAL, 0.1, 2.5},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct parameter p = {
			.solver_type = cases[i].solver, .eps = cases[i].eps, .C = 1, .p = 0.1};
		same_as_liblinear(&many, cases[i].config, cases[i].loss, p, cases[i].bias);
		same_as_liblinear(&two, cases[i].config, cases[i].loss, p, cases[i].bias);
	}
}
#endif

/* ---- the same bits ---- */

static const struct {
	const char *kind, *config;
} kinds[] = {{"svm", "{\"C\":5}"}, {"svm", "{\"C\":5,\"probability\":true}"},
	{"linear", "{\"loss\":\"logistic\"}"}, {"linear", "{\"loss\":\"hinge\"}"}};

#define KINDS (sizeof kinds / sizeof *kinds)

static void twice_the_same_and_by_any_team(void **state)
{
	(void)state;
	needs(true, true);
	for (size_t i = 0; i < KINDS; i++) {
		const struct lepton_team team = test_team(3);
		struct lepton_learner *a = trained(kinds[i].kind, kinds[i].config, many.data),
				      *b = trained(kinds[i].kind, kinds[i].config, many.data);
		struct lepton_score one, other;
		struct lepton_state state_a;
		char hash[2][LEPTON_HASH_HEX];
		assert_int_equal(a->ops->save(a, &state_a, NULL), 0);
		struct lepton_params *weights = weights_of(b);
		lepton_params_hash(state_a.weights, hash[0]);
		lepton_params_hash(weights, hash[1]);
		assert_string_equal(hash[0], hash[1]);
		assert_true(state_a.step > 0);
		assert_int_equal(
			a->ops->evaluate(a, &lepton_team_alone, LEPTON_TEST, 0, TEST, &one, NULL), 0);
		assert_int_equal(b->ops->evaluate(b, &team, LEPTON_TEST, 0, TEST, &other, NULL), 0);
		assert_memory_equal(&one.loss, &other.loss, sizeof one.loss);
		assert_float_equal(one.accuracy, other.accuracy, 0);
		assert_true(one.accuracy > 0.4); /* chance is a quarter */
		b->ops->destroy(b);
		b = make(kinds[i].kind, kinds[i].config, many.data);
		assert_int_equal(b->ops->evaluate(b, &team, LEPTON_TEST, 0, 1, &other, NULL), LEPTON_E_STATE);
		assert_int_equal(b->ops->load(b, &state_a, NULL), 0);
		assert_int_equal(b->ops->evaluate(b, &team, LEPTON_TEST, 0, TEST, &other, NULL), 0);
		assert_memory_equal(&one.loss, &other.loss, sizeof one.loss);
		assert_int_equal(
			b->ops->evaluate(b, &team, LEPTON_TEST, 0, TEST + 1, &other, NULL), LEPTON_E_USAGE);
		lepton_state_clear(&state_a);
		lepton_params_release(weights);
		a->ops->destroy(a);
		b->ops->destroy(b);
	}
}

/* ---- tables ---- */

static void write_rows(const struct set *set, const char *name, int from, int to)
{
	char path[64];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int f = 0; f < FEATURES; f++)
		fprintf(file, "%c,", 'a' + f);
	fprintf(file, "class\n");
	for (int i = from; i < to; i++) {
		for (int f = 0; f < FEATURES; f++)
			if ((i * FEATURES + f) % 5 == 2)
				fprintf(file, ",");
			else
				fprintf(file, "%d,", set->x[i][f]);
		fprintf(file, "cloud %d\n", set->y[i]);
	}
	assert_int_equal(fclose(file), 0);
}

/* The clouds as a table with numbers as they are; each fifth value is missing. */
static struct lepton_dataset *holed(const struct set *set)
{
	const struct lepton_data_options options = {.format = "csv", .path = folder, .raw = true};
	struct lepton_dataset *data;
	write_rows(set, "train.csv", 0, TRAIN);
	write_rows(set, "test.csv", TRAIN, TRAIN + TEST);
	assert_int_equal(lepton_dataset_open(&options, &data, NULL), 0);
	return data;
}

/* Of the training samples that have a value. */
static float mean_of(const float *values, int feature)
{
	double sum = 0;
	int count = 0;
	for (int i = 0; i < TRAIN; i++) {
		float value = values[i * FEATURES + feature];
		if (!isnan(value)) {
			sum += (double)value;
			count++;
		}
	}
	return (float)(sum / count);
}

static void missing_values_count_as_the_mean(void **state)
{
	float x[FEATURES], p[CLASSES], other[CLASSES], none[CLASSES];
	(void)state;
	needs(true, true);
	struct lepton_dataset *data = holed(&many);
	const float *values = lepton_dataset_values(data, LEPTON_TRAIN),
		    *asked = lepton_dataset_values(data, LEPTON_TEST);
	for (size_t k = 1; k < 3; k++) { /* those with probabilities */
		struct lepton_learner *learner = trained(kinds[k].kind, kinds[k].config, data);
		int differ = 0;
		for (int i = 0; i < TEST; i++) {
			const float *row = asked + (ptrdiff_t)i * FEATURES;
			assert_int_equal(learner->ops->predict(learner, row, 1, p, NULL), 0);
			for (int f = 0; f < FEATURES; f++)
				x[f] = isnan(row[f]) ? mean_of(values, f) : row[f];
			assert_int_equal(learner->ops->predict(learner, x, 1, other, NULL), 0);
			for (int f = 0; f < FEATURES; f++)
				x[f] = isnan(row[f]) ? 0 : row[f];
			assert_int_equal(learner->ops->predict(learner, x, 1, none, NULL), 0);
			for (int c = 0; c < CLASSES; c++) {
				assert_float_equal((double)p[c], (double)other[c], 1e-5);
				differ += fabsf(p[c] - none[c]) > 1e-3f;
			}
		}
		assert_true(differ > TEST); /* or it would not matter what stands there */
		learner->ops->destroy(learner);
	}
	lepton_dataset_release(data);
}

/* ---- faults ---- */

static void set_number(const struct lepton_tensor *t, void *data, double value)
{
	if (t->dtype == LEPTON_F64)
		((double *)data)[0] = value;
	else if (t->dtype == LEPTON_I32)
		((int32_t *)data)[0] = (int32_t)value;
	else
		((float *)data)[0] = (float)value;
}

static void spoil(struct lepton_learner *learner, const char *name, double value)
{
	struct lepton_params *weights = weights_of(learner), *copy;
	struct lepton_error err = {0};
	assert_int_equal(lepton_params_copy(weights, &copy, NULL), 0);
	for (size_t i = 0; i < lepton_params_count(copy); i++)
		if (strcmp(lepton_params_at(copy, i)->name, name) == 0)
			set_number(lepton_params_at(copy, i), lepton_params_data(copy, i), value);
	assert_int_equal(learner->ops->set_weights(learner, copy, &err), LEPTON_E_CORRUPT);
	assert_non_null(strstr(err.message, "damaged"));
	lepton_params_release(copy);
	lepton_params_release(weights);
}

static void damaged_tensors_are_refused(void **state)
{
	static const struct {
		const char *name;
		double value;
	} bad[] = {{"vectors/starts", 1}, {"vectors/starts", -1}, {"vectors/columns", FEATURES},
		{"vectors/columns", -1}, {"vectors/values", (double)NAN}, {"coefficients", (double)INFINITY},
		{"rho", (double)NAN}, {"labels", CLASSES}, {"labels", -1}, {"counts", -1}, {"counts", 1e9},
		{"gamma", (double)NAN}};
	needs(true, true);
	struct lepton_learner *svm = trained("svm", "{}", many.data),
			      *linear = trained("linear", "{}", many.data),
			      *other = make("svm", "{}", two.data);
	struct lepton_params *weights = weights_of(svm), *theirs = weights_of(linear);
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		spoil(svm, bad[i].name, bad[i].value);
	spoil(linear, "kernel", (double)NAN);
	spoil(linear, "bias", (double)INFINITY);
	assert_int_equal(svm->ops->set_weights(svm, theirs, NULL), LEPTON_E_SHAPE);
	assert_int_equal(linear->ops->set_weights(linear, weights, NULL), LEPTON_E_SHAPE);
	assert_int_equal(other->ops->set_weights(other, weights, NULL), LEPTON_E_SHAPE); /* of two classes */
	lepton_params_release(weights);
	lepton_params_release(theirs);
	svm->ops->destroy(svm);
	linear->ops->destroy(linear);
	other->ops->destroy(other);
}

static void settings_are_checked(void **state)
{
	static const struct {
		const char *kind, *config, *word;
	} bad[] = {
		{"svm", "{\"kernel\":\"gauss\"}", "linear|poly|rbf|sigmoid"},
		{"svm", "{\"C\":0}", "\"C\" is 0, but goes from 1e-09"},
		{"svm", "{\"gamma\":0}", "\"gamma\" takes \"scale\", \"auto\" or a number above 0"},
		{"svm", "{\"gamma\":\"big\"}", "\"gamma\" takes"},
		{"svm", "{\"degree\":1.5}", "\"degree\" takes a whole number"},
		{"svm", "{\"probability\":1}", "\"probability\" takes true or false"},
		{"svm", "{\"train_limit\":1}", "train_limit"},
		{"linear", "{\"loss\":\"mse\"}", "squared_hinge|hinge|logistic"},
		{"linear", "{\"loss\":\"hinge\",\"penalty\":\"l1\"}",
			"\"penalty\" l1 does not go with loss hinge"},
		{"linear", "{\"loss\":\"hinge\",\"dual\":false}", "\"dual\" cannot be false with loss hinge"},
		{"linear", "{\"penalty\":\"l1\",\"dual\":true}", "\"dual\" cannot be true"},
		{"linear", "{\"bias\":-1}", "bias"},
		{"linear", "3", "takes an object"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct lepton_learner *learner;
		struct lepton_error err = {0};
		cJSON *config = cJSON_Parse(bad[i].config);
		const struct lepton_learner_ops *ops = lepton_learner_find(bad[i].kind);
		assert_int_equal(ops->create(bad[i].config, 1, many.data, &learner, &err), LEPTON_E_SPEC);
		assert_non_null(strstr(err.message, bad[i].word));
		assert_int_equal(lepton__learner_check(bad[i].kind, config, &err), LEPTON_E_SPEC);
		cJSON_Delete(config);
	}
	assert_true(lepton_learner_find("svm")->discrete);
	assert_false(lepton_learner_find("linear")->discrete);
}

static void samples_of_too_few_classes_are_refused(void **state)
{
	const struct lepton_shape shape = {1, {2}};
	static const uint8_t x[12], y[6] = {1, 1, 1, 0, 0, 1};
	struct lepton_dataset *data;
	struct lepton_learner *learner;
	struct lepton_error err = {0};
	(void)state;
	assert_int_equal(lepton_dataset_from_u8(x, y, 6, 1, &shape, 3, 0, &data, NULL), 0);
	const struct lepton_learner_ops *svm = lepton_learner_find("svm"),
					*linear = lepton_learner_find("linear");
	assert_int_equal(svm->create("{\"train_limit\":3}", 1, data, &learner, &err), LEPTON_E_DATA);
	assert_string_equal(
		err.message, "svm: all 3 training samples are of one class; it needs two or more");
	assert_int_equal(linear->create("{}", 1, data, &learner, &err), LEPTON_E_DATA);
	assert_non_null(strstr(err.message, "none of the 5 training samples is of class 2"));
	assert_int_equal(
		svm->create("{}", 1, data, &learner, NULL), 0); /* without class 2: never its answer */
	learner->ops->destroy(learner);
	lepton_dataset_release(data);
}

/* A solver that is a script: what it does to the tray, and how its end is told. */
static void fake(const char *script, const char *sentence)
{
	char path[64];
	struct lepton_learner *learner = make("svm", "{}", many.data);
	snprintf(path, sizeof path, "%s/solver", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fchmod(fileno(file), 0755), 0);
	assert_int_equal(fclose(file), 0);
	setenv("LEPTON_SOLVER", path, 1);
	struct lepton_report end = run(learner);
	unsetenv("LEPTON_SOLVER");
	assert_int_equal(end.code, LEPTON_E_IO);
	if (!strstr(end.line, sentence))
		fail_msg("\"%s\" does not say \"%s\"", end.line, sentence);
	assert_int_equal(
		learner->ops->weights(learner, &(struct lepton_params *){NULL}, NULL), LEPTON_E_STATE);
	learner->ops->destroy(learner);
}

static void a_solver_is_not_believed(void **state)
{
	(void)state;
	needs(true, false);
	fake("exit 0", "its solver ended without an answer");
	fake("echo oh no >&2; exit 3", "its solver ended with exit code 3; it said last: oh no");
	fake("kill -9 $$", "its solver was killed by signal 9 (Killed): was there memory enough?");
	fake("echo '{\"weights\": \"tray\"}'", "the solver's answer cannot be read: it is too short");
	fake("printf '%0100d' 0 >>/proc/self/fd/0; echo '{\"weights\": \"tray\"}'",
		"the solver's answer is damaged");
}

static void a_solver_that_is_not_there_is_named(void **state)
{
	needs(true, false);
	const struct lepton_outside_start start = {"v", 0, 0, NULL};
	struct lepton_learner *learner = make("svm", "{}", many.data);
	struct lepton_error err = {0};
	(void)state;
	setenv("LEPTON_SOLVER", "/no/such/solver", 1);
	assert_int_equal(learner->ops->outside->run(learner, &start, &err), LEPTON_E_NOTFOUND);
	unsetenv("LEPTON_SOLVER");
	assert_non_null(strstr(err.message, "cannot start \"/no/such/solver\": No such file"));
	learner->ops->destroy(learner);
}

/* ---- against the tools ---- */

/* tests/oracles/svm_tools.py with libsvm-tools 3.24 and liblinear-tools 2.3.0: of MNIST's first 2,000 test
 * images so many are right after the first 3,000 training images. Where the primal is solved, the tolerance
 * is small enough for any BLAS to come to the same answers: how it rounds decides when conjugate gradients
 * stop. */
static const struct {
	const char *kind, *config, *tool, *options;
	int right;
} theirs[] = {
	{"svm", "{\"C\":10,\"gamma\":0.02}", "svm", "-t 2 -c 10 -g 0.02", 1852},
	{"svm", "{\"kernel\":\"linear\",\"C\":0.1}", "svm", "-t 0 -c 0.1", 1741},
	{"svm", "{\"kernel\":\"poly\",\"gamma\":0.01,\"coef0\":1}", "svm", "-t 1 -c 1 -g 0.01 -r 1 -d 3",
		1825},
	{"svm", "{\"kernel\":\"sigmoid\",\"C\":10,\"gamma\":0.005,\"coef0\":-1}", "svm",
		"-t 3 -c 10 -g 0.005 -r -1", 1787},
	{"linear", "{\"C\":0.1}", "liblinear", "-s 1 -c 0.1 -B 1", 1699},
	{"linear", "{\"C\":0.1,\"dual\":false,\"tolerance\":1e-5}", "liblinear", "-s 2 -c 0.1 -B 1 -e 1e-5",
		1701},
	{"linear", "{\"C\":0.1,\"loss\":\"hinge\"}", "liblinear", "-s 3 -c 0.1 -B 1", 1716},
	{"linear", "{\"C\":0.1,\"penalty\":\"l1\"}", "liblinear", "-s 5 -c 0.1 -B 1", 1701},
	{"linear", "{\"loss\":\"logistic\",\"tolerance\":1e-5}", "liblinear", "-s 0 -c 1 -B 1 -e 1e-5", 1707},
	{"linear", "{\"loss\":\"logistic\",\"penalty\":\"l1\"}", "liblinear", "-s 6 -c 1 -B 1", 1709},
	{"linear", "{\"loss\":\"logistic\",\"dual\":true,\"bias\":0}", "liblinear", "-s 7 -c 1", 1700},
};

static void write_text(struct lepton_dataset *data, enum lepton_split split, const char *name)
{
	char path[64];
	float x[784];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (int64_t i = 0; i < lepton_dataset_count(data, split); i++) {
		row_of(data, split, (uint32_t)i, x);
		fprintf(file, "%d", lepton_dataset_labels(data, split)[i]);
		for (int f = 0; f < 784; f++)
			if (x[f] > 0)
				fprintf(file, " %d:%.17g", f + 1, (double)x[f]);
		fputs(i ? "\n" : " 784:0\n",
			file); /* or they count fewer columns, and shuffle them otherwise */
	}
	assert_int_equal(fclose(file), 0);
}

/* The tool's predictions; false where it is not installed. */
static bool predictions(const char *tool, const char *options, int *out, int count)
{
	char command[512];
	snprintf(command, sizeof command,
		"command -v %s-train >/dev/null && command -v %s-predict >/dev/null", tool, tool);
	if (system(command))
		return false;
	snprintf(command, sizeof command,
		"cd %s && export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 && %s-train %s -q train model && "
		"%s-predict "
		"test model out >/dev/null",
		folder, tool, options, tool);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof command, "%s/out", folder);
	FILE *file = fopen(command, "r");
	assert_non_null(file);
	for (int i = 0; i < count; i++)
		assert_int_equal(fscanf(file, "%d", &out[i]), 1);
	fclose(file);
	return true;
}

static void as_right_as_the_tools(void **state)
{
	const struct lepton_data_options options = {
		.format = "idx", .path = getenv("LEPTON_MNIST"), .limit = 3000, .test_limit = 2000};
	struct lepton_dataset *data;
	static int tool[2000];
	(void)state;
	needs(true, true);
#if defined(__SANITIZE_THREAD__) ||                                                                          \
	defined(__SANITIZE_ADDRESS__) /* a minute of what the others do in small */
	printf("accuracy beside the tools' is left out under the sanitizers: the build without them sees to "
	       "it\n");
	skip();
#endif
	if (!options.path)
		skip();
	assert_int_equal(lepton_dataset_open(&options, &data, NULL), 0);
	write_text(data, LEPTON_TRAIN, "train");
	write_text(data, LEPTON_TEST, "test");
	for (size_t m = 0; m < sizeof theirs / sizeof *theirs; m++) {
		struct lepton_learner *learner = trained(theirs[m].kind, theirs[m].config, data);
		struct lepton_score score;
		float x[784], p[10];
		int differ = 0;
		bool there = predictions(theirs[m].tool, theirs[m].options, tool, 2000);
		for (uint32_t i = 0; i < 2000 && there; i++) {
			row_of(data, LEPTON_TEST, i, x);
			assert_int_equal(learner->ops->predict(learner, x, 1, p, NULL), 0);
			differ += largest(p, 10) != tool[i];
		}
		assert_int_equal(learner->ops->evaluate(
					 learner, &lepton_team_alone, LEPTON_TEST, 0, 2000, &score, NULL),
			0);
		int right = (int)lround(score.accuracy * 2000);
		if (there)
			printf("%s %s: %d right, %s-predict %d; %d answers differ\n", theirs[m].kind,
				theirs[m].config, right, theirs[m].tool, theirs[m].right, differ);
		else
			printf("%s %s: %d right, recorded %d; not run beside it: no %s-train here (Debian: "
			       "%s-tools)\n",
				theirs[m].kind, theirs[m].config, right, theirs[m].right, theirs[m].tool,
				strcmp(theirs[m].tool, "svm") == 0 ? "libsvm" : "liblinear");
		assert_int_equal(differ, 0);
		assert_int_equal(right, theirs[m].right);
		learner->ops->destroy(learner);
	}
	lepton_dataset_release(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_checked),
#ifdef HAVE_LIBSVM
		cmocka_unit_test(decisions_are_libsvms),
		cmocka_unit_test(gamma_scale_is_by_the_variance),
#endif
#ifdef HAVE_LIBLINEAR
		cmocka_unit_test(decisions_are_liblinears),
#endif
		cmocka_unit_test(samples_of_too_few_classes_are_refused),
		cmocka_unit_test(a_solver_is_not_believed),
		cmocka_unit_test(a_solver_that_is_not_there_is_named),
		cmocka_unit_test(twice_the_same_and_by_any_team),
		cmocka_unit_test(missing_values_count_as_the_mean),
		cmocka_unit_test(damaged_tensors_are_refused),
		cmocka_unit_test(as_right_as_the_tools),
	};
	return cmocka_run_group_tests_name("svm", tests, setup, teardown);
}
