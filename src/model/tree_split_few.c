/* model/tree_split_few.c - where to split one feature of a node with few samples.
 *
 * A histogram has bins x classes cells. Where a node has fewer samples than that, most are empty, and walking
 * over them costs more than the samples do. Here the samples are sorted by their bins and walked over one by
 * one. The counts of classes are whole numbers, and so are the sums of their squares: the split is that of
 * lepton__split_classes to the bit. (Not so for entropy, whose sums depend on their order.)
 */
#include "config.h"
#include "model/tree_walk.h"

#include <math.h>
#include <string.h>

#define INSERTED 12 /* so few are sorted sooner by moving them about */

/* A bin and a label each, in the order of the bins. */
typedef uint16_t keys[LEPTON__FEW];

static void sort_inserting(uint16_t *key, int n)
{
	for (int i = 1; i < n; i++) {
		uint16_t moved = key[i];
		int at = i;
		for (; at > 0 && key[at - 1] > moved; at--)
			key[at] = key[at - 1];
		key[at] = moved;
	}
}

static void sort_counting(const uint16_t *key, int n, uint16_t *to)
{
	uint16_t place[LEPTON__BINS] = {0}, sum = 0;
	for (int i = 0; i < n; i++)
		place[key[i] >> 8]++;
	for (int bin = 0; bin < LEPTON__BINS; bin++) {
		uint16_t count = place[bin];
		place[bin] = sum;
		sum = (uint16_t)(sum + count);
	}
	for (int i = 0; i < n; i++)
		to[place[key[i] >> 8]++] = key[i];
}

static void add_label(struct lepton__walk *w, int label)
{
	int64_t left = w->left[label]++, right = w->judge->total[label] - left;
	w->left_sum += 2 * left + 1;
	w->right_sum -= 2 * right - 1;
	w->n++;
}

static void walk_keys(const struct lepton__judge *judge, const uint16_t *key, int n, struct lepton__walk *w,
	struct lepton__split *out)
{
	bool missing_left = w->n > 0;
	for (int i = 0; i < n; i++) {
		int bin = key[i] >> 8, before = i ? key[i - 1] >> 8 : bin;
		if (bin != before)
			lepton__walk_try(w, lepton__split_between(judge, before, bin), missing_left, out);
		add_label(w, key[i] & 255);
	}
}

bool lepton__few(const struct lepton__judge *judge, int bins)
{
	int64_t n = judge->sum.n;
	return judge->classes && !judge->settings->entropy && n <= LEPTON__FEW &&
	       4 * n <= (n < bins ? n : bins) * judge->classes;
}

void lepton__split_few(const struct lepton__judge *judge, const struct lepton__crowd *crowd,
	const uint8_t *column, struct lepton__split *out)
{
	keys drawn, sorted;
	uint16_t *key = drawn;
	struct lepton__walk w;
	int n = (int)crowd->count, present = n;
	for (int i = 0; i < n; i++)
		key[i] = (uint16_t)(column[crowd->sample[i]] << 8 | crowd->label[i]);
	if (n <= INSERTED) {
		sort_inserting(key, n);
	} else {
		sort_counting(drawn, n, sorted);
		key = sorted;
	}
	*out = (struct lepton__split){.score = -INFINITY, .feature = -1};
	out->varies = key[0] >> 8 != key[n - 1] >> 8;
	if (!out->varies)
		return;
	lepton__walk_begin(&w, judge);
	walk_keys(judge, key, n, &w, out);
	while (judge->numbers && key[present - 1] >> 8 == LEPTON__MISSING)
		present--;
	if (present < n) {
		lepton__walk_begin(&w, judge);
		for (int i = present; i < n; i++)
			add_label(&w, key[i] & 255);
		walk_keys(judge, key, present, &w, out);
	}
	lepton__split_place_missing(judge, present < n, out);
}
