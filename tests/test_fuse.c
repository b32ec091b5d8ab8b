/* Fusion against naive sums, closed forms and numpy (tests/oracles/methods_numpy.py), and every refusal. */
#include "config.h"
#include "compress_make.h"
#include "lepton/fuse.h"

#include "oracles/methods_numpy.h"
#include <math.h>
#include <string.h>

#define PARENTS 3

struct family {
	struct lepton_fuse_parent parents[PARENTS];
	struct lepton_params *weights[PARENTS];
};

static int set_up(void **state)
{
	static struct family f;
	static const char *const names[] = {"m/1", "m/2", "m/3"};
	static const double losses[] = {0.31, 0.25, 0.4};
	static const int64_t samples[] = {18000, 17000, 19000};
	for (int p = 0; p < PARENTS; p++) {
		f.weights[p] = make_random(small_net, SMALL_NET, (uint32_t)p + 1);
		f.parents[p] = (struct lepton_fuse_parent){names[p], f.weights[p], losses[p], samples[p]};
	}
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct family *f = *state;
	for (int p = 0; p < PARENTS; p++)
		lepton_params_release(f->weights[p]);
	return 0;
}

static struct lepton_params *fused(
	const char *method, const struct lepton_fuse_parent *parents, size_t count, const char *settings)
{
	struct lepton_params *out = NULL;
	struct lepton_error err;
	if (lepton_fuse(method, parents, count, settings, &out, &err))
		fail_msg("%s", err.message);
	return out;
}

static void refused(const char *method, const struct lepton_fuse_parent *parents, size_t count,
	const char *settings, int code, const char *words)
{
	struct lepton_params *out = NULL;
	struct lepton_error err = {.code = 0};
	assert_int_equal(lepton_fuse(method, parents, count, settings, &out, &err), code);
	assert_null(out);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" does not say \"%s\"", err.message, words);
}

/* Against Σ share·w / Σ share, number by number, in long double. */
static void is_mean(
	const struct lepton_params *out, const struct family *f, size_t count, const double *shares)
{
	for (size_t t = 0; t < SMALL_NET; t++)
		for (int64_t i = 0; i < lepton_shape_count(&small_net[t].shape); i++) {
			long double sum = 0, whole = 0;
			for (size_t p = 0; p < count; p++) {
				sum += (long double)shares[p] * (long double)numbers(f->weights[p], t)[i];
				whole += (long double)shares[p];
			}
			float found = numbers(out, t)[i], mean = (float)(sum / whole);
			if (!(fabsf(found - mean) <= fabsf(mean) * 6e-8f))
				fail_msg("%s[%d] is %.9g, not %.9g", small_net[t].name, (int)i, (double)found,
					(double)mean);
		}
}

static void test_average(void **state)
{
	struct family *f = *state;
	static const double shares[] = {1, 1, 1};
	for (size_t count = 2; count <= PARENTS; count++) {
		struct lepton_params *out = fused("average", f->parents, count, NULL);
		assert_int_equal(lepton_params_match(out, f->weights[0], NULL), 0);
		is_mean(out, f, count, shares);
		lepton_params_release(out);
	}
}

/* Twice the same weights: they themselves, to the bit; across several blocks of the sum too. */
static void test_average_of_equals(void **state)
{
	(void)state;
	struct lepton_tensor like = {.name = "k", .dtype = LEPTON_F32, .shape = {2, {61, 67}}};
	struct lepton_params *one = make_random(&like, 1, 9), *two = make_random(&like, 1, 9);
	struct lepton_fuse_parent parents[] = {{"a", one, NAN, 0}, {"b", two, NAN, 0}};
	struct lepton_params *out = fused("average", parents, 2, "{}");
	assert_memory_equal(numbers(out, 0), numbers(one, 0), 4 * 61 * 67);
	assert_ptr_not_equal(numbers(out, 0), numbers(one, 0));
	lepton_params_release(out);
	lepton_params_release(one);
	lepton_params_release(two);
}

static void test_weighted_by_loss(void **state)
{
	struct family *f = *state;
	static const struct {
		const char *settings;
		double temperature;
	} cases[] = {{NULL, 0.1}, {"{\"by\":\"val_loss\",\"temperature\":1}", 1},
		{"{\"temperature\":0.02}", 0.02}};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		double shares[PARENTS];
		for (int p = 0; p < PARENTS; p++)
			shares[p] = exp(-f->parents[p].val_loss / cases[c].temperature);
		struct lepton_params *out = fused("weighted", f->parents, PARENTS, cases[c].settings);
		is_mean(out, f, PARENTS, shares);
		lepton_params_release(out);
	}
}

/* At a very low temperature the best parent is left, at a very high one the mean; huge losses do not
 * overflow. */
static void test_temperature_limits(void **state)
{
	struct family *f = *state;
	struct lepton_params *cold = fused("weighted", f->parents, PARENTS, "{\"temperature\":1e-6}");
	struct lepton_params *hot = fused("weighted", f->parents, PARENTS, "{\"temperature\":1e6}");
	struct lepton_params *mean = fused("average", f->parents, PARENTS, NULL);
	for (size_t t = 0; t < SMALL_NET; t++)
		for (int64_t i = 0; i < lepton_shape_count(&small_net[t].shape); i++) {
			assert_true(fabsf(numbers(cold, t)[i] - numbers(f->weights[1], t)[i]) <= 0);
			assert_true(fabsf(numbers(hot, t)[i] - numbers(mean, t)[i]) < 1e-6f);
		}
	struct lepton_fuse_parent far[] = {f->parents[0], f->parents[1]};
	far[0].val_loss = 1e30;
	far[1].val_loss = 1e300;
	struct lepton_params *out = fused("weighted", far, 2, NULL);
	assert_memory_equal(numbers(out, 2), numbers(f->weights[0], 2), 4 * 280);
	lepton_params_release(out);
	lepton_params_release(cold);
	lepton_params_release(hot);
	lepton_params_release(mean);
}

static void test_weighted_by_samples_and_inverse(void **state)
{
	struct family *f = *state;
	double samples[PARENTS], inverse[PARENTS];
	for (int p = 0; p < PARENTS; p++) {
		samples[p] = (double)f->parents[p].samples;
		inverse[p] = 1 / f->parents[p].val_loss;
	}
	struct lepton_params *out = fused("weighted", f->parents, PARENTS, "{\"by\":\"samples\"}");
	is_mean(out, f, PARENTS, samples);
	lepton_params_release(out);
	out = fused("weighted", f->parents, PARENTS, "{\"by\":\"inverse_loss\"}");
	is_mean(out, f, PARENTS, inverse);
	lepton_params_release(out);
}

static void test_numpy(void **state)
{
	struct family *f = *state;
	const struct {
		const char *method, *settings;
		const double *row;
	} cases[] = {{"average", NULL, numpy_fuse_average}, {"weighted", NULL, numpy_fuse_val_loss},
		{"weighted", "{\"by\":\"samples\"}", numpy_fuse_samples},
		{"weighted", "{\"by\":\"inverse_loss\"}", numpy_fuse_inverse_loss}};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct lepton_params *out = fused(cases[c].method, f->parents, PARENTS, cases[c].settings);
		for (int i = 0; i < 7; i++)
			assert_true(fabs((double)numbers(out, 2)[i] - cases[c].row[i]) < 3e-8);
		lepton_params_release(out);
	}
}

/* The same parents give the same bits, and stay as they were. */
static void test_repeatable(void **state)
{
	struct family *f = *state;
	char before[LEPTON_HASH_HEX], after[LEPTON_HASH_HEX], one[LEPTON_HASH_HEX], two[LEPTON_HASH_HEX];
	lepton_params_hash(f->weights[0], before);
	for (const struct lepton_fuser *const *m = lepton_fusers(); *m; m++) {
		if ((*m)->evaluates || ((*m)->looks && (*m)->looks(NULL)))
			continue; /* in test_fuse_methods.c and test_fuse_looks.c */
		struct lepton_params *a = fused((*m)->name, f->parents, PARENTS, NULL);
		struct lepton_params *b = fused((*m)->name, f->parents, PARENTS, NULL);
		lepton_params_hash(a, one);
		lepton_params_hash(b, two);
		assert_string_equal(one, two);
		lepton_params_release(a);
		lepton_params_release(b);
	}
	lepton_params_hash(f->weights[0], after);
	assert_string_equal(before, after);
}

static void test_unlike_shapes(void **state)
{
	struct family *f = *state;
	struct lepton_tensor like[SMALL_NET];
	memcpy(like, small_net, sizeof like);
	like[2].shape.dim[1] = 8;
	struct lepton_params *wider = make_random(like, SMALL_NET, 4), *fewer = make_random(small_net, 2, 4);
	struct lepton_fuse_parent parents[] = {f->parents[0], f->parents[1], {"wide", wider, 0.2, 5}};
	refused("average", parents, 3, NULL, LEPTON_E_SHAPE, "\"m/1\" and \"wide\"");
	refused("average", parents, 3, NULL, LEPTON_E_SHAPE, "dense/kernel");
	parents[2] = (struct lepton_fuse_parent){"short", fewer, 0.2, 5};
	refused("weighted", parents, 3, NULL, LEPTON_E_SHAPE, "\"m/1\" and \"short\"");
	lepton_params_release(wider);
	lepton_params_release(fewer);
}

static void test_bad_weights(void **state)
{
	struct family *f = *state;
	float *w = lepton_params_data(f->weights[1], 2), kept = w[33];
	w[33] = NAN;
	refused("average", f->parents, PARENTS, NULL, LEPTON_E_DIVERGED,
		"dense/kernel of \"m/2\" holds NaN at number 33");
	w[33] = INFINITY;
	refused("weighted", f->parents, PARENTS, NULL, LEPTON_E_DIVERGED, "infinity");
	w[33] = kept;
	struct lepton_tensor whole = {.name = "tree", .dtype = LEPTON_I32, .shape = {1, {4}}};
	struct lepton_params *tree = make_zeros(&whole, 1);
	struct lepton_fuse_parent trees[] = {{"t1", tree, 1, 1}, {"t2", tree, 1, 1}};
	refused("average", trees, 2, NULL, LEPTON_E_UNSUPPORTED, "tree of \"t1\" is not float32");
	lepton_params_release(tree);
}

static void test_unknown_figures(void **state)
{
	struct family *f = *state;
	struct lepton_fuse_parent parents[] = {f->parents[0], f->parents[1]};
	parents[1].val_loss = NAN;
	refused("weighted", parents, 2, NULL, LEPTON_E_STATE, "no validation loss is known of \"m/2\"");
	refused("weighted", parents, 2, "{\"by\":\"inverse_loss\"}", LEPTON_E_STATE, "\"m/2\"");
	parents[1].val_loss = 0;
	refused("weighted", parents, 2, "{\"by\":\"inverse_loss\"}", LEPTON_E_STATE, "no inverse share");
	parents[1].samples = 0;
	refused("weighted", parents, 2, "{\"by\":\"samples\"}", LEPTON_E_STATE, "samples \"m/2\"");
	lepton_params_release(fused("weighted", parents, 2, NULL)); /* a loss of 0 has a share by val_loss */
}

static void test_usage(void **state)
{
	struct family *f = *state;
	refused("average", f->parents, 1, NULL, LEPTON_E_USAGE, "at least two versions, not 1");
	refused("average", f->parents, 0, NULL, LEPTON_E_USAGE, "at least two versions, not 0");
	refused("averge", f->parents, 2, NULL, LEPTON_E_NOTFOUND, "did you mean \"average\"");
	refused("zzzzzzzzzz", f->parents, 2, NULL, LEPTON_E_NOTFOUND, "known: average, weighted");
	refused("average", f->parents, 2, "{\"by\":\"samples\"}", LEPTON_E_USAGE, "it takes none");
	refused("weighted", f->parents, 2, "{\"by\":\"taste\"}", LEPTON_E_USAGE,
		"val_loss|samples|inverse_loss");
	refused("weighted", f->parents, 2, "{\"temperature\":0}", LEPTON_E_USAGE, "temperature");
	refused("weighted", f->parents, 2, "{\"temprature\":1}", LEPTON_E_USAGE,
		"did you mean \"temperature\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_average),
		cmocka_unit_test(test_average_of_equals),
		cmocka_unit_test(test_weighted_by_loss),
		cmocka_unit_test(test_temperature_limits),
		cmocka_unit_test(test_weighted_by_samples_and_inverse),
		cmocka_unit_test(test_numpy),
		cmocka_unit_test(test_repeatable),
		cmocka_unit_test(test_unlike_shapes),
		cmocka_unit_test(test_bad_weights),
		cmocka_unit_test(test_unknown_figures),
		cmocka_unit_test(test_usage),
	};
	return cmocka_run_group_tests_name("fuse", tests, set_up, tear_down);
}
