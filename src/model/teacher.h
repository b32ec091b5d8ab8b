/* model/teacher.h - a network that learns from another model's answers beside the labels (distillation). See teacher.c. */
#ifndef LEPTON_MODEL_TEACHER_H
#define LEPTON_MODEL_TEACHER_H

#include "lepton/tensor.h"
#include <cjson/cJSON.h>

struct lepton__network;

struct lepton__teacher {
	bool on;
	float share, temperature;
	float *answers; /* training samples × classes, softened by the temperature; NULL: not given yet */
};

/* Check and read "teacher": {"share": 0.9, "temperature": 2}; NULL: none. LEPTON_E_SPEC. */
int lepton__teacher_read(struct lepton__teacher *teacher, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__teacher_free(struct lepton__teacher *teacher);
/* Keep probabilities (training samples × classes) for the steps to come. LEPTON_E_STATE: it has no teacher; LEPTON_E_NOMEM. */
int lepton__teacher_learn_from(struct lepton__network *network, const float *probabilities, struct lepton_error *err)
		LEPTON_MUST_CHECK;

/* As a tensor of a checkpoint: its name, type and shape; and back. LEPTON_E_SHAPE. */
struct lepton_tensor lepton__teacher_tensor(const struct lepton__network *network);
int lepton__teacher_load(struct lepton__network *network, const struct lepton_params *slots, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* Into `to` (n × classes): those of the training samples index[0..n). */
void lepton__teacher_gather(const struct lepton__network *network, const uint32_t *index, int64_t n, float *to);

#endif
