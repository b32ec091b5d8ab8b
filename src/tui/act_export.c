/* tui/act_export.c - files for others: the run's summary, and the screen as it is. */
#include "config.h"
#include "tui/format.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/closeup.h"
#include "tui/popup.h"
#include "base/file.h"
#include "base/memory.h"
#include "lepton/export.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);
	return a > b && strcmp(text + a - b, end) == 0;
}

static int check_path(const char *path, struct lepton_error *err)
{
	struct stat info;
	char folder[256];
	if (!*path)
		return lepton_error_set(err, LEPTON_E_USAGE, "write a file's name");
	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		return lepton_error_set(
			err, LEPTON_E_USAGE, "%s is a folder: write a file's name behind it", path);
	lepton__copy_name(folder, sizeof folder, path);
	char *slash = strrchr(folder, '/');
	if (slash && slash != folder) {
		*slash = '\0';
		if (stat(folder, &info) || !S_ISDIR(info.st_mode))
			return lepton_error_set(err, LEPTON_E_USAGE, "there is no folder %s", folder);
	}
	return LEPTON_OK;
}

static const char *replaced(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 ? "; replaces the file that is there" : "";
}

static int check_export(
	struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err)
{
	(void)app;
	const char *path = form->fields[0].value, *format = "json";
	*field = 0;
	int code = check_path(path, err);
	for (const struct lepton_exporter *const *e = lepton_exporters(); *e; e++)
		if (ends_with(path, (*e)->extension))
			format = (*e)->name;
	lepton__print(form->note, sizeof form->note, "%s of all versions%s", format, replaced(path));
	return code;
}

/* Tab: the same name with the next ending; one with an ending of its own gets the first behind it. */
static void turn_ending(const char *name, const char *const *endings, size_t count, char *out, size_t size)
{
	size_t next = 0, length = strlen(name);
	for (size_t i = 0; i < count; i++)
		if (ends_with(name, endings[i])) {
			next = (i + 1) % count;
			length = strlen(name) - strlen(endings[i]);
		}
	lepton__print(out, size, "%.*s%s", (int)length, name, endings[next]);
}

static bool turn_format(struct lepton__app *app, struct lepton__form *form, char *out, size_t size)
{
	const char *endings[8];
	size_t count = 0;
	(void)app;
	for (const struct lepton_exporter *const *e = lepton_exporters(); *e && count < 8; e++)
		endings[count++] = (*e)->extension;
	turn_ending(form->fields[0].value, endings, count, out, size);
	return true;
}

static int export(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err)
{
	const char *path = form->fields[0].value;
	struct lepton_run whole;
	int code = lepton__whole_run(app, &whole, err);
	if (code)
		return code;
	code = lepton_export(&whole, 0, NULL, path, err);
	lepton__whole_run_free(&whole);
	if (!code)
		lepton__app_say(app, LEPTON_LOG_INFO, "exported %zu versions to %s",
			app->dash.run->version_count, path);
	return code;
}

/* The experiment's name as a file's name: no slash, no leading dot. */
static void file_name(const char *experiment, const char *extension, char *out, size_t size)
{
	lepton__print(out, size, "%.60s%s", *experiment ? experiment : "run", extension);
	for (char *c = out; *c; c++)
		if (*c == '/' || *c == ' ' || (c == out && (*c == '.' || *c == '-')))
			*c = '_';
}

void lepton__act_export(struct lepton__app *app)
{
	char name[96], help[200];
	struct lepton__form *form = lepton__form_new(app, "Export a summary or report of the run", "export");
	if (!form)
		return;
	file_name(app->dash.run->experiment, ".json", name, sizeof name);
	size_t at = (size_t)snprintf(help, sizeof help, "the ending says the format:");
	for (const struct lepton_exporter *const *e = lepton_exporters(); *e && at < sizeof help; e++)
		at += (size_t)snprintf(help + at, sizeof help - at, " %s", (*e)->extension);
	lepton__print(form->intro, sizeof form->intro,
		"Versions, histories, figures and lineage in one file; %s, and %s goes through them.", help,
		lepton__spell("{form.complete}"));
	lepton__form_field(form, "file", name, "");
	form->history = LEPTON__HISTORY_EXPORT;
	form->check = check_export;
	form->accept = export;
	form->complete = turn_format;
	lepton__form_open(app, form);
}

/* ---- the screen ---- */

int lepton__save_screen(const struct lepton__app *app, const char *path, struct lepton_error *err)
{
	struct lepton__buffer out;
	const struct lepton__style *main = &app->theme.role[LEPTON__MAIN];
	lepton__buffer_init(&out, 64u << 20);
	if (ends_with(path, ".svg"))
		lepton__screen_to_svg(app->screen, main->fg == LEPTON__COLOR_DEFAULT ? 0xd0d0d0 : main->fg,
			main->bg == LEPTON__COLOR_DEFAULT ? 0x101010 : main->bg, "lepton-tui", &out);
	else if (ends_with(path, ".ansi"))
		lepton__screen_to_ansi(app->screen, &out);
	else
		lepton__screen_to_text(app->screen, &out);
	int code = out.failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the picture")
			      : lepton__file_write(path, out.data, out.size, 0644, err);
	lepton__buffer_free(&out);
	return code;
}

static int check_save(
	struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err)
{
	(void)app;
	const char *path = form->fields[0].value;
	*field = 0;
	lepton__print(form->note, sizeof form->note, "%s%s",
		ends_with(path, ".svg")    ? "a picture in SVG"
		: ends_with(path, ".ansi") ? "text with colours"
					   : "plain text",
		replaced(path));
	return check_path(path, err);
}

static bool turn_picture(struct lepton__app *app, struct lepton__form *form, char *out, size_t size)
{
	static const char *const endings[] = {".svg", ".ansi", ".txt"};
	(void)app;
	turn_ending(form->fields[0].value, endings, sizeof endings / sizeof *endings, out, size);
	return true;
}

/* The form is off the screen by now: draw what is under it, then save that. */
static int save(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err)
{
	const char *path = form->fields[0].value;
	lepton__app_draw(app);
	int code = lepton__save_screen(app, path, err);
	if (!code)
		lepton__app_say(app, LEPTON_LOG_INFO, "saved the screen to %s", path);
	return code;
}

void lepton__act_save_screen(struct lepton__app *app)
{
	char name[96];
	struct lepton__form *form = lepton__form_new(app, "Save this screen", "save");
	if (!form)
		return;
	file_name(app->dash.run->experiment, ".svg", name, sizeof name);
	lepton__print(form->intro, sizeof form->intro,
		"As .svg a picture, as .ansi text with colours, else plain text; %s goes through them.",
		lepton__spell("{form.complete}"));
	lepton__form_field(form, "file", name, "");
	form->history = LEPTON__HISTORY_SAVE;
	form->check = check_save;
	form->accept = save;
	form->complete = turn_picture;
	lepton__form_open(app, form);
}
