/* tui/view_queue.c - what runs, what waits, in which order it gets the workers, and when all of it will be
 * done.
 *
 * Above the versions that train or wait to, those with the largest share first; below them the background
 * jobs. The shares and the times come from forecast.c, by the priorities and by how long an epoch of each has
 * taken so far.
 */
#include "config.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/list.h"
#include "tui/views.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_COLS 20
#define JOBS_BELOW 6 /* rows, frame and all, at least */

/* ---- what there is ---- */

static int kind(const struct lepton_run_version *v)
{
	return v->state == LEPTON_RUNNING ? 0 : v->state == LEPTON_QUEUED ? 1 : 2;
}

/* Before others: what runs, then what waits, then what rests; each by priority, then as they were made. */
static bool before(const struct lepton_run_version *a, const struct lepton_run_version *b)
{
	if (kind(a) != kind(b))
		return kind(a) < kind(b);
	return a->priority > b->priority;
}

size_t lepton__queue_rows(const struct lepton__app *app, size_t **out)
{
	const struct lepton_run *run = app->dash.run;
	size_t count = 0, *rows = lepton__calloc(run->version_count + 1, sizeof *rows);
	*out = rows;
	for (size_t i = 0; rows && i < run->version_count; i++) {
		const struct lepton_run_version *v = run->versions[i];
		if (v->state > LEPTON_PAUSED)
			continue;
		size_t at = count++;
		for (; at > 0 && before(v, run->versions[rows[at - 1]]); at--)
			rows[at] = rows[at - 1];
		rows[at] = i;
	}
	return count;
}

/* ---- the versions ---- */

struct column {
	const char *head;
	int width;
};
static const struct column columns[] = {
	{"priority", 9}, {"share", 7}, {"epoch", 10}, {"trained", 9}, {"left", 9}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void cells(const struct lepton__app *app, size_t index, char out[COLUMNS][24])
{
	const struct lepton_run_version *v = app->dash.run->versions[index];
	const struct lepton__extra *extra = &app->dash.extras[index];
	bool outside = lepton__trains_elsewhere(v);
	for (int c = 0; c < COLUMNS; c++)
		lepton__print(out[c], sizeof out[c], "-");
	if (!outside)
		lepton__print(out[0], sizeof out[0], "%.3g", v->priority);
	if (outside)
		lepton__print(out[1], sizeof out[1], "own");
	else if (isfinite(extra->share))
		lepton__print(out[1], sizeof out[1], "%.0f%%", 100 * extra->share);
	if (isfinite(v->epoch) && v->epochs > 0)
		lepton__print(out[2], sizeof out[2], "%.1f/%lld", v->epoch, (long long)v->epochs);
	if (v->seconds > 0)
		lepton__text_duration(out[3], sizeof out[3], v->seconds);
	if (isfinite(extra->left))
		lepton__text_duration(out[4], sizeof out[4], extra->left);
}

static void draw_head(struct lepton__app *app, struct lepton__rect row)
{
	struct lepton__style style = lepton__style(app, LEPTON__TITLE);
	int x = row.x + 11 + NAME_COLS;
	lepton__screen_text(app->screen, row.y, row.x + 10, NAME_COLS, style, "name");
	for (int c = 0; c < COLUMNS; c++) {
		lepton__screen_right(app->screen, row.y, x, columns[c].width, style, columns[c].head);
		x += columns[c].width;
	}
}

static void draw_row(struct lepton__app *app, struct lepton__rect row, size_t index, size_t place)
{
	const struct lepton_run_version *v = app->dash.run->versions[index];
	bool here = v->id == app->dash.selected;
	char text[COLUMNS][24];
	struct lepton__style style = lepton__style(app, here ? LEPTON__SELECTED : LEPTON__MAIN);
	struct lepton__style sign = lepton__style(app, lepton__state_role(v->state));
	sign.bg = style.bg;
	int x = row.x + 11 + NAME_COLS;
	if (here)
		lepton__screen_fill(app->screen, row, ' ', style);
	lepton__hit_add(app, row, LEPTON__HIT_ROW, v->id);
	if (app->dash.extras[index].marked)
		lepton__screen_text(app->screen, row.y, row.x, 1,
			lepton__theme_bold(&app->theme, here ? LEPTON__SELECTED : LEPTON__HOT), "*");
	lepton__screen_textf(app->screen, row.y, row.x + 1, 5, style, "%4zu.", place + 1);
	lepton__screen_text(app->screen, row.y, row.x + 7, 1, sign, lepton__state_sign(app, v->state));
	lepton__screen_text(app->screen, row.y, row.x + 10, NAME_COLS, style, v->name);
	cells(app, index, text);
	for (int c = 0; c < COLUMNS; c++) {
		lepton__screen_right(app->screen, row.y, x, columns[c].width, style, text[c]);
		x += columns[c].width;
	}
	int bar = row.x + row.cols - x - 3;
	if (bar >= 8 && v->epochs > 0 && isfinite(v->epoch))
		lepton__progress_draw(app->screen, &app->theme, row.y, x + 2, bar > 40 ? 40 : bar,
			LEPTON__PROCESS, v->epoch / (double)v->epochs);
}

/* "2 run, 1 waits, 3 rest; all done in 4m" */
static void say_all(const struct lepton__app *app, const size_t *rows, size_t count, char *out, size_t size)
{
	size_t of[3] = {0};
	char left[24], when[64] = "";
	for (size_t i = 0; i < count; i++)
		of[kind(app->dash.run->versions[rows[i]])]++;
	if (app->left > 0) {
		lepton__text_duration(left, sizeof left, app->left);
		lepton__print(
			when, sizeof when, ", %s %s", app->left_unknown ? "done after" : "all done in", left);
	}
	lepton__print(out, size, "%zu running, %zu queued, %zu paused%s", of[0], of[1], of[2], when);
}

static void draw_versions(struct lepton__app *app, struct lepton__rect rect, const size_t *rows, size_t count)
{
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_QUEUE];
	char right[128];
	say_all(app, rows, count, right, sizeof right);
	struct lepton__box box = {.title = "queue", .right = right, .role = LEPTON__LIST_BOX, .focus = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box), list;
	if (!count) {
		lepton__screen_center(app->screen, inside.y + inside.rows / 2, inside.x, inside.cols,
			lepton__style(app, LEPTON__INACTIVE), "nothing trains or waits to");
		return;
	}
	draw_head(app, lepton__rect_rows(inside, 1, &list));
	scroll->page = list.rows;
	lepton__scroll_to(scroll, lepton__row_selected(app, rows, count), (long)count);
	for (long i = 0; i < list.rows && scroll->top + i < (long)count; i++)
		draw_row(app, (struct lepton__rect){list.y + (int)i, list.x, 1, list.cols},
			rows[scroll->top + i], (size_t)(scroll->top + i));
	lepton__scrollbar_draw(app->screen, &app->theme, list.y, rect.x + rect.cols - 1, list.rows,
		(size_t)scroll->top, (size_t)scroll->page, count);
}

/* ---- the jobs ---- */

static void draw_running(struct lepton__app *app, struct lepton__rect row, const struct lepton_run_job *job)
{
	char left[40], what[128];
	int bar = row.cols >= 120 ? 40 : 16;
	lepton__job_left(job, left, sizeof left);
	lepton__print(what, sizeof what, "%s %s %.40s", job->kind, job->method,
		lepton__version_name(app, job->version));
	int x = row.x + row.cols - bar - 1;
	lepton__screen_text(
		app->screen, row.y, row.x + 1, x - row.x - 16, lepton__style(app, LEPTON__MAIN), what);
	lepton__screen_right(app->screen, row.y, x - 14, 13, lepton__style(app, LEPTON__MAIN), left);
	lepton__progress_draw(app->screen, &app->theme, row.y, x, bar, LEPTON__PROCESS, job->progress);
}

static void draw_ended(struct lepton__app *app, struct lepton__rect row, const struct lepton_run_job *job)
{
	bool failed = job->state == LEPTON_JOB_FAILED;
	char took[24] = "";
	if (job->updated > job->started)
		lepton__text_duration(took, sizeof took, job->updated - job->started);
	lepton__screen_textf(app->screen, row.y, row.x + 1, row.cols - 2,
		lepton__style(app, failed ? LEPTON__BAD : LEPTON__INACTIVE), "%s %s %.40s: %s%s%s%s%s",
		job->kind, job->method, lepton__version_name(app, job->version), failed ? "failed" : "done",
		*took ? " in " : "", took, *job->message ? ": " : "", job->message);
}

/* What this dashboard has asked for and has not begun; nobody is told what others' commands wait. */
static bool waits(const struct lepton__app *app, const struct lepton__pending *pending)
{
	const char *word = lepton_command_name(pending->type);
	enum lepton_command_type t = pending->type;
	if (t != LEPTON_CMD_COMPRESS && t != LEPTON_CMD_FUSE && t != LEPTON_CMD_EVALUATE &&
		t != LEPTON_CMD_BARRIER && t != LEPTON_CMD_PREVIEW)
		return false;
	for (size_t i = 0; i < app->dash.run->job_count; i++) {
		const struct lepton_run_job *job = &app->dash.run->jobs[i];
		if (job->state == LEPTON_JOB_RUNNING && job->version == pending->pair[0] &&
			strcmp(job->kind, word) == 0)
			return false;
	}
	return true;
}

static void draw_jobs(struct lepton__app *app, struct lepton__rect rect)
{
	const struct lepton_run *run = app->dash.run;
	struct lepton__box box = {.title = "jobs", .role = LEPTON__OTHER_BOX};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	int y = 0;
	for (size_t i = 0; i < run->job_count && y < inside.rows; i++)
		if (run->jobs[i].state == LEPTON_JOB_RUNNING)
			draw_running(app, (struct lepton__rect){inside.y + y++, inside.x, 1, inside.cols},
				&run->jobs[i]);
	for (size_t i = 0; i < app->pending_count && y < inside.rows; i++)
		if (waits(app, &app->pending[i]))
			lepton__screen_textf(app->screen, inside.y + y++, inside.x + 1, inside.cols - 2,
				lepton__style(app, LEPTON__MAIN), "%s: waits", app->pending[i].doing);
	for (size_t i = run->job_count; i-- > 0 && y < inside.rows;)
		if (run->jobs[i].state != LEPTON_JOB_RUNNING)
			draw_ended(app, (struct lepton__rect){inside.y + y++, inside.x, 1, inside.cols},
				&run->jobs[i]);
	if (!y)
		lepton__screen_center(app->screen, inside.y + inside.rows / 2, inside.x, inside.cols,
			lepton__style(app, LEPTON__INACTIVE),
			lepton__spell("no jobs: {compress} compresses, {fuse} fuses, {evaluate} evaluates"));
}

/* ---- the view ---- */

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	size_t *rows, count = lepton__queue_rows(app, &rows);
	struct lepton__rect below;
	int least = area.rows / 3 < JOBS_BELOW ? JOBS_BELOW : area.rows / 3;
	int most = area.rows - least, want = (int)(count > 1000 ? 1000 : count) + 3;
	struct lepton__rect above = lepton__rect_rows(area, want < 5 ? 5 : want > most ? most : want, &below);
	if (rows)
		draw_versions(app, above, rows, count);
	draw_jobs(app, below);
	lepton__free(rows);
}

static void move(struct lepton__app *app, enum lepton__move how)
{
	size_t *rows, count = lepton__queue_rows(app, &rows);
	if (rows)
		lepton__rows_move(app, how, rows, count);
	lepton__free(rows);
}

const struct lepton__view lepton__view_queue = {
	.name = "Queue",
	.summary = "What runs, what waits, what rests, and the background jobs. Workers are shared by "
		   "priority, and a version has "
		   "one at most: the share is of all workers. What is left is worked out from how long each "
		   "has taken so "
		   "far, and from the shares as they will be when others end; \"done after\" where something "
		   "is not known.\n"
		   "{go-up} and {go-down} move the selected version up and down, by its priority. Jobs come "
		   "one after "
		   "another.",
	.draw = draw,
	.move = move,
};
