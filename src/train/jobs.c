/* train/jobs.c - the background thread: one job at a time, on snapshots, while training goes on. */
#include "config.h"
#include "lepton/fuse.h"
#include "train/jobs.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CHUNK 256
#define STEP_SAID 0.02 /* of a job */

static void say_job(
	struct lepton__job *job, enum lepton_job_state state, double progress, const char *message)
{
	struct lepton_event event = {.type = LEPTON_EVENT_JOB, .version = job->version};
	event.u.job.job = job->id;
	event.u.job.state = state;
	event.u.job.progress = progress;
	event.u.job.result = job->result;
	snprintf(event.u.job.kind, sizeof event.u.job.kind, "%s", job->kind);
	lepton__copy_name(event.u.job.method, LEPTON_NAME_MAX, job->method);
	event.u.job.message = lepton_text_new(message);
	event.u.job.detail = state == LEPTON_JOB_FAILED ? NULL : lepton_text_retain(job->detail);
	lepton__say(job->engine, &event);
	lepton_event_clear(&event);
}

void lepton__job_progress(struct lepton__job *job, double progress)
{
	job->span.said = progress;
	say_job(job, LEPTON_JOB_RUNNING, progress, "");
}

void lepton__job_span(struct lepton__job *job, double from, double to)
{
	job->span.from = from;
	job->span.to = to;
	job->span.done = job->span.all = 0;
}

/* Some samples more were scored. Steps too small to be seen are not said. */
static void scored(struct lepton__job *job, int64_t samples)
{
	if (!(job->span.to > job->span.from) || job->span.all <= 0)
		return;
	job->span.done += samples;
	double part = (double)job->span.done / (double)job->span.all;
	double progress = job->span.from + (job->span.to - job->span.from) * fmin(part, 1);
	if (progress >= job->span.said + STEP_SAID)
		lepton__job_progress(job, progress);
}

int lepton__job_settings(
	const struct lepton__job *job, const char *key, char **rest, char **word, struct lepton_error *err)
{
	const char *text = lepton_text_get(job->command->settings);
	cJSON *settings = cJSON_Parse(*text ? text : "{}");
	*rest = *word = NULL;
	if (!cJSON_IsObject(settings)) {
		cJSON_Delete(settings);
		return lepton_error_set(
			err, LEPTON_E_USAGE, "%s %s: settings are not a JSON object", job->kind, job->method);
	}
	cJSON *value = cJSON_DetachItemFromObjectCaseSensitive(settings, key);
	*rest = lepton__json_text(settings);
	if (value)
		*word = lepton__strdup(cJSON_IsString(value) ? value->valuestring : "");
	bool failed = !*rest || (value && !*word);
	cJSON_Delete(value);
	cJSON_Delete(settings);
	return failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory") : LEPTON_OK;
}

int lepton__job_version(
	struct lepton__job *job, int index, struct lepton__version **out, struct lepton_error *err)
{
	pthread_mutex_lock(&job->engine->lock);
	*out = index < job->command->count ? lepton__version_find(job->engine, job->command->versions[index])
					   : NULL;
	pthread_mutex_unlock(&job->engine->lock);
	return *out ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOTFOUND, "%s: no such version", job->kind);
}

int lepton__job_refuse_discrete(
	const struct lepton__job *job, const struct lepton__version *v, struct lepton_error *err)
{
	if (!v->ops->discrete)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"%s %s: %s is a %s, and this method works on the weights of a network; it does not apply to trees",
		job->kind, job->method, v->name, v->learner_name);
}

int lepton__job_snapshot(struct lepton__job *job, struct lepton__version *v, struct lepton_params **out,
	int64_t *step, double *epoch, struct lepton_error *err)
{
	struct lepton__look look;
	lepton__hold(job->engine, v);
	int code = lepton__look(job->engine, v, &look, err);
	lepton__release(job->engine, v);
	if (code)
		return lepton_error_prefix(err, "%s", v->name), code;
	*out = look.weights;
	if (step)
		*step = look.step;
	if (epoch)
		*epoch = look.epoch;
	return LEPTON_OK;
}

int lepton__job_learner(struct lepton__job *job, const struct lepton__version *v, struct lepton_learner **out,
	struct lepton_error *err)
{
	*out = NULL;
	return v->ops->create(v->config, v->seed, job->engine->data, out, err);
}

static int score_split(struct lepton__job *job, struct lepton_learner *learner, enum lepton_split split,
	struct lepton_score *out, struct lepton_error *err)
{
	int64_t count = lepton_dataset_count(job->engine->data, split);
	struct lepton_score sum = {0};
	for (int64_t from = 0; from < count; from += CHUNK) {
		struct lepton_score part;
		int64_t to = from + CHUNK < count ? from + CHUNK : count;
		int code = learner->ops->evaluate(learner, &lepton_team_alone, split, from, to, &part, err);
		if (code)
			return code;
		sum.samples += part.samples;
		sum.loss += part.loss * (double)part.samples;
		sum.accuracy += part.accuracy * (double)part.samples;
		scored(job, to - from);
	}
	*out = (struct lepton_score){sum.samples, (double)NAN, (double)NAN};
	if (sum.samples) {
		out->loss = sum.loss / (double)sum.samples;
		out->accuracy = sum.accuracy / (double)sum.samples;
	}
	return LEPTON_OK;
}

int lepton__job_score(struct lepton__job *job, struct lepton_learner *learner,
	const struct lepton_params *weights, struct lepton__figures *out, struct lepton_error *err)
{
	const struct lepton_score unknown = {0, (double)NAN, (double)NAN};
	int code = learner->ops->set_weights(learner, weights, err);
	*out = (struct lepton__figures){unknown, unknown};
	job->span.all = lepton_dataset_count(job->engine->data, LEPTON_VALIDATION) +
			lepton_dataset_count(job->engine->data, LEPTON_TEST);
	if (learner->ops->foreign)
		return code; /* only its program could score them */
	if (!code)
		code = score_split(job, learner, LEPTON_VALIDATION, &out->validation, err);
	if (!code)
		code = score_split(job, learner, LEPTON_TEST, &out->test, err);
	lepton__job_span(job, 0, 0);
	return code;
}

bool lepton__job_ending(const struct lepton__job *job)
{
	struct lepton_engine *engine = job->engine;
	pthread_mutex_lock(&engine->lock);
	bool ending = engine->ending || (engine->measuring && (engine->give_up || engine->quits));
	pthread_mutex_unlock(&engine->lock);
	return ending;
}

int lepton__job_score_on(struct lepton__job *job, struct lepton_learner *learner,
	const struct lepton_params *weights, enum lepton_split split, struct lepton_score *out,
	struct lepton_error *err)
{
	if (lepton__job_ending(job) && lepton__can_give_up(job->command->type))
		return lepton_error_set(err, LEPTON_E_CANCELED, "given up");
	if (lepton__job_ending(job))
		return lepton_error_set(err, LEPTON_E_CANCELED, "%s: the engine ends", job->kind);
	int code = learner->ops->set_weights(learner, weights, err);
	return code ? code : score_split(job, learner, split, out, err);
}

int lepton__job_validate(struct lepton__job *job, struct lepton_learner *learner,
	const struct lepton_params *weights, struct lepton_score *out, struct lepton_error *err)
{
	int code = lepton__job_score_on(job, learner, weights, LEPTON_VALIDATION, out, err);
	if (!code && !out->samples)
		code = lepton_error_set(err, LEPTON_E_STATE,
			"%s: %s chooses by validation data, and there is none: set validation_split",
			job->kind, job->method);
	return code;
}

double lepton__score_quality(const struct lepton_score *score)
{
	return isnan(score->accuracy) ? lepton_run_rmse(score->loss) : score->accuracy;
}

const char *lepton__score_word(const struct lepton_score *score)
{
	return isnan(score->accuracy) ? "RMSE" : "accuracy";
}

bool lepton__score_better(const struct lepton_score *a, const struct lepton_score *b)
{
	return isnan(a->accuracy) ? a->loss < b->loss : a->accuracy > b->accuracy;
}

void lepton__job_figures(struct lepton__buffer *out, int64_t bytes, const struct lepton__figures *f)
{
	const char *names[] = {"val_loss", "val_accuracy", "test_loss", "test_accuracy"};
	const double values[] = {f->validation.loss, f->validation.accuracy, f->test.loss, f->test.accuracy};
	lepton__buffer_printf(out, "{\"bytes\":%lld", (long long)bytes);
	for (size_t i = 0; i < 4; i++) {
		lepton__buffer_printf(out, ",\"%s\":", names[i]);
		lepton__json_number(out, values[i]);
	}
	lepton__buffer_string(out, "}");
}

void lepton__job_parents(struct lepton__buffer *out, struct lepton__version *const *versions,
	struct lepton_params *const *weights, const struct lepton__figures *figures, int count)
{
	for (int i = 0; i < count; i++) {
		lepton__buffer_string(out, i ? ",{\"name\":" : "{\"name\":");
		lepton__json_string(out, versions[i]->name);
		lepton__buffer_string(out, ",\"figures\":");
		lepton__job_figures(out, lepton_params_bytes(weights[i]), &figures[i]);
		lepton__buffer_string(out, "}");
	}
}

void lepton__job_name(struct lepton__job *job, const char *stem, char out[LEPTON_NAME_MAX])
{
	char base[LEPTON_NAME_MAX - 16];
	if (*job->command->name) {
		lepton__copy_name(out, LEPTON_NAME_MAX, job->command->name);
		return;
	}
	lepton__copy_name(base, sizeof base, stem);
	lepton__copy_name(out, LEPTON_NAME_MAX, base);
	pthread_mutex_lock(&job->engine->lock);
	for (int i = 2; lepton__name_taken(job->engine, out); i++)
		snprintf(out, LEPTON_NAME_MAX, "%s-%d", base, i);
	pthread_mutex_unlock(&job->engine->lock);
}

int lepton__job_publish(struct lepton__job *job, struct lepton__version *v,
	struct lepton_checkpoint *checkpoint, const struct lepton__figures *figures, struct lepton_error *err)
{
	v->derived = true;
	v->state = LEPTON_DONE;
	v->step = checkpoint->state.step;
	v->epoch = checkpoint->state.epoch;
	v->parameters =
		lepton_params_values(checkpoint->state.weights); /* not all knew it when they were made */
	v->raw_bytes = lepton_params_bytes(checkpoint->state.weights);
	v->bytes = v->bytes ? v->bytes : v->raw_bytes;
	v->holds = 1; /* until all is said of it */
	v->held = true;
	int code = lepton__version_announce(job->engine, v, NULL, err);
	if (!code) {
		struct lepton_event event = {.type = LEPTON_EVENT_TEST, .version = v->id};
		job->result = v->id;
		lepton__version_keep(job->engine, v, checkpoint);
		event.u.test.loss = figures->test.loss;
		event.u.test.accuracy = figures->test.accuracy;
		event.u.test.val_loss = figures->validation.loss;
		event.u.test.val_accuracy = figures->validation.accuracy;
		if (!v->ops->foreign)
			lepton__say(job->engine, &event);
		lepton__release(job->engine, v);
	} else {
		lepton__version_free(v);
	}
	lepton_checkpoint_release(checkpoint);
	return code;
}

/* ---- the thread ---- */

static const struct {
	enum lepton_command_type type;
	const char *kind;
	int (*run)(struct lepton__job *job, struct lepton_error *err);
} kinds[] = {
	{LEPTON_CMD_COMPRESS, "compress", lepton__job_compress},
	{LEPTON_CMD_FUSE, "fuse", lepton__job_fuse},
	{LEPTON_CMD_EVALUATE, "evaluate", lepton__job_evaluate},
	{LEPTON_CMD_BARRIER, "barrier", lepton__job_barrier},
	{LEPTON_CMD_PREVIEW, "preview", lepton__job_preview},
};

static void run(struct lepton_engine *engine, const struct lepton_command *command)
{
	struct lepton__job job = {
		.engine = engine, .command = command, .version = command->count ? command->versions[0] : 0};
	struct lepton_error err = {0};
	size_t kind = 0;
	while (kinds[kind].type != command->type)
		kind++;
	pthread_mutex_lock(&engine->lock);
	job.id = ++engine->last_job;
	pthread_mutex_unlock(&engine->lock);
	job.kind = kinds[kind].kind;
	lepton__copy_name(job.method, sizeof job.method, command->method);
	lepton__job_progress(&job, 0);
	bool distils = strcmp(job.method, lepton_fuse_distil.name) == 0;
	int code = distils ? lepton__job_distil(&job, &err) : kinds[kind].run(&job, &err);
	pthread_mutex_lock(&engine->lock);
	engine->measuring = false; /* before the answer: who has it has nothing to give up */
	pthread_mutex_unlock(&engine->lock);
	const char *message = code ? err.message : job.message;
	say_job(&job, code ? LEPTON_JOB_FAILED : LEPTON_JOB_DONE, 1, message);
	if (!job.waits)
		lepton__reply(engine, command, code, job.result, message);
	lepton_text_release(job.detail);
}

void *lepton__jobber(void *arg)
{
	struct lepton_engine *engine = arg;
	struct lepton_command command;
	pthread_mutex_lock(&engine->lock);
	while (!engine->ending) {
		if (!lepton__queue_pop(&engine->jobs, &command)) {
			pthread_cond_wait(&engine->work, &engine->lock);
			continue;
		}
		engine->job_runs = true;
		engine->measuring = lepton__can_give_up(command.type);
		engine->measured = command.type;
		engine->give_up = false;
		pthread_mutex_unlock(&engine->lock);
		run(engine, &command);
		lepton_command_clear(&command);
		pthread_mutex_lock(&engine->lock);
		engine->job_runs = false;
		pthread_cond_broadcast(&engine->work);
	}
	pthread_mutex_unlock(&engine->lock);
	return NULL;
}
