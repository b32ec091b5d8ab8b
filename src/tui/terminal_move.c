/* tui/terminal_move.c - the shortest way for the cursor.
 *
 * Absolute, along the row, down the column, by way of the row's beginning, or by writing anew what stands
 * between: all are tried, and the shortest is sent. Where the line adds a carriage return to a line feed,
 * that is only used at a row's beginning. What stands between is only written where the pen does and where
 * the glyphs are plain: nobody knows how far a terminal moves on behind others.
 */
#include "config.h"
#include "tui/terminal_writer.h"

#include <string.h>

#define WAY_MAX 64 /* bytes; longer ones are never the shortest */
#define NO_WAY (WAY_MAX + 1)

struct way {
	char text[WAY_MAX];
	size_t used; /* NO_WAY: there is none */
};

static void extend(struct way *way, const char *text, size_t size)
{
	if (way->used + size > WAY_MAX) {
		way->used = NO_WAY;
		return;
	}
	memcpy(way->text + way->used, text, size);
	way->used += size;
}

static void extend_way(struct way *way, const struct way *more)
{
	if (more->used == NO_WAY)
		way->used = NO_WAY;
	else
		extend(way, more->text, more->used);
}

static struct way said(const struct lepton__writer *writer, enum lepton__capability which, int one, int two)
{
	struct way way = {.used = NO_WAY};
	struct lepton__buffer bytes;
	if (!writer->can.text[which])
		return way;
	lepton__buffer_init(&bytes, WAY_MAX);
	lepton__can_say(&writer->can, which, one, two, &bytes);
	way.used = 0;
	if (bytes.failed)
		way.used = NO_WAY;
	else
		extend(&way, bytes.data, bytes.size);
	lepton__buffer_free(&bytes);
	return way;
}

static void shorter(struct way *best, struct way other)
{
	if (other.used < best->used)
		*best = other;
}

/* `count` times a single step. */
static struct way steps(const struct lepton__writer *writer, enum lepton__capability which, int count)
{
	struct way way = {.used = 0};
	const char *step = writer->can.text[which];
	if (!step || (!writer->feeds && strchr(step, '\n')) || (size_t)count * strlen(step) > WAY_MAX)
		return (struct way){.used = NO_WAY};
	for (int i = 0; i < count; i++)
		extend(&way, step, strlen(step));
	return way;
}

static struct way relative(const struct lepton__writer *writer, enum lepton__capability many,
	enum lepton__capability single, int count)
{
	struct way way = said(writer, many, count, 0);
	shorter(&way, steps(writer, single, count));
	return way;
}

static bool is_plain(const struct lepton__glyph *glyph)
{
	return glyph->width == 1 && glyph->code != 0 && glyph->marks[0] == 0;
}

static struct way written_over(const struct lepton__writer *writer, int y, int from, int to)
{
	const struct lepton__painted *row = lepton__writer_row(writer->next, writer, y);
	struct way way = {.used = 0};
	for (int x = from; x < to && way.used <= WAY_MAX; x++) {
		char bytes[5];
		if (!writer->glass.pen.known || !is_plain(&row[x].glyph) ||
			!lepton__paint_does(writer->glass.pen.paint, &row[x]))
			return (struct way){.used = NO_WAY};
		extend(&way, bytes, lepton__utf8_encode(row[x].glyph.code, bytes));
	}
	return way;
}

static struct way along(const struct lepton__writer *writer, int y, int from, int to)
{
	if (from == to)
		return (struct way){.used = 0};
	struct way way = said(writer, LEPTON__CAN_HPA, to, 0);
	if (to < from) {
		shorter(&way, relative(writer, LEPTON__CAN_CUB, LEPTON__CAN_CUB1, from - to));
		return way;
	}
	shorter(&way, relative(writer, LEPTON__CAN_CUF, LEPTON__CAN_CUF1, to - from));
	if (to - from <= 12)
		shorter(&way, written_over(writer, y, from, to));
	return way;
}

static struct way down(const struct lepton__writer *writer, int from, int to)
{
	if (from == to)
		return (struct way){.used = 0};
	struct way way = said(writer, LEPTON__CAN_VPA, to, 0);
	if (to < from)
		shorter(&way, relative(writer, LEPTON__CAN_CUU, LEPTON__CAN_CUU1, from - to));
	else
		shorter(&way, relative(writer, LEPTON__CAN_CUD, LEPTON__CAN_CUD1, to - from));
	return way;
}

/* To the row's beginning, line feeds downwards, and along from there. */
static struct way returned(const struct lepton__writer *writer, int y, int x)
{
	int feeds = y - writer->glass.y;
	const char *feed = writer->can.text[LEPTON__CAN_CUD1];
	struct way way = said(writer, LEPTON__CAN_CR, 0, 0);
	if (feeds < 0 || feeds > 8 || (feeds > 0 && (!feed || strcmp(feed, "\n") != 0)))
		return (struct way){.used = NO_WAY};
	for (int i = 0; i < feeds; i++)
		extend(&way, "\n", 1);
	struct way rest = along(writer, y, 0, x);
	extend_way(&way, &rest);
	return way;
}

void lepton__writer_move(struct lepton__writer *writer, int y, int x, struct lepton__buffer *out)
{
	struct lepton__glass *glass = &writer->glass;
	if (glass->y == y && glass->x == x)
		return;
	if (!writer->can.moves_painted && (!glass->pen.known || glass->pen.paint.attributes))
		lepton__pen_set(&writer->can, &glass->pen, (struct lepton__paint){-1, -1, 0}, out);
	struct way best = said(writer, LEPTON__CAN_CUP, y, x);
	if (y == 0 && x == 0)
		shorter(&best, said(writer, LEPTON__CAN_HOME, 0, 0));
	if (glass->y >= 0) {
		struct way way = down(writer, glass->y, y), rest = along(writer, y, glass->x, x);
		extend_way(&way, &rest);
		shorter(&best, way);
		shorter(&best, returned(writer, y, x));
	}
	if (best.used <= WAY_MAX)
		lepton__buffer_append(out, best.text, best.used);
	glass->y = y;
	glass->x = x;
}
