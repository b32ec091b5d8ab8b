/* tui/loop.c - the dashboard on a real terminal.
 *
 * One poll over the keyboard, the signals' pipe and the engine's descriptor; nothing runs while nothing
 * happens. A frame is drawn only when something changed, and never sooner than a twentieth of a second
 * after the last one. Keys are answered at once, and so is news: a version that ends, a command's answer.
 * Figures of what trains wait for a quarter of a second, and up to one where drawing takes long or changes
 * much: the cores are for the training, so such frames may take half a hundredth of one, and the terminal may
 * be at the end of a slow line. Until then events are taken in by handfuls, not one by one as they come.
 */
#include "config.h"
#include "tui/closeup.h"
#include "tui/loop.h"
#include "tui/preferences.h"
#include "tui/record.h"
#include "tui/spoken.h"
#include "base/clock.h"
#include "base/memory.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double frame_seconds = 0.05;
static const double figures_seconds = 0.25, figures_seconds_max = 1.0;
static const double cells_a_second = 160; /* for new figures; a cell takes some ten bytes, its colours most */
static const double handful_seconds = 0.1; /* that events may wait which change nothing but figures */
static const double frame_share = 0.005; /* of one core, for frames that nobody asked for by a key */

bool lepton__no_color(const struct lepton_tui_options *options)
{
	const char *wish = getenv("NO_COLOR");
	return options->no_color || (wish && *wish);
}

int lepton__app_start(struct lepton__app *app, const struct lepton_tui_options *options,
	const struct lepton_tui_link *link, struct lepton_run *run, struct lepton__screen *screen,
	enum lepton__colors colors, struct lepton_error *err)
{
	lepton__app_init(app, options, link, run, screen);
	app->colors = colors;
	app->mono = colors == LEPTON__MONO;
	lepton__app_prefer(app);
	return lepton__app_set_theme(app, options->theme ? options->theme : "default", err);
}

void lepton__app_sleep(const struct lepton__app *app, double seconds, bool events_wait)
{
	struct pollfd fds[4];
	int terminal[3];
	size_t count = app->terminal ? lepton__terminal_fds(app->terminal, terminal) : 0;
	for (size_t i = 0; i < count; i++)
		fds[i] = (struct pollfd){.fd = terminal[i], .events = POLLIN};
	if (events_wait && (seconds < 0 || seconds > handful_seconds))
		seconds = handful_seconds;
	if (app->link->wake_fd >= 0 && !events_wait)
		fds[count++] = (struct pollfd){.fd = app->link->wake_fd, .events = POLLIN};
	else if (!events_wait && (seconds < 0 || seconds > frame_seconds))
		seconds = frame_seconds; /* no one wakes us for events: look now and then */
	if (seconds > 3600)
		seconds = 3600;
	/* An interrupted or failed poll only means looking sooner. */
	if (poll(fds, count, seconds < 0 ? -1 : (int)(seconds * 1000) + 1) < 0)
		return;
}

static void hear_signal(struct lepton__app *app)
{
	switch (lepton__terminal_signal(app->terminal)) {
	case LEPTON__SIGNAL_INT: {
		struct lepton__input key = {.kind = LEPTON__INPUT_KEY, .key = 3};
		lepton__app_input(app, &key);
		break;
	}
	case LEPTON__SIGNAL_HUP: /* the terminal is gone; the training need not be */
		app->detached = app->link->can_detach;
		app->quit = true;
		break;
	case LEPTON__SIGNAL_TERM:
		app->detached = app->link->attached;
		app->quit = true;
		break;
	default:
		break;
	}
}

bool lepton__app_listen(struct lepton__app *app)
{
	bool heard = false;
	if (!app->terminal)
		return false;
	hear_signal(app);
	for (;;) {
		struct lepton__input input = lepton__terminal_next(app->terminal);
		if (input.kind == LEPTON__INPUT_NONE || app->quit)
			break;
		/* A key is pressed at what is seen: where the picture changed under it, draw the places anew.
		 */
		if (input.kind == LEPTON__INPUT_MOUSE && app->dirty)
			lepton__app_draw(app);
		app->screen = lepton__terminal_screen(app->terminal);
		lepton__app_input(app, &input);
		heard = true;
	}
	return heard;
}

size_t lepton__app_paint(struct lepton__app *app)
{
	if (app->terminal)
		app->screen = lepton__terminal_screen(app->terminal);
	lepton__app_draw(app);
	lepton__app_record(app);
	return app->terminal ? lepton__terminal_flush(app->terminal) : 0;
}

/* How long after a frame the next may come that shows but new figures. */
static double pause_after(double cost, size_t cells)
{
	double seconds = fmax(cost / frame_share, (double)cells / cells_a_second);
	return fmin(fmax(seconds, figures_seconds), figures_seconds_max);
}

static void run_loop(struct lepton__app *app)
{
	double last = 0, pause = 0;
	bool asked = true;
	while (!app->quit) {
		double now = lepton__monotonic(), held = lepton__terminal_held(app->terminal);
		double next = fmax(last + (asked ? frame_seconds : pause), held);
		if (app->dirty && now >= next) {
			double cost = lepton__thread_time();
			size_t cells = lepton__app_paint(app);
			pause = pause_after(lepton__thread_time() - cost, cells);
			last = now;
			next = now + pause;
			asked = false;
		}
		double wait = app->dirty ? next - lepton__monotonic() : lepton__app_deadline(app);
		if (!app->dirty || wait > 0)
			lepton__app_sleep(app, lepton__sharpen(app) ? 0 : wait,
				app->dirty && (held > 0 || !asked) && !app->pending_count);
		if (!app->dirty && wait >= 0 && lepton__monotonic() - now >= wait)
			app->dirty = true; /* the clock in the title, or a saying whose time is over */
		asked |= lepton__app_listen(app);
		lepton__app_take_events(app);
		asked |= app->news;
		app->news = false;
	}
}

/* What libraries would have written over the picture goes to the log. */
static void stderr_line(void *context, const char *line)
{
	lepton__app_say(context, LEPTON_LOG_WARNING, "%s", line);
}

static int run_terminal(const struct lepton_tui_options *options, const struct lepton_tui_link *link,
	struct lepton_run *run, bool *detached, struct lepton_error *err)
{
	struct lepton__theme theme;
	struct lepton__app *app = lepton__calloc(1, sizeof *app);
	struct lepton__terminal_options wishes = lepton__terminal_wishes(options);
	struct lepton__terminal *terminal = NULL;
	wishes.stderr_line = stderr_line;
	wishes.context = app;
	int code = app ? lepton__theme_load(
				 &theme, options->theme, err) /* an unknown one is told on a clean screen */
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the dashboard");
	if (!code)
		code = lepton__terminal_open(&wishes, &terminal, err);
	if (!code) {
		code = lepton__app_start(app, options, link, run, lepton__terminal_screen(terminal),
			lepton__terminal_colors(terminal), err);
		app->terminal = terminal;
		if (!code) {
			lepton__app_welcome(app);
			run_loop(app);
		}
		*detached = app->detached;
		lepton__app_free(app);
		lepton__terminal_close(terminal);
	}
	lepton__free(app);
	return code;
}

/* Asked for, or there is nothing to draw on. */
static bool wants_lines(const struct lepton_tui_options *options)
{
	const char *term = getenv("TERM");
	return options->lines || options->preferences->lines || !isatty(STDIN_FILENO) ||
	       !isatty(STDOUT_FILENO) || (term && strcmp(term, "dumb") == 0);
}

int lepton_tui_run(const struct lepton_tui_options *options, const struct lepton_tui_link *link,
	struct lepton_run *run, bool *detached, struct lepton_error *err)
{
	struct lepton_tui_options own = *options;
	struct lepton__preferences preferences;
	bool unasked;
	lepton__options_prefer(&own, &preferences);
	detached = detached ? detached : &unasked;
	*detached = false;
	int code = options->record ? lepton__recorder_open(options->record, &own.recorder, err) : LEPTON_OK;
	if (!code)
		code = options->script     ? lepton__script_play(&own, link, run, detached, err)
		       : wants_lines(&own) ? lepton__spoken_run(&own, link, run, detached, err)
					   : run_terminal(&own, link, run, detached, err);
	lepton__recorder_close(own.recorder);
	return code;
}
