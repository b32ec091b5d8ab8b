/* tui/view_machine.c - what the machine does: each core, the memory, and who gets how many samples a second.
 *
 * A core has a meter where there is room for all of them, else a block in a row of blocks. Below, the
 * versions that train or wait to, fastest first, with their shares of all samples.
 */
#include "config.h"
#include "base/json.h"
#include "base/memory.h"
#include "tui/format.h"
#include "tui/list.h"
#include "tui/machine.h"
#include "tui/nodes_rows.h"
#include "tui/views.h"

#include <math.h>
#include <stdio.h>

#define CORE_COLS 26 /* of a core's meter with its number, at least */
#define NAME_COLS 24
#define SHARE_COLS 18

/* ---- above: cores and memory ---- */

static void percent(char *out, size_t size, double part)
{
	if (isfinite(part))
		lepton__print(out, size, "%.0f%%", 100 * part);
	else
		lepton__print(out, size, "-");
}

static void draw_core(struct lepton__app *app, int core, int y, int x, int cols)
{
	double busy = (double)app->machine->now.busy[core];
	char text[16];
	percent(text, sizeof text, busy);
	lepton__screen_textf(app->screen, y, x, 4, lepton__style(app, LEPTON__TITLE), "%3d", core);
	lepton__meter_draw(app->screen, &app->theme, y, x + 4, cols - 11, LEPTON__CPU, busy);
	lepton__screen_right(app->screen, y, x + cols - 6, 5, lepton__style(app, LEPTON__MAIN), text);
}

/* One block a core, a gap after each eight. */
static void draw_blocks(struct lepton__app *app, struct lepton__rect rect)
{
	int x = 0, y = 0;
	for (int i = 0; i < app->machine->now.cores && y < rect.rows; i++) {
		double busy = (double)app->machine->now.busy[i];
		if (isfinite(busy))
			lepton__screen_put(app->screen, rect.y + y, rect.x + x,
				lepton__sparkline_bar(busy, app->screen->glyphs),
				lepton__theme_shade(&app->theme, LEPTON__CPU, busy));
		else
			lepton__screen_text(app->screen, rect.y + y, rect.x + x, 1,
				lepton__style(app, LEPTON__INACTIVE), "-");
		x += i % 8 == 7 ? 2 : 1;
		if (i % 8 == 7 && x + 8 > rect.cols) {
			x = 0;
			y++;
		}
	}
}

static int meters_across(int cols)
{
	int across = cols / CORE_COLS;
	return across < 1 ? 1 : across > 4 ? 4 : across;
}

/* Rows that the cores take with meters; more than `most`: as blocks. */
static int core_rows(const struct lepton__app *app, int cols, int most, bool *blocks)
{
	int cores = app->machine->now.cores, across = meters_across(cols),
	    rows = (cores + across - 1) / across;
	int in_a_row = cols / 9 * 8 < 8 ? 8 : cols / 9 * 8;
	*blocks = rows > most;
	if (*blocks)
		rows = (cores + in_a_row - 1) / in_a_row;
	return rows < 1 ? 1 : rows;
}

static void draw_cores(struct lepton__app *app, struct lepton__rect rect, bool blocks)
{
	int cores = app->machine->now.cores, across = meters_across(rect.cols);
	int down = cores ? (cores + across - 1) / across : 1, used = (cores + down - 1) / down;
	int cols = rect.cols / (used ? used : 1);
	if (!cores)
		lepton__screen_text(app->screen, rect.y, rect.x, rect.cols,
			lepton__style(app, LEPTON__INACTIVE),
			"nothing is known of the cores: there is no /proc/stat");
	else if (blocks)
		draw_blocks(app, rect);
	else
		for (int i = 0; i < cores; i++)
			draw_core(app, i, rect.y + i % down, rect.x + i / down * cols, cols);
}

static void draw_sum(struct lepton__app *app, struct lepton__rect row, const char *title, const char *text,
	enum lepton__gradient gradient, double fraction)
{
	int meter = row.cols / 3;
	lepton__screen_text(app->screen, row.y, row.x, 8, lepton__style(app, LEPTON__TITLE), title);
	lepton__meter_draw(app->screen, &app->theme, row.y, row.x + 8, meter, gradient, fraction);
	lepton__screen_text(app->screen, row.y, row.x + 9 + meter, row.cols - 9 - meter,
		lepton__style(app, LEPTON__MAIN), text);
}

/* The newest samples, the last one at the right, as blocks between nothing and `most`. */
static void draw_history(struct lepton__app *app, struct lepton__rect rect, enum lepton__gradient gradient,
	const float *values, double most)
{
	size_t count = app->machine->count;
	for (int i = 0; i < rect.cols && (size_t)i < count; i++) {
		double level = most > 0 ? (double)values[count - 1 - (size_t)i] / most : 0;
		if (isfinite(level))
			lepton__screen_put(app->screen, rect.y, rect.x + rect.cols - 1 - i,
				lepton__sparkline_bar(fmin(fmax(level, 0), 1), app->screen->glyphs),
				lepton__theme_shade(&app->theme, gradient, level));
	}
}

static void draw_sums(struct lepton__app *app, struct lepton__rect rect)
{
	const struct lepton_tui_machine *now = &app->machine->now;
	char text[128], used[24], total[24], own[24];
	double busy = lepton__machine_busy(now);
	percent(used, sizeof used, busy);
	lepton__print(text, sizeof text, "%s of %d core%s", used, now->cores, now->cores == 1 ? "" : "s");
	draw_sum(app, rect, "busy", text, LEPTON__CPU, busy);
	int at = rect.x + 9 + rect.cols / 3 + lepton__text_width(text) + 2, end = rect.x + rect.cols;
	struct lepton__rect history = {rect.y, at, 1, end - at};
	draw_history(app, history, LEPTON__CPU, app->machine->busy, 1);
	lepton__text_bytes(used, sizeof used, now->total - now->available);
	lepton__text_bytes(total, sizeof total, now->total);
	lepton__text_bytes(own, sizeof own, now->own);
	lepton__print(text, sizeof text, "%s of %s, %s by training", used, total, own);
	rect.y++;
	draw_sum(app, rect, "memory", text, LEPTON__USED, (now->total - now->available) / now->total);
}

/* "AMD EPYC …, 2 workers, kernels avx512" */
static void describe(const struct lepton__app *app, char *out, size_t size)
{
	cJSON *environment = cJSON_Parse(lepton_text_get(app->dash.run->environment));
	char workers[40] = "";
	if (app->workers > 0)
		lepton__print(
			workers, sizeof workers, ", %d worker%s", app->workers, app->workers == 1 ? "" : "s");
	lepton__print(out, size, "%s%s, kernels %s",
		lepton__json_get_string(environment, "cpu", "a processor"), workers,
		lepton__json_get_string(environment, "kernels", "unknown"));
	cJSON_Delete(environment);
}

static void draw_machine(struct lepton__app *app, struct lepton__rect rect, bool blocks)
{
	char what[160];
	struct lepton__box box = {.title = "machine", .role = LEPTON__CURVE_BOX};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	inside.x++;
	inside.cols -= 2;
	describe(app, what, sizeof what);
	lepton__screen_text(
		app->screen, inside.y, inside.x, inside.cols, lepton__style(app, LEPTON__MISC), what);
	draw_cores(app, (struct lepton__rect){inside.y + 1, inside.x, inside.rows - 3, inside.cols}, blocks);
	draw_sums(app, (struct lepton__rect){inside.y + inside.rows - 2, inside.x, 1, inside.cols});
}

/* ---- below: samples a second ---- */

struct work {
	size_t *rows; /* indices of versions that train or may, fastest first */
	size_t count;
	double rate; /* of these, each by its newest figure: their shares are of it */
	double all;  /* of the run */
};

static double rate_of(const struct lepton_run_version *v)
{
	return v->state == LEPTON_RUNNING && isfinite(v->samples_per_second) ? v->samples_per_second : 0;
}

static bool find_work(const struct lepton__app *app, struct work *w)
{
	const struct lepton_run *run = app->dash.run;
	*w = (struct work){.rows = lepton__calloc(app->dash.shown + 1, sizeof *w->rows)};
	for (size_t i = 0; w->rows && i < app->dash.shown; i++) {
		const struct lepton_run_version *v = run->versions[app->dash.order[i]];
		if (v->state != LEPTON_RUNNING && v->state != LEPTON_QUEUED && v->state != LEPTON_PAUSED)
			continue;
		size_t at = w->count++;
		for (; at > 0 && rate_of(run->versions[w->rows[at - 1]]) < rate_of(v); at--)
			w->rows[at] = w->rows[at - 1];
		w->rows[at] = app->dash.order[i];
		w->rate += rate_of(v);
	}
	w->all = lepton__run_rate(run);
	return w->rows != NULL;
}

static void draw_head(struct lepton__app *app, struct lepton__rect row)
{
	struct lepton__style style = lepton__style(app, LEPTON__TITLE);
	int x = row.x + 6 + NAME_COLS;
	lepton__screen_text(app->screen, row.y, row.x + 5, NAME_COLS, style, "name");
	lepton__screen_right(app->screen, row.y, x, 10, style, "samples/s");
	lepton__screen_text(app->screen, row.y, x + 12, SHARE_COLS, style, "share");
	lepton__screen_right(app->screen, row.y, x + 12 + SHARE_COLS, 9, style, "priority");
	lepton__screen_right(app->screen, row.y, x + 21 + SHARE_COLS, 9, style, "trained");
}

static void draw_row(struct lepton__app *app, const struct work *w, struct lepton__rect row, size_t index)
{
	const struct lepton_run_version *v = app->dash.run->versions[index];
	bool here = v->id == app->dash.selected;
	struct lepton__style text = lepton__style(app, here ? LEPTON__SELECTED : LEPTON__MAIN),
			     state = lepton__style(app, lepton__state_role(v->state)),
			     curve = lepton__curve_style(app, index);
	char rate[LEPTON__FMT] = "-", took[24], share[16], priority[LEPTON__FMT];
	int x = row.x + 6 + NAME_COLS;
	curve.bg = state.bg = LEPTON__COLOR_DEFAULT;
	if (here)
		lepton__screen_fill(app->screen, row, ' ', text);
	lepton__hit_add(app, row, LEPTON__HIT_ROW, v->id);
	if (rate_of(v) > 0)
		lepton__fmt_rate(rate, rate_of(v));
	lepton__text_duration(took, sizeof took, v->seconds);
	percent(share, sizeof share, w->rate > 0 ? rate_of(v) / w->rate : (double)NAN);
	lepton__print(priority, sizeof priority, "%.3g", v->priority);
	lepton__screen_text(app->screen, row.y, row.x + 1, 1, state, lepton__state_sign(app, v->state));
	lepton__screen_put(
		app->screen, row.y, row.x + 3, lepton__theme_marker(index, app->screen->glyphs), curve);
	lepton__screen_text(app->screen, row.y, row.x + 5, NAME_COLS, text, v->name);
	lepton__screen_right(app->screen, row.y, x, 10, text, rate);
	lepton__meter_draw(app->screen, &app->theme, row.y, x + 12, SHARE_COLS - 6, LEPTON__PROCESS,
		w->rate > 0 ? rate_of(v) / w->rate : 0);
	lepton__screen_right(app->screen, row.y, x + 12 + SHARE_COLS - 5, 4, text, share);
	lepton__screen_right(app->screen, row.y, x + 12 + SHARE_COLS, 9, text, priority);
	lepton__screen_right(app->screen, row.y, x + 21 + SHARE_COLS, 9, text, took);
}

static void draw_work(struct lepton__app *app, struct lepton__rect rect, const struct work *w)
{
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_MACHINE];
	char rate[LEPTON__FMT], right[64];
	lepton__fmt_rate(rate, w->all);
	lepton__print(right, sizeof right, "%s in all", rate);
	struct lepton__box box = {
		.title = "samples per second", .right = right, .role = LEPTON__LIST_BOX, .focus = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box), rows;
	if (!w->count) {
		lepton__screen_center(app->screen, inside.y + inside.rows / 2, inside.x, inside.cols,
			lepton__style(app, LEPTON__INACTIVE), "nothing trains or waits to");
		return;
	}
	struct lepton__rect history = lepton__rect_rows(inside, inside.rows > 6 ? 1 : 0, &rows);
	double most = w->all;
	for (size_t i = 0; i < app->machine->count; i++)
		most = fmax(most, (double)app->machine->rate[i]);
	if (history.rows)
		draw_history(app, (struct lepton__rect){history.y, history.x + 1, 1, history.cols - 2},
			LEPTON__PROCESS, app->machine->rate, most);
	draw_head(app, lepton__rect_rows(rows, 1, &rows));
	scroll->page = rows.rows;
	lepton__scroll_to(scroll, lepton__row_selected(app, w->rows, w->count), (long)w->count);
	for (long i = 0; i < rows.rows && scroll->top + i < (long)w->count; i++)
		draw_row(app, w, (struct lepton__rect){rows.y + (int)i, rows.x, 1, rows.cols},
			w->rows[scroll->top + i]);
	lepton__scrollbar_draw(app->screen, &app->theme, rows.y, rect.x + rect.cols - 1, rows.rows,
		(size_t)scroll->top, (size_t)scroll->page, w->count);
}

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	struct lepton__rect rest;
	struct work w;
	bool blocks;
	if (!app->machine)
		app->machine = lepton__calloc(1, sizeof *app->machine);
	if (!app->machine || !find_work(app, &w))
		return;
	lepton__machine_look(app->machine, app->link, w.all);
	int rows = core_rows(app, area.cols - 4, area.rows / 2 - 5, &blocks);
	struct lepton__rect top = lepton__rect_rows(area, rows + 5, &rest);
	draw_machine(app, top, blocks);
	draw_work(app, rest, &w);
	lepton__free(w.rows);
}

static void move(struct lepton__app *app, enum lepton__move how)
{
	struct work w;
	if (!find_work(app, &w))
		return;
	lepton__rows_move(app, how, w.rows, w.count);
	lepton__free(w.rows);
}

const struct lepton__view lepton__view_machine = {
	.name = "Machine",
	.summary = "How busy each core is, the memory, and what the versions that train get of it: samples a "
		   "second, and their "
		   "share of all. {raise} and {lower} give the selected version more or less.\n"
		   "The small curves show the last four minutes that this view was looked at. Many cores are "
		   "drawn as one block "
		   "each. Cores and memory are the whole machine's, other programs' work included.",
	.draw = draw,
	.move = move,
};
