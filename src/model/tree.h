/* model/tree.h - what the tree learners are made of: settings, nodes, columns, growth.
 *
 * A feature of an image is one byte, so features come in 256 bins as they are. A table's numbers are put into bins by
 * quantiles; its nodes keep the numbers that part the bins, so that a tree needs no bins to be asked. All that a split is chosen by
 * is counted in whole numbers (class counts, gradients in fixed point). Whole sums do not depend on their
 * order: a histogram counted, or got as parent less sibling, by one worker or many, before a stop or after, is
 * the same to the bit. That is what makes trees deterministic here; nothing else has to be done for it.
 */
#ifndef LEPTON_MODEL_TREE_H
#define LEPTON_MODEL_TREE_H

#include "lepton/model.h"
#include "tensor/kernels.h"

#include <cjson/cJSON.h>

#define LEPTON__BINS 256
#define LEPTON__MISSING 255 /* the bin of a table's missing values */
#define LEPTON__CLASSES_MAX 256
#define LEPTON__TREE_PARTS 8           /* pieces that work is lent out in; fixed, whatever the workers */
#define LEPTON__NODES_MAX (1 << 24)    /* a float32 tensor names so many exactly */
#define LEPTON__FIXED (1 << 30)        /* gradients in fixed point: 1.0 */
#define LEPTON__SLOTS 64               /* histograms of nodes kept, at most */
#define LEPTON__PIECE 4000000          /* samples looked at in a piece of growth, feature by feature: some milliseconds */

struct lepton__tree_settings {
	bool entropy; /* criterion; else gini */
	int max_depth;
	int64_t max_leaves; /* 0: no limit */
	int64_t min_samples_leaf, min_samples_split;
	int64_t estimators;
	int features; /* drawn at each node; 0: all */
	bool bootstrap;
	double learning_rate, l2, subsample;
};

/* ---- nodes (tree_nodes.c) ---- */

/* One tree after another. A node's right child is left + 1; children come after their parent. */
struct lepton__nodes {
	int width; /* values a node: the classes' shares, or one number */
	struct lepton__node {
		int32_t feature; /* -1: a leaf */
		int32_t left;
		int16_t threshold; /* bin; up to and including it goes left */
		bool missing_left; /* a table's */
		float cut;         /* a table's threshold */
	} * node;
	float *value;
	float *gain;  /* a node: what its split won */
	bool numbers; /* features are a table's */
	int32_t *root;
	size_t count, trees, node_capacity, value_capacity, gain_capacity, root_capacity;
};

void lepton__nodes_free(struct lepton__nodes *nodes);
void lepton__nodes_clear(struct lepton__nodes *nodes);
/* Room for `more` leaves with zero values; the first one's index. LEPTON_E_NOMEM. */
int lepton__nodes_add(struct lepton__nodes *nodes, int more, int32_t *first, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__nodes_add_root(struct lepton__nodes *nodes, int32_t root, struct lepton_error *err) LEPTON_MUST_CHECK;
/* All trees of `tree` behind those of `to`, or, on failure, none. */
int lepton__nodes_append(struct lepton__nodes *to, const struct lepton__nodes *tree, struct lepton_error *err) LEPTON_MUST_CHECK;
/* As named float32 tensors: feature, threshold, left, value, roots; a table's also missing and gain, and their
 * thresholds are cuts. */
int lepton__nodes_params(const struct lepton__nodes *nodes, struct lepton_params **out, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* Checked as if an enemy had written them. LEPTON_E_SHAPE, LEPTON_E_CORRUPT. On failure `nodes` is as it was. */
int lepton__nodes_read(struct lepton__nodes *nodes, const struct lepton_params *params, int64_t features,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* The values of the leaf a row of bytes comes to. */
const float *lepton__nodes_leaf(const struct lepton__nodes *nodes, size_t tree, const uint8_t *row);
const float *lepton__nodes_leaf_of(const struct lepton__nodes *nodes, size_t tree, const float *row); /* a table's */

/* ---- columns and histograms (tree_histogram.c) ---- */

/* The training pixels feature by feature, or the bins of a table's numbers. */
struct lepton__columns {
	int64_t rows;
	int features;
	bool numbers;
	float *cut; /* a table's: features × CUTS; bin b holds what is above cut b - 1, up to and including cut b */
	int *cuts;  /* how many each has */
	struct lepton__sorted { /* scratch: two sets of rows, while they are sorted by one feature */
		uint32_t key, row;
	} * sorted;
	uint8_t *byte; /* features × rows */
	int *varying;  /* the features that are not the same in all rows */
	int varying_count;
	int done; /* features turned so far */
};
int lepton__columns_allocate(struct lepton__columns *columns, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__columns_turn(struct lepton__columns *columns, const uint8_t *pixels, int to); /* features done..to-1 */
void lepton__columns_done(struct lepton__columns *columns, int to); /* their bytes are there: note which vary */
void lepton__columns_free(struct lepton__columns *columns);
/* tree_bins.c: likewise for a table */
#define LEPTON__CUTS 254
int lepton__columns_allocate_cuts(struct lepton__columns *columns, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__columns_bin(struct lepton__columns *columns, const float *values, int to);
/* The number that parts bin `threshold` from the next; the largest there is when there is no next. And back. */
float lepton__columns_cut(const struct lepton__columns *columns, int feature, int threshold);
int lepton__columns_threshold(const struct lepton__columns *columns, int feature, float cut);

struct lepton__gradient {
	int32_t g, h; /* in units of 1 / LEPTON__FIXED */
};
struct lepton__pull { /* a gradient as wide as the sums that it is added to */
	int64_t g, h;
};
struct lepton__bin { /* of gradients */
	int64_t g, h, n;
};
/* The samples of one node, in the order of `sample`; one of label and gradient. */
struct lepton__crowd {
	const uint32_t *sample;
	int64_t count;
	const uint8_t *label;
	const struct lepton__pull *gradient;
};
#define LEPTON__USED 4 /* words of a set of bins */
/* Count into zeroed cells (BINS × classes of uint32_t, or BINS of struct lepton__bin). `used`: the bins that hold any. */
void lepton__histogram_classes(const struct lepton__crowd *crowd, const uint8_t *column, int classes, uint32_t *cells,
		uint64_t used[LEPTON__USED]);
void lepton__histogram_gradients(const struct lepton__crowd *crowd, const uint8_t *column, struct lepton__bin *cells,
		uint64_t used[LEPTON__USED]);
#define LEPTON__ABREAST 4 /* columns counted at once, into so many sets of cells, one behind the other */
void lepton__histogram_gradients_abreast(const struct lepton__crowd *crowd, const uint8_t *const column[LEPTON__ABREAST],
		struct lepton__bin *cells);
void lepton__histogram_used(const struct lepton__bin *cells, uint64_t used[LEPTON__USED]);
/* parent becomes the sibling's: parent - child. */
void lepton__histogram_subtract_classes(uint32_t *parent, const uint32_t *child, int classes);
void lepton__histogram_subtract_gradients(struct lepton__bin *parent, const struct lepton__bin *child);

/* ---- the best split of one feature (tree_split.c) ---- */

struct lepton__split {
	double score; /* of both sides together; more is better */
	int feature;  /* -1: none */
	int threshold;
	int64_t left; /* samples */
	bool varies;  /* more than one bin is used */
	bool missing_left;
};
struct lepton__judge {
	const struct lepton__tree_settings *settings;
	bool numbers;         /* bin MISSING is no number, and may go to either side */
	int classes;          /* 0: gradients */
	const double *xlogx;  /* entropy: n log n, for n up to the rows */
	const int64_t *total; /* of the node: classes' counts */
	struct lepton__bin sum; /* of the node; its n in both cases */
};
double lepton__split_whole(const struct lepton__judge *judge); /* the score of a node not split */
void lepton__split_classes(const struct lepton__judge *judge, const uint32_t *cells, const uint64_t used[LEPTON__USED],
		struct lepton__split *out);
/* tree_split_few.c: as lepton__split_classes, and better where a feature of so many bins has few samples in the node. */
#define LEPTON__FEW 4096
bool lepton__few(const struct lepton__judge *judge, int bins);
void lepton__split_few(const struct lepton__judge *judge, const struct lepton__crowd *crowd, const uint8_t *column,
		struct lepton__split *out);
void lepton__split_gradients(const struct lepton__judge *judge, const struct lepton__bin *cells,
		const uint64_t used[LEPTON__USED], struct lepton__split *out);

/* ---- growing one tree (tree_grow.c, tree_examine.c) ---- */

struct lepton__sprout { /* a node while its tree grows */
	uint32_t begin, count;
	int depth, slot;  /* slot: its histograms are kept there; -1 */
	int less;         /* slot holds the parent's; take away this one's; -1 */
	bool ready;       /* can be split as `split` says */
	double gain;
	struct lepton__split split;
};

struct lepton__growth {
	const struct lepton__tree_settings *settings;
	const struct lepton__columns *columns;
	int classes; /* 0: gradients */
	const uint8_t *labels;
	const struct lepton__gradient *gradients;
	double spread;     /* leaves' values are so many times what gradients say */
	double most_step;  /* of a leaf's value, before the learning rate */
	double least_gain; /* of a split of gradients, as a share of the node's score */
	uint32_t *sample, *spare;
	uint8_t *node_label; /* of the node looked at, in the order of its samples */
	struct lepton__pull *node_gradient;
	double *xlogx;
	struct lepton__nodes nodes;
	struct lepton__sprout *sprout; /* one a node */
	size_t sprout_capacity;
	/* kept histograms */
	size_t slot_bytes; /* for all of them, at most */
	char *slots;
	size_t slot_size;
	int slot_count;
	bool slot_taken[LEPTON__SLOTS];
	/* the node looked at */
	int32_t waiting[2];
	int waiting_count;
	bool entered;
	int64_t total[LEPTON__CLASSES_MAX];
	struct lepton__judge judge;
	struct lepton__split best;
	int *list; /* features in the order they are tried */
	int list_count, list_at;
	struct lepton__rng rng;
	uint64_t seed, stream;
	char *scratch; /* zeroed cells, ABREAST sets a part */
	size_t scratch_size; /* of one set, as of a feature in a slot */
	/* the tree */
	int64_t leaves;
	int64_t work; /* of this piece: samples looked at, feature by feature */
	int32_t cursor; /* level by level: nothing before it is ready */
};

/* All memory but the nodes'. settings, columns, classes, labels, seed, slot_bytes are set. */
int lepton__growth_allocate(struct lepton__growth *grow, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__growth_free(struct lepton__growth *grow);
/* A new tree of sample[0..count). `stream` numbers it for the random draws. */
int lepton__growth_begin(struct lepton__growth *grow, int64_t count, uint64_t stream, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The tree in `nodes` goes on growing: as begin, then its splits made again. */
int lepton__growth_again(struct lepton__growth *grow, int64_t count, const struct lepton__nodes *nodes, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* A bounded piece of work. *done: no node is left that round `round` (1…; INT_MAX: to the end) may split. */
int lepton__growth_piece(struct lepton__growth *grow, const struct lepton_team *team, int round, bool *done,
		struct lepton_error *err) LEPTON_MUST_CHECK;
bool lepton__growth_over(const struct lepton__growth *grow); /* no node can be split any more */
/* tree_examine.c: look at waiting[0]; *done when its split is known. */
void lepton__examine(struct lepton__growth *grow, const struct lepton_team *team, bool *done);
int lepton__slot_take(struct lepton__growth *grow);
void lepton__slot_give(struct lepton__growth *grow, int slot);

#endif
