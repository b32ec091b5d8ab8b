/* tests/test_tui_theme.c - the theme parser line by line, the shipped themes, and finding them.
 *
 * Every shipped theme is held to stated figures: text contrast, and curves apart from each other and from
 * the background (OKLab distance times 100), so that a new theme cannot be unreadable.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "tui/theme.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const shipped[] = {"abyss", "amber", "colorblind", "colorblind-light", "dusk", "fjord",
	"high-contrast", "high-contrast-light", "lepton-light", "lepton", "mono", "moss", "parchment"};

static void theme_path(char *out, size_t size, const char *name)
{
	const char *source = getenv("srcdir");
	snprintf(out, size, "%s/themes/%s.theme", source == NULL ? ".." : source, name);
}

static int parse(struct lepton__theme *theme, const char *text, struct lepton_error *err)
{
	return lepton__theme_parse(theme, "dir/some.theme", text, strlen(text), err);
}

static void test_good_lines(void **state)
{
	(void)state;
	struct lepton__theme theme, usual;
	lepton__theme_default(&usual);
	assert_int_equal(parse(&theme,
				 "# a comment\n\n  theme[main_bg]=\"#102030\"\ntheme[main_fg] = '#EE'\r\n"
				 "theme[title]=\"10 20 30\" # why "
				 "not\ntheme[gpu_box]=\"#ffffff\"\ntheme[curve_3]=\"#abcdef\"",
				 NULL),
		0);
	assert_int_equal(theme.role[LEPTON__MAIN].bg, 0x102030);
	assert_int_equal(theme.role[LEPTON__MAIN].fg, 0xeeeeee);
	assert_int_equal(theme.role[LEPTON__TITLE].fg, 0x0a141e);
	assert_int_equal(theme.role[LEPTON__TITLE].bg, 0x102030); /* on the file's background */
	assert_int_equal(theme.curve[2], 0xabcdef);
	assert_int_equal(theme.role[LEPTON__DIVIDER].fg, usual.role[LEPTON__DIVIDER].fg);
	assert_string_equal(theme.name, "some");
}

static void test_empty_background_is_the_terminals(void **state)
{
	(void)state;
	struct lepton__theme theme;
	assert_int_equal(parse(&theme, "theme[main_bg]=\"\"\n", NULL), 0);
	assert_int_equal(theme.role[LEPTON__MAIN].bg, LEPTON__COLOR_DEFAULT);
	assert_int_equal(theme.role[LEPTON__HOT].bg, LEPTON__COLOR_DEFAULT);
}

static void test_gradients(void **state)
{
	(void)state;
	struct lepton__theme theme;
	assert_int_equal(
		parse(&theme,
			"theme[cpu_start]=\"#000000\"\ntheme[cpu_end]=\"#646464\"\ntheme[cpu_mid]=\"\"\n"
			"theme[temp_start]=\"#010203\"\n",
			NULL),
		0);
	assert_int_equal(lepton__theme_shade(&theme, LEPTON__CPU, 0).fg, 0);
	assert_int_equal(lepton__theme_shade(&theme, LEPTON__CPU, 0.5).fg, 0x323232);
	assert_int_equal(lepton__theme_shade(&theme, LEPTON__CPU, 7).fg, 0x646464);
	assert_int_equal(lepton__theme_shade(&theme, LEPTON__TEMP, 1).fg, 0x010203); /* a start alone stays */
	assert_int_equal(theme.role[LEPTON__GOOD].fg, 0x010203);
}

static void check_bad(const char *line, const char *words)
{
	char text[256];
	struct lepton_error err;
	struct lepton__theme theme, before;
	lepton__theme_default(&theme);
	before = theme;
	snprintf(text, sizeof text, "# first\ntheme[title]=\"#ffffff\"\n%s\n", line);
	if (parse(&theme, text, &err) != LEPTON_E_SPEC)
		fail_msg("\"%s\" was taken", line);
	if (strstr(err.message, "dir/some.theme:3: ") != err.message || strstr(err.message, words) == NULL)
		fail_msg("\"%s\" gave: %s", line, err.message);
	assert_null(strchr(err.message, '\n'));
	assert_memory_equal(&theme, &before, sizeof theme); /* untouched */
}

static void test_bad_lines(void **state)
{
	(void)state;
	check_bad("title=\"#ffffff\"", "a line reads");
	check_bad("theme", "a line reads");
	check_bad("theme[", "no closing ]");
	check_bad("theme[]=\"#ffffff\"", "no closing ]");
	check_bad("theme[title\"#ffffff\"", "no closing ]");
	check_bad("theme[title]\"#ffffff\"", "no =");
	check_bad("theme[title]", "no =");
	check_bad("theme[title]=#ffffff", "not in quotes");
	check_bad("theme[title]=", "not in quotes");
	check_bad("theme[title]=\"#ffffff", "no closing quote");
	check_bad("theme[title]=\"#ffffff'", "no closing quote");
	check_bad("theme[title]=\"#ffffff\" x", "more behind");
	check_bad("theme[title]=\"#fffff\"", "no colour");
	check_bad("theme[title]=\"blue\"", "\"blue\" is no colour");
	check_bad("theme[title]=\"1 2 300\"", "no colour");
	check_bad("theme[nobody_knows]=\"blue\"", "no colour");
	check_bad("theme[title]=\"\x1b[31m\"", "no colour");
	check_bad("theme[title]="
		  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
		"no closing quote");
}

static void test_zero_bytes(void **state)
{
	(void)state;
	struct lepton__theme theme;
	struct lepton_error err;
	static const char text[] = "theme[title]=\"#ff\0ff\"\n";
	assert_int_equal(lepton__theme_parse(&theme, "x", text, sizeof text - 1, &err), LEPTON_E_SPEC);
}

static void load_shipped(struct lepton__theme *theme, const char *name)
{
	char path[512];
	struct lepton_error err;
	theme_path(path, sizeof path, name);
	if (lepton__theme_load(theme, path, &err) != 0)
		fail_msg("%s", err.message);
	assert_string_equal(theme->name, name);
}

static int32_t ground(const struct lepton__theme *theme)
{
	return lepton__theme_ground(theme);
}

static void test_shipped_text_is_readable(void **state)
{
	(void)state;
	static const enum lepton__role words[] = {LEPTON__MAIN, LEPTON__TITLE, LEPTON__HOT,
		LEPTON__GRAPH_TEXT, LEPTON__MISC, LEPTON__GOOD, LEPTON__WARN, LEPTON__BAD};
	for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
		struct lepton__theme theme;
		load_shipped(&theme, shipped[i]);
		double least = strncmp(shipped[i], "high-contrast", 13) == 0 ? 7 : 4.5;
		for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
			double contrast = lepton__color_contrast(theme.role[words[w]].fg, ground(&theme));
			if (contrast < least)
				fail_msg(
					"%s: role %d has contrast %.2f", shipped[i], (int)words[w], contrast);
		}
		assert_true(lepton__color_contrast(
				    theme.role[LEPTON__SELECTED].fg, theme.role[LEPTON__SELECTED].bg) >= 4.5);
		assert_true(lepton__color_contrast(theme.role[LEPTON__INACTIVE].fg, ground(&theme)) >= 3);
	}
}

/* The least CIEDE2000 between two curves, or a curve and the background, as such eyes see them. */
static double least_apart(const struct lepton__theme *theme, enum lepton__eyes eyes)
{
	double least = 100;
	for (int a = 0; a < LEPTON__CURVES; a++) {
		int32_t one = lepton__color_seen(theme->curve[a], eyes);
		for (int b = -1; b < a; b++) {
			int32_t other = b < 0 ? ground(theme) : theme->curve[b];
			double apart = lepton__color_difference(one, lepton__color_seen(other, eyes));
			least = apart < least ? apart : least;
		}
	}
	return least;
}

static void expect_apart(
	const struct lepton__theme *theme, const char *where, enum lepton__eyes eyes, double wanted)
{
	double least = least_apart(theme, eyes);
	if (least < wanted)
		fail_msg("%s, %s, eyes %d: curves are %.2f apart", theme->name, where, (int)eyes, least);
	for (int i = 0; i < LEPTON__CURVES; i++)
		if (lepton__color_contrast(theme->curve[i], ground(theme)) < 2.9)
			fail_msg("%s, %s: curve %d is hard to see", theme->name, where, i + 1);
}

/* What README states: 14, mono 6.5; 12 at 256 colours, mono 4; eight of the sixteen where there are no more;
 * and none was moved by the loader. */
static void test_shipped_curves_are_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
		struct lepton__theme theme, few;
		static const bool ours[LEPTON__CURVES];
		bool mono = strcmp(shipped[i], "mono") == 0;
		load_shipped(&theme, shipped[i]);
		expect_apart(&theme, "true colour", LEPTON__TRICHROMAT, mono ? 6.5 : 14);
		few = theme;
		if (!mono)
			lepton__theme_apart(&few, ours);
		assert_memory_equal(&few, &theme, sizeof few);
		lepton__theme_curves_of(&few, 256);
		expect_apart(&few, "256 colours", LEPTON__TRICHROMAT, mono ? 4 : 12);
		few = theme;
		lepton__theme_curves_of(&few, 16);
		for (int a = 0; a < LEPTON__CURVES; a++)
			for (int b = 0; b < a; b++)
				assert_int_not_equal(
					lepton__color_to_16(few.curve[a]), lepton__color_to_16(few.curve[b]));
	}
}

static void test_colorblind_is_for_every_eye(void **state)
{
	(void)state;
	static const char *const safe[] = {"colorblind", "colorblind-light"};
	for (size_t i = 0; i < sizeof safe / sizeof *safe; i++) {
		struct lepton__theme theme;
		load_shipped(&theme, safe[i]);
		for (int eyes = 0; eyes < LEPTON__EYES; eyes++)
			expect_apart(&theme, "true colour", (enum lepton__eyes)eyes, 18);
	}
}

/* Files whose curves are alike or lie on the background are set right, each time in the same way. */
static void test_alike_curves_are_moved(void **state)
{
	(void)state;
	char text[1024] = "theme[main_bg]=\"#204060\"\n";
	struct lepton__theme theme, again;
	for (int i = 1; i <= LEPTON__CURVES; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "theme[curve_%d]=\"#%s\"\n", i,
			i % 2 ? "204062" : "ffcc00");
	assert_int_equal(parse(&theme, text, NULL), 0);
	assert_int_equal(theme.curve[1], 0xffcc00); /* the first of its kind stays */
	expect_apart(&theme, "moved", LEPTON__TRICHROMAT, LEPTON__APART_OWN);
	assert_int_equal(parse(&again, text, NULL), 0);
	assert_memory_equal(&theme, &again, sizeof theme);
}

/* Real files of other people, unchanged: those of Debian's package btop. */
static void test_themes_of_btop(void **state)
{
	(void)state;
	static const char folder[] = "/usr/share/btop/themes";
	DIR *dir = opendir(folder);
	size_t count = 0;
	if (!dir) {
		print_message("skipped: the package btop, whose themes this reads, is not installed\n");
		skip();
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char path[512];
		struct lepton__theme theme;
		struct lepton_error err;
		if (!strstr(entry->d_name, ".theme"))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (lepton__theme_load(&theme, path, &err))
			fail_msg("%s", err.message);
		expect_apart(&theme, "of btop", LEPTON__TRICHROMAT, LEPTON__APART);
		count++;
	}
	closedir(dir);
	assert_true(count >= 10);
}

static void test_default_is_the_file(void **state)
{
	(void)state;
	struct lepton__theme theme, file;
	lepton__theme_default(&theme);
	load_shipped(&file, "lepton");
	assert_memory_equal(&theme, &file, sizeof theme);
}

static void test_curves_fit_a_given_background(void **state)
{
	(void)state;
	struct lepton__theme theme;
	for (int grey = 0; grey < 256; grey += 5) {
		char text[64];
		snprintf(text, sizeof text, "theme[main_bg]=\"#%02x\"\n", (unsigned)grey);
		assert_int_equal(parse(&theme, text, NULL), 0);
		for (size_t n = 0; n < 24; n++)
			assert_true(lepton__color_contrast(lepton__theme_curve(&theme, n), ground(&theme)) >=
				    2.5);
	}
}

static void test_markers(void **state)
{
	(void)state;
	for (size_t a = 0; a < 56; a++) {
		assert_int_equal(lepton__char_width(lepton__theme_marker(a, LEPTON__GLYPHS_BRAILLE)), 1);
		assert_in_range(lepton__theme_marker(a, LEPTON__GLYPHS_ASCII), 0x21, 0x7e);
		for (size_t b = 0; b < a; b++) /* colour and marker never both repeat */
			assert_true(
				a % 8 != b % 8 || lepton__theme_marker(a, LEPTON__GLYPHS_BRAILLE) !=
							  lepton__theme_marker(b, LEPTON__GLYPHS_BRAILLE));
	}
}

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(lepton__file_write(path, text, strlen(text), 0644, NULL), 0);
}

static void test_finding(void **state)
{
	(void)state;
	char folder[] = "/tmp/lepton-theme-XXXXXX", themes[128], path[256];
	struct lepton__theme theme;
	struct lepton_error err;
	char **names;
	size_t count, found = 0;
	assert_non_null(mkdtemp(folder));
	snprintf(themes, sizeof themes, "%s/lepton/themes", folder);
	assert_int_equal(lepton__make_dirs(themes, 0755, NULL), 0);
	write_file(themes, "zebra stripes.theme", "theme[title]=\"#123456\"\n");
	write_file(themes, "broken.theme", "nonsense\n");
	assert_int_equal(setenv("XDG_CONFIG_HOME", folder, 1), 0);

	assert_int_equal(lepton__theme_load(&theme, "zebra stripes", &err), 0);
	assert_int_equal(theme.role[LEPTON__TITLE].fg, 0x123456);
	assert_int_equal(lepton__theme_load(&theme, "broken", &err), LEPTON_E_SPEC);
	assert_non_null(strstr(err.message, "broken.theme:1: "));
	assert_int_equal(lepton__theme_load(&theme, "zebra strips", &err), LEPTON_E_NOTFOUND);
	assert_non_null(strstr(err.message, "did you mean \"zebra stripes\""));
	assert_int_equal(lepton__theme_load(&theme, "qqqqqqqqqqqqqqqqqqqq", &err), LEPTON_E_NOTFOUND);
	assert_non_null(strstr(err.message, "zebra stripes"));
	snprintf(path, sizeof path, "%s/nothing.theme", themes);
	assert_int_equal(lepton__theme_load(&theme, path, &err), LEPTON_E_IO);
	assert_int_equal(lepton__theme_load(&theme, themes, &err) != 0, true); /* a folder */
	assert_int_equal(lepton__theme_load(&theme, NULL, &err), 0);

	assert_int_equal(lepton__theme_names(&names, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		found += strcmp(names[i], "zebra stripes") == 0 || strcmp(names[i], "lepton") == 0;
		assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
	}
	assert_int_equal(found, 2);
	assert_null(names[count]);
	lepton__theme_names_free(names);

	snprintf(path, sizeof path, "%s/zebra stripes.theme", themes);
	unlink(path);
	snprintf(path, sizeof path, "%s/broken.theme", themes);
	unlink(path);
	rmdir(themes);
	snprintf(path, sizeof path, "%s/lepton", folder);
	rmdir(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_lines),
		cmocka_unit_test(test_empty_background_is_the_terminals),
		cmocka_unit_test(test_gradients),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_zero_bytes),
		cmocka_unit_test(test_shipped_text_is_readable),
		cmocka_unit_test(test_shipped_curves_are_apart),
		cmocka_unit_test(test_colorblind_is_for_every_eye),
		cmocka_unit_test(test_alike_curves_are_moved),
		cmocka_unit_test(test_themes_of_btop),
		cmocka_unit_test(test_default_is_the_file),
		cmocka_unit_test(test_curves_fit_a_given_background),
		cmocka_unit_test(test_markers),
		cmocka_unit_test(test_finding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
