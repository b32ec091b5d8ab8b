/* tui/terminal.c - taking the terminal, showing the grid, giving it back.
 *
 * curses takes it and gives it back, and reads the keys and the mouse; it draws nothing (terminal_writer.c
 * does).
 *
 * newterm() rather than initscr(), which exits the program when it fails. Keys are read through a pad,
 * since reading through a window would refresh it. Signals only leave bytes in a pipe (signals.c); what they
 * ask for is done here, in lepton__terminal_next.
 */
#include "config.h"
#include "tui/terminal_parts.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static enum lepton__colors colors_there(
	const struct lepton__terminal_options *options, const struct lepton__terminfo *info)
{
	const char *no_color = getenv("NO_COLOR"), *wish = getenv("COLORTERM"), *term = getenv("TERM");
	bool gnu_screen = term != NULL && strncmp(term, "screen", 6) == 0 && getenv("TMUX") == NULL;
	if (options->no_color || (no_color != NULL && *no_color != '\0') || info->colors < 8)
		return LEPTON__MONO;
	if (info->direct)
		return LEPTON__COLORS_TRUE;
	if (((wish != NULL && (strcmp(wish, "truecolor") == 0 || strcmp(wish, "24bit") == 0)) ||
		    options->most_colors == 1 + LEPTON__COLORS_TRUE || info->true_color) &&
		info->ansi_colors && !gnu_screen)
		return LEPTON__COLORS_TRUE;
	return info->colors >= 256 ? LEPTON__COLORS_256 : LEPTON__COLORS_16;
}

static enum lepton__colors choose_colors(
	const struct lepton__terminal_options *options, const struct lepton__terminfo *info)
{
	enum lepton__colors there = colors_there(options, info);
	bool fewer = options->most_colors && options->most_colors - 1 < (int)there;
	return fewer ? (enum lepton__colors)(options->most_colors - 1) : there;
}

static enum lepton__glyphs choose_glyphs(const struct lepton__terminal_options *options)
{
	const char *term = getenv("TERM");
	if (options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return LEPTON__GLYPHS_ASCII;
	return term != NULL && strncmp(term, "linux", 5) == 0 ? LEPTON__GLYPHS_BLOCK : LEPTON__GLYPHS_BRAILLE;
}

/* Terminals that do all that xterm does; over ssh their own entry is often missing. */
static bool is_like_xterm(const char *term)
{
	static const char *const known[] = {
		"xterm", "kitty", "alacritty", "foot", "wezterm", "ghostty", "contour", "rio", "konsole"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strncmp(term, known[i], strlen(known[i])) == 0)
			return true;
	return false;
}

static int open_terminfo(const char *term, struct lepton__terminfo *info, struct lepton_error *err)
{
	int code = lepton__terminfo_open(term, STDOUT_FILENO, info, err);
	if (code == LEPTON_OK || !is_like_xterm(term) || strcmp(term, "xterm-256color") == 0 ||
		setenv("TERM", "xterm-256color", 1))
		return code;
	return lepton__terminfo_open("xterm-256color", STDOUT_FILENO, info, err);
}

static int check_terminal(struct lepton__terminfo *info, struct lepton_error *err)
{
	const char *term = getenv("TERM");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"the dashboard needs a terminal for input and output; without one, \"lepton train "
			"SPEC\" trains the same");
	if (term == NULL || *term == '\0')
		return lepton_error_set(
			err, LEPTON_E_UNSUPPORTED, "TERM is not set; try TERM=xterm-256color");
	int code = open_terminfo(term, info, err);
	if (code == 0 && !info->can_move) {
		lepton__terminfo_done();
		code = lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"a terminal of TERM=%.60s cannot move its cursor; try TERM=xterm-256color, or "
			"\"lepton train SPEC\"",
			term);
	}
	return code;
}

static void ask_size(const struct lepton__terminal *terminal, int *rows, int *cols)
{
	struct winsize size = {0};
	bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
	*rows = known ? size.ws_row : terminal->info.rows > 0 ? terminal->info.rows : 24;
	*cols = known ? size.ws_col : terminal->info.cols > 0 ? terminal->info.cols : 80;
}

/* newterm with the entry we made, through the variable TERMINFO, which is put back at once. */
static SCREEN *open_made_entry(void)
{
	struct lepton__buffer entry;
	const char *before = getenv("TERMINFO");
	char *kept = before == NULL ? NULL : lepton__strdup(before);
	SCREEN *screen = NULL;
	lepton__buffer_init(&entry, 1 << 18);
	lepton__terminfo_make(&entry);
	if (!entry.failed && (before == NULL || kept != NULL) && setenv("TERMINFO", entry.data, 1) == 0) {
		screen = newterm(LEPTON__TERM_NAME, stdout, stdin);
		if (kept == NULL)
			(void)unsetenv("TERMINFO");
		else
			(void)setenv("TERMINFO", kept, 1);
	}
	lepton__free(kept);
	lepton__buffer_free(&entry);
	return screen;
}

/* An older curses may not take our entry; then the terminal's own must do. */
static SCREEN *open_curses(const struct lepton__terminal *terminal)
{
	SCREEN *screen = terminal->mouse ? open_made_entry() : NULL;
	return screen == NULL ? newterm(NULL, stdout, stdin) : screen;
}

/* ^S and ^Q are keys here, not flow control: a form is done by ^S, and the screen must not freeze on it. */
static void free_flow_keys(struct lepton__terminal *terminal)
{
	struct termios now;
	if (tcgetattr(STDIN_FILENO, &now))
		return;
	now.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &now) == 0)
		(void)def_prog_mode(); /* so that coming back from a suspend keeps it */
	terminal->writer.feeds = !(now.c_oflag & OPOST) || !(now.c_oflag & ONLCR);
}

static void set_modes(struct lepton__terminal *terminal, enum lepton__colors colors)
{
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	free_flow_keys(terminal);
	(void)intrflush(stdscr, FALSE);
	(void)keypad(terminal->keys, TRUE);
	(void)nodelay(terminal->keys, TRUE);
	(void)curs_set(0);
	(void)set_escdelay(25);
	lepton__palette_init(&terminal->palette, colors, terminal->info.colors);
	if (!terminal->mouse)
		return;
	(void)mousemask(ALL_MOUSE_EVENTS | REPORT_MOUSE_POSITION, NULL);
	(void)mouseinterval(0);
}

static void arm(struct lepton__terminal *terminal)
{
	lepton__signals_arm(STDOUT_FILENO, terminal->reset_bytes.data, terminal->reset_bytes.size,
		&terminal->saved, terminal->caught.saved_fd);
}

static int resize_grid(struct lepton__terminal *terminal, struct lepton_error *err)
{
	int rows, cols;
	ask_size(terminal, &rows, &cols);
	struct lepton__cell *shown = lepton__calloc((size_t)rows * (size_t)cols, sizeof *shown);
	if (shown == NULL)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "no memory for a screen of %d rows and %d columns", rows, cols);
	int code = terminal->screen == NULL
			   ? lepton__screen_new(
				     rows, cols, choose_glyphs(&terminal->options), &terminal->screen, err)
			   : lepton__screen_resize(terminal->screen, rows, cols, err);
	if (code == 0)
		code = lepton__writer_resize(&terminal->writer, rows, cols, err);
	if (code != 0) {
		lepton__free(shown);
		return code;
	}
	lepton__free(terminal->shown);
	terminal->shown = shown; /* code 0 everywhere: differs from any glyph but a wide one's right half */
	terminal->layer.lost = true;
	(void)lepton__graphics_choose(terminal);
	if (terminal->curses != NULL && (rows != LINES || cols != COLS))
		(void)resizeterm(rows, cols);
	return 0;
}

/* Where the terminal has said that it can; off, where it was on. */
static void set_keyboard(struct lepton__terminal *terminal, bool on)
{
	on = on && terminal->sequence.answers.keys;
	if (on != terminal->keyed)
		lepton__terminal_send(terminal, on ? LEPTON__KEYS_ON : LEPTON__KEYS_OFF);
	terminal->keyed = on;
}

/* The one time that curses draws: it goes to the terminal's other screen, with keys and mouse on, and empties
 * it. From there on it only listens. */
static void take_screen(struct lepton__terminal *terminal)
{
	(void)typeahead(-1);
	(void)clearok(curscr, TRUE);
	(void)doupdate();
	if (terminal->pastes)
		lepton__terminal_send(terminal, LEPTON__PASTE_ON);
	set_keyboard(terminal, true);
	lepton__terminal_ask_ahead(terminal);
}

static int take_terminal(struct lepton__terminal *terminal, struct lepton_error *err)
{
	enum lepton__colors colors = choose_colors(&terminal->options, &terminal->info);
	if (terminal->may_key)
		lepton__buffer_string(&terminal->reset_bytes, LEPTON__KEYS_OFF);
	if (terminal->pastes)
		lepton__buffer_string(&terminal->reset_bytes, LEPTON__PASTE_OFF);
	lepton__terminfo_reset_bytes(terminal->mouse, &terminal->reset_bytes);
	int code = lepton__writer_open(
		&terminal->writer, colors == LEPTON__COLORS_TRUE && !terminal->info.direct, err);
	if (code != 0)
		return code;
	terminal->curses = open_curses(terminal);
	lepton__terminfo_done();
	if (terminal->curses == NULL)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"curses cannot use a terminal of TERM=%.60s", getenv("TERM"));
	arm(terminal);
	terminal->keys = newpad(1, 1);
	if (terminal->keys == NULL)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for the keyboard");
	set_modes(terminal, colors);
	take_screen(terminal);
	return resize_grid(terminal, err);
}

int lepton__terminal_open(const struct lepton__terminal_options *options, struct lepton__terminal **out,
	struct lepton_error *err)
{
	struct lepton__terminfo info;
	*out = NULL;
	(void)setlocale(LC_CTYPE, "");
	int code = check_terminal(&info, err);
	if (code != 0)
		return code;
	struct lepton__terminal *terminal = lepton__calloc(1, sizeof *terminal);
	if (terminal == NULL) {
		lepton__terminfo_done();
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for the terminal");
	}
	terminal->options = *options;
	terminal->info = info;
	terminal->may_key = info.mouse && strncmp(getenv("TERM"), "linux", 5) != 0;
	terminal->mouse = terminal->may_key && !options->no_mouse;
	terminal->pastes = info.mouse && !terminal->mouse;
	terminal->caught.read_fd = -1;
	terminal->cursor_y = -1;
	terminal->layer.last_id = (uint32_t)(getpid() & 0xffff)
				  << 14; /* others may have pictures there, too */
	lepton__buffer_init(&terminal->reset_bytes, 4096);
	if (tcgetattr(STDIN_FILENO, &terminal->saved) != 0)
		code = lepton_error_set(
			err, LEPTON_E_IO, "cannot ask the terminal for its settings: %s", strerror(errno));
	if (code == 0) {
		code = lepton__signals_open(err);
		terminal->listening = code == 0;
	}
	if (code == 0)
		code = lepton__catch_open(&terminal->caught, err);
	if (code == 0)
		code = take_terminal(terminal, err);
	if (code != 0)
		lepton__terminal_close(terminal);
	else
		*out = terminal;
	return code;
}

static bool is_awaited(const struct lepton__terminal *terminal, double now)
{
	const struct lepton__sequence *sequence = &terminal->sequence;
	return terminal->keys && terminal->signal != LEPTON__SIGNAL_HUP &&
	       (lepton__answers_awaited(&sequence->answers, now) || sequence->pace.count > 0);
}

/* Answers that are still to come: the shell would take them for something typed. On a slow line the last
 * frame's takes its time. Keys among them are kept. */
static void settle(struct lepton__terminal *terminal)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	double now = lepton__monotonic();
	double end = now + (terminal->sequence.pace.answers ? 1 : 0.1);
	while (is_awaited(terminal, now) && now < end && poll(&input, 1, (int)((end - now) * 1000) + 1) > 0 &&
		(input.revents & POLLIN)) {
		struct lepton__input typed = lepton__input_read(terminal->keys, &terminal->sequence);
		if (typed.kind != LEPTON__INPUT_NONE &&
			terminal->kept_count < sizeof terminal->kept / sizeof *terminal->kept)
			terminal->kept[terminal->kept_count++] = typed;
		now = lepton__monotonic();
	}
}

/* Leaves our picture and curses' modes. */
static void give_back(struct lepton__terminal *terminal)
{
	settle(terminal);
	set_keyboard(terminal, false);
	if (terminal->pastes)
		lepton__terminal_send(terminal, LEPTON__PASTE_OFF);
	lepton__graphics_leave(terminal);
	lepton__writer_leave(&terminal->writer);
	lepton__terminal_write_frame(terminal);
	(void)endwin();
	lepton__signals_arm(-1, NULL, 0, NULL, -1);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->saved);
}

void lepton__terminal_close(struct lepton__terminal *terminal)
{
	if (terminal == NULL)
		return;
	if (terminal->curses != NULL) {
		(void)curs_set(1);
		give_back(terminal);
		if (terminal->keys != NULL)
			(void)delwin(terminal->keys);
		delscreen(terminal->curses);
	}
	lepton__terminfo_done();
	lepton__catch_read(&terminal->caught, terminal->options.stderr_line, terminal->options.context);
	lepton__catch_close(&terminal->caught);
	if (terminal->listening)
		lepton__signals_close();
	lepton__screen_free(terminal->screen);
	lepton__free(terminal->shown);
	lepton__writer_close(&terminal->writer);
	lepton__layer_free(&terminal->layer);
	lepton__buffer_free(&terminal->reset_bytes);
	lepton__free(terminal);
}

struct lepton__screen *lepton__terminal_screen(struct lepton__terminal *terminal)
{
	return terminal->screen;
}

enum lepton__colors lepton__terminal_colors(const struct lepton__terminal *terminal)
{
	return terminal->palette.colors;
}

void lepton__terminal_redraw(struct lepton__terminal *terminal)
{
	terminal->layer.lost = true;
	lepton__writer_forget(&terminal->writer);
}

void lepton__terminal_cursor(struct lepton__terminal *terminal, int y, int x)
{
	terminal->cursor_y = y;
	terminal->cursor_x = x;
}

void lepton__terminal_bell(struct lepton__terminal *terminal)
{
	(void)terminal;
	(void)beep();
}

void lepton__terminal_send(struct lepton__terminal *terminal, const char *bytes)
{
	(void)terminal;
	lepton__terminal_write(bytes, strlen(bytes));
}

size_t lepton__terminal_fds(const struct lepton__terminal *terminal, int fds[3])
{
	size_t count = 0;
	fds[count++] = STDIN_FILENO;
	fds[count++] = lepton__signals_fd();
	if (terminal->caught.read_fd >= 0)
		fds[count++] = terminal->caught.read_fd;
	return count;
}

static void note_signals(struct lepton__terminal *terminal)
{
	for (enum lepton__signal signal; (signal = lepton__signals_next()) != LEPTON__SIGNAL_NONE;) {
		if (signal == LEPTON__SIGNAL_WINCH)
			terminal->resized = true;
		else if (signal == LEPTON__SIGNAL_TSTP)
			terminal->stop = true;
		else if (signal == LEPTON__SIGNAL_CONT)
			terminal->continued = true;
		else
			terminal->signal = signal;
	}
}

static void take_again(struct lepton__terminal *terminal)
{
	lepton__catch_pause(&terminal->caught, false);
	arm(terminal);
	(void)reset_prog_mode();
	lepton__pace_forget(&terminal->sequence.pace);
	take_screen(terminal);
	lepton__terminal_redraw(terminal);
	terminal->resized = true;
}

/* ^Z: the terminal is the shell's until the CONT. */
static void stop_here(struct lepton__terminal *terminal)
{
	give_back(terminal);
	lepton__catch_pause(&terminal->caught, true);
	lepton__signals_stop_self();
	take_again(terminal);
	terminal->stop = terminal->continued = false;
	note_signals(terminal);
	terminal->continued = false;
}

/* The person may have closed the terminal without a SIGHUP reaching us. */
static void notice_hangup(struct lepton__terminal *terminal)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	if (poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		terminal->signal = LEPTON__SIGNAL_HUP;
}

static struct lepton__input take_kept(struct lepton__terminal *terminal)
{
	struct lepton__input first = terminal->kept[0];
	memmove(terminal->kept, terminal->kept + 1, --terminal->kept_count * sizeof first);
	return first;
}

/* ^Z and ^\ are signals of the terminal's driver; in kitty's keyboard protocol they come as keys, for the
 * driver does not know them. ^C is a key of ours. */
static bool is_signal(const struct lepton__input *input)
{
	enum { CTRL_Z = 26, CTRL_BACKSLASH = 28 };
	if (input->kind != LEPTON__INPUT_KEY || input->pasted ||
		(input->key != CTRL_Z && input->key != CTRL_BACKSLASH))
		return false;
	return kill(0, input->key == CTRL_Z ? SIGTSTP : SIGQUIT) == 0; /* the whole job, as the driver does */
}

struct lepton__input lepton__terminal_next(struct lepton__terminal *terminal)
{
	lepton__catch_read(&terminal->caught, terminal->options.stderr_line, terminal->options.context);
	note_signals(terminal);
	if (terminal->stop)
		stop_here(terminal);
	else if (terminal->continued) /* after a SIGSTOP, which nobody hears */
		take_again(terminal);
	terminal->continued = false;
	if (terminal->resized) {
		terminal->resized = false;
		if (resize_grid(terminal, NULL) == 0)
			return (struct lepton__input){.kind = LEPTON__INPUT_RESIZE};
	}
	if (terminal->kept_count)
		return take_kept(terminal);
	struct lepton__input input = lepton__input_read(terminal->keys, &terminal->sequence);
	set_keyboard(terminal, true);
	if (is_signal(&input))
		input.kind = LEPTON__INPUT_NONE;
	if (terminal->sequence.answers.news && input.kind == LEPTON__INPUT_NONE &&
		lepton__graphics_choose(terminal))
		input.kind = LEPTON__INPUT_RESIZE;
	if (input.kind == LEPTON__INPUT_NONE)
		notice_hangup(terminal);
	return input;
}

enum lepton__signal lepton__terminal_signal(struct lepton__terminal *terminal)
{
	note_signals(terminal);
	enum lepton__signal signal = terminal->signal;
	terminal->signal = LEPTON__SIGNAL_NONE;
	return signal;
}
