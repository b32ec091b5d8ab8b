/* tests/test_tui_spoken.c - the dashboard in lines: what is said of the story's events, that a flood of
 * epochs stays few lines, and what typed lines do, windows included. What is printed goes to a file and is
 * read back.
 */
#include "config.h"
#include "tui_fake.h"
#include "base/file.h"
#include "base/memory.h"
#include "tui/bindings.h"
#include "tui/loop.h"
#include "tui/popup.h"
#include "tui/spoken.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct stage {
	struct fake fake;
	struct lepton_run run;
	struct lepton_tui_options options;
	struct lepton__app *app;
	struct lepton__screen *screen;
	struct lepton__spoken spoken;
	int terminal; /* what standard output was */
	FILE *kept;
	char text[65536];
} * stage;

/* From here on until heard(), standard output goes to a file. */
static void listen(void)
{
	fflush(stdout);
	stage->terminal = dup(STDOUT_FILENO);
	stage->kept = tmpfile();
	assert_non_null(stage->kept);
	assert_true(dup2(fileno(stage->kept), STDOUT_FILENO) >= 0);
}

static const char *heard(void)
{
	fflush(stdout);
	assert_true(dup2(stage->terminal, STDOUT_FILENO) >= 0);
	close(stage->terminal);
	rewind(stage->kept);
	stage->text[fread(stage->text, 1, sizeof stage->text - 1, stage->kept)] = '\0';
	fclose(stage->kept);
	return stage->text;
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;
	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		count++;
	return count;
}

static void take(const char *json)
{
	struct lepton_event event;
	struct lepton_error err = {0};
	if (lepton_event_from_json(json, &event, &err))
		fail_msg("%s: %s", err.message, json);
	lepton__app_event(stage->app, &event);
	lepton__spoken_event(&stage->spoken, &event);
	lepton_event_clear(&event);
}

static void tell_story(void)
{
	const char *source = getenv("srcdir");
	char *path = lepton__format("%s/tests/golden/story.jsonl", source ? source : ".."), *text,
	     *rest = NULL;
	size_t size;
	assert_int_equal(lepton__file_read(path, 1u << 26, &text, &size, NULL), 0);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (line[strspn(line, " \t\r")])
			take(line);
	lepton__free(text);
	lepton__free(path);
}

static int set_up(void **state)
{
	struct lepton_error err = {0};
	(void)state;
	stage = calloc(1, sizeof *stage);
	lepton_run_init(&stage->run);
	fake_init(&stage->fake, &stage->run);
	stage->app = calloc(1, sizeof *stage->app);
	assert_int_equal(lepton__screen_new(LEPTON__SPOKEN_ROWS, LEPTON__SPOKEN_COLS, LEPTON__GLYPHS_BRAILLE,
				 &stage->screen, &err),
		0);
	assert_int_equal(lepton__app_start(stage->app, &stage->options, &stage->fake.link, &stage->run,
				 stage->screen, LEPTON__MONO, &err),
		0);
	stage->spoken.app = stage->app;
	listen();
	tell_story();
	lepton__spoken_windows(&stage->spoken);
	heard();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lepton__free(stage->spoken.news);
	lepton__app_free(stage->app);
	fake_free(&stage->fake);
	lepton_run_clear(&stage->run);
	lepton__screen_free(stage->screen);
	free(stage->app);
	free(stage);
	return 0;
}

/* What is said when this line is typed, the engine's answers included. */
static const char *say(const char *line)
{
	char copy[200];
	snprintf(copy, sizeof copy, "%s", line);
	listen();
	lepton__spoken_command(&stage->spoken, copy);
	lepton__app_take_events(stage->app);
	lepton__spoken_windows(&stage->spoken);
	return heard();
}

static void expect(const char *line, const char *words)
{
	if (!strstr(say(line), words))
		fail_msg("\"%s\" was answered: %s", line, stage->text);
}

static void test_story(void **state)
{
	(void)state;
	const char *text = stage->text; /* of set_up */
	assert_non_null(strstr(text, "mlp-wide-quantize: a new version\n"));
	assert_non_null(strstr(text, "mlp: paused"));
	assert_non_null(strstr(text, "production points at mlp-wide\n"));
	assert_non_null(strstr(text, "mlp-wide has finished training\n"));
	assert_null(strpbrk(text, "\x1b\x07")); /* nothing for terminals in it */
}

/* Thousands of epochs of three versions: one line, then silence for a while, at the end the newest of each.
 */
static void test_epochs_are_few(void **state)
{
	(void)state;
	char json[256];
	listen();
	lepton__spoken_progress(&stage->spoken, true); /* what the story left */
	heard();
	listen();
	for (int epoch = 11; epoch <= 1000; epoch++)
		for (int version = 1; version <= 3; version++) {
			snprintf(json, sizeof json,
				"{\"type\":\"epoch\",\"serial\":1,\"time\":1,\"version\":%d,\"epoch\":%d,"
				"\"step\":%d,\"seconds\":1,"
				"\"loss\":0.5,\"accuracy\":0.75,\"val_loss\":0.5,\"val_accuracy\":0.75}",
				version, epoch, epoch * 1000);
			take(json);
			(void)lepton__spoken_progress(&stage->spoken, false);
		}
	size_t during = count_of(heard(), ": epoch ");
	if (during < 1 || during > 30) /* a machine so slow that this takes a minute says thirty */
		fail_msg("%zu lines: %s", during, stage->text);
	listen();
	lepton__spoken_progress(&stage->spoken, true);
	assert_int_equal(count_of(heard(), ": epoch 1000"), 3);
	listen();
	assert_true(lepton__spoken_progress(&stage->spoken, false) < 0); /* nothing waits */
	assert_string_equal(heard(), "");
}

static void test_commands(void **state)
{
	(void)state;
	expect("pause cnn", "pause cnn: done");
	assert_non_null(strstr(fake_last(&stage->fake), "pause"));
	expect("  pause   cnn ", "resume cnn: done");
	expect("p cnn", "pause cnn: done");
	expect("", "cnn: paused");
	expect("status", "selected");
	expect("puase cnn", "did you mean pause?");
	expect("xyzzyplugh", "\":\" lists all there is");
	expect("pause cnnn", "did you mean \"cnn\"?");
	expect("mark cnn mlp", "");
	expect("status", ", marked");
	expect("help", "Mark or unmark");
	assert_null(stage->app->popup); /* what is only to be read does not stay open */
	expect("compare", "best first");
	expect("down", "selected ");
}

static void test_windows(void **state)
{
	(void)state;
	size_t before = stage->fake.command_count;
	expect("stop cnn", "y yes");
	assert_non_null(stage->app->popup);
	expect("?", "y yes"); /* said again */
	expect("n", "");
	assert_null(stage->app->popup);
	assert_int_equal(stage->fake.command_count, before);
	expect("stop cnn", "y yes");
	expect("y", "cnn");
	assert_int_equal(stage->fake.command_count, before + 1);
	expect("compress mlp-wide", "Compress mlp-wide: how?");
	expect(".", "");
	assert_null(stage->app->popup);
	expect("compress mlp-wide", "quantize");
	expect("quantize", "Compress mlp-wide by quantize");
	expect("<Nonsense>", "no key is called");
	expect("<C-s>", "started");
	assert_non_null(strstr(fake_last(&stage->fake), "quantize"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_story, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_epochs_are_few, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_commands, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_windows, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
