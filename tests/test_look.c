/* tests/test_look.c - a look inside: spreads against plain loops and whole-number bins, what layers give
 * against a network worked out by hand, the surest mistakes against sorting them all, and both read back from
 * JSON.
 */
#include "config.h"
#include "lepton/look.h"
#include "lepton/metrics.h"
#include "model_reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N 640
#define CLASSES 5

static void near(double have, double want)
{
	if (!(fabs(have - want) <= 1e-6 * fmax(1, fabs(want))))
		fail_msg("%.15g, but should be %.15g", have, want);
}

/* ---- spreads ---- */

struct told { /* has the weights it was given */
	struct lepton_learner base;
	struct lepton_params *weights;
};

static int weights_of(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err)
{
	(void)err;
	*out = lepton_params_retain(((struct told *)(void *)learner)->weights);
	return LEPTON_OK;
}

static const struct lepton_learner_ops ops = {.name = "told", .weights = weights_of};
static const struct lepton_learner_ops trees = {.name = "told", .weights = weights_of, .discrete = true};

static struct lepton_look look_at(const struct lepton_learner_ops *how, float *values, int64_t n)
{
	const struct lepton_tensor tensor = {
		.name = "a/kernel", .dtype = LEPTON_F32, .shape = {2, {2, n / 2}}, .data = values};
	struct told told = {.base = {how}};
	struct lepton_look look;
	assert_int_equal(lepton_params_from(&tensor, 1, &told.weights, NULL), 0);
	assert_int_equal(lepton_look_inside(&told.base, 10, &look, NULL), 0);
	lepton_params_release(told.weights);
	return look;
}

/* Multiples of 1/64 from -1 to 1: the bin is a whole number's quotient. */
static void spreads(void **state)
{
	(void)state;
	static float values[N];
	int64_t bins[LEPTON_LOOK_BINS] = {0}, zeros = 0;
	double sum = 0, squares = 0;
	for (int i = 0; i < N; i++) {
		int k = i == 0 ? -64 : i == 1 ? 64 : (i * 37) % 129 - 64;
		int bin = 24 * (k + 64) / 64;
		values[i] = (float)k / 64;
		bins[bin < LEPTON_LOOK_BINS ? bin : LEPTON_LOOK_BINS - 1]++;
		zeros += k == 0;
		sum += (double)k / 64;
	}
	for (int i = 0; i < N; i++)
		squares += pow((double)values[i] - sum / N, 2);
	struct lepton_look look = look_at(&ops, values, N);
	assert_int_equal(look.tensor_count, 1);
	assert_int_equal(look.layer_count, 0);
	assert_string_equal(look.tensors[0].name, "a/kernel");
	const struct lepton_spread *s = &look.tensors[0].spread;
	assert_int_equal(s->count, N);
	assert_int_equal(s->zeros, zeros);
	assert_int_equal(s->odd, 0);
	near(s->min, -1);
	near(s->max, 1);
	near(s->mean, sum / N);
	near(s->deviation, sqrt(squares / N));
	assert_memory_equal(s->bins, bins, sizeof bins);
	lepton_look_clear(&look);
}

static void of_what_is_no_number(void **state)
{
	(void)state;
	float some[] = {1, NAN, -INFINITY, 3}, none[] = {NAN, INFINITY}, same[] = {0.5F, 0.5F};
	struct lepton_look look = look_at(&ops, some, 4);
	assert_int_equal(look.tensors[0].spread.odd, 2);
	near(look.tensors[0].spread.mean, 2);
	near(look.tensors[0].spread.deviation, 1);
	assert_int_equal(look.tensors[0].spread.bins[0], 1);
	assert_int_equal(look.tensors[0].spread.bins[LEPTON_LOOK_BINS - 1], 1);
	lepton_look_clear(&look);
	look = look_at(&ops, none, 2);
	assert_int_equal(look.tensors[0].spread.odd, 2);
	assert_true(isnan(look.tensors[0].spread.min) && isnan(look.tensors[0].spread.mean));
	assert_true(isnan(look.tensors[0].spread.deviation));
	lepton_look_clear(&look);
	look = look_at(&ops, same, 2);
	near(look.tensors[0].spread.deviation, 0);
	assert_int_equal(look.tensors[0].spread.bins[LEPTON_LOOK_BINS / 2], 2);
	lepton_look_clear(&look);
	look = look_at(&trees, same, 2); /* structure */
	assert_int_equal(look.tensor_count, 0);
	lepton_look_clear(&look);
}

/* ---- layers ---- */

#define SIDE 4
#define PIXELS (SIDE * SIDE)
#define HIDDEN 3

static uint8_t images[N * PIXELS], labels[N];

static struct lepton_dataset *make_images(void)
{
	const struct lepton_shape sample = {3, {SIDE, SIDE, 1}};
	struct lepton_dataset *data = NULL;
	uint64_t seed = 5;
	for (int i = 0; i < N * PIXELS; i++)
		images[i] = (uint8_t)((test_random(&seed) + 1) * 127);
	for (int i = 0; i < N; i++)
		labels[i] = (uint8_t)(i % CLASSES);
	assert_int_equal(
		lepton_dataset_from_u8(images, labels, N, N / 2, &sample, CLASSES, 0, &data, NULL), 0);
	return data;
}

static struct lepton_learner *make_network(struct lepton_dataset *data, const char *layers)
{
	char config[600];
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	snprintf(config, sizeof config,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[4,4,1]},%s,{\"type\":\"Dense\",\"units\":5,"
		"\"activation\":"
		"\"softmax\"}],\"batch_size\":32,\"epochs\":1,\"loss\":\"categorical_crossentropy\","
		"\"optimizer\":{\"name\":"
		"\"adam\",\"learning_rate\":0.001}}",
		layers);
	int code = lepton_learner_find("network")->create(config, 3, data, &learner, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return learner;
}

struct sums {
	double min, max, sum, squares;
	int64_t n, zeros;
};

static void add(struct sums *s, double x)
{
	s->min = s->n ? fmin(s->min, x) : x;
	s->max = s->n ? fmax(s->max, x) : x;
	s->sum += x;
	s->squares += x * x;
	s->zeros += fabs(x) <= 0;
	s->n++;
}

static void same(const struct lepton_look_layer *layer, const struct sums *s)
{
	int64_t in_bins = 0;
	for (int i = 0; i < LEPTON_LOOK_BINS; i++)
		in_bins += layer->spread.bins[i];
	assert_int_equal(layer->spread.count, s->n);
	assert_int_equal(in_bins, s->n);
	assert_int_equal(layer->spread.zeros, s->zeros);
	near(layer->spread.min, s->min);
	near(layer->spread.max, s->max);
	near(layer->spread.mean, s->sum / (double)s->n);
	near(layer->spread.deviation, sqrt(s->squares / (double)s->n - pow(s->sum / (double)s->n, 2)));
}

/* Every training sample through two dense layers; the second hidden unit is held down for good. */
static void layers_by_hand(void **state)
{
	(void)state;
	struct lepton_dataset *data = make_images();
	struct lepton_learner *learner = make_network(
		data, "{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3,\"activation\":\"relu\"}");
	struct lepton_params *first, *weights;
	struct lepton_look look;
	struct sums hidden = {0}, logits = {0};
	bool fired[HIDDEN] = {false};
	assert_int_equal(learner->ops->weights(learner, &first, NULL), 0);
	assert_int_equal(lepton_params_copy(first, &weights, NULL), 0);
	const float *k1 = lepton_params_data(weights, 0), *k2 = lepton_params_data(weights, 2),
		    *b2 = lepton_params_data(weights, 3);
	float *b1 = lepton_params_data(weights, 1);
	b1[0] = 0.1F;
	b1[1] = -100;
	assert_int_equal(learner->ops->set_weights(learner, weights, NULL), 0);
	for (int i = 0; i < N / 2; i++) {
		double h[HIDDEN];
		for (int u = 0; u < HIDDEN; u++) {
			h[u] = (double)b1[u];
			for (int p = 0; p < PIXELS; p++)
				h[u] += images[i * PIXELS + p] / 255.0 * (double)k1[p * HIDDEN + u];
			h[u] = fmax(0, h[u]);
			fired[u] |= h[u] > 0;
			add(&hidden, h[u]);
		}
		for (int c = 0; c < CLASSES; c++) {
			double z = (double)b2[c];
			for (int u = 0; u < HIDDEN; u++)
				z += h[u] * (double)k2[u * CLASSES + c];
			add(&logits, z);
		}
	}
	assert_int_equal(lepton_look_inside(learner, 100000, &look, NULL), 0);
	assert_int_equal(look.samples, N / 2);
	assert_int_equal(look.tensor_count, 4);
	assert_int_equal(look.layer_count, 2);
	assert_int_equal(look.layers[0].units, HIDDEN);
	assert_false(fired[1]);
	assert_int_equal(look.layers[0].idle, HIDDEN - fired[0] - fired[1] - fired[2]);
	assert_int_equal(look.layers[1].idle, 0);
	assert_non_null(strstr(look.layers[1].name, "(logits)"));
	same(&look.layers[0], &hidden);
	same(&look.layers[1], &logits);
	lepton_look_clear(&look);
	lepton_params_release(first);
	lepton_params_release(weights);
	learner->ops->destroy(learner);
	lepton_dataset_release(data);
}

/* A filter is a unit, wherever in the image it looks. */
static void filters_are_units(void **state)
{
	(void)state;
	struct lepton_dataset *data = make_images();
	struct lepton_learner *learner =
		make_network(data, "{\"type\":\"Conv2D\",\"filters\":6,\"kernel_size\":[3,3],\"activation\":"
				   "\"relu\"},{\"type\":\"Flatten\"}");
	struct lepton_look look;
	assert_int_equal(lepton_look_inside(learner, 50, &look, NULL), 0);
	assert_int_equal(look.samples, 50);
	assert_int_equal(look.layers[0].units, 6);
	assert_int_equal(look.layers[0].spread.count, 50 * 2 * 2 * 6);
	assert_true(look.layers[0].spread.min >= 0);
	lepton_look_clear(&look);
	learner->ops->destroy(learner);
	lepton_dataset_release(data);
}

/* ---- there and back ---- */

static void same_spread(const struct lepton_spread *a, const struct lepton_spread *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->zeros, b->zeros);
	assert_int_equal(a->odd, b->odd);
	assert_true(fabs(a->min - b->min) <= 0 && fabs(a->max - b->max) <= 0);
	assert_true(fabs(a->mean - b->mean) <= 0 && fabs(a->deviation - b->deviation) <= 0);
	assert_memory_equal(a->bins, b->bins, sizeof a->bins);
}

static char *as_report(const struct lepton_look *look)
{
	char *inside = lepton_look_to_json(look), *report = NULL;
	assert_true(asprintf(&report, "{\"samples\":1,\"inside\":%s}", inside) > 0);
	free(inside);
	return report;
}

static void look_and_back(void **state)
{
	(void)state;
	struct lepton_dataset *data = make_images();
	struct lepton_learner *learner = make_network(
		data, "{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3,\"activation\":\"relu\"}");
	struct lepton_look look, back;
	assert_int_equal(lepton_look_inside(learner, 50, &look, NULL), 0);
	char *report = as_report(&look);
	assert_int_equal(lepton_look_read(report, &back, NULL), 0);
	assert_int_equal(back.samples, look.samples);
	assert_int_equal(back.tensor_count, look.tensor_count);
	assert_int_equal(back.layer_count, look.layer_count);
	for (size_t i = 0; i < look.tensor_count; i++) {
		assert_string_equal(back.tensors[i].name, look.tensors[i].name);
		assert_true(lepton_shape_equal(&back.tensors[i].shape, &look.tensors[i].shape));
		same_spread(&back.tensors[i].spread, &look.tensors[i].spread);
	}
	for (size_t i = 0; i < look.layer_count; i++) {
		assert_string_equal(back.layers[i].name, look.layers[i].name);
		assert_int_equal(back.layers[i].units, look.layers[i].units);
		same_spread(&back.layers[i].spread, &look.layers[i].spread);
	}
	lepton_look_clear(&look);
	lepton_look_clear(&back);
	free(report);
	learner->ops->destroy(learner);
	lepton_dataset_release(data);
}

static void looks_that_cannot_be_read(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"{\"inside\":{\"tensors\":[{\"name\":\"a\",\"shape\":[2],\"bins\":[1,2]}]}}",
		"{\"inside\":{\"tensors\":[3]}}",
		"{\"inside\":{\"tensors\":[{\"shape\":[1,2,3,4,5,6,7],\"bins\":[]}]}}",
		"{\"inside\":{\"layers\":[{\"bins\":[-1]}]}}",
	};
	struct lepton_look look;
	struct lepton_error err = {0};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(lepton_look_read(bad[i], &look, &err), LEPTON_E_CORRUPT);
		assert_null(look.tensors);
	}
	assert_int_equal(lepton_look_read("{}", &look, &err), LEPTON_E_NOTFOUND);
	assert_int_equal(lepton_look_read("not JSON", &look, &err), LEPTON_E_NOTFOUND);
	assert_non_null(strstr(err.message, "evaluate the version again"));
}

/* ---- mistakes ---- */

struct answers {
	struct lepton_learner base;
	const float *rows; /* of the samples asked about, in order */
	int64_t at;
};

static int answer(
	struct lepton_learner *learner, const float *x, int64_t n, float *out, struct lepton_error *err)
{
	struct answers *a = (struct answers *)(void *)learner;
	(void)x;
	(void)err;
	memcpy(out, a->rows + a->at * CLASSES, (size_t)(n * CLASSES) * sizeof *out);
	a->at += n;
	return LEPTON_OK;
}

static const struct lepton_learner_ops answering = {.name = "answers", .predict = answer};

static struct lepton_metrics judge(struct lepton_dataset *data, const float *rows)
{
	struct answers a = {{&answering}, rows, 0};
	struct lepton_metrics m;
	assert_int_equal(lepton_metrics_compute(&a.base, data, LEPTON_TEST, NULL, NULL, &m, NULL), 0);
	return m;
}

static int surer(const void *a, const void *b)
{
	const struct lepton_mistake *x = a, *y = b;
	if (x->probability > y->probability || x->probability < y->probability)
		return x->probability > y->probability ? -1 : 1;
	return x->sample < y->sample ? -1 : 1;
}

/* Few different probabilities, so that many are equal. */
static void fill_rows(float *rows, uint64_t seed)
{
	for (int64_t i = 0; i < N / 2 * CLASSES; i++)
		rows[i] = (float)floor((test_random(&seed) + 1) * 8) / 16;
}

static int first_largest(const float *p)
{
	int best = 0;
	for (int c = 1; c < CLASSES; c++)
		best = p[c] > p[best] ? c : best;
	return best;
}

static void the_surest_mistakes(void **state)
{
	(void)state;
	static float rows[N / 2 * CLASSES];
	static struct lepton_mistake all[N / 2];
	struct lepton_dataset *data = make_images();
	size_t wrong = 0;
	fill_rows(rows, 9);
	for (int64_t i = 0; i < N / 2; i++) {
		const float *p = rows + i * CLASSES;
		const int said = first_largest(p), label = labels[N / 2 + i];
		if (said != label)
			all[wrong++] = (struct lepton_mistake){i, label, said, p[said], p[label]};
	}
	qsort(all, wrong, sizeof *all, surer);
	struct lepton_metrics m = judge(data, rows);
	assert_true(wrong > LEPTON_MISTAKES);
	assert_int_equal(m.wrong, wrong);
	assert_int_equal(m.mistake_count, LEPTON_MISTAKES);
	for (size_t i = 0; i < LEPTON_MISTAKES; i++) {
		assert_int_equal(m.mistakes[i].sample, all[i].sample);
		assert_int_equal(m.mistakes[i].label, all[i].label);
		assert_int_equal(m.mistakes[i].said, all[i].said);
		assert_memory_equal(
			m.pictures + i * PIXELS, images + (N / 2 + all[i].sample) * PIXELS, PIXELS);
	}
	lepton_metrics_clear(&m);
	lepton_dataset_release(data);
}

static void mistakes_and_back(void **state)
{
	(void)state;
	static float rows[N / 2 * CLASSES];
	struct lepton_dataset *data = make_images();
	struct lepton_metrics back;
	fill_rows(rows, 11);
	struct lepton_metrics m = judge(data, rows);
	char *report = lepton_metrics_to_json(&m, NULL);
	assert_int_equal(lepton_mistakes_read(report, &back, NULL), 0);
	assert_int_equal(back.wrong, m.wrong);
	assert_int_equal(back.mistake_count, m.mistake_count);
	assert_true(lepton_shape_equal(&back.picture, &m.picture));
	assert_memory_equal(back.pictures, m.pictures, PIXELS * m.mistake_count);
	for (size_t i = 0; i < m.mistake_count; i++) {
		assert_int_equal(back.mistakes[i].sample, m.mistakes[i].sample);
		assert_true(fabsf(back.mistakes[i].probability - m.mistakes[i].probability) <= 0);
		assert_true(fabsf(back.mistakes[i].of_label - m.mistakes[i].of_label) <= 0);
	}
	lepton_metrics_clear(&back);
	lepton_metrics_clear(&m);
	free(report);
	lepton_dataset_release(data);
}

static void nothing_wrong(void **state)
{
	(void)state;
	static float rows[N / 2 * CLASSES];
	struct lepton_dataset *data = make_images();
	struct lepton_metrics back;
	memset(rows, 0, sizeof rows);
	for (int64_t i = 0; i < N / 2; i++)
		rows[i * CLASSES + labels[N / 2 + i]] = 1;
	struct lepton_metrics m = judge(data, rows);
	assert_int_equal(m.wrong, 0);
	assert_null(m.pictures);
	char *report = lepton_metrics_to_json(&m, NULL);
	assert_int_equal(lepton_mistakes_read(report, &back, NULL), 0);
	assert_int_equal(back.mistake_count, 0);
	lepton_metrics_clear(&back);
	lepton_metrics_clear(&m);
	free(report);
	lepton_dataset_release(data);
}

static void mistakes_that_cannot_be_read(void **state)
{
	(void)state;
#define ONE "\"sample\":1,\"true\":2,\"said\":3,\"probability\":0.5,\"of_true\":0.1"
	static const char *const bad[] = {
		"{\"mistakes\":{\"shape\":[2,2],\"shown\":[]}}",
		"{\"mistakes\":{\"shape\":[65,2,1],\"shown\":[]}}",
		"{\"mistakes\":{\"shape\":[2,2,2],\"shown\":[]}}",
		"{\"mistakes\":{\"shape\":[1,1,1],\"shown\":[{" ONE "}]}}",
		"{\"mistakes\":{\"shape\":[1,1,1],\"shown\":[{" ONE ",\"pixels\":\"AAAA\"}]}}",
		"{\"mistakes\":{\"shape\":[1,1,1],\"shown\":[{" ONE ",\"pixels\":\"A?==\"}]}}",
		"{\"mistakes\":{\"shown\":[{\"sample\":1,\"true\":256,\"said\":3}]}}",
		"{\"mistakes\":{\"shown\":[{\"sample\":-1,\"true\":2,\"said\":3}]}}",
		"{\"mistakes\":{\"shown\":[7]}}",
	};
	struct lepton_metrics m;
	struct lepton_error err = {0};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(lepton_mistakes_read(bad[i], &m, &err), LEPTON_E_CORRUPT);
		assert_null(m.mistakes);
	}
	assert_int_equal(lepton_mistakes_read("{\"samples\":3}", &m, &err), LEPTON_E_NOTFOUND);
	assert_int_equal(lepton_mistakes_read("{\"mistakes\":{\"shape\":[1,1,1],\"shown\":[{" ONE
					      ",\"pixels\":\"fw==\"}]}}",
				 &m, &err),
		0);
	assert_int_equal(m.pictures[0], 127);
	lepton_metrics_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spreads),
		cmocka_unit_test(of_what_is_no_number),
		cmocka_unit_test(layers_by_hand),
		cmocka_unit_test(filters_are_units),
		cmocka_unit_test(look_and_back),
		cmocka_unit_test(looks_that_cannot_be_read),
		cmocka_unit_test(the_surest_mistakes),
		cmocka_unit_test(mistakes_and_back),
		cmocka_unit_test(nothing_wrong),
		cmocka_unit_test(mistakes_that_cannot_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
