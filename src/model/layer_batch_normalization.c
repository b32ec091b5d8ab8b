/* model/layer_batch_normalization.c - each channel brought to mean 0 and variance 1, then scaled and
 * shifted by what is learnt: y = gamma·(x − mean) / sqrt(variance + epsilon) + beta (Ioffe and Szegedy,
 * 2015). Channels are the input's last dimension, as in Keras.
 *
 * Training uses the samples' own mean and (biased) variance, so a batch is normalised as a whole: a
 * network with this layer runs a batch in one part unless the configuration sets "micro_batches". If
 * it does, each part uses the statistics of its own samples ("ghost" batches, Hoffer et al., 2017). The
 * number of parts is the configuration's either way, so the result is the same for any number of workers.
 *
 * moving_mean and moving_variance are tensors like the others (saved, fused, compressed with them), but no
 * optimiser touches them: forward leaves each part's statistics where their gradients would lie, and after
 * the parts are done the step folds their mean over the samples into the moving ones, in part order. They
 * serve outside training. Compression may leave a moving variance a little below zero: it counts as zero.
 *
 * Sums are in double and in the order of samples: float sums over a whole batch would lose digits.
 */
#include "config.h"
#include "model/layers.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

enum { GAMMA, BETA, MEAN, VARIANCE };

static int configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)err;
	layer->u.norm.momentum = (float)lepton__json_get_number(config, "momentum", 0.99);
	layer->u.norm.epsilon = (float)lepton__json_get_number(config, "epsilon", 1e-3);
	return LEPTON_OK;
}

static int shape(struct lepton__layer *layer, struct lepton_error *err)
{
	(void)err;
	layer->out = layer->in;
	layer->tensor_count = 4;
	layer->untrained = 2;
	for (int t = 0; t < layer->tensor_count; t++)
		layer->tensor[t] =
			(struct lepton_shape){.rank = 1, .dim = {layer->in.dim[layer->in.rank - 1]}};
	return LEPTON_OK;
}

static int64_t channels_of(const struct lepton__layer *layer)
{
	return layer->in.dim[layer->in.rank - 1];
}

static void init(const struct lepton__layer *layer, struct lepton__rng *rng, float *const *w)
{
	(void)rng;
	for (int64_t c = 0; c < channels_of(layer); c++)
		w[GAMMA][c] = w[VARIANCE][c] = 1;
}

/* Two sums a channel, in double. */
static size_t scratch(const struct lepton__layer *layer, int n)
{
	(void)n;
	return 2 * (size_t)channels_of(layer) * sizeof(double);
}

static int64_t rows_of(const struct lepton__layer *layer, int n)
{
	return n * layer->in_size / channels_of(layer);
}

/* Twice over the samples: the one-pass formula cancels where the mean is large. */
static void measure(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int64_t channels = channels_of(layer), rows = rows_of(layer, pass->n);
	double *sum = pass->scratch, *square = sum + channels;
	const float *x = pass->x;
	memset(sum, 0, 2 * (size_t)channels * sizeof *sum);
	for (int64_t r = 0; r < rows; r++, x += channels)
		for (int64_t c = 0; c < channels; c++)
			sum[c] += (double)x[c];
	for (int64_t c = 0; c < channels; c++)
		sum[c] /= (double)rows;
	x = pass->x;
	for (int64_t r = 0; r < rows; r++, x += channels)
		for (int64_t c = 0; c < channels; c++) {
			double off = (double)x[c] - sum[c];
			square[c] += off * off;
		}
	for (int64_t c = 0; c < channels; c++) {
		pass->dw[MEAN][c] = (float)sum[c];
		pass->dw[VARIANCE][c] = (float)(square[c] / (double)rows);
	}
}

/* 1 / standard deviation; a NaN stays one. */
static float inverse(const struct lepton__layer *layer, float variance)
{
	return 1.0F / sqrtf((variance < 0 ? 0 : variance) + layer->u.norm.epsilon);
}

static void forward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int64_t channels = channels_of(layer), rows = rows_of(layer, pass->n);
	float *slope = pass->scratch, *y = pass->y;
	const float *x = pass->x, *mean = pass->w[MEAN], *variance = pass->w[VARIANCE];
	if (pass->training) {
		measure(layer, pass);
		mean = pass->dw[MEAN];
		variance = pass->dw[VARIANCE];
	}
	for (int64_t c = 0; c < channels; c++)
		slope[c] = pass->w[GAMMA][c] * inverse(layer, variance[c]);
	for (int64_t r = 0; r < rows; r++, x += channels, y += channels)
		for (int64_t c = 0; c < channels; c++)
			y[c] = (x[c] - mean[c]) * slope[c] + pass->w[BETA][c];
}

/* Of the samples, or outside training those that were kept. */
static const float *statistic(const struct lepton__pass *pass, int which)
{
	return pass->training ? pass->dw[which] : pass->w[which];
}

/* Leaves Σ dy and Σ dy·(x − mean)/deviation of each channel in the scratch and in dbeta and dgamma. */
static void sum_gradients(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int64_t channels = channels_of(layer), rows = rows_of(layer, pass->n);
	double *plain = pass->scratch, *along = plain + channels;
	const float *x = pass->x, *dy = pass->dy, *mean = statistic(pass, MEAN);
	memset(plain, 0, 2 * (size_t)channels * sizeof *plain);
	for (int64_t r = 0; r < rows; r++, x += channels, dy += channels)
		for (int64_t c = 0; c < channels; c++) {
			plain[c] += (double)dy[c];
			along[c] += (double)(dy[c] * (x[c] - mean[c]));
		}
	for (int64_t c = 0; c < channels; c++) {
		along[c] *= (double)inverse(layer, statistic(pass, VARIANCE)[c]);
		pass->dw[BETA][c] = (float)plain[c];
		pass->dw[GAMMA][c] = (float)along[c];
	}
}

/* The mean and the variance move with every x, so with h = (x − mean)/deviation
 * dx = gamma/deviation · (dy − mean of dy − h · mean of dy·h). Outside training they stand still. */
static void backward(const struct lepton__layer *layer, const struct lepton__pass *pass)
{
	int64_t channels = channels_of(layer), rows = rows_of(layer, pass->n);
	const float *mean = statistic(pass, MEAN), *dbeta = pass->dw[BETA], *dgamma = pass->dw[GAMMA];
	sum_gradients(layer, pass);
	if (!pass->dx)
		return;
	float *inv = pass->scratch, *dx = pass->dx; /* the sums are done with */
	float share = pass->training ? 1.0F / (float)rows : 0;
	const float *x = pass->x, *dy = pass->dy;
	for (int64_t c = 0; c < channels; c++)
		inv[c] = inverse(layer, statistic(pass, VARIANCE)[c]);
	for (int64_t r = 0; r < rows; r++, x += channels, dy += channels, dx += channels)
		for (int64_t c = 0; c < channels; c++) {
			float h = (x[c] - mean[c]) * inv[c];
			float rest = dy[c] - (dbeta[c] + h * dgamma[c]) * share;
			dx[c] = pass->w[GAMMA][c] * inv[c] * rest;
		}
}

static void track(const struct lepton__layer *layer, const float *const *seen, float *const *w)
{
	float keep = layer->u.norm.momentum, take = 1 - keep;
	for (int t = MEAN; t <= VARIANCE; t++)
		for (int64_t c = 0; c < channels_of(layer); c++)
			w[t][c] = w[t][c] * keep + seen[t][c] * take;
}

static const struct lepton__key keys[] = {
	LEPTON__LAYER_COMMON_KEYS,
	{"momentum", LEPTON__KEY_NUMBER, 0, 1, NULL, false, "memory of the moving statistics; 0.99"},
	{"epsilon", LEPTON__KEY_NUMBER, 1e-12, 1, NULL, false, "added to the variance; 0.001"},
	{0},
};

const struct lepton_layer_ops lepton__layer_batch_normalization = {
	.type = "BatchNormalization",
	.stem = "batch_normalization",
	.summary = "each channel to mean 0 and variance 1",
	.keys = keys,
	.tensors = {"gamma", "beta", "moving_mean", "moving_variance"},
	.whole_batch = true,
	.configure = configure,
	.shape = shape,
	.init = init,
	.scratch = scratch,
	.forward = forward,
	.backward = backward,
	.track = track,
};
