/* tests/model_reference.h - networks once more, in double, by the plainest loops there are.
 *
 * An oracle for the library: it shares no code with it, computes its own geometry, keeps softmax and
 * logarithm apart, and is itself held against central differences by the tests.
 */
#ifndef LEPTON_TESTS_MODEL_REFERENCE_H
#define LEPTON_TESTS_MODEL_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#define REF_LAYERS 16

enum ref_kind {
	REF_INPUT,
	REF_CONV2D,
	REF_MAX_POOLING2D,
	REF_FLATTEN,
	REF_DENSE,
	REF_DROPOUT,
	REF_AVERAGE_POOLING2D,
	REF_GLOBAL_AVERAGE_POOLING2D,
	REF_BATCH_NORMALIZATION, /* gamma is w, beta is b */
};

struct ref_layer {
	enum ref_kind kind;
	int in[3], out[3]; /* height, width, channels; a row is 1, 1, values */
	int window[2], stride[2], pad[2];
	char activation[16];
	double rate, epsilon;
	double *mean, *variance; /* batch normalisation: used instead of the samples' own when not NULL */
	double *w, *b, *dw, *db; /* weights and their gradients */
	int weights;             /* in w */
	double *y, *d;           /* outputs and the loss's gradient by them, for n samples */
	unsigned char *keep;     /* dropout's mask, n × values; NULL: nothing is dropped */
};

struct ref_network {
	int count, n; /* layers; samples it is made for */
	struct ref_layer layer[REF_LAYERS];
};

/* From the configuration's list of layers (JSON text), for n samples. Asserts on anything odd. */
void ref_build(struct ref_network *net, const char *layers, int n);
void ref_free(struct ref_network *net);
int ref_values(const int shape[3]);

void ref_forward_layer(const struct ref_layer *l, int n, const double *x, double *y);
/* dy is changed to the gradient before the activation; dx may be NULL. */
void ref_backward_layer(struct ref_layer *l, int n, const double *x, double *dy, double *dx);
/* Mean loss −log(y[label] / Σy) over the samples; `right` may be NULL. */
double ref_loss(struct ref_network *net, const double *x, const int *labels, int *right);
/* The same, leaving its gradient in every dw and db. */
double ref_gradient(struct ref_network *net, const double *x, const int *labels);

/* Numbers for tests: uniform in −1..1, a function of *state. */
double test_random(uint64_t *state);

#endif
