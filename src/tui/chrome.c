/* tui/chrome.c - what surrounds every view: the title line, the message line, the bottom line.
 *
 * The bottom line is made from the table of actions at each frame: only what can be done now, as
 * much as fits, and at its right end always the palette, the help and the way out.
 */
#include "config.h"
#include "tui/app.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/nodes_rows.h"
#include "tui/popup.h"
#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FIGURES 14 /* columns of "2.50k/s 3m00s" */

static struct lepton__style bold(const struct lepton__app *app, enum lepton__role role)
{
	return lepton__theme_bold(&app->theme, role);
}

/* ---- title line ---- */

struct sums {
	size_t running, queued, versions;
	double rate, elapsed;
};

static struct sums sum_up(const struct lepton__app *app)
{
	const struct lepton_run *run = app->dash.run;
	struct sums sums = {.versions = run->version_count};
	for (size_t i = 0; i < run->version_count; i++) {
		const struct lepton_run_version *v = run->versions[i];
		sums.running += v->state == LEPTON_RUNNING;
		sums.queued += v->state == LEPTON_QUEUED;
	}
	sums.rate = lepton__run_rate(run);
	/* The clock stands still with the training, and in a script's story. */
	double now = sums.running && !app->headless ? lepton__wall() : app->dash.last_time;
	sums.elapsed = run->created > 0 && now > run->created ? now - run->created : 0;
	return sums;
}

/* The longest of several ways to say it that fits; of what nobody trains no speed. */
static void figures(const struct lepton__app *app, const struct sums *sums, int width, char *out, size_t size)
{
	char rate[LEPTON__FMT], took[24], speed[48] = "", brief[LEPTON__FMT + 2] = "", workers[40] = "";
	lepton__fmt_rate(rate, sums->rate);
	lepton__text_duration(took, sizeof took, sums->elapsed);
	if (sums->running) {
		lepton__print(speed, sizeof speed, "%.*s samples/s  ", (int)strcspn(rate, "/"), rate);
		lepton__print(brief, sizeof brief, "%s ", rate);
	}
	if (app->workers > 0)
		lepton__print(
			workers, sizeof workers, "%d worker%s  ", app->workers, app->workers == 1 ? "" : "s");
	lepton__print(
		out, size, "%zu of %zu running  %s%s%s", sums->running, sums->versions, workers, speed, took);
	if (lepton__text_width(out) > width && sums->running)
		lepton__print(out, size, "%s%s%s", workers, speed, took);
	if (lepton__text_width(out) > width)
		lepton__print(out, size, "%zu/%zu run  %s%s%s", sums->running, sums->versions, brief,
			*brief ? " " : "", took);
	if (lepton__text_width(out) > width)
		lepton__print(out, size, "%s%s", brief, took);
	if (lepton__text_width(out) > width)
		lepton__print(out, size, "%s", took);
}

/* Names of five letters are as soon whole as shortened to four. */
static int letters_of(const struct lepton__app *app, int view, int most)
{
	int length = (int)strlen(lepton__views[view]->name);
	return view == (int)app->view || most > length || (most == 4 && length == 5) ? length : most;
}

/* Columns of the views' names at most so long, with `more` beside each. */
static int tabs_width(const struct lepton__app *app, int most, int more)
{
	int width = 0;
	for (int v = 0; v < LEPTON__VIEWS; v++)
		width += letters_of(app, v, most) + more;
	return width;
}

/* How many letters of names that are not shown there is room for: whole ones, or four beside the figures, or
 * fewer. */
static int letters(const struct lepton__app *app, int room)
{
	if (tabs_width(app, 24, 2) <= room - 8)
		return 24;
	int most = tabs_width(app, 4, 2) <= room - FIGURES ? 4 : 3;
	while (most > 0 && tabs_width(app, most, 2) > room)
		most--;
	return most;
}

/* Each has the key beside its name that shows it: 1 to 9, and 0. */
static int draw_tabs(struct lepton__app *app, struct lepton__rect rect, int x, bool wide)
{
	int most = letters(app, rect.x + rect.cols - x);
	for (int v = 0; v < LEPTON__VIEWS; v++) {
		bool here = v == (int)app->view;
		char name[32];
		if (wide)
			lepton__print(name, sizeof name, " %d %s ", (v + 1) % 10, lepton__views[v]->name);
		else
			lepton__print(name, sizeof name, "%d%.*s", (v + 1) % 10, letters_of(app, v, most),
				lepton__views[v]->name);
		struct lepton__style style =
			here ? bold(app, LEPTON__SELECTED) : lepton__style(app, LEPTON__MAIN);
		int from = x;
		x = lepton__draw_piece(app, rect.y, x, rect.x + rect.cols, style, name);
		if (!here && x > from)
			lepton__screen_textf(app->screen, rect.y, from + (wide ? 1 : 0), 1,
				bold(app, LEPTON__HOT), "%d", (v + 1) % 10);
		lepton__hit_add(app, (struct lepton__rect){rect.y, from, 1, x - from}, LEPTON__HIT_VIEW, v);
		x++;
	}
	return x;
}

void lepton__draw_header(struct lepton__app *app, struct lepton__rect rect)
{
	struct sums sums = sum_up(app);
	char text[128];
	int end = rect.x + rect.cols, x = rect.x + 1;
	const char *name = *app->dash.run->experiment ? app->dash.run->experiment : "lepton";
	int named = lepton__text_width(name);
	bool wide = tabs_width(app, 24, 5) + (named < 24 ? named : 24) + 19 <= rect.cols;
	int room = wide ? 24 : 12;
	const char *role = app->role == LEPTON_WATCHES        ? "watching"
			   : app->role == LEPTON_STEERS_ALONE ? "alone"
							      : "";
	if (wide)
		x = 1 + lepton__draw_piece(app, rect.y, x, end, bold(app, LEPTON__HOT), "lepton");
	if (*role) /* where there is little room, instead of the name */
		x += lepton__screen_text(app->screen, rect.y, x, room, bold(app, LEPTON__WARN), role) + wide;
	if (wide || !*role)
		x += lepton__screen_text(app->screen, rect.y, x, room, bold(app, LEPTON__TITLE), name);
	x = draw_tabs(app, rect, x + 2, wide);
	figures(app, &sums, end - x - 1, text, sizeof text);
	if (lepton__text_width(text) <= end - x - 1)
		lepton__screen_right(
			app->screen, rect.y, x, end - x - 1, lepton__style(app, LEPTON__GRAPH_TEXT), text);
}

/* ---- message line: the newest saying, running jobs, or a word of advice ---- */

static const struct lepton_run_job *running_job(const struct lepton__app *app, size_t *others)
{
	const struct lepton_run_job *found = NULL;
	*others = 0;
	for (size_t i = app->dash.run->job_count; i-- > 0;)
		if (app->dash.run->jobs[i].state == LEPTON_JOB_RUNNING) {
			*others += found != NULL;
			found = found ? found : &app->dash.run->jobs[i];
		}
	return found;
}

/* The remaining time, from how far it came in the time it took. */
void lepton__job_left(const struct lepton_run_job *job, char *out, size_t size)
{
	char left[24];
	double took = job->updated - job->started,
	       rest = job->progress > 0.02 ? took / job->progress * (1 - job->progress) : NAN;
	*out = '\0';
	if (!isfinite(rest) || rest < 1)
		return;
	lepton__text_duration(left, sizeof left, rest);
	lepton__print(out, size, " %s left", left);
}

/* Right part of the line; returns the columns it took. */
static int draw_job(struct lepton__app *app, struct lepton__rect rect)
{
	size_t others;
	const struct lepton_run_job *job = running_job(app, &others);
	if (!job)
		return 0;
	char what[160], left[40], more[24] = "";
	lepton__job_left(job, left, sizeof left);
	if (others)
		lepton__print(more, sizeof more, " +%zu", others);
	lepton__print(what, sizeof what, "%s %s %.24s%s%s ", job->kind, job->method,
		lepton__version_name(app, job->version), left, more);
	int bar = rect.cols >= 100 ? 20 : 12, width = lepton__text_width(what);
	if (width > rect.cols / 2)
		width = rect.cols / 2;
	int x = rect.x + rect.cols - bar - width - 1;
	lepton__screen_text(app->screen, rect.y, x, width, lepton__style(app, LEPTON__MISC), what);
	lepton__progress_draw(
		app->screen, &app->theme, rect.y, x + width, bar, LEPTON__PROCESS, job->progress);
	return width + bar + 2;
}

static size_t marks(const struct lepton__app *app)
{
	size_t count = 0;
	for (size_t i = 0; i < app->dash.shown; i++)
		count += app->dash.extras[app->dash.order[i]].marked;
	return count;
}

static const char *key_and(char *out, size_t size, const char *text)
{
	lepton__spell_keys(text, out, size);
	return out;
}

static const char *const first_words =
	"Arrows choose a version. {help} explains this view, {palette} finds every action, {quit} leaves.";

static void advice(const struct lepton__app *app, char *out, size_t size)
{
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	size_t count = marks(app);
	char fuses[80], unmarks[24];
	*out = '\0';
	if (app->dash.range.on)
		lepton__print(out, size, "marking a range, %zu so far: move, then act on it - %s takes it back",
			count, key_and(unmarks, sizeof unmarks, "{escape}"));
	else if (!app->touched)
		lepton__spell_keys(first_words, out, size);
	else if (*app->dash.filter_text)
		lepton__print(out, size, "filter: %.80s (%zu of %zu shown) - %s shows all",
			app->dash.filter_text, app->dash.shown, app->dash.run->version_count,
			lepton__spell("{escape}"));
	else if (count > 0)
		lepton__print(out, size, "%zu marked: keys act on %s%s%s - %s unmarks", count,
			count == 1 ? "it" : "all of them", count > 1 ? ", " : "",
			count > 1 ? key_and(fuses, sizeof fuses, "{fuse} fuses them") : "",
			key_and(unmarks, sizeof unmarks, "{escape}"));
	else if (version && version->state == LEPTON_FAILED)
		lepton__print(out, size, "%.60s failed: %s", version->name,
			key_and(fuses, sizeof fuses, "{clone} clones it with a change, {details} shows why"));
}

void lepton__draw_message(struct lepton__app *app, struct lepton__rect rect)
{
	static const enum lepton__role roles[] = {LEPTON__GOOD, LEPTON__WARN, LEPTON__BAD};
	int end = rect.x + rect.cols - draw_job(app, rect);
	if (app->saying_count && lepton__monotonic() < app->toast_until) {
		const struct lepton__saying *saying = &app->sayings[app->saying_count - 1];
		const char *sign = saying->level == LEPTON_LOG_INFO ? "*" : "!";
		int x = lepton__draw_piece(
			app, rect.y, rect.x + 1, end, bold(app, roles[saying->level]), sign);
		lepton__draw_piece(
			app, rect.y, x + 1, end - 1, lepton__style(app, roles[saying->level]), saying->text);
		return;
	}
	char text[160];
	advice(app, text, sizeof text);
	lepton__draw_piece(app, rect.y, rect.x + 1, end - 1, lepton__style(app, LEPTON__INACTIVE), text);
}

/* ---- bottom line ---- */

static const char *label_of(const struct lepton__app *app, const struct lepton__action *action)
{
	return action->now ? action->now(app) : action->label;
}

static int draw_action(struct lepton__app *app, int y, int x, const struct lepton__action *action)
{
	char key[16];
	lepton__action_key(action, key, sizeof key);
	int from = x;
	x += lepton__screen_text(app->screen, y, x, -1, bold(app, LEPTON__HOT), key) + 1;
	x += lepton__screen_text(
		app->screen, y, x, -1, lepton__style(app, LEPTON__MAIN), label_of(app, action));
	lepton__hit_add(app, (struct lepton__rect){y, from, 1, x - from}, LEPTON__HIT_ACTION,
		action - lepton__actions);
	return x + 2;
}

static int action_width(const struct lepton__app *app, const struct lepton__action *action)
{
	char key[16];
	lepton__action_key(action, key, sizeof key);
	return lepton__text_width(key) + 1 + lepton__text_width(label_of(app, action)) + 2;
}

/* The action of the next higher rank; NULL past the last. */
static const struct lepton__action *next_ranked(const struct lepton__app *app, int above)
{
	const struct lepton__action *best = NULL;
	for (size_t i = 0; i < lepton__action_count(); i++) {
		const struct lepton__action *action = &lepton__actions[i];
		if (action->rank > above && (action->views & 1u << app->view) &&
			(!best || action->rank < best->rank))
			best = action;
	}
	return best;
}

static void draw_hint(struct lepton__app *app, struct lepton__rect rect, const char *hint)
{
	/* "Key words  Key words": what stands before the first blank of each part is the key. */
	int x = rect.x + 1, end = rect.x + rect.cols - 1;
	while (*hint && x < end) {
		const char *two = strstr(hint, "  ");
		size_t length = two ? (size_t)(two - hint) : strlen(hint);
		size_t key = strcspn(hint, " ");
		lepton__screen_textf(app->screen, rect.y, x, end - x, lepton__style(app, LEPTON__MAIN),
			"%.*s", (int)length, hint);
		lepton__screen_textf(
			app->screen, rect.y, x, end - x, bold(app, LEPTON__HOT), "%.*s", (int)key, hint);
		x += (int)length + 2;
		hint += length + (two ? 2 : 0);
	}
}

/* How many versions keys act on, first of all; the columns it took. */
static int draw_marked(struct lepton__app *app, int y, int x)
{
	size_t count = marks(app);
	char text[40];
	if (!count)
		return 0;
	lepton__print(text, sizeof text, "%zu marked:", count);
	return lepton__screen_text(app->screen, y, x, -1, lepton__style(app, LEPTON__HOT), text) + 1;
}

void lepton__draw_footer(struct lepton__app *app, struct lepton__rect rect)
{
	if (app->popup) {
		char hint[200];
		const struct lepton__popup_ops *ops = app->popup->ops;
		if (ops->keys)
			lepton__window_hint(ops->keys, hint, sizeof hint);
		draw_hint(app, rect, ops->keys ? hint : ops->hint);
		return;
	}
	int fixed = 0, x = rect.x + 1;
	const struct lepton__action *action;
	for (action = next_ranked(app, 99); action; action = next_ranked(app, action->rank))
		fixed += action_width(app, action);
	int end = rect.x + rect.cols - fixed;
	x += draw_marked(app, rect.y, x);
	for (action = next_ranked(app, 0); action && action->rank < 100;
		action = next_ranked(app, action->rank))
		if (lepton__action_possible(app, action, NULL) && x + action_width(app, action) <= end)
			x = draw_action(app, rect.y, x, action);
	x = end > rect.x ? end : rect.x;
	for (action = next_ranked(app, 99); action; action = next_ranked(app, action->rank))
		x = draw_action(app, rect.y, x, action);
}
