/* tui/preview_draw.c - the preview's picture: the versions, a rule, and a row a method, with its figures or
 * with why there are none. A star stands at the lowest validation loss so far; the frame's lower edge says
 * what the chosen method does, so that no row is spent on it.
 */
#include "config.h"
#include "base/memory.h"
#include "tui/format.h"
#include "tui/preview.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Columns from the left: the cursor's sign, the star, a name, the figures. */
enum { AT_STAR = 1, AT_NAME = 3, AT_FIGURES = 18, CELL = 9, CELLS = 4, NOTE_LEAST = 24 };

struct look { /* of one row */
	struct lepton__rect row;
	struct lepton__style text, small;
};

static void draw_cells(struct lepton__app *app, const struct look *look, const char *const cells[CELLS])
{
	for (int i = 0; i < CELLS; i++)
		lepton__screen_right(app->screen, look->row.y, look->row.x + AT_FIGURES + i * CELL, CELL,
			look->text, cells[i]);
}

static void draw_figures(
	struct lepton__app *app, const struct look *look, const struct lepton_preview_row *row)
{
	char loss[LEPTON__FMT], quality[LEPTON__FMT], bytes[LEPTON__FMT], time[LEPTON__FMT] = "";
	lepton__fmt_loss(loss, row->val_loss);
	if (isnan(row->val_loss)) /* which a "-" would not tell from one that waits */
		lepton__print(loss, sizeof loss, "nan");
	lepton__fmt_quality(quality, app->dash.run, row->val_accuracy, row->val_loss);
	lepton__text_bytes(bytes, sizeof bytes, (double)row->bytes);
	if (!row->id)
		lepton__text_duration(time, sizeof time, row->seconds);
	draw_cells(app, look, (const char *const[CELLS]){loss, quality, bytes, time});
}

/* The name, then figures or the reason; `note` stands behind the figures where there is room. */
static void draw_row(struct lepton__app *app, const struct look *look, const struct lepton_preview_row *row,
	const char *note)
{
	const struct lepton__rect at = look->row;
	const int note_at = AT_FIGURES + CELLS * CELL + 3;
	lepton__screen_text(app->screen, at.y, at.x + AT_NAME, AT_FIGURES - AT_NAME, look->text, row->name);
	if (row->state == LEPTON_PREVIEW_REFUSED || row->state == LEPTON_PREVIEW_LEFT_OUT)
		lepton__screen_text(app->screen, at.y, at.x + AT_FIGURES + 2, at.cols - AT_FIGURES - 3,
			look->small, row->why);
	else if (row->state == LEPTON_PREVIEW_SCORED)
		draw_figures(app, look, row);
	if (row->state != LEPTON_PREVIEW_REFUSED && row->state != LEPTON_PREVIEW_LEFT_OUT &&
		at.cols - note_at >= NOTE_LEAST)
		lepton__screen_text(
			app->screen, at.y, at.x + note_at, at.cols - note_at - 1, look->small, note);
}

static void draw_head(struct lepton__app *app, const struct lepton__preview *w, struct lepton__rect row)
{
	const struct look look = {
		row, lepton__style(app, LEPTON__TITLE), lepton__style(app, LEPTON__INACTIVE)};
	const char *quality = app->dash.run->regression ? "val RMSE" : "val acc";
	lepton__screen_text(app->screen, row.y, row.x + AT_NAME, AT_FIGURES - AT_NAME, look.small,
		w->by_loss ? "by loss" : "");
	draw_cells(app, &look, (const char *const[CELLS]){"val loss", quality, "size", "time"});
}

/* ---- the versions ---- */

/* As many as there is room for, the best first where not all fit. */
static void draw_parents(struct lepton__app *app, const struct lepton__preview *w, struct lepton__rect area)
{
	size_t order[LEPTON_PREVIEW_ROWS_MAX], count = (size_t)w->count;
	const size_t rows = (size_t)area.rows, fit = rows < count ? rows - 1 : count;
	struct look look = {{area.y, area.x, 1, area.cols}, lepton__style(app, LEPTON__MISC),
		lepton__style(app, LEPTON__INACTIVE)};
	lepton_preview_order(w->table.parents, w->table.parent_count, order);
	for (size_t i = 0; i < fit; i++, look.row.y++) {
		struct lepton_preview_row unknown = {.id = w->ids[i]};
		lepton__copy_name(unknown.name, sizeof unknown.name, lepton__version_name(app, w->ids[i]));
		bool known = w->table.parent_count == count;
		draw_row(app, &look,
			known ? &w->table.parents[fit < count || w->by_loss ? order[i] : i] : &unknown, "");
	}
	if (fit < count)
		lepton__screen_textf(app->screen, look.row.y, area.x + AT_NAME, area.cols - AT_NAME,
			look.small, "and %zu more%s", count - fit, w->table.done ? ", none better" : "");
}

/* ---- the methods ---- */

static const char *summary_of(const char *name)
{
	const struct lepton_fuser *method;
	return lepton_fuser_find(name, &method, NULL) ? "" : method->summary;
}

/* The one that is being made: the first that waits. */
static const struct lepton_preview_row *now_tried(
	const struct lepton__app *app, const struct lepton__preview *w)
{
	if (!w->shown || !lepton__preview_runs(app, w))
		return NULL;
	for (size_t i = 0; i < w->table.parent_count; i++)
		if (w->table.parents[i].state == LEPTON_PREVIEW_WAITS)
			return NULL;
	for (size_t i = 0; i < w->table.method_count; i++)
		if (w->table.methods[i].state == LEPTON_PREVIEW_WAITS)
			return &w->table.methods[i];
	return NULL;
}

static void draw_method(struct lepton__app *app, const struct lepton__preview *w, struct lepton__rect at,
	size_t which, const struct lepton_preview_row *now)
{
	const struct lepton_preview_row *row = &w->table.methods[which];
	const bool here = which == w->cursor, none = row->state != LEPTON_PREVIEW_SCORED;
	struct look look = {at,
		lepton__style(app, here   ? LEPTON__SELECTED
				   : none ? LEPTON__INACTIVE
					  : LEPTON__MAIN),
		lepton__style(app, here ? LEPTON__SELECTED : LEPTON__INACTIVE)};
	if (here)
		lepton__screen_fill(app->screen, at, ' ', look.text);
	look.text.attributes |= here ? LEPTON__BOLD : 0;
	lepton__screen_text(app->screen, at.y, at.x, 1, look.text, here ? ">" : " ");
	if (row == lepton_preview_best(&w->table))
		lepton__screen_put(app->screen, at.y, at.x + AT_STAR, 0x2605, look.text);
	draw_row(app, &look, row, summary_of(row->name));
	if (row == now)
		lepton__screen_right(app->screen, at.y, at.x + AT_FIGURES, CELL, look.small, "trying");
	lepton__hit_add(app, at, LEPTON__HIT_ITEM, (int64_t)which);
}

static void draw_methods(struct lepton__app *app, struct lepton__preview *w, struct lepton__rect area)
{
	size_t order[LEPTON_PREVIEW_ROWS_MAX], at = 0;
	const struct lepton_preview_row *now = now_tried(app, w);
	lepton__preview_rows(w, order);
	while (at + 1 < w->table.method_count && order[at] != w->cursor)
		at++;
	w->page = area.rows > 0 ? (size_t)area.rows : 1;
	if (w->top + w->page > w->table.method_count)
		w->top = w->page < w->table.method_count ? w->table.method_count - w->page : 0;
	w->top = at < w->top ? at : at >= w->top + w->page ? at - w->page + 1 : w->top;
	for (size_t i = w->top; i < w->table.method_count && i < w->top + w->page; i++)
		draw_method(app, w, (struct lepton__rect){area.y + (int)(i - w->top), area.x, 1, area.cols},
			order[i], now);
	lepton__scrollbar_draw(app->screen, &app->theme, area.y, area.x + area.cols, area.rows, w->top,
		w->page, w->table.method_count);
}

/* ---- the frame ---- */

static void state_of(const struct lepton__app *app, const struct lepton__preview *w, char *out, size_t size)
{
	size_t tried = 0, wait = 0;
	for (size_t i = 0; i < w->table.method_count; i++) {
		wait += w->table.methods[i].state == LEPTON_PREVIEW_WAITS;
		tried += w->table.methods[i].state == LEPTON_PREVIEW_SCORED ||
			 w->table.methods[i].state == LEPTON_PREVIEW_REFUSED;
	}
	if (!lepton__preview_runs(app, w))
		lepton__print(out, size, w->table.done ? "all tried" : "ended, %zu of %zu tried", tried,
			tried + wait);
	else if (!w->shown)
		lepton__print(out, size, "waits for its turn");
	else
		lepton__print(out, size, "%zu of %zu tried", tried, tried + wait);
}

static void caption_of(const struct lepton__preview *w, char *out, size_t size)
{
	char samples[LEPTON__FMT];
	lepton__fmt_integer(samples, w->table.samples);
	if (*w->problem)
		lepton__print(out, size, "no preview: %s", w->problem);
	else if (w->table.samples)
		lepton__print(
			out, size, "\u2605 lowest loss of %s validation samples, default settings", samples);
	else
		lepton__print(out, size, "default settings");
}

static void draw_inside(struct lepton__app *app, struct lepton__preview *w, struct lepton__rect inside)
{
	char caption[320];
	struct lepton__rect rest, head = lepton__rect_rows(inside, 1, &rest);
	int most = rest.rows - 1 - (int)w->table.method_count;
	most = most < 2 ? 2 : most;
	draw_head(app, w, head);
	head = lepton__rect_rows(rest, most < w->count ? most : w->count, &rest);
	draw_parents(app, w, head);
	head = lepton__rect_rows(rest, 1, &rest);
	caption_of(w, caption, sizeof caption);
	lepton__rule_draw(app->screen, &app->theme, head.y, head.x, head.cols, caption);
	draw_methods(app, w, rest);
}

void lepton__preview_draw(struct lepton__app *app, struct lepton__preview *w)
{
	const struct lepton_preview_row *here = &w->table.methods[w->cursor];
	const struct lepton__rect all = {1, 0, app->screen->rows - 2, app->screen->cols};
	const int cols = all.cols - 4 < 120 ? all.cols - 4 : 120, most = all.rows - 1,
		  rows = w->count + (int)w->table.method_count + 4;
	char names[64], title[96], state[64], says[320];
	lepton__name_list(app, w->ids, (size_t)w->count, names, sizeof names);
	lepton__print(title, sizeof title, "Fuse %.60s: how?", names);
	state_of(app, w, state, sizeof state);
	lepton__print(says, sizeof says, "%s: %s", here->name,
		here->state == LEPTON_PREVIEW_REFUSED ? here->why : summary_of(here->name));
	const struct lepton__box box = {.title = title,
		.right = state,
		.bottom = says,
		.role = LEPTON__OTHER_BOX,
		.focus = true,
		.fill = true};
	draw_inside(app, w,
		lepton__box_draw(app->screen, &app->theme,
			lepton__rect_center(all, rows < most ? rows : most, cols), &box));
}
