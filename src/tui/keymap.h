/* tui/keymap.h - keys by name: in the table of actions, in scripts, in the help. */
#ifndef LEPTON_TUI_KEYMAP_H
#define LEPTON_TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name ("Down", "PgUp", "C-l", "F1", "Space", or one character) to a key; 0 when there is none. */
uint32_t lepton__key_named(const char *name, size_t length);
/* The name of a key nearest to a wrong one; NULL: none is near. */
const char *lepton__key_suggest(const char *name);
/* The name people read: "↓" is spelled "Down", Ctrl-L is "^L". */
void lepton__key_name(uint32_t key, char *out, size_t size);
/* The same of a list of names: "Down, j". */
void lepton__key_names(const char *names, char *out, size_t size);
/* True when the list of names ("Down j") has this key. */
bool lepton__key_among(const char *names, uint32_t key);
/* The next key of a script's text ("abc<Down><Enter>", "<lt>" for '<'); bytes used, 0 at the end or at a fault (*key 0). */
size_t lepton__key_scan(const char *text, uint32_t *key);

#endif
