/* model/int8.h - a network's forward pass on 8-bit whole numbers: for devices, and where answers must be quick.
 *
 * Weights have one scale a channel, as `compress --method quantize` stores them; what flows between layers has one a
 * tensor, taken from what the layers give for some training samples. Conv2D, Dense and MaxPooling2D work on whole
 * numbers throughout; a layer of another kind gets floats and is followed by them, and so is an activation other than
 * linear and relu.
 */
#ifndef LEPTON_MODEL_INT8_H
#define LEPTON_MODEL_INT8_H

#include "model/graph.h"
#include "lepton/data.h"

/* What flows: value = scale · (whole - zero), whole 0..127. */
struct lepton__int8_scale {
	float scale;
	int zero;
};

struct lepton__int8_layer {
	bool whole; /* its output is whole numbers */
	/* Of a Conv2D or Dense that works on them: */
	int8_t *weights;      /* packed; else NULL */
	float *scale, *shift; /* a channel, as struct lepton__int8 has them */
	float low;
};

/* What one thread runs in. */
struct lepton__int8_lane {
	uint8_t *whole[2]; /* by turns */
	float *floats[2];
	uint8_t *padded; /* one image with zeros around it */
	void *memo, *scratch; /* for layers on floats */
	char *block;
};

struct lepton__int8_net {
	const struct lepton__graph *graph;
	const float *weights;
	int capacity; /* samples at a time */
	struct lepton__int8_scale *output; /* of each layer's output, also where a layer changes no value */
	struct lepton__int8_layer *layers;
	struct lepton__int8_lane *lanes;
	int lane_count;
};

/* Calibrated on the training split. Graph and weights are the caller's, and must stay as they are while it lives.
 * LEPTON_E_NOMEM; LEPTON_E_UNSUPPORTED: no layer can work on whole numbers; LEPTON_E_DIVERGED: weights that are no numbers. */
int lepton__int8_new(const struct lepton__graph *graph, const float *weights, struct lepton_dataset *data,
		int lanes, int capacity, struct lepton__int8_net **out, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__int8_free(struct lepton__int8_net *net);
/* The network's outputs for n samples, in the lane's memory. Lanes may run at the same time. */
const float *lepton__int8_net_forward(struct lepton__int8_net *net, int lane, const float *x, int n);

/* ---- between the files ---- */

/* It changes no value outside training. */
bool lepton__int8_passes(const struct lepton__layer *layer);

/* Scales for what the layers give, from training samples (int8_calibrate.c). */
int lepton__int8_calibrate(struct lepton__int8_net *net, struct lepton_dataset *data, struct lepton_error *err) LEPTON_MUST_CHECK;
/* A layer on floats, outside training. */
void lepton__int8_layer_floats(const struct lepton__int8_net *net, const struct lepton__int8_lane *lane,
		const struct lepton__layer *layer, const float *x, int n, float *y);
/* The image a convolution's filters walk over, zeros around it included. */
struct lepton__int8_frame {
	int height, width;
	bool padded; /* else it is the image itself */
};
struct lepton__int8_frame lepton__int8_frame(const struct lepton__conv *g);

#endif
