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

void OP(gemm_sparse)(int m, int n, int k, const float *a, int lda, const float *b, int ldb, float *c, int ldc)
{
	OP(gemm)(false, false, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
}

#else

#define WIDTH (2 * LANES)
#define DEPTH (8192 / WIDTH)

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

/* c = a·b, both perhaps turned; what is common to all its blocks. */
struct gemm {
	bool trans_a, trans_b;
	int m, n, k, part;
	float alpha;
	const float *a, *b;
	int lda, ldb;
	bool keep; /* add to c */
	float *c;
	int ldc;
};

/* How many steps a block has: whole parts, where they are shorter. */
static int most_steps(const struct gemm *g)
{
	return g->part < DEPTH ? DEPTH / g->part * g->part : even_share(g->k);
}

static struct lepton__product block_of(const struct gemm *g, int row, int rows, int p)
{
	const int depth = at_most(g->k - p, most_steps(g));
	const ptrdiff_t a_row = g->trans_a ? 1 : g->lda, a_step = g->trans_a ? g->lda : 1;
	return (struct lepton__product){.rows = rows,
		.segments = 1,
		.length = depth,
		.part = g->part < depth ? g->part : 0,
		.a = g->a + row * a_row + p * a_step,
		.a_row = a_row,
		.a_step = a_step,
		.b_step = WIDTH,
		.c = g->c + (ptrdiff_t)row * g->ldc,
		.c_row = g->ldc,
		.start = g->keep || p ? LEPTON__PRODUCT_ADD : LEPTON__PRODUCT_ZERO};
}

/* Some rows, steps from p on: panel by panel, by the lists of steps if there are any. */
static void panels(
	const struct gemm *g, const struct lepton__product *block, int p, const struct lepton__live *live)
{
	float panel[DEPTH * WIDTH] __attribute__((aligned(64)));
	struct lepton__product part = *block;
	part.b = panel;
	for (int j = 0; j < g->n; j += WIDTH) {
		part.columns = at_most(g->n - j, WIDTH);
		part.c = block->c + j;
		if (g->trans_b)
			pack_columns(part.length, part.columns, g->alpha, g->b + (ptrdiff_t)j * g->ldb + p,
				g->ldb, panel);
		else
			pack_rows(part.length, part.columns, g->alpha, g->b + (ptrdiff_t)p * g->ldb + j,
				g->ldb, panel);
		if (live)
			OP(live_product)(&part, live);
		else
			OP(product)(&part);
	}
}

/* The same, as the zeros of these rows of a have it. */
static void panels_live(const struct gemm *g, const struct lepton__product *block, int p)
{
	int32_t steps[LEPTON__LIVE_TILES * (DEPTH + LANES)], bits[DEPTH];
	struct lepton__live live = {.room = DEPTH + LANES, .step = steps};
	panels(g, block, p, OP(live_find)(block, &live, bits) ? &live : NULL);
}

/* The steps of k go by blocks; each part's sum, or a block's where parts are longer, is added to c by itself.
 */
static void blocked(const struct gemm *g)
{
	for (int p = 0; p < g->k; p += most_steps(g)) {
		const struct lepton__product block = block_of(g, 0, g->m, p);
		panels(g, &block, p, NULL);
	}
}

/* With fewer columns the search for zeros would cost more than 1/20 of what it may save. */
#define SPARSE_COLUMNS (2 * WIDTH)

static void blocked_sparse(const struct gemm *g)
{
	if (g->n < SPARSE_COLUMNS) {
		blocked(g);
		return;
	}
	for (int p = 0; p < g->k; p += most_steps(g))
		for (int row = 0; row < g->m; row += LEPTON__LIVE_ROWS) {
			const struct lepton__product block =
				block_of(g, row, at_most(g->m - row, LEPTON__LIVE_ROWS), p);
			panels_live(g, &block, p);
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
	blocked(&(struct gemm){trans_a, trans_b, m, n, k, DEPTH, alpha, a, b, lda, ldb, keep, c, ldc});
}

void OP(gemm_sparse)(int m, int n, int k, const float *a, int lda, const float *b, int ldb, float *c, int ldc)
{
	if (m <= 0 || n <= 0)
		return;
	if (k <= 0)
		scale_c(m, n, 0, c, ldc);
	blocked_sparse(&(struct gemm){false, false, m, n, k, DEPTH, 1, a, b, lda, ldb, false, c, ldc});
}

void OP(gemm_parts)(int m, int n, int k, int part, const float *a, int lda, const float *b, int ldb, float *c, int ldc)
{
	if (m <= 0 || n <= 0)
		return;
	if (k <= 0)
		scale_c(m, n, 0, c, ldc);
	blocked_sparse(&(struct gemm){true, false, m, n, k, part, 1, a, b, lda, ldb, false, c, ldc});
}

#endif
