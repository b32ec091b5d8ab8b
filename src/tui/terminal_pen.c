/* tui/terminal_pen.c - from one way to paint to another.
 *
 * Two ways lead there: ending what is no longer wanted and beginning what is new, or ending all and beginning
 * anew; the shorter one is sent, as one sequence. Colours are the longest part of it, so a pen that is right
 * but for a foreground nobody sees is left as it is (lepton__paint_does).
 */
#include "config.h"
#include "tui/terminal_writer.h"

#include <stdio.h>
#include <string.h>

#define SGR_MAX 192

static const struct {
	uint16_t attribute, ended_with; /* what else its end would end */
	enum lepton__capability begin;
	const char *end;
} table[] = {{LEPTON__BOLD, LEPTON__DIM, LEPTON__CAN_BOLD, "22"},
	{LEPTON__DIM, LEPTON__BOLD, LEPTON__CAN_DIM, "22"}, {LEPTON__UNDERLINE, 0, LEPTON__CAN_SMUL, "24"},
	{LEPTON__REVERSE, 0, LEPTON__CAN_REV, "27"}, {LEPTON__ITALIC, 0, LEPTON__CAN_SITM, "23"}};

#define KINDS (sizeof table / sizeof *table)

bool lepton__paint_same(struct lepton__paint a, struct lepton__paint b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attributes == b.attributes;
}

bool lepton__is_blank(const struct lepton__painted *cell)
{
	return cell->glyph.code == ' ' && cell->glyph.marks[0] == 0 &&
	       !(cell->paint.attributes & (LEPTON__UNDERLINE | LEPTON__REVERSE));
}

bool lepton__paint_does(struct lepton__paint paint, const struct lepton__painted *cell)
{
	if (lepton__is_blank(cell))
		return paint.bg == cell->paint.bg &&
		       !(paint.attributes & (LEPTON__UNDERLINE | LEPTON__REVERSE));
	return lepton__paint_same(paint, cell->paint);
}

/* ---- terminals that know ESC [ … m ---- */

struct sgr { /* what stands between */
	char text[SGR_MAX];
	size_t used;
};

static void add(struct sgr *sgr, const char *words, size_t size)
{
	if (sgr->used + size + 2 > sizeof sgr->text)
		return; /* never: eight colours and attributes are shorter */
	if (sgr->used)
		sgr->text[sgr->used++] = ';';
	memcpy(sgr->text + sgr->used, words, size);
	sgr->used += size;
}

/* What stands inside of a whole sequence. */
static void add_inside(struct sgr *sgr, const char *whole)
{
	size_t size = strlen(whole);
	if (size > 3)
		add(sgr, whole + 2, size - 3);
	else
		add(sgr, "0", 1);
}

static void add_color(const struct lepton__can *can, struct sgr *sgr, bool back, int32_t color)
{
	if (color < 0) {
		add(sgr, back ? "49" : "39", 2);
		return;
	}
	struct lepton__buffer whole;
	lepton__buffer_init(&whole, SGR_MAX);
	if (can->true_color)
		lepton__buffer_printf(&whole, "\x1b[%d;2;%d;%d;%dm", back ? 48 : 38,
			(int)(color >> 16 & 0xff), (int)(color >> 8 & 0xff), (int)(color & 0xff));
	else
		lepton__can_say(can, back ? LEPTON__CAN_SETAB : LEPTON__CAN_SETAF, (int)color, 0, &whole);
	if (whole.size && !whole.failed)
		add_inside(sgr, whole.data);
	lepton__buffer_free(&whole);
}

static void add_attributes(const struct lepton__can *can, struct sgr *sgr, uint16_t attributes)
{
	for (size_t i = 0; i < KINDS; i++)
		if (attributes & table[i].attribute)
			add_inside(sgr, can->text[table[i].begin]);
}

static void from_nothing(const struct lepton__can *can, struct sgr *sgr, struct lepton__paint paint)
{
	add_inside(sgr, can->text[LEPTON__CAN_SGR0]);
	add_attributes(can, sgr, paint.attributes);
	if (paint.fg >= 0)
		add_color(can, sgr, false, paint.fg);
	if (paint.bg >= 0)
		add_color(can, sgr, true, paint.bg);
}

/* False: there is no way but from nothing. */
static bool from_before(const struct lepton__can *can, struct sgr *sgr, struct lepton__paint before,
	struct lepton__paint paint)
{
	uint16_t ended = (uint16_t)(before.attributes & ~paint.attributes), has = before.attributes;
	bool to_own = (paint.fg < 0 && before.fg >= 0) || (paint.bg < 0 && before.bg >= 0);
	if ((ended && !can->ends) || (to_own && !can->color_ends))
		return false;
	for (size_t i = 0; i < KINDS; i++)
		if (ended & has & table[i].attribute) {
			add(sgr, table[i].end, 2);
			has &= (uint16_t) ~(table[i].attribute | table[i].ended_with);
		}
	add_attributes(can, sgr, (uint16_t)(paint.attributes & ~has));
	if (paint.fg != before.fg)
		add_color(can, sgr, false, paint.fg);
	if (paint.bg != before.bg)
		add_color(can, sgr, true, paint.bg);
	return true;
}

static void set_sgr(const struct lepton__can *can, const struct lepton__pen *pen, struct lepton__paint paint,
	struct lepton__buffer *out)
{
	struct sgr anew = {.used = 0}, change = {.used = 0};
	from_nothing(can, &anew, paint);
	if (pen->known && from_before(can, &change, pen->paint, paint) && change.used <= anew.used)
		anew = change;
	bool reset = anew.used == 1 && anew.text[0] == '0';
	lepton__buffer_printf(out, "\x1b[%.*sm", reset ? 0 : (int)anew.used, anew.text);
}

/* ---- and those that do not ---- */

static void set_apart(const struct lepton__can *can, const struct lepton__pen *pen,
	struct lepton__paint paint, struct lepton__buffer *out)
{
	struct lepton__paint before = pen->paint;
	if (!pen->known || (before.attributes & ~paint.attributes) || (paint.fg < 0 && before.fg >= 0) ||
		(paint.bg < 0 && before.bg >= 0)) {
		lepton__can_say(can, LEPTON__CAN_SGR0, 0, 0, out);
		lepton__can_say(can, LEPTON__CAN_OP, 0, 0, out);
		before = (struct lepton__paint){-1, -1, 0};
	}
	for (size_t i = 0; i < KINDS; i++)
		if (paint.attributes & ~before.attributes & table[i].attribute)
			lepton__can_say(can, table[i].begin, 0, 0, out);
	if (paint.fg != before.fg)
		lepton__can_say(can, LEPTON__CAN_SETAF, (int)paint.fg, 0, out);
	if (paint.bg != before.bg)
		lepton__can_say(can, LEPTON__CAN_SETAB, (int)paint.bg, 0, out);
}

void lepton__pen_set(const struct lepton__can *can, struct lepton__pen *pen, struct lepton__paint paint,
	struct lepton__buffer *out)
{
	if (pen->known && lepton__paint_same(pen->paint, paint))
		return;
	if (can->sgr)
		set_sgr(can, pen, paint, out);
	else
		set_apart(can, pen, paint, out);
	*pen = (struct lepton__pen){paint, true};
}
