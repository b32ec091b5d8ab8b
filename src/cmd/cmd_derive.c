/* cmd/cmd_derive.c - clone, compress, fuse: a new version out of old ones, with the figures before and after.
 */
#include "config.h"
#include "cmd/verb.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct derive {
	const char *dir, *method, *as;
	struct arg_list set, operands;
	bool json, preview;
};

static void print_json(const struct lepton_run_version *v)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 20);
	lepton__buffer_string(&out, "{\"name\":");
	lepton__json_string(&out, v->name);
	lepton__buffer_printf(&out,
		",\"bytes\":%" PRId64 ",\"raw_bytes\":%" PRId64 ",\"weights_hash\":", v->bytes, v->raw_bytes);
	lepton__json_string(&out, v->weights_hash);
	const char *names[] = {"val_loss", "val_accuracy", "test_loss", "test_accuracy"};
	const double values[] = {v->val_loss, v->val_accuracy, v->test_loss, v->test_accuracy};
	for (size_t i = 0; i < 4; i++) {
		lepton__buffer_printf(&out, ",\"%s\":", names[i]);
		lepton__json_number(&out, values[i]);
	}
	const char *operation = lepton_text_get(v->operation);
	lepton__buffer_printf(&out, ",\"operation\":%s}", *operation ? operation : "null");
	if (!out.failed)
		puts(out.data);
	lepton__buffer_free(&out);
}

static void print_side(const char *label, const cJSON *side)
{
	printf("%-7s", label);
	for (const cJSON *m = side ? side->child : NULL; m; m = m->next)
		if (cJSON_IsNumber(m))
			printf("  %s %.*f", m->string, strcmp(m->string, "bytes") ? 4 : 0, m->valuedouble);
	printf("\n");
}

static void print_text(const struct lepton_run_version *v, const char *message)
{
	cJSON *operation = cJSON_Parse(lepton_text_get(v->operation));
	const cJSON *before = cJSON_GetObjectItemCaseSensitive(operation, "before"),
		    *after = cJSON_GetObjectItemCaseSensitive(operation, "after");
	printf("%s\n", message);
	if (before)
		print_side("before", before);
	if (after)
		print_side("after", after);
	cJSON_Delete(operation);
}

static int parse(
	const struct verb *verb, struct derive *d, bool method, size_t min, size_t max, int argc, char **argv)
{
	const bool fuses = verb == &verb_fuse;
	const struct arg table[] = {
		{"--as", ARG_STRING, &d->as, 0, 0, "NAME", "the new version's name"},
		{"--set", ARG_LIST, &d->set, 0, 0, "KEY=VALUE", "a setting; may be given again"},
		{"--store", ARG_STRING, &d->dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{"--json", ARG_FLAG, &d->json, 0, 0, NULL, "the result as one JSON object"},
		{method ? "--method" : NULL, ARG_STRING, &d->method, 0, 0, "M",
			"how; an unknown one lists them"},
		{fuses ? "--preview" : NULL, ARG_FLAG, &d->preview, 0, 0, NULL,
			"make nothing: a table of all methods, scored on the validation split"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	return verb_parse(verb, table, argc, argv, &d->operands, min, max);
}

static int fill(struct lepton_command *command, const struct derive *d, struct lepton_error *err)
{
	char *settings;
	if (d->as && strlen(d->as) >= sizeof command->name)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"the name \"%.70s…\" is too long: at most %d bytes", d->as, LEPTON_NAME_MAX - 1);
	if (d->method && strlen(d->method) >= sizeof command->method)
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "no such method: \"%.70s…\"", d->method);
	lepton__copy_name(command->name, sizeof command->name, d->as ? d->as : "");
	lepton__copy_name(command->method, sizeof command->method, d->method ? d->method : "");
	int code = args_settings(&d->set, &settings, err);
	if (code)
		return code;
	command->settings = lepton_text_new(settings);
	lepton__free(settings);
	return command->settings ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
}

static int print(const struct lepton_run *run, const struct lepton_command *command, int64_t made,
	const struct derive *d, const char *message, struct lepton_error *err)
{
	const struct lepton_run_version *version = lepton_run_version(run, made);
	if (d->preview)
		return verb_print_preview(run, command, d->json, err);
	if (version && d->json)
		print_json(version);
	else if (version)
		print_text(version, message);
	return LEPTON_OK;
}

static int derive(const struct verb *verb, enum lepton_command_type type, struct derive *d)
{
	struct lepton_command command = {.type = type};
	struct lepton_error err = {0};
	struct lepton_run run;
	char message[512] = "";
	int64_t made = 0;
	lepton_run_init(&run);
	int code = fill(&command, d, &err);
	if (!code)
		code = verb_command(
			d->dir, &command, &d->operands, &run, &made, message, sizeof message, &err);
	if (!code)
		code = print(&run, &command, made, d, message, &err);
	if (code)
		verb_fail(verb, &err);
	lepton_run_clear(&run);
	lepton_command_clear(&command);
	return lepton_error_exit_code(code);
}

static int run_clone(const struct verb *verb, int argc, char **argv)
{
	struct derive d = {0};
	int code = parse(verb, &d, false, 1, 1, argc, argv);
	return code >= 0 ? code : derive(verb, LEPTON_CMD_CLONE, &d);
}

static int with_method(
	const struct verb *verb, enum lepton_command_type type, size_t min, size_t max, int argc, char **argv)
{
	struct derive d = {0};
	int code = parse(verb, &d, true, min, max, argc, argv);
	if (code >= 0)
		return code;
	if (d.preview && (d.method || d.as || d.set.count)) {
		fprintf(stderr,
			"lepton fuse: --preview tries all methods with their default settings and makes "
			"nothing: leave out --method, --as and --set\n");
		return 2;
	}
	if (d.preview)
		return derive(verb, LEPTON_CMD_PREVIEW, &d);
	if (!d.method) {
		fprintf(stderr, "lepton %s: say how: --method M; usage: lepton %s %s\n", verb->name,
			verb->name, verb->usage);
		return 2;
	}
	return derive(verb, type, &d);
}

static int run_compress(const struct verb *verb, int argc, char **argv)
{
	return with_method(verb, LEPTON_CMD_COMPRESS, 1, 1, argc, argv);
}

static int run_fuse(const struct verb *verb, int argc, char **argv)
{
	return with_method(verb, LEPTON_CMD_FUSE, 1, LEPTON_MAX_PARENTS, argc, argv);
}

const struct verb verb_clone = {"clone", "V --as NAME [--set KEY=VALUE]... [--store DIR] [--json]",
	"a new version from an old one, with hyper-parameters changed", run_clone};
const struct verb verb_compress = {"compress",
	"V --method M [--as NAME] [--set KEY=VALUE]... [--store DIR] [--json]",
	"a smaller version: auto, slim, distil, delta, quantize, entropy, prune, cluster, lowrank or stages in a row as "
	"prune,entropy",
	run_compress};
const struct verb verb_fuse = {"fuse",
	"V V... --method M --as NAME [--set KEY=VALUE]... | --preview [--store DIR] [--json]",
	"several versions into one: average, weighted, slerp, soup, rebasin, …", run_fuse};
