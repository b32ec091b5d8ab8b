/* The fusion methods beyond the mean: against numpy (tests/oracles/fuse_numpy.py), closed forms, and what
 * is known by construction. */
#include "config.h"
#include "compress_make.h"
#include "lepton/fuse.h"

#include "fuse/assignment.h"
#include "oracles/fuse_numpy.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PARENTS 3

static struct lepton_params *weights[PARENTS];
static struct lepton_fuse_parent parents[PARENTS];

static int set_up(void **state)
{
	static const char *const names[] = {"one", "two", "three"};
	(void)state;
	for (int p = 0; p < PARENTS; p++) {
		weights[p] = make_random(small_net, SMALL_NET, (uint32_t)p + 1);
		parents[p] = (struct lepton_fuse_parent){names[p], weights[p], NAN, 0};
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (int p = 0; p < PARENTS; p++)
		lepton_params_release(weights[p]);
	return 0;
}

static struct lepton_params *fused(const char *method, const struct lepton_fuse_parent *from, size_t count,
	const char *settings, const struct lepton_fuse_help *help)
{
	struct lepton_params *out = NULL;
	struct lepton_error err;
	if (lepton_fuse_with(method, from, count, settings, help, &out, &err))
		fail_msg("%s", err.message);
	return out;
}

static void refused(const char *method, const struct lepton_fuse_parent *from, size_t count,
	const char *settings, const struct lepton_fuse_help *help, int code, const char *words)
{
	struct lepton_params *out = NULL;
	struct lepton_error err = {.code = 0};
	assert_int_equal(lepton_fuse_with(method, from, count, settings, help, &out, &err), code);
	assert_null(out);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" does not say \"%s\"", err.message, words);
}

/* Every number of it, in order, against a row of the oracle. */
static void is_row(struct lepton_params *out, const double *row, double tolerance)
{
	for (size_t t = 0; t < lepton_params_count(out); t++)
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(out, t)->shape); i++, row++)
			if (!(fabs((double)numbers(out, t)[i] - *row) <= tolerance))
				fail_msg("%s[%d] is %.9g, not %.9g", lepton_params_at(out, t)->name, (int)i,
					(double)numbers(out, t)[i], *row);
	lepton_params_release(out);
}

static void is_same(struct lepton_params *out, const struct lepton_params *as)
{
	for (size_t t = 0; t < lepton_params_count(as); t++)
		assert_memory_equal(numbers(out, t), numbers(as, t),
			(size_t)lepton_shape_count(&lepton_params_at(as, t)->shape) * sizeof(float));
	lepton_params_release(out);
}

static void slerp_is_numpys(void **state)
{
	(void)state;
	is_row(fused("slerp", parents, 2, "{\"t\":0.3}", NULL), numpy_slerp_03, 1e-7);
	is_row(fused("slerp", parents, 3, NULL, NULL), numpy_karcher, 1e-7);
}

/* (3,0) and (0,1), a quarter turn apart: at t, length 3-2t at angle t·90°. Its ends are the parents. */
static void slerp_of_a_right_angle(void **state)
{
	(void)state;
	const float x[] = {3, 0}, y[] = {0, 1};
	struct lepton_params *a = make_one((struct lepton_shape){1, {2}}, x),
			     *b = make_one((struct lepton_shape){1, {2}}, y);
	struct lepton_fuse_parent two[] = {{"a", a, NAN, 0}, {"b", b, NAN, 0}};
	const double third[] = {7.0 / 3 * cos(0.52359877559829882), 7.0 / 3 * 0.5},
		     middle[] = {2 * sqrt(0.5), 2 * sqrt(0.5)}, first[] = {3, 0}, last[] = {0, 1};
	is_row(fused("slerp", two, 2, "{\"t\":0.33333333333333333}", NULL), third, 2e-7);
	is_row(fused("slerp", two, 2, NULL, NULL), middle, 2e-7);
	is_row(fused("slerp", two, 2, "{\"t\":0}", NULL), first, 1e-7);
	is_row(fused("slerp", two, 2, "{\"t\":1}", NULL), last, 1e-7);
	lepton_params_release(a);
	lepton_params_release(b);
}

/* Where there is no arc the way is straight: parallel, opposite, zero. */
static void slerp_without_an_arc(void **state)
{
	(void)state;
	const float x[] = {1, 2}, double_x[] = {2, 4}, minus[] = {-1, -2}, zero[] = {0, 0};
	const float *others[] = {double_x, minus, zero, x};
	const double expected[][2] = {{1.25, 2.5}, {0.5, 1}, {0.75, 1.5}, {1, 2}};
	const double of_three[][2] = {{4.0 / 3, 8.0 / 3}, {1.0 / 3, 2.0 / 3}, {2.0 / 3, 4.0 / 3}, {1, 2}};
	struct lepton_params *a = make_one((struct lepton_shape){1, {2}}, x);
	for (size_t i = 0; i < 4; i++) {
		struct lepton_params *b = make_one((struct lepton_shape){1, {2}}, others[i]);
		struct lepton_fuse_parent some[] = {{"a", a, NAN, 0}, {"b", b, NAN, 0}, {"c", a, NAN, 0}};
		is_row(fused("slerp", some, 2, "{\"t\":0.25}", NULL), expected[i], 2e-7);
		if (i != 1)
			is_row(fused("slerp", some, 3, NULL, NULL), of_three[i], 3e-7);
		lepton_params_release(b);
	}
	lepton_params_release(a);
}

static void slerp_settings(void **state)
{
	(void)state;
	refused("slerp", parents, 3, "{\"t\":0.5}", NULL, LEPTON_E_USAGE, "these are 3");
	refused("slerp", parents, 2, "{\"t\":1.5}", NULL, LEPTON_E_USAGE, "goes from 0 to 1");
	refused("slerp", parents, 1, NULL, NULL, LEPTON_E_USAGE, "at least two versions");
}

/* ---- a base and differences ---- */

static void differences_are_numpys(void **state)
{
	(void)state;
	is_row(fused("task_arithmetic", parents, 3, "{\"lambda\":0.7}", NULL), numpy_task_arithmetic, 1e-7);
	is_row(fused("ties", parents, 3, "{\"density\":0.3,\"lambda\":0.8}", NULL), numpy_ties, 1e-7);
	is_row(fused("ties", parents, 3, "{\"base\":2}", NULL), numpy_ties_base_2, 1e-7);
	is_row(fused("dare", parents, 3, "{\"drop\":0.6,\"lambda\":0.5,\"seed\":7}", NULL), numpy_dare, 2e-7);
}

/* lambda 0 is the base; with lambda 1, all kept and one other, the other; any base by number. */
static void differences_at_their_limits(void **state)
{
	(void)state;
	is_same(fused("task_arithmetic", parents, 3, "{\"lambda\":0}", NULL), weights[0]);
	is_same(fused("task_arithmetic", parents, 3, "{\"lambda\":0,\"base\":3}", NULL), weights[2]);
	is_same(fused("task_arithmetic", parents, 2, "{\"lambda\":1}", NULL), weights[1]);
	is_same(fused("ties", parents, 3, "{\"density\":0}", NULL), weights[0]);
	is_same(fused("ties", parents, 2, "{\"density\":1}", NULL), weights[1]);
	is_same(fused("ties", parents, 2, "{\"density\":1,\"base\":2}", NULL), weights[0]);
	is_same(fused("dare", parents, 3, "{\"lambda\":0}", NULL), weights[0]);
	is_same(fused("dare", parents, 2, "{\"drop\":0,\"lambda\":1}", NULL), weights[1]);
}

/* By hand: of (4,-3,1,0) and (-2,-5,2,0) half is kept, (4,-3,_,_) and (-2,-5,_,_): 2 places of 4; signs +, -.
 */
static void ties_by_hand(void **state)
{
	(void)state;
	const float zero[] = {0, 0, 0, 0}, x[] = {4, -3, 1, 0}, y[] = {-2, -5, 2, 0};
	const double expected[] = {4, -4, 0, 0};
	struct lepton_shape shape = {1, {4}};
	struct lepton_params *b = make_one(shape, zero), *u = make_one(shape, x), *v = make_one(shape, y);
	struct lepton_fuse_parent three[] = {{"b", b, NAN, 0}, {"u", u, NAN, 0}, {"v", v, NAN, 0}};
	/* |-2| and |2| are equal: both stay, so place 3 is (_, 2) */
	const double tied[] = {4, -4, 2, 0};
	is_row(fused("ties", three, 3, "{\"density\":0.5}", NULL), tied, 0);
	((float *)lepton_params_data(v, 0))[2] = 1.5f;
	is_row(fused("ties", three, 3, "{\"density\":0.5}", NULL), expected, 0);
	lepton_params_release(b);
	lepton_params_release(u);
	lepton_params_release(v);
}

/* Of 40,000 differences of 1, a share of 0.8 goes (4 standard deviations: 0.008); the rest is 5 times as
 * large. */
static void dare_drops_and_rescales(void **state)
{
	(void)state;
	const struct lepton_tensor like = {.name = "k", .dtype = LEPTON_F32, .shape = {1, {40000}}};
	struct lepton_params *base = make_zeros(&like, 1), *other = make_zeros(&like, 1), *again;
	float *to = lepton_params_data(other, 0);
	for (int i = 0; i < 40000; i++)
		to[i] = 1;
	struct lepton_fuse_parent two[] = {{"b", base, NAN, 0}, {"o", other, NAN, 0}};
	struct lepton_params *out = fused("dare", two, 2, "{\"drop\":0.8,\"lambda\":1}", NULL);
	int kept = 0;
	for (int i = 0; i < 40000; i++) {
		float v = numbers(out, 0)[i];
		assert_true(fabsf(v) <= 0 || fabsf(v - 5) < 1e-5f);
		kept += v > 0;
	}
	assert_in_range(kept, 8000 - 320, 8000 + 320);
	again = fused("dare", two, 2, "{\"drop\":0.8,\"lambda\":1,\"seed\":2}", NULL);
	assert_memory_not_equal(numbers(out, 0), numbers(again, 0), 160000);
	lepton_params_release(again);
	is_same(fused("dare", two, 2, "{\"drop\":0.8,\"lambda\":1}", NULL), out);
	lepton_params_release(out);
	lepton_params_release(base);
	lepton_params_release(other);
}

static void differences_settings(void **state)
{
	(void)state;
	static const char *const methods[] = {"task_arithmetic", "ties", "dare"};
	for (size_t i = 0; i < 3; i++) {
		refused(methods[i], parents, 2, "{\"base\":3}", NULL, LEPTON_E_USAGE,
			"number 3, but there are 2");
		refused(methods[i], parents, 2, "{\"base\":0}", NULL, LEPTON_E_USAGE, "goes from 1");
		refused(methods[i], parents, 2, "{\"lambda\":11}", NULL, LEPTON_E_USAGE, "lambda");
	}
	refused("dare", parents, 2, "{\"drop\":1}", NULL, LEPTON_E_USAGE, "drop");
	refused("ties", parents, 2, "{\"densty\":1}", NULL, LEPTON_E_USAGE, "did you mean \"density\"");
}

/* ---- choosing by a score ---- */

/* The loss is the distance of the first number from `goal`, the accuracy that of the second from 0. */
struct judge {
	float goal;
	int asked, fails_at;
	bool quantities; /* they have no accuracy */
	char line[512], json[2048];
};

static int evaluate(void *context, const struct lepton_params *w, double *loss, double *accuracy,
	struct lepton_error *err)
{
	struct judge *j = context;
	if (++j->asked == j->fails_at)
		return lepton_error_set(err, LEPTON_E_CANCELED, "enough");
	*loss = fabs((double)(numbers(w, 0)[0] - j->goal));
	*accuracy = j->quantities ? (double)NAN : 1 - fabs((double)numbers(w, 0)[1]);
	return 0;
}

static void report(void *context, const char *line, const char *json)
{
	struct judge *j = context;
	snprintf(j->line, sizeof j->line, "%s", line);
	snprintf(j->json, sizeof j->json, "%s", json);
}

/* At 1, 4, 2 with goal 2.4, 2 is best alone: 1.5 and 3 are both worse. */
static void soup_takes_what_helps(void **state)
{
	(void)state;
	static const float values[3][2] = {{1, -0.25f}, {4, 0.5f}, {2, 0.125f}};
	struct judge j = {.goal = 2.4f};
	const struct lepton_fuse_help help = {.evaluate = evaluate, .report = report, .context = &j};
	struct lepton_params *w[3];
	struct lepton_fuse_parent three[3];
	for (int p = 0; p < 3; p++) {
		w[p] = make_one((struct lepton_shape){1, {2}}, values[p]);
		three[p] = (struct lepton_fuse_parent){p ? p > 1 ? "c" : "b" : "a", w[p], NAN, 0};
	}
	is_same(fused("soup", three, 3, NULL, &help), w[2]);
	assert_string_equal(j.line, "fuse soup: 1 of 3 versions are in it: \"c\"");
	assert_non_null(strstr(j.json, "{\"in\":[\"c\"],\"out\":[\"a\",\"b\"],\"val_loss\":0.4"));
	j.goal = 2.7f; /* c 0.7, b 1.3, a 1.7: b comes in (3: 0.3), then a does not (7/3: 0.37) */
	const double both[] = {3, 0.3125};
	is_row(fused("soup", three, 3, NULL, &help), both, 1e-7);
	j.goal = 2.3f; /* c 0.3, a 1.3, b 1.7: neither of the two pairs */
	is_same(fused("soup", three, 3, NULL, &help), w[2]);
	/* c 0.125, a 0.25, b 0.5: with a it is 0.0625; with b as well 0.125, no more */
	const double pair[] = {1.5, -0.0625};
	is_row(fused("soup", three, 3, "{\"by\":\"val_accuracy\"}", &help), pair, 0);
	((float *)lepton_params_data(w[1], 0))[1] = 0.25f; /* (0.125 - 0.25 + 0.25)/3 = 0.042 */
	struct lepton_params *out = fused("soup", three, 3, "{\"by\":\"val_accuracy\"}", &help);
	assert_true(fabsf(numbers(out, 0)[0] - 7.0f / 3) < 1e-6f);
	lepton_params_release(out);
	for (int n = 1; n <= 5; n++) {
		j.asked = 0;
		j.fails_at = n;
		refused("soup", three, 3, NULL, &help, LEPTON_E_CANCELED, "enough");
	}
	j.fails_at = 0;
	j.quantities = true;
	refused("soup", three, 3, "{\"by\":\"val_accuracy\"}", &help, LEPTON_E_USAGE, "set \"by\": \"val_loss\"");
	j.goal = NAN;
	refused("soup", three, 3, NULL, &help, LEPTON_E_DIVERGED, "no version has a finite validation loss");
	refused("soup", three, 3, NULL, NULL, LEPTON_E_STATE, "validation data");
	for (int p = 0; p < 3; p++)
		lepton_params_release(w[p]);
}

/* Whatever is best is what comes out: its score is the least in the ranking, the refusals are told, and no
 * parent alone is better. */
static void auto_keeps_the_best(void **state)
{
	(void)state;
	for (int goal = -6; goal <= 6; goal++) {
		struct judge j = {.goal = (float)goal / 10};
		const struct lepton_fuse_help help = {.evaluate = evaluate, .report = report, .context = &j};
		struct lepton_params *out = fused("auto", parents, 3, NULL, &help);
		double loss = fabs((double)(numbers(out, 0)[0] - j.goal));
		for (const struct lepton_fuser *const *m = lepton_fusers(); *m; m++) {
			struct lepton_params *one = NULL;
			struct judge quiet = {.goal = j.goal};
			const struct lepton_fuse_help other = {.evaluate = evaluate, .context = &quiet};
			if (strcmp((*m)->name, "auto") == 0)
				continue;
			assert_non_null(strstr(j.json, (*m)->name));
			if (lepton_fuse_with((*m)->name, parents, 3, NULL, &other, &one, NULL) == 0)
				assert_true(fabs((double)(numbers(one, 0)[0] - j.goal)) >= loss);
			lepton_params_release(one);
		}
		for (int p = 0; p < 3; p++)
			assert_true(fabs((double)(numbers(weights[p], 0)[0] - j.goal)) >= loss);
		assert_non_null(strstr(j.json, "{\"chosen\":\""));
		assert_non_null(strstr(j.json, "\"method\":\"weighted\",\"refused\":\"fuse weighted: no"));
		assert_non_null(strstr(j.line, "fuse auto, by validation loss: "));
		lepton_params_release(out);
	}
	struct judge j = {.goal = NAN};
	const struct lepton_fuse_help help = {.evaluate = evaluate, .report = report, .context = &j};
	refused("auto", parents, 3, NULL, &help, LEPTON_E_DIVERGED, "finite validation loss");
	j = (struct judge){.fails_at = 9};
	refused("auto", parents, 3, NULL, &help, LEPTON_E_CANCELED, "enough");
	refused("auto", parents, 3, NULL, NULL, LEPTON_E_STATE, "validation data");
}

/* ---- matching units ---- */

static double best_of_all(size_t n, const double *gain, size_t row, unsigned taken)
{
	double best = row == n ? 0 : -DBL_MAX;
	for (size_t j = 0; j < n; j++)
		if (row < n && !(taken & 1u << j))
			best = fmax(best, gain[row * n + j] + best_of_all(n, gain, row + 1, taken | 1u << j));
	return best;
}

/* Against every permutation there is; with few different gains too, so that many are equally good. */
static void assignment_is_the_best(void **state)
{
	(void)state;
	uint32_t seed = 5;
	for (int turn = 0; turn < 300; turn++) {
		double gain[49], sum = 0;
		size_t n = (size_t)turn % 7 + 1, column[7];
		for (size_t i = 0; i < n * n; i++)
			gain[i] =
				turn % 2 ? floor((double)next_number(&seed) * 4) : (double)next_number(&seed);
		assert_int_equal(lepton__assign(n, gain, column, NULL), 0);
		unsigned taken = 0;
		for (size_t i = 0; i < n; i++) {
			sum += gain[i * n + column[i]];
			taken |= 1u << column[i];
		}
		assert_int_equal(taken, (1u << n) - 1);
		assert_true(fabs(sum - best_of_all(n, gain, 0, 0)) < 1e-12);
	}
}

/* A convolution, pooling, one more, Flatten, two dense layers: 8x8x1 -> 6x6x5 -> 3x3x5 -> 2x2x4 -> 16 -> 6
 * -> 3. */
static const struct lepton_tensor cnn[] = {
	{.name = "conv2d/kernel", .dtype = LEPTON_F32, .shape = {4, {3, 3, 1, 5}}},
	{.name = "conv2d/bias", .dtype = LEPTON_F32, .shape = {1, {5}}},
	{.name = "conv2d_1/kernel", .dtype = LEPTON_F32, .shape = {4, {2, 2, 5, 4}}},
	{.name = "conv2d_1/bias", .dtype = LEPTON_F32, .shape = {1, {4}}},
	{.name = "dense/kernel", .dtype = LEPTON_F32, .shape = {2, {16, 6}}},
	{.name = "dense/bias", .dtype = LEPTON_F32, .shape = {1, {6}}},
	{.name = "dense_1/kernel", .dtype = LEPTON_F32, .shape = {2, {6, 3}}},
	{.name = "dense_1/bias", .dtype = LEPTON_F32, .shape = {1, {3}}},
};
#define CNN (sizeof cnn / sizeof *cnn)

static void conv(const struct lepton_params *w, size_t t, int side, const float *x, float *y)
{
	const int64_t *d = lepton_params_at(w, t)->shape.dim;
	int k = (int)d[0], in = (int)d[2], out = (int)d[3], left = side - k + 1;
	for (int r = 0; r < left; r++)
		for (int c = 0; c < left; c++)
			for (int o = 0; o < out; o++) {
				float sum = numbers(w, t + 1)[o];
				for (int i = 0; i < k * k * in; i++)
					sum += x[((r + i / in / k) * side + c + i / in % k) * in + i % in] *
					       numbers(w, t)[i * out + o];
				y[(r * left + c) * out + o] = fmaxf(sum, 0);
			}
}

static void dense(const struct lepton_params *w, size_t t, const float *x, float *y)
{
	const int64_t *d = lepton_params_at(w, t)->shape.dim;
	for (int64_t o = 0; o < d[1]; o++) {
		y[o] = numbers(w, t + 1)[o];
		for (int64_t i = 0; i < d[0]; i++)
			y[o] += x[i] * numbers(w, t)[i * d[1] + o];
		y[o] = t + 2 < CNN ? fmaxf(y[o], 0) : y[o];
	}
}

static void answer(const struct lepton_params *w, const float *x, float y[3])
{
	float a[6 * 6 * 5], pooled[3 * 3 * 5], b[2 * 2 * 4], c[6];
	conv(w, 0, 8, x, a);
	for (int i = 0; i < 45; i++) {
		const float *at = a + ((i / 5 / 3 * 2) * 6 + i / 5 % 3 * 2) * 5 + i % 5;
		pooled[i] = fmaxf(fmaxf(at[0], at[5]), fmaxf(at[30], at[35]));
	}
	conv(w, 2, 3, pooled, b);
	dense(w, 4, b, c);
	dense(w, 6, c, y);
}

static void same_answers(const struct lepton_params *a, const struct lepton_params *b, float tolerance)
{
	uint32_t seed = 77;
	for (int turn = 0; turn < 20; turn++) {
		float x[64], one[3], two[3];
		for (int i = 0; i < 64; i++)
			x[i] = next_number(&seed);
		answer(a, x, one);
		answer(b, x, two);
		for (int i = 0; i < 3; i++)
			assert_true(fabsf(one[i] - two[i]) <= tolerance);
	}
}

/* Row or column `from[i]` of a tensor seen as [outer, n, inner] goes to place i. */
static void reorder(
	struct lepton_params *w, size_t t, size_t outer, size_t n, size_t inner, const size_t *from)
{
	struct lepton_params *old = NULL;
	assert_int_equal(lepton_params_copy(w, &old, NULL), 0);
	float *to = lepton_params_data(w, t);
	for (size_t o = 0; o < outer; o++)
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < inner; k++)
				to[(o * n + i) * inner + k] = numbers(old, t)[(o * n + from[i]) * inner + k];
	lepton_params_release(old);
}

static struct lepton_params *disordered(const struct lepton_params *w)
{
	static const size_t p[] = {3, 0, 4, 1, 2}, q[] = {2, 3, 1, 0}, r[] = {5, 2, 0, 1, 3, 4};
	struct lepton_params *out = NULL;
	assert_int_equal(lepton_params_copy(w, &out, NULL), 0);
	reorder(out, 0, 9, 5, 1, p);
	reorder(out, 1, 1, 5, 1, p);
	reorder(out, 2, 4, 5, 4, p);
	reorder(out, 2, 20, 4, 1, q);
	reorder(out, 3, 1, 4, 1, q);
	reorder(out, 4, 4, 4, 6, q); /* through Flatten: four places, four channels each */
	reorder(out, 4, 16, 6, 1, r);
	reorder(out, 5, 1, 6, 1, r);
	reorder(out, 6, 1, 6, 3, r);
	return out;
}

/* The oracle itself is the same function in another order; matched, the two are one again, to the bit. */
static void rebasin_undoes_a_permutation(void **state)
{
	(void)state;
	struct judge j = {.asked = 0};
	const struct lepton_fuse_help help = {.report = report, .context = &j};
	for (uint32_t seed = 1; seed <= 20; seed++) {
		struct lepton_params *a = make_random(cnn, CNN, seed), *b = disordered(a), *c = disordered(b);
		struct lepton_fuse_parent three[] = {{"a", a, NAN, 0}, {"b", b, NAN, 0}, {"c", c, NAN, 0}};
		same_answers(a, b, 1e-5f);
		assert_memory_not_equal(numbers(a, 4), numbers(b, 4), 16 * 6 * 4);
		is_same(fused("rebasin", three, 2, NULL, &help), a);
		assert_non_null(strstr(j.json, "{\"sweeps\":"));
		three[0].weights = b;
		three[1].weights = a;
		is_same(fused("rebasin", three, 3, NULL, NULL), b);
		lepton_params_release(a);
		lepton_params_release(b);
		lepton_params_release(c);
	}
}

/* BatchNormalization's numbers go where their units go. */
static void rebasin_takes_norms_along(void **state)
{
	(void)state;
	static const struct lepton_tensor like[] = {
		{.name = "in/gamma", .dtype = LEPTON_F32, .shape = {1, {7}}}, /* the inputs', which stay */
		{.name = "a/kernel", .dtype = LEPTON_F32, .shape = {2, {7, 5}}},
		{.name = "a/bias", .dtype = LEPTON_F32, .shape = {1, {5}}},
		{.name = "n/gamma", .dtype = LEPTON_F32, .shape = {1, {5}}},
		{.name = "n/beta", .dtype = LEPTON_F32, .shape = {1, {5}}},
		{.name = "n/moving_mean", .dtype = LEPTON_F32, .shape = {1, {5}}},
		{.name = "n/moving_variance", .dtype = LEPTON_F32, .shape = {1, {5}}},
		{.name = "b/kernel", .dtype = LEPTON_F32, .shape = {2, {5, 3}}},
	};
	static const size_t p[] = {3, 0, 4, 1, 2};
	for (uint32_t seed = 1; seed <= 10; seed++) {
		struct lepton_params *a = make_random(like, 8, seed), *b = NULL;
		assert_int_equal(lepton_params_copy(a, &b, NULL), 0);
		reorder(b, 1, 7, 5, 1, p);
		for (size_t t = 2; t < 7; t++)
			reorder(b, t, 1, 5, 1, p);
		reorder(b, 7, 1, 5, 3, p);
		struct lepton_fuse_parent two[] = {{"a", a, NAN, 0}, {"b", b, NAN, 0}};
		is_same(fused("rebasin", two, 2, NULL, NULL), a);
		lepton_params_release(a);
		lepton_params_release(b);
	}
}

/* Of two unlike networks: what the second was turned into, 2·mean - first, still computes what it did, and
 * is nearer to the first than it was. */
static void rebasin_keeps_the_function(void **state)
{
	(void)state;
	struct lepton_params *a = make_random(cnn, CNN, 31), *b = make_random(cnn, CNN, 32);
	struct lepton_fuse_parent two[] = {{"a", a, NAN, 0}, {"b", b, NAN, 0}};
	struct lepton_params *out = fused("rebasin", two, 2, "{\"seed\":3}", NULL);
	double was = 0, is = 0;
	for (size_t t = 0; t < CNN; t++) {
		float *to = lepton_params_data(out, t);
		for (int64_t i = 0; i < lepton_shape_count(&cnn[t].shape); i++) {
			to[i] = 2 * to[i] - numbers(a, t)[i];
			was += pow((double)(numbers(b, t)[i] - numbers(a, t)[i]), 2);
			is += pow((double)(to[i] - numbers(a, t)[i]), 2);
		}
	}
	same_answers(b, out, 1e-5f);
	assert_true(is < was * 0.99);
	lepton_params_release(a);
	lepton_params_release(b);
	lepton_params_release(out);
}

static void refuses_chain(const char *name, struct lepton_shape shape, const char *words)
{
	struct lepton_tensor like[3] = {cnn[0], cnn[1]};
	like[2] = (struct lepton_tensor){.dtype = LEPTON_F32, .shape = shape};
	memcpy(like[2].name, name, strlen(name));
	struct lepton_params *a = make_random(like, 3, 1);
	struct lepton_fuse_parent two[] = {{"a", a, NAN, 0}, {"b", a, NAN, 0}};
	refused("rebasin", two, 2, NULL, NULL, LEPTON_E_UNSUPPORTED, words);
	lepton_params_release(a);
}

static void rebasin_refuses_what_it_does_not_know(void **state)
{
	(void)state;
	refuses_chain("batch/odd", (struct lepton_shape){1, {5}}, "batch/odd belongs to neither");
	refuses_chain("x/bias", (struct lepton_shape){1, {5}}, "not the bias");
	refuses_chain("x/kernel", (struct lepton_shape){1, {5}}, "no kernel");
	refuses_chain("x/kernel", (struct lepton_shape){2, {12, 5}}, "does not read the 5 units");
	refuses_chain("x/kernel", (struct lepton_shape){4, {1, 1, 10, 5}}, "does not read the 5 units");
	struct lepton_params *a = make_random(cnn, 2, 1);
	struct lepton_fuse_parent two[] = {{"a", a, NAN, 0}, {"b", a, NAN, 0}};
	refused("rebasin", two, 2, NULL, NULL, LEPTON_E_UNSUPPORTED, "no hidden layer");
	refused("rebasin", two, 2, "{\"sweeps\":0}", NULL, LEPTON_E_USAGE, "sweeps");
	lepton_params_release(a);
}

/* What holds for all holds for each: unlike shapes, NaN, too few. */
static void every_method_refuses(void **state)
{
	(void)state;
	struct lepton_params *other = make_random(cnn, CNN, 4), *bad = make_random(small_net, SMALL_NET, 2);
	((float *)lepton_params_data(bad, 1))[2] = NAN;
	struct judge j = {.asked = 0};
	const struct lepton_fuse_help help = {.evaluate = evaluate, .context = &j};
	struct lepton_fuse_parent unlike[] = {parents[0], {"cnn", other, NAN, 0}},
				  nan[] = {parents[0], {"bad", bad, NAN, 0}};
	for (const struct lepton_fuser *const *m = lepton_fusers(); *m; m++) {
		refused((*m)->name, unlike, 2, NULL, &help, LEPTON_E_SHAPE, "\"one\" and \"cnn\"");
		refused((*m)->name, nan, 2, NULL, &help, LEPTON_E_DIVERGED, "\"bad\" holds NaN at number 2");
		refused((*m)->name, parents, 1, NULL, &help, LEPTON_E_USAGE, "at least two versions");
		refused((*m)->name, parents, 2, "{\"zzzzzz\":1}", &help, LEPTON_E_USAGE, "zzzzzz");
	}
	lepton_params_release(other);
	lepton_params_release(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slerp_is_numpys),
		cmocka_unit_test(slerp_of_a_right_angle),
		cmocka_unit_test(slerp_without_an_arc),
		cmocka_unit_test(slerp_settings),
		cmocka_unit_test(differences_are_numpys),
		cmocka_unit_test(differences_at_their_limits),
		cmocka_unit_test(ties_by_hand),
		cmocka_unit_test(dare_drops_and_rescales),
		cmocka_unit_test(differences_settings),
		cmocka_unit_test(soup_takes_what_helps),
		cmocka_unit_test(auto_keeps_the_best),
		cmocka_unit_test(assignment_is_the_best),
		cmocka_unit_test(rebasin_undoes_a_permutation),
		cmocka_unit_test(rebasin_keeps_the_function),
		cmocka_unit_test(rebasin_takes_norms_along),
		cmocka_unit_test(rebasin_refuses_what_it_does_not_know),
		cmocka_unit_test(every_method_refuses),
	};
	return cmocka_run_group_tests_name("fuse_methods", tests, set_up, tear_down);
}
