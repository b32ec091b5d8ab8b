/* train/slim_job.c - a network's configuration with fewer units, beside its weights (compress/slim.c).
 *
 * The result is a network like any other: it is stored as it is, trained on as a clone, and compressed
 * further.
 */
#include "config.h"
#include "train/slim_job.h"
#include "base/json.h"
#include "base/memory.h"
#include "compress/slim.h"
#include "lepton/compress.h"

#include <stdio.h>
#include <string.h>

/* Where a layer says how many units it has; NULL for one without any. */
static const char *units_key(const cJSON *layer)
{
	const char *type = lepton__json_get_string(layer, "type", "");
	if (strcmp(type, "Dense") == 0)
		return "units";
	if (strcmp(type, "Embedding") == 0)
		return "output_dim";
	return strcmp(type, "Conv2D") == 0 ? "filters" : NULL;
}

static int set_units(
	const char *from, const struct lepton__slim *slim, char **config, struct lepton_error *err)
{
	cJSON *root = cJSON_Parse(from), *layers = cJSON_GetObjectItemCaseSensitive(root, "layers"), *layer;
	size_t at = 0;
	bool fits = cJSON_IsArray(layers);
	cJSON_ArrayForEach(layer, layers)
	{
		const char *key = units_key(layer);
		cJSON *units = key ? cJSON_GetObjectItemCaseSensitive(layer, key) : NULL;
		if (!key)
			continue;
		fits = fits && at < slim->layers && units && (size_t)units->valuedouble == slim->before[at];
		if (fits)
			cJSON_SetNumberValue(units, (double)slim->units[at++]);
	}
	fits = fits && at == slim->layers;
	*config = fits ? lepton__json_text(root) : NULL;
	cJSON_Delete(root);
	if (!fits)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"only a network of Dense, Conv2D and Embedding layers has units to take out");
	return *config ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
}

static void describe(const struct lepton__slim *slim, char *detail, size_t size)
{
	size_t used = (size_t)snprintf(detail, size, "hidden units left:");
	for (size_t i = 0; i + 1 < slim->layers && used + 48 < size; i++)
		used += (size_t)snprintf(detail + used, size - used, "%s %zu of %zu", i ? "," : "",
			slim->units[i], slim->before[i]);
}

int lepton__slim_network(const char *from, const char *settings, struct lepton_params **weights,
	char **config, char *detail, size_t size, struct lepton_error *err)
{
	const struct lepton_option *options = lepton_compress_slim.options;
	struct lepton__slim slim;
	char scope[32];
	lepton_options_choice(options, settings, "scope", scope, sizeof scope);
	int code = lepton__slim(*weights, lepton_options_number(options, settings, "share"),
		strcmp(scope, "global") == 0, &slim, err);
	if (!code)
		code = set_units(from, &slim, config, err);
	if (!code) {
		describe(&slim, detail, size);
		lepton_params_release(*weights);
		*weights = lepton_params_retain(slim.weights);
	} else {
		lepton_error_prefix(err, "compress slim");
	}
	lepton__slim_free(&slim);
	return code;
}
