/* train/shards.c - a whole and its parts: made, found again, who waits for whom, and how a part joins a
 * round. */
#include "config.h"
#include "train/shards.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the arithmetic of rounds ---- */

static int64_t rounded_up(int64_t a, int64_t b)
{
	return (a + b - 1) / b;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Rounds of steps end with an epoch, so that parts of unlike sizes begin each epoch together. */
int64_t lepton__shards_round_end(
	const struct lepton__version *whole, const struct lepton__version *v, int64_t round)
{
	const struct lepton_sharding *plan = &whole->shards->plan;
	if (round < 0)
		return 0;
	if (!plan->every)
		return v->epochs * v->steps_per_epoch;
	if (!plan->by_steps)
		return least((round + 1) * plan->every, v->epochs) * v->steps_per_epoch;
	int64_t in_epoch = rounded_up(whole->steps_per_epoch, plan->every);
	return round / in_epoch * v->steps_per_epoch +
	       least((round % in_epoch + 1) * plan->every, v->steps_per_epoch);
}

static int64_t rounds_of(const struct lepton__version *whole)
{
	const struct lepton_sharding *plan = &whole->shards->plan;
	if (!plan->every)
		return 1;
	return plan->by_steps ? whole->epochs * rounded_up(whole->steps_per_epoch, plan->every)
			      : rounded_up(whole->epochs, plan->every);
}

/* The round that begins at a step of the whole. */
static int64_t round_at(const struct lepton__version *whole, int64_t step)
{
	int64_t round = 0;
	while (round < whole->shards->rounds && lepton__shards_round_end(whole, whole, round) <= step)
		round++;
	return round;
}

/* ---- made and found again ---- */

static struct lepton_text *operation(const struct lepton_sharding *plan)
{
	static const char *const servers[] = {"none", "sgd", "adam"};
	char *text = lepton__format("{\"op\":\"shards\",\"method\":\"%s\",\"settings\":%s,\"every\":%" PRId64
				    ",\"unit\":\"%s\",\"server\":\"%s\",\"prox\":%.17g,\"shards\":%d}",
		plan->method, plan->settings, plan->every, plan->by_steps ? "steps" : "epochs",
		servers[plan->server], plan->prox, plan->count);
	struct lepton_text *made = text ? lepton_text_new(text) : NULL;
	lepton__free(text);
	return made;
}

/* Its parts are known; its epochs are those of the largest. */
static int bind(struct lepton__version *whole, struct lepton_error *err)
{
	struct lepton__shards *s = whole->shards;
	whole->trial = false;
	whole->steps_per_epoch = 1;
	for (int i = 0; i < s->plan.count; i++) {
		s->part[i]->whole = whole;
		s->part[i]->trial = false;
		s->part[i]->round = -1;
		if (s->part[i]->steps_per_epoch > whole->steps_per_epoch)
			whole->steps_per_epoch = s->part[i]->steps_per_epoch;
	}
	s->rounds = rounds_of(whole);
	s->keeps = !s->plan.by_steps || s->rounds == 1;
	const bool rests = !whole->learner; /* it is done */
	return rests || s->plan.own_start ? LEPTON_OK : whole->ops->weights(whole->learner, &s->weights, err);
}

static int no_memory(const struct lepton__version *v, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "version %s: out of memory for its shards", v->name);
}

static int make(struct lepton__version *v, const struct lepton_sharding *plan, struct lepton_error *err)
{
	v->shards = lepton__calloc(1, sizeof *v->shards);
	if (!v->shards)
		return no_memory(v, err);
	v->shards->plan = *plan;
	return LEPTON_OK;
}

int lepton__shards_add(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	struct lepton_sharding plan;
	if (!lepton_sharding_read(v->config, &plan))
		return LEPTON_OK;
	int code = make(v, &plan, err);
	for (int i = 0; i < plan.count && !code; i++) {
		char name[LEPTON_NAME_MAX + 16];
		snprintf(name, sizeof name, "%s/%d", v->name, i + 1);
		struct lepton__version *part = lepton__version_named(engine, name);
		if (!part || part->whole || part->ops != v->ops)
			return lepton_error_set(err, LEPTON_E_SPEC,
				"version %s: there is no sub-model %s to fuse", v->name, name);
		v->shards->part[i] = part;
		v->parents[v->parent_count++] = part->id;
	}
	if (code)
		return code;
	lepton_text_release(v->operation);
	v->operation = operation(&plan);
	return v->operation ? bind(v, err) : no_memory(v, err);
}

/* The server's moments as they were kept: "server/m/…", then "server/v/…". */
static int read_slots(struct lepton__version *v, const struct lepton_params *kept, struct lepton_error *err)
{
	struct lepton__shards *s = v->shards;
	size_t n = lepton_params_count(s->weights);
	size_t sets = kept ? lepton_params_count(kept) / n : 0;
	int code = LEPTON_OK;
	for (size_t k = 0; k < sets && k < 2 && !code; k++) {
		code = lepton_params_copy(s->weights, &s->slots[k], err);
		for (size_t t = 0; t < n && !code; t++) {
			const struct lepton_tensor *from = lepton_params_at(kept, k * n + t);
			if (!lepton_shape_equal(&from->shape, &lepton_params_at(s->weights, t)->shape))
				return lepton_error_set(err, LEPTON_E_CORRUPT,
					"version %s: its server's moments have other shapes than its weights",
					v->name);
			memcpy(lepton_params_data(s->slots[k], t), from->data,
				(size_t)lepton_shape_count(&from->shape) * lepton_dtype_size(from->dtype));
		}
	}
	return code;
}

struct offer { /* what the whole has for its parts */
	bool leads, keeps;
	int64_t round, rounds;
	struct lepton_params *weights; /* a reference of the whole's, or the asker's own */
};

/* The part is in the round from here on. */
static int enter(
	struct lepton__version *part, const struct offer *offer, bool worked, struct lepton_error *err)
{
	double prox = part->whole->shards->plan.prox;
	part->round = offer->round;
	part->round_end = lepton__shards_round_end(part->whole, part, offer->round);
	part->round_keeps = offer->keeps;
	part->round_worked = worked;
	part->round_sums = (struct lepton__sums){0};
	return prox > 0 && offer->weights && part->learner
		       ? part->ops->hold_near(part->learner, offer->weights, prox, err)
		       : LEPTON_OK;
}

/* In the middle of a round, a part has joined it already. */
static int place_part(
	const struct lepton__version *whole, struct lepton__version *part, struct lepton_error *err)
{
	const struct lepton__shards *s = whole->shards;
	const struct offer offer = {true, s->keeps, s->round, s->rounds, s->weights};
	bool inside = part->step > lepton__shards_round_end(whole, part, s->round - 1) &&
		      part->step <= lepton__shards_round_end(whole, part, s->round);
	return s->round < s->rounds && inside ? enter(part, &offer, true, err) : LEPTON_OK;
}

int lepton__shards_restore(struct lepton_engine *engine, struct lepton__version *v,
	const struct lepton_checkpoint *checkpoint, struct lepton_error *err)
{
	struct lepton_sharding plan;
	if (!lepton_sharding_read(v->config, &plan) || plan.count > LEPTON_SHARDS_MAX ||
		plan.count != v->parent_count)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"version %s: its shards are not told in its configuration", v->name);
	int code = make(v, &plan, err);
	for (int i = 0; i < plan.count && !code; i++) {
		struct lepton__version *part = lepton__version_find(engine, v->parents[i]);
		if (!part || part->ops != v->ops)
			return lepton_error_set(err, LEPTON_E_CORRUPT,
				"version %s: its sub-model #%" PRId64 " is not there", v->name,
				v->parents[i]);
		v->shards->part[i] = part;
	}
	if (!code)
		code = bind(v, err);
	if (!code && checkpoint) {
		lepton_params_release(v->shards->weights);
		v->shards->weights = lepton_params_retain(checkpoint->state.weights);
		code = read_slots(v, checkpoint->state.slots, err);
	}
	v->shards->round = code ? 0 : round_at(v, v->step);
	for (int i = 0; i < plan.count && !code; i++)
		code = place_part(v, v->shards->part[i], err);
	return code;
}

static void drop_sums(struct lepton__shards *s)
{
	lepton_params_release(s->weights);
	lepton_params_release(s->slots[0]);
	lepton_params_release(s->slots[1]);
	s->weights = s->slots[0] = s->slots[1] = NULL;
}

void lepton__shards_free(struct lepton__version *v)
{
	if (!v->shards)
		return;
	drop_sums(v->shards);
	lepton__free(v->shards);
	v->shards = NULL;
}

/* ---- who waits ---- */

/* A whole that is paused keeps its parts waiting; one that has ended lets them go. */
static bool leads(const struct lepton__version *whole)
{
	return lepton__trains(whole) || whole->state == LEPTON_PAUSED;
}

bool lepton__shards_arrived(const struct lepton__version *v)
{
	return v->whole && v->step >= v->round_end && v->phase != LEPTON__VALIDATING;
}

/* Of the round that the others are in. */
static bool came(const struct lepton__version *whole, const struct lepton__version *part)
{
	return part->round == whole->shards->round && lepton__shards_arrived(part);
}

/* All parts that train have come; or there is none, and none that a person could resume. */
static bool is_ready(const struct lepton__version *whole)
{
	const struct lepton__shards *s = whole->shards;
	int here = 0, may_come = 0;
	for (int i = 0; i < s->plan.count; i++) {
		const struct lepton__version *part = s->part[i];
		if (part->in_slice || __atomic_load_n(&part->holds, __ATOMIC_RELAXED) ||
			(lepton__trains(part) && !came(whole, part)))
			return false;
		here += lepton__trains(part);
		may_come += part->state == LEPTON_PAUSED || part->state == LEPTON_STOPPED;
	}
	return here || !may_come;
}

bool lepton__shards_wait(const struct lepton__version *v)
{
	if (v->whole)
		return leads(v->whole) && came(v->whole, v);
	return v->shards && v->phase == LEPTON__TRAINING && !is_ready(v);
}

void lepton__shards_take(struct lepton__version *whole)
{
	struct lepton__shards *s = whole->shards;
	s->taken_count = 0;
	s->ready = whole->phase == LEPTON__TRAINING;
	for (int i = 0; i < s->plan.count && s->ready; i++) {
		struct lepton__version *part = s->part[i];
		if (!lepton__trains(part))
			continue;
		part->in_slice = true;
		s->taken[s->taken_count++] = part;
	}
}

/* Who waited has no lead over those that did not. */
void lepton__shards_leave(struct lepton_engine *engine, struct lepton__version *whole)
{
	struct lepton__shards *s = whole->shards;
	double others = s->taken_count ? lepton__least_virtual_time(engine, whole) : 0;
	whole->virtual_time = fmax(whole->virtual_time, others);
	for (int i = 0; i < s->taken_count; i++) {
		s->taken[i]->virtual_time = fmax(s->taken[i]->virtual_time, others);
		s->taken[i]->in_slice = false;
	}
	s->taken_count = 0;
	s->ready = false;
}

/* ---- joining a round ---- */

/* At the very start of a round it goes on with moments of its own; from elsewhere it begins there anew. */
static int take_weights(
	struct lepton__version *v, struct lepton_params *weights, int64_t from, struct lepton_error *err)
{
	const struct lepton_learner_ops *ops = v->ops;
	struct lepton_state state = {.step = from, .epoch = (double)from / (double)v->steps_per_epoch};
	int code = LEPTON_OK;
	if (v->step == from)
		code = ops->save(v->learner, &state, err);
	if (code)
		return code;
	if (weights) {
		lepton_params_release(state.weights);
		state.weights = lepton_params_retain(weights);
	} else if (!state.weights) {
		code = ops->weights(v->learner, &state.weights, err);
	}
	if (!code)
		code = ops->load(v->learner, &state, err);
	lepton_state_clear(&state);
	if (!code && v->step != from) {
		v->step = from;
		v->epoch = (double)from / (double)v->steps_per_epoch;
		v->epoch_sums = v->metric_sums = (struct lepton__sums){0};
		v->phase = LEPTON__TRAINING;
		v->finished = false;
	}
	return code;
}

static struct offer ask(struct lepton_engine *engine, const struct lepton__version *whole)
{
	pthread_mutex_lock(&engine->lock);
	const struct lepton__shards *s = whole->shards;
	struct offer offer = {leads(whole), s->keeps, s->round, s->rounds,
		s->weights ? lepton_params_retain(s->weights) : NULL};
	pthread_mutex_unlock(&engine->lock);
	return offer;
}

/* What it was part of has ended, and it has not. */
static int end_with(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	char reason[LEPTON_NAME_MAX + 32];
	int code = lepton__version_checkpoint(engine, v, err);
	snprintf(reason, sizeof reason, "%s has ended", v->whole->name);
	if (!code)
		lepton__version_enter(engine, v, LEPTON_STOPPED, reason);
	return code;
}

static int follow(struct lepton__version *v, const struct offer *offer, struct lepton_error *err)
{
	int64_t from = lepton__shards_round_end(v->whole, v, offer->round - 1);
	int code = take_weights(v, offer->weights, from, err);
	return code ? code : enter(v, offer, false, err);
}

int lepton__shards_join(
	struct lepton_engine *engine, struct lepton__version *v, bool *ends, struct lepton_error *err)
{
	*ends = false;
	if (!v->whole || v->phase == LEPTON__VALIDATING)
		return LEPTON_OK;
	struct offer offer = ask(engine, v->whole);
	int code = LEPTON_OK;
	if (!offer.leads || offer.round >= offer.rounds) {
		*ends = !offer.leads && v->round >= 0 && !v->finished;
		v->round = -1;
		v->round_end = INT64_MAX;
		code = v->ops->hold_near(v->learner, NULL, 0, err);
		if (!code && *ends)
			code = end_with(engine, v, err);
	} else if (v->round != offer.round) {
		code = follow(v, &offer, err);
	}
	lepton_params_release(offer.weights);
	return code;
}

int lepton__shards_wake(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	if (!v->whole || v->round < 0)
		return LEPTON_OK;
	struct offer offer = ask(engine, v->whole);
	double prox = v->whole->shards->plan.prox;
	/* At a round's very start its checkpoint may be of before it joined: it joins again, as after a
	 * restart. */
	if (offer.leads && v->step == lepton__shards_round_end(v->whole, v, v->round - 1))
		v->round = -1;
	bool near = prox > 0 && offer.weights &&
		    offer.round == v->round; /* of another round it takes them as it joins */
	int code = near ? v->ops->hold_near(v->learner, offer.weights, prox, err) : LEPTON_OK;
	lepton_params_release(offer.weights);
	return code;
}

void lepton__shards_doze(struct lepton__version *v)
{
	if (v->shards && v->state == LEPTON_DONE && !v->learner)
		drop_sums(v->shards);
}

void lepton__shards_resume(struct lepton_engine *engine, struct lepton__version *v)
{
	pthread_mutex_lock(&engine->lock);
	if (v->whole && !leads(v->whole))
		v->round = -1;
	pthread_mutex_unlock(&engine->lock);
}
