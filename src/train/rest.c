/* train/rest.c - versions that have ended hold next to no memory.
 *
 * A store gathers versions by the hundred, and few of them are ever trained again. A learner is weights,
 * moments and work space, many times the size of what a checkpoint takes on disk; so a version that is done,
 * stopped, failed or archived has none. Its newest checkpoint says the same to the bit, and is asked for
 * where it lies: in memory where there is no store, else in the store, by the engine's `recall`. Most that is
 * asked of a resting version needs its weights only, and those are the checkpoint's (lepton__look); a learner
 * is made again when it is to train on (lepton__wake).
 *
 * A checkpoint leaves memory when the store has said that it has it (lepton_engine_kept), never before: a
 * full disk must not cost a version what only memory holds. What no checkpoint has, stays: a version that
 * failed before its first keeps its learner.
 */
#include "config.h"
#include "train/outside.h"
#include "train/shards.h"
#include "base/memory.h"

#include <string.h>

/* ---- the checkpoint, wherever it is ---- */

static void say_passed_over(
	struct lepton_engine *engine, const struct lepton__version *v, const struct lepton_error *passed)
{
	struct lepton_event event = {.type = LEPTON_EVENT_LOG, .version = v->id};
	struct lepton_error line = *passed;
	lepton_error_prefix(&line, "version %s", v->name);
	event.u.log.level = LEPTON_LOG_WARNING;
	event.u.log.line = lepton_text_new(line.message);
	lepton__say(engine, &event);
	lepton_event_clear(&event);
}

int lepton__newest_checkpoint(struct lepton_engine *engine, const struct lepton__version *v,
	struct lepton_checkpoint **out, struct lepton_error *err)
{
	struct lepton_error passed = {0};
	if (v->last) {
		*out = lepton_checkpoint_retain(v->last);
		return LEPTON_OK;
	}
	*out = NULL;
	int code = engine->options.recall(engine->options.recall_context, v->id, -1, out, &passed);
	if (code)
		return lepton_error_set(err, code, "%s", passed.message);
	if (passed.code == LEPTON_OK && *passed.message)
		say_passed_over(engine, v, &passed);
	return LEPTON_OK;
}

int lepton__put_back(
	struct lepton__version *v, struct lepton_checkpoint *checkpoint, struct lepton_error *err)
{
	int code = v->derived ? v->ops->set_weights(v->learner, checkpoint->state.weights, err)
			      : v->ops->load(v->learner, &checkpoint->state, err);
	if (code)
		return code;
	v->step = checkpoint->state.step;
	v->epoch = checkpoint->state.epoch;
	lepton_checkpoint_retain(checkpoint);
	lepton_checkpoint_release(v->last);
	v->last = checkpoint;
	v->in_store = false;
	lepton_params_hash(checkpoint->state.weights, v->weights_hash);
	return LEPTON_OK;
}

/* ---- what is asked of it while it rests ---- */

/* As it began: nothing of it was ever kept. */
static int look_at_beginning(struct lepton_engine *engine, const struct lepton__version *v,
	struct lepton__look *out, struct lepton_error *err)
{
	struct lepton_learner *learner;
	int code = lepton__version_learner(engine, v, &learner, err);
	if (code)
		return code;
	code = v->ops->weights(learner, &out->weights, err);
	v->ops->destroy(learner);
	return code;
}

int lepton__look(struct lepton_engine *engine, struct lepton__version *v, struct lepton__look *out,
	struct lepton_error *err)
{
	struct lepton_checkpoint *checkpoint;
	*out = (struct lepton__look){
		.step = v->step, .epoch = v->epoch, .chain = v->last ? v->last->chain : 0};
	if (v->learner)
		return v->ops->weights(v->learner, &out->weights, err);
	if (!lepton__has_checkpoint(v))
		return look_at_beginning(engine, v, out, err);
	int code = lepton__newest_checkpoint(engine, v, &checkpoint, err);
	if (code)
		return code;
	out->weights = lepton_params_retain(checkpoint->state.weights);
	out->step = checkpoint->state.step;
	out->epoch = checkpoint->state.epoch;
	out->chain = checkpoint->chain;
	lepton_checkpoint_release(checkpoint);
	return LEPTON_OK;
}

/* ---- awake again ---- */

/* The best epoch's weights, which early stopping goes back to; training goes on without them where they are
 * gone. */
void lepton__recall_best(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_error lost = {0}, line;
	struct lepton_checkpoint *best = NULL;
	int64_t step = v->best_step;
	v->best_step = -1;
	if (step < 0)
		return;
	int code = engine->options.recall(engine->options.recall_context, v->id, step, &best, &lost);
	if (!code && best->state.step == step) {
		v->best = best;
		return;
	}
	lepton_checkpoint_release(best);
	(void)lepton_error_set(&line, LEPTON_E_NOTFOUND,
		"the weights of its best epoch, step %lld, are gone, so it cannot go back to them: %s",
		(long long)step, *lost.message ? lost.message : "no such checkpoint");
	say_passed_over(engine, v, &line);
}

/* One that goes on from elsewhere than it stood would tell epochs twice; what is left of it is said by
 * repairing. */
static int check_place(
	const struct lepton__version *v, const struct lepton_checkpoint *checkpoint, struct lepton_error *err)
{
	if (v->derived || checkpoint->state.step == v->step)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_CORRUPT,
		"version %s: its checkpoint at step %lld cannot be read, only an older one, of step %lld: "
		"`lepton verify "
		"--repair` lets it go on from there",
		v->name, (long long)v->step, (long long)checkpoint->state.step);
}

static int fill(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	struct lepton_checkpoint *checkpoint;
	if (!lepton__has_checkpoint(v))
		return LEPTON_OK;
	int code = lepton__newest_checkpoint(engine, v, &checkpoint, err);
	if (code)
		return lepton_error_prefix(err, "version %s", v->name), code;
	code = check_place(v, checkpoint, err);
	if (!code)
		code = lepton__put_back(v, checkpoint, err);
	lepton_checkpoint_release(checkpoint);
	return code;
}

static void give_learner(
	struct lepton_engine *engine, struct lepton__version *v, struct lepton_learner *learner)
{
	pthread_mutex_lock(&engine->lock);
	v->learner = learner;
	pthread_mutex_unlock(&engine->lock);
}

int lepton__wake(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	struct lepton_learner *learner;
	if (v->learner)
		return LEPTON_OK;
	int code = lepton__version_learner(engine, v, &learner, err);
	if (code)
		return code;
	give_learner(engine, v, learner);
	code = fill(engine, v, err);
	if (!code)
		code = lepton__shards_wake(engine, v, err);
	if (code) {
		give_learner(engine, v, NULL);
		v->ops->destroy(learner);
		return code;
	}
	lepton__recall_best(engine, v);
	return LEPTON_OK;
}

/* ---- to rest ---- */

/* To the bit, by its checkpoint; or its program has given nothing that could be lost. */
static bool can_be_made_again(const struct lepton__version *v)
{
	if (v->ops->outside)
		return !lepton__runs_outside(v) && lepton__version_unchanged(v);
	return v->last && (v->derived || lepton__version_unchanged(v));
}

/* With the lock held. */
static bool is_kept(const struct lepton_engine *engine, const struct lepton__version *v)
{
	return engine->options.recall && v->last && v->kept_step == v->last->state.step &&
	       strcmp(v->kept_hash, v->weights_hash) == 0;
}

struct given_up {
	struct lepton_learner *learner;
	struct lepton_checkpoint *last, *best;
};

static struct given_up give_up(const struct lepton_engine *engine, struct lepton__version *v)
{
	struct given_up g = {NULL, NULL, NULL};
	if (v->learner && can_be_made_again(v)) {
		g.learner = v->learner;
		v->learner = NULL;
	}
	if (v->learner)
		return g;
	if (v->state == LEPTON_DONE || (v->best && is_kept(engine, v))) {
		g.best = v->best;
		v->best_step = g.best && v->state != LEPTON_DONE ? g.best->state.step : -1;
		v->best = NULL;
	}
	if (is_kept(engine, v)) {
		g.last = v->last;
		v->in_store = true;
		v->last = NULL;
	}
	return g;
}

void lepton__doze(struct lepton_engine *engine, struct lepton__version *v)
{
	if (v->state < LEPTON_DONE || v->in_slice || v->held || v->holds || engine->ending)
		return;
	const struct given_up g = give_up(engine, v);
	lepton__shards_doze(v);
	if (!g.learner && !g.last && !g.best)
		return;
	pthread_mutex_unlock(&engine->lock);
	if (g.learner)
		v->ops->destroy(g.learner);
	lepton_checkpoint_release(g.last);
	lepton_checkpoint_release(g.best);
	pthread_mutex_lock(&engine->lock);
}

void lepton_engine_kept(struct lepton_engine *engine, const struct lepton_event *event)
{
	pthread_mutex_lock(&engine->lock);
	struct lepton__version *v = lepton__version_find(engine, event->version);
	if (v) {
		v->kept_step = event->u.checkpoint.step;
		lepton__copy_name(v->kept_hash, sizeof v->kept_hash, event->u.checkpoint.weights_hash);
		lepton__doze(engine, v);
	}
	pthread_mutex_unlock(&engine->lock);
}
