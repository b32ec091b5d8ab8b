/* tui/terminfo.c - mouse reports beyond column 223 in curses, whatever the terminal's terminfo entry says.
 *
 * curses asks for the mouse as the entry does (kmous, XM), which is seldom the way that has no largest column
 * (SGR, 1006). But ncurses takes a whole compiled entry from the variable TERMINFO ("hex:" and digits;
 * ncurses 6.1 on). So we read the entry there is through the ordinary calls, and write it out again with
 * these two changed. The compiled format is described in term(5).
 */
#include "config.h"
#include "tui/terminfo.h"

#include <curses.h>
#include <term.h>

#include <stdlib.h>
#include <string.h>

#define MAGIC_32BIT 01036
#define ENTRY_MAX 32768

/* Undo term.h's names for capabilities, where they are words we use. */
#undef columns
#undef lines

static const char mouse_switch[] = "\x1b[?1006;1002;2004%?%p1%{1}%=%th%el%;"; /* 2004: marks around pastes */
static const char mouse_off[] = "\x1b[?1003l\x1b[?1000l\x1b[?1006;1002;2004l";

/* tigetstr wants a char * it only reads; its (char *)-1 means a capability not of this kind. */
static const char *capability(const char *name)
{
	union {
		const char *in;
		char *out;
	} word = {name};
	const char *value = tigetstr(word.out);
	return value == (const char *)-1 ? NULL : value;
}

static int number(const char *name)
{
	union {
		const char *in;
		char *out;
	} word = {name};
	return tigetnum(word.out);
}

static bool flag(const char *name)
{
	union {
		const char *in;
		char *out;
	} word = {name};
	return tigetflag(word.out) > 0;
}

static TERMINAL *opened; /* ours, not the one newterm makes for itself */

static void ask(struct lepton__terminfo *out)
{
	const char *mouse = capability("kmous"), *color = capability("setaf");
	out->colors = number("colors") < 0 ? 0 : number("colors");
	out->direct = flag("RGB") || number("RGB") > 0;
	out->true_color = flag("Tc");
	out->ansi_colors = color != NULL && strncmp(color, "\x1b[", 2) == 0;
	out->mouse = mouse != NULL && (strcmp(mouse, "\x1b[M") == 0 || strcmp(mouse, "\x1b[<") == 0);
	out->can_move = capability("cup") != NULL && capability("clear") != NULL;
	out->rows = number("lines") < 0 ? 0 : number("lines");
	out->cols = number("cols") < 0 ? 0 : number("cols");
}

int lepton__terminfo_open(const char *term, int fd, struct lepton__terminfo *out, struct lepton_error *err)
{
	int status = 0;
	union {
		const char *in;
		char *out;
	} name = {term};
	memset(out, 0, sizeof *out);
	if (setupterm(name.out, fd, &status) != OK)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"nothing is known here of the terminal TERM=%.60s; try TERM=xterm-256color, or "
			"install its terminfo entry",
			term);
	opened = cur_term;
	ask(out);
	return 0;
}

void lepton__terminfo_done(void)
{
	if (opened != NULL)
		(void)del_curterm(opened);
	opened = NULL;
}

/* A capability without its padding marks ("$<5>"). */
static void append_capability(struct lepton__buffer *out, const char *name)
{
	const char *at = capability(name);
	while (at != NULL && *at != '\0') {
		const char *pad = strncmp(at, "$<", 2) == 0 ? strchr(at, '>') : NULL;
		if (pad == NULL)
			lepton__buffer_append(out, at, 1);
		at = pad == NULL ? at + 1 : pad + 1;
	}
}

void lepton__terminfo_reset_bytes(bool mouse, struct lepton__buffer *out)
{
	static const char *const names[] = {"rmacs", "sgr0", "op", "cnorm", "rmkx", "rmcup"};
	if (mouse)
		lepton__buffer_string(out, mouse_off);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		append_capability(out, names[i]);
	lepton__buffer_string(out, "\r\n");
}

struct strings { /* a string table under construction, and the offsets into it */
	struct lepton__buffer offsets, table;
};

static void add_string(struct strings *strings, const char *value)
{
	lepton__buffer_u16(&strings->offsets, value == NULL ? UINT16_MAX : (uint16_t)strings->table.size);
	if (value != NULL)
		lepton__buffer_append(&strings->table, value, strlen(value) + 1);
}

static void init_strings(struct strings *strings)
{
	lepton__buffer_init(&strings->offsets, ENTRY_MAX);
	lepton__buffer_init(&strings->table, ENTRY_MAX);
}

static void append_strings(struct lepton__buffer *out, struct strings *strings)
{
	out->failed |= strings->offsets.failed || strings->table.failed;
	lepton__buffer_append(out, strings->offsets.data, strings->offsets.size);
	lepton__buffer_append(out, strings->table.data, strings->table.size);
	lepton__buffer_free(&strings->offsets);
	lepton__buffer_free(&strings->table);
}

static const char *standard_string(const char *name)
{
	return strcmp(name, "kmous") == 0 ? "\x1b[<" : capability(name);
}

static int32_t standard_number(const char *name)
{
	int value = number(name);
	return value < 0 ? -1 : value;
}

static size_t count_names(NCURSES_CONST char *const *names)
{
	size_t count = 0;
	while (names[count] != NULL)
		count++;
	return count;
}

static void pad_even(struct lepton__buffer *out)
{
	if (out->size % 2 != 0)
		lepton__buffer_append(out, "", 1);
}

static void append_standard(struct lepton__buffer *out)
{
	static const char names[] = LEPTON__TERM_NAME "|made by lepton from the terminal's own entry";
	size_t flags = count_names(boolnames), numbers = count_names(numnames), texts = count_names(strnames);
	struct strings strings;
	init_strings(&strings);
	for (size_t i = 0; i < texts; i++)
		add_string(&strings, standard_string(strnames[i]));
	const size_t header[] = {MAGIC_32BIT, sizeof names, flags, numbers, texts, strings.table.size};
	for (size_t i = 0; i < sizeof header / sizeof *header; i++)
		lepton__buffer_u16(out, (uint16_t)header[i]);
	lepton__buffer_append(out, names, sizeof names);
	for (size_t i = 0; i < flags; i++)
		lepton__buffer_append(out, flag(boolnames[i]) ? "\1" : "\0", 1);
	pad_even(out);
	for (size_t i = 0; i < numbers; i++)
		lepton__buffer_u32(out, (uint32_t)standard_number(numnames[i]));
	append_strings(out, &strings);
}

/* The extended part: flag AX, number U8, string XM. Names come behind the values in one table, and
 * their offsets count from the first name. */
static void append_extended(struct lepton__buffer *out)
{
	struct strings values, names;
	int32_t u8 = number("U8");
	size_t numbers = u8 >= 0, texts = 1, flags = 1;
	init_strings(&values);
	init_strings(&names);
	add_string(&values, mouse_switch);
	add_string(&names, "AX");
	if (numbers > 0)
		add_string(&names, "U8");
	add_string(&names, "XM");
	pad_even(out);
	const size_t header[] = {
		flags, numbers, texts, texts + flags + numbers + texts, values.table.size + names.table.size};
	for (size_t i = 0; i < sizeof header / sizeof *header; i++)
		lepton__buffer_u16(out, (uint16_t)header[i]);
	lepton__buffer_append(out, flag("AX") ? "\1" : "\0", 1);
	pad_even(out);
	if (numbers > 0)
		lepton__buffer_u32(out, (uint32_t)u8);
	lepton__buffer_append(out, values.offsets.data, values.offsets.size);
	lepton__buffer_append(out, names.offsets.data, names.offsets.size);
	lepton__buffer_append(out, values.table.data, values.table.size);
	lepton__buffer_append(out, names.table.data, names.table.size);
	lepton__buffer_free(&values.offsets);
	lepton__buffer_free(&values.table);
	lepton__buffer_free(&names.offsets);
	lepton__buffer_free(&names.table);
}

void lepton__terminfo_make(struct lepton__buffer *out)
{
	struct lepton__buffer entry;
	lepton__buffer_init(&entry, ENTRY_MAX);
	append_standard(&entry);
	append_extended(&entry);
	lepton__buffer_string(out, "hex:");
	for (size_t i = 0; i < entry.size; i++)
		lepton__buffer_printf(out, "%02X", (unsigned char)entry.data[i]);
	out->failed |= entry.failed;
	lepton__buffer_free(&entry);
}
