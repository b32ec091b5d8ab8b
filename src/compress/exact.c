/* compress/exact.c - a checkpoint against the one before it, to the bit.
 *
 * Floats read as whole numbers, negative ones turned round, ascend as their values do; so the difference of
 * two such keys counts the floats that lie between. A weight and what is predicted of it share their sign,
 * their exponent and the first digits of the fraction, and their keys differ by little. What is written is
 * the length of the difference in bits, its sign, and its digits. Lengths are much alike within a tensor and
 * more so beside and above, where the same unit or the same input learnt as fast: the models are chosen by
 * those. The first digit below the leading one leans a little towards 0; of the rest nothing is known, and
 * they go as they are, apart from the coder, which would divide for every eight of them. Blobs of earlier
 * builds have them in its stream (coding 5): these are read, and no longer written.
 */
#include "config.h"
#include "compress/exact.h"
#include "compress/digits.h"
#include "compress/range_coder.h"
#include "base/bits.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 32, LENGTH_BITS = 6, LENGTHS = 1 << LENGTH_BITS };

struct models {
	struct lepton__symbols lengths[LONGEST + 1];
	struct lepton__model length[LONGEST + 1][LENGTHS], minus[3], second[LONGEST + 1];
};

/* A row of the tensor while it is coded. */
struct row {
	int8_t *length; /* of the last difference in each column, with its sign */
	int64_t column, columns;
	struct models models;
};

/* A grid without rows may say any number of columns, and needs none. */
static int row_start(struct row *row, struct lepton__grid grid, struct lepton_error *err)
{
	row->column = 0;
	row->columns = grid.rows ? grid.columns : 0;
	row->length = lepton__calloc((size_t)row->columns + 1, 1);
	for (int i = 0; i <= LONGEST; i++) {
		row->models.second[i] = lepton__model_even;
		lepton__symbols_start(&row->models.lengths[i]);
		for (int node = 0; node < LENGTHS; node++)
			row->models.length[i][node] = lepton__model_even;
	}
	for (int i = 0; i < 3; i++)
		row->models.minus[i] = lepton__model_even;
	return row->length ? LEPTON_OK
			   : lepton_error_set(err, LEPTON_E_NOMEM, "no memory to code a row of weights");
}

/* Which models, by the numbers to the left and above. */
static void look_around(const struct row *row, int *size, int *sign)
{
	int left = row->column > 0 ? row->length[row->column - 1] : 0, up = row->length[row->column];
	int signs = (left > 0) - (left < 0) + (up > 0) - (up < 0);
	*size = (abs(left) + abs(up) + 1) / 2;
	*sign = (signs > 0) - (signs < 0) + 1;
}

static void row_next(struct row *row, int length, bool minus)
{
	row->length[row->column] = (int8_t)(minus ? -length : length);
	row->column = row->column + 1 < row->columns ? row->column + 1 : 0;
}

static int64_t key_of(float value)
{
	const uint32_t bits = lepton__float_bits(value);
	return bits >> 31 ? -1 - (int64_t)(bits & INT32_MAX) : (int64_t)bits;
}

/* False for a key no finite float has. */
static bool value_of(int64_t key, float *value)
{
	if (key < -1 - (int64_t)INT32_MAX || key > INT32_MAX)
		return false;
	uint32_t bits = key < 0 ? (uint32_t)(-1 - key) | UINT32_C(1) << 31 : (uint32_t)key;
	memcpy(value, &bits, sizeof bits);
	return isfinite(*value);
}

static int64_t predicted_key(struct lepton__prediction prediction, int64_t at)
{
	return key_of((float)lepton__within_float(lepton__predicted(prediction, at)));
}

static int length_of(uint64_t size)
{
	return size ? 64 - __builtin_clzll(size) : 0;
}

static void encode_one(struct lepton__range_encoder *coder, struct lepton__digits_out *digits,
	struct row *row, int64_t difference)
{
	uint64_t size = (uint64_t)llabs(difference);
	int length = length_of(size), near, sign;
	look_around(row, &near, &sign);
	lepton__range_encode_symbol(coder, &row->models.lengths[near], length);
	if (length > 0)
		lepton__range_encode(coder, &row->models.minus[sign], difference < 0);
	if (length > 1) {
		lepton__range_encode(coder, &row->models.second[length], size >> (length - 2) & 1);
		uint64_t rest = size & ((UINT64_C(1) << (length - 2)) - 1);
		lepton__digits_put(digits, (uint32_t)rest, length - 2);
	}
	row_next(row, length, difference < 0);
}

int lepton__exact_encode(struct lepton__grid grid, const float *weights, struct lepton__prediction prediction,
	struct lepton__buffer *out, struct lepton_error *err)
{
	struct lepton__range_encoder coder;
	struct lepton__digits_out digits;
	struct row row;
	int code = row_start(&row, grid, err);
	if (code)
		return code;
	lepton__range_encode_start(&coder, out);
	lepton__digits_out_start(&digits, out->max);
	for (int64_t at = 0; at < grid.rows * grid.columns; at++)
		encode_one(&coder, &digits, &row, key_of(weights[at]) - predicted_key(prediction, at));
	lepton__range_encode_end(&coder);
	lepton__digits_out_end(&digits, out);
	lepton__free(row.length);
	return out->failed ? lepton_error_set(err, LEPTON_E_NOMEM, "no memory for compressed weights")
			   : LEPTON_OK;
}

/* A length that is none marks the coder failed. digits NULL: they are in the coder's stream. */
static inline int64_t decode_one(
	struct lepton__range_decoder *coder, struct lepton__digits_in *digits, struct row *row)
{
	int near, sign, node = 1, length;
	bool minus = false;
	look_around(row, &near, &sign);
	if (digits) {
		length = lepton__range_decode_symbol(coder, &row->models.lengths[near]);
	} else {
		for (int i = 0; i < LENGTH_BITS; i++)
			node = node << 1 | lepton__range_decode(coder, &row->models.length[near][node]);
		length = node - LENGTHS;
	}
	if (length > LONGEST) {
		coder->in.failed = true;
		return 0;
	}
	if (length > 0)
		minus = lepton__range_decode(coder, &row->models.minus[sign]);
	int64_t size = length > 0;
	if (length > 1) {
		size = size << 1 | lepton__range_decode(coder, &row->models.second[length]);
		size = size << (length - 2) | (digits ? lepton__digits_take(digits, length - 2)
						      : lepton__range_decode_raw(coder, length - 2));
	}
	row_next(row, length, minus);
	return minus ? -size : size;
}

/* False when the section is not whole, or a number not finite. Coder and digits are this function's own, of
 * which nothing else has the address: they stay in registers. */
static bool decode_apart(const uint8_t *bytes, size_t size, int64_t count,
	struct lepton__prediction prediction, struct row *row, float *weights)
{
	struct lepton__range_decoder started, coder;
	struct lepton__digits_in digits;
	bool fine = true;
	lepton__range_decode_start(&started, bytes, size);
	lepton__digits_in_start(&digits, bytes, size);
	coder = started;
	for (int64_t at = 0; at < count && fine && !coder.in.failed; at++)
		fine = value_of(
			predicted_key(prediction, at) + decode_one(&coder, &digits, row), &weights[at]);
	started = coder;
	return fine && lepton__range_decode_fits(&started) && lepton__digits_ended(&digits, started.in.at);
}

static bool decode_within(const uint8_t *bytes, size_t size, int64_t count,
	struct lepton__prediction prediction, struct row *row, float *weights)
{
	struct lepton__range_decoder coder;
	bool fine = true;
	lepton__range_decode_start(&coder, bytes, size);
	for (int64_t at = 0; at < count && fine && !coder.in.failed; at++)
		fine = value_of(predicted_key(prediction, at) + decode_one(&coder, NULL, row), &weights[at]);
	return fine && lepton__range_decode_ended(&coder);
}

int lepton__exact_decode(const uint8_t *bytes, size_t size, bool apart, struct lepton__grid grid,
	struct lepton__prediction prediction, float *weights, bool *whole, struct lepton_error *err)
{
	struct row row;
	int code = row_start(&row, grid, err);
	if (code)
		return code;
	*whole = (apart ? decode_apart : decode_within)(
		bytes, size, grid.rows * grid.columns, prediction, &row, weights);
	lepton__free(row.length);
	return LEPTON_OK;
}
