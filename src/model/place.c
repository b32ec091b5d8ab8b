/* model/place.c - where training stands, written and read. */
#include "config.h"
#include "model/place.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

#define COUNT_MAX 9007199254740992.0 /* 2^53: whole numbers JSON holds exactly */

char *lepton__place_write(const struct lepton__place *place)
{
	return lepton__format("{\"epoch\":%" PRId64 ",\"position\":%" PRId64 ",\"updates\":%" PRId64 "}",
		place->epoch, place->position, place->updates);
}

static bool get_count(const cJSON *object, const char *key, int64_t *out)
{
	double value = lepton__json_get_number(object, key, -1);
	*out = value >= 0 && value < COUNT_MAX ? (int64_t)value : -1;
	return *out >= 0;
}

int lepton__place_read(const struct lepton_state *state, int64_t train, struct lepton__place *place,
	struct lepton_error *err)
{
	cJSON *extra = state->extra ? cJSON_Parse(state->extra) : NULL;
	bool good = get_count(extra, "epoch", &place->epoch) &&
		    get_count(extra, "position", &place->position) &&
		    get_count(extra, "updates", &place->updates);
	cJSON_Delete(extra);
	if (!state->extra && state->epoch >= 0 && state->epoch < COUNT_MAX) {
		double whole = floor(state->epoch);
		place->epoch = (int64_t)whole;
		place->position = (int64_t)llround((state->epoch - whole) * (double)train);
		place->updates = 0;
		good = true;
	}
	if (!good || state->step < 0 || !state->weights)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"the checkpoint does not say where training stood; go back to an earlier one");
	if (place->position >= train) { /* saved on a larger data set */
		place->position = 0;
		place->epoch++;
	}
	return LEPTON_OK;
}
