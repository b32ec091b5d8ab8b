/* train/retrain.c - pruning and rounding that train on: "compress" with "retrain" epochs.
 *
 * Zeroed or rounded at once, many weights take accuracy with them that training on would win back. So the
 * command first makes a version like any other, a clone of the source whose configuration says "pruning" or
 * "quantization": it has curves, and can be paused and stopped. The command waits with it, and goes to the
 * job thread when it is done; then the method finds as many zeros as it wants, or weights that are rounded
 * already. When the version is stopped or fails the command is answered at once.
 *
 * The command stands in the version's operation as well, as "then", and so in the store: after a quit or a
 * crash the version trains on, and is compressed when it is done, though nobody waits for an answer any more.
 * The log says from the beginning what will be done.
 */
#include "config.h"
#include "train/retrain.h"
#include "base/json.h"
#include "base/memory.h"
#include "lepton/compress.h"
#include "lepton/fuse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool lepton__retrains(const struct lepton_command *command)
{
	const struct lepton_compressor *method;
	const char *text = lepton_text_get(command->settings);
	return command->type == LEPTON_CMD_COMPRESS && lepton_options_given(text, "retrain") &&
	       !lepton_compressor_find(command->method, &method, NULL) &&
	       !lepton_options_check(method->options, text, "compress", NULL) &&
	       lepton_options_number(method->options, text, "retrain") > 0;
}

static const struct lepton__version *source_of(
	struct lepton_engine *engine, const struct lepton_command *command, struct lepton_error *err)
{
	pthread_mutex_lock(&engine->lock);
	const struct lepton__version *source = command->count ? lepton__version_find(engine, command->versions[0]) : NULL;
	pthread_mutex_unlock(&engine->lock);
	if (!source)
		lepton_error_set(err, LEPTON_E_NOTFOUND, "compress %s: no such version", command->method);
	else if (strcmp(source->learner_name, "network") != 0)
		lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"compress %s: %s is a %s, and only a network can train on while it is made smaller; "
			"leave out \"retrain\"",
			command->method, source->name, source->learner_name);
	else
		return source;
	return NULL;
}

/* ---- the version ---- */

/* {"pruning":{…},"epochs":N}, and no early end: it would come before the weights are gone. Likewise
 * "quantization". */
static char *changes(const struct lepton_command *command, const char *config)
{
	const struct lepton_compressor *method = NULL;
	const char *text = lepton_text_get(command->settings);
	char scope[32], per[32];
	if (lepton_compressor_find(command->method, &method, NULL))
		return NULL;
	cJSON *parsed = cJSON_Parse(config);
	bool early = cJSON_GetObjectItemCaseSensitive(parsed, "early_stopping") != NULL;
	cJSON_Delete(parsed);
	const double epochs = lepton_options_number(method->options, text, "retrain");
	const char *no_early = early ? ",\"early_stopping\":null" : "";
	if (lepton_options_has(method->options, "clusters") &&
		!lepton_options_has(method->options, "sparsity"))
		return lepton__format("{\"clustering\":{\"clusters\":%.0f},\"epochs\":%.0f%s}",
			lepton_options_number(method->options, text, "clusters"), epochs, no_early);
	if (!lepton_options_has(method->options, "sparsity")) {
		lepton_options_choice(method->options, text, "per", per, sizeof per);
		return lepton__format("{\"quantization\":{\"bits\":%.0f,\"per\":\"%s\"},\"epochs\":%.0f%s}",
			lepton_options_number(method->options, text, "bits"), per, epochs, no_early);
	}
	lepton_options_choice(method->options, text, "scope", scope, sizeof scope);
	return lepton__format("{\"pruning\":{\"sparsity\":%.17g,\"scope\":\"%s\"},\"epochs\":%.0f%s}",
		lepton_options_number(method->options, text, "sparsity"), scope, epochs, no_early);
}

/* "x.retrained", "x.retrained-2" … */
static void free_name(struct lepton_engine *engine, const char *of, char out[LEPTON_NAME_MAX])
{
	snprintf(out, LEPTON_NAME_MAX, "%.44s.retrained", of);
	pthread_mutex_lock(&engine->lock);
	for (int i = 2; lepton__name_taken(engine, out); i++)
		snprintf(out, LEPTON_NAME_MAX, "%.40s.retrained-%d", of, i);
	pthread_mutex_unlock(&engine->lock);
}

static int make(struct lepton_engine *engine, const struct lepton_command *command, const struct lepton__version *source,
	int64_t *made, struct lepton_error *err)
{
	char message[512];
	struct lepton_command clone = {.type = LEPTON_CMD_CLONE, .count = 1, .versions = {source->id}};
	char *settings = changes(command, source->config);
	clone.settings = settings ? lepton_text_new(settings) : NULL;
	lepton__free(settings);
	if (!clone.settings)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	free_name(engine, *command->name ? command->name : source->name, clone.name);
	struct lepton_command kept = *command;
	kept.ticket = 0;
	char *then = lepton_command_to_json(&kept);
	int code = then ? lepton__clone(engine, &clone, then, made, message, sizeof message, err)
			: lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	if (code)
		lepton_error_prefix(err, "compress %s", command->method);
	lepton_command_clear(&clone);
	lepton__free(then);
	return code;
}

/* ---- the command that waits ---- */

/* The same for the version, without "retrain"; NULL: no memory. */
static struct lepton_command *then_of(const struct lepton_command *command, int64_t version)
{
	struct lepton_command *then = lepton__calloc(1, sizeof *then);
	cJSON *settings = cJSON_Parse(lepton_text_get(command->settings));
	cJSON_DeleteItemFromObjectCaseSensitive(settings, "retrain");
	char *text = settings ? lepton__json_text(settings) : NULL;
	cJSON_Delete(settings);
	if (then && text) {
		*then = *command;
		then->versions[0] = version;
		then->settings = lepton_text_new(text);
	}
	lepton__free(text);
	if (then && then->settings)
		return then;
	lepton__free(then);
	return NULL;
}

void lepton__retrain_drop(struct lepton__version *v)
{
	if (v->then)
		lepton_command_clear(v->then);
	lepton__free(v->then);
	v->then = NULL;
}

static bool is_student(const struct lepton__version *v)
{
	return strcmp(v->then->method, lepton_fuse_distil.name) == 0;
}

/* Who asked in an earlier process is gone. */
static void answer(
	struct lepton_engine *engine, const struct lepton__version *v, int code, const char *message)
{
	if (v->then->ticket)
		lepton__reply(engine, v->then, code, v->id, message);
}

/* It has just been scored on the test split. */
static void answer_student(struct lepton_engine *engine, struct lepton__version *v)
{
	char message[256];
	double right = v->score.samples ? v->score.right / (double)v->score.samples : (double)NAN;
	snprintf(message, sizeof message, "distil: %s has test accuracy %.4f; its teacher %.4f", v->name,
		right, v->then->value);
	answer(engine, v, LEPTON_OK, message);
}

static void give_up(struct lepton_engine *engine, struct lepton__version *v, const char *why)
{
	char message[256];
	snprintf(message, sizeof message, "%s %s: %s %s%s", lepton_command_name(v->then->type),
		v->then->method, v->name, why, is_student(v) ? "" : "; it can be compressed by hand");
	answer(engine, v, LEPTON_E_CANCELED, message);
}

static void put_off(struct lepton_engine *engine, struct lepton__version *v)
{
	char message[256];
	snprintf(message, sizeof message,
		"%s %s: %s is not done yet; when its store is opened again it goes on, and is compressed "
		"then",
		lepton_command_name(v->then->type), v->then->method, v->name);
	answer(engine, v, LEPTON_E_CANCELED, message);
}

void lepton__retrain_settle(struct lepton_engine *engine, struct lepton__version *v)
{
	if (!v->then || v->state < LEPTON_DONE)
		return;
	if (v->state != LEPTON_DONE)
		give_up(engine, v, "did not train to its end");
	else if (is_student(v))
		answer_student(engine, v);
	else if (lepton__queue_push(&engine->jobs, v->then))
		answer(engine, v, LEPTON_E_NOMEM, "out of memory");
	else
		pthread_cond_broadcast(&engine->work);
	lepton__retrain_drop(v);
}

/* The same as a line for a shell; NULL: no memory. */
static char *by_hand(const struct lepton__version *v)
{
	struct lepton__buffer out;
	cJSON *settings = cJSON_Parse(lepton_text_get(v->then->settings));
	lepton__buffer_init(&out, 4096);
	lepton__buffer_printf(&out, "lepton compress %s --method %s", v->name, v->then->method);
	for (const cJSON *s = settings ? settings->child : NULL; s; s = s->next) {
		char *value = cJSON_IsString(s) ? NULL : lepton__json_text(s);
		lepton__buffer_printf(&out, " --set %s=%s", s->string,
			value               ? value
			: cJSON_IsString(s) ? s->valuestring
					    : "?");
		lepton__free(value);
	}
	if (*v->then->name)
		lepton__buffer_printf(&out, " --as %s", v->then->name);
	cJSON_Delete(settings);
	char *line = lepton__buffer_take(&out);
	lepton__buffer_free(&out);
	return line;
}

/* Whoever asked may be gone when it is done: what becomes of it stays in the log. */
static void note_waiting(struct lepton_engine *engine, const struct lepton__version *v)
{
	struct lepton_event event = {.type = LEPTON_EVENT_LOG, .version = v->id};
	char *hand = by_hand(v);
	char *line = hand ? lepton__format("it will be compressed when it is done, as by: %s", hand) : NULL;
	event.u.log.level = LEPTON_LOG_INFO;
	event.u.log.line = line ? lepton_text_new(line) : NULL;
	if (event.u.log.line)
		lepton__say(engine, &event);
	lepton_event_clear(&event);
	lepton__free(line);
	lepton__free(hand);
}

void lepton__retrain_quit(struct lepton_engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	for (size_t i = 0; i < engine->version_count; i++) {
		struct lepton__version *v = engine->versions[i];
		if (!v->then)
			continue;
		if (is_student(v))
			give_up(engine, v, "is not done yet, and goes on when its store is opened again");
		else
			put_off(engine, v);
		lepton__retrain_drop(v);
	}
	pthread_mutex_unlock(&engine->lock);
}

/* It may have been done before its command is there to wait. */
static void attach(struct lepton_engine *engine, int64_t id, struct lepton_command *then)
{
	pthread_mutex_lock(&engine->lock);
	struct lepton__version *v = lepton__version_find(engine, id);
	if (v) {
		v->then = then;
		if (!is_student(v) && v->state < LEPTON_DONE)
			note_waiting(engine, v);
		lepton__retrain_settle(engine, v);
	}
	pthread_mutex_unlock(&engine->lock);
}

int lepton__retrain(struct lepton_engine *engine, const struct lepton_command *command, struct lepton_error *err)
{
	int64_t made = 0;
	const struct lepton__version *source = source_of(engine, command, err);
	if (!source)
		return err->code;
	int code = make(engine, command, source, &made, err);
	if (code)
		return code;
	struct lepton_command *then = then_of(command, made);
	if (!then)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	attach(engine, made, then);
	return LEPTON_OK;
}

int lepton__retrain_wait(struct lepton_engine *engine, struct lepton__version *student,
	const struct lepton_command *command, double teachers, struct lepton_error *err)
{
	struct lepton_command *then = lepton__calloc(1, sizeof *then);
	if (!then)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	*then = *command;
	then->value = teachers;
	if (then->settings)
		lepton_text_retain(then->settings);
	attach(engine, student->id, then);
	return LEPTON_OK;
}

int lepton__retrain_remember(struct lepton__version *v, const cJSON *operation, struct lepton_error *err)
{
	const cJSON *then = cJSON_GetObjectItemCaseSensitive(operation, "then");
	struct lepton_command command = {0};
	if (!then)
		return LEPTON_OK;
	char *text = lepton__json_text(then);
	int code = text ? lepton_command_from_json(text, &command, err)
			: lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton__free(text);
	if (code)
		return lepton_error_prefix(err, "what was to be done with %s", v->name), code;
	bool known = lepton__retrains(&command);
	v->then = known ? then_of(&command, v->id) : NULL;
	lepton_command_clear(&command);
	return v->then || !known ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
}
