/* tests/test_tui_notify.c - the bytes of desktop notifications, and how several ends are summed up. */
#include "config.h"
#include "tui/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *bytes(const char *term, const char *tmux, const char *vte, const char *text)
{
	static char out[1024];
	const struct lepton__surroundings where = {term, tmux, vte};
	lepton__notify_bytes(&where, "mn;ist", text, out, sizeof out);
	return out;
}

static void by_terminal(void **state)
{
	(void)state;
	assert_string_equal(bytes("xterm-256color", NULL, NULL, "a; b"), "\033]9;mn,ist: a; b\007");
	assert_string_equal(bytes("xterm-256color", NULL, "7600", "a; b"), "\033]777;notify;mn,ist;a, b\007");
	assert_string_equal(bytes("foot", NULL, NULL, "a"), "\033]777;notify;mn,ist;a\007");
	assert_string_equal(bytes("rxvt-unicode", NULL, NULL, "a"), "\033]777;notify;mn,ist;a\007");
	assert_string_equal(bytes("tmux-256color", "/tmp/tmux-0/default,1,0", NULL, "a"),
		"\033Ptmux;\033\033]9;mn,ist: a\007\033\\");
	assert_string_equal(bytes("screen", NULL, NULL, "a"), "\033P\033]9;mn,ist: a\007\033\\");
	assert_string_equal(
		bytes("screen-256color", "x", NULL, "a"), "\033Ptmux;\033\033]9;mn,ist: a\007\033\\");
	assert_string_equal(bytes("linux", NULL, NULL, "a"), ""); /* it would show it */
	assert_string_equal(bytes("vt100", NULL, NULL, "a"), "");
	assert_string_equal(bytes(NULL, NULL, NULL, "a"), "");
}

/* What a version says of its failure comes from programs and must not steer the terminal. */
static void hostile(void **state)
{
	char longest[2000];
	(void)state;
	assert_string_equal(bytes("xterm", NULL, NULL, "a\007b\033]0;x\033\\c\xc2\x9c\x7f\n"),
		"\033]9;mn,ist: ab]0;x\\c\007");
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	const char *out = bytes("xterm", "tmux", NULL, longest);
	assert_true(strlen(out) < 400);
	assert_string_equal(out + strlen(out) - 3, "\007\033\\");
	for (size_t i = 0; i + 2 < sizeof longest; i += 2)
		memcpy(longest + i, "\xc3\xa4", 2);
	longest[sizeof longest - 2] = '\0';
	out = bytes("xterm", NULL, NULL, longest);
	size_t length = strlen(out);
	assert_int_equal(out[length - 1], '\007');
	assert_true((unsigned char)out[length - 2] == 0xa4); /* whole characters */
}

static void sums(void **state)
{
	static struct lepton__notices n;
	char out[200];
	(void)state;
	assert_false(lepton__notices_sum(&n, out, sizeof out));
	n.count = 5;
	n.fresh = 1;
	snprintf(n.items[4].text, sizeof n.items[4].text, "cnn has finished training");
	assert_true(lepton__notices_sum(&n, out, sizeof out));
	assert_string_equal(out, "cnn has finished training");
	n.fresh = 4;
	lepton__notices_sum(&n, out, sizeof out);
	assert_string_equal(out, "4 have ended");
	n.items[2].failed = n.items[0].failed = true; /* the first was told of before */
	lepton__notices_sum(&n, out, sizeof out);
	assert_string_equal(out, "4 have ended, 1 of them failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_terminal),
		cmocka_unit_test(hostile),
		cmocka_unit_test(sums),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
