/* compress/record.c - what a payload says about one tensor.
 *
 * Reading is the suspicious part: a blob can come from anywhere, well sealed or not. Nothing here
 * believes a number it has not compared with the bytes that are there, and combinations nobody writes
 * are refused, so that the decoder behind needs no doubts of its own. The layout is in FORMAT.md.
 */
#include "config.h"
#include "compress/record.h"
#include "compress/pack.h"
#include "compress/payload.h"
#include "compress/range_coder.h"

#include <string.h>

#define MOST_VALUES ((int64_t)1 << 30) /* numbers in one tensor: 4 GiB of float32 */

void lepton__record_write(struct lepton__buffer *out, const struct lepton__record *record)
{
	size_t length = strlen(record->name);
	uint8_t before[1] = {(uint8_t)length};
	uint8_t between[2] = {LEPTON_F32, (uint8_t)record->shape.rank};
	uint8_t after[4] = {record->predictor, record->coding, record->bits, record->packing};
	lepton__buffer_append(out, before, sizeof before);
	lepton__buffer_append(out, record->name, length);
	lepton__buffer_append(out, between, sizeof between);
	for (int i = 0; i < record->shape.rank; i++)
		lepton__buffer_u32(out, (uint32_t)record->shape.dim[i]);
	lepton__buffer_append(out, after, sizeof after);
	lepton__buffer_u32(out, record->alphas);
	lepton__buffer_u32(out, record->scales);
	lepton__buffer_u32(out, record->section);
}

static bool read_name(struct lepton__cursor *in, struct lepton__record *out)
{
	uint8_t length = lepton__cursor_u8(in);
	const uint8_t *name = lepton__cursor_bytes(in, length);
	if (!name || length == 0 || length >= sizeof out->name || memchr(name, 0, length))
		return false;
	memcpy(out->name, name, length);
	return true;
}

/* Dimensions are at least 1 and their product is bounded. */
static bool read_shape(struct lepton__cursor *in, struct lepton__record *out)
{
	uint8_t rank = lepton__cursor_u8(in);
	if (rank > LEPTON_MAX_RANK)
		return false;
	out->shape.rank = rank;
	out->values = 1;
	for (int i = 0; i < rank; i++) {
		out->shape.dim[i] = lepton__cursor_u32(in);
		if (out->shape.dim[i] < 1 || out->shape.dim[i] > MOST_VALUES / out->values)
			return false;
		out->values *= out->shape.dim[i];
	}
	return !in->failed;
}

/* A way of coding, and all that goes with it. */
static const struct {
	uint8_t coding, bits;
	enum { NEVER, MAY, MUST } predicts;
	bool ranged;   /* packed by the range coder, else stored or deflated */
} ways[] = {
	{LEPTON__CODE_FLOAT, 32, NEVER, false}, /* a float is kept as it is, or not at all */
	{LEPTON__CODE_LINEAR, 8, MAY, false},
	{LEPTON__CODE_LINEAR, 8, MAY, true},
	{LEPTON__CODE_LEVELS, 0, MAY, true},
	{LEPTON__CODE_SPARSE, 32, NEVER, true},
	{LEPTON__CODE_BOOK, 0, NEVER, true},
	{LEPTON__CODE_EXACT_WITHIN, 32, MUST, true},
	{LEPTON__CODE_EXACT, 32, MUST, true},
	{LEPTON__CODE_PRODUCT, 0, NEVER, true},
};

static int64_t channels_of(const struct lepton__record *record)
{
	int rank = record->shape.rank;
	return rank > 0 ? record->shape.dim[rank - 1] : 1;
}

static bool known_ways(const struct lepton__record *record)
{
	bool predicts = record->predictor == LEPTON__PREDICT_BASE;
	if (record->predictor > LEPTON__PREDICT_BASE)
		return false;
	if (predicts ? record->alphas != 1 && record->alphas != channels_of(record) : record->alphas != 0)
		return false;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (record->coding == ways[i].coding && record->bits == ways[i].bits &&
			(record->packing == LEPTON__RANGE_CODED) == ways[i].ranged)
			return ways[i].predicts != (predicts ? NEVER : MUST);
	return false;
}

static bool fitting_scales(const struct lepton__record *record)
{
	switch (record->coding) {
	case LEPTON__CODE_LINEAR:
		return record->scales == 1 || record->scales == channels_of(record);
	case LEPTON__CODE_LEVELS:
		return record->scales == 1;
	case LEPTON__CODE_PRODUCT:
		return record->scales == 0 || record->scales == 2;
	case LEPTON__CODE_BOOK:
		return record->scales <= LEPTON__BOOK_MOST;
	default:
		return record->scales == 0;
	}
}

/* Do the section's parts fit each other and the tensor? */
static bool consistent(const struct lepton__record *record)
{
	uint64_t head = 4 * ((uint64_t)record->alphas + record->scales);
	if (!fitting_scales(record) || head > record->section)
		return false;
	if (record->packing == LEPTON__RANGE_CODED) /* each number takes a bin at least */
		return (uint64_t)record->values <= LEPTON__RANGE_MOST_BINS * (record->section - head);
	return lepton__unpack_plausible(
		record->packing, record->section - head, lepton__record_code_bytes(record));
}

int lepton__record_read(struct lepton__cursor *in, struct lepton__record *out, struct lepton_error *err)
{
	*out = (struct lepton__record){.values = 0};
	if (!read_name(in, out))
		return lepton_error_set(err, LEPTON_E_CORRUPT, "a tensor's name is not one");
	uint8_t dtype = lepton__cursor_u8(in);
	if (dtype != LEPTON_F32 || !read_shape(in, out))
		return lepton_error_set(
			err, LEPTON_E_CORRUPT, "%s: its type or shape makes no sense", out->name);
	out->predictor = lepton__cursor_u8(in);
	out->coding = lepton__cursor_u8(in);
	out->bits = lepton__cursor_u8(in);
	out->packing = lepton__cursor_u8(in);
	out->alphas = lepton__cursor_u32(in);
	out->scales = lepton__cursor_u32(in);
	out->section = lepton__cursor_u32(in);
	if (in->failed)
		return lepton_error_set(
			err, LEPTON_E_CORRUPT, "%s: the table of tensors is cut off", out->name);
	if (!known_ways(out) || !consistent(out))
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"%s: coded in a way this program does not know, or not as long as it says",
			out->name);
	return LEPTON_OK;
}
