/* cmd/cmd_show.c - lepton show: all that is known of one version. */
#include "config.h"
#include "cmd/verb.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_figure(const char *name, double value)
{
	if (isfinite(value))
		printf("%-16s %.6g\n", name, value);
}

static void print_parents(const struct lepton_run *run, const struct lepton_run_version *v)
{
	printf("%-16s", "parents");
	for (int i = 0; i < v->parent_count; i++) {
		const struct lepton_run_version *parent = lepton_run_version(run, v->parents[i]);
		printf(" %s", parent ? parent->name : "(gone)");
	}
	printf("%s\n", v->parent_count ? "" : " none");
}

/* Of trees: the features that their splits go by most. */
static void print_importance(const struct lepton_run_version *v)
{
	cJSON *list = cJSON_Parse(lepton_text_get(v->importance));
	const char *label = "importance";
	for (const cJSON *item = list ? list->child : NULL; item; item = item->next, label = "")
		printf("%-16s %5.1f%% %s\n", label, 100 * lepton__json_get_number(item, "share", 0),
			lepton__json_get_string(item, "feature", ""));
	cJSON_Delete(list);
}

/* What is written on it, each line beside the label. */
static void print_note(const char *note)
{
	for (size_t length; *note; note += length + (note[length] == '\n')) {
		length = strcspn(note, "\n");
		printf("%-16s %.*s\n", "written", (int)length, note);
	}
}

static void print_privacy(const struct lepton_run *run, const struct lepton_run_version *v)
{
	double epsilon, delta;
	if (!lepton_run_privacy(run, v, &epsilon, &delta))
		return;
	if (isfinite(epsilon))
		printf("%-16s %.4g\n", "epsilon", epsilon);
	else
		printf("%-16s unbounded: some of its training was without noise\n", "epsilon");
	printf("%-16s %g\n", "delta", delta);
}

static void print_version(const struct lepton_run *run, const struct lepton_run_version *v)
{
	const struct lepton_learner_ops *ops = lepton_learner_find(v->learner);
	printf("%-16s %s\n%-16s %s\n%-16s %s\n", "name", v->name, "learner", v->learner, "state",
		lepton_version_state_name(v->state));
	if (*v->reason)
		printf("%-16s %s\n", "reason", v->reason);
	if (*lepton_text_get(v->tags))
		printf("%-16s %s\n", "tags", lepton_text_get(v->tags));
	print_note(lepton_text_get(v->note));
	if (ops && ops->how)
		printf("%-16s %s\n", "training", ops->how);
	print_parents(run, v);
	printf("%-16s %s\n%-16s %s\n", "operation", lepton_text_get(v->operation), "hyperparameters",
		lepton_text_get(v->hyperparameters));
	printf("%-16s %" PRIu64 "\n%-16s %" PRId64 "\n%-16s %" PRId64 "\n%-16s %" PRId64 "\n", "seed",
		v->seed, "parameters", v->parameters, "bytes", v->bytes, "raw_bytes", v->raw_bytes);
	printf("%-16s %" PRId64 "\n", "step", v->step);
	print_figure("epoch", v->epoch);
	print_figure("seconds", v->seconds);
	print_figure("loss", v->loss);
	print_figure("accuracy", v->accuracy);
	print_figure("val_loss", v->val_loss);
	print_figure("val_accuracy", v->val_accuracy);
	print_figure("test_loss", v->test_loss);
	print_figure("test_accuracy", v->test_accuracy);
	if (run->regression) {
		print_figure("rmse", lepton_run_rmse(v->loss));
		print_figure("val_rmse", lepton_run_rmse(v->val_loss));
		print_figure("test_rmse", lepton_run_rmse(v->test_loss));
	}
	print_privacy(run, v);
	print_importance(v);
	printf("%-16s %s\n", "weights_hash", *v->weights_hash ? v->weights_hash : "none yet");
	for (size_t i = 0; i < v->note_count; i++)
		printf("%-16s step %" PRId64 ": %s\n", "note", v->notes[i].step, v->notes[i].what);
}

static int print_json(const struct lepton_run *run, int64_t id, struct lepton_error *err)
{
	const struct lepton_exporter *json;
	char *text;
	size_t size;
	int code = lepton_exporter_find("json", &json, err);
	if (!code)
		code = json->render(run, id, &text, &size, err);
	if (code)
		return code;
	fwrite(text, 1, size, stdout);
	lepton__free(text);
	return LEPTON_OK;
}

static int show(struct lepton_store *store, struct lepton_run *run, const char *reference, bool json,
	struct lepton_error *err)
{
	int64_t id, step;
	int code = lepton_store_resolve(store, reference, &id, &step, err);
	if (code)
		return code;
	if (json) {
		code = lepton_store_load_whole(store, run, id, err);
		return code ? code : print_json(run, id, err);
	}
	const struct lepton_run_version *version = lepton_run_version(run, id);
	if (!version)
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "no version \"%s\"", reference);
	print_version(run, version);
	return LEPTON_OK;
}

static int run_show(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	bool json = false;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{"--json", ARG_FLAG, &json, 0, 0, NULL, "as one JSON object"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_store *store;
	struct lepton_run run;
	int code = verb_parse(verb, table, argc, argv, &operands, 1, 1);
	if (code >= 0)
		return code;
	if (verb_load(dir, &store, &run, &err))
		return verb_fail(verb, &err);
	code = show(store, &run, operands.items[0], json, &err);
	lepton_store_close(store);
	lepton_run_clear(&run);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_show = {
	"show", "V [--store DIR] [--json]", "all that is known of one version", run_show};
