/* tests/test_tui_golden.c - the dashboard's screens, drawn by scripts from a recorded run, beside those kept
 * in tests/golden; and a fuzzer of keys, mouse, sizes and events.
 *
 * LEPTON_GOLDEN_UPDATE=1 (tests/golden/update.sh) writes the kept ones anew instead of comparing.
 */
#include "config.h"
#include "tui_fake.h"
#include "base/file.h"
#include "base/memory.h"
#include "tui/keymap.h"
#include "tui/loop.h"

#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static const char *config; /* the file of settings; NULL: none */
static char source[PATH_MAX], folder[] = "/tmp/lepton-golden-XXXXXX";

static char *in_source(const char *name)
{
	char *path = lepton__format("%s/%s", source, name);
	assert_non_null(path);
	return path;
}

static void compare(const char *name)
{
	char *kept_path = lepton__format("%s/tests/golden/%s", source, name), *kept = NULL, *drawn = NULL;
	struct lepton_error err = {0};
	size_t kept_size, drawn_size;
	assert_int_equal(lepton__file_read(name, 1u << 24, &drawn, &drawn_size, &err), 0);
	if (getenv("LEPTON_GOLDEN_UPDATE")) {
		assert_int_equal(lepton__file_write(kept_path, drawn, drawn_size, 0644, &err), 0);
	} else {
		if (lepton__file_read(kept_path, 1u << 24, &kept, &kept_size, &err))
			fail_msg("%s", err.message);
		if (kept_size != drawn_size || memcmp(kept, drawn, kept_size) != 0)
			fail_msg("%s differs from the kept one; now it is\n%s", name, drawn);
	}
	lepton__free(kept_path);
	lepton__free(kept);
	lepton__free(drawn);
}

static int play(const char *script, const char *theme, bool ascii, bool no_color, struct lepton_error *err)
{
	struct lepton_run run;
	struct fake *fake = calloc(1, sizeof *fake);
	struct lepton_tui_options options = {
		.theme = theme, .ascii = ascii, .no_color = no_color, .script = script, .config = config};
	lepton_run_init(&run);
	fake_init(fake, &run);
	int code = lepton_tui_run(&options, &fake->link, &run, NULL, err);
	fake_free(fake);
	lepton_run_clear(&run);
	free(fake);
	return code;
}

/* Every file the script saved, beside the kept one of that name. */
static void golden(const char *script, const char *theme, bool ascii, bool no_color)
{
	char *path = in_source(script), *theme_path = theme ? in_source(theme) : NULL;
	struct lepton_error err = {0};
	size_t count = 0;
	if (play(path, theme_path, ascii, no_color, &err))
		fail_msg("%s", err.message);
	DIR *dir = opendir(".");
	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		if (entry->d_name[0] == '.')
			continue;
		compare(entry->d_name);
		assert_int_equal(unlink(entry->d_name), 0);
		count++;
	}
	closedir(dir);
	assert_true(count > 0);
	lepton__free(path);
	lepton__free(theme_path);
}

static void test_views(void **state)
{
	(void)state;
	golden("tests/golden/views.script", NULL, false, false);
}

static void test_windows(void **state)
{
	(void)state;
	golden("tests/golden/windows.script", NULL, false, false);
	golden("tests/golden/preview.script", NULL, false, false);
	golden("tests/golden/tags.script", NULL, false, false);
	golden("tests/golden/groups.script", NULL, false, false);
	golden("tests/golden/queue.script", NULL, false, false);
	golden("tests/golden/nodes.script", NULL, false, false);
	golden("tests/golden/notify.script", NULL, false, false);
	golden("tests/golden/clone.script", NULL, false, false);
}

static void test_curves(void **state)
{
	(void)state;
	golden("tests/golden/curves.script", NULL, false, false);
	golden("tests/golden/curves-plain.script", NULL, true, true);
}

static void test_plain(void **state)
{
	(void)state;
	golden("tests/golden/plain.script", NULL, true, true);
}

static void test_themes(void **state)
{
	(void)state;
	golden("tests/golden/light.script", "themes/lepton-light.theme", false, false);
	golden("tests/golden/lepton.script", "themes/lepton.theme", false, false);
}

static void test_rebound(void **state)
{
	(void)state;
	char *path = in_source("tests/golden/rebound.config");
	config = path;
	golden("tests/golden/rebound.script", NULL, false, false);
	config = NULL;
	lepton__free(path);
}

/* A script's faults name its line and what was wrong. */
static void test_script_faults(void **state)
{
	(void)state;
	static const char *const bad[][2] = {
		{"size 80x24\nexpect nothing like this\n", ":2: \"nothing like this\""},
		{"size 80x24\nreject Versions\n", ":2: \"Versions\" is on"},
		{"size 80x24\ndance\n", ":2: \"dance\""}, {"size 80x24\nkeys <Nonsense>\n", ":2: no key"},
		{"size 80x24\nevents none.jsonl\n", ":2: "},
		{"size 80x24\nwait never 0.1\n", "did not come in 0.1"},
		{"size 80x24\nsize 0x3\n", ":2: size is written"}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct lepton_error err = {0};
		assert_int_equal(
			lepton__file_write("bad.script", bad[i][0], strlen(bad[i][0]), 0600, &err), 0);
		assert_int_not_equal(play("bad.script", NULL, false, false, &err), 0);
		if (!strstr(err.message, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], err.message);
		assert_int_equal(unlink("bad.script"), 0);
	}
	struct lepton_error err = {0};
	assert_int_not_equal(play("/nonexistent.script", NULL, false, false, &err), 0);
}

/* ---- keys, mouse, sizes and events without sense ---- */

static uint64_t seed = 12345;

static unsigned chance(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

static struct lepton__input any_input(const struct lepton__screen *screen)
{
	static const uint32_t special[] = {LEPTON__KEY_ESC, LEPTON__KEY_ENTER, LEPTON__KEY_UP,
		LEPTON__KEY_DOWN, LEPTON__KEY_LEFT, LEPTON__KEY_RIGHT, LEPTON__KEY_PAGE_DOWN,
		LEPTON__KEY_PAGE_UP, LEPTON__KEY_HOME, LEPTON__KEY_END, LEPTON__KEY_TAB, LEPTON__KEY_BACKTAB,
		LEPTON__KEY_BACKSPACE, LEPTON__KEY_DELETE, LEPTON__KEY_F1, 19, 21, 23, 11, 0x4e2d, 0x301,
		0x1f600};
	struct lepton__input input = {.kind = LEPTON__INPUT_KEY};
	if (chance(5) == 0) {
		input.kind = LEPTON__INPUT_MOUSE;
		input.mouse = (enum lepton__mouse)chance(6);
		input.button = 1 + (int)chance(3);
		input.y = (int)chance((unsigned)screen->rows + 4) - 2;
		input.x = (int)chance((unsigned)screen->cols + 4) - 2;
	} else {
		input.key = chance(3) ? ' ' + chance(95) : special[chance(sizeof special / sizeof *special)];
	}
	return input;
}

/* Lines of the story in any order, some of them damaged: those that still read as events go in. */
static void any_event(struct lepton__app *app, char **lines, size_t count)
{
	char line[4096];
	struct lepton_event event;
	snprintf(line, sizeof line, "%s", lines[chance((unsigned)count)]);
	if (chance(4) == 0 && *line)
		line[chance((unsigned)strlen(line))] = (char)('0' + chance(10));
	if (lepton_event_from_json(line, &event, NULL))
		return;
	lepton__app_event(app, &event);
	lepton_event_clear(&event);
}

static size_t read_lines(char **text, char **lines, size_t max)
{
	char *path = in_source("tests/golden/story.jsonl"), *rest = NULL;
	size_t size, count = 0;
	assert_int_equal(lepton__file_read(path, 1u << 24, text, &size, NULL), 0);
	for (char *line = strtok_r(*text, "\n", &rest); line && count < max;
		line = strtok_r(NULL, "\n", &rest))
		lines[count++] = line;
	lepton__free(path);
	return count;
}

/* "e" and "W" could write files named by chance: the test stands in its own folder, and slashes are not
 * typed. */
static void fuzz(unsigned rounds)
{
	struct lepton_run run;
	struct fake *fake = calloc(1, sizeof *fake);
	struct lepton__app *app = calloc(1, sizeof *app);
	struct lepton__screen *screen;
	struct lepton_tui_options options = {0};
	char *text, *lines[1024];
	size_t count = read_lines(&text, lines, 1024);
	lepton_run_init(&run);
	fake_init(fake, &run);
	assert_int_equal(lepton__screen_new(24, 80, LEPTON__GLYPHS_BRAILLE, &screen, NULL), 0);
	assert_int_equal(
		lepton__app_start(app, &options, &fake->link, &run, screen, LEPTON__COLORS_TRUE, NULL), 0);
	app->headless = true;
	for (size_t i = 0; i < count; i++)
		any_event(app, lines, count);
	for (unsigned i = 0; i < rounds; i++) {
		struct lepton__input input = any_input(screen);
		if (chance(60) == 0) {
			assert_int_equal(lepton__screen_resize(
						 screen, 1 + (int)chance(60), 1 + (int)chance(200), NULL),
				0);
			input = (struct lepton__input){.kind = LEPTON__INPUT_RESIZE};
		}
		if (chance(6) == 0)
			any_event(app, lines, count);
		if (app->popup || input.key != '/')
			input.key = input.key == '/' ? 'x' : input.key;
		lepton__app_input(app, &input);
		lepton__app_take_events(app);
		if (chance(4) == 0)
			lepton__app_draw(app);
		if (fake->next_id > 1060)
			fake->refuse = "no more versions in this test";
		app->quit = false;
	}
	lepton__app_draw(app);
	lepton__app_free(app);
	fake_free(fake);
	lepton_run_clear(&run);
	lepton__screen_free(screen);
	lepton__free(text);
	free(app);
	free(fake);
}

static void test_fuzz(void **state)
{
	(void)state;
	fuzz(20000);
}

static int leave_folder(void **state)
{
	(void)state;
	DIR *dir = opendir(folder);
	for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
		char path[PATH_MAX];
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlink(path) != 0)
			perror(path);
	}
	if (dir)
		closedir(dir);
	return rmdir(folder);
}

int main(void)
{
	const char *from = getenv("srcdir");
	setenv("LEPTON_TEST_CLOCK", "1700000178", 1);
	setenv("TZ", "UTC", 1);
	unsetenv("NO_COLOR");
	if (!realpath(from ? from : ".", source) || !mkdtemp(folder) || chdir(folder))
		return 99;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_views),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_curves),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_themes),
		cmocka_unit_test(test_rebound),
		cmocka_unit_test(test_script_faults),
		cmocka_unit_test(test_fuzz),
	};
	return cmocka_run_group_tests(tests, NULL, leave_folder);
}
