/* spec/known.c - keys and their words, out of the same tables that check a configuration. See known.h. */
#include "config.h"
#include "spec/known.h"
#include "spec/parts.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "adam|sgd" */
static void join(const char *const *names, char *out, size_t size)
{
	size_t used = 0;
	for (*out = '\0'; *names && used < size; names++) {
		int more = snprintf(out + used, size - used, "%s%s", used ? "|" : "", *names);
		used += more > 0 ? (size_t)more : 0;
	}
	if (used >= size)
		*out = '\0'; /* half of a list would mislead */
}

static const struct lepton__key *optimizer_keys(const cJSON *config)
{
	const cJSON *optimizer = cJSON_GetObjectItemCaseSensitive(config, "optimizer");
	return lepton__optimizer_keys(
		lepton__json_get_string(optimizer, "name", lepton__optimizer_names()[0]));
}

static const struct lepton__key *layer_keys(const cJSON *config, const char *index)
{
	const cJSON *layers = cJSON_GetObjectItemCaseSensitive(config, "layers");
	const cJSON *layer = cJSON_GetArrayItem(layers, (int)strtol(index, NULL, 10));
	return layer ? lepton__layer_keys(lepton__json_get_string(layer, "type", "")) : NULL;
}

/* The key's line of its table; NULL: none of those that are known one by one. */
static const struct lepton__key *find(const cJSON *config, const char *key)
{
	const struct lepton__key *table = NULL;
	const char *last = strrchr(key, '.');
	if (!last)
		table = lepton__learner_keys(lepton__json_get_string(config, "learner", "network"));
	else if (strncmp(key, "optimizer.", 10) == 0 && last == key + 9)
		table = optimizer_keys(config);
	else if (strncmp(key, "layers.", 7) == 0 && strchr(key + 7, '.') == last)
		table = layer_keys(config, key + 7);
	return table ? lepton__key_find(table, last ? last + 1 : key) : NULL;
}

void lepton__known_values(const char *config, const char *key, char *out, size_t size, const char **help)
{
	cJSON *tree = cJSON_Parse(config);
	const struct lepton__key *known = find(tree, key);
	*out = '\0';
	if (help)
		*help = known && known->help ? known->help : "";
	if (strcmp(key, "optimizer.name") == 0)
		join(lepton__optimizer_names(), out, size);
	else if (known && known->type == LEPTON__KEY_BOOL)
		snprintf(out, size, "true|false");
	else if (known && known->type == LEPTON__KEY_STRING && known->choices &&
		 strlen(known->choices) < size)
		snprintf(out, size, "%s", known->choices);
	cJSON_Delete(tree);
}

bool lepton__known_key(const char *config, size_t n, char *out, size_t size)
{
	cJSON *tree = cJSON_Parse(config);
	const char *learner = lepton__json_get_string(tree, "learner", "network");
	const struct lepton__key *tables[] = {lepton__learner_keys(learner), NULL};
	if (strcmp(learner, "network") == 0)
		tables[1] = optimizer_keys(tree);
	bool found = false;
	for (int t = 0; t < 2 && !found; t++)
		for (const struct lepton__key *k = tables[t]; k && k->name && !found; k++)
			if (n-- == 0) {
				snprintf(out, size, "%s%s", t ? "optimizer." : "", k->name);
				found = true;
			}
	cJSON_Delete(tree);
	return found;
}
