/* train/shards_fuse.c - one round's fusion: the parts' weights into the whole's.
 *
 * The plain mean, weighted by samples, is federated averaging (McMahan et al., 2017), and with rounds of a
 * few steps local SGD. A server takes the difference of the fusion to the last one as a gradient (Reddi et
 * al., "Adaptive Federated Optimization", 2021): sgd with momentum, or adam. Moving statistics of a
 * normalisation are no such thing, and take the fusion's values.
 */
#include "config.h"
#include "train/shards.h"
#include "base/clock.h"
#include "base/memory.h"
#include "lepton/fuse.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SECOND_MOMENT 0.99 /* adam's, and what is added below its root: both as in the paper */
#define ADAPTIVITY 1e-3

/* ---- the parts' weights ---- */

struct gathered {
	struct lepton_params *weights[LEPTON_SHARDS_MAX];
	struct lepton_fuse_parent parents[LEPTON_SHARDS_MAX];
	size_t count;
};

/* Of those that did some work in this round, in their order. */
static int gather(const struct lepton__shards *s, struct gathered *g, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int i = 0; i < s->taken_count && !code; i++) {
		const struct lepton__version *part = s->taken[i];
		if (!part->round_worked)
			continue;
		code = part->ops->weights(part->learner, &g->weights[g->count], err);
		if (code)
			break;
		g->parents[g->count] = (struct lepton_fuse_parent){
			part->name, g->weights[g->count], part->val_loss, part->samples};
		g->count++;
	}
	return code;
}

static int fuse(const struct lepton__shards *s, const struct gathered *g, struct lepton_params **out,
	struct lepton_error *err)
{
	if (g->count > 1)
		return lepton_fuse(s->plan.method, g->parents, g->count, s->plan.settings, out, err);
	return lepton_params_copy(g->weights[0], out, err);
}

/* ---- the server ---- */

static bool is_statistic(const struct lepton_tensor *t)
{
	return strstr(t->name, "/moving_") != NULL;
}

/* Zeros like `like`. */
static int make_slot(const struct lepton_params *like, struct lepton_params **out, struct lepton_error *err)
{
	if (*out)
		return LEPTON_OK;
	return lepton_params_new(lepton_params_at(like, 0), lepton_params_count(like), out, err);
}

/* From `last`, towards what was fused, which becomes where the server goes. */
static void serve_tensor(const struct lepton__shards *s, size_t t, struct lepton_params *fused)
{
	const float *last = lepton_params_at(s->weights, t)->data;
	float *to = lepton_params_data(fused, t), *m = lepton_params_data(s->slots[0], t);
	float *v = s->slots[1] ? lepton_params_data(s->slots[1], t) : NULL;
	double rate = s->plan.server_rate, keep = s->plan.server_momentum;
	int64_t n = lepton_shape_count(&lepton_params_at(fused, t)->shape);
	for (int64_t i = 0; i < n; i++) {
		double step = (double)to[i] - (double)last[i];
		m[i] = (float)(keep * (double)m[i] + (v ? 1 - keep : 1) * step);
		if (v)
			v[i] = (float)(SECOND_MOMENT * (double)v[i] + (1 - SECOND_MOMENT) * step * step);
		to[i] = (float)((double)last[i] +
				rate * (double)m[i] / (v ? sqrt((double)v[i]) + ADAPTIVITY : 1));
	}
}

static int serve(struct lepton__shards *s, struct lepton_params *fused, struct lepton_error *err)
{
	if (s->plan.server == LEPTON_SERVER_NONE || !s->weights)
		return LEPTON_OK;
	int code = make_slot(fused, &s->slots[0], err);
	if (!code && s->plan.server == LEPTON_SERVER_ADAM)
		code = make_slot(fused, &s->slots[1], err);
	for (size_t t = 0; t < lepton_params_count(fused) && !code; t++)
		if (!is_statistic(lepton_params_at(fused, t)))
			serve_tensor(s, t, fused);
	return code;
}

static int check_finite(
	const struct lepton__version *whole, const struct lepton_params *fused, struct lepton_error *err)
{
	for (size_t t = 0; t < lepton_params_count(fused); t++) {
		const struct lepton_tensor *tensor = lepton_params_at(fused, t);
		const float *values = tensor->data;
		for (int64_t i = 0; i < lepton_shape_count(&tensor->shape); i++)
			if (!isfinite(values[i]))
				return lepton_error_set(err, LEPTON_E_DIVERGED,
					"the fusion of round %" PRId64
					" diverged: a weight of %s is not a finite number; try a lower "
					"\"learning_rate\"",
					whole->shards->round + 1, tensor->name);
	}
	return LEPTON_OK;
}

/* ---- a round ---- */

static void add(struct lepton__sums *to, const struct lepton__sums *from)
{
	to->samples += from->samples;
	to->loss += from->loss;
	to->right += from->right;
}

static bool ends_epoch(const struct lepton__version *whole, int64_t round)
{
	return lepton__shards_round_end(whole, whole, round) % whole->steps_per_epoch == 0;
}

/* Is the end of the round that begins to be kept? */
static bool is_kept(const struct lepton_engine *engine, const struct lepton__version *whole)
{
	const struct lepton__shards *s = whole->shards;
	double interval = ends_epoch(whole, s->round) ? engine->options.epoch_checkpoint_seconds
						      : engine->options.checkpoint_seconds;
	return s->round + 1 >= s->rounds || lepton__monotonic() - whole->checkpoint_time >= interval;
}

/* What was fused is the whole's; the next round begins when it is told. */
static void advance(struct lepton__version *whole, int64_t round)
{
	const struct lepton__shards *s = whole->shards;
	for (int i = 0; i < s->taken_count; i++) {
		add(&whole->epoch_sums, &s->taken[i]->round_sums);
		add(&whole->metric_sums, &s->taken[i]->round_sums);
	}
	whole->step = lepton__shards_round_end(whole, whole, round);
	whole->epoch = (double)whole->step / (double)whole->steps_per_epoch;
	whole->finished = round + 1 >= s->rounds;
	if (ends_epoch(whole, round) || whole->finished)
		lepton__enter_phase(whole, LEPTON__VALIDATING);
}

static void begin_round(
	struct lepton_engine *engine, struct lepton__version *whole, struct lepton_params *fused)
{
	struct lepton__shards *s = whole->shards;
	pthread_mutex_lock(&engine->lock);
	lepton_params_release(s->weights);
	s->weights = fused;
	s->round++;
	s->fused = lepton__wall();
	s->keeps = is_kept(engine, whole);
	lepton__shards_leave(engine, whole);
	pthread_cond_broadcast(&engine->boundary);
	pthread_mutex_unlock(&engine->lock);
	lepton__poke(engine);
}

static int end_alone(struct lepton__version *whole, struct lepton_error *err)
{
	struct lepton__shards *s = whole->shards;
	s->ready = false;
	if (!s->round)
		return lepton_error_set(
			err, LEPTON_E_STATE, "no sub-model is left to fuse: clone one, or start anew");
	s->orphan = whole->finished = true;
	lepton__enter_phase(whole, LEPTON__TESTING);
	return LEPTON_OK;
}

int lepton__shards_round(
	struct lepton_engine *engine, struct lepton__version *whole, struct lepton_error *err)
{
	struct lepton__shards *s = whole->shards;
	struct gathered g = {.count = 0};
	struct lepton_params *fused = NULL;
	if (!s->taken_count)
		return end_alone(whole, err);
	int code = gather(s, &g, err);
	if (!code && !g.count)
		code = lepton_error_set(
			err, LEPTON_E_STATE, "no sub-model did any work in round %" PRId64, s->round + 1);
	if (!code)
		code = fuse(s, &g, &fused, err);
	if (!code)
		code = serve(s, fused, err);
	if (!code)
		code = check_finite(whole, fused, err);
	if (!code)
		code = whole->ops->set_weights(whole->learner, fused, err);
	for (size_t i = 0; i < g.count; i++)
		lepton_params_release(g.weights[i]);
	if (code) {
		lepton_params_release(fused);
		return code;
	}
	bool keeps = s->keeps;
	advance(whole, s->round);
	if (keeps && lepton__version_checkpoint(engine, whole, NULL))
		whole->checkpoint_time = 0; /* the next round's end is kept instead */
	begin_round(engine, whole, fused);
	return LEPTON_OK;
}

/* ---- its state ---- */

static int write_slots(const struct lepton__shards *s, struct lepton_params **out, struct lepton_error *err)
{
	static const char *const prefix[2] = {"server/m/", "server/v/"};
	size_t n = lepton_params_count(s->slots[0]), sets = s->slots[1] ? 2 : 1;
	struct lepton_tensor *like = lepton__calloc(n * sets, sizeof *like);
	int code = like ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a checkpoint");
	for (size_t i = 0; i < n * sets && !code; i++) {
		like[i] = *lepton_params_at(s->slots[i / n], i % n);
		if (strlen(prefix[i / n]) + strlen(like[i].name) < LEPTON_NAME_MAX)
			snprintf(like[i].name, LEPTON_NAME_MAX, "%s%s", prefix[i / n],
				lepton_params_at(s->slots[0], i % n)->name);
		else
			snprintf(like[i].name, LEPTON_NAME_MAX, "%s#%zu", prefix[i / n], i % n);
	}
	if (!code)
		code = lepton_params_from(like, n * sets, out, err);
	lepton__free(like);
	return code;
}

int lepton__shards_save(struct lepton__version *whole, struct lepton_state *out, struct lepton_error *err)
{
	*out = (struct lepton_state){.step = whole->step, .epoch = whole->epoch};
	int code = whole->ops->weights(whole->learner, &out->weights, err);
	if (!code && whole->shards->slots[0])
		code = write_slots(whole->shards, &out->slots, err);
	if (code)
		lepton_state_clear(out);
	return code;
}
