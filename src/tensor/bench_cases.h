/* tensor/bench_cases.h - the kernels at the shapes that matter, as a list `lepton bench` can walk.
 *
 * A case says how much memory it wants, is given that much once, and then runs as often as the caller
 * likes. `flops` counts the arithmetic the result needs (a multiply and an add are two), not what a
 * kernel spends on padding lanes; `bytes` counts each array once, read or written.
 */
#ifndef LEPTON_TENSOR_BENCH_CASES_H
#define LEPTON_TENSOR_BENCH_CASES_H

#include "tensor/kernels.h"

#define LEPTON__BENCH_BATCH 128

struct lepton__kernel_case {
	const char *network; /* "seed", "mlp", "lenet", or "any" */
	const char *name;    /* "conv_forward 28x28x1 to 26x26x32" */
	void (*run)(const struct lepton__kernel_case *c, const struct lepton__kernels *k, float *memory);
	int64_t (*floats)(const struct lepton__kernel_case *c);
	double (*flops)(const struct lepton__kernel_case *c);
	/* The shape; each case reads what it needs. */
	struct lepton__conv conv;
	int n, in, units;
	bool with_dx;
	int border; /* of images: pixels that are zero on each side, as a background */
	enum lepton__activation act;
};

const struct lepton__kernel_case *lepton__kernel_cases(size_t *count);
/* How much memory a run wants, in bytes, and a filling that keeps every value finite over many runs. */
size_t lepton__kernel_case_bytes(const struct lepton__kernel_case *c);
void lepton__kernel_case_fill(const struct lepton__kernel_case *c, float *memory);

#endif
