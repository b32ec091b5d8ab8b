/* cmd/cmd_import.c - lepton import: a version out of a file into the store.
 *
 * The file is read and checked as a whole before the store is opened; then the version is put into an engine
 * on the store's data, as it would be at every later start, and only when that takes it is it kept.
 */
#include "config.h"
#include "cmd/session.h"
#include "cmd/verb.h"

#include <stdio.h>
#include <string.h>

static int keep(struct lepton_bundle *bundle, const char *dir, const char *name, struct lepton_error *err)
{
	struct lepton_session_options options = {
		.store_dir = dir, .seed = -1, .hold = true, .import = bundle};
	struct lepton_session *session;
	int code = name ? lepton_name_check(name, err) : LEPTON_OK;
	if (code)
		return code;
	if (name)
		snprintf(bundle->version.name, sizeof bundle->version.name, "%s", name);
	code = lepton_session_open(&options, &session, err);
	return code ? code : lepton_session_close(session, err);
}

static int run_import(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL, *name = NULL;
	struct arg_list trusted = {.count = 0}, operands = {.count = 0};
	const struct arg table[] = {
		{"--as", ARG_STRING, &name, 0, 0, "NAME", "its name here (default: the one it has)"},
		{"--trust", ARG_LIST, &trusted, 0, 0, "KEY",
			"only if signed by this public key; may be repeated"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct lepton_error err = {0};
	struct lepton_bundle bundle;
	int code = verb_parse(verb, table, argc, argv, &operands, 1, 1);
	if (code >= 0)
		return code;
	if (verb_check_trusted(&trusted, &err) ||
		lepton_bundle_read(operands.items[0], trusted.items, trusted.count, &bundle, &err))
		return verb_fail(verb, &err);
	code = keep(&bundle, dir, name, &err);
	if (!code && *bundle.signer)
		printf("%s is here, %ld bytes, signed by %s%s\n", bundle.version.name,
			(long)bundle.version.bytes, bundle.signer,
			trusted.count ? "" : ", whom nobody asked you to trust");
	else if (!code)
		printf("%s is here, %ld bytes, not signed\n", bundle.version.name,
			(long)bundle.version.bytes);
	lepton_bundle_clear(&bundle);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_import = {"import", "FILE [--as NAME] [--trust KEY]... [--store DIR]",
	"take a version out of a file that `lepton export --format lepton` wrote", run_import};
