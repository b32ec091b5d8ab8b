/* tui/bindings.h - which keys do what: the table's, where the person has not said otherwise. */
#ifndef LEPTON_TUI_BINDINGS_H
#define LEPTON_TUI_BINDINGS_H

#include "lepton/error.h"
#include "tui/actions.h"
#include "tui/window_keys.h"

#define LEPTON__MOST_ACTIONS 192 /* room for a table that grows; a test compares */
#define LEPTON__MOST_WINDOW_KEYS 192 /* the same */
#define LEPTON__KEYS_MAX 64

/* The names of an action's keys as things stand ("Down j"); "" for none. */
const char *lepton__action_keys(const struct lepton__action *action);
const char *lepton__bound_keys(const struct lepton__window_key *entry); /* the same of a window's */
/* These keys, and no others, do that from now on; "" takes all away. It is an action, or a window's key as
 * "mistakes.larger". A key that another has by the table is taken from it; one that another was bound to is a fault, as
 * is a name that no key has, and a letter where letters are typed. LEPTON_E_SPEC. */
int lepton__bind(const char *id, const char *keys, struct lepton_error *err) LEPTON_MUST_CHECK;
bool lepton__is_bound(const struct lepton__action *action); /* by lepton__bind */
bool lepton__is_bound_key(const struct lepton__window_key *entry);
/* Has the i-th of all that have keys lost those of the table to others, without having been told so? *found is false
 * past the last. */
bool lepton__keyless(size_t i, char *id, size_t size, bool *found);
void lepton__bindings_reset(void); /* the table again */
/* Text in which {pause} and {mistakes.larger} stand for the first key of that; for texts that name keys. */
void lepton__spell_keys(const char *text, char *out, size_t size);
/* The same, of up to 400 bytes; good until the fourth call from now. */
const char *lepton__spell(const char *text);

#endif
