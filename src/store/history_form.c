/* store/history_form.c - points of a version's history as bytes and back.
 *
 * A block is the rows of some hundred points by columns (history_columns.c), deflated, without loss. Its
 * outlines are buckets of 16 and of 256 points (train/run_outline.c), in rows of their own, so that who only
 * wants to see a curve reads a tenth of the bytes, or a hundredth. Both begin with a CRC-32 of their row's
 * head and what follows; nothing of what is read is believed, not even where that fits.
 */
#include "config.h"
#include "store/history_form.h"
#include "store/history_columns.h"
#include "compress/pack.h"
#include "base/bits.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#define POINT_MAX 10 /* bytes of a number in a column */

/* ---- points ---- */

uint64_t lepton__bits_of(double value)
{
	return lepton__double_bits(isnan(value) ? (double)NAN : value);
}

int64_t lepton__point_int(const struct lepton__points *points, size_t i, enum lepton__point_column column)
{
	return (int64_t)points->column[column][i];
}

double lepton__point_double(const struct lepton__points *points, size_t i, enum lepton__point_column column)
{
	return lepton__double_of_bits(points->column[column][i]);
}

static int nomem(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a version's history");
}

static int points_room(struct lepton__points *points, size_t more, struct lepton_error *err)
{
	size_t capacity = points->capacity;
	if (points->count + more <= points->capacity)
		return LEPTON_OK;
	while (capacity < points->count + more)
		capacity = capacity ? 2 * capacity : LEPTON__BLOCK_POINTS;
	for (int c = 0; c < LEPTON__POINT_COLUMNS; c++) {
		uint64_t *longer = lepton__realloc(points->column[c], capacity, sizeof *longer);
		if (!longer)
			return nomem(err);
		points->column[c] = longer;
	}
	points->capacity = capacity;
	return LEPTON_OK;
}

int lepton__points_add(
	struct lepton__points *points, const uint64_t row[LEPTON__POINT_COLUMNS], struct lepton_error *err)
{
	int code = points_room(points, 1, err);
	for (int c = 0; c < LEPTON__POINT_COLUMNS && !code; c++)
		points->column[c][points->count] = row[c];
	points->count += !code;
	return code;
}

void lepton__points_clear(struct lepton__points *points)
{
	for (int c = 0; c < LEPTON__POINT_COLUMNS; c++)
		lepton__free(points->column[c]);
	*points = (struct lepton__points){0};
}

int lepton__points_fold(const struct lepton__points *points, int64_t from, int64_t to,
	struct lepton_history *out, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < points->count && !code; i++) {
		int64_t step = lepton__point_int(points, i, LEPTON__POINT_STEP);
		if (step >= from && step <= to)
			code = lepton__history_push(out, step,
				lepton__point_double(points, i, LEPTON__POINT_EPOCH),
				lepton__point_double(points, i, LEPTON__POINT_SECONDS),
				(float)lepton__point_double(points, i, LEPTON__POINT_LOSS),
				(float)lepton__point_double(points, i, LEPTON__POINT_ACCURACY), err);
	}
	return code;
}

/* ---- the checksum in front ---- */

static uint32_t checksum(const struct lepton__block_head *head, const void *bytes, size_t size)
{
	uLong sum = crc32(0, NULL, 0);
	uint64_t words[3] = {(uint64_t)head->version, (uint64_t)head->first_step, head->count};
	uint8_t raw[24];
	for (size_t i = 0; i < sizeof raw; i++)
		raw[i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
	sum = crc32(sum, raw, sizeof raw);
	return (uint32_t)crc32(sum, bytes, (uInt)size);
}

void lepton__block_sign(const struct lepton__block_head *head, struct lepton__buffer *out)
{
	if (out->failed)
		return;
	uint32_t sum = checksum(head, out->data + 4, out->size - 4);
	for (size_t i = 0; i < 4; i++)
		out->data[i] = (char)(uint8_t)(sum >> (8 * i));
}

bool lepton__block_open(
	const struct lepton__block_head *head, const void *bytes, size_t size, struct lepton__cursor *in)
{
	*in = (struct lepton__cursor){.at = bytes, .left = size};
	uint32_t sum = lepton__cursor_u32(in);
	return !in->failed && head->count > 0 && head->count <= LEPTON__BLOCK_POINTS_MAX &&
	       in->left <= LEPTON__BLOCK_BYTES_MAX && sum == checksum(head, in->at, in->left);
}

int lepton__block_damaged(const struct lepton__block_head *head, const char *what, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_CORRUPT,
		"version #%lld, history from step %lld: %s of %zu points is damaged",
		(long long)head->version, (long long)head->first_step, what, head->count);
}

/* ---- blocks ---- */

int lepton__block_encode(const struct lepton__block_head *head, const struct lepton__points *points,
	struct lepton__buffer *out, struct lepton_error *err)
{
	struct lepton__buffer raw;
	uint8_t packing;
	lepton__buffer_init(&raw, LEPTON__BLOCK_BYTES_MAX);
	lepton__buffer_init(out, LEPTON__BLOCK_BYTES_MAX);
	for (int c = 0; c < LEPTON__POINT_COLUMNS; c++)
		lepton__column_write(&raw, points->column[c], head->count);
	lepton__buffer_u32(out, 0);
	lepton__buffer_u32(out, (uint32_t)raw.size);
	lepton__buffer_append(out, "", 1);
	int code = raw.failed || out->failed ? nomem(err) : LEPTON_OK;
	if (!code)
		code = lepton__pack(
			(const uint8_t *)raw.data, raw.size, LEPTON__PACK_QUICK, out, &packing, err);
	if (!code) {
		out->data[8] = (char)packing;
		lepton__block_sign(head, out);
	}
	lepton__buffer_free(&raw);
	if (code)
		lepton__buffer_free(out);
	return code;
}

static bool read_columns(
	const struct lepton__block_head *head, struct lepton__cursor *in, struct lepton__points *points)
{
	for (int c = 0; c < LEPTON__POINT_COLUMNS; c++)
		lepton__column_read(in, points->column[c] + points->count, head->count);
	const uint64_t *steps = points->column[LEPTON__POINT_STEP] + points->count;
	bool right = !in->failed && in->left == 0 && (int64_t)steps[0] == head->first_step;
	for (size_t i = 1; i < head->count && right; i++)
		right = (int64_t)steps[i] > (int64_t)steps[i - 1];
	return right;
}

int lepton__block_decode(const struct lepton__block_head *head, const void *bytes, size_t size,
	struct lepton__points *points, struct lepton_error *err)
{
	struct lepton__cursor in;
	bool right = lepton__block_open(head, bytes, size, &in);
	size_t raw_size = right ? lepton__cursor_u32(&in) : 0;
	uint8_t packing = right ? lepton__cursor_u8(&in) : 0;
	if (!right || in.failed || raw_size == 0 ||
		raw_size > (size_t)LEPTON__POINT_COLUMNS * (head->count * POINT_MAX + 2) ||
		!lepton__unpack_plausible(packing, in.left, raw_size))
		return lepton__block_damaged(head, "a block", err);
	uint8_t *raw = lepton__malloc(raw_size);
	int code = raw ? points_room(points, head->count, err) : nomem(err);
	if (!code)
		code = lepton__unpack(packing, in.at, in.left, raw, raw_size, err);
	struct lepton__cursor columns = {.at = raw, .left = raw_size};
	if (code == LEPTON_E_CORRUPT || (!code && !read_columns(head, &columns, points)))
		code = lepton__block_damaged(head, "a block", err);
	if (!code)
		points->count += head->count;
	lepton__free(raw);
	return code;
}
