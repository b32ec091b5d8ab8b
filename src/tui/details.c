/* tui/details.c - all about one version, as labelled lines: the pane beside the curves and the Enter window.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/popup.h"
#include "base/json.h"
#include "base/memory.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define IMPORTANT 5 /* features in the pane */
#define NOTE_LINES 3 /* the same of a note */

void lepton__origin(
	const struct lepton__app *app, const struct lepton_run_version *version, char *out, size_t size)
{
	char names[128];
	cJSON *operation = cJSON_Parse(lepton_text_get(version->operation));
	const char *op = lepton__json_get_string(operation, "op", ""),
		   *method = lepton__json_get_string(operation, "method", "");
	*out = '\0';
	if (version->parent_count > 0) {
		lepton__name_list(app, version->parents, (size_t)version->parent_count, names, sizeof names);
		lepton__print(out, size, "%s%s%s of %s", op, *method ? " " : "", method, names);
	}
	cJSON_Delete(operation);
}

/* ---- before and after ---- */

static void change_bytes(double before, double after, char *out, size_t size)
{
	if (before > 0 && after > 0)
		lepton__print(out, size, before >= after ? "%.1fx smaller" : "%.2fx larger",
			before >= after ? before / after : after / before);
	else
		*out = '\0';
}

static void pair_bytes(struct lepton__lines *lines, double before, double after)
{
	char a[24], b[24], change[40];
	lepton__text_bytes(a, sizeof a, before);
	lepton__text_bytes(b, sizeof b, after);
	change_bytes(before, after, change, sizeof change);
	lepton__lines_pair(
		lines, "size", after <= before ? LEPTON__GOOD : LEPTON__WARN, "%-9s > %-9s %s", a, b, change);
}

/* Worse by more than a twentieth of a point is worth a warning colour. */
static void pair_accuracy(struct lepton__lines *lines, const char *label, double before, double after)
{
	char a[LEPTON__FMT], b[LEPTON__FMT];
	if (!isfinite(before) && !isfinite(after))
		return;
	lepton__fmt_percent(a, before);
	lepton__fmt_percent(b, after);
	double points = 100 * (after - before);
	if (isfinite(points))
		lepton__lines_pair(lines, label, points < -0.05 ? LEPTON__WARN : LEPTON__GOOD,
			"%-9s > %-9s %+.2f", a, b, points);
	else
		lepton__lines_pair(lines, label, LEPTON__MAIN, "%-9s > %-9s", a, b);
}

static void pair_loss(struct lepton__lines *lines, const char *label, double before, double after)
{
	char a[LEPTON__FMT], b[LEPTON__FMT];
	if (!isfinite(before) && !isfinite(after))
		return;
	lepton__fmt_loss(a, before);
	lepton__fmt_loss(b, after);
	lepton__lines_pair(lines, label, LEPTON__MAIN, "%-9s > %s", a, b);
}

static void add_plain(struct lepton__lines *lines, const cJSON *object, const char *key, const char *label)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
	if (cJSON_IsString(value) && *value->valuestring)
		lepton__lines_pair(lines, label, LEPTON__MAIN, "%s", value->valuestring);
	else if (cJSON_IsNumber(value))
		lepton__lines_pair(lines, label, LEPTON__MAIN, "%.4g", value->valuedouble);
}

void lepton__result_lines(
	const struct lepton__app *app, const struct lepton_run_version *version, struct lepton__lines *lines)
{
	(void)app;
	cJSON *operation = cJSON_Parse(lepton_text_get(version->operation));
	const cJSON *before = cJSON_GetObjectItemCaseSensitive(operation, "before");
	const cJSON *after = cJSON_GetObjectItemCaseSensitive(operation, "after");
	if (cJSON_IsObject(before) && cJSON_IsObject(after)) {
		pair_bytes(lines, lepton__json_get_number(before, "bytes", NAN),
			lepton__json_get_number(after, "bytes", NAN));
		pair_accuracy(lines, "val acc", lepton__json_get_number(before, "val_accuracy", NAN),
			lepton__json_get_number(after, "val_accuracy", NAN));
		pair_accuracy(lines, "test acc", lepton__json_get_number(before, "test_accuracy", NAN),
			lepton__json_get_number(after, "test_accuracy", NAN));
		pair_loss(lines, "val loss", lepton__json_get_number(before, "val_loss", NAN),
			lepton__json_get_number(after, "val_loss", NAN));
		pair_loss(lines, "test loss", lepton__json_get_number(before, "test_loss", NAN),
			lepton__json_get_number(after, "test_loss", NAN));
	}
	add_plain(lines, operation, "relative_error", "rel. error");
	add_plain(lines, operation, "detail", "how");
	cJSON_Delete(operation);
}

void lepton__show_result(struct lepton__app *app, int64_t id)
{
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, id);
	struct lepton__lines lines = {0};
	char origin[200], title[200];
	if (!version)
		return;
	lepton__origin(app, version, origin, sizeof origin);
	lepton__lines_text(&lines, LEPTON__MAIN, "%s is ready: %s.", version->name, origin);
	lepton__lines_text(&lines, LEPTON__MAIN, " ");
	lepton__result_lines(app, version, &lines);
	lepton__lines_text(&lines, LEPTON__MAIN, " ");
	lepton__lines_text(&lines, LEPTON__INACTIVE, "%s",
		lepton__spell(
			lepton__dash_select(&app->dash, id)
				? "It stands in the list; {promote} promotes it, {undo} takes it away again."
				: "The filter leaves it out of the list, where {escape} shows all."));
	lepton__print(title, sizeof title, "Done: %.80s", version->name);
	lepton__pager_open(app, title, &lines);
}

/* ---- one version ---- */

static void add_state(
	const struct lepton__app *app, const struct lepton_run_version *v, struct lepton__lines *lines)
{
	char epoch[48] = "";
	if (v->epoch > 0 && v->epochs > 0)
		lepton__print(epoch, sizeof epoch, ", epoch %.1f/%lld", v->epoch, (long long)v->epochs);
	lepton__lines_text(lines, lepton__state_role(v->state), "%s %s%s", lepton__state_sign(app, v->state),
		lepton_version_state_name(v->state), epoch);
	if (*v->reason)
		lepton__lines_text(
			lines, v->state == LEPTON_FAILED ? LEPTON__BAD : LEPTON__INACTIVE, "%s", v->reason);
}

static void add_pair_of(const struct lepton_run *run, struct lepton__lines *lines, const char *label,
	double accuracy, double loss)
{
	char a[LEPTON__FMT], b[LEPTON__FMT];
	if (!isfinite(accuracy) && !isfinite(loss))
		return;
	lepton__fmt_quality(a, run, accuracy, loss);
	lepton__fmt_loss(b, loss);
	lepton__lines_pair(lines, label, LEPTON__MAIN, "%-8s %s", a, b);
}

static void add_figures(
	const struct lepton_run *run, const struct lepton_run_version *v, struct lepton__lines *lines)
{
	char text[24];
	if (isfinite(v->loss) || isfinite(v->val_loss) || isfinite(v->test_loss))
		lepton__lines_pair(lines, "", LEPTON__INACTIVE, "%-8s loss", run->regression ? "rmse" : "accuracy");
	add_pair_of(run, lines, "train", v->accuracy, v->loss);
	add_pair_of(run, lines, "val", v->val_accuracy, v->val_loss);
	if (isfinite(v->best_val_accuracy)) {
		lepton__fmt_percent(text, v->best_val_accuracy);
		lepton__lines_pair(lines, "best val", LEPTON__MAIN, "%s", text);
	}
	add_pair_of(run, lines, "test", v->test_accuracy, v->test_loss);
	if (v->state == LEPTON_RUNNING && isfinite(v->samples_per_second)) {
		lepton__fmt_rate(text, v->samples_per_second);
		lepton__lines_pair(lines, "samples", LEPTON__MAIN, "%s", text);
	}
}

static void add_time(
	const struct lepton__app *app, const struct lepton_run_version *v, struct lepton__lines *lines)
{
	char took[24], left[24];
	if (!isfinite(v->seconds) || v->seconds <= 0)
		return;
	lepton__text_duration(took, sizeof took, v->seconds);
	const struct lepton__extra *extra = lepton__dash_extra(&app->dash, v->id);
	if (extra && v->state == LEPTON_RUNNING && isfinite(extra->left)) {
		lepton__text_duration(left, sizeof left, extra->left);
		lepton__lines_pair(lines, "trained", LEPTON__MAIN, "%s, %s left", took, left);
	} else {
		lepton__lines_pair(lines, "trained", LEPTON__MAIN, "%s", took);
	}
}

static void add_privacy(
	const struct lepton_run *run, const struct lepton_run_version *v, struct lepton__lines *lines)
{
	double epsilon, delta;
	if (!lepton_run_privacy(run, v, &epsilon, &delta))
		return;
	if (isfinite(epsilon))
		lepton__lines_pair(lines, "epsilon", LEPTON__MAIN, "%.3g, delta %g", epsilon, delta);
	else
		lepton__lines_pair(lines, "epsilon", LEPTON__WARN, "unbounded");
}

static void add_size(const struct lepton_run_version *v, struct lepton__lines *lines)
{
	char bytes[24], count[LEPTON__FMT];
	if (!v->bytes) { /* an external program's weights are its own, until it gives them */
		const struct lepton_learner_ops *ops = lepton_learner_find(v->learner);
		lepton__lines_pair(lines, "size", LEPTON__INACTIVE, "%s",
			ops && ops->foreign ? "not given" : "known at its end");
		return;
	}
	lepton__text_bytes(bytes, sizeof bytes, (double)v->bytes);
	lepton__fmt_integer(count, v->parameters);
	lepton__lines_pair(lines, "size", LEPTON__MAIN, "%s, %s weights", bytes, count);
}

static void add_aliases(
	const struct lepton__app *app, const struct lepton_run_version *v, struct lepton__lines *lines)
{
	for (size_t i = 0; i < app->dash.run->alias_count; i++)
		if (app->dash.run->aliases[i].target == v->id)
			lepton__lines_pair(
				lines, "alias", LEPTON__GOOD, "%s", app->dash.run->aliases[i].alias);
}

static void add_labels(const struct lepton_run_version *v, bool all, struct lepton__lines *lines)
{
	const char *note = lepton_text_get(v->note);
	int most = all ? INT_MAX : NOTE_LINES;
	if (*lepton_text_get(v->tags))
		lepton__lines_pair(lines, "tags", LEPTON__HOT, "%s", lepton_text_get(v->tags));
	for (const char *label = "note"; *note && most > 0; label = "", most--) {
		size_t length = strcspn(note, "\n");
		lepton__lines_pair(lines, label, LEPTON__MAIN, "%.*s", (int)length, note);
		note += length + (note[length] == '\n');
	}
}

static void add_jobs(
	const struct lepton__app *app, const struct lepton_run_version *v, struct lepton__lines *lines)
{
	for (size_t i = 0; i < app->dash.run->job_count; i++) {
		const struct lepton_run_job *job = &app->dash.run->jobs[i];
		char left[40];
		if (job->version != v->id || job->state != LEPTON_JOB_RUNNING)
			continue;
		lepton__job_left(job, left, sizeof left);
		lepton__lines_pair(lines, "job", LEPTON__HOT, "%s %s, %.0f %%%s%s", job->kind, job->method,
			100 * job->progress, *left ? "," : "", left);
	}
}

static void add_settings(const struct lepton__app *app, const struct lepton_run_version *v, bool all,
	struct lepton__lines *lines)
{
	const struct lepton__extra *extra = lepton__dash_extra(&app->dash, v->id);
	if (!extra || !extra->settings.count)
		return;
	char number[LEPTON__FMT];
	lepton__lines_head(lines, "hyper-parameters");
	for (int layers = 0; layers < 2; layers++) /* the long line of layers comes last */
		for (size_t i = 0; i < extra->settings.count; i++) {
			const struct lepton__flat_row *s = &extra->settings.items[i];
			bool late = s->inner || strcmp(s->key, "layers") == 0;
			if (late == (layers == 1) && (!s->inner || all))
				lepton__lines_pair(lines, all ? s->key : lepton__short_key(s->key),
					LEPTON__MAIN, "%s",
					all ? s->value : lepton__fmt_setting(number, s->value));
		}
}

static void add_notes(const struct lepton_run_version *v, bool all, struct lepton__lines *lines)
{
	size_t first = !all && v->note_count > 4 ? v->note_count - 4 : 0;
	if (v->note_count)
		lepton__lines_head(lines, "what happened");
	for (size_t i = first; i < v->note_count; i++) {
		char when[LEPTON__FMT];
		lepton__fmt_clock(when, v->notes[i].time);
		lepton__lines_pair(lines, when, LEPTON__MAIN, "%s", v->notes[i].what);
	}
}

static void add_identity(const struct lepton_run_version *v, struct lepton__lines *lines)
{
	const struct lepton_learner_ops *ops = lepton_learner_find(v->learner);
	lepton__lines_pair(lines, "learner", LEPTON__MAIN, "%s", v->learner);
	if (ops && ops->how)
		lepton__lines_pair(lines, "training", LEPTON__MAIN, "%s", ops->how);
	lepton__lines_pair(lines, "seed", LEPTON__MAIN, "%llu", (unsigned long long)v->seed);
	lepton__lines_pair(lines, "priority", LEPTON__MAIN, "%g", v->priority);
	if (v->checkpoint_step >= 0)
		lepton__lines_pair(
			lines, "checkpoint", LEPTON__MAIN, "at step %lld", (long long)v->checkpoint_step);
	if (*v->weights_hash)
		lepton__lines_pair(lines, "weights", LEPTON__MAIN, "%s", v->weights_hash);
}

/* Of trees on a table: what their splits go by. The narrow pane has the first few. */
static void add_importance(const struct lepton_run_version *v, bool all, struct lepton__lines *lines)
{
	cJSON *list = cJSON_Parse(lepton_text_get(v->importance));
	int most = all ? INT_MAX : IMPORTANT;
	if (list && list->child)
		lepton__lines_head(lines, "features, by gain");
	for (const cJSON *item = list ? list->child : NULL; item && most > 0; item = item->next, most--)
		lepton__lines_text(lines, LEPTON__MAIN, "%5.1f%% %s",
			100 * lepton__json_get_number(item, "share", 0),
			lepton__json_get_string(item, "feature", ""));
	cJSON_Delete(list);
}

void lepton__details(const struct lepton__app *app, const struct lepton_run_version *version, bool all,
	struct lepton__lines *lines)
{
	char origin[200];
	add_state(app, version, lines);
	add_aliases(app, version, lines);
	add_labels(version, all, lines);
	lepton__origin(app, version, origin, sizeof origin);
	if (*origin)
		lepton__lines_pair(lines, "from", LEPTON__MAIN, "%s", origin);
	add_jobs(app, version, lines);
	add_figures(app->dash.run, version, lines);
	add_size(version, lines);
	add_time(app, version, lines);
	add_privacy(app->dash.run, version, lines);
	if (version->parent_count)
		lepton__lines_head(lines, "before > after"), lepton__result_lines(app, version, lines);
	if (lines->count &&
		lines->items[lines->count - 1].kind == LEPTON__LINE_HEAD) { /* it had nothing to say */
		lepton__free(lines->items[--lines->count].text);
	}
	add_importance(version, all, lines);
	if (all)
		add_identity(version, lines);
	add_settings(app, version, all, lines);
	add_notes(version, all, lines);
}
