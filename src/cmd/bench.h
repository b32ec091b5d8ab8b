/* cmd/bench.h - what the files of `lepton bench` share. */
#ifndef LEPTON_CMD_BENCH_H
#define LEPTON_CMD_BENCH_H

#include "lepton/lepton.h"

enum { BENCH_ROUNDS_MAX = 100 };
#define BENCH_ACCURACY 0.9667 /* on the test images, as published for the seed CNN */
#define BENCH_ACCURACY_TEXT "0.9667"

struct bench_network {
	const char *name;
	const char *arch; /* what the peer's script calls it */
	const char *config;
	double flops;         /* arithmetic of a training step, a sample */
	double forward_flops; /* of the forward pass alone */
};
enum { BENCH_NETWORKS = 3 };
extern const struct bench_network bench_networks[BENCH_NETWORKS];

struct bench {
	bool json, first;
	const char *only; /* run the cases whose names hold this; NULL: all */
	double peak; /* of one core, FLOP/s */
	int workers;
	struct lepton_dataset *data;
};

bool bench_wants(const struct bench *b, const char *name);
/* A case with its arithmetic (FLOP/s), and one that is only a value in a unit. */
void bench_report(struct bench *b, const char *name, double samples_per_second, double flops, int cores);
void bench_report_value(struct bench *b, const char *name, double value, const char *unit);

/* Samples/s of `count` versions of a network together, through an engine with `workers` threads, over `seconds`
 * after a warm-up. resident (may be NULL): bytes the process held at the end. */
int bench_engine_rate(const struct bench *b, const struct bench_network *n, int count, int workers,
	double seconds, double *rate, double *resident, struct lepton_error *err);
/* LEPTON_E_STATE when a product by our kernels or by OpenBLAS differs from a plain triple loop. */
int bench_check(struct bench *b, struct lepton_error *err);
int bench_versions(struct bench *b, struct lepton_error *err); /* 1, 2, 4, 8, 16 versions */
int bench_costs(struct bench *b, struct lepton_error *err); /* scheduling, snapshot, checkpoint, event, frame, memory */
/* How long one version takes to the published accuracy; data is the whole of MNIST. Part of bench_peer. */
int bench_reach(struct bench *b, const char *script, const char *folder, int rounds, struct lepton_error *err);
int bench_peer_seconds(const char *script, const char *folder, double *seconds, struct lepton_error *err);
double bench_median(double *values, int count); /* sorts them */
/* The MNIST files of `folder` into b->data, instead of what it held; at most `limit` images, 0: all. */
int bench_open_data(struct bench *b, const char *folder, int64_t limit, struct lepton_error *err);
/* PyTorch beside us on the MNIST files of `folder`, in turn, `rounds` times; the median ratio of each case. */
int bench_peer(struct bench *b, const char *folder, int rounds, struct lepton_error *err);

#endif
