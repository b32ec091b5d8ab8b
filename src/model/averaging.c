/* model/averaging.c - answering with a mean of the weights.
 *
 * The steps of stochastic gradient descent wander about where they end; the mean of where they have been lies
 * nearer to the middle, which often generalises better, and hops less from epoch to epoch. "ema" is the
 * exponential moving mean over steps (Polyak and Juditsky, 1992, as used since by Inception, 2016, and many
 * more); "swa" the plain mean of the ends of the last epochs (Izmailov, Podoprikhin, Garipov, Vetrov and
 * Wilson: Averaging weights leads to wider optima and better generalization, UAI 2018).
 *
 * Training itself is none the wiser: steps go on from the weights as they are. The mean is what scores,
 * answers and leaves the learner as its weights; so all figures and curves are the mean's, and what is
 * promoted, compressed or fused is it. Statistics of BatchNormalization are averaged like weights.
 */
#include "config.h"
#include "model/averaging.h"
#include "model/network.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define WHERE "averaging"
#define START 0.75

static const struct lepton__key keys[] = {
	{"method", LEPTON__KEY_STRING, 0, 0, "ema|swa", true,
		"ema: of all steps, the latest count most; swa: of the last epochs' ends"},
	{"decay", LEPTON__KEY_NUMBER, 0, 0.999999, NULL, false, "ema: what a step leaves of the mean; 0.999"},
	{"start", LEPTON__KEY_NUMBER, 0, 1, NULL, false,
		"swa: share of the epochs that are done before the first one counted; 0.75"},
	{0},
};

int lepton__averaging_read(struct lepton__averaging *averaging, const cJSON *config, struct lepton_error *err)
{
	*averaging = (struct lepton__averaging){.on = config != NULL};
	if (!config)
		return LEPTON_OK;
	int code = lepton__keys_check(keys, config, false, WHERE, err);
	if (code)
		return code;
	averaging->by_epoch = strcmp(lepton__json_get_string(config, "method", "ema"), "swa") == 0;
	averaging->decay = lepton__json_get_number(config, "decay", 0.999);
	averaging->start = lepton__json_get_number(config, "start", START);
	const char *foreign = averaging->by_epoch ? "decay" : "start";
	if (cJSON_GetObjectItemCaseSensitive(config, foreign))
		return lepton_error_set(err, LEPTON_E_SPEC, WHERE ": \"%s\" is %s's; leave it out", foreign,
			averaging->by_epoch ? "ema" : "swa");
	return LEPTON_OK;
}

int lepton__averaging_plan(struct lepton__averaging *averaging, const struct lepton__graph *graph,
	int64_t epochs, struct lepton_error *err)
{
	if (!averaging->on)
		return LEPTON_OK;
	const int64_t before = (int64_t)floor(averaging->start * (double)epochs);
	averaging->first_epoch = before < epochs ? before + 1 : epochs;
	averaging->mean = lepton__aligned((size_t)graph->floats, sizeof *averaging->mean);
	return averaging->mean ? LEPTON_OK
			       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a mean of weights");
}

void lepton__averaging_free(struct lepton__averaging *averaging)
{
	lepton__free(averaging->mean);
	averaging->mean = NULL;
}

static void take(struct lepton__averaging *averaging, const struct lepton__graph *graph, const float *weights)
{
	memcpy(averaging->mean, weights, (size_t)graph->floats * sizeof *weights);
	averaging->known = true;
}

void lepton__averaging_begin(
	struct lepton__averaging *averaging, const struct lepton__graph *graph, const float *weights)
{
	if (averaging->on && !averaging->by_epoch && !averaging->known)
		take(averaging, graph, weights);
}

float lepton__averaging_share(const struct lepton__averaging *averaging, int64_t updates)
{
	const double done = (double)updates + 1;
	return (float)(1 - fmin(averaging->decay, (1 + done) / (10 + done)));
}

void lepton__averaging_add(
	const struct lepton__averaging *averaging, float share, const float *weights, int64_t at, int64_t n)
{
	float *restrict mean = averaging->mean + at;
	for (int64_t i = 0; i < n; i++)
		mean[i] += share * (weights[i] - mean[i]);
}

void lepton__averaging_epoch(struct lepton__averaging *averaging, const struct lepton__graph *graph,
	const float *weights, int64_t epoch)
{
	if (!averaging->on || !averaging->by_epoch || epoch < averaging->first_epoch)
		return;
	if (!averaging->known)
		take(averaging, graph, weights);
	else
		lepton__averaging_add(averaging, 1.0F / (float)(epoch - averaging->first_epoch + 1), weights,
			0, graph->floats);
}

/* ---- checkpoints ---- */

static const char *const prefix[1] = {WHERE "/"};

/* The weights that train on, as tensors of their own. */
static int raw_params(
	const struct lepton__network *network, struct lepton_params **out, struct lepton_error *err)
{
	int code = lepton__graph_params(&network->graph, LEPTON__ALL, prefix, 1, out, err);
	if (!code)
		lepton__graph_gather(&network->graph, LEPTON__ALL, network->weights, *out, 0);
	return code;
}

int lepton__averaging_save(
	const struct lepton__network *network, struct lepton_params **slots, struct lepton_error *err)
{
	struct lepton_params *raw = NULL;
	if (!network->settings.averaging.known)
		return LEPTON_OK;
	int code = raw_params(network, &raw, err);
	if (!code) /* a set's tensors lie one behind the other */
		code = lepton__network_add_slots(
			slots, lepton_params_at(raw, 0), lepton_params_count(raw), err);
	lepton_params_release(raw);
	return code;
}

/* Where the first of them is among a checkpoint's slots; their number where it has none. */
static size_t place_of(const struct lepton_params *slots, const char *name)
{
	size_t i = 0;
	while (i < lepton_params_count(slots) && strcmp(lepton_params_at(slots, i)->name, name) != 0)
		i++;
	return i;
}

int lepton__averaging_load(
	struct lepton__network *network, const struct lepton_state *state, struct lepton_error *err)
{
	struct lepton__averaging *averaging = &network->settings.averaging;
	struct lepton_params *like = NULL;
	averaging->known = false;
	if (!averaging->on || !state->slots)
		return LEPTON_OK;
	int code = raw_params(network, &like, err);
	if (code)
		return code;
	const size_t count = lepton_params_count(like),
		     at = place_of(state->slots, lepton_params_at(like, 0)->name);
	bool there = at + count <= lepton_params_count(state->slots);
	for (size_t i = 0; i < count && there; i++) {
		const struct lepton_tensor *mine = lepton_params_at(like, i),
					   *other = lepton_params_at(state->slots, at + i);
		there = strcmp(mine->name, other->name) == 0 &&
			lepton_shape_equal(&mine->shape, &other->shape);
	}
	lepton_params_release(like);
	if (!there)
		return LEPTON_OK;
	take(averaging, &network->graph, network->weights);
	lepton__graph_scatter(&network->graph, LEPTON__ALL, state->slots, (int)at, network->weights);
	return LEPTON_OK;
}
