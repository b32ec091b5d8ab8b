/* export/export_json.c - the run summary: one JSON object, schema "lepton.run/1".
 *
 * Everything a person or a program needs to compare the versions without the store: where and on what
 * they were trained, how each was made, its curves, its scores, its hash. Curves are parallel arrays,
 * which plotting tools read as columns; one array a line, so the file can be looked at and diffed. Figures
 * that are not known or not finite are null. samples/run.schema.json describes every field.
 */
#include "config.h"
#include "export/formats.h"
#include "base/json.h"
#include "base/labels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SCHEMA "lepton.run/1"

/* ---- pieces ------------------------------------------------------------------------------------ */

/* A new line at this depth, a comma before it unless it is the first, and the key. */
static void key(struct lepton__buffer *out, int depth, bool first, const char *name)
{
	lepton__buffer_string(out, first ? "\n" : ",\n");
	for (int i = 0; i < depth; i++)
		lepton__buffer_string(out, "\t");
	lepton__json_string(out, name);
	lepton__buffer_string(out, ": ");
}

static void close_at(struct lepton__buffer *out, int depth, const char *bracket)
{
	lepton__buffer_string(out, "\n");
	for (int i = 0; i < depth; i++)
		lepton__buffer_string(out, "\t");
	lepton__buffer_string(out, bracket);
}

static void text_or_null(struct lepton__buffer *out, const char *text)
{
	if (text && *text)
		lepton__json_string(out, text);
	else
		lepton__buffer_string(out, "null");
}

/* "2026-01-31T12:00:00.000000Z"; null when unknown. */
static void timestamp(struct lepton__buffer *out, double seconds)
{
	struct tm utc;
	if (!(seconds > 0 && seconds < 253402300799.0)) { /* the end of year 9999 */
		lepton__buffer_string(out, "null");
		return;
	}
	time_t whole = (time_t)seconds;
	int micros = (int)((seconds - (double)whole) * 1e6);
	gmtime_r(&whole, &utc);
	lepton__buffer_printf(out, "\"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ\"", utc.tm_year + 1900,
		utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, micros);
}

/* JSON kept as text goes in as JSON again, numbers exact; an empty object where there is none. */
static void object_value(struct lepton__buffer *out, const cJSON *value)
{
	if (cJSON_IsObject(value))
		lepton__json_value(out, value);
	else
		lepton__buffer_string(out, "{}");
}

static void object_text(struct lepton__buffer *out, const struct lepton_text *text)
{
	cJSON *value = cJSON_Parse(lepton_text_get(text));
	object_value(out, value);
	cJSON_Delete(value);
}

/* A summary is of figures: the wrong answers' images stay in the store. */
static void report_text(struct lepton__buffer *out, const struct lepton_text *text)
{
	static const char *const pixels[] = {"pixels", NULL};
	cJSON *report = cJSON_Parse(lepton_text_get(text)), *item;
	cJSON *mistakes = cJSON_GetObjectItemCaseSensitive(report, "mistakes");
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(mistakes, "shown"))
		lepton__json_drop(item, pixels);
	cJSON_DeleteItemFromObjectCaseSensitive(mistakes, "shape");
	object_value(out, report);
	cJSON_Delete(report);
}

static void ints(struct lepton__buffer *out, int depth, bool first, const char *name, const int64_t *values,
	size_t count)
{
	key(out, depth, first, name);
	for (size_t i = 0; i < count; i++) {
		lepton__buffer_string(out, i ? "," : "[");
		lepton__json_int(out, values[i]);
	}
	lepton__buffer_string(out, count ? "]" : "[]");
}

static void doubles(
	struct lepton__buffer *out, int depth, const char *name, const double *values, size_t count)
{
	key(out, depth, false, name);
	for (size_t i = 0; i < count; i++) {
		lepton__buffer_string(out, i ? "," : "[");
		lepton__json_number(out, values[i]);
	}
	lepton__buffer_string(out, count ? "]" : "[]");
}

static void floats(struct lepton__buffer *out, int depth, const char *name, const float *values, size_t count)
{
	key(out, depth, false, name);
	for (size_t i = 0; i < count; i++) {
		lepton__buffer_string(out, i ? "," : "[");
		lepton__json_float(out, values[i]);
	}
	lepton__buffer_string(out, count ? "]" : "[]");
}

/* ---- one version ------------------------------------------------------------------------------- */

static void parents(
	struct lepton__buffer *out, const struct lepton_run *run, const struct lepton_run_version *version)
{
	for (int i = 0; i < version->parent_count; i++) {
		const struct lepton_run_version *parent = lepton_run_version(run, version->parents[i]);
		lepton__buffer_string(out, i ? "," : "[");
		if (parent)
			lepton__json_string(out, parent->name);
		else /* gone from the run: its id is all that is left */
			lepton__buffer_printf(out, "\"#%lld\"", (long long)version->parents[i]);
	}
	lepton__buffer_string(out, version->parent_count ? "]" : "[]");
}

static void history(struct lepton__buffer *out, const struct lepton_run_version *version)
{
	const struct lepton_history *h = &version->history;
	const struct lepton_epochs *e = &version->epochs_done;
	lepton__buffer_string(out, "{");
	ints(out, 4, true, "step", h->step, h->count);
	doubles(out, 4, "epoch", h->epoch, h->count);
	doubles(out, 4, "seconds", h->seconds, h->count);
	floats(out, 4, "loss", h->loss, h->count);
	floats(out, 4, "accuracy", h->accuracy, h->count);
	key(out, 4, false, "epochs");
	lepton__buffer_string(out, "{");
	ints(out, 5, true, "epoch", e->epoch, e->count);
	ints(out, 5, false, "step", e->step, e->count);
	doubles(out, 5, "seconds", e->seconds, e->count);
	floats(out, 5, "loss", e->loss, e->count);
	floats(out, 5, "accuracy", e->accuracy, e->count);
	floats(out, 5, "val_loss", e->val_loss, e->count);
	floats(out, 5, "val_accuracy", e->val_accuracy, e->count);
	close_at(out, 4, "}");
	close_at(out, 3, "}");
}

static void scores(
	struct lepton__buffer *out, const struct lepton_run *run, const struct lepton_run_version *version)
{
	key(out, 3, false, "test");
	lepton__buffer_string(out, "{\"loss\": ");
	lepton__json_number(out, version->test_loss);
	lepton__buffer_string(out, ", \"accuracy\": ");
	lepton__json_number(out, version->test_accuracy);
	if (run->regression) {
		lepton__buffer_string(out, ", \"rmse\": ");
		lepton__json_number(out, lepton_run_rmse(version->test_loss));
	}
	if (version->report) {
		lepton__buffer_string(out, ", \"report\": ");
		report_text(out, version->report);
	}
	lepton__buffer_string(out, "}");
	key(out, 3, false, "samples_per_second");
	lepton__json_number(out, version->samples_per_second);
}

static void events(struct lepton__buffer *out, const struct lepton_run_version *version)
{
	for (size_t i = 0; i < version->note_count; i++) {
		const struct lepton_note *note = &version->notes[i];
		lepton__buffer_string(out, i ? ",\n\t\t\t\t" : "[\n\t\t\t\t");
		lepton__buffer_string(out, "{\"time\": ");
		timestamp(out, note->time);
		lepton__buffer_printf(out, ", \"step\": %lld, \"what\": ", (long long)note->step);
		lepton__json_string(out, note->what);
		lepton__buffer_string(out, "}");
	}
	lepton__buffer_string(out, version->note_count ? "\n\t\t\t]" : "[]");
}

/* Of those that train with it. */
static void privacy(
	struct lepton__buffer *out, const struct lepton_run *run, const struct lepton_run_version *version)
{
	double epsilon, delta;
	if (!lepton_run_privacy(run, version, &epsilon, &delta))
		return;
	key(out, 3, false, "privacy");
	lepton__buffer_string(out, "{\"epsilon\": ");
	lepton__json_number(out, epsilon);
	lepton__buffer_string(out, ", \"delta\": ");
	lepton__json_number(out, delta);
	lepton__buffer_string(out, "}");
}

/* Of those that have some. */
static void labels(struct lepton__buffer *out, const struct lepton_run_version *version)
{
	const char *at = lepton_text_get(version->tags), *tag;
	size_t length;
	if (*at) {
		key(out, 3, false, "tags");
		for (const char *comma = "["; (tag = lepton__tags_next(&at, &length)); comma = ", ") {
			char word[LEPTON__TAG_BYTES + 1];
			snprintf(word, sizeof word, "%.*s", (int)length, tag);
			lepton__buffer_string(out, comma);
			lepton__json_string(out, word);
		}
		lepton__buffer_string(out, "]");
	}
	if (*lepton_text_get(version->note)) {
		key(out, 3, false, "note");
		lepton__json_string(out, lepton_text_get(version->note));
	}
}

static void identity(
	struct lepton__buffer *out, const struct lepton_run *run, const struct lepton_run_version *version)
{
	key(out, 3, true, "name");
	lepton__json_string(out, version->name);
	key(out, 3, false, "learner");
	lepton__json_string(out, version->learner);
	key(out, 3, false, "state");
	lepton__json_string(out, lepton_version_state_name(version->state));
	labels(out, version);
	key(out, 3, false, "parents");
	parents(out, run, version);
	key(out, 3, false, "operation");
	object_text(out, version->operation);
	key(out, 3, false, "hyperparameters");
	object_text(out, version->hyperparameters);
	if (version->importance) {
		key(out, 3, false, "feature_importance");
		lepton__buffer_string(out, lepton_text_get(version->importance)); /* an array, made by us */
	}
	privacy(out, run, version);
	key(out, 3, false, "parameters");
	lepton__json_int(out, version->parameters);
	key(out, 3, false, "bytes");
	lepton__json_int(out, version->bytes);
	key(out, 3, false, "weights_hash");
	text_or_null(out, version->weights_hash);
}

static void one_version(
	struct lepton__buffer *out, const struct lepton_run *run, const struct lepton_run_version *version)
{
	lepton__buffer_string(out, "{");
	identity(out, run, version);
	key(out, 3, false, "history");
	history(out, version);
	scores(out, run, version);
	key(out, 3, false, "events");
	events(out, version);
	close_at(out, 2, "}");
}

/* ---- the whole --------------------------------------------------------------------------------- */

static void all_versions(struct lepton__buffer *out, const struct lepton_run *run, int64_t id)
{
	bool first = true;
	lepton__buffer_string(out, "[");
	for (size_t i = 0; i < run->version_count; i++) {
		if (id && run->versions[i]->id != id)
			continue;
		lepton__buffer_string(out, first ? "\n\t\t" : ",\n\t\t");
		one_version(out, run, run->versions[i]);
		first = false;
	}
	lepton__buffer_string(out, first ? "]" : "\n\t]");
}

static void name_or_null(struct lepton__buffer *out, const struct lepton_run *run, int64_t id)
{
	const struct lepton_run_version *version = id ? lepton_run_version(run, id) : NULL;
	text_or_null(out, version ? version->name : NULL);
}

static void aliases(struct lepton__buffer *out, const struct lepton_run *run, int64_t id)
{
	bool first = true;
	lepton__buffer_string(out, "{");
	for (size_t i = 0; i < run->alias_count; i++) {
		const struct lepton_run_alias *alias = &run->aliases[i];
		if (id && alias->target != id)
			continue;
		key(out, 2, first, alias->alias);
		lepton__buffer_string(out, "{\"version\": ");
		name_or_null(out, run, alias->target);
		lepton__buffer_string(out, ", \"previous\": ");
		name_or_null(out, run, alias->previous);
		lepton__buffer_string(out, ", \"weights_hash\": ");
		text_or_null(out, alias->weights_hash);
		lepton__buffer_string(out, ", \"time\": ");
		timestamp(out, alias->time);
		lepton__buffer_string(out, "}");
		first = false;
	}
	if (first)
		lepton__buffer_string(out, "}");
	else
		close_at(out, 1, "}");
}

static int render(
	const struct lepton_run *run, int64_t id, char **out, size_t *size, struct lepton_error *err)
{
	struct lepton__buffer text;
	int code = lepton__export_check(run, id, err);
	if (code)
		return code;
	lepton__buffer_init(&text, LEPTON__EXPORT_MAX);
	lepton__buffer_string(&text, "{");
	key(&text, 1, true, "schema");
	lepton__json_string(&text, SCHEMA);
	key(&text, 1, false, "experiment");
	lepton__json_string(&text, run->experiment);
	key(&text, 1, false, "created");
	timestamp(&text, run->created);
	key(&text, 1, false, "environment");
	object_text(&text, run->environment);
	key(&text, 1, false, "data");
	object_text(&text, run->data);
	key(&text, 1, false, "versions");
	all_versions(&text, run, id);
	key(&text, 1, false, "aliases");
	aliases(&text, run, id);
	close_at(&text, 0, "}\n");
	return lepton__export_finish(&text, out, size, err);
}

const struct lepton_exporter lepton__export_json = {
	.name = "json",
	.extension = ".json",
	.summary = "run summary: environment, data, versions with curves and scores, aliases",
	.render = render,
};
