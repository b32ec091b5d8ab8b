/* compress/huffman.h - what Huffman's code would make of weights that are few different numbers: to compare with. */
#ifndef LEPTON_COMPRESS_HUFFMAN_H
#define LEPTON_COMPRESS_HUFFMAN_H

#include "lepton/tensor.h"

/* Bytes of all tensors of rank 2 and more, each with a code of its own and that code's table; the others as float32.
 * 0: some tensor has more than 4096 different numbers, or there is no memory. */
int64_t lepton__huffman_bytes(const struct lepton_params *weights);

#endif
