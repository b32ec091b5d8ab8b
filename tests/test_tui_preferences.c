/* tests/test_tui_preferences.c - keys given by the person, the file of settings, its faults one by one, and
 * what saving leaves of it.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "tui/bindings.h"
#include "tui/dash.h"
#include "tui/keymap.h"
#include "tui/terminal.h"
#include "tui/preferences.h"
#include "tui/tui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/lepton-preferences-XXXXXX", file[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof file, "%s/config", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(folder);
}

static int forget(void **state)
{
	(void)state;
	lepton__bindings_reset();
	return 0;
}

static struct lepton__preferences read_text(const char *text)
{
	struct lepton__preferences preferences;
	lepton__preferences_usual(&preferences);
	lepton__bindings_reset();
	assert_int_equal(lepton__file_write(file, text, strlen(text), 0644, NULL), 0);
	lepton__preferences_read(&preferences, file, true);
	return preferences;
}

static const char *who(enum lepton__view_id view, uint32_t key)
{
	const struct lepton__action *action = lepton__action_for_key(view, key);
	return action ? action->id : "nobody";
}

static const char *keys_of(const char *id)
{
	return lepton__action_keys(lepton__action_find(id));
}

static bool is_keyless(const char *wanted)
{
	char id[48];
	bool found = true, keyless;
	for (size_t i = 0; found; i++) {
		keyless = lepton__keyless(i, id, sizeof id, &found);
		if (found && strcmp(id, wanted) == 0)
			return keyless;
	}
	fail_msg("nothing is called %s", wanted);
	return false;
}

/* In a window a key does one thing, and each can be bound. */
static void test_every_window_key_can_be_bound(void **state)
{
	(void)state;
	struct lepton_error err;
	size_t count = 0;
	for (size_t w = 0; w < lepton__window_count(); w++) {
		const struct lepton__window_keys *window = lepton__windows[w];
		for (size_t i = 0; i < window->count; i++, count++) {
			const struct lepton__window_key *entry = &window->keys[i];
			char id[64];
			uint32_t old = lepton__key_named(entry->keys, strcspn(entry->keys, " "));
			lepton__bindings_reset();
			if (lepton__window_key_for(window, old) != entry)
				fail_msg("%s.%s: its first key does something else", window->name, entry->id);
			snprintf(id, sizeof id, "%s.%s", window->name, entry->id);
			assert_int_equal(lepton__bind(id, "F12", &err), 0);
			assert_ptr_equal(lepton__window_key_for(window, LEPTON__KEY_F12), entry);
			assert_null(lepton__window_key_for(window, old));
			assert_int_equal(lepton__window_key_now(window, old), LEPTON__KEY_F12);
		}
	}
	assert_true(count > 50 && count <= LEPTON__MOST_WINDOW_KEYS);
}

static void test_the_table_fits(void **state)
{
	(void)state;
	assert_true(lepton__action_count() <= LEPTON__MOST_ACTIONS);
	for (size_t i = 0; i < lepton__preference_count; i++) {
		const struct lepton__preference *a = &lepton__preference_table[i];
		assert_true(!a->choices || (a->usual < a->count && a->choices[a->count - 1]));
		for (int c = 0; strcmp(a->name, "smoothing") == 0 && c < a->count; c++)
			assert_true(strtod(a->choices[c], NULL) >= lepton__smoothings[c] &&
				    strtod(a->choices[c], NULL) <= lepton__smoothings[c]);
	}
}

static void test_every_action_can_be_bound(void **state)
{
	(void)state;
	struct lepton_error err;
	for (size_t i = 0; i < lepton__action_count(); i++) {
		const struct lepton__action *action = &lepton__actions[i];
		lepton__bindings_reset();
		assert_int_equal(lepton__bind(action->id, "F12", &err), 0);
		for (int v = 0; v < LEPTON__VIEWS; v++)
			if (action->views & 1u << v)
				assert_string_equal(
					who((enum lepton__view_id)v, LEPTON__KEY_F1 + 11), action->id);
	}
}

static void test_binding(void **state)
{
	(void)state;
	struct lepton_error err;
	assert_string_equal(keys_of("pause"), "p");
	assert_int_equal(lepton__bind("pause", "Space  F2 F2", &err), 0);
	assert_string_equal(keys_of("pause"), "Space F2");
	assert_string_equal(who(LEPTON__VIEW_VERSIONS, ' '), "pause");
	assert_string_equal(who(LEPTON__VIEW_VERSIONS, 'p'), "nobody");
	assert_string_equal(keys_of("mark"), ""); /* its only key was taken */
	assert_true(is_keyless("mark"));
	assert_int_equal(lepton__bind("mark", "", &err), 0);
	assert_false(is_keyless("mark")); /* that is meant */
	assert_int_equal(lepton__bind("stop", "F2", &err), LEPTON_E_SPEC);
	assert_string_equal(err.message, "F2 is bound to pause already");
	assert_string_equal(keys_of("stop"), "x"); /* untouched */
	assert_int_equal(lepton__bind("puase", "x", &err), LEPTON_E_SPEC);
	assert_string_equal(err.message, "no action is called \"puase\"; did you mean pause?");
	assert_int_equal(lepton__bind("stop", "Spcae", &err), LEPTON_E_SPEC);
	assert_string_equal(err.message, "no key is called \"Spcae\"; did you mean Space?");
	/* In another view the same key may do another thing: "left" is not in Versions, "pan-left" is only
	 * there. */
	assert_int_equal(lepton__bind("left", "F9", &err), 0);
	assert_int_equal(lepton__bind("pan-left", "F9", &err), 0);
	assert_string_equal(who(LEPTON__VIEW_VERSIONS, LEPTON__KEY_F1 + 8), "pan-left");
	assert_string_equal(who(LEPTON__VIEW_LOG, LEPTON__KEY_F1 + 8), "left");
	assert_int_equal(lepton__bind("quit", "F10", &err), 0);
	assert_string_equal(who(LEPTON__VIEW_LOG, 3), "quit");
	lepton__bindings_reset();
	assert_string_equal(who(LEPTON__VIEW_VERSIONS, 'p'), "pause");
}

static void test_spelled(void **state)
{
	(void)state;
	struct lepton_error err;
	char text[40];
	assert_int_equal(lepton__bind("undo", "F7", &err), 0);
	lepton__spell_keys("{undo} or {nothing} {", text, sizeof text);
	assert_string_equal(text, "F7 or {nothing} {");
	lepton__spell_keys("{undo}{undo}{undo}{undo}{undo}{undo}{undo}{undo}", text, 10);
	assert_true(strlen(text) < 10);
}

static void test_good_file(void **state)
{
	(void)state;
	struct lepton__preferences p =
		read_text("# mine\n\n  theme=dusk\r\nmetric = val loss\nmouse = no\n"
			  "smoothing\t=\t0.9\nbind zoom-in = + =\nbind compare = 2 F3\n"
			  "sort = test accuracy");
	if (p.fault_count)
		fail_msg("%s", p.faults[0]);
	assert_string_equal(p.theme, "dusk");
	assert_int_equal(p.metric, LEPTON__VAL_LOSS);
	assert_int_equal(p.mouse, 0);
	assert_int_equal(p.smoothing, 2);
	assert_int_equal(p.sort, LEPTON__SORT_TEST);
	assert_int_equal(p.tour, 1);
	assert_string_equal(keys_of("zoom-in"), "+ =");
	assert_string_equal(keys_of("compare"), "2 F3");
}

static void check_fault(const char *line, const char *words)
{
	char text[600];
	snprintf(text, sizeof text, "# first\nascii = yes\n%s\nbind undo = F8\n", line);
	struct lepton__preferences p = read_text(text);
	if (p.fault_count != 1 || !strstr(p.faults[0], words) || strchr(p.faults[0], '\n'))
		fail_msg("\"%s\": %zu faults, %s", line, p.fault_count, p.faults[0]);
	assert_int_equal(p.ascii, 1); /* the other lines hold */
	assert_string_equal(keys_of("undo"), "F8");
}

static void test_faults(void **state)
{
	(void)state;
	check_fault("them = dusk", "config:3: no setting is called \"them\"; did you mean theme?");
	check_fault("zzzzzzzz = dusk", "no setting is called \"zzzzzzzz\"; lepton-tui(1) lists them");
	check_fault("theme", "config:3: a line reads `setting = value`");
	check_fault("= x", "no setting is called \"\"");
	check_fault("mouse = of", "mouse cannot be \"of\"");
	check_fault("metric = acuracy", "metric cannot be \"acuracy\"; did you mean accuracy?");
	check_fault("axis = inches", "axis cannot be \"inches\"; it is step, epoch, time or samples");
	check_fault("bind puase = p", "config:3: no action is called \"puase\"; did you mean pause?");
	check_fault("bind = p", "no setting is called \"bind\"");
	check_fault("bind pause = Spcae", "no key is called \"Spcae\"; did you mean Space?");
	check_fault("bind pause = F13", "config:3: no key is called \"F13\"");
	check_fault("\x1b[31m = yes", "no setting is called");
}

/* A window's key is its own matter; where text is typed no letter is a key, and C-c is the way out. */
static void test_window_conflicts(void **state)
{
	(void)state;
	struct lepton__preferences p =
		read_text("bind mistakes.larger = p\nbind inside.up = p\nbind stop = F2\n"
			  "bind mistakes.close = Esc ^X\n");
	if (p.fault_count)
		fail_msg("%s", p.faults[0]);
	assert_string_equal(keys_of("pause"), "p");
	p = read_text("bind mistakes.larger = p\nbind mistakes.smaller = p\n");
	assert_int_equal(p.fault_count, 1);
	assert_non_null(strstr(p.faults[0], "config:2: p is bound to mistakes.larger already"));
	p = read_text("bind barrier.again = m\n");
	assert_int_equal(p.fault_count, 1);
	assert_non_null(strstr(p.faults[0], "barrier.metric has no key left; `bind barrier.metric = KEY`"));
	check_fault("bind mistakes.lager = p",
		"config:3: no action is called \"mistakes.lager\"; did you mean "
		"mistakes.larger?");
	check_fault("bind menu.up = k", "config:3: k is typed as text in a menu; a key such as F2");
	check_fault("bind form.done = Space", "config:3: Space is typed as text in a form");
	check_fault("bind text.close = C-c", "config:3: C-c always quits, and leaves windows");
	check_fault("bind pause = C-c", "config:3: C-c always quits");
}

static void test_conflicts_are_told(void **state)
{
	(void)state;
	struct lepton__preferences p = read_text("bind stop = F2\nbind pause = F2\n");
	assert_int_equal(p.fault_count, 1);
	assert_non_null(strstr(p.faults[0], "config:2: F2 is bound to stop already"));
	p = read_text("bind stop = p\n");
	assert_int_equal(p.fault_count, 1);
	assert_non_null(strstr(p.faults[0], "pause has no key left; `bind pause = KEY` gives it one"));
	p = read_text("bind stop = p\nbind pause =\n");
	assert_int_equal(p.fault_count, 0);
}

/* A file of nothing but faults says the first eight and how many more. */
static void test_many_faults(void **state)
{
	(void)state;
	char text[2000] = "";
	for (int i = 0; i < 30; i++)
		strcat(text, "nonsense\n");
	struct lepton__preferences p = read_text(text);
	assert_int_equal(p.fault_count, LEPTON__FAULTS);
	assert_int_equal(p.more_faults, 30 - LEPTON__FAULTS);
}

static void test_no_file(void **state)
{
	(void)state;
	struct lepton__preferences p;
	lepton__preferences_usual(&p);
	unlink(file);
	lepton__preferences_read(&p, file, false);
	assert_int_equal(p.fault_count, 0);
	lepton__preferences_read(&p, file, true);
	assert_int_equal(p.fault_count, 1);
	lepton__preferences_read(&p, folder, false); /* a folder */
	assert_int_equal(p.fault_count, 2);
}

static void test_where(void **state)
{
	(void)state;
	char path[64];
	assert_int_equal(setenv("XDG_CONFIG_HOME", "/there", 1), 0);
	lepton__preferences_path(path, sizeof path);
	assert_string_equal(path, "/there/lepton/config");
	assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
	assert_int_equal(setenv("HOME", "/home/me", 1), 0);
	lepton__preferences_path(path, sizeof path);
	assert_string_equal(path, "/home/me/.config/lepton/config");
}

/* Comments, bindings and the order stay; what differs from the usual is added. */
static void test_saving(void **state)
{
	(void)state;
	struct lepton_error err;
	char *text = NULL;
	size_t size;
	struct lepton__preferences p =
		read_text("# mine\nbind pause = F2\n  axis = epoch\nnonsense here\nascii = no\n");
	p.axis = LEPTON__BY_TIME;
	p.sort = LEPTON__SORT_SIZE;
	strcpy(p.theme, "moss");
	if (lepton__preferences_save(&p, &err))
		fail_msg("%s", err.message);
	assert_int_equal(lepton__file_read(file, 1 << 16, &text, &size, &err), 0);
	assert_string_equal(text,
		"# mine\nbind pause = F2\naxis = time\nnonsense here\nascii = no\ntheme = moss\n"
		"sort = size\n");
	lepton__free(text);
	unlink(file);
	assert_int_equal(lepton__preferences_save(&p, &err), 0); /* made where there was none */
	struct lepton__preferences again;
	lepton__preferences_usual(&again);
	lepton__preferences_read(&again, file, true);
	assert_int_equal(again.fault_count, 0);
	assert_string_equal(again.theme, "moss");
	assert_int_equal(again.axis, LEPTON__BY_TIME);
	snprintf(p.path, sizeof p.path, "/proc/no/such/config");
	assert_int_not_equal(lepton__preferences_save(&p, &err), 0);
}

/* The words of a roff text, without what guards them from roff. */
static void plain(char *text)
{
	char *out = text;
	for (; *text; text++)
		if (text[0] == '\\' && (text[1] == '-' || text[1] == '&'))
			*out = *++text, out += *text == '-';
		else
			*out++ = *text;
	*out = '\0';
}

static void test_texts(void **state)
{
	(void)state;
	struct lepton_error err;
	char *text = NULL;
	(void)read_text("bind pause = F2\n");
	assert_int_equal(lepton_tui_keys(file, &text, &err), 0);
	assert_non_null(strstr(text, "\npause              * F2"));
	assert_non_null(strstr(
		text, "\nmistakes.larger      + =            Larger pictures, in the window of mistakes"));
	lepton__free(text);
	assert_int_equal(lepton_tui_check_config(file, &text, &err), 0);
	assert_non_null(strstr(text, "nothing is wrong"));
	lepton__free(text);
	(void)read_text("bind pause = F22\n");
	assert_int_equal(lepton_tui_check_config(file, &text, &err), LEPTON_E_SPEC);
	assert_non_null(strstr(text, "config:1: no key is called \"F22\""));
	lepton__free(text);
	/* The manual names every action and setting, and the keys of the table whatever is bound. */
	assert_int_equal(lepton_tui_manual("@here@\n", &text, &err), 0);
	plain(text);
	for (size_t i = 0; i < lepton__action_count(); i++)
		assert_non_null(strstr(text, lepton__actions[i].title));
	for (size_t i = 0; i < lepton__preference_count; i++)
		assert_non_null(strstr(text, lepton__preference_table[i].help));
	assert_non_null(strstr(text, "@here@"));
	assert_non_null(strstr(text, ".It Ic p Pq Li pause\n"));
	assert_non_null(strstr(text, ".Ss In the window of mistakes\n"));
	assert_non_null(strstr(text, " Pq Li mistakes.larger\nLarger pictures.\n"));
	lepton__free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_the_table_fits, forget),
		cmocka_unit_test_teardown(test_every_action_can_be_bound, forget),
		cmocka_unit_test_teardown(test_every_window_key_can_be_bound, forget),
		cmocka_unit_test_teardown(test_window_conflicts, forget),
		cmocka_unit_test_teardown(test_binding, forget),
		cmocka_unit_test_teardown(test_spelled, forget),
		cmocka_unit_test_teardown(test_good_file, forget),
		cmocka_unit_test_teardown(test_faults, forget),
		cmocka_unit_test_teardown(test_conflicts_are_told, forget),
		cmocka_unit_test_teardown(test_many_faults, forget),
		cmocka_unit_test_teardown(test_no_file, forget),
		cmocka_unit_test_teardown(test_where, forget),
		cmocka_unit_test_teardown(test_saving, forget),
		cmocka_unit_test_teardown(test_texts, forget),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
