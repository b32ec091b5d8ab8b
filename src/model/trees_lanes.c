/* model/trees_lanes.c - trees that grow side by side, each in a lane of its own.
 *
 * Trees of a forest do not know of one another, nor do those of one round of boosting, a tree a class: a lane
 * grows the tree whose turn it is, the next one that of the next turn, as many as there are workers, and each
 * on one worker, with no one to wait for. They are given out in their order, so nothing of the result depends
 * on how many lanes there were. A tree that needs the one before it has one lane, and shares out each large
 * node instead; so does one that is alone on its worker.
 */
#include "config.h"
#include "model/trees.h"
#include "base/memory.h"

#include <math.h>

#define SLOTS_BYTES ((size_t)192 << 20) /* for kept histograms, in all lanes: of 784 features, 40 nodes */
#define WIDE 4000000                    /* samples looked at, feature by feature */
/* Where samples are sure and wrong, p (1 - p) is next to nothing, and Newton's step, which takes that for the
 * curvature, goes so far that the next round is surer, and wrong, of others: the loss rises without end. A
 * first round wants steps of 1 / p, the number of classes. */
#define MOST_STEP 10.0
#define LEAST_GAIN 1e-12 /* of a regression's split: less is what rounding leaves */

/* A root that is worth sharing out for long: then so are nearly all nodes, and the histograms of one tree
 * take the memory that there is. Where features are drawn, a node is no such work. */
static bool is_wide(const struct lepton__trees *trees)
{
	return trees->kind->boosts && !trees->settings.features &&
	       trees->rows * trees->columns.varying_count >= WIDE;
}

static int open_lane(struct lepton__trees *trees, struct lepton__tree_lane *lane, struct lepton_error *err)
{
	struct lepton__growth *growth = &lane->growth;
	if (growth->settings)
		return LEPTON_OK;
	if (trees->kind->boosts && !trees->regression && !lane->gradient)
		lane->gradient = lepton__calloc((size_t)trees->rows, sizeof *lane->gradient);
	if (trees->kind->boosts && !trees->regression && !lane->gradient)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the gradients of a class");
	*growth = (struct lepton__growth){
		.settings = &trees->settings,
		.columns = &trees->columns,
		.classes = trees->kind->boosts || trees->regression ? 0 : trees->classes,
		.labels = lepton_dataset_labels(trees->data, LEPTON_TRAIN),
		.gradients = trees->regression ? trees->gradient : lane->gradient,
		.seed = trees->seed,
		.spread = trees->spread,
		.most_step = trees->regression ? INFINITY : fmax(MOST_STEP, trees->classes),
		.least_gain = trees->regression ? LEAST_GAIN : 0,
		.slot_bytes =
			SLOTS_BYTES /
			(trees->kind->deepens || trees->sums == 1 || is_wide(trees) ? 1 : LEPTON__LANES),
	};
	int code = lepton__growth_allocate(growth, err);
	if (code)
		lepton__growth_free(growth);
	return code;
}

static struct lepton__tree_lane *lane_of(struct lepton__trees *trees, int64_t tree)
{
	for (int i = 0; i < LEPTON__LANES; i++)
		if (trees->lane[i].taken && trees->lane[i].tree == tree)
			return &trees->lane[i];
	return NULL;
}

static int take_lane(
	struct lepton__trees *trees, int64_t tree, struct lepton__tree_lane **out, struct lepton_error *err)
{
	*out = lane_of(trees, tree);
	if (*out)
		return LEPTON_OK;
	struct lepton__tree_lane *lane = trees->lane;
	while (lane->taken)
		lane++;
	int code = open_lane(trees, lane, err);
	if (!code)
		code = trees->kind->begin(trees, lane, tree, err);
	lane->taken = !code;
	lane->done = false;
	lane->code = LEPTON_OK;
	lane->tree = tree;
	*out = lane;
	return code;
}

struct lanes {
	struct lepton__trees *trees;
	struct lepton__tree_lane *lane[LEPTON__LANES];
	int count;
};

/* The tree whose turn it is, counted over all steps. */
static int64_t turn_of(const struct lepton__trees *trees)
{
	return trees->kind->boosts ? trees->step * trees->sums + (int64_t)trees->fresh.trees : trees->step;
}

/* Trees that may grow now: all of a forest's, the rest of a round's, or one. */
static int64_t trees_left(const struct lepton__trees *trees)
{
	if (trees->kind->boosts)
		return trees->sums - (int64_t)trees->fresh.trees;
	return trees->kind->apart ? trees->kind->planned(trees) - trees->step : 1;
}

/* Those of the next trees that still grow; of so many as there are workers, and trees. */
static int take_lanes(struct lanes *lanes, const struct lepton_team *team, struct lepton_error *err)
{
	struct lepton__trees *trees = lanes->trees;
	int64_t turn = turn_of(trees), left = is_wide(trees) ? 1 : trees_left(trees);
	for (int i = 0; i < team->width && i < LEPTON__LANES && i < left; i++) {
		struct lepton__tree_lane *lane;
		int code = take_lane(trees, turn + i, &lane, err);
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
	lane->tree++;
}

int lepton__trees_grow(
	struct lepton__trees *trees, const struct lepton_team *team, bool *done, struct lepton_error *err)
{
	struct lanes lanes = {.trees = trees};
	struct lepton__tree_lane *first;
	*done = false;
	int code = take_lane(trees, turn_of(trees), &first, err);
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
	for (int i = 0; i < LEPTON__LANES; i++) {
		lepton__growth_free(&trees->lane[i].growth);
		lepton__free(trees->lane[i].gradient);
		trees->lane[i].gradient = NULL;
	}
}
