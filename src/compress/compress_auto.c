/* compress/compress_auto.c - what "auto" is called and told; the search itself is train/auto_search.c, where there is
 * data to score by.
 */
#include "config.h"
#include "compress/methods.h"

static const struct lepton_option options[] = {
	{"budget", LEPTON_OPTION_NUMBER, 0.2, 0, 100, NULL,
		"points of validation accuracy that may be lost, or per cent that the RMSE may grow by"},
	{"target", LEPTON_OPTION_INTEGER, 0, 0, 1e12, NULL, "bytes: the best that is no larger, whatever it loses; 0: by \"budget\""},
	{"retrain", LEPTON_OPTION_INTEGER, 0, 0, 100000, NULL,
		"epochs of training on first, in a version of its own, that is pruned meanwhile; 0: none"},
	{"sparsity", LEPTON_OPTION_NUMBER, 0.9, 0, 0.999, NULL, "with \"retrain\": share of the weights that it sets to zero"},
	{"scope", LEPTON_OPTION_CHOICE, 0, 0, 0, "global|layer", "with \"retrain\": the smallest of the network or of each layer"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static int encode(const struct lepton_params *weights, const struct lepton_params *base, const char *settings,
	uint8_t **payload, size_t *size, struct lepton_compress_report *report, struct lepton_error *err)
{
	(void)weights, (void)base, (void)settings, (void)payload, (void)size, (void)report;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"compress auto: it tries methods and scores them on data, which takes an engine; name one of the methods");
}

static int decode(const uint8_t *payload, size_t size, const struct lepton_params *base, struct lepton_params **weights,
	struct lepton_error *err)
{
	(void)payload, (void)size, (void)base, (void)weights;
	return lepton_error_set(err, LEPTON_E_CORRUPT, "compress auto: nothing is stored by that method");
}

const struct lepton_compressor lepton_compress_auto = {
	.name = "auto",
	.summary = "tries pipelines and keeps the smallest that loses no more than you allow",
	.options = options,
	.encode = encode,
	.decode = decode,
};
