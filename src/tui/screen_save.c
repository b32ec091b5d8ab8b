/* tui/screen_save.c - the grid as plain text and as ANSI-coloured text.
 *
 * Both are made from the grid alone, so `save-screen` gives the same bytes on every terminal and golden
 * screens can be compared as files. ANSI lines set each style once and reset at their end.
 */
#include "config.h"
#include "tui/screen.h"

#include <string.h>

void lepton__glyph_to_utf8(struct lepton__buffer *out, const struct lepton__glyph *glyph)
{
	char bytes[5];
	lepton__buffer_append(out, bytes, lepton__utf8_encode(glyph->code, bytes));
	for (int i = 0; i < LEPTON__MARKS && glyph->marks[i] != 0; i++)
		lepton__buffer_append(out, bytes, lepton__utf8_encode(glyph->marks[i], bytes));
}

void lepton__screen_to_text(const struct lepton__screen *screen, struct lepton__buffer *out)
{
	for (int y = 0; y < screen->rows; y++) {
		int end = screen->cols;
		while (end > 0 && lepton__screen_at(screen, y, end - 1)->glyph.code == ' ')
			end--;
		for (int x = 0; x < end; x++) {
			const struct lepton__cell *cell = lepton__screen_at(screen, y, x);
			if (cell->glyph.code != 0)
				lepton__glyph_to_utf8(out, &cell->glyph);
		}
		lepton__buffer_string(out, "\n");
	}
}

static void append_color(struct lepton__buffer *out, int base, int32_t color)
{
	if (color >= 0)
		lepton__buffer_printf(out, ";%d;2;%d;%d;%d", base, (int)(color >> 16 & 0xff),
			(int)(color >> 8 & 0xff), (int)(color & 0xff));
}

void lepton__style_to_ansi(struct lepton__buffer *out, struct lepton__style style)
{
	static const struct {
		int attribute;
		const char *code;
	} codes[] = {{LEPTON__BOLD, ";1"}, {LEPTON__DIM, ";2"}, {LEPTON__ITALIC, ";3"},
		{LEPTON__UNDERLINE, ";4"}, {LEPTON__REVERSE, ";7"}};
	lepton__buffer_string(out, "\x1b[0");
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (style.attributes & codes[i].attribute)
			lepton__buffer_string(out, codes[i].code);
	append_color(out, 38, style.fg);
	append_color(out, 48, style.bg);
	lepton__buffer_string(out, "m");
}

bool lepton__style_same(struct lepton__style a, struct lepton__style b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attributes == b.attributes;
}

bool lepton__glyph_same(const struct lepton__glyph *a, const struct lepton__glyph *b)
{
	return a->code == b->code && a->width == b->width && memcmp(a->marks, b->marks, sizeof a->marks) == 0;
}

bool lepton__cell_same(const struct lepton__cell *a, const struct lepton__cell *b)
{
	return lepton__glyph_same(&a->glyph, &b->glyph) && lepton__style_same(a->style, b->style);
}

void lepton__screen_to_ansi(const struct lepton__screen *screen, struct lepton__buffer *out)
{
	for (int y = 0; y < screen->rows; y++) {
		struct lepton__style last = {LEPTON__COLOR_DEFAULT, LEPTON__COLOR_DEFAULT, 0};
		for (int x = 0; x < screen->cols; x++) {
			const struct lepton__cell *cell = lepton__screen_at(screen, y, x);
			if (cell->glyph.code == 0)
				continue;
			if (!lepton__style_same(cell->style, last))
				lepton__style_to_ansi(out, cell->style);
			last = cell->style;
			lepton__glyph_to_utf8(out, &cell->glyph);
		}
		lepton__buffer_string(out, "\x1b[0m\n");
	}
}
