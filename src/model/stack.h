/* model/stack.h - a linear model over what several learners say: how much each is to be believed, class by class. */
#ifndef LEPTON_MODEL_STACK_H
#define LEPTON_MODEL_STACK_H

#include "lepton/error.h"

#include <stdbool.h>
#include <stdint.h>

struct lepton__stack {
	int members, answers; /* answers of a member for a sample: classes, or 1 number */
	bool regression;
	float *kernel; /* members·answers × answers */
	float *bias;   /* answers */
};

/* The start: the plain mean of what they say; of classes, of the logarithms (their geometric mean). LEPTON_E_NOMEM. */
int lepton__stack_make(struct lepton__stack *stack, int members, int answers, bool regression, struct lepton_error *err)
		LEPTON_MUST_CHECK;
void lepton__stack_free(struct lepton__stack *stack);

/* What `member` says of n samples (n × answers) goes into sum (n × answers), which starts as zeros; then, when all have
 * spoken, out of it: probabilities, or numbers. sum and out are all the room it takes. */
void lepton__stack_hear(const struct lepton__stack *stack, int member, int64_t n, const float *said, double *sum);
void lepton__stack_answer(const struct lepton__stack *stack, int64_t n, double *sum, float *out);

/* Learn from n samples: said is members × n × answers, member by member; labels of classes, or targets. Least is the mean loss
 * plus l2 / 2 times the squared distance to the start. LEPTON_E_NOMEM. */
int lepton__stack_fit(struct lepton__stack *stack, int64_t n, const float *said, const int32_t *labels, const float *targets,
		double l2, struct lepton_error *err) LEPTON_MUST_CHECK;
/* What stacks learned without a sample say of it, by folds: out (n × answers), for figures that mean something on the
 * samples that are learned from. */
int lepton__stack_cross(const struct lepton__stack *stack, int64_t n, const float *said, const int32_t *labels,
		const float *targets, double l2, float *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
