/* tensor/peak.h - the fastest this core can multiply and add, measured. */
#ifndef LEPTON_TENSOR_PEAK_H
#define LEPTON_TENSOR_PEAK_H

#include "tensor/kernels.h"

/* Float operations a second of one core with this table's instructions (a fused multiply-add is two), the
 * best of several short runs that together take about `seconds`. Runs on the calling thread. */
double lepton__peak_flops(const struct lepton__kernels *k, double seconds);

#endif
