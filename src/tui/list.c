/* tui/list.c - the list of versions.
 *
 * Columns stand in one table with the order in which they are given up when it gets narrow; the
 * name and the sparkline share what is left. Figures are right-aligned so that they read as columns
 * of numbers. A row begins with its curve's own sign and colour: the list is the curves' legend.
 */
#include "config.h"
#include "tui/list.h"
#include "tui/closeup.h"
#include "tui/acts.h"
#include "tui/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TEXT 64
#define PARTS 256 /* columns of a sparkline, of which the older points are an outline */

struct column {
	const char *head;
	int width; /* without the blank behind it */
	int drop;  /* given up in falling order; 0 never */
	int sort;  /* lepton__sort a click on the head asks for; -1: none */
	bool left; /* text, not figures */
	void (*text)(const struct lepton__app *app, const struct lepton_run_version *version, char out[TEXT]);
};

static void c_state(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	(void)app;
	lepton__print(out, TEXT, "%s", lepton_version_state_name(v->state));
}

static void c_epoch(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	(void)app;
	if (!isfinite(v->epoch) || v->epochs <= 0 ||
		(v->epoch <= 0 && v->state != LEPTON_QUEUED && v->state != LEPTON_RUNNING))
		lepton__print(out, TEXT, "-");
	else if (v->epoch >= (double)v->epochs - 1e-9)
		lepton__print(out, TEXT, "%lld/%lld", (long long)v->epochs, (long long)v->epochs);
	else
		lepton__print(out, TEXT, "%.1f/%lld", v->epoch, (long long)v->epochs);
}

static void c_loss(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	(void)app;
	lepton__fmt_loss(out, v->loss);
}

static void c_accuracy(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	lepton__fmt_quality(out, app->dash.run, v->accuracy, v->loss);
}

static void c_val(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	lepton__fmt_quality(out, app->dash.run, v->val_accuracy, v->val_loss);
}

static void c_val_loss(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	(void)app;
	lepton__fmt_loss(out, v->val_loss);
}

static void c_test(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	lepton__fmt_quality(out, app->dash.run, v->test_accuracy, v->test_loss);
}

static void c_rate(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	(void)app;
	lepton__fmt_rate(out, v->state == LEPTON_RUNNING ? v->samples_per_second : NAN);
}

static void c_size(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	(void)app;
	if (v->bytes)
		lepton__text_bytes(out, TEXT, (double)v->bytes);
	else /* an external program's, which gave none */
		lepton__print(out, TEXT, "-");
}

static void c_time(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	(void)app;
	if (v->seconds > 0)
		lepton__text_duration(out, TEXT, v->seconds);
	else
		lepton__print(out, TEXT, "-");
}

static void c_left(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	const struct lepton__extra *extra = lepton__dash_extra(&app->dash, v->id);
	if (extra && v->state == LEPTON_RUNNING && isfinite(extra->left))
		lepton__text_duration(out, TEXT, extra->left);
	else
		lepton__print(out, TEXT, "-");
}

static void c_tags(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	(void)app;
	lepton__text_cut(out, TEXT, lepton_text_get(v->tags), 14);
}

static void c_from(const struct lepton__app *app, const struct lepton_run_version *v, char out[TEXT])
{
	char origin[200];
	lepton__origin(app, v, origin, sizeof origin);
	lepton__text_cut(out, TEXT, *origin ? origin : v->learner, 30);
}

static const struct column columns[] = {
	{"state", 8, 7, LEPTON__SORT_STATE, true, c_state},
	{"epoch", 8, 0, LEPTON__SORT_EPOCH, false, c_epoch},
	{"loss", 7, 0, LEPTON__SORT_LOSS, false, c_loss},
	{"acc", 7, 0, LEPTON__SORT_ACCURACY, false, c_accuracy},
	{"val acc", 7, 2, LEPTON__SORT_VAL, false, c_val},
	{"val loss", 8, 9, -1, false, c_val_loss},
	{"test acc", 8, 5, LEPTON__SORT_TEST, false, c_test},
	{"samples", 8, 3, LEPTON__SORT_RATE, false, c_rate},
	{"size", 8, 6, LEPTON__SORT_SIZE, false, c_size},
	{"trained", 7, 10, -1, false, c_time},
	{"left", 7, 8, -1, false, c_left},
	{"tags", 14, 11, -1, true, c_tags},
	{"made by", 30, 12, -1, true, c_from},
};
enum {
	COLUMNS = sizeof columns / sizeof *columns,
	SIGNS = LEPTON__LIST_SIGNS,
	NAME_LEAST = 12,
	SPARK_LEAST = 8
};

struct plan {
	bool shown[COLUMNS];
	int name, spark; /* widths */
};

static int figures_width(const struct plan *plan)
{
	int width = 0;
	for (int c = 0; c < COLUMNS; c++)
		width += plan->shown[c] ? columns[c].width + 1 : 0;
	return width;
}

static int widest_name(const struct lepton__app *app)
{
	int widest = NAME_LEAST;
	for (size_t i = 0; i < app->dash.shown; i++) {
		int width = lepton__text_width(app->dash.run->versions[app->dash.order[i]]->name);
		widest = width > widest ? width : widest;
	}
	return widest > 28 ? 28 : widest;
}

static bool any_tags(const struct lepton__app *app)
{
	for (size_t i = 0; i < app->dash.shown; i++)
		if (app->dash.run->versions[app->dash.order[i]]->tags)
			return true;
	return false;
}

static struct plan plan_columns(const struct lepton__app *app, int cols)
{
	struct plan plan;
	int name = widest_name(app);
	for (int c = 0; c < COLUMNS; c++)
		plan.shown[c] = columns[c].text != c_tags || any_tags(app);
	for (int drop = 12; drop > 0; drop--) {
		int least = name < 16 || drop > 5 ? name : 16;
		if (SIGNS + least + 1 + figures_width(&plan) + SPARK_LEAST <= cols)
			break;
		for (int c = 0; c < COLUMNS; c++)
			if (columns[c].drop == drop)
				plan.shown[c] = false;
	}
	int rest = cols - SIGNS - 1 - figures_width(&plan);
	plan.spark = rest - name >= SPARK_LEAST         ? rest - name
		     : rest - SPARK_LEAST >= NAME_LEAST ? SPARK_LEAST
							: 0;
	if (plan.spark > 40)
		plan.spark = 40;
	plan.name = rest - plan.spark < name ? rest - plan.spark : name;
	if (plan.name < 4)
		plan.name = 4;
	return plan;
}

static void draw_cell(struct lepton__app *app, int y, int x, const struct column *column,
	struct lepton__style style, const char *text)
{
	if (column->left)
		lepton__screen_text(app->screen, y, x, column->width, style, text);
	else
		lepton__screen_right(app->screen, y, x, column->width, style, text);
}

static void draw_head_cell(
	struct lepton__app *app, int y, int x, int width, const char *text, bool left, int sort)
{
	bool now = sort >= 0 && (int)app->dash.sort == sort;
	struct lepton__style style =
		now ? lepton__theme_bold(&app->theme, LEPTON__HOT) : lepton__style(app, LEPTON__TITLE);
	char head[32];
	const char *arrow = !now ? "" : app->dash.turned ? "\u25b2" : "\u25bc";
	lepton__print(head, sizeof head, "%s%s", text, arrow);
	if (left)
		lepton__screen_text(app->screen, y, x, width, style, head);
	else
		lepton__screen_right(app->screen, y, x, width, style, head);
	if (sort >= 0)
		lepton__hit_add(app, (struct lepton__rect){y, x, 1, width}, LEPTON__HIT_SORT, sort);
}

/* Columns of accuracies have the RMSE of a regression. */
static const char *head_of(const struct lepton__app *app, const struct column *column)
{
	if (!app->dash.run->regression)
		return column->head;
	return column->text == c_accuracy ? "rmse"
	       : column->text == c_val    ? "valrmse"
	       : column->text == c_test   ? "testrmse"
					  : column->head;
}

static void draw_head(struct lepton__app *app, struct lepton__rect row, const struct plan *plan)
{
	int x = row.x + SIGNS;
	draw_head_cell(app, row.y, x, plan->name, "name", true, LEPTON__SORT_NAME);
	x += plan->name + 1;
	for (int c = 0; c < COLUMNS; c++) {
		if (!plan->shown[c])
			continue;
		draw_head_cell(
			app, row.y, x, columns[c].width, head_of(app, &columns[c]), columns[c].left, columns[c].sort);
		x += columns[c].width + 1;
	}
	if (plan->spark)
		draw_head_cell(app, row.y, x, plan->spark, lepton__metric_names[app->dash.metric], true, -1);
}

/* Which history the sparkline shows: the metric of the curves. */
static void draw_spark(struct lepton__app *app, int y, int x, int cols, struct lepton__style style,
	const struct lepton_run_version *v)
{
	const struct lepton_history *h = &v->history;
	bool accuracy = app->dash.metric == LEPTON__ACCURACY;
	float parts[PARTS];
	if (h->thinned && app->dash.metric <= LEPTON__ACCURACY) {
		size_t count = lepton__history_parts(h, accuracy, parts, cols < PARTS ? (size_t)cols : PARTS);
		lepton__sparkline_draw(app->screen, y, x, cols, style, parts, count);
		return;
	}
	const struct lepton_epochs *e = &v->epochs_done;
	switch (app->dash.metric) {
	case LEPTON__LOSS:
		lepton__sparkline_draw(app->screen, y, x, cols, style, h->loss, h->count);
		break;
	case LEPTON__ACCURACY:
		lepton__sparkline_draw(app->screen, y, x, cols, style, h->accuracy, h->count);
		break;
	case LEPTON__VAL_LOSS:
		lepton__sparkline_draw(app->screen, y, x, cols, style, e->val_loss, e->count);
		break;
	default:
		lepton__sparkline_draw(app->screen, y, x, cols, style, e->val_accuracy, e->count);
	}
}

/* The curve's sign where its curve is shown, a check where marked, the state. */
static void draw_signs(struct lepton__app *app, int y, int x, size_t index, bool here)
{
	const struct lepton__extra *extra = &app->dash.extras[index];
	const struct lepton_run_version *version = app->dash.run->versions[index];
	bool drawn = lepton__dash_drawn(&app->dash, index) && extra->trace[app->dash.metric].raw.count > 0;
	struct lepton__style curve = lepton__curve_style(app, index),
			     state = lepton__style(app, lepton__state_role(version->state));
	curve.bg = state.bg = LEPTON__COLOR_DEFAULT;
	if (here && app->mono)
		curve.attributes = state.attributes = LEPTON__REVERSE;
	if (extra->marked)
		lepton__screen_text(app->screen, y, x, 1,
			lepton__theme_bold(&app->theme, here ? LEPTON__SELECTED : LEPTON__HOT), "*");
	if (drawn)
		lepton__screen_put(
			app->screen, y, x + 1, lepton__theme_marker(index, app->screen->glyphs), curve);
	if (extra->pinned)
		lepton__screen_text(app->screen, y, x + 2, 1,
			lepton__theme_bold(&app->theme, here ? LEPTON__SELECTED : LEPTON__HOT),
			app->screen->glyphs == LEPTON__GLYPHS_BRAILLE ? "\u2691" : "H");
	lepton__screen_text(app->screen, y, x + 3, 1, state, lepton__state_sign(app, version->state));
	lepton__hit_add(app, (struct lepton__rect){y, x, 1, SIGNS - 1}, LEPTON__HIT_MARK, version->id);
}

static bool has_alias(const struct lepton__app *app, int64_t id)
{
	for (size_t i = 0; i < app->dash.run->alias_count; i++)
		if (app->dash.run->aliases[i].target == id)
			return true;
	return false;
}

static void draw_row(struct lepton__app *app, struct lepton__rect row, size_t index, const struct plan *plan)
{
	const struct lepton_run_version *v = app->dash.run->versions[index];
	bool here = v->id == app->dash.selected;
	bool quiet = v->state == LEPTON_ARCHIVED || v->state == LEPTON_QUEUED;
	struct lepton__style text = lepton__style(app, here    ? LEPTON__SELECTED
						       : quiet ? LEPTON__INACTIVE
							       : LEPTON__MAIN);
	if (here)
		lepton__screen_fill(app->screen, row, ' ', text);
	lepton__hit_add(app, row, LEPTON__HIT_ROW, v->id);
	draw_signs(app, row.y, row.x, index, here);
	int x = row.x + SIGNS;
	struct lepton__style name = text;
	name.attributes |= here || app->dash.extras[index].marked ? LEPTON__BOLD : 0;
	int used = lepton__screen_text(app->screen, row.y, x, plan->name, name, v->name);
	if (has_alias(app, v->id) && used + 2 <= plan->name) /* what others are served */
		lepton__screen_text(app->screen, row.y, x + used + 1, 1,
			here ? text : lepton__style(app, LEPTON__GOOD),
			app->screen->glyphs == LEPTON__GLYPHS_BRAILLE ? "\u2605" : "^");
	x += plan->name + 1;
	for (int c = 0; c < COLUMNS; c++) {
		char cell[TEXT] = "";
		if (!plan->shown[c])
			continue;
		columns[c].text(app, v, cell);
		struct lepton__style style =
			c == 0 && !here ? lepton__style(app, lepton__state_role(v->state)) : text;
		draw_cell(app, row.y, x, &columns[c], style, cell);
		x += columns[c].width + 1;
	}
	if (plan->spark) {
		struct lepton__style spark = lepton__curve_style(app, index);
		spark.bg = text.bg;
		spark.attributes |= here && app->mono ? LEPTON__REVERSE : 0;
		draw_spark(app, row.y, x, plan->spark, spark, v);
	}
}

void lepton__scroll_to(struct lepton__scroll *scroll, long at, long total)
{
	scroll->total = total;
	if (at >= scroll->top + scroll->page)
		scroll->top = at - scroll->page + 1;
	if (at < scroll->top)
		scroll->top = at;
	if (scroll->top > total - scroll->page)
		scroll->top = total - scroll->page;
	if (scroll->top < 0)
		scroll->top = 0;
}

static void draw_nothing(struct lepton__app *app, struct lepton__rect rect)
{
	const char *text = app->dash.run->version_count == 0
				   ? "no versions yet: they appear as soon as the engine says them"
			   : *app->dash.filter_text
				   ? "no version matches the filter: Esc shows all, / changes it"
				   : "all versions are archived: z shows them";
	lepton__screen_center(app->screen, rect.y + rect.rows / 2, rect.x, rect.cols,
		lepton__style(app, LEPTON__INACTIVE), text);
}

void lepton__list_draw(
	struct lepton__app *app, struct lepton__rect rect, int frame_x, struct lepton__scroll *scroll)
{
	struct lepton__rect rows;
	struct lepton__rect head = lepton__rect_rows(rect, 1, &rows);
	struct plan plan = plan_columns(app, rect.cols);
	if (!app->dash.shown || rows.rows < 1) {
		draw_nothing(app, rect);
		return;
	}
	draw_head(app, head, &plan);
	scroll->page = rows.rows;
	lepton__scroll_to(scroll, lepton__dash_row(&app->dash), (long)app->dash.row_count);
	for (long i = 0; i < scroll->page && scroll->top + i < (long)app->dash.row_count; i++) {
		struct lepton__rect place = {rows.y + (int)i, rows.x, 1, rows.cols};
		long row = app->dash.rows[scroll->top + i];
		if (lepton__is_header(row))
			lepton__bunch_draw(app, place, lepton__bunch_at(row));
		else
			draw_row(app, place, (size_t)row, &plan);
	}
	lepton__scrollbar_draw(app->screen, &app->theme, rows.y, frame_x, rows.rows, (size_t)scroll->top,
		(size_t)scroll->page, app->dash.row_count);
}
