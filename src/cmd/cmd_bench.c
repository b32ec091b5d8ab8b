/* cmd/cmd_bench.c - lepton bench: how near the hardware's limit we are.
 *
 * Machines are noisy, so every figure is the best of several short repetitions, and speed is said as a
 * fraction of the core's own measured multiply-add peak. Kinds of case: each kernel at the shapes that
 * matter, a training step and a pass of evaluation of three networks on one core, 1, 2, 4 … versions
 * through the engine on all workers (bench_versions.c), what all the rest costs (bench_costs.c), and with
 * --peer the same training by PyTorch in the same run (bench_peer.c). Data is made here; --peer reads MNIST.
 */
#include "config.h"
#include "cmd/bench.h"
#include "cmd/verb.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "tensor/bench_cases.h"
#include "tensor/peak.h"

#include <cblas.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SAMPLES 6400
#define TEST_SAMPLES 128
#define REPETITIONS 5
#define CASE_SECONDS 0.15
#define PEAK_SECONDS 0.2

/* The networks of the table, and the arithmetic of a training step a sample: forward, and twice
 * that backward, less the first layer's input gradient. */
const struct bench_network bench_networks[BENCH_NETWORKS] = {
	{"seed CNN", "seed",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[28,28,1]},{\"type\":\"Conv2D\",\"filters\":32,"
		"\"kernel_size\":[3,3],"
		"\"activation\":\"relu\"},{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":10,"
		"\"activation\":\"softmax\"}],"
		"\"optimizer\":{\"name\":\"adam\"},\"batch_size\":128,\"epochs\":1000}",
		2.0 * (2 * 676 * 32 * 9 + 3 * 21632 * 10),
		2.0 * (676 * 32 * 9 + 21632 * 10)},
	{"MLP 784-300-100-10", "mlp",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[28,28,1]},{\"type\":\"Flatten\"},{\"type\":"
		"\"Dense\",\"units\":300,"
		"\"activation\":\"relu\"},{\"type\":\"Dense\",\"units\":100,\"activation\":\"relu\"},{"
		"\"type\":\"Dense\",\"units\":10,"
		"\"activation\":\"softmax\"}],\"optimizer\":{\"name\":\"adam\"},\"batch_size\":128,"
		"\"epochs\":1000}",
		2.0 * (2 * 784 * 300 + 3 * 300 * 100 + 3 * 1000),
		2.0 * (784 * 300 + 300 * 100 + 1000)},
	{"LeNet 20-50-500", "lenet",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[28,28,1]},{\"type\":\"Conv2D\",\"filters\":20,"
		"\"kernel_size\":[5,5]},"
		"{\"type\":\"MaxPooling2D\"},{\"type\":\"Conv2D\",\"filters\":50,\"kernel_size\":[5,5]},{"
		"\"type\":\"MaxPooling2D\"},"
		"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":500,\"activation\":\"relu\"},{\"type\":"
		"\"Dense\",\"units\":10,"
		"\"activation\":\"softmax\"}],\"optimizer\":{\"name\":\"adam\"},\"batch_size\":128,"
		"\"epochs\":1000}",
		2.0 * (2 * 576 * 25 * 20 + 3 * 64 * 25 * 20 * 50 + 3 * 800 * 500 + 3 * 5000),
		2.0 * (576 * 25 * 20 + 64 * 25 * 20 * 50 + 800 * 500 + 5000)},
};

/* The beginning of a case's JSON object, and its end; between them the caller adds numbers. */
static void begin(struct bench *b, struct lepton__buffer *out, const char *name, double rate)
{
	lepton__buffer_init(out, 65536);
	lepton__buffer_string(out, b->first ? "[\n {\"case\":" : ",\n {\"case\":");
	b->first = false;
	lepton__json_string(out, name);
	lepton__json_member(out, "samples_per_second", rate > 0 ? rate : (double)NAN);
}

static void end(struct lepton__buffer *out)
{
	lepton__buffer_string(out, "}");
	fputs(out->data ? out->data : "", stdout);
	lepton__buffer_free(out);
}

void bench_report(struct bench *b, const char *name, double samples_per_second, double flops, int cores)
{
	double peak = b->peak * cores, gflops = flops * 1e-9;
	struct lepton__buffer out;
	if (!b->json) {
		printf("%-52s", name);
		if (samples_per_second > 0)
			printf(" %10.0f samples/s", samples_per_second);
		else
			printf(" %20s", "");
		printf(" %8.1f GFLOP/s  %5.1f %% of peak\n", gflops, 100 * flops / peak);
		fflush(stdout);
		return;
	}
	begin(b, &out, name, samples_per_second);
	lepton__json_member(&out, "gflops", gflops);
	lepton__json_member(&out, "peak_gflops", peak * 1e-9);
	lepton__json_member(&out, "fraction_of_peak", flops / peak);
	end(&out);
}

void bench_report_value(struct bench *b, const char *name, double value, const char *unit)
{
	struct lepton__buffer out;
	if (!b->json) {
		printf("%-52s %10.*f %s\n", name, value < 1000 ? 2 : 0, value, unit);
		fflush(stdout);
		return;
	}
	begin(b, &out, name, 0);
	lepton__json_member(&out, "gflops", (double)NAN);
	lepton__json_member(&out, "peak_gflops", (double)NAN);
	lepton__json_member(&out, "fraction_of_peak", (double)NAN);
	lepton__json_member(&out, "value", value);
	lepton__buffer_string(&out, ",\"unit\":");
	lepton__json_string(&out, unit);
	end(&out);
}

bool bench_wants(const struct bench *b, const char *name)
{
	return !b->only || strstr(name, b->only) != NULL;
}

/* ---- kernels -------------------------------------------------------------------------------------- */

static double best_kernel_time(
	const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory)
{
	double best = INFINITY, start = lepton__monotonic();
	c->run(c, k, memory); /* touch the pages */
	for (int i = 0; i < REPETITIONS || lepton__monotonic() - start < CASE_SECONDS; i++) {
		double from = lepton__monotonic();
		c->run(c, k, memory);
		double took = lepton__monotonic() - from;
		best = took < best ? took : best;
	}
	return best;
}

static int bench_kernels(struct bench *b, struct lepton_error *err)
{
	size_t count;
	const struct lepton__kernel_case *cases = lepton__kernel_cases(&count);
	const struct lepton__kernels *k = lepton__kernels_get();
	for (size_t i = 0; i < count; i++) {
		char name[128];
		snprintf(name, sizeof name, "kernel %s %s", cases[i].network, cases[i].name);
		if (!bench_wants(b, name))
			continue;
		float *memory = lepton__aligned(1, lepton__kernel_case_bytes(&cases[i]));
		if (!memory)
			return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %s", cases[i].name);
		lepton__kernel_case_fill(&cases[i], memory);
		double seconds = best_kernel_time(&cases[i], k, memory);
		bench_report(b, name, 0, cases[i].flops(&cases[i]) / seconds, 1);
		lepton__free(memory);
	}
	return LEPTON_OK;
}

/* ---- one network, one core ------------------------------------------------------------------------- */

static int time_steps(struct lepton_learner *learner, double *best, struct lepton_error *err)
{
	struct lepton_step_result result;
	double start = lepton__monotonic();
	*best = 0;
	for (int i = 0; i < REPETITIONS || lepton__monotonic() - start < 4 * CASE_SECONDS; i++) {
		double from = lepton__monotonic();
		int64_t samples = 0;
		while (lepton__monotonic() - from < CASE_SECONDS / 2) {
			int code = learner->ops->step(learner, &lepton_team_alone, &result, err);
			if (code)
				return code;
			samples += result.samples;
		}
		double rate = (double)samples / (lepton__monotonic() - from);
		*best = rate > *best ? rate : *best;
	}
	return LEPTON_OK;
}

/* The training split is the longest: scored, not trained on. */
static int time_evaluation(struct lepton_learner *learner, struct lepton_dataset *data, double *best,
	struct lepton_error *err)
{
	int64_t n = lepton_dataset_count(data, LEPTON_TRAIN);
	double start = lepton__monotonic();
	struct lepton_score score;
	*best = 0;
	for (int i = 0; i < REPETITIONS || lepton__monotonic() - start < CASE_SECONDS; i++) {
		double from = lepton__monotonic();
		int code = learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TRAIN, 0, n, &score, err);
		if (code)
			return code;
		double rate = (double)n / (lepton__monotonic() - from);
		*best = rate > *best ? rate : *best;
	}
	return LEPTON_OK;
}

/* The same on 8-bit whole numbers, and how many times as fast: the two in turn, the median. */
static int bench_int8(struct bench *b, const struct bench_network *n, struct lepton_learner *learner,
	struct lepton_error *err)
{
	enum { PAIRS = 5 };
	double ratios[PAIRS], rates[PAIRS];
	char rate[128], ratio[128];
	snprintf(rate, sizeof rate, "evaluation on int8, %s, 1 core", n->name);
	snprintf(ratio, sizeof ratio, "evaluation on int8 to float32, %s", n->name);
	if (!bench_wants(b, rate) && !bench_wants(b, ratio))
		return LEPTON_OK;
	for (int i = 0; i < PAIRS; i++) {
		double floats;
		struct lepton_params *weights = NULL;
		int code = time_evaluation(learner, b->data, &floats, err);
		if (!code)
			code = learner->ops->use_int8(learner, err);
		if (!code)
			code = time_evaluation(learner, b->data, &rates[i], err);
		if (!code)
			code = learner->ops->weights(learner, &weights, err);
		if (!code)
			code = learner->ops->set_weights(learner, weights, err); /* which ends it */
		lepton_params_release(weights);
		if (code)
			return code;
		ratios[i] = rates[i] / floats;
	}
	double median = bench_median(rates, PAIRS);
	bench_report(b, rate, median, median * n->forward_flops, 1);
	bench_report_value(b, ratio, bench_median(ratios, PAIRS), "times");
	return LEPTON_OK;
}

/* Steps and scoring of one network; the learner goes back to its caller in any case. */
static int bench_learner(struct bench *b, const struct bench_network *n, struct lepton_learner *learner,
	struct lepton_error *err)
{
	char steps[128], scoring[128];
	double rate;
	int code = LEPTON_OK;
	snprintf(steps, sizeof steps, "training step, %s, 1 core", n->name);
	snprintf(scoring, sizeof scoring, "evaluation, %s, 1 core", n->name);
	if (bench_wants(b, steps) && !(code = time_steps(learner, &rate, err)))
		bench_report(b, steps, rate, rate * n->flops, 1);
	if (!code && bench_wants(b, scoring) && !(code = time_evaluation(learner, b->data, &rate, err)))
		bench_report(b, scoring, rate, rate * n->forward_flops, 1);
	return code ? code : bench_int8(b, n, learner, err);
}

static int bench_each_network(struct bench *b, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < BENCH_NETWORKS && !code; i++) {
		struct lepton_learner *learner;
		code = lepton_learner_find("network")->create(bench_networks[i].config, 1, b->data, &learner, err);
		if (code)
			return code;
		code = bench_learner(b, &bench_networks[i], learner, err);
		learner->ops->destroy(learner);
	}
	return code;
}

/* ---- data and main ------------------------------------------------------------------------------------ */

/* Images with MNIST's size and share of zeros, but nothing empty: what they show does not matter to the
 * arithmetic as long as no kernel can leave it out. */
static int make_data(struct lepton_dataset **out, struct lepton_error *err)
{
	const struct lepton_shape shape = {3, {28, 28, 1}};
	size_t n = SAMPLES + TEST_SAMPLES, size = 28 * 28;
	uint8_t *images = lepton__calloc(n, size), *labels = lepton__calloc(n, 1);
	struct lepton__rng rng;
	int code = images && labels ? LEPTON_OK
				    : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the data");
	lepton__rng_init(&rng, 1, 0);
	for (size_t i = 0; i < n * size && !code; i++)
		images[i] = lepton__rng_below(&rng, 5) == 0 ? (uint8_t)lepton__rng_below(&rng, 256) : 0;
	for (size_t i = 0; i < n && !code; i++)
		labels[i] = (uint8_t)(i % 10);
	if (!code)
		code = lepton_dataset_from_u8(
			images, labels, (int64_t)n, TEST_SAMPLES, &shape, 10, 0, out, err);
	lepton__free(images);
	lepton__free(labels);
	return code;
}

static int run_cases(struct bench *b, const char *folder, struct lepton_error *err)
{
	int code = folder ? bench_open_data(b, folder, SAMPLES, err) : make_data(&b->data, err);
	if (!code)
		code = bench_kernels(b, err);
	if (!code)
		code = bench_each_network(b, err);
	if (!code)
		code = bench_versions(b, err);
	if (!code)
		code = bench_costs(b, err);
	lepton_dataset_release(b->data);
	return code;
}

static int run_bench(const struct verb *verb, int argc, char **argv)
{
	struct bench b = {.first = true};
	int64_t workers = sysconf(_SC_NPROCESSORS_ONLN), rounds = 3;
	bool peer = false;
	const char *folder = NULL;
	const struct arg table[] = {
		{"--workers", ARG_INTEGER, &workers, 1, 1024, "N",
			"workers of the engine's cases (default: one a core)"},
		{"--peer", ARG_FLAG, &peer, 0, 0, NULL,
			"only the same training beside PyTorch's, with the ratios"},
		{"--data", ARG_STRING, &folder, 0, 0, "DIR",
			"MNIST, to train on instead of images made here (--peer: data/mnist)"},
		{"--rounds", ARG_INTEGER, &rounds, 1, BENCH_ROUNDS_MAX, "N",
			"pairs of runs a case of --peer (default: 3)"},
		{"--only", ARG_STRING, &b.only, 0, 0, "TEXT", "only the cases whose names hold this text"},
		{"--json", ARG_FLAG, &b.json, 0, 0, NULL, "an array of objects"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	b.workers = (int)workers;
	b.peak = lepton__peak_flops(lepton__kernels_get(), PEAK_SECONDS);
	if (!b.json)
		printf("kernels %s, OpenBLAS core %s, peak of one core %.1f GFLOP/s, %" PRId64 " workers\n",
			lepton__kernels_get()->name, openblas_get_corename(), b.peak * 1e-9, workers);
	code = bench_check(&b, &err);
	if (!code)
		code = peer ? bench_peer(&b, folder ? folder : "data/mnist", (int)rounds, &err)
			    : run_cases(&b, folder, &err);
	if (b.json)
		printf(b.first ? "[]\n" : "\n]\n");
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_bench = {"bench", "[--workers N] [--only TEXT] [--peer] [--data DIR] [--rounds N] [--json]",
	"measure kernels, training steps and many versions", run_bench};
