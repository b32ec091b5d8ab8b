/* tui/terminal_can.c - what a terminal understands, read from its terminfo entry once.
 *
 * Padding ("$<5>") is left out: terminals that need it have not been made for forty years. Where the entry's
 * attributes and colours are all of the form ESC [ … m, they are kept as what stands between, so that several
 * of them become one sequence. An entry does not say whether bold has an end of its own (22); who ends
 * underlining by 24 and colours by 39 and 49 follows ECMA-48, and has it.
 */
#include "config.h"
#include "tui/terminal_writer.h"

#include "base/memory.h"

#include <curses.h>
#include <term.h>

#include <stdio.h>
#include <string.h>

static const char *const names[LEPTON__CAPABILITIES] = {"clear", "cup", "hpa", "vpa", "home", "cuf", "cub",
	"cuu", "cud", "cuf1", "cub1", "cuu1", "cud1", "cr", "el", "ech", "rep", "csr", "ind", "indn", "ri",
	"rin", "sgr0", "op", "setaf", "setab", "bold", "dim", "smul", "rev", "sitm", "rmul", "civis", "cnorm",
	"rmam", "smam"};

/* terminfo's calls want a char * they only read. */
union word {
	const char *in;
	char *out;
};

static bool has_flag(const char *name)
{
	union word word = {name};
	return tigetflag(word.out) > 0;
}

static int number(const char *name)
{
	union word word = {name};
	int value = tigetnum(word.out);
	return value < 0 ? 0 : value;
}

static void cut_padding(char *text)
{
	char *to = text;
	for (const char *at = text; *at;) {
		const char *end = strncmp(at, "$<", 2) == 0 ? strchr(at, '>') : NULL;
		if (end)
			at = end + 1;
		else
			*to++ = *at++;
	}
	*to = '\0';
}

static int load_text(struct lepton__can *can, size_t which)
{
	union word word = {names[which]};
	const char *value = tigetstr(word.out);
	if (!value || value == (const char *)-1 || !*value)
		return LEPTON_OK;
	can->text[which] = lepton__strdup(value);
	if (!can->text[which])
		return LEPTON_E_NOMEM;
	cut_padding(can->text[which]);
	return LEPTON_OK;
}

void lepton__can_say(const struct lepton__can *can, enum lepton__capability which, int one, int two,
	struct lepton__buffer *out)
{
	if (can->text[which] && strchr(can->text[which], '%'))
		lepton__buffer_string(out, tiparm(can->text[which], one, two));
	else if (can->text[which])
		lepton__buffer_string(out, can->text[which]);
}

static bool is_sgr(const char *text)
{
	size_t inside = strncmp(text, "\x1b[", 2) == 0 ? strspn(text + 2, "0123456789:;") : 0;
	return inside && strcmp(text + 2 + inside, "m") == 0;
}

/* sgr0 also leaves the line drawing set, in which we never are: that part goes. */
static void cut_charset(char *text)
{
	static const char *const parts[] = {"\x1b(B", "\x0f"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		char *at = strstr(text, parts[i]);
		if (at)
			memmove(at, at + strlen(parts[i]), strlen(at + strlen(parts[i])) + 1);
	}
}

static bool all_sgr(const struct lepton__can *can)
{
	static const int colors[] = {0, 7, 12, 255};
	for (int which = LEPTON__CAN_BOLD; which <= LEPTON__CAN_SITM; which++)
		if (can->text[which] && !is_sgr(can->text[which]))
			return false;
	for (int which = LEPTON__CAN_SETAF; which <= LEPTON__CAN_SETAB; which++)
		for (size_t i = 0; can->text[which] && i < sizeof colors / sizeof *colors; i++)
			if (colors[i] < number("colors") && !is_sgr(tiparm(can->text[which], colors[i])))
				return false;
	const char *reset = can->text[LEPTON__CAN_SGR0];
	return reset && (strcmp(reset, "\x1b[m") == 0 || is_sgr(reset));
}

static void judge(struct lepton__can *can)
{
	static const uint16_t attributes[] = {
		LEPTON__BOLD, LEPTON__DIM, LEPTON__UNDERLINE, LEPTON__REVERSE, LEPTON__ITALIC};
	const char *op = can->text[LEPTON__CAN_OP], *rmul = can->text[LEPTON__CAN_RMUL];
	int video = number("ncv"); /* curses' numbers: 2 underline, 16 dim, 32 bold */
	can->erases_in_color = has_flag("bce");
	can->margin = has_flag("am");
	can->waits = has_flag("xenl");
	can->moves_painted = has_flag("msgr");
	/* Where attributes take a place on the screen, or do not end, there are none. */
	for (int i = 0; i < 5; i++)
		if (can->text[LEPTON__CAN_BOLD + i] && can->text[LEPTON__CAN_SGR0] && number("xmc") == 0)
			can->attributes |= attributes[i];
	can->plain_only = (uint16_t)((video & 2 ? LEPTON__UNDERLINE : 0) | (video & 16 ? LEPTON__DIM : 0) |
				     (video & 32 ? LEPTON__BOLD : 0));
	if (can->text[LEPTON__CAN_SGR0])
		cut_charset(can->text[LEPTON__CAN_SGR0]);
	can->sgr = all_sgr(can);
	can->color_ends = can->sgr && op && strcmp(op, "\x1b[39;49m") == 0;
	can->ends = can->color_ends && rmul && strcmp(rmul, "\x1b[24m") == 0;
}

int lepton__can_load(struct lepton__can *can, bool true_color, struct lepton_error *err)
{
	int code = LEPTON_OK;
	*can = (struct lepton__can){.true_color = true_color};
	for (size_t i = 0; !code && i < LEPTON__CAPABILITIES; i++)
		code = load_text(can, i);
	if (code) {
		lepton__can_free(can);
		return lepton_error_set(err, code, "no memory for the terminal's capabilities");
	}
	judge(can);
	return LEPTON_OK;
}

void lepton__can_free(struct lepton__can *can)
{
	for (size_t i = 0; i < LEPTON__CAPABILITIES; i++)
		lepton__free(can->text[i]);
	*can = (struct lepton__can){.true_color = false};
}

struct lepton__paint lepton__can_paint(const struct lepton__can *can, struct lepton__paint paint)
{
	bool colors = can->true_color || (can->text[LEPTON__CAN_SETAF] && can->text[LEPTON__CAN_SETAB]);
	if (!colors)
		paint.fg = paint.bg = -1;
	paint.attributes &= can->attributes;
	if (paint.fg >= 0 || paint.bg >= 0)
		paint.attributes &= (uint16_t)~can->plain_only;
	return paint;
}
