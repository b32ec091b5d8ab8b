/* cmd/cmd_report.c - lepton report: one page that tells people who were not there.
 *
 * The versions that are asked for go into a picture of the run that holds only them; the exporter takes it as
 * it would the whole.
 */
#include "config.h"
#include "cmd/verb.h"
#include "base/memory.h"

#include <stdio.h>

/* `part` is `run` with these versions alone, in the order they were made. */
static int choose(const struct lepton_run *run, const struct arg_list *references, struct lepton_run *part,
	struct lepton_error *err)
{
	*part = *run;
	part->version_count = 0;
	part->versions = lepton__calloc(run->version_count + 1, sizeof *part->versions);
	bool *wanted = lepton__calloc(run->version_count + 1, sizeof *wanted);
	int code = part->versions && wanted ? LEPTON_OK
					    : lepton_error_set(err, LEPTON_E_NOMEM, "no memory for a report");
	for (size_t r = 0; !code && r < references->count; r++) {
		struct lepton_run_version *version;
		code = lepton_run_find(run, references->items[r], &version, err);
		for (size_t i = 0; !code && i < run->version_count; i++)
			wanted[i] |= run->versions[i] == version;
	}
	for (size_t i = 0; !code && i < run->version_count; i++)
		if (wanted[i] || !references->count)
			part->versions[part->version_count++] = run->versions[i];
	lepton__free(wanted);
	return code;
}

static int write_report(const struct lepton_run *run, const struct arg_list *references, const char *path,
	struct lepton_error *err)
{
	struct lepton_run part;
	int code = choose(run, references, &part, err);
	if (!code)
		code = lepton_export(&part, 0, "html", path, err);
	lepton__free(part.versions);
	return code;
}

static int run_report(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL, *path = NULL;
	const struct arg table[] = {
		{"--output", ARG_STRING, &path, 0, 0, "FILE", "where to; also -o FILE"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_store *store;
	struct lepton_run run;
	int code = verb_parse(verb, table, argc, argv, &operands, 0, ARG_LIST_MAX);
	if (code >= 0)
		return code;
	if (!path) {
		fprintf(stderr, "lepton report: say where to: -o report.html; usage: lepton report %s\n",
			verb->usage);
		return 2;
	}
	if (verb_load(dir, &store, &run, &err))
		return verb_fail(verb, &err);
	code = lepton_store_load_whole(store, &run, 0, &err);
	if (!code)
		code = write_report(&run, &operands, path, &err);
	lepton_store_close(store);
	lepton_run_clear(&run);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_report = {"report", "[V...] -o FILE.html [--store DIR]",
	"a page to show people: curves, table, lineage; needs no network", run_report};
