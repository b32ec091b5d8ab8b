/* tests/test_barrier.c - the loss on the line between two versions: against closed forms, the line itself
 * against one drawn here, a copy with its units in disorder, and what is refused. Then the engine's job, and
 * its record.
 */
#include "config.h"
#include "compress_make.h"
#include "corner_data.h"
#include "corner_versions.h"
#include "engine_world.h"
#include "fuse/barrier.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 101

/* ---- a judge whose losses are a formula ---- */

struct judge {
	double (*loss)(const struct judge *j, const struct lepton_params *weights);
	const struct lepton_params *right; /* whose answers are right */
	struct lepton_params *seen[2 * MOST];
	size_t count;
	size_t stops; /* go_on says no when so many were scored; 0: never */
	int code;     /* what evaluate fails with at its third call; 0: it does not */
};

static int evaluate(void *context, const struct lepton_params *weights, double *loss, double *accuracy,
	struct lepton_error *err)
{
	struct judge *j = context;
	if (j->code && j->count == 2)
		return lepton_error_set(err, j->code, "the judge is ill");
	assert_int_equal(lepton_params_copy(weights, &j->seen[j->count], err), 0);
	*loss = j->loss(j, weights);
	*accuracy = 1.0 / (1 + (double)j->count++);
	return 0;
}

static bool go_on(void *context)
{
	const struct judge *j = context;
	return !j->stops || j->count < j->stops;
}

static void forget(struct judge *j)
{
	for (size_t i = 0; i < j->count; i++)
		lepton_params_release(j->seen[i]);
	j->count = 0;
}

static int try_measure(struct judge *j, const struct lepton_params *a, const struct lepton_params *b,
	size_t points, struct lepton_barrier *out, struct lepton_error *err)
{
	const struct lepton_fuse_help help = {.evaluate = evaluate, .context = j};
	const struct lepton_fuse_parent ends[2] = {{"a", a, NAN, 0}, {"b", b, NAN, 0}};
	return lepton_barrier_measure(ends, points, &help, go_on, out, err);
}

static struct lepton_barrier measure(
	struct judge *j, const struct lepton_params *a, const struct lepton_params *b, size_t points)
{
	struct lepton_barrier out;
	struct lepton_error err;
	if (try_measure(j, a, b, points, &out, &err))
		fail_msg("%s", err.message);
	return out;
}

static struct lepton_params *number(float x)
{
	return make_one((struct lepton_shape){1, {1}}, &x);
}

/* ---- closed forms ---- */

static double first_of(const struct lepton_params *weights)
{
	return (double)numbers(weights, 0)[0];
}

static double hill(const struct judge *j, const struct lepton_params *weights)
{
	(void)j;
	return -first_of(weights) * first_of(weights);
}

static double bowl(const struct judge *j, const struct lepton_params *weights)
{
	return -hill(j, weights);
}

static double two_valleys(const struct judge *j, const struct lepton_params *weights)
{
	double over = bowl(j, weights) - 1;
	return over * over;
}

static double slope(const struct judge *j, const struct lepton_params *weights)
{
	(void)j;
	return 3 * first_of(weights) - 7;
}

/* -w² rises above the line between its ends by t·(1 - t)·(a - b)²: at most (a - b)²/4, at the middle,
 * wherever the ends lie. (Their mean loss instead of the line would give 7.5 for 1 and 4.) */
static void of_a_hill(void **state)
{
	(void)state;
	struct judge j = {.loss = hill};
	struct lepton_params *a = number(1), *b = number(4);
	struct lepton_barrier even = measure(&j, a, b, 11), odd = measure(&j, a, b, 4);
	assert_int_equal(even.points, 11);
	assert_true(fabs(even.before.barrier - 9.0 / 4) < 1e-6);
	assert_int_equal(even.before.top, 5);
	for (size_t i = 0; i < 11; i++) {
		double w = 1 + 3 * (double)i / 10;
		assert_true(fabs(even.before.loss[i] + w * w) < 1e-5);
		assert_true(fabs(even.before.accuracy[i] - 1.0 / (double)(1 + i)) < 1e-15);
	}
	assert_true(fabs(odd.before.barrier - 2) < 1e-6); /* at 1/3: 2/9 of 9 */
	forget(&j);
	lepton_params_release(a);
	lepton_params_release(b);
}

static void of_bowl_slope_and_valleys(void **state)
{
	(void)state;
	struct lepton_params *a = number(-1), *b = number(1);
	struct judge low = {.loss = bowl}, straight = {.loss = slope}, two = {.loss = two_valleys};
	assert_true(fabs(measure(&low, a, b, 21).before.barrier) <= 0); /* it sinks, which is no barrier */
	assert_true(measure(&straight, a, b, 3).before.barrier < 1e-12);
	struct lepton_barrier between = measure(&two, a, b, 101);
	assert_true(fabs(between.before.barrier - 1) <= 0);
	assert_int_equal(between.before.top, 50);
	assert_true(fabs(measure(&two, a, a, 3).before.barrier) <= 0);
	forget(&low);
	forget(&straight);
	forget(&two);
	lepton_params_release(a);
	lepton_params_release(b);
}

static double ill(const struct judge *j, const struct lepton_params *weights)
{
	(void)weights;
	return j->count == 4 ? (double)NAN : 1;
}

static void of_what_is_no_number(void **state)
{
	(void)state;
	struct lepton_params *a = number(-1), *b = number(1);
	struct judge j = {.loss = ill};
	struct lepton_barrier found = measure(&j, a, b, 11);
	assert_true(isnan(found.before.barrier));
	assert_int_equal(found.before.top, 4);
	forget(&j);
	lepton_params_release(a);
	lepton_params_release(b);
}

/* ---- the line, and units in disorder ---- */

/* A network of two hidden layers with BatchNormalization behind the first. */
#define IN 6
#define ONE 5
#define TWO 4
#define OUT 3
static const struct lepton_tensor net[] = {
	{.name = "a/kernel", .dtype = LEPTON_F32, .shape = {2, {IN, ONE}}},
	{.name = "a/bias", .dtype = LEPTON_F32, .shape = {1, {ONE}}},
	{.name = "n/gamma", .dtype = LEPTON_F32, .shape = {1, {ONE}}},
	{.name = "n/beta", .dtype = LEPTON_F32, .shape = {1, {ONE}}},
	{.name = "n/moving_mean", .dtype = LEPTON_F32, .shape = {1, {ONE}}},
	{.name = "n/moving_variance", .dtype = LEPTON_F32, .shape = {1, {ONE}}},
	{.name = "b/kernel", .dtype = LEPTON_F32, .shape = {2, {ONE, TWO}}},
	{.name = "b/bias", .dtype = LEPTON_F32, .shape = {1, {TWO}}},
	{.name = "c/kernel", .dtype = LEPTON_F32, .shape = {2, {TWO, OUT}}},
};
#define NET (sizeof net / sizeof *net)

static struct lepton_params *make_net(uint32_t seed)
{
	struct lepton_params *made = make_random(net, NET, seed);
	for (int i = 0; i < ONE; i++) /* a variance is above 0 */
		((float *)lepton_params_data(made, 5))[i] += 1;
	return made;
}

/* Each number of each point is that of the line, rounded once; the ends are A and B to the bit. */
static void the_line_is_straight(void **state)
{
	(void)state;
	struct judge j = {.loss = slope};
	struct lepton_params *a = make_net(1), *b = make_net(2);
	measure(&j, a, b, 7);
	assert_int_equal(j.count, 14);
	for (size_t p = 0; p < 7; p++)
		for (size_t t = 0; t < NET; t++)
			for (int64_t i = 0; i < lepton_shape_count(&net[t].shape); i++) {
				double x = (double)numbers(a, t)[i], y = (double)numbers(b, t)[i],
				       at = x + (double)p / 6 * (y - x);
				float is = numbers(j.seen[p], t)[i];
				assert_true(fabs((double)is - at) <= 6.1e-8 * fmax(1, fabs(at)));
				assert_true(p != 0 || fabs((double)is - x) <= 0);
				assert_true(p != 6 || fabs((double)is - y) <= 0);
			}
	for (size_t t = 0; t < NET; t++) /* the line after begins where the other does */
		assert_memory_equal(numbers(j.seen[7], t), numbers(a, t),
			(size_t)lepton_shape_count(&net[t].shape) * sizeof(float));
	forget(&j);
	lepton_params_release(a);
	lepton_params_release(b);
}

static void layer(const float *kernel, const float *bias, int in, int out, const double *x, double *y)
{
	for (int u = 0; u < out; u++) {
		y[u] = bias ? (double)bias[u] : 0;
		for (int i = 0; i < in; i++)
			y[u] += x[i] * (double)kernel[i * out + u];
	}
}

static void answer(const struct lepton_params *w, const double *x, double out[OUT])
{
	double one[ONE], two[TWO];
	layer(numbers(w, 0), numbers(w, 1), IN, ONE, x, one);
	for (int u = 0; u < ONE; u++) {
		double z = (one[u] - (double)numbers(w, 4)[u]) / sqrt((double)numbers(w, 5)[u] + 1e-3);
		one[u] = fmax(0, z * (double)numbers(w, 2)[u] + (double)numbers(w, 3)[u]);
	}
	layer(numbers(w, 6), numbers(w, 7), ONE, TWO, one, two);
	for (int u = 0; u < TWO; u++)
		two[u] = fmax(0, two[u]);
	layer(numbers(w, 8), NULL, TWO, OUT, two, out);
}

/* How far the answers are from those of j->right, whose loss is thus 0. */
static double apart(const struct judge *j, const struct lepton_params *weights)
{
	uint32_t seed = 77;
	double sum = 0;
	for (int s = 0; s < 50; s++) {
		double x[IN], is[OUT], right[OUT];
		for (int i = 0; i < IN; i++)
			x[i] = 4 * (double)next_number(&seed);
		answer(weights, x, is);
		answer(j->right, x, right);
		for (int o = 0; o < OUT; o++)
			sum += (is[o] - right[o]) * (is[o] - right[o]);
	}
	return sum;
}

/* Unit i becomes what unit from[i] was, in tensor t seen as rows × units × inner. */
static void reorder(struct lepton_params *w, size_t t, int rows, int units, int inner, const int *from)
{
	float kept[64], *values = lepton_params_data(w, t);
	for (int r = 0; r < rows; r++, values += units * inner) {
		memcpy(kept, values, (size_t)(units * inner) * sizeof *kept);
		for (int u = 0; u < units; u++)
			memcpy(values + u * inner, kept + from[u] * inner, (size_t)inner * sizeof *kept);
	}
}

static struct lepton_params *disordered(const struct lepton_params *w)
{
	static const int p[] = {3, 0, 4, 1, 2}, q[] = {2, 3, 1, 0};
	struct lepton_params *out = NULL;
	assert_int_equal(lepton_params_copy(w, &out, NULL), 0);
	reorder(out, 0, IN, ONE, 1, p);
	for (size_t t = 1; t < 6; t++)
		reorder(out, t, 1, ONE, 1, p);
	reorder(out, 6, 1, ONE, TWO, p);
	reorder(out, 6, ONE, TWO, 1, q);
	reorder(out, 7, 1, TWO, 1, q);
	reorder(out, 8, 1, TWO, OUT, q);
	return out;
}

/* Between a network and its copy in disorder there is a barrier; matched, they are one, and the line is a
 * point. */
static void a_copy_in_disorder(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 10; seed++) {
		struct lepton_params *a = make_net(seed), *b = disordered(a);
		struct judge j = {.loss = apart, .right = a};
		struct lepton_barrier found = measure(&j, a, b, 11);
		assert_true(fabs(found.before.loss[0]) <= 0);
		assert_true(found.before.loss[10] < 1e-9); /* the same function */
		assert_true(found.before.barrier > 1e-3);
		assert_string_equal(found.unmatched, "");
		assert_true(found.moves >= ONE - 1 + TWO - 1 && found.sweeps > 1);
		assert_true(fabs(found.after.barrier) <= 0);
		for (size_t i = 0; i < 11; i++)
			assert_true(fabs(found.after.loss[i]) <= 0);
		assert_true(fabs(first_of(b) - (double)numbers(a, 0)[3]) <=
			    0); /* what was given stays as it was */
		forget(&j);
		lepton_params_release(a);
		lepton_params_release(b);
	}
}

static void what_cannot_be_matched(void **state)
{
	(void)state;
	struct lepton_params *a = number(-1), *b = number(1);
	struct judge j = {.loss = two_valleys};
	struct lepton_barrier found = measure(&j, a, b, 5);
	assert_int_equal(j.count, 5);
	expect(found.unmatched, "k belongs to neither Conv2D, Dense, Embedding nor BatchNormalization");
	assert_true(fabs(found.before.barrier - 1) <= 0);
	forget(&j);
	lepton_params_release(a);
	lepton_params_release(b);
}

/* ---- what is refused, given up, fails ---- */

static void refused(struct judge *j, const struct lepton_params *a, const struct lepton_params *b,
	size_t points, int code, const char *words)
{
	struct lepton_barrier out;
	struct lepton_error err = {0};
	assert_int_equal(try_measure(j, a, b, points, &out, &err), code);
	expect(err.message, words);
	assert_null(strchr(err.message, '\n'));
	forget(j);
}

static void faults(void **state)
{
	(void)state;
	struct lepton_params *a = make_net(1), *b = make_net(2), *other = number(1), *bad = make_net(3);
	((float *)lepton_params_data(bad, 6))[2] = NAN;
	struct judge j = {.loss = slope}, fails = {.loss = slope, .code = LEPTON_E_IO};
	refused(&j, a, b, 2, LEPTON_E_USAGE, "it takes 3 to 101 points, not 2");
	refused(&j, a, b, 102, LEPTON_E_USAGE, "not 102");
	refused(&j, a, other, 11, LEPTON_E_SHAPE, "\"a\" and \"b\" have unlike shapes");
	refused(&j, a, bad, 11, LEPTON_E_DIVERGED, "b/kernel of \"b\" holds NaN at number 2");
	refused(&fails, a, b, 11, LEPTON_E_IO, "the judge is ill");
	static const struct {
		size_t stops;
		const char *words;
	} ends[] = {{4, "given up at t = 0.4"}, {11, "given up while units were matched"},
		{16, "given up at t = 0.5"}};
	for (size_t i = 0; i < 3; i++) {
		j.stops = ends[i].stops;
		refused(&j, a, b, 11, LEPTON_E_CANCELED, ends[i].words);
	}
	const struct lepton_fuse_parent two[2] = {{"a", a, NAN, 0}, {"b", b, NAN, 0}};
	struct lepton_barrier out;
	assert_int_equal(lepton_barrier_measure(two, 11, NULL, NULL, &out, NULL), LEPTON_E_STATE);
	lepton_params_release(a);
	lepton_params_release(b);
	lepton_params_release(other);
	lepton_params_release(bad);
}

/* ---- as JSON ---- */

static char *written(const struct lepton_barrier *b)
{
	struct lepton__buffer text;
	lepton__buffer_init(&text, 1 << 20);
	lepton__buffer_string(&text, "{\"more\":[1,2],");
	lepton__barrier_write(&text, b);
	lepton__buffer_string(&text, "}");
	char *out = strdup(text.data);
	assert_false(text.failed);
	lepton__buffer_free(&text);
	return out;
}

static void same_line(const struct lepton_line *a, const struct lepton_line *b, size_t points)
{
	assert_memory_equal(&a->barrier, &b->barrier, sizeof a->barrier);
	assert_int_equal(a->top, b->top);
	assert_memory_equal(a->loss, b->loss, points * sizeof *a->loss);
	for (size_t i = 0; i < points; i++)
		assert_true(isnan(a->accuracy[i]) ? isnan(b->accuracy[i])
						  : fabs(a->accuracy[i] - b->accuracy[i]) <= 0);
}

static void json_and_back(void **state)
{
	(void)state;
	struct lepton_params *a = make_net(1), *b = make_net(2), *x = number(-1), *y = number(1);
	struct judge j = {.loss = apart, .right = a}, k = {.loss = two_valleys};
	struct lepton_barrier found[] = {measure(&j, a, b, 11), measure(&k, x, y, 101)}, back;
	found[0].before.accuracy[3] = (double)NAN;
	for (size_t i = 0; i < 2; i++) {
		char *text = written(&found[i]);
		assert_int_equal(lepton_barrier_read(text, &back, NULL), 0);
		assert_int_equal(back.points, found[i].points);
		same_line(&back.before, &found[i].before, back.points);
		assert_string_equal(back.unmatched, found[i].unmatched);
		assert_int_equal(back.moves, found[i].moves);
		assert_int_equal(back.sweeps, found[i].sweeps);
		if (!*back.unmatched)
			same_line(&back.after, &found[i].after, back.points);
		free(text);
	}
	forget(&j);
	forget(&k);
	lepton_params_release(a);
	lepton_params_release(b);
	lepton_params_release(x);
	lepton_params_release(y);
}

static void json_of_nothing(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "[]", "{}", "{\"points\":3}", "{\"points\":1e9,\"before\":{}}",
		"{\"points\":3,\"before\":{\"loss\":[1,2,3],\"accuracy\":[1,2]},\"after\":null,\"unmatched\":"
		"\"x\"}",
		"{\"points\":3,\"before\":{\"loss\":[1,2,3],\"accuracy\":[1,2,3]},\"after\":null,"
		"\"unmatched\":null}",
		"{\"points\":2,\"before\":{\"loss\":[1,2],\"accuracy\":[1,2]},\"after\":null,\"unmatched\":"
		"\"x\"}"};
	struct lepton_barrier out;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct lepton_error err = {0};
		if (lepton_barrier_read(bad[i], &out, &err) != LEPTON_E_CORRUPT)
			fail_msg("read: %s", bad[i]);
		expect(err.message, "cannot be read");
	}
	assert_int_equal(lepton_barrier_read(
				 "{\"points\":3,\"before\":{\"barrier\":0.5,\"top\":99,\"loss\":[1,null,3],"
				 "\"accuracy\":[1,2,3]},\"after\":null,\"unmatched\":\"x\"}",
				 &out, NULL),
		0);
	assert_int_equal(out.before.top, 0);
	assert_true(isnan(out.before.loss[1]));
}

/* ---- the engine's job ---- */

static struct lepton_command between(int64_t a, int64_t b)
{
	return (struct lepton_command){.type = LEPTON_CMD_BARRIER, .count = 2, .versions = {a, b}};
}

/* Scored here, on the split the job names, with a learner of the test's own. */
static double loss_on(const struct world *w, int64_t id, enum lepton_split split)
{
	char config[1024];
	struct lepton_learner *learner;
	struct lepton_score score;
	corner_config(config, sizeof config, 1, "");
	assert_int_equal(lepton_learner_find("network")->create(config, 3, data, &learner, NULL), 0);
	assert_int_equal(learner->ops->set_weights(learner, w->kept[id]->state.weights, NULL), 0);
	assert_int_equal(learner->ops->evaluate(learner, &lepton_team_alone, split, 0,
				 lepton_dataset_count(data, split), &score, NULL),
		0);
	learner->ops->destroy(learner);
	return score.loss;
}

static struct lepton_barrier kept(const struct world *w, int64_t a, int64_t b)
{
	struct lepton_barrier out;
	const struct lepton_run_barrier *record = lepton_run_barrier(&w->run, a, b);
	assert_non_null(record);
	assert_int_equal(lepton_barrier_read(lepton_text_get(record->detail), &out, NULL), 0);
	return out;
}

static void the_job_measures(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t a = add_net(w, "a", 4), b = add_net(w, "b", 12);
	start(w);
	await(w, in_state, a, LEPTON_DONE);
	await(w, in_state, b, LEPTON_DONE);
	const size_t versions = w->run.version_count;
	assert_int_equal(order(w, between(a, b), NULL), 0);
	expect(w->message, "barrier between a and b: ");
	struct lepton_barrier first = kept(w, a, b);
	assert_int_equal(first.points, 11);
	assert_true(fabs(first.before.loss[0] - loss_on(w, a, LEPTON_VALIDATION)) < 1e-6);
	assert_true(fabs(first.before.loss[10] - loss_on(w, b, LEPTON_VALIDATION)) < 1e-6);
	assert_true(fabs(first.after.loss[10] - first.before.loss[10]) < 1e-5);
	expect(lepton_text_get(lepton_run_barrier(&w->run, a, b)->detail),
		"{\"versions\":[{\"id\":1,\"name\":\"a\",\"step\":100},{\"id\":2,\"name\":\"b\",\"step\":300}"
		"],"
		"\"split\":\"validation\",\"samples\":100,\"points\":11,\"t\":[0,0.1,");
	/* anew, on the other split: one record a pair, the last */
	assert_int_equal(order(w, between(a, b), "{\"points\":5,\"split\":\"test\"}"), 0);
	struct lepton_barrier second = kept(w, a, b);
	assert_int_equal(second.points, 5);
	assert_true(fabs(second.before.loss[4] - loss_on(w, b, LEPTON_TEST)) < 1e-6);
	assert_int_equal(w->run.barrier_count, 1);
	assert_int_equal(order(w, between(b, a), "{\"points\":3}"), 0);
	assert_int_equal(w->run.barrier_count, 2);
	assert_int_equal(kept(w, a, b).points, 5);
	assert_int_equal(w->run.version_count, versions); /* nothing was made */
	assert_int_equal(w->run.jobs[w->run.job_count - 1].state, LEPTON_JOB_DONE);
	assert_string_equal(w->run.jobs[w->run.job_count - 1].kind, "barrier");
	world_free(w);
}

static void the_job_refuses(void **state)
{
	(void)state;
	static const struct {
		const char *settings, *words;
	} bad[] = {{"{\"points\":2}", "\"points\""}, {"{\"points\":102}", "\"points\""},
		{"{\"split\":\"train\"}", "one of validation|test"},
		{"{\"point\":5}", "did you mean \"points\"?"}};
	struct world *w = world_new(data);
	char wide[1024];
	snprintf(wide, sizeof wide,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":2,"
		"\"activation\":\"softmax\"}],\"epochs\":1}");
	int64_t a = add_net(w, "a", 1), other = add(w, "other", "network", wide),
		same = add(w, "same", "network", wide),
		tree = add(w, "tree", "decision_tree", "{\"max_depth\":2}");
	start(w);
	await(w, in_state, a, LEPTON_DONE);
	await(w, in_state, other, LEPTON_DONE);
	await(w, in_state, same, LEPTON_DONE);
	await(w, in_state, tree, LEPTON_DONE);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(order(w, between(a, a), bad[i].settings), LEPTON_E_USAGE);
		expect(w->message, bad[i].words);
	}
	assert_int_equal(order(w, between(a, 99), NULL), LEPTON_E_NOTFOUND);
	assert_int_equal(order(w, between(a, other), NULL), LEPTON_E_SHAPE);
	expect(w->message, "a and other have unlike shapes, and no line between them: ");
	assert_int_equal(order(w, between(a, tree), NULL), LEPTON_E_UNSUPPORTED);
	expect(w->message, "tree is a decision_tree");
	assert_int_equal(steer(w, LEPTON_CMD_BARRIER, a), LEPTON_E_USAGE);
	expect(w->message, "takes two versions, not 1");
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_BARRIER}, NULL), LEPTON_E_STATE);
	expect(w->message, "no barrier is being measured");
	assert_int_equal(w->run.barrier_count, 0);
	/* one layer has no units to match */
	assert_int_equal(order(w, between(other, same), NULL), 0);
	expect(w->message, "; units not matched: there is no hidden layer");
	expect(kept(w, other, same).unmatched, "there is no hidden layer");
	world_free(w);
}

static void the_job_needs_samples(void **state)
{
	(void)state;
	struct lepton_dataset *bare;
	assert_int_equal(make_corner(200, 50, 0, &bare), 0);
	struct world *w = world_new(bare);
	int64_t a = add_net(w, "a", 1);
	start(w);
	await(w, in_state, a, LEPTON_DONE);
	assert_int_equal(order(w, between(a, a), NULL), LEPTON_E_STATE);
	expect(w->message, "there are no validation samples: set validation_split");
	assert_int_equal(order(w, between(a, a), "{\"split\":\"test\"}"), 0);
	assert_true(fabs(kept(w, a, a).before.barrier) <= 0);
	world_free(w);
	lepton_dataset_release(bare);
}

static void it_can_be_given_up(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t a = add_deep(w, "a"), b = add_deep(w, "b");
	start(w);
	await(w, in_state, a, LEPTON_DONE);
	await(w, in_state, b, LEPTON_DONE);
	uint64_t runs = submit(w, between(a, b), "{\"points\":101}"), waits = submit(w, between(b, a), "{}");
	await(w, job_begun, a, 0);
	submit(w, (struct lepton_command){.type = LEPTON_CMD_BARRIER}, "{}");
	await_reply(w, waits); /* those that wait are answered first */
	assert_int_equal(w->code, LEPTON_E_CANCELED);
	expect(w->message, "given up before it began");
	await_reply(w, runs);
	assert_int_equal(w->code, LEPTON_E_CANCELED);
	expect(w->message, "given up");
	assert_int_equal(w->run.barrier_count, 0);
	assert_int_equal(order(w, between(a, a), "{\"points\":3}"), 0); /* and the next one is measured */
	/* quitting does not wait for it */
	const int64_t before = w->run.jobs[w->run.job_count - 1].job;
	runs = submit(w, between(a, b), "{\"points\":101}");
	while (w->run.jobs[w->run.job_count - 1].job == before)
		world_next(w, 0.05);
	submit(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, "{}");
	await_reply(w, runs);
	assert_int_equal(w->code, LEPTON_E_CANCELED);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_hill),
		cmocka_unit_test(of_bowl_slope_and_valleys),
		cmocka_unit_test(of_what_is_no_number),
		cmocka_unit_test(the_line_is_straight),
		cmocka_unit_test(a_copy_in_disorder),
		cmocka_unit_test(what_cannot_be_matched),
		cmocka_unit_test(faults),
		cmocka_unit_test(json_and_back),
		cmocka_unit_test(json_of_nothing),
		cmocka_unit_test(the_job_measures),
		cmocka_unit_test(the_job_refuses),
		cmocka_unit_test(the_job_needs_samples),
		cmocka_unit_test(it_can_be_given_up),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
