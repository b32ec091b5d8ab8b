/* model/tree_examine.c - looking at one node: the best split over its features.
 *
 * The features come in lots of bounded work, so that a large node takes several calls; inside a lot that
 * is worth it they are shared out in a fixed number of parts. A node whose parent's histograms were kept gets
 * its own as parent less sibling: of two children only the smaller is counted. Memory for kept histograms is
 * bounded; where it is used up the node is simply counted, with the same result, since all counts are whole
 * numbers.
 */
#include "config.h"
#include "model/tree.h"

#include <math.h>
#include <string.h>

#define A_NODE 500 /* what a node costs beside its samples, in their unit */
#define A_HISTOGRAM 250 /* of gradients, beside its samples */
#define CLASSES_WORTH_A_TEAM 400000
#define GRADIENTS_WORTH_A_TEAM 100000
#define MANY 1024 /* samples; fewer are counted column by column, and only the bins they are in looked at */

struct lot {
	struct lepton__growth *grow;
	const struct lepton__sprout *sprout;
	int from, to; /* in the list of features */
	int parts;
	struct lepton__split best[LEPTON__TREE_PARTS];
	bool varies[LEPTON__TREE_PARTS];
};

int lepton__slot_take(struct lepton__growth *grow)
{
	for (int i = 0; i < grow->slot_count; i++)
		if (!grow->slot_taken[i]) {
			grow->slot_taken[i] = true;
			return i;
		}
	return -1;
}

void lepton__slot_give(struct lepton__growth *grow, int slot)
{
	if (slot >= 0)
		grow->slot_taken[slot] = false;
}

/* ---- one feature ---- */

static int bins_of(const struct lepton__columns *columns, int feature)
{
	return columns->numbers ? columns->cuts[feature] + 1 : LEPTON__BINS;
}

static struct lepton__crowd crowd_of(const struct lepton__growth *grow, const struct lepton__sprout *sprout)
{
	return (struct lepton__crowd){
		grow->sample + sprout->begin, sprout->count, grow->node_label, grow->node_gradient};
}

static void count(struct lepton__growth *grow, const struct lepton__sprout *sprout, int feature, void *cells,
	uint64_t used[LEPTON__USED])
{
	const struct lepton__crowd crowd = crowd_of(grow, sprout);
	const uint8_t *column = grow->columns->byte + feature * grow->columns->rows;
	if (grow->classes)
		lepton__histogram_classes(&crowd, column, grow->classes, cells, used);
	else
		lepton__histogram_gradients(&crowd, column, cells, used);
}

static void split(const struct lepton__growth *grow, int feature, const void *cells,
	const uint64_t used[LEPTON__USED], struct lepton__split *out)
{
	if (grow->classes)
		lepton__split_classes(&grow->judge, cells, used, out);
	else
		lepton__split_gradients(&grow->judge, cells, used, out);
	if (out->feature >= 0)
		out->feature = feature;
}

static void wipe(char *cells, size_t size, const uint64_t used[LEPTON__USED])
{
	size_t bin = size / LEPTON__BINS;
	for (int word = 0; word < LEPTON__USED; word++)
		for (uint64_t rest = used[word]; rest; rest &= rest - 1)
			memset(cells + (size_t)(word * 64 + __builtin_ctzll(rest)) * bin, 0, bin);
}

/* ABREAST features from `index` on. */
static void count_abreast(struct lepton__growth *grow, const struct lepton__sprout *sprout, int index,
	struct lepton__bin *cells)
{
	const struct lepton__crowd crowd = crowd_of(grow, sprout);
	const uint8_t *column[LEPTON__ABREAST];
	for (int i = 0; i < LEPTON__ABREAST; i++)
		column[i] = grow->columns->byte + grow->list[index + i] * grow->columns->rows;
	lepton__histogram_gradients_abreast(&crowd, column, cells);
}

static char *slot_cells(const struct lepton__growth *grow, int slot, int index)
{
	return grow->slots + (size_t)slot * grow->slot_size + (size_t)index * grow->scratch_size;
}

/* In the node's slot: `index` is the feature's place in the list, the same in all slots. */
static void keep(struct lepton__growth *grow, const struct lepton__sprout *sprout, int index, int n)
{
	uint64_t used[LEPTON__USED] = {0};
	char *cells = slot_cells(grow, sprout->slot, index);
	if (sprout->less < 0) {
		memset(cells, 0, (size_t)n * grow->scratch_size);
		if (n == 1)
			count(grow, sprout, grow->list[index], cells, used);
		else
			count_abreast(grow, sprout, index, (struct lepton__bin *)(void *)cells);
	} else if (grow->classes) {
		lepton__histogram_subtract_classes(
			(void *)cells, (void *)slot_cells(grow, sprout->less, index), grow->classes);
	} else {
		lepton__histogram_subtract_gradients(
			(void *)cells, (void *)slot_cells(grow, sprout->less, index));
	}
}

static void take_better(struct lot *lot, int part, const struct lepton__split *found)
{
	lot->varies[part] |= found->varies;
	if (found->feature >= 0 && found->score > lot->best[part].score)
		lot->best[part] = *found;
}

static void try_kept(struct lot *lot, int part, int index, int n)
{
	static const uint64_t all[LEPTON__USED] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
	struct lepton__split found;
	keep(lot->grow, lot->sprout, index, n);
	for (int i = index; i < index + n; i++) {
		split(lot->grow, lot->grow->list[i], slot_cells(lot->grow, lot->sprout->slot, i), all,
			&found);
		take_better(lot, part, &found);
	}
}

static void try_abreast(struct lot *lot, int part, int index)
{
	struct lepton__growth *grow = lot->grow;
	size_t size = (size_t)LEPTON__ABREAST * grow->scratch_size;
	struct lepton__bin *cells = (void *)(grow->scratch + (size_t)part * size);
	struct lepton__split found;
	count_abreast(grow, lot->sprout, index, cells);
	for (int i = 0; i < LEPTON__ABREAST; i++) {
		uint64_t used[LEPTON__USED] = {0};
		lepton__histogram_used(cells + i * LEPTON__BINS, used);
		split(grow, grow->list[index + i], cells + i * LEPTON__BINS, used, &found);
		take_better(lot, part, &found);
	}
	memset(cells, 0, size);
}

static void try_one(struct lot *lot, int part, int index)
{
	struct lepton__growth *grow = lot->grow;
	struct lepton__split found;
	int feature = grow->list[index];
	if (lepton__few(&grow->judge, bins_of(grow->columns, feature))) {
		const struct lepton__crowd crowd = crowd_of(grow, lot->sprout);
		lepton__split_few(
			&grow->judge, &crowd, grow->columns->byte + feature * grow->columns->rows, &found);
		if (found.feature >= 0)
			found.feature = feature;
	} else {
		uint64_t used[LEPTON__USED] = {0};
		char *cells = grow->scratch + (size_t)part * LEPTON__ABREAST * grow->scratch_size;
		count(grow, lot->sprout, feature, cells, used);
		split(grow, feature, cells, used, &found);
		wipe(cells, grow->scratch_size, used);
	}
	take_better(lot, part, &found);
}

/* How many of the `left` next features are looked at together. */
static int abreast(const struct lot *lot, int left)
{
	bool counted = lot->sprout->slot < 0 ? lot->sprout->count >= MANY : lot->sprout->less < 0;
	return !lot->grow->classes && counted && left >= LEPTON__ABREAST ? LEPTON__ABREAST : 1;
}

static void try_part(void *arg, int part)
{
	struct lot *lot = arg;
	int n = lot->to - lot->from;
	lot->best[part] = (struct lepton__split){.score = -INFINITY, .feature = -1};
	lot->varies[part] = false;
	int groups = (n + LEPTON__ABREAST - 1) / LEPTON__ABREAST, some;
	int to = lot->from + LEPTON__ABREAST * (groups * (part + 1) / lot->parts);
	to = to < lot->to ? to : lot->to;
	for (int i = lot->from + LEPTON__ABREAST * (groups * part / lot->parts); i < to; i += some) {
		some = abreast(lot, to - i);
		if (lot->sprout->slot >= 0)
			try_kept(lot, part, i, some);
		else if (some > 1)
			try_abreast(lot, part, i);
		else
			try_one(lot, part, i);
	}
}

/* ---- one node ---- */

static void sum_up(struct lepton__growth *grow, const struct lepton__sprout *sprout)
{
	struct lepton__bin sum = {0, 0, sprout->count};
	memset(grow->total, 0, (size_t)grow->classes * sizeof *grow->total);
	for (uint32_t i = 0; i < sprout->count; i++) {
		uint32_t sample = grow->sample[sprout->begin + i];
		if (grow->classes) {
			grow->node_label[i] = grow->labels[sample];
			grow->total[grow->node_label[i]]++;
		} else {
			const struct lepton__gradient *gradient = &grow->gradients[sample];
			grow->node_gradient[i] = (struct lepton__pull){gradient->g, gradient->h};
			sum.g += gradient->g;
			sum.h += gradient->h;
		}
	}
	grow->judge = (struct lepton__judge){
		grow->settings, grow->columns->numbers, grow->classes, grow->xlogx, grow->total, sum};
}

/* The classes' shares, or the Newton step that makes the node's loss least. */
static void set_value(struct lepton__growth *grow, int32_t node)
{
	float *value = grow->nodes.value + (size_t)node * (size_t)grow->nodes.width;
	const struct lepton__bin *sum = &grow->judge.sum;
	for (int c = 0; c < grow->classes; c++)
		if (grow->total[c])
			value[c] = (float)((double)grow->total[c] / (double)sum->n);
	double curve = (double)sum->h / LEPTON__FIXED + grow->settings->l2;
	if (!grow->classes && curve > 0) {
		double step = -((double)sum->g / LEPTON__FIXED) / curve;
		step = fmax(-grow->most_step, fmin(grow->most_step, step));
		*value = (float)(grow->settings->learning_rate * step * grow->spread);
	}
}

static bool pure(const struct lepton__growth *grow)
{
	for (int c = 0; c < grow->classes; c++)
		if (grow->total[c] == grow->judge.sum.n)
			return true;
	return false;
}

static void draw_one(struct lepton__growth *grow)
{
	int n = grow->columns->varying_count, at = grow->list_count++;
	int other = at + (int)lepton__rng_below(&grow->rng, (uint32_t)(n - at));
	int feature = grow->list[other];
	grow->list[other] = grow->list[at];
	grow->list[at] = feature;
}

/* Which features, in which order. The draws of a node depend on the seed, the tree and the node alone. */
static void list_features(struct lepton__growth *grow, int32_t node)
{
	int n = grow->columns->varying_count, wanted = grow->settings->features;
	memcpy(grow->list, grow->columns->varying, (size_t)n * sizeof *grow->list);
	grow->list_at = 0;
	grow->list_count = n;
	if (!wanted)
		return;
	lepton__rng_init(&grow->rng, grow->seed, grow->stream << 32 | (uint32_t)node);
	for (grow->list_count = 0; grow->list_count < wanted && grow->list_count < n;)
		draw_one(grow);
}

/* False when the node is a leaf whatever its features. */
static bool enter(struct lepton__growth *grow, int32_t node)
{
	const struct lepton__tree_settings *s = grow->settings;
	const struct lepton__sprout *sprout = &grow->sprout[node];
	sum_up(grow, sprout);
	set_value(grow, node);
	grow->best = (struct lepton__split){.score = -INFINITY, .feature = -1};
	if (sprout->depth >= s->max_depth || sprout->count < s->min_samples_split ||
		sprout->count < 2 * s->min_samples_leaf || pure(grow))
		return false;
	list_features(grow, node);
	return true;
}

static void leave(struct lepton__growth *grow, int32_t node)
{
	struct lepton__sprout *sprout = &grow->sprout[node];
	sprout->split = grow->best;
	double whole = lepton__split_whole(&grow->judge);
	sprout->gain = grow->best.feature >= 0 ? grow->best.score - whole : 0;
	/* A split of classes that gains nothing now may pay further down; a gradient's does not. */
	sprout->ready = grow->best.feature >= 0 && (grow->classes || sprout->gain > grow->least_gain * whole);
	grow->entered = false;
}

static bool is_worth_a_team(const struct lepton__growth *grow, int64_t work, int features)
{
	if (grow->classes)
		return work >= CLASSES_WORTH_A_TEAM;
	return work + (int64_t)A_HISTOGRAM * features >= GRADIENTS_WORTH_A_TEAM;
}

static void try_lot(struct lepton__growth *grow, const struct lepton_team *team, int32_t node)
{
	struct lot lot = {.grow = grow, .sprout = &grow->sprout[node], .from = grow->list_at};
	int64_t room = LEPTON__PIECE / (lot.sprout->count + 1) + LEPTON__TREE_PARTS;
	lot.to = grow->list_count - lot.from > room ? lot.from + (int)room : grow->list_count;
	int64_t work = (int64_t)lot.sprout->count * (lot.to - lot.from);
	grow->work += work + A_NODE;
	lot.parts = is_worth_a_team(grow, work, lot.to - lot.from) ? LEPTON__TREE_PARTS : 1;
	team->run(team, lot.parts, try_part, &lot);
	bool varies = grow->best.varies;
	for (int p = 0; p < lot.parts; p++) {
		varies |= lot.varies[p];
		if (lot.best[p].feature >= 0 && lot.best[p].score > grow->best.score)
			grow->best = lot.best[p];
	}
	grow->best.varies = varies;
	grow->list_at = lot.to;
}

/* Does its sibling, which comes after it, wait for what this node counts? */
static bool is_awaited(const struct lepton__growth *grow, int32_t node)
{
	const struct lepton__sprout *sprout = &grow->sprout[node];
	int32_t sibling = node % 2 ? node + 1 : node - 1;
	return node > 0 && sprout->slot >= 0 && grow->sprout[sibling].less == sprout->slot &&
	       sprout->depth < grow->settings->max_depth;
}

/* A leaf, but one whose counts are to be taken away from those of its parent. It is the smaller of two. */
static void count_leaf(struct lepton__growth *grow, int32_t node)
{
	const struct lepton__sprout *sprout = &grow->sprout[node];
	const struct lepton__columns *columns = grow->columns;
	size_t size = grow->scratch_size;
	for (int i = 0; i < columns->varying_count; i++) {
		uint64_t used[LEPTON__USED] = {0};
		char *cells = grow->slots + (size_t)sprout->slot * grow->slot_size + (size_t)i * size;
		memset(cells, 0, size);
		count(grow, sprout, columns->varying[i], cells, used);
	}
	grow->work += (int64_t)sprout->count * columns->varying_count;
}

void lepton__examine(struct lepton__growth *grow, const struct lepton_team *team, bool *done)
{
	int32_t node = grow->waiting[0];
	if (!grow->entered) {
		*done = true;
		if (!enter(grow, node)) {
			if (is_awaited(grow, node))
				count_leaf(grow, node);
			leave(grow, node);
			return;
		}
		grow->entered = true;
	}
	try_lot(grow, team, node);
	/* Features that are the same in all samples here were no real choice: draw on until one is not. */
	while (grow->list_at == grow->list_count && !grow->best.varies &&
		grow->list_count < grow->columns->varying_count) {
		draw_one(grow);
		try_lot(grow, team, node);
	}
	*done = grow->list_at == grow->list_count;
	if (*done)
		leave(grow, node);
}
