/* tui/gaps.c - runs of values that are no numbers.
 *
 * A loss that becomes NaN is what a person most wants to see of a curve, and the pyramid skips just that.
 * Long runs cost no more than short ones, and only what is new is looked at.
 */
#include "config.h"
#include "tui/gaps.h"

#include "base/memory.h"

#include <math.h>

static int add(struct lepton__gaps *gaps, size_t at)
{
	if (gaps->count > 0 && gaps->items[gaps->count - 1].to == at) {
		gaps->items[gaps->count - 1].to++;
		return 0;
	}
	if (lepton__grow(&gaps->items, &gaps->capacity, gaps->count + 1, sizeof *gaps->items) != 0)
		return LEPTON_E_NOMEM;
	gaps->items[gaps->count++] = (struct lepton__gap){at, at + 1};
	return 0;
}

int lepton__gaps_update(
	struct lepton__gaps *gaps, const float *values, size_t count, struct lepton_error *err)
{
	if (count < gaps->looked_at)
		gaps->count = gaps->looked_at = 0;
	for (; gaps->looked_at < count; gaps->looked_at++)
		if (!isfinite(values[gaps->looked_at]) && add(gaps, gaps->looked_at) != 0)
			return lepton_error_set(err, LEPTON_E_NOMEM,
				"no memory for the gaps of a curve of %zu points", count);
	return 0;
}

void lepton__gaps_free(struct lepton__gaps *gaps)
{
	lepton__free(gaps->items);
	*gaps = (struct lepton__gaps){0};
}
