/* cmd/cmd_diff.c - lepton diff: where two versions differ, in settings, figures and weights. */
#include "config.h"
#include "cmd/verb.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_difference(const char *path, const cJSON *a, const cJSON *b)
{
	char *left = a ? lepton__json_text(a) : NULL, *right = b ? lepton__json_text(b) : NULL;
	printf("%-32s %-28s %s\n", path, left ? left : "-", right ? right : "-");
	lepton__free(left);
	lepton__free(right);
}

static void compare(const char *path, const cJSON *a, const cJSON *b);

static void compare_member(const char *path, const char *key, const cJSON *a, const cJSON *b)
{
	char below[256];
	snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", key);
	compare(below, a, b);
}

static void compare_objects(const char *path, const cJSON *a, const cJSON *b)
{
	for (const cJSON *m = a->child; m; m = m->next)
		compare_member(path, m->string, m, cJSON_GetObjectItemCaseSensitive(b, m->string));
	for (const cJSON *m = b->child; m; m = m->next)
		if (!cJSON_GetObjectItemCaseSensitive(a, m->string))
			compare_member(path, m->string, NULL, m);
}

static void compare_arrays(const char *path, const cJSON *a, const cJSON *b)
{
	char key[16];
	const cJSON *left = a->child, *right = b->child;
	for (int i = 0; left || right; i++) {
		snprintf(key, sizeof key, "%d", i);
		compare_member(path, key, left, right);
		left = left ? left->next : NULL;
		right = right ? right->next : NULL;
	}
}

/* Nesting is bounded by the spec's parser. */
static void compare(const char *path, const cJSON *a, const cJSON *b)
{
	if (cJSON_IsObject(a) && cJSON_IsObject(b))
		compare_objects(path, a, b);
	else if (cJSON_IsArray(a) && cJSON_IsArray(b))
		compare_arrays(path, a, b);
	else if (!a || !b || !cJSON_Compare(a, b, true))
		print_difference(path, a, b);
}

static void print_figures(const char *name, double a, double b)
{
	if (isfinite(a) || isfinite(b))
		printf("%-32s %-28.6g %.6g\n", name, a, b);
}

static double tensor_distance(const struct lepton_tensor *a, const struct lepton_tensor *b)
{
	const float *x = a->data, *y = b->data;
	double sum = 0;
	for (int64_t i = 0; i < lepton_shape_count(&a->shape); i++)
		sum += ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
	return sqrt(sum);
}

static void print_weights(const struct lepton_params *a, const struct lepton_params *b)
{
	struct lepton_error err;
	if (lepton_params_match(a, b, &err)) {
		printf("%-32s %s\n", "weights", err.message);
		return;
	}
	for (size_t i = 0; i < lepton_params_count(a); i++) {
		const struct lepton_tensor *left = lepton_params_at(a, i), *right = lepton_params_at(b, i);
		if (left->dtype == LEPTON_F32)
			printf("%-32s distance %.6g\n", left->name, tensor_distance(left, right));
	}
}

static int diff(struct lepton_store *store, const struct lepton_run *run, const struct arg_list *names,
	struct lepton_error *err)
{
	const struct lepton_run_version *v[2];
	struct lepton_checkpoint *c[2] = {NULL, NULL};
	int code = LEPTON_OK;
	for (int i = 0; i < 2 && !code; i++) {
		int64_t id, step;
		code = lepton_store_resolve(store, names->items[i], &id, &step, err);
		v[i] = code ? NULL : lepton_run_version(run, id);
		if (!code && v[i]->checkpoint_step >= 0)
			code = lepton_store_load_checkpoint(store, id, step, &c[i], err);
	}
	if (!code) {
		cJSON *a = cJSON_Parse(lepton_text_get(v[0]->hyperparameters)),
		      *b = cJSON_Parse(lepton_text_get(v[1]->hyperparameters));
		printf("%-32s %-28s %s\n", "", v[0]->name, v[1]->name);
		compare("", a, b);
		print_figures("loss", v[0]->loss, v[1]->loss);
		print_figures("val_accuracy", v[0]->val_accuracy, v[1]->val_accuracy);
		print_figures("test_accuracy", v[0]->test_accuracy, v[1]->test_accuracy);
		print_figures("bytes", (double)v[0]->bytes, (double)v[1]->bytes);
		if (c[0] && c[1])
			print_weights(c[0]->state.weights, c[1]->state.weights);
		cJSON_Delete(a);
		cJSON_Delete(b);
	}
	lepton_checkpoint_release(c[0]);
	lepton_checkpoint_release(c[1]);
	return code;
}

static int run_diff(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_store *store;
	struct lepton_run run;
	int code = verb_parse(verb, table, argc, argv, &operands, 2, 2);
	if (code >= 0)
		return code;
	if (verb_load(dir, &store, &run, &err))
		return verb_fail(verb, &err);
	code = diff(store, &run, &operands, &err);
	lepton_store_close(store);
	lepton_run_clear(&run);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_diff = {
	"diff", "V V [--store DIR]", "where two versions differ: settings, figures, weights", run_diff};
