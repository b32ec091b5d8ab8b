/* tui/act_fuse.c - the marked versions into one: the preview of all methods (preview.c), then name and
 * options. */
#include "config.h"
#include "tui/format.h"
#include "tui/acts.h"
#include "tui/popup.h"
#include "base/memory.h"
#include "lepton/fuse.h"

#include <stdio.h>
#include <string.h>

static size_t marked(const struct lepton__app *app, int64_t *ids)
{
	int64_t all[LEPTON_MAX_PARENTS + 1];
	size_t count = lepton__dash_marked(&app->dash, all, LEPTON_MAX_PARENTS + 1);
	memcpy(ids, all, sizeof *ids * (count < LEPTON_MAX_PARENTS ? count : LEPTON_MAX_PARENTS));
	return count;
}

bool lepton__can_fuse(const struct lepton__app *app, const char **why)
{
	int64_t ids[LEPTON_MAX_PARENTS];
	size_t count = marked(app, ids);
	*why = count < 2 ? "mark two or more versions first ({mark})"
			 : "at most 32 versions can be fused at once";
	return count >= 2 && count <= LEPTON_MAX_PARENTS;
}

static const struct lepton_fuser *method_named(const char *name)
{
	const struct lepton_fuser *method = NULL;
	return lepton_fuser_find(name, &method, NULL) ? NULL : method;
}

static bool taken(const struct lepton__app *app, const char *name)
{
	for (size_t i = 0; i < app->dash.run->version_count; i++)
		if (strcmp(app->dash.run->versions[i]->name, name) == 0)
			return true;
	return false;
}

static int check(struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err)
{
	const struct lepton_fuser *method = method_named(form->word);
	const char *name = form->fields[0].value;
	char what[96];
	*field = 0;
	int code = lepton_name_check(name, err);
	if (!code && taken(app, name))
		code = lepton_error_set(
			err, LEPTON_E_EXISTS, "there is a %s already: choose another name", name);
	if (code || !method)
		return code;
	*field = form->cursor;
	lepton__print(what, sizeof what, "fuse %.60s", form->word);
	char *settings = lepton__form_settings(form, method->options, NULL);
	code = settings ? lepton_options_check(method->options, settings, what, err)
			: lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton__free(settings);
	return code;
}

static int accept(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err)
{
	const struct lepton_fuser *method = method_named(form->word);
	struct lepton_command command = {.type = LEPTON_CMD_FUSE, .count = (int)form->id_count};
	memcpy(command.versions, form->ids, form->id_count * sizeof *form->ids);
	lepton__copy_name(command.name, sizeof command.name, form->fields[0].value);
	lepton__copy_name(command.method, sizeof command.method, form->word);
	char *settings = lepton__form_settings(form, method ? method->options : NULL, NULL);
	command.settings = settings ? lepton_text_new(settings) : NULL;
	lepton__free(settings);
	if (!command.settings)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	char names[128], doing[96];
	lepton__name_list(app, form->ids, form->id_count, names, sizeof names);
	lepton__print(doing, sizeof doing, "fuse %.80s", names);
	lepton__app_command(app, &command, NULL, true, doing);
	lepton_command_clear(&command);
	return LEPTON_OK;
}

void lepton__fuse_form(struct lepton__app *app, const char *word, const int64_t *ids, size_t count)
{
	const struct lepton_fuser *method = method_named(word);
	char names[160], title[96], name[LEPTON_NAME_MAX] = "fused";
	if (!method)
		return;
	lepton__print(title, sizeof title, "Fuse %zu versions by %.30s", count, method->name);
	struct lepton__form *form = lepton__form_new(app, title, "fuse");
	if (!form)
		return;
	for (int n = 2; n < 1000 && taken(app, name); n++)
		lepton__print(name, sizeof name, "fused-%d", n);
	lepton__name_list(app, ids, count, names, sizeof names);
	lepton__print(form->intro, sizeof form->intro, "%.100s: %.120s.", method->summary, names);
	lepton__form_field(form, "name", name, "of the new version; its parents stay as they are");
	lepton__form_options(form, method->options);
	memcpy(form->ids, ids, count * sizeof *ids);
	form->id_count = count;
	lepton__copy_name(form->word, sizeof form->word, method->name);
	form->check = check;
	form->accept = accept;
	lepton__form_open(app, form);
}

void lepton__act_fuse(struct lepton__app *app)
{
	int64_t ids[LEPTON_MAX_PARENTS];
	size_t count = marked(app, ids);
	lepton__preview_open(app, ids, count);
}
