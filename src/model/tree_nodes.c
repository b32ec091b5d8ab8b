/* model/tree_nodes.c - the nodes of trees: made, scored by, and as named tensors.
 *
 * All tensors are float32, so that the store, hashes and exporters need to know nothing of trees. Indices up
 * to 2^24 are exact in them; no forest here gets larger.
 */
#include "config.h"
#include "model/tree.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FEATURE, THRESHOLD, LEFT, VALUE, ROOTS, MISSING, GAIN, TENSORS };

static const char *const names[TENSORS] = {"feature", "threshold", "left", "value", "roots", "missing", "gain"};

/* The last two are of tables alone. */
static int tensor_count(const struct lepton__nodes *nodes)
{
	return nodes->numbers ? TENSORS : MISSING;
}

void lepton__nodes_free(struct lepton__nodes *nodes)
{
	int width = nodes->width;
	bool numbers = nodes->numbers;
	lepton__free(nodes->node);
	lepton__free(nodes->value);
	lepton__free(nodes->gain);
	lepton__free(nodes->root);
	*nodes = (struct lepton__nodes){.width = width, .numbers = numbers};
}

void lepton__nodes_clear(struct lepton__nodes *nodes)
{
	nodes->count = nodes->trees = 0;
}

static int reserve(struct lepton__nodes *nodes, size_t more, struct lepton_error *err)
{
	size_t count = nodes->count + more;
	if (count > LEPTON__NODES_MAX)
		return lepton_error_set(err, LEPTON_E_NOMEM,
			"the trees have more than %d nodes; lower \"max_depth\" or \"n_estimators\"",
			LEPTON__NODES_MAX);
	if (lepton__grow(&nodes->node, &nodes->node_capacity, count, sizeof *nodes->node) ||
		lepton__grow(&nodes->gain, &nodes->gain_capacity, count, sizeof *nodes->gain) ||
		lepton__grow(&nodes->value, &nodes->value_capacity, count,
			(size_t)nodes->width * sizeof *nodes->value))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %zu tree nodes", count);
	return LEPTON_OK;
}

int lepton__nodes_add(struct lepton__nodes *nodes, int more, int32_t *first, struct lepton_error *err)
{
	int code = reserve(nodes, (size_t)more, err);
	if (code)
		return code;
	*first = (int32_t)nodes->count;
	for (int i = 0; i < more; i++) {
		nodes->gain[nodes->count] = 0;
		nodes->node[nodes->count++] = (struct lepton__node){.feature = -1};
	}
	memset(nodes->value + (size_t)*first * (size_t)nodes->width, 0,
		(size_t)more * (size_t)nodes->width * sizeof *nodes->value);
	return LEPTON_OK;
}

int lepton__nodes_add_root(struct lepton__nodes *nodes, int32_t root, struct lepton_error *err)
{
	if (lepton__grow(&nodes->root, &nodes->root_capacity, nodes->trees + 1, sizeof *nodes->root))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a tree");
	nodes->root[nodes->trees++] = root;
	return LEPTON_OK;
}

int lepton__nodes_append(
	struct lepton__nodes *to, const struct lepton__nodes *tree, struct lepton_error *err)
{
	int32_t base = (int32_t)to->count;
	size_t had = to->trees;
	int code = reserve(to, tree->count, err);
	for (size_t t = 0; t < tree->trees && !code; t++)
		code = lepton__nodes_add_root(to, tree->root[t] + base, err);
	if (code) {
		to->trees = had;
		return code;
	}
	for (size_t i = 0; i < tree->count; i++) {
		struct lepton__node node = tree->node[i];
		if (node.feature >= 0)
			node.left += base;
		to->node[to->count + i] = node;
	}
	memcpy(to->value + to->count * (size_t)to->width, tree->value,
		tree->count * (size_t)to->width * sizeof *to->value);
	memcpy(to->gain + to->count, tree->gain, tree->count * sizeof *to->gain);
	to->count += tree->count;
	return LEPTON_OK;
}

const float *lepton__nodes_leaf(const struct lepton__nodes *nodes, size_t tree, const uint8_t *row)
{
	int32_t at = nodes->root[tree];
	for (const struct lepton__node *n = &nodes->node[at]; n->feature >= 0; n = &nodes->node[at])
		at = n->left + (row[n->feature] > n->threshold);
	return nodes->value + (size_t)at * (size_t)nodes->width;
}

const float *lepton__nodes_leaf_of(const struct lepton__nodes *nodes, size_t tree, const float *row)
{
	int32_t at = nodes->root[tree];
	for (const struct lepton__node *n = &nodes->node[at]; n->feature >= 0; n = &nodes->node[at]) {
		float x = row[n->feature];
		at = n->left + (isnan(x) ? !n->missing_left : x > n->cut);
	}
	return nodes->value + (size_t)at * (size_t)nodes->width;
}

/* ---- as tensors ---- */

int lepton__nodes_params(
	const struct lepton__nodes *nodes, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton_tensor like[TENSORS] = {{.dtype = LEPTON_F32}};
	float *data[TENSORS] = {NULL};
	size_t tensors = (size_t)tensor_count(nodes);
	for (size_t t = 0; t < tensors; t++) {
		lepton__copy_name(like[t].name, sizeof like[t].name, names[t]);
		like[t].dtype = LEPTON_F32;
		like[t].shape.rank = t == VALUE ? 2 : 1;
		like[t].shape.dim[0] = (int64_t)(t == ROOTS ? nodes->trees : nodes->count);
	}
	like[VALUE].shape.dim[1] = nodes->width;
	int code = lepton_params_new(like, tensors, out, err);
	if (code)
		return code;
	for (size_t t = 0; t < tensors; t++)
		data[t] = lepton_params_data(*out, t);
	for (size_t i = 0; i < nodes->count; i++) {
		data[FEATURE][i] = (float)nodes->node[i].feature;
		data[THRESHOLD][i] = nodes->numbers ? nodes->node[i].cut : (float)nodes->node[i].threshold;
		data[LEFT][i] = (float)nodes->node[i].left;
		if (nodes->numbers)
			data[MISSING][i] = nodes->node[i].missing_left;
	}
	if (nodes->numbers)
		memcpy(data[GAIN], nodes->gain, nodes->count * sizeof(float));
	for (size_t i = 0; i < nodes->trees; i++)
		data[ROOTS][i] = (float)nodes->root[i];
	memcpy(data[VALUE], nodes->value, nodes->count * (size_t)nodes->width * sizeof(float));
	return LEPTON_OK;
}

static int find_tensors(const struct lepton__nodes *nodes, const struct lepton_params *params,
	const struct lepton_tensor *tensor[TENSORS], struct lepton_error *err)
{
	int tensors = tensor_count(nodes);
	for (int t = 0; t < tensors; t++) {
		tensor[t] = lepton_params_find(params, names[t]);
		if (!tensor[t] || tensor[t]->dtype != LEPTON_F32 ||
			tensor[t]->shape.rank != (t == VALUE ? 2 : 1))
			return lepton_error_set(err, LEPTON_E_SHAPE,
				"these are not the tensors of trees: \"%s\" is missing or of another kind",
				names[t]);
	}
	int64_t count = tensor[FEATURE]->shape.dim[0], roots = tensor[ROOTS]->shape.dim[0];
	bool wrong = count < 1 || count > LEPTON__NODES_MAX || roots < 1 || roots > count ||
		     tensor[VALUE]->shape.dim[1] != nodes->width;
	for (int t = 0; t < tensors; t++)
		wrong |= t != ROOTS && tensor[t]->shape.dim[0] != count;
	if (wrong)
		return lepton_error_set(
			err, LEPTON_E_SHAPE, "the tensors of these trees have sizes that do not belong together");
	return LEPTON_OK;
}

/* A whole number from..to-1. */
static bool index_of(float value, int64_t from, int64_t to, int32_t *out)
{
	if (!(value >= (float)from && value < (float)to))
		return false;
	*out = (int32_t)value;
	return !((float)*out < value) && !((float)*out > value);
}

/* A bin, or a table's number and the side of missing values. */
static bool read_threshold(bool numbers, const struct lepton_tensor *const tensor[TENSORS], int64_t i,
	struct lepton__node *out)
{
	const float *threshold = tensor[THRESHOLD]->data;
	int32_t whole = 0;
	if (!numbers) {
		bool good = index_of(threshold[i], 0, LEPTON__BINS, &whole);
		out->threshold = (int16_t)whole;
		return good;
	}
	const float *missing = tensor[MISSING]->data;
	out->cut = threshold[i];
	if (!isfinite(out->cut) || !index_of(missing[i], 0, 2, &whole))
		return false;
	out->missing_left = whole;
	return true;
}

static bool read_node(bool numbers, const struct lepton_tensor *const tensor[TENSORS], int64_t i, int64_t features,
	struct lepton__node *out)
{
	const float *feature = tensor[FEATURE]->data, *left = tensor[LEFT]->data;
	int64_t count = tensor[FEATURE]->shape.dim[0];
	*out = (struct lepton__node){.feature = -1};
	if (!index_of(feature[i], -1, features, &out->feature))
		return false;
	/* Children behind their parent: no way down can go round in a circle. */
	return out->feature < 0 || (index_of(left[i], i + 1, count - 1, &out->left) &&
					   read_threshold(numbers, tensor, i, out));
}

static bool read_all(struct lepton__nodes *nodes, const struct lepton_tensor *const tensor[TENSORS],
	int64_t features)
{
	const float *roots = tensor[ROOTS]->data, *value = tensor[VALUE]->data;
	int64_t count = tensor[FEATURE]->shape.dim[0];
	for (int64_t i = 0; i < count; i++)
		if (!read_node(nodes->numbers, tensor, i, features, &nodes->node[i]))
			return false;
	for (int64_t i = 0; nodes->numbers && i < count; i++) {
		nodes->gain[i] = ((const float *)tensor[GAIN]->data)[i];
		if (!isfinite(nodes->gain[i]))
			return false;
	}
	for (size_t i = 0; i < nodes->trees; i++)
		if (!index_of(roots[i], 0, count, &nodes->root[i]))
			return false;
	for (int64_t i = 0; i < count * nodes->width; i++) {
		if (!isfinite(value[i]))
			return false;
		nodes->value[i] = value[i];
	}
	return true;
}

int lepton__nodes_read(struct lepton__nodes *nodes, const struct lepton_params *params, int64_t features,
	struct lepton_error *err)
{
	const struct lepton_tensor *tensor[TENSORS];
	struct lepton__nodes read = {.width = nodes->width, .numbers = nodes->numbers};
	int32_t first;
	int code = find_tensors(nodes, params, tensor, err);
	if (!code)
		code = lepton__nodes_add(&read, (int)tensor[FEATURE]->shape.dim[0], &first, err);
	for (int64_t i = 0; !code && i < tensor[ROOTS]->shape.dim[0]; i++)
		code = lepton__nodes_add_root(&read, 0, err);
	if (!code && !read_all(&read, tensor, features))
		code = lepton_error_set(
			err, LEPTON_E_CORRUPT, "the trees are damaged: a node points nowhere; go back to an "
					       "earlier checkpoint");
	if (code) {
		lepton__nodes_free(&read);
		return code;
	}
	lepton__nodes_free(nodes);
	*nodes = read;
	return LEPTON_OK;
}
