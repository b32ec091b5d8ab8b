/* model/averaging.h - "averaging" of a network while it trains: what it answers with is a mean of the weights it has had. */
#ifndef LEPTON_MODEL_AVERAGING_H
#define LEPTON_MODEL_AVERAGING_H

#include "lepton/model.h"
#include "model/graph.h"

struct lepton__network;

struct lepton__averaging {
	bool on;
	bool by_epoch;       /* swa: the plain mean of epochs' ends; else ema: of steps, the latest count most */
	double decay;        /* ema: what is left of the mean in a step */
	double start;        /* swa: the share of the planned epochs that the first one counted ends */
	int64_t first_epoch; /* that epoch, counted from 1, once planned */
	float *mean;         /* flat, as the weights, statistics too */
	bool known;          /* is anything in it? */
};

/* From a configuration's "averaging" (NULL: none), checked. LEPTON_E_SPEC, "averaging: …". */
int lepton__averaging_read(struct lepton__averaging *averaging, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;
/* LEPTON_E_NOMEM. */
int lepton__averaging_plan(struct lepton__averaging *averaging, const struct lepton__graph *graph, int64_t epochs,
		struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__averaging_free(struct lepton__averaging *averaging);

/* ema: before a step, so that the mean has something to begin with. */
void lepton__averaging_begin(struct lepton__averaging *averaging, const struct lepton__graph *graph, const float *weights);
/* ema: how much of weights[at..at+n) goes into the mean in the step after `updates` others: fewer at first, so that it does not lag;
 * and put that in. */
float lepton__averaging_share(const struct lepton__averaging *averaging, int64_t updates);
void lepton__averaging_add(
		const struct lepton__averaging *averaging, float share, const float *weights, int64_t at, int64_t n);
/* swa: the end of epoch number `epoch`, counted from 1. */
void lepton__averaging_epoch(
		struct lepton__averaging *averaging, const struct lepton__graph *graph, const float *weights, int64_t epoch);

/* For a checkpoint, whose weights are the mean: the weights that train on go behind the optimiser's slots. And back; without
 * them training goes on from the mean. LEPTON_E_NOMEM; LEPTON_E_SHAPE. */
int lepton__averaging_save(const struct lepton__network *network, struct lepton_params **slots, struct lepton_error *err)
		LEPTON_MUST_CHECK;
int lepton__averaging_load(struct lepton__network *network, const struct lepton_state *state, struct lepton_error *err)
		LEPTON_MUST_CHECK;

#endif
