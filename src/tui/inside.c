/* tui/inside.c - a window with what is inside a version: how the weights of each tensor are spread, and what
 * each layer gives for some training samples, as histograms.
 *
 * A row is one of them, with its figures; the one that is chosen is drawn large below, with its ends and the
 * place of zero. Heights go by the square root of the count, so that a spike at zero, as pruning and relu
 * make it, leaves the rest to be seen.
 */
#include "config.h"
#include "base/memory.h"
#include "lepton/look.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/canvas.h"
#include "tui/format.h"
#include "tui/popup.h"

#include <math.h>
#include <stdio.h>

#define NAME 24
#define FIGURE 10
#define FIGURES 5
#define AT_NOTE (NAME + FIGURES * FIGURE + 1)
#define NOTE_LEAST 16   /* columns; with fewer the large one alone has the note */
#define PICTURE_LEAST 7 /* rows of the large one with its frame */

struct row {
	const char *name;
	char note[64];
	const struct lepton_spread *spread;
	bool layer;
};

struct window {
	struct lepton__popup popup;
	struct lepton_look look;
	struct row *rows;
	size_t count, cursor, top, page;
	char title[128];
};

/* ---- the large histogram ---- */

static double height_of(const struct lepton_spread *s, int bin)
{
	double most = 0;
	for (int i = 0; i < LEPTON_LOOK_BINS; i++)
		most = fmax(most, sqrt((double)s->bins[i]));
	return most > 0 ? sqrt((double)s->bins[bin]) / most : 0;
}

/* A column of dots for each of the canvas: bins are drawn as wide as there is room. */
static void draw_columns(struct lepton__canvas *canvas, const struct lepton_spread *s)
{
	for (int x = 0; x < canvas->width; x++) {
		const int bin = (int)((long)x * LEPTON_LOOK_BINS / canvas->width);
		const int dots = (int)lround(height_of(s, bin) * canvas->height);
		const int least = s->bins[bin] > 0 && dots == 0 ? 1 : dots; /* something is there: a dot */
		if (least > 0)
			lepton__canvas_column(canvas, x, canvas->height - least, canvas->height - 1, 0);
	}
}

static void draw_ends(struct lepton__app *app, const struct lepton_spread *s, struct lepton__rect row)
{
	struct lepton__style style = lepton__style(app, LEPTON__GRAPH_TEXT);
	char low[32], high[32];
	lepton__print(low, sizeof low, "%.4g", s->min);
	lepton__print(high, sizeof high, "%.4g", s->max);
	lepton__screen_text(app->screen, row.y, row.x, row.cols, style, low);
	lepton__screen_right(app->screen, row.y, row.x, row.cols, style, high);
	if (s->min < 0 && s->max > 0) {
		const int at = (int)((0 - s->min) / (s->max - s->min) * row.cols);
		if (at > 10 && at < row.cols - 10)
			lepton__screen_text(app->screen, row.y, row.x + at, 1, style, "0");
	}
}

static void draw_large(struct lepton__app *app, const struct row *row, struct lepton__rect rect)
{
	struct lepton__box box = {.title = row->name,
		.right = row->note,
		.bottom = "height: square root of the count",
		.role = LEPTON__CURVE_BOX};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box), ends;
	struct lepton__canvas canvas;
	inside.x++;
	inside.cols -= 2;
	ends = lepton__rect_rows(inside, -1, &inside);
	if (isnan(row->spread->min)) {
		lepton__screen_center(app->screen, inside.y + inside.rows / 2, inside.x, inside.cols,
			lepton__style(app, LEPTON__INACTIVE), "no finite number");
		return;
	}
	if (inside.rows < 1 || inside.cols < 1 ||
		lepton__canvas_init(&canvas, inside.rows, inside.cols, app->screen->glyphs, NULL))
		return;
	canvas.ink[0] = lepton__style(app, LEPTON__MAIN);
	canvas.ink[0].fg = app->mono ? LEPTON__COLOR_DEFAULT : lepton__theme_curve(&app->theme, row->layer);
	canvas.letter[0] = '#';
	draw_columns(&canvas, row->spread);
	lepton__canvas_draw(&canvas, app->screen, inside.y, inside.x);
	lepton__canvas_free(&canvas);
	draw_ends(app, row->spread, ends);
}

/* ---- the table ---- */

static void figure(struct lepton__app *app, int y, int x, struct lepton__style style, double value)
{
	char text[32] = "-";
	if (isfinite(value))
		lepton__print(
			text, sizeof text, fabs(value) < 1e-3 && fabs(value) > 0 ? "%.2e" : "%.4f", value);
	lepton__screen_right(app->screen, y, x, FIGURE - 1, style, text);
}

static int note_cols(struct lepton__rect row)
{
	return row.cols - AT_NOTE;
}

static void draw_head(struct lepton__app *app, struct lepton__rect row)
{
	static const char *const heads[FIGURES] = {"zeros", "mean", "deviation", "min", "max"};
	struct lepton__style style = lepton__theme_bold(&app->theme, LEPTON__TITLE);
	lepton__screen_text(app->screen, row.y, row.x, NAME, style, "tensor, or output");
	for (int i = 0; i < FIGURES; i++)
		lepton__screen_right(
			app->screen, row.y, row.x + NAME + i * FIGURE, FIGURE - 1, style, heads[i]);
	if (note_cols(row) >= NOTE_LEAST)
		lepton__screen_text(
			app->screen, row.y, row.x + AT_NOTE, note_cols(row), style, "shape, units");
}

static void draw_row(struct lepton__app *app, const struct row *r, struct lepton__rect row, bool chosen)
{
	const struct lepton_spread *s = r->spread;
	struct lepton__style style = lepton__style(app, r->layer ? LEPTON__MISC : LEPTON__MAIN);
	struct lepton__style bad = s->odd ? lepton__style(app, LEPTON__BAD) : style;
	char zeros[16];
	lepton__screen_text(app->screen, row.y, row.x, NAME - 1, style, r->name);
	lepton__print(
		zeros, sizeof zeros, "%.1f%%", s->count ? 100.0 * (double)s->zeros / (double)s->count : 0);
	lepton__screen_right(app->screen, row.y, row.x + NAME, FIGURE - 1, style, zeros);
	figure(app, row.y, row.x + NAME + FIGURE, style, s->mean);
	figure(app, row.y, row.x + NAME + 2 * FIGURE, style, s->deviation);
	figure(app, row.y, row.x + NAME + 3 * FIGURE, style, s->min);
	figure(app, row.y, row.x + NAME + 4 * FIGURE, style, s->max);
	if (note_cols(row) >= NOTE_LEAST)
		lepton__screen_text(app->screen, row.y, row.x + AT_NOTE, note_cols(row), bad, r->note);
	if (chosen)
		lepton__screen_paint(app->screen, row, lepton__style(app, LEPTON__SELECTED));
}

static void draw_table(struct lepton__app *app, struct window *w, struct lepton__rect rect, int bar)
{
	draw_head(app, (struct lepton__rect){rect.y, rect.x, 1, rect.cols});
	w->page = rect.rows > 1 ? (size_t)rect.rows - 1 : 1;
	w->top = w->cursor < w->top ? w->cursor : w->top;
	w->top = w->cursor >= w->top + w->page ? w->cursor - w->page + 1 : w->top;
	w->top = w->count > w->page && w->top > w->count - w->page ? w->count - w->page : w->top;
	for (size_t i = 0; i < w->page && w->top + i < w->count; i++)
		draw_row(app, &w->rows[w->top + i],
			(struct lepton__rect){rect.y + 1 + (int)i, rect.x, 1, rect.cols},
			w->top + i == w->cursor);
	lepton__scrollbar_draw(
		app->screen, &app->theme, rect.y + 1, bar, rect.rows - 1, w->top, w->page, w->count);
}

static void draw(struct lepton__app *app, struct lepton__popup *popup)
{
	struct window *w = (struct window *)popup;
	struct lepton__rect all = {1, 0, app->screen->rows - 2, app->screen->cols};
	char right[64], bottom[96];
	lepton__print(right, sizeof right, "outputs for %lld training samples", (long long)w->look.samples);
	lepton__spell_keys("{inside.up} {inside.down} choose · {inside.close} close", bottom, sizeof bottom);
	struct lepton__box box = {.title = w->title,
		.right = w->look.layer_count ? right : NULL,
		.bottom = bottom,
		.role = LEPTON__OTHER_BOX,
		.focus = true,
		.fill = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, all, &box);
	int large = inside.rows - (int)w->count - 1;
	large = large < inside.rows / 2 ? inside.rows / 2 : large;
	large = large < PICTURE_LEAST ? PICTURE_LEAST : large;
	struct lepton__rect below = lepton__rect_rows(inside, -large, &inside);
	draw_table(app, w, (struct lepton__rect){inside.y, inside.x + 1, inside.rows, inside.cols - 2},
		all.x + all.cols - 1);
	draw_large(app, &w->rows[w->cursor], below);
}

/* ---- keys ---- */

static const struct lepton__window_key own_keys[] = {
	LEPTON__SCROLL_KEYS("choose"),
	LEPTON__CLOSE_KEY,
	LEPTON__HELP_KEY,
};
const struct lepton__window_keys lepton__inside_keys = {
	"inside", "the window of what is inside", LEPTON__KEYS_OF(own_keys), NULL, false};

/* The cursor goes as a page of one line would, down to the last row. */
static void act(struct lepton__app *app, struct lepton__popup *popup, int act)
{
	struct window *w = (struct window *)popup;
	const long page = (long)w->page;
	struct lepton__scroll at = {.top = (long)w->cursor, .page = page, .total = (long)w->count + page - 1};
	lepton__popup_scroll(app, &at, act);
	w->cursor = (size_t)at.top;
}

static void wheel(struct lepton__app *app, struct lepton__popup *popup, int by)
{
	act(app, popup, by < 0 ? LEPTON__UP : LEPTON__DOWN);
}

static void free_window(struct lepton__popup *popup)
{
	struct window *w = (struct window *)popup;
	lepton_look_clear(&w->look);
	lepton__free(w->rows);
	lepton__free(w);
}

static const struct lepton__popup_ops window_ops = {
	.keys = &lepton__inside_keys,
	.draw = draw,
	.act = act,
	.wheel = wheel,
	.free = free_window,
};

/* ---- opening ---- */

static void add_rows(struct window *w)
{
	for (size_t i = 0; i < w->look.tensor_count; i++) {
		const struct lepton_look_tensor *tensor = &w->look.tensors[i];
		struct row *row = &w->rows[w->count++];
		*row = (struct row){.name = tensor->name, .spread = &tensor->spread};
		lepton_shape_format(&tensor->shape, row->note, sizeof row->note);
	}
	for (size_t i = 0; i < w->look.layer_count; i++) {
		const struct lepton_look_layer *layer = &w->look.layers[i];
		struct row *row = &w->rows[w->count++];
		*row = (struct row){.name = layer->name, .spread = &layer->spread, .layer = true};
		lepton__print(row->note, sizeof row->note, "%lld units", (long long)layer->units);
		if (layer->idle)
			lepton__print(row->note, sizeof row->note, "%lld of %lld units always 0",
				(long long)layer->idle, (long long)layer->units);
	}
	for (size_t i = 0; i < w->count; i++)
		if (w->rows[i].spread->odd)
			lepton__print(w->rows[i].note, sizeof w->rows[i].note, "%lld not finite",
				(long long)w->rows[i].spread->odd);
}

static int fill(struct window *w, const struct lepton_run_version *version, struct lepton_error *err)
{
	int code = lepton_look_read(lepton_text_get(version->report), &w->look, err);
	if (code)
		return code;
	w->rows = lepton__calloc(w->look.tensor_count + w->look.layer_count + 1, sizeof *w->rows);
	if (!w->rows)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	add_rows(w);
	lepton__print(w->title, sizeof w->title, "Inside %.60s", version->name);
	if (!w->count)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s is a %s, and has no numbers to be shown so", version->name, version->learner);
	return LEPTON_OK;
}

void lepton__act_inside(struct lepton__app *app)
{
	struct lepton_error err = {0};
	struct window *w = lepton__calloc(1, sizeof *w);
	int code = w ? fill(w, lepton__dash_selected(&app->dash), &err)
		     : lepton_error_set(&err, LEPTON_E_NOMEM, "out of memory");
	if (code) {
		lepton__app_say(app, LEPTON_LOG_WARNING, "%s", err.message);
		if (w)
			free_window(&w->popup);
		return;
	}
	w->popup.ops = &window_ops;
	lepton__popup_open(app, &w->popup);
}
