/* tui/parallel_draw.c - the lines, axes and labels of parallel coordinates.
 *
 * Lines are coloured by the figure, from the worst to the best; the selected version's line lies over them
 * all and has its sign on each axis, so that it is found without colours, too.
 */
#include "config.h"
#include "base/memory.h"
#include "tui/canvas.h"
#include "tui/format.h"
#include "tui/parallel_parts.h"

#include <math.h>

#define AXIS_COLS 15 /* room for a label */
#define NAME_COLS 18 /* beside the last axis */
#define SHADES 16
#define CHOSEN SHADES /* the selected version's ink */

struct frame {
	struct lepton__rect lines; /* the axes and what lies between them */
	size_t axes;               /* shown: the last is the figure's */
	struct lepton__canvas canvas;
};

static const struct lepton__parallel_axis *shown(
	const struct lepton__parallel *p, const struct frame *f, size_t i)
{
	return &p->axes[i + 1 < f->axes ? i : p->columns - 1];
}

static int column_of(const struct frame *f, size_t i)
{
	return f->axes > 1 ? (int)((long)i * (f->lines.cols - 1) / (long)(f->axes - 1)) : 0;
}

static bool dot_of(
	const struct lepton__parallel *p, const struct frame *f, size_t row, size_t i, int *x, int *y)
{
	const double at = p->places[row * p->columns + shown(p, f, i)->column];
	const int wide = f->canvas.width / f->canvas.cols;
	*x = column_of(f, i) * wide + wide / 2;
	if (isnan(at))
		return false;
	*y = (int)lround((1 - at) * (f->canvas.height - 1));
	return true;
}

static void draw_version(const struct lepton__parallel *p, struct frame *f, size_t row, unsigned ink)
{
	int x0 = 0, y0 = 0, x1, y1;
	bool before = false;
	for (size_t i = 0; i < f->axes; i++) {
		const bool there = dot_of(p, f, row, i, &x1, &y1);
		if (there && before)
			lepton__canvas_line(&f->canvas, x0, y0, x1, y1, ink);
		before = there;
		x0 = x1;
		y0 = y1;
	}
}

static unsigned shade_of(const struct lepton__parallel *p, size_t row)
{
	const double at = p->places[row * p->columns + p->columns - 1];
	return isnan(at) ? 0 : (unsigned)lround(at * (SHADES - 1));
}

static void prepare_inks(const struct lepton__parallel *p, struct frame *f)
{
	for (int i = 0; i < SHADES; i++) { /* the gradient of a battery: empty is bad, full is good */
		f->canvas.ink[i] =
			lepton__theme_shade(&p->app->theme, LEPTON__FREE, (double)i / (SHADES - 1));
		f->canvas.letter[i] = '.';
	}
	f->canvas.ink[CHOSEN] = lepton__theme_bold(&p->app->theme, LEPTON__MAIN);
	f->canvas.letter[CHOSEN] = '#';
	f->canvas.strong = UINT64_C(1) << CHOSEN;
}

static size_t chosen_row(const struct lepton__parallel *p)
{
	size_t i = 0;
	while (i < p->count && p->app->dash.run->versions[p->rows[i]]->id != p->app->dash.selected)
		i++;
	return i;
}

static void draw_lines(const struct lepton__parallel *p, struct frame *f)
{
	const size_t chosen = chosen_row(p);
	for (size_t i = p->count; i-- > 0;) /* the best over the others */
		if (i != chosen)
			draw_version(p, f, i, shade_of(p, i));
	if (chosen < p->count)
		draw_version(p, f, chosen, CHOSEN);
}

/* Under the lines: a bar an axis. Over them: the selected version's sign. */
static void draw_bars(const struct lepton__parallel *p, const struct frame *f)
{
	const bool ascii = p->app->screen->glyphs == LEPTON__GLYPHS_ASCII;
	for (size_t i = 0; i < f->axes; i++)
		for (int y = 0; y < f->lines.rows; y++)
			lepton__screen_put(p->app->screen, f->lines.y + y, f->lines.x + column_of(f, i),
				ascii ? '|' : 0x2502, lepton__style(p->app, LEPTON__DIVIDER));
}

static void draw_signs(const struct lepton__parallel *p, const struct frame *f)
{
	const size_t chosen = chosen_row(p);
	int x, y;
	for (size_t i = 0; i < f->axes && chosen < p->count; i++)
		if (dot_of(p, f, chosen, i, &x, &y))
			lepton__screen_put(p->app->screen, f->lines.y + y * f->lines.rows / f->canvas.height,
				f->lines.x + column_of(f, i),
				lepton__theme_marker(p->rows[chosen], p->app->screen->glyphs),
				lepton__curve_style(p->app, p->rows[chosen]));
}

/* Where a label of so many columns begins: over its axis, and not left of the frame. */
static int label_at(const struct frame *f, size_t i, int width)
{
	return f->lines.x + column_of(f, i) - width / 2;
}

static void draw_label(const struct lepton__parallel *p, const struct frame *f, size_t i, int y,
	enum lepton__role role, const char *text)
{
	const int most = AXIS_COLS - 1, width = lepton__text_width(text);
	const int cols = width < most ? width : most;
	lepton__screen_text(p->app->screen, y, label_at(f, i, cols), cols, lepton__style(p->app, role), text);
}

static void matter_text(const struct lepton__parallel_axis *axis, bool ascii, char *out, size_t size)
{
	char direction[24] = "";
	*out = '\0';
	if (isfinite(axis->correlation))
		lepton__print(
			direction, sizeof direction, "%s%+.2f", ascii ? "r" : "\u03c1", axis->correlation);
	if (isfinite(axis->importance))
		lepton__print(out, size, "%.0f%% %s", 100 * axis->importance, direction);
	else
		lepton__print(out, size, "%s", direction);
}

static void draw_labels(const struct lepton__parallel *p, const struct frame *f)
{
	char matter[48];
	for (size_t i = 0; i < f->axes; i++) {
		const struct lepton__parallel_axis *axis = shown(p, f, i);
		matter_text(axis, p->app->screen->glyphs == LEPTON__GLYPHS_ASCII, matter, sizeof matter);
		draw_label(
			p, f, i, f->lines.y - 3, i + 1 < f->axes ? LEPTON__HOT : LEPTON__TITLE, axis->label);
		draw_label(p, f, i, f->lines.y - 2, LEPTON__MISC, matter);
		draw_label(p, f, i, f->lines.y - 1, LEPTON__GRAPH_TEXT, axis->top);
		draw_label(p, f, i, f->lines.y + f->lines.rows, LEPTON__GRAPH_TEXT, axis->bottom);
	}
}

/* Beside the last axis: the selected version first, then the best ones that find a free row. */
static void draw_name(const struct lepton__parallel *p, const struct frame *f, size_t row, bool *taken)
{
	int x, y;
	if (row >= p->count || !dot_of(p, f, row, f->axes - 1, &x, &y))
		return;
	y = y * f->lines.rows / f->canvas.height;
	if (taken[y])
		return;
	taken[y] = true;
	struct lepton__style style = lepton__curve_style(p->app, p->rows[row]);
	int at = f->lines.x + f->lines.cols + 1;
	lepton__screen_put(p->app->screen, f->lines.y + y, at,
		lepton__theme_marker(p->rows[row], p->app->screen->glyphs), style);
	lepton__screen_text(p->app->screen, f->lines.y + y, at + 2, NAME_COLS - 3, style,
		p->app->dash.run->versions[p->rows[row]]->name);
}

static void draw_names(const struct lepton__parallel *p, const struct frame *f)
{
	bool *taken = lepton__calloc((size_t)f->lines.rows + 1, sizeof *taken);
	if (!taken)
		return;
	draw_name(p, f, chosen_row(p), taken);
	for (size_t i = 0; i < p->count; i++)
		draw_name(p, f, i, taken);
	lepton__free(taken);
}

static size_t axes_that_fit(const struct lepton__parallel *p, int cols)
{
	size_t fit = (size_t)(cols / AXIS_COLS) + 1;
	return fit < 2 ? 2 : fit < p->columns ? fit : p->columns;
}

void lepton__parallel_inside(const struct lepton__parallel *p, struct lepton__rect inside)
{
	struct frame f = {.lines = {inside.y + 3, inside.x + AXIS_COLS / 2, inside.rows - 4,
				  inside.cols - AXIS_COLS / 2 - NAME_COLS}};
	f.axes = axes_that_fit(p, f.lines.cols);
	if (lepton__canvas_init(&f.canvas, f.lines.rows, f.lines.cols, p->app->screen->glyphs, NULL))
		return;
	prepare_inks(p, &f);
	draw_bars(p, &f);
	draw_lines(p, &f);
	lepton__canvas_draw(&f.canvas, p->app->screen, f.lines.y, f.lines.x);
	draw_labels(p, &f);
	draw_names(p, &f);
	draw_signs(p, &f);
	lepton__canvas_free(&f.canvas);
}
