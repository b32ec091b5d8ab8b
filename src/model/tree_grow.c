/* model/tree_grow.c - one tree, node by node.
 *
 * Level by level, or, with a limit on leaves, always the split that gains most. The samples of a node are a
 * range of one array; a split parts the range in place and keeps the order, so the tree alone tells where
 * every sample is: growth that was stopped is taken up by making the tree's splits again.
 */
#include "config.h"
#include "model/tree.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define WORTH_GRADIENTS 256 /* smaller nodes are counted sooner than subtracted */
#define WORTH_CLASSES 2048

static int64_t worth(const struct lepton__growth *grow)
{
	return grow->classes ? WORTH_CLASSES : WORTH_GRADIENTS;
}

static int make_log_table(struct lepton__growth *grow)
{
	int64_t rows = grow->columns->rows;
	if (!grow->settings->entropy)
		return LEPTON_OK;
	grow->xlogx = lepton__calloc((size_t)rows + 1, sizeof *grow->xlogx);
	for (int64_t n = 2; grow->xlogx && n <= rows; n++)
		grow->xlogx[n] = (double)n * log((double)n);
	return grow->xlogx ? LEPTON_OK : LEPTON_E_NOMEM;
}

/* Fewer slots, or none, only make it slower. Drawn features are others in every node: nothing to keep. */
static void allocate_slots(struct lepton__growth *grow)
{
	size_t each = grow->scratch_size * (size_t)grow->columns->features;
	size_t count = grow->slot_bytes / each < LEPTON__SLOTS ? grow->slot_bytes / each : LEPTON__SLOTS;
	if (grow->settings->features || grow->columns->rows < worth(grow) || count < 2)
		return;
	grow->slots = lepton__aligned(count, each);
	grow->slot_count = grow->slots ? (int)count : 0;
	grow->slot_size = each;
}

int lepton__growth_allocate(struct lepton__growth *grow, struct lepton_error *err)
{
	size_t rows = (size_t)grow->columns->rows;
	grow->nodes.width = grow->classes ? grow->classes : 1;
	grow->nodes.numbers = grow->columns->numbers;
	grow->sample = lepton__calloc(rows, sizeof *grow->sample);
	grow->spare = lepton__calloc(rows, sizeof *grow->spare);
	grow->list = lepton__calloc((size_t)grow->columns->features, sizeof *grow->list);
	grow->scratch_size = LEPTON__BINS * (grow->classes ? (size_t)grow->classes * sizeof(uint32_t)
							   : sizeof(struct lepton__bin));
	grow->scratch = lepton__aligned((size_t)LEPTON__TREE_PARTS * LEPTON__ABREAST, grow->scratch_size);
	if (grow->classes)
		grow->node_label = lepton__calloc(rows, sizeof *grow->node_label);
	else
		grow->node_gradient = lepton__calloc(rows, sizeof *grow->node_gradient);
	if (!grow->sample || !grow->spare || !grow->list || !grow->scratch ||
		(!grow->node_label && !grow->node_gradient) || make_log_table(grow))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for growing trees");
	allocate_slots(grow);
	return LEPTON_OK;
}

void lepton__growth_free(struct lepton__growth *grow)
{
	lepton__nodes_free(&grow->nodes);
	lepton__free(grow->sample);
	lepton__free(grow->spare);
	lepton__free(grow->list);
	lepton__free(grow->scratch);
	lepton__free(grow->node_label);
	lepton__free(grow->node_gradient);
	lepton__free(grow->xlogx);
	lepton__free(grow->sprout);
	lepton__free(grow->slots);
	*grow = (struct lepton__growth){0};
}

/* ---- nodes ---- */

static int add_sprouts(struct lepton__growth *grow, int more, int32_t *first, struct lepton_error *err)
{
	int code = lepton__nodes_add(&grow->nodes, more, first, err);
	if (!code &&
		lepton__grow(&grow->sprout, &grow->sprout_capacity, grow->nodes.count, sizeof *grow->sprout))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a tree's nodes");
	for (int i = 0; i < more && !code; i++)
		grow->sprout[*first + i] = (struct lepton__sprout){.slot = -1, .less = -1};
	return code;
}

int lepton__growth_begin(
	struct lepton__growth *grow, int64_t count, uint64_t stream, struct lepton_error *err)
{
	int32_t root;
	lepton__nodes_clear(&grow->nodes);
	memset(grow->slot_taken, 0, sizeof grow->slot_taken);
	grow->stream = stream;
	grow->entered = false;
	grow->leaves = 1;
	grow->cursor = 0;
	int code = add_sprouts(grow, 1, &root, err);
	if (!code)
		code = lepton__nodes_add_root(&grow->nodes, root, err);
	if (code)
		return code;
	grow->sprout[root].count = (uint32_t)count;
	if (count >= worth(grow))
		grow->sprout[root].slot = lepton__slot_take(grow);
	grow->waiting[0] = root;
	grow->waiting_count = 1;
	return LEPTON_OK;
}

/* Part a node's samples by the split that the node has; how many go left. */
static uint32_t part_samples(
	struct lepton__growth *grow, const struct lepton__sprout *sprout, const struct lepton__node *node)
{
	const uint8_t *column = grow->columns->byte + node->feature * grow->columns->rows;
	uint32_t *sample = grow->sample + sprout->begin, left = 0, right = 0;
	for (uint32_t i = 0; i < sprout->count; i++) {
		uint32_t s = sample[i];
		/* Of bytes the last bin is one like any other, and never goes left. */
		if (column[s] <= node->threshold || (node->missing_left && column[s] == LEPTON__MISSING))
			sample[left++] = s;
		else
			grow->spare[right++] = s;
	}
	memcpy(sample + left, grow->spare, right * sizeof *sample);
	return left;
}

static void place_children(struct lepton__growth *grow, int32_t parent)
{
	const struct lepton__node *node = &grow->nodes.node[parent];
	struct lepton__sprout *p = &grow->sprout[parent], *left = &grow->sprout[node->left];
	uint32_t count = part_samples(grow, p, node);
	left[0].begin = p->begin;
	left[0].count = count;
	left[1].begin = p->begin + count;
	left[1].count = p->count - count;
	left[0].depth = left[1].depth = p->depth + 1;
	p->ready = false;
	grow->leaves++;
}

/* The smaller child is counted, the larger gets the parent's histograms less those. */
static void share_slot(struct lepton__growth *grow, int32_t parent)
{
	int32_t left = grow->nodes.node[parent].left;
	struct lepton__sprout *p = &grow->sprout[parent], *child = &grow->sprout[left];
	int small = child[1].count < child[0].count;
	grow->waiting[0] = left + small;
	grow->waiting[1] = left + !small;
	grow->waiting_count = 2;
	int slot = p->slot;
	p->slot = -1;
	if (slot >= 0 && child[!small].count >= worth(grow) / 2)
		child[small].slot = lepton__slot_take(grow);
	if (child[small].slot < 0) {
		lepton__slot_give(grow, slot);
		return;
	}
	child[!small].slot = slot;
	child[!small].less = child[small].slot;
}

static int split_node(struct lepton__growth *grow, int32_t parent, struct lepton_error *err)
{
	int32_t left;
	int code = add_sprouts(grow, 2, &left, err);
	if (code)
		return code;
	const struct lepton__split *split = &grow->sprout[parent].split;
	struct lepton__node *node = &grow->nodes.node[parent];
	*node = (struct lepton__node){
		split->feature, left, (int16_t)split->threshold, split->missing_left, 0};
	if (grow->columns->numbers)
		node->cut = lepton__columns_cut(grow->columns, split->feature, split->threshold);
	grow->nodes.gain[parent] = (float)grow->sprout[parent].gain;
	place_children(grow, parent);
	share_slot(grow, parent);
	return LEPTON_OK;
}

int lepton__growth_again(struct lepton__growth *grow, int64_t count, const struct lepton__nodes *nodes,
	struct lepton_error *err)
{
	int32_t first;
	int code = lepton__growth_begin(grow, count, grow->stream, err);
	if (!code && nodes->count > 1)
		code = add_sprouts(grow, (int)nodes->count - 1, &first, err);
	if (code)
		return code;
	lepton__slot_give(grow, grow->sprout[0].slot);
	grow->sprout[0].slot = -1;
	memcpy(grow->nodes.node, nodes->node, nodes->count * sizeof *nodes->node);
	memcpy(grow->nodes.value, nodes->value, nodes->count * (size_t)nodes->width * sizeof *nodes->value);
	memcpy(grow->nodes.gain, nodes->gain, nodes->count * sizeof *nodes->gain);
	for (int32_t i = 0; i < (int32_t)nodes->count; i++) {
		struct lepton__node *node = &grow->nodes.node[i];
		if (node->feature >= 0 && grow->columns->numbers)
			node->threshold =
				(int16_t)lepton__columns_threshold(grow->columns, node->feature, node->cut);
		if (node->feature >= 0)
			place_children(grow, i);
	}
	grow->waiting_count = 0;
	grow->cursor = -1; /* leaves are still to be looked at; see piece */
	return LEPTON_OK;
}

/* ---- what next ---- */

static bool limit_reached(const struct lepton__growth *grow)
{
	return grow->settings->max_leaves && grow->leaves >= grow->settings->max_leaves;
}

static int32_t most_gain(const struct lepton__growth *grow)
{
	int32_t best = -1;
	for (int32_t i = 0; i < (int32_t)grow->nodes.count; i++)
		if (grow->sprout[i].ready && (best < 0 || grow->sprout[i].gain > grow->sprout[best].gain))
			best = i;
	return best;
}

/* The node that round `round` splits next, or -1. Round r of best-first growth goes up to 2^r leaves. */
static int32_t next_ready(struct lepton__growth *grow, int round)
{
	if (limit_reached(grow))
		return -1;
	if (grow->settings->max_leaves)
		return round >= 62 || grow->leaves < (int64_t)1 << round ? most_gain(grow) : -1;
	while (grow->cursor < (int32_t)grow->nodes.count && !grow->sprout[grow->cursor].ready)
		grow->cursor++;
	bool more = grow->cursor < (int32_t)grow->nodes.count && grow->sprout[grow->cursor].depth < round;
	return more ? grow->cursor : -1;
}

bool lepton__growth_over(const struct lepton__growth *grow)
{
	return limit_reached(grow) || most_gain(grow) < 0;
}

/* After both children: keep only histograms that will be of use. */
static void tidy(struct lepton__growth *grow, int32_t node)
{
	struct lepton__sprout *sprout = &grow->sprout[node];
	sprout->less = -1;
	if (sprout->slot >= 0 && (!sprout->ready || sprout->count < worth(grow))) {
		lepton__slot_give(grow, sprout->slot);
		sprout->slot = -1;
	}
}

static void examine_waiting(struct lepton__growth *grow, const struct lepton_team *team)
{
	bool known;
	lepton__examine(grow, team, &known);
	if (!known)
		return;
	int32_t node = grow->waiting[0];
	grow->waiting[0] = grow->waiting[1];
	if (--grow->waiting_count > 0)
		return;
	tidy(grow, node);
	/* Its sibling, if it has one: children come in pairs, the left one at an odd index. */
	int32_t sibling = node % 2 ? node + 1 : node - 1;
	if (sibling > 0 && sibling < (int32_t)grow->nodes.count)
		tidy(grow, sibling);
}

/* Taken up again: the next leaf that has not been looked at, counted from -cursor - 1. */
static bool wake_leaf(struct lepton__growth *grow)
{
	int32_t at = -grow->cursor - 1;
	while (at < (int32_t)grow->nodes.count && grow->nodes.node[at].feature >= 0)
		at++;
	bool found = at < (int32_t)grow->nodes.count;
	grow->cursor = found ? -(at + 1) - 1 : 0;
	if (found) {
		grow->waiting[0] = at;
		grow->waiting_count = 1;
	}
	return found;
}

/* A node split, or a lot of features of one looked at. */
static int go_on(struct lepton__growth *grow, const struct lepton_team *team, int round, bool *done,
	struct lepton_error *err)
{
	*done = false;
	if (!grow->waiting_count && grow->cursor < 0 && !wake_leaf(grow))
		return LEPTON_OK;
	if (!grow->waiting_count) {
		int32_t next = next_ready(grow, round);
		*done = next < 0;
		return *done ? LEPTON_OK : split_node(grow, next, err);
	}
	examine_waiting(grow, team);
	return LEPTON_OK;
}

int lepton__growth_piece(struct lepton__growth *grow, const struct lepton_team *team, int round, bool *done,
	struct lepton_error *err)
{
	int code;
	grow->work = 0;
	do
		code = go_on(grow, team, round, done, err);
	while (!code && !*done && grow->work < LEPTON__PIECE);
	return code;
}
