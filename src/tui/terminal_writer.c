/* tui/terminal_writer.c - the difference of two pictures as strokes, and in which order they are drawn.
 *
 * Cells that change are few, and scattered; a colour takes more bytes than the letters it is for, and than
 * the way to the next place. So strokes are laid out twice: row by row, and pen by pen, each pen taken up
 * once and all of its strokes drawn over the whole screen; what is shorter is sent. In between nobody sees
 * half a picture, for a frame is one write.
 */
#include "config.h"
#include "tui/terminal_writer.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define UNKNOWN UINT32_MAX /* a code no glyph has */
#define FRAME_MAX ((size_t)64 << 20)

struct lepton__painted *lepton__writer_row(
	struct lepton__painted *cells, const struct lepton__writer *writer, int y)
{
	return cells + (size_t)y * (size_t)writer->cols;
}

bool lepton__painted_same(const struct lepton__painted *a, const struct lepton__painted *b)
{
	return lepton__glyph_same(&a->glyph, &b->glyph) && lepton__paint_same(a->paint, b->paint);
}

/* ---- taken, of another size, given up ---- */

int lepton__writer_open(struct lepton__writer *writer, bool true_color, struct lepton_error *err)
{
	*writer = (struct lepton__writer){.lost = true, .glass = {.y = -1}};
	lepton__buffer_init(&writer->out, FRAME_MAX);
	return lepton__can_load(&writer->can, true_color, err);
}

void lepton__writer_close(struct lepton__writer *writer)
{
	lepton__can_free(&writer->can);
	lepton__free(writer->there);
	lepton__free(writer->next);
	lepton__free(writer->changed);
	lepton__free(writer->strokes);
	lepton__free(writer->sorted);
	lepton__buffer_free(&writer->out);
	*writer = (struct lepton__writer){.rows = 0};
}

static void make_blank(struct lepton__painted *cells, size_t count)
{
	const struct lepton__painted blank = {{.code = ' ', .width = 1}, {-1, -1, 0}};
	for (size_t i = 0; i < count; i++)
		cells[i] = blank;
}

int lepton__writer_resize(struct lepton__writer *writer, int rows, int cols, struct lepton_error *err)
{
	size_t count = (size_t)rows * (size_t)cols;
	struct lepton__painted *there = lepton__calloc(count, sizeof *there),
			       *next = lepton__calloc(count, sizeof *next);
	bool *changed = lepton__calloc((size_t)cols, sizeof *changed);
	if (!there || !next || !changed) {
		lepton__free(there);
		lepton__free(next);
		lepton__free(changed);
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "no memory for a screen of %d rows and %d columns", rows, cols);
	}
	lepton__free(writer->there);
	lepton__free(writer->next);
	lepton__free(writer->changed);
	writer->there = there;
	writer->next = next;
	writer->changed = changed;
	writer->rows = rows;
	writer->cols = cols;
	make_blank(next, count);
	lepton__writer_forget(writer);
	return LEPTON_OK;
}

void lepton__writer_forget(struct lepton__writer *writer)
{
	writer->lost = true;
	writer->cursor_known = false;
	writer->glass = (struct lepton__glass){.y = -1};
}

void lepton__writer_forget_row(struct lepton__writer *writer, int y)
{
	struct lepton__painted *row = lepton__writer_row(writer->there, writer, y);
	for (int x = 0; x < writer->cols; x++)
		row[x] = (struct lepton__painted){{.code = UNKNOWN, .width = 1}, {-1, -1, 0}};
}

void lepton__writer_put(struct lepton__writer *writer, int y, int x, const struct lepton__painted *cell)
{
	struct lepton__painted *to = lepton__writer_row(writer->next, writer, y) + x;
	*to = *cell;
	to->paint = lepton__can_paint(&writer->can, cell->paint);
	if (lepton__is_blank(to))
		to->paint = (struct lepton__paint){-1, to->paint.bg, 0};
	if (cell->glyph.width == 2 && x + 1 < writer->cols)
		to[1] = (struct lepton__painted){{.code = 0}, to->paint};
}

/* ---- what has changed ---- */

/* Half of a wide glyph cannot be written, and what is left of one on the terminal when the other half is
 * overwritten is anybody's guess: both halves of old and new ones change together. */
static bool spread(const struct lepton__painted *row, bool *changed, int cols)
{
	bool more = false;
	for (int x = 0; x + 1 < cols; x++)
		if (row[x].glyph.width == 2 && changed[x] != changed[x + 1])
			more = changed[x] = changed[x + 1] = true;
	return more;
}

static bool find_changes(struct lepton__writer *writer, int y)
{
	const struct lepton__painted *there = lepton__writer_row(writer->there, writer, y),
				     *next = lepton__writer_row(writer->next, writer, y);
	bool any = false;
	for (int x = 0; x < writer->cols; x++)
		any |= writer->changed[x] = !lepton__painted_same(&there[x], &next[x]);
	while (any &&
		(spread(there, writer->changed, writer->cols) || spread(next, writer->changed, writer->cols)))
		;
	return any;
}

/* From where on the row is blank and erasing it costs less than writing its changes; cols: nowhere. */
static int find_tail(const struct lepton__writer *writer, int y)
{
	const struct lepton__painted *row = lepton__writer_row(writer->next, writer, y);
	const int cols = writer->cols;
	const struct lepton__paint paint = row[cols - 1].paint;
	int from = cols, first = cols, count = 0;
	if (!writer->can.text[LEPTON__CAN_EL] || !lepton__may_erase(&writer->can, paint))
		return cols;
	while (from > 0 && lepton__is_blank(&row[from - 1]) && row[from - 1].paint.bg == paint.bg)
		from--;
	for (int x = cols; x-- > from;)
		if (writer->changed[x]) {
			first = x;
			count++;
		}
	return count > (int)strlen(writer->can.text[LEPTON__CAN_EL]) ? first : cols;
}

/* ---- strokes ---- */

static struct lepton__stroke *add_stroke(struct lepton__writer *writer, struct lepton__stroke stroke)
{
	if (lepton__grow(
		    &writer->strokes, &writer->stroke_capacity, writer->stroke_count + 1, sizeof stroke)) {
		writer->out.failed = true;
		return NULL;
	}
	writer->strokes[writer->stroke_count] = stroke;
	return &writer->strokes[writer->stroke_count++];
}

/* The stroke with this cell behind it, if one pen does for all of it. */
static bool goes_on(struct lepton__stroke *stroke, const struct lepton__painted *cell)
{
	bool blank = lepton__is_blank(cell);
	if (!stroke->blank || blank)
		return lepton__paint_does(stroke->paint, cell);
	if (stroke->paint.bg != cell->paint.bg ||
		(cell->paint.attributes & (LEPTON__UNDERLINE | LEPTON__REVERSE)))
		return false;
	stroke->paint = cell->paint;
	stroke->blank = false;
	return true;
}

static void find_strokes(struct lepton__writer *writer, int y)
{
	const struct lepton__painted *row = lepton__writer_row(writer->next, writer, y);
	const int tail = find_tail(writer, y);
	struct lepton__stroke *stroke = NULL;
	for (int x = 0; x < tail; x++) {
		if (!writer->changed[x] || row[x].glyph.code == 0)
			continue;
		int end = x + row[x].glyph.width;
		if (stroke && stroke->end == x && goes_on(stroke, &row[x]))
			stroke->end = end;
		else
			stroke = add_stroke(writer, (struct lepton__stroke){.y = y,
							    .x = x,
							    .end = end,
							    .blank = lepton__is_blank(&row[x]),
							    .paint = row[x].paint});
		if (!stroke)
			return;
	}
	if (tail == writer->cols)
		return;
	if (stroke && stroke->end == tail && lepton__paint_does(stroke->paint, &row[tail]))
		stroke->erase = true;
	else
		(void)add_stroke(writer, (struct lepton__stroke){.y = y,
						 .x = tail,
						 .end = tail,
						 .erase = true,
						 .blank = true,
						 .paint = row[tail].paint});
}

/* ---- the order ---- */

static int by_pen(const void *one, const void *other)
{
	const struct lepton__stroke *a = one, *b = other;
	const int32_t keys[][2] = {{a->paint.bg, b->paint.bg}, {a->paint.attributes, b->paint.attributes},
		{a->paint.fg, b->paint.fg}, {a->y, b->y}, {a->x, b->x}};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

/* A blank stroke goes with a neighbour's pen, which may come by there anyway. */
static void lend_pens(struct lepton__stroke *strokes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int side = -1; strokes[i].blank && side <= 1; side += 2) {
			size_t at = i + (size_t)side;
			if (at >= count || strokes[at].blank || strokes[at].y != strokes[i].y ||
				strokes[at].paint.bg != strokes[i].paint.bg ||
				(strokes[at].paint.attributes & (LEPTON__UNDERLINE | LEPTON__REVERSE)))
				continue;
			strokes[i].paint = strokes[at].paint;
			break;
		}
}

static bool sort(struct lepton__writer *writer)
{
	if (lepton__grow(
		    &writer->sorted, &writer->sorted_capacity, writer->stroke_count, sizeof *writer->sorted))
		return false;
	memcpy(writer->sorted, writer->strokes, writer->stroke_count * sizeof *writer->sorted);
	lend_pens(writer->sorted, writer->stroke_count);
	qsort(writer->sorted, writer->stroke_count, sizeof *writer->sorted, by_pen);
	return true;
}

/* The first stroke of the pen in hand, which need not be taken up. */
static size_t find_pen(const struct lepton__writer *writer, const struct lepton__pen *pen)
{
	for (size_t i = 0; pen->known && i < writer->stroke_count; i++)
		if (lepton__paint_same(writer->sorted[i].paint, pen->paint))
			return i;
	return 0;
}

static struct lepton__glass draw(struct lepton__writer *writer, const struct lepton__stroke *strokes,
	struct lepton__glass glass, struct lepton__buffer *out)
{
	const size_t count = writer->stroke_count;
	const size_t first = strokes == writer->sorted ? find_pen(writer, &glass.pen) : 0;
	writer->glass = glass;
	for (size_t i = 0; i < count; i++)
		lepton__writer_stroke(writer, &strokes[(first + i) % count], out);
	return writer->glass;
}

static void draw_shorter(struct lepton__writer *writer)
{
	const struct lepton__glass before = writer->glass;
	struct lepton__buffer rows, pens;
	lepton__buffer_init(&rows, FRAME_MAX);
	lepton__buffer_init(&pens, FRAME_MAX);
	struct lepton__glass by_rows = draw(writer, writer->strokes, before, &rows), by_pens = by_rows;
	if (writer->stroke_count > 1 && sort(writer))
		by_pens = draw(writer, writer->sorted, before, &pens);
	bool better = pens.size && !pens.failed && pens.size < rows.size;
	writer->glass = better ? by_pens : by_rows;
	writer->out.failed |= rows.failed;
	if (better)
		lepton__buffer_append(&writer->out, pens.data, pens.size);
	else if (rows.size)
		lepton__buffer_append(&writer->out, rows.data, rows.size);
	lepton__buffer_free(&rows);
	lepton__buffer_free(&pens);
}

/* ---- a frame ---- */

/* In the background of the last corner, which is that of most of the screen. */
static void clear(struct lepton__writer *writer)
{
	const size_t count = (size_t)writer->rows * (size_t)writer->cols;
	struct lepton__paint paint = {-1, -1, 0};
	if (writer->can.erases_in_color)
		paint.bg = writer->next[count - 1].paint.bg;
	lepton__pen_set(&writer->can, &writer->glass.pen, paint, &writer->out);
	lepton__can_say(&writer->can, LEPTON__CAN_CLEAR, 0, 0, &writer->out);
	make_blank(writer->there, count);
	for (size_t i = 0; i < count; i++)
		writer->there[i].paint.bg = paint.bg;
	writer->glass.y = -1;
	writer->lost = false;
}

void lepton__writer_frame(struct lepton__writer *writer, bool still)
{
	writer->stroke_count = 0;
	if (writer->lost)
		clear(writer);
	else if (!still)
		lepton__writer_scroll(writer, &writer->out);
	for (int y = 0; y < writer->rows; y++)
		if (find_changes(writer, y))
			find_strokes(writer, y);
	if (writer->stroke_count)
		draw_shorter(writer);
	memcpy(writer->there, writer->next,
		(size_t)writer->rows * (size_t)writer->cols * sizeof *writer->there);
}

void lepton__writer_cursor(struct lepton__writer *writer, int y, int x)
{
	bool shown = y >= 0 && y < writer->rows && x >= 0 && x < writer->cols;
	if (shown)
		lepton__writer_move(writer, y, x, &writer->out);
	else if (!writer->can.text[LEPTON__CAN_CIVIS]) /* out of the way, then */
		lepton__writer_move(writer, writer->rows - 1, 0, &writer->out);
	if (writer->cursor_known && writer->cursor_shown == shown)
		return;
	lepton__can_say(&writer->can, shown ? LEPTON__CAN_CNORM : LEPTON__CAN_CIVIS, 0, 0, &writer->out);
	writer->cursor_known = true;
	writer->cursor_shown = shown;
}

void lepton__writer_leave(struct lepton__writer *writer)
{
	lepton__can_say(&writer->can, LEPTON__CAN_SGR0, 0, 0, &writer->out);
	lepton__can_say(&writer->can, LEPTON__CAN_OP, 0, 0, &writer->out);
	lepton__writer_forget(writer);
}
