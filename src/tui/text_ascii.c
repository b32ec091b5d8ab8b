/* tui/text_ascii.c - the ASCII stand-ins of our own characters, and of letters with accents; and those for
 * the font of a console, which has the 256 or 512 characters of old: blocks and frames, but neither braille
 * nor eighths of blocks nor stars.
 */
#include "config.h"
#include "tui/text.h"

/* Letters of Latin-1 from U+00C0 on. */
static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYPsaaaaaaaceeeeiiiidnooooo/ouuuuypy";

static char box_for(uint32_t code)
{
	if (code == 0x2500 || code == 0x2501 || code == 0x2504 || code == 0x2505 || code == 0x2550)
		return '-';
	if (code == 0x2502 || code == 0x2503 || code == 0x2506 || code == 0x2507 || code == 0x250a ||
		code == 0x2551)
		return '|';
	return '+';
}

static char block_for(uint32_t code)
{
	if (code >= 0x2581 && code <= 0x2583)
		return code == 0x2581 ? '_' : code == 0x2582 ? '.' : '-';
	if (code == 0x2591)
		return '.';
	return code == 0x2592 || code == 0x2584 ? '=' : '#';
}

struct stand_in {
	uint32_t code;
	char ascii;
};

static const struct stand_in stand_ins[] = {{0xa0, ' '}, {0xb7, '.'}, {0xd7, 'x'}, {0x2010, '-'},
	{0x2011, '-'}, {0x2012, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''},
	{0x201c, '"'}, {0x201d, '"'}, {0x2022, '*'}, {0x2026, '~'}, {0x2190, '<'}, {0x2191, '^'},
	{0x2192, '>'}, {0x2193, 'v'}, {0x21b5, '<'}, {0x2212, '-'}, {0x25a0, '#'}, {0x25a1, 'o'},
	{0x25aa, '*'}, {0x25b2, '^'}, {0x25b3, '^'}, {0x25b4, '^'}, {0x25b6, '>'}, {0x25b8, '>'},
	{0x25bc, 'v'}, {0x25bd, 'v'}, {0x25be, 'v'}, {0x25c0, '<'}, {0x25c2, '<'}, {0x25c6, '*'},
	{0x25c7, 'o'}, {0x25cb, 'o'}, {0x25cf, '*'}, {0x2605, '*'}, {0x2606, '*'}, {0x2713, '+'},
	{0x2717, 'x'}, {0x23f5, '>'}, {0x23f8, '='}, {0x23f9, '#'}};

char lepton__ascii_for(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return (char)code;
	if (code >= 0xc0 && code <= 0xff)
		return code == 0xd7 ? 'x' : latin[code - 0xc0];
	if (code >= 0x2500 && code <= 0x257f)
		return box_for(code);
	if (code >= 0x2580 && code <= 0x259f)
		return block_for(code);
	if (code >= 0x2800 && code <= 0x28ff)
		return code == 0x2800 ? ' ' : '*';
	for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++)
		if (stand_ins[i].code == code)
			return stand_ins[i].ascii;
	return '?';
}

/* What code page 437 has instead, or ASCII. */
static const struct {
	uint32_t code, instead;
} console[] = {{0x2016, '='}, {0x2026, '~'}, {0x2191, '^'}, {0x2193, 'v'}, {0x2190, '<'}, {0x2192, '>'},
	{0x2295, '+'}, {0x2197, '>'}, {0x21b6, '<'}, {0x2581, '_'}, {0x2582, '_'}, {0x2583, 0x2584},
	{0x2585, 0x2584}, {0x2586, 0x2588}, {0x2587, 0x2588}, {0x25b6, 0x25ba}, {0x25b8, 0x25ba},
	{0x25be, 0x25bc}, {0x25c6, 0x2666}, {0x25cf, 0x2022}, {0x2605, '*'}, {0x2691, 'H'}, {0x2713, '+'},
	{0x2717, 'x'}, {0x2726, '+'}};

uint32_t lepton__console_for(uint32_t code)
{
	if (code < 0x2000)
		return code;
	for (size_t i = 0; i < sizeof console / sizeof *console; i++)
		if (console[i].code == code)
			return console[i].instead;
	return code >= 0x2800 && code <= 0x28ff ? (uint32_t)(code == 0x2800 ? ' ' : '*') : code;
}
