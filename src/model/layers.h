/* model/layers.h - one kind of layer is one file that ends in a const struct lepton_layer_ops.
 *
 * A layer is planned once (configure, then shape) and afterwards only read, so any number of parts
 * of a batch may run through it at the same time. What a run writes lies in the part's own memory
 * and is handed in as a lepton__pass. Shapes are per sample, without the batch.
 *
 * A batch is split into parts whose gradients are added in order. Where no other thread is idle, several
 * parts run as one, and a layer must leave the bits that they would have left by themselves.
 *
 * Backward gets the gradient of the loss by the layer's output in `dy` and may overwrite it; it
 * leaves the parameters' gradients in dw[] and the gradient by its input in `dx`, unless that is NULL
 * (nobody below has parameters).
 */
#ifndef LEPTON_MODEL_LAYERS_H
#define LEPTON_MODEL_LAYERS_H

#include "lepton/tensor.h"
#include "model/keys.h"
#include "tensor/kernels.h"

#define LEPTON__LAYERS_MAX 256       /* in one network */
#define LEPTON__LAYER_TENSORS 4      /* kernel and bias; batch normalisation has most */
#define LEPTON__LAYER_NAME_MAX 40    /* so that "adam/m/NAME/kernel" is a tensor's name */
#define LEPTON__LAYER_VALUES_MAX ((int64_t)1 << 28) /* in one sample of one layer's output */

struct lepton__layer;

/* A window slid over the layer's input image: where it fits, and what to do when it does not. */
struct lepton__slide {
	int window[2], strides[2]; /* height, width */
	bool same;
	int in[2], channels, out[2], pad[2]; /* filled by lepton__slide_fit; pad is in front */
};

struct lepton__affine;
/* From a sample's random numbers to the map of its image (warp.h). */
typedef struct lepton__affine lepton__warp_map(const struct lepton__layer *layer, const double drawn[2]);

struct lepton__layer {
	const struct lepton_layer_ops *ops;
	char name[LEPTON__LAYER_NAME_MAX];
	int index; /* in the configuration's "layers" */
	struct lepton_shape in, out;
	int64_t in_size, out_size; /* values of one sample */
	enum lepton__activation activation;
	bool gelu;  /* over a kernel that stays linear: its way back needs the input, kept in the memo */
	bool fused; /* the loss applies this layer's softmax: forward leaves logits, backward gets their gradient */

	int first, last; /* layers that run as one with this one (join.h); itself where none do */
	const struct lepton__join *join; /* how; in the first of them */

	int tensor_count; /* parameters */
	int untrained;    /* the last so many of them: statistics kept by `track`, no optimiser's business */
	struct lepton_shape tensor[LEPTON__LAYER_TENSORS];
	int64_t fan_in, fan_out;
	int64_t offset[LEPTON__LAYER_TENSORS]; /* in the network's flat arrays, in floats */

	union {
		struct {
			struct lepton__slide slide;
			struct lepton__conv geometry;
		} conv;
		struct {
			struct lepton__slide slide;
			struct lepton__pool geometry;
		} pool;
		struct {
			float momentum, epsilon;
		} norm;
		struct {
			lepton__warp_map *map;
			double range[2][2]; /* of the two numbers drawn for a sample: lowest, highest */
			bool tied;          /* the second is the first */
			bool nearest;       /* beyond the edge it is as on it; else `fill` */
			float fill;
		} warp;
		double rate;
		int64_t numbers; /* of an embedding */
	} u;
};

struct lepton_team;

struct lepton__pass {
	int n;    /* samples */
	int part; /* samples a part of the batch has: where n is more, several parts run as one */
	bool training;
	const float *x;
	float *y;
	const float *w[LEPTON__LAYER_TENSORS];
	float *dw[LEPTON__LAYER_TENSORS]; /* of untrained tensors: what training's forward saw */
	float *dy, *dx;
	void *memo;    /* kept from forward to backward: the pool's winners, the mask */
	void *scratch; /* shared by all layers of one part */
	const struct lepton_team *team; /* idle threads, for a join that shares its work; NULL: alone */
	uint64_t key, stream; /* random numbers of this (seed, step, layer, part); the next part's stream is one more */
};

struct lepton_layer_ops {
	const char *type; /* "MaxPooling2D" */
	const char *stem; /* of automatic names: "max_pooling2d", "max_pooling2d_1" */
	const char *summary;
	const struct lepton__key *keys;
	const char *tensors[LEPTON__LAYER_TENSORS]; /* names of the parameters */
	bool in_place;      /* changes no value: its output is its input's memory, forward and backward are not called */
	bool training_only; /* likewise, outside training */
	bool whole_batch;   /* samples of a batch depend on each other: it is not split unless asked for */
	/* Take settings from a configuration that passed the key table. */
	int (*configure)(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err);
	/* `in` is known: work out `out` and the parameters. LEPTON_E_SPEC or LEPTON_E_SHAPE with the remedy. */
	int (*shape)(struct lepton__layer *layer, struct lepton_error *err);
	/* NULL where there is nothing to start, keep or borrow. */
	void (*init)(const struct lepton__layer *layer, struct lepton__rng *rng, float *const *w);
	size_t (*memo)(const struct lepton__layer *layer, int n);    /* bytes */
	size_t (*scratch)(const struct lepton__layer *layer, int n); /* bytes */
	void (*forward)(const struct lepton__layer *layer, const struct lepton__pass *pass);
	void (*backward)(const struct lepton__layer *layer, const struct lepton__pass *pass);
	/* As backward, but for the parameters' gradients: instead, to squares[s] the squared length of what sample s by itself
	 * would leave in them is added. NULL where that is not known without computing them. */
	void (*squares)(const struct lepton__layer *layer, const struct lepton__pass *pass, double *squares);
	/* After a step's gradient: fold what was seen of the untrained tensors (mean over the samples) into them. */
	void (*track)(const struct lepton__layer *layer, const float *const *seen, float *const *w);
};

extern const struct lepton_layer_ops lepton__layer_input, lepton__layer_conv2d, lepton__layer_max_pooling2d,
		lepton__layer_flatten, lepton__layer_dense, lepton__layer_dropout, lepton__layer_average_pooling2d,
		lepton__layer_global_average_pooling2d, lepton__layer_batch_normalization, lepton__layer_embedding,
		lepton__layer_global_average_pooling1d, lepton__layer_random_translation,
		lepton__layer_random_rotation, lepton__layer_random_zoom;

/* By the spec's "type"; NULL when unknown. */
const struct lepton_layer_ops *lepton__layer_find(const char *type);

/* The first members of every layer's key table. */
#define LEPTON__LAYER_COMMON_KEYS                                                                               \
	{"type", LEPTON__KEY_STRING, 0, 0, NULL, true, "kind of layer"},                                        \
	{"name", LEPTON__KEY_STRING, 0, 0, NULL, false, "name of its weights; made from the type when left out"}
#define LEPTON__ACTIVATIONS "linear|relu|tanh|sigmoid|gelu|softmax"
#define LEPTON__ACTIVATION_KEY                                                                                  \
	{"activation", LEPTON__KEY_STRING, 0, 0, LEPTON__ACTIVATIONS, false, "applied to the output; linear"}
#define LEPTON__PADDING_KEY                                                                                     \
	{"padding", LEPTON__KEY_STRING, 0, 0, "valid|same", false, "same: zeros around the image; valid: none"}
#define LEPTON__POOL_MAX 1024
#define LEPTON__POOL_KEYS                                                                                       \
	{"pool_size", LEPTON__KEY_PAIR, 1, LEPTON__POOL_MAX, NULL, false, "height and width of a window; 2"},   \
	{"strides", LEPTON__KEY_PAIR, 1, LEPTON__POOL_MAX, NULL, false, "steps between windows; pool_size"}

/* Helpers for the layer files (layer_common.c). */
void lepton__activation_configure(struct lepton__layer *layer, const cJSON *config);
size_t lepton__activation_memo(const struct lepton__layer *layer, int n);
void lepton__read_pair(const cJSON *config, const char *key, int fallback_a, int fallback_b, int out[2]);
/* Keras's glorot_uniform: ±sqrt(6 / (fan_in + fan_out)). */
void lepton__glorot_uniform(struct lepton__rng *rng, int64_t fan_in, int64_t fan_out, int64_t n, float *w);
/* LEPTON_E_SHAPE; `what` is "kernel" or "window". */
int lepton__slide_fit(struct lepton__slide *slide, const char *what, const struct lepton_shape *in,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* configure and shape of the layers that pool windows. */
int lepton__pool_configure(struct lepton__layer *layer, const cJSON *config, struct lepton_error *err);
int lepton__pool_shape(struct lepton__layer *layer, struct lepton_error *err);
/* Forward: the activation of y, where the kernel has not done it. Backward: dy → dz, for any. Over rows of
 * `channels` values. */
void lepton__activation_finish(
		const struct lepton__layer *layer, const struct lepton__pass *pass, int64_t rows, int channels);
void lepton__activation_backward(
		const struct lepton__layer *layer, const struct lepton__pass *pass, int64_t rows, int channels);

#endif
