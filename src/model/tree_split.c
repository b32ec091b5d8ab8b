/* model/tree_split.c - where to split one feature: a walk over the used bins from low to high.
 *
 * Gini: the impurity of both sides is least where sum(c²)/n of the left and of the right add up to most.
 * Entropy: likewise with sum(c log c) - n log n. Gradients: the loss falls most where G²/(H + l2) of both
 * sides add up to most. The threshold between two used bins is half way for class counts (as in CART), and
 * the lower bin itself for gradients (as histogram boosting has it). Of equals, the first wins. Missing
 * values of a table are the last bin, so the walk has them on the right; a second walk begins with them on
 * the left.
 */
#include "config.h"
#include "model/tree_walk.h"

#include <math.h>

#define HESSIAN_MIN 1e-3 /* less curvature than this says nothing of a leaf */

static int next_used(const uint64_t used[LEPTON__USED], int from)
{
	for (int word = from / 64; from < LEPTON__BINS; from = ++word * 64) {
		uint64_t rest = used[word] >> from % 64;
		if (rest)
			return from + __builtin_ctzll(rest);
	}
	return -1;
}

static double gain_of(const struct lepton__tree_settings *settings, int64_t g, int64_t h)
{
	double sum = (double)g / LEPTON__FIXED, curve = (double)h / LEPTON__FIXED + settings->l2;
	return curve > 0 ? sum * sum / curve : 0;
}

double lepton__split_whole(const struct lepton__judge *judge)
{
	double sum = 0;
	if (!judge->classes)
		return gain_of(judge->settings, judge->sum.g, judge->sum.h);
	for (int c = 0; c < judge->classes; c++)
		sum += judge->settings->entropy ? judge->xlogx[judge->total[c]]
						: (double)judge->total[c] * (double)judge->total[c];
	return judge->settings->entropy ? sum - judge->xlogx[judge->sum.n] : sum / (double)judge->sum.n;
}

/* ---- class counts ---- */

void lepton__walk_begin(struct lepton__walk *w, const struct lepton__judge *judge)
{
	w->judge = judge;
	w->n = w->left_sum = w->right_sum = 0;
	w->left_logs = w->right_logs = 0;
	for (int c = 0; c < judge->classes; c++) {
		w->left[c] = 0;
		if (judge->settings->entropy)
			w->right_logs += judge->xlogx[judge->total[c]];
		else
			w->right_sum += judge->total[c] * judge->total[c];
	}
}

static void walk_add(struct lepton__walk *w, const uint32_t *cell)
{
	const struct lepton__judge *judge = w->judge;
	for (int c = 0; c < judge->classes; c++) {
		int64_t more = cell[c], left = w->left[c], right = judge->total[c] - left;
		if (!more)
			continue;
		if (judge->settings->entropy) {
			w->left_logs += judge->xlogx[left + more] - judge->xlogx[left];
			w->right_logs += judge->xlogx[right - more] - judge->xlogx[right];
		} else {
			w->left_sum += more * (2 * left + more);
			w->right_sum -= more * (2 * right - more);
		}
		w->left[c] += cell[c];
		w->n += more;
	}
}

static double walk_score(const struct lepton__walk *w)
{
	int64_t right = w->judge->sum.n - w->n;
	if (w->judge->settings->entropy)
		return w->left_logs - w->judge->xlogx[w->n] + w->right_logs - w->judge->xlogx[right];
	return (double)w->left_sum / (double)w->n + (double)w->right_sum / (double)right;
}

static bool empty(const uint32_t *cell, int classes)
{
	for (int c = 0; c < classes; c++)
		if (cell[c])
			return false;
	return true;
}

void lepton__walk_try(
	const struct lepton__walk *w, int threshold, bool missing_left, struct lepton__split *out)
{
	int64_t least = w->judge->settings->min_samples_leaf;
	if (w->n < least || w->judge->sum.n - w->n < least)
		return;
	double score = walk_score(w);
	if (score > out->score) {
		out->score = score;
		out->feature = 0;
		out->threshold = threshold;
		out->left = w->n;
		out->missing_left = missing_left;
	}
}

int lepton__split_between(const struct lepton__judge *judge, int before, int bin)
{
	return judge->numbers && bin == LEPTON__MISSING ? LEPTON__MISSING - 1 : (before + bin) / 2;
}

/* The bins below `end`, from low to high. */
static void walk_bins(const struct lepton__judge *judge, const uint32_t *cells,
	const uint64_t used[LEPTON__USED], int end, struct lepton__walk *w, struct lepton__split *out)
{
	bool missing_left = w->n > 0;
	int before = -1;
	for (int bin = next_used(used, 0); bin >= 0 && bin < end; bin = next_used(used, bin + 1)) {
		const uint32_t *cell = cells + (size_t)bin * (size_t)judge->classes;
		if (empty(cell, judge->classes))
			continue;
		out->varies |= before >= 0;
		if (before >= 0)
			lepton__walk_try(w, lepton__split_between(judge, before, bin), missing_left, out);
		walk_add(w, cell);
		before = bin;
	}
}

void lepton__split_place_missing(const struct lepton__judge *judge, bool there, struct lepton__split *out)
{
	if (judge->numbers && !there)
		out->missing_left = out->left * 2 > judge->sum.n;
}

void lepton__split_classes(const struct lepton__judge *judge, const uint32_t *cells,
	const uint64_t used[LEPTON__USED], struct lepton__split *out)
{
	struct lepton__walk w;
	const uint32_t *missing = cells + (size_t)LEPTON__MISSING * (size_t)judge->classes;
	*out = (struct lepton__split){.score = -INFINITY, .feature = -1};
	lepton__walk_begin(&w, judge);
	walk_bins(judge, cells, used, LEPTON__BINS, &w, out);
	bool there = judge->numbers && !empty(missing, judge->classes);
	if (there) {
		lepton__walk_begin(&w, judge);
		walk_add(&w, missing);
		walk_bins(judge, cells, used, LEPTON__MISSING, &w, out);
	}
	lepton__split_place_missing(judge, there, out);
}

/* ---- gradients ---- */

static void bin_add(struct lepton__bin *to, const struct lepton__bin *bin)
{
	to->g += bin->g;
	to->h += bin->h;
	to->n += bin->n;
}

/* What lies left of each threshold that leaves enough on both sides. */
struct lefts {
	int count;
	double g[LEPTON__BINS], h[LEPTON__BINS]; /* in units of 1 / LEPTON__FIXED */
	double score[LEPTON__BINS];
	int64_t n[LEPTON__BINS];
	uint8_t bin[LEPTON__BINS];
};

/* The bins below `end`, from low to high, onto what is left already. An empty bin tells nothing new, and,
 * coming second, is not chosen. */
static bool find_lefts(const struct lepton__judge *judge, const struct lepton__bin *cells,
	const uint64_t used[LEPTON__USED], int end, struct lepton__bin left, struct lefts *out)
{
	const int64_t most = judge->sum.n - judge->settings->min_samples_leaf,
		      least = judge->settings->min_samples_leaf;
	const int64_t curve = (int64_t)ceil(HESSIAN_MIN * LEPTON__FIXED), rest = judge->sum.h - curve;
	bool varies = false;
	out->count = 0;
	for (int bin = next_used(used, 0); bin >= 0 && bin < end; bin = next_used(used, bin + 1)) {
		bin_add(&left, &cells[bin]);
		varies |= left.n > 0 && left.n < judge->sum.n;
		if (left.n > most || left.h > rest)
			break;
		int at = out->count;
		out->g[at] = (double)left.g;
		out->h[at] = (double)left.h;
		out->n[at] = left.n;
		out->bin[at] = (uint8_t)bin;
		out->count += left.n >= least && left.h >= curve;
	}
	return varies;
}

/* Fixed point's unit is a power of two: left out of the sums, it changes no bit of them. */
static void score_lefts(const struct lepton__judge *judge, struct lefts *l)
{
	const double g = (double)judge->sum.g, h = (double)judge->sum.h,
		     l2 = judge->settings->l2 * LEPTON__FIXED;
	for (int i = 0; i < l->count; i++) {
		double other = g - l->g[i];
		l->score[i] = (l->g[i] * l->g[i] / (l->h[i] + l2) + other * other / (h - l->h[i] + l2)) /
			      LEPTON__FIXED;
	}
}

static void sum_bins(const struct lepton__judge *judge, const struct lepton__bin *cells,
	const uint64_t used[LEPTON__USED], int end, struct lepton__bin left, struct lepton__split *out)
{
	struct lefts lefts;
	int64_t missing = judge->numbers ? cells[LEPTON__MISSING].n : 0;
	bool missing_left = left.n > 0;
	out->varies |= find_lefts(judge, cells, used, end, left, &lefts);
	score_lefts(judge, &lefts);
	for (int i = 0; i < lefts.count; i++)
		if (lefts.score[i] > out->score) {
			bool all = missing && lefts.n[i] + missing == judge->sum.n && !missing_left;
			out->score = lefts.score[i];
			out->feature = 0;
			out->threshold = all ? LEPTON__MISSING - 1 : lefts.bin[i];
			out->left = lefts.n[i];
			out->missing_left = missing_left;
		}
}

void lepton__split_gradients(const struct lepton__judge *judge, const struct lepton__bin *cells,
	const uint64_t used[LEPTON__USED], struct lepton__split *out)
{
	const struct lepton__bin none = {0, 0, 0};
	*out = (struct lepton__split){.score = -INFINITY, .feature = -1};
	sum_bins(judge, cells, used, LEPTON__BINS, none, out);
	bool there = judge->numbers && cells[LEPTON__MISSING].n;
	if (there)
		sum_bins(judge, cells, used, LEPTON__MISSING, cells[LEPTON__MISSING], out);
	lepton__split_place_missing(judge, there, out);
}
