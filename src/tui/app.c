/* tui/app.c - the dashboard's heart: events in, commands out, one picture at a time.
 *
 * Nothing here waits. The loop (loop.c) and the script player (script.c) feed it; both draw only
 * when `dirty`. Commands and their answers are undo.c's.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/app.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/popup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 20000 };
static const double toast_seconds = 6, second_of_bytes = 15; /* as fast as people read */

void lepton__app_init(struct lepton__app *app, const struct lepton_tui_options *options,
	const struct lepton_tui_link *link, struct lepton_run *run, struct lepton__screen *screen)
{
	*app = (struct lepton__app){
		.options = options, .link = link, .role = link->begins_as, .screen = screen, .dirty = true};
	lepton__dash_init(&app->dash, run);
	if (options && options->pictures)
		app->pictures = (enum lepton__pictures)(options->pictures - 1);
	app->notices.how = options ? (enum lepton__notify)options->notify : LEPTON__NOTIFY_LINE;
	lepton__theme_default(&app->theme);
	lepton__copy_name(app->theme_name, sizeof app->theme_name, "default");
	/* Several askers may share one stream of replies. */
	app->ticket = (uint64_t)getpid() << 24;
}

void lepton__app_free(struct lepton__app *app)
{
	while (app->popup)
		lepton__popup_close(app);
	lepton__free(app->sweep);
	lepton__app_forget(app);
	lepton__free(app->machine);
	lepton__dash_free(&app->dash);
}

int lepton__app_set_theme(struct lepton__app *app, const char *name, struct lepton_error *err)
{
	struct lepton__theme theme;
	int code = lepton__theme_load(&theme, name, err);
	if (code)
		return code;
	if (app->mono)
		lepton__theme_mono(&theme);
	else if (app->colors == LEPTON__COLORS_256 || app->colors == LEPTON__COLORS_16)
		lepton__theme_curves_of(&theme, app->colors == LEPTON__COLORS_256 ? 256 : 16);
	app->theme = theme;
	lepton__copy_name(app->theme_name, sizeof app->theme_name, name ? name : "default");
	app->screen->base = lepton__style(app, LEPTON__MAIN);
	app->dirty = true;
	return LEPTON_OK;
}

void lepton__app_show(struct lepton__app *app, enum lepton__view_id view)
{
	app->view = view;
	app->dirty = true;
}

bool lepton__app_busy(const struct lepton__app *app)
{
	const struct lepton_run *run = app->dash.run;
	for (size_t i = 0; i < run->version_count; i++)
		if (run->versions[i]->state <= LEPTON_RUNNING)
			return true;
	for (size_t i = 0; i < run->job_count; i++)
		if (run->jobs[i].state == LEPTON_JOB_RUNNING)
			return true;
	return false;
}

/* A saying is one line: what others wrote may be more. */
static void fold_lines(char *text)
{
	for (; *text; text++)
		if (*text == '\n' || *text == '\r' || *text == '\t')
			*text = ' ';
}

void lepton__app_say(struct lepton__app *app, enum lepton_log_level level, const char *fmt, ...)
{
	if (app->saying_count == LEPTON__SAYINGS) {
		memmove(app->sayings, app->sayings + 1, sizeof app->sayings - sizeof *app->sayings);
		app->saying_count--;
	}
	struct lepton__saying *saying = &app->sayings[app->saying_count++];
	app->said++;
	*saying = (struct lepton__saying){.time = lepton__wall(), .level = level};
	va_list args;
	va_start(args, fmt);
	vsnprintf(saying->text, sizeof saying->text, fmt, args);
	va_end(args);
	fold_lines(saying->text);
	app->toast_until =
		lepton__monotonic() +
		(app->headless ? 1e9 : toast_seconds + (double)strlen(saying->text) / second_of_bytes);
	app->dirty = true;
}

void lepton__app_tell(struct lepton__app *app, const struct lepton_event *event, enum lepton_log_level level,
	bool quiet, const char *text)
{
	lepton__app_say(app, level, "%s", text);
	struct lepton__saying *saying = &app->sayings[app->saying_count - 1];
	saying->time = event->time;
	saying->version = event->version;
	saying->quiet = quiet;
}

/* ---- events ---- */

static void read_workers(struct lepton__app *app)
{
	const struct lepton_text *environment = app->dash.run->environment;
	if (environment == app->workers_from)
		return;
	cJSON *object = cJSON_Parse(lepton_text_get(environment));
	app->workers = (int)lepton__json_get_int(object, "workers", 0);
	app->workers_from = environment;
	cJSON_Delete(object);
}

static void tell_state(struct lepton__app *app, const struct lepton_event *event)
{
	const struct lepton_run_version *version = lepton_run_version(app->dash.run, event->version);
	if (!version)
		return;
	if (event->u.state.state == LEPTON_FAILED) {
		char text[320];
		lepton__print(text, sizeof text, "%s failed: %s", version->name, version->reason);
		lepton__app_tell(app, event, LEPTON_LOG_ERROR, false, text);
	} else if (event->u.state.state == LEPTON_DONE && version->step > 0 && version->history.count) {
		char text[128];
		lepton__print(text, sizeof text, "%s has finished training", version->name);
		lepton__app_tell(app, event, LEPTON_LOG_INFO, false, text);
	}
}

static void tell(struct lepton__app *app, const struct lepton_event *event)
{
	char quit[16];
	switch (event->type) {
	case LEPTON_EVENT_REPLY:
		lepton__app_reply(app, event);
		break;
	case LEPTON_EVENT_STATE:
		tell_state(app, event);
		break;
	case LEPTON_EVENT_LOG:
		if (event->u.log.level == LEPTON_LOG_ERROR)
			lepton__app_tell(
				app, event, LEPTON_LOG_ERROR, true, lepton_text_get(event->u.log.line));
		break;
	case LEPTON_EVENT_END:
		lepton__action_key(lepton__action_find("quit"), quit, sizeof quit);
		lepton__app_say(app, LEPTON_LOG_WARNING, "the engine has ended; %s leaves", quit);
		break;
	default:
		break;
	}
}

/* Figures come by the hundred a second; what else comes is seldom, and looked for. */
static bool is_news(const struct lepton_event *event)
{
	switch (event->type) {
	case LEPTON_EVENT_METRIC:
	case LEPTON_EVENT_EPOCH:
	case LEPTON_EVENT_CHECKPOINT:
	case LEPTON_EVENT_LOG:
	case LEPTON_EVENT_NODE:
		return false;
	case LEPTON_EVENT_JOB:
		return event->u.job.state != LEPTON_JOB_RUNNING;
	default:
		return true;
	}
}

void lepton__app_event(struct lepton__app *app, const struct lepton_event *event)
{
	lepton__notices_take(app, event);
	lepton__dash_apply(&app->dash, event);
	tell(app, event);
	app->news |= is_news(event);
	app->dirty = true;
}

size_t lepton__app_take_events(struct lepton__app *app)
{
	struct lepton_event event;
	size_t count = 0;
	while (count < EVENTS_AT_ONCE && app->link->next(app->link->context, &event) == 1) {
		lepton__app_event(app, &event);
		lepton_event_clear(&event);
		count++;
	}
	lepton__notices_tell(app);
	lepton__app_hear_role(app);
	return count;
}

/* ---- input ---- */

static void key_pressed(struct lepton__app *app, uint32_t key)
{
	app->touched = true;
	app->dirty = true;
	app->drag.kind = LEPTON__DRAG_NONE; /* a release may never come */
	if (app->popup) {
		lepton__popup_key(app, app->popup, key);
		return;
	}
	const struct lepton__action *action = lepton__action_for_key(app->view, key);
	if (action) {
		lepton__action_run(app, action);
	} else if (key > ' ' && key < LEPTON__KEY_UP) {
		char name[8];
		lepton__utf8_encode(key, name);
		char help[16];
		lepton__action_key(lepton__action_find("help"), help, sizeof help);
		lepton__app_say(
			app, LEPTON_LOG_WARNING, "%s does nothing here; %s lists the keys", name, help);
	}
}

/* ESC right before a key is Esc and that key: a slow line brings both at once, and no key here has Alt. */
static void typed(struct lepton__app *app, const struct lepton__input *input)
{
	if (input->alt)
		key_pressed(app, LEPTON__KEY_ESC);
	key_pressed(app, input->key);
}

/* What is pasted is text for a field: as keys it would archive, stop and quit, and its line ends send a form.
 */
static void key_pasted(struct lepton__app *app, uint32_t key)
{
	struct lepton__popup *popup = app->popup;
	if (key < ' ' || key >= LEPTON__KEY_UP || key == LEPTON__KEY_BACKSPACE)
		return;
	app->touched = app->dirty = true;
	if (popup && popup->ops->type)
		popup->ops->type(app, popup, key);
	else if (!app->pasted)
		lepton__app_say(app, LEPTON_LOG_WARNING, "nothing here takes what is pasted");
}

/* The model must be good before a key acts on it: events may have come since the last frame. */
void lepton__app_input(struct lepton__app *app, const struct lepton__input *input)
{
	struct lepton_error err = {0};
	app->act++;
	if (lepton__dash_update(&app->dash, &err))
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s", err.message);
	switch (input->kind) {
	case LEPTON__INPUT_KEY:
		if (input->pasted)
			key_pasted(app, input->key);
		else
			typed(app, input);
		app->pasted = input->pasted;
		break;
	case LEPTON__INPUT_MOUSE:
		lepton__app_mouse(app, input);
		break;
	case LEPTON__INPUT_RESIZE:
		app->dirty = true;
		break;
	case LEPTON__INPUT_NONE:
		break;
	}
}

/* ---- the picture ---- */

static void too_small(struct lepton__app *app)
{
	lepton__screen_textf(app->screen, 0, 0, app->screen->cols, lepton__style(app, LEPTON__MAIN),
		"lepton needs %dx%d (now %dx%d); %s quits", LEPTON__MIN_COLS, LEPTON__MIN_ROWS,
		app->screen->cols, app->screen->rows, lepton__spell("{quit}"));
}

void lepton__app_draw(struct lepton__app *app)
{
	struct lepton_error err = {0};
	struct lepton__layout layout;
	app->hit_count = 0;
	read_workers(app);
	if (lepton__dash_update(&app->dash, &err))
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s", err.message);
	lepton__forecast_update(app);
	if (app->result && !app->popup) {
		lepton__show_result(app, app->result);
		app->result = 0;
	}
	if (app->pair[0] && !app->popup) {
		lepton__barrier_show(app, app->pair[0], app->pair[1]);
		app->pair[0] = 0;
	}
	app->screen->base = lepton__style(app, LEPTON__MAIN);
	lepton__screen_clear(app->screen);
	app->dirty = false;
	if (!lepton__layout(app->screen->rows, app->screen->cols, (int)app->dash.shown + 3, &layout)) {
		too_small(app);
		return;
	}
	lepton__draw_header(app, layout.header);
	lepton__views[app->view]->draw(app, layout.body);
	lepton__draw_message(app, layout.message);
	if (app->popup) {
		app->hit_count = 0; /* what lies under a window cannot be clicked */
		app->popup->ops->draw(app, app->popup);
	}
	lepton__draw_footer(app, layout.footer);
}

/* The clock in the title line moves once a second while training; a saying goes when its time is over. */
double lepton__app_deadline(const struct lepton__app *app)
{
	double wait = lepton__app_busy(app) || app->view == LEPTON__VIEW_MACHINE ? 1 : -1,
	       toast = app->toast_until - lepton__monotonic();
	if (app->saying_count && toast > 0 && toast < 3600 && (wait < 0 || toast < wait))
		wait = toast;
	return wait;
}
