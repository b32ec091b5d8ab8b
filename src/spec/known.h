/* spec/known.h - what a configuration could say at a key, for whoever helps a person to write it. */
#ifndef LEPTON_SPEC_KNOWN_H
#define LEPTON_SPEC_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

/* The words that can stand at a dotted key of this configuration, "adam|sgd"; "" where it takes something else, or is no key.
 * *help (may be NULL): a line about it, "" for none. */
void lepton__known_values(const char *config, const char *key, char *out, size_t size, const char **help);
/* The n-th dotted key that the configuration could have, whether it has it or not: of the version, and of its optimizer.
 * False: there are no more. */
bool lepton__known_key(const char *config, size_t n, char *out, size_t size);

#endif
