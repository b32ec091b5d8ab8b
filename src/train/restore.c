/* train/restore.c - versions as a store remembers them, put back into an engine.
 *
 * What may train goes on where its newest checkpoint is, to the bit. What has ended is its row in the store
 * and no more: no learner, no weights (rest.c). What is wrong with the checkpoint of such a one is told when
 * it is needed, and fails nothing else.
 */
#include "config.h"
#include "train/outside.h"
#include "train/retrain.h"
#include "train/shards.h"
#include "train/trial.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Training goes on where the checkpoint is; an epoch it ended but never told is scored again. */
static void place(struct lepton__version *v, const struct lepton_run_version *remembered)
{
	int64_t told = 0;
	if (remembered->epochs_done.count)
		told = remembered->epochs_done.epoch[remembered->epochs_done.count - 1];
	int64_t ended = v->steps_per_epoch ? v->step / v->steps_per_epoch : 0;
	bool boundary = v->steps_per_epoch && v->step > 0 && v->step % v->steps_per_epoch == 0;
	v->finished = boundary && ended >= v->epochs;
	if (boundary && told < ended)
		v->phase = LEPTON__VALIDATING;
	else if (v->finished)
		v->phase = LEPTON__TESTING;
}

/* *whole: it is one of shards. */
static int remember(
	struct lepton__version *v, const struct lepton_run_version *r, bool *whole, struct lepton_error *err)
{
	cJSON *operation = cJSON_Parse(lepton_text_get(r->operation));
	const char *op = lepton__json_get_string(operation, "op", "train");
	v->id = r->id;
	v->derived = strcmp(op, "compress") == 0 || strcmp(op, "fuse") == 0 || strcmp(op, "import") == 0;
	v->trial = strcmp(op, "train") == 0 && !v->ops->outside;
	*whole = strcmp(op, "shards") == 0;
	int code = r->state < LEPTON_DONE ? lepton__retrain_remember(v, operation, err) : LEPTON_OK;
	cJSON_Delete(operation);
	v->operation = lepton_text_retain(r->operation);
	v->tags = lepton_text_retain(r->tags);
	v->note = lepton_text_retain(r->note);
	v->parent_count = r->parent_count;
	memcpy(v->parents, r->parents, sizeof v->parents);
	v->seconds = r->seconds;
	v->parameters = r->parameters; /* trees have grown since they were made */
	v->raw_bytes = r->raw_bytes;
	v->bytes = r->bytes;
	if (r->epochs_done.count)
		v->val_loss = (double)r->epochs_done.val_loss[r->epochs_done.count - 1];
	v->diverged = r->state == LEPTON_FAILED && strstr(r->reason, "diverge") != NULL;
	return code;
}

/* One of ours has made its weights, and is scored where that was not done; or it begins anew. */
static void place_ours(struct lepton__version *v, const struct lepton_run_version *r)
{
	v->finished = lepton__has_checkpoint(v);
	if (v->finished)
		v->phase = r->epochs_done.count ? LEPTON__TESTING : LEPTON__VALIDATING;
	v->told.loss = r->loss;
	v->parameters = r->parameters;
	v->raw_bytes = r->raw_bytes;
}

/* A program does not go on where it was: its history stands, and it starts again only when asked to. */
static void place_outside(struct lepton__version *v, const struct lepton_run_version *r, const char **reason)
{
	if (!v->ops->foreign) {
		place_ours(v, r);
		return;
	}
	if (!v->derived) {
		v->step = r->step;
		v->epoch = isfinite(r->epoch) ? r->epoch : 0;
	}
	v->told.loss = r->loss;
	v->told.accuracy = r->accuracy;
	v->told.val_loss = r->val_loss;
	v->told.val_accuracy = r->val_accuracy;
	if (r->epochs_done.count)
		v->told.epoch = r->epochs_done.epoch[r->epochs_done.count - 1];
	v->told.epoch_said = (double)v->told.epoch;
	if (r->state != LEPTON_RUNNING && r->state != LEPTON_PAUSED)
		return;
	v->state = LEPTON_PAUSED;
	*reason = LEPTON__PROGRAM_ENDED;
}

int64_t lepton_engine_best_step(const struct lepton_run_version *remembered)
{
	struct lepton__early early;
	lepton__early_init(&early, lepton_text_get(remembered->hyperparameters));
	lepton__early_replay(&early, &remembered->epochs_done, remembered->checkpoint_step);
	return early.on && early.settings.restore_best && early.best_epoch ? early.best_step : -1;
}

/* One whose training was over when it was cut off has its best weights now. */
static int end_with_best(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	bool ends = v->finished && (v->state == LEPTON_QUEUED || v->state == LEPTON_PAUSED);
	return ends && v->best && v->step != v->best->state.step ? lepton__version_go_back(engine, v, err)
								 : LEPTON_OK;
}

int lepton_engine_restore_best(struct lepton_engine *engine, int64_t id, struct lepton_checkpoint *checkpoint,
	struct lepton_error *err)
{
	struct lepton__version *v = lepton__version_find(engine, id);
	if (!v)
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "no version #%lld", (long long)id);
	lepton_checkpoint_release(v->best);
	v->best = lepton_checkpoint_retain(checkpoint);
	return end_with_best(engine, v, err);
}

/* Until it is needed. A whole that may train again has what its parts train by. */
static bool stays_in_store(const struct lepton_engine *engine, const struct lepton_run_version *r,
	const struct lepton_checkpoint *checkpoint)
{
	struct lepton_sharding plan;
	bool whole = lepton_sharding_read(lepton_text_get(r->hyperparameters), &plan);
	return engine->options.recall && !checkpoint &&
	       (r->state == LEPTON_DONE || (r->state > LEPTON_DONE && !whole));
}

static int make_or_leave(struct lepton_engine *engine, const struct lepton_run_version *r, bool stays,
	struct lepton__version **out, struct lepton_error *err)
{
	const char *config = lepton_text_get(r->hyperparameters);
	int code = stays ? lepton__version_shell(
				   engine, r->name, r->learner, config, r->seed, r->priority, out, err)
			 : lepton__version_new(
				   engine, r->name, r->learner, config, r->seed, r->priority, out, err);
	if (code || !stays)
		return code;
	struct lepton__version *v = *out;
	v->steps_per_epoch = r->steps_per_epoch;
	v->epochs = r->epochs;
	v->step = r->checkpoint_step > 0 ? r->checkpoint_step : 0;
	v->epoch = isfinite(r->epoch) ? r->epoch : 0;
	lepton__copy_name(v->weights_hash, sizeof v->weights_hash, r->weights_hash);
	return LEPTON_OK;
}

/* Its newest checkpoint and its best, as far as the store knows. */
static void lie_in_store(struct lepton__version *v, const struct lepton_run_version *r)
{
	v->in_store = r->checkpoint_step >= 0;
	v->best_step = r->state == LEPTON_DONE ? -1 : lepton_engine_best_step(r);
	v->kept_step = r->checkpoint_step;
	lepton__copy_name(v->kept_hash, sizeof v->kept_hash, r->weights_hash);
}

/* *checkpoint: what is given, or else found in the store; the caller's to release. */
static int find_checkpoint(struct lepton_engine *engine, struct lepton__version *v,
	struct lepton_checkpoint *given, struct lepton_checkpoint **checkpoint, struct lepton_error *err)
{
	*checkpoint = given ? lepton_checkpoint_retain(given) : NULL;
	if (given || !v->in_store || !v->learner)
		return LEPTON_OK;
	int code = lepton__newest_checkpoint(engine, v, checkpoint, err);
	if (code)
		lepton_error_prefix(err, "version %s", v->name);
	return code;
}

static int restore(struct lepton_engine *engine, struct lepton__version *v,
	const struct lepton_run_version *r, struct lepton_checkpoint *checkpoint, bool whole,
	struct lepton_error *err)
{
	const char *reason = r->reason;
	int code = checkpoint ? lepton__put_back(v, checkpoint, err) : LEPTON_OK;
	if (!code && whole)
		code = lepton__shards_restore(engine, v, checkpoint, err);
	if (code)
		return code;
	place(v, r);
	lepton__early_replay(&v->early, &r->epochs_done, v->step);
	if (lepton__early_ends(&v->early)) {
		v->finished = true;
		v->phase = LEPTON__TESTING;
	}
	lepton__trial_replay(engine, v, r);
	v->state = r->state == LEPTON_RUNNING ? LEPTON_QUEUED : r->state;
	if (v->ops->outside)
		place_outside(v, r, &reason);
	v->before_archive = v->finished || v->derived ? LEPTON_DONE : LEPTON_STOPPED;
	return lepton__version_announce(engine, v, reason, err);
}

/* It is the engine's now. */
static int restored(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	if (v->learner)
		lepton__recall_best(engine, v);
	int code = end_with_best(engine, v, err);
	pthread_mutex_lock(&engine->lock);
	lepton__doze(engine, v);
	pthread_mutex_unlock(&engine->lock);
	return code;
}

int lepton_engine_restore(struct lepton_engine *engine, const struct lepton_run_version *remembered,
	struct lepton_checkpoint *given, struct lepton_error *err)
{
	struct lepton__version *v;
	struct lepton_checkpoint *checkpoint;
	bool whole;
	int code = make_or_leave(engine, remembered, stays_in_store(engine, remembered, given), &v, err);
	if (code)
		return code;
	code = remember(v, remembered, &whole, err);
	v->rests = engine->options.one_command;
	if (engine->options.recall && !given)
		lie_in_store(v, remembered);
	checkpoint = NULL;
	if (!code)
		code = find_checkpoint(engine, v, given, &checkpoint, err);
	if (!code)
		code = restore(engine, v, remembered, checkpoint, whole, err);
	lepton_checkpoint_release(checkpoint);
	if (code) {
		lepton__version_free(v);
		return code;
	}
	return restored(engine, v, err);
}
