/* tui/sharpen.c - finer outlines, once there is a picture to look at.
 *
 * A store of very many points is opened by coarse outlines (store/load_history.c), so that the first frame is
 * there at once. Where a version's is so coarse that one of its buckets is wider than a dot, the finer one is
 * fetched while nobody presses a key: a few milliseconds at a time, those in the list first, and no more than
 * there is room for. The version's history then has the finer buckets in place of the coarse ones, and the
 * points behind them as before.
 */
#include "config.h"
#include "tui/closeup.h"
#include "base/clock.h"
#include "train/outline.h"

#define AT_ONCE 0.004            /* seconds between looks at the keyboard */
#define COARSE_BUCKETS 512       /* that many are narrower than a dot on nearly every screen */
#define ENTRIES_MOST (4u << 20u) /* of all versions, 128 MB */

static int compose(
	const struct lepton_history *h, const struct lepton_history *stored, struct lepton_history *out)
{
	int code = lepton__history_append_buckets(out, stored, stored->bucket_count, NULL);
	if (!code)
		code = lepton__history_append(out, stored, stored->thinned, stored->count, NULL);
	return code ? code : lepton__history_append(out, h, h->thinned, h->count, NULL);
}

/* Only what ends where the coarse outline did and has its points takes its place: else the coarse one stays.
 */
static void replace(struct lepton_history *h, const struct lepton_history *stored)
{
	struct lepton_history finer = {0};
	int64_t outlined = lepton_history_points(h) - (int64_t)(h->count - h->thinned);
	bool same = stored->count && stored->step[stored->count - 1] == h->step[h->thinned - 1] &&
		    lepton_history_points(stored) == outlined;
	if (!same || compose(h, stored, &finer)) {
		lepton_history_clear(&finer);
		return;
	}
	lepton_history_clear(h);
	*h = finer;
}

static void sharpen(const struct lepton__app *app, struct lepton_run_version *version)
{
	struct lepton_history *h = &version->history, stored;
	h->rough = false; /* not asked for again, whatever comes of it */
	if (app->link->history(
		    app->link->context, version->id, INT64_MIN, h->step[h->thinned - 1], 1, &stored, NULL))
		return;
	replace(h, &stored);
	lepton_history_clear(&stored);
}

static bool is_rough(const struct lepton_history *h)
{
	return h->rough && h->thinned && h->bucket_count < COARSE_BUCKETS;
}

static size_t entries_of_all(const struct lepton_run *run)
{
	size_t entries = 0;
	for (size_t i = 0; i < run->version_count; i++)
		entries += run->versions[i]->history.count;
	return entries;
}

bool lepton__sharpen(struct lepton__app *app)
{
	const struct lepton__dash *dash = &app->dash;
	double until = lepton__monotonic() + AT_ONCE;
	bool any = false;
	for (size_t i = 0; i < dash->shown && app->link->history && lepton__monotonic() < until; i++) {
		struct lepton_run_version *version = dash->run->versions[dash->order[i]];
		if (!is_rough(&version->history))
			continue;
		if (!any && entries_of_all(dash->run) > ENTRIES_MOST)
			break;
		sharpen(app, version);
		any = app->dirty = true;
	}
	return any;
}
