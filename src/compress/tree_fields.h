/* compress/tree_fields.h - the named tensors of trees (model/tree_nodes.c) as a few coded fields a node, and back. */
#ifndef LEPTON_COMPRESS_TREE_FIELDS_H
#define LEPTON_COMPRESS_TREE_FIELDS_H

#include "lepton/tensor.h"

#define LEPTON__TREE_BITS_MAX 16

struct lepton__tree_fields {
	int64_t count, trees;
	int width;     /* values a leaf */
	int features;  /* the largest that is asked for, and one */
	bool numbers;  /* of a table: thresholds are any numbers, and there are `missing` and `gain` */
	const float *feature, *threshold, *left, *value, *root, *missing, *gain;
};

/* LEPTON_E_UNSUPPORTED: these are no trees, or their nodes are not in order, level by level. */
int lepton__tree_fields_find(
		const struct lepton_params *weights, struct lepton__tree_fields *fields, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Bits: 2 to LEPTON__TREE_BITS_MAX, or 32. *payload is heap (lepton__free). */
int lepton__tree_fields_encode(const struct lepton__tree_fields *fields, int threshold_bits, int value_bits,
		uint8_t **payload, size_t *size, struct lepton_error *err) LEPTON_MUST_CHECK;
/* LEPTON_E_CORRUPT; sizes are checked against the bytes there are before anything of them is allocated. */
int lepton__tree_fields_decode(const uint8_t *payload, size_t size, struct lepton_params **weights,
		struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
