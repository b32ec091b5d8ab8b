/* fuse/fuse_regmean.c - each layer as the regression that best foretells what all parents' layers give.
 *
 * RegMean (Jin, Ren, Preotiuc-Pietro and Cheng: Dataless knowledge fusion by merging weights of language
 * models, ICLR 2023). With G the products X'X of what a parent's layer reads,
 *
 *     out = (Σ G)⁻¹ Σ G·parent
 *
 * is the matrix that errs least, in squares, against each parent's own outputs on its own inputs. What lies
 * off the diagonal of G is first made a little smaller (alpha), as their paper does: with alpha 0 each input
 * counts by itself, with 1 the solution overfits. To the diagonal a small share of its mean is added, so
 * that inputs that are never set get the parents' mean. Biases, embeddings and statistics are plain means. Of
 * a layer that reads very many numbers only the diagonal is taken: G would not fit into memory.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <string.h>

enum { WIDEST = 4096 }; /* 134 MB of G */
#define RIDGE 1e-6

/* Of Fortran, in OpenBLAS. No header of it is sure to be there; all that is passed is int and double. */
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b,
	const int *ldb, int *info);
void dgemm_(const char *transa, const char *transb, const int *m, const int *n, const int *k,
	const double *alpha, const double *a, const int *lda, const double *b, const int *ldb,
	const double *beta, double *c, const int *ldc);

static const struct lepton_option options[] = {
	LEPTON__FUSE_SAMPLES(1024),
	{"alpha", LEPTON_OPTION_NUMBER, 0.9, 0, 1, NULL, "what is left of the products off the diagonal"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

/* Of one kernel. Products are width × width, or where `thin` their diagonals. */
struct layer {
	int width, units;
	bool thin;
	double *own;     /* a parent's products */
	double *sum;     /* of all */
	double *right;   /* Σ G·parent, unit after unit */
	double *weights; /* a parent's, unit after unit */
	float *chunk;    /* products of a few samples */
};

struct regression {
	struct layer *layers; /* by tensor; width 0: no kernel */
	size_t count;
	double alpha;
	const struct lepton_params *like;
};

static size_t entries(const struct layer *layer)
{
	return layer->thin ? (size_t)layer->width : (size_t)layer->width * (size_t)layer->width;
}

static int start_layer(struct regression *r, const struct lepton_inputs *inputs, struct lepton_error *err)
{
	struct layer *layer = &r->layers[inputs->kernel];
	const struct lepton_shape *shape = &lepton_params_at(r->like, inputs->kernel)->shape;
	layer->width = (int)inputs->width;
	layer->units = (int)shape->dim[shape->rank - 1];
	layer->thin = layer->width > WIDEST;
	const size_t weights = (size_t)layer->width * (size_t)layer->units;
	layer->own = lepton__calloc(entries(layer), sizeof *layer->own);
	layer->sum = lepton__calloc(entries(layer), sizeof *layer->sum);
	layer->right = lepton__calloc(weights, sizeof *layer->right);
	layer->weights = lepton__calloc(weights, sizeof *layer->weights);
	layer->chunk = lepton__calloc(entries(layer), sizeof *layer->chunk);
	if (layer->own && layer->sum && layer->right && layer->weights && layer->chunk)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for the products of %d inputs", layer->width);
}

static void square_each(const struct lepton_inputs *inputs, double *own)
{
	const float *x = inputs->values;
	for (int64_t row = 0; row < inputs->rows; row++, x += inputs->width)
		for (int64_t i = 0; i < inputs->width; i++)
			own[i] += (double)x[i] * (double)x[i];
}

static int see(void *context, const struct lepton_inputs *inputs, struct lepton_error *err)
{
	struct regression *r = context;
	struct layer *layer = &r->layers[inputs->kernel];
	int code = layer->width ? LEPTON_OK : start_layer(r, inputs, err);
	if (code)
		return code;
	if (layer->thin) {
		square_each(inputs, layer->own);
		return LEPTON_OK;
	}
	const int n = layer->width;
	lepton__kernels_get()->gemm(true, false, n, n, (int)inputs->rows, 1, inputs->values, n,
		inputs->values, n, 0, layer->chunk, n);
	for (size_t i = 0; i < entries(layer); i++)
		layer->own[i] += (double)layer->chunk[i];
	return LEPTON_OK;
}

/* Off the diagonal less, on it a little more. */
static void temper(struct layer *layer, double alpha)
{
	const size_t n = (size_t)layer->width, step = layer->thin ? 1 : n + 1;
	double trace = 0;
	for (size_t i = 0; i < n; i++)
		trace += layer->own[i * step];
	for (size_t i = 0; !layer->thin && i < n * n; i++)
		layer->own[i] *= i % step ? alpha : 1;
	for (size_t i = 0; i < n; i++)
		layer->own[i * step] += RIDGE * (trace > 0 ? trace / (double)n : 1);
}

static void turn(const struct layer *layer, const float *kernel, double *to)
{
	for (int i = 0; i < layer->width; i++)
		for (int u = 0; u < layer->units; u++)
			to[(size_t)u * (size_t)layer->width + (size_t)i] =
				(double)kernel[(size_t)i * (size_t)layer->units + (size_t)u];
}

/* A parent's products and what they make of its kernel, to those of all. */
static void add_parent(struct layer *layer, const float *kernel, double alpha)
{
	const int n = layer->width;
	const double one = 1;
	temper(layer, alpha);
	turn(layer, kernel, layer->weights);
	for (size_t i = 0; i < entries(layer); i++)
		layer->sum[i] += layer->own[i];
	if (!layer->thin)
		dgemm_("N", "N", &n, &layer->units, &n, &one, layer->own, &n, layer->weights, &n, &one,
			layer->right, &n);
	for (size_t i = 0; layer->thin && i < (size_t)n * (size_t)layer->units; i++)
		layer->right[i] += layer->own[i % (size_t)n] * layer->weights[i];
	memset(layer->own, 0, entries(layer) * sizeof *layer->own);
}

static int solve(struct layer *layer, const char *name, float *kernel, struct lepton_error *err)
{
	const int n = layer->width;
	int info = 0;
	if (!layer->thin)
		dposv_("U", &n, &layer->units, layer->sum, &n, layer->right, &n, &info);
	if (info)
		return lepton_error_set(err, LEPTON_E_DIVERGED,
			"fuse regmean: the regression of %s has no single solution; lower \"alpha\"", name);
	for (size_t i = 0; layer->thin && i < (size_t)n * (size_t)layer->units; i++)
		layer->right[i] /= layer->sum[i % (size_t)n];
	for (int i = 0; i < n; i++)
		for (int u = 0; u < layer->units; u++)
			kernel[(size_t)i * (size_t)layer->units + (size_t)u] =
				(float)layer->right[(size_t)u * (size_t)n + (size_t)i];
	return LEPTON_OK;
}

static int regress(struct regression *r, const struct lepton_fuse_parent *parents, size_t count,
	const struct lepton_fuse_help *help, int64_t samples, struct lepton_params *out,
	struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t p = 0; p < count && !code; p++) {
		code = help->inputs(help->context, parents[p].weights, samples, see, r, err);
		for (size_t t = 0; t < r->count && !code; t++)
			if (r->layers[t].width)
				add_parent(&r->layers[t], lepton_params_at(parents[p].weights, t)->data,
					r->alpha);
	}
	for (size_t t = 0; t < r->count && !code; t++)
		if (r->layers[t].width)
			code = solve(&r->layers[t], lepton_params_at(out, t)->name,
				lepton_params_data(out, t), err);
	return code;
}

static void end(struct regression *r)
{
	for (size_t t = 0; r->layers && t < r->count; t++) {
		lepton__free(r->layers[t].own);
		lepton__free(r->layers[t].sum);
		lepton__free(r->layers[t].right);
		lepton__free(r->layers[t].weights);
		lepton__free(r->layers[t].chunk);
	}
	lepton__free(r->layers);
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	struct regression r = {.count = lepton_params_count(parents[0].weights), .like = parents[0].weights};
	struct lepton_params *made = NULL;
	r.alpha = lepton_options_number(options, settings, "alpha");
	r.layers = lepton__calloc(r.count, sizeof *r.layers);
	int code = r.layers ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	if (!code)
		code = lepton__fuse_mean(parents, count, &made, err);
	if (!code)
		code = regress(&r, parents, count, help,
			(int64_t)lepton_options_number(options, settings, "samples"), made, err);
	end(&r);
	if (!code)
		*out = lepton_params_retain(made);
	lepton_params_release(made);
	return code;
}

const struct lepton_fuser lepton__fuse_regmean = {
	.name = "regmean",
	.summary = "each layer a regression on what the parents' give",
	.options = options,
	.looks = lepton__fuse_always_looks,
	.fuse = fuse,
};
