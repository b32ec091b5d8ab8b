/* train/trial.c - who goes on from a rung, and who halts. */
#include "config.h"
#include "train/trial.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct standing {                   /* of a version, at a rung */
	size_t place, count, go_on; /* the best is 1 */
};

int lepton__trial_init(struct lepton_engine *engine, const char *spec, struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(engine->data);
	engine->searches = lepton_search_read(spec, &engine->search) && !engine->options.one_command;
	if (!engine->searches)
		return LEPTON_OK;
	if (!info->validation)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"search: asha goes by figures on validation data, and there is none; set "
			"\"validation_split\" in the "
			"data");
	if (engine->search.by_accuracy && info->regression)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"search: asha: a regression has no val_accuracy; set \"monitor\": \"val_loss\"");
	return LEPTON_OK;
}

static bool rests(const struct lepton__version *v, int rung)
{
	return v->halted == rung + 1 && v->state == LEPTON_STOPPED;
}

static bool came(const struct lepton__version *v, int rung)
{
	return v->trial && v->rungs > rung;
}

/* May some other version still come to the rung? */
static bool is_closed(const struct lepton_engine *engine, int rung)
{
	for (size_t i = 0; i < engine->version_count; i++) {
		const struct lepton__version *v = engine->versions[i];
		bool reaches = lepton__asha_epoch(&engine->search, rung) < v->epochs;
		if (v->trial && lepton__trains(v) && !came(v, rung) && reaches)
			return false;
	}
	return true;
}

static struct standing stand(const struct lepton_engine *engine, const struct lepton__version *v, int rung)
{
	struct standing s = {1, 0, 0};
	for (size_t i = 0; i < engine->version_count; i++) {
		const struct lepton__version *other = engine->versions[i];
		if (!came(other, rung))
			continue;
		s.count++;
		s.place += other != v && lepton__asha_better(&engine->search, (double)other->rung[rung],
						 other->id, (double)v->rung[rung], v->id);
	}
	s.go_on = lepton__asha_go_on(&engine->search, s.count, is_closed(engine, rung));
	return s;
}

static void say(const struct lepton_engine *engine, const struct lepton__version *v, int rung,
	struct standing s, char *out, size_t size)
{
	snprintf(out, size, LEPTON__HALTED "%s after epoch %" PRId64 ", %s %.4g: place %zu of %zu",
		s.place > s.go_on ? "halted" : "goes on", lepton__asha_epoch(&engine->search, rung),
		engine->search.by_accuracy ? "val_accuracy" : "val_loss", (double)v->rung[rung], s.place, s.count);
}

/* One at a time, since each that goes on may come to a higher rung. Higher rungs first: the order of telling
 * is the same for the same figures. */
static bool settle_one(struct lepton_engine *engine)
{
	char reason[200];
	for (int rung = LEPTON__RUNGS_MAX - 1; rung >= 0; rung--)
		for (size_t i = 0; i < engine->version_count; i++) {
			struct lepton__version *v = engine->versions[i];
			if (!rests(v, rung) || v->holds || v->in_slice)
				continue;
			struct standing s = stand(engine, v, rung);
			if (s.place > s.go_on)
				continue;
			say(engine, v, rung, s, reason, sizeof reason);
			v->halted = 0;
			v->metric_time = -1;
			v->virtual_time = fmax(v->virtual_time, lepton__least_virtual_time(engine, NULL));
			v->state = LEPTON_QUEUED;
			lepton__version_say_state(engine, v, reason);
			return true;
		}
	return false;
}

void lepton__trial_settle(struct lepton_engine *engine)
{
	bool any = false;
	if (!engine->searches || !engine->started || engine->ended)
		return;
	while (settle_one(engine))
		any = true;
	if (any)
		lepton__poke(engine);
}

/* With the lock held. */
static bool judge(
	struct lepton_engine *engine, struct lepton__version *v, int rung, char *reason, size_t size)
{
	struct standing s = stand(engine, v, rung);
	if (s.place <= s.go_on)
		return false;
	say(engine, v, rung, s, reason, size);
	v->halted = rung + 1;
	return true;
}

static void record(struct lepton_engine *engine, struct lepton__version *v, int64_t epoch, float val_loss,
	float val_accuracy)
{
	int rung = lepton__asha_rung(&engine->search, epoch);
	if (rung != v->rungs)
		return; /* none, or one that it has come to before */
	v->rung[rung] = engine->search.by_accuracy ? val_accuracy : val_loss;
	v->rungs = rung + 1;
}

bool lepton__trial_epoch(struct lepton_engine *engine, struct lepton__version *v, int64_t epoch,
	double val_loss, double val_accuracy)
{
	char reason[200];
	if (!engine->searches || !v->trial || epoch >= v->epochs)
		return false;
	pthread_mutex_lock(&engine->lock);
	record(engine, v, epoch, (float)val_loss, (float)val_accuracy);
	int rung = lepton__asha_rung(&engine->search, epoch);
	bool halted = rung >= 0 && judge(engine, v, rung, reason, sizeof reason);
	if (halted) {
		v->state = LEPTON_STOPPED;
		lepton__version_say_state(engine, v, reason);
	}
	lepton__trial_settle(engine); /* one more has come: others may go on */
	pthread_mutex_unlock(&engine->lock);
	return halted;
}

void lepton__trial_replay(
	struct lepton_engine *engine, struct lepton__version *v, const struct lepton_run_version *remembered)
{
	const struct lepton_epochs *e = &remembered->epochs_done;
	for (size_t i = 0; i < e->count && engine->searches && v->trial; i++)
		if (e->epoch[i] < v->epochs)
			record(engine, v, e->epoch[i], e->val_loss[i], e->val_accuracy[i]);
	bool halted = remembered->state == LEPTON_STOPPED &&
		      strncmp(remembered->reason, LEPTON__HALTED, strlen(LEPTON__HALTED)) == 0;
	v->halted = halted ? v->rungs : 0;
	v->caught = remembered->state == LEPTON_RUNNING; /* a queued one was let go on, by the person or by the figures */
}

void lepton__trial_start(struct lepton_engine *engine)
{
	char reason[200];
	pthread_mutex_lock(&engine->lock);
	for (size_t i = 0; i < engine->version_count && engine->searches; i++) {
		struct lepton__version *v = engine->versions[i];
		int64_t at = v->rungs ? lepton__asha_epoch(&engine->search, v->rungs - 1) * v->steps_per_epoch
				      : -1;
		if (!v->trial || !lepton__trains(v) || !v->caught || v->step != at ||
			!judge(engine, v, v->rungs - 1, reason, sizeof reason))
			continue;
		v->state = LEPTON_STOPPED;
		lepton__version_say_state(engine, v, reason);
	}
	lepton__trial_settle(engine);
	pthread_mutex_unlock(&engine->lock);
}
