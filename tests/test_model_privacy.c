/* tests/test_model_privacy.c - training with "privacy": a step is the mean of the clipped gradients of single
 * examples, and noise of the stated deviation; the same with any number of workers, and after a stop.
 *
 * What the gradient of one example is, networks without "privacy" say: in batches of one, at a rate of 1, and
 * with one sample in their data, a step is that gradient.
 */
#include "config.h"
#include "corner_learner.h"
#include "lepton/privacy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N 7 /* samples, in two parts: of 4 and of 3 */
#define SIDE 8
#define PIXELS (SIDE * SIDE)
#define RATE 0.5
#define WEIGHTS_MOST 4000

static const char mlp[] = "{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":9,\"activation\":\"tanh\"},"
			  "{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}";
static const char cnn[] =
	"{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":3,\"activation\":\"relu\"},{\"type\":"
	"\"MaxPooling2D\"},"
	"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}";
static const char tail[] =
	"{\"type\":\"Conv2D\",\"filters\":32,\"kernel_size\":3,\"activation\":\"relu\"},"
	"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}";
static const char gelu[] = "{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":9,\"activation\":\"gelu\"},"
			   "{\"type\":\"Dense\",\"units\":7,\"activation\":\"sigmoid\"},"
			   "{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}";
static const char *const shapes[] = {mlp, cnn, tail, gelu};

static uint8_t images[N * PIXELS], labels[N];

static struct lepton_dataset *samples(int first, int count)
{
	const struct lepton_shape shape = {3, {SIDE, SIDE, 1}};
	struct lepton_dataset *made;
	assert_int_equal(lepton_dataset_from_u8(images + first * PIXELS, labels + first, count, 0, &shape, 3,
				 0, &made, NULL),
		0);
	return made;
}

static void fill_samples(void)
{
	uint32_t seed = 5;
	for (int i = 0; i < N * PIXELS; i++)
		images[i] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
	for (int i = 0; i < N; i++)
		labels[i] = (uint8_t)(i % 3);
}

static struct lepton_learner *small(
	const char *layers, struct lepton_dataset *of, int batch, const char *more)
{
	char config[900];
	struct lepton_learner *learner;
	struct lepton_error err = {0};
	snprintf(config, sizeof config,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[%d,%d,1]},%s],\"batch_size\":%d,\"epochs\":3,"
		"\"micro_batches\":%d,\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":%g}%s}",
		SIDE, SIDE, layers, batch, batch > 1 ? 2 : 1, RATE, more);
	if (lepton_learner_find("network")->create(config, 7, of, &learner, &err))
		fail_msg("%s", err.message);
	return learner;
}

/* All values of a learner's tensors in a row; how many. */
static int values_of(struct lepton_learner *learner, double *out)
{
	struct lepton_params *weights = weights_of(learner);
	int count = 0;
	for (size_t i = 0; i < lepton_params_count(weights); i++) {
		const struct lepton_tensor *t = lepton_params_at(weights, i);
		for (int64_t k = 0; k < lepton_shape_count(&t->shape) && count < WEIGHTS_MOST; k++)
			out[count++] = (double)((const float *)t->data)[k];
	}
	lepton_params_release(weights);
	return count;
}

/* The gradient that the next step goes by. */
static int step_gradient(struct lepton_learner *learner, double *gradient)
{
	static double before[WEIGHTS_MOST];
	int count = values_of(learner, before);
	steps(learner, &lepton_team_alone, 1);
	values_of(learner, gradient);
	for (int i = 0; i < count; i++)
		gradient[i] = (before[i] - gradient[i]) / RATE;
	return count;
}

/* The mean of the examples' gradients, each clipped. */
static int expected(const char *layers, double clip, double *mean)
{
	static double one[WEIGHTS_MOST];
	int count = 0, clipped = 0;
	memset(mean, 0, WEIGHTS_MOST * sizeof *mean);
	for (int s = 0; s < N; s++) {
		struct lepton_dataset *single = samples(s, 1);
		struct lepton_learner *learner = small(layers, single, 1, "");
		double squares = 0;
		count = step_gradient(learner, one);
		for (int i = 0; i < count; i++)
			squares += one[i] * one[i];
		clipped += sqrt(squares) > clip;
		for (int i = 0; i < count; i++)
			mean[i] += one[i] * fmin(1, clip / sqrt(squares)) / N;
		learner->ops->destroy(learner);
		lepton_dataset_release(single);
	}
	assert_true(clip < 1e6 || clipped == 0);
	assert_true(clip > 0.1 || clipped == N);
	return count;
}

static void check_close(const double *a, const double *b, int count, double tolerance)
{
	for (int i = 0; i < count; i++)
		if (!(fabs(a[i] - b[i]) <= tolerance))
			fail_msg("weight %d: %.9g and %.9g", i, a[i], b[i]);
}

static void test_without_clip_and_noise(void **state)
{
	(void)state;
	static double plain[WEIGHTS_MOST], private[WEIGHTS_MOST];
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct lepton_dataset *all = samples(0, N);
		struct lepton_learner *a = small(shapes[i], all, N, ""),
				      *b = small(
					      shapes[i], all, N, ",\"privacy\":{\"noise\":0,\"clip\":1e6}");
		for (int step = 0; step < 3; step++) {
			int count = step_gradient(a, plain);
			step_gradient(b, private);
			check_close(plain, private, count, 2e-6);
		}
		a->ops->destroy(a);
		b->ops->destroy(b);
		lepton_dataset_release(all);
	}
}

static void test_clipped_by_the_example(void **state)
{
	(void)state;
	static double mean[WEIGHTS_MOST], step[WEIGHTS_MOST];
	static const double clips[] = {1e6, 2.5, 0.7, 0.01};
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		for (size_t c = 0; c < sizeof clips / sizeof *clips; c++) {
			char more[80];
			struct lepton_dataset *all = samples(0, N);
			snprintf(more, sizeof more, ",\"privacy\":{\"noise\":0,\"clip\":%g}", clips[c]);
			struct lepton_learner *learner = small(shapes[i], all, N, more);
			int count = expected(shapes[i], clips[c], mean);
			step_gradient(learner, step);
			check_close(mean, step, count, 2e-6);
			learner->ops->destroy(learner);
			lepton_dataset_release(all);
		}
}

/* What a step with noise has more than one without: of `count` coordinates. */
static int noise_of(const char *noisy, uint64_t seed, double *out)
{
	static double quiet[WEIGHTS_MOST];
	char config[900];
	struct lepton_learner *learner;
	struct lepton_dataset *all = samples(0, N);
	struct lepton_learner *still = small(mlp, all, N, ",\"privacy\":{\"noise\":0,\"clip\":0.5}");
	struct lepton_params *start = weights_of(still);
	snprintf(config, sizeof config,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[%d,%d,1]},%s],\"batch_size\":%d,\"epochs\":3,"
		"\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":%g},%s}",
		SIDE, SIDE, mlp, N, RATE, noisy);
	assert_int_equal(lepton_learner_find("network")->create(config, seed, all, &learner, NULL), 0);
	assert_int_equal(learner->ops->set_weights(learner, start, NULL), 0);
	int count = step_gradient(still, quiet);
	step_gradient(learner, out);
	for (int i = 0; i < count; i++)
		out[i] -= quiet[i];
	lepton_params_release(start);
	still->ops->destroy(still);
	learner->ops->destroy(learner);
	lepton_dataset_release(all);
	return count;
}

static const char noisy[] = "\"privacy\":{\"noise\":3,\"clip\":0.5}";

/* Mean, deviation, skew and tail of a bell curve, each within four deviations of its own; no two neighbours
 * go together. */
static void test_noise_is_normal(void **state)
{
	(void)state;
	static double z[WEIGHTS_MOST];
	int n = noise_of(noisy, 7, z), out = 0;
	double sum = 0, squares = 0, cubes = 0, pairs = 0;
	for (int i = 0; i < n; i++)
		z[i] /= 3 * 0.5 / N;
	for (int i = 0; i < n; i++) {
		sum += z[i];
		squares += z[i] * z[i];
		cubes += z[i] * z[i] * z[i];
		out += fabs(z[i]) > 2;
		pairs += i ? z[i] * z[i - 1] : 0;
	}
	assert_true(n > 600);
	assert_true(fabs(sum / n) < 4 / sqrt(n));
	assert_true(fabs(squares / n - 1) < 4 * sqrt(2.0 / n));
	assert_true(fabs(cubes / n) < 4 * sqrt(15.0 / n));
	assert_true(fabs(pairs / n) < 4 / sqrt(n));
	assert_true(fabs(out / (double)n - 0.0455) < 4 * sqrt(0.0455 / n));
}

/* Its own in each training: another seed, setting or start has another; the same has the same. */
static void test_noise_is_ones_own(void **state)
{
	(void)state;
	static double a[WEIGHTS_MOST], b[WEIGHTS_MOST];
	static const char *const others[] = {"\"privacy\":{\"noise\":3,\"clip\":0.5,\"delta\":1e-6}",
		"\"epochs\":4,\"privacy\":{\"noise\":3,\"clip\":0.5}"};
	int n = noise_of(noisy, 7, a);
	noise_of(noisy, 7, b);
	assert_memory_equal(a, b, (size_t)n * sizeof *a);
	for (int other = -1; other < 1; other++) {
		double together = 0;
		noise_of(other < 0 ? noisy : others[other], other < 0 ? 8 : 7, b);
		for (int i = 0; i < n; i++)
			together += a[i] * b[i] / (3 * 0.5 / N * 3 * 0.5 / N);
		assert_true(fabs(together / n) < 4 / sqrt(n));
	}
}

/* Two steps of the same number from different weights, as those of a clone and its source, share no noise. */
static void test_noise_of_a_clone(void **state)
{
	(void)state;
	static double a[WEIGHTS_MOST], b[WEIGHTS_MOST];
	struct lepton_dataset *all = samples(0, N);
	struct lepton_learner *source = small(mlp, all, N, ",\"privacy\":{\"noise\":100,\"clip\":0.001}"),
			      *clone = small(mlp, all, N, ",\"privacy\":{\"noise\":100,\"clip\":0.001}");
	int n = step_gradient(source, a);
	struct lepton_params *weights = weights_of(source);
	assert_int_equal(clone->ops->set_weights(clone, weights, NULL), 0);
	step_gradient(clone, b);
	double together = 0;
	for (int i = 0; i < n; i++)
		together += a[i] * b[i] / (0.1 / N * 0.1 / N);
	assert_true(fabs(together / n) < 4 / sqrt(n));
	lepton_params_release(weights);
	source->ops->destroy(source);
	clone->ops->destroy(clone);
	lepton_dataset_release(all);
}

static void test_a_stop_changes_no_bit(void **state)
{
	(void)state;
	check_stops(",\"micro_batches\":3,\"privacy\":{\"noise\":0.7,\"clip\":0.3}");
	check_stops(",\"micro_batches\":3,\"privacy\":{\"noise\":0.7},\"optimizer\":{\"name\":\"adam\"}");
}

/* It learns the easy thing it is given, and is the worse the more noise there is. */
static void test_it_learns(void **state)
{
	(void)state;
	static const char sgd[] = ",\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":0.3}";
	char more[2][160];
	for (int i = 0; i < 2; i++)
		snprintf(more[i], sizeof more[i], ",\"privacy\":{\"noise\":%g}%s", i ? 20.0 : 0.3, sgd);
	struct lepton_learner *little = make(more[0]), *much = make(more[1]);
	steps(little, &lepton_team_alone, STEPS);
	steps(much, &lepton_team_alone, STEPS);
	assert_true(score_of(little).accuracy > 0.8);
	assert_true(score_of(much).loss > score_of(little).loss);
	little->ops->destroy(little);
	much->ops->destroy(much);
}

/* Two examples in one batch lose units of their own: with one mask for all, half of the pixels would leave no
 * gradient. */
static void check_dropping(const char *layers, int before)
{
	static double step[WEIGHTS_MOST];
	struct lepton_dataset *all = samples(0, N);
	struct lepton_learner *learner = small(layers, all, N, ",\"privacy\":{\"noise\":0,\"clip\":1e6}");
	const double *by_pixel = step + before;
	int silent = 0; /* pixels that all samples dropped: one in 2^7 */
	step_gradient(learner, step);
	for (int p = 0; p < PIXELS; p++)
		silent += !(fabs(by_pixel[3 * p]) > 0 || fabs(by_pixel[3 * p + 1]) > 0);
	assert_true(silent < PIXELS / 8);
	learner->ops->destroy(learner);
	lepton_dataset_release(all);
}

static void test_dropout_by_the_example(void **state)
{
	(void)state;
	check_dropping("{\"type\":\"Flatten\"},{\"type\":\"Dropout\",\"rate\":0.5},"
		       "{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}",
		0);
	check_dropping("{\"type\":\"Conv2D\",\"filters\":1,\"kernel_size\":1},{\"type\":\"Flatten\"},"
		       "{\"type\":\"Dropout\",\"rate\":0.5},{\"type\":\"Dense\",\"units\":3,\"activation\":"
		       "\"softmax\"}",
		2);
}

static void test_bad_settings(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"{}", "privacy: \"noise\" is missing"},
		{"3", "\"privacy\" takes an object"},
		{"{\"noise\":-1}", "privacy: \"noise\" is -1, but goes from 0 to 1000"},
		{"{\"noise\":\"much\"}", "privacy: \"noise\" takes a number"},
		{"{\"noise\":1,\"clip\":0}", "privacy: \"clip\" is 0"},
		{"{\"noise\":1,\"delta\":0}", "privacy: \"delta\" is 0"},
		{"{\"noise\":1,\"delta\":1}", "privacy: \"delta\" is 1"},
		{"{\"noise\":1,\"clips\":1}", "did you mean \"clip\""},
		{"{\"noise\":1},\"pruning\":{\"sparsity\":0.5}", "privacy: does not go with \"pruning\""},
		{"{\"noise\":1},\"clustering\":{\"clusters\":4}", "privacy: does not go with \"clustering\""},
		{"{\"noise\":1},\"averaging\":{\"method\":\"ema\"}",
			"privacy: does not go with \"averaging\""},
		{"{\"noise\":1},\"quantization\":{\"bits\":4}", "privacy: does not go with \"quantization\""},
		{"{\"noise\":1},\"teacher\":{\"share\":0.5}", "privacy: does not go with \"teacher\""},
	};
	check_refused("privacy", cases, sizeof cases / sizeof *cases);
}

static void test_no_batch_normalization(void **state)
{
	(void)state;
	struct lepton_learner *learner;
	struct lepton_error err = {0};
	static const char config[] =
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":4},"
		"{\"type\":\"BatchNormalization\"},{\"type\":\"Dense\",\"units\":2,\"activation\":"
		"\"softmax\"}],"
		"\"privacy\":{\"noise\":1}}";
	assert_int_equal(
		lepton_learner_find("network")->create(config, 7, data, &learner, &err), LEPTON_E_SPEC);
	assert_non_null(
		strstr(err.message, "privacy: with BatchNormalization the examples of a batch depend"));
}

static void test_no_whole_numbers(void **state)
{
	(void)state;
	struct lepton_learner *learner = make(",\"privacy\":{\"noise\":1}");
	struct lepton_error err = {0};
	assert_int_equal(learner->ops->use_int8(learner, &err), LEPTON_E_UNSUPPORTED);
	assert_non_null(strstr(err.message, "privacy"));
	learner->ops->destroy(learner);
}

static int set_up(void **state)
{
	fill_samples();
	return make_data(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_clip_and_noise),
		cmocka_unit_test(test_clipped_by_the_example),
		cmocka_unit_test(test_noise_is_normal),
		cmocka_unit_test(test_noise_is_ones_own),
		cmocka_unit_test(test_noise_of_a_clone),
		cmocka_unit_test(test_a_stop_changes_no_bit),
		cmocka_unit_test(test_it_learns),
		cmocka_unit_test(test_dropout_by_the_example),
		cmocka_unit_test(test_bad_settings),
		cmocka_unit_test(test_no_batch_normalization),
		cmocka_unit_test(test_no_whole_numbers),
	};
	return cmocka_run_group_tests(tests, set_up, drop_data);
}
