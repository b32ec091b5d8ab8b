/* tui/view_size.c - what a byte buys: every version by its size and its quality, and which of them none beats in both.
 *
 * Above, a picture: size to the right, in steps of ten times, quality upwards; a line leads along the front. Below, the
 * same as a list, smallest first. Where the selected version was found by a search ("compress" with "auto"), what the
 * search tried along its own front is drawn as dots, and can be kept instead (K).
 */
#include "config.h"
#include "base/json.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/list.h"
#include "base/pareto.h"
#include "tui/plot.h"
#include "tui/views.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LABELS 8 /* columns for the quality's labels */
#define TICKS 32
#define INK_LINE 0
#define INK_TRIES 1

struct sizes {
	size_t *rows; /* indices of versions, smallest first */
	struct lepton__offer *offers;
	size_t count;
	struct lepton__offer *tries; /* of the selected version's search */
	size_t try_count;
	double x_min, x_max, y_min, y_max; /* of the picture; x in powers of ten */
};

/* ---- what there is ---- */

static double quality(const struct lepton_run *run, double accuracy, double loss)
{
	return run->regression ? -lepton_run_rmse(loss) : accuracy;
}

/* On validation data, where it was seen; else on test data. */
static double quality_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	double seen = quality(run, v->val_accuracy, v->val_loss);
	return isfinite(seen) ? seen : quality(run, v->test_accuracy, v->test_loss);
}

static void put_in_order(struct sizes *s, const struct lepton_run *run, size_t index)
{
	const struct lepton_run_version *v = run->versions[index];
	const struct lepton__offer offer = {.cost = (double)v->bytes, .good = quality_of(run, v)};
	size_t at = s->count++;
	for (; at > 0 && s->offers[at - 1].cost > offer.cost; at--) {
		s->offers[at] = s->offers[at - 1];
		s->rows[at] = s->rows[at - 1];
	}
	s->offers[at] = offer;
	s->rows[at] = index;
}

static void read_tries(struct sizes *s, const struct lepton_run *run, const struct lepton_run_version *v)
{
	cJSON *operation = v ? cJSON_Parse(lepton_text_get(v->operation)) : NULL;
	const cJSON *front = cJSON_GetObjectItemCaseSensitive(operation, "front"), *item;
	s->tries = lepton__calloc((size_t)cJSON_GetArraySize(front) + 1, sizeof *s->tries);
	cJSON_ArrayForEach(item, front)
		if (s->tries)
			s->tries[s->try_count++] = (struct lepton__offer){
				.cost = lepton__json_get_number(item, "bytes", 1),
				.good = quality(run, lepton__json_get_number(item, "val_accuracy", (double)NAN),
					lepton__json_get_number(item, "val_loss", (double)NAN))};
	cJSON_Delete(operation);
}

static void widen(struct sizes *s, const struct lepton__offer *offers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double x = log10(fmax(offers[i].cost, 1));
		if (!isfinite(offers[i].good))
			continue;
		s->x_min = fmin(s->x_min, x);
		s->x_max = fmax(s->x_max, x);
		s->y_min = fmin(s->y_min, offers[i].good);
		s->y_max = fmax(s->y_max, offers[i].good);
	}
}

/* Room for all versions; of the tries, those that are not far below. */
static void find_window(struct sizes *s)
{
	s->x_min = s->y_min = INFINITY;
	s->x_max = s->y_max = -INFINITY;
	widen(s, s->offers, s->count);
	double least = s->y_min;
	widen(s, s->tries, s->try_count);
	if (isfinite(least))
		s->y_min = fmax(s->y_min, least - 2 * (s->y_max - least));
	double x = fmax(0.05, 0.04 * (s->x_max - s->x_min)), y = fmax(1e-4, 0.06 * (s->y_max - s->y_min));
	s->x_min -= x;
	s->x_max += x;
	s->y_min -= y;
	s->y_max += y;
}

static void free_sizes(struct sizes *s)
{
	lepton__free(s->rows);
	lepton__free(s->offers);
	lepton__free(s->tries);
}

static bool make_sizes(const struct lepton__app *app, struct sizes *s)
{
	size_t room = app->dash.shown + 1;
	*s = (struct sizes){.rows = lepton__calloc(room, sizeof *s->rows), .offers = lepton__calloc(room, sizeof *s->offers)};
	if (!s->rows || !s->offers) {
		free_sizes(s);
		return false;
	}
	for (size_t i = 0; i < app->dash.shown; i++)
		put_in_order(s, app->dash.run, app->dash.order[i]);
	lepton__pareto(s->offers, s->count);
	read_tries(s, app->dash.run, lepton__dash_selected(&app->dash));
	find_window(s);
	return true;
}

/* ---- the picture ---- */

static int place(double value, double low, double high, int length)
{
	return (int)floor((value - low) / (high - low) * (length - 1) + 0.5);
}

static int x_of(const struct sizes *s, double bytes, int width)
{
	return place(log10(fmax(bytes, 1)), s->x_min, s->x_max, width);
}

static int y_of(const struct sizes *s, double good, int height)
{
	return height - 1 - place(good, s->y_min, s->y_max, height);
}

/* From each on the front to the right, where nothing better is to be had for more, then up to the next. */
static void draw_front(const struct sizes *s, struct lepton__canvas *canvas)
{
	int x = -1, y = -1;
	for (size_t i = 0; i < s->count; i++) {
		if (!s->offers[i].front)
			continue;
		int to_x = x_of(s, s->offers[i].cost, canvas->width), to_y = y_of(s, s->offers[i].good, canvas->height);
		if (x >= 0) {
			lepton__canvas_line(canvas, x, y, to_x, y, INK_LINE);
			lepton__canvas_column(canvas, to_x, to_y, y, INK_LINE);
		}
		x = to_x;
		y = to_y;
	}
	if (x >= 0)
		lepton__canvas_line(canvas, x, y, canvas->width - 1, y, INK_LINE);
}

static void draw_dots(const struct lepton__app *app, const struct sizes *s, struct lepton__rect area)
{
	struct lepton__canvas canvas;
	if (lepton__canvas_init(&canvas, area.rows, area.cols, app->screen->glyphs, NULL))
		return;
	canvas.ink[INK_LINE] = lepton__style(app, LEPTON__DIVIDER);
	canvas.ink[INK_TRIES] = lepton__style(app, LEPTON__WARN);
	canvas.letter[INK_LINE] = '.';
	canvas.letter[INK_TRIES] = ':';
	canvas.strong = 1u << INK_TRIES;
	draw_front(s, &canvas);
	for (size_t i = 0; i < s->try_count; i++)
		if (s->tries[i].good >= s->y_min)
			lepton__canvas_dot(&canvas, x_of(s, s->tries[i].cost, canvas.width),
				y_of(s, s->tries[i].good, canvas.height), INK_TRIES);
	lepton__canvas_draw(&canvas, app->screen, area.y, area.x);
	lepton__canvas_free(&canvas);
}

static void draw_markers(struct lepton__app *app, const struct sizes *s, struct lepton__rect area)
{
	for (int pass = 0; pass < 2; pass++) /* the selected one lies on top */
		for (size_t i = 0; i < s->count; i++) {
			int64_t id = app->dash.extras[s->rows[i]].id;
			bool here = id == app->dash.selected;
			if (!isfinite(s->offers[i].good) || here != (pass == 1))
				continue;
			struct lepton__style style = lepton__curve_style(app, s->rows[i]);
			if (here)
				style.attributes |= LEPTON__BOLD | LEPTON__REVERSE;
			int y = area.y + y_of(s, s->offers[i].good, area.rows), x = area.x + x_of(s, s->offers[i].cost, area.cols);
			lepton__screen_put(app->screen, y, x, lepton__theme_marker(s->rows[i], app->screen->glyphs), style);
			lepton__hit_add(app, (struct lepton__rect){y, x, 1, 1}, LEPTON__HIT_ROW, id);
		}
}

/* Steps, so that all their ends have a place: one more. */
static int most_ticks(int room)
{
	return room < TICKS - 2 ? room + 1 : TICKS - 1;
}

static void write_quality(char text[LEPTON__FMT], bool regression, double good)
{
	if (regression)
		lepton__fmt_loss(text, -good);
	else
		lepton__fmt_percent(text, good);
}

/* As many as there is room for and as can be told from each other: where all versions are as good as each
 * other, the window is lower than the last digit. */
static int quality_ticks(const struct sizes *s, bool regression, int most, double ticks[TICKS])
{
	char text[LEPTON__FMT], before[LEPTON__FMT] = "";
	for (;; most /= 2, *before = '\0') {
		int count = lepton__nice_ticks(s->y_min, s->y_max, most, ticks, TICKS), apart = 0;
		for (; apart < count; apart++) {
			write_quality(text, regression, ticks[apart]);
			if (strcmp(text, before) == 0)
				break;
			strcpy(before, text);
		}
		if (apart == count || most < 2)
			return apart;
	}
}

static void draw_axes(struct lepton__app *app, const struct sizes *s, struct lepton__rect area)
{
	struct lepton__style style = lepton__style(app, LEPTON__GRAPH_TEXT);
	double ticks[TICKS];
	char text[LEPTON__FMT];
	bool regression = app->dash.run->regression;
	int count = quality_ticks(s, regression, most_ticks(area.rows / 3), ticks);
	for (int i = 0; i < count; i++) {
		write_quality(text, regression, ticks[i]);
		if (regression || ticks[i] <= 1)
			lepton__screen_right(
				app->screen, area.y + y_of(s, ticks[i], area.rows), area.x - LABELS - 1, LABELS, style, text);
	}
	count = lepton__nice_log_ticks(
		pow(10, s->x_min), pow(10, s->x_max), most_ticks(area.cols / 14), ticks, TICKS);
	int end = area.x;
	for (int i = 0; i < count; i++) {
		lepton__text_bytes(text, sizeof text, ticks[i]);
		int width = lepton__text_width(text), x = area.x + x_of(s, ticks[i], area.cols) - width / 2;
		if (x < end || x + width > area.x + area.cols)
			continue;
		lepton__screen_text(app->screen, area.y + area.rows, x, width, style, text);
		end = x + width + 1;
	}
}

static void draw_picture(struct lepton__app *app, const struct sizes *s, struct lepton__rect rect)
{
	char right[96] = "";
	if (s->try_count)
		lepton__print(right, sizeof right, "%zu points of its search: %s keeps one", s->try_count,
			lepton__spell("{keep-point}"));
	struct lepton__box box = {.title = app->dash.run->regression ? "RMSE by size" : "accuracy by size",
		.right = *right ? right : NULL, .role = LEPTON__CURVE_BOX};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	struct lepton__rect area = {inside.y, inside.x + LABELS + 1, inside.rows - 1, inside.cols - LABELS - 2};
	if (area.rows < 2 || area.cols < 10)
		return;
	if (!(s->y_max > s->y_min)) {
		lepton__screen_center(app->screen, area.y + area.rows / 2, inside.x, inside.cols, lepton__style(app, LEPTON__INACTIVE),
			"nothing has been scored yet");
		return;
	}
	draw_dots(app, s, area);
	draw_axes(app, s, area);
	draw_markers(app, s, area);
}

/* ---- the list ---- */

static const struct column {
	const char *head;
	int cols;
} columns[] = {{"size", 9}, {"smaller", 8}, {"val acc", 8}, {"test acc", 9}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void cell_text(const struct lepton_run *run, const struct lepton_run_version *v, int column, char *out, size_t size)
{
	char text[LEPTON__FMT] = "-";
	if (column == 0)
		lepton__text_bytes(out, size, (double)v->bytes);
	else if (column == 1 && v->bytes < v->raw_bytes && v->bytes)
		lepton__print(out, size, "%.1fx", (double)v->raw_bytes / (double)v->bytes);
	else {
		if (column == 2)
			lepton__fmt_quality(text, run, v->val_accuracy, v->val_loss);
		else if (column == 3)
			lepton__fmt_quality(text, run, v->test_accuracy, v->test_loss);
		lepton__print(out, size, "%s", text);
	}
}

static const char *how(const struct lepton_run_version *v, char *out, size_t size)
{
	cJSON *operation = cJSON_Parse(lepton_text_get(v->operation));
	lepton__print(out, size, "%s", lepton__json_get_string(operation, "method", lepton__json_get_string(operation, "op", "")));
	cJSON_Delete(operation);
	return out;
}

static int name_width(struct lepton__rect row)
{
	int width = row.cols - 5 - 14;
	for (int c = 0; c < COLUMNS; c++)
		width -= columns[c].cols + 1;
	return width < 12 ? 12 : width > 30 ? 30 : width;
}

static void draw_head(struct lepton__app *app, struct lepton__rect row)
{
	struct lepton__style style = lepton__theme_bold(&app->theme, LEPTON__TITLE);
	int x = row.x + 5;
	x += name_width(row) + 1;
	lepton__screen_text(app->screen, row.y, row.x + 5, name_width(row), style, "name");
	for (int c = 0; c < COLUMNS; c++) {
		const char *head = columns[c].head;
		if (app->dash.run->regression && c >= 2)
			head = c == 2 ? "val rmse" : "test rmse";
		lepton__screen_right(app->screen, row.y, x, columns[c].cols, style, head);
		x += columns[c].cols + 1;
	}
	lepton__screen_text(app->screen, row.y, x + 1, row.x + row.cols - x - 1, style, "made by");
}

static void draw_row(struct lepton__app *app, const struct sizes *s, struct lepton__rect row, size_t at)
{
	size_t index = s->rows[at];
	const struct lepton_run_version *v = app->dash.run->versions[index];
	bool here = v->id == app->dash.selected;
	struct lepton__style text = lepton__style(app, here ? LEPTON__SELECTED : LEPTON__MAIN), curve = lepton__curve_style(app, index);
	if (here)
		lepton__screen_fill(app->screen, row, ' ', text);
	curve.bg = LEPTON__COLOR_DEFAULT;
	lepton__hit_add(app, row, LEPTON__HIT_ROW, v->id);
	if (s->offers[at].front)
		lepton__screen_text(app->screen, row.y, row.x + 1, 1, here ? text : lepton__theme_bold(&app->theme, LEPTON__GOOD), "*");
	lepton__screen_put(app->screen, row.y, row.x + 3, lepton__theme_marker(index, app->screen->glyphs), curve);
	int x = row.x + 5;
	lepton__screen_text(app->screen, row.y, x, name_width(row), text, v->name);
	x += name_width(row) + 1;
	for (int c = 0; c < COLUMNS; c++) {
		char cell[48];
		cell_text(app->dash.run, v, c, cell, sizeof cell);
		lepton__screen_right(app->screen, row.y, x, columns[c].cols, text, cell);
		x += columns[c].cols + 1;
	}
	char made[LEPTON_NAME_MAX];
	lepton__screen_text(app->screen, row.y, x + 1, row.x + row.cols - x - 1, here ? text : lepton__style(app, LEPTON__MISC),
		how(v, made, sizeof made));
}

static void draw_list(struct lepton__app *app, const struct sizes *s, struct lepton__rect rect)
{
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_SIZE];
	char title[64];
	lepton__print(title, sizeof title, "%zu versions, smallest first; * none is better for less", s->count);
	struct lepton__box box = {.title = title, .role = LEPTON__LIST_BOX, .focus = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box), rows;
	draw_head(app, lepton__rect_rows(inside, 1, &rows));
	scroll->page = rows.rows;
	lepton__scroll_to(scroll, lepton__row_selected(app, s->rows, s->count), (long)s->count);
	for (long i = 0; i < rows.rows && scroll->top + i < (long)s->count; i++)
		draw_row(app, s, (struct lepton__rect){rows.y + (int)i, rows.x, 1, rows.cols}, (size_t)(scroll->top + i));
	lepton__scrollbar_draw(app->screen, &app->theme, rows.y, rect.x + rect.cols - 1, rows.rows, (size_t)scroll->top,
		(size_t)scroll->page, s->count);
}

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	struct sizes s;
	struct lepton__rect rest;
	if (!make_sizes(app, &s))
		return;
	if (!s.count) {
		lepton__screen_center(app->screen, area.y + area.rows / 2, area.x, area.cols, lepton__style(app, LEPTON__INACTIVE),
			"no version is shown");
	} else {
		int wanted = (int)s.count + 3, most = area.rows / 2;
		struct lepton__rect top = lepton__rect_rows(area, area.rows - (wanted < most ? (wanted < 6 ? 6 : wanted) : most), &rest);
		draw_picture(app, &s, top);
		draw_list(app, &s, rest);
	}
	free_sizes(&s);
}

static void move(struct lepton__app *app, enum lepton__move how)
{
	struct sizes s;
	if (!make_sizes(app, &s))
		return;
	lepton__rows_move(app, how, s.rows, s.count);
	free_sizes(&s);
}

const struct lepton__view lepton__view_size = {
	.name = "Size",
	.summary = "Every version by its bytes, in steps of ten times, and by its accuracy (or RMSE) on "
		   "validation data. The line "
		   "is the front: versions that no other beats in both, with a * in the list below.\n"
		   "When the selected version was found by a search ({compress}, then auto), the dots are "
		   "what the search tried along its own "
		   "front; {keep-point} keeps another of them.",
	.draw = draw,
	.move = move,
};
