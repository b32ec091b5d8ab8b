/* tests/test_model_layers.c - every layer, forward and backward, against the plain loops in double;
 * and the plain loops' backward against central differences of their forward.
 *
 * Each case is a layer between an Input and a Dense end, planned as a real network is. The layer runs
 * alone on random inputs and a random gradient.
 */
#include "config.h"
#include "model/graph.h"
#include "model_reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SAMPLES 3
#define H 1e-5

static const char *const cases[] = {
	"[{\"type\":\"Input\",\"shape\":[7,6,2]},{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":[3,2]}",
	"[{\"type\":\"Input\",\"shape\":[7,6,2]},{\"type\":\"Conv2D\",\"filters\":5,\"kernel_size\":3,"
	"\"activation\":\"relu\"}",
	"[{\"type\":\"Input\",\"shape\":[8,8,1]},{\"type\":\"Conv2D\",\"filters\":32,\"kernel_size\":[3,3],"
	"\"activation\":\"relu\"}",
	"[{\"type\":\"Input\",\"shape\":[7,6,2]},{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":[3,4],"
	"\"padding\":\"same\",\"activation\":\"tanh\"}",
	"[{\"type\":\"Input\",\"shape\":[7,8,3]},{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":[3,3],"
	"\"strides\":[2,3],\"padding\":\"same\",\"activation\":\"sigmoid\"}",
	"[{\"type\":\"Input\",\"shape\":[9,7,2]},{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":[2,3],"
	"\"strides\":[3,2],\"activation\":\"softmax\"}",
	"[{\"type\":\"Input\",\"shape\":[5,5,4]},{\"type\":\"Conv2D\",\"filters\":6,\"kernel_size\":[1,1],"
	"\"strides\":2}",
	"[{\"type\":\"Input\",\"shape\":[3,3,1]},{\"type\":\"Conv2D\",\"filters\":2,\"kernel_size\":[5,5],"
	"\"padding\":\"same\"}",
	"[{\"type\":\"Input\",\"shape\":[6,8,3]},{\"type\":\"MaxPooling2D\"}",
	"[{\"type\":\"Input\",\"shape\":[7,5,2]},{\"type\":\"MaxPooling2D\",\"pool_size\":[3,2],"
	"\"strides\":[2,1]}",
	"[{\"type\":\"Input\",\"shape\":[7,5,2]},{\"type\":\"MaxPooling2D\",\"pool_size\":3,\"strides\":2,"
	"\"padding\":\"same\"}",
	"[{\"type\":\"Input\",\"shape\":[4,4,1]},{\"type\":\"MaxPooling2D\",\"pool_size\":[1,3],"
	"\"padding\":\"same\"}",
	"[{\"type\":\"Input\",\"shape\":[6,8,3]},{\"type\":\"AveragePooling2D\"}",
	"[{\"type\":\"Input\",\"shape\":[7,5,2]},{\"type\":\"AveragePooling2D\",\"pool_size\":[3,2],"
	"\"strides\":[2,1]}",
	"[{\"type\":\"Input\",\"shape\":[7,5,2]},{\"type\":\"AveragePooling2D\",\"pool_size\":3,\"strides\":"
	"2,"
	"\"padding\":\"same\"}",
	"[{\"type\":\"Input\",\"shape\":[3,4,1]},{\"type\":\"AveragePooling2D\",\"pool_size\":[5,9],"
	"\"strides\":1,\"padding\":\"same\"}",
	"[{\"type\":\"Input\",\"shape\":[5,7,3]},{\"type\":\"GlobalAveragePooling2D\"}",
	"[{\"type\":\"Input\",\"shape\":[1,1,2]},{\"type\":\"GlobalAveragePooling2D\"}",
	"[{\"type\":\"Input\",\"shape\":[11]},{\"type\":\"BatchNormalization\"}",
	"[{\"type\":\"Input\",\"shape\":[4,3,5]},{\"type\":\"BatchNormalization\",\"epsilon\":0.2}",
	"[{\"type\":\"Input\",\"shape\":[6,1]},{\"type\":\"BatchNormalization\"}",
	"[{\"type\":\"Input\",\"shape\":[13]},{\"type\":\"Dense\",\"units\":7}",
	"[{\"type\":\"Input\",\"shape\":[13]},{\"type\":\"Dense\",\"units\":17,\"activation\":\"relu\"}",
	"[{\"type\":\"Input\",\"shape\":[1]},{\"type\":\"Dense\",\"units\":1,\"activation\":\"tanh\"}",
	"[{\"type\":\"Input\",\"shape\":[40]},{\"type\":\"Dense\",\"units\":33,\"activation\":\"sigmoid\"}",
	"[{\"type\":\"Input\",\"shape\":[9]},{\"type\":\"Dense\",\"units\":6,\"activation\":\"softmax\"}",
	"[{\"type\":\"Input\",\"shape\":[40]},{\"type\":\"Dense\",\"units\":33,\"activation\":\"gelu\"}",
	"[{\"type\":\"Input\",\"shape\":[7,8,3]},{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":[3,3],"
	"\"strides\":[2,3],\"padding\":\"same\",\"activation\":\"gelu\"}",
	"[{\"type\":\"Input\",\"shape\":[5,4,3]},{\"type\":\"Dropout\",\"rate\":0.4}",
};

struct bench {
	struct lepton__graph graph;
	const struct lepton__layer *layer;
	struct ref_network net;
	struct ref_layer *ref;
	int in, out;            /* values of all samples */
	float *x, *dy, *y, *dx; /* the layer's */
	float *w[LEPTON__LAYER_TENSORS], *dw[LEPTON__LAYER_TENSORS];
	double *rx, *rdy, *ry, *rdx; /* the reference's */
	void *memo, *scratch;
};

static double *doubles(int n)
{
	double *a = calloc((size_t)(n ? n : 1), sizeof *a);
	assert_non_null(a);
	return a;
}

/* The same random numbers for both, as floats. */
static float *twin(int n, double *other, uint64_t *state)
{
	float *a = aligned_alloc(64, ((size_t)n * sizeof *a + 64) / 64 * 64);
	assert_non_null(a);
	for (int i = 0; i < n; i++) {
		a[i] = (float)test_random(state);
		if (other)
			other[i] = (double)a[i];
	}
	return a;
}

static char *network_text(const char *beginning)
{
	static const char end[] = ",{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3,\"name\":\"end\","
				  "\"activation\":\"softmax\"}]";
	char *text = malloc(strlen(beginning) + sizeof end);
	assert_non_null(text);
	snprintf(text, strlen(beginning) + sizeof end, "%s%s", beginning, end);
	return text;
}

static void plan(struct bench *b, const char *text)
{
	struct lepton_error err = {0};
	cJSON *layers = cJSON_Parse(text);
	int code = lepton__graph_build(&b->graph, layers, LEPTON__CATEGORICAL_CROSS_ENTROPY, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	cJSON_Delete(layers);
	ref_build(&b->net, text, SAMPLES);
	b->layer = &b->graph.layers[1];
	b->ref = &b->net.layer[1];
}

static void set_up(struct bench *b, const char *beginning, uint64_t seed)
{
	char *text = network_text(beginning);
	memset(b, 0, sizeof *b);
	plan(b, text);
	free(text);
	b->in = SAMPLES * (int)b->layer->in_size;
	b->out = SAMPLES * (int)b->layer->out_size;
	assert_int_equal(b->in, SAMPLES * ref_values(b->ref->in));
	assert_int_equal(b->out, SAMPLES * ref_values(b->ref->out));
	b->rx = doubles(b->in);
	b->rdx = doubles(b->in);
	b->ry = doubles(b->out);
	b->rdy = doubles(b->out);
	b->x = twin(b->in, b->rx, &seed);
	b->dx = twin(b->in, NULL, &seed);
	b->dy = twin(b->out, b->rdy, &seed);
	b->y = twin(b->out, NULL, &seed);
	b->w[0] = twin(b->ref->weights, b->ref->w, &seed);
	b->dw[0] = twin(b->ref->weights, NULL, &seed);
	b->w[1] = twin(b->ref->weights ? b->ref->out[2] : 0, b->ref->b, &seed);
	b->dw[1] = twin(b->ref->out[2], NULL, &seed);
	for (int t = 2; t < LEPTON__LAYER_TENSORS; t++) {
		b->w[t] = twin(b->ref->out[2], NULL, &seed);
		b->dw[t] = twin(b->ref->out[2], NULL, &seed);
	}
	size_t memo = b->layer->ops->memo ? b->layer->ops->memo(b->layer, SAMPLES) : 0;
	size_t scratch = b->layer->ops->scratch ? b->layer->ops->scratch(b->layer, SAMPLES) : 0;
	b->memo = malloc(memo + 1);
	b->scratch = aligned_alloc(64, (scratch + 64) / 64 * 64);
	assert_true(b->memo && b->scratch);
}

static void tear_down(struct bench *b)
{
	void *all[] = {b->x, b->dy, b->y, b->dx, b->w[0], b->w[1], b->dw[0], b->dw[1], b->rx, b->rdy, b->ry,
		b->rdx, b->memo, b->scratch};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]);
	for (int t = 2; t < LEPTON__LAYER_TENSORS; t++) {
		free(b->w[t]);
		free(b->dw[t]);
	}
	ref_free(&b->net);
	lepton__graph_free(&b->graph);
}

static struct lepton__pass pass_of(struct bench *b)
{
	return (struct lepton__pass){.n = SAMPLES,
		.part = SAMPLES,
		.training = true,
		.x = b->x,
		.y = b->y,
		.w = {b->w[0], b->w[1], b->w[2], b->w[3]},
		.dw = {b->dw[0], b->dw[1], b->dw[2], b->dw[3]},
		.dy = b->dy,
		.dx = b->dx,
		.memo = b->memo,
		.scratch = b->scratch,
		.key = 5,
		.stream = 6};
}

static void assert_near(const char *what, int i, double have, double want, double tolerance)
{
	if (!(fabs(have - want) <= tolerance * (1 + fabs(want))))
		fail_msg("%s[%d] is %.9g, but should be %.9g", what, i, have, want);
}

static void compare(const char *what, int n, const float *have, const double *want)
{
	for (int i = 0; i < n; i++)
		assert_near(what, i, (double)have[i], want[i], 2e-5);
}

/* The mask is the layer's to draw; the reference uses it, and it must hold about 1 − rate ones. */
static void share_mask(struct bench *b)
{
	if (b->ref->kind != REF_DROPOUT)
		return;
	int kept = 0;
	b->ref->keep = malloc((size_t)b->out);
	assert_non_null(b->ref->keep);
	for (int i = 0; i < b->out; i++) {
		b->ref->keep[i] = b->y[i] < 0 || b->y[i] > 0;
		kept += b->ref->keep[i];
	}
	double share = (double)kept / b->out, sd = sqrt(b->ref->rate * (1 - b->ref->rate) / b->out);
	assert_true(fabs(share - (1 - b->ref->rate)) < 4 * sd);
}

static void test_against_loops(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct bench b;
		set_up(&b, cases[c], 1 + c);
		struct lepton__pass pass = pass_of(&b);
		print_message("%s\n", cases[c]);
		b.layer->ops->forward(b.layer, &pass);
		share_mask(&b);
		ref_forward_layer(b.ref, SAMPLES, b.rx, b.ry);
		compare("y", b.out, b.y, b.ry);
		b.layer->ops->backward(b.layer, &pass);
		ref_backward_layer(b.ref, SAMPLES, b.rx, b.rdy, b.rdx);
		compare("dx", b.in, b.dx, b.rdx);
		compare("dkernel", b.ref->weights, b.dw[0], b.ref->dw);
		compare("dbias", b.ref->weights ? b.ref->out[2] : 0, b.dw[1], b.ref->db);
		tear_down(&b);
	}
}

/* A layer asked for no dx gives the same gradients of its weights. */
static void test_without_dx(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct bench b;
		set_up(&b, cases[c], 1 + c);
		struct lepton__pass pass = pass_of(&b);
		pass.dx = NULL;
		b.layer->ops->forward(b.layer, &pass);
		share_mask(&b);
		b.layer->ops->backward(b.layer, &pass);
		ref_backward_layer(b.ref, SAMPLES, b.rx, b.rdy, NULL);
		compare("dkernel", b.ref->weights, b.dw[0], b.ref->dw);
		compare("dbias", b.ref->weights ? b.ref->out[2] : 0, b.dw[1], b.ref->db);
		tear_down(&b);
	}
}

/* Σ dy·y of the plain forward, for differences. */
static double objective(struct bench *b, const double *dy)
{
	double sum = 0;
	ref_forward_layer(b->ref, SAMPLES, b->rx, b->ry);
	for (int i = 0; i < b->out; i++)
		sum += dy[i] * b->ry[i];
	return sum;
}

static void difference(
	struct bench *b, const char *what, int n, double *variable, const double *gradient, const double *dy)
{
	for (int i = 0; i < n; i++) {
		double old = variable[i];
		variable[i] = old + H;
		double up = objective(b, dy);
		variable[i] = old - H;
		double down = objective(b, dy);
		variable[i] = old;
		assert_near(what, i, gradient[i], (up - down) / (2 * H), 1e-7);
	}
}

static void test_differences(void **state)
{
	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct bench b;
		set_up(&b, cases[c], 1 + c);
		struct lepton__pass pass = pass_of(&b);
		b.layer->ops->forward(b.layer, &pass);
		share_mask(&b);
		double *dy = doubles(b.out);
		memcpy(dy, b.rdy, (size_t)b.out * sizeof *dy);
		ref_backward_layer(b.ref, SAMPLES, b.rx, b.rdy, b.rdx);
		difference(&b, "dx", b.in, b.rx, b.rdx, dy);
		difference(&b, "dkernel", b.ref->weights, b.ref->w, b.ref->dw, dy);
		difference(&b, "dbias", b.ref->weights ? b.ref->out[2] : 0, b.ref->b, b.ref->db, dy);
		free(dy);
		tear_down(&b);
	}
}

/* By hand: a 3x3 image 1…9 by 2x2 windows, a step of 2, padded behind: the edge divides by what it covers. */
static void test_average_by_hand(void **state)
{
	const float image[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, want[4] = {3, 4.5F, 7.5F, 9};
	const struct lepton_shape shape = {3, {3, 3, 1}};
	struct lepton__layer layer = {.ops = &lepton__layer_average_pooling2d, .in = shape, .in_size = 9};
	cJSON *config = cJSON_Parse("{\"padding\":\"same\"}");
	float y[4], mean;
	(void)state;
	assert_int_equal(layer.ops->configure(&layer, config, NULL), 0);
	assert_int_equal(layer.ops->shape(&layer, NULL), 0);
	cJSON_Delete(config);
	struct lepton__pass pass = {.n = 1, .part = 1, .x = image, .y = y};
	layer.ops->forward(&layer, &pass);
	assert_memory_equal(y, want, sizeof y);
	layer = (struct lepton__layer){
		.ops = &lepton__layer_global_average_pooling2d, .in = shape, .in_size = 9, .out_size = 1};
	pass.y = &mean;
	layer.ops->forward(&layer, &pass);
	assert_true(fabs((double)mean - 5) < 1e-6);
}

/* Two channels by hand: {1, 3} and {2, 2}; then the moving statistics, which start at 0 and 1 here. */
static void test_batch_normalization_by_hand(void **state)
{
	const float x[] = {1, 2, 3, 2}, gamma[] = {2, 5}, beta[] = {0.5F, -1};
	float mean[] = {0, 0}, variance[] = {1, 1}, y[4], dw[4][2], sums[8];
	struct lepton__layer layer = {
		.ops = &lepton__layer_batch_normalization, .in = {1, {2}}, .in_size = 2};
	cJSON *config = cJSON_Parse("{\"momentum\":0.75,\"epsilon\":0.44}");
	(void)state;
	assert_int_equal(layer.ops->configure(&layer, config, NULL), 0);
	assert_int_equal(layer.ops->shape(&layer, NULL), 0);
	cJSON_Delete(config);
	struct lepton__pass pass = {.n = 2,
		.part = 2,
		.training = true,
		.x = x,
		.y = y,
		.scratch = sums,
		.w = {gamma, beta, mean, variance},
		.dw = {dw[0], dw[1], dw[2], dw[3]}};
	const double trained[] = {-2 / 1.2 + 0.5, -1, 2 / 1.2 + 0.5, -1};
	layer.ops->forward(&layer, &pass);
	compare("y", 4, y, trained);
	compare("mean", 2, dw[2], (const double[]){2, 2});
	compare("variance", 2, dw[3], (const double[]){1, 0});
	layer.ops->track(&layer, (const float *const[]){NULL, NULL, dw[2], dw[3]},
		(float *const[]){NULL, NULL, mean, variance});
	compare("moving mean", 2, mean, (const double[]){0.5, 0.5});
	compare("moving variance", 2, variance, (const double[]){1, 0.75});
	pass.training = false;
	variance[1] = -1; /* as compression may leave it: zero */
	const double scored[] = {
		2 * 0.5 / 1.2 + 0.5, 5 * 1.5 / sqrt(0.44) - 1, 2 * 2.5 / 1.2 + 0.5, 5 * 1.5 / sqrt(0.44) - 1};
	layer.ops->forward(&layer, &pass);
	compare("scored y", 4, y, scored);
}

static void test_dropout_mask_is_its_streams(void **state)
{
	struct bench b;
	float first[5 * 4 * 3 * SAMPLES];
	(void)state;
	set_up(&b, cases[sizeof cases / sizeof *cases - 1], 3);
	assert_int_equal(b.out * sizeof(float), sizeof first);
	struct lepton__pass pass = pass_of(&b);
	b.layer->ops->forward(b.layer, &pass);
	memcpy(first, b.y, sizeof first);
	pass.stream++;
	b.layer->ops->forward(b.layer, &pass);
	assert_memory_not_equal(first, b.y, sizeof first);
	pass.stream--;
	b.layer->ops->forward(b.layer, &pass);
	assert_memory_equal(first, b.y, sizeof first);
	tear_down(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_loops),
		cmocka_unit_test(test_without_dx),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_average_by_hand),
		cmocka_unit_test(test_batch_normalization_by_hand),
		cmocka_unit_test(test_dropout_mask_is_its_streams),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
