/* compress/product.h - a tensor kept as the product of two thin matrices. */
#ifndef LEPTON_COMPRESS_PRODUCT_H
#define LEPTON_COMPRESS_PRODUCT_H

#include "compress/linear.h"
#include "compress/payload.h"
#include "compress/record.h"

/* The two factors of a plan as tensors of rank 2; their numbers stay the plan's. */
void lepton__product_factors(const struct lepton__plan *plan, struct lepton__grid grid, struct lepton_tensor *left,
	struct lepton_tensor *right);
/* Append the section. LEPTON_E_NOMEM; LEPTON_E_UNSUPPORTED for so few bytes that no reader would believe them. */
int lepton__product_encode(struct lepton__grid grid, const struct lepton__plan *plan, struct lepton__buffer *out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* *fine false: the bytes are not the factors' streams. scales are checked already. LEPTON_E_NOMEM. */
int lepton__product_decode(const struct lepton__record *record, const float *scales, const uint8_t *bytes,
	size_t size, float *weights, bool *fine, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
