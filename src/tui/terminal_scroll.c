/* tui/terminal_scroll.c - rows that have moved up or down are scrolled there instead of being written anew.
 *
 * A log grows by a line, a list goes on: then a block of rows is as it was, some rows further. The block that
 * saves most cells is looked for, with one scroll a frame; what it costs is some 25 bytes, so that must be
 * won. The rows that come free are blank, and are written as any others.
 */
#include "config.h"
#include "tui/terminal_writer.h"

#include <string.h>

enum { LEAST_WON = 40 }; /* cells */

struct block { /* rows that become those `by` rows below them (or above) */
	int top, bottom, by;
	long won;
};

static bool same_row(const struct lepton__writer *writer, int next, int there)
{
	const struct lepton__painted *a = lepton__writer_row(writer->next, writer, next),
				     *b = lepton__writer_row(writer->there, writer, there);
	for (int x = 0; x < writer->cols; x++)
		if (!lepton__painted_same(&a[x], &b[x]))
			return false;
	return true;
}

/* How many cells would have to be written in a row, as it stands or if it were blank. */
static int cost(const struct lepton__writer *writer, int y, bool blank)
{
	const struct lepton__painted *next = lepton__writer_row(writer->next, writer, y),
				     *there = lepton__writer_row(writer->there, writer, y);
	int count = 0;
	for (int x = 0; x < writer->cols; x++)
		count += blank ? !lepton__is_blank(&next[x]) : !lepton__painted_same(&next[x], &there[x]);
	return count;
}

static long value(const struct lepton__writer *writer, const struct block *block)
{
	long won = 0;
	int from = block->by > 0 ? block->bottom + 1 : block->top + block->by,
	    to = block->by > 0 ? block->bottom + block->by : block->top - 1;
	for (int y = block->top; y <= block->bottom; y++)
		won += cost(writer, y, false);
	for (int y = from; y <= to; y++)
		won -= cost(writer, y, true) - cost(writer, y, false);
	return won;
}

/* Few rows change in most frames: then nothing can be won. */
static bool may_pay(const struct lepton__writer *writer)
{
	int changed = 0, rows = 0;
	for (int y = 0; y < writer->rows; y++) {
		int count = cost(writer, y, false);
		changed += count;
		rows += count > 0;
	}
	return changed >= LEAST_WON && rows > 2;
}

static struct block find(const struct lepton__writer *writer)
{
	struct block best = {.won = 0};
	for (int by = 1 - writer->rows; by < writer->rows; by++)
		for (int y = by < 0 ? -by : 0, start = y; by && y < writer->rows && y + by < writer->rows;
			y++) {
			if (!same_row(writer, y, y + by)) {
				start = y + 1;
				continue;
			}
			struct block block = {.top = start, .bottom = y, .by = by};
			bool ends = y + 1 >= writer->rows || y + 1 + by >= writer->rows ||
				    !same_row(writer, y + 1, y + 1 + by);
			if (ends && y > start)
				block.won = value(writer, &block);
			if (block.won > best.won)
				best = block;
		}
	return best;
}

static void say_times(const struct lepton__writer *writer, enum lepton__capability single,
	enum lepton__capability many, int count, struct lepton__buffer *out)
{
	if (count > 1 && writer->can.text[many])
		lepton__can_say(&writer->can, many, count, 0, out);
	else
		for (int i = 0; i < count; i++)
			lepton__can_say(&writer->can, single, 0, 0, out);
}

static void move_rows(struct lepton__writer *writer, int top, int bottom, int by)
{
	const size_t cols = (size_t)writer->cols;
	const struct lepton__painted blank = {{.code = ' ', .width = 1}, {-1, writer->glass.pen.paint.bg, 0}};
	int count = by > 0 ? by : -by, kept = bottom - top + 1 - count;
	struct lepton__painted *from = lepton__writer_row(writer->there, writer, by > 0 ? top + by : top),
			       *to = lepton__writer_row(writer->there, writer, by > 0 ? top : top + count),
			       *freed = lepton__writer_row(
				       writer->there, writer, by > 0 ? bottom + 1 - count : top);
	memmove(to, from, (size_t)kept * cols * sizeof *to);
	for (size_t i = 0; i < (size_t)count * cols; i++)
		freed[i] = blank;
}

void lepton__writer_scroll(struct lepton__writer *writer, struct lepton__buffer *out)
{
	const struct lepton__can *can = &writer->can;
	if (!can->text[LEPTON__CAN_CSR] || !may_pay(writer))
		return;
	struct block block = find(writer);
	if (block.won < LEAST_WON || !can->text[block.by > 0 ? LEPTON__CAN_IND : LEPTON__CAN_RI])
		return;
	int top = block.by > 0 ? block.top : block.top + block.by,
	    bottom = block.by > 0 ? block.bottom + block.by : block.bottom;
	struct lepton__paint paint = {-1, -1, 0};
	if (can->erases_in_color) /* others may all the same: with no colour they agree */
		paint.bg = lepton__writer_row(writer->next, writer, bottom)[writer->cols - 1].paint.bg;
	lepton__pen_set(can, &writer->glass.pen, paint, out);
	lepton__can_say(can, LEPTON__CAN_CSR, top, bottom, out);
	writer->glass.y = -1;
	lepton__writer_move(writer, block.by > 0 ? bottom : top, 0, out);
	if (block.by > 0)
		say_times(writer, LEPTON__CAN_IND, LEPTON__CAN_INDN, block.by, out);
	else
		say_times(writer, LEPTON__CAN_RI, LEPTON__CAN_RIN, -block.by, out);
	lepton__can_say(can, LEPTON__CAN_CSR, 0, writer->rows - 1, out);
	writer->glass.y = -1;
	move_rows(writer, top, bottom, block.by);
}
