/* model/pruning.c - gradual pruning: more and more of the smallest weights are zero, and the others make up for it.
 *
 * Between its begin and its end the share of zeros follows s (1 - (1 - t)^3), t going from 0 to 1: fast while there
 * is much to spare, slowly where it hurts (Zhu and Gupta, "To prune, or not to prune", 2017). What is zero stays
 * zero. Nothing but the weights themselves says which they are, so a checkpoint, a clone of a pruned version and
 * one decoded from a compressed blob all go on without more being stored; and the share is a function of the step
 * alone. Biases and statistics are left as they are.
 */
#include "config.h"
#include "model/pruning.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define WHERE "pruning"
#define EPOCHS_MAX 1e6

static const struct lepton__key keys[] = {
	{"sparsity", LEPTON__KEY_NUMBER, 0, 0.9999, NULL, true, "share of the weights that are zero in the end; 0 keeps the zeros there are"},
	{"begin_epoch", LEPTON__KEY_NUMBER, 0, EPOCHS_MAX, NULL, false, "when pruning begins; 0"},
	{"end_epoch", LEPTON__KEY_NUMBER, 0, EPOCHS_MAX, NULL, false, "when it has come to \"sparsity\"; after two thirds of all epochs"},
	{"frequency", LEPTON__KEY_INTEGER, 1, 1e9, NULL, false, "steps from one pruning to the next; 100"},
	{"scope", LEPTON__KEY_STRING, 0, 0, "global|layer", false, "the smallest of the whole network or of each layer; global"},
	{0},
};

int lepton__pruning_read(struct lepton__pruning *pruning, const cJSON *config, struct lepton_error *err)
{
	*pruning = (struct lepton__pruning){.on = config != NULL};
	if (!config)
		return LEPTON_OK;
	int code = lepton__keys_check(keys, config, false, WHERE, err);
	if (code)
		return code;
	pruning->sparsity = lepton__json_get_number(config, "sparsity", 0);
	pruning->begin_epoch = lepton__json_get_number(config, "begin_epoch", 0);
	pruning->end_epoch = lepton__json_get_number(config, "end_epoch", -1);
	pruning->frequency = lepton__json_get_int(config, "frequency", 100);
	pruning->by_layer = strcmp(lepton__json_get_string(config, "scope", "global"), "layer") == 0;
	if (pruning->end_epoch >= 0 && pruning->end_epoch < pruning->begin_epoch)
		return lepton_error_set(err, LEPTON_E_SPEC,
			WHERE ": \"end_epoch\" %g lies before \"begin_epoch\" %g", pruning->end_epoch, pruning->begin_epoch);
	return LEPTON_OK;
}

/* ---- the plan ---- */

static int find_spans(struct lepton__pruning *pruning, const struct lepton__graph *graph, struct lepton_error *err)
{
	pruning->span = lepton__graph_matrices(graph, &pruning->spans);
	for (int i = 0; i < pruning->spans; i++)
		pruning->weights += pruning->span[i].count;
	pruning->part = lepton__calloc((size_t)pruning->spans + 1, sizeof *pruning->part);
	pruning->sizes = lepton__calloc((size_t)pruning->weights + 1, sizeof *pruning->sizes);
	return pruning->span && pruning->part && pruning->sizes ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for pruning");
}

int lepton__pruning_plan(struct lepton__pruning *pruning, const struct lepton__graph *graph, int64_t steps_per_epoch,
	int64_t epochs, struct lepton_error *err)
{
	if (!pruning->on)
		return LEPTON_OK;
	double end = pruning->end_epoch < 0 ? fmax(pruning->begin_epoch, (double)epochs * 2 / 3) : pruning->end_epoch;
	pruning->begin = (int64_t)round(pruning->begin_epoch * (double)steps_per_epoch);
	pruning->end = (int64_t)round(end * (double)steps_per_epoch);
	if (pruning->end >= steps_per_epoch * epochs)
		return lepton_error_set(err, LEPTON_E_SPEC,
			WHERE ": it ends after epoch %g, but training after %" PRId64 ": set \"end_epoch\" lower, so that the "
			      "weights that are left can make up for it, or \"epochs\" higher",
			end, epochs);
	return find_spans(pruning, graph, err);
}

void lepton__pruning_free(struct lepton__pruning *pruning)
{
	lepton__free(pruning->span);
	lepton__free(pruning->part);
	lepton__free(pruning->sizes);
	*pruning = (struct lepton__pruning){0};
}

double lepton__pruning_sparsity(const struct lepton__pruning *pruning, int64_t done)
{
	if (done < pruning->begin)
		return 0;
	if (done >= pruning->end)
		return pruning->sparsity;
	double t = (double)(done - pruning->begin) / (double)(pruning->end - pruning->begin);
	return pruning->sparsity * (1 - (1 - t) * (1 - t) * (1 - t));
}

static bool due(const struct lepton__pruning *pruning, int64_t done)
{
	return done == pruning->end ||
	       (done >= pruning->begin && done < pruning->end && (done - pruning->begin) % pruning->frequency == 0);
}

/* ---- in a step ---- */

void lepton__pruning_apply(const struct lepton__pruning *pruning, int64_t done, float *weights)
{
	if (!pruning->on || !due(pruning, done))
		return;
	double sparsity = lepton__pruning_sparsity(pruning, done);
	int together = pruning->by_layer ? 1 : pruning->spans;
	for (int s = 0; s < pruning->spans; s++)
		pruning->part[s] = (struct lepton__weights_span){weights + pruning->span[s].offset, pruning->span[s].count};
	for (int s = 0; s < pruning->spans; s += together)
		lepton__zero_smallest(&pruning->part[s], together, sparsity, pruning->sizes);
}

void lepton__pruning_keep(
	const struct lepton__pruning *pruning, const float *before, int64_t at, int64_t n, float *weights)
{
	for (int s = 0; s < pruning->spans; s++) {
		const struct lepton__matrix *span = &pruning->span[s];
		int64_t from = span->offset > at ? span->offset - at : 0, to = span->offset + span->count - at;
		for (int64_t i = from; i < (to < n ? to : n); i++)
			weights[i] = fabsf(before[i]) > 0 ? weights[i] : 0;
	}
}
