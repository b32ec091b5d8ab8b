/* train/slice.c - about ten milliseconds of one version: steps, then scoring in chunks, then what follows.
 *
 * A version goes round: train an epoch, score the validation split, say the epoch, checkpoint; after
 * the last epoch score the test split and be done. A slice ends when its time is up, when someone
 * waits for the version, or when its state changes. Scoring is cut in fixed chunks whose sums are added
 * in order, so its figures do not depend on where slices end.
 */
#include "config.h"
#include "train/shards.h"
#include "train/trial.h"
#include "base/clock.h"

#include <math.h>
#include <stdio.h>

#define CHUNK 256 /* samples scored at a time */
#define BYTES_PER_SECOND 2e7 /* of checkpoints of short epochs: a small part of what a disk takes */

static bool wanted(const struct lepton__version *v)
{
	return __atomic_load_n(&v->holds, __ATOMIC_RELAXED) > 0;
}

static double mean(double sum, int64_t samples)
{
	return samples ? sum / (double)samples : (double)NAN;
}

/* Back to the last good checkpoint: that version alone has failed. */
static void fail(struct lepton_engine *engine, struct lepton__version *v, const struct lepton_error *err)
{
	v->diverged = err->code == LEPTON_E_DIVERGED;
	if (v->shards) {
		pthread_mutex_lock(&engine->lock);
		lepton__shards_leave(engine, v);
		pthread_mutex_unlock(&engine->lock);
	}
	if (v->learner && v->last && v->ops->load(v->learner, &v->last->state, NULL) == LEPTON_OK) {
		v->step = v->last->state.step;
		v->epoch = v->last->state.epoch;
	}
	lepton__version_enter(engine, v, LEPTON_FAILED, err->message);
}

static void add(struct lepton__sums *sums, int64_t samples, double loss, double accuracy)
{
	sums->samples += samples;
	sums->loss += loss * (double)samples;
	sums->right += accuracy * (double)samples;
}

/* ---- training ---- */

static void say_metric(struct lepton_engine *engine, struct lepton__version *v, double now)
{
	struct lepton_event event = {.type = LEPTON_EVENT_METRIC, .version = v->id};
	event.u.metric.step = v->step;
	event.u.metric.epoch = v->epoch;
	event.u.metric.seconds = v->seconds;
	event.u.metric.loss = mean(v->metric_sums.loss, v->metric_sums.samples);
	event.u.metric.accuracy = mean(v->metric_sums.right, v->metric_sums.samples);
	event.u.metric.samples_per_second =
		v->shards /* its parts' */
			? (double)NAN
			: (double)v->metric_sums.samples / fmax(now - v->metric_time, 1e-9);
	lepton__say(engine, &event);
	v->metric_sums = (struct lepton__sums){0};
	v->metric_time = now;
}

static int train_step(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	struct lepton_team team = lepton__board_team(&engine->board, v->id);
	struct lepton_step_result result = {0};
	if (v->shards)
		return lepton__shards_round(engine, v, err);
	int code = v->ops->step(v->learner, &team, &result, err);
	if (code)
		return code;
	v->step += !result.partial;
	v->epoch = (double)v->step / (double)v->steps_per_epoch;
	__atomic_store_n(&v->trained, v->trained + result.samples, __ATOMIC_RELAXED);
	lepton__work_count_step(v->work, v->step, result.samples, !result.partial);
	add(&v->epoch_sums, result.samples, result.loss, result.accuracy);
	add(&v->metric_sums, result.samples, result.loss, result.accuracy);
	if (v->whole) {
		add(&v->round_sums, result.samples, result.loss, result.accuracy);
		v->round_worked = true;
	}
	if (result.epoch_ended)
		lepton__enter_phase(v, LEPTON__VALIDATING);
	v->finished = result.finished;
	return LEPTON_OK;
}

static bool metric_due(const struct lepton_engine *engine, const struct lepton__version *v, double now)
{
	return v->metric_sums.samples &&
	       (v->phase != LEPTON__TRAINING || now - v->metric_time >= engine->options.metric_seconds);
}

/* ---- scoring ---- */

static int score_chunk(struct lepton_engine *engine, struct lepton__version *v, enum lepton_split split,
	bool *whole, struct lepton_error *err)
{
	struct lepton_team team = lepton__board_team(&engine->board, v->id);
	struct lepton_score score;
	int64_t count = lepton_dataset_count(engine->data, split),
		to = v->cursor + CHUNK < count ? v->cursor + CHUNK : count;
	*whole = to == count;
	if (to == v->cursor)
		return LEPTON_OK;
	int code = v->ops->evaluate(v->learner, &team, split, v->cursor, to, &score, err);
	if (!code)
		add(&v->score, score.samples, score.loss, score.accuracy);
	v->cursor = to;
	return code;
}

/* The last may be short. Training outside is one. */
static int64_t epoch_number(const struct lepton__version *v)
{
	return v->steps_per_epoch ? (v->step + v->steps_per_epoch - 1) / v->steps_per_epoch : 1;
}

static void say_epoch(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_event event = {.type = LEPTON_EVENT_EPOCH, .version = v->id};
	event.u.epoch.epoch = epoch_number(v);
	event.u.epoch.step = v->step;
	event.u.epoch.seconds = v->seconds;
	event.u.epoch.loss = v->told.loss; /* of one that trained outside; else there is none */
	event.u.epoch.accuracy = v->told.accuracy;
	if (v->epoch_sums.samples) {
		event.u.epoch.loss = mean(v->epoch_sums.loss, v->epoch_sums.samples);
		event.u.epoch.accuracy = mean(v->epoch_sums.right, v->epoch_sums.samples);
	}
	event.u.epoch.val_loss = mean(v->score.loss, v->score.samples);
	event.u.epoch.val_accuracy = mean(v->score.right, v->score.samples);
	lepton__say(engine, &event);
	v->epoch_sums = (struct lepton__sums){0};
}

static void say_test(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_event event = {.type = LEPTON_EVENT_TEST, .version = v->id};
	event.u.test.loss = mean(v->score.loss, v->score.samples);
	event.u.test.accuracy = mean(v->score.right, v->score.samples);
	event.u.test.val_loss = event.u.test.val_accuracy = (double)NAN;
	lepton__say(engine, &event);
}

static void say_trouble(
	struct lepton_engine *engine, const struct lepton__version *v, const struct lepton_error *err)
{
	struct lepton_event event = {.type = LEPTON_EVENT_LOG, .version = v->id};
	event.u.log.level = LEPTON_LOG_ERROR;
	event.u.log.line = lepton_text_new(err->message);
	lepton__say(engine, &event);
	lepton_event_clear(&event);
}

/* A checkpoint that cannot be taken is told, and training goes on. */
static void checkpoint(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_error err;
	if (lepton__version_checkpoint(engine, v, &err))
		say_trouble(engine, v, &err);
}

/* Figures are rounded as a history keeps them, so that one found again decides the same. */
static bool count_epoch(struct lepton__version *v, double val_loss, double val_accuracy)
{
	return v->early.on && lepton__early_add(&v->early, epoch_number(v), v->step, (double)(float)val_loss,
				      (double)(float)val_accuracy);
}

/* Epochs may be over in no time, and a checkpoint costs as much as many of them; of a forest the more, the more trees. */
static bool epoch_is_kept(const struct lepton_engine *engine, const struct lepton__version *v, int64_t epoch, bool better)
{
	double interval = engine->options.epoch_checkpoint_seconds;
	if (lepton__shards_follows(v))
		return false; /* it is kept where it waits */
	if (v->shards)
		return better || v->finished;
	if (interval > 0)
		interval = fmax(interval, (double)v->raw_bytes / BYTES_PER_SECOND);
	bool judged = engine->searches && v->trial && lepton__asha_rung(&engine->search, epoch) >= 0;
	return better || judged || v->finished ||
	       lepton__monotonic() - v->checkpoint_time >= interval;
}

/* The checkpoint of this epoch is the best there is. */
static void keep_best(struct lepton__version *v)
{
	if (!v->early.settings.restore_best || !v->last || v->last->state.step != v->step)
		return;
	lepton_checkpoint_release(v->best);
	v->best = lepton_checkpoint_retain(v->last);
}

static int end_early(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	v->finished = true;
	v->phase = LEPTON__TESTING;
	return v->best && v->best->state.step != v->step ? lepton__version_go_back(engine, v, err) : LEPTON_OK;
}

static int validate(
	struct lepton_engine *engine, struct lepton__version *v, bool *halted, struct lepton_error *err)
{
	bool whole;
	int code = score_chunk(engine, v, LEPTON_VALIDATION, &whole, err);
	if (code || !whole)
		return code;
	int64_t epoch = epoch_number(v);
	double loss = mean(v->score.loss, v->score.samples), accuracy = mean(v->score.right, v->score.samples);
	v->val_loss = loss;
	say_epoch(engine, v);
	bool better = count_epoch(v, loss, accuracy);
	lepton__enter_phase(v, v->finished ? LEPTON__TESTING : LEPTON__TRAINING);
	if (epoch_is_kept(engine, v, epoch, better))
		checkpoint(engine, v);
	if (better)
		keep_best(v);
	if (lepton__early_ends(&v->early) || (v->finished && v->best))
		return end_early(engine, v, err);
	*halted = lepton__trial_epoch(engine, v, epoch, loss, accuracy);
	return LEPTON_OK;
}

static int test(struct lepton_engine *engine, struct lepton__version *v, bool *done, struct lepton_error *err)
{
	int code = score_chunk(engine, v, LEPTON_TEST, done, err);
	if (!code && *done) /* again, if there was no memory for it when the last epoch ended: what is done
			       has its weights */
		code = lepton__version_checkpoint(engine, v, err);
	if (code || !*done)
		return code;
	char reason[200];
	lepton__early_say(&v->early, v->best != NULL, reason, sizeof reason);
	say_test(engine, v);
	bool says = lepton__early_ends(&v->early) || (v->best && v->early.best_epoch < v->epochs);
	if (v->shards && v->shards->orphan) {
		snprintf(reason, sizeof reason, "no sub-model was left after round %lld of %lld",
			(long long)v->shards->round, (long long)v->shards->rounds);
		says = true;
	}
	lepton__version_enter(engine, v, LEPTON_DONE, says ? reason : NULL);
	return LEPTON_OK;
}

static int advance(
	struct lepton_engine *engine, struct lepton__version *v, bool *done, struct lepton_error *err)
{
	lepton__work_turn(v->work, lepton__work_of(v));
	switch (v->phase) {
	case LEPTON__TRAINING:
		return train_step(engine, v, err);
	case LEPTON__VALIDATING:
		return validate(engine, v, done, err);
	case LEPTON__TESTING:
		return test(engine, v, done, err);
	}
	return LEPTON_OK;
}

/* ---- the slice ---- */

/* Nothing more to do until others have done theirs. */
static bool rests(const struct lepton__version *v)
{
	return lepton__shards_arrived(v) || (v->shards && v->phase == LEPTON__TRAINING && !v->shards->ready);
}

static void keep(struct lepton_engine *engine, struct lepton__version *v, double now)
{
	bool due = v->phase == LEPTON__TRAINING &&
		   now - v->checkpoint_time >= engine->options.checkpoint_seconds;
	if (lepton__shards_follows(v)) {
		due = lepton__shards_arrived(v) && v->round_keeps;
		v->round_keeps &= !due;
	}
	if (due && !v->shards)
		checkpoint(engine, v);
}

static void run(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_error err;
	double start = lepton__monotonic(), now = start, seconds = v->seconds;
	bool done = false;
	if (v->metric_time < 0)
		v->metric_time = start;
	while (!done && !wanted(v) && !rests(v) && now - start < engine->options.slice_seconds) {
		if (advance(engine, v, &done, &err)) {
			fail(engine, v, &err);
			return;
		}
		now = lepton__monotonic();
		v->seconds = seconds + now - start;
		if (metric_due(engine, v, now))
			say_metric(engine, v, now);
	}
	if (!done)
		keep(engine, v, now);
}

void lepton__slice(struct lepton_engine *engine, struct lepton__version *v)
{
	struct lepton_error err;
	bool ends;
	if (lepton__wake(engine, v, &err) || lepton__shards_join(engine, v, &ends, &err))
		fail(engine, v, &err);
	else if (!ends)
		run(engine, v);
}
