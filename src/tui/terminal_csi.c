/* tui/terminal_csi.c - keys that come as control sequences curses knows nothing of.
 *
 * Three families, all "ESC [ numbers letter": the kitty keyboard protocol (CSI code:shifted ; modifiers:event
 * u), xterm's modifyOtherKeys (CSI 27 ; modifiers ; code ~), and the arrows and function keys with modifiers
 * (CSI 1 ; modifiers A). Modifiers are one more than a sum of 1 shift, 2 alt, 4 ctrl and others; event 3 is a
 * key let go. Of the first the least is asked for, where the terminal knows it; a shell or a multiplexer
 * may have left on more. With Ctrl it is the key's place that counts, where it is said: Ctrl and the Cyrillic
 * es is Ctrl-C.
 */
#include "config.h"
#include "tui/terminal_parts.h"

#include <stdlib.h>
#include <string.h>

enum { SHIFT = 1, ALT = 2, CTRL = 4, OTHERS = 8 | 16 | 32 /* super, hyper, meta; beyond are locks */ };

struct csi {
	long part[3], second[3], third[3]; /* "97:65;2:1" is part {97, 2}, second {65, 1}; 0: not said */
	char final;
};

static bool parse(const char *text, struct csi *csi)
{
	*csi = (struct csi){.final = '\0'};
	for (int i = 0; *text; i++) {
		char *end;
		long value[3] = {strtol(text, &end, 10)};
		for (int k = 1; *end == ':'; k++)
			value[k < 3 ? k : 2] = strtol(end + 1, &end, 10);
		if (i < 3) {
			csi->part[i] = value[0];
			csi->second[i] = value[1];
			csi->third[i] = value[2];
		}
		if (*end != ';') {
			csi->final = *end;
			return *end && end[1] == '\0';
		}
		text = end + 1;
	}
	return false;
}

/* The keypad by its codes of kitty's protocol: digits and signs, then what it is without Num Lock. 0: another
 * key. */
static uint32_t keypad_key(long code)
{
	static const char signs[] = "0123456789./*-+\r=,";
	static const uint32_t moves[] = {LEPTON__KEY_LEFT, LEPTON__KEY_RIGHT, LEPTON__KEY_UP,
		LEPTON__KEY_DOWN, LEPTON__KEY_PAGE_UP, LEPTON__KEY_PAGE_DOWN, LEPTON__KEY_HOME,
		LEPTON__KEY_END, LEPTON__KEY_INSERT, LEPTON__KEY_DELETE};
	const long first = 57399, first_move = first + (long)strlen(signs);
	if (code >= first && code < first_move)
		return (unsigned char)signs[code - first];
	return code >= first_move && code < first_move + (long)(sizeof moves / sizeof *moves)
		       ? moves[code - first_move]
		       : 0;
}

/* A letter or a code with modifiers, as one key of ours; 0: none. */
static uint32_t with_modifiers(long code, long shifted, long bits)
{
	bool shift = bits & SHIFT, ctrl = bits & CTRL;
	if (keypad_key(code))
		return keypad_key(code);
	if (code <= 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xf900))
		return 0; /* kitty's names for keys we have none for lie in the private area */
	if (code == LEPTON__KEY_TAB && shift)
		return LEPTON__KEY_BACKTAB;
	if (code >= ' ' && code != LEPTON__KEY_BACKSPACE && bits & (ALT | OTHERS))
		return 0; /* no letter typed: it must not act as one */
	if (ctrl && code >= 'a' && code <= 'z')
		return (uint32_t)(code - 'a' + 1);
	if (ctrl && code >= 'A' && code <= 'Z')
		return (uint32_t)(code - 'A' + 1);
	if (ctrl && (code == '[' || code == '\\'))
		return (uint32_t)(code - '@');
	if (ctrl && code >= ' ' && code != LEPTON__KEY_BACKSPACE)
		return 0;
	if (shift && shifted)
		return (uint32_t)shifted;
	return (uint32_t)(shift && code >= 'a' && code <= 'z' ? code - 'a' + 'A' : code);
}

/* Arrows and their neighbours by the final letter, or by the number before "~". */
static uint32_t named_key(const struct csi *csi, long bits)
{
	static const struct {
		char final;
		long number;
		uint32_t plain, shifted;
	} table[] = {{'A', 1, LEPTON__KEY_UP, LEPTON__KEY_SHIFT_UP},
		{'B', 1, LEPTON__KEY_DOWN, LEPTON__KEY_SHIFT_DOWN},
		{'C', 1, LEPTON__KEY_RIGHT, LEPTON__KEY_SHIFT_RIGHT},
		{'D', 1, LEPTON__KEY_LEFT, LEPTON__KEY_SHIFT_LEFT}, {'H', 1, LEPTON__KEY_HOME, 0},
		{'F', 1, LEPTON__KEY_END, 0}, {'P', 1, LEPTON__KEY_F1, 0}, {'Q', 1, LEPTON__KEY_F1 + 1, 0},
		{'R', 1, LEPTON__KEY_F1 + 2, 0}, {'S', 1, LEPTON__KEY_F1 + 3, 0},
		{'~', 2, LEPTON__KEY_INSERT, 0}, {'~', 3, LEPTON__KEY_DELETE, 0},
		{'~', 5, LEPTON__KEY_PAGE_UP, 0}, {'~', 6, LEPTON__KEY_PAGE_DOWN, 0},
		{'~', 7, LEPTON__KEY_HOME, 0}, {'~', 8, LEPTON__KEY_END, 0}, {'~', 1, LEPTON__KEY_HOME, 0},
		{'~', 4, LEPTON__KEY_END, 0}, {'~', 13, LEPTON__KEY_F1 + 2, 0},
		{'~', 15, LEPTON__KEY_F1 + 4, 0}, {'~', 17, LEPTON__KEY_F1 + 5, 0},
		{'~', 18, LEPTON__KEY_F1 + 6, 0}, {'~', 19, LEPTON__KEY_F1 + 7, 0},
		{'~', 20, LEPTON__KEY_F1 + 8, 0}, {'~', 21, LEPTON__KEY_F1 + 9, 0},
		{'~', 23, LEPTON__KEY_F1 + 10, 0}, {'~', 24, LEPTON__KEY_F12, 0}};
	long number = csi->part[0] ? csi->part[0] : 1;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].final == csi->final && table[i].number == number)
			return bits & SHIFT && table[i].shifted ? table[i].shifted : table[i].plain;
	return 0;
}

uint32_t lepton__csi_key(const char *text)
{
	struct csi csi;
	if (!parse(text, &csi) || csi.second[1] == 3)
		return 0;
	long bits = csi.part[1] > 0 ? csi.part[1] - 1 : 0;
	if (csi.final == 'u')
		return with_modifiers(
			bits & CTRL && csi.third[0] ? csi.third[0] : csi.part[0], csi.second[0], bits);
	if (csi.final == '~' && csi.part[0] == 27)
		return with_modifiers(csi.part[2], 0, bits);
	return named_key(&csi, bits);
}
