/* model/privacy.c - differentially private training: "privacy" of a network.
 *
 * In each step every example's gradient is clipped to a length of C, the clipped ones are added up, and noise
 * from N(0, sigma² C²) is added to each coordinate of the sum before it is divided by the batch's size (Abadi
 * et al., "Deep learning with differential privacy", CCS 2016). From there on it is a gradient like any
 * other, for any optimiser: what is done with it costs no more privacy. What it has cost,
 * privacy_accountant.c works out.
 *
 * The noise of weight i in step s is value i of a Philox stream of s, so it is the same whatever the number
 * of workers, and after a stop. Its key is a hash of the seed, the configuration and the weights that the
 * step starts from. With the seed alone a clone would draw its source's noise once more, and the difference
 * of the two would be free of it; like this two steps share their noise only where they are the same step. It
 * follows that who knows the seed and the weights of a step can take its noise off again: a seed is as secret
 * as the examples.
 */
#include "config.h"
#include "model/privacy.h"
#include "lepton/privacy.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/memory.h"
#include "model/settings.h"

#include <math.h>
#include <string.h>

#define WHERE "privacy"
#define NOISE_STREAM                                                                                         \
	((uint64_t)3 << 62) /* apart from dropout's (2 << 62), the weights' (1 << 62) and the data's order   \
			     */
#define LANES 16            /* sums side by side, for the compiler to make vectors of */
#define STRETCH 2048        /* floats added up in float */

static const struct lepton__key keys[] = {
	{"noise", LEPTON__KEY_NUMBER, 0, 1000, NULL, true,
		"standard deviation of the noise, in clips; 0: none, and no privacy"},
	{"clip", LEPTON__KEY_NUMBER, 1e-6, 1e9, NULL, false,
		"the most that an example's gradient measures; 1"},
	{"delta", LEPTON__KEY_NUMBER, 1e-15, 0.1, NULL, false,
		"the chance that epsilon says nothing, well below 1 / samples; 1e-5"},
	{0},
};

/* ---- settings ---- */

/* Their choices of weights by size, roundings and teachers were not made with noise. */
static int refuse_company(const cJSON *config, struct lepton_error *err)
{
	static const char *const others[] = {"pruning", "quantization", "clustering", "averaging", "teacher"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (cJSON_GetObjectItemCaseSensitive(config, others[i]))
			return lepton_error_set(err, LEPTON_E_SPEC,
				WHERE ": does not go with \"%s\"; leave one of them out", others[i]);
	return LEPTON_OK;
}

static int refuse_layers(const cJSON *config, struct lepton_error *err)
{
	const struct lepton_layer_ops *ops = lepton__whole_batch_layer(config);
	if (ops)
		return lepton_error_set(err, LEPTON_E_SPEC,
			WHERE ": with %s the examples of a batch depend on each other, and none has a "
			      "gradient of its "
			      "own; leave that layer out",
			ops->type);
	return LEPTON_OK;
}

int lepton__privacy_read(struct lepton__privacy *privacy, const cJSON *config, struct lepton_error *err)
{
	const cJSON *mine = cJSON_GetObjectItemCaseSensitive(config, "privacy");
	*privacy = (struct lepton__privacy){.on = mine != NULL};
	if (!mine)
		return LEPTON_OK;
	int code = lepton__keys_check(keys, mine, false, WHERE, err);
	if (!code)
		code = refuse_company(config, err);
	if (!code)
		code = refuse_layers(config, err);
	privacy->noise = lepton__json_get_number(mine, "noise", 0);
	privacy->clip = lepton__json_get_number(mine, "clip", 1);
	privacy->delta = lepton__json_get_number(mine, "delta", LEPTON_PRIVACY_DELTA);
	return code;
}

/* ---- memory, and the noise's key ---- */

static uint64_t first_bytes(struct lepton__hash *hash)
{
	char hex[65];
	uint64_t value = 0;
	lepton__hash_end(hash, hex);
	for (int i = 0; i < 16; i++)
		value = value << 4 | (uint64_t)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
	return value;
}

/* Of what the network itself reads, so that a name or a priority may change. */
static int make_salt(struct lepton__privacy *privacy, uint64_t seed, const cJSON *config)
{
	struct lepton__hash hash;
	lepton__hash_begin(&hash);
	lepton__hash_add(&hash, &seed, sizeof seed);
	for (const struct lepton__key *key = lepton__network_keys; key->name; key++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(config, key->name);
		char *text = value ? lepton__json_text(value) : NULL;
		if (value && !text)
			return LEPTON_E_NOMEM;
		lepton__hash_add(&hash, key->name, strlen(key->name) + 1);
		if (text)
			lepton__hash_add(&hash, text, strlen(text) + 1);
		lepton__free(text);
	}
	privacy->salt = first_bytes(&hash);
	return LEPTON_OK;
}

/* The trained tensors. What lies between them stays zero, as a graph wants it. */
static int find_spans(struct lepton__privacy *privacy, const struct lepton__graph *graph)
{
	privacy->span = lepton__calloc((size_t)graph->trained_tensors + 1, sizeof *privacy->span);
	for (int i = 0; privacy->span && i < graph->count; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		for (int t = 0; t < layer->tensor_count - layer->untrained; t++)
			privacy->span[privacy->spans++] = (struct lepton__privacy_span){
				layer->offset[t], layer->offset[t] + lepton_shape_count(&layer->tensor[t])};
	}
	return privacy->span ? LEPTON_OK : LEPTON_E_NOMEM;
}

/* Only where no layer runs as one with another: those that do have no lengths. */
static bool run_together(const struct lepton__graph *graph)
{
	for (int i = 0; i < graph->count; i++) {
		const struct lepton__layer *layer = &graph->layers[i];
		if (layer->tensor_count && (!layer->ops->squares || layer->first != layer->last))
			return false;
	}
	return true;
}

int lepton__privacy_plan(struct lepton__privacy *privacy, const struct lepton__graph *graph, int lanes,
	int capacity, uint64_t seed, const cJSON *config, struct lepton_error *err)
{
	if (!privacy->on)
		return LEPTON_OK;
	privacy->together = run_together(graph);
	if (privacy->together)
		privacy->lengths = lepton__calloc((size_t)capacity, (size_t)lanes * sizeof *privacy->lengths);
	else
		privacy->sums = lepton__aligned((size_t)graph->floats, (size_t)lanes * sizeof *privacy->sums);
	if ((privacy->lengths || privacy->sums) && !find_spans(privacy, graph) &&
		!make_salt(privacy, seed, config))
		return LEPTON_OK;
	return lepton_error_set(
		err, LEPTON_E_NOMEM, "out of memory for \"privacy\"; lower \"micro_batches\"");
}

void lepton__privacy_free(struct lepton__privacy *privacy)
{
	lepton__free(privacy->sums);
	lepton__free(privacy->lengths);
	lepton__free(privacy->span);
	*privacy = (struct lepton__privacy){0};
}

void lepton__privacy_begin(struct lepton__privacy *privacy, int64_t n, const float *weights)
{
	struct lepton__hash hash;
	if (!privacy->on)
		return;
	lepton__hash_begin(&hash);
	lepton__hash_add(&hash, &privacy->salt, sizeof privacy->salt);
	lepton__hash_add(&hash, weights, (size_t)n * sizeof *weights);
	privacy->key = first_bytes(&hash);
}

/* ---- clipping ---- */

double lepton__privacy_squares(int64_t n, const float *x)
{
	double all = 0;
	for (int64_t from = 0; from < n; from += STRETCH) {
		const int64_t to = n - from < STRETCH ? n : from + STRETCH;
		float sum[LANES] = {0};
		int64_t i = from;
		for (; i + LANES <= to; i += LANES)
			for (int k = 0; k < LANES; k++)
				sum[k] += x[i + k] * x[i + k];
		for (; i < to; i++)
			sum[0] += x[i] * x[i];
		for (int k = 0; k < LANES; k++)
			all += (double)sum[k];
	}
	return all;
}

double lepton__privacy_shrink(const struct lepton__privacy *privacy, double squares)
{
	const double length = sqrt(squares);
	return length > privacy->clip ? privacy->clip / length : 1;
}

/* ---- noise ---- */

/* Four at a time, by Box and Muller's transform: a block of the stream has as many values. */
static void normal_block(const struct lepton__rng *rng, uint64_t block, float out[4])
{
	const float two_pi = 6.283185307F;
	uint32_t bits[4];
	lepton__rng_block(rng, block, bits);
	for (int i = 0; i < 4; i += 2) {
		const float u = (float)((bits[i] + 0.5) * 0x1p-32), v = (float)bits[i + 1] * 0x1p-32F;
		const float length = sqrtf(-2 * logf(u));
		out[i] = length * cosf(two_pi * v);
		out[i + 1] = length * sinf(two_pi * v);
	}
}

/* sum[0..n) lies at `at`; both begin a block. */
static void add_noise(const struct lepton__rng *rng, float deviation, int64_t at, int64_t n, float *sum)
{
	for (int64_t i = 0; i < n; i += 4) {
		float noise[4];
		normal_block(rng, (uint64_t)(at + i) / 4, noise);
		for (int k = 0; k < 4 && i + k < n; k++)
			sum[i + k] += deviation * noise[k];
	}
}

void lepton__privacy_finish(
	const struct lepton__privacy *privacy, int64_t step, int64_t at, int64_t n, int batch, float *sum)
{
	const float deviation = (float)(privacy->noise * privacy->clip);
	const float share = 1.0F / (float)batch;
	struct lepton__rng rng;
	lepton__rng_init(&rng, privacy->key, NOISE_STREAM | (uint64_t)step);
	for (int s = 0; deviation > 0 && s < privacy->spans; s++) {
		const struct lepton__privacy_span *span = &privacy->span[s];
		const int64_t from = span->from > at ? span->from : at,
			      to = span->to < at + n ? span->to : at + n;
		if (from < to)
			add_noise(&rng, deviation, from, to - from, sum + (from - at));
	}
	for (int64_t i = 0; i < n; i++)
		sum[i] *= share;
}
