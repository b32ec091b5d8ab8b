/* compress/compress_pipeline.c - stages in a row: prune,entropy and the like.
 *
 * Each row is a method with its own name, so lists, help and the dashboard show it, and takes just the
 * settings of its stages. Order matters (what is shared cannot be pruned after), so only the rows that make
 * sense are here; a new one is one function and one line in the table. "prune,cluster,entropy" is Deep
 * Compression (Han, Mao, Dally 2016) without its retraining, with DeepCABAC's coder for its Huffman code.
 */
#include "config.h"
#include "compress/methods.h"
#include "compress/stages.h"

#define ROW(id, title, words, ...)                                                                           \
	static int encode_##id(const struct lepton_params *weights, const struct lepton_params *base,        \
		const char *settings, uint8_t **payload, size_t *size,                                       \
		struct lepton_compress_report *report, struct lepton_error *err)                             \
	{                                                                                                    \
		static lepton__stage *const list[] = {__VA_ARGS__, NULL};                                    \
		(void)base;                                                                                  \
		return lepton__stages_encode(                                                                \
			list, options_##id, weights, settings, payload, size, report, err);                  \
	}                                                                                                    \
	const struct lepton_compressor lepton__compress_##id = {                                             \
		.name = title,                                                                               \
		.summary = words,                                                                            \
		.options = options_##id,                                                                     \
		.encode = encode_##id,                                                                       \
		.decode = lepton__stages_decode,                                                             \
	}

static const struct lepton_option options_lowrank_entropy[] = {
	LEPTON__LOWRANK_OPTIONS, LEPTON__STEP_OPTIONS, LEPTON__LAMBDA_OPTIONS, LEPTON__OPTIONS_END};
static const struct lepton_option options_prune_entropy[] = {
	LEPTON__PRUNE_OPTIONS, LEPTON__STEP_OPTIONS, LEPTON__LAMBDA_OPTIONS, LEPTON__OPTIONS_END};
static const struct lepton_option options_prune_cluster[] = {
	LEPTON__PRUNE_OPTIONS, LEPTON__CLUSTER_OPTIONS, LEPTON__OPTIONS_END};
static const struct lepton_option options_cluster_entropy[] = {
	LEPTON__CLUSTER_OPTIONS, LEPTON__LAMBDA_OPTIONS, LEPTON__OPTIONS_END};
static const struct lepton_option options_prune_cluster_entropy[] = {
	LEPTON__PRUNE_OPTIONS, LEPTON__CLUSTER_OPTIONS, LEPTON__LAMBDA_OPTIONS, LEPTON__OPTIONS_END};

ROW(lowrank_entropy, "lowrank,entropy", "products of thin matrices, both in even steps",
	lepton__stage_lowrank, lepton__stage_entropy);
ROW(prune_entropy, "prune,entropy", "small weights to zero, the others in even steps", lepton__stage_prune,
	lepton__stage_entropy);
ROW(prune_cluster, "prune,cluster", "small weights to zero, the others share values", lepton__stage_prune,
	lepton__stage_cluster);
ROW(cluster_entropy, "cluster,entropy", "shared values, the cheap ones preferred", lepton__stage_cluster,
	lepton__stage_entropy);
ROW(prune_cluster_entropy, "prune,cluster,entropy", "all three: the smallest", lepton__stage_prune,
	lepton__stage_cluster, lepton__stage_entropy);
