/* tui/keymap.c - the names of keys, one small table used in both directions. */
#include "config.h"
#include "tui/format.h"
#include "tui/keymap.h"
#include "tui/terminal.h"
#include "lepton/option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t key;
} keys[] = {
	{"Up", LEPTON__KEY_UP},
	{"Down", LEPTON__KEY_DOWN},
	{"Left", LEPTON__KEY_LEFT},
	{"Right", LEPTON__KEY_RIGHT},
	{"Home", LEPTON__KEY_HOME},
	{"End", LEPTON__KEY_END},
	{"PgUp", LEPTON__KEY_PAGE_UP},
	{"PgDn", LEPTON__KEY_PAGE_DOWN},
	{"Ins", LEPTON__KEY_INSERT},
	{"Del", LEPTON__KEY_DELETE},
	{"S-Tab", LEPTON__KEY_BACKTAB},
	{"Tab", LEPTON__KEY_TAB},
	{"Enter", LEPTON__KEY_ENTER},
	{"Esc", LEPTON__KEY_ESC},
	{"Backspace", LEPTON__KEY_BACKSPACE},
	{"BS", LEPTON__KEY_BACKSPACE},
	{"Space", ' '},
	{"lt", '<'},
	{"gt", '>'},
	{"S-Left", LEPTON__KEY_SHIFT_LEFT},
	{"S-Right", LEPTON__KEY_SHIFT_RIGHT},
	{"S-Up", LEPTON__KEY_SHIFT_UP},
	{"S-Down", LEPTON__KEY_SHIFT_DOWN},
};

static uint32_t numbered(const char *name, size_t length)
{
	if (length == 2 && name[0] == '^' && name[1] >= 'A' && name[1] <= 'Z') /* as it is shown */
		return (uint32_t)(name[1] - 'A' + 1);
	if (length == 3 && name[0] == 'C' && name[1] == '-' && name[2] >= 'a' && name[2] <= 'z')
		return (uint32_t)(name[2] - 'a' + 1);
	if (name[0] != 'F' || length < 2 || length > 3)
		return 0;
	char *end;
	long n = strtol(name + 1, &end, 10);
	return end == name + length && n >= 1 && n <= 12 ? LEPTON__KEY_F1 + (uint32_t)n - 1 : 0;
}

uint32_t lepton__key_named(const char *name, size_t length)
{
	uint32_t code;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strlen(keys[i].name) == length && strncmp(keys[i].name, name, length) == 0)
			return keys[i].key;
	if (length > 0 && lepton__utf8_decode(name, &code) == length)
		return code;
	return length > 0 ? numbered(name, length) : 0;
}

const char *lepton__key_suggest(const char *name)
{
	const char *names[sizeof keys / sizeof *keys];
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		names[i] = keys[i].name;
	return lepton_suggest(name, names, sizeof keys / sizeof *keys);
}

void lepton__key_name(uint32_t key, char *out, size_t size)
{
	char utf8[5];
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].key == key && key != '<' && key != '>') {
			lepton__print(out, size, "%s", keys[i].name);
			return;
		}
	if (key >= LEPTON__KEY_F1 && key <= LEPTON__KEY_F12) {
		lepton__print(out, size, "F%u", (unsigned)(key - LEPTON__KEY_F1 + 1));
	} else if (key >= 1 && key <= 26) {
		lepton__print(out, size, "^%c", (char)('A' + key - 1));
	} else {
		lepton__utf8_encode(key, utf8);
		lepton__print(out, size, "%s", utf8);
	}
}

void lepton__key_names(const char *names, char *out, size_t size)
{
	*out = '\0';
	while (*names) {
		const size_t length = strcspn(names, " "), used = strlen(out);
		char name[16];
		lepton__key_name(lepton__key_named(names, length), name, sizeof name);
		lepton__print(out + used, size - used, "%s%s", used ? ", " : "", name);
		names += length + (names[length] == ' ');
	}
}

bool lepton__key_among(const char *names, uint32_t key)
{
	while (*names) {
		size_t length = strcspn(names, " ");
		if (lepton__key_named(names, length) == key)
			return true;
		names += length + (names[length] == ' ');
	}
	return false;
}

size_t lepton__key_scan(const char *text, uint32_t *key)
{
	*key = 0;
	if (!*text)
		return 0;
	const char *close = *text == '<' ? strchr(text, '>') : NULL;
	if (close) {
		*key = lepton__key_named(text + 1, (size_t)(close - text) - 1);
		return *key ? (size_t)(close - text) + 1 : 0;
	}
	return lepton__utf8_decode(text, key);
}
