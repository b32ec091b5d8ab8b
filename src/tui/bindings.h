/* tui/bindings.h - which keys do what: the table's, where the person has not said otherwise. */
#ifndef LEPTON_TUI_BINDINGS_H
#define LEPTON_TUI_BINDINGS_H

#include "lepton/error.h"
#include "tui/actions.h"

#define LEPTON__MOST_ACTIONS 192 /* room for a table that grows; a test compares */
#define LEPTON__KEYS_MAX 64

/* The names of an action's keys as things stand ("Down j"); "" for none. */
const char *lepton__action_keys(const struct lepton__action *action);
/* These keys, and no others, do that from now on; "" takes all away. A key that another action has by the table is
 * taken from it; one that another was bound to is a fault, as is a name that no key has. LEPTON_E_SPEC. */
int lepton__bind(const char *action, const char *keys, struct lepton_error *err) LEPTON_MUST_CHECK;
bool lepton__is_bound(const struct lepton__action *action); /* by lepton__bind */
/* Has lost all keys of the table to others, without having been told so? */
bool lepton__is_keyless(const struct lepton__action *action);
void lepton__bindings_reset(void); /* the table again */
/* Text in which {pause} stands for that action's first key; for texts that name keys. */
void lepton__spell_keys(const char *text, char *out, size_t size);

#endif
