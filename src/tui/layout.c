/* tui/layout.c - rectangles cut from rectangles.
 *
 * The Versions view has three shapes. Narrow screens stack: list over curves, details only where there are
 * lines to spare. Wide ones put the list and details on the left and the curves on the right. Very wide or
 * tall ones get a second plot. Sizes follow from the share each pane needs, with a minimum for each.
 */
#include "config.h"
#include "tui/layout.h"

#include <string.h>

static int clamp(int value, int low, int high)
{
	return value > high ? (high < low ? low : high) : value < low ? low : value;
}

bool lepton__rect_empty(struct lepton__rect rect)
{
	return rect.rows <= 0 || rect.cols <= 0;
}

bool lepton__rect_has(struct lepton__rect rect, int y, int x)
{
	return y >= rect.y && y < rect.y + rect.rows && x >= rect.x && x < rect.x + rect.cols;
}

struct lepton__rect lepton__rect_inner(struct lepton__rect rect, int margin)
{
	if (rect.rows <= 2 * margin || rect.cols <= 2 * margin)
		return (struct lepton__rect){rect.y, rect.x, 0, 0};
	return (struct lepton__rect){
		rect.y + margin, rect.x + margin, rect.rows - 2 * margin, rect.cols - 2 * margin};
}

struct lepton__rect lepton__rect_center(struct lepton__rect in, int rows, int cols)
{
	rows = clamp(rows, 0, in.rows);
	cols = clamp(cols, 0, in.cols);
	return (struct lepton__rect){in.y + (in.rows - rows) / 2, in.x + (in.cols - cols) / 2, rows, cols};
}

struct lepton__rect lepton__rect_rows(struct lepton__rect rect, int size, struct lepton__rect *rest)
{
	bool end = size < 0;
	size = clamp(end ? -size : size, 0, rect.rows);
	struct lepton__rect cut = {end ? rect.y + rect.rows - size : rect.y, rect.x, size, rect.cols};
	if (rest != NULL)
		*rest = (struct lepton__rect){
			end ? rect.y : rect.y + size, rect.x, rect.rows - size, rect.cols};
	return cut;
}

struct lepton__rect lepton__rect_cols(struct lepton__rect rect, int size, struct lepton__rect *rest)
{
	bool end = size < 0;
	size = clamp(end ? -size : size, 0, rect.cols);
	struct lepton__rect cut = {rect.y, end ? rect.x + rect.cols - size : rect.x, rect.rows, size};
	if (rest != NULL)
		*rest = (struct lepton__rect){
			rect.y, end ? rect.x : rect.x + size, rect.rows, rect.cols - size};
	return cut;
}

struct lepton__rect lepton__rect_part(struct lepton__rect rect, int i, int n, bool stacked)
{
	if (n < 1 || i < 0 || i >= n)
		return (struct lepton__rect){rect.y, rect.x, 0, 0};
	int all = stacked ? rect.rows : rect.cols;
	int from = (int)((long)all * i / n), to = (int)((long)all * (i + 1) / n);
	if (stacked)
		return (struct lepton__rect){rect.y + from, rect.x, to - from, rect.cols};
	return (struct lepton__rect){rect.y, rect.x + from, rect.rows, to - from};
}

/* The number of columns of panes whose panes are nearest to twice as wide as high; 0 if none fits. */
static int best_grid(struct lepton__rect rect, int n, int min_rows, int min_cols)
{
	int best = 0;
	double best_score = 0;
	for (int across = 1; across <= n && rect.cols / across >= min_cols; across++) {
		int down = (n + across - 1) / across;
		if (rect.rows / down < min_rows)
			continue;
		double shape = (double)(rect.cols / across) / (rect.rows / down) / 3.0;
		double score = (shape < 1 ? shape : 1 / shape) * n / (across * down);
		if (score > best_score) {
			best_score = score;
			best = across;
		}
	}
	return best;
}

struct lepton__rect lepton__rect_tile(struct lepton__rect rect, int i, int n, int min_rows, int min_cols)
{
	struct lepton__rect none = {rect.y, rect.x, 0, 0};
	if (i < 0 || i >= n || min_rows < 1 || min_cols < 1)
		return none;
	int across = best_grid(rect, n, min_rows, min_cols);
	if (across == 0)
		return none;
	int down = (n + across - 1) / across;
	struct lepton__rect row = lepton__rect_part(rect, i / across, down, true);
	return lepton__rect_part(row, i % across, across, false);
}

/* All on one page where they fit, in the nicest grid; else the fullest grid, and pages of it. */
struct lepton__page lepton__page_of(
	struct lepton__rect rect, size_t count, size_t at, int min_rows, int min_cols)
{
	struct lepton__page page = {.across = clamp(rect.cols / min_cols, 1, rect.cols),
		.down = clamp(rect.rows / min_rows, 1, rect.rows)};
	size_t most = (size_t)page.across * (size_t)page.down;
	if (count == 0 || lepton__rect_empty(rect))
		return (struct lepton__page){0};
	int nicest = count <= most ? best_grid(rect, (int)count, min_rows, min_cols) : 0;
	if (nicest > 0) {
		page.across = nicest;
		page.down = ((int)count + nicest - 1) / nicest;
		most = count;
	}
	page.first = at < count ? at / most * most : 0;
	page.shown = count - page.first < most ? count - page.first : most;
	return page;
}

struct lepton__rect lepton__page_cell(struct lepton__rect rect, const struct lepton__page *page, size_t i)
{
	if (i >= page->shown)
		return (struct lepton__rect){rect.y, rect.x, 0, 0};
	struct lepton__rect row = lepton__rect_part(rect, (int)i / page->across, page->down, true);
	return lepton__rect_part(row, (int)i % page->across, page->across, false);
}

/* The list wants a line a version, a head and a frame; it gets at least 6 lines and at most `most`. */
static int list_rows(int versions, int most)
{
	return clamp(versions, 3, most) + 3 > most ? most : clamp(versions, 3, most) + 3;
}

static void stack_panes(struct lepton__rect body, int versions, struct lepton__layout *out)
{
	struct lepton__rect rest;
	out->list = lepton__rect_rows(body, list_rows(versions, body.rows * 2 / 5), &rest);
	if (rest.rows >= 22)
		out->details = lepton__rect_rows(rest, -clamp(rest.rows / 4, 6, 12), &rest);
	out->curves = rest;
	if (rest.rows >= 26)
		out->second = lepton__rect_rows(rest, -(rest.rows / 2), &out->curves);
}

static void side_panes(struct lepton__rect body, int versions, struct lepton__layout *out)
{
	struct lepton__rect left, right;
	left = lepton__rect_cols(body, clamp(body.cols * 2 / 5, 48, 76), &right);
	int wanted = versions + 3, most = body.rows - 10;
	out->list = left;
	if (most >= 6)
		out->list = lepton__rect_rows(left, clamp(wanted, body.rows / 3, most), &out->details);
	out->curves = right;
	if (right.rows >= 24)
		out->curves = lepton__rect_rows(right, right.rows - right.rows / 2, &out->second);
	else if (right.cols >= 140)
		out->curves = lepton__rect_cols(right, right.cols / 2, &out->second);
}

bool lepton__layout(int rows, int cols, int versions, struct lepton__layout *out)
{
	struct lepton__rect rest;
	memset(out, 0, sizeof *out);
	if (rows < LEPTON__MIN_ROWS || cols < LEPTON__MIN_COLS)
		return false;
	out->header = lepton__rect_rows((struct lepton__rect){0, 0, rows, cols}, 1, &rest);
	out->footer = lepton__rect_rows(rest, -1, &rest);
	out->message = lepton__rect_rows(rest, -1, &rest);
	out->body = rest;
	if (cols >= 110)
		side_panes(rest, versions, out);
	else
		stack_panes(rest, versions, out);
	return true;
}
