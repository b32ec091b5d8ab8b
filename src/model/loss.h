/* model/loss.h - categorical cross-entropy, from logits or from probabilities; squared error. */
#ifndef LEPTON_MODEL_LOSS_H
#define LEPTON_MODEL_LOSS_H

#include <stdbool.h>
#include <stdint.h>

struct lepton__loss {
	double sum;    /* over the rows */
	int64_t right; /* rows whose largest value is the label's (the first of equals) */
};

/* The class with the largest output, the first of equals. */
int lepton__largest(int classes, const float *out);
/* For n rows of `classes` outputs: the loss and, unless `d` is NULL, d = scale · gradient by the outputs. */
void lepton__loss_rows(bool from_logits, int n, int classes, const float *out, const int32_t *labels, float scale,
		float *d, struct lepton__loss *loss);
/* For n outputs of one number each: the squared errors, and d as above. */
void lepton__loss_squared(int n, const float *out, const float *targets, float scale, float *d, struct lepton__loss *loss);
/* The outputs as probabilities. p may be `out`. */
void lepton__loss_probabilities(bool from_logits, int n, int classes, const float *out, float *p);

#endif
