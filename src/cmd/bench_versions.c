/* cmd/bench_versions.c - many versions at once through the engine: the figure a person feels.
 *
 * Everything the product does is on: the scheduler, events, a reader that folds them. The rate is steps done
 * by the wall clock after a warm-up, a mean over the window and not a best. How it scales, with workers and
 * with versions, is a ratio of two such rates; a machine's speed drifts, so the two are measured in turn,
 * several times, and the median of the pairs' ratios is said.
 */
#include "config.h"
#include "cmd/bench.h"
#include "base/clock.h"
#include "base/memory.h"
#include "tensor/bench_cases.h"

#include <stdio.h>
#include <unistd.h>

#define WARM_UP_SECONDS 0.5
#define WINDOW_SECONDS 2.0
#define METRIC_SECONDS 0.01 /* so that the last steps of a window are known to half a hundredth */

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
	struct lepton_engine *engine, const struct bench_network *n, int count, struct lepton_error *err)
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

/* Resident bytes of this process; 0 where the system does not tell. */
static double resident_bytes(void)
{
	double total = 0, pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	if (!file)
		return 0;
	if (fscanf(file, "%lf %lf", &total, &pages) != 2)
		pages = 0;
	fclose(file);
	return pages * (double)sysconf(_SC_PAGESIZE);
}

int bench_engine_rate(const struct bench *b, const struct bench_network *n, int count, int workers,
	double seconds, double *rate, double *resident, struct lepton_error *err)
{
	struct lepton_engine_options options = {
		.workers = workers, .metric_seconds = METRIC_SECONDS, .checkpoint_seconds = 1e9};
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
		drain(reader, &run, WARM_UP_SECONDS);
		double from = lepton__monotonic();
		int64_t before = total_steps(&run);
		drain(reader, &run, seconds);
		*rate = (double)(total_steps(&run) - before) * LEPTON__BENCH_BATCH /
			(lepton__monotonic() - from);
		if (resident)
			*resident = resident_bytes();
	}
	lepton_reader_close(reader);
	lepton_engine_free(engine);
	lepton_run_clear(&run);
	return code;
}

static int one_case(
	struct bench *b, const struct bench_network *n, int count, int workers, struct lepton_error *err)
{
	double rate;
	char name[128];
	snprintf(name, sizeof name, "engine, %s, %d version%s, %d worker%s", n->name, count,
		count > 1 ? "s" : "", workers, workers > 1 ? "s" : "");
	if (!bench_wants(b, name))
		return LEPTON_OK;
	int code = bench_engine_rate(b, n, count, workers, WINDOW_SECONDS, &rate, NULL, err);
	if (code)
		return code;
	bench_report(b, name, rate, rate * n->flops, workers);
	return LEPTON_OK;
}

/* ---- how it scales: the rate of one case over that of another, the seed CNN ---- */

#define PAIRS 7
#define PAIR_SECONDS 1.0

struct scale_case {
	const char *name;
	int versions, workers;       /* 0 workers: all */
	int of_versions, of_workers; /* beside these */
};

static int scale_rate(struct bench *b, int versions, int workers, double *rate, struct lepton_error *err)
{
	return bench_engine_rate(b, &bench_networks[0], versions, workers ? workers : b->workers,
		PAIR_SECONDS, rate, NULL, err);
}

static int scale(struct bench *b, const struct scale_case *c, struct lepton_error *err)
{
	double ratios[PAIRS];
	if (!bench_wants(b, c->name))
		return LEPTON_OK;
	for (int i = 0; i < PAIRS; i++) {
		double rate, base;
		int code = scale_rate(b, c->of_versions, c->of_workers, &base, err);
		if (!code)
			code = scale_rate(b, c->versions, c->workers, &rate, err);
		if (code)
			return code;
		ratios[i] = rate / base;
	}
	bench_report_value(b, c->name, bench_median(ratios, PAIRS), "times");
	return LEPTON_OK;
}

static int scales(struct bench *b, struct lepton_error *err)
{
	static const struct scale_case cases[] = {
		{"scale, seed CNN, 1 version, all workers to 1", 1, 0, 1, 1},
		{"scale, seed CNN, 2 versions, all workers to 1", 2, 0, 2, 1},
		{"scale, seed CNN, all workers, 1 version to 2", 1, 0, 2, 0},
		{"scale, seed CNN, all workers, 8 versions to 2", 8, 0, 2, 0},
		{"scale, seed CNN, all workers, 16 versions to 2", 16, 0, 2, 0},
	};
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof cases / sizeof *cases && !code; i++)
		code = scale(b, &cases[i], err);
	return code;
}

int bench_versions(struct bench *b, struct lepton_error *err)
{
	static const int counts[] = {1, 2, 4, 8, 16}, few[] = {2, 8};
	int code = one_case(b, &bench_networks[0], 1, 1, err);
	for (size_t i = 0; i < sizeof counts / sizeof *counts && !code; i++)
		code = one_case(b, &bench_networks[0], counts[i], b->workers, err);
	for (size_t c = 0; c < sizeof few / sizeof *few; c++)
		for (size_t i = 1; i < BENCH_NETWORKS && !code; i++)
			code = one_case(b, &bench_networks[i], few[c], b->workers, err);
	return code ? code : scales(b, err);
}
