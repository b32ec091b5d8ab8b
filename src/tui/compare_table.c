/* tui/compare_table.c - which versions are compared, in which order, and in what they differ. */
#include "config.h"
#include "base/memory.h"
#include "tui/compare_table.h"

#include <math.h>
#include <string.h>

static double goodness(const struct lepton_run *run, const struct lepton_run_version *v)
{
	if (run->regression)
		return isfinite(v->val_loss)    ? -v->val_loss
		       : isfinite(v->test_loss) ? -v->test_loss
						: -INFINITY;
	return isfinite(v->val_accuracy)    ? v->val_accuracy
	       : isfinite(v->test_accuracy) ? v->test_accuracy
	       : isfinite(v->accuracy)
		       ? v->accuracy - 1
		       : -INFINITY; /* seen only on its own training data: behind all others */
}

static void put_in_order(const struct lepton__app *app, struct lepton__compared *table, size_t index)
{
	size_t at = table->count++;
	double good = goodness(app->dash.run, app->dash.run->versions[index]);
	while (at > 0 && goodness(app->dash.run, app->dash.run->versions[table->rows[at - 1]]) < good) {
		table->rows[at] = table->rows[at - 1];
		at--;
	}
	table->rows[at] = index;
}

const char *lepton__compare_setting(const struct lepton__app *app, size_t index, const char *key)
{
	const char *value = lepton__flat_get(&app->dash.extras[index].settings, key);
	return value ? value : "-";
}

static bool listed(const struct lepton__compared *table, const char *key)
{
	for (size_t k = 0; k < table->key_count; k++)
		if (strcmp(table->keys[k], key) == 0)
			return true;
	return false;
}

static bool differs(const struct lepton__app *app, const struct lepton__compared *table, const char *key)
{
	for (size_t i = 1; i < table->count; i++)
		if (strcmp(lepton__compare_setting(app, table->rows[i], key),
			    lepton__compare_setting(app, table->rows[0], key)) != 0)
			return true;
	return false;
}

/* The layers take a whole line to tell: they come last. What the first version has is looked at once, with
 * that: else the many keys in which hundreds of versions agree were compared hundreds of times. */
static void find_keys(const struct lepton__app *app, struct lepton__compared *table, bool layers)
{
	const struct lepton__flat *first = table->count ? &app->dash.extras[table->rows[0]].settings : NULL;
	for (size_t i = 0; i < table->count; i++) {
		const struct lepton__flat *settings = &app->dash.extras[table->rows[i]].settings;
		for (size_t s = 0; s < settings->count && table->key_count < LEPTON__COMPARE_KEYS; s++) {
			const char *key = settings->items[s].key;
			bool wanted = !settings->items[s].inner && (strcmp(key, "layers") == 0) == layers &&
				      (i == 0 || !lepton__flat_get(first, key));
			if (wanted && !listed(table, key) && differs(app, table, key))
				table->keys[table->key_count++] = key;
		}
	}
}

bool lepton__compare_make(const struct lepton__app *app, struct lepton__compared *table)
{
	int64_t ids[2];
	bool marked = lepton__dash_marked(&app->dash, ids, 2) >= 2;
	*table = (struct lepton__compared){.rows = lepton__calloc(app->dash.shown + 1, sizeof *table->rows)};
	if (!table->rows)
		return false;
	for (size_t i = 0; i < app->dash.shown; i++)
		if (!marked || app->dash.extras[app->dash.order[i]].marked)
			put_in_order(app, table, app->dash.order[i]);
	find_keys(app, table, false);
	find_keys(app, table, true);
	return true;
}

static bool all_have(const struct lepton__app *app, const struct lepton__compared *table, const char *key)
{
	for (size_t i = 0; i < table->count; i++)
		if (!lepton__flat_get(&app->dash.extras[table->rows[i]].settings, key))
			return false;
	return true;
}

static size_t inner_count(const struct lepton__app *app, size_t index)
{
	const struct lepton__flat *settings = &app->dash.extras[index].settings;
	size_t count = 0;
	for (size_t s = 0; s < settings->count; s++)
		count += settings->items[s].inner;
	return count;
}

/* Layers that are alike but for some numbers are told by these; false: they are not alike. */
static bool inside_layers(
	const struct lepton__app *app, const struct lepton__compared *table, struct lepton__compared *out)
{
	const struct lepton__flat *settings = &app->dash.extras[table->rows[0]].settings;
	for (size_t i = 1; i < table->count; i++)
		if (inner_count(app, table->rows[i]) != inner_count(app, table->rows[0]))
			return false;
	for (size_t s = 0; s < settings->count; s++) {
		const char *key = settings->items[s].key;
		if (!settings->items[s].inner)
			continue;
		if (!all_have(app, table, key))
			return false;
		if (differs(app, table, key) && out->key_count < LEPTON__COMPARE_KEYS)
			out->keys[out->key_count++] = key;
	}
	return true;
}

/* The same versions, with the keys that the picture has axes for. */
struct lepton__compared lepton__compare_picture(
	const struct lepton__app *app, const struct lepton__compared *table)
{
	struct lepton__compared out = *table;
	if (out.key_count && strcmp(out.keys[out.key_count - 1], "layers") == 0) {
		out.key_count--;
		if (!inside_layers(app, table, &out))
			out = *table;
	}
	return out;
}
