/* tui/view_lineage.c - who comes from whom, as an indented tree.
 *
 * Each version hangs under its first parent; a fused one names its other parents. The tree is walked
 * anew for each frame: it is small, and new versions then simply are there. Marks of who was seen keep a
 * damaged lineage (a circle) from being walked for ever.
 */
#include "config.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/format.h"
#include "tui/list.h"
#include "tui/views.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DEEPEST 24

struct node {
	size_t index;
	int depth;
	uint32_t open; /* bit d: the line of depth d goes on below */
	bool last;     /* of its parent's children */
};
struct tree {
	struct node *nodes;
	size_t count;
	bool *shown, *done;
};

static bool hangs_under(const struct lepton_run *run, const struct tree *tree, size_t child, size_t parent)
{
	const struct lepton_run_version *v = run->versions[child];
	return tree->shown[child] && v->parent_count > 0 && v->parents[0] == run->versions[parent]->id;
}

/* Its first parent is not on the screen: it stands at the left. */
static bool is_root(const struct lepton_run *run, const struct tree *tree, size_t index)
{
	for (size_t p = 0; p < run->version_count; p++)
		if (p != index && tree->shown[p] && hangs_under(run, tree, index, p))
			return false;
	return true;
}

static void walk(
	const struct lepton_run *run, struct tree *tree, size_t index, int depth, uint32_t open, bool last)
{
	if (tree->done[index])
		return;
	tree->done[index] = true;
	tree->nodes[tree->count++] = (struct node){index, depth, open, last};
	size_t children = 0, seen = 0;
	for (size_t c = 0; c < run->version_count; c++)
		children += hangs_under(run, tree, c, index) && !tree->done[c];
	for (size_t c = 0; c < run->version_count; c++) {
		if (!hangs_under(run, tree, c, index) || tree->done[c])
			continue;
		bool end = ++seen == children;
		int below = depth + 1 < DEEPEST ? depth + 1 : DEEPEST;
		walk(run, tree, c, below, end ? open : open | 1u << below, end);
	}
}

static void free_tree(struct tree *tree)
{
	lepton__free(tree->nodes);
	lepton__free(tree->shown);
	lepton__free(tree->done);
}

static bool make_tree(const struct lepton__app *app, struct tree *tree)
{
	const struct lepton_run *run = app->dash.run;
	size_t total = run->version_count + 1;
	*tree = (struct tree){.nodes = lepton__calloc(total, sizeof *tree->nodes),
		.shown = lepton__calloc(total, sizeof(bool)),
		.done = lepton__calloc(total, sizeof(bool))};
	if (!tree->nodes || !tree->shown || !tree->done) {
		free_tree(tree);
		return false;
	}
	for (size_t i = 0; i < app->dash.shown; i++)
		tree->shown[app->dash.order[i]] = true;
	for (size_t i = 0; i < run->version_count; i++)
		if (tree->shown[i] && is_root(run, tree, i))
			walk(run, tree, i, 0, 0, false);
	for (size_t i = 0; i < run->version_count; i++) /* a circle has no root */
		if (tree->shown[i] && !tree->done[i])
			walk(run, tree, i, 0, 0, false);
	return true;
}

static int draw_branches(struct lepton__app *app, int y, int x, int end, const struct node *node)
{
	struct lepton__style line = lepton__style(app, LEPTON__DIVIDER);
	line.bg = LEPTON__COLOR_DEFAULT;
	for (int d = 1; d < node->depth; d++)
		x = lepton__draw_piece(app, y, x, end, line, node->open & 1u << d ? "\u2502  " : "   ");
	if (node->depth > 0)
		x = lepton__draw_piece(app, y, x, end, line, node->last ? "\u2514\u2500 " : "\u251c\u2500 ");
	return x;
}

static void made_by(const struct lepton__app *app, const struct lepton_run_version *v, char *out, size_t size)
{
	char names[128];
	lepton__origin(app, v, out, size);
	char *of = strstr(out, " of ");
	if (of)
		*of = '\0'; /* the parent stands above */
	if (v->parent_count > 1) {
		lepton__name_list(app, v->parents + 1, (size_t)v->parent_count - 1, names, sizeof names);
		size_t length = strlen(out);
		lepton__print(out + length, size - length, " with %s", names);
	}
	if (!v->parent_count)
		lepton__print(out, size, "%s", v->learner);
}

static void draw_node(struct lepton__app *app, struct lepton__rect row, const struct node *node)
{
	const struct lepton_run_version *v = app->dash.run->versions[node->index];
	bool here = v->id == app->dash.selected;
	struct lepton__style text = lepton__style(app, here ? LEPTON__SELECTED : LEPTON__MAIN),
			     curve = lepton__curve_style(app, node->index);
	struct lepton__style small = here ? text : lepton__style(app, LEPTON__INACTIVE),
			     state = lepton__style(app, lepton__state_role(v->state));
	char acc[LEPTON__FMT], size[24], how[256];
	curve.bg = state.bg = LEPTON__COLOR_DEFAULT;
	if (here)
		lepton__screen_fill(app->screen, row, ' ', text);
	lepton__hit_add(app, row, LEPTON__HIT_ROW, v->id);
	bool marked = app->dash.extras[node->index].marked;
	lepton__screen_text(app->screen, row.y, row.x, 1,
		lepton__style(app, here ? LEPTON__SELECTED : LEPTON__HOT), marked ? "*" : " ");
	lepton__screen_text(app->screen, row.y, row.x + 1, 1, state, lepton__state_sign(app, v->state));
	int figures = row.x + row.cols - 19, x = draw_branches(app, row.y, row.x + 3, figures, node);
	if (x + 2 < figures)
		lepton__screen_put(
			app->screen, row.y, x, lepton__theme_marker(node->index, app->screen->glyphs), curve);
	text.attributes |= LEPTON__BOLD;
	x = lepton__draw_piece(app, row.y, x + 2, figures, text, v->name) + 2;
	made_by(app, v, how, sizeof how);
	lepton__draw_piece(app, row.y, x, figures - 1, small, how);
	lepton__fmt_quality(acc, app->dash.run, isfinite(v->val_accuracy) ? v->val_accuracy : v->test_accuracy,
		isfinite(v->val_loss) ? v->val_loss : v->test_loss);
	lepton__text_bytes(size, sizeof size, (double)v->bytes);
	text.attributes &= (uint16_t)~LEPTON__BOLD;
	lepton__screen_right(app->screen, row.y, figures, 8, text, acc);
	lepton__screen_right(app->screen, row.y, figures + 9, 9, small, size);
}

static long row_of(const struct lepton__app *app, const struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		if (app->dash.extras[tree->nodes[i].index].id == app->dash.selected)
			return (long)i;
	return 0;
}

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	struct tree tree;
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_LINEAGE];
	if (!make_tree(app, &tree))
		return;
	struct lepton__box box = {.title = "lineage",
		.right = app->dash.run->regression ? "val rmse and size" : "val acc and size",
		.role = LEPTON__LIST_BOX, .focus = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, area, &box);
	scroll->page = inside.rows;
	lepton__scroll_to(scroll, row_of(app, &tree), (long)tree.count);
	for (long i = 0; i < scroll->page && scroll->top + i < (long)tree.count; i++)
		draw_node(app, (struct lepton__rect){inside.y + (int)i, inside.x, 1, inside.cols},
			&tree.nodes[scroll->top + i]);
	lepton__scrollbar_draw(app->screen, &app->theme, inside.y, area.x + area.cols - 1, inside.rows,
		(size_t)scroll->top, (size_t)scroll->page, tree.count);
	if (!tree.count)
		lepton__screen_center(app->screen, inside.y + inside.rows / 2, inside.x, inside.cols,
			lepton__style(app, LEPTON__INACTIVE), "no version is shown");
	free_tree(&tree);
}

static void move(struct lepton__app *app, enum lepton__move how)
{
	struct tree tree;
	if (!make_tree(app, &tree))
		return;
	if (tree.count) {
		long row = lepton__row_after(app, how, row_of(app, &tree), (long)tree.count);
		app->dash.selected = app->dash.extras[tree.nodes[row].index].id;
	}
	free_tree(&tree);
}

const struct lepton__view lepton__view_lineage = {
	.name = "Lineage",
	.summary = "Where each version comes from: clones, compressed and fused versions hang under their "
		   "first parent; a fused one "
		   "names the others. At the right: validation accuracy (test accuracy where there is none) "
		   "and size.",
	.draw = draw,
	.move = move,
};
