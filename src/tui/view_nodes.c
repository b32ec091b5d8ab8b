/* tui/view_nodes.c - the machines that train: their workers, their sub-models, their throughput.
 *
 * One list. For each machine a line about it, a row a worker, and for each version made of sub-models a line
 * about its round and a row a sub-model. Today there is one machine, this one; more of them are more rows.
 * Nothing here acts on versions: what a worker runs changes while one looks, so that a key might hit another
 * than was meant. Enter leads to the version, where all keys are.
 */
#include "config.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/list.h"
#include "tui/nodes_rows.h"
#include "tui/views.h"

#include <math.h>

#define WORKERS_BAR 2 /* columns a bar stays from the next cell */

/* ---- which row ---- */

/* The next row that can be chosen, from `at` in a direction; -1: none. */
static long next_row(const struct lepton__node_rows *rows, long at, long by)
{
	while (at >= 0 && at < (long)rows->count && !lepton__node_row_leads(&rows->items[at]))
		at += by;
	return at >= 0 && at < (long)rows->count ? at : -1;
}

/* Workers never go, but versions with sub-models may. */
static void settle(struct lepton__app *app, const struct lepton__node_rows *rows)
{
	long last = (long)rows->count - 1, at = app->node_row > last ? last
						: app->node_row < 0  ? 0
								     : app->node_row;
	long below = next_row(rows, at, 1);
	at = below >= 0 ? below : next_row(rows, at, -1);
	app->node_row = at < 0 ? 0 : at;
}

/* ---- drawing ---- */

static void draw_cells(struct lepton__app *app, struct lepton__rect row,
	const struct lepton__node_column *columns, char cells[LEPTON__NODE_COLUMNS][LEPTON__NODE_CELL],
	struct lepton__style style, double bar)
{
	int widths[LEPTON__NODE_COLUMNS], x = row.x + 1;
	lepton__node_fit(columns, row.cols - 2, widths);
	for (int c = 0; columns[c].keep; x += widths[c], c++) {
		const char *text = cells ? cells[c] : columns[c].head;
		if (!widths[c])
			continue;
		if (!*columns[c].head && isfinite(bar))
			lepton__meter_draw(app->screen, &app->theme, row.y, x + WORKERS_BAR,
				widths[c] - WORKERS_BAR,
				columns == lepton__worker_columns ? LEPTON__CPU : LEPTON__PROCESS, bar);
		else if (!*columns[c].head)
			continue;
		else if (columns[c].left)
			lepton__screen_text(app->screen, row.y, x, widths[c] - 1, style, text);
		else
			lepton__screen_right(app->screen, row.y, x, widths[c], style, text);
	}
}

/* "2 cores 100% busy, 1.9 by training, 412 MB of 16 GB"; less of it where there is less room. */
static void say_machine(const struct lepton_node *node, int room, char *out, size_t size)
{
	char memory[24], own[24], used[24], busy[48] = "", by[48] = "";
	lepton__text_bytes(own, sizeof own, node->figures.memory_own);
	lepton__text_bytes(memory, sizeof memory, node->figures.memory);
	lepton__text_number(used, sizeof used, node->figures.used);
	if (isfinite(node->figures.busy))
		lepton__print(busy, sizeof busy, " %.0f%% busy", 100 * node->figures.busy);
	if (isfinite(node->figures.used))
		lepton__print(by, sizeof by, ", %s by training", used);
	const char *cores = node->figures.cores == 1 ? "core" : "cores";
	lepton__print(out, size, "%d %s%s%s, %s of %s", node->figures.cores, cores, busy, by, own, memory);
	if (lepton__text_width(out) > room)
		lepton__print(out, size, "%d %s%s, %s of %s", node->figures.cores, cores, busy, own, memory);
	if (lepton__text_width(out) > room)
		lepton__print(out, size, "%d %s%s", node->figures.cores, cores, busy);
}

/* "box  2 workers, kernels avx2" at the left; cores and memory at the right, as far as there is room. */
static void draw_node(struct lepton__app *app, struct lepton__rect row, const struct lepton_node *node)
{
	char left[160], right[160];
	int end = row.x + row.cols - 1;
	lepton__print(left, sizeof left, "%zu worker%s, kernels %s", node->worker_count,
		node->worker_count == 1 ? "" : "s", node->figures.kernels);
	int x = lepton__draw_piece(app, row.y, row.x + 1, end, lepton__theme_bold(&app->theme, LEPTON__TITLE),
		node->figures.host);
	x = lepton__draw_piece(app, row.y, x + 2, end, lepton__style(app, LEPTON__MISC), left);
	say_machine(node, end - x - 2, right, sizeof right);
	if (lepton__text_width(right) + 2 <= end - x)
		lepton__screen_right(
			app->screen, row.y, x, end - x, lepton__style(app, LEPTON__GRAPH_TEXT), right);
}

static void draw_whole(
	struct lepton__app *app, struct lepton__rect row, const struct lepton__node_row *what, bool here)
{
	char text[160];
	int end = row.x + row.cols - 1;
	struct lepton__style name = lepton__theme_bold(&app->theme, here ? LEPTON__SELECTED : LEPTON__TITLE),
			     rest = lepton__style(app, here ? LEPTON__SELECTED : LEPTON__MISC);
	lepton__whole_say(app, what, text, sizeof text);
	int x = lepton__draw_piece(
		app, row.y, row.x + 1, end, name, lepton__version_name(app, what->whole->version));
	lepton__draw_piece(app, row.y, x + 2, end, rest, text);
}

/* Trouble and rest look like it. */
static struct lepton__style style_of(
	const struct lepton__app *app, const struct lepton__node_row *what, bool here)
{
	const struct lepton_run_version *v = lepton_run_version(app->dash.run, what->version);
	if (here)
		return lepton__style(app, LEPTON__SELECTED);
	if (what->kind == LEPTON__ROW_WORKER)
		return lepton__style(app, what->version ? LEPTON__MAIN : LEPTON__INACTIVE);
	if (v && (v->state == LEPTON_FAILED || v->state == LEPTON_STOPPED))
		return lepton__style(app, LEPTON__BAD);
	return lepton__style(app, what->whole->shards[what->index].waits ? LEPTON__WARN : LEPTON__MAIN);
}

static void draw_row(
	struct lepton__app *app, struct lepton__rect row, const struct lepton__node_row *what, bool here)
{
	char cells[LEPTON__NODE_COLUMNS][LEPTON__NODE_CELL];
	bool worker = what->kind == LEPTON__ROW_WORKER;
	struct lepton__style style = style_of(app, what, here);
	double bar = worker ? lepton__worker_cells(app, what, cells) : lepton__shard_cells(app, what, cells);
	draw_cells(app, row, worker ? lepton__worker_columns : lepton__shard_columns, cells, style, bar);
}

static void draw_line(
	struct lepton__app *app, struct lepton__rect row, const struct lepton__node_rows *rows, long at)
{
	const struct lepton__node_row *what = &rows->items[at];
	bool here = at == app->node_row && lepton__node_row_leads(what);
	struct lepton__style head = lepton__style(app, LEPTON__GRAPH_TEXT);
	if (here)
		lepton__screen_fill(app->screen, row, ' ', lepton__style(app, LEPTON__SELECTED));
	if (lepton__node_row_leads(what))
		lepton__hit_add(app, row, LEPTON__HIT_LINE, at);
	switch (what->kind) {
	case LEPTON__ROW_NODE:
		draw_node(app, row, what->node);
		break;
	case LEPTON__ROW_WORKERS:
		draw_cells(app, row, lepton__worker_columns, NULL, head, (double)NAN);
		break;
	case LEPTON__ROW_WHOLE:
		draw_whole(app, row, what, here);
		break;
	case LEPTON__ROW_SHARDS:
		draw_cells(app, row, lepton__shard_columns, NULL, head, (double)NAN);
		break;
	case LEPTON__ROW_WORKER:
	case LEPTON__ROW_SHARD:
		draw_row(app, row, what, here);
		break;
	}
}

/* ---- what there is to say beside the rows ---- */

static bool idle(const struct lepton_run *run)
{
	for (size_t i = 0; i < run->node_count; i++)
		for (size_t k = 0; k < run->nodes[i].worker_count; k++)
			if (run->nodes[i].workers[k].work != LEPTON_WORK_NONE)
				return false;
	return true;
}

/* Those in programs of their own take no worker. */
static size_t elsewhere(const struct lepton_run *run)
{
	size_t count = 0;
	for (size_t i = 0; i < run->version_count; i++)
		count += run->versions[i]->state == LEPTON_RUNNING &&
			 lepton__trains_elsewhere(run->versions[i]);
	return count;
}

/* A sentence below the rows; "" for none. */
static void remark(const struct lepton__app *app, char *out, size_t size)
{
	const struct lepton_run *run = app->dash.run;
	size_t apart = elsewhere(run), paused = 0, wanting = 0;
	*out = '\0';
	for (size_t i = 0; i < run->version_count; i++) {
		paused += run->versions[i]->state == LEPTON_PAUSED;
		wanting += run->versions[i]->state <= LEPTON_RUNNING;
	}
	if (apart)
		lepton__print(out, size, "%zu train%s in a program of %s own, without a worker", apart,
			apart == 1 ? "s" : "", apart == 1 ? "its" : "their");
	else if (idle(run) && !wanting)
		lepton__spell_keys(paused ? "nothing trains: {resume-all} goes on with what is paused"
					  : "nothing trains or waits to: all workers rest",
			out, size);
}

static const char *nothing(const struct lepton_run *run)
{
	return run->ended ? "the engine has ended: no worker does anything any more"
			  : "nothing is known of workers: no engine runs here, or it has not said yet";
}

static void sum_up(const struct lepton_run *run, char *out, size_t size)
{
	char rate[LEPTON__FMT];
	size_t workers = 0;
	double samples = 0;
	for (size_t i = 0; i < run->node_count; i++) {
		workers += run->nodes[i].worker_count;
		samples += lepton__node_rate(&run->nodes[i]);
	}
	lepton__fmt_rate(rate, samples);
	lepton__print(out, size, "%zu node%s, %zu worker%s, %s", run->node_count,
		run->node_count == 1 ? "" : "s", workers, workers == 1 ? "" : "s", rate);
}

/* ---- the view ---- */

static void draw_rows(struct lepton__app *app, struct lepton__rect rect, struct lepton__rect inside,
	const struct lepton__node_rows *rows)
{
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_NODES];
	char text[160];
	settle(app, rows);
	scroll->page = inside.rows;
	if (next_row(rows, 0, 1) == app->node_row)
		scroll->top = 0; /* with what stands above the first */
	lepton__scroll_to(scroll, app->node_row, (long)rows->count);
	long i = 0;
	for (; i < inside.rows && scroll->top + i < (long)rows->count; i++)
		draw_line(app, (struct lepton__rect){inside.y + (int)i, inside.x, 1, inside.cols}, rows,
			scroll->top + i);
	remark(app, text, sizeof text);
	if (i + 1 < inside.rows)
		lepton__draw_piece(app, inside.y + (int)i + 1, inside.x + 1, inside.x + inside.cols - 1,
			lepton__style(app, LEPTON__INACTIVE), text);
	lepton__scrollbar_draw(app->screen, &app->theme, inside.y, rect.x + rect.cols - 1, inside.rows,
		(size_t)scroll->top, (size_t)scroll->page, rows->count);
}

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	const struct lepton_run *run = app->dash.run;
	struct lepton__node_rows rows;
	char right[96];
	bool known = run->node_count && !run->ended;
	sum_up(run, right, sizeof right);
	struct lepton__box box = {
		.title = "nodes", .right = known ? right : NULL, .role = LEPTON__LIST_BOX, .focus = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, area, &box);
	if (!known)
		lepton__screen_center(app->screen, inside.y + inside.rows / 2, inside.x, inside.cols,
			lepton__style(app, LEPTON__INACTIVE), nothing(run));
	else if (lepton__node_rows_make(run, &rows))
		draw_rows(app, area, inside, &rows);
	if (known)
		lepton__free(rows.items);
}

static void move(struct lepton__app *app, enum lepton__move how)
{
	struct lepton__node_rows rows;
	if (lepton__node_rows_make(app->dash.run, &rows) && rows.count) {
		long was = app->node_row, at = lepton__row_after(app, how, was, (long)rows.count);
		long way = at >= was ? 1 : -1, found = next_row(&rows, at, way);
		app->node_row = found >= 0 ? found : was;
		settle(app, &rows);
	}
	lepton__free(rows.items);
}

static void pick(struct lepton__app *app, int64_t row)
{
	app->node_row = (long)row;
}

/* The version of the chosen row; 0: none. */
static int64_t chosen(const struct lepton__app *app)
{
	struct lepton__node_rows rows;
	int64_t version = 0;
	if (lepton__node_rows_make(app->dash.run, &rows) && app->node_row < (long)rows.count &&
		!app->dash.run->ended)
		version = rows.items[app->node_row].version;
	lepton__free(rows.items);
	return lepton_run_version(app->dash.run, version) ? version : 0;
}

bool lepton__can_open_version(const struct lepton__app *app, const char **why)
{
	*why = "this worker has no version just now";
	return chosen(app) != 0;
}

void lepton__act_open_version(struct lepton__app *app)
{
	int64_t version = chosen(app);
	lepton__app_show(app, LEPTON__VIEW_VERSIONS);
	lepton__select_or_say(app, version);
}

const struct lepton__view lepton__view_nodes = {
	.name = "Nodes",
	.summary = "The machines that train; now this one. A row for each worker: what it does at this "
		   "moment, the "
		   "share of "
		   "the last seconds that it was busy, and the steps, samples and slices it does a second. "
		   "Workers "
		   "without a version of "
		   "their own help with parts of others' steps; a step counts for the worker whose version "
		   "it is.\n"
		   "Below them versions made of sub-models, each on its own shard of the data. \"round\" is "
		   "how much "
		   "of its round a "
		   "sub-model has done, \"ahead\" how much more than the others in the mean. Who has done "
		   "all of it "
		   "waits until all have; then they are fused, and the next round begins. One that stopped "
		   "or failed "
		   "is lost to "
		   "the rounds.\n"
		   "{open-version} shows the row's version in the list, where all keys are.",
	.draw = draw,
	.move = move,
	.pick = pick,
};
