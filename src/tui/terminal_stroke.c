/* tui/terminal_stroke.c - one stroke: the pen, the way there, the glyphs.
 *
 * Many blanks are erased rather than written, and one ASCII letter many times is repeated, where the terminal
 * can. Behind a glyph that is not plain, and in the last column, the cursor is taken to be nowhere: terminals
 * differ there. In the last corner a terminal that goes on at once would scroll; that cell is written with
 * its margin off, or not at all.
 */
#include "config.h"
#include "tui/terminal_writer.h"

#include <string.h>

bool lepton__may_erase(const struct lepton__can *can, struct lepton__paint paint)
{
	return can->erases_in_color || paint.bg < 0;
}

static void set_pen(
	struct lepton__writer *writer, const struct lepton__stroke *stroke, struct lepton__buffer *out)
{
	struct lepton__paint paint = stroke->paint;
	const struct lepton__pen *pen = &writer->glass.pen;
	/* Of a blank one only the background counts; the rest of the pen may stay as it is. */
	if (stroke->blank && pen->known) {
		paint = pen->paint;
		paint.bg = stroke->paint.bg;
		paint.attributes &= (uint16_t) ~(LEPTON__UNDERLINE | LEPTON__REVERSE);
	}
	lepton__pen_set(&writer->can, &writer->glass.pen, paint, out);
}

static int count_alike(const struct lepton__painted *row, int x, int end)
{
	int count = 1;
	while (x + count < end && lepton__glyph_same(&row[x].glyph, &row[x + count].glyph))
		count++;
	return count;
}

/* The cell as it has to be there, though it may not be the stroke's own: a blank in it has no colour. */
static bool erase_some(struct lepton__writer *writer, const struct lepton__painted *cell, int y, int x,
	int count, struct lepton__buffer *out)
{
	if (!writer->can.text[LEPTON__CAN_ECH] || count < 10 || !lepton__is_blank(cell) ||
		!lepton__may_erase(&writer->can, cell->paint))
		return false;
	lepton__writer_move(writer, y, x, out);
	lepton__can_say(&writer->can, LEPTON__CAN_ECH, count, 0, out);
	return true;
}

static bool repeat(struct lepton__writer *writer, const struct lepton__glyph *glyph, int y, int x, int count,
	struct lepton__buffer *out)
{
	if (!writer->can.text[LEPTON__CAN_REP] || count < 10 || glyph->code < ' ' || glyph->code > '~' ||
		glyph->marks[0] || x + count >= writer->cols)
		return false;
	lepton__writer_move(writer, y, x, out);
	lepton__can_say(&writer->can, LEPTON__CAN_REP, (int)glyph->code, count, out);
	writer->glass.x += count;
	return true;
}

static void write_one(struct lepton__writer *writer, const struct lepton__painted *cell, int y, int x,
	struct lepton__buffer *out)
{
	const struct lepton__can *can = &writer->can;
	bool last = x + cell->glyph.width >= writer->cols,
	     corner = last && y + 1 == writer->rows && can->margin && !can->waits;
	if (corner && !(can->text[LEPTON__CAN_RMAM] && can->text[LEPTON__CAN_SMAM]))
		return;
	lepton__writer_move(writer, y, x, out);
	if (corner)
		lepton__can_say(can, LEPTON__CAN_RMAM, 0, 0, out);
	lepton__glyph_to_utf8(out, &cell->glyph);
	if (corner)
		lepton__can_say(can, LEPTON__CAN_SMAM, 0, 0, out);
	writer->glass.x = x + cell->glyph.width;
	if (last || cell->glyph.width != 1 || cell->glyph.marks[0])
		writer->glass.y = -1;
}

void lepton__writer_stroke(
	struct lepton__writer *writer, const struct lepton__stroke *stroke, struct lepton__buffer *out)
{
	const struct lepton__painted *row = lepton__writer_row(writer->next, writer, stroke->y);
	for (int x = stroke->x; x < stroke->end;) {
		int count = count_alike(row, x, stroke->end);
		set_pen(writer, stroke, out);
		if (erase_some(writer, &row[x], stroke->y, x, count, out) ||
			repeat(writer, &row[x].glyph, stroke->y, x, count, out)) {
			x += count;
			continue;
		}
		lepton__writer_move(writer, stroke->y, x, out);
		set_pen(writer, stroke, out); /* where moving made it plain */
		write_one(writer, &row[x], stroke->y, x, out);
		x += row[x].glyph.width;
	}
	if (!stroke->erase)
		return;
	set_pen(writer, stroke, out);
	lepton__writer_move(writer, stroke->y, stroke->end, out);
	set_pen(writer, stroke, out);
	lepton__can_say(&writer->can, LEPTON__CAN_EL, 0, 0, out);
}
