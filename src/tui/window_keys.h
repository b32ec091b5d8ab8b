/* tui/window_keys.h - THE tables of the keys inside windows, one a window, as actions.h is for the views.
 *
 * An entry says a key's name, keys, words and what the window is told. The window's bottom line, its help, the
 * manual page and `--keys` are all made of it, and the settings give other keys by `bind WINDOW.NAME = KEYS`.
 */
#ifndef LEPTON_TUI_WINDOW_KEYS_H
#define LEPTON_TUI_WINDOW_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a window is told: an enum lepton__move, one of these two, which the stack of windows does itself, or its own. */
enum { LEPTON__WINDOW_LEAVE = 16, LEPTON__WINDOW_HELP, LEPTON__WINDOW_OWN };

struct lepton__window_key {
	const char *id;    /* "larger": `bind mistakes.larger = …` */
	const char *keys;  /* "+ =": names of keymap.h; the first is shown */
	const char *words; /* behind it on the bottom line, once for neighbours of the same words; NULL: not there */
	const char *title; /* a line for help and manual */
	int act;
};
struct lepton__window_keys {
	const char *name;  /* "mistakes" */
	const char *title; /* what it is, for help and manual */
	const struct lepton__window_key *keys;
	size_t count;
	const char *also;  /* what the bottom line ends with; NULL: nothing */
	bool types;        /* characters are typed into it, and are no keys */
};
/* The end of a table: the keys array, and how many there are. */
#define LEPTON__KEYS_OF(array) array, sizeof(array) / sizeof *(array)

/* What all windows that scroll have; `what` are the words for a line up and down. */
#define LEPTON__SCROLL_KEYS(what)                                                                            \
	{"up", "Up k", what, "One up", LEPTON__UP}, {"down", "Down j", what, "One down", LEPTON__DOWN},      \
		{"page-up", "PgUp", "page", "A page up", LEPTON__PAGE_UP},                                   \
		{"page-down", "PgDn Space", "page", "A page down", LEPTON__PAGE_DOWN},                       \
		{"first", "Home g", NULL, "To the beginning", LEPTON__FIRST},                                \
		{"last", "End G", NULL, "To the end", LEPTON__LAST}
#define LEPTON__CLOSE_KEY {"close", "Esc Enter q", "close", "Close the window", LEPTON__WINDOW_LEAVE}
#define LEPTON__HELP_KEY {"help", "? F1", "keys", "Show these keys", LEPTON__WINDOW_HELP}

extern const struct lepton__window_keys *const lepton__windows[];
size_t lepton__window_count(void);

/* What the key does in the window as things stand; NULL: nothing. */
const struct lepton__window_key *lepton__window_key_for(const struct lepton__window_keys *window, uint32_t key);
/* By "mistakes.larger", of `length` bytes; NULL: none. */
const struct lepton__window_key *lepton__window_key_find(const char *id, size_t length);
/* The first key now of what a key of the table is for; 0: it has none any more, or was for nothing. */
uint32_t lepton__window_key_now(const struct lepton__window_keys *window, uint32_t key);
/* "Up/Down scroll  PgUp/PgDn page  Esc close": the bottom line of the window. */
void lepton__window_hint(const struct lepton__window_keys *window, char *out, size_t size);

#endif
