/* model/trees.c - tree learners made, saved and loaded. */
#include "config.h"
#include "model/trees.h"
#include "model/tree_settings.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

#define EPOCHS_MAX 20 /* each is scored and kept whole: not after every one of a thousand trees */

static struct lepton__trees *trees_of(struct lepton_learner *learner)
{
	return (struct lepton__trees *)learner;
}

void lepton__trees_shares(const struct lepton__trees *trees, double shares[LEPTON__CLASSES_MAX])
{
	const uint8_t *labels = lepton_dataset_labels(trees->data, LEPTON_TRAIN);
	memset(shares, 0, LEPTON__CLASSES_MAX * sizeof *shares);
	for (int64_t i = 0; i < trees->rows; i++)
		shares[labels[i]] += 1;
	for (int c = 0; c < trees->classes; c++)
		shares[c] /= (double)trees->rows;
}

double lepton__trees_mean(const struct lepton__trees *trees)
{
	const float *targets = lepton_dataset_targets(trees->data, LEPTON_TRAIN);
	double sum = 0;
	for (int64_t i = 0; i < trees->rows; i++)
		sum += (double)targets[i];
	return sum / (double)trees->rows;
}

int lepton__trees_start_shares(struct lepton__trees *trees, struct lepton_error *err)
{
	double shares[LEPTON__CLASSES_MAX];
	int32_t root;
	int code = lepton__nodes_add(&trees->done, 1, &root, err);
	if (!code)
		code = lepton__nodes_add_root(&trees->done, root, err);
	if (code)
		return code;
	if (trees->regression)
		shares[0] = lepton__trees_mean(trees);
	else
		lepton__trees_shares(trees, shares);
	for (int c = 0; c < trees->classes; c++)
		trees->done.value[c] = (float)shares[c];
	return LEPTON_OK;
}

/* ---- making ---- */

static int check_data(struct lepton__trees *trees, struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(trees->data);
	int64_t features = lepton_shape_count(&info->sample);
	bool numbers = lepton_dataset_values(trees->data, LEPTON_TRAIN) != NULL;
	if (info->tokens)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s: the data is text, which trees cannot read; set \"learner\": \"text\"",
			trees->kind->name);
	trees->regression = info->regression;
	trees->unit = trees->regression ? info->target_scale * info->target_scale : 1;
	if (!trees->regression && (info->classes < 2 || info->classes > LEPTON__CLASSES_MAX))
		return lepton_error_set(err, LEPTON_E_DATA,
			"a %s needs data with 2 to %d classes, but this has %" PRId64, trees->kind->name,
			LEPTON__CLASSES_MAX, info->classes);
	trees->rows = lepton_dataset_count(trees->data, LEPTON_TRAIN);
	if ((!numbers && !lepton_dataset_pixels(trees->data, LEPTON_TRAIN)) || trees->rows < 1 ||
		trees->rows > INT32_MAX || features < 1 || features > LEPTON__NODES_MAX)
		return lepton_error_set(
			err, LEPTON_E_DATA, "a %s needs training samples", trees->kind->name);
	trees->features = (int)features;
	trees->classes = trees->regression ? 1 : (int)info->classes;
	trees->sums = trees->kind->boosts && trees->classes == 2 ? 1 : trees->classes;
	trees->columns.numbers = trees->done.numbers = trees->fresh.numbers = numbers;
	trees->done.width = trees->fresh.width = trees->kind->boosts ? 1 : trees->classes;
	return LEPTON_OK;
}

int lepton__trees_create(const struct lepton_learner_ops *ops, const struct lepton__tree_kind *kind,
	const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	struct lepton__trees *trees = lepton__calloc(1, sizeof *trees);
	cJSON *parsed = config ? cJSON_Parse(config) : NULL;
	*out = NULL;
	if (!trees) {
		cJSON_Delete(parsed);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a %s", kind->name);
	}
	trees->learner.ops = ops;
	trees->kind = kind;
	trees->data = lepton_dataset_retain(data);
	trees->seed = seed;
	int code = check_data(trees, err);
	if (!code)
		code = parsed ? lepton__tree_settings_read(
					&trees->settings, kind->name, parsed, trees->features, err)
			      : lepton_error_set(err, LEPTON_E_SPEC, "%s: the configuration is not JSON",
					kind->name);
	if (!code)
		code = kind->start(trees, err);
	cJSON_Delete(parsed);
	if (code)
		lepton__trees_destroy(&trees->learner);
	else
		*out = &trees->learner;
	return code;
}

void lepton__trees_destroy(struct lepton_learner *learner)
{
	struct lepton__trees *trees = trees_of(learner);
	lepton__nodes_free(&trees->done);
	lepton__nodes_free(&trees->fresh);
	lepton__trees_free_training(trees);
	lepton_dataset_release(trees->data);
	lepton__free(trees);
}

int64_t lepton__trees_steps_per_epoch(const struct lepton_learner *learner)
{
	const struct lepton__trees *trees = (const struct lepton__trees *)learner;
	int64_t steps = trees->kind->planned(trees);
	return trees->kind->deepens ? 1 : (steps + EPOCHS_MAX - 1) / EPOCHS_MAX;
}

int64_t lepton__trees_epochs(const struct lepton_learner *learner)
{
	const struct lepton__trees *trees = (const struct lepton__trees *)learner;
	int64_t each = lepton__trees_steps_per_epoch(learner);
	return (trees->kind->planned(trees) + each - 1) / each;
}

/* ---- snapshots ---- */

int lepton__trees_weights(struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err)
{
	return lepton__nodes_params(&trees_of(learner)->done, out, err);
}

/* Whatever was under way is left; the sums are made again from the trees. */
static void restart(struct lepton__trees *trees)
{
	lepton__nodes_clear(&trees->fresh);
	lepton__trees_lanes_restart(trees);
	trees->replayed = 0;
	if (trees->phase > LEPTON__TREES_REPLAY)
		trees->phase = LEPTON__TREES_REPLAY;
}

int lepton__trees_set_weights(
	struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err)
{
	struct lepton__trees *trees = trees_of(learner);
	int code = lepton__nodes_read(&trees->done, weights, trees->features, err);
	if (code)
		return code;
	trees->foreign = true;
	trees->finished = false;
	restart(trees);
	return LEPTON_OK;
}

int lepton__trees_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err)
{
	const struct lepton__trees *trees = trees_of(learner);
	*out = (struct lepton_state){.step = trees->step,
		.epoch = (double)trees->step / (double)lepton__trees_steps_per_epoch(learner)};
	int code = lepton__trees_weights(learner, &out->weights, err);
	if (!code) {
		out->extra = lepton__format("{\"finished\":%s,\"foreign\":%s}",
			trees->finished ? "true" : "false", trees->foreign ? "true" : "false");
		if (!out->extra)
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a checkpoint");
	}
	if (code)
		lepton_state_clear(out);
	return code;
}

/* As many trees as the steps have made? */
static bool fits_step(const struct lepton__trees *trees, const struct lepton__nodes *nodes, int64_t step)
{
	int64_t count = (int64_t)nodes->trees;
	if (step < 0 || step > trees->kind->planned(trees))
		return false;
	if (trees->kind->boosts)
		return count == (step + 1) * trees->sums;
	return trees->kind->deepens ? count == 1 : count == (step ? step : 1);
}

int lepton__trees_load(
	struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err)
{
	struct lepton__trees *trees = trees_of(learner);
	struct lepton__nodes read = {.width = trees->done.width, .numbers = trees->done.numbers};
	if (!state->weights)
		return lepton_error_set(err, LEPTON_E_CORRUPT, "the checkpoint has no trees");
	cJSON *extra = state->extra ? cJSON_Parse(state->extra) : NULL;
	bool foreign = lepton__json_get_bool(extra, "foreign", false),
	     finished = lepton__json_get_bool(extra, "finished", false);
	cJSON_Delete(extra);
	int code = lepton__nodes_read(&read, state->weights, trees->features, err);
	if (!code && !foreign && !fits_step(trees, &read, state->step))
		code = lepton_error_set(err, LEPTON_E_CORRUPT,
			"the checkpoint has %zu trees, which step %" PRId64
			" of this %s cannot have; go back to an earlier one",
			read.trees, state->step, trees->kind->name);
	if (code) {
		lepton__nodes_free(&read);
		return code;
	}
	lepton__nodes_free(&trees->done);
	trees->done = read;
	trees->step = state->step;
	trees->finished = finished;
	trees->foreign = foreign;
	restart(trees);
	return LEPTON_OK;
}
