/* tests/test_model_factors.c - matrix factorisation: each least-squares problem against its normal equations solved another
 * way, descent against the formula, exact recovery of a matrix that has few factors, the same bits for any number of workers
 * and after a stop, and the ranking figures against counting.
 */
#include "config.h"
#include "text_make.h"
#include "lepton/metrics.h"
#include "lepton/model.h"
#include "model_team.h"

#include <math.h>

#define USERS 12
#define ITEMS 9
#define K 3

static double chance(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(*seed >> 40) / (1 << 23) - 1;
}

/* Users × items ratings of `rank` hidden factors and biases; those of `left_out` in a hundred are in the test, and user 0
 * has no other. */
static struct lepton_dataset *make_data(int users, int items, int rank, int left_out)
{
	static char train[1 << 20], test[1 << 20];
	uint64_t seed = 11;
	double u[64][8], v[64][8];
	assert_true(users <= 64 && items <= 64);
	for (int i = 0; i < 64; i++)
		for (int f = 0; f < 8; f++) {
			u[i][f] = chance(&seed);
			v[i][f] = chance(&seed);
		}
	size_t at[2] = {(size_t)snprintf(train, sizeof train, "userId,movieId,rating\n"),
		(size_t)snprintf(test, sizeof test, "userId,movieId,rating\n")};
	for (int i = 0; i < users; i++)
		for (int j = 0; j < items; j++) {
			double r = 3 + u[i][7] / 2 + v[j][7] / 2;
			for (int f = 0; f < rank; f++)
				r += u[i][f] * v[j][f];
			bool out = left_out && (i == 0 || fabs(chance(&seed)) * 100 < left_out);
			at[out] += (size_t)snprintf((out ? test : train) + at[out], sizeof train - at[out],
				"u%d,i%d,%.7f\n", i, j, r);
		}
	if (!left_out)
		snprintf(test + at[1], sizeof test - at[1], "u0,i0,3\n");
	put_text(&place, "train.csv", train);
	put_text(&place, "test.csv", test);
	struct lepton_data_options options = {.format = "ratings", .path = place.folder};
	return open_table(&options);
}

static struct lepton_learner *make(const char *config, struct lepton_dataset *data)
{
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	int code = lepton_learner_find("matrix_factorization")->create(config, 7, data, &learner, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return learner;
}

static struct lepton_params *weights_of(struct lepton_learner *learner)
{
	struct lepton_params *out;
	assert_int_equal(learner->ops->weights(learner, &out, NULL), 0);
	return out;
}

static const float *tensor(const struct lepton_params *w, const char *name)
{
	const struct lepton_tensor *t = lepton_params_find(w, name);
	assert_non_null(t);
	return t->data;
}

/* A whole step, of however many pieces; gives how many. */
static int step(struct lepton_learner *learner, int workers, struct lepton_step_result *result)
{
	struct lepton_team team = test_team(workers);
	struct lepton_error err = {0};
	int pieces = 0;
	do {
		int code = learner->ops->step(learner, &team, result, &err);
		assert_string_equal(err.message, "");
		assert_int_equal(code, 0);
		pieces++;
	} while (result->partial);
	return pieces;
}

/* ---- least squares ------------------------------------------------------------------------------------- */

/* Gauss's elimination with the largest pivot. */
static void eliminate(int n, double a[][16], double *x)
{
	for (int c = 0; c < n; c++) {
		int best = c;
		for (int r = c + 1; r < n; r++)
			best = fabs(a[r][c]) > fabs(a[best][c]) ? r : best;
		for (int j = 0; j <= n; j++) {
			double t = a[c][j];
			a[c][j] = a[best][j];
			a[best][j] = t;
		}
		for (int r = 0; r < n; r++)
			for (int j = n; r != c && j >= c; j--)
				a[r][j] -= a[r][c] / a[c][c] * a[c][j];
	}
	for (int r = 0; r < n; r++)
		x[r] = a[r][n] / a[r][r];
}

/* One user's (side 0) or item's (side 1) problem, from the ratings as they lie in the data set. */
static int closed_form(const struct lepton_dataset *d, const struct lepton_params *held, int side, int one,
	double lambda, double *x)
{
	static const char *const names[2][2] = {{"user/factors", "user/bias"}, {"item/factors", "item/bias"}};
	const float *factors = tensor(held, names[!side][0]), *bias = tensor(held, names[!side][1]);
	const float *values = lepton_dataset_values(d, LEPTON_TRAIN), *targets = lepton_dataset_targets(d, LEPTON_TRAIN);
	double a[16][16] = {{0}}, mean = 0;
	int64_t n = lepton_dataset_count(d, LEPTON_TRAIN);
	int count = 0;
	for (int64_t i = 0; i < n; i++)
		mean += (double)targets[i] / (double)n;
	for (int64_t i = 0; i < n; i++) {
		double row[K + 1];
		if ((int)values[2 * i + side] != one)
			continue;
		int other = (int)values[2 * i + !side];
		for (int f = 0; f < K; f++)
			row[f] = (double)factors[other * K + f];
		row[K] = 1;
		double wanted = (double)targets[i] - mean - (double)bias[other];
		for (int r = 0; r <= K; r++) {
			for (int c = 0; c <= K; c++)
				a[r][c] += row[r] * row[c];
			a[r][K + 1] += row[r] * wanted;
		}
		count++;
	}
	for (int r = 0; r <= K; r++)
		a[r][r] += lambda * count;
	if (count)
		eliminate(K + 1, a, x);
	return count;
}

static void test_closed_form(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data(USERS, ITEMS, 2, 30);
	struct lepton_learner *learner = make("{\"factors\":3,\"regularization\":0.07,\"epochs\":3}", d);
	struct lepton_step_result result = {0};
	int lonely = 0;
	for (int s = 0; !result.finished; s++) {
		struct lepton_params *before = weights_of(learner), *after;
		step(learner, 2, &result);
		after = weights_of(learner);
		const float *factors = tensor(after, s % 2 ? "item/factors" : "user/factors"),
			    *bias = tensor(after, s % 2 ? "item/bias" : "user/bias");
		for (int one = 0; one < (s % 2 ? ITEMS : USERS); one++) {
			double x[K + 1] = {0};
			lonely += !closed_form(d, before, s % 2, one, 0.07, x);
			for (int f = 0; f <= K; f++) {
				double have = f < K ? (double)factors[one * K + f] : (double)bias[one];
				if (!(fabs(have - x[f]) < 2e-6 * (1 + fabs(x[f]))))
					fail_msg("step %d, %d: unknown %d is %.9g, expected %.9g", s, one, f, have, x[f]);
			}
		}
		lepton_params_release(before);
		lepton_params_release(after);
	}
	assert_int_equal(lonely, 3); /* user 0, in each of three sweeps over the users: all 0 */
	assert_true(result.epoch_ended);
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

/* The loss said is the mean of the squared errors after the sweep, and no sweep makes what is minimised larger. */
static void test_objective(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data(USERS, ITEMS, 2, 30);
	struct lepton_learner *learner = make("{\"factors\":3,\"regularization\":0.07,\"epochs\":8}", d);
	struct lepton_step_result result = {0};
	double last = INFINITY;
	const float *values = lepton_dataset_values(d, LEPTON_TRAIN), *targets = lepton_dataset_targets(d, LEPTON_TRAIN);
	int64_t n = lepton_dataset_count(d, LEPTON_TRAIN);
	while (!result.finished) {
		step(learner, 1, &result);
		struct lepton_params *w = weights_of(learner);
		double errors = 0, squares = 0;
		for (int64_t i = 0; i < n; i++) {
			float out;
			int u = (int)values[2 * i], v = (int)values[2 * i + 1];
			assert_int_equal(learner->ops->predict(learner, values + 2 * i, 1, &out, NULL), 0);
			errors += pow((double)out - (double)targets[i], 2);
			squares += pow((double)tensor(w, "user/bias")[u], 2) + pow((double)tensor(w, "item/bias")[v], 2);
			for (int f = 0; f < K; f++)
				squares += pow((double)tensor(w, "user/factors")[u * K + f], 2) +
					   pow((double)tensor(w, "item/factors")[v * K + f], 2);
		}
		assert_true(fabs(result.loss - errors / (double)n) < 1e-5);
		assert_true(isnan(result.accuracy));
		assert_true(errors + 0.07 * squares <= last + 1e-4);
		last = errors + 0.07 * squares;
		lepton_params_release(w);
	}
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

/* What has two factors is found by two, and what was left out is foretold. */
static void test_recovery(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data(40, 30, 2, 20);
	static const char *const configs[] = {
		"{\"factors\":2,\"regularization\":1e-6,\"epochs\":60}",
		"{\"algorithm\":\"sgd\",\"factors\":2,\"regularization\":0,\"learning_rate\":0.05,\"epochs\":800}",
	};
	for (int c = 0; c < 2; c++) {
		struct lepton_learner *learner = make(configs[c], d);
		struct lepton_step_result result = {0};
		struct lepton_score score;
		double sum = 0;
		int64_t counted = 0;
		while (!result.finished)
			step(learner, 1, &result);
		assert_true(result.loss < 1e-4);
		struct lepton_params *w = weights_of(learner);
		for (int64_t i = 0; i < lepton_dataset_count(d, LEPTON_TEST); i++) {
			int user = (int)lepton_dataset_values(d, LEPTON_TEST)[2 * i];
			if (!(fabsf(tensor(w, "user/bias")[user]) > 0))
				continue; /* nothing is known of it */
			assert_int_equal(
				learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TEST, i, i + 1, &score, NULL), 0);
			sum += score.loss;
			counted++;
		}
		lepton_params_release(w);
		assert_true(counted > 100);
		if (!(sum / (double)counted < 1e-3))
			fail_msg("%s: %g", configs[c], sum / (double)counted);
		learner->ops->destroy(learner);
	}
	lepton_dataset_release(d);
}

/* ---- descent ------------------------------------------------------------------------------------------------ */

/* One rating alone: its formula, step by step. */
static void test_descent(void **state)
{
	(void)state;
	put_text(&place, "train.csv", "userId,movieId,rating\na,x,4\nb,y,1\n");
	put_text(&place, "test.csv", "userId,movieId,rating\na,y,2\n");
	struct lepton_data_options options = {.format = "ratings", .path = place.folder, .limit = 1};
	struct lepton_dataset *d = open_table(&options);
	struct lepton_learner *learner = make(
		"{\"algorithm\":\"sgd\",\"factors\":2,\"regularization\":0.25,\"learning_rate\":0.125,\"epochs\":5}", d);
	struct lepton_step_result result = {0};
	struct lepton_params *w = weights_of(learner);
	const float *pair = lepton_dataset_values(d, LEPTON_TRAIN);
	int u = (int)pair[0], v = (int)pair[1];
	double rating = (double)lepton_dataset_targets(d, LEPTON_TRAIN)[0], b = 0, c = 0, p[2], q[2];
	for (int f = 0; f < 2; f++) {
		p[f] = (double)tensor(w, "user/factors")[u * 2 + f];
		q[f] = (double)tensor(w, "item/factors")[v * 2 + f];
	}
	assert_true(fabs((double)*tensor(w, "mean") - rating) < 1e-6);
	lepton_params_release(w);
	while (!result.finished) {
		step(learner, 1, &result);
		if (!result.samples)
			continue; /* a stratum without ratings */
		double error = -b - c - p[0] * q[0] - p[1] * q[1];
		assert_true(fabs(result.loss - error * error) < 1e-6);
		b += 0.125 * (error - 0.25 * b);
		c += 0.125 * (error - 0.25 * c);
		for (int f = 0; f < 2; f++) {
			double was = p[f];
			p[f] += 0.125 * (error * q[f] - 0.25 * p[f]);
			q[f] += 0.125 * (error * was - 0.25 * q[f]);
		}
		w = weights_of(learner);
		assert_true(fabs((double)tensor(w, "user/bias")[u] - b) < 1e-6);
		assert_true(fabs((double)tensor(w, "item/bias")[v] - c) < 1e-6);
		for (int f = 0; f < 2; f++) {
			assert_true(fabs((double)tensor(w, "user/factors")[u * 2 + f] - p[f]) < 1e-6);
			assert_true(fabs((double)tensor(w, "item/factors")[v * 2 + f] - q[f]) < 1e-6);
			assert_true(fabs((double)tensor(w, "user/factors")[!u * 2 + f]) <= 0);
		}
		lepton_params_release(w);
	}
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

/* Each epoch sees each rating once. */
static void test_strata(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data(40, 30, 2, 20);
	struct lepton_learner *learner = make("{\"algorithm\":\"sgd\",\"epochs\":2}", d);
	struct lepton_step_result result = {0};
	for (int epoch = 0; epoch < 2; epoch++) {
		int64_t seen = 0;
		do {
			step(learner, 3, &result);
			seen += result.samples;
		} while (!result.epoch_ended);
		assert_int_equal(seen, lepton_dataset_count(d, LEPTON_TRAIN));
	}
	assert_true(result.finished);
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

/* ---- the same bits ------------------------------------------------------------------------------------------ */

static int train(const char *config, struct lepton_dataset *d, int workers, int stop, char out[LEPTON_HASH_HEX])
{
	struct lepton_step_result result = {0};
	struct lepton_learner *learner = make(config, d);
	int pieces = 0;
	for (int steps = 0; !result.finished; steps++) {
		if (steps == stop) {
			struct lepton_state saved;
			(void)learner->ops->step(learner, &lepton_team_alone, &result, NULL); /* perhaps a piece, which is lost */
			if (!result.partial)
				steps++;
			assert_int_equal(learner->ops->save(learner, &saved, NULL), 0);
			learner->ops->destroy(learner);
			learner = make(config, d);
			assert_int_equal(learner->ops->load(learner, &saved, NULL), 0);
			lepton_state_clear(&saved);
		}
		pieces += step(learner, workers, &result);
	}
	struct lepton_params *w = weights_of(learner);
	lepton_params_hash(w, out);
	lepton_params_release(w);
	learner->ops->destroy(learner);
	return pieces;
}

static void test_same_bits(void **state)
{
	(void)state;
	static const char *const configs[] = {
		"{\"factors\":5,\"epochs\":4}",
		"{\"factors\":150,\"epochs\":2}", /* sweeps in several pieces */
		"{\"algorithm\":\"sgd\",\"factors\":5,\"epochs\":3}",
	};
	struct lepton_dataset *d = make_data(60, 50, 3, 20);
	for (size_t c = 0; c < sizeof configs / sizeof *configs; c++) {
		char one[LEPTON_HASH_HEX], other[LEPTON_HASH_HEX];
		int pieces = train(configs[c], d, 1, -1, one);
		if (c == 1)
			assert_true(pieces > 8);
		train(configs[c], d, 3, -1, other);
		assert_string_equal(one, other);
		train(configs[c], d, 2, 3, other);
		assert_string_equal(one, other);
	}
	lepton_dataset_release(d);
}

/* ---- figures ------------------------------------------------------------------------------------------------- */

struct candidate {
	double rating;
	int item;
};

static int better(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	return x->rating > y->rating ? -1 : x->rating < y->rating ? 1 : x->item - y->item;
}

static double rated(const struct lepton_dataset *d, enum lepton_split split, int user, int item)
{
	for (int64_t i = 0; i < lepton_dataset_count(d, split); i++) {
		const float *pair = lepton_dataset_values(d, split) + 2 * i;
		if ((int)pair[0] == user && (int)pair[1] == item)
			return (double)lepton_dataset_targets(d, split)[i];
	}
	return NAN;
}

static void test_ranking(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data(30, 40, 2, 40);
	struct lepton_learner *learner = make("{\"factors\":2,\"epochs\":3}", d);
	struct lepton_step_result result = {0};
	struct lepton_metrics m;
	double mean = 0, precision = 0, recall = 0, ndcg = 0;
	int users = 0;
	while (!result.finished)
		step(learner, 1, &result);
	int64_t n = lepton_dataset_count(d, LEPTON_TRAIN);
	for (int64_t i = 0; i < n; i++)
		mean += (double)lepton_dataset_targets(d, LEPTON_TRAIN)[i] / (double)n;
	for (int u = 0; u < 30; u++) {
		struct candidate all[40];
		int count = 0, relevant = 0, hits = 0;
		double gain = 0, ideal = 0;
		for (int i = 0; i < 40; i++) {
			float pair[2] = {(float)u, (float)i}, out;
			relevant += rated(d, LEPTON_TEST, u, i) >= mean;
			if (!isnan(rated(d, LEPTON_TRAIN, u, i)))
				continue;
			assert_int_equal(learner->ops->predict(learner, pair, 1, &out, NULL), 0);
			all[count++] = (struct candidate){(double)out, i};
		}
		if (!relevant)
			continue;
		qsort(all, (size_t)count, sizeof *all, better);
		for (int i = 0; i < 10 && i < count; i++)
			if (rated(d, LEPTON_TEST, u, all[i].item) >= mean) {
				hits++;
				gain += log(2) / log(i + 2);
			}
		for (int i = 0; i < 10 && i < relevant; i++)
			ideal += log(2) / log(i + 2);
		users++;
		precision += hits / 10.0;
		recall += (double)hits / relevant;
		ndcg += gain / ideal;
	}
	assert_int_equal(lepton_metrics_compute(learner, d, LEPTON_TEST, NULL, NULL, &m, NULL), 0);
	assert_int_equal(m.ranked_users, users);
	assert_true(users > 20 && fabs(m.ranked_precision - precision / users) < 1e-9);
	assert_true(fabs(m.ranked_recall - recall / users) < 1e-9 && fabs(m.ndcg - ndcg / users) < 1e-9);
	assert_true(m.ndcg > 0.5 && m.ndcg < 1); /* it has learned something, and not all */
	lepton_metrics_clear(&m);
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

static void test_unknown(void **state)
{
	(void)state;
	struct lepton_dataset *d = make_data(USERS, ITEMS, 2, 30);
	struct lepton_learner *learner = make("{\"factors\":3,\"epochs\":2}", d);
	struct lepton_step_result result = {0};
	while (!result.finished)
		step(learner, 1, &result);
	struct lepton_params *w = weights_of(learner);
	const float nobody[] = {NAN, NAN, 1, NAN, NAN, 1};
	float out[3], mean = *tensor(w, "mean");
	assert_int_equal(learner->ops->predict(learner, nobody, 3, out, NULL), 0);
	assert_true(fabsf(out[0] - mean) <= 0);
	assert_true(fabsf(out[1] - mean - tensor(w, "user/bias")[1]) < 1e-6f);
	assert_true(fabsf(out[2] - mean - tensor(w, "item/bias")[1]) < 1e-6f);
	lepton_params_release(w);
	learner->ops->destroy(learner);
	lepton_dataset_release(d);
}

static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		const char *config, *words;
	} cases[] = {
		{"{\"factors\":0}", "\"factors\""},
		{"{\"algorithm\":\"svd\"}", "\"algorithm\" is \"svd\""},
		{"{\"learning_rate\":0.1}", "\"learning_rate\" means nothing to als"},
		{"[", "not JSON"},
	};
	struct lepton_dataset *d = make_data(USERS, ITEMS, 2, 30), *table = NULL;
	struct lepton_learner *learner = NULL;
	struct lepton_error err = {0};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		assert_int_not_equal(
			lepton_learner_find("matrix_factorization")->create(cases[c].config, 1, d, &learner, &err), 0);
		if (!strstr(err.message, cases[c].words))
			fail_msg("said \"%s\", expected \"%s\"", err.message, cases[c].words);
	}
	static const float values[8] = {0}, targets[4] = {0};
	assert_int_equal(lepton_dataset_from_f32(values, NULL, targets, 4, 1, 2, 0, 0, &table, NULL), 0);
	assert_int_not_equal(lepton_learner_find("matrix_factorization")->create("{}", 1, table, &learner, &err), 0);
	assert_non_null(strstr(err.message, "reads \"format\": \"ratings\""));
	lepton_dataset_release(table);
	lepton_dataset_release(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_closed_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_objective, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_recovery, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_descent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_strata, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_same_bits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ranking, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unknown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
