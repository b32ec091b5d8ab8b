/* cmd/cmd_list.c - lepton list: one line a version, or the run summary as JSON. */
#include "config.h"
#include "cmd/verb.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_number(double value, int width, int digits)
{
	if (isfinite(value))
		printf(" %*.*f", width, digits, value);
	else
		printf(" %*s", width, "-");
}

static void print_version(const struct lepton_run *run, const struct lepton_run_version *v)
{
	printf("%-20s %-9s", v->name, lepton_version_state_name(v->state));
	print_number(v->epoch, 6, 1);
	print_number(v->loss, 9, 4);
	print_number(run->regression ? lepton_run_rmse(v->val_loss) : v->val_accuracy, 9, 4);
	print_number(run->regression ? lepton_run_rmse(v->test_loss) : v->test_accuracy, 9, 4);
	printf(" %10" PRId64 " %.12s\n", v->bytes, *v->weights_hash ? v->weights_hash : "-");
}

static void print_table(const struct lepton_run *run)
{
	printf("%-20s %-9s %6s %9s %9s %9s %10s %s\n", "version", "state", "epoch", "loss",
		run->regression ? "val_rmse" : "val_acc", run->regression ? "test_rmse" : "test_acc", "bytes",
		"weights");
	for (size_t i = 0; i < run->version_count; i++)
		print_version(run, run->versions[i]);
	for (size_t i = 0; i < run->alias_count; i++) {
		const struct lepton_run_version *target = lepton_run_version(run, run->aliases[i].target);
		printf(":%s -> %s\n", run->aliases[i].alias, target ? target->name : "(nothing)");
	}
}

static int print_json(const struct lepton_run *run, struct lepton_error *err)
{
	const struct lepton_exporter *json;
	char *text;
	size_t size;
	int code = lepton_exporter_find("json", &json, err);
	if (!code)
		code = json->render(run, 0, &text, &size, err);
	if (code)
		return code;
	fwrite(text, 1, size, stdout);
	lepton__free(text);
	return LEPTON_OK;
}

static int run_list(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	bool json = false;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{"--json", ARG_FLAG, &json, 0, 0, NULL, "the whole run summary as one JSON object"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_store *store;
	struct lepton_run run;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	if (verb_load(dir, &store, &run, &err))
		return verb_fail(verb, &err);
	code = json ? lepton_store_load_whole(store, &run, 0, &err) : LEPTON_OK;
	if (json && !code)
		code = print_json(&run, &err);
	else if (!json)
		print_table(&run);
	lepton_store_close(store);
	lepton_run_clear(&run);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_list = {
	"list", "[--store DIR] [--json]", "the versions of a store, a line each", run_list};
