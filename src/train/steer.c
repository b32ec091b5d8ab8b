/* train/steer.c - pause, resume, stop, archive, restore, priority, checkpoint: each on one or more versions.
 *
 * Every function works on a version that is held, so no slice has it. A whole is held until its parts have
 * followed it, which cannot block for ever: no other thread holds more than one. Where one of several
 * versions cannot, the others are still done and the first fault is the answer.
 */
#include "config.h"
#include "train/outside.h"
#include "train/shards.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int refuse(
	const struct lepton__version *v, const char *what, const char *advice, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_STATE, "%s is %s, so it cannot be %s%s", v->name,
		lepton_version_state_name(v->state), what, advice);
}

static void set_state(
	struct lepton_engine *engine, struct lepton__version *v, enum lepton_version_state state)
{
	lepton__version_enter(engine, v, state, NULL);
}

static int pause(
	struct lepton_engine *engine, struct lepton__version *v, double value, struct lepton_error *err)
{
	(void)value;
	if (!lepton__trains(v))
		return refuse(v, "paused", "", err);
	int code = lepton__version_checkpoint(engine, v, err);
	lepton__outside_rest(v);
	set_state(engine, v, LEPTON_PAUSED); /* it rests even if its checkpoint failed */
	return code;
}

static int resume(
	struct lepton_engine *engine, struct lepton__version *v, double value, struct lepton_error *err)
{
	(void)value;
	if (v->state == LEPTON_DONE)
		return refuse(v, "resumed", ": clone it with more epochs", err);
	if (v->state == LEPTON_FAILED && v->diverged)
		return refuse(
			v, "resumed", " (it would diverge again): clone it with a lower learning rate", err);
	if (v->state != LEPTON_PAUSED && v->state != LEPTON_STOPPED && v->state != LEPTON_FAILED)
		return refuse(v, "resumed", v->state == LEPTON_ARCHIVED ? ": restore it first" : "", err);
	int code = lepton__wake(engine, v, err);
	if (code)
		return code;
	v->halted = 0;
	lepton__shards_resume(engine, v);
	v->metric_time = -1; /* the pause does not count in its rate */
	pthread_mutex_lock(&engine->lock);
	v->virtual_time =
		fmax(v->virtual_time, lepton__least_virtual_time(engine, NULL)); /* nor give it a lead */
	pthread_mutex_unlock(&engine->lock);
	set_state(engine, v, LEPTON_QUEUED);
	return LEPTON_OK;
}

static int stop(
	struct lepton_engine *engine, struct lepton__version *v, double value, struct lepton_error *err)
{
	(void)value;
	if (!lepton__trains(v) && v->state != LEPTON_PAUSED)
		return refuse(v, "stopped", "", err);
	int code = lepton__version_checkpoint(engine, v, err);
	lepton__outside_end(v);
	set_state(engine, v, LEPTON_STOPPED);
	return code;
}

static int archive(
	struct lepton_engine *engine, struct lepton__version *v, double value, struct lepton_error *err)
{
	(void)value;
	if (v->state == LEPTON_ARCHIVED)
		return refuse(v, "archived again", "", err);
	int code = lepton__trains(v) ? lepton__version_checkpoint(engine, v, err) : LEPTON_OK;
	bool runs =
		lepton__trains(v) || (v->ops->outside && v->state == LEPTON_PAUSED); /* its program ends */
	v->before_archive = runs ? LEPTON_STOPPED : v->state;
	lepton__outside_end(v);
	set_state(engine, v, LEPTON_ARCHIVED);
	return code;
}

static int restore(
	struct lepton_engine *engine, struct lepton__version *v, double value, struct lepton_error *err)
{
	(void)value;
	if (v->state != LEPTON_ARCHIVED)
		return refuse(v, "restored", ": only archived ones can", err);
	set_state(engine, v, v->before_archive);
	return LEPTON_OK;
}

static int priority(
	struct lepton_engine *engine, struct lepton__version *v, double value, struct lepton_error *err)
{
	if (v->ops->outside)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s trains in a program of its own: its share of the processor is the system's to give", v->name);
	if (!isfinite(value) || value < 0.01 || value > 100)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "a priority goes from 0.01 to 100, not %g", value);
	pthread_mutex_lock(&engine->lock);
	v->priority = value;
	struct lepton_event event = {
		.type = LEPTON_EVENT_PRIORITY, .version = v->id, .u.priority.value = value};
	lepton__say(engine, &event);
	pthread_mutex_unlock(&engine->lock);
	return LEPTON_OK;
}

static int checkpoint(
	struct lepton_engine *engine, struct lepton__version *v, double value, struct lepton_error *err)
{
	(void)value;
	int code = lepton__version_checkpoint(engine, v, err);
	if (!code && !lepton__has_checkpoint(v))
		code = lepton__no_weights(v, "kept", err);
	return code;
}

static const struct {
	enum lepton_command_type type;
	const char *done;
	int (*run)(struct lepton_engine *engine, struct lepton__version *v, double value,
		struct lepton_error *err);
} steers[] = {
	{LEPTON_CMD_PAUSE, "paused", pause},
	{LEPTON_CMD_RESUME, "resumed", resume},
	{LEPTON_CMD_STOP, "stopped", stop},
	{LEPTON_CMD_ARCHIVE, "archived", archive},
	{LEPTON_CMD_RESTORE, "restored", restore},
	{LEPTON_CMD_PRIORITY, "given its priority", priority},
	{LEPTON_CMD_CHECKPOINT, "kept", checkpoint},
};

static struct lepton__version *find(struct lepton_engine *engine, int64_t id)
{
	pthread_mutex_lock(&engine->lock);
	struct lepton__version *v = lepton__version_find(engine, id);
	pthread_mutex_unlock(&engine->lock);
	return v;
}

/* What is done to a whole is done to its parts, where it can be: pausing it does not wait for their round to
 * end. The whole is held meanwhile, so that it does not fuse those that are resumed already without the
 * others. */
static void parts(
	struct lepton_engine *engine, size_t steer, const struct lepton__version *whole, double value)
{
	for (int i = 0; i < whole->shards->plan.count; i++) {
		struct lepton__version *part = whole->shards->part[i];
		lepton__hold(engine, part);
		if (part->state != LEPTON_FAILED)
			(void)!steers[steer].run(engine, part, value, NULL);
		lepton__release(engine, part);
	}
}

static bool goes_down(size_t steer, const struct lepton__version *v)
{
	return v->shards &&
	       (steers[steer].type == LEPTON_CMD_PAUSE || steers[steer].type == LEPTON_CMD_RESUME);
}

static int one(struct lepton_engine *engine, size_t steer, int64_t id, double value, char *message,
	size_t size, struct lepton_error *err)
{
	struct lepton__version *v = find(engine, id);
	if (!v)
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "no version #%lld", (long long)id);
	lepton__hold(engine, v);
	int code = steers[steer].run(engine, v, value, err);
	if (!code && goes_down(steer, v))
		parts(engine, steer, v, value);
	lepton__release(engine, v);
	size_t used = strlen(message);
	if (!code)
		snprintf(message + used, size - used, "%s%s %s", used ? ", " : "", v->name,
			steers[steer].done);
	return code;
}

/* "No versions" means all, for a checkpoint only. */
static void all_versions(struct lepton_engine *engine, struct lepton_command *command)
{
	pthread_mutex_lock(&engine->lock);
	for (size_t i = 0; i < engine->version_count && command->count < LEPTON_MAX_PARENTS; i++)
		command->versions[command->count++] = engine->versions[i]->id;
	pthread_mutex_unlock(&engine->lock);
}

int lepton__steer(struct lepton_engine *engine, const struct lepton_command *given, int64_t *result,
	char *message, size_t size, struct lepton_error *err)
{
	struct lepton_command command = *given; /* settings are not used here, so the copy owns nothing */
	struct lepton_error now;
	int first = LEPTON_OK;
	size_t steer = 0, known = sizeof steers / sizeof *steers;
	*result = 0;
	while (steer < known && steers[steer].type != command.type)
		steer++;
	if (steer == known)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED, "the engine does not know this command");
	if (!command.count && command.type == LEPTON_CMD_CHECKPOINT)
		all_versions(engine, &command);
	if (!command.count)
		return lepton_error_set(err, LEPTON_E_USAGE, "no version was named");
	for (int i = 0; i < command.count; i++) {
		int code = one(engine, steer, command.versions[i], command.value, message, size, &now);
		if (code && !first) {
			first = code;
			*err = now;
		}
	}
	return first;
}
