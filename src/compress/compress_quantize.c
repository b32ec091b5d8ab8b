/* compress/compress_quantize.c - 8 bits a weight or fewer, with one scale a channel.
 *
 * Each weight becomes scale · code, code a whole number from -127 to 127 with 8 bits, -7 to 7 with 4, and
 * with 2 one of -1, 0 and 1: ternary weights (Li, Zhang, Liu, "Ternary weight networks", 2016). Below 8 bits
 * the scale is the one of least squared error, and the codes go through the range coder. A channel (a filter
 * of a convolution, a unit of a dense layer: the last dimension) has its own scale, since the largest weight
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
	{"bits", LEPTON_OPTION_INTEGER, 8, 2, 8, NULL, "of each weight; 2: -1, 0 and 1 times the scale"},
	{"retrain", LEPTON_OPTION_INTEGER, 0, 0, 100000, NULL,
		"epochs of training on with rounded weights, in a version of its own; 0: none"},
	{"pack", LEPTON_OPTION_CHOICE, 0, 0, 0, "deflate|none|range",
		"entropy coding of the codes; deflate is kept only where it is shorter; below 8 bits: range, "
		"unless said"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static bool codes_ranged(const char *settings, int bits)
{
	char pack[32];
	lepton_options_choice(options, settings, "pack", pack, sizeof pack);
	return lepton_options_given(settings, "pack") ? strcmp(pack, "range") == 0 : bits < 8;
}

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
	int bits = (int)lepton_options_number(options, settings, "bits");
	bool ranged = codes_ranged(settings, bits),
	     deflate = !ranged && lepton__compress_deflates(options, settings);
	for (size_t i = 0; i < count; i++) {
		bool vector = lepton_params_at(weights, i)->shape.rank < 2;
		bool keep = vector && strcmp(biases, "float32") == 0;
		plans[i].coding = keep ? LEPTON__CODE_FLOAT : LEPTON__CODE_LINEAR;
		plans[i].per_channel = !vector && strcmp(per, "channel") == 0;
		plans[i].most = vector || bits == 8 ? 0 : (1 << (bits - 1)) - 1;
		plans[i].ranged = ranged;
		plans[i].deflate = deflate;
	}
	int code = lepton__payload_encode(weights, NULL, plans, payload, size, &account, err);
	if (!code)
		snprintf(report->detail, sizeof report->detail,
			"%d bits, one scale a %s, biases %s, codes packed %lld to %lld bytes", bits, per,
			biases, (long long)account.codes, (long long)account.packed);
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
	.summary = "8 bits a weight or fewer, one scale a channel",
	.options = options,
	.encode = encode,
	.decode = decode,
};
