/* tests/test_tui_many.c - hundreds of versions on a small screen: nothing cut that tells rows apart, nothing
 * that is looked for again at every frame.
 */
#include "config.h"
#include "tui_stage.h"
#include "base/memory.h"
#include "tui/compare_table.h"
#include "tui/format.h"
#include "tui/nodes_rows.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MANY 300

/* Each drawn at random, as a spec's "random" does, with layers of its own; the n-th has the n-th best figure.
 */
static void add_version(struct stage *stage, int64_t id, int n)
{
	char line[800];
	struct lepton_error err = {0};
	struct lepton_event event;
	snprintf(line, sizeof line,
		"{\"type\":\"version\",\"serial\":%d,\"time\":1700000200,\"version\":%d,\"name\":\"any/%d\","
		"\"learner\":\"network\",\"parents\":[],\"operation\":\"{\\\"op\\\":\\\"train\\\"}\","
		"\"hyperparameters\":\"{\\\"batch_size\\\":%d,\\\"optimizer\\\":{\\\"name\\\":\\\"%s\\\","
		"\\\"learning_rate\\\":0.0%d1234567890123},\\\"layers\\\":[%s{\\\"type\\\":\\\"Dense\\\","
		"\\\"units\\\":%d}]}\",\"seed\":1,\"priority\":1,\"parameters\":1000,"
		"\"bytes\":4000,\"raw_bytes\":4000,\"steps_per_epoch\":10,\"epochs\":3}",
		10000 + 2 * n, (int)id, n, n % 2 ? 64 : 128, n % 3 ? "adam" : "sgd", n,
		n % 2 ? "{\\\"type\\\":\\\"Flatten\\\"}," : "", n);
	if (lepton_event_from_json(line, &event, &err))
		fail_msg("%s", err.message);
	lepton__app_event(stage->app, &event);
	lepton_event_clear(&event);
	struct lepton_event test = {.type = LEPTON_EVENT_TEST,
		.serial = (uint64_t)(10001 + 2 * n),
		.time = 1700000201,
		.version = id};
	test.u.test.loss = test.u.test.val_loss = 0.1;
	test.u.test.accuracy = test.u.test.val_accuracy = 0.9 - 0.001 * n;
	lepton__app_event(stage->app, &test);
}

static int set_up_many(void **state)
{
	if (set_up(state))
		return -1;
	for (int n = 1; n <= MANY; n++)
		add_version(*state, 1000 + n, n);
	lepton__app_draw(((struct stage *)*state)->app);
	return 0;
}

static char *screen_text(const struct stage *stage)
{
	struct lepton__buffer all;
	lepton__buffer_init(&all, 1u << 22);
	lepton__screen_to_text(stage->screen, &all);
	char *text = lepton__buffer_take(&all);
	assert_non_null(text);
	return text;
}

/* Its place among all is whole, and so are its settings. */
static void test_compare(void **state)
{
	struct stage *stage = *state;
	char row[64];
	press(stage, "2");
	for (int n = 90; n <= MANY; n += 30) {
		snprintf(row, sizeof row, "any/%d", n);
		choose(stage, row);
		press(stage, "<C-l>");
		/* the story's eight lie behind or before: its place is asked of the table */
		struct lepton__compared table;
		assert_true(lepton__compare_make(stage->app, &table));
		size_t place = 0;
		while (stage->run.versions[table.rows[place]]->id != stage->app->dash.selected)
			place++;
		lepton__free(table.rows);
		char *text = screen_text(stage), *found = strstr(text, row);
		assert_non_null(found);
		char *line = found;
		while (line > text && line[-1] != '\n')
			line--;
		assert_int_equal(strtol(line + strlen("│"), NULL, 10), place + 1);
		lepton__free(text);
	}
	assert_int_equal(lepton__screen_resize(stage->screen, 45, 160, NULL), 0);
	press(stage, "<C-l>");
	char *text = screen_text(stage);
	assert_non_null(strstr(text, "optimizer"));
	assert_non_null(strstr(text, " lr "));
	assert_non_null(strstr(text, "0.030012  ")); /* any/300: 0.03001234567890123 */
	assert_null(strstr(text, "1234567890123"));
	lepton__free(text);
}

/* Which settings differ, against looking at each pair. */
static void test_keys(void **state)
{
	struct stage *stage = *state;
	struct lepton__compared table;
	assert_true(lepton__compare_make(stage->app, &table));
	for (size_t k = 0; k < table.key_count; k++)
		for (size_t j = 0; j < k; j++)
			assert_string_not_equal(table.keys[j], table.keys[k]);
	static const char *const keys[] = {
		"batch_size", "optimizer.name", "optimizer.learning_rate", "layers", "epochs", "loss"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		bool listed = false, differs = false;
		for (size_t k = 0; k < table.key_count; k++)
			listed = listed || strcmp(table.keys[k], keys[i]) == 0;
		for (size_t a = 0; a < table.count; a++)
			for (size_t b = 0; b < a; b++)
				differs = differs ||
					  strcmp(lepton__compare_setting(stage->app, table.rows[a], keys[i]),
						  lepton__compare_setting(
							  stage->app, table.rows[b], keys[i])) != 0;
		assert_true(differs); /* the story has no "layers" in some, and these have neither epochs nor
					 loss */
		assert_true(listed);
	}
	lepton__free(table.rows);
}

/* Every view, from its first row to its last, at three sizes. */
static void test_views(void **state)
{
	struct stage *stage = *state;
	static const int sizes[][2] = {{18, 60}, {24, 80}, {45, 160}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_int_equal(lepton__screen_resize(stage->screen, sizes[i][0], sizes[i][1], NULL), 0);
		press(stage, "1gGyyyybb<Esc><Esc>2gGwGw3gG4G5G6G7gG8G9gG0G1g");
		char *text = screen_text(stage);
		assert_non_null(strstr(text, "308 versions"));
		lepton__free(text);
	}
}

/* Of all that trains: what the workers say, once they do; what programs outside say of themselves. */
static void test_rate(void **state)
{
	(void)state;
	struct lepton_run_version
		net = {.learner = "network", .state = LEPTON_RUNNING, .samples_per_second = 5000},
		rests = {.learner = "network", .state = LEPTON_DONE, .samples_per_second = 700},
		torch = {.learner = "external", .state = LEPTON_RUNNING, .samples_per_second = 30};
	struct lepton_run_version *versions[] = {&net, &rests, &torch, &net};
	struct lepton_worker workers[] = {
		{.busy = 1, .samples_per_second = 4000}, {.busy = 0.5, .samples_per_second = 2000}};
	struct lepton_node node = {.workers = workers, .worker_count = 2};
	struct lepton_run run = {.versions = versions, .version_count = 4};
	assert_float_equal(lepton__run_rate(&run), 10030, 1e-9); /* nothing is known of workers */
	run.nodes = &node;
	run.node_count = 1;
	assert_float_equal(lepton__run_rate(&run), 6030, 1e-9);
	workers[0].busy = workers[1].busy = (double)NAN; /* before the first span */
	assert_float_equal(lepton__run_rate(&run), 10030, 1e-9);
	workers[0].busy = 1;
	net.state = LEPTON_PAUSED; /* what they did before is no more */
	assert_float_equal(lepton__run_rate(&run), 30, 1e-9);
	torch.state = LEPTON_DONE;
	assert_float_equal(lepton__run_rate(&run), 0, 1e-9);
	net.state = LEPTON_RUNNING;
	run.ended = true;
	assert_float_equal(lepton__run_rate(&run), 10000, 1e-9);
}

static void test_settings_are_short(void **state)
{
	(void)state;
	char out[LEPTON__FMT];
	assert_string_equal(lepton__fmt_setting(out, "0.0123456789"), "0.012346");
	assert_string_equal(lepton__fmt_setting(out, "1.23456789e-07"), "1.2346e-07");
	assert_string_equal(lepton__fmt_setting(out, "-0.000123456789"), "-0.00012346");
	static const char *const kept[] = {
		"0.001", "1234567890", "adam", "0.1, 0.2, 0.3", "12.34.56.78", "", "........."};
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		assert_ptr_equal(lepton__fmt_setting(out, kept[i]), kept[i]);
	assert_string_equal(lepton__short_key("optimizer.learning_rate"), "lr");
	assert_string_equal(lepton__short_key("optimizer.name"), "optimizer");
	assert_string_equal(lepton__short_key("optimizer.schedule.decay_rate"), "decay_rate");
	assert_string_equal(lepton__short_key("layers.3.units"), "3.units");
	assert_string_equal(lepton__short_key("gamma"), "gamma");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_compare, set_up_many, tear_down),
		cmocka_unit_test_setup_teardown(test_keys, set_up_many, tear_down),
		cmocka_unit_test_setup_teardown(test_views, set_up_many, tear_down),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_settings_are_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
