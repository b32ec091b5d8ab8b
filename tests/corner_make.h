/* corner_make.h - rows of 16 bytes in two classes, of which the second is brighter in the first four; and a small network
 * for them.
 */
#ifndef CORNER_MAKE_H
#define CORNER_MAKE_H

#include "lepton/data.h"

#include <stdint.h>
#include <stdio.h>

#define CORNER_INPUTS 16
#define CORNER_UNITS 24
#define CORNER_MOST 1000 /* samples */

/* The last `test` of the samples are the test split. */
static inline int make_corner(int samples, int test, double validation, struct lepton_dataset **out)
{
	static uint8_t images[CORNER_MOST * CORNER_INPUTS], labels[CORNER_MOST];
	const struct lepton_shape sample = {1, {CORNER_INPUTS}};
	uint32_t seed = 3;
	for (int i = 0; i < samples; i++) {
		labels[i] = (uint8_t)(i % 2);
		for (int p = 0; p < CORNER_INPUTS; p++)
			images[i * CORNER_INPUTS + p] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 25) +
							(uint8_t)((p < 4) * labels[i] * 60);
	}
	return lepton_dataset_from_u8(images, labels, samples, test, &sample, 2, validation, out, NULL);
}

/* In batches of 16; `more` follows: ",\"key\":…" */
static inline void corner_config(char *out, size_t size, int epochs, const char *more)
{
	snprintf(out, size,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[%d]},{\"type\":\"Dense\",\"units\":%d,\"activation\":\"relu\"},"
		"{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}],\"batch_size\":16,\"epochs\":%d%s}",
		CORNER_INPUTS, CORNER_UNITS, epochs, more);
}

#endif
