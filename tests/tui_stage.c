/* tests/tui_stage.c - see tui_stage.h. */
#include "config.h"
#include "tui_stage.h"
#include "base/file.h"
#include "base/memory.h"
#include "tui/keymap.h"
#include "tui/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *source_path(const char *name)
{
	const char *folder = getenv("srcdir");
	char *path = lepton__format("%s/%s", folder ? folder : ".", name);
	assert_non_null(path);
	return path;
}

static void tell_story(struct stage *stage, const char *story)
{
	char *path = source_path(story), *text, *rest = NULL;
	size_t size;
	struct lepton_error err = {0};
	struct lepton_event event;
	assert_int_equal(lepton__file_read(path, 1u << 24, &text, &size, &err), 0);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (lepton_event_from_json(line, &event, &err))
			fail_msg("%s", err.message);
		lepton__app_event(stage->app, &event);
		lepton_event_clear(&event);
	}
	lepton__free(text);
	lepton__free(path);
}

int set_up_story(void **state, const char *story)
{
	struct lepton_error err = {0};
	struct stage *stage = calloc(1, sizeof *stage);
	lepton_run_init(&stage->run);
	fake_init(&stage->fake, &stage->run);
	stage->app = calloc(1, sizeof *stage->app);
	assert_int_equal(lepton__screen_new(24, 80, LEPTON__GLYPHS_BRAILLE, &stage->screen, &err), 0);
	assert_int_equal(lepton__app_start(stage->app, &stage->options, &stage->fake.link, &stage->run,
				 stage->screen, LEPTON__COLORS_TRUE, &err),
		0);
	stage->app->headless = true;
	tell_story(stage, story);
	lepton__app_draw(stage->app);
	*state = stage;
	return 0;
}

int set_up(void **state)
{
	return set_up_story(state, "tests/golden/story.jsonl");
}

int tear_down(void **state)
{
	struct stage *stage = *state;
	lepton__app_free(stage->app);
	fake_free(&stage->fake);
	lepton_run_clear(&stage->run);
	lepton__screen_free(stage->screen);
	free(stage->app);
	free(stage);
	return 0;
}

void press(struct stage *stage, const char *keys)
{
	while (*keys) {
		struct lepton__input input = {.kind = LEPTON__INPUT_KEY};
		size_t used = lepton__key_scan(keys, &input.key);
		assert_int_not_equal(used, 0);
		lepton__app_input(stage->app, &input);
		lepton__app_take_events(stage->app);
		lepton__app_draw(stage->app);
		keys += used;
	}
}

void choose(struct stage *stage, const char *name)
{
	struct lepton_run_version *version;
	assert_int_equal(lepton_run_find(&stage->run, name, &version, NULL), 0);
	stage->app->dash.selected = version->id;
}

int64_t id_of(struct stage *stage, const char *name)
{
	struct lepton_run_version *version;
	assert_int_equal(lepton_run_find(&stage->run, name, &version, NULL), 0);
	return version->id;
}

const char *said(const struct stage *stage)
{
	return stage->app->saying_count ? stage->app->sayings[stage->app->saying_count - 1].text : "";
}
