/* lepton/look.h - a look inside a learner: how the numbers of its tensors are spread, and those that each layer of a network
 * gives for some training samples.
 *
 * What one looks for: weights that all stay where they began, or run away; shares of zeros after pruning; few values after
 * clustering; layers that saturate; units of a relu that never fire.
 */
#ifndef LEPTON_LOOK_H
#define LEPTON_LOOK_H

#include "lepton/model.h"

#define LEPTON_LOOK_BINS 48
#define LEPTON_LOOK_SAMPLES 256 /* whose activations are looked at */

struct lepton_spread {
	int64_t count, zeros;
	int64_t odd;                        /* not finite: in none of the below */
	double min, max, mean, deviation;   /* NaN where there is no finite number */
	int64_t bins[LEPTON_LOOK_BINS];     /* equal parts of min to max; where these are the same, all in the middle one */
};
struct lepton_look_tensor {
	char name[LEPTON_NAME_MAX];
	struct lepton_shape shape;
	struct lepton_spread spread;
};
struct lepton_look_layer {
	char name[LEPTON_NAME_MAX]; /* "dense_1"; with " (logits)" where what is shown comes before the softmax */
	int64_t units;              /* values of a sample, or of one place of an image: filters */
	int64_t idle;               /* units that were 0 for all samples */
	struct lepton_spread spread;
};
struct lepton_look {
	size_t tensor_count, layer_count;
	struct lepton_look_tensor *tensors;
	struct lepton_look_layer *layers;
	int64_t samples; /* what the layers were given */
};

/* Of trees, whose tensors are structure, and of programs there is nothing to see: no tensors, no layers. Others than networks
 * have no layers. Training state is untouched. LEPTON_E_NOMEM, and whatever the learner's weights() gives; *out is then empty. */
LEPTON_API int lepton_look_inside(struct lepton_learner *learner, int64_t samples, struct lepton_look *out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API void lepton_look_clear(struct lepton_look *look);
/* One JSON object, heap (free()), NULL when out of memory: "samples", "tensors": [{"name", "shape", "count", "zeros", "odd",
 * "min", "max", "mean", "deviation", "bins"}], "layers": [{"name", "units", "idle", and the same figures}]. */
LEPTON_API char *lepton_look_to_json(const struct lepton_look *look);
/* The look in the member "inside" of a version's report. LEPTON_E_NOTFOUND (it has none), LEPTON_E_CORRUPT, LEPTON_E_NOMEM. */
LEPTON_API int lepton_look_read(const char *report, struct lepton_look *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
