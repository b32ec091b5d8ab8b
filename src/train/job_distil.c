/* train/job_distil.c - "distil": a network that learns from what one version, or several together, answer.
 *
 * The job asks the teachers about all training samples, and makes the student: a version like any other,
 * which trains with curves, and can be paused and stopped. The command waits with it (retrain.c) and is
 * answered at its end.
 */
#include "config.h"
#include "lepton/compress.h"
#include "lepton/fuse.h"
#include "train/jobs.h"
#include "train/retrain.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CHUNK 256

struct work {
	struct lepton__job *job;
	int count;
	struct lepton__version *versions[LEPTON_MAX_PARENTS];
	struct lepton_params *weights[LEPTON_MAX_PARENTS], *all;
	struct lepton__figures figures[LEPTON_MAX_PARENTS], together;
	struct lepton__version *like, *teacher, *student;
	const struct lepton_option *options;
	char *settings; /* without "like" */
	float *answers; /* training samples × classes */
};

/* ---- who teaches whom ---- */

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to distil");
}

static int teachers(struct work *w, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 0; i < w->job->command->count && !code; i++) {
		code = lepton__job_version(w->job, i, &w->versions[i], err);
		if (!code)
			code = lepton__ensemble_refuse(w->job, w->versions[i], err);
		if (!code)
			code = lepton__job_snapshot(w->job, w->versions[i], &w->weights[i], NULL, NULL, err);
		if (!code)
			w->count = i + 1;
	}
	return code;
}

/* The version named (NULL: none is), or the first teacher that is a network. */
static int choose_like(struct work *w, const char *name, struct lepton_error *err)
{
	struct lepton_engine *engine = w->job->engine;
	pthread_mutex_lock(&engine->lock);
	w->like = name ? lepton__version_named(engine, name) : NULL;
	pthread_mutex_unlock(&engine->lock);
	if (name && !w->like)
		return lepton_error_set(
			err, LEPTON_E_NOTFOUND, "distil: no version \"%s\" for the student to be like", name);
	for (int i = 0; i < w->count && !w->like; i++)
		if (w->versions[i]->ops->learn_from)
			w->like = w->versions[i];
	if (!w->like)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"distil: none of them is a network for the student to be like; name one by "
			"like=VERSION");
	if (!w->like->ops->learn_from)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"distil: %s is a %s, and only a network can learn from a teacher", w->like->name,
			w->like->learner_name);
	return LEPTON_OK;
}

/* ---- the student ---- */

static void scale(cJSON *layer, const char *key, double width)
{
	const cJSON *units = cJSON_GetObjectItemCaseSensitive(layer, key);
	if (cJSON_IsNumber(units))
		cJSON_ReplaceItemInObjectCaseSensitive(
			layer, key, cJSON_CreateNumber(fmax(1, round(units->valuedouble * width))));
}

/* The last layer that has units gives the answers, and keeps them. */
static void widen(cJSON *layers, double width)
{
	const cJSON *last = NULL;
	for (cJSON *l = layers ? layers->child : NULL; l; l = l->next)
		if (cJSON_GetObjectItemCaseSensitive(l, "units") ||
			cJSON_GetObjectItemCaseSensitive(l, "filters"))
			last = l;
	for (cJSON *l = layers ? layers->child : NULL; l && l != last; l = l->next) {
		scale(l, "units", width);
		scale(l, "filters", width);
	}
}

static char *student_config(const struct work *w)
{
	static const char *const left_out[] = {"shards", "fuse", "shard", "teacher", NULL};
	cJSON *config = cJSON_Parse(w->like->config), *teacher = cJSON_CreateObject();
	double epochs = lepton_options_number(w->options, w->settings, "epochs");
	lepton__json_drop(config, left_out);
	widen(cJSON_GetObjectItemCaseSensitive(config, "layers"),
		lepton_options_number(w->options, w->settings, "width"));
	if (epochs > 0) {
		cJSON_DeleteItemFromObjectCaseSensitive(config, "epochs");
		cJSON_AddNumberToObject(config, "epochs", epochs);
	}
	cJSON_AddNumberToObject(teacher, "share", lepton_options_number(w->options, w->settings, "share"));
	cJSON_AddNumberToObject(
		teacher, "temperature", lepton_options_number(w->options, w->settings, "temperature"));
	char *text = NULL;
	if (config && teacher && cJSON_AddItemToObject(config, "teacher", teacher))
		text = lepton__json_text(config);
	else
		cJSON_Delete(teacher);
	cJSON_Delete(config);
	return text;
}

static int make_student(struct work *w, struct lepton_error *err)
{
	char name[LEPTON_NAME_MAX], *config = student_config(w);
	lepton__job_name(w->job, "distilled", name);
	int code = config ? lepton_name_check(name, err) : no_memory(err);
	if (!code)
		code = lepton__version_new(w->job->engine, name, w->like->learner_name, config, w->like->seed,
			w->like->priority, &w->student, err);
	lepton__free(config);
	return code;
}

/* ---- what the teachers say ---- */

static int ask(struct work *w, struct lepton_error *err)
{
	struct lepton_dataset *data = w->job->engine->data;
	const struct lepton_data_info *info = lepton_dataset_info(data);
	struct lepton_learner *teacher = w->teacher->learner;
	int64_t n = info->train, values = lepton_shape_count(&info->sample), classes = info->classes;
	float *x = lepton__calloc((size_t)(CHUNK * values), sizeof *x);
	w->answers = lepton__calloc((size_t)(n * classes), sizeof *w->answers);
	int code = x && w->answers ? LEPTON_OK : no_memory(err);
	for (int64_t at = 0; at < n && !code; at += CHUNK) {
		int64_t count = n - at < CHUNK ? n - at : CHUNK;
		const float *rows = lepton_dataset_raw(data, LEPTON_TRAIN, at, count, x);
		code = teacher->ops->predict(teacher, rows, count, w->answers + at * classes, err);
		if (!code && lepton__job_ending(w->job))
			code = lepton_error_set(err, LEPTON_E_CANCELED, "%s: the engine ends", w->job->kind);
		if (at / CHUNK % 16 == 0)
			lepton__job_progress(w->job, 0.6 + 0.4 * (double)at / (double)n);
	}
	lepton__free(x);
	return code;
}

static struct lepton_text *operation(const struct work *w)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, (size_t)1 << 20);
	lepton__buffer_string(&out, "{\"op\":\"distil\",\"like\":");
	lepton__json_string(&out, w->like->name);
	lepton__buffer_printf(&out, ",\"settings\":%s,\"parents\":[", w->settings);
	lepton__job_parents(&out, w->versions, w->weights, w->figures, w->count);
	lepton__buffer_string(&out, "],\"teacher\":"); /* all of them together */
	lepton__job_figures(&out, lepton_params_bytes(w->all), &w->together);
	lepton__buffer_string(&out, "}");
	struct lepton_text *text = out.failed ? NULL : lepton_text_new(out.data);
	lepton__buffer_free(&out);
	return text;
}

/* From here on it trains; the command waits for its end. */
static int publish(struct work *w, struct lepton_error *err)
{
	struct lepton_engine *engine = w->job->engine;
	struct lepton__version *v = w->student;
	v->operation = operation(w);
	for (int i = 0; i < w->count; i++)
		v->parents[v->parent_count++] = w->versions[i]->id;
	if (!v->operation)
		return no_memory(err);
	v->holds = 1; /* until its first checkpoint, with the answers, and the command are there */
	v->held = true;
	int code = lepton__version_announce(engine, v, NULL, err);
	if (code)
		return code;
	w->student = NULL; /* it is the engine's */
	w->job->result = v->id;
	code = lepton__version_checkpoint(engine, v, err);
	if (!code)
		code = lepton__retrain_wait(engine, v, w->job->command, w->together.test.accuracy, err);
	w->job->waits = !code;
	snprintf(w->job->message, sizeof w->job->message, "distil: %s learns from %d version%s", v->name,
		w->count, w->count == 1 ? "" : "s");
	lepton__release(engine, v);
	return code;
}

static int distil(struct work *w, struct lepton_error *err)
{
	char *like = NULL;
	int code = lepton__job_settings(w->job, "like", &w->settings, &like, err);
	if (!code)
		code = lepton_options_check(w->options, w->settings, "distil", err);
	if (!code && lepton_dataset_info(w->job->engine->data)->regression)
		code = lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"distil: it is for classes, and the data has numbers to learn");
	if (!code && !w->job->command->count)
		code = lepton_error_set(err, LEPTON_E_USAGE, "distil: name a version to learn from");
	if (!code)
		code = teachers(w, err);
	if (!code)
		code = choose_like(w, like, err);
	lepton__free(like);
	if (!code)
		code = make_student(
			w, err); /* what is wrong with it is told before minutes go into answers */
	if (!code)
		code = lepton__ensemble_make(w->job, "teacher", w->versions, w->weights, w->count, NULL,
			w->figures, &w->teacher, &w->all, err);
	if (!code)
		code = lepton__job_score(w->job, w->teacher->learner, w->all, &w->together, err);
	if (!code)
		code = ask(w, err);
	if (!code)
		code = w->student->ops->learn_from(w->student->learner, w->answers, err);
	return code ? code : publish(w, err);
}

int lepton__job_distil(struct lepton__job *job, struct lepton_error *err)
{
	bool compress = strcmp(job->kind, "compress") == 0;
	struct work w = {.job = job,
		.options = compress ? lepton_compress_distil.options : lepton_fuse_distil.options};
	int code = distil(&w, err);
	lepton__version_free(w.student);
	lepton__version_free(w.teacher);
	for (int i = 0; i < LEPTON_MAX_PARENTS; i++)
		lepton_params_release(w.weights[i]);
	lepton_params_release(w.all);
	lepton__free(w.answers);
	lepton__free(w.settings);
	return code;
}
