/* cmd/cmd_key.c - lepton key: keys made, and those that open an encrypted store.
 *
 * One row an action. Those on a store open it for writing by the key that every verb takes, and so wait for
 * nobody: while another program writes they are refused with its pid.
 */
#include "config.h"
#include "cmd/unlock.h"
#include "cmd/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wish { /* what the command line said */
	const char *dir, *output, *operand;
	struct unlock_choice other;
};

static int need_output(const struct wish *wish, struct lepton_error *err)
{
	return wish->output ? LEPTON_OK
			    : lepton_error_set(err, LEPTON_E_USAGE, "say where the key goes: -o FILE");
}

static int make_new(const struct wish *wish, struct lepton_error *err)
{
	int code = need_output(wish, err);
	if (!code)
		code = lepton_key_file_new(wish->output, err);
	if (!code)
		printf("%s opens what is made with it; keep a copy elsewhere: without it nothing does\n",
			wish->output);
	return code;
}

static int make_sign(const struct wish *wish, struct lepton_error *err)
{
	char public_key[LEPTON_PUBLIC_HEX];
	int code = need_output(wish, err);
	if (!code)
		code = lepton_sign_key_new(wish->output, public_key, err);
	if (!code)
		printf("%s\n", public_key);
	return code;
}

/* The store, open for writing, and the key that opened it. */
static int open_both(const struct wish *wish, struct lepton_store **store, struct lepton_key **key,
	struct lepton_error *err)
{
	const char *dir = args_store(wish->dir);
	*store = NULL;
	int code = lepton_store_open(dir, LEPTON_STORE_READ, store, err); /* is there one? */
	lepton_store_close(*store);
	*store = NULL;
	if (code && code != LEPTON_E_KEY)
		return code;
	code = unlock_store(dir, LEPTON_STORE_WRITE, store, err);
	return code ? code : unlock_key(false, key, err);
}

static int list(struct lepton_store *store, struct lepton_error *err)
{
	const char *kinds[LEPTON_STORE_KEYS_MAX];
	size_t count = 0;
	int code = lepton_store_keys(store, kinds, &count, err);
	for (size_t i = 0; i < count && !code; i++)
		printf("%zu  %s\n", i + 1, kinds[i]);
	return code;
}

static int act_list(
	const struct wish *wish, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	(void)wish;
	(void)key;
	return list(store, err);
}

static int put(const struct wish *wish, struct lepton_store *store, struct lepton_key *key, bool change,
	struct lepton_error *err)
{
	struct lepton_key *other = NULL;
	int code = lepton_store_encrypted(store) ? unlock_read(&wish->other, true, &other, err) : LEPTON_OK;
	if (!code && lepton_store_encrypted(store) && !other)
		code = lepton_error_set(err, LEPTON_E_USAGE,
			"say the new key: --new-key-file FILE, --new-passphrase or --new-passphrase-file "
			"FILE");
	if (!code)
		code = change ? lepton_store_key_change(store, key, other, err)
			      : lepton_store_key_add(store, key, other, err);
	lepton_key_free(other);
	return code ? code : list(store, err);
}

static int act_add(
	const struct wish *wish, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	return put(wish, store, key, false, err);
}

static int act_change(
	const struct wish *wish, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	return put(wish, store, key, true, err);
}

static int act_remove(
	const struct wish *wish, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	char *end;
	unsigned long number = wish->operand ? strtoul(wish->operand, &end, 10) : 0;
	if (!wish->operand || *end || end == wish->operand)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "say which key, by its number in `lepton key list`");
	int code = lepton_store_key_remove(store, key, number, err);
	return code ? code : list(store, err);
}

static int act_rotate(
	const struct wish *wish, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	const char *kinds[LEPTON_STORE_KEYS_MAX];
	size_t before = 0, objects;
	(void)wish;
	int code = lepton_store_keys(store, kinds, &before, err);
	if (!code)
		code = lepton_store_rotate(store, key, &objects, err);
	if (code)
		return code;
	printf("the database and %zu objects are sealed anew\n", objects);
	if (before > 1)
		printf("%zu other key%s of it no more: `lepton key add`\n", before - 1,
			before == 2 ? " is a key" : "s are keys");
	return LEPTON_OK;
}

static const struct action {
	const char *name;
	int (*alone)(const struct wish *wish, struct lepton_error *err);
	int (*on_store)(const struct wish *wish, struct lepton_store *store, struct lepton_key *key,
		struct lepton_error *err);
} actions[] = {
	{"new", make_new, NULL},
	{"sign-new", make_sign, NULL},
	{"list", NULL, act_list},
	{"add", NULL, act_add},
	{"change", NULL, act_change},
	{"remove", NULL, act_remove},
	{"rotate", NULL, act_rotate},
};
#define ACTION_COUNT (sizeof actions / sizeof *actions)

static int unknown(const char *word, struct lepton_error *err)
{
	const char *names[ACTION_COUNT];
	for (size_t i = 0; i < ACTION_COUNT; i++)
		names[i] = actions[i].name;
	const char *near = lepton_suggest(word, names, ACTION_COUNT);
	return near ? lepton_error_set(
			      err, LEPTON_E_USAGE, "unknown action \"%s\"; did you mean \"%s\"?", word, near)
		    : lepton_error_set(err, LEPTON_E_USAGE,
			      "unknown action \"%s\"; `lepton key --help` lists them", word);
}

static int act(const char *word, const struct wish *wish, struct lepton_error *err)
{
	const struct action *action = NULL;
	struct lepton_store *store;
	struct lepton_key *key;
	for (size_t i = 0; i < ACTION_COUNT; i++)
		if (strcmp(word, actions[i].name) == 0)
			action = &actions[i];
	if (!action)
		return unknown(word, err);
	if (action->alone)
		return action->alone(wish, err);
	int code = open_both(wish, &store, &key, err);
	if (!code)
		code = action->on_store(wish, store, key, err);
	lepton_store_close(store);
	return code;
}

static int run_key(const struct verb *verb, int argc, char **argv)
{
	struct wish wish = {0};
	const struct arg table[] = {
		{"--output", ARG_STRING, &wish.output, 0, 0, "FILE", "new: where the key goes; also -o FILE"},
		{"--new-key-file", ARG_STRING, &wish.other.key_file, 0, 0, "FILE",
			"add, change: the new key"},
		{"--new-passphrase", ARG_FLAG, &wish.other.prompt, 0, 0, NULL,
			"add, change: ask for a new one"},
		{"--new-passphrase-file", ARG_STRING, &wish.other.passphrase_file, 0, 0, "FILE",
			"add, change: read it from there"},
		{"--store", ARG_STRING, &wish.dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 1, 2);
	if (code >= 0)
		return code;
	wish.operand = operands.count > 1 ? operands.items[1] : NULL;
	return act(operands.items[0], &wish, &err) ? verb_fail(verb, &err) : 0;
}

const struct verb verb_key = {"key",
	"new -o FILE | sign-new -o FILE | list | add | change | remove N | rotate [--new-key-file FILE] "
	"[--store DIR]",
	"make keys, and change those of an encrypted store", run_key};
