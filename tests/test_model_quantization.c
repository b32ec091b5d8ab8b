/* tests/test_model_quantization.c - training with rounded weights: a step is the step of a network whose
 * weights are rounded here, by a plain search for the scale; what is rounded stays so to the bit, in a
 * compressed blob too; and a stop anywhere changes no bit.
 */
#include "config.h"
#include "corner_learner.h"
#include "model/quantization.h"
#include "lepton/compress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct lepton_learner *make_quantized(int bits, const char *per, const char *more)
{
	char text[200];
	snprintf(text, sizeof text, ",\"quantization\":{\"bits\":%d,\"per\":\"%s\"}%s", bits, per, more);
	return make(text);
}

/* ---- rounding, the slow way ---- */

static double error_with(const float *w, int64_t at, int64_t step, int64_t count, double scale, int most)
{
	double sum = 0;
	for (int64_t i = at; i < count; i += step) {
		double code = fmax(-most, fmin(most, rint((double)w[i] / scale)));
		sum += pow((double)w[i] - scale * code, 2);
	}
	return sum;
}

/* The least squared error of any scale, near enough. */
static double least_error(const float *w, int64_t at, int64_t step, int64_t count, int most)
{
	double largest = 0, least = INFINITY;
	for (int64_t i = at; i < count; i += step)
		largest = fmax(largest, fabs((double)w[i]));
	for (int k = 1; k <= 4000; k++)
		least = fmin(least, error_with(w, at, step, count, largest / most * k / 4000, most));
	return least;
}

/* What the network itself rounds to, seen from outside: after no step at all it is what layers run on. */
static void check_rounding(
	const float *exact, const float *rounded, int64_t rows, int64_t columns, int most, bool per_channel)
{
	const int64_t step = per_channel ? columns : 1, count = rows * columns;
	for (int64_t at = 0; at < step; at++) {
		double largest = 0, from = 0, error = 0;
		for (int64_t i = at; i < count; i += step) {
			largest = fmax(largest, fabs((double)rounded[i]));
			from = fmax(from, fabs((double)exact[i]));
			error += pow((double)exact[i] - (double)rounded[i], 2);
		}
		const double scale = largest / most;
		for (int64_t i = at; i < count;
			i += step) { /* whole numbers times the scale, and the nearest */
			double code = (double)rounded[i] / scale;
			assert_true(fabs(code - rint(code)) < 1e-4);
			double near = fmax(-most, fmin(most, (double)exact[i] / scale));
			assert_true(fabs(code - near) < 0.5 + 1e-4);
		}
		assert_true(scale <= from / most * (1 + 1e-6));
		if (most == 127)
			assert_true(fabs(scale - from / most) < 1e-6 * scale);
		else if (error > (most > 7 ? 1.5 : 1.25) * least_error(exact, at, step, count, most))
			fail_msg("most %d: the squared error is %g, but could be %g", most, error,
				least_error(exact, at, step, count, most));
	}
}

static const int bits_tried[] = {2, 3, 4, 6, 8};
static const char *const pers[] = {"channel", "tensor"};

/* Of a bell curve of weights. */
static void test_rounding(void **state)
{
	(void)state;
	struct lepton__rng rng;
	enum { ROWS = 400, COLUMNS = 21 };
	static float w[ROWS * COLUMNS];
	struct lepton_shape shape = {2, {ROWS, COLUMNS}};
	lepton__rng_init(&rng, 5, 0);
	for (int i = 0; i < ROWS * COLUMNS; i++)
		w[i] = (float)(lepton__rng_normal(&rng) * (0.1 + 0.005 * (i % COLUMNS)));
	for (size_t b = 0; b < sizeof bits_tried / sizeof *bits_tried; b++)
		for (int p = 0; p < 2; p++) {
			struct lepton__layer layer = {.tensor_count = 1, .tensor = {shape}};
			struct lepton__graph graph = {
				.layers = &layer, .count = 1, .tensors = 1, .floats = ROWS * COLUMNS};
			struct lepton__quantization q = {
				.on = true, .most = (1 << (bits_tried[b] - 1)) - 1, .per_channel = p == 0};
			assert_int_equal(lepton__quantization_plan(&q, &graph, NULL), 0);
			lepton__quantization_round(&q, &graph, w);
			check_rounding(w, q.rounded, ROWS, COLUMNS, q.most, q.per_channel);
			static float once[ROWS * COLUMNS];
			memcpy(once, q.rounded, sizeof once);
			lepton__quantization_round(&q, &graph, once);
			assert_memory_equal(once, q.rounded, sizeof once);
			lepton__quantization_free(&q);
		}
}

/* ---- a step ---- */

/* Another network with the weights that the first one's layers run on. */
static struct lepton_params *rounded_of(struct lepton_learner *learner, int bits, bool per_channel)
{
	struct lepton_params *weights = weights_of(learner), *rounded;
	assert_int_equal(lepton_params_copy(weights, &rounded, NULL), 0);
	for (size_t i = 0; i < lepton_params_count(weights); i++) {
		const struct lepton_tensor *t = lepton_params_at(weights, i);
		if (t->shape.rank < 2)
			continue;
		struct lepton__layer layer = {.tensor_count = 1, .tensor = {t->shape}};
		const int64_t count = lepton_shape_count(&t->shape);
		struct lepton__graph graph = {.layers = &layer, .count = 1, .tensors = 1, .floats = count};
		struct lepton__quantization q = {
			.on = true, .most = (1 << (bits - 1)) - 1, .per_channel = per_channel};
		assert_int_equal(lepton__quantization_plan(&q, &graph, NULL), 0);
		lepton__quantization_round(&q, &graph, t->data);
		memcpy(lepton_params_data(rounded, i), q.rounded, (size_t)count * sizeof(float));
		lepton__quantization_free(&q);
	}
	lepton_params_release(weights);
	return rounded;
}

/* The gradient of plain SGD is the change; both must have the same. */
static void test_a_step_goes_straight_through(void **state)
{
	(void)state;
	static const char sgd[] = ",\"optimizer\":{\"name\":\"sgd\",\"learning_rate\":0.5}";
	for (size_t b = 0; b < sizeof bits_tried / sizeof *bits_tried; b++) {
		struct lepton_learner *one = make_quantized(bits_tried[b], pers[b % 2], sgd),
				      *other = make(sgd);
		struct lepton_params *before = weights_of(one),
				     *rounded = rounded_of(one, bits_tried[b], b % 2 == 0);
		assert_int_equal(other->ops->set_weights(other, rounded, NULL), 0);
		struct lepton_score a, c;
		assert_int_equal(
			one->ops->evaluate(one, &lepton_team_alone, LEPTON_TRAIN, 0, SAMPLES, &a, NULL), 0);
		assert_int_equal(
			other->ops->evaluate(other, &lepton_team_alone, LEPTON_TRAIN, 0, SAMPLES, &c, NULL),
			0);
		assert_true(fabs(a.loss - c.loss) < 1e-12);
		steps(one, &lepton_team_alone, 1);
		steps(other, &lepton_team_alone, 1);
		struct lepton_params *mine = weights_of(one), *its = weights_of(other);
		double moved = 0;
		for (size_t i = 0; i < lepton_params_count(before); i++) {
			const float *w0 = lepton_params_at(before, i)->data,
				    *r0 = lepton_params_at(rounded, i)->data,
				    *w1 = lepton_params_at(mine, i)->data,
				    *r1 = lepton_params_at(its, i)->data;
			for (int64_t k = 0; k < lepton_shape_count(&lepton_params_at(before, i)->shape);
				k++) {
				double change = (double)w1[k] - (double)w0[k];
				assert_true(fabs(change - ((double)r1[k] - (double)r0[k])) < 1e-6);
				moved += fabs(change);
			}
		}
		assert_true(moved > 0.1);
		lepton_params_release(before);
		lepton_params_release(rounded);
		lepton_params_release(mine);
		lepton_params_release(its);
		one->ops->destroy(one);
		other->ops->destroy(other);
	}
}

/* ---- the end ---- */

static struct lepton_params *decoded(const struct lepton_params *weights, const char *settings)
{
	const struct lepton_compressor *method;
	struct lepton_compress_report report;
	struct lepton_params *back;
	struct lepton_error err;
	uint8_t *payload;
	size_t size;
	assert_int_equal(lepton_compressor_find("quantize", &method, NULL), 0);
	if (method->encode(weights, NULL, settings, &payload, &size, &report, &err))
		fail_msg("%s", err.message);
	assert_int_equal(method->decode(payload, size, NULL, &back, NULL), 0);
	free(payload);
	return back;
}

static void test_the_last_step_rounds(void **state)
{
	(void)state;
	struct lepton_score whole;
	struct lepton_learner *floats = make("");
	steps(floats, &lepton_team_alone, STEPS);
	assert_int_equal(
		floats->ops->evaluate(floats, &lepton_team_alone, LEPTON_TRAIN, 0, SAMPLES, &whole, NULL), 0);
	floats->ops->destroy(floats);
	for (size_t b = 0; b < sizeof bits_tried / sizeof *bits_tried; b++)
		for (int p = 0; p < 2; p++) {
			char settings[80], hash[LEPTON_HASH_HEX], kept[LEPTON_HASH_HEX];
			struct lepton_learner *learner = make_quantized(bits_tried[b], pers[p], "");
			steps(learner, &lepton_team_alone, STEPS - 1);
			struct lepton_params *exact = weights_of(learner);
			steps(learner, &lepton_team_alone, 1);
			struct lepton_params *weights = weights_of(learner);
			assert_true(lepton_params_bytes(exact) == lepton_params_bytes(weights));
			snprintf(settings, sizeof settings, "{\"bits\":%d,\"per\":\"%s\"}", bits_tried[b],
				pers[p]);
			struct lepton_params *back = decoded(weights, settings);
			lepton_params_hash(weights, hash);
			lepton_params_hash(back, kept);
			if (bits_tried[b] < 8)
				assert_string_equal(hash, kept);
			for (size_t i = 0; i < lepton_params_count(back);
				i++) { /* its scale of 8 bits may be a hair wider */
				const float *x = lepton_params_at(weights, i)->data,
					    *y = lepton_params_at(back, i)->data;
				for (int64_t k = 0; k < lepton_shape_count(&lepton_params_at(back, i)->shape);
					k++)
					assert_true(fabsf(x[k] - y[k]) <= 2e-7F * fabsf(x[k]));
			}
			struct lepton_score score;
			assert_int_equal(learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TRAIN, 0,
						 SAMPLES, &score, NULL),
				0);
			if (score.accuracy < whole.accuracy - (bits_tried[b] > 3 ? 0.05 : 0.15))
				fail_msg("%d bits a weight, per %s: accuracy %.3f", bits_tried[b], pers[p],
					score.accuracy);
			lepton_params_release(exact);
			lepton_params_release(weights);
			lepton_params_release(back);
			learner->ops->destroy(learner);
		}
}

static void test_a_stop_changes_no_bit(void **state)
{
	(void)state;
	check_stops(",\"quantization\":{\"bits\":3},\"pruning\":{\"sparsity\":0.5,\"frequency\":7}");
}

static void test_bad_settings(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"{}", "quantization: \"bits\" is missing"},
		{"{\"bits\":1}", "bits"},
		{"{\"bits\":9}", "bits"},
		{"{\"bits\":4.5}", "bits"},
		{"{\"bits\":4,\"per\":\"row\"}", "channel"},
		{"{\"bits\":4,\"bit\":1}", "did you mean \"bits\""},
	};
	check_refused("quantization", cases, sizeof cases / sizeof *cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_a_step_goes_straight_through),
		cmocka_unit_test(test_the_last_step_rounds),
		cmocka_unit_test(test_a_stop_changes_no_bit),
		cmocka_unit_test(test_bad_settings),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
