/* tui/act_point.c - keep another point of a search: what "auto" found along its front, as a version of its own. */
#include "config.h"
#include "base/json.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/format.h"
#include "tui/popup.h"

#include <math.h>
#include <string.h>

/* The search's points, in *operation, which the caller deletes; NULL: the selected version has none. */
static const cJSON *points_of(const struct lepton__app *app, cJSON **operation)
{
	const struct lepton_run_version *v = lepton__dash_selected(&app->dash);
	*operation = v ? cJSON_Parse(lepton_text_get(v->operation)) : NULL;
	const cJSON *front = cJSON_GetObjectItemCaseSensitive(*operation, "front");
	return v && v->parent_count && cJSON_GetArraySize(front) ? front : NULL;
}

bool lepton__can_keep_point(const struct lepton__app *app, const char **why)
{
	cJSON *operation;
	bool can = points_of(app, &operation) != NULL;
	cJSON_Delete(operation);
	if (!can)
		*why = "the selected version was not found by a search: compress one with \"auto\" first";
	return can;
}

static void chosen(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	cJSON *operation;
	const struct lepton_run_version *v = lepton_run_version(app->dash.run, menu->version);
	const cJSON *point = cJSON_GetArrayItem(points_of(app, &operation), (int)item->value);
	char *settings = point && v ? lepton__json_text(cJSON_GetObjectItemCaseSensitive(point, "settings")) : NULL;
	if (settings && v) {
		struct lepton_command command = {.type = LEPTON_CMD_COMPRESS, .count = 1, .versions = {v->parents[0]}};
		char doing[96];
		lepton__copy_name(command.method, sizeof command.method, lepton__json_get_string(point, "method", ""));
		command.settings = lepton_text_new(settings);
		lepton__print(doing, sizeof doing, "compress %.50s", lepton__version_name(app, v->parents[0]));
		lepton__app_command(app, &command, NULL, true, doing);
		lepton_command_clear(&command);
	}
	lepton__free(settings);
	cJSON_Delete(operation);
}

/* "sparsity 0.9, step 0.5" */
static void list_numbers(const cJSON *settings, char *out, size_t size)
{
	size_t used = 0;
	*out = '\0';
	for (const cJSON *m = settings ? settings->child : NULL; m && used + 1 < size; m = m->next)
		if (cJSON_IsNumber(m)) {
			lepton__print(out + used, size - used, "%s%s %g", used ? ", " : "", m->string, m->valuedouble);
			used = strlen(out);
		}
}

static void add_point(const struct lepton__app *app, struct lepton__menu *menu, const cJSON *point, int index)
{
	char size[24], quality[LEPTON__FMT], label[96], note[200], settings[120];
	list_numbers(cJSON_GetObjectItemCaseSensitive(point, "settings"), settings, sizeof settings);
	lepton__text_bytes(size, sizeof size, lepton__json_get_number(point, "bytes", 0));
	lepton__fmt_quality(quality, app->dash.run, lepton__json_get_number(point, "val_accuracy", (double)NAN),
		lepton__json_get_number(point, "val_loss", (double)NAN));
	lepton__print(label, sizeof label, "%8s  %s", size, quality);
	lepton__print(note, sizeof note, "%s; %s", settings, lepton__json_get_string(point, "method", ""));
	struct lepton__item *item = lepton__menu_add(menu, label, note);
	if (item)
		item->value = index;
}

void lepton__act_keep_point(struct lepton__app *app)
{
	cJSON *operation;
	const struct lepton_run_version *v = lepton__dash_selected(&app->dash);
	const cJSON *points = points_of(app, &operation), *point;
	char title[96];
	lepton__print(title, sizeof title, "Keep which point of %.50s's search?", v ? v->name : "");
	struct lepton__menu *menu = points ? lepton__menu_new(app, title) : NULL;
	int index = 0;
	if (menu) {
		cJSON_ArrayForEach(point, points)
			add_point(app, menu, point, index++);
		menu->version = v->id;
		menu->chosen = chosen;
		lepton__menu_open(app, menu, 0);
	}
	cJSON_Delete(operation);
}
