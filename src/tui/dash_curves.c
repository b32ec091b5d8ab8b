/* tui/dash_curves.c - the curves of what is shown: which, and where their x lie.
 *
 * A plot asks for the x of a point by index; where a thousand curves are drawn it asks a million times a
 * frame. So it is told where the x lie, too: every axis is one of a history's arrays, samples by a factor.
 */
#include "config.h"
#include "tui/dash.h"

double lepton__curve_x(const void *context, size_t i)
{
	const struct lepton__curve_context *c = context;
	const struct lepton_history *h = c->history;
	const struct lepton_epochs *e = &c->version->epochs_done;
	bool often = c->metric == LEPTON__LOSS || c->metric == LEPTON__ACCURACY;
	switch (c->axis) {
	case LEPTON__BY_EPOCH:
		return often ? h->epoch[i] : (double)e->epoch[i];
	case LEPTON__BY_TIME:
		return often ? h->seconds[i] : e->seconds[i];
	case LEPTON__BY_SAMPLES:
		return (double)(often ? h->step[i] : e->step[i]) * c->samples_a_step;
	default:
		return (double)(often ? h->step[i] : e->step[i]);
	}
}

void lepton__curve_places(const struct lepton__curve_context *c, struct lepton__series *series)
{
	const struct lepton_history *h = c->history;
	const struct lepton_epochs *e = &c->version->epochs_done;
	bool often = c->metric == LEPTON__LOSS || c->metric == LEPTON__ACCURACY;
	series->numbers = NULL;
	series->wholes = often ? h->step : e->step;
	series->whole = c->axis == LEPTON__BY_SAMPLES ? c->samples_a_step : 1;
	if (c->axis == LEPTON__BY_TIME)
		series->numbers = often ? h->seconds : e->seconds;
	else if (c->axis == LEPTON__BY_EPOCH && often)
		series->numbers = h->epoch;
	else if (c->axis == LEPTON__BY_EPOCH)
		series->wholes = e->epoch;
}

size_t lepton__dash_series(const struct lepton__dash *dash, enum lepton__metric metric,
	struct lepton__series *series, struct lepton__curve_context *contexts, size_t max)
{
	int64_t any;
	bool marks = lepton__dash_marked(dash, &any, 1) > 0;
	size_t count = 0;
	for (size_t i = 0; i < dash->shown && count < max; i++) {
		size_t index = dash->order[i];
		const struct lepton_run_version *version = dash->run->versions[index];
		const struct lepton__extra *extra = &dash->extras[index];
		if ((marks && !extra->marked && !extra->pinned) || extra->trace[metric].raw.count == 0)
			continue;
		contexts[count] = (struct lepton__curve_context){
			version, metric, dash->axis, extra->samples_a_step, &version->history};
		series[count] = (struct lepton__series){.name = version->name,
			.trace = &extra->trace[metric],
			.x = lepton__curve_x,
			.context = &contexts[count],
			.look = index,
			.pinned = extra->pinned || version->id == dash->selected,
			.gaps = metric == LEPTON__LOSS ? &extra->gaps : NULL};
		lepton__curve_places(&contexts[count], &series[count]);
		count++;
	}
	return count;
}
