/* tui/nodes_rows.c - what the rows of the view Nodes say.
 *
 * A machine's workers come as its last NODE event has them. Of a sub-model that event has the round, the
 * samples, the rate and whether it waits; its step and loss are the version's own, which are told oftener. How
 * far ahead of the others one is, is in parts of the round, since parts of unlike sizes have rounds of unlike
 * lengths: what it has done of it, less the mean of what the others have that still train.
 */
#include "config.h"
#include "tui/nodes_rows.h"
#include "base/clock.h"
#include "base/memory.h"
#include "tui/format.h"

#include <math.h>

/* ---- samples a second ---- */

double lepton__node_rate(const struct lepton_node *node)
{
	double sum = 0;
	for (size_t i = 0; i < node->worker_count; i++)
		if (isfinite(node->workers[i].samples_per_second))
			sum += node->workers[i].samples_per_second;
	return sum;
}

/* Before its first span a node says rates of nothing. */
static bool has_span(const struct lepton_node *node)
{
	return node->worker_count && isfinite(node->workers[0].busy);
}

double lepton__run_rate(const struct lepton_run *run)
{
	bool said = !run->ended && run->node_count > 0, works = false;
	double by_workers = 0, outside = 0, inside = 0;
	for (size_t i = 0; i < run->node_count; i++) {
		said = said && has_span(&run->nodes[i]);
		by_workers += lepton__node_rate(&run->nodes[i]);
	}
	for (size_t i = 0; i < run->version_count; i++) {
		const struct lepton_run_version *v = run->versions[i];
		const struct lepton_learner_ops *ops = lepton_learner_find(v->learner);
		bool is_outside = ops && ops->outside;
		works = works || (v->state == LEPTON_RUNNING && !is_outside);
		if (v->state == LEPTON_RUNNING && isfinite(v->samples_per_second))
			*(is_outside ? &outside : &inside) += v->samples_per_second;
	}
	return outside + (!works ? 0 : said ? by_workers : inside);
}

/* ---- the rows there are ---- */

static bool add(struct lepton__node_rows *rows, struct lepton__node_row row)
{
	if (lepton__grow(&rows->items, &rows->capacity, rows->count + 1, sizeof *rows->items))
		return false;
	rows->items[rows->count++] = row;
	return true;
}

static bool add_workers(struct lepton__node_rows *rows, const struct lepton_node *node)
{
	struct lepton__node_row row = {.kind = LEPTON__ROW_WORKERS, .node = node};
	bool good = add(rows, row);
	row.kind = LEPTON__ROW_WORKER;
	for (size_t i = 0; i < node->worker_count && good; i++) {
		row.index = (int)i;
		row.version = node->workers[i].version;
		good = add(rows, row);
	}
	return good;
}

static bool add_shards(
	struct lepton__node_rows *rows, const struct lepton_node *node, const struct lepton_sharded *whole)
{
	struct lepton__node_row row = {
		.kind = LEPTON__ROW_WHOLE, .node = node, .whole = whole, .version = whole->version};
	bool good = add(rows, row);
	row.kind = LEPTON__ROW_SHARDS;
	good = good && add(rows, row);
	row.kind = LEPTON__ROW_SHARD;
	for (int i = 0; i < whole->count && good; i++) {
		row.index = i;
		row.version = whole->shards[i].version;
		good = add(rows, row);
	}
	return good;
}

bool lepton__node_rows_make(const struct lepton_run *run, struct lepton__node_rows *rows)
{
	bool good = true;
	*rows = (struct lepton__node_rows){0};
	for (size_t i = 0; i < run->node_count && good; i++) {
		const struct lepton_node *node = &run->nodes[i];
		good = add(rows, (struct lepton__node_row){.kind = LEPTON__ROW_NODE, .node = node}) &&
		       add_workers(rows, node);
		for (size_t k = 0; k < node->sharded_count && good; k++)
			good = add_shards(rows, node, &node->sharded[k]);
	}
	return good;
}

bool lepton__node_row_leads(const struct lepton__node_row *row)
{
	return row->kind == LEPTON__ROW_WORKER || row->kind == LEPTON__ROW_WHOLE ||
	       row->kind == LEPTON__ROW_SHARD;
}

/* ---- columns ---- */

enum { W_WORKER, W_DOING, W_VERSION, W_EPOCH, W_STEP, W_BAR, W_BUSY, W_STEPS, W_SAMPLES, W_SLICES };
const struct lepton__node_column lepton__worker_columns[] = {
	[W_WORKER] = {"worker", 7, 10, true},
	[W_DOING] = {"doing", 11, 9, true},
	[W_VERSION] = {"version", 13, 9, true},
	[W_EPOCH] = {"epoch", 6, 6, false},
	[W_STEP] = {"step", 9, 2, false},
	[W_BAR] = {"", 14, 1, true},
	[W_BUSY] = {"busy", 6, 8, false},
	[W_STEPS] = {"steps/s", 9, 5, false},
	[W_SAMPLES] = {"samples/s", 11, 8, false},
	[W_SLICES] = {"slices/s", 10, 4, false},
	{NULL, 0, 0, false},
};

enum { S_SHARD, S_VERSION, S_DOING, S_WORKER, S_SAMPLES, S_BAR, S_ROUND, S_AHEAD, S_EPOCH, S_RATE, S_LOSS };
const struct lepton__node_column lepton__shard_columns[] = {
	[S_SHARD] = {"shard", 7, 10, true},
	[S_VERSION] = {"version", 13, 9, true},
	[S_DOING] = {"doing", 14, 9, true},
	[S_WORKER] = {"worker", 7, 5, false},
	[S_SAMPLES] = {"samples", 8, 6, false},
	[S_BAR] = {"", 14, 1, true},
	[S_ROUND] = {"round", 6, 4, false},
	[S_AHEAD] = {"ahead", 7, 8, false},
	[S_EPOCH] = {"epoch", 6, 3, false},
	[S_RATE] = {"samples/s", 11, 8, false},
	[S_LOSS] = {"loss", 9, 7, false},
	{NULL, 0, 0, false},
};

void lepton__node_fit(const struct lepton__node_column *columns, int cols, int widths[LEPTON__NODE_COLUMNS])
{
	int total = 0, least = 0, version = columns == lepton__worker_columns ? W_VERSION : S_VERSION;
	for (int c = 0; columns[c].keep; c++)
		total += widths[c] = columns[c].width;
	while (total > cols && least < 10) {
		least++;
		for (int c = 0; columns[c].keep && total > cols; c++)
			if (columns[c].keep == least) {
				total -= widths[c];
				widths[c] = 0;
			}
	}
	int over = cols - total;
	widths[version] += over < 0 || !widths[version] ? 0 : over > 20 ? 20 : over;
}

/* ---- a worker ---- */

static void number(char out[LEPTON__NODE_CELL], double value)
{
	lepton__text_number(out, LEPTON__NODE_CELL, value);
}

static void rate(char out[LEPTON__NODE_CELL], double value)
{
	if (isfinite(value) && value > 0)
		lepton__fmt_rate(out, value);
	else
		lepton__print(out, LEPTON__NODE_CELL, "-");
}

static void percent(char out[LEPTON__NODE_CELL], double value, bool leads)
{
	if (!isfinite(value))
		lepton__print(out, LEPTON__NODE_CELL, "-");
	else if (leads && fabs(value) >= 0.005)
		lepton__print(out, LEPTON__NODE_CELL, "%+.0f%%", 100 * value);
	else
		lepton__print(out, LEPTON__NODE_CELL, "%.0f%%", 100 * fabs(value));
}

/* Where it stands: the step that its worker said last, which is newer than its version's. */
static void say_place(const struct lepton_run_version *v, const struct lepton_worker *worker,
	char epoch[LEPTON__NODE_CELL], char step[LEPTON__NODE_CELL])
{
	int64_t at = worker->step > v->step ? worker->step : v->step;
	if (v->steps_per_epoch > 0)
		lepton__print(epoch, LEPTON__NODE_CELL, "%.2f", (double)at / (double)v->steps_per_epoch);
	lepton__fmt_integer(step, at);
}

double lepton__worker_cells(const struct lepton__app *app, const struct lepton__node_row *row,
	char out[LEPTON__NODE_COLUMNS][LEPTON__NODE_CELL])
{
	const struct lepton_worker *worker = &row->node->workers[row->index];
	const struct lepton_run_version *v = lepton_run_version(app->dash.run, worker->version);
	for (int c = 0; c < LEPTON__NODE_COLUMNS; c++)
		lepton__print(out[c], LEPTON__NODE_CELL, "-");
	lepton__print(out[W_WORKER], LEPTON__NODE_CELL, "%d", row->index + 1);
	lepton__print(out[W_DOING], LEPTON__NODE_CELL, "%s", lepton_work_name(worker->work));
	if (worker->version)
		lepton__print(out[W_VERSION], LEPTON__NODE_CELL, "%.40s",
			lepton__version_name(app, worker->version));
	if (v)
		say_place(v, worker, out[W_EPOCH], out[W_STEP]);
	percent(out[W_BUSY], worker->busy, false);
	number(out[W_STEPS], worker->steps_per_second);
	rate(out[W_SAMPLES], worker->samples_per_second);
	number(out[W_SLICES], worker->slices_per_second);
	return worker->busy;
}

/* ---- a sub-model ---- */

static bool trains(const struct lepton_run_version *v)
{
	return v && (v->state == LEPTON_RUNNING || v->state == LEPTON_QUEUED);
}

/* Of its round, 0 to 1. */
static double done(const struct lepton_run_version *v, const struct lepton_shard *shard)
{
	if (shard->waits)
		return 1;
	double begin = (double)shard->begin, length = (double)shard->end - begin;
	return length > 0 ? fmin(fmax(((double)v->step - begin) / length, 0), 1) : (double)NAN;
}

/* Its lead over the others that train; NaN where there is none. */
static double ahead(const struct lepton_run *run, const struct lepton_sharded *whole, int index)
{
	double sum = 0, own = NAN;
	int others = 0;
	for (int i = 0; i < whole->count; i++) {
		const struct lepton_run_version *v = lepton_run_version(run, whole->shards[i].version);
		if (!trains(v))
			continue;
		double part = done(v, &whole->shards[i]);
		if (i == index)
			own = part;
		else
			sum += part, others++;
	}
	return others ? own - sum / others : (double)NAN;
}

/* One that stopped or failed is lost to the rounds; one that is paused may come back. */
static void say_doing(const struct lepton_run *run, const struct lepton__node_row *row,
	const struct lepton_run_version *v, char out[LEPTON__NODE_CELL])
{
	const struct lepton_run_version *whole = lepton_run_version(run, row->whole->version);
	bool leads = whole && (trains(whole) || whole->state == LEPTON_PAUSED);
	bool lost = v->state == LEPTON_STOPPED || v->state == LEPTON_FAILED || v->state == LEPTON_ARCHIVED;
	if (lost && leads)
		lepton__print(out, LEPTON__NODE_CELL, "lost: %s", lepton_version_state_name(v->state));
	else if (!trains(v))
		lepton__print(out, LEPTON__NODE_CELL, "%s", lepton_version_state_name(v->state));
	else if (row->whole->shards[row->index].waits)
		lepton__print(out, LEPTON__NODE_CELL, "waits");
	else
		lepton__print(out, LEPTON__NODE_CELL, row->whole->fuses ? "is fused" : "trains");
}

double lepton__shard_cells(const struct lepton__app *app, const struct lepton__node_row *row,
	char out[LEPTON__NODE_COLUMNS][LEPTON__NODE_CELL])
{
	const struct lepton_run *run = app->dash.run;
	const struct lepton_shard *shard = &row->whole->shards[row->index];
	const struct lepton_run_version *v = lepton_run_version(run, shard->version);
	for (int c = 0; c < LEPTON__NODE_COLUMNS; c++)
		lepton__print(out[c], LEPTON__NODE_CELL, "-");
	lepton__print(out[S_SHARD], LEPTON__NODE_CELL, "%d/%d", row->index + 1, row->whole->count);
	lepton__print(out[S_VERSION], LEPTON__NODE_CELL, "%.40s", lepton__version_name(app, shard->version));
	lepton__fmt_integer(out[S_SAMPLES], shard->samples);
	if (shard->worker)
		lepton__print(out[S_WORKER], LEPTON__NODE_CELL, "%d", shard->worker);
	if (!v)
		return NAN;
	double part = trains(v) ? done(v, shard) : (double)NAN;
	say_doing(run, row, v, out[S_DOING]);
	percent(out[S_ROUND], part, false);
	percent(out[S_AHEAD], ahead(run, row->whole, row->index), true);
	lepton__print(out[S_EPOCH], LEPTON__NODE_CELL, "%.2f", v->epoch);
	rate(out[S_RATE], shard->samples_per_second);
	lepton__fmt_loss(out[S_LOSS], v->loss);
	return part;
}

/* ---- what they make ---- */

struct tally { /* of sub-models */
	int train, wait, paused, lost;
};

static struct tally tally(const struct lepton_run *run, const struct lepton_sharded *whole)
{
	struct tally of = {0};
	for (int i = 0; i < whole->count; i++) {
		const struct lepton_run_version *v = lepton_run_version(run, whole->shards[i].version);
		if (trains(v))
			*(whole->shards[i].waits ? &of.wait : &of.train) += 1;
		else
			*(v && v->state == LEPTON_PAUSED ? &of.paused : &of.lost) += 1;
	}
	return of;
}

/* "2 train, 1 waits, 1 lost" */
static void say_tally(const struct tally *of, char *out, size_t size)
{
	char rest[40] = "";
	if (of->paused && of->lost)
		lepton__print(rest, sizeof rest, ", %d paused, %d lost", of->paused, of->lost);
	else if (of->paused || of->lost)
		lepton__print(rest, sizeof rest, ", %d %s", of->paused + of->lost, of->paused ? "paused" : "lost");
	lepton__print(out, size, "%d train%s, %d wait%s%s", of->train, of->train == 1 ? "s" : "", of->wait,
		of->wait == 1 ? "s" : "", rest);
}

/* ", fused 12s ago", or nothing where it is not known. */
static void say_fused(const struct lepton__app *app, const struct lepton_sharded *whole, char *out, size_t size)
{
	char when[24];
	double now = app->headless ? app->dash.last_time : lepton__wall();
	*out = '\0';
	if (!(whole->fused > 0))
		return;
	lepton__text_duration(when, sizeof when, fmax(now - whole->fused, 0));
	lepton__print(out, size, ", fused %s ago", when);
}

void lepton__whole_say(const struct lepton__app *app, const struct lepton__node_row *row, char *out, size_t size)
{
	const struct lepton_sharded *whole = row->whole;
	const struct lepton_run_version *v = lepton_run_version(app->dash.run, whole->version);
	struct tally of = tally(app->dash.run, whole);
	char fused[48], parts[80];
	say_fused(app, whole, fused, sizeof fused);
	say_tally(&of, parts, sizeof parts);
	if (!v || !(trains(v) || v->state == LEPTON_PAUSED))
		lepton__print(out, size, "%s after %lld of %lld round%s",
			v ? lepton_version_state_name(v->state) : "gone", (long long)whole->round,
			(long long)whole->rounds, whole->rounds == 1 ? "" : "s");
	else if (whole->round >= whole->rounds)
		lepton__print(out, size, "all of %lld rounds done%s; it is scored", (long long)whole->rounds, fused);
	else
		lepton__print(out, size, "%sround %lld of %lld%s: %s",
			v->state == LEPTON_PAUSED ? "paused in " : "", (long long)whole->round + 1,
			(long long)whole->rounds, fused, parts);
}
