/* store/history_columns.c - a column of numbers, as whole numbers of 64 bits, in few bytes and quickly read.
 *
 * Steps rise evenly, times nearly so, and figures wander: a column is written as it is, as differences, or as
 * differences of differences, whichever is shortest, each number seven bits a byte, the lowest first. Doubles
 * go as their bits, which differ little where the numbers do. Zeros that all numbers end in are left out
 * first: a float kept as a double has 29 of them. A column of one number is that number.
 */
#include "config.h"
#include "store/history_columns.h"

#define DIFFERENCES 3 /* as it is, differences, differences of those */
#define CONSTANT 3
#define LONGEST 10 /* bytes of 64 bits, seven each */

/* So that small numbers of either sign are short. */
static uint64_t folded(uint64_t difference)
{
	return (difference << 1) ^ (0 - (difference >> 63));
}

static uint64_t unfolded(uint64_t value)
{
	return (value >> 1) ^ (0 - (value & 1));
}

static size_t length(uint64_t value)
{
	size_t bytes = 1;
	while (value >>= 7)
		bytes++;
	return bytes;
}

/* What is written for number i of a column of kind `kind`; before the first there are zeros. */
static uint64_t written(const uint64_t *values, size_t i, unsigned shift, unsigned kind)
{
	uint64_t now = values[i] >> shift, last = i > 0 ? values[i - 1] >> shift : 0,
		 before = i > 1 ? values[i - 2] >> shift : 0;
	if (kind == 0)
		return now;
	return folded(kind == 1 ? now - last : now - 2 * last + before);
}

static unsigned common_zeros(const uint64_t *values, size_t count)
{
	uint64_t any = 0;
	unsigned shift = 0;
	for (size_t i = 0; i < count; i++)
		any |= values[i];
	while (any && !(any & 1)) {
		any >>= 1;
		shift++;
	}
	return shift;
}

static unsigned shortest(const uint64_t *values, size_t count, unsigned shift)
{
	size_t sizes[DIFFERENCES] = {0};
	unsigned best = 0;
	bool constant = true;
	for (size_t i = 0; i < count; i++) {
		constant = constant && values[i] == values[0];
		for (unsigned kind = 0; kind < DIFFERENCES; kind++)
			sizes[kind] += length(written(values, i, shift, kind));
	}
	for (unsigned kind = 1; kind < DIFFERENCES; kind++)
		if (sizes[kind] < sizes[best])
			best = kind;
	return constant ? CONSTANT : best;
}

static void write_number(struct lepton__buffer *out, uint64_t value)
{
	uint8_t bytes[LONGEST];
	size_t size = 0;
	do {
		bytes[size] = (uint8_t)(value & 0x7f);
		value >>= 7;
		bytes[size++] |= value ? 0x80 : 0;
	} while (value);
	lepton__buffer_append(out, bytes, size);
}

void lepton__column_write(struct lepton__buffer *out, const uint64_t *values, size_t count)
{
	unsigned shift = common_zeros(values, count), kind = shortest(values, count, shift);
	const uint8_t head[2] = {(uint8_t)kind, (uint8_t)shift};
	lepton__buffer_append(out, head, sizeof head);
	for (size_t i = 0; i < count && (i == 0 || kind != CONSTANT); i++)
		write_number(out, written(values, i, shift, kind == CONSTANT ? 0 : kind));
}

static uint64_t read_number(struct lepton__cursor *in)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < LONGEST && i < in->left; i++) {
		value |= (uint64_t)(in->at[i] & 0x7f) << (7 * i);
		if (in->at[i] & 0x80)
			continue;
		in->at += i + 1;
		in->left -= i + 1;
		return value;
	}
	in->failed = true;
	in->left = 0;
	return 0;
}

void lepton__column_read(struct lepton__cursor *in, uint64_t *values, size_t count)
{
	unsigned kind = lepton__cursor_u8(in), shift = lepton__cursor_u8(in);
	uint64_t last = 0, slope = 0;
	if (kind > CONSTANT || shift > 63) {
		in->failed = true;
		shift = 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (kind != CONSTANT || i == 0) {
			uint64_t number = in->failed ? 0 : read_number(in);
			slope = kind == 2 ? slope + unfolded(number) : unfolded(number);
			last = kind == 0 || kind == CONSTANT ? number : last + slope;
		}
		values[i] = last << shift;
	}
}
