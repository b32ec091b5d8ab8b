/* compress/compress_quantize.c - 8 bits a weight, with one scale a channel.
 *
 * Each weight becomes scale · code, code a whole number from -127 to 127. A channel (a filter of a
 * convolution, a unit of a dense layer: the last dimension) has its own scale, since the largest weight
 * of one filter says nothing about another's. Biases are few, and an error in one shifts every
 * output alike, so they stay float32 unless asked. A tensor of rank 1 has no channels: one scale.
 */
#include "config.h"
#include "compress/methods.h"
#include "compress/payload.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static const struct lepton_option options[] = {
	{"per", LEPTON_OPTION_CHOICE, 0, 0, 0, "channel|tensor",
		"one scale for each channel (last dimension) or one for the whole tensor"},
	{"biases", LEPTON_OPTION_CHOICE, 0, 0, 0, "float32|int8", "what becomes of tensors of rank 1"},
	{"bits", LEPTON_OPTION_INTEGER, 8, 8, 8, NULL, "of each weight"},
	{"pack", LEPTON_OPTION_CHOICE, 0, 0, 0, "deflate|none",
		"entropy coding of the codes; kept only where it is shorter"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static int encode(const struct lepton_params *weights, const struct lepton_params *base, const char *settings,
	uint8_t **payload, size_t *size, struct lepton_compress_report *report, struct lepton_error *err)
{
	(void)base;
	char per[32], biases[32];
	struct lepton__payload_account account;
	size_t count = lepton_params_count(weights);
	struct lepton__plan *plans = lepton__calloc(count, sizeof *plans);
	if (!plans)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to quantize");
	lepton_options_choice(options, settings, "per", per, sizeof per);
	lepton_options_choice(options, settings, "biases", biases, sizeof biases);
	bool deflate = lepton__compress_deflates(options, settings);
	for (size_t i = 0; i < count; i++) {
		bool vector = lepton_params_at(weights, i)->shape.rank < 2;
		bool keep = vector && strcmp(biases, "float32") == 0;
		plans[i].coding = keep ? LEPTON__CODE_FLOAT : LEPTON__CODE_LINEAR;
		plans[i].per_channel = !vector && strcmp(per, "channel") == 0;
		plans[i].deflate = deflate;
	}
	int code = lepton__payload_encode(weights, NULL, plans, payload, size, &account, err);
	if (!code)
		snprintf(report->detail, sizeof report->detail,
			"8 bits, one scale a %s, biases %s, codes packed %lld to %lld bytes", per, biases,
			(long long)account.codes, (long long)account.packed);
	lepton__free(plans);
	return code;
}

static int decode(const uint8_t *payload, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err)
{
	(void)base;
	return lepton__payload_decode(payload, size, NULL, weights, err);
}

const struct lepton_compressor lepton__compress_quantize = {
	.name = "quantize",
	.summary = "8 bits a weight, one scale a channel",
	.options = options,
	.encode = encode,
	.decode = decode,
};
