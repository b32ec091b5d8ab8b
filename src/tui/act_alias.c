/* tui/act_alias.c - which version carries a name like "production": promote and roll back. */
#include "config.h"
#include "tui/format.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/popup.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static int check_alias(
	struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err)
{
	const char *alias = form->fields[0].value;
	*field = 0;
	int code = lepton_name_check(alias, err);
	if (code)
		return code;
	const struct lepton_run_alias *now = lepton_run_alias(app->dash.run, alias);
	if (now && now->target == form->version)
		return lepton_error_set(err, LEPTON_E_USAGE, "%s already is %s", alias,
			lepton__version_name(app, form->version));
	if (now && now->target)
		lepton__print(form->note, sizeof form->note, "%s moves here from %s; %s takes it back", alias,
			lepton__version_name(app, now->target), lepton__spell("{rollback}"));
	else
		lepton__print(form->note, sizeof form->note, "a new alias");
	return LEPTON_OK;
}

static int promote(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err)
{
	(void)err;
	struct lepton_command command = {.type = LEPTON_CMD_PROMOTE, .count = 1, .versions = {form->version}};
	struct lepton_command back = {.type = LEPTON_CMD_ROLLBACK};
	char doing[96];
	lepton__copy_name(command.alias, sizeof command.alias, form->fields[0].value);
	lepton__copy_name(back.alias, sizeof back.alias, form->fields[0].value);
	const struct lepton_run_alias *now = lepton_run_alias(app->dash.run, command.alias);
	lepton__print(doing, sizeof doing, "promote %.40s to %.40s", lepton__version_name(app, form->version),
		command.alias);
	lepton__app_command(app, &command, now && now->target ? &back : NULL, false, doing);
	return LEPTON_OK;
}

void lepton__act_promote(struct lepton__app *app)
{
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	char title[96];
	lepton__print(title, sizeof title, "Promote %.60s", version->name);
	struct lepton__form *form = lepton__form_new(app, title, "promote");
	if (!form)
		return;
	lepton__print(form->intro, sizeof form->intro, "The alias will point at %s as it is now, to the bit.",
		version->name);
	lepton__form_field(
		form, "alias", "production", "the name others ask for, e.g. production or staging");
	form->version = version->id;
	form->check = check_alias;
	form->accept = promote;
	lepton__form_open(app, form);
}

bool lepton__can_rollback(const struct lepton__app *app, const char **why)
{
	*why = app->dash.run->alias_count ? "it is the first promotion: {undo} takes it back"
					  : "nothing is promoted yet: {promote} does that";
	for (size_t i = 0; i < app->dash.run->alias_count; i++)
		if (app->dash.run->aliases[i].previous)
			return true;
	return false;
}

static void rollback_now(struct lepton__app *app, struct lepton__confirm *confirm)
{
	struct lepton_command command = {.type = LEPTON_CMD_ROLLBACK};
	struct lepton_command back = {.type = LEPTON_CMD_PROMOTE, .count = 1, .versions = {confirm->ids[0]}};
	char doing[96];
	lepton__copy_name(command.alias, sizeof command.alias, confirm->word);
	lepton__copy_name(back.alias, sizeof back.alias, confirm->word);
	lepton__print(doing, sizeof doing, "roll back %.70s", confirm->word);
	lepton__app_command(app, &command, &back, false, doing);
}

static void ask(struct lepton__app *app, const struct lepton_run_alias *alias)
{
	struct lepton__confirm *confirm = lepton__confirm_open(app, rollback_now);
	if (!confirm)
		return;
	char from[LEPTON_NAME_MAX];
	lepton__copy_name(from, sizeof from, lepton__version_name(app, alias->target));
	lepton__copy_name(confirm->word, sizeof confirm->word, alias->alias);
	confirm->ids[0] = alias->target;
	lepton__print(confirm->question, sizeof confirm->question, "Roll back %s?", alias->alias);
	lepton__print(confirm->detail, sizeof confirm->detail, "%s goes from %s back to %s.", alias->alias,
		from, lepton__version_name(app, alias->previous));
	lepton__copy_name(confirm->yes, sizeof confirm->yes, "yes, roll back");
}

static void alias_chosen(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	(void)menu;
	ask(app, &app->dash.run->aliases[item->value]);
}

/* One alias that can go back: ask about it. Several: choose first. */
void lepton__act_rollback(struct lepton__app *app)
{
	const struct lepton_run *run = app->dash.run;
	const struct lepton_run_alias *only = NULL;
	size_t count = 0;
	for (size_t i = 0; i < run->alias_count; i++)
		if (run->aliases[i].previous)
			only = &run->aliases[i], count++;
	if (count == 1) {
		ask(app, only);
		return;
	}
	struct lepton__menu *menu = lepton__menu_new(app, "Roll back which alias?");
	for (size_t i = 0; menu && i < run->alias_count; i++) {
		char note[200], from[LEPTON_NAME_MAX];
		if (!run->aliases[i].previous)
			continue;
		lepton__copy_name(from, sizeof from, lepton__version_name(app, run->aliases[i].target));
		lepton__print(note, sizeof note, "from %s to %s", from,
			lepton__version_name(app, run->aliases[i].previous));
		struct lepton__item *item = lepton__menu_add(menu, run->aliases[i].alias, note);
		if (item)
			item->value = (int64_t)i;
	}
	if (!menu)
		return;
	menu->chosen = alias_chosen;
	lepton__menu_open(app, menu, -1);
}
