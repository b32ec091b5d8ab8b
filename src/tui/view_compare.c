/* tui/view_compare.c - what differs between versions, and what it did to the figures; best first.
 *
 * Only hyper-parameters that are not the same in all the compared versions get a column, so that two
 * runs which differ in one number show one column. Compared are the marked versions, or all that
 * are shown. The pane below spells out how the selected one differs from the best.
 */
#include "config.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/compare_table.h"
#include "tui/format.h"
#include "tui/list.h"
#include "tui/parallel.h"
#include "tui/views.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CELL 96
#define WORDS 8 /* rows of the words where the picture is below */

/* ---- the columns of figures ---- */

static double g_val(const struct lepton_run *run, const struct lepton_run_version *v)
{
	return run->regression ? -lepton_run_rmse(v->val_loss) : v->val_accuracy;
}
static double g_test(const struct lepton_run *run, const struct lepton_run_version *v)
{
	return run->regression ? -lepton_run_rmse(v->test_loss) : v->test_accuracy;
}
static double g_loss(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return -v->loss;
}
static double g_size(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return -(double)v->bytes;
}
static double g_time(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return v->seconds > 0 ? -v->seconds : NAN;
}

static const struct figure {
	const char *head, *head_of_regression;
	double (*good)(
		const struct lepton_run *run, const struct lepton_run_version *v); /* larger is better */
} figures[] = {{"val acc", "val rmse", g_val}, {"test acc", "test rmse", g_test}, {"loss", "loss", g_loss},
	{"size", "size", g_size}, {"trained", "trained", g_time}};
enum { FIGURES = sizeof figures / sizeof *figures, FIGURE_COLS = 9 };

static void figure_text(
	int figure, const struct lepton_run *run, const struct lepton_run_version *v, char *out, size_t size)
{
	char text[LEPTON__FMT];
	double good = figures[figure].good(run, v);
	if (figure <= 1 && run->regression)
		lepton__fmt_loss(text, -good);
	else if (figure <= 1)
		lepton__fmt_percent(text, good);
	else if (figure == 2)
		lepton__fmt_loss(text, v->loss);
	if (figure <= 2)
		lepton__print(out, size, "%s", text);
	else if (figure == 3)
		lepton__text_bytes(out, size, (double)v->bytes);
	else if (isfinite(good))
		lepton__text_duration(out, size, v->seconds);
	else
		lepton__print(out, size, "-");
}

static double best_of(const struct lepton__app *app, const struct lepton__compared *table, int figure)
{
	double best = -INFINITY;
	for (size_t i = 0; i < table->count; i++) {
		double good = figures[figure].good(app->dash.run, app->dash.run->versions[table->rows[i]]);
		best = good > best ? good : best;
	}
	return best;
}

/* ---- drawing ---- */

struct widths {                 /* found once a frame: there may be hundreds of versions */
	int rank, name, before; /* before: columns left of the names */
	int keys[LEPTON__COMPARE_KEYS];
	double best[FIGURES];
};

static int name_width(const struct lepton__app *app, const struct lepton__compared *table)
{
	int widest = 8;
	for (size_t i = 0; i < table->count; i++) {
		int width = lepton__text_width(app->dash.run->versions[table->rows[i]]->name);
		widest = width > widest ? width : widest;
	}
	return widest > 24 ? 24 : widest;
}

static const char *setting(
	const struct lepton__app *app, size_t index, const char *key, char out[LEPTON__FMT])
{
	return lepton__fmt_setting(out, lepton__compare_setting(app, index, key));
}

static int key_width(const struct lepton__app *app, const struct lepton__compared *table, const char *key)
{
	char value[LEPTON__FMT];
	int widest = lepton__text_width(lepton__short_key(key));
	for (size_t i = 0; i < table->count; i++) {
		int width = lepton__text_width(setting(app, table->rows[i], key, value));
		widest = width > widest ? width : widest;
	}
	return widest > 26 ? 26 : widest;
}

static struct widths find_widths(const struct lepton__app *app, const struct lepton__compared *table)
{
	struct widths w = {.rank = table->count > 999  ? 4
				   : table->count > 99 ? 3
						       : 2,
		.name = name_width(app, table)};
	w.before = w.rank + 3;
	for (size_t k = 0; k < table->key_count; k++)
		w.keys[k] = key_width(app, table, table->keys[k]);
	for (int f = 0; f < FIGURES; f++)
		w.best[f] = best_of(app, table, f);
	return w;
}

/* Figure columns that leave at least one setting its place. */
static int figures_shown(int cols, const struct widths *w)
{
	int shown = (cols - w->name - w->before - 1 - 22) / (FIGURE_COLS + 1);
	return shown < 2 ? 2 : shown > FIGURES ? FIGURES : shown;
}

static void draw_head(struct lepton__app *app, const struct lepton__compared *table, struct lepton__rect row,
	const struct widths *w)
{
	struct lepton__style style = lepton__style(app, LEPTON__TITLE), key = lepton__style(app, LEPTON__HOT);
	int x = row.x + w->before, end = row.x + row.cols, shown = figures_shown(row.cols, w);
	lepton__screen_text(app->screen, row.y, x, w->name, style, "name");
	x += w->name + 1;
	for (int f = 0; f < shown; f++, x += FIGURE_COLS + 1)
		lepton__screen_right(app->screen, row.y, x, FIGURE_COLS, style,
			app->dash.run->regression ? figures[f].head_of_regression : figures[f].head);
	x++;
	for (size_t k = (size_t)app->scroll[LEPTON__VIEW_COMPARE].left; k < table->key_count && x < end;
		k++) {
		lepton__draw_piece(app, row.y, x, end, key, lepton__short_key(table->keys[k]));
		x += w->keys[k] + 2;
	}
}

static void draw_row(struct lepton__app *app, const struct lepton__compared *table, struct lepton__rect row,
	size_t rank, const struct widths *w)
{
	size_t index = table->rows[rank];
	const struct lepton_run_version *v = app->dash.run->versions[index];
	bool here = v->id == app->dash.selected;
	struct lepton__style text = lepton__style(app, here ? LEPTON__SELECTED : LEPTON__MAIN),
			     curve = lepton__curve_style(app, index);
	if (here)
		lepton__screen_fill(app->screen, row, ' ', text);
	curve.bg = LEPTON__COLOR_DEFAULT;
	int x = row.x + w->before, end = row.x + row.cols, shown = figures_shown(row.cols, w);
	lepton__hit_add(app, row, LEPTON__HIT_ROW, v->id);
	lepton__screen_textf(app->screen, row.y, row.x, w->rank,
		here ? text : lepton__style(app, LEPTON__INACTIVE), "%*zu", w->rank, rank + 1);
	lepton__screen_put(
		app->screen, row.y, x - 2, lepton__theme_marker(index, app->screen->glyphs), curve);
	lepton__screen_text(app->screen, row.y, x, w->name, text, v->name);
	x += w->name + 1;
	for (int f = 0; f < shown; f++, x += FIGURE_COLS + 1) {
		char cell[CELL];
		double good = figures[f].good(app->dash.run, v);
		bool best = table->count > 1 && isfinite(good) && good >= w->best[f];
		struct lepton__style style =
			best && !here ? lepton__theme_bold(&app->theme, LEPTON__GOOD) : text;
		style.attributes |= best ? LEPTON__BOLD : 0;
		figure_text(f, app->dash.run, v, cell, sizeof cell);
		lepton__screen_right(app->screen, row.y, x, FIGURE_COLS, style, cell);
	}
	x++;
	for (size_t k = (size_t)app->scroll[LEPTON__VIEW_COMPARE].left; k < table->key_count && x < end;
		k++) {
		char value[LEPTON__FMT];
		int width = w->keys[k];
		lepton__screen_text(app->screen, row.y, x, width < end - x ? width : end - x, text,
			setting(app, index, table->keys[k], value));
		x += width + 2;
	}
}

static void draw_differences(
	struct lepton__app *app, const struct lepton__compared *table, struct lepton__rect rect)
{
	const struct lepton_run_version *v = lepton__dash_selected(&app->dash);
	struct lepton__lines lines = {0};
	size_t index = v ? lepton__dash_index(&app->dash, v->id) : 0, best = table->rows[0];
	char title[160];
	bool same = v && index == best;
	lepton__print(title, sizeof title,
		same ? "%.40s is the best; how it is set" : "%.40s beside the best, %.40s", v ? v->name : "?",
		app->dash.run->versions[best]->name);
	for (size_t k = 0; v && k < table->key_count; k++) {
		char number[LEPTON__FMT], other[LEPTON__FMT];
		const char *mine = setting(app, index, table->keys[k], number),
			   *its = setting(app, best, table->keys[k], other);
		if (same)
			lepton__lines_pair(&lines, table->keys[k], LEPTON__MAIN, "%s", mine);
		else if (strcmp(mine, its) != 0)
			lepton__lines_pair(
				&lines, table->keys[k], LEPTON__MAIN, "%s   (best: %s)", mine, its);
	}
	if (!lines.count)
		lepton__lines_text(&lines, LEPTON__INACTIVE, "%s",
			table->key_count
				? "set alike; only seeds or data order differ"
				: lepton__spell("all compared versions are set alike: mark others with "
						"{mark}, or clone one with a change ({clone})"));
	struct lepton__box box = {.title = title, .role = LEPTON__DETAIL_BOX};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	struct lepton__rect text = {inside.y, inside.x + 1, inside.rows, inside.cols - 2};
	lepton__lines_draw(app->screen, &app->theme, text, &lines, 0);
	lepton__lines_free(&lines);
}

static void draw_table(
	struct lepton__app *app, const struct lepton__compared *table, struct lepton__rect rect)
{
	char title[64], right[96];
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_COMPARE];
	int64_t ids[2];
	bool marked = lepton__dash_marked(&app->dash, ids, 2) >= 2;
	lepton__print(
		title, sizeof title, "%zu %sversions, best first", table->count, marked ? "marked " : "");
	if (scroll->left)
		lepton__print(right, sizeof right, "%zu settings differ, from number %ld on",
			table->key_count, scroll->left + 1);
	else
		lepton__print(right, sizeof right, "%zu setting%s", table->key_count,
			table->key_count == 1 ? " differs" : "s differ");
	struct lepton__box box = {.title = title, .right = right, .role = LEPTON__LIST_BOX, .focus = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box), rows;
	struct lepton__rect head = lepton__rect_rows(inside, 1, &rows);
	const struct widths w = find_widths(app, table);
	draw_head(app, table, head, &w);
	scroll->page = rows.rows;
	lepton__scroll_to(scroll, lepton__row_selected(app, table->rows, table->count), (long)table->count);
	for (long i = 0; i < rows.rows && scroll->top + i < (long)table->count; i++)
		draw_row(app, table, (struct lepton__rect){rows.y + (int)i, rows.x, 1, rows.cols},
			(size_t)(scroll->top + i), &w);
	lepton__scrollbar_draw(app->screen, &app->theme, rows.y, rect.x + rect.cols - 1, rows.rows,
		(size_t)scroll->top, (size_t)scroll->page, table->count);
}

/* Whether there is something to draw, and memory to find out in. */
static bool has_picture(
	struct lepton__app *app, const struct lepton__compared *table, struct lepton__rect rect)
{
	if (!app->sweep)
		app->sweep = lepton__calloc(1, sizeof *app->sweep);
	return app->sweep && table->key_count && table->count > 1 && rect.rows >= LEPTON__PARALLEL_ROWS &&
	       rect.cols >= LEPTON__PARALLEL_COLS;
}

/* Words and picture where there is room for both, else one of them. */
static void draw_below(
	struct lepton__app *app, const struct lepton__compared *table, struct lepton__rect rect)
{
	struct lepton__rect rest = rect;
	const bool both = rect.rows >= WORDS + LEPTON__PARALLEL_ROWS;
	const bool picture = has_picture(app, table, rect);
	if (picture && both) {
		const int rows = (int)table->key_count + 2 < WORDS ? (int)table->key_count + 2 : WORDS;
		draw_differences(app, table, lepton__rect_rows(rect, rows < 3 ? 3 : rows, &rest));
	}
	if (picture && (both || app->compare_picture)) {
		const struct lepton__compared drawn = lepton__compare_picture(app, table);
		lepton__parallel_draw(app, rest, drawn.rows, drawn.count, drawn.keys, drawn.key_count);
	} else if (!picture || !both)
		draw_differences(app, table, rect);
}

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	struct lepton__compared table;
	struct lepton__rect rest;
	if (!lepton__compare_make(app, &table))
		return;
	if (!table.count) {
		lepton__screen_center(app->screen, area.y + area.rows / 2, area.x, area.cols,
			lepton__style(app, LEPTON__INACTIVE), "nothing to compare: no version is shown");
	} else {
		struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_COMPARE];
		if (scroll->left >= (long)table.key_count)
			scroll->left = table.key_count ? (long)table.key_count - 1 : 0;
		int most = app->compare_picture ? area.rows - LEPTON__PARALLEL_ROWS - 2 : area.rows * 3 / 5;
		int wanted = (int)table.count + 3;
		most = most < 6 ? 6 : most;
		struct lepton__rect top =
			lepton__rect_rows(area, wanted < most ? (wanted < 6 ? 6 : wanted) : most, &rest);
		draw_table(app, &table, top);
		draw_below(app, &table, rest);
	}
	lepton__free(table.rows);
}

static void move(struct lepton__app *app, enum lepton__move how)
{
	struct lepton__compared table;
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_COMPARE];
	if (how == LEPTON__LEFT || how == LEPTON__RIGHT) {
		scroll->left += how == LEPTON__LEFT ? (scroll->left > 0 ? -1 : 0) : 1;
		return;
	}
	if (!lepton__compare_make(app, &table))
		return;
	lepton__rows_move(app, how, table.rows, table.count);
	lepton__free(table.rows);
}

const struct lepton__view lepton__view_compare = {
	.name = "Compare",
	.summary =
		"The marked versions (or all) side by side, the best by validation accuracy first. The "
		"best figure of each column "
		"is bold. Only settings that differ have a column; {left} and {right} go through them when "
		"they do not all fit.\n"
		"Below: how the selected version differs from the best, and each version as a line through "
		"its settings to its figure, coloured from worst to best. Over a setting stand its "
		"importance, the share a random forest goes by it that learns the figure from the "
		"settings, and its rank correlation with the figure.",
	.draw = draw,
	.move = move,
};
