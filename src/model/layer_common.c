/* model/layer_common.c - what several layers share: windows, initial weights, activations.
 *
 * The kernels apply relu, tanh and sigmoid while a value is still in a register. Softmax couples the
 * channels of a position, so it is a pass of its own, done here, unless the loss does it (`fused`).
 * The way back goes by the output y alone, but for gelu: there one y may come from two z, so z is kept.
 */
#include "config.h"
#include "model/layers.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

void lepton__activation_configure(struct lepton__layer *layer, const cJSON *config)
{
	static const char *const names[] = {
		[LEPTON__LINEAR] = "linear",
		[LEPTON__RELU] = "relu",
		[LEPTON__TANH] = "tanh",
		[LEPTON__SIGMOID] = "sigmoid",
		[LEPTON__SOFTMAX] = "softmax",
	};
	const char *name = lepton__json_get_string(config, "activation", "linear");
	layer->activation = LEPTON__LINEAR;
	layer->gelu = strcmp(name, "gelu") == 0;
	for (int i = LEPTON__LINEAR; i <= LEPTON__SOFTMAX; i++)
		if (strcmp(names[i], name) == 0)
			layer->activation = (enum lepton__activation)i;
}

size_t lepton__activation_memo(const struct lepton__layer *layer, int n)
{
	return layer->gelu ? (size_t)n * (size_t)layer->out_size * sizeof(float) : 0;
}

void lepton__read_pair(const cJSON *config, const char *key, int fallback_a, int fallback_b, int out[2])
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(config, key);
	out[0] = fallback_a;
	out[1] = fallback_b;
	if (cJSON_IsNumber(value)) {
		out[0] = out[1] = value->valueint;
	} else if (cJSON_IsArray(value) && cJSON_GetArraySize(value) == 2) {
		out[0] = cJSON_GetArrayItem(value, 0)->valueint;
		out[1] = cJSON_GetArrayItem(value, 1)->valueint;
	}
}

void lepton__glorot_uniform(struct lepton__rng *rng, int64_t fan_in, int64_t fan_out, int64_t n, float *w)
{
	float limit = (float)sqrt(6.0 / (double)(fan_in + fan_out));
	for (int64_t i = 0; i < n; i++)
		w[i] = (2.0F * lepton__rng_uniform(rng) - 1.0F) * limit;
}

/* As Keras does it: "same" gives ceil(in / stride) outputs, and an odd zero goes behind. */
static bool slide_one(const struct lepton__slide *s, int d, int *out, int *pad)
{
	int in = s->in[d], window = s->window[d], stride = s->strides[d];
	*pad = 0;
	if (!s->same) {
		*out = in >= window ? (in - window) / stride + 1 : 0;
		return in >= window;
	}
	*out = (in - 1) / stride + 1;
	int64_t lack = (int64_t)(*out - 1) * stride + window - in;
	*pad = lack > 0 ? (int)(lack / 2) : 0;
	return true;
}

int lepton__slide_fit(
	struct lepton__slide *s, const char *what, const struct lepton_shape *in, struct lepton_error *err)
{
	char text[96];
	lepton_shape_format(in, text, sizeof text);
	if (in->rank != 3)
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"takes an image [height,width,channels], but gets %s; put it before the Flatten "
			"layer",
			text);
	s->in[0] = (int)in->dim[0];
	s->in[1] = (int)in->dim[1];
	s->channels = (int)in->dim[2];
	if (!slide_one(s, 0, &s->out[0], &s->pad[0]) || !slide_one(s, 1, &s->out[1], &s->pad[1]))
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"a %dx%d %s does not fit into %s; make it smaller or set \"padding\": \"same\"",
			s->window[0], s->window[1], what, text);
	return LEPTON_OK;
}

int lepton__pool_configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err)
{
	(void)err;
	struct lepton__slide *slide = &layer->u.pool.slide;
	lepton__read_pair(config, "pool_size", 2, 2, slide->window);
	lepton__read_pair(config, "strides", slide->window[0], slide->window[1], slide->strides);
	slide->same = strcmp(lepton__json_get_string(config, "padding", "valid"), "same") == 0;
	return LEPTON_OK;
}

int lepton__pool_shape(struct lepton__layer *layer, struct lepton_error *err)
{
	struct lepton__slide *s = &layer->u.pool.slide;
	int code = lepton__slide_fit(s, "window", &layer->in, err);
	if (code)
		return code;
	layer->u.pool.geometry = (struct lepton__pool){s->in[0], s->in[1], s->channels, s->window[0],
		s->window[1], s->strides[0], s->strides[1], s->pad[0], s->pad[1], s->out[0], s->out[1]};
	layer->out = (struct lepton_shape){.rank = 3, .dim = {s->out[0], s->out[1], s->channels}};
	return LEPTON_OK;
}

/* The share of a normal distribution below z: gelu(z) = z·Φ(z), Keras's default (not the tanh one). */
static float normal_below(float z)
{
	return 0.5F * (1 + erff(z * 0.70710678118654752F));
}

static void gelu_forward(int64_t n, float *kept, float *y)
{
	memcpy(kept, y, (size_t)n * sizeof *y);
	for (int64_t i = 0; i < n; i++)
		y[i] *= normal_below(y[i]);
}

/* gelu'(z) = Φ(z) + z·φ(z) */
static void gelu_backward(int64_t n, const float *kept, float *dy)
{
	const float peak = 0.39894228040143268F; /* 1 / sqrt(2π) */
	for (int64_t i = 0; i < n; i++) {
		float z = kept[i];
		dy[i] *= normal_below(z) + z * peak * expf(-0.5F * z * z);
	}
}

void lepton__activation_finish(
	const struct lepton__layer *layer, const struct lepton__pass *pass, int64_t rows, int channels)
{
	if (layer->activation == LEPTON__SOFTMAX && !layer->fused)
		lepton__kernels_get()->softmax((int)rows, channels, pass->y, pass->y);
	else if (layer->gelu)
		gelu_forward(rows * channels, pass->memo, pass->y);
}

/* With y = softmax(z): dz = y · (dy − Σ dy·y). */
static void softmax_backward(int64_t rows, int channels, const float *y, float *dy)
{
	for (int64_t r = 0; r < rows; r++, y += channels, dy += channels) {
		float sum = 0;
		for (int c = 0; c < channels; c++)
			sum += dy[c] * y[c];
		for (int c = 0; c < channels; c++)
			dy[c] = y[c] * (dy[c] - sum);
	}
}

void lepton__activation_backward(
	const struct lepton__layer *layer, const struct lepton__pass *pass, int64_t rows, int channels)
{
	if (layer->gelu)
		gelu_backward(rows * channels, pass->memo, pass->dy);
	else if (layer->fused || layer->activation == LEPTON__LINEAR)
		return;
	else if (layer->activation == LEPTON__SOFTMAX)
		softmax_backward(rows, channels, pass->y, pass->dy);
	else
		lepton__kernels_get()->activate_backward(
			layer->activation, rows * channels, pass->y, pass->dy, pass->dy);
}
