/* tensor/kernels.h - the arithmetic of a training step, one table of functions per CPU kind.
 *
 * Tables: "avx512", "avx2", "portable". The best one this CPU runs is chosen once; the environment
 * variable LEPTON_KERNELS=NAME chooses another (tests); a name this CPU cannot run is ignored. All results are deterministic for one
 * table. Nothing allocates; scratch space is the caller's. All float32, row-major, NHWC.
 * Any n, odd sizes and unaligned pointers are fine; 64-byte alignment is faster.
 */
#ifndef LEPTON_TENSOR_KERNELS_H
#define LEPTON_TENSOR_KERNELS_H

#include "lepton/error.h"
#include "tensor/int8.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEPTON__PART_MAX 128 /* samples: see dense_backward */

enum lepton__activation { LEPTON__LINEAR, LEPTON__RELU, LEPTON__TANH, LEPTON__SIGMOID, LEPTON__SOFTMAX };

struct lepton__conv { /* one convolution's geometry, per sample */
	int in_h, in_w, in_c;
	int k_h, k_w;
	int stride_h, stride_w;
	int pad_top, pad_left; /* zero padding; bottom/right follow from out_h, out_w */
	int out_h, out_w, out_c;
};
struct lepton__pool {
	int in_h, in_w, channels, k_h, k_w, stride_h, stride_w, pad_top, pad_left, out_h, out_w;
};

struct lepton__adam {
	float learning_rate, beta1, beta2, epsilon;
	int64_t step; /* 1-based, for bias correction */
};

/* Conv2D → MaxPooling2D as one operation: see conv_pool_forward. */
struct lepton__conv_pool {
	const struct lepton__conv *conv;
	const struct lepton__pool *pool; /* of the convolution's output */
	enum lepton__activation act;     /* of the convolution: LINEAR or RELU */
};

/* Conv2D → Flatten → Dense as one operation: see tail_forward. */
struct lepton__tail {
	const struct lepton__conv *conv;
	enum lepton__activation act; /* of the convolution: LINEAR or RELU */
	int n, units;                /* samples, units */
	const float *x, *conv_w, *conv_bias;
	const float *dense_w; /* [out_h·out_w·out_c × units] */
};
struct lepton__tail_gradient { float *conv_w, *conv_bias, *dense_w; };

/* Counter-based random numbers (Philox 4x32-10; Salmon et al., SC 2011): value i of stream (key, stream). */
struct lepton__rng {
	uint64_t key, stream, counter;
};
/* Its constants. */
#define LEPTON__PHILOX_ROUNDS 10
#define LEPTON__PHILOX_M0 0xD2511F53u
#define LEPTON__PHILOX_M1 0xCD9E8D57u
#define LEPTON__PHILOX_W0 0x9E3779B9u /* the golden ratio */
#define LEPTON__PHILOX_W1 0xBB67AE85u /* the square root of 3, less 1 */

struct lepton__kernels {
	const char *name;
	bool joins_parts; /* what is said of parts at dense_backward holds; OpenBLAS, under "portable", says no such thing */

	/* C[m×n] = alpha·op(A)·op(B) + beta·C, BLAS conventions, row-major with leading dimensions. */
	void (*gemm)(bool trans_a, bool trans_b, int m, int n, int k, float alpha, const float *a, int lda,
		const float *b, int ldb, float beta, float *c, int ldc);

	/* y[n×units] = act(x[n×in]·w[in×units] + bias). SOFTMAX is not applied here (treated as LINEAR). */
	void (*dense_forward)(int n, int in, int units, const float *x, const float *w, const float *bias,
		enum lepton__activation act, float *y);
	/* From dz[n×units] (gradient before activation): dw[in×units] (overwritten), dbias[units]
	 * (overwritten), dx[n×in] (overwritten; NULL: not wanted). Each `part` samples are summed by
	 * themselves and the parts' sums then added in order, so that n samples at once give the same bits
	 * as part samples at a time whose gradients are added with `add`; 0 < part, and n or more is one part. The bits are so with
	 * joins_parts and up to LEPTON__PART_MAX samples a part. */
	void (*dense_backward)(int n, int part, int in, int units, const float *x, const float *w,
		const float *dz, float *dw, float *dbias, float *dx);

	/* y[n×out_h×out_w×out_c] = act(conv(x) + bias). `scratch` has conv_scratch(…) bytes, any contents. */
	void (*conv_forward)(const struct lepton__conv *g, int n, const float *x, const float *w,
		const float *bias, enum lepton__activation act, float *y, void *scratch);
	/* From dz (gradient before activation): dw, dbias (overwritten), dx (overwritten; NULL: not wanted).
	 * `part` as in dense_backward. */
	void (*conv_backward)(const struct lepton__conv *g, int n, int part, const float *x, const float *w,
		const float *dz, float *dw, float *dbias, float *dx, void *scratch);
	size_t (*conv_scratch)(const struct lepton__conv *g, int n);

	/* A convolution whose output only a max pooling reads, without storing it for more than one sample: the
	 * results of conv_forward, max_pool_forward and their backward passes, to rounding on the way back. y and
	 * argmax are the pooling's, dy its gradient; x, w, dw, dbias, dx and part are the convolution's. `scratch` has
	 * conv_pool_scratch(…) bytes, 64-byte aligned, any contents. */
	size_t (*conv_pool_scratch)(const struct lepton__conv_pool *c);
	void (*conv_pool_forward)(const struct lepton__conv_pool *c, int n, const float *x, const float *w,
		const float *bias, float *y, int32_t *argmax, void *scratch);
	void (*conv_pool_backward)(const struct lepton__conv_pool *c, int n, int part, const float *x, const float *w,
		const float *y, const float *dy, const int32_t *argmax, float *dw, float *dbias, float *dx, void *scratch);

	/* A network that ends in Conv2D (its first layer with weights) → Flatten → Dense with few units, without ever
	 * storing what lies between: the results of conv_forward, dense_forward (no activation) and their backward
	 * passes to rounding, but several times as fast. A call does rows from..to of the convolution's output, so
	 * that threads can share a batch: y[n×units] is overwritten by what these rows give, without the dense
	 * bias; conv_w and conv_bias of the gradient by these rows' sums, and of dense_w these rows' weights. The
	 * caller adds up y, conv_w and conv_bias of all calls. dz is n×units. No gradient by x. tail_fits says
	 * whether a shape is eligible; `scratch` has tail_scratch(…) bytes, 64-byte aligned, any contents. */
	bool (*tail_fits)(const struct lepton__conv *g, enum lepton__activation act, int units);
	size_t (*tail_scratch)(const struct lepton__conv *g, int n, int units);
	void (*tail_forward)(const struct lepton__tail *t, int from, int to, float *y, void *scratch);
	void (*tail_backward)(const struct lepton__tail *t, int from, int to, const float *dz,
			const struct lepton__tail_gradient *d, void *scratch);

	/* argmax[…] holds, per output, the offset of the winner inside its sample's input (the first of
	 * equals). */
	void (*max_pool_forward)(
		const struct lepton__pool *g, int n, const float *x, float *y, int32_t *argmax);
	void (*max_pool_backward)(
		const struct lepton__pool *g, int n, const float *dy, const int32_t *argmax, float *dx);

	/* y may be x. n values. Not SOFTMAX. */
	void (*activate)(enum lepton__activation act, int64_t n, const float *x, float *y);
	/* dx = dy · act'(x), from the activation's output y. dx may be dy. Not SOFTMAX. */
	void (*activate_backward)(
		enum lepton__activation act, int64_t n, const float *y, const float *dy, float *dx);

	/* Rows of logits → rows of probabilities; p may be logits. */
	void (*softmax)(int n, int classes, const float *logits, float *p);
	/* Softmax cross-entropy: sum of losses over n rows into *loss, right answers into *right, and, when
	 * dz is not NULL, dz = (softmax − onehot)·scale. dz may be logits. Stable for large logits. NaN in,
	 * NaN loss out. */
	void (*softmax_cross_entropy)(int n, int classes, const float *logits, const int32_t *labels,
		float scale, float *dz, double *loss, int64_t *right);

	/* Networks of 8-bit whole numbers (int8.h). The second form does without the instruction that some CPUs of this
	 * set lack, for tests: the same bits. */
	void (*int8_forward)(const struct lepton__int8 *p);
	void (*int8_forward_pairs)(const struct lepton__int8 *p);
	/* y[i] = x[i] · scale + zero, rounded, half up, and held within 0..127. NaN gives 0. */
	void (*quantize_u8)(int64_t n, const float *x, float scale, float zero, uint8_t *y);
	void (*max_pool_u8)(const struct lepton__pool *g, int n, const uint8_t *x, uint8_t *y);

	/* Of w[rows×columns], by columns: the largest size and the sum of sizes. */
	void (*column_sizes)(int64_t rows, int64_t columns, const float *w, float *largest, float *sum);
	/* With code = w / scale rounded, to even, and held within -most..most (0 where the scale is not above 0): the sums of
	 * w·code, of code², and of (w - scale·code)². */
	void (*code_sums)(int64_t rows, int64_t columns, const float *w, const float *scale, float most, float *cross,
		float *square, float *error);
	/* y = scale·code. y may be w. */
	void (*code_round)(int64_t rows, int64_t columns, const float *w, const float *scale, float most, float *y);

	/* x[n] = pixels[n] · scale */
	void (*scale_u8)(int64_t n, const uint8_t *pixels, float scale, float *x);
	/* sum[i] += part[i] */
	void (*add)(int64_t n, const float *part, float *sum);
	/* keep[i] = 1 where value i of the stream, from its beginning, is `below` or more; else 0. */
	void (*drop_draw)(const struct lepton__rng *rng, int64_t n, uint32_t below, uint8_t *keep);
	/* to[i] = from[i] · scale where keep[i] is 1, +0 where it is 0. to may be from. */
	void (*drop_apply)(int64_t n, const uint8_t *keep, float scale, const float *from, float *to);
	void (*adam)(
		int64_t n, const struct lepton__adam *o, const float *grad, float *m, float *v, float *w);
	/* v = momentum·v − lr·g; w += v (Keras); with momentum 0, v may be NULL. */
	void (*sgd)(int64_t n, float learning_rate, float momentum, const float *grad, float *v, float *w);
	bool (*all_finite)(int64_t n, const float *x);
	/* Multiply-adds on registers only, for peak.c; returns the float operations done. */
	double (*peak)(int64_t rounds);
};

/* The table in use. Thread-safe; decided at the first call. */
const struct lepton__kernels *lepton__kernels_get(void);
/* A table by name, for tests and bench; NULL when unknown or not runnable on this CPU. */
const struct lepton__kernels *lepton__kernels_find(const char *name);
const char *const *lepton__kernels_names(void); /* NULL-terminated, best first */

/* Numbers out of a stream. */
void lepton__rng_init(struct lepton__rng *rng, uint64_t key, uint64_t stream);
void lepton__rng_block(const struct lepton__rng *rng, uint64_t counter, uint32_t out[4]);
uint32_t lepton__rng_u32(struct lepton__rng *rng);  /* next; advances by one value */
float lepton__rng_uniform(struct lepton__rng *rng); /* [0, 1) with 24 bits */
double lepton__rng_normal(struct lepton__rng *rng);
uint32_t lepton__rng_below(struct lepton__rng *rng, uint32_t bound); /* unbiased */

#endif
