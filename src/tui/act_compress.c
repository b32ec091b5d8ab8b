/* tui/act_compress.c - compress the selected version: method, base where the method needs one, options.
 *
 * Two short lists and a form, each checked as it is filled in; the command carries what was typed.
 * The base travels as the second version of the command.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/acts.h"
#include "tui/popup.h"
#include "base/memory.h"
#include "lepton/compress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct lepton_compressor *method_named(const char *name)
{
	const struct lepton_compressor *method = NULL;
	return lepton_compressor_find(name, &method, NULL) ? NULL : method;
}

static int name_is_free(const struct lepton__app *app, const char *name, struct lepton_error *err)
{
	int code = lepton_name_check(name, err);
	for (size_t i = 0; !code && i < app->dash.run->version_count; i++)
		if (strcmp(app->dash.run->versions[i]->name, name) == 0)
			code = lepton_error_set(
				err, LEPTON_E_EXISTS, "there is a %s already: choose another name", name);
	return code;
}

static int check(struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err)
{
	const struct lepton_compressor *method = method_named(form->word);
	*field = 0;
	int code = name_is_free(app, form->fields[0].value, err);
	if (code || !method)
		return code;
	char what[96];
	lepton__print(what, sizeof what, "compress %.60s", form->word);
	char *settings = lepton__form_settings(form, method->options, NULL);
	code = settings ? lepton_options_check(method->options, settings, what, err)
			: lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton__free(settings);
	for (size_t i = 1; code && i < form->count; i++) { /* the sentence quotes the name */
		char quoted[48];
		lepton__print(quoted, sizeof quoted, "\"%s\"", form->fields[i].label);
		if (strstr(err->message, quoted))
			*field = i;
	}
	return code;
}

static int accept(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err)
{
	const struct lepton_compressor *method = method_named(form->word);
	struct lepton_command command = {.type = LEPTON_CMD_COMPRESS, .count = (int)form->id_count};
	memcpy(command.versions, form->ids, form->id_count * sizeof *form->ids);
	lepton__copy_name(command.name, sizeof command.name, form->fields[0].value);
	lepton__copy_name(command.method, sizeof command.method, form->word);
	char *settings = lepton__form_settings(form, method ? method->options : NULL, NULL);
	command.settings = settings ? lepton_text_new(settings) : NULL;
	lepton__free(settings);
	if (!command.settings)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	char doing[96];
	lepton__print(doing, sizeof doing, "compress %.50s", lepton__version_name(app, form->version));
	lepton__app_command(app, &command, NULL, true, doing);
	lepton_command_clear(&command);
	return LEPTON_OK;
}

/* "cnn-delta", "cnn-delta-2" … */
static void free_name(
	const struct lepton__app *app, const char *from, const char *method, char *out, size_t size)
{
	lepton__print(out, size, "%.40s-%.18s", from, method);
	for (int n = 2; n < 1000 && name_is_free(app, out, NULL); n++)
		lepton__print(out, size, "%.38s-%.16s-%d", from, method, n);
}

static void open_form(struct lepton__app *app, const char *name, int64_t id, int64_t base)
{
	const struct lepton_compressor *method = method_named(name);
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, id);
	if (!method || !version)
		return;
	char title[96], fresh[LEPTON_NAME_MAX], size[24];
	lepton__print(title, sizeof title, "Compress %.50s by %.30s", version->name, name);
	struct lepton__form *form = lepton__form_new(app, title, "compress");
	if (!form)
		return;
	lepton__text_bytes(size, sizeof size, (double)version->bytes);
	free_name(app, version->name, name, fresh, sizeof fresh);
	int at = snprintf(form->intro, sizeof form->intro, "%.100s. %s now. Training goes on meanwhile.",
		method->summary, size);
	if (base && at > 0 && (size_t)at < sizeof form->intro)
		lepton__print(form->intro + at, sizeof form->intro - (size_t)at, " Base: %s.",
			lepton__version_name(app, base));
	lepton__form_field(form, "name", fresh, "of the compressed version; the original stays as it is");
	lepton__form_options(form, method->options);
	form->version = form->ids[0] = id;
	form->ids[1] = base;
	form->id_count = base ? 2 : 1;
	lepton__copy_name(form->word, sizeof form->word, name);
	form->check = check;
	form->accept = accept;
	lepton__form_open(app, form);
}

static void base_chosen(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	open_form(app, menu->word, menu->version, item->value);
}

static bool fits(const struct lepton_run_version *a, const struct lepton_run_version *b)
{
	return a->id != b->id && a->parameters == b->parameters && a->raw_bytes == b->raw_bytes &&
	       b->state != LEPTON_QUEUED;
}

static void ask_base(struct lepton__app *app, const char *method, const struct lepton_run_version *version)
{
	char title[96], note[200];
	lepton__print(
		title, sizeof title, "%.30s: difference of %.40s from which version?", method, version->name);
	struct lepton__menu *menu = lepton__menu_new(app, title);
	if (!menu)
		return;
	for (size_t i = 0; i < app->dash.run->version_count; i++) {
		const struct lepton_run_version *other = app->dash.run->versions[i];
		if (!fits(version, other))
			continue;
		bool parent = version->parent_count > 0 && version->parents[0] == other->id;
		lepton__print(note, sizeof note, "%s%s, epoch %.1f", parent ? "its parent, " : "",
			lepton_version_state_name(other->state), isfinite(other->epoch) ? other->epoch : 0);
		struct lepton__item *item = lepton__menu_add(menu, other->name, note);
		if (item)
			item->value = other->id;
	}
	if (menu->count == 0) {
		struct lepton__item *item = lepton__menu_add(
			menu, "(none fits)", "clone or train a version of the same layers first");
		if (item)
			item->off = true;
	}
	menu->version = version->id;
	lepton__copy_name(menu->word, sizeof menu->word, method);
	menu->chosen = base_chosen;
	lepton__menu_open(app, menu, version->parent_count ? version->parents[0] : -1);
}

static void method_chosen(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	const struct lepton_compressor *method = method_named(item->label);
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, menu->version);
	if (!method || !version)
		return;
	if (method->needs_base)
		ask_base(app, method->name, version);
	else
		open_form(app, method->name, version->id, 0);
}

void lepton__act_compress(struct lepton__app *app)
{
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	char title[96];
	lepton__print(title, sizeof title, "Compress %.60s: how?", version->name);
	struct lepton__menu *menu = lepton__menu_new(app, title);
	if (!menu)
		return;
	const struct lepton_learner_ops *learner = lepton_learner_find(version->learner);
	const bool trees = learner && learner->discrete;
	const struct lepton_compressor *const engines[] = {
		&lepton_compress_auto, &lepton_compress_slim, &lepton_compress_distil};
	for (size_t i = 0; i < (trees ? 1 : sizeof engines / sizeof *engines); i++)
		lepton__menu_add(menu, engines[i]->name, engines[i]->summary);
	for (const struct lepton_compressor *const *c = lepton_compressors(); *c; c++)
		if ((*c)->trees == trees)
			lepton__menu_add(menu, (*c)->name, (*c)->summary);
	menu->version = version->id;
	menu->chosen = method_chosen;
	lepton__menu_open(app, menu, 0);
}
