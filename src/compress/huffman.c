/* compress/huffman.c - the length of Huffman's code (1952), by which Deep Compression (Han, Mao, Dally 2016)
 * ends.
 *
 * A tensor's numbers are sorted, and equal ones counted. Joining the two rarest again and again needs no heap
 * once the counts are sorted: joined ones come out in ascending order too, so the two rarest are at the heads
 * of two queues. Each joining adds one bit to all that lies below, so the sum of all joined counts is the
 * length in bits. The table is a number and the length of its code, 5 bytes, for each that occurs.
 */
#include "config.h"
#include "compress/huffman.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define SYMBOLS_MAX 4096
#define SYMBOL_BYTES 5

static int by_value(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static int by_count(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* How often each number occurs, ascending; how many there are, or -1. `sorted` has room for the numbers. */
static int64_t count_equal(const float *values, int64_t n, float *sorted, int64_t *counts)
{
	int64_t symbols = 0;
	memcpy(sorted, values, (size_t)n * sizeof *sorted);
	qsort(sorted, (size_t)n, sizeof *sorted, by_value);
	for (int64_t i = 0; i < n; i++) {
		if (i && !(sorted[i] > sorted[i - 1])) {
			counts[symbols - 1]++;
			continue;
		}
		if (symbols == SYMBOLS_MAX)
			return -1;
		counts[symbols++] = 1;
	}
	qsort(counts, (size_t)symbols, sizeof *counts, by_count);
	return symbols;
}

/* The rarer head of the two queues. */
static int64_t take(const int64_t *counts, int64_t symbols, int64_t *at, const int64_t *joined, int64_t made,
	int64_t *next)
{
	bool single = *at < symbols && (*next == made || counts[*at] <= joined[*next]);
	return single ? counts[(*at)++] : joined[(*next)++];
}

static int64_t bits_of(const int64_t *counts, int64_t symbols, int64_t *joined)
{
	int64_t bits = 0, at = 0, next = 0;
	for (int64_t made = 0; made + 1 < symbols; made++) {
		const int64_t a = take(counts, symbols, &at, joined, made, &next),
			      b = take(counts, symbols, &at, joined, made, &next);
		joined[made] = a + b;
		bits += a + b;
	}
	return bits;
}

static int64_t tensor_bytes(const struct lepton_tensor *tensor, float *sorted, int64_t *counts)
{
	const int64_t n = lepton_shape_count(&tensor->shape);
	if (tensor->shape.rank < 2)
		return n * (int64_t)sizeof(float);
	const int64_t symbols = count_equal(tensor->data, n, sorted, counts);
	return symbols < 0
		       ? -1
		       : (bits_of(counts, symbols, counts + SYMBOLS_MAX) + 7) / 8 + symbols * SYMBOL_BYTES;
}

int64_t lepton__huffman_bytes(const struct lepton_params *weights)
{
	int64_t most = 0, bytes = 0;
	for (size_t t = 0; t < lepton_params_count(weights); t++) {
		const int64_t n = lepton_shape_count(&lepton_params_at(weights, t)->shape);
		most = n > most ? n : most;
	}
	float *sorted = lepton__calloc((size_t)most + 1, sizeof *sorted);
	int64_t *counts = lepton__calloc(2 * SYMBOLS_MAX, sizeof *counts);
	for (size_t t = 0; sorted && counts && bytes >= 0 && t < lepton_params_count(weights); t++) {
		const int64_t some = tensor_bytes(lepton_params_at(weights, t), sorted, counts);
		bytes = some < 0 ? -1 : bytes + some;
	}
	lepton__free(sorted);
	lepton__free(counts);
	return bytes < 0 ? 0 : bytes;
}
