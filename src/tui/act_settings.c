/* tui/act_settings.c - the preferences on their way into the dashboard and back to their file.
 *
 * What the command line says is stronger than the file. Saving writes what is seen now, so that one sets
 * things up by keys and then keeps them.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/loop.h"
#include "tui/preferences.h"
#include "base/memory.h"

#include <string.h>

void lepton__options_prefer(struct lepton_tui_options *options, struct lepton__preferences *preferences)
{
	struct lepton__theme theme;
	struct lepton_error err = {0};
	char path[sizeof preferences->path];
	lepton__preferences_usual(preferences);
	lepton__bindings_reset();
	lepton__preferences_path(path, sizeof path);
	lepton__preferences_read(preferences,
		options->config   ? options->config
		: options->script ? ""
				  : path,
		options->config);
	options->preferences = preferences;
	options->ascii |= preferences->ascii;
	if (!options->pictures)
		options->pictures = 1 + preferences->pictures;
	options->no_color |= preferences->colors == LEPTON__WISH_NONE;
	if (options->theme || !*preferences->theme)
		return;
	if (lepton__theme_load(&theme, preferences->theme, &err) == LEPTON_OK)
		options->theme = preferences->theme;
	else if (preferences->fault_count < LEPTON__FAULTS)
		lepton__print(preferences->faults[preferences->fault_count++], sizeof preferences->faults[0],
			"%.100s: %.200s", preferences->path, err.message);
}

struct lepton__terminal_options lepton__terminal_wishes(const struct lepton_tui_options *options)
{
	static const int most[] = {[LEPTON__WISH_AUTO] = 0,
		[LEPTON__WISH_TRUE] = 1 + LEPTON__COLORS_TRUE,
		[LEPTON__WISH_256] = 1 + LEPTON__COLORS_256,
		[LEPTON__WISH_16] = 1 + LEPTON__COLORS_16,
		[LEPTON__WISH_NONE] = 1 + LEPTON__MONO};
	const struct lepton__preferences *preferences = options->preferences;
	struct lepton__terminal_options wishes = {
		.ascii = options->ascii, .no_color = lepton__no_color(options)};
	if (options->pictures)
		wishes.pictures = (enum lepton__pictures)(options->pictures - 1);
	if (preferences) {
		wishes.no_mouse = !preferences->mouse;
		wishes.most_colors = most[preferences->colors];
	}
	return wishes;
}

/* The last one said is what the message line shows: the first fault, which may explain the others. */
static void tell_faults(struct lepton__app *app, const struct lepton__preferences *preferences)
{
	if (preferences->more_faults)
		lepton__app_say(app, LEPTON_LOG_WARNING, "%.200s: %zu more lines are wrong",
			preferences->path, preferences->more_faults);
	for (size_t i = preferences->fault_count; i-- > 0;)
		lepton__app_say(app, LEPTON_LOG_WARNING, "%s", preferences->faults[i]);
}

void lepton__app_prefer(struct lepton__app *app)
{
	const struct lepton__preferences *preferences = app->options->preferences;
	if (!preferences)
		return;
	app->dash.metric = (enum lepton__metric)preferences->metric;
	app->dash.axis = (enum lepton__axis)preferences->axis;
	app->dash.smoothing = preferences->smoothing;
	app->dash.sort = (enum lepton__sort)preferences->sort;
	tell_faults(app, preferences);
}

static void gather(const struct lepton__app *app, struct lepton__preferences *preferences)
{
	bool plain = strcmp(app->theme_name, "default") == 0 || strcmp(app->theme_name, "lepton") == 0;
	lepton__copy_name(preferences->theme, sizeof preferences->theme, plain ? "" : app->theme_name);
	preferences->ascii = app->options->ascii;
	preferences->pictures = app->pictures;
	preferences->metric = (int)app->dash.metric;
	preferences->axis = (int)app->dash.axis;
	preferences->smoothing = app->dash.smoothing;
	preferences->sort = (int)app->dash.sort;
}

bool lepton__can_save_settings(const struct lepton__app *app, const char **why)
{
	*why = "a script has no settings of its own";
	return app->options->preferences && *app->options->preferences->path;
}

void lepton__act_save_settings(struct lepton__app *app)
{
	struct lepton__preferences now = *app->options->preferences;
	struct lepton_error err = {0};
	gather(app, &now);
	if (lepton__preferences_save(&now, &err))
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s", err.message);
	else
		lepton__app_say(app, LEPTON_LOG_INFO, "settings kept in %s", now.path);
}
