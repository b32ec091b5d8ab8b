/* compress/compress_distil.c - what "distil" is called here and can be told: a smaller network that learns
 * from the answers of the one it is to replace. It trains, which takes an engine: train/job_distil.c.
 */
#include "config.h"
#include "compress/methods.h"
#include "base/distil_options.h"

static const struct lepton_option options[] = {LEPTON__DISTIL_OPTIONS(0.5)};

static int encode(const struct lepton_params *weights, const struct lepton_params *base, const char *settings,
	uint8_t **payload, size_t *size, struct lepton_compress_report *report, struct lepton_error *err)
{
	(void)weights, (void)base, (void)settings, (void)payload, (void)size, (void)report;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"compress distil: its student has to train, which takes an engine; name another method");
}

static int decode(const uint8_t *payload, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err)
{
	(void)payload, (void)size, (void)base, (void)weights;
	return lepton_error_set(err, LEPTON_E_CORRUPT, "compress distil: nothing is stored by that method");
}

const struct lepton_compressor lepton_compress_distil = {
	.name = "distil",
	.summary = "a smaller network that learns what this one answers",
	.options = options,
	.encode = encode,
	.decode = decode,
};
