/* model/safetensors.h - weights from a safetensors file: 8 bytes of length, a JSON header, the numbers. */
#ifndef LEPTON_MODEL_SAFETENSORS_H
#define LEPTON_MODEL_SAFETENSORS_H

#include "lepton/tensor.h"

/* Every tensor becomes float32, which is what compress and fuse work on (whole numbers beyond 2^24 lose
 * their last digits), in the header's order. LEPTON_E_IO, LEPTON_E_DATA, LEPTON_E_SHAPE, LEPTON_E_NOMEM. */
int lepton__safetensors_read(const char *path, struct lepton_params **out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
