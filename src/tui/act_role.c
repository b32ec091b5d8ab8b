/* tui/act_role.c - what an attached dashboard may do to the run: steer it as others do, only watch, or steer
 * alone.
 *
 * The role is the run's to give: it is asked for, and the answer comes among the events. A dashboard that
 * watches offers nothing that the run would refuse: such actions are off, with the reason.
 */
#include "config.h"
#include "tui/acts.h"

static void ask(struct lepton__app *app, enum lepton_role role)
{
	struct lepton_error err = {0};
	if (app->link->ask_role(app->link->context, role, &err))
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s", err.message);
}

static bool can(const struct lepton__app *app, enum lepton_role role, const char *already, const char **why)
{
	*why = app->dash.run->ended   ? "the run has ended"
	       : !app->link->ask_role ? "this dashboard is alone with its run"
				      : already;
	return app->link->ask_role && app->role != role && !app->dash.run->ended;
}

void lepton__act_steers(struct lepton__app *app)
{
	ask(app, LEPTON_STEERS);
}

void lepton__act_watches(struct lepton__app *app)
{
	ask(app, LEPTON_WATCHES);
}

void lepton__act_alone(struct lepton__app *app)
{
	ask(app, LEPTON_STEERS_ALONE);
}

bool lepton__can_steers(const struct lepton__app *app, const char **why)
{
	return can(app, LEPTON_STEERS, "it does, as others may", why);
}

bool lepton__can_watches(const struct lepton__app *app, const char **why)
{
	return can(app, LEPTON_WATCHES, "it does only that", why);
}

bool lepton__can_alone(const struct lepton__app *app, const char **why)
{
	return can(app, LEPTON_STEERS_ALONE, "it does", why);
}

bool lepton__action_steers(const struct lepton__action *action)
{
	if (action->group == LEPTON__MAKING) /* versions, but not files */
		return action->run != lepton__act_export && action->run != lepton__act_save_screen;
	return action->group == LEPTON__STEERING || action->run == lepton__act_undo ||
	       action->run == lepton__act_end;
}

void lepton__app_hear_role(struct lepton__app *app)
{
	static const char *const words[] = {"this dashboard steers", "this dashboard only watches now",
		"this dashboard steers alone: the commands of all others are refused"};
	struct lepton_error refused = {0};
	if (!app->link->role || !app->link->role(app->link->context, &app->role, &refused))
		return;
	if (refused.code)
		lepton__app_say(app, LEPTON_LOG_WARNING, "%s", refused.message);
	else
		lepton__app_say(app, LEPTON_LOG_INFO, "%s", words[app->role]);
	app->dirty = true;
}
