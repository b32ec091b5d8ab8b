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

static const struct lepton_option options_lowrank_entropy[] = {
	LEPTON__LOWRANK_OPTIONS, LEPTON__STEP_OPTIONS, LEPTON__LAMBDA_OPTIONS, LEPTON__OPTIONS_END};
static const struct lepton_option options_prune_entropy[] = {
	LEPTON__PRUNE_OPTIONS, LEPTON__STEP_OPTIONS, LEPTON__LAMBDA_OPTIONS, LEPTON__OPTIONS_END};
static const struct lepton_option options_prune_cluster[] = {
	LEPTON__PRUNE_OPTIONS, LEPTON__CLUSTER_OPTIONS, LEPTON__OPTIONS_END};
static const struct lepton_option options_cluster_entropy[] = {
	LEPTON__CLUSTER_OPTIONS, LEPTON__CLUSTER_RETRAIN, LEPTON__LAMBDA_OPTIONS, LEPTON__OPTIONS_END};
static const struct lepton_option options_prune_cluster_entropy[] = {
	LEPTON__PRUNE_OPTIONS, LEPTON__CLUSTER_OPTIONS, LEPTON__LAMBDA_OPTIONS, LEPTON__OPTIONS_END};

LEPTON__ROW(lowrank_entropy, "lowrank,entropy", "products of thin matrices, both in even steps",
	options_lowrank_entropy, lepton__stage_lowrank, lepton__stage_entropy);
LEPTON__ROW(prune_entropy, "prune,entropy", "small weights to zero, the others in even steps",
	options_prune_entropy, lepton__stage_prune, lepton__stage_entropy);
LEPTON__ROW(prune_cluster, "prune,cluster", "small weights to zero, the others share values",
	options_prune_cluster, lepton__stage_prune, lepton__stage_cluster);
LEPTON__ROW(cluster_entropy, "cluster,entropy", "shared values, the cheap ones preferred",
	options_cluster_entropy, lepton__stage_cluster, lepton__stage_entropy);
LEPTON__ROW(prune_cluster_entropy, "prune,cluster,entropy", "all three: the smallest",
	options_prune_cluster_entropy, lepton__stage_prune, lepton__stage_cluster, lepton__stage_entropy);
