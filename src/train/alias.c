/* train/alias.c - promote and roll back: where an alias points, to the bit, and where it pointed before. */
#include "config.h"
#include "train/outside.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* With the lock held; made when missing. */
static struct lepton__alias *find(struct lepton_engine *engine, const char *name, bool make)
{
	for (size_t i = 0; i < engine->alias_count; i++)
		if (strcmp(engine->aliases[i].alias, name) == 0)
			return &engine->aliases[i];
	if (!make || lepton__grow(&engine->aliases, &engine->alias_capacity, engine->alias_count + 1,
			     sizeof *engine->aliases))
		return NULL;
	struct lepton__alias *alias = &engine->aliases[engine->alias_count++];
	*alias = (struct lepton__alias){.count = 0};
	lepton__copy_name(alias->alias, sizeof alias->alias, name);
	return alias;
}

static int push(struct lepton__alias *alias, int64_t target, const char *hash)
{
	if (lepton__grow(&alias->places, &alias->capacity, alias->count + 1, sizeof *alias->places))
		return LEPTON_E_NOMEM;
	struct lepton__alias_place *place = &alias->places[alias->count++];
	place->target = target;
	lepton__copy_name(place->weights_hash, sizeof place->weights_hash, hash);
	return LEPTON_OK;
}

static void say(
	struct lepton_engine *engine, const struct lepton__alias *alias, int64_t previous, bool rollback)
{
	struct lepton_event event = {.type = LEPTON_EVENT_ALIAS};
	const struct lepton__alias_place *now = &alias->places[alias->count - 1];
	event.version = now->target;
	lepton__copy_name(event.u.alias.alias, LEPTON_NAME_MAX, alias->alias);
	lepton__copy_name(event.u.alias.weights_hash, LEPTON_HASH_HEX, now->weights_hash);
	event.u.alias.target = now->target;
	event.u.alias.previous = previous;
	event.u.alias.rollback = rollback;
	lepton__say(engine, &event);
}

static int point(struct lepton_engine *engine, const char *name, const struct lepton__version *v,
	struct lepton_error *err)
{
	pthread_mutex_lock(&engine->lock);
	struct lepton__alias *alias = find(engine, name, true);
	int64_t previous = alias && alias->count ? alias->places[alias->count - 1].target : 0;
	int code = alias ? push(alias, v->id, v->weights_hash) : LEPTON_E_NOMEM;
	if (!code)
		say(engine, alias, previous, false);
	pthread_mutex_unlock(&engine->lock);
	return code ? lepton_error_set(err, code, "out of memory for alias %s", name) : LEPTON_OK;
}

/* An alias must not point at weights that nobody will ever see again. */
static int can_be_read(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err)
{
	struct lepton__look look;
	if (v->learner)
		return LEPTON_OK;
	int code = lepton__look(engine, v, &look, err);
	if (code)
		return lepton_error_prefix(err, "promote: %s", v->name), code;
	lepton_params_hash(look.weights, v->weights_hash);
	lepton_params_release(look.weights);
	return LEPTON_OK;
}

int lepton__promote(struct lepton_engine *engine, const struct lepton_command *command, char *message,
	size_t size, struct lepton_error *err)
{
	const char *name = *command->alias ? command->alias : "production";
	int code = lepton_name_check(name, err);
	pthread_mutex_lock(&engine->lock);
	struct lepton__version *v =
		command->count == 1 ? lepton__version_find(engine, command->versions[0]) : NULL;
	pthread_mutex_unlock(&engine->lock);
	if (!code && command->count != 1)
		code = lepton_error_set(err, LEPTON_E_USAGE, "promote takes one version");
	else if (!code && !v)
		code = lepton_error_set(
			err, LEPTON_E_NOTFOUND, "no version #%lld", (long long)command->versions[0]);
	if (code)
		return code;
	lepton__hold(engine, v);
	code = lepton__version_checkpoint(engine, v, err);
	if (!code && !lepton__has_checkpoint(v))
		code = lepton__no_weights(v, "promoted", err);
	if (!code)
		code = can_be_read(engine, v, err);
	if (!code)
		code = point(engine, name, v, err);
	lepton__release(engine, v);
	snprintf(message, size, "%s is now :%s", v->name, name);
	return code;
}

int lepton__rollback(struct lepton_engine *engine, const struct lepton_command *command, char *message,
	size_t size, struct lepton_error *err)
{
	const char *name = *command->alias ? command->alias : "production";
	int code = LEPTON_OK;
	pthread_mutex_lock(&engine->lock);
	struct lepton__alias *alias = find(engine, name, false);
	if (!alias || alias->count < 2)
		code = lepton_error_set(err, LEPTON_E_STATE, "nothing to roll back to: :%s has pointed at %s",
			name, alias && alias->count ? "one version only" : "no version yet");
	if (!code) {
		int64_t previous = alias->places[--alias->count].target;
		const struct lepton__version *v =
			lepton__version_find(engine, alias->places[alias->count - 1].target);
		say(engine, alias, previous, true);
		snprintf(message, size, ":%s is rolled back to %s", name, v ? v->name : "(gone)");
	}
	pthread_mutex_unlock(&engine->lock);
	return code;
}

int lepton_engine_restore_alias(
	struct lepton_engine *engine, const struct lepton_run_alias *remembered, struct lepton_error *err)
{
	int code = LEPTON_OK;
	pthread_mutex_lock(&engine->lock);
	struct lepton__alias *alias = find(engine, remembered->alias, true);
	if (!alias)
		code = LEPTON_E_NOMEM;
	if (!code && remembered->previous)
		code = push(alias, remembered->previous, "");
	if (!code && remembered->target)
		code = push(alias, remembered->target, remembered->weights_hash);
	pthread_mutex_unlock(&engine->lock);
	return code ? lepton_error_set(err, code, "out of memory for alias %s", remembered->alias)
		    : LEPTON_OK;
}
