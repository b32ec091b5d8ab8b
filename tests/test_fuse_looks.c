/* The fusion methods that look into networks at work, and what they look at: against the plain loops in
 * double of model_reference.c, central differences, normal equations and closed forms. */
#include "config.h"
#include "compress_make.h"
#include "fuse/sinkhorn.h"
#include "fuse/units.h"
#include "fuse/assignment.h"
#include "lepton/fuse.h"
#include "model_reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 20
#define PIXELS (6 * 6 * 2)
#define CLASSES 3

static const char layers[] =
	"[{\"type\":\"Input\",\"shape\":[6,6,2]},"
	"{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":[3,2],\"strides\":[1,2],\"padding\":\"same\","
	"\"activation\":\"relu\"},"
	"{\"type\":\"BatchNormalization\"},{\"type\":\"Dropout\",\"rate\":0.5},{\"type\":\"Flatten\"},"
	"{\"type\":\"Dense\",\"units\":5,\"activation\":\"tanh\"},"
	"{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}]";
enum { CONV = 1, NORM = 2, DENSE = 5, LAST = 6 };                                          /* layers */
enum { CONV_KERNEL = 0, NORM_GAMMA = 2, DENSE_KERNEL = 6, LAST_KERNEL = 8, TENSORS = 10 }; /* tensors */

static struct lepton_dataset *data;
static struct lepton_learner *learner;
static double pixels[SAMPLES * PIXELS];
static struct lepton_params *weights[3];
static struct lepton_fuse_parent parents[3];

/* ---- a network of three versions ---- */

static void stir(struct lepton_params *w, uint32_t seed)
{
	for (size_t t = 0; t < TENSORS; t++) {
		float *to = lepton_params_data(w, t);
		const bool variance = t == NORM_GAMMA + 3, gamma = t == NORM_GAMMA;
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(w, t)->shape); i++)
			to[i] = variance || gamma ? 1 + next_number(&seed) : next_number(&seed);
	}
}

static int set_up(void **state)
{
	static const char *const names[] = {"one", "two", "three"};
	static uint8_t images[SAMPLES * PIXELS], labels[SAMPLES];
	const struct lepton_shape shape = {3, {6, 6, 2}};
	char config[1024];
	uint64_t seed = 5;
	(void)state;
	for (int i = 0; i < SAMPLES * PIXELS; i++) {
		images[i] = (uint8_t)(127 + 127 * test_random(&seed));
		pixels[i] = (double)((float)images[i] / 255);
	}
	for (int i = 0; i < SAMPLES; i++)
		labels[i] = (uint8_t)(i % CLASSES);
	snprintf(config, sizeof config, "{\"layers\":%s,\"batch_size\":4,\"epochs\":1}", layers);
	if (lepton_dataset_from_u8(images, labels, SAMPLES, 0, &shape, CLASSES, 0, &data, NULL) ||
		lepton_learner_find("network")->create(config, 1, data, &learner, NULL))
		return 1;
	for (int p = 0; p < 3; p++) {
		assert_int_equal(learner->ops->weights(learner, &weights[p], NULL), 0);
		stir(weights[p], (uint32_t)p + 1);
		parents[p] = (struct lepton_fuse_parent){names[p], weights[p], NAN, 0};
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (int p = 0; p < 3; p++)
		lepton_params_release(weights[p]);
	learner->ops->destroy(learner);
	lepton_dataset_release(data);
	return 0;
}

static int inputs(void *context, const struct lepton_params *w, int64_t samples, lepton_inputs_fn see,
	void *to, struct lepton_error *err)
{
	(void)context;
	int code = learner->ops->set_weights(learner, w, err);
	return code ? code : learner->ops->inputs(learner, samples, see, to, err);
}

static int fisher(void *context, const struct lepton_params *w, int64_t samples, struct lepton_params **out,
	struct lepton_error *err)
{
	(void)context;
	int code = learner->ops->set_weights(learner, w, err);
	return code ? code : learner->ops->fisher(learner, samples, out, err);
}

static const struct lepton_fuse_help looks = {.inputs = inputs, .fisher = fisher};

static struct lepton_params *fused_by(const char *method, const struct lepton_fuse_parent *from, size_t count,
	const char *settings, const struct lepton_fuse_help *help)
{
	struct lepton_params *out = NULL;
	struct lepton_error err;
	if (lepton_fuse_with(method, from, count, settings, help, &out, &err))
		fail_msg("%s", err.message);
	return out;
}

static void is_near(const struct lepton_params *a, const struct lepton_params *b, double tolerance)
{
	for (size_t t = 0; t < lepton_params_count(a); t++)
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(a, t)->shape); i++)
			if (!(fabs((double)(numbers(a, t)[i] - numbers(b, t)[i])) <= tolerance))
				fail_msg("%s[%d]: %.9g, %.9g", lepton_params_at(a, t)->name, (int)i,
					(double)numbers(a, t)[i], (double)numbers(b, t)[i]);
}

/* ---- the reference with a version's weights, for one sample ---- */

static double moving[2][4];

static void build_reference(struct ref_network *net, const struct lepton_params *w)
{
	static const int with[] = {CONV, NORM, DENSE, LAST};
	static const size_t kernel[] = {CONV_KERNEL, NORM_GAMMA, DENSE_KERNEL, LAST_KERNEL};
	ref_build(net, layers, 1);
	for (int k = 0; k < 4; k++) {
		struct ref_layer *l = &net->layer[with[k]];
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(w, kernel[k])->shape); i++)
			l->w[i] = (double)numbers(w, kernel[k])[i];
		for (int i = 0; i < l->out[2]; i++)
			l->b[i] = (double)numbers(w, kernel[k] + 1)[i];
	}
	for (int i = 0; i < 4; i++) {
		moving[0][i] = (double)numbers(w, NORM_GAMMA + 2)[i];
		moving[1][i] = (double)numbers(w, NORM_GAMMA + 3)[i];
	}
	net->layer[NORM].mean = moving[0];
	net->layer[NORM].variance = moving[1];
}

static void free_reference(struct ref_network *net)
{
	net->layer[NORM].mean = net->layer[NORM].variance = NULL;
	ref_free(net);
}

/* ---- what kernels read ---- */

struct check {
	struct ref_network net;
	const struct lepton_params *w;
	int64_t rows[TENSORS];
};

/* A row times the kernel and the bias is what the reference's layer gives, through its activation. */
static int check_rows(void *context, const struct lepton_inputs *in, struct lepton_error *err)
{
	struct check *c = context;
	const int layer = in->kernel == CONV_KERNEL ? CONV : in->kernel == DENSE_KERNEL ? DENSE : LAST;
	const struct ref_layer *l = &c->net.layer[layer];
	const int units = l->out[2], per_sample = l->out[0] * l->out[1], label = 0;
	(void)err;
	assert_int_equal(in->width * units, lepton_shape_count(&lepton_params_at(c->w, in->kernel)->shape));
	for (int64_t row = 0; row < in->rows; row++) {
		const int64_t at = c->rows[in->kernel]++;
		ref_loss(&c->net, pixels + at / per_sample * PIXELS, &label, NULL);
		for (int u = 0; u < units && layer != LAST; u++) {
			double sum = (double)numbers(c->w, in->kernel + 1)[u];
			for (int64_t k = 0; k < in->width; k++)
				sum += (double)in->values[row * in->width + k] *
				       (double)numbers(c->w, in->kernel)[k * units + u];
			sum = layer == CONV ? fmax(sum, 0) : tanh(sum);
			assert_true(fabs(sum - l->y[at % per_sample * units + u]) < 1e-5);
		}
		for (int64_t k = 0; k < in->width && layer == LAST; k++)
			assert_true(fabs((double)in->values[row * in->width + k] - c->net.layer[DENSE].y[k]) <
				    1e-5);
	}
	return 0;
}

static void kernels_read_what_the_reference_reads(void **state)
{
	(void)state;
	struct check c = {.w = weights[1]};
	build_reference(&c.net, weights[1]);
	assert_int_equal(inputs(NULL, weights[1], 1000, check_rows, &c, NULL), 0);
	assert_int_equal(c.rows[CONV_KERNEL], SAMPLES * 18);
	assert_int_equal(c.rows[DENSE_KERNEL], SAMPLES);
	assert_int_equal(c.rows[LAST_KERNEL], SAMPLES);
	free_reference(&c.net);
}

static int enough(void *context, const struct lepton_inputs *in, struct lepton_error *err)
{
	(void)in;
	return --*(int *)context ? 0 : lepton_error_set(err, LEPTON_E_CANCELED, "enough");
}

static void looking_stops_when_told(void **state)
{
	(void)state;
	struct lepton_error err;
	int left = 4;
	assert_int_equal(inputs(NULL, weights[0], 1000, enough, &left, &err), LEPTON_E_CANCELED);
	assert_string_equal(err.message, "enough");
	assert_int_equal(left, 0);
}

/* ---- the Fisher information ---- */

static double *ref_place(struct ref_network *net, size_t t, int64_t i)
{
	struct ref_layer *l = &net->layer[t < 2 ? CONV : t < 6 ? NORM : t < 8 ? DENSE : LAST];
	return t % 2 ? &l->b[i] : &l->w[i];
}

/* Σ p(c) · (d log p(c) / dw)² of one sample by central differences. */
static double surprise(struct ref_network *net, const double *x, double *place)
{
	const double h = 1e-5, was = *place;
	double sum = 0;
	for (int c = 0; c < CLASSES; c++) {
		const double p = exp(-ref_loss(net, x, &c, NULL));
		*place = was + h;
		const double above = ref_loss(net, x, &c, NULL);
		*place = was - h;
		const double below = ref_loss(net, x, &c, NULL);
		*place = was;
		sum += p * pow((above - below) / (2 * h), 2);
	}
	return sum;
}

static void fisher_is_that_of_central_differences(void **state)
{
	(void)state;
	static const size_t trained[] = {0, 1, 2, 3, 6, 7, 8, 9};
	struct lepton_params *got = NULL;
	struct ref_network net;
	assert_int_equal(fisher(NULL, weights[0], 5, &got, NULL), 0); /* samples 0, 4, 8, 12, 16 */
	build_reference(&net, weights[0]);
	for (size_t k = 0; k < 8; k++) {
		const size_t t = trained[k];
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(got, t)->shape); i++) {
			double sum = 0;
			for (int s = 0; s < SAMPLES; s += 4)
				sum += surprise(&net, pixels + s * PIXELS, ref_place(&net, t, i)) / 5;
			if (!(fabs((double)numbers(got, t)[i] - sum) <= 1e-6 + 1e-3 * sum))
				fail_msg("%s[%d] is %.9g, not %.9g", lepton_params_at(got, t)->name, (int)i,
					(double)numbers(got, t)[i], sum);
		}
	}
	for (size_t t = NORM_GAMMA + 2; t < NORM_GAMMA + 4; t++)
		for (int i = 0; i < 4; i++)
			assert_true(numbers(got, t)[i] >= 0 && numbers(got, t)[i] <= 0);
	lepton_params_release(got);
	free_reference(&net);
}

/* The network is none the worse for it: a step is the step it would have been. */
static void looking_leaves_training_alone(void **state)
{
	(void)state;
	struct lepton_params *after[2];
	for (int look = 0; look < 2; look++) {
		struct lepton_params *seen = NULL;
		struct lepton_step_result result;
		int left = 2;
		char config[1024];
		struct lepton_learner *one;
		snprintf(config, sizeof config, "{\"layers\":%s,\"batch_size\":4,\"epochs\":2}", layers);
		assert_int_equal(lepton_learner_find("network")->create(config, 1, data, &one, NULL), 0);
		for (int step = 0; step < 4; step++) {
			assert_int_equal(one->ops->step(one, &lepton_team_alone, &result, NULL), 0);
			if (!look)
				continue;
			assert_int_equal(one->ops->fisher(one, 3, &seen, NULL), 0);
			lepton_params_release(seen);
			(void)one->ops->inputs(one, 3, enough, &left, NULL);
			left = 2;
		}
		assert_int_equal(one->ops->weights(one, &after[look], NULL), 0);
		one->ops->destroy(one);
	}
	is_near(after[0], after[1], 0);
	lepton_params_release(after[0]);
	lepton_params_release(after[1]);
}

static int given_fisher(void *context, const struct lepton_params *w, int64_t samples,
	struct lepton_params **out, struct lepton_error *err)
{
	(void)err;
	assert_int_equal(samples, 77);
	const uint32_t seed = 10 + (uint32_t)(w == weights[1]) + 2 * (uint32_t)(w == weights[2]);
	int code = lepton_params_copy(w, out, NULL);
	stir(*out, seed);
	for (size_t t = 0; t < TENSORS && !code; t++) {
		float *to = lepton_params_data(*out, t);
		for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(w, t)->shape); i++)
			to[i] = context ? to[i] * to[i] * (float)seed : 0;
	}
	return code;
}

static void fisher_weighs_number_by_number(void **state)
{
	(void)state;
	static const char *const settings[] = {
		"{\"samples\":77,\"floor\":0.01}", "{\"samples\":77,\"floor\":0.01,\"scale\":\"alike\"}"};
	const struct lepton_fuse_help help = {.inputs = inputs, .fisher = given_fisher, .context = weights};
	struct lepton_params *f[3];
	double mean[3] = {0};
	for (int p = 0; p < 3; p++) {
		assert_int_equal(given_fisher(weights, weights[p], 77, &f[p], NULL), 0);
		for (size_t t = 0; t < TENSORS; t++)
			for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(f[p], t)->shape); i++)
				mean[p] += (double)numbers(f[p], t)[i] / (double)lepton_params_values(f[p]);
	}
	for (int alike = 0; alike < 2; alike++) {
		struct lepton_params *out = fused_by("fisher", parents, 3, settings[alike], &help);
		const double floor = 0.01 * (alike ? 1 : (mean[0] + mean[1] + mean[2]) / 3);
		for (size_t t = 0; t < TENSORS; t++)
			for (int64_t i = 0; i < lepton_shape_count(&lepton_params_at(out, t)->shape); i++) {
				double sum = 0, whole = 0;
				for (int p = 0; p < 3; p++) {
					double share =
						(double)numbers(f[p], t)[i] / (alike ? mean[p] : 1) + floor;
					sum += share * (double)numbers(weights[p], t)[i];
					whole += share;
				}
				assert_true(fabs((double)numbers(out, t)[i] - sum / whole) < 1e-6);
			}
		lepton_params_release(out);
	}
	const struct lepton_fuse_help nothing = {.inputs = inputs, .fisher = given_fisher};
	struct lepton_params *mean_of_all = fused_by("average", parents, 3, NULL, NULL),
			     *out = fused_by("fisher", parents, 3, "{\"samples\":77}", &nothing);
	is_near(out, mean_of_all, 1e-7); /* where nothing matters, all count alike */
	lepton_params_release(mean_of_all);
	lepton_params_release(out);
	for (int p = 0; p < 3; p++)
		lepton_params_release(f[p]);
}

/* ---- RegMean ---- */

struct gram {
	double *sum[TENSORS]; /* X'X */
	int width[TENSORS];
};

static int add_gram(void *context, const struct lepton_inputs *in, struct lepton_error *err)
{
	struct gram *g = context;
	const int64_t n = in->width;
	(void)err;
	g->width[in->kernel] = (int)n;
	if (!g->sum[in->kernel])
		g->sum[in->kernel] = calloc((size_t)(n * n), sizeof(double));
	for (int64_t row = 0; row < in->rows; row++)
		for (int64_t i = 0; i < n; i++)
			for (int64_t j = 0; j < n; j++)
				g->sum[in->kernel][i * n + j] +=
					(double)in->values[row * n + i] * (double)in->values[row * n + j];
	return 0;
}

/* What the method makes of X'X, by its definition. */
static void temper(struct gram *g, size_t t, double alpha)
{
	const int n = g->width[t];
	double trace = 0;
	for (int i = 0; i < n; i++)
		trace += g->sum[t][i * n + i];
	for (int i = 0; i < n * n; i++)
		g->sum[t][i] = i % (n + 1) ? g->sum[t][i] * alpha : g->sum[t][i] + 1e-6 * trace / n;
}

/* The normal equations hold: Σ G·(out − parent) is 0, beside Σ |G|·|parent|. */
static void check_normal(struct gram *g, size_t t, const struct lepton_params *out)
{
	const int n = g[0].width[t], units = (int)(lepton_shape_count(&lepton_params_at(out, t)->shape) / n);
	for (int i = 0; i < n; i++)
		for (int u = 0; u < units; u++) {
			double left = 0, size = 0;
			for (int p = 0; p < 3; p++)
				for (int k = 0; k < n; k++) {
					const double w = (double)numbers(weights[p], t)[k * units + u];
					left += g[p].sum[t][i * n + k] *
						((double)numbers(out, t)[k * units + u] - w);
					size += fabs(g[p].sum[t][i * n + k] * w);
				}
			if (!(fabs(left) <= 2e-6 * size))
				fail_msg("tensor %zu, row %d: %g beside %g", t, i, left, size);
		}
}

static void regmean_solves_the_normal_equations(void **state)
{
	(void)state;
	static const size_t kernels[] = {CONV_KERNEL, DENSE_KERNEL, LAST_KERNEL};
	static const double alphas[] = {0.9, 0.5, 0};
	for (int a = 0; a < 3; a++) {
		struct gram g[3] = {{{NULL}, {0}}};
		char settings[64];
		snprintf(settings, sizeof settings, "{\"alpha\":%g}", alphas[a]);
		struct lepton_params *out = fused_by("regmean", parents, 3, settings, &looks),
				     *mean = fused_by("average", parents, 3, NULL, NULL);
		for (int p = 0; p < 3; p++)
			assert_int_equal(inputs(NULL, weights[p], 1000, add_gram, &g[p], NULL), 0);
		for (size_t k = 0; k < 3; k++) {
			for (int p = 0; p < 3; p++)
				temper(&g[p], kernels[k], alphas[a]);
			check_normal(g, kernels[k], out);
		}
		for (size_t t = 0; t < TENSORS; t++) /* the others are means */
			if (t != CONV_KERNEL && t != DENSE_KERNEL && t != LAST_KERNEL)
				assert_memory_equal(numbers(out, t), numbers(mean, t),
					(size_t)lepton_shape_count(&lepton_params_at(out, t)->shape) * 4);
		for (int p = 0; p < 3; p++)
			for (size_t t = 0; t < TENSORS; t++)
				free(g[p].sum[t]);
		lepton_params_release(out);
		lepton_params_release(mean);
	}
}

enum { WIDE = 5000 };

/* One row: k mod 7 of the first version, k mod 5 of the second. */
static int wide_inputs(void *context, const struct lepton_params *w, int64_t samples, lepton_inputs_fn see,
	void *to, struct lepton_error *err)
{
	static float row[WIDE];
	(void)samples;
	for (int k = 0; k < WIDE; k++)
		row[k] = (float)(w == context ? k % 7 : k % 5);
	const struct lepton_inputs in = {0, 1, WIDE, row};
	return see(to, &in, err);
}

/* Of so wide a layer each input counts by itself, by its square. */
static void regmean_of_a_wide_layer(void **state)
{
	(void)state;
	const struct lepton_tensor like = {.name = "k/kernel", .dtype = LEPTON_F32, .shape = {2, {WIDE, 2}}};
	struct lepton_params *a = make_random(&like, 1, 1), *b = make_random(&like, 1, 2);
	const struct lepton_fuse_parent two[] = {{"a", a, NAN, 0}, {"b", b, NAN, 0}};
	const struct lepton_fuse_help help = {.inputs = wide_inputs, .fisher = fisher, .context = a};
	struct lepton_params *out = fused_by("regmean", two, 2, NULL, &help);
	double whole[2] = {0};
	for (int k = 0; k < WIDE; k++) {
		whole[0] += (double)(k % 7 * (k % 7));
		whole[1] += (double)(k % 5 * (k % 5));
	}
	for (int i = 0; i < 2 * WIDE; i++) {
		const int k = i / 2;
		const double x = k % 7 * (k % 7) + 1e-6 * whole[0] / WIDE,
			     y = k % 5 * (k % 5) + 1e-6 * whole[1] / WIDE;
		const double wish = (x * (double)numbers(a, 0)[i] + y * (double)numbers(b, 0)[i]) / (x + y);
		assert_true(fabs((double)numbers(out, 0)[i] - wish) < 1e-6);
	}
	lepton_params_release(a);
	lepton_params_release(b);
	lepton_params_release(out);
}

/* ---- transport ---- */

static void sinkhorn_of_two(void **state)
{
	(void)state;
	static const double cost[] = {0, 1, 1, 0}, strengths[] = {10, 1, 0.1, 0.01};
	for (int i = 0; i < 4; i++) {
		double plan[4], same = 1 / (1 + exp(-1 / strengths[i]));
		assert_int_equal(lepton__sinkhorn(2, cost, strengths[i], plan, NULL), 0);
		for (int k = 0; k < 4; k++)
			assert_true(fabs(plan[k] - (k % 3 ? 1 - same : same)) < 1e-9);
	}
}

/* Rows and columns come to 1; log plan + cost/strength is a sum of one number a row and one a column; and
 * with little strength the plan costs as little as the best assignment. */
static void sinkhorn_is_optimal(void **state)
{
	(void)state;
	enum { N = 7 };
	double cost[N * N], gain[N * N], plan[N * N];
	size_t column[N];
	uint32_t seed = 9;
	for (int i = 0; i < N * N; i++)
		gain[i] = -(cost[i] = (double)next_number(&seed));
	for (double strength = 1; strength > 0.01; strength /= 3) {
		assert_int_equal(lepton__sinkhorn(N, cost, strength, plan, NULL), 0);
		for (int i = 0; i < N; i++) {
			double row = 0, col = 0;
			for (int j = 0; j < N; j++) {
				row += plan[i * N + j];
				col += plan[j * N + i];
			}
			if (!(fabs(row - 1) < 1e-5 && fabs(col - 1) < 1e-9))
				fail_msg("strength %g: row %d comes to %.9g, column to %.9g", strength, i,
					row, col);
		}
		for (int i = 1; i < N; i++)
			for (int j = 1; j < N; j++) {
				double mixed = 0;
				for (int k = 0; k < 4; k++) {
					const int at = (k / 2 ? i : 0) * N + (k % 2 ? j : 0);
					mixed += (k % 3 ? -1 : 1) * (log(plan[at]) * strength + cost[at]);
				}
				assert_true(fabs(mixed) < 1e-9);
			}
	}
	double best = 0, paid = 0;
	assert_int_equal(lepton__assign(N, gain, column, NULL), 0);
	assert_int_equal(lepton__sinkhorn(N, cost, 1e-4, plan, NULL), 0);
	for (int i = 0; i < N; i++)
		best += cost[(size_t)(i * N) + column[i]];
	for (int i = 0; i < N * N; i++)
		paid += cost[i] * plan[i];
	assert_true(fabs(paid - best) < 1e-3);
}

/* The same network with its hidden units in another order. */
static struct lepton_params *disordered(const struct lepton_params *w)
{
	static const size_t four[] = {2, 0, 3, 1}, five[] = {4, 2, 0, 1, 3};
	struct lepton_params *out = NULL;
	struct lepton__chain chain;
	assert_int_equal(lepton_params_copy(w, &out, NULL), 0);
	assert_int_equal(lepton__chain_read(out, &chain, NULL), 0);
	float *room = calloc(lepton__chain_room(&chain), sizeof *room);
	lepton__chain_permute(&chain, 0, four, out, room);
	lepton__chain_permute(&chain, 1, five, out, room);
	free(room);
	lepton__chain_free(&chain);
	return out;
}

static void transport_undoes_a_permutation(void **state)
{
	(void)state;
	static const char *const settings[] = {NULL, "{\"by\":\"weights\"}", "{\"entropy\":0.002}",
		"{\"by\":\"weights\",\"entropy\":0.002}"};
	for (int p = 0; p < 3; p++)
		for (int s = 0; s < 4; s++) {
			struct lepton_params *other = disordered(weights[p]);
			const struct lepton_fuse_parent three[] = {
				parents[p], {"other", other, NAN, 0}, {"again", other, NAN, 0}};
			struct lepton_params *out = fused_by("transport", three, 3, settings[s], &looks);
			is_near(out, weights[p], s < 2 ? 1e-7 : 1e-3);
			lepton_params_release(out);
			lepton_params_release(other);
		}
}

static void activations_undo_a_permutation(void **state)
{
	(void)state;
	for (int p = 0; p < 3; p++) {
		struct lepton_params *other = disordered(weights[p]);
		const struct lepton_fuse_parent three[] = {
			parents[p], {"other", other, NAN, 0}, {"again", other, NAN, 0}};
		struct lepton_params *out = fused_by("rebasin", three, 3, "{\"by\":\"activations\"}", &looks);
		is_near(out, weights[p], 1e-7);
		lepton_params_release(out);
		lepton_params_release(other);
	}
}

/* ---- REPAIR ---- */

struct spread {
	const struct lepton_params *w;
	double sum[2][8], square[2][8];
	int64_t rows[2];
};

static int add_spread(void *context, const struct lepton_inputs *in, struct lepton_error *err)
{
	struct spread *s = context;
	const int which = in->kernel == CONV_KERNEL ? 0 : 1, units = which ? 5 : 4;
	(void)err;
	for (int64_t row = 0; row < in->rows && in->kernel != LAST_KERNEL; row++) {
		s->rows[which]++;
		for (int u = 0; u < units; u++) {
			double z = (double)numbers(s->w, in->kernel + 1)[u];
			for (int64_t k = 0; k < in->width; k++)
				z += (double)in->values[row * in->width + k] *
				     (double)numbers(s->w, in->kernel)[k * units + u];
			s->sum[which][u] += z;
			s->square[which][u] += z * z;
		}
	}
	return 0;
}

static void spread_of(const struct lepton_params *w, struct spread *s)
{
	*s = (struct spread){.w = w};
	assert_int_equal(inputs(NULL, w, 1000, add_spread, s, NULL), 0);
	for (int which = 0; which < 2; which++)
		for (int u = 0; u < 5; u++) { /* from here on mean and deviation */
			s->sum[which][u] /= (double)s->rows[which];
			s->square[which][u] = sqrt(fmax(
				0, s->square[which][u] / (double)s->rows[which] - pow(s->sum[which][u], 2)));
		}
}

/* Behind the convolution the statistics are what is there; the dense layer's units have their parents' means
 * and deviations on the whole. */
static void repair_gives_the_spread_back(void **state)
{
	(void)state;
	struct lepton_params *others[3] = {NULL}, *out = fused_by("average", parents, 3, NULL, NULL);
	struct spread of[3], now;
	for (int p = 0; p < 3; p++)
		spread_of(weights[p], &of[p]);
	assert_int_equal(lepton__fuse_repair(&looks, parents, 3, others, SAMPLES, out, NULL), 0);
	spread_of(out, &now);
	for (int u = 0; u < 4; u++) {
		assert_true(fabs((double)numbers(out, NORM_GAMMA + 2)[u] - now.sum[0][u]) < 1e-5);
		assert_true(fabs(sqrt((double)numbers(out, NORM_GAMMA + 3)[u]) - now.square[0][u]) < 1e-5);
	}
	for (int u = 0; u < 5; u++) {
		const double mean = (of[0].sum[1][u] + of[1].sum[1][u] + of[2].sum[1][u]) / 3,
			     deviation = (of[0].square[1][u] + of[1].square[1][u] + of[2].square[1][u]) / 3;
		assert_true(fabs(now.sum[1][u] - mean) < 1e-4);
		assert_true(fabs(now.square[1][u] - deviation) < 1e-4);
	}
	lepton_params_release(out);
}

/* Both methods that match units end in it. */
static void repair_is_a_setting(void **state)
{
	(void)state;
	struct lepton_params *others[3] = {NULL};
	for (int p = 0; p < 3; p++) { /* of versions in one order already, so that nothing moves */
		struct lepton_params *near = make_near(weights[0], 1, 0.02F, (uint32_t)p + 4);
		const struct lepton_fuse_parent two[] = {parents[0], {"near", near, NAN, 0}};
		struct lepton_params *wish = fused_by("average", two, 2, NULL, NULL),
				     *a = fused_by(
					     "rebasin", two, 2, "{\"repair\":true,\"samples\":20}", &looks),
				     *b = fused_by(
					     "transport", two, 2, "{\"repair\":true,\"samples\":20}", &looks);
		assert_int_equal(lepton__fuse_repair(&looks, two, 2, others, SAMPLES, wish, NULL), 0);
		is_near(a, wish, 1e-7);
		is_near(b, wish, 1e-7);
		lepton_params_release(near);
		lepton_params_release(wish);
		lepton_params_release(a);
		lepton_params_release(b);
	}
}

/* ---- without help, and where it fails ---- */

static int fails(void *context, const struct lepton_params *w, int64_t samples, lepton_inputs_fn see,
	void *to, struct lepton_error *err)
{
	(void)w, (void)samples, (void)see, (void)to;
	return --*(int *)context ? inputs(NULL, w, samples, see, to, err)
				 : lepton_error_set(err, LEPTON_E_CANCELED, "enough");
}

static void refused(const char *method, const char *settings, const struct lepton_fuse_help *help, int code,
	const char *words)
{
	struct lepton_params *out = NULL;
	struct lepton_error err = {.code = 0};
	assert_int_equal(lepton_fuse_with(method, parents, 3, settings, help, &out, &err), code);
	assert_null(out);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" does not say \"%s\"", err.message, words);
}

static void refusals(void **state)
{
	(void)state;
	static const char *const methods[] = {"fisher", "regmean", "transport"};
	for (int m = 0; m < 3; m++) {
		refused(methods[m], NULL, NULL, LEPTON_E_STATE, "looks into networks at work");
		refused(methods[m], "{\"samples\":0}", &looks, LEPTON_E_USAGE, "samples");
	}
	for (int at = 1; at <= 3; at++) {
		int left = at;
		const struct lepton_fuse_help help = {.inputs = fails, .fisher = fisher, .context = &left};
		refused("regmean", NULL, &help, LEPTON_E_CANCELED, "enough");
		left = at;
		refused("transport", "{\"repair\":true}", &help, LEPTON_E_CANCELED, "enough");
		left = at;
		refused("rebasin", "{\"by\":\"activations\"}", &help, LEPTON_E_CANCELED, "enough");
	}
	refused("rebasin", "{\"by\":\"activations\"}", NULL, LEPTON_E_STATE, "looks into networks at work");
	refused("rebasin", "{\"repair\":true}", NULL, LEPTON_E_STATE, "looks into networks at work");
	refused("regmean", "{\"alpha\":2}", &looks, LEPTON_E_USAGE, "alpha");
	refused("transport", "{\"by\":\"names\"}", &looks, LEPTON_E_USAGE, "by");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_read_what_the_reference_reads),
		cmocka_unit_test(looking_stops_when_told),
		cmocka_unit_test(fisher_is_that_of_central_differences),
		cmocka_unit_test(looking_leaves_training_alone),
		cmocka_unit_test(fisher_weighs_number_by_number),
		cmocka_unit_test(regmean_solves_the_normal_equations),
		cmocka_unit_test(regmean_of_a_wide_layer),
		cmocka_unit_test(sinkhorn_of_two),
		cmocka_unit_test(sinkhorn_is_optimal),
		cmocka_unit_test(transport_undoes_a_permutation),
		cmocka_unit_test(activations_undo_a_permutation),
		cmocka_unit_test(repair_is_a_setting),
		cmocka_unit_test(repair_gives_the_spread_back),
		cmocka_unit_test(refusals),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
