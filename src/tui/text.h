/* tui/text.h - text measured in columns: UTF-8 that may be wide, combining or broken.
 *
 * Invalid bytes read as U+FFFD, control characters too, so a name can never move the cursor. The
 * widths come from our own table, not from wcwidth(), so that they are the same in every locale and
 * in tests; the terminal's flush replaces what the C library measures otherwise.
 */
#ifndef LEPTON_TUI_TEXT_H
#define LEPTON_TUI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEPTON__MARKS 2 /* combining characters kept with their base; more are dropped */

struct lepton__glyph { /* what shares one cell, or two when wide */
	uint32_t code;
	uint32_t marks[LEPTON__MARKS]; /* 0: none */
	int width;                     /* 1 or 2 */
};

/* Next code point of text and the bytes it took (0 at the end). Invalid bytes: U+FFFD, one byte each. */
size_t lepton__utf8_decode(const char *text, uint32_t *code);
size_t lepton__utf8_encode(uint32_t code, char out[5]); /* bytes written, NUL behind them */
int lepton__char_width(uint32_t code);                  /* 0 combining or format, 1, 2 */
/* Next glyph with its marks and the bytes it took (0 at the end). */
size_t lepton__text_glyph(const char *text, struct lepton__glyph *out);

int lepton__text_width(const char *text); /* columns */
/* Copy into to[size] what fits `columns`, "…" in the last one when cut (unless columns < 2). Returns columns used. */
int lepton__text_cut(char *to, size_t size, const char *text, int columns);
/* As cut, then filled with spaces to exactly `columns`; right: spaces in front. */
void lepton__text_pad(char *to, size_t size, const char *text, int columns, bool right);
/* How many lines text takes wrapped at words into columns; line n (from 0) into to[size], false past the last. */
bool lepton__text_wrap(const char *text, int columns, int line, char *to, size_t size);

/* The plain ASCII character that stands for a code point: box lines, blocks, arrows, letters with accents; '?'. */
char lepton__ascii_for(uint32_t code);
uint32_t lepton__console_for(uint32_t code); /* in the font of a console; code itself where it has it, or who knows */

#endif
