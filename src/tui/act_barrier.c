/* tui/act_barrier.c - the loss barrier between the two marked versions: asked for, given up, or shown again.
 *
 * What was measured at the steps where both versions are now is shown at once; else the engine measures it,
 * and it is shown when the answer comes (app.c). The same key gives it up meanwhile.
 */
#include "config.h"
#include "base/json.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"

static size_t marked(const struct lepton__app *app, int64_t ids[3])
{
	ids[0] = ids[1] = 0;
	return lepton__dash_marked(&app->dash, ids, 3);
}

bool lepton__can_barrier(const struct lepton__app *app, const char **why)
{
	int64_t ids[3];
	size_t count = marked(app, ids);
	*why = count < 2 ? "mark two versions first ({mark})"
			 : "more than two versions are marked: unmark some ({mark})";
	return count == 2;
}

/* Whether the pair's answer has not come yet. */
static bool asked(const struct lepton__app *app, const int64_t *ids)
{
	for (size_t i = 0; i < app->pending_count; i++)
		if (app->pending[i].type == LEPTON_CMD_BARRIER && app->pending[i].pair[0] == ids[0] &&
			app->pending[i].pair[1] == ids[1])
			return true;
	return false;
}

const char *lepton__now_barrier(const struct lepton__app *app)
{
	int64_t ids[3];
	return marked(app, ids) == 2 && asked(app, ids) ? "give up" : "barrier";
}

/* Of the very weights that both have now. */
static bool known(const struct lepton__app *app, const int64_t *ids)
{
	const struct lepton_run_barrier *kept = lepton_run_barrier(app->dash.run, ids[0], ids[1]);
	cJSON *detail = kept ? cJSON_Parse(lepton_text_get(kept->detail)) : NULL;
	const cJSON *versions = cJSON_GetObjectItemCaseSensitive(detail, "versions");
	bool same = kept != NULL;
	for (int i = 0; i < 2 && same; i++) {
		const struct lepton_run_version *v = lepton_run_version(app->dash.run, ids[i]);
		same = v && lepton__json_get_int(cJSON_GetArrayItem(versions, i), "step", -1) == v->step;
	}
	cJSON_Delete(detail);
	return same;
}

static void give_up(struct lepton__app *app)
{
	struct lepton_command command = {.type = LEPTON_CMD_BARRIER};
	lepton__app_command(app, &command, NULL, false, "barrier");
}

void lepton__barrier_ask(struct lepton__app *app, int64_t a, int64_t b)
{
	struct lepton_command command = {.type = LEPTON_CMD_BARRIER, .count = 2, .versions = {a, b}};
	char names[128], doing[96];
	lepton__name_list(app, command.versions, 2, names, sizeof names);
	lepton__print(doing, sizeof doing, "barrier between %.70s", names);
	if (lepton__app_command(app, &command, NULL, false, doing))
		lepton__app_say(app, LEPTON_LOG_INFO, "measuring the barrier; %s gives it up",
			lepton__spell("{barrier}"));
}

void lepton__act_barrier(struct lepton__app *app)
{
	int64_t ids[3];
	marked(app, ids);
	if (asked(app, ids))
		give_up(app);
	else if (known(app, ids))
		lepton__barrier_show(app, ids[0], ids[1]);
	else
		lepton__barrier_ask(app, ids[0], ids[1]);
}
