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

static void check(const char *text, uint32_t key)
{
	uint32_t got = lepton__csi_key(text);
	if (got != key)
		fail_msg("CSI %s is %#x, not %#x", text, (unsigned)got, (unsigned)key);
}

static void test_kitty(void **state)
{
	(void)state;
	check("27u", LEPTON__KEY_ESC);
	check("97u", 'a');
	check("97;1u", 'a');
	check("97;5u", 1);   /* ctrl a */
	check("108;5u", 12); /* ctrl l */
	check("97;2u", 'A'); /* shift a */
	check("97:65;2u", 'A');
	check("49:33;2u", '!');          /* shift 1 */
	check("97;3u", 0);               /* alt a: not the letter */
	check("97;7u", 0);               /* ctrl alt a */
	check("91;5u", LEPTON__KEY_ESC); /* ctrl [ */
	check("92;5u", 28);              /* ctrl backslash */
	check("246;5u", 0);
	check("59;5u", 0);
	check("32;5u", 0);
	check("113;9u", 0);    /* super q */
	check("113;65u", 'q'); /* caps lock is on */
	check("127;3u", LEPTON__KEY_BACKSPACE);
	check("97;1:2u", 'a');      /* held: again */
	check("97;1:3u", 0);        /* let go */
	check("1089::99;1u", 1089); /* a Cyrillic letter, with its place on the base layout */
	check("1089::99;5u", 3);
	check("9;2u", LEPTON__KEY_BACKTAB);
	check("9u", LEPTON__KEY_TAB);
	check("13;5u", LEPTON__KEY_ENTER);
	check("127;5u", LEPTON__KEY_BACKSPACE);
	check("57399u", '0');     /* KP_0 …, by the table of the document */
	check("57408;129u", '9'); /* with Num Lock on */
	check("57409u", '.');
	check("57410u", '/');
	check("57411u", '*');
	check("57412u", '-');
	check("57413u", '+');
	check("57414u", LEPTON__KEY_ENTER);
	check("57415u", '=');
	check("57416u", ',');
	check("57417u", LEPTON__KEY_LEFT);
	check("57418u", LEPTON__KEY_RIGHT);
	check("57419u", LEPTON__KEY_UP);
	check("57420u", LEPTON__KEY_DOWN);
	check("57421u", LEPTON__KEY_PAGE_UP);
	check("57422u", LEPTON__KEY_PAGE_DOWN);
	check("57423u", LEPTON__KEY_HOME);
	check("57424u", LEPTON__KEY_END);
	check("57425u", LEPTON__KEY_INSERT);
	check("57426u", LEPTON__KEY_DELETE);
	check("57427u", 0); /* KP_BEGIN: the 5 in the middle */
	check("57398u", 0);
	check("57420;1:3u", 0);
	check("57441u", 0);   /* the shift key itself */
	check("97;65u", 'a'); /* with caps lock on: a modifier of no meaning here */
}

static void test_xterm(void **state)
{
	(void)state;
	check("27;5;97~", 1);
	check("27;2;13~", LEPTON__KEY_ENTER);
	check("27;3;120~", 0);
	check("A", LEPTON__KEY_UP);
	check("1;2A", LEPTON__KEY_SHIFT_UP);
	check("1;5C", LEPTON__KEY_RIGHT);
	check("1;3D", LEPTON__KEY_LEFT);
	check("5;5~", LEPTON__KEY_PAGE_UP);
	check("24;2~", LEPTON__KEY_F12);
	check("1;5P", LEPTON__KEY_F1);
	check("15~", LEPTON__KEY_F1 + 4);
}

static void test_nonsense(void **state)
{
	(void)state;
	static const char *const bad[] = {"", ";", ";;;;", "u", "-1u", "99999999999999999999u", "97;5",
		"97;5uu", "200~", "55296u", "1;1:3A", "?1;2c", "27;5~", ":::", "97;-9u"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		uint32_t key = lepton__csi_key(bad[i]);
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
