/* compress/compress_trees.c - trees: thresholds and leaves' values in a few bits, and all of it through the
 * range coder.
 *
 * A tree is mostly structure, and structure is cheap once its nodes lie in order: one question a node says
 * whether it is a leaf, and where its children are follows. A threshold of a table's column becomes one of
 * 2^bits even steps between the column's least and largest threshold in the trees; of an image, the first
 * bits of its byte. Leaves' values likewise. Before, the engine cuts subtrees off that are worth less than
 * "prune" a leaf (model/tree_prune.c), and sorts the nodes.
 */
#include "config.h"
#include "compress/methods.h"
#include "compress/tree_fields.h"
#include "base/memory.h"

#include <stdio.h>

static const struct lepton_option options[] = {
	{"prune", LEPTON_OPTION_NUMBER, 0, 0, 1, NULL,
		"cost-complexity pruning: what a leaf must be worth of the cost of all, as scikit-learn's "
		"ccp_alpha; 0: all stay"},
	{"thresholds", LEPTON_OPTION_INTEGER, 8, 2, 32, NULL,
		"bits of each; 32: to the bit, as is 8 for images"},
	{"values", LEPTON_OPTION_INTEGER, 8, 2, 32, NULL, "bits of each number of a leaf; 32: to the bit"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static int bits_of(const char *settings, const char *name, int *bits, struct lepton_error *err)
{
	*bits = (int)lepton_options_number(options, settings, name);
	if (*bits > LEPTON__TREE_BITS_MAX && *bits != 32)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"compress trees: \"%s\" takes 2 to %d bits, or 32", name, LEPTON__TREE_BITS_MAX);
	return LEPTON_OK;
}

static int encode(const struct lepton_params *weights, const struct lepton_params *base, const char *settings,
	uint8_t **payload, size_t *size, struct lepton_compress_report *report, struct lepton_error *err)
{
	struct lepton__tree_fields fields;
	int thresholds, values;
	(void)base;
	int code = bits_of(settings, "thresholds", &thresholds, err);
	if (!code)
		code = bits_of(settings, "values", &values, err);
	if (!code)
		code = lepton__tree_fields_find(weights, &fields, err);
	if (!code)
		code = lepton__tree_fields_encode(&fields, thresholds, values, payload, size, err);
	if (!code)
		snprintf(report->detail, sizeof report->detail,
			"%lld nodes in %lld trees, thresholds %d bits, values %d", (long long)fields.count,
			(long long)fields.trees, thresholds, values);
	return code;
}

static int decode(const uint8_t *payload, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err)
{
	(void)base;
	return lepton__tree_fields_decode(payload, size, weights, err);
}

const struct lepton_compressor lepton__compress_trees = {
	.name = "trees",
	.summary = "of trees: pruned, thresholds and values in a few bits",
	.trees = true,
	.options = options,
	.encode = encode,
	.decode = decode,
};
