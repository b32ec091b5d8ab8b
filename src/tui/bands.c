/* tui/bands.c - which versions are drawn as one: those that differ in nothing but their seed, or those that
 * one entry of the spec made (NAME/…).
 *
 * A way to group is a question about two versions in a table, so another one is one more line there. The
 * answers must be transitive: each version is asked of the first of each group only.
 */
#include "config.h"
#include "tui/bands.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

const char *const lepton__kinship_names[LEPTON__KINSHIPS] = {"by seed", "by name"};

bool lepton__kin_counts(const struct lepton__flat_row *row)
{
	return strcmp(row->key, "seed") != 0 && strcmp(row->key, "name") != 0;
}

/* The same settings, whatever the seed; both are in the order in which the engine writes them. */
static bool same_but_seed(const struct lepton__dash *dash, size_t a, size_t b)
{
	const struct lepton__flat *x = &dash->extras[a].settings, *y = &dash->extras[b].settings;
	size_t i = 0, k = 0;
	if (dash->extras[a].kin != dash->extras[b].kin ||
		strcmp(dash->run->versions[a]->learner, dash->run->versions[b]->learner) != 0)
		return false;
	for (;; i++, k++) {
		while (i < x->count && !lepton__kin_counts(&x->items[i]))
			i++;
		while (k < y->count && !lepton__kin_counts(&y->items[k]))
			k++;
		if (i == x->count || k == y->count)
			return i == x->count && k == y->count;
		if (strcmp(x->items[i].key, y->items[k].key) != 0 ||
			strcmp(x->items[i].value, y->items[k].value) != 0)
			return false;
	}
}

/* Bytes of a name before its last "/"; 0 where there is none. */
static size_t entry_length(const char *name)
{
	const char *slash = strrchr(name, '/');
	return slash ? (size_t)(slash - name) : 0;
}

static bool same_entry(const struct lepton__dash *dash, size_t a, size_t b)
{
	const char *x = dash->run->versions[a]->name, *y = dash->run->versions[b]->name;
	size_t length = entry_length(x);
	return length > 0 && length == entry_length(y) && strncmp(x, y, length) == 0;
}

bool lepton__kin(const struct lepton__dash *dash, size_t a, size_t b, enum lepton__kinship how)
{
	static bool (*const ways[LEPTON__KINSHIPS])(const struct lepton__dash *, size_t, size_t) = {
		[LEPTON__KIN_SEED] = same_but_seed, [LEPTON__KIN_NAME] = same_entry};
	return ways[how](dash, a, b);
}

/* The entry's name where all of a group have one; else the first one's. */
static void name_group(const struct lepton__dash *dash, const struct lepton__series *series,
	const struct lepton__plot_group *group, char name[LEPTON_NAME_MAX])
{
	bool entry = group->count > 1;
	for (size_t i = 1; i < group->count; i++)
		entry = entry && same_entry(dash, series[group->first].look, series[group->first + i].look);
	lepton__copy_name(name, LEPTON_NAME_MAX, series[group->first].name);
	if (entry)
		name[entry_length(name)] = '\0';
}

/* Moves the kin of series `first` right behind it; returns how many they are with it. */
static size_t gather(
	const struct lepton__dash *dash, struct lepton__series *series, size_t count, size_t first)
{
	size_t end = first + 1;
	for (size_t i = end; i < count; i++) {
		if (!lepton__kin(dash, series[first].look, series[i].look, dash->kinship))
			continue;
		struct lepton__series kin = series[i];
		memmove(&series[end + 1], &series[end], (i - end) * sizeof *series);
		series[end++] = kin;
	}
	return end - first;
}

int lepton__bands_make(const struct lepton__dash *dash, struct lepton__series *series, size_t count,
	struct lepton__bands *out)
{
	*out = (struct lepton__bands){.groups = lepton__calloc(count + 1, sizeof *out->groups),
		.names = lepton__calloc(count + 1, sizeof *out->names)};
	if (!out->groups || !out->names) {
		lepton__bands_free(out);
		return LEPTON_E_NOMEM;
	}
	for (size_t first = 0; first < count; out->count++) {
		struct lepton__plot_group *group = &out->groups[out->count];
		*group = (struct lepton__plot_group){
			out->names[out->count], first, gather(dash, series, count, first)};
		name_group(dash, series, group, out->names[out->count]);
		first += group->count;
	}
	return LEPTON_OK;
}

void lepton__bands_free(struct lepton__bands *bands)
{
	lepton__free(bands->groups);
	lepton__free(bands->names);
	*bands = (struct lepton__bands){0};
}
