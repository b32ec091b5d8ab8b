/* cmd/cmd_evaluate.c - evaluate and predict: a stored version's weights put to work. */
#include "config.h"
#include "lepton/metrics.h"
#include "cmd/verb.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define IMAGE_FILE_MAX ((size_t)64 << 20)

/* A learner with the weights of V, ready to score. */
struct loaded {
	struct lepton_store *store;
	struct lepton_run run;
	struct lepton_dataset *data;
	struct lepton_checkpoint *checkpoint;
	struct lepton_learner *learner;
	const struct lepton_run_version *version;
	struct lepton_metrics metrics; /* with --report */
};

static void unload(struct loaded *l)
{
	if (l->learner)
		l->learner->ops->destroy(l->learner);
	lepton_checkpoint_release(l->checkpoint);
	lepton_dataset_release(l->data);
	lepton_store_close(l->store);
	lepton_run_clear(&l->run);
	lepton_metrics_clear(&l->metrics);
}

/* Another folder of the same kind. A table is read by the columns and scales of the one trained on. */
static int open_other(
	struct loaded *l, struct lepton_data_options *options, const char *folder, struct lepton_error *err)
{
	struct lepton_dataset *trained;
	if (strcmp(options->format, "idx") == 0) {
		options->path = folder;
		return lepton_dataset_open(options, &l->data, err);
	}
	int code = lepton_dataset_open(options, &trained, err);
	if (!code)
		code = lepton_dataset_open_like(trained, folder, true, &l->data, err);
	lepton_dataset_release(trained);
	return code;
}

/* The data the versions were trained on, or other. */
static int open_data(struct loaded *l, const char *folder, struct lepton_error *err)
{
	struct lepton_spec spec;
	const char *text = lepton_text_get(l->run.spec);
	cJSON *data = cJSON_Parse(lepton_text_get(l->run.data));
	const char *path = lepton__json_get_string(data, "path", NULL);
	int code = lepton_spec_parse(text, strlen(text), "the stored spec", NULL, &spec, err);
	if (!code) {
		struct lepton_data_options options = spec.data;
		if (path)
			options.path = path;
		code = folder ? open_other(l, &options, folder, err)
			      : lepton_dataset_open(&options, &l->data, err);
		lepton_spec_clear(&spec);
	}
	cJSON_Delete(data);
	return code;
}

static int make_learner(struct loaded *l, struct lepton_error *err)
{
	const struct lepton_learner_ops *ops = lepton_learner_find(l->version->learner);
	if (!ops)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"version %s is a %s, which this build does not know", l->version->name,
			l->version->learner);
	int code = ops->create(
		lepton_text_get(l->version->hyperparameters), l->version->seed, l->data, &l->learner, err);
	return code ? code : ops->set_weights(l->learner, l->checkpoint->state.weights, err);
}

static int load(struct loaded *l, const char *dir, const char *reference, const char *folder,
	struct lepton_error *err)
{
	int64_t id, step;
	int code = verb_load(dir, &l->store, &l->run, err);
	if (code)
		return code;
	code = lepton_store_resolve(l->store, reference, &id, &step, err);
	l->version = code ? NULL : lepton_run_version(&l->run, id);
	if (!code && !l->version)
		code = lepton_error_set(err, LEPTON_E_NOTFOUND, "no version \"%s\"", reference);
	const struct lepton_learner_ops *ops = l->version ? lepton_learner_find(l->version->learner) : NULL;
	if (!code && ops && ops->foreign)
		code = lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s is an external program's, and lepton cannot run its model: `lepton show %s` has "
			"the figures the program gave",
			l->version->name, l->version->name);
	if (!code)
		code = lepton_store_load_checkpoint(l->store, id, step, &l->checkpoint, err);
	if (!code)
		code = open_data(l, folder, err);
	return code ? code : make_learner(l, err);
}

static int use_int8(struct loaded *l, struct lepton_error *err)
{
	int (*use)(struct lepton_learner * learner, struct lepton_error * err) = l->learner->ops->use_int8;
	int code =
		use ? use(l->learner, err)
		    : lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			      "only a network works on 8-bit whole numbers, but it is a %s; leave out --int8",
			      l->version->learner);
	if (code)
		lepton_error_prefix(err, "version %s", l->version->name);
	return code;
}

static int print_json(const struct loaded *l, const struct lepton_score *score, bool report, struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(l->data);
	struct lepton__buffer out;
	lepton__buffer_init(&out, (size_t)16 << 20);
	lepton__buffer_string(&out, "{\"version\":");
	lepton__json_string(&out, l->version->name);
	lepton__buffer_printf(&out, ",\"samples\":%" PRId64 ",\"loss\":", score->samples);
	lepton__json_number(&out, score->loss);
	lepton__buffer_string(&out, ",\"accuracy\":");
	lepton__json_number(&out, score->accuracy);
	if (info->regression) {
		lepton__buffer_string(&out, ",\"rmse\":");
		lepton__json_number(&out, lepton_run_rmse(score->loss));
	}
	char *metrics = report ? lepton_metrics_to_json(&l->metrics, info->class_names) : NULL;
	if (metrics)
		lepton__buffer_printf(&out, ",\"report\":%s", metrics);
	lepton__buffer_string(&out, "}");
	bool failed = out.failed || (report && !metrics);
	if (!failed)
		puts(out.data);
	lepton__free(metrics);
	lepton__buffer_free(&out);
	return failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory") : LEPTON_OK;
}

static void print_score(const struct loaded *l, const struct lepton_score *score)
{
	bool regression = lepton_dataset_info(l->data)->regression;
	printf("%s: test loss %.4f, test %s %.4f on %" PRId64 " samples\n", l->version->name, score->loss,
		regression ? "RMSE" : "accuracy", regression ? lepton_run_rmse(score->loss) : score->accuracy,
		score->samples);
}

static int score_all(struct loaded *l, bool report, struct lepton_score *score, struct lepton_error *err)
{
	int code = l->learner->ops->evaluate(l->learner, &lepton_team_alone, LEPTON_TEST, 0,
		lepton_dataset_count(l->data, LEPTON_TEST), score, err);
	if (!code && report)
		code = lepton_metrics_compute(l->learner, l->data, LEPTON_TEST, NULL, NULL, &l->metrics, err);
	return code;
}

static int run_evaluate(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL, *folder = NULL;
	bool json = false, report = false, int8 = false;
	const struct arg table[] = {
		{"--data", ARG_STRING, &folder, 0, 0, "DIR",
			"score on the test set in this folder or table (default: the run's own)"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{"--report", ARG_FLAG, &report, 0, 0, NULL,
			"with AUC, precision, recall and F1 by class, and the confusion matrix"},
		{"--int8", ARG_FLAG, &int8, 0, 0, NULL,
			"a network works on 8-bit whole numbers: faster, not quite as exact"},
		{"--json", ARG_FLAG, &json, 0, 0, NULL, "as one JSON object"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct loaded l = {0};
	struct lepton_score score = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 1, 1);
	if (code >= 0)
		return code;
	lepton_run_init(&l.run);
	code = load(&l, dir, operands.items[0], folder, &err);
	if (!code && int8)
		code = use_int8(&l, &err);
	if (!code)
		code = score_all(&l, report, &score, &err);
	if (!code && json)
		code = print_json(&l, &score, report, &err);
	else if (!code)
		print_score(&l, &score);
	if (!code && report && !json)
		verb_print_report(&l.metrics, lepton_dataset_info(l.data));
	unload(&l);
	return code ? verb_fail(verb, &err) : 0;
}

/* A binary PGM (P5, maxval up to 255) or raw bytes, of exactly one sample's size. */
static int image_bytes(const char *path, const char *file, size_t size, size_t sample, const uint8_t **pixels,
	struct lepton_error *err)
{
	*pixels = (const uint8_t *)file;
	if (size >= 2 && file[0] == 'P' && file[1] == '5') {
		int width, height, maximum, used = 0;
		if (sscanf(file, "P5 %d %d %d%n", &width, &height, &maximum, &used) != 3 || maximum < 1 ||
			maximum > 255 || (size_t)used + 1 > size)
			return lepton_error_set(err, LEPTON_E_DATA, "%s: not a readable PGM header", path);
		*pixels += used + 1;
		size -= (size_t)used + 1;
	}
	if (size != sample)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%s: %zu bytes of pixels, but the model takes %zu (a PGM or raw bytes)", path, size,
			sample);
	return LEPTON_OK;
}

static int predict(struct loaded *l, const char *path, struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(l->data);
	if (info->features || info->tokens)
		return verb_predict_table(l->learner, l->data, path, err);
	size_t sample = (size_t)lepton_shape_count(&info->sample), size;
	char *file = NULL;
	const uint8_t *pixels;
	float *x = lepton__calloc(sample, sizeof *x), *p = lepton__calloc((size_t)info->classes, sizeof *p);
	int code = x && p ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	if (!code)
		code = lepton__file_read(path, IMAGE_FILE_MAX, &file, &size, err);
	if (!code)
		code = image_bytes(path, file, size, sample, &pixels, err);
	for (size_t i = 0; i < sample && !code; i++)
		x[i] = (float)pixels[i] / 255.0f;
	if (!code)
		code = l->learner->ops->predict(l->learner, x, 1, p, err);
	for (int64_t c = 0; c < info->classes && !code; c++)
		printf("%" PRId64 " %.6f\n", c, (double)p[c]);
	lepton__free(file);
	lepton__free(x);
	lepton__free(p);
	return code;
}

static int run_predict(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	bool int8 = false;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{"--int8", ARG_FLAG, &int8, 0, 0, NULL,
			"a network works on 8-bit whole numbers: faster, not quite as exact"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct loaded l = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 2, 2);
	if (code >= 0)
		return code;
	lepton_run_init(&l.run);
	code = load(&l, dir, operands.items[0], NULL, &err);
	if (!code && int8)
		code = use_int8(&l, &err);
	if (!code)
		code = predict(&l, operands.items[1], &err);
	unload(&l);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_evaluate = {"evaluate", "V [--data DIR] [--store DIR] [--int8] [--report] [--json]",
	"score a version on the test set", run_evaluate};
const struct verb verb_predict = {"predict", "V FILE [--store DIR] [--int8]",
	"answers for one image (PGM or raw bytes), for the rows of a table, or for texts", run_predict};
