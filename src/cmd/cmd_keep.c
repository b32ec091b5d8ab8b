/* cmd/cmd_keep.c - keep and gc: which checkpoints stay, and collecting the rest. In a store that a run trains
 * in, the run is asked to. */
#include "config.h"
#include "cmd/tend.h"
#include "cmd/unlock.h"
#include "cmd/verb.h"
#include "lepton/net.h"

#include <stdio.h>

static void print_line(const char *line, void *arg)
{
	(void)arg;
	printf("%s\n", line);
}

/* ---- where it is done ---- */

struct place {
	struct lepton_store *store;   /* open for writing where nothing trains, else for reading */
	struct lepton_client *client; /* NULL: nothing trains */
	uint64_t ticket;
};

static int go_there(const char *dir, struct place *out, struct lepton_error *err)
{
	*out = (struct place){.store = NULL};
	int code = lepton_client_connect(args_store(dir), &out->client, err);
	if (code == LEPTON_E_NOTFOUND)
		return unlock_store(args_store(dir), LEPTON_STORE_REPAIR, &out->store, err);
	return code ? code : unlock_store(args_store(dir), LEPTON_STORE_READ, &out->store, err);
}

static void leave(struct place *place)
{
	lepton_client_close(place->client);
	lepton_store_close(place->store);
}

static int carry_out(struct place *place, struct lepton_command *command, int64_t *result, char *message,
	size_t size, struct lepton_error *err)
{
	command->ticket = ++place->ticket;
	return place->client ? verb_ask(place->client, command, result, message, size, err)
			     : tend(place->store, command, result, message, size, err);
}

/* ---- keep ---- */

static int mark(struct place *place, const char *reference, bool drop, struct lepton_error *err)
{
	struct lepton_command command = {.settings = NULL};
	char message[200];
	int64_t version, step, at;
	int code = lepton_store_resolve(place->store, reference, &version, &step, err);
	if (!code)
		code = tend_mark(version, step, drop, &command, err);
	if (!code)
		code = carry_out(place, &command, &at, message, sizeof message, err);
	lepton_command_clear(&command);
	if (code)
		return lepton_error_prefix(err, "%s", reference);
	printf("%s: %s\n", reference, message);
	return LEPTON_OK;
}

static int list(const char *dir, struct lepton_error *err)
{
	struct lepton_store *store;
	int code = unlock_store(args_store(dir), LEPTON_STORE_READ, &store, err);
	if (!code)
		code = lepton_store_marks(store, print_line, NULL, err);
	lepton_store_close(store);
	return code;
}

static int mark_all(const char *dir, const struct arg_list *references, bool drop, struct lepton_error *err)
{
	struct place place;
	int code = go_there(dir, &place, err);
	for (size_t i = 0; i < references->count && !code; i++)
		code = mark(&place, references->items[i], drop, err);
	leave(&place);
	return code;
}

static int run_keep(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	bool drop = false;
	const struct arg table[] = {
		{"--drop", ARG_FLAG, &drop, 0, 0, NULL, "take the mark away"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 0, ARG_LIST_MAX);
	if (code >= 0)
		return code;
	code = operands.count ? mark_all(dir, &operands, drop, &err) : list(dir, &err);
	return code ? verb_fail(verb, &err) : 0;
}

/* ---- gc ---- */

static int look(const char *dir, char *message, size_t size, struct lepton_error *err)
{
	struct lepton_store *store;
	struct lepton_store_gc tally;
	int code = unlock_store(args_store(dir), LEPTON_STORE_READ, &store, err);
	if (!code)
		code = lepton_store_gc(store, true, &tally, err);
	if (!code)
		tend_tally(&tally, true, message, size);
	lepton_store_close(store);
	return code;
}

static int collect(const char *dir, char *message, size_t size, struct lepton_error *err)
{
	struct lepton_command command = {.type = LEPTON_CMD_GC};
	struct place place;
	int64_t unused;
	int code = go_there(dir, &place, err);
	if (!code)
		code = carry_out(&place, &command, &unused, message, size, err);
	leave(&place);
	return code;
}

static int run_gc(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	bool dry = false;
	const struct arg table[] = {
		{"--dry-run", ARG_FLAG, &dry, 0, 0, NULL, "only say what would go"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	char message[512];
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	code = dry ? look(dir, message, sizeof message, &err) : collect(dir, message, sizeof message, &err);
	if (code)
		return verb_fail(verb, &err);
	printf("%s\n", message);
	return 0;
}

const struct verb verb_keep = {"keep", "[V[@STEP]]... [--drop] [--store DIR]",
	"mark checkpoints so that they are kept; list the marked ones", run_keep};
const struct verb verb_gc = {
	"gc", "[--dry-run] [--store DIR]", "drop what nothing needs, pack the rest", run_gc};
