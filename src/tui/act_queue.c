/* tui/act_queue.c - the queue's own actions: up and down, pause all, resume all; and what its figures come
 * from. */
#include "config.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/forecast.h"
#include "tui/format.h"

#include <math.h>

/* ---- the forecast, for the list, the details and the queue alike ---- */

bool lepton__trains_elsewhere(const struct lepton_run_version *version)
{
	const struct lepton_learner_ops *ops = lepton_learner_find(version->learner);
	return ops && ops->outside;
}

/* Seconds of its own that are left at its pace so far; NaN: not known. */
static double work_of(const struct lepton_run_version *v)
{
	double rest = v->epoch > 0 ? v->seconds / v->epoch * ((double)v->epochs - v->epoch) : (double)NAN;
	return rest >= 0 ? rest : (double)NAN;
}

static bool claims(const struct lepton_run_version *v)
{
	return (v->state == LEPTON_RUNNING || v->state == LEPTON_QUEUED) && !lepton__trains_elsewhere(v);
}

/* Those outside take no worker: they go by their own clocks. */
static void alone(struct lepton__app *app, size_t index)
{
	const struct lepton_run_version *v = app->dash.run->versions[index];
	struct lepton__extra *extra = &app->dash.extras[index];
	extra->share = extra->left = (double)NAN;
	if (v->state != LEPTON_RUNNING || !lepton__trains_elsewhere(v))
		return;
	extra->left = work_of(v);
	app->left_unknown += !isfinite(extra->left);
	app->left = fmax(app->left, extra->left);
}

void lepton__forecast_update(struct lepton__app *app)
{
	const struct lepton_run *run = app->dash.run;
	struct lepton__claim *all = lepton__calloc(run->version_count + 1, sizeof *all);
	size_t count = 0, at = 0;
	for (size_t i = 0; all && i < run->version_count; i++)
		if (claims(run->versions[i]))
			all[count++] =
				(struct lepton__claim){.priority = fmax(run->versions[i]->priority, 1e-3),
					.work = work_of(run->versions[i])};
	app->left_unknown = 0;
	app->left = all ? lepton__forecast(all, count, app->workers, &app->left_unknown) : 0;
	for (size_t i = 0; i < app->dash.extra_count; i++) {
		alone(app, i);
		if (all && claims(run->versions[i])) {
			app->dash.extras[i].share = all[at].share;
			app->dash.extras[i].left = all[at++].left;
		}
	}
	lepton__free(all);
}

/* ---- up and down ---- */

/* The version that stands `by` rows from the selected one, of the same state; NULL: none does. */
static const struct lepton_run_version *neighbour(const struct lepton__app *app, int by)
{
	size_t *rows, count = lepton__queue_rows(app, &rows);
	const struct lepton_run_version *selected = lepton__dash_selected(&app->dash), *found = NULL;
	for (size_t i = 0; rows && i < count; i++) {
		size_t to = i + (size_t)by;
		if (app->dash.run->versions[rows[i]] == selected && to < count)
			found = app->dash.run->versions[rows[to]];
	}
	lepton__free(rows);
	return found && found->state == selected->state && !lepton__trains_elsewhere(found) ? found : NULL;
}

static bool can_go(const struct lepton__app *app, int by, const char **why)
{
	const struct lepton_run_version *selected = lepton__dash_selected(&app->dash);
	*why = !selected ? "no version is selected"
	       : lepton__trains_elsewhere(selected)
		       ? "it trains in a program of its own, which the system gives its share"
		       : "there is none beyond it of the same state";
	return selected && !lepton__trains_elsewhere(selected) && neighbour(app, by);
}

bool lepton__can_go_up(const struct lepton__app *app, const char **why)
{
	return can_go(app, -1, why);
}

bool lepton__can_go_down(const struct lepton__app *app, const char **why)
{
	return can_go(app, 1, why);
}

/* The two change priorities; of equal ones the upper gets twice as much as the lower. */
static void change_places(struct lepton__app *app, int by)
{
	const struct lepton_run_version *mine = lepton__dash_selected(&app->dash),
					*other = neighbour(app, by);
	double a = mine->priority, b = other->priority;
	if (fabs(a - b) > 0) {
		lepton__set_priority(app, mine, b);
		lepton__set_priority(app, other, a);
	} else {
		lepton__set_priority(app, mine, by < 0 ? 2 * a : a / 2);
	}
}

void lepton__act_go_up(struct lepton__app *app)
{
	change_places(app, -1);
}

void lepton__act_go_down(struct lepton__app *app)
{
	change_places(app, 1);
}
