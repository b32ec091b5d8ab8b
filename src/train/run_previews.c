/* train/run_previews.c - what was previewed of fusing some versions: the last for the same ones in the same
 * order, which matters to methods that put the others in the first one's order. Not all of it is history: a
 * store keeps previews that were finished, readers of a running engine see them fill.
 */
#include "config.h"
#include "train/run_parts.h"
#include "base/json.h"
#include "base/memory.h"

#include <string.h>

#define PREVIEWS_KEPT 100

const struct lepton_run_preview *lepton_run_preview(
	const struct lepton_run *run, const int64_t *versions, int count)
{
	for (size_t i = run->preview_count; i > 0; i--) {
		const struct lepton_run_preview *p = &run->previews[i - 1];
		if (p->count == count && memcmp(p->versions, versions, (size_t)count * sizeof *versions) == 0)
			return p;
	}
	return NULL;
}

/* Whose preview it is; a count of 0 when the detail does not say. */
static void read_versions(const struct lepton_event *event, struct lepton_run_preview *out)
{
	cJSON *detail = cJSON_Parse(lepton_text_get(event->u.job.detail));
	const cJSON *item;
	bool good = true;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(detail, "versions"))
	{
		int64_t id = lepton__json_get_int(item, "id", 0);
		good = good && id > 0 && out->count < LEPTON_MAX_PARENTS;
		if (good)
			out->versions[out->count++] = id;
	}
	cJSON_Delete(detail);
	out->count = good ? out->count : 0;
}

/* The one before goes, or the oldest of all when there are too many. */
static void drop(struct lepton_run *run, const struct lepton_run_preview *made)
{
	const struct lepton_run_preview *old = lepton_run_preview(run, made->versions, made->count);
	size_t at = old ? (size_t)(old - run->previews) : 0;
	if (!old && run->preview_count < PREVIEWS_KEPT)
		return;
	lepton_text_release(run->previews[at].detail);
	memmove(&run->previews[at], &run->previews[at + 1],
		(run->preview_count - at - 1) * sizeof *run->previews);
	run->preview_count--;
}

int lepton__run_preview(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	struct lepton_run_preview made = {.job = event->u.job.job};
	read_versions(event, &made);
	if (made.count < 2)
		return LEPTON_OK;
	drop(run, &made);
	if (lepton__grow(
		    &run->previews, &run->preview_capacity, run->preview_count + 1, sizeof *run->previews))
		return lepton__run_nomem(err);
	made.detail = lepton_text_retain(event->u.job.detail);
	run->previews[run->preview_count++] = made;
	return LEPTON_OK;
}
