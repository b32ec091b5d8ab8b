/* tests/model_reference.c - the plain loops. See model_reference.h. */
#include "config.h"
#include "model_reference.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double test_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (double)(int32_t)(*state >> 32) / 2147483648.0;
}

int ref_values(const int shape[3])
{
	return shape[0] * shape[1] * shape[2];
}

/* ---- building ---- */

static int number(const cJSON *o, const char *key, int at, int fallback)
{
	const cJSON *v = cJSON_GetObjectItem(o, key);
	if (cJSON_IsArray(v))
		v = cJSON_GetArrayItem(v, at);
	return v ? v->valueint : fallback;
}

static void slide(struct ref_layer *l, const cJSON *o, const char *window, const int fallback[2], bool pool)
{
	const cJSON *padding = cJSON_GetObjectItem(o, "padding");
	bool same = padding && strcmp(padding->valuestring, "same") == 0;
	for (int d = 0; d < 2; d++) {
		l->window[d] = number(o, window, d, fallback[d]);
		l->stride[d] = number(o, "strides", d, pool ? l->window[d] : 1);
		if (same) { /* TensorFlow's rule */
			l->out[d] = (int)ceil((double)l->in[d] / l->stride[d]);
			int total = (l->out[d] - 1) * l->stride[d] + l->window[d] - l->in[d];
			l->pad[d] = total > 0 ? total / 2 : 0;
		} else {
			l->out[d] = (int)ceil((double)(l->in[d] - l->window[d] + 1) / l->stride[d]);
		}
	}
}

static void shape_layer(struct ref_layer *l, const cJSON *o)
{
	static const int one[2] = {1, 1}, two[2] = {2, 2};
	memcpy(l->out, l->in, sizeof l->out);
	if (l->kind == REF_INPUT) {
		const cJSON *shape = cJSON_GetObjectItem(o, "shape");
		int rank = cJSON_GetArraySize(shape);
		for (int d = 0; d < 3; d++)
			l->out[d] = d < 3 - rank ? 1 : cJSON_GetArrayItem(shape, d - 3 + rank)->valueint;
	} else if (l->kind == REF_CONV2D) {
		slide(l, o, "kernel_size", one, false);
		l->out[2] = number(o, "filters", 0, 0);
		l->weights = l->window[0] * l->window[1] * l->in[2] * l->out[2];
	} else if (l->kind == REF_MAX_POOLING2D || l->kind == REF_AVERAGE_POOLING2D) {
		slide(l, o, "pool_size", two, true);
	} else if (l->kind == REF_GLOBAL_AVERAGE_POOLING2D) { /* one window over all */
		for (int d = 0; d < 2; d++) {
			l->window[d] = l->stride[d] = l->in[d];
			l->out[d] = 1;
		}
	} else if (l->kind == REF_FLATTEN || l->kind == REF_DENSE) {
		l->out[0] = l->out[1] = 1;
		l->out[2] = l->kind == REF_DENSE ? number(o, "units", 0, 0) : ref_values(l->in);
		l->weights = l->kind == REF_DENSE ? ref_values(l->in) * l->out[2] : 0;
	} else if (l->kind == REF_BATCH_NORMALIZATION) {
		const cJSON *epsilon = cJSON_GetObjectItem(o, "epsilon");
		l->epsilon = epsilon ? epsilon->valuedouble : 1e-3;
		l->weights = l->in[2];
	} else if (l->kind == REF_DROPOUT) {
		l->rate = cJSON_GetObjectItem(o, "rate")->valuedouble;
	}
}

static double *zeros(int n)
{
	double *a = calloc((size_t)(n ? n : 1), sizeof *a);
	assert(a);
	return a;
}

static void build_layer(struct ref_network *net, const cJSON *o)
{
	static const char *const types[] = {"Input", "Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dropout",
		"AveragePooling2D", "GlobalAveragePooling2D", "BatchNormalization"};
	struct ref_layer *l = &net->layer[net->count];
	const cJSON *type = cJSON_GetObjectItem(o, "type"),
		    *activation = cJSON_GetObjectItem(o, "activation");
	assert(net->count < REF_LAYERS && type);
	while (strcmp(types[l->kind], type->valuestring) != 0)
		l->kind++;
	strncpy(l->activation, activation ? activation->valuestring : "linear", sizeof l->activation - 1);
	if (net->count > 0)
		memcpy(l->in, l[-1].out, sizeof l->in);
	shape_layer(l, o);
	l->w = zeros(l->weights);
	l->dw = zeros(l->weights);
	l->b = zeros(l->out[2]);
	l->db = zeros(l->out[2]);
	l->y = zeros(net->n * ref_values(l->out));
	l->d = zeros(net->n * ref_values(l->out));
	net->count++;
}

void ref_build(struct ref_network *net, const char *layers, int n)
{
	cJSON *list = cJSON_Parse(layers);
	assert(cJSON_IsArray(list));
	memset(net, 0, sizeof *net);
	net->n = n;
	for (const cJSON *o = list->child; o; o = o->next)
		build_layer(net, o);
	cJSON_Delete(list);
}

void ref_free(struct ref_network *net)
{
	for (int i = 0; i < net->count; i++) {
		struct ref_layer *l = &net->layer[i];
		free(l->w);
		free(l->dw);
		free(l->b);
		free(l->db);
		free(l->y);
		free(l->d);
		free(l->keep);
		free(l->mean);
		free(l->variance);
	}
}

/* ---- activations ---- */

static void activate(const struct ref_layer *l, int rows, double *y)
{
	int c = l->out[2];
	for (int r = 0; r < rows; r++, y += c) {
		double sum = 0;
		for (int i = 0; i < c; i++)
			sum += exp(y[i]);
		for (int i = 0; i < c; i++) {
			if (strcmp(l->activation, "relu") == 0)
				y[i] = y[i] > 0 ? y[i] : 0;
			else if (strcmp(l->activation, "tanh") == 0)
				y[i] = tanh(y[i]);
			else if (strcmp(l->activation, "sigmoid") == 0)
				y[i] = 1 / (1 + exp(-y[i]));
			else if (strcmp(l->activation, "gelu") == 0)
				y[i] = y[i] * 0.5 * erfc(-y[i] / sqrt(2));
			else if (strcmp(l->activation, "softmax") == 0)
				y[i] = exp(y[i]) / sum;
		}
	}
}

/* z is the activation's input, y its output. */
static void activate_backward(
	const struct ref_layer *l, int rows, const double *z, const double *y, double *d)
{
	int c = l->out[2];
	for (int r = 0; r < rows; r++, z += c, y += c, d += c) {
		double dot = 0;
		for (int i = 0; i < c; i++)
			dot += d[i] * y[i];
		for (int i = 0; i < c; i++) {
			if (strcmp(l->activation, "relu") == 0)
				d[i] = y[i] > 0 ? d[i] : 0;
			else if (strcmp(l->activation, "tanh") == 0)
				d[i] *= 1 - y[i] * y[i];
			else if (strcmp(l->activation, "sigmoid") == 0)
				d[i] *= y[i] * (1 - y[i]);
			else if (strcmp(l->activation, "gelu") == 0)
				d[i] *= 0.5 * erfc(-z[i] / sqrt(2)) +
					z[i] * exp(-z[i] * z[i] / 2) / sqrt(2 * M_PI);
			else if (strcmp(l->activation, "softmax") == 0)
				d[i] = y[i] * (d[i] - dot);
		}
	}
}

/* ---- windows ---- */

/* Index of channel 0 of the input pixel under a window's (ky, kx), or −1 in the padding. */
static int under(const struct ref_layer *l, int s, int oy, int ox, int ky, int kx)
{
	int y = oy * l->stride[0] + ky - l->pad[0], x = ox * l->stride[1] + kx - l->pad[1];
	if (y < 0 || x < 0 || y >= l->in[0] || x >= l->in[1])
		return -1;
	return ((s * l->in[0] + y) * l->in[1] + x) * l->in[2];
}

typedef void visit(const struct ref_layer *l, int out, int in, int ky, int kx, void *arg);

/* Call f for every (output pixel, tap) pair; `out` is the index of the output pixel's channel 0. */
static void each_tap(const struct ref_layer *l, int n, visit *f, void *arg)
{
	for (int s = 0; s < n; s++)
		for (int oy = 0; oy < l->out[0]; oy++)
			for (int ox = 0; ox < l->out[1]; ox++)
				for (int ky = 0; ky < l->window[0]; ky++)
					for (int kx = 0; kx < l->window[1]; kx++) {
						int in = under(l, s, oy, ox, ky, kx);
						int out = ((s * l->out[0] + oy) * l->out[1] + ox) * l->out[2];
						if (in >= 0)
							f(l, out, in, ky, kx, arg);
					}
}

struct arrays {
	const double *x, *dy;
	double *y, *dx;
	int *winner;
};

static int weight_at(const struct ref_layer *l, int ky, int kx, int i, int o)
{
	return ((ky * l->window[1] + kx) * l->in[2] + i) * l->out[2] + o;
}

static void conv_tap(const struct ref_layer *l, int out, int in, int ky, int kx, void *arg)
{
	struct arrays *a = arg;
	for (int i = 0; i < l->in[2]; i++)
		for (int o = 0; o < l->out[2]; o++)
			a->y[out + o] += a->x[in + i] * l->w[weight_at(l, ky, kx, i, o)];
}

static void conv_tap_backward(const struct ref_layer *l, int out, int in, int ky, int kx, void *arg)
{
	struct arrays *a = arg;
	for (int i = 0; i < l->in[2]; i++)
		for (int o = 0; o < l->out[2]; o++) {
			int at = weight_at(l, ky, kx, i, o);
			l->dw[at] += a->x[in + i] * a->dy[out + o];
			if (a->dx)
				a->dx[in + i] += l->w[at] * a->dy[out + o];
		}
}

static void pool_tap(const struct ref_layer *l, int out, int in, int ky, int kx, void *arg)
{
	struct arrays *a = arg;
	(void)ky;
	(void)kx;
	for (int c = 0; c < l->out[2]; c++)
		if (a->winner[out + c] < 0 || a->x[in + c] > a->x[a->winner[out + c]])
			a->winner[out + c] = in + c;
}

static bool averages(const struct ref_layer *l)
{
	return l->kind == REF_AVERAGE_POOLING2D || l->kind == REF_GLOBAL_AVERAGE_POOLING2D;
}

/* Pixels of the image under each window, counted one by one. */
static void count_tap(const struct ref_layer *l, int out, int in, int ky, int kx, void *arg)
{
	struct arrays *a = arg;
	(void)in;
	(void)ky;
	(void)kx;
	a->winner[out / l->out[2]]++;
}

static int *pool_counts(const struct ref_layer *l, int n)
{
	struct arrays a = {.winner = calloc((size_t)(n * l->out[0] * l->out[1]), sizeof(int))};
	assert(a.winner);
	each_tap(l, n, count_tap, &a);
	return a.winner;
}

static void average_tap(const struct ref_layer *l, int out, int in, int ky, int kx, void *arg)
{
	struct arrays *a = arg;
	(void)ky;
	(void)kx;
	for (int c = 0; c < l->out[2]; c++) {
		if (a->y)
			a->y[out + c] += a->x[in + c] / a->winner[out / l->out[2]];
		if (a->dx)
			a->dx[in + c] += a->dy[out + c] / a->winner[out / l->out[2]];
	}
}

static int *pool_winners(const struct ref_layer *l, int n, const double *x)
{
	int values = n * ref_values(l->out);
	struct arrays a = {.x = x, .winner = malloc((size_t)values * sizeof(int))};
	assert(a.winner);
	for (int i = 0; i < values; i++)
		a.winner[i] = -1;
	each_tap(l, n, pool_tap, &a);
	return a.winner;
}

/* ---- layers ---- */

/* ---- batch normalisation: channel by channel, in the paper's own steps ---- */

static void moments(
	const struct ref_layer *l, int rows, const double *x, int c, double *mean, double *variance)
{
	int channels = l->in[2];
	*mean = *variance = 0;
	if (l->mean) {
		*mean = l->mean[c];
		*variance = l->variance[c];
		return;
	}
	for (int r = 0; r < rows; r++)
		*mean += x[r * channels + c] / rows;
	for (int r = 0; r < rows; r++)
		*variance += pow(x[r * channels + c] - *mean, 2) / rows;
}

static void normalize(const struct ref_layer *l, int rows, const double *x, double *y)
{
	int channels = l->in[2];
	for (int c = 0; c < channels; c++) {
		double mean, variance;
		moments(l, rows, x, c, &mean, &variance);
		for (int r = 0; r < rows; r++)
			y[r * channels + c] =
				l->w[c] * (x[r * channels + c] - mean) / sqrt(variance + l->epsilon) +
				l->b[c];
	}
}

static void normalize_backward(struct ref_layer *l, int rows, const double *x, const double *dy, double *dx)
{
	int channels = l->in[2];
	for (int c = 0; c < channels; c++) {
		double mean, variance, dvariance = 0, dmean = 0;
		moments(l, rows, x, c, &mean, &variance);
		double deviation = sqrt(variance + l->epsilon);
		for (int r = 0; r < rows; r++) {
			int at = r * channels + c;
			double dh = dy[at] * l->w[c];
			l->dw[c] += dy[at] * (x[at] - mean) / deviation;
			dvariance += dh * (x[at] - mean) * -0.5 / pow(deviation, 3);
			dmean -= dh / deviation;
		}
		for (int r = 0; dx && r < rows; r++) {
			int at = r * channels + c;
			dx[at] = dy[at] * l->w[c] / deviation + dvariance * 2 * (x[at] - mean) / rows +
				 dmean / rows;
		}
	}
}

void ref_forward_layer(const struct ref_layer *l, int n, const double *x, double *y)
{
	int values = n * ref_values(l->out), rows = values / l->out[2], in = ref_values(l->in);
	for (int i = 0; i < values; i++)
		y[i] = l->b[i % l->out[2]];
	if (l->kind == REF_CONV2D) {
		struct arrays a = {.x = x, .y = y};
		each_tap(l, n, conv_tap, &a);
	} else if (l->kind == REF_DENSE) {
		for (int i = 0; i < values; i++)
			for (int k = 0; k < in; k++)
				y[i] += x[i / l->out[2] * in + k] * l->w[k * l->out[2] + i % l->out[2]];
	} else if (l->kind == REF_MAX_POOLING2D) {
		int *winner = pool_winners(l, n, x);
		for (int i = 0; i < values; i++)
			y[i] = x[winner[i]];
		free(winner);
	} else if (l->kind == REF_BATCH_NORMALIZATION) {
		normalize(l, rows, x, y);
	} else if (averages(l)) {
		struct arrays a = {.x = x, .y = y, .winner = pool_counts(l, n)};
		each_tap(l, n, average_tap, &a);
		free(a.winner);
	} else {
		for (int i = 0; i < values; i++)
			y[i] = !l->keep ? x[i] : l->keep[i] ? x[i] / (1 - l->rate) : 0;
	}
	activate(l, rows, y);
}

static void dense_backward(struct ref_layer *l, int n, const double *x, const double *dy, double *dx)
{
	int in = ref_values(l->in), units = l->out[2];
	for (int s = 0; s < n; s++)
		for (int k = 0; k < in; k++)
			for (int u = 0; u < units; u++) {
				l->dw[k * units + u] += x[s * in + k] * dy[s * units + u];
				if (dx)
					dx[s * in + k] += l->w[k * units + u] * dy[s * units + u];
			}
}

void ref_backward_layer(struct ref_layer *l, int n, const double *x, double *dy, double *dx)
{
	int values = n * ref_values(l->out), rows = values / l->out[2];
	memset(l->dw, 0, (size_t)l->weights * sizeof *l->dw);
	memset(l->db, 0, (size_t)l->out[2] * sizeof *l->db);
	for (int i = 0; dx && i < n * ref_values(l->in); i++)
		dx[i] = 0;
	double *y = zeros(values), *z = zeros(values);
	struct ref_layer linear = *l;
	strcpy(linear.activation, "linear");
	ref_forward_layer(&linear, n, x, z);
	ref_forward_layer(l, n, x, y);
	activate_backward(l, rows, z, y, dy);
	free(y);
	free(z);
	for (int i = 0; l->weights && i < values; i++)
		l->db[i % l->out[2]] += dy[i];
	if (l->kind == REF_CONV2D) {
		struct arrays a = {.x = x, .dy = dy, .dx = dx};
		each_tap(l, n, conv_tap_backward, &a);
	} else if (l->kind == REF_DENSE) {
		dense_backward(l, n, x, dy, dx);
	} else if (l->kind == REF_MAX_POOLING2D) {
		int *winner = pool_winners(l, n, x);
		for (int i = 0; dx && i < values; i++)
			dx[winner[i]] += dy[i];
		free(winner);
	} else if (l->kind == REF_BATCH_NORMALIZATION) {
		normalize_backward(l, rows, x, dy, dx);
	} else if (averages(l)) {
		struct arrays a = {.dy = dy, .dx = dx, .winner = pool_counts(l, n)};
		each_tap(l, n, average_tap, &a);
		free(a.winner);
	} else {
		for (int i = 0; dx && i < values; i++)
			dx[i] = !l->keep ? dy[i] : l->keep[i] ? dy[i] / (1 - l->rate) : 0;
	}
}

/* ---- networks ---- */

double ref_loss(struct ref_network *net, const double *x, const int *labels, int *right)
{
	for (int i = 0; i < net->count; i++)
		ref_forward_layer(&net->layer[i], net->n, i ? net->layer[i - 1].y : x, net->layer[i].y);
	const struct ref_layer *last = &net->layer[net->count - 1];
	int classes = last->out[2];
	double loss = 0;
	if (right)
		*right = 0;
	for (int s = 0; s < net->n; s++) {
		const double *y = last->y + s * classes;
		double sum = 0;
		int best = 0;
		for (int c = 0; c < classes; c++) {
			sum += y[c];
			best = y[c] > y[best] ? c : best;
		}
		loss += -log(y[labels[s]] / sum);
		if (right)
			*right += best == labels[s];
	}
	return loss / net->n;
}

double ref_gradient(struct ref_network *net, const double *x, const int *labels)
{
	double loss = ref_loss(net, x, labels, NULL);
	const struct ref_layer *last = &net->layer[net->count - 1];
	int classes = last->out[2];
	for (int s = 0; s < net->n; s++) {
		const double *y = last->y + s * classes;
		double *d = last->d + s * classes, sum = 0;
		for (int c = 0; c < classes; c++)
			sum += y[c];
		for (int c = 0; c < classes; c++)
			d[c] = (1 / sum - (c == labels[s] ? 1 / y[c] : 0)) / net->n;
	}
	for (int i = net->count - 1; i >= 0; i--)
		ref_backward_layer(&net->layer[i], net->n, i ? net->layer[i - 1].y : x, net->layer[i].d,
			i ? net->layer[i - 1].d : NULL);
	return loss;
}
