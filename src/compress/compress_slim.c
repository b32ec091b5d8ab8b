/* compress/compress_slim.c - what "slim" is called and told. It makes another network, so it takes an engine,
 * which has the layers: train/slim_job.c; which units go is slim.c's business.
 */
#include "config.h"
#include "compress/methods.h"

static const struct lepton_option options[] = {
	{"share", LEPTON_OPTION_NUMBER, 0.3, 0, 0.99, NULL,
		"of the hidden units and filters to take out; those that nothing reads go in any case"},
	{"scope", LEPTON_OPTION_CHOICE, 0, 0, 0, "layer|global",
		"the least of each layer, or of the whole network, each measured by its layer's mean"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static int encode(const struct lepton_params *weights, const struct lepton_params *base, const char *settings,
	uint8_t **payload, size_t *size, struct lepton_compress_report *report, struct lepton_error *err)
{
	(void)weights, (void)base, (void)settings, (void)payload, (void)size, (void)report;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"compress slim: it makes a network of fewer units, which takes an engine; name another "
		"method");
}

static int decode(const uint8_t *payload, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err)
{
	(void)payload, (void)size, (void)base, (void)weights;
	return lepton_error_set(err, LEPTON_E_CORRUPT, "compress slim: nothing is stored by that method");
}

const struct lepton_compressor lepton_compress_slim = {
	.name = "slim",
	.summary = "takes whole units and filters out: a smaller and faster network",
	.options = options,
	.encode = encode,
	.decode = decode,
};
