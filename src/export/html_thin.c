/* export/html_thin.c - a long history in few points, with every peak of it.
 *
 * A run of a million steps is drawn a thousand points wide. Plain sampling would lose the spikes people look
 * for, so the history is cut into equal stretches, and of each the extremes are kept: the picture at full
 * width is that of all points. Kept are points as they were recorded, never means, so every number the page
 * shows is one that was measured. The first unknown value (NaN) of a stretch stays too: that is where a
 * version went wrong.
 */
#include "config.h"
#include "export/html.h"

#include <math.h>

#define PICKS 6 /* of a stretch: least and largest of both, and the first unknown of each */

struct picks {
	size_t at[PICKS];
	int count;
};

static void pick(struct picks *picks, size_t index)
{
	int i = picks->count;
	for (int k = 0; k < picks->count; k++)
		if (picks->at[k] == index)
			return;
	for (; i > 0 && picks->at[i - 1] > index; i--)
		picks->at[i] = picks->at[i - 1];
	picks->at[i] = index;
	picks->count++;
}

static void pick_of(struct picks *picks, const float *values, size_t from, size_t to)
{
	size_t least = to, largest = to, unknown = to;
	for (size_t i = from; i < to; i++) {
		if (!isfinite(values[i])) {
			unknown = unknown == to ? i : unknown;
			continue;
		}
		if (least == to || values[i] < values[least])
			least = i;
		if (largest == to || values[i] > values[largest])
			largest = i;
	}
	if (least < to)
		pick(picks, least);
	if (largest < to)
		pick(picks, largest);
	if (unknown < to)
		pick(picks, unknown);
}

size_t lepton__html_thin(const float *a, const float *b, size_t count, size_t most, size_t *keep)
{
	size_t kept = 0, stretches = most > PICKS + 2 ? (most - 2) / PICKS : 1;
	if (count <= most) {
		for (size_t i = 0; i < count; i++)
			keep[i] = i;
		return count;
	}
	for (size_t s = 0; s < stretches; s++) {
		struct picks picks = {.count = 0};
		size_t from = 1 + (count - 2) * s / stretches, to = 1 + (count - 2) * (s + 1) / stretches;
		if (s == 0)
			keep[kept++] = 0;
		pick_of(&picks, a, from, to);
		pick_of(&picks, b, from, to);
		for (int i = 0; i < picks.count; i++)
			keep[kept++] = picks.at[i];
	}
	keep[kept++] = count - 1;
	return kept;
}

size_t lepton__html_points(size_t versions)
{
	size_t each = versions ? LEPTON__HTML_POINTS / versions : LEPTON__HTML_POINTS_EACH,
	       least = LEPTON__HTML_POINTS_EACH / 16;
	return each > LEPTON__HTML_POINTS_EACH ? LEPTON__HTML_POINTS_EACH : each < least ? least : each;
}
