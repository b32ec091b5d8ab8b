/* compress/methods.h - the methods the table lists, one file each. */
#ifndef LEPTON_COMPRESS_METHODS_H
#define LEPTON_COMPRESS_METHODS_H

#include "lepton/compress.h"

extern const struct lepton_compressor lepton__compress_delta;
extern const struct lepton_compressor lepton__compress_quantize;
extern const struct lepton_compressor lepton__compress_entropy;
extern const struct lepton_compressor lepton__compress_prune;
extern const struct lepton_compressor lepton__compress_cluster;
extern const struct lepton_compressor lepton__compress_lowrank;
extern const struct lepton_compressor lepton__compress_lowrank_entropy;
extern const struct lepton_compressor lepton__compress_prune_entropy;
extern const struct lepton_compressor lepton__compress_prune_cluster;
extern const struct lepton_compressor lepton__compress_cluster_entropy;
extern const struct lepton_compressor lepton__compress_prune_cluster_entropy;
extern const struct lepton_compressor lepton__compress_trees;

/* What a base leaves of the weights with the best alpha a tensor: a share of their squares, 0 to 1. The shapes agree. */
double lepton__delta_left(const struct lepton_params *weights, const struct lepton_params *base);

/* The setting "pack", which the methods share: true for "deflate". */
bool lepton__compress_deflates(const struct lepton_option *options, const char *settings);

#endif
