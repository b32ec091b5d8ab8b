/* model/loss.h - what training makes smaller: categorical and binary cross-entropy, hinge, squared error.
 *
 * Binary cross-entropy and the hinges look at each output by itself, as Keras does: of one output, whether the class is the
 * second of two; of as many as there are classes, each whether it is its class. A row's loss is the mean over its outputs.
 */
#ifndef LEPTON_MODEL_LOSS_H
#define LEPTON_MODEL_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#define LEPTON__CLASSES_MAX 256 /* as labels are bytes */

enum lepton__loss_kind {
	LEPTON__CATEGORICAL_CROSS_ENTROPY,
	LEPTON__SQUARED_ERROR, /* a number is learned, not a class */
	LEPTON__BINARY_CROSS_ENTROPY,
	LEPTON__HINGE,
	LEPTON__SQUARED_HINGE,
};

struct lepton__loss_form {
	enum lepton__loss_kind kind;
	bool from_logits; /* the loss applies the last softmax or sigmoid itself */
	int outputs;      /* of a sample */
};

struct lepton__lesson { /* how much a teacher counts, and how soft its answers are; share 0: there is none */
	float share, temperature;
};

struct lepton__loss {
	double sum;    /* over the rows */
	int64_t right; /* rows whose largest value is the label's (the first of equals) */
};

/* By the spec's "loss"; the first where there is none. */
enum lepton__loss_kind lepton__loss_find(const char *name);
/* What a sample's outputs answer: classes; 1 for a number. */
int lepton__loss_answers(const struct lepton__loss_form *form);
/* For n rows of outputs: the loss and, unless `d` is NULL, d = scale · gradient by the outputs. Labels, or targets for the
 * squared error. */
void lepton__loss(const struct lepton__loss_form *form, int n, const float *out, const int32_t *labels, const float *targets,
		float scale, float *d, struct lepton__loss *loss);
/* The outputs as what they answer: n rows of probabilities, or the numbers as they are. p may be `out` where a row of it
 * has as many. A hinge knows no probabilities: there it is the softmax of the decisions, of one those of it and of its
 * opposite. */
void lepton__loss_answer(const struct lepton__loss_form *form, int n, const float *out, float *p);

/* The class with the largest output, the first of equals. */
int lepton__largest(int classes, const float *out);
/* The categorical cross-entropy alone. */
void lepton__loss_rows(bool from_logits, int n, int classes, const float *out, const int32_t *labels, float scale,
		float *d, struct lepton__loss *loss);
void lepton__loss_probabilities(bool from_logits, int n, int classes, const float *out, float *p);
/* loss_taught.c: the categorical cross-entropy of logits by labels and by a teacher's answers (n × classes). */
void lepton__loss_taught(int classes, struct lepton__lesson lesson, int n, const float *out, const int32_t *labels,
		const float *answers, float scale, float *d, struct lepton__loss *loss);
/* loss_each.c: those that look at each output by itself. */
void lepton__loss_each(const struct lepton__loss_form *form, int n, const float *out, const int32_t *labels, float scale,
		float *d, struct lepton__loss *loss);
void lepton__loss_each_answer(const struct lepton__loss_form *form, int n, const float *out, float *p);

#endif
