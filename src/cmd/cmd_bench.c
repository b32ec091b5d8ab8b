/* cmd/cmd_bench.c - lepton bench: how near the hardware's limit we are.
 *
 * Machines are noisy, so every figure is the best of several short repetitions, and speed is said as a
 * fraction of the core's own measured multiply-add peak. Three kinds of case: each kernel at the
 * shapes that matter, a training step of three networks on one core, and 1, 2, 4 … versions of the seed
 * network through the engine on all workers. Data is made here, so the benchmark needs none.
 */
#include "config.h"
#include "cmd/verb.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "tensor/bench_cases.h"
#include "tensor/peak.h"

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
static const struct network {
	const char *name, *config;
	double flops;
} networks[] = {
	{"seed CNN",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[28,28,1]},{\"type\":\"Conv2D\",\"filters\":32,"
		"\"kernel_size\":[3,3],"
		"\"activation\":\"relu\"},{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":10,"
		"\"activation\":\"softmax\"}],"
		"\"optimizer\":{\"name\":\"adam\"},\"batch_size\":128,\"epochs\":1000}",
		2.0 * (2 * 676 * 32 * 9 + 3 * 21632 * 10)},
	{"MLP 784-300-100-10",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[28,28,1]},{\"type\":\"Flatten\"},{\"type\":"
		"\"Dense\",\"units\":300,"
		"\"activation\":\"relu\"},{\"type\":\"Dense\",\"units\":100,\"activation\":\"relu\"},{"
		"\"type\":\"Dense\",\"units\":10,"
		"\"activation\":\"softmax\"}],\"optimizer\":{\"name\":\"adam\"},\"batch_size\":128,"
		"\"epochs\":1000}",
		2.0 * (2 * 784 * 300 + 3 * 300 * 100 + 3 * 1000)},
	{"LeNet 20-50-500",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[28,28,1]},{\"type\":\"Conv2D\",\"filters\":20,"
		"\"kernel_size\":[5,5]},"
		"{\"type\":\"MaxPooling2D\"},{\"type\":\"Conv2D\",\"filters\":50,\"kernel_size\":[5,5]},{"
		"\"type\":\"MaxPooling2D\"},"
		"{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":500,\"activation\":\"relu\"},{\"type\":"
		"\"Dense\",\"units\":10,"
		"\"activation\":\"softmax\"}],\"optimizer\":{\"name\":\"adam\"},\"batch_size\":128,"
		"\"epochs\":1000}",
		2.0 * (2 * 576 * 25 * 20 + 3 * 64 * 25 * 20 * 50 + 3 * 800 * 500 + 3 * 5000)},
};

#define NETWORKS (sizeof networks / sizeof *networks)

struct bench {
	bool json, first;
	double peak; /* of one core */
	struct lepton_dataset *data;
};

static void report(struct bench *b, const char *name, double samples_per_second, double flops, int cores)
{
	double peak = b->peak * cores, gflops = flops * 1e-9;
	if (!b->json) {
		printf("%-52s", name);
		if (samples_per_second > 0)
			printf(" %10.0f samples/s", samples_per_second);
		else
			printf(" %20s", "");
		printf(" %8.1f GFLOP/s  %5.1f %% of peak\n", gflops, 100 * flops / peak);
		return;
	}
	struct lepton__buffer out;
	lepton__buffer_init(&out, 65536);
	lepton__buffer_string(&out, b->first ? "[\n " : ",\n ");
	b->first = false;
	lepton__buffer_string(&out, "{\"case\":");
	lepton__json_string(&out, name);
	lepton__buffer_string(&out, ",\"samples_per_second\":");
	lepton__json_number(&out, samples_per_second > 0 ? samples_per_second : NAN);
	lepton__buffer_string(&out, ",\"gflops\":");
	lepton__json_number(&out, gflops);
	lepton__buffer_string(&out, ",\"peak_gflops\":");
	lepton__json_number(&out, peak * 1e-9);
	lepton__buffer_string(&out, ",\"fraction_of_peak\":");
	lepton__json_number(&out, flops / peak);
	lepton__buffer_string(&out, "}");
	fputs(out.data ? out.data : "", stdout);
	lepton__buffer_free(&out);
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
		float *memory = lepton__aligned(1, lepton__kernel_case_bytes(&cases[i]));
		if (!memory)
			return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %s", cases[i].name);
		lepton__kernel_case_fill(&cases[i], memory);
		double seconds = best_kernel_time(&cases[i], k, memory);
		char name[128];
		snprintf(name, sizeof name, "kernel %s %s", cases[i].network, cases[i].name);
		report(b, name, 0, cases[i].flops(&cases[i]) / seconds, 1);
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

static int bench_networks(struct bench *b, struct lepton_error *err)
{
	for (size_t i = 0; i < NETWORKS; i++) {
		struct lepton_learner *learner;
		double rate;
		char name[128];
		int code =
			lepton_learner_find("network")->create(networks[i].config, 1, b->data, &learner, err);
		if (code)
			return code;
		code = time_steps(learner, &rate, err);
		learner->ops->destroy(learner);
		if (code)
			return code;
		snprintf(name, sizeof name, "training step, %s, 1 core", networks[i].name);
		report(b, name, rate, rate * networks[i].flops, 1);
	}
	return LEPTON_OK;
}

/* ---- many versions through the engine ---------------------------------------------------------------- */

static int64_t total_steps(const struct lepton_run *run)
{
	int64_t steps = 0;
	for (size_t i = 0; i < run->version_count; i++)
		steps += run->versions[i]->step;
	return steps;
}

static void drain(struct lepton_reader *reader, struct lepton_run *run, double seconds)
{
	double until = lepton__monotonic() + seconds;
	for (double left = seconds; left > 0; left = until - lepton__monotonic()) {
		struct lepton_event event;
		if (lepton_reader_next(reader, left, &event)) {
			lepton_run_apply(run, &event, NULL);
			lepton_event_clear(&event);
		}
	}
}

static int add_versions(
	struct lepton_engine *engine, const struct network *n, int count, struct lepton_error *err)
{
	for (int i = 0; i < count; i++) {
		int64_t id;
		struct lepton_spec_version version = {
			.learner = "network", .seed = (uint64_t)i, .priority = 1};
		snprintf(version.name, sizeof version.name, "v%d", i + 1);
		version.config = lepton__strdup(n->config);
		int code = version.config ? lepton_engine_add(engine, &version, &id, err) : LEPTON_E_NOMEM;
		lepton__free(version.config);
		if (code)
			return code;
	}
	return LEPTON_OK;
}

static int bench_versions(
	struct bench *b, const struct network *n, int count, int workers, struct lepton_error *err)
{
	struct lepton_engine_options options = {.workers = workers, .checkpoint_seconds = 1e9};
	struct lepton_engine *engine = NULL;
	struct lepton_reader *reader = NULL;
	struct lepton_run run;
	lepton_run_init(&run);
	int code = lepton_engine_create(&options, "bench", 1, b->data, "{}", &engine, err);
	if (!code)
		code = lepton_reader_open(engine, true, &reader, NULL, err);
	if (!code)
		code = add_versions(engine, n, count, err);
	if (!code)
		code = lepton_engine_start(engine, err);
	if (!code) {
		drain(reader, &run, 0.5); /* warm-up */
		double from = lepton__monotonic();
		int64_t before = total_steps(&run);
		drain(reader, &run, 2.0);
		double rate = (double)(total_steps(&run) - before) * LEPTON__BENCH_BATCH /
			      (lepton__monotonic() - from);
		char name[128];
		snprintf(name, sizeof name, "engine, %s, %d version%s, %d worker%s", n->name, count,
			count > 1 ? "s" : "", workers, workers > 1 ? "s" : "");
		report(b, name, rate, rate * n->flops, workers);
	}
	lepton_reader_close(reader);
	lepton_engine_free(engine);
	lepton_run_clear(&run);
	return code;
}

static int bench_engine(struct bench *b, int workers, struct lepton_error *err)
{
	static const int counts[] = {1, 2, 4, 8, 16};
	int code = bench_versions(b, &networks[0], 1, 1, err);
	for (size_t i = 0; i < sizeof counts / sizeof *counts && !code; i++)
		code = bench_versions(b, &networks[0], counts[i], workers, err);
	for (size_t i = 1; i < NETWORKS && !code; i++)
		code = bench_versions(b, &networks[i], 2, workers, err);
	for (size_t i = 1; i < NETWORKS && !code; i++)
		code = bench_versions(b, &networks[i], 8, workers, err);
	return code;
}

/* ---- data and main ------------------------------------------------------------------------------------ */

/* Images with MNIST's size and share of zeros; what they show does not matter to the arithmetic. */
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

static int run_bench(const struct verb *verb, int argc, char **argv)
{
	struct bench b = {.first = true};
	int64_t workers = sysconf(_SC_NPROCESSORS_ONLN);
	const struct arg table[] = {
		{"--workers", ARG_INTEGER, &workers, 1, 1024, "N",
			"workers of the engine's cases (default: one a core)"},
		{"--json", ARG_FLAG, &b.json, 0, 0, NULL, "an array of objects"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	b.peak = lepton__peak_flops(lepton__kernels_get(), PEAK_SECONDS);
	if (!b.json)
		printf("kernels %s, peak of one core %.1f GFLOP/s, %" PRId64 " workers\n",
			lepton__kernels_get()->name, b.peak * 1e-9, workers);
	code = make_data(&b.data, &err);
	if (!code)
		code = bench_kernels(&b, &err);
	if (!code)
		code = bench_networks(&b, &err);
	if (!code)
		code = bench_engine(&b, (int)workers, &err);
	if (b.json)
		printf(b.first ? "[]\n" : "\n]\n");
	lepton_dataset_release(b.data);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_bench = {
	"bench", "[--workers N] [--json]", "measure kernels, training steps and many versions", run_bench};
