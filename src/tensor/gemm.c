/* tensor/gemm.c - the general matrix product.
 *
 * b is packed, a panel of DEPTH × WIDTH at a time (32 KB: two thirds of a first-level cache), times
 * alpha, so that the inner loop reads it in order whichever way it was stored; a is read in place,
 * for a broadcast costs the same from anywhere. Each panel serves all m rows: per panel 2·m flops a
 * packed value, so from m = 30 on packing is below 5 % of the work. For the products of small
 * networks (m = 128, n = 300, k = 784) this reaches the same share of peak as OpenBLAS does with the
 * kernels it has for the CPU, and does not depend on which kernels OpenBLAS was told to use.
 *
 * In plain C the compiler's vectors are far from what OpenBLAS has for the CPU at hand, so there
 * the product is OpenBLAS's, held to one thread: the scheduler has every core busy already.
 */
#include "config.h"
#include "tensor/ops.h"
#include "tensor/vec.h"

#if LEPTON_LANES == 4

#include <cblas.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void single_thread(void)
{
	openblas_set_num_threads(1);
}

void OP(gemm)(bool trans_a, bool trans_b, int m, int n, int k, float alpha, const float *a, int lda,
	const float *b, int ldb, float beta, float *c, int ldc)
{
	if (m <= 0 || n <= 0)
		return;
	pthread_once(&once, single_thread);
	cblas_sgemm(CblasRowMajor, trans_a ? CblasTrans : CblasNoTrans, trans_b ? CblasTrans : CblasNoTrans,
		m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void OP(gemm_parts)(int m, int n, int k, int part, const float *a, int lda, const float *b, int ldb, float *c, int ldc)
{
	OP(gemm)(true, false, m, n, k < part ? k : part, 1, a, lda, b, ldb, 0, c, ldc);
	for (int p = part; p < k; p += k - p < part ? k - p : part)
		OP(gemm)
		(true, false, m, n, k - p < part ? k - p : part, 1, a + (ptrdiff_t)p * lda, lda, b + (ptrdiff_t)p * ldb, ldb,
			1, c, ldc);
}

#else

#define WIDTH (2 * LANES)
#define DEPTH (8192 / WIDTH)

static int at_most(int a, int b)
{
	return a < b ? a : b;
}

/* c = beta · c; c is not read when beta is 0. */
static void scale_c(int m, int n, float beta, float *c, int ldc)
{
	for (int i = 0; i < m; i++, c += ldc) {
		if (beta > 0 || beta < 0)
			for (int j = 0; j < n; j++)
				c[j] *= beta;
		else
			memset(c, 0, (size_t)n * sizeof(*c));
	}
}

/* Of a whole panel the second vector of a row may be partial, of a narrow one the only. */
static void pack_rows(int depth, int width, float alpha, const float *b, ptrdiff_t ldb, float *panel)
{
	const vec scale = vec_set(alpha);
	const vec_mask first = vec_first(at_most(width, LANES)),
		       second = vec_first(width > LANES ? width - LANES : 0);
	for (int p = 0; p < depth; p++, b += ldb, panel += WIDTH) {
		vec_store(panel, vec_load_part(b, first) * scale);
		if (width > LANES)
			vec_store(panel + LANES, vec_load_part(b + LANES, second) * scale);
	}
}

static void pack_columns(int depth, int width, float alpha, const float *b, ptrdiff_t ldb, float *panel)
{
	OP(transpose)(width, depth, b, ldb, panel, WIDTH);
	if (alpha > 1 || alpha < 1)
		for (int i = 0; i < depth * WIDTH; i += LANES)
			vec_store(panel + i, vec_load(panel + i) * vec_set(alpha));
}

/* Blocks of k as even as they come, for a short last one would spend its time on loading and storing c. */
static int even_share(int k)
{
	const int blocks = (k + DEPTH - 1) / DEPTH;
	return blocks > 1 ? (k + blocks - 1) / blocks : DEPTH;
}

/* The steps of k go by blocks; each part's sum, or a block's where parts are longer, is added to c by itself. */
static void blocked(bool trans_a, bool trans_b, int m, int n, int k, int part, float alpha, const float *a,
	int lda, const float *b, int ldb, bool keep, float *c, int ldc)
{
	float panel[DEPTH * WIDTH] __attribute__((aligned(64)));
	const int block = part < DEPTH ? DEPTH / part * part : even_share(k);
	for (int p = 0; p < k; p += block)
		for (int j = 0; j < n; j += WIDTH) {
			const int depth = at_most(k - p, block), width = at_most(n - j, WIDTH);
			if (trans_b)
				pack_columns(depth, width, alpha, b + (ptrdiff_t)j * ldb + p, ldb, panel);
			else
				pack_rows(depth, width, alpha, b + (ptrdiff_t)p * ldb + j, ldb, panel);
			OP(product)
			(&(struct lepton__product){.rows = m,
				.columns = width,
				.segments = 1,
				.length = depth,
				.part = part < depth ? part : 0,
				.a = a + (trans_a ? (ptrdiff_t)p * lda : p),
				.a_row = trans_a ? 1 : lda,
				.a_step = trans_a ? lda : 1,
				.b = panel,
				.b_step = WIDTH,
				.c = c + j,
				.c_row = ldc,
				.start = keep || p ? LEPTON__PRODUCT_ADD : LEPTON__PRODUCT_ZERO});
		}
}

void OP(gemm)(bool trans_a, bool trans_b, int m, int n, int k, float alpha, const float *a, int lda,
	const float *b, int ldb, float beta, float *c, int ldc)
{
	const bool keep = beta > 0 || beta < 0;
	if (m <= 0 || n <= 0)
		return;
	if (k <= 0 || (keep && (beta > 1 || beta < 1)))
		scale_c(m, n, beta, c, ldc);
	blocked(trans_a, trans_b, m, n, k, DEPTH, alpha, a, lda, b, ldb, keep, c, ldc);
}

void OP(gemm_parts)(int m, int n, int k, int part, const float *a, int lda, const float *b, int ldb, float *c, int ldc)
{
	if (m <= 0 || n <= 0)
		return;
	if (k <= 0)
		scale_c(m, n, 0, c, ldc);
	blocked(true, false, m, n, k, part, 1, a, lda, b, ldb, false, c, ldc);
}

#endif
