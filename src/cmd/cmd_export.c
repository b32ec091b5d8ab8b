/* cmd/cmd_export.c - lepton export: a run summary in a file. */
#include "config.h"
#include "cmd/verb.h"

#include <stdio.h>
#include <string.h>

static int export_to(struct lepton_store *store, struct lepton_run *run, const char *reference,
	const char *format, const char *path, struct lepton_error *err)
{
	int64_t id = 0, step;
	int code = reference ? lepton_store_resolve(store, reference, &id, &step, err) : LEPTON_OK;
	if (!code && (!format || strcmp(format, "lepton") != 0)) {
		code = lepton_store_load_whole(store, run, id, err);
		return code ? code : lepton_export(run, id, format, path, err);
	}
	if (code)
		return code;
	return id ? lepton_bundle_write(store, id, path, err)
		  : lepton_error_set(err, LEPTON_E_USAGE, "a file of format lepton has one version: name it");
}

static int run_export(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL, *format = NULL, *path = NULL;
	bool all = false;
	const struct arg table[] = {
		{"--all", ARG_FLAG, &all, 0, 0, NULL, "every version"},
		{"--format", ARG_STRING, &format, 0, 0, "F",
			"json, csv, html, or lepton, one version for `lepton import` (default: by the "
			"ending)"},
		{"--output", ARG_STRING, &path, 0, 0, "FILE", "where to; also -o FILE"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_store *store;
	struct lepton_run run;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 1);
	if (code >= 0)
		return code;
	if (!path || all == (operands.count > 0)) {
		fprintf(stderr, "lepton export: %s; usage: lepton export %s\n",
			path ? "name one version, or --all" : "say where to: -o FILE", verb->usage);
		return 2;
	}
	if (verb_load(dir, &store, &run, &err))
		return verb_fail(verb, &err);
	code = export_to(store, &run, all ? NULL : operands.items[0], format, path, &err);
	lepton_store_close(store);
	lepton_run_clear(&run);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_export = {"export", "V|--all [--format json|csv|html|lepton] -o FILE [--store DIR]",
	"write a run summary, or a version as a file", run_export};
