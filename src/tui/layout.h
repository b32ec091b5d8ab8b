/* tui/layout.h - rectangles, and where the dashboard's panes go. Pure functions of the size.
 *
 * Nothing overlaps, everything lies inside the screen, and every pane that is there is big enough
 * to show something; a pane there is no room for has rows == 0. Below 60x18 there is no layout.
 */
#ifndef LEPTON_TUI_LAYOUT_H
#define LEPTON_TUI_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#define LEPTON__MIN_COLS 60
#define LEPTON__MIN_ROWS 18

struct lepton__rect {
	int y, x, rows, cols;
};

bool lepton__rect_empty(struct lepton__rect rect);
bool lepton__rect_has(struct lepton__rect rect, int y, int x);
struct lepton__rect lepton__rect_inner(struct lepton__rect rect, int margin); /* smaller on all sides, never negative */
struct lepton__rect lepton__rect_center(struct lepton__rect in, int rows, int cols); /* at most as big as `in` */
/* Cut `size` rows (cols) off; *rest gets what is left. Negative size: from the bottom (right). */
struct lepton__rect lepton__rect_rows(struct lepton__rect rect, int size, struct lepton__rect *rest);
struct lepton__rect lepton__rect_cols(struct lepton__rect rect, int size, struct lepton__rect *rest);
/* Part i of n nearly equal ones side by side (or stacked). */
struct lepton__rect lepton__rect_part(struct lepton__rect rect, int i, int n, bool stacked);
/* Cell i of n in a grid of nearly square panes, each at least min_rows x min_cols; empty when it does not fit. */
struct lepton__rect lepton__rect_tile(struct lepton__rect rect, int i, int n, int min_rows, int min_cols);

/* A page of equal panes, as many of `count` as fit with these least sizes, at least one; `at` is on it. */
struct lepton__page {
	int across, down;
	size_t first, shown;
};
struct lepton__page lepton__page_of(struct lepton__rect rect, size_t count, size_t at, int min_rows, int min_cols);
struct lepton__rect lepton__page_cell(struct lepton__rect rect, const struct lepton__page *page, size_t i); /* i of shown */

struct lepton__layout {
	struct lepton__rect header;  /* one line: name, tabs, state of the run */
	struct lepton__rect body;    /* all between header and footer: the other views */
	struct lepton__rect list;    /* Versions view: the list … */
	struct lepton__rect curves;  /* … its curves … */
	struct lepton__rect second;  /* … a second plot beside or under, where there is room … */
	struct lepton__rect details; /* … and the chosen version's details */
	struct lepton__rect message; /* one line: prompts, notices */
	struct lepton__rect footer;  /* one line: what can be done now */
};

/* False below the minimum (then *out is all zero). `versions` is how many lines the list would like. */
bool lepton__layout(int rows, int cols, int versions, struct lepton__layout *out);

#endif
