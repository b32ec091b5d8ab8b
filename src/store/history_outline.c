/* store/history_outline.c - the buckets of a block as bytes and back. See history_form.h.
 *
 * By columns again, not deflated: they are read by the thousand when a store is opened. The x of a bucket's
 * first point is not kept but set one part of the way behind the last point of the bucket before: where
 * points are even that is the same, and else less than the width of a dot.
 */
#include "config.h"
#include "store/history_form.h"
#include "store/history_columns.h"
#include "base/bits.h"
#include "base/memory.h"

enum { POINTS_AND_ORDER, STEP, EPOCH, SECONDS, LOSS, ACCURACY = LOSS + 6, COLUMNS = ACCURACY + 6 };
/* of a figure */
enum { FIRST, MIN, MAX, LAST, MEAN, LEAST };

struct outline {
	size_t count; /* buckets; x has one more, of the first point of all */
	uint64_t *column[COLUMNS];
	uint64_t *room;
};

static bool has_x(int column)
{
	return column == STEP || column == EPOCH || column == SECONDS;
}

static size_t length_of(const struct outline *outline, int column)
{
	return outline->count + has_x(column);
}

static int make_room(struct outline *outline, size_t count, struct lepton_error *err)
{
	outline->count = count;
	outline->room = lepton__calloc((count + 1) * COLUMNS, sizeof *outline->room);
	if (!outline->room)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a version's history");
	for (int c = 0; c < COLUMNS; c++)
		outline->column[c] = outline->room + (size_t)c * (count + 1);
	return LEPTON_OK;
}

static float as_float(uint64_t bits)
{
	return lepton__float_of_bits((uint32_t)bits);
}

/* ---- writing ---- */

static void set_figure(struct outline *outline, size_t i, int at, const struct lepton__m4 *m4)
{
	const float values[] = {m4->first, m4->min, m4->max, m4->last, m4->mean};
	for (int k = FIRST; k <= MEAN; k++)
		outline->column[at + k][i] = lepton__float_bits(values[k]);
	outline->column[at + LEAST][i] =
		lepton__float_bits(m4->least) ^ lepton__float_bits(m4->min); /* nearly always the same */
}

static void set_x(struct outline *outline, size_t i, int64_t step, double epoch, double seconds)
{
	outline->column[STEP][i] = (uint64_t)step;
	outline->column[EPOCH][i] = lepton__bits_of(epoch);
	outline->column[SECONDS][i] = lepton__bits_of(seconds);
}

static void set_bucket(struct outline *outline, size_t i, const struct lepton__bucket *bucket)
{
	if (i == 0)
		set_x(outline, 0, bucket->first_step, bucket->first_epoch, bucket->first_seconds);
	set_x(outline, i + 1, bucket->last_step, bucket->last_epoch, bucket->last_seconds);
	outline->column[POINTS_AND_ORDER][i] = (uint64_t)bucket->points << 2 |
					       (uint64_t)bucket->loss.max_first << 1 |
					       bucket->accuracy.max_first;
	set_figure(outline, i, LOSS, &bucket->loss);
	set_figure(outline, i, ACCURACY, &bucket->accuracy);
}

static void fill(struct outline *outline, const struct lepton_history *points, size_t width)
{
	for (size_t i = 0; i < outline->count; i++) {
		struct lepton__bucket bucket;
		size_t from = i * width, to = from + width < points->count ? from + width : points->count;
		lepton__bucket_of(&bucket, points, from, to);
		set_bucket(outline, i, &bucket);
	}
}

int lepton__outline_encode(const struct lepton__block_head *head, const struct lepton__points *points,
	size_t width, struct lepton__buffer *out, struct lepton_error *err)
{
	struct lepton_history history = {0};
	struct outline outline = {0};
	lepton__buffer_init(out, LEPTON__BLOCK_BYTES_MAX);
	int code = lepton__points_fold(points, INT64_MIN, INT64_MAX, &history, err);
	if (!code)
		code = make_room(&outline, (history.count + width - 1) / width, err);
	if (!code) {
		fill(&outline, &history, width);
		lepton__buffer_u32(out, 0);
		lepton__buffer_u32(out, (uint32_t)outline.count);
		for (int c = 0; c < COLUMNS; c++)
			lepton__column_write(out, outline.column[c], length_of(&outline, c));
		lepton__block_sign(head, out);
		if (out->failed)
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a version's history");
	}
	if (code)
		lepton__buffer_free(out);
	lepton_history_clear(&history);
	lepton__free(outline.room);
	return code;
}

/* ---- reading ---- */

static void get_figure(const struct outline *outline, size_t i, int at, bool max_first, struct lepton__m4 *m4)
{
	*m4 = (struct lepton__m4){.first = as_float(outline->column[at + FIRST][i]),
		.min = as_float(outline->column[at + MIN][i]),
		.max = as_float(outline->column[at + MAX][i]),
		.last = as_float(outline->column[at + LAST][i]),
		.mean = as_float(outline->column[at + MEAN][i]),
		.least = as_float(outline->column[at + LEAST][i] ^ outline->column[at + MIN][i]),
		.max_first = max_first};
}

/* One part of the way from the last point before to the bucket's own last one. */
static void get_x(const struct outline *outline, size_t i, struct lepton__bucket *bucket)
{
	const uint64_t *step = outline->column[STEP] + i, *epoch = outline->column[EPOCH] + i,
		       *seconds = outline->column[SECONDS] + i;
	double part = i ? 1 / (double)bucket->points : 0;
	bucket->first_step = (int64_t)(step[0] + (i ? (step[1] - step[0]) / bucket->points : 0));
	bucket->first_epoch = lepton__double_of_bits(epoch[0]) +
			      part * (lepton__double_of_bits(epoch[1]) - lepton__double_of_bits(epoch[0]));
	bucket->first_seconds =
		lepton__double_of_bits(seconds[0]) +
		part * (lepton__double_of_bits(seconds[1]) - lepton__double_of_bits(seconds[0]));
	bucket->last_step = (int64_t)step[1];
	bucket->last_epoch = lepton__double_of_bits(epoch[1]);
	bucket->last_seconds = lepton__double_of_bits(seconds[1]);
}

static void get_bucket(const struct outline *outline, size_t i, struct lepton__bucket *bucket)
{
	uint64_t word = outline->column[POINTS_AND_ORDER][i];
	bucket->points = (uint32_t)(word >> 2);
	get_figure(outline, i, LOSS, word & 2, &bucket->loss);
	get_figure(outline, i, ACCURACY, word & 1, &bucket->accuracy);
	get_x(outline, i, bucket);
}

/* As many points as the block has, at rising steps. */
static bool plausible(const struct outline *outline, const struct lepton__block_head *head)
{
	const uint64_t *steps = outline->column[STEP];
	uint64_t points = 0;
	bool right = (int64_t)steps[0] == head->first_step;
	for (size_t i = 0; i < outline->count && right; i++) {
		uint64_t here = outline->column[POINTS_AND_ORDER][i] >> 2;
		points += here;
		right = here > 0 && here <= head->count &&
			(i ? (int64_t)steps[i + 1] > (int64_t)steps[i]
			   : (int64_t)steps[1] >= (int64_t)steps[0]);
	}
	return right && points == head->count;
}

int lepton__outline_decode(const struct lepton__block_head *head, const void *bytes, size_t size,
	struct lepton_history *history, struct lepton_error *err)
{
	struct lepton__cursor in;
	struct outline outline = {0};
	if (!lepton__block_open(head, bytes, size, &in))
		return lepton__block_damaged(head, "an outline", err);
	size_t count = lepton__cursor_u32(&in);
	if (in.failed || count == 0 || count > head->count)
		return lepton__block_damaged(head, "an outline", err);
	int code = make_room(&outline, count, err);
	for (int c = 0; c < COLUMNS && !code; c++)
		lepton__column_read(&in, outline.column[c], length_of(&outline, c));
	if (!code && (in.failed || in.left || !plausible(&outline, head)))
		code = lepton__block_damaged(head, "an outline", err);
	for (size_t i = 0; i < count && !code; i++) {
		struct lepton__bucket bucket;
		get_bucket(&outline, i, &bucket);
		code = lepton__history_add_bucket(history, &bucket, err);
	}
	lepton__free(outline.room);
	return code;
}
