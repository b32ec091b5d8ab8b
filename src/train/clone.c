/* train/clone.c - a new version from an old one, with hyper-parameters changed.
 *
 * It starts from the source's present weights where every shape agrees ("from": "weights", the default), else
 * from its own initial ones; its operation says which.
 */
#include "config.h"
#include "train/engine_parts.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* settings minus "from", applied one by one; *config is heap. */
static int change(const char *source, const cJSON *settings, char **config, struct lepton_error *err)
{
	char *now = lepton__strdup(source);
	int code = now ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	for (const cJSON *m = settings ? settings->child : NULL; m && !code; m = m->next) {
		char *value, *next;
		if (strcmp(m->string, "from") == 0)
			continue;
		value = lepton__json_text(m);
		code = value ? lepton_config_set(now, m->string, value, &next, err)
			     : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
		lepton__free(value);
		if (!code) {
			lepton__free(now);
			now = next;
		}
	}
	if (code)
		lepton__free(now);
	else
		*config = now;
	return code;
}

/* "x", "x-2", "x-3" … the first that is free. With the lock held. */
static void free_name(struct lepton_engine *engine, const char *base, char out[LEPTON_NAME_MAX])
{
	char stem[LEPTON_NAME_MAX - 16];
	lepton__copy_name(stem, sizeof stem, base);
	for (int i = 2;; i++) {
		snprintf(out, LEPTON_NAME_MAX, "%s-%d", stem, i);
		if (!lepton__name_taken(engine, out))
			return;
	}
}

static struct lepton_text *operation(const cJSON *settings, bool warm, int64_t step)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, (size_t)1 << 20);
	lepton__buffer_printf(&out, "{\"op\":\"clone\",\"from\":\"%s\",\"from_step\":%lld,\"settings\":",
		warm ? "weights" : "scratch", (long long)step);
	if (settings)
		lepton__json_value(&out, settings);
	else
		lepton__buffer_string(&out, "{}");
	lepton__buffer_string(&out, "}");
	struct lepton_text *text = out.failed ? NULL : lepton_text_new(out.data);
	lepton__buffer_free(&out);
	return text;
}

/* The source's present weights: a new reference; NULL for an external program, which starts from its own. */
static int snapshot(struct lepton_engine *engine, struct lepton__version *source,
	struct lepton_params **weights, int64_t *step, struct lepton_error *err)
{
	lepton__hold(engine, source);
	int code = LEPTON_OK;
	*weights = NULL;
	if (!source->learner->ops->outside)
		code = source->learner->ops->weights(source->learner, weights, err);
	*step = source->step;
	lepton__release(engine, source);
	return code;
}

static int make(struct lepton_engine *engine, struct lepton__version *source, const char *name,
	const char *config, const cJSON *settings, struct lepton__version **out, struct lepton_error *err)
{
	struct lepton_params *weights;
	struct lepton__version *v = NULL;
	int64_t step;
	int code = snapshot(engine, source, &weights, &step, err);
	if (code)
		return code;
	code = lepton__version_new(
		engine, name, source->learner_name, config, source->seed, source->priority, &v, err);
	if (!code) {
		bool scratch = strcmp(lepton__json_get_string(settings, "from", "weights"), "scratch") == 0;
		bool warm = weights && !scratch &&
			    v->learner->ops->set_weights(v->learner, weights, NULL) == LEPTON_OK;
		v->parents[v->parent_count++] = source->id;
		v->operation = operation(settings, warm, step);
		code = lepton__version_announce(engine, v, NULL, err);
	}
	lepton_params_release(weights);
	if (code)
		lepton__version_free(v);
	else
		*out = v;
	return code;
}

static int clone_version(struct lepton_engine *engine, struct lepton__version *source,
	const struct lepton_command *command, int64_t *result, char *message, size_t size,
	struct lepton_error *err)
{
	char name[LEPTON_NAME_MAX], *config = NULL;
	struct lepton__version *v = NULL;
	const char *text = lepton_text_get(command->settings);
	cJSON *settings = *text ? cJSON_Parse(text) : NULL;
	lepton__copy_name(name, sizeof name, command->name);
	if (!*name) {
		pthread_mutex_lock(&engine->lock);
		free_name(engine, source->name, name);
		pthread_mutex_unlock(&engine->lock);
	}
	int code = lepton_name_check(name, err);
	if (!code && *text && !cJSON_IsObject(settings))
		code = lepton_error_set(err, LEPTON_E_USAGE, "clone: settings are not a JSON object");
	if (!code)
		code = change(source->config, settings, &config, err);
	if (!code)
		code = make(engine, source, name, config, settings, &v, err);
	if (!code) {
		*result = v->id;
		snprintf(message, size, "%s is a clone of %s", name, source->name);
	}
	lepton__free(config);
	cJSON_Delete(settings);
	return code;
}

int lepton__clone(struct lepton_engine *engine, const struct lepton_command *command, int64_t *result,
	char *message, size_t size, struct lepton_error *err)
{
	pthread_mutex_lock(&engine->lock);
	struct lepton__version *source =
		command->count == 1 ? lepton__version_find(engine, command->versions[0]) : NULL;
	pthread_mutex_unlock(&engine->lock);
	if (command->count != 1)
		return lepton_error_set(err, LEPTON_E_USAGE, "clone takes one version");
	if (!source)
		return lepton_error_set(
			err, LEPTON_E_NOTFOUND, "no version #%lld", (long long)command->versions[0]);
	return clone_version(engine, source, command, result, message, size, err);
}
