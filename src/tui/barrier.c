/* tui/barrier.c - a window with the loss on the line between two versions: a curve before and one after their
 * units are matched, told apart by their signs, with the two barriers below.
 *
 * The lines under the plot are its legend, and show both curves' values at the cross-hair, which begins where
 * the loss rises highest.
 */
#include "config.h"
#include "base/json.h"
#include "base/memory.h"
#include "lepton/fuse.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/plot.h"
#include "tui/popup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CAPTION 4 /* rows under the plot; one more where there is room */
#define ROOMY 18
#define LINES 2

static const size_t looks[LINES] = {0, 2}; /* a disc and a triangle */
static const char *const labels[LINES] = {"weights as they are", "units matched"};

struct window {
	struct lepton__popup popup;
	struct lepton_barrier found;
	int64_t ends[2];
	char title[128], about[200], split[24];
	float values[2][LINES][LEPTON_BARRIER_POINTS_MAX]; /* losses, accuracies */
	struct lepton__trace traces[2][LINES];
	size_t lines;  /* with a curve: two, or one where units are not matched */
	size_t cursor; /* a point */
	bool accuracy; /* drawn instead of the loss */
};

static const struct lepton_line *line_of(const struct window *w, size_t line)
{
	return line ? &w->found.after : &w->found.before;
}

static double t_of(const struct window *w, size_t i)
{
	return (double)i / (double)(w->found.points - 1);
}

static double x_of(const void *context, size_t i)
{
	return t_of(context, i);
}

/* ---- drawing ---- */

static void draw_plot(struct lepton__app *app, const struct window *w, struct lepton__rect rect)
{
	struct lepton__series series[LINES];
	struct lepton__plot plot;
	char what[48];
	lepton__plot_init(&plot);
	for (size_t i = 0; i < w->lines; i++)
		series[i] = (struct lepton__series){.name = labels[i],
			.trace = &w->traces[w->accuracy][i],
			.x = x_of,
			.context = w,
			.look = looks[i]};
	lepton__print(what, sizeof what, "%s %s", w->split, w->accuracy ? "accuracy" : "loss");
	plot.series = series;
	plot.series_count = w->lines;
	plot.x_label = "t";
	plot.y_label = what;
	plot.legend = plot.robust = false;
	plot.cursor = t_of(w, w->cursor);
	lepton__plot_draw(app->screen, &app->theme, rect, &plot, NULL);
}

/* Columns of the caption, from the left: label, barrier, loss, accuracy. */
enum { AT_LABEL = 2, AT_BARRIER = 23, AT_LOSS = 33, AT_QUALITY = 43, CELL = 9 };

static void draw_head(struct lepton__app *app, const struct window *w, struct lepton__rect row)
{
	struct lepton__style style = lepton__style(app, LEPTON__TITLE);
	char at[32];
	lepton__print(at, sizeof at, "at t = %.4g", t_of(w, w->cursor));
	lepton__screen_text(app->screen, row.y, row.x + AT_LABEL, AT_BARRIER - AT_LABEL,
		lepton__style(app, LEPTON__HOT), at);
	lepton__screen_right(app->screen, row.y, row.x + AT_BARRIER, CELL, style, "barrier");
	lepton__screen_right(app->screen, row.y, row.x + AT_LOSS, CELL, style, "loss");
	lepton__screen_right(app->screen, row.y, row.x + AT_QUALITY, CELL, style,
		app->dash.run->regression ? "RMSE" : "accuracy");
}

static void draw_line(struct lepton__app *app, const struct window *w, struct lepton__rect row, size_t i)
{
	const struct lepton_line *line = line_of(w, i);
	struct lepton__style text = lepton__style(app, LEPTON__MAIN), sign = text;
	char barrier[LEPTON__FMT], loss[LEPTON__FMT], quality[LEPTON__FMT];
	sign.fg = lepton__theme_curve(&app->theme, looks[i]);
	lepton__screen_put(
		app->screen, row.y, row.x, lepton__theme_marker(looks[i], app->screen->glyphs), sign);
	lepton__screen_text(app->screen, row.y, row.x + AT_LABEL, AT_BARRIER - AT_LABEL, text, labels[i]);
	lepton__fmt_loss(barrier, line->barrier);
	if (line->barrier < 1e-4) /* in the column of the other */
		lepton__print(barrier, sizeof barrier, "%.4f", line->barrier);
	lepton__fmt_loss(loss, line->loss[w->cursor]);
	lepton__fmt_quality(quality, app->dash.run, line->accuracy[w->cursor], line->loss[w->cursor]);
	lepton__screen_right(app->screen, row.y, row.x + AT_BARRIER, CELL,
		lepton__theme_bold(&app->theme, LEPTON__MAIN), barrier);
	lepton__screen_right(app->screen, row.y, row.x + AT_LOSS, CELL, text, loss);
	lepton__screen_right(app->screen, row.y, row.x + AT_QUALITY, CELL, text, quality);
}

static void draw_caption(struct lepton__app *app, const struct window *w, struct lepton__rect rect)
{
	struct lepton__rect row = {rect.y, rect.x + 1, 1, rect.cols - 2};
	struct lepton__style small = lepton__style(app, LEPTON__MISC);
	draw_head(app, w, row);
	for (size_t i = 0; i < w->lines; i++) {
		row.y++;
		draw_line(app, w, row, i);
	}
	row.x += AT_LABEL;
	row.cols -= AT_LABEL;
	if (w->lines < LINES)
		lepton__screen_textf(app->screen, ++row.y, row.x, row.cols, small, "units not matched: %s",
			w->found.unmatched);
	lepton__screen_text(app->screen, ++row.y, row.x, row.cols, small, w->about);
	if (rect.rows > CAPTION)
		lepton__screen_text(app->screen, ++row.y, row.x, row.cols, small,
			"barrier: the most that the loss rises above the line between both ends");
}

static void draw(struct lepton__app *app, struct lepton__popup *popup)
{
	const struct window *w = (struct window *)popup;
	struct lepton__rect all = {1, 0, app->screen->rows - 2, app->screen->cols}, caption;
	int cols = all.cols - 4 < 120 ? all.cols - 4 : 120, rows = all.rows - 1 < 36 ? all.rows - 1 : 36;
	char bottom[96];
	lepton__spell_keys("{barrier.left} {barrier.right} along · {barrier.metric} metric · {barrier.again} "
			   "again · {barrier.close} close",
		bottom, sizeof bottom);
	struct lepton__box box = {
		.title = w->title, .bottom = bottom, .role = LEPTON__OTHER_BOX, .focus = true, .fill = true};
	struct lepton__rect inside =
		lepton__box_draw(app->screen, &app->theme, lepton__rect_center(all, rows, cols), &box);
	caption = lepton__rect_rows(inside, inside.rows < ROOMY ? -CAPTION : -CAPTION - 1, &inside);
	draw_plot(app, w, (struct lepton__rect){inside.y, inside.x + 1, inside.rows, inside.cols - 2});
	draw_caption(app, w, caption);
}

/* ---- keys ---- */

static void move(struct lepton__app *app, struct window *w, long by)
{
	long to = (long)w->cursor + by, last = (long)w->found.points - 1;
	w->cursor = (size_t)(to < 0 ? 0 : to > last ? last : to);
	app->dirty = true;
}

static void again(struct lepton__app *app, const struct window *w)
{
	const int64_t a = w->ends[0], b = w->ends[1];
	lepton__popup_leave(app);
	lepton__barrier_ask(app, a, b);
}

enum { METRIC = LEPTON__WINDOW_OWN, AGAIN };
static const struct lepton__window_key own_keys[] = {
	{"left", "Left h", "along the line", "To the left along the line", LEPTON__LEFT},
	{"right", "Right l", "along the line", "To the right along the line", LEPTON__RIGHT},
	{"first", "Home", NULL, "To its beginning", LEPTON__FIRST},
	{"last", "End", NULL, "To its end", LEPTON__LAST},
	{"metric", "m", "metric", "Loss or accuracy", METRIC},
	{"again", "r", "again", "Measure it again", AGAIN},
	LEPTON__CLOSE_KEY,
	LEPTON__HELP_KEY,
};
const struct lepton__window_keys lepton__barrier_keys = {
	"barrier", "the window of the loss barrier", LEPTON__KEYS_OF(own_keys), NULL, false};

static void act(struct lepton__app *app, struct lepton__popup *popup, int act)
{
	struct window *w = (struct window *)popup;
	if (act == LEPTON__LEFT || act == LEPTON__RIGHT) {
		move(app, w, act == LEPTON__LEFT ? -1 : 1);
	} else if (act == LEPTON__FIRST || act == LEPTON__LAST) {
		move(app, w, act == LEPTON__FIRST ? -LEPTON_BARRIER_POINTS_MAX : LEPTON_BARRIER_POINTS_MAX);
	} else if (act == METRIC) { /* quantities have no accuracy */
		w->accuracy = !w->accuracy && !app->dash.run->regression;
		app->dirty = true;
	} else if (act == AGAIN) {
		again(app, w);
	}
}

static void wheel(struct lepton__app *app, struct lepton__popup *popup, int by)
{
	move(app, (struct window *)popup, by);
}

static void free_window(struct lepton__popup *popup)
{
	struct window *w = (struct window *)popup;
	for (size_t i = 0; i < LINES; i++) {
		lepton__trace_free(&w->traces[0][i]);
		lepton__trace_free(&w->traces[1][i]);
	}
	lepton__free(w);
}

static const struct lepton__popup_ops window_ops = {
	.keys = &lepton__barrier_keys,
	.draw = draw,
	.act = act,
	.wheel = wheel,
	.free = free_window,
};

/* ---- opening ---- */

static int fill_curves(struct window *w, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t k = 0; k < 2 * LINES; k++) {
		const size_t i = k / 2, which = k % 2;
		const struct lepton_line *line = line_of(w, i);
		float *to = w->values[which][i];
		lepton__trace_init(&w->traces[which][i]);
		for (size_t p = 0; p < w->found.points; p++)
			to[p] = (float)(which ? line->accuracy[p] : line->loss[p]);
		if (!code && i < w->lines)
			code = lepton__trace_update(&w->traces[which][i], to, w->found.points, 0, err);
	}
	return code;
}

static int fill(const struct lepton__app *app, struct window *w, const struct lepton_run_barrier *kept,
	struct lepton_error *err)
{
	char names[2][LEPTON_NAME_MAX], samples[LEPTON__FMT];
	int code = lepton_barrier_read(lepton_text_get(kept->detail), &w->found, err);
	if (code)
		return code;
	cJSON *detail = cJSON_Parse(lepton_text_get(kept->detail));
	lepton__fmt_integer(samples, lepton__json_get_int(detail, "samples", 0));
	lepton__copy_name(w->split, sizeof w->split, lepton__json_get_string(detail, "split", ""));
	cJSON_Delete(detail);
	for (int i = 0; i < 2; i++) {
		w->ends[i] = kept->ends[i];
		lepton__copy_name(names[i], sizeof names[i], lepton__version_name(app, kept->ends[i]));
	}
	lepton__print(w->title, sizeof w->title, "Barrier between %.40s and %.40s", names[0], names[1]);
	lepton__print(w->about, sizeof w->about, "t = 0 is %.40s, 1 is %.40s; %zu points, %s samples",
		names[0], names[1], w->found.points, samples);
	w->lines = *w->found.unmatched ? 1 : LINES;
	w->cursor = w->found.before.top ? w->found.before.top : w->found.points / 2;
	return fill_curves(w, err);
}

void lepton__barrier_show(struct lepton__app *app, int64_t a, int64_t b)
{
	const struct lepton_run_barrier *kept = lepton_run_barrier(app->dash.run, a, b);
	struct lepton_error err = {0};
	if (!kept)
		return;
	struct window *w = lepton__calloc(1, sizeof *w);
	int code = w ? fill(app, w, kept, &err) : lepton_error_set(&err, LEPTON_E_NOMEM, "out of memory");
	if (code) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s", err.message);
		if (w)
			free_window(&w->popup);
		return;
	}
	w->popup.ops = &window_ops;
	lepton__popup_open(app, &w->popup);
}
