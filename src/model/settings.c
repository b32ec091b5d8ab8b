/* model/settings.c - batch size, epochs, loss, metrics, optimiser: checked and read.
 *
 * Unknown keys at this level are left alone: the version's other readers (scheduler, fusion) have
 * theirs here too, and the spec room knows all of them.
 */
#include "config.h"
#include "model/settings.h"
#include "model/graph.h"
#include "base/json.h"

#include <string.h>

#define MICRO_BATCHES_MAX 64
#define SPLIT_FROM 64 /* smaller batches are not worth two parts */

const struct lepton__key lepton__network_keys[] = {
	{"layers", LEPTON__KEY_ARRAY, 1, LEPTON__LAYERS_MAX, NULL, true, "the network's layers, Input first"},
	{"optimizer", LEPTON__KEY_OBJECT, 0, 0, NULL, false, "name and settings; adam"},
	{"loss", LEPTON__KEY_STRING, 0, 0,
		"categorical_crossentropy|binary_crossentropy|hinge|squared_hinge|mse", false,
		"what training makes smaller; mse for regression"},
	{"pruning", LEPTON__KEY_OBJECT, 0, 0, NULL, false,
		"weights that become zero while it trains, by \"sparsity\""},
	{"quantization", LEPTON__KEY_OBJECT, 0, 0, NULL, false,
		"layers run on weights rounded to \"bits\" while it trains"},
	{"clustering", LEPTON__KEY_OBJECT, 0, 0, NULL, false,
		"weights that share \"clusters\" values while it trains"},
	{"averaging", LEPTON__KEY_OBJECT, 0, 0, NULL, false,
		"it answers with a mean of the weights it has had, by \"method\" ema or swa"},
	{"privacy", LEPTON__KEY_OBJECT, 0, 0, NULL, false,
		"clipped gradients and \"noise\", so that no example can be told from the weights"},
	{"metrics", LEPTON__KEY_ARRAY, 0, 8, NULL, false, "shown beside the loss; [\"accuracy\"]"},
	{"batch_size", LEPTON__KEY_INTEGER, 1, 65536, NULL, false, "samples a step; 128"},
	{"epochs", LEPTON__KEY_INTEGER, 1, 1000000, NULL, false, "passes over the training data; 10"},
	{"micro_batches", LEPTON__KEY_INTEGER, 1, MICRO_BATCHES_MAX, NULL, false,
		"parts a batch is split into, for idle workers; 2 from a batch_size of 64 on, else 1; "
		"1 with BatchNormalization"},
	{0},
};

static int check_metrics(const cJSON *metrics, struct lepton_error *err)
{
	for (const cJSON *m = metrics ? metrics->child : NULL; m; m = m->next)
		if (!cJSON_IsString(m) || strcmp(m->valuestring, "accuracy") != 0)
			return lepton_error_set(
				err, LEPTON_E_SPEC, "network: \"metrics\" takes [\"accuracy\"] or []");
	return LEPTON_OK;
}

/* What is no layer at all is the graph's to refuse. */
const struct lepton_layer_ops *lepton__whole_batch_layer(const cJSON *config)
{
	const cJSON *layers = cJSON_GetObjectItemCaseSensitive(config, "layers");
	for (const cJSON *l = layers ? layers->child : NULL; l; l = l->next) {
		const struct lepton_layer_ops *ops =
			lepton__layer_find(lepton__json_get_string(l, "type", NULL));
		if (ops && ops->whole_batch)
			return ops;
	}
	return NULL;
}

int lepton__settings_read(struct lepton__settings *settings, const cJSON *config, struct lepton_error *err)
{
	int code = lepton__keys_check(lepton__network_keys, config, true, "network", err);
	if (!code)
		code = check_metrics(cJSON_GetObjectItemCaseSensitive(config, "metrics"), err);
	if (!code)
		code = lepton__optimizer_configure(
			&settings->optimizer, cJSON_GetObjectItemCaseSensitive(config, "optimizer"), err);
	if (!code)
		code = lepton__pruning_read(
			&settings->pruning, cJSON_GetObjectItemCaseSensitive(config, "pruning"), err);
	if (!code)
		code = lepton__quantization_read(&settings->quantization,
			cJSON_GetObjectItemCaseSensitive(config, "quantization"), err);
	if (!code)
		code = lepton__clustering_read(
			&settings->clustering, cJSON_GetObjectItemCaseSensitive(config, "clustering"), err);
	if (!code)
		code = lepton__averaging_read(
			&settings->averaging, cJSON_GetObjectItemCaseSensitive(config, "averaging"), err);
	if (!code && settings->averaging.on &&
		(settings->pruning.on || settings->clustering.on || settings->quantization.on))
		code = lepton_error_set(err, LEPTON_E_SPEC,
			"averaging: a mean of weights that are zero, rounded or shared is not; leave "
			"\"averaging\" or \"%s\" out",
			settings->pruning.on      ? "pruning"
			: settings->clustering.on ? "clustering"
						  : "quantization");
	if (!code && settings->clustering.on && settings->quantization.on)
		code = lepton_error_set(err, LEPTON_E_SPEC,
			"clustering: weights either share values or are rounded; leave \"clustering\" or "
			"\"quantization\" out");
	if (!code)
		code = lepton__teacher_read(
			&settings->teacher, cJSON_GetObjectItemCaseSensitive(config, "teacher"), err);
	if (!code)
		code = lepton__privacy_read(&settings->privacy, config, err);
	if (code)
		return code;
	settings->batch_size = (int)lepton__json_get_int(config, "batch_size", 128);
	settings->loss = lepton__loss_find(lepton__json_get_string(config, "loss", ""));
	settings->epochs = lepton__json_get_int(config, "epochs", 10);
	int parts = settings->batch_size >= SPLIT_FROM && !lepton__whole_batch_layer(config) ? 2 : 1;
	settings->micro_batches = (int)lepton__json_get_int(config, "micro_batches", parts);
	if (settings->micro_batches > settings->batch_size)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"network: \"micro_batches\" is %d, more than the \"batch_size\" of %d",
			settings->micro_batches, settings->batch_size);
	return LEPTON_OK;
}

int lepton__network_check(const cJSON *config, struct lepton_error *err)
{
	struct lepton__settings settings;
	struct lepton__graph graph;
	int code = lepton__settings_read(&settings, config, err);
	if (!code)
		code = lepton__graph_build(
			&graph, cJSON_GetObjectItemCaseSensitive(config, "layers"), settings.loss, err);
	if (!code)
		lepton__graph_free(&graph);
	return code;
}
