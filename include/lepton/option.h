/* lepton/option.h - named, typed, bounded settings.
 *
 * Compressors, fusers, optimisers and layers declare what they can be told as a const table of
 * options. The same table validates `--set KEY=VALUE`, spec files and the dashboard's prompts, and
 * prints the help. Values are kept as a JSON object (text), the form they have in the store too.
 */
#ifndef LEPTON_OPTION_H
#define LEPTON_OPTION_H

#include "lepton/error.h"
#include <stdbool.h>

#define LEPTON_SUGGEST_MAX 128 /* longer words are not compared */

enum lepton_option_type { LEPTON_OPTION_NUMBER, LEPTON_OPTION_INTEGER, LEPTON_OPTION_BOOL, LEPTON_OPTION_CHOICE };

struct lepton_option {
	const char *name; /* NULL ends a table */
	enum lepton_option_type type;
	double number;       /* default of NUMBER, INTEGER, BOOL (0/1) */
	double min, max;     /* inclusive bounds of NUMBER and INTEGER */
	const char *choices; /* CHOICE: "first|second|…"; the first is the default */
	const char *help;    /* one line; says the default's meaning where it is not plain */
};

/* Check a JSON object (text; NULL or "" is {}) against a table: unknown names get a suggestion,
 * wrong types and out-of-range values are named. `what` names the owner in messages, e.g.
 * "compress delta". LEPTON_E_USAGE on the first fault. */
LEPTON_API int lepton_options_check(const struct lepton_option *table, const char *json, const char *what,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* A setting's value or the table's default. The name must be in the table (asserted). */
LEPTON_API double lepton_options_number(const struct lepton_option *table, const char *json, const char *name);
/* Copies the chosen word into out (size at least 32). */
LEPTON_API void lepton_options_choice(
		const struct lepton_option *table, const char *json, const char *name, char *out, size_t size);
/* Whether the table has such a setting. */
LEPTON_API bool lepton_options_has(const struct lepton_option *table, const char *name);
/* True when the JSON object itself holds the name (not merely its default). */
LEPTON_API bool lepton_options_given(const char *json, const char *name);
/* The candidate nearest to `word` by edit distance, or NULL when none is near enough to suggest. */
LEPTON_API const char *lepton_suggest(const char *word, const char *const *candidates, size_t count);

#endif
