/* tensor/taps.h - the weights' gradient of a convolution that looks at few values, such as 3x3 of one
 * channel.
 *
 *     dw[t, c] += sum over rows, pixels of x[offset(t) + row, pixel] · dz[row, pixel, c]
 *     dbias[c] += sum over rows, pixels of dz[row, pixel, c]
 *
 * and, forward, rows of the convolution itself. Rows may be of one image, one below the other, or of several.
 */
#ifndef LEPTON_TENSOR_TAPS_H
#define LEPTON_TENSOR_TAPS_H

#include <stddef.h>

#define LEPTON__TAPS_MAX 32 /* taps times input channels; with more, product() has rows enough */

struct lepton__taps {
	int taps, channels; /* values a filter looks at, filters */
	int rows, pixels;   /* of dz, or of y */
	const float *x;
	ptrdiff_t x_row, x_step;            /* from a row, a pixel of dz to the next */
	const int *at;                      /* row i is at[i] · x_row from x, not i · x_row; NULL: it is */
	ptrdiff_t offset[LEPTON__TAPS_MAX]; /* of each tap, in x */
	const float *dz;
	ptrdiff_t z_row; /* from a row of dz, or of y, to the next; within one pixels × channels are dense */
	float *dw, *dbias;                  /* added to */
};

#endif
