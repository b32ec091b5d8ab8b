/* model/optimizer.c - the table of optimisers. */
#include "config.h"
#include "model/optimizer.h"
#include "base/json.h"
#include "lepton/option.h"

#include <string.h>

static const struct lepton_optimizer_ops *const table[] = {&lepton__optimizer_adam, &lepton__optimizer_sgd,
	&lepton__optimizer_adamw, &lepton__optimizer_rmsprop};

#define COUNT (sizeof table / sizeof *table)

static const char *const names[COUNT + 1] = {"adam", "sgd", "adamw", "rmsprop", NULL};

const struct lepton_optimizer_ops *lepton__optimizer_find(const char *name)
{
	for (size_t i = 0; name && i < COUNT; i++)
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	return NULL;
}

const struct lepton__key *lepton__optimizer_keys(const char *name)
{
	const struct lepton_optimizer_ops *ops = lepton__optimizer_find(name);
	return ops ? ops->keys : NULL;
}

const char *const *lepton__optimizer_names(void)
{
	return names;
}

static int unknown(const char *name, struct lepton_error *err)
{
	char list[128];
	const char *near = lepton_suggest(name, names, COUNT);
	if (near)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"optimizer: unknown name \"%.40s\"; did you mean \"%s\"?", name, near);
	return lepton_error_set(err, LEPTON_E_SPEC, "optimizer: unknown name \"%.40s\"; there are %s", name,
		lepton__key_list(names, list, sizeof list));
}

int lepton__optimizer_configure(
	struct lepton__optimizer *optimizer, const cJSON *config, struct lepton_error *err)
{
	const char *name = lepton__json_get_string(config, "name", names[0]);
	const struct lepton_optimizer_ops *ops = lepton__optimizer_find(name);
	if (!ops)
		return unknown(name, err);
	int code = config ? lepton__keys_check(ops->keys, config, false, "optimizer", err) : LEPTON_OK;
	if (code)
		return code;
	*optimizer = (struct lepton__optimizer){.ops = ops};
	ops->configure(optimizer, config);
	return lepton__schedule_read(
		&optimizer->schedule, cJSON_GetObjectItemCaseSensitive(config, "schedule"), err);
}
