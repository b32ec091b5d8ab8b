/* model/trees_lanes.c - trees that grow side by side, each in a lane of its own.
 *
 * Trees of a forest do not know of one another: a lane grows the tree of this step, the next one that of the
 * next step, as many as there are workers, and each on one worker, with no one to wait for. They are given
 * out in the order of their steps, so nothing of the result depends on how many lanes there were. A tree that
 * needs the one before it has one lane, and shares out each large node instead; so does a forest that is
 * alone on its worker.
 */
#include "config.h"
#include "model/trees.h"

#define LEAST_GAIN 1e-12 /* of a regression's split: less is what rounding leaves */

static int open_lane(struct lepton__trees *trees, struct lepton__tree_lane *lane, struct lepton_error *err)
{
	struct lepton__growth *growth = &lane->growth;
	if (growth->settings)
		return LEPTON_OK;
	*growth = (struct lepton__growth){
		.settings = &trees->settings,
		.columns = &trees->columns,
		.classes = trees->kind->boosts || trees->regression ? 0 : trees->classes,
		.labels = lepton_dataset_labels(trees->data, LEPTON_TRAIN),
		.gradients = trees->gradient,
		.seed = trees->seed,
		.spread = trees->spread,
		.least_gain = trees->regression ? LEAST_GAIN : 0,
		.lean = lane != trees->lane,
	};
	int code = lepton__growth_allocate(growth, err);
	if (code)
		lepton__growth_free(growth);
	return code;
}

static struct lepton__tree_lane *lane_of(struct lepton__trees *trees, int64_t step)
{
	for (int i = 0; i < LEPTON__LANES; i++)
		if (trees->lane[i].taken && trees->lane[i].step == step)
			return &trees->lane[i];
	return NULL;
}

static int take_lane(
	struct lepton__trees *trees, int64_t step, struct lepton__tree_lane **out, struct lepton_error *err)
{
	*out = lane_of(trees, step);
	if (*out)
		return LEPTON_OK;
	struct lepton__tree_lane *lane = trees->lane;
	while (lane->taken)
		lane++;
	int code = open_lane(trees, lane, err);
	if (!code)
		code = trees->kind->begin(trees, &lane->growth, step, err);
	lane->taken = !code;
	lane->done = false;
	lane->code = LEPTON_OK;
	lane->step = step;
	*out = lane;
	return code;
}

struct lanes {
	struct lepton__trees *trees;
	struct lepton__tree_lane *lane[LEPTON__LANES];
	int count;
};

/* Those of the next steps that still grow; of so many as there are workers, and steps. */
static int take_lanes(struct lanes *lanes, const struct lepton_team *team, struct lepton_error *err)
{
	struct lepton__trees *trees = lanes->trees;
	int64_t left = trees->kind->planned(trees) - trees->step;
	int wanted = trees->kind->apart ? team->width : 1;
	wanted = wanted < LEPTON__LANES ? wanted : LEPTON__LANES;
	for (int i = 0; i < wanted && i < left; i++) {
		struct lepton__tree_lane *lane;
		int code = take_lane(trees, trees->step + i, &lane, err);
		if (code)
			return code;
		if (!lane->done)
			lanes->lane[lanes->count++] = lane;
	}
	return LEPTON_OK;
}

static void grow_lane(void *arg, int index)
{
	const struct lanes *lanes = arg;
	struct lepton__tree_lane *lane = lanes->lane[index];
	lane->code = lepton__growth_piece(
		&lane->growth, &lepton_team_alone, lanes->trees->round, &lane->done, &lane->err);
}

/* The first that failed says why. */
static int grow_lanes(struct lanes *lanes, const struct lepton_team *team, struct lepton_error *err)
{
	team->run(team, lanes->count, grow_lane, lanes);
	for (int i = 0; i < lanes->count; i++)
		if (lanes->lane[i]->code) {
			*err = lanes->lane[i]->err;
			return lanes->lane[i]->code;
		}
	return LEPTON_OK;
}

/* What deepens stays where it is, for the next step. */
static void leave_lane(const struct lepton__trees *trees, struct lepton__tree_lane *lane)
{
	lane->taken = trees->kind->deepens;
	lane->done = false;
	lane->step++;
}

int lepton__trees_grow(
	struct lepton__trees *trees, const struct lepton_team *team, bool *done, struct lepton_error *err)
{
	struct lanes lanes = {.trees = trees};
	struct lepton__tree_lane *first;
	*done = false;
	int code = take_lane(trees, trees->step, &first, err);
	if (!code && !first->done) /* else it has waited for its turn */
		code = take_lanes(&lanes, team, err);
	if (!code && lanes.count > 1)
		code = grow_lanes(&lanes, team, err);
	else if (!code && lanes.count == 1)
		code = lepton__growth_piece(
			&lanes.lane[0]->growth, team, trees->round, &lanes.lane[0]->done, err);
	if (code)
		return code;
	trees->growth = &first->growth;
	*done = first->done;
	if (*done)
		leave_lane(trees, first);
	return LEPTON_OK;
}

void lepton__trees_lanes_restart(struct lepton__trees *trees)
{
	for (int i = 0; i < LEPTON__LANES; i++)
		trees->lane[i].taken = false;
}

void lepton__trees_lanes_free(struct lepton__trees *trees)
{
	for (int i = 0; i < LEPTON__LANES; i++)
		lepton__growth_free(&trees->lane[i].growth);
}
