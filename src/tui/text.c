/* tui/text.c - reading, measuring, cutting and padding UTF-8.
 *
 * The decoder is strict (no overlong forms, surrogates or values past U+10FFFF) and answers U+FFFD for a
 * single bad byte, so it always moves on and never past the terminator. A glyph is a base character with the
 * marks that follow it; marks with nothing before them stand on a dotted circle's place, a space.
 */
#include "config.h"
#include "tui/text.h"

#include <string.h>

#define REPLACEMENT 0xfffdu
#define ELLIPSIS 0x2026u

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
}

/* Marks that would turn the rest of a line around, or hide in it, have no place in a cell. */
static bool is_direction(uint32_t code)
{
	return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0x200e ||
	       code == 0x200f;
}

static size_t lead(unsigned char byte, uint32_t *bits, uint32_t *least)
{
	if (byte >= 0xc2 && byte <= 0xdf) {
		*bits = byte & 0x1fu, *least = 0x80;
		return 2;
	}
	if (byte >= 0xe0 && byte <= 0xef) {
		*bits = byte & 0x0fu, *least = 0x800;
		return 3;
	}
	if (byte >= 0xf0 && byte <= 0xf4) {
		*bits = byte & 0x07u, *least = 0x10000;
		return 4;
	}
	return 0;
}

size_t lepton__utf8_decode(const char *text, uint32_t *code)
{
	const unsigned char *at = (const unsigned char *)text;
	if (at[0] < 0x80) {
		*code = at[0];
		return at[0] != 0;
	}
	uint32_t bits = 0, least = 0;
	size_t length = lead(at[0], &bits, &least);
	*code = REPLACEMENT;
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 1;
		bits = bits << 6 | (at[i] & 0x3fu);
	}
	if (length == 0 || bits < least || bits > 0x10ffff || (bits >= 0xd800 && bits <= 0xdfff))
		return 1;
	*code = bits;
	return length;
}

size_t lepton__utf8_encode(uint32_t code, char out[5])
{
	size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = size - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	out[0] = (char)(first[size] | code);
	out[size] = '\0';
	return size;
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f;
}

/* Nearly all there is to draw is ASCII with ASCII, or the end, behind it, which nothing combines with. */
size_t lepton__text_glyph(const char *text, struct lepton__glyph *out)
{
	uint32_t code;
	if (is_plain(text[0]) && (is_plain(text[1]) || !text[1])) {
		*out = (struct lepton__glyph){.code = (uint32_t)text[0], .width = 1};
		return 1;
	}
	size_t used = lepton__utf8_decode(text, &code);
	memset(out, 0, sizeof *out);
	if (used == 0)
		return 0;
	out->code = is_control(code) || is_direction(code) ? REPLACEMENT : code;
	out->width = lepton__char_width(out->code);
	if (out->width == 0) {
		out->marks[0] = out->code;
		out->code = ' ';
		out->width = 1;
	}
	for (int marks = out->marks[0] != 0;;) {
		size_t more = lepton__utf8_decode(text + used, &code);
		if (more == 0 || is_control(code) || is_direction(code) || lepton__char_width(code) != 0)
			return used;
		if (marks < LEPTON__MARKS)
			out->marks[marks++] = code;
		used += more;
	}
}

int lepton__text_width(const char *text)
{
	struct lepton__glyph glyph;
	int width = 0;
	for (size_t used; (used = lepton__text_glyph(text, &glyph)) > 0; text += used)
		width += glyph.width;
	return width;
}

/* Appends a glyph if it fits whole, NUL included. */
static bool append(char *to, size_t size, size_t *at, const struct lepton__glyph *glyph)
{
	char bytes[(LEPTON__MARKS + 1) * 4 + 1];
	size_t length = lepton__utf8_encode(glyph->code, bytes);
	for (int i = 0; i < LEPTON__MARKS && glyph->marks[i] != 0; i++)
		length += lepton__utf8_encode(glyph->marks[i], bytes + length);
	if (*at + length >= size)
		return false;
	memcpy(to + *at, bytes, length + 1);
	*at += length;
	return true;
}

/* Copies glyphs while they fit `columns`; *rest is what was left. */
static int copy_columns(char *to, size_t size, size_t *at, const char *text, int columns, const char **rest)
{
	struct lepton__glyph glyph;
	int used = 0;
	for (size_t bytes; (bytes = lepton__text_glyph(text, &glyph)) > 0; text += bytes) {
		if (used + glyph.width > columns || !append(to, size, at, &glyph))
			break;
		used += glyph.width;
	}
	*rest = text;
	return used;
}

int lepton__text_cut(char *to, size_t size, const char *text, int columns)
{
	const char *rest;
	size_t at = 0;
	if (size == 0)
		return 0;
	to[0] = '\0';
	int width = lepton__text_width(text);
	int used = copy_columns(
		to, size, &at, text, width > columns && columns >= 2 ? columns - 1 : columns, &rest);
	if (*rest != '\0' && columns >= 2) {
		struct lepton__glyph dots = {.code = ELLIPSIS, .width = 1};
		if (append(to, size, &at, &dots))
			used++;
	}
	return used;
}

void lepton__text_pad(char *to, size_t size, const char *text, int columns, bool right)
{
	if (size == 0)
		return;
	int used = lepton__text_cut(to, size, text, columns);
	size_t length = strlen(to), fill = columns > used ? (size_t)(columns - used) : 0;
	if (fill > size - 1 - length)
		fill = size - 1 - length;
	if (right)
		memmove(to + fill, to, length);
	memset(right ? to : to + length, ' ', fill);
	to[length + fill] = '\0';
}

/* Bytes of text that make the next line of at most `columns`: up to the last space, or cut in a long word. */
static size_t line_bytes(const char *text, int columns)
{
	struct lepton__glyph glyph;
	size_t at = 0, space = 0;
	int used = 0;
	for (size_t bytes; (bytes = lepton__text_glyph(text + at, &glyph)) > 0; at += bytes) {
		if (text[at] == '\n')
			return at;
		if (text[at] == ' ')
			space = at;
		if (used + glyph.width > columns)
			return space > 0 ? space : at > 0 ? at : bytes;
		used += glyph.width;
	}
	return at;
}

bool lepton__text_wrap(const char *text, int columns, int line, char *to, size_t size)
{
	if (columns < 1 || size == 0)
		return false;
	for (; *text != '\0'; line--) {
		size_t bytes = line_bytes(text, columns);
		if (line == 0) {
			size_t keep = bytes < size ? bytes : size - 1;
			while (keep < bytes && keep > 0 && ((unsigned char)text[keep] & 0xc0) == 0x80)
				keep--; /* no half character */
			memcpy(to, text, keep);
			to[keep] = '\0';
			return true;
		}
		text += bytes;
		if (*text == ' ' || *text == '\n')
			text++;
	}
	return false;
}
