/* model/external_start.c - what an external program finds in its environment: ours, and what it needs to
 * know.
 *
 * LEPTON_VERSION its name, LEPTON_SEED, LEPTON_CONFIG the whole configuration as JSON, LEPTON_STEP and
 * LEPTON_EPOCH where it was when it ended last (0 at first), LEPTON_EPOCHS and LEPTON_BATCH_SIZE where the
 * configuration has them, LEPTON_DATA the folder of the run's data where it has some.
 */
#include "config.h"
#include "model/external.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWN_MAX 9

struct growing {
	char **items;
	size_t count;
	bool failed;
};

static void add(struct growing *g, char *text)
{
	if (text)
		g->items[g->count++] = text;
	else
		g->failed = true;
}

/* Python keeps what it prints to a pipe until there is much of it; then no curve would be live. */
static void add_python(struct growing *g)
{
	if (!getenv("PYTHONUNBUFFERED"))
		add(g, lepton__strdup("PYTHONUNBUFFERED=1"));
}

static void add_own(
	struct growing *g, const struct lepton__external *e, const struct lepton_outside_start *start)
{
	cJSON *config = cJSON_Parse(e->config);
	int64_t batch_size = lepton__json_get_int(config, "batch_size", 0);
	cJSON_Delete(config);
	add(g, lepton__format("LEPTON_VERSION=%s", start->version));
	add(g, lepton__format("LEPTON_SEED=%" PRIu64, e->seed));
	add(g, lepton__format("LEPTON_CONFIG=%s", e->config));
	add(g, lepton__format("LEPTON_STEP=%" PRId64, start->step));
	add(g, lepton__format("LEPTON_EPOCH=%" PRId64, (int64_t)start->epoch));
	if (e->epochs)
		add(g, lepton__format("LEPTON_EPOCHS=%" PRId64, e->epochs));
	if (batch_size)
		add(g, lepton__format("LEPTON_BATCH_SIZE=%" PRId64, batch_size));
	if (start->data && *start->data)
		add(g, lepton__format("LEPTON_DATA=%s", start->data));
	add_python(g);
}

/* One of the names above, left over from a lepton that started us? */
static bool stale(const char *entry)
{
	static const char *const names[] = {
		"VERSION=", "SEED=", "CONFIG=", "STEP=", "EPOCH=", "EPOCHS=", "BATCH_SIZE=", "DATA="};
	if (strncmp(entry, "LEPTON_", 7) != 0)
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(entry + 7, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

char **lepton__external_environment(
	const struct lepton__external *e, const struct lepton_outside_start *start)
{
	size_t count = 0;
	while (environ && environ[count])
		count++;
	struct growing g = {lepton__calloc(count + OWN_MAX + 1, sizeof(char *)), 0, false};
	if (!g.items)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!stale(environ[i]))
			add(&g, lepton__strdup(environ[i]));
	add_own(&g, e, start);
	if (!g.failed)
		return g.items;
	lepton__external_environment_free(g.items);
	return NULL;
}

void lepton__external_environment_free(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++)
		lepton__free(environment[i]);
	lepton__free(environment);
}
