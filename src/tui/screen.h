/* tui/screen.h - the grid of cells all drawing goes to.
 *
 * Views and widgets draw here and know nothing of terminals; the terminal flushes the grid, tests
 * and save-screen read it. So a golden screen, a saved SVG and the real terminal show the same.
 * Everything is clipped: coordinates outside do nothing. In ASCII mode every character is folded as it is
 * put.
 */
#ifndef LEPTON_TUI_SCREEN_H
#define LEPTON_TUI_SCREEN_H

#include "base/buffer.h"
#include "tui/color.h"
#include "tui/graphics.h"
#include "tui/layout.h"
#include "tui/text.h"

enum lepton__glyphs { /* what the terminal can show */
	LEPTON__GLYPHS_BRAILLE, /* everything */
	LEPTON__GLYPHS_BLOCK,   /* box lines and half blocks, no braille (the linux console) */
	LEPTON__GLYPHS_ASCII,
};

enum { /* attributes, or-ed */
	LEPTON__BOLD = 1,
	LEPTON__DIM = 2,
	LEPTON__UNDERLINE = 4,
	LEPTON__REVERSE = 8,
	LEPTON__ITALIC = 16,
};

struct lepton__style {
	int32_t fg, bg; /* LEPTON__COLOR_DEFAULT: as the screen's base style */
	uint16_t attributes;
};

struct lepton__cell {
	struct lepton__glyph glyph; /* code 0: the right half of a wide character */
	struct lepton__style style;
};

/* A picture in pixels over cells, which show the same coarser: they are seen where the terminal has no graphics, where
 * something was drawn over a part of them, and in saved screens. */
struct lepton__patch {
	struct lepton__rect rect, drawn; /* its cells; those of them that the pixels take */
	struct lepton__picture picture;
	uint8_t *pixels;                 /* the picture's: its own */
	int factor;
	struct lepton__cell *under;      /* rect's cells as they were drawn */
	bool covering;
};

struct lepton__screen {
	int rows, cols;
	enum lepton__glyphs glyphs;
	struct lepton__style base; /* what clear fills with */
	struct lepton__cell *cells; /* rows * cols, row by row */
	struct lepton__graphics graphics; /* all 0: the terminal has none, or there is none */
	struct lepton__patch *patches;    /* since the last clear */
	size_t patch_count, patch_capacity;
};

/* rows, cols at least 1. Cleared. */
int lepton__screen_new(int rows, int cols, enum lepton__glyphs glyphs, struct lepton__screen **out, struct lepton_error *err)
		LEPTON_MUST_CHECK;
void lepton__screen_free(struct lepton__screen *screen);
int lepton__screen_resize(struct lepton__screen *screen, int rows, int cols, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__screen_clear(struct lepton__screen *screen); /* spaces in the base style */

struct lepton__cell *lepton__screen_at(const struct lepton__screen *screen, int y, int x); /* NULL outside */
void lepton__screen_put(struct lepton__screen *screen, int y, int x, uint32_t code, struct lepton__style style);
/* A default background keeps what the cell had, so text can lie on a filled row. */
/* Text cut (with an ellipsis) to `columns` (<0: to the screen's edge); returns columns used. */
int lepton__screen_text(struct lepton__screen *screen, int y, int x, int columns, struct lepton__style style, const char *text);
int lepton__screen_textf(struct lepton__screen *screen, int y, int x, int columns, struct lepton__style style, const char *fmt,
		...) LEPTON_PRINTF(6, 7);
int lepton__screen_right(struct lepton__screen *screen, int y, int x, int columns, struct lepton__style style,
		const char *text); /* flush right within columns; returns columns used */
int lepton__screen_center(struct lepton__screen *screen, int y, int x, int columns, struct lepton__style style,
		const char *text);
void lepton__screen_fill(struct lepton__screen *screen, struct lepton__rect rect, uint32_t code, struct lepton__style style);
/* Change only colours and attributes of what stands there (selection bars). */
void lepton__screen_paint(struct lepton__screen *screen, struct lepton__rect rect, struct lepton__style style);

/* screen_patch.c: the picture over what was just drawn in rect, if the screen has graphics; without memory the cells are all. */
void lepton__screen_patch(struct lepton__screen *screen, struct lepton__rect rect, const struct lepton__picture *picture);
void lepton__screen_unpatch(struct lepton__screen *screen); /* none any more */
/* For a flush: blanks below each patch that nothing lies on, which is `covering` from now on; and the cells back. */
void lepton__screen_cover(struct lepton__screen *screen);
void lepton__screen_uncover(struct lepton__screen *screen);

bool lepton__style_same(struct lepton__style a, struct lepton__style b);
bool lepton__glyph_same(const struct lepton__glyph *a, const struct lepton__glyph *b);
bool lepton__cell_same(const struct lepton__cell *a, const struct lepton__cell *b);
/* The pieces of the below: a glyph with its marks; the style as one SGR sequence, which says all of it. */
void lepton__glyph_to_utf8(struct lepton__buffer *out, const struct lepton__glyph *glyph);
void lepton__style_to_ansi(struct lepton__buffer *out, struct lepton__style style);

/* The whole picture as a file's bytes: trailing spaces trimmed, one line a row. */
void lepton__screen_to_text(const struct lepton__screen *screen, struct lepton__buffer *out);
void lepton__screen_to_ansi(const struct lepton__screen *screen, struct lepton__buffer *out); /* 24-bit SGR */
/* A standing picture: lines, blocks and braille as shapes, so it looks the same with any font. The theme's default
 * colours stand in for the terminal's. */
void lepton__screen_to_svg(const struct lepton__screen *screen, int32_t default_fg, int32_t default_bg, const char *title,
		struct lepton__buffer *out);

#endif
