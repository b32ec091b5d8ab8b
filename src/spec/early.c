/* spec/early.c - "early_stopping" in a version's configuration, and "search" in the spec: checked and read.
 */
#include "config.h"
#include "spec/parts.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#define MONITORS "val_loss|val_accuracy"
#define DEFAULT_PATIENCE 3
#define DEFAULT_FACTOR 3

static const struct lepton__key early_keys[] = {
	{"patience", LEPTON__KEY_INTEGER, 1, 1e6, NULL, false,
		"epochs without a better figure before training ends; 3"},
	{"min_delta", LEPTON__KEY_NUMBER, 0, 1e6, NULL, false, "how much better counts as better; 0"},
	{"monitor", LEPTON__KEY_STRING, 0, 0, MONITORS, false, "the figure; val_loss"},
	{"restore_best", LEPTON__KEY_BOOL, 0, 0, NULL, false, "go back to the best epoch's weights; true"},
	{0},
};
static const struct lepton__key search_keys[] = {
	{"asha", LEPTON__KEY_OBJECT, 0, 0, NULL, true, "successive halving, asynchronously"},
	{0},
};
static const struct lepton__key asha_keys[] = {
	{"min_epochs", LEPTON__KEY_INTEGER, 1, 1e6, NULL, false, "where the first rung is; 1"},
	{"reduction_factor", LEPTON__KEY_INTEGER, 2, 100, NULL, false,
		"one of so many goes on from a rung; 3"},
	{"monitor", LEPTON__KEY_STRING, 0, 0, MONITORS, false, "the figure; val_loss"},
	{0},
};

static bool by_accuracy(const cJSON *object)
{
	return strcmp(lepton__json_get_string(object, "monitor", "val_loss"), "val_accuracy") == 0;
}

/* ---- early stopping ---- */

int lepton__spec_check_early(
	const char *name, const cJSON *config, const char *where, struct lepton_error *err)
{
	const cJSON *early = cJSON_GetObjectItemCaseSensitive(config, "early_stopping");
	char place[LEPTON_NAME_MAX + 48];
	if (!early)
		return LEPTON_OK;
	snprintf(place, sizeof place, "%.90s: early_stopping", where);
	return lepton__spec_check_table(name, early_keys, early, place, err);
}

bool lepton_early_stopping_read(const char *config, struct lepton_early_stopping *out)
{
	cJSON *tree = config ? cJSON_Parse(config) : NULL;
	const cJSON *early = cJSON_GetObjectItemCaseSensitive(tree, "early_stopping");
	*out = (struct lepton_early_stopping){
		.patience = lepton__json_get_int(early, "patience", DEFAULT_PATIENCE),
		.min_delta = lepton__json_get_number(early, "min_delta", 0),
		.by_accuracy = by_accuracy(early),
		.restore_best = lepton__json_get_bool(early, "restore_best", true),
	};
	bool asked = cJSON_IsObject(early);
	cJSON_Delete(tree);
	return asked;
}

/* ---- search ---- */

int lepton__spec_check_search(const char *name, const cJSON *root, struct lepton_error *err)
{
	const cJSON *search = cJSON_GetObjectItemCaseSensitive(root, "search");
	if (!search)
		return LEPTON_OK;
	int code = lepton__spec_check_table(name, search_keys, search, "search", err);
	return code ? code
		    : lepton__spec_check_table(name, asha_keys,
			      cJSON_GetObjectItemCaseSensitive(search, "asha"), "search: asha", err);
}

bool lepton_search_read(const char *spec, struct lepton_search *out)
{
	cJSON *tree = spec ? cJSON_Parse(spec) : NULL;
	const cJSON *asha =
		cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(tree, "search"), "asha");
	*out = (struct lepton_search){
		.min_epochs = lepton__json_get_int(asha, "min_epochs", 1),
		.reduction_factor = lepton__json_get_int(asha, "reduction_factor", DEFAULT_FACTOR),
		.by_accuracy = by_accuracy(asha),
	};
	bool asked = cJSON_IsObject(asha);
	cJSON_Delete(tree);
	return asked;
}
