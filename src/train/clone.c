/* train/clone.c - a new version from an old one, with hyper-parameters changed.
 *
 * It starts from the source's present weights ("from": "weights", the default): from all of them, or from those tensors whose
 * names and shapes it has too, the others being its own initial ones. Where none agree, or tensors are structure and
 * no numbers, it starts from scratch. Its operation says which.
 */
#include "config.h"
#include "train/engine_parts.h"
#include "model/ensemble.h"
#include "base/json.h"
#include "base/labels.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

/* A clone of a whole is a version of its own, which trains on all the data from the fused weights; one of a
 * student learns from the labels alone. Heap; NULL: no memory. */
static char *alone(const char *config)
{
	static const char *const left_out[] = {"shards", "fuse", "teacher", NULL};
	cJSON *tree = cJSON_Parse(config);
	lepton__json_drop(tree, left_out);
	char *text = tree ? lepton__json_text(tree) : NULL;
	cJSON_Delete(tree);
	return text;
}

/* settings minus "from" and labels, applied one by one; *config is heap. */
static int change(const char *source, const cJSON *settings, char **config, struct lepton_error *err)
{
	char *now = alone(source);
	int code = now ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	for (const cJSON *m = settings ? settings->child : NULL; m && !code; m = m->next) {
		char *value, *next;
		if (strcmp(m->string, "from") == 0 || strcmp(m->string, "tags") == 0 ||
			strcmp(m->string, "note") == 0)
			continue; /* not of the configuration */
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

static int refuse_shards(const cJSON *settings, struct lepton_error *err)
{
	for (const cJSON *m = settings ? settings->child : NULL; m; m = m->next)
		if (strncmp(m->string, "shards", 6) == 0 || strncmp(m->string, "fuse", 4) == 0)
			return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
				"clone: \"%.40s\" belongs in a spec file: a clone is one version", m->string);
	return LEPTON_OK;
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

struct start { /* what a clone starts from */
	size_t taken, tensors; /* of the source's; all that it has */
};

struct wish { /* what is made */
	const char *name, *config;
	const cJSON *settings;
	const char *then; /* JSON of the command that waits for its end, NULL for none */
};

static struct lepton_text *operation(const struct wish *wish, const struct start *start, int64_t step)
{
	struct lepton__buffer out;
	bool all = start->taken == start->tensors;
	lepton__buffer_init(&out, (size_t)1 << 20);
	lepton__buffer_printf(&out, "{\"op\":\"clone\",\"from\":\"%s\",\"from_step\":%lld,",
		!start->taken ? "scratch" : all ? "weights" : "some weights", (long long)step);
	if (start->taken && !all)
		lepton__buffer_printf(&out, "\"taken\":%zu,\"tensors\":%zu,", start->taken, start->tensors);
	lepton__buffer_string(&out, "\"settings\":");
	if (wish->settings)
		lepton__json_value(&out, wish->settings);
	else
		lepton__buffer_string(&out, "{}");
	if (wish->then)
		lepton__buffer_printf(&out, ",\"then\":%s", wish->then);
	lepton__buffer_string(&out, "}");
	struct lepton_text *text = out.failed ? NULL : lepton_text_new(out.data);
	lepton__buffer_free(&out);
	return text;
}

static bool same_tensor(const struct lepton_tensor *a, const struct lepton_tensor *b)
{
	return b && a->dtype == b->dtype && lepton_shape_equal(&a->shape, &b->shape);
}

/* Copy what agrees into `mine`; how many tensors. */
static size_t take(struct lepton_params *mine, const struct lepton_params *source)
{
	size_t taken = 0;
	for (size_t i = 0; i < lepton_params_count(mine); i++) {
		const struct lepton_tensor *t = lepton_params_at(mine, i), *from = lepton_params_find(source, t->name);
		if (!same_tensor(t, from))
			continue;
		memcpy(lepton_params_data(mine, i), from->data,
			(size_t)lepton_shape_count(&t->shape) * lepton_dtype_size(t->dtype));
		taken++;
	}
	return taken;
}

/* Give the clone what it can have of the source's weights. */
static int warm_up(struct lepton__version *v, const struct lepton_params *source, struct start *start, struct lepton_error *err)
{
	const struct lepton_learner_ops *ops = v->ops;
	struct lepton_params *mine;
	*start = (struct start){0};
	if (ops->set_weights(v->learner, source, NULL) == LEPTON_OK) {
		start->taken = start->tensors = lepton_params_count(source);
		return LEPTON_OK;
	}
	if (ops->discrete || ops->outside)
		return LEPTON_OK;
	int code = ops->weights(v->learner, &mine, err);
	if (code)
		return code;
	start->tensors = lepton_params_count(mine);
	start->taken = take(mine, source); /* a snapshot is nobody else's */
	if (start->taken)
		code = ops->set_weights(v->learner, mine, err);
	lepton_params_release(mine);
	return code;
}

/* The source's present weights: a new reference; NULL for an external program, which starts from its own. */
static int snapshot(struct lepton_engine *engine, struct lepton__version *source,
	struct lepton_params **weights, int64_t *step, struct lepton_error *err)
{
	lepton__hold(engine, source);
	struct lepton__look look = {.step = source->step};
	int code = source->ops->outside ? LEPTON_OK : lepton__look(engine, source, &look, err);
	lepton__release(engine, source);
	if (code)
		lepton_error_prefix(err, "clone: %s", source->name);
	*weights = look.weights;
	*step = look.step;
	return code;
}

/* It has its source's tags, which say what kind of thing it is, and no note: what is written of one is not
 * true of the other. Settings may give it others. */
static int label(struct lepton_engine *engine, struct lepton__version *v, struct lepton__version *source,
	const cJSON *settings, struct lepton_error *err)
{
	char tags[LEPTON__TAGS_SIZE];
	const char *note;
	int code = lepton__labels_read(settings, tags, &note, err);
	if (!code && cJSON_GetObjectItemCaseSensitive(settings, "tags"))
		return lepton__labels_set(v, tags, note, err);
	if (!code)
		code = lepton__labels_set(v, "", note, err);
	pthread_mutex_lock(&engine->lock);
	v->tags = lepton_text_retain(source->tags);
	pthread_mutex_unlock(&engine->lock);
	return code;
}

static int make(struct lepton_engine *engine, struct lepton__version *source, const struct wish *wish,
	struct lepton__version **out, struct start *start, struct lepton_error *err)
{
	const cJSON *settings = wish->settings;
	struct lepton_params *weights;
	*start = (struct start){0};
	struct lepton__version *v = NULL;
	int64_t step;
	int code = snapshot(engine, source, &weights, &step, err);
	if (code)
		return code;
	/* what is set is in the configuration too, where it was checked */
	const cJSON *seed = cJSON_GetObjectItemCaseSensitive(settings, "seed");
	code = lepton__version_new(engine, wish->name, source->learner_name, wish->config,
		seed ? (uint64_t)seed->valuedouble : source->seed,
		lepton__json_get_number(settings, "priority", source->priority), &v, err);
	if (!code) {
		bool scratch = strcmp(lepton__json_get_string(settings, "from", "weights"), "scratch") == 0;
		if (weights && !scratch)
			code = warm_up(v, weights, start, err);
		v->parents[v->parent_count++] = source->id;
		v->operation = operation(wish, start, step);
		if (!code)
			code = label(engine, v, source, settings, err);
	}
	if (!code)
		code = lepton__version_announce(engine, v, NULL, err);
	lepton_params_release(weights);
	if (code)
		lepton__version_free(v);
	else
		*out = v;
	return code;
}

static int clone_version(struct lepton_engine *engine, struct lepton__version *source,
	const struct lepton_command *command, const char *then, int64_t *result, char *message, size_t size,
	struct lepton_error *err)
{
	char name[LEPTON_NAME_MAX], *config = NULL;
	struct lepton__version *v = NULL;
	struct start start = {0};
	const char *text = lepton_text_get(command->settings);
	if (source->ops == &lepton__learner_ensemble)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"clone: %s is an ensemble, which does not train; clone one of its members, or fuse "
			"anew",
			source->name);
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
		code = refuse_shards(settings, err);
	if (!code)
		code = change(source->config, settings, &config, err);
	if (!code)
		code = make(engine, source, &(struct wish){name, config, settings, then}, &v, &start, err);
	if (!code) {
		*result = v->id;
		int used = snprintf(message, size, "%s is a clone of %s", name, source->name);
		if (start.taken && start.taken < start.tensors && used > 0 && (size_t)used < size)
			snprintf(message + used, size - (size_t)used, ", with %zu of its %zu tensors from there", start.taken,
				start.tensors);
	}
	lepton__free(config);
	cJSON_Delete(settings);
	return code;
}

int lepton__clone(struct lepton_engine *engine, const struct lepton_command *command, const char *then,
	int64_t *result, char *message, size_t size, struct lepton_error *err)
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
	return clone_version(engine, source, command, then, result, message, size, err);
}
