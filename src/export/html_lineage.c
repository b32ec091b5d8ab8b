/* export/html_lineage.c - who comes from whom, as a graph from left to right.
 *
 * A version stands one column behind its hindmost parent. Rows come from the tree of first parents, walked in
 * depth: the first child stays in its parent's row, each other one gets a row of its own below, so a line of
 * descent is a straight line and lines of the tree never cross. Other parents' lines, which may, are dashed.
 * Versions without kin are told, not drawn.
 */
#include "config.h"
#include "base/memory.h"
#include "base/format.h"
#include "export/html.h"

#include <string.h>

#define COLUMN 262
#define ROW 46
#define BOX_WIDTH 212
#define BOX_HEIGHT 34
#define DEEPEST 200 /* columns; a damaged lineage may be a circle */

struct node {
	int column, row; /* row -1: not placed yet */
	bool kin;
};
struct graph {
	struct node *nodes;
	int columns, rows;
	size_t kinless;
};

static bool first_parent_is(const struct lepton__html *page, size_t child, size_t parent)
{
	const struct lepton_run_version *v = page->versions[child];
	return child != parent && v->parent_count > 0 && v->parents[0] == page->versions[parent]->id;
}

/* Columns, by going over all until nothing moves: parents are nearly always made before their children, so
 * once or twice. */
static void find_columns(const struct lepton__html *page, struct graph *g)
{
	bool moved = true;
	for (int turn = 0; moved && turn < DEEPEST; turn++) {
		moved = false;
		for (size_t i = 0; i < page->count; i++)
			for (int p = 0; p < page->versions[i]->parent_count; p++) {
				size_t parent = lepton__html_index(page, page->versions[i]->parents[p]);
				if (parent == page->count || parent == i)
					continue;
				g->nodes[i].kin = g->nodes[parent].kin = true;
				if (g->nodes[i].column <= g->nodes[parent].column &&
					g->nodes[parent].column < DEEPEST) {
					g->nodes[i].column = g->nodes[parent].column + 1;
					moved = true;
				}
			}
	}
}

static void place(const struct lepton__html *page, struct graph *g, size_t index, int row, int depth)
{
	bool first = true;
	g->nodes[index].row = row;
	g->columns = g->nodes[index].column >= g->columns ? g->nodes[index].column + 1 : g->columns;
	for (size_t c = 0; c < page->count && depth < DEEPEST; c++) {
		if (g->nodes[c].row >= 0 || !first_parent_is(page, c, index))
			continue;
		place(page, g, c, first ? row : g->rows++, depth + 1);
		first = false;
	}
}

static bool is_root(const struct lepton__html *page, size_t index)
{
	const struct lepton_run_version *v = page->versions[index];
	return v->parent_count == 0 || lepton__html_index(page, v->parents[0]) == page->count;
}

static void find_rows(const struct lepton__html *page, struct graph *g)
{
	for (int circles = 0; circles < 2; circles++) /* what hangs in a circle has no root */
		for (size_t i = 0; i < page->count; i++)
			if (g->nodes[i].kin && g->nodes[i].row < 0 && (circles || is_root(page, i)))
				place(page, g, i, g->rows++, 0);
}

static bool make_graph(struct lepton__html *page, struct graph *g)
{
	*g = (struct graph){.nodes = lepton__calloc(page->count + 1, sizeof *g->nodes)};
	if (!g->nodes) {
		page->failed = true;
		return false;
	}
	for (size_t i = 0; i < page->count; i++)
		g->nodes[i].row = -1;
	find_columns(page, g);
	find_rows(page, g);
	for (size_t i = 0; i < page->count; i++)
		g->kinless += !g->nodes[i].kin;
	return true;
}

/* ---- drawing ---- */

static void draw_edge(struct lepton__html *page, const struct node *from, const struct node *to, bool first)
{
	double x1 = from->column * COLUMN + BOX_WIDTH + 10, y1 = from->row * ROW + BOX_HEIGHT / 2.0 + 6;
	double x2 = to->column * COLUMN + 10, y2 = to->row * ROW + BOX_HEIGHT / 2.0 + 6,
	       bend = (COLUMN - BOX_WIDTH) * 0.9;
	lepton__buffer_printf(page->out,
		"<path class=\"edge%s\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>",
		first ? "" : " other", x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2);
}

static void draw_edges(struct lepton__html *page, const struct graph *g, size_t index)
{
	const struct lepton_run_version *v = page->versions[index];
	for (int p = 0; p < v->parent_count; p++) {
		size_t parent = lepton__html_index(page, v->parents[p]);
		if (parent < page->count && parent != index && g->nodes[parent].row >= 0 &&
			g->nodes[index].row >= 0)
			draw_edge(page, &g->nodes[parent], &g->nodes[index], p == 0);
	}
}

static void draw_node(struct lepton__html *page, const struct graph *g, size_t index)
{
	const struct lepton_run_version *v = page->versions[index];
	double x = g->nodes[index].column * COLUMN + 10, y = g->nodes[index].row * ROW + 6,
	       quality = lepton__html_quality(page->run, v);
	char made[LEPTON_NAME_MAX], figure[48], name[23 + sizeof "\u2026"];
	lepton__html_made_by(v, made, sizeof made);
	lepton__html_quality_text(page->run, figure, sizeof figure, quality);
	lepton__copy_name(name, 23, v->name);
	if (strlen(v->name) > strlen(name))
		memcpy(name + strlen(name), "\u2026", sizeof "\u2026");
	lepton__buffer_printf(page->out, "<g class=\"node\" data-i=\"%zu\"><title>", index);
	lepton__html_text(page->out, v->name);
	lepton__buffer_printf(page->out,
		"</title><rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" height=\"%d\" rx=\"6\"/>", x, y, BOX_WIDTH,
		BOX_HEIGHT);
	lepton__html_marker(page->out, index, x + 14, y + BOX_HEIGHT / 2.0);
	lepton__buffer_printf(page->out, "<text class=\"who\" x=\"%.0f\" y=\"%.0f\">", x + 26, y + 15);
	lepton__html_text(page->out, name);
	lepton__buffer_printf(page->out, "</text><text class=\"how\" x=\"%.0f\" y=\"%.0f\">", x + 26, y + 28);
	lepton__html_text(page->out, made);
	if (quality < 0 || quality >= 0) {
		lepton__buffer_string(page->out, " \u00b7 ");
		lepton__html_text(page->out, figure);
	}
	lepton__buffer_string(page->out, "</text></g>\n");
}

static bool wanted(const struct lepton__html *page)
{
	for (size_t i = 0; i < page->count; i++)
		for (int p = 0; p < page->versions[i]->parent_count; p++)
			if (lepton__html_index(page, page->versions[i]->parents[p]) < page->count)
				return true;
	return false;
}

static void draw(struct lepton__html *page)
{
	struct graph g;
	if (!make_graph(page, &g))
		return;
	int width = g.columns * COLUMN - (COLUMN - BOX_WIDTH) + 20, height = g.rows * ROW;
	lepton__buffer_printf(page->out,
		"<div class=\"wide\"><svg class=\"graph\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"role=\"img\" aria-label=\"lineage of the versions\">\n",
		width, height, width, height);
	for (size_t i = 0; i < page->count; i++)
		draw_edges(page, &g, i);
	for (size_t i = 0; i < page->count; i++)
		if (g.nodes[i].row >= 0)
			draw_node(page, &g, i);
	lepton__buffer_string(page->out, "</svg></div>\n<p class=\"quiet\">From parents to what was made of "
					 "them; dashed: further parents.");
	if (g.kinless)
		lepton__buffer_printf(page->out, " %zu more %s neither parent nor child.", g.kinless,
			g.kinless == 1 ? "has" : "have");
	lepton__buffer_string(page->out, "</p>\n");
	lepton__free(g.nodes);
}

const struct lepton__html_section lepton__html_lineage = {"lineage", "Lineage", wanted, draw};
