/* train/version.c - one version: made, announced, captured. */
#include "config.h"
#include "train/retrain.h"
#include "train/shards.h"
#include "train/trial.h"
#include "model/importance.h"
#include "base/clock.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

struct lepton__version *lepton__version_find(struct lepton_engine *engine, int64_t id)
{
	for (size_t i = 0; i < engine->version_count; i++)
		if (engine->versions[i]->id == id)
			return engine->versions[i];
	return NULL;
}

struct lepton__version *lepton__version_named(struct lepton_engine *engine, const char *name)
{
	for (size_t i = 0; i < engine->version_count; i++)
		if (strcmp(engine->versions[i]->name, name) == 0)
			return engine->versions[i];
	return NULL;
}

bool lepton__name_taken(struct lepton_engine *engine, const char *name)
{
	return lepton__version_named(engine, name) != NULL;
}

void lepton__version_free(struct lepton__version *v)
{
	if (!v)
		return;
	if (v->learner)
		v->ops->destroy(v->learner);
	lepton_checkpoint_release(v->last);
	lepton_checkpoint_release(v->best);
	lepton__retrain_drop(v);
	lepton__shards_free(v);
	lepton_text_release(v->operation);
	lepton_text_release(v->tags);
	lepton_text_release(v->note);
	lepton__free(v->config);
	lepton__free(v);
}

/* All of it, or the shard that is the version's: a new reference. */
static int data_of(struct lepton_engine *engine, const struct lepton__version *v, struct lepton_dataset **out,
	struct lepton_error *err)
{
	struct lepton_shard_rule rule;
	int index;
	if (!lepton_shard_read(v->config, &rule, &index)) {
		*out = lepton_dataset_retain(engine->data);
		return LEPTON_OK;
	}
	if (!v->ops->hold_near)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"a %s cannot be trained on a shard of the data", v->learner_name);
	return lepton_dataset_shard(engine->data, &rule, index, out, err);
}

int lepton__version_learner(struct lepton_engine *engine, const struct lepton__version *v,
	struct lepton_learner **out, struct lepton_error *err)
{
	struct lepton_dataset *data;
	*out = NULL;
	int code = data_of(engine, v, &data, err);
	if (!code) {
		code = v->ops->create(v->config, v->seed, data, out, err);
		lepton_dataset_release(data);
	}
	if (code)
		lepton_error_prefix(err, "version %s", v->name);
	return code;
}

/* How many samples it trains on. */
static int count_samples(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	struct lepton_dataset *data;
	int code = data_of(engine, v, &data, err);
	if (code)
		return lepton_error_prefix(err, "version %s", v->name), code;
	v->samples = lepton_dataset_count(data, LEPTON_TRAIN);
	lepton_dataset_release(data);
	return LEPTON_OK;
}

/* What the new learner says of itself. */
static int measure(struct lepton__version *v, struct lepton_error *err)
{
	struct lepton_params *weights;
	v->steps_per_epoch = v->ops->steps_per_epoch(v->learner);
	v->epochs = v->ops->epochs(v->learner);
	if (v->ops->outside)
		return LEPTON_OK; /* its program gives weights, when it does */
	int code = v->ops->weights(v->learner, &weights, err);
	if (code)
		return code;
	v->parameters = lepton_params_values(weights);
	v->bytes = v->raw_bytes = lepton_params_bytes(weights);
	lepton_params_release(weights);
	return LEPTON_OK;
}

static int check_early(const struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(engine->data);
	lepton__early_init(&v->early, v->config);
	if (!v->early.on)
		return LEPTON_OK;
	if (v->ops->outside)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"version %s: \"early_stopping\" means nothing to a %s, which the engine does not step; leave it out",
			v->name, v->learner_name);
	if (!info->validation)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"version %s: \"early_stopping\" goes by figures on validation data, and there is none; set "
			"\"validation_split\" in the data",
			v->name);
	if (v->early.settings.by_accuracy && info->regression)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"version %s: early_stopping: a regression has no val_accuracy; set \"monitor\": \"val_loss\"", v->name);
	return LEPTON_OK;
}

int lepton__version_shell(struct lepton_engine *engine, const char *name, const char *learner,
	const char *config, uint64_t seed, double priority, struct lepton__version **out,
	struct lepton_error *err)
{
	struct lepton__version *v = lepton__calloc(1, sizeof *v);
	if (!v || !(v->config = lepton__strdup(config))) {
		lepton__free(v);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for version %s", name);
	}
	lepton__copy_name(v->name, sizeof v->name, name);
	lepton__copy_name(v->learner_name, sizeof v->learner_name, learner);
	v->seed = seed;
	v->priority = priority > 0 ? priority : 1;
	v->state = v->before_archive = LEPTON_QUEUED;
	v->metric_time = -1;
	v->round = -1;
	v->round_end = INT64_MAX;
	v->val_loss = (double)NAN;
	v->told.loss = v->told.accuracy = v->told.rate = v->told.val_loss = v->told.val_accuracy = (double)NAN;
	v->best_step = v->kept_step = -1;
	v->ops = lepton_learner_find(learner);
	int code = LEPTON_OK;
	if (!v->ops)
		code = lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"version %s: no learner \"%s\" in this build", v->name, v->learner_name);
	if (!code)
		code = count_samples(engine, v, err);
	if (!code)
		code = check_early(engine, v, err);
	if (code)
		lepton__version_free(v);
	else
		*out = v;
	return code;
}

int lepton__version_new(struct lepton_engine *engine, const char *name, const char *learner,
	const char *config, uint64_t seed, double priority, struct lepton__version **out,
	struct lepton_error *err)
{
	struct lepton__version *v;
	int code = lepton__version_shell(engine, name, learner, config, seed, priority, &v, err);
	if (code)
		return code;
	code = lepton__version_learner(engine, v, &v->learner, err);
	if (!code)
		code = measure(v, err);
	if (code)
		lepton__version_free(v);
	else
		*out = v;
	return code;
}

void lepton__version_say_state(
	struct lepton_engine *engine, const struct lepton__version *v, const char *reason)
{
	struct lepton_event event = {.type = LEPTON_EVENT_STATE, .version = v->id};
	event.u.state.state = v->state;
	event.u.state.step = v->step;
	event.u.state.seconds = v->seconds;
	event.u.state.reason = reason && *reason ? lepton_text_new(reason) : NULL;
	lepton__say(engine, &event);
	lepton_event_clear(&event);
}

void lepton__version_enter(struct lepton_engine *engine, struct lepton__version *v,
	enum lepton_version_state state, const char *reason)
{
	pthread_mutex_lock(&engine->lock);
	v->state = state;
	lepton__version_say_state(engine, v, reason);
	lepton__trial_settle(engine);
	lepton__retrain_settle(engine, v);
	pthread_mutex_unlock(&engine->lock);
}

static void say_version(struct lepton_engine *engine, const struct lepton__version *v)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = v->id};
	lepton__copy_name(event.u.added.name, LEPTON_NAME_MAX, v->name);
	lepton__copy_name(event.u.added.learner, LEPTON_NAME_MAX, v->learner_name);
	event.u.added.parent_count = v->parent_count;
	memcpy(event.u.added.parents, v->parents, sizeof v->parents);
	event.u.added.operation = lepton_text_retain(v->operation);
	event.u.added.hyperparameters = lepton_text_new(v->config);
	event.u.added.seed = v->seed;
	event.u.added.priority = v->priority;
	event.u.added.parameters = v->parameters;
	event.u.added.bytes = v->bytes;
	event.u.added.raw_bytes = v->raw_bytes;
	event.u.added.steps_per_epoch = v->steps_per_epoch;
	event.u.added.epochs = v->epochs;
	lepton__say(engine, &event);
	lepton_event_clear(&event);
}

/* A newcomer starts level with the one that has had least, so it neither waits nor hogs. */
double lepton__least_virtual_time(const struct lepton_engine *engine, const struct lepton__version *whole)
{
	double least = INFINITY;
	for (size_t i = 0; i < engine->version_count; i++) {
		const struct lepton__version *v = engine->versions[i];
		bool apart = whole && (v == whole || v->whole == whole);
		if (!apart && lepton__trains(v) && !v->ops->outside &&
			(v->in_slice || !lepton__shards_wait(v)))
			least = fmin(least, v->virtual_time);
	}
	return isfinite(least) ? least : 0;
}

int lepton__version_announce(struct lepton_engine *engine, struct lepton__version *v, const char *reason,
	struct lepton_error *err)
{
	pthread_mutex_lock(&engine->lock);
	int code = LEPTON_OK;
	if (engine->ended)
		code = lepton_error_set(err, LEPTON_E_STATE, "version %s: the engine is ending", v->name);
	else if (lepton__name_taken(engine, v->name))
		code = lepton_error_set(
			err, LEPTON_E_EXISTS, "there is a version %s already: choose another name", v->name);
	else if (lepton__grow(&engine->versions, &engine->version_capacity, engine->version_count + 1,
			 sizeof *engine->versions))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for version %s", v->name);
	bool made = !v->id; /* one remembered has its labels */
	if (!code) {
		if (made)
			v->id = engine->last_id + 1;
		engine->last_id = v->id > engine->last_id ? v->id : engine->last_id;
		v->virtual_time = lepton__least_virtual_time(engine, NULL);
		v->checkpoint_time = lepton__monotonic();
		say_version(engine, v); /* before any worker can see it, so that it is the first said of it */
		lepton__version_say_state(engine, v, reason);
		if (made && (v->tags || v->note))
			lepton__labels_say(engine, v);
		engine->versions[engine->version_count++] = v;
	}
	pthread_mutex_unlock(&engine->lock);
	if (!code)
		lepton__poke(engine);
	return code;
}

/* NULL where there is nothing to tell, or no memory for it: the checkpoint is the same without. */
static struct lepton_text *importance_of(
	const struct lepton_engine *engine, const struct lepton__version *v, const struct lepton_checkpoint *checkpoint)
{
	const struct lepton_learner_ops *ops = v->ops;
	char *text = ops->discrete && !ops->outside ? lepton__importance(checkpoint->state.weights,
							      lepton_dataset_info(engine->data))
						    : NULL;
	struct lepton_text *importance = text ? lepton_text_new(text) : NULL;
	lepton__free(text);
	return importance;
}

void lepton__version_keep(
	struct lepton_engine *engine, struct lepton__version *v, struct lepton_checkpoint *checkpoint)
{
	struct lepton_event event = {.type = LEPTON_EVENT_CHECKPOINT, .version = v->id};
	lepton_params_hash(checkpoint->state.weights, v->weights_hash);
	lepton_checkpoint_release(v->last);
	v->last = lepton_checkpoint_retain(checkpoint);
	v->in_store = false; /* not yet */
	v->checkpoint_time = lepton__monotonic();
	event.u.checkpoint.step = checkpoint->state.step;
	event.u.checkpoint.epoch = checkpoint->state.epoch;
	event.u.checkpoint.bytes = v->bytes;
	event.u.checkpoint.best = v->early.on && v->early.settings.restore_best && v->early.best_epoch &&
				  v->early.best_step == checkpoint->state.step;
	lepton__copy_name(event.u.checkpoint.weights_hash, LEPTON_HASH_HEX, v->weights_hash);
	event.u.checkpoint.importance = importance_of(engine, v, checkpoint);
	event.u.checkpoint.checkpoint = lepton_checkpoint_retain(checkpoint);
	lepton__say(engine, &event);
	lepton_event_clear(&event);
}

/* Since the last checkpoint. External programs give weights when they like: other ones are another set. */
bool lepton__version_unchanged(const struct lepton__version *v)
{
	struct lepton_params *weights;
	if (!v->ops->outside)
		return v->last && v->last->state.step == v->step && !v->last->encoded;
	if (v->ops->weights(v->learner, &weights, NULL))
		return true; /* none were given */
	bool same = v->last && v->last->state.weights == weights;
	lepton_params_release(weights);
	return same;
}

int lepton__version_checkpoint(
	struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	if (v->derived || !v->learner || lepton__version_unchanged(v))
		return LEPTON_OK;
	struct lepton_checkpoint *checkpoint = lepton__calloc(1, sizeof *checkpoint);
	if (!checkpoint)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "version %s: out of memory for a checkpoint", v->name);
	checkpoint->references = 1;
	int code = v->shards ? lepton__shards_save(v, &checkpoint->state, err)
			     : v->ops->save(v->learner, &checkpoint->state, err);
	if (!code) { /* trees grow */
		v->parameters = lepton_params_values(checkpoint->state.weights);
		v->bytes = v->raw_bytes = lepton_params_bytes(checkpoint->state.weights);
		lepton__version_keep(engine, v, checkpoint);
	}
	lepton_checkpoint_release(checkpoint);
	return code;
}

int lepton__version_go_back(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	struct lepton_checkpoint *best = v->best;
	int code = v->ops->load(v->learner, &best->state, err);
	if (code)
		return code;
	v->step = best->state.step;
	v->epoch = best->state.epoch;
	v->parameters = lepton_params_values(best->state.weights);
	v->bytes = v->raw_bytes = lepton_params_bytes(best->state.weights);
	lepton__version_keep(engine, v, best);
	return LEPTON_OK;
}
