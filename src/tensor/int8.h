/* tensor/int8.h - the layers of a network whose numbers are whole and have 8 bits.
 *
 *     sum[r, c] = Σ over runs, bytes of x[r·x_row + run·x_run + byte] · w[run, byte, c]
 *     y[r, c]   = scale[c] · sum[r, c] + shift[c]
 *
 * A dense layer is one run of all its values a sample; a convolution's row has a run for each row of the filter.
 * Weights are -127..127, values 0..127: with 8 bits the pairs that AVX2 multiplies and adds at once could overflow their
 * 16 bits, with 7 they cannot, so every CPU has the same sums.
 */
#ifndef LEPTON_TENSOR_INT8_H
#define LEPTON_TENSOR_INT8_H

#include <stddef.h>
#include <stdint.h>

enum { LEPTON__INT8_MAX = 127, LEPTON__INT8_BLOCK = 16 }; /* channels that are packed side by side */
#define LEPTON__INT8_GROUP 4 /* bytes of x that one lane takes at once */
#define LEPTON__INT8_SLACK 64 /* readable bytes behind x: what is read there counts for nothing */
#define LEPTON__INT8_INPUTS_MAX (INT32_MAX / (LEPTON__INT8_MAX * LEPTON__INT8_MAX)) /* runs × length: a sum fits */

struct lepton__int8 {
	int rows, channels;
	int runs, length; /* bytes of a run */
	const uint8_t *x;
	ptrdiff_t x_row, x_run;
	const int8_t *w;            /* as lepton__int8_pack leaves it */
	const float *scale, *shift; /* of each channel, and zeros up to whole blocks */
	/* One of them: whole numbers, rounded and held within low..127, or floats. `y_row`: from a row to the next. */
	uint8_t *y8;
	float *y, low;
	ptrdiff_t y_row;
};

/* Bytes, and the packing of w[runs × length × channels] (int8_pack.c). */
size_t lepton__int8_bytes(int runs, int length, int channels);
void lepton__int8_pack(int runs, int length, int channels, const int8_t *w, int8_t *packed);

#endif
