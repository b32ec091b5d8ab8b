/* tui/spoken.c - the dashboard for ears, braille lines, dumb terminals and pipes (--lines).
 *
 * The same application with the same actions, over a screen in memory that nobody sees; what happens is said
 * in lines on standard output, and lines on standard input are commands. Nothing is ever drawn over, so a
 * screen reader reads each line once. When input has ended, as in a pipe, it goes on until nothing is left to
 * do. Where nobody reads any more, it leaves and lets training go on.
 */
#include "config.h"
#include "tui/loop.h"
#include "tui/preferences.h"
#include "tui/signals.h"
#include "tui/spoken.h"
#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 20000 };

static void take_events(struct lepton__spoken *spoken)
{
	struct lepton__app *app = spoken->app;
	struct lepton_event event;
	for (int i = 0; i < EVENTS_AT_ONCE && app->link->next(app->link->context, &event) == 1; i++) {
		lepton__app_event(app, &event);
		lepton__spoken_event(spoken, &event);
		lepton_event_clear(&event);
	}
	lepton__spoken_windows(spoken);
}

static void end_line(struct lepton__spoken *spoken)
{
	spoken->line[spoken->length] = '\0';
	if (spoken->length && spoken->line[spoken->length - 1] == '\r')
		spoken->line[spoken->length - 1] = '\0';
	if (spoken->too_long)
		lepton__spoken_print(spoken, "! that line is too long");
	else
		lepton__spoken_command(spoken, spoken->line);
	spoken->length = 0;
	spoken->too_long = false;
	lepton__spoken_windows(spoken);
}

/* Up to the end of a line; false: there is none yet. */
static bool take_line(struct lepton__spoken *spoken)
{
	while (spoken->read_at < spoken->read_count) {
		char byte = spoken->read[spoken->read_at++];
		if (byte == '\n') {
			end_line(spoken);
			return true;
		}
		if (spoken->length + 1 < sizeof spoken->line && byte)
			spoken->line[spoken->length++] = byte;
		else
			spoken->too_long = true;
	}
	return false;
}

/* What steers is answered at once, and the next line is meant for how things stand then; jobs are not waited
 * for. */
static bool awaits_answer(const struct lepton__app *app)
{
	for (size_t i = 0; i < app->pending_count; i++)
		if (!app->pending[i].archive_result && app->pending[i].type != LEPTON_CMD_BARRIER &&
			app->pending[i].type != LEPTON_CMD_EVALUATE)
			return true;
	return false;
}

/* On a terminal the end (^D) is a wish to leave; in a pipe it only means that no more commands come. */
static void end_input(struct lepton__spoken *spoken)
{
	if (spoken->length)
		end_line(spoken);
	if (isatty(STDIN_FILENO))
		lepton__action_run(spoken->app, lepton__action_find("quit"));
	else
		spoken->at_end = true;
}

static void read_input(struct lepton__spoken *spoken)
{
	ssize_t got = read(STDIN_FILENO, spoken->read, sizeof spoken->read);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	spoken->read_at = 0;
	spoken->read_count = got > 0 ? (size_t)got : 0;
	if (got <= 0)
		end_input(spoken);
}

static void hear_signals(struct lepton__spoken *spoken)
{
	struct lepton__app *app = spoken->app;
	for (enum lepton__signal signal; (signal = lepton__signals_next()) != LEPTON__SIGNAL_NONE;) {
		if (signal == LEPTON__SIGNAL_TSTP)
			lepton__signals_stop_self();
		if (signal != LEPTON__SIGNAL_INT && signal != LEPTON__SIGNAL_TERM &&
			signal != LEPTON__SIGNAL_HUP)
			continue;
		app->detached = signal == LEPTON__SIGNAL_HUP ? app->link->can_detach : app->link->attached;
		app->quit = true;
	}
}

/* Until input, an event or a signal comes, or a progress line may. */
static void wait_for_something(struct lepton__spoken *spoken, double seconds)
{
	bool listens = !spoken->at_end && !awaits_answer(spoken->app);
	struct pollfd fds[3] = {{.fd = lepton__signals_fd(), .events = POLLIN},
		{.fd = listens ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = spoken->app->link->wake_fd, .events = POLLIN}};
	if (poll(fds, 3, seconds < 0 ? 1000 : (int)(seconds * 1000) + 1) < 0)
		return;
	if (fds[1].revents)
		read_input(spoken);
}

static void converse(struct lepton__spoken *spoken)
{
	struct lepton__app *app = spoken->app;
	while (!app->quit && !spoken->gone) {
		take_events(spoken);
		bool unread = spoken->read_at < spoken->read_count;
		if (app->dash.run->ended ||
			(spoken->at_end && !unread && !lepton__app_busy(app) && !app->pending_count))
			break;
		if (!awaits_answer(app) && take_line(spoken))
			continue;
		double wait = lepton__spoken_progress(spoken, false);
		wait_for_something(spoken, wait);
		hear_signals(spoken);
	}
	if (spoken->gone)
		app->detached = app->link->can_detach;
	else
		lepton__spoken_progress(spoken, true);
	if (!app->quit)
		app->detached |= app->link->attached;
	lepton__spoken_sayings(spoken);
}

static void greet(struct lepton__spoken *spoken)
{
	const struct lepton_run *run = spoken->app->dash.run;
	lepton__spoken_print(spoken,
		"%s, %zu versions. Type an action and versions, such as: pause cnn. \":\" lists all actions, "
		"\"help\" explains, Enter alone tells how things stand, \"quit\" ends, \"detach\" leaves.",
		*run->experiment ? run->experiment : "lepton", run->version_count);
}

static enum lepton__glyphs glyphs_of(const struct lepton_tui_options *options)
{
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	return options->ascii || !utf8 ? LEPTON__GLYPHS_ASCII : LEPTON__GLYPHS_BRAILLE;
}

int lepton__spoken_run(const struct lepton_tui_options *options, const struct lepton_tui_link *link,
	struct lepton_run *run, bool *detached, struct lepton_error *err)
{
	struct lepton__spoken *spoken = lepton__calloc(1, sizeof *spoken);
	struct lepton__app *app = lepton__calloc(1, sizeof *app);
	struct lepton__screen *screen = NULL;
	int code = spoken && app ? lepton__screen_new(LEPTON__SPOKEN_ROWS, LEPTON__SPOKEN_COLS,
					   glyphs_of(options), &screen, err)
				 : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the dashboard");
	if (!code)
		code = lepton__app_start(app, options, link, run, screen, LEPTON__MONO, err);
	if (!code && (code = lepton__signals_open(err)) == LEPTON_OK) {
		spoken->app = app;
		code = lepton__dash_update(&app->dash, err);
		greet(spoken);
		if (!code)
			converse(spoken);
		*detached = app->detached;
		lepton__signals_close();
	}
	if (screen)
		lepton__app_free(app);
	lepton__screen_free(screen);
	if (spoken)
		lepton__free(spoken->news);
	lepton__free(spoken);
	lepton__free(app);
	return code;
}
