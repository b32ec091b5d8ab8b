/* tensor/ops.h - the operations of one instruction set, by name.
 *
 * Every operation's file is compiled once per instruction set with LEPTON_ISA set to its name
 * (room.am), and its functions are called lepton__OPERATION_ISA; OP(gemm) is this set's gemm.
 */
#ifndef LEPTON_TENSOR_OPS_H
#define LEPTON_TENSOR_OPS_H

#include "tensor/kernels.h"
#include "tensor/few.h"
#include "tensor/live.h"
#include "tensor/product.h"
#include "tensor/strips.h"
#include "tensor/taps.h"

extern const struct lepton__kernels lepton__kernels_portable, lepton__kernels_avx2, lepton__kernels_avx512;

#ifdef LEPTON_ISA
#define OP_JOIN(name, isa) lepton__##name##_##isa
#define OP_EXPAND(name, isa) OP_JOIN(name, isa)
#define OP(name) OP_EXPAND(name, LEPTON_ISA)

void OP(gemm)(bool trans_a, bool trans_b, int m, int n, int k, float alpha, const float *a, int lda,
	const float *b, int ldb, float beta, float *c, int ldc);
/* C[m×n] = A·B, and faster where A has many zeros; zero times an infinity or NaN may count as nothing. */
void OP(gemm_sparse)(
	int m, int n, int k, const float *a, int lda, const float *b, int ldb, float *c, int ldc);
/* C[m×n] = A'·B, where the sum over each `part` rows of A and B is added to C by itself; of zeros as above.
 */
void OP(gemm_parts)(int m, int n, int k, int part, const float *a, int lda, const float *b, int ldb, float *c, int ldc);
void OP(dense_forward)(int n, int in, int units, const float *x, const float *w, const float *bias,
	enum lepton__activation act, float *y);
void OP(dense_backward)(int n, int part, int in, int units, const float *x, const float *w, const float *dz,
	float *dw, float *dbias, float *dx);
void OP(conv_forward)(const struct lepton__conv *g, int n, const float *x, const float *w, const float *bias,
	enum lepton__activation act, float *y, void *scratch);
void OP(conv_backward)(const struct lepton__conv *g, int n, int part, const float *x, const float *w,
	const float *dz, float *dw, float *dbias, float *dx, void *scratch);
size_t OP(conv_scratch)(const struct lepton__conv *g, int n);
size_t OP(conv_pool_scratch)(const struct lepton__conv_pool *c);
void OP(conv_pool_forward)(const struct lepton__conv_pool *c, int n, const float *x, const float *w,
	const float *bias, float *y, int32_t *argmax, void *scratch);
void OP(conv_pool_backward)(const struct lepton__conv_pool *c, int n, int part, const float *x, const float *w,
	const float *y, const float *dy, const int32_t *argmax, float *dw, float *dbias, float *dx, void *scratch);
bool OP(tail_fits)(const struct lepton__conv *g, enum lepton__activation act, int units);
size_t OP(tail_scratch)(const struct lepton__conv *g, int n, int units);
void OP(tail_forward)(const struct lepton__tail *t, int from, int to, float *y, void *scratch);
void OP(tail_backward)(const struct lepton__tail *t, int from, int to, const float *dz,
	const struct lepton__tail_gradient *d, void *scratch);
void OP(max_pool_forward)(const struct lepton__pool *g, int n, const float *x, float *y, int32_t *argmax);
void OP(max_pool_backward)(
	const struct lepton__pool *g, int n, const float *dy, const int32_t *argmax, float *dx);
void OP(activate)(enum lepton__activation act, int64_t n, const float *x, float *y);
void OP(activate_backward)(
	enum lepton__activation act, int64_t n, const float *y, const float *dy, float *dx);
void OP(softmax)(int n, int classes, const float *logits, float *p);
void OP(softmax_cross_entropy)(int n, int classes, const float *logits, const int32_t *labels, float scale,
	float *dz, double *loss, int64_t *right);
void OP(int8_forward)(const struct lepton__int8 *p);
void OP(int8_forward_pairs)(const struct lepton__int8 *p);
void OP(quantize_u8)(int64_t n, const float *x, float scale, float zero, uint8_t *y);
void OP(max_pool_u8)(const struct lepton__pool *g, int n, const uint8_t *x, uint8_t *y);
void OP(column_sizes)(int64_t rows, int64_t columns, const float *w, float *largest, float *sum);
void OP(code_sums)(int64_t rows, int64_t columns, const float *w, const float *scale, float most, float *cross, float *square,
	float *error);
void OP(code_round)(int64_t rows, int64_t columns, const float *w, const float *scale, float most, float *y);
void OP(scale_u8)(int64_t n, const uint8_t *pixels, float scale, float *x);
void OP(add)(int64_t n, const float *part, float *sum);
void OP(drop_draw)(const struct lepton__rng *rng, int64_t n, uint32_t below, uint8_t *keep);
void OP(drop_apply)(int64_t n, const uint8_t *keep, float scale, const float *from, float *to);
void OP(adam)(int64_t n, const struct lepton__adam *o, const float *grad, float *m, float *v, float *w);
void OP(sgd)(int64_t n, float learning_rate, float momentum, const float *grad, float *v, float *w);
bool OP(all_finite)(int64_t n, const float *x);
double OP(peak)(int64_t rounds);
/* What the layers are made of. */
void OP(product)(const struct lepton__product *p);
/* Of a product of one segment, no more than two vectors of columns, with either a's steps or its rows side by
 * side, the lists for up to LEPTON__LIVE_ROWS rows, and whether they are short enough to be of use; and the
 * product by them, which starts with nothing or with c. `bits` has room for the steps, in whole vectors. */
bool OP(live_find)(const struct lepton__product *p, struct lepton__live *live, int32_t *bits);
void OP(live_product)(const struct lepton__product *p, const struct lepton__live *live);
void OP(few_forward)(const struct lepton__few *f);
void OP(few_backward)(const struct lepton__few *f);
/* A block's weights: w[features × units], turned, and the other way. */
void OP(few_turn)(int features, int units, const float *w, float *turned);
void OP(few_turn_back)(int features, int units, const float *turned, float *w);
void OP(few_sums)(int n, int units, const float *sums, const float *bias, float *y);
/* How many of a product's last columns are better done as dot products, 0 to LEPTON__DOTS_MAX; those columns
 * of b turned, for columns · segments · (length rounded up to lanes) floats; and a product of nothing but
 * them, with a bias. */
int OP(dots_columns)(const struct lepton__product *p);
void OP(dots_turn)(const struct lepton__product *p, int columns, float *turned);
void OP(dots)(const struct lepton__product *p, const float *turned);
void OP(strips)(const struct lepton__strips *s);
void OP(taps)(const struct lepton__taps *t);
/* Rows of pixels of the convolution itself; no more taps than taps_forward_max() says. */
int OP(taps_forward_max)(void);
void OP(taps_forward)(const struct lepton__taps *t, const float *w, const float *bias, bool relu, float *y);
void OP(transpose)(ptrdiff_t rows, ptrdiff_t columns, const float *from, ptrdiff_t from_row, float *to,
	ptrdiff_t to_row);
/* Column sums, those of every `part` rows first; shared by layers. */
void OP(bias_gradient)(int64_t rows, int64_t part, int units, const float *dz, float *dbias);
void OP(bias_activate)(enum lepton__activation act, int64_t rows, int units, const float *bias, float *y);
#endif

#endif
