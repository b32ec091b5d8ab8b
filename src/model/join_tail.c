/* model/join_tail.c - Conv2D, Flatten and a small Dense where a network ends and its weights begin:
 * tensor/tail.c does them in one pass over the image.
 *
 * It is the whole network, so it shares out its own work: a fixed number of bands of the convolution's rows, by
 * any threads in any order. What bands leave in common (the outputs, the filters' gradient) is added up in order
 * afterwards, so the bits do not depend on the threads. Each thread at work takes one of the scratch spaces, the
 * lowest that is free, and so keeps to those few that are in its cache.
 */
#include "config.h"
#include "model/join.h"
#include "lepton/model.h"

#include <string.h>

#define BANDS 8 /* enough for as many threads; each costs a sum over the batch's outputs */

static const struct lepton__layer *find(const struct lepton__graph *graph, const struct lepton__layer *conv)
{
	const struct lepton__layer *dense = &graph->layers[graph->count - 1];
	while (dense->ops->in_place)
		dense--;
	if (conv->index != graph->first_trained || conv->ops != &lepton__layer_conv2d || conv->gelu)
		return NULL;
	if (dense->ops != &lepton__layer_dense || !dense->fused)
		return NULL;
	for (const struct lepton__layer *l = conv + 1; l < dense; l++)
		if (!l->ops->in_place)
			return NULL;
	return lepton__kernels_get()->tail_fits(
		       &conv->u.conv.geometry, conv->activation, (int)dense->out_size)
		       ? dense
		       : NULL;
}

/* ---- scratch: BANDS spaces for threads, then what bands but the first leave ---- */

static size_t lines(size_t floats)
{
	return (floats * sizeof(float) + 63) / 64 * 64;
}

static size_t thread_bytes(const struct lepton__layer *conv, const struct lepton__layer *dense, int n)
{
	size_t bytes = lepton__kernels_get()->tail_scratch(&conv->u.conv.geometry, n, (int)dense->out_size);
	return (bytes + 63) / 64 * 64;
}

static size_t filter_values(const struct lepton__conv *g)
{
	return ((size_t)g->k_h * (size_t)g->k_w * (size_t)g->in_c + 1) * (size_t)g->out_c;
}

static size_t band_bytes(const struct lepton__layer *conv, const struct lepton__layer *dense, int n)
{
	size_t outputs = lines((size_t)n * (size_t)dense->out_size), filters = lines(filter_values(&conv->u.conv.geometry));
	return outputs > filters ? outputs : filters;
}

static size_t scratch(const struct lepton__layer *conv, const struct lepton__layer *dense, int n, int parts)
{
	(void)parts;
	return BANDS * (thread_bytes(conv, dense, n) + band_bytes(conv, dense, n));
}

/* ---- the bands ---- */

struct job {
	struct lepton__tail tail;
	int bands;
	unsigned busy; /* atomic: a bit for each scratch space in use */
	char *threads, *sums;
	size_t thread_bytes, band_bytes;
	float *y; /* forward */
	const float *dz; /* backward */
	struct lepton__tail_gradient gradient;
};

static struct job job_of(const struct lepton__layer *conv, const struct lepton__layer *dense,
	const struct lepton__pass *a, const struct lepton__pass *b)
{
	const struct lepton__conv *g = &conv->u.conv.geometry;
	struct job job = {.bands = g->out_h < BANDS ? g->out_h : BANDS,
		.threads = a->scratch,
		.thread_bytes = thread_bytes(conv, dense, a->n),
		.band_bytes = band_bytes(conv, dense, a->n)};
	job.sums = job.threads + BANDS * job.thread_bytes;
	job.tail = (struct lepton__tail){.conv = g,
		.act = conv->activation,
		.n = a->n,
		.units = (int)dense->out_size,
		.x = a->x,
		.conv_w = a->w[0],
		.conv_bias = a->w[1],
		.dense_w = b->w[0]};
	return job;
}

static int take_space(struct job *job)
{
	unsigned busy = __atomic_load_n(&job->busy, __ATOMIC_RELAXED);
	int space;
	do
		space = __builtin_ctz(~busy);
	while (!__atomic_compare_exchange_n(
		&job->busy, &busy, busy | 1U << space, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return space;
}

static void give_space(struct job *job, int space)
{
	__atomic_and_fetch(&job->busy, ~(1U << space), __ATOMIC_RELEASE);
}

/* The first row of a band. Longer ones come first: the last to be taken should be short. */
static int row_of(const struct job *job, int band)
{
	const int rows = job->tail.conv->out_h / job->bands, longer = job->tail.conv->out_h % job->bands;
	return band * rows + (band < longer ? band : longer);
}

/* Where band i leaves its sums: the first one in their place. */
static float *sums_of(const struct job *job, int band, float *place)
{
	return band ? (float *)(void *)(job->sums + (size_t)band * job->band_bytes) : place;
}

static void forward_band(void *arg, int band)
{
	struct job *job = arg;
	int space = take_space(job);
	lepton__kernels_get()->tail_forward(&job->tail, row_of(job, band), row_of(job, band + 1),
		sums_of(job, band, job->y), job->threads + (size_t)space * job->thread_bytes);
	give_space(job, space);
}

static void backward_band(void *arg, int band)
{
	struct job *job = arg;
	struct lepton__tail_gradient d = job->gradient;
	int space = take_space(job);
	if (band) {
		d.conv_w = sums_of(job, band, NULL);
		d.conv_bias = d.conv_w + filter_values(job->tail.conv) - job->tail.conv->out_c;
	}
	lepton__kernels_get()->tail_backward(&job->tail, row_of(job, band), row_of(job, band + 1), job->dz, &d,
		job->threads + (size_t)space * job->thread_bytes);
	give_space(job, space);
}

static void run(struct job *job, const struct lepton_team *team, void (*band)(void *job, int band))
{
	if (team)
		team->run(team, job->bands, band, job);
	for (int i = 0; !team && i < job->bands; i++)
		band(job, i);
}

static void forward(const struct lepton__layer *conv, const struct lepton__layer *dense,
	const struct lepton__pass *a, const struct lepton__pass *b)
{
	struct job job = job_of(conv, dense, a, b);
	const int64_t units = job.tail.units;
	job.y = b->y;
	run(&job, a->team, forward_band);
	for (int i = 1; i < job.bands; i++)
		lepton__kernels_get()->add(a->n * units, sums_of(&job, i, NULL), b->y);
	for (int s = 0; s < a->n; s++)
		lepton__kernels_get()->add(units, b->w[1], b->y + s * units);
}

static void backward(const struct lepton__layer *conv, const struct lepton__layer *dense,
	const struct lepton__pass *a, const struct lepton__pass *b)
{
	struct job job = job_of(conv, dense, a, b);
	const int64_t channels = job.tail.conv->out_c, weights = (int64_t)filter_values(job.tail.conv) - channels;
	job.dz = b->dy;
	job.gradient = (struct lepton__tail_gradient){a->dw[0], a->dw[1], b->dw[0]};
	run(&job, a->team, backward_band);
	for (int i = 1; i < job.bands; i++) {
		const float *sums = sums_of(&job, i, NULL);
		lepton__kernels_get()->add(weights, sums, a->dw[0]);
		lepton__kernels_get()->add(channels, sums + weights, a->dw[1]);
	}
	memset(b->dw[1], 0, (size_t)dense->out_size * sizeof(float));
	for (int s = 0; s < a->n; s++)
		lepton__kernels_get()->add(job.tail.units, b->dy + s * dense->out_size, b->dw[1]);
}

const struct lepton__join lepton__join_tail = {
	.shares = true,
	.find = find,
	.scratch = scratch,
	.forward = forward,
	.backward = backward,
};
