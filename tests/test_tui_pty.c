/* tests/test_tui_pty.c - the terminal itself: tui_demo on a pseudo-terminal, told to quit, crash, resize.
 *
 * What is checked is what the person would notice: the terminal's settings are the same after any exit, the
 * reset sequences come last, colours follow the environment, and without a terminal there is one clear line.
 * Waiting is polling for output with a deadline, never a fixed sleep.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE 20

struct session {
	int master, slave; /* the slave is kept open, to ask its settings afterwards */
	pid_t child;
	struct termios before;
	size_t size;
	char output[1 << 20];
};

static struct session session;

static void set_environment(const char *term, const char *const *settings)
{
	static const char *const cleared[] = {
		"COLORTERM", "NO_COLOR", "DEMO_NO_MOUSE", "TMUX", "STY", "LC_CTYPE", "LANG", "TERMINFO"};
	for (size_t i = 0; i < sizeof cleared / sizeof *cleared; i++)
		(void)unsetenv(cleared[i]);
	(void)setenv("TERM", term, 1);
	(void)setenv("LC_ALL", "C.UTF-8", 1);
	for (; settings != NULL && settings[0] != NULL; settings += 2)
		(void)setenv(settings[0], settings[1], 1);
}

static _Noreturn void run_demo(int in, int out, int err)
{
	(void)dup2(in, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(err, STDERR_FILENO);
	(void)execl("./tui_demo", "tui_demo", (char *)NULL);
	_exit(99);
}

static void start(const char *term, const char *const *settings)
{
	struct winsize size = {.ws_row = 24, .ws_col = 90};
	memset(&session, 0, sizeof session);
	session.master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(session.master >= 0);
	assert_int_equal(grantpt(session.master), 0);
	assert_int_equal(unlockpt(session.master), 0);
	session.slave = open(ptsname(session.master), O_RDWR | O_NOCTTY);
	assert_true(session.slave >= 0);
	assert_int_equal(ioctl(session.slave, TIOCSWINSZ, &size), 0);
	assert_int_equal(tcgetattr(session.slave, &session.before), 0);
	session.child = fork();
	assert_true(session.child >= 0);
	if (session.child == 0) {
		(void)setsid();
		(void)ioctl(session.slave, TIOCSCTTY, 0);
		(void)signal(SIGQUIT, SIG_DFL); /* who runs tests in the background has it ignored */
		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		set_environment(term, settings);
		run_demo(session.slave, session.slave, session.slave);
	}
}

static double now(void)
{
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Reads what has come, waiting a little for it. */
static void read_some(void)
{
	struct pollfd waiting = {.fd = session.master, .events = POLLIN};
	if (poll(&waiting, 1, 50) <= 0)
		return;
	ssize_t got =
		read(session.master, session.output + session.size, sizeof session.output - 1 - session.size);
	if (got > 0)
		session.size += (size_t)got;
	session.output[session.size] = '\0';
}

static void wait_for(const char *text)
{
	for (double end = now() + DEADLINE; strstr(session.output, text) == NULL;) {
		if (now() > end)
			fail_msg("\"%s\" did not come; there was: %.2000s", text, session.output);
		read_some();
	}
}

static void type(const char *keys)
{
	assert_int_equal(write(session.master, keys, strlen(keys)), strlen(keys));
}

/* Forgets what came, so that the next wait is for something new. */
static void forget(void)
{
	session.size = 0;
	session.output[0] = '\0';
}

/* Waits for the child's end; the terminal must be as it was. Returns its status. */
static int finish(void)
{
	int status = 0;
	struct termios after;
	double end = now() + DEADLINE;
	while (waitpid(session.child, &status, WNOHANG) == 0) {
		if (now() > end) {
			(void)kill(session.child, SIGKILL);
			fail_msg("it did not end");
		}
		read_some();
	}
	for (int i = 0; i < 3; i++)
		read_some();
	assert_int_equal(tcgetattr(session.slave, &after), 0);
	assert_int_equal(after.c_iflag, session.before.c_iflag);
	assert_int_equal(after.c_oflag, session.before.c_oflag);
	assert_int_equal(after.c_lflag, session.before.c_lflag);
	assert_int_equal(after.c_cflag, session.before.c_cflag);
	assert_memory_equal(after.c_cc, session.before.c_cc, sizeof after.c_cc);
	(void)close(session.slave);
	(void)close(session.master);
	return status;
}

/* The last time `off` was sent comes behind the last time `on` was. */
static void check_last(const char *on, const char *off)
{
	const char *last_on = NULL, *last_off = NULL;
	for (const char *at = session.output; (at = strstr(at, on)) != NULL; at++)
		last_on = at;
	for (const char *at = session.output; (at = strstr(at, off)) != NULL; at++)
		last_off = at;
	assert_non_null(last_on);
	assert_non_null(last_off);
	assert_true(last_off > last_on);
}

static void check_given_back(void)
{
	check_last("\x1b[?1049h", "\x1b[?1049l"); /* the other screen */
	check_last("\x1b[?25l", "\x1b[?25h");     /* the cursor */
	check_last("1006;1002;2004h", "1006;1002;2004l"); /* the mouse, and marks around what is pasted */
}

static void test_quits(void **state)
{
	(void)state;
	start("xterm-256color", NULL);
	wait_for("colors 2");
	type("q");
	int status = finish();
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_non_null(strstr(session.output, "goodbye"));
	check_given_back();
}

static void test_fault(void **state)
{
	(void)state;
	start("xterm-256color", NULL);
	wait_for("colors 2");
	type("!");
	int status = finish();
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0); /* a sanitizer exits by itself */
	check_given_back();
}

static void test_abort(void **state)
{
	(void)state;
	start("xterm-256color", NULL);
	wait_for("colors 2");
	type("a");
	int status = finish();
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
	check_given_back();
}

static void check_signal(int signal, bool ends_well)
{
	start("xterm-256color", NULL);
	wait_for("colors 2");
	assert_int_equal(kill(session.child, signal), 0);
	int status = finish();
	assert_int_equal(WIFEXITED(status) && WEXITSTATUS(status) == 0, ends_well);
	check_given_back();
}

static void test_signals(void **state)
{
	(void)state;
	check_signal(SIGTERM, true);
	check_signal(SIGINT, true);
	check_signal(SIGHUP, true);
	check_signal(SIGSEGV, false);
	check_signal(SIGBUS, false);
	check_signal(SIGQUIT, false);
}

/* A signal mask outlives exec: started by a program that blocks everything, it still hears. */
static void test_blocked_signals(void **state)
{
	sigset_t all, before;
	(void)state;
	(void)sigfillset(&all);
	assert_int_equal(sigprocmask(SIG_SETMASK, &all, &before), 0);
	check_signal(SIGTERM, true);
	check_signal(SIGINT, true);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

static void test_interrupt_key(void **state)
{
	(void)state;
	start("xterm-256color", NULL);
	wait_for("colors 2");
	type("\x03");
	assert_int_equal(finish(), 0);
	check_given_back();
}

/* As ^\ by the terminal's driver, and as a key of kitty's protocol. */
static void test_quit_key(void **state)
{
	(void)state;
	for (int kitty = 0; kitty < 2; kitty++) {
		start("xterm-256color", NULL);
		wait_for("\x1b[?u");
		if (kitty) {
			type("\x1b[?0u\x1b[?62c");
			wait_for("\x1b[>1u");
		}
		type(kitty ? "\x1b[92;5u" : "\x1c");
		int status = finish();
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT);
		check_given_back();
	}
}

static void test_stderr_is_caught(void **state)
{
	(void)state;
	start("xterm-256color", NULL);
	wait_for("colors 2");
	type("e");
	wait_for("heard: a library");
	assert_null(strstr(session.output, "\na library speaks"));
	type("q");
	assert_int_equal(finish(), 0);
}

/* One event a session: only the letters are sent that change between two. */
static void check_mouse(const char *term, const char *bytes, const char *words)
{
	start(term, NULL);
	wait_for("resizes 0");
	type(bytes);
	wait_for(words);
	type("q");
	assert_int_equal(finish(), 0);
}

static void test_mouse(void **state)
{
	(void)state;
	check_mouse("tmux-256color", "\x1b[<0;250;6M", "mouse 0 button 1 at 5,249");
	check_mouse("xterm-256color", "\x1b[<2;1;1M", "mouse 0 button 3 at 0,0");
	check_mouse("screen", "\x1b[<64;3;4M", "mouse 4 button 0 at 3,2");
	check_mouse("xterm-256color", "\x1b[<81;300;40M", "mouse 5 button 0 at 39,299 ctrl");
}

/* Keys as terminals send them that were left in the kitty protocol or in modifyOtherKeys, one a session. */
static void check_key(const char *term, const char *bytes, const char *words)
{
	start(term, NULL);
	wait_for("resizes 0");
	type(bytes);
	wait_for(words);
	type("\x1b[113u"); /* q */
	assert_int_equal(finish(), 0);
}

static void test_sequences(void **state)
{
	(void)state;
	check_key("xterm-256color", "\x1b[122;3u\x1b[120u", "key 78"); /* Alt and a letter is no letter */
	check_key("xterm-256color", "\x1bx", "key 78 alt");
	check_key("xterm-256color", "\x1b[27;2;88~", "key 58");
	check_key(
		"vt100", "\x1b[57441;2u\x1b[122;1:3u\x1b[121u", "key 79"); /* what is no key is passed over */
	check_key("screen", "\x1b[?1;2c\x1b[", "key 5b alt");              /* no answer is awaited any more */
}

/* The marks around what is pasted are asked for with the mouse, and without it. */
static void test_paste(void **state)
{
	(void)state;
	static const char *const no_mouse[] = {"DEMO_NO_MOUSE", "1", NULL};
	for (int turn = 0; turn < 2; turn++) {
		start("xterm-256color", turn ? no_mouse : NULL);
		wait_for("resizes 0");
		type("\x1b[200~x\x1b[201~");
		wait_for("key 78 pasted");
		type("q");
		assert_int_equal(finish(), 0);
		if (turn)
			check_last("\x1b[?2004h", "\x1b[?2004l");
		else
			check_given_back();
		assert_int_equal(strstr(session.output, "1006;1002") == NULL, turn);
	}
	start("xterm-256color", no_mouse);
	wait_for("resizes 0");
	type("!");
	assert_int_not_equal(finish(), 0);
	check_last("\x1b[?2004h", "\x1b[?2004l");
}

#define BEGINS_KITTY "\x1b_Ga=T,f=24,o=z,s=112,v=112,"
#define BEGINS_SIXEL "\x1bP0;1;0q\"1;1;112;112#"

/* The terminal answers what it is asked, in two goes; a picture comes, something over it, and its end. */
static void check_pictures(const char *const *settings, const char *first, const char *then,
	const char *begins, const char *covered)
{
	start("xterm-256color", settings);
	wait_for("\x1b[16t\x1b[c"); /* behind the first frame */
	assert_non_null(strstr(session.output, "resizes 0"));
	type(first);
	read_some();
	type(then);
	type("i");
	wait_for(begins);
	forget();
	type("o");
	wait_for(covered);
	wait_for("a window");
	forget();
	type("o");
	wait_for(begins);
	forget();
	struct winsize size = {.ws_row = 30, .ws_col = 100};
	assert_int_equal(ioctl(session.master, TIOCSWINSZ, &size), 0);
	wait_for(begins);
	type("q");
	assert_int_equal(finish(), 0);
}

static void test_pictures(void **state)
{
	(void)state;
	static const char *const tmux[] = {"TMUX", "/tmp/tmux,1,0", NULL};
	static const char size[] = "\x1b[6;16;8t";
	char kitty[64], sixel[64];
	snprintf(kitty, sizeof kitty, "K\x1b\\%s\x1b[?62;c", size);
	snprintf(sixel, sizeof sixel, "%s\x1b[?62;4c", size);
	check_pictures(NULL, "\x1b_Gi=31;O", kitty, BEGINS_KITTY, "\x1b_Ga=d,d=I,");
	assert_null(strstr(session.output, BEGINS_SIXEL));
	check_pictures(NULL, "\x1b[?1;0;256S", sixel, BEGINS_SIXEL, "\xe2\x96");
	check_pictures(tmux, "", sixel, BEGINS_SIXEL, "\xe2\x96");
}

static void test_no_pictures(void **state)
{
	(void)state;
	static const char *const plain[] = {"NO_COLOR", "1", NULL}, *const tmux[] = {
									    "TMUX", "/tmp/tmux,1,0", NULL};
	start("xterm-256color", tmux);
	wait_for("\x1b[c");
	type("i");
	wait_for("\xe2\x96\x84"); /* half blocks, since nobody answers */
	type("q");
	assert_int_equal(finish(), 0);
	assert_null(strstr(session.output, "\x1b_G")); /* it would be a title there */
	assert_null(strstr(session.output, "\x1bP"));
	start("xterm-256color", plain);
	wait_for("resizes 0");
	type("q");
	assert_int_equal(finish(), 0);
	assert_null(strstr(session.output, "\x1b_G"));
	assert_null(strstr(session.output, "\x1b[16t"));
}

/* Kitty's keyboard protocol is put on where the terminal says that it has it, off in a suspend and at the
 * end. ^Z and ^\ are keys there.
 */
static void test_keyboard(void **state)
{
	(void)state;
	start("xterm-256color", NULL);
	wait_for("\x1b[?u");
	type("\x1b[?0u\x1b[?62c");
	wait_for("\x1b[>1u");
	forget();
	type("\x1b[120;3u\x1b[122;5u");
	wait_for("\x1b[<u"); /* it goes on at once, for no shell waits for it here */
	wait_for("\x1b[>1u");
	type("\x1b[120u");
	wait_for("key 78");
	type("q");
	assert_int_equal(finish(), 0);
	assert_non_null(strstr(session.output, "\x1b[<u"));
	start("xterm-256color", NULL);
	wait_for("\x1b[?u");
	type("\x1b[?62cq"); /* it does not know it */
	assert_int_equal(finish(), 0);
	assert_null(strstr(session.output, "\x1b[>1u"));
}

static void test_resize_storm(void **state)
{
	(void)state;
	static const unsigned short sizes[][2] = {
		{1, 1}, {5, 20}, {100, 300}, {18, 60}, {17, 59}, {2, 400}, {200, 2}, {40, 120}};
	start("xterm-256color", NULL);
	wait_for("colors 2");
	for (int round = 0; round < 5; round++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			struct winsize size = {.ws_row = sizes[i][0], .ws_col = sizes[i][1]};
			assert_int_equal(ioctl(session.master, TIOCSWINSZ, &size), 0);
			read_some();
		}
	type("q");
	assert_int_equal(finish(), 0);
	check_given_back();
}

/* Nobody could continue a program without a shell; then ^Z must do no harm. */
static void test_stop_key_alone(void **state)
{
	(void)state;
	start("xterm-256color", NULL);
	wait_for("colors 2");
	type("\x1a");
	type("x");
	wait_for("key 78");
	type("q");
	assert_int_equal(finish(), 0);
	check_given_back();
}

static bool is_ascii(void)
{
	for (size_t i = 0; i < session.size; i++)
		if ((unsigned char)session.output[i] >= 0x80)
			return false;
	return true;
}

static void check_look(
	const char *term, const char *const *settings, const char *has, const char *lacks, bool ascii)
{
	start(term, settings);
	wait_for("resizes 0");
	type("q");
	assert_int_equal(finish(), 0);
	if (has != NULL && strstr(session.output, has) == NULL)
		fail_msg("TERM=%s: no %s", term, has + 1);
	if (lacks != NULL && strstr(session.output, lacks) != NULL)
		fail_msg("TERM=%s: there is %s", term, lacks + 1);
	assert_int_equal(is_ascii(), ascii);
}

static void test_looks(void **state)
{
	(void)state;
	static const char *const true_color[] = {"COLORTERM", "truecolor", NULL},
				 *const none[] = {"NO_COLOR", "1", NULL},
				 *const c_locale[] = {"LC_ALL", "C", NULL};
	check_look("xterm-256color", true_color, "\x1b[38;2;201;209;220m", "\x1b[38;5;", false);
	check_look("tmux-256color", true_color, "\x1b[38;2;201;209;220m", "\x1b[38;5;", false);
	check_look("xterm-256color", NULL, "\x1b[38;5;", "\x1b[38;2;", false);
	check_look("xterm-256color", none, NULL, "\x1b[38;", false);
	check_look("xterm-unheard-of", NULL, "\x1b[38;5;", "\x1b[38;2;",
		false); /* its entry is not here: as xterm */
	check_look("screen", NULL, "\x1b[33m", "\x1b[38;", false);
	check_look("linux", NULL, "\xe2\x96\x88", "\xe2\xa3\xbf", false); /* full blocks, no braille */
	check_look("vt100", NULL, NULL, "\x1b[38;", false);
	check_look("xterm-256color", c_locale, "+-", "\xe2", true);
}

/* Kitty's entry says Tc, which is 256 colours to curses, and more to who knows: it was drawn without any. */
static void test_looks_of_kitty(void **state)
{
	(void)state;
	char folder[] = "/tmp/lepton-terminfo-XXXXXX", line[512];
	assert_non_null(mkdtemp(folder));
	snprintf(line, sizeof line,
		"infocmp -x xterm-256color | sed '1d;s/^xterm-256color|.*/lepton-tc|made by a "
		"test,\\n\tTc,/' | "
		"tic -x -o %s - 2>/dev/null",
		folder);
	bool made = system(line) == 0;
	const char *const there[] = {"TERMINFO", folder, NULL};
	if (made)
		check_look("lepton-tc", there, "\x1b[38;2;201;209;220m", "\x1b[38;5;", false);
	snprintf(line, sizeof line, "rm -r %s", folder);
	assert_int_equal(system(line), 0);
	if (!made)
		skip(); /* there is no tic */
}

static void check_refusal(const char *term, bool terminal, const char *words)
{
	int ends[2], status = 0, nothing = open("/dev/null", O_RDWR),
		     master = posix_openpt(O_RDWR | O_NOCTTY);
	char line[1024];
	size_t size = 0;
	assert_true(nothing >= 0 && master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY), tty = terminal ? slave : nothing;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		set_environment(term, NULL);
		run_demo(tty, tty, ends[1]);
	}
	(void)close(ends[1]);
	for (ssize_t got;
		size < sizeof line - 1 && (got = read(ends[0], line + size, sizeof line - 1 - size)) > 0;)
		size += (size_t)got;
	line[size] = '\0';
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	if (strstr(line, words) == NULL || strchr(line, '\n') != line + size - 1)
		fail_msg("it said: %s", line);
	(void)close(ends[0]);
	(void)close(nothing);
	(void)close(slave);
	(void)close(master);
}

static void test_refusals(void **state)
{
	(void)state;
	check_refusal("xterm-256color", false, "needs a terminal");
	check_refusal("no-such-terminal", true, "TERM=no-such-terminal");
	check_refusal("dumb", true, "cannot move its cursor");
	check_refusal("", true, "TERM is not set");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quits),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_blocked_signals),
		cmocka_unit_test(test_interrupt_key),
		cmocka_unit_test(test_quit_key),
		cmocka_unit_test(test_stderr_is_caught),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_paste),
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_no_pictures),
		cmocka_unit_test(test_keyboard),
		cmocka_unit_test(test_resize_storm),
		cmocka_unit_test(test_stop_key_alone),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_looks_of_kitty),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
