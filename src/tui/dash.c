/* tui/dash.c - the dashboard's model.
 *
 * The run (lepton_run) is the truth about the experiment; this is the truth about what the person is
 * looking at. Versions are remembered by id, never by row, so that sorting, filtering and new
 * arrivals do not move the cursor to another version under the finger.
 */
#include "config.h"
#include "tui/dash.h"
#include "tui/closeup.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const lepton__metric_names[LEPTON__METRICS] = {"loss", "accuracy", "val loss", "val accuracy"};
const char *const lepton__axis_names[LEPTON__AXES] = {"step", "epoch", "time", "samples"};
const char *const lepton__sort_names[LEPTON__SORTS] = {"as made", "name", "state", "epoch", "loss",
	"accuracy", "val accuracy", "test accuracy", "samples/s", "size"};
const double lepton__smoothings[LEPTON__SMOOTHINGS] = {0, 0.6, 0.9, 0.97, 0.99};

static void add_move(struct lepton__dash *dash, const struct lepton__alias_move *move, const char *alias)
{
	if (lepton__grow(&dash->moves, &dash->move_capacity, dash->move_count + 1, sizeof *dash->moves))
		return; /* one line of a history less */
	dash->moves[dash->move_count] = *move;
	lepton__copy_name(dash->moves[dash->move_count++].alias, LEPTON_NAME_MAX, alias);
}

void lepton__dash_init(struct lepton__dash *dash, struct lepton_run *run)
{
	*dash = (struct lepton__dash){.run = run, .zoom_width = NAN, .zoom_right = NAN, .cursor = NAN};
	for (size_t i = 0; i < run->alias_count; i++) { /* the last move of each is what the run remembers */
		const struct lepton_run_alias *alias = &run->aliases[i];
		struct lepton__alias_move move = {
			.time = alias->time, .from = alias->previous, .to = alias->target};
		add_move(dash, &move, alias->alias);
	}
}

static void reset_traces(struct lepton__extra *extra)
{
	for (int m = 0; m < LEPTON__METRICS; m++) {
		lepton__trace_free(&extra->trace[m]);
		lepton__trace_init(&extra->trace[m]);
	}
	lepton__gaps_free(&extra->gaps);
	extra->fed = 0;
}

void lepton__dash_free(struct lepton__dash *dash)
{
	for (size_t i = 0; i < dash->extra_count; i++) {
		for (int m = 0; m < LEPTON__METRICS; m++)
			lepton__trace_free(&dash->extras[i].trace[m]);
		lepton__gaps_free(&dash->extras[i].gaps);
		lepton__flat_free(&dash->extras[i].settings);
		lepton__closeup_free(dash->extras[i].closeup);
	}
	lepton__free(dash->extras);
	lepton__free(dash->order);
	lepton__free(dash->rows);
	lepton__bunches_free(&dash->bunches);
	lepton__free(dash->moves);
	*dash = (struct lepton__dash){0};
}

void lepton__dash_apply(struct lepton__dash *dash, const struct lepton_event *event)
{
	/* A fault means the event is about a version nobody announced; the run ignores it, so do we. */
	if (lepton_run_apply(dash->run, event, NULL) == LEPTON_OK && event->type == LEPTON_EVENT_ALIAS) {
		struct lepton__alias_move move = {.time = event->time,
			.from = event->u.alias.previous,
			.to = event->u.alias.target,
			.rollback = event->u.alias.rollback};
		add_move(dash, &move, event->u.alias.alias);
	}
	if (event->time > dash->last_time)
		dash->last_time = event->time;
}

/* ---- what is beside each version ------------------------------------------------------------------- */

/* Training went back to a checkpoint: what was said after it is said again, perhaps otherwise. */
static bool went_back(
	const struct lepton__extra *extra, const struct lepton_history *h, const struct lepton_epochs *e)
{
	if (h->count < extra->fed || e->count < extra->fed_epochs || h->thinned != extra->fed_thinned)
		return true;
	if (extra->fed && h->step[extra->fed - 1] != extra->fed_step)
		return true;
	return extra->fed_epochs && fabs(e->seconds[extra->fed_epochs - 1] - extra->fed_seconds) > 0;
}

static int feed(struct lepton__dash *dash, struct lepton__extra *extra,
	const struct lepton_run_version *version, struct lepton_error *err)
{
	const struct lepton_history *h = &version->history;
	const struct lepton_epochs *e = &version->epochs_done;
	double smoothing = lepton__smoothings[dash->smoothing];
	if (went_back(extra, h, e))
		reset_traces(extra);
	extra->fed = h->count;
	extra->fed_thinned = h->thinned;
	extra->fed_step = h->count ? h->step[h->count - 1] : 0;
	extra->fed_epochs = e->count;
	extra->fed_seconds = e->count ? e->seconds[e->count - 1] : 0;
	lepton__trace_outline(&extra->trace[LEPTON__LOSS], h, false);
	lepton__trace_outline(&extra->trace[LEPTON__ACCURACY], h, true);
	int code = lepton__trace_update(&extra->trace[LEPTON__LOSS], h->loss, h->count, smoothing, err);
	if (!code)
		code = lepton__gaps_update(&extra->gaps, h->loss, h->count, err);
	if (!code)
		code = lepton__trace_update(
			&extra->trace[LEPTON__ACCURACY], h->accuracy, h->count, smoothing, err);
	if (!code)
		code = lepton__trace_update(&extra->trace[LEPTON__VAL_LOSS], e->val_loss, e->count, 0, err);
	if (!code)
		code = lepton__trace_update(
			&extra->trace[LEPTON__VAL_ACCURACY], e->val_accuracy, e->count, 0, err);
	return code;
}

static int add_extra(
	struct lepton__dash *dash, const struct lepton_run_version *version, struct lepton_error *err)
{
	if (lepton__grow(&dash->extras, &dash->extra_capacity, dash->extra_count + 1, sizeof *dash->extras))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the list of versions");
	struct lepton__extra *extra = &dash->extras[dash->extra_count++];
	*extra = (struct lepton__extra){.id = version->id};
	for (int m = 0; m < LEPTON__METRICS; m++)
		lepton__trace_init(&extra->trace[m]);
	if (!lepton__flat_read(&extra->settings, lepton_text_get(version->hyperparameters)))
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "out of memory for the configuration of %s", version->name);
	lepton__extra_study(dash, extra, version);
	return LEPTON_OK;
}

/* ---- order ------------------------------------------------------------------------------------------- */

/* Less is first. What a regression has for accuracy falls with its loss. */
static double sort_figure(
	const struct lepton_run *run, const struct lepton_run_version *v, enum lepton__sort sort)
{
	switch (sort) {
	case LEPTON__SORT_STATE:
		return v->state == LEPTON_RUNNING ? -1 : (double)v->state;
	case LEPTON__SORT_EPOCH:
		return -v->epoch;
	case LEPTON__SORT_LOSS:
		return v->loss;
	case LEPTON__SORT_ACCURACY:
		return run->regression ? v->loss : -v->accuracy;
	case LEPTON__SORT_VAL:
		return run->regression ? v->val_loss : -v->val_accuracy;
	case LEPTON__SORT_TEST:
		return run->regression ? v->test_loss : -v->test_accuracy;
	case LEPTON__SORT_RATE:
		return v->state == LEPTON_RUNNING ? -v->samples_per_second : NAN;
	case LEPTON__SORT_SIZE:
		return (double)v->bytes;
	default:
		return 0;
	}
}

/* Pinned ones, then best first; unknown figures last whichever way round; ties as they were made. */
static bool before(const struct lepton__dash *dash, size_t a, size_t b)
{
	const struct lepton_run_version *va = dash->run->versions[a], *vb = dash->run->versions[b];
	int order = lepton__bunches_compare(dash, a, b);
	if (order)
		return order < 0;
	if (dash->extras[a].pinned != dash->extras[b].pinned)
		return dash->extras[a].pinned;
	if (dash->sort == LEPTON__SORT_NAME) {
		order = strcmp(va->name, vb->name);
	} else if (dash->sort == LEPTON__SORT_MADE) {
		order = a < b ? -1 : 1;
	} else {
		double fa = sort_figure(dash->run, va, dash->sort),
		       fb = sort_figure(dash->run, vb, dash->sort);
		if (isnan(fa) || isnan(fb))
			return isnan(fa) && isnan(fb) ? a < b : isnan(fb);
		order = fa < fb ? -1 : fa > fb;
	}
	if (order == 0)
		return a < b;
	return dash->turned ? order > 0 : order < 0;
}

/* Insertion into the order of the frame before, which is nearly right: close to linear. */
static void sort_order(struct lepton__dash *dash)
{
	for (size_t i = 1; i < dash->shown; i++) {
		size_t item = dash->order[i], at = i;
		while (at > 0 && before(dash, item, dash->order[at - 1])) {
			dash->order[at] = dash->order[at - 1];
			at--;
		}
		dash->order[at] = item;
	}
}

static bool wants_archived(const struct lepton__dash *dash)
{
	for (int i = 0; i < dash->filter.count; i++)
		if (strcmp(dash->filter.terms[i].key, "state") == 0 && dash->filter.terms[i].word[0] == 'a')
			return true;
	return dash->archived;
}

static bool visible(const struct lepton__dash *dash, size_t i)
{
	const struct lepton_run_version *version = dash->run->versions[i];
	if (version->state == LEPTON_ARCHIVED && !wants_archived(dash))
		return false;
	return lepton__filter_match(&dash->filter, dash->run, version, &dash->extras[i].settings);
}

/* Keep what was shown in its old order, so that sorting has little to do; newcomers go behind. */
static int make_order(struct lepton__dash *dash, struct lepton_error *err)
{
	size_t total = dash->run->version_count, kept = 0;
	unsigned char *seen = lepton__calloc(total + 1, 1);
	if (!seen || (total > 0 &&
			     lepton__grow(&dash->order, &dash->order_capacity, total, sizeof *dash->order))) {
		lepton__free(seen);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the list of versions");
	}
	for (size_t i = 0; i < dash->shown; i++) {
		seen[dash->order[i]] = 1;
		if (visible(dash, dash->order[i]))
			dash->order[kept++] = dash->order[i];
	}
	for (size_t i = 0; i < total; i++)
		if (!seen[i] && visible(dash, i))
			dash->order[kept++] = i;
	dash->shown = kept;
	lepton__free(seen);
	bool good = lepton__bunches_assign(dash);
	if (good) {
		sort_order(dash);
		good = lepton__bunches_rows(dash);
	}
	return good ? LEPTON_OK
		    : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the list of versions");
}

int64_t lepton__dash_row_id(const struct lepton__dash *dash, size_t row)
{
	return lepton__is_header(dash->rows[row]) ? dash->rows[row]
						  : dash->run->versions[dash->rows[row]]->id;
}

/* What was selected left the list: the header that it is folded under takes over, or else its neighbour by
 * row. */
static void keep_selection(struct lepton__dash *dash, long row)
{
	const struct lepton__extra *extra = lepton__dash_extra(dash, dash->selected);
	if (lepton__dash_row(dash) >= 0)
		return;
	if (dash->bunches.by && extra && extra->bunch < dash->bunches.count) {
		int64_t before = dash->selected;
		dash->selected = lepton__bunch_row(extra->bunch);
		if (dash->bunches.items[extra->bunch].folded && lepton__dash_row(dash) >= 0)
			return;
		dash->selected = before;
	}
	row = row >= (long)dash->row_count ? (long)dash->row_count - 1 : row;
	dash->selected = dash->row_count ? lepton__dash_row_id(dash, (size_t)(row < 0 ? 0 : row)) : 0;
}

int lepton__dash_update(struct lepton__dash *dash, struct lepton_error *err)
{
	int code = LEPTON_OK;
	while (!code && dash->extra_count < dash->run->version_count)
		code = add_extra(dash, dash->run->versions[dash->extra_count], err);
	for (size_t i = 0; i < dash->extra_count && !code; i++)
		code = feed(dash, &dash->extras[i], dash->run->versions[i], err);
	long row = lepton__dash_row(dash);
	if (!code)
		code = make_order(dash, err);
	keep_selection(dash, row);
	return code;
}

/* ---- questions ----------------------------------------------------------------------------------------- */

struct lepton_run_version *lepton__dash_selected(const struct lepton__dash *dash)
{
	return dash->selected ? lepton_run_version(dash->run, dash->selected) : NULL;
}

size_t lepton__dash_index(const struct lepton__dash *dash, int64_t id)
{
	size_t i = 0;
	if (id >= 1 && (uint64_t)id <= dash->extra_count && dash->extras[id - 1].id == id)
		return (size_t)id - 1; /* ids count up from 1 */
	while (i < dash->extra_count && dash->extras[i].id != id)
		i++;
	return i < dash->extra_count ? i : dash->run->version_count;
}

struct lepton__extra *lepton__dash_extra(const struct lepton__dash *dash, int64_t id)
{
	size_t i = lepton__dash_index(dash, id);
	return i < dash->extra_count ? &dash->extras[i] : NULL;
}

long lepton__dash_row_of(const struct lepton__dash *dash, int64_t id)
{
	for (size_t i = 0; i < dash->row_count; i++)
		if (lepton__dash_row_id(dash, i) == id)
			return (long)i;
	return -1;
}

long lepton__dash_row(const struct lepton__dash *dash)
{
	return lepton__dash_row_of(dash, dash->selected);
}

void lepton__dash_move(struct lepton__dash *dash, long by)
{
	long last = (long)dash->row_count - 1, row = lepton__dash_row(dash);
	if (last < 0)
		return;
	row = by > last ? last : by < -last ? 0 : row + by;
	row = row < 0 ? 0 : row > last ? last : row;
	dash->selected = lepton__dash_row_id(dash, (size_t)row);
}

static bool is_shown(const struct lepton__dash *dash, int64_t id)
{
	for (size_t i = 0; i < dash->shown; i++)
		if (dash->extras[dash->order[i]].id == id)
			return true;
	return false;
}

bool lepton__dash_select(struct lepton__dash *dash, int64_t id)
{
	const struct lepton__extra *extra = lepton__dash_extra(dash, id);
	if (extra && dash->bunches.by && extra->bunch < dash->bunches.count &&
		dash->bunches.items[extra->bunch].folded && is_shown(dash, id)) {
		dash->bunches.items[extra->bunch].folded = false;
		if (!lepton__bunches_rows(dash))
			return false;
	}
	if (lepton__dash_row_of(dash, id) < 0)
		return false;
	dash->selected = id;
	return true;
}

size_t lepton__dash_marked(const struct lepton__dash *dash, int64_t *ids, size_t max)
{
	size_t count = 0;
	for (size_t i = 0; i < dash->shown; i++)
		if (dash->extras[dash->order[i]].marked && count < max)
			ids[count++] = dash->extras[dash->order[i]].id;
	return count;
}

size_t lepton__dash_targets(const struct lepton__dash *dash, int64_t *ids, size_t max)
{
	size_t count = lepton__dash_marked(dash, ids, max);
	if (!count && lepton__is_header(dash->selected)) {
		for (size_t i = 0; i < dash->shown && count < max; i++)
			if (dash->extras[dash->order[i]].bunch == lepton__bunch_at(dash->selected))
				ids[count++] = dash->extras[dash->order[i]].id;
	} else if (!count && dash->selected && max > 0) {
		ids[count++] = dash->selected;
	}
	return count;
}

bool lepton__dash_drawn(const struct lepton__dash *dash, size_t index)
{
	for (size_t i = 0; i < dash->shown; i++)
		if (dash->extras[dash->order[i]].marked)
			return dash->extras[index].marked || dash->extras[index].pinned;
	return true;
}
