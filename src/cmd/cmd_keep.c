/* cmd/cmd_keep.c - keep and gc: which checkpoints stay, and collecting the rest. */
#include "config.h"
#include "cmd/unlock.h"
#include "cmd/verb.h"
#include "base/memory.h"

#include <stdio.h>

static void print_line(const char *line, void *arg)
{
	(void)arg;
	printf("%s\n", line);
}

static int mark(struct lepton_store *store, const char *reference, bool drop, struct lepton_error *err)
{
	int64_t version, step, at;
	int code = lepton_store_resolve(store, reference, &version, &step, err);
	if (!code)
		code = lepton_store_mark(store, version, step, !drop, &at, err);
	if (code)
		return lepton_error_prefix(err, "%s", reference);
	printf("%s: the checkpoint at step %lld %s\n", reference, (long long)at,
		drop ? "is no longer marked" : "is kept");
	return LEPTON_OK;
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
	struct lepton_store *store;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, ARG_LIST_MAX);
	if (code >= 0)
		return code;
	bool list = operands.count == 0;
	if (unlock_store(args_store(dir), list ? LEPTON_STORE_READ : LEPTON_STORE_REPAIR, &store, &err))
		return verb_fail(verb, &err);
	code = list ? lepton_store_marks(store, print_line, NULL, &err) : LEPTON_OK;
	for (size_t i = 0; i < operands.count && !code; i++)
		code = mark(store, operands.items[i], drop, &err);
	lepton_store_close(store);
	return code ? verb_fail(verb, &err) : 0;
}

static void print_tally(const struct lepton_store_gc *t, bool dry)
{
	printf("%s %lld checkpoints, %lld objects of %.1f MB, %lld stray files of %.1f MB\n",
		dry ? "would go:" : "gone:", (long long)t->checkpoints, (long long)t->objects,
		(double)t->object_bytes * 1e-6, (long long)t->strays, (double)t->stray_bytes * 1e-6);
	if (!dry)
		printf("packed: %lld objects, from %.1f to %.1f MB\n", (long long)t->packed,
			(double)t->packed_from * 1e-6, (double)t->packed_to * 1e-6);
	printf("objects: %.1f MB of files for %.1f MB of numbers; of weights alone %.1f for %.1f\n",
		(double)t->files_bytes * 1e-6, (double)t->raw_bytes * 1e-6,
		(double)t->weight_files_bytes * 1e-6, (double)t->weight_raw_bytes * 1e-6);
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
	struct lepton_store *store;
	struct lepton_store_gc tally;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	if (unlock_store(args_store(dir), dry ? LEPTON_STORE_READ : LEPTON_STORE_REPAIR, &store, &err))
		return verb_fail(verb, &err);
	code = lepton_store_gc(store, dry, &tally, &err);
	lepton_store_close(store);
	if (code)
		return verb_fail(verb, &err);
	print_tally(&tally, dry);
	return 0;
}

const struct verb verb_keep = {"keep", "[V[@STEP]]... [--drop] [--store DIR]",
	"mark checkpoints so that they are kept; list the marked ones", run_keep};
const struct verb verb_gc = {
	"gc", "[--dry-run] [--store DIR]", "drop what nothing needs, pack the rest", run_gc};
