/* cmd/args.h - command-line options from a table.
 *
 * "--name VALUE" and "--name=VALUE"; "--" ends options; what is left are operands. Faults are one sentence
 * with a suggestion for a misspelt option. Every table knows --help; one that knows --store knows the options of unlock.h too.
 */
#ifndef LEPTON_CMD_ARGS_H
#define LEPTON_CMD_ARGS_H

#include "lepton/lepton.h"

enum arg_type { ARG_FLAG, ARG_STRING, ARG_INTEGER, ARG_LIST };

#define ARG_LIST_MAX 64

struct arg_list {
	const char *items[ARG_LIST_MAX];
	size_t count;
};

struct arg {
	const char *name; /* "--store"; NULL ends a table */
	enum arg_type type;
	void *target;      /* bool, const char *, int64_t, struct arg_list */
	int64_t min, max;  /* ARG_INTEGER */
	const char *value; /* what the help calls the value: "DIR" */
	const char *help;  /* NULL: not for people */
};

/* Sort argv[1..argc) into the targets and *operands (at most ARG_LIST_MAX). LEPTON_E_USAGE. *help is set by
 * --help. */
int args_parse(const struct arg *table, int argc, char **argv, struct arg_list *operands, bool *help,
	struct lepton_error *err);
/* The store that is meant: what --store says, or the one in this folder. */
const char *args_store(const char *given);
/* The options of a table, aligned, one a line, into text for --help. */
void args_help(const struct arg *table, char *out, size_t size);
/* The same as a list of mdoc's, for the manual. */
void args_manual(const struct arg *table, char *out, size_t size);
/* KEY=VALUE items → one JSON object text (heap, lepton__free). Values are JSON or bare words; with `dotted`
 * keys stay whole. */
int args_settings(const struct arg_list *set, char **out, struct lepton_error *err);

#endif
