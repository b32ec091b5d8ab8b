/* tui/marks.c - marks: of one row, of a bunch, of a range, all, all others.
 *
 * A range begins at a row and follows the cursor; what it covers is marked, and what it leaves is again as it
 * was before. It ends when something is done with the marks, and Esc takes it back. Ranges begun by Shift and
 * an arrow end with the next plain move, as in other lists.
 */
#include "config.h"
#include "tui/dash.h"

/* ---- a row: a version or a header ---- */

static void mark_bunch(struct lepton__dash *dash, size_t bunch, bool marked)
{
	for (size_t i = 0; i < dash->shown; i++)
		if (dash->extras[dash->order[i]].bunch == bunch)
			dash->extras[dash->order[i]].marked = marked;
}

bool lepton__marked(const struct lepton__dash *dash, int64_t id)
{
	const struct lepton__extra *extra = lepton__dash_extra(dash, id);
	if (!lepton__is_header(id))
		return extra && extra->marked;
	struct lepton__bunch_sum sum = lepton__bunch_sum(dash, lepton__bunch_at(id));
	return sum.marked == sum.versions;
}

void lepton__mark(struct lepton__dash *dash, int64_t id, bool marked)
{
	struct lepton__extra *extra = lepton__dash_extra(dash, id);
	if (lepton__is_header(id))
		mark_bunch(dash, lepton__bunch_at(id), marked);
	else if (extra)
		extra->marked = marked;
}

void lepton__mark_others(struct lepton__dash *dash)
{
	for (size_t i = 0; i < dash->shown; i++)
		dash->extras[dash->order[i]].marked = !dash->extras[dash->order[i]].marked;
}

/* ---- ranges ---- */

void lepton__range_begin(struct lepton__dash *dash, bool by_shift)
{
	dash->range.on = true;
	dash->range.by_shift = by_shift;
	dash->range.anchor = dash->selected;
	for (size_t i = 0; i < dash->extra_count; i++)
		dash->extras[i].marked_before = dash->extras[i].marked;
	lepton__range_follow(dash);
}

static void as_before(struct lepton__dash *dash)
{
	for (size_t i = 0; i < dash->extra_count; i++)
		dash->extras[i].marked = dash->extras[i].marked_before;
}

void lepton__range_follow(struct lepton__dash *dash)
{
	long from = lepton__dash_row_of(dash, dash->range.anchor), to = lepton__dash_row(dash);
	if (!dash->range.on || from < 0 || to < 0)
		return;
	as_before(dash);
	long first = from < to ? from : to, last = from < to ? to : from;
	for (long i = first; i <= last; i++) {
		long row = dash->rows[i];
		if (!lepton__is_header(row))
			dash->extras[row].marked = true;
		else if (dash->bunches.items[lepton__bunch_at(row)].folded)
			mark_bunch(dash, lepton__bunch_at(row), true);
	}
}

void lepton__range_end(struct lepton__dash *dash, bool take_back)
{
	if (dash->range.on && take_back)
		as_before(dash);
	dash->range.on = false;
}
