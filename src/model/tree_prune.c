/* model/tree_prune.c - trees made smaller: minimal cost-complexity pruning, and nodes put in order.
 *
 * A tree's cost is what its leaves get wrong plus alpha times their number; of all trees that cutting
 * subtrees off can leave, the one of least cost is kept, and of equals the smallest (Breiman, Friedman,
 * Olshen, Stone, "Classification and regression trees", 1984). Cutting below a node replaces its leaves'
 * values by their mean, weighted by the training samples that reach them, so it costs the sum over those
 * samples of the squared distance to that mean, over all samples. For shares of classes that is the gini
 * impurity the splits took away: alpha is scikit-learn's ccp_alpha then. For a boosted tree it is how far the
 * scores move. One walk from the leaves up finds that tree.
 *
 * Nodes come out level by level, a parent's two children side by side: where they are is then known from
 * which nodes are leaves (compress/tree_fields.c). What nobody asks for, an inner node's value, is zero.
 */
#include "config.h"
#include "model/trees.h"
#include "base/memory.h"

#include <string.h>

bool lepton__are_trees(const struct lepton_learner_ops *ops)
{
	return ops->step == lepton__trees_step;
}

struct pruner {
	const struct lepton__trees *trees;
	const struct lepton__nodes *from;
	struct lepton__nodes to;
	double alpha;
	int width;
	/* a node of `from` each: */
	double *samples; /* that reach it */
	double *sum;     /* width values: of its leaves' values, by samples */
	double *cost;    /* of the best that can be left of it */
	bool *cut;       /* it becomes a leaf */
	int32_t *queue;
};

static int allocate(struct pruner *p, struct lepton_error *err)
{
	const size_t count = p->from->count;
	p->samples = lepton__calloc(count, sizeof *p->samples);
	p->sum = lepton__calloc(count, (size_t)p->width * sizeof *p->sum);
	p->cost = lepton__calloc(count, sizeof *p->cost);
	p->cut = lepton__calloc(count, sizeof *p->cut);
	p->queue = lepton__calloc(count, sizeof *p->queue);
	return p->samples && p->sum && p->cost && p->cut && p->queue
		       ? LEPTON_OK
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory to prune %zu nodes", count);
}

static void release(struct pruner *p)
{
	lepton__free(p->samples);
	lepton__free(p->sum);
	lepton__free(p->cost);
	lepton__free(p->cut);
	lepton__free(p->queue);
	lepton__nodes_free(&p->to);
}

/* ---- what is cut ---- */

static void count_samples(struct pruner *p)
{
	for (size_t tree = 0; tree < p->from->trees; tree++)
		for (int64_t i = 0; i < p->trees->rows; i++) {
			const float *leaf = lepton__trees_leaf(p->trees, p->from, tree, LEPTON_TRAIN, i);
			p->samples[(size_t)(leaf - p->from->value) / (size_t)p->width]++;
		}
}

/* What it costs as a leaf, less what all samples' squares come to, which no cut changes. */
static double cost_as_leaf(const struct pruner *p, size_t i)
{
	double square = 0;
	for (int c = 0; c < p->width; c++)
		square += p->sum[i * (size_t)p->width + (size_t)c] * p->sum[i * (size_t)p->width + (size_t)c];
	return p->alpha - (p->samples[i] > 0 ? square / p->samples[i] / (double)p->trees->rows : 0);
}

/* Children come after their parents, in all trees. */
static void decide(struct pruner *p)
{
	for (size_t i = p->from->count; i-- > 0;) {
		const struct lepton__node *node = &p->from->node[i];
		double *sum = p->sum + i * (size_t)p->width;
		if (node->feature < 0) {
			for (int c = 0; c < p->width; c++)
				sum[c] = p->samples[i] *
					 (double)p->from->value[i * (size_t)p->width + (size_t)c];
			p->cost[i] = cost_as_leaf(p, i);
			continue;
		}
		const size_t left = (size_t)node->left, right = left + 1;
		const double below = p->cost[left] + p->cost[right];
		p->samples[i] = p->samples[left] + p->samples[right];
		for (int c = 0; c < p->width; c++)
			sum[c] = p->sum[left * (size_t)p->width + (size_t)c] +
				 p->sum[right * (size_t)p->width + (size_t)c];
		p->cost[i] = cost_as_leaf(p, i);
		p->cut[i] = p->alpha > 0 && p->cost[i] <= below;
		p->cost[i] = p->cut[i] ? p->cost[i] : below;
	}
}

/* ---- what is left, in order ---- */

static const float *any_leaf(const struct lepton__nodes *nodes, size_t i)
{
	while (nodes->node[i].feature >= 0)
		i = (size_t)nodes->node[i].left;
	return nodes->value + i * (size_t)nodes->width;
}

/* Where no sample came, its first leaf's. */
static void set_value(const struct pruner *p, size_t from, float *to)
{
	if (!p->cut[from] || !(p->samples[from] > 0)) {
		memcpy(to, any_leaf(p->from, from), (size_t)p->width * sizeof *to);
		return;
	}
	for (int c = 0; c < p->width; c++)
		to[c] = (float)(p->sum[from * (size_t)p->width + (size_t)c] / p->samples[from]);
}

static int copy_tree(struct pruner *p, size_t tree, struct lepton_error *err)
{
	int32_t root, children;
	int code = lepton__nodes_add(&p->to, 1, &root, err);
	if (!code)
		code = lepton__nodes_add_root(&p->to, root, err);
	p->queue[0] = p->from->root[tree];
	for (size_t at = 0, count = 1; at < count && !code; at++) {
		const size_t from = (size_t)p->queue[at], to = (size_t)root + at;
		const struct lepton__node *node = &p->from->node[from];
		if (node->feature < 0 || p->cut[from]) {
			set_value(p, from, p->to.value + to * (size_t)p->width);
			continue;
		}
		code = lepton__nodes_add(&p->to, 2, &children, err);
		if (code)
			break;
		p->to.node[to] = *node;
		p->to.node[to].left = children;
		p->to.gain[to] = p->from->gain[from];
		p->queue[count++] = node->left;
		p->queue[count++] = node->left + 1;
	}
	return code;
}

int lepton__trees_prune(
	struct lepton_learner *learner, double alpha, struct lepton_params **out, struct lepton_error *err)
{
	const struct lepton__trees *trees = (const struct lepton__trees *)learner;
	struct pruner p = {.trees = trees, .from = &trees->done, .alpha = alpha, .width = trees->done.width};
	p.to = (struct lepton__nodes){.width = p.width, .numbers = p.from->numbers};
	int code = allocate(&p, err);
	if (!code && alpha > 0)
		count_samples(&p);
	if (!code)
		decide(&p);
	for (size_t tree = 0; tree < p.from->trees && !code; tree++)
		code = copy_tree(&p, tree, err);
	if (!code)
		code = lepton__nodes_params(&p.to, out, err);
	release(&p);
	return code;
}
