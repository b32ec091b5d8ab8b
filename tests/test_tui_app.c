/* tests/test_tui_app.c - the dashboard's model and keys: what is pressed becomes which command, what the
 * tables say. */
#include "config.h"
#include "tui_stage.h"
#include "base/file.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/keymap.h"
#include "tui/loop.h"
#include "tui/popup.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The newest command, parsed back. */
static struct lepton_command last(const struct stage *stage)
{
	struct lepton_command command;
	struct lepton_error err = {0};
	if (lepton_command_from_json(fake_last(&stage->fake), &command, &err))
		fail_msg("%s: %s", err.message, fake_last(&stage->fake));
	return command;
}

static void expect_command(const struct stage *stage, enum lepton_command_type type, int count, int64_t first)
{
	struct lepton_command command = last(stage);
	assert_string_equal(lepton_command_name(command.type), lepton_command_name(type));
	assert_int_equal(command.count, count);
	if (count)
		assert_int_equal(command.versions[0], first);
	lepton_command_clear(&command);
}

/* ---- the table ---- */

static void test_table_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < lepton__action_count(); i++) {
		const struct lepton__action *a = &lepton__actions[i];
		assert_non_null(a->id);
		assert_non_null(a->run);
		assert_true(*a->title && *a->label && a->views);
		assert_ptr_equal(lepton__action_find(a->id), a);
		for (const char *k = a->keys; *k;) {
			size_t length = strcspn(k, " ");
			if (!lepton__key_named(k, length))
				fail_msg("%s: no key is called %s", a->id, k);
			k += length + (k[length] == ' ');
		}
	}
}

static void test_no_key_means_two_things(void **state)
{
	(void)state;
	for (int v = 0; v < LEPTON__VIEWS; v++)
		for (size_t i = 0; i < lepton__action_count(); i++) {
			const struct lepton__action *a = &lepton__actions[i];
			for (const char *k = a->keys; *k && (a->views & 1u << v);) {
				size_t length = strcspn(k, " ");
				const struct lepton__action *found = lepton__action_for_key(
					(enum lepton__view_id)v, lepton__key_named(k, length));
				if (found != a)
					fail_msg("view %d: %s is %s and %s", v, k, a->id,
						found ? found->id : "nothing");
				k += length + (k[length] == ' ');
			}
		}
}

static void test_design_keys_are_there(void **state)
{
	(void)state;
	static const char *const wanted[][2] = {{"p", "pause"}, {"x", "stop"}, {"c", "compress"},
		{"f", "fuse"}, {"P", "promote"}, {"R", "rollback"}, {"n", "clone"}, {"e", "export"},
		{"d", "archive"}, {"u", "undo"}, {"m", "metric"}, {"l", "scale"}, {"s", "smooth"},
		{"t", "axis"}, {"+", "zoom-in"}, {"-", "zoom-out"}, {",", "cursor-left"},
		{".", "cursor-right"}, {"/", "filter"}, {"o", "sort"}, {":", "palette"}, {"?", "help"},
		{"T", "theme"}, {"D", "detach"}, {"q", "quit"}, {" ", "mark"}, {"j", "down"}, {"k", "up"}};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		const struct lepton__action *a =
			lepton__action_for_key(LEPTON__VIEW_VERSIONS, (unsigned char)*wanted[i][0]);
		assert_non_null(a);
		assert_string_equal(a->id, wanted[i][1]);
	}
}

static void test_key_names(void **state)
{
	(void)state;
	uint32_t key;
	assert_int_equal(lepton__key_scan("<Down>x", &key), 6);
	assert_int_equal(key, LEPTON__KEY_DOWN);
	assert_int_equal(lepton__key_scan("<lt>", &key), 4);
	assert_int_equal(key, '<');
	assert_int_equal(lepton__key_scan("\u00e9", &key), 2);
	assert_int_equal(key, 0xe9);
	assert_int_equal(lepton__key_scan("<Nonsense>", &key), 0);
	assert_int_equal(lepton__key_named("C-l", 3), 12);
	assert_int_equal(lepton__key_named("F12", 3), LEPTON__KEY_F12);
	assert_int_equal(lepton__key_named("F13", 3), 0);
}

/* ---- numbers ---- */

static void test_numbers(void **state)
{
	(void)state;
	char out[LEPTON__FMT];
	static const struct {
		double value;
		const char *loss;
	} losses[] = {{0.04121, "0.0412"}, {2.3025, "2.3025"}, {12.345, "12.35"}, {31234567, "3.1e+07"},
		{0, "0"}, {1e-9, "1.0e-09"}, {9.99999, "10"}};
	for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
		lepton__fmt_loss(out, losses[i].value);
		assert_string_equal(out, losses[i].loss);
	}
	lepton__fmt_loss(out, NAN);
	assert_string_equal(out, "-");
	lepton__fmt_percent(out, 0.98714);
	assert_string_equal(out, "98.71%");
	lepton__fmt_percent(out, 1);
	assert_string_equal(out, "100.0%");
	lepton__fmt_rate(out, 12345.6);
	assert_string_equal(out, "12.3k/s");
	lepton__fmt_rate(out, 999.7);
	assert_string_equal(out, "1.00k/s");
	lepton__fmt_integer(out, 1234567);
	assert_string_equal(out, "1,234,567");
	lepton__fmt_integer(out, -999);
	assert_string_equal(out, "-999");
	lepton__print(out, 4, "ab\u00e9");
	assert_string_equal(out, "ab"); /* the letter has two bytes and only one would fit */
	lepton__print(out, 5, "ab\u00e9");
	assert_string_equal(out, "ab\u00e9");
}

/* ---- filter ---- */

static size_t matches(struct stage *stage, const char *text)
{
	struct lepton__filter filter;
	struct lepton_error err = {0};
	size_t count = 0;
	if (lepton__filter_parse(text, &filter, &err))
		fail_msg("%s: %s", text, err.message);
	for (size_t i = 0; i < stage->run.version_count; i++)
		count += lepton__filter_match(
			&filter, &stage->run, stage->run.versions[i], &stage->app->dash.extras[i].settings);
	return count;
}

static void test_filter_matches(void **state)
{
	struct stage *stage = *state;
	assert_int_equal(matches(stage, ""), 8);
	assert_int_equal(matches(stage, "CNN"), 4);
	assert_int_equal(matches(stage, "-cnn"), 4);
	assert_int_equal(matches(stage, "state:running"), 2);
	assert_int_equal(matches(stage, "state:failed"), 1);
	assert_int_equal(matches(stage, "!state:done cnn"), 3);
	assert_int_equal(matches(stage, "lr=0.003"), 1);
	assert_int_equal(matches(stage, "lr<0.001"), 1);
	assert_int_equal(matches(stage, "optimizer.learning_rate>=0.003"), 2);
	assert_int_equal(matches(stage, "op:compress"), 1);
	assert_int_equal(matches(stage, "parent:cnn"), 2);
	assert_int_equal(matches(stage, "test>=98%"), 1);
	assert_int_equal(matches(stage, "size<300k"), 4);
	assert_int_equal(matches(stage, "epochs=20"), 1);
	assert_int_equal(matches(stage, "state:running epoch>3"), 2);
}

static void test_filter_faults(void **state)
{
	(void)state;
	static const char *const bad[][2] = {{"los<0.1", "loss"}, {"loss<x", "number"}, {"loss<", "number"},
		{"state:runing", "running"}, {"<3", "word"}, {"loss:3", "loss<"}, {"wibble:3", "unknown"},
		{"loss!3", "!="}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct lepton__filter filter;
		struct lepton_error err = {0};
		assert_int_equal(lepton__filter_parse(bad[i][0], &filter, &err), LEPTON_E_USAGE);
		if (!strstr(err.message, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], err.message);
	}
}

static void test_fuzzy(void **state)
{
	(void)state;
	assert_true(lepton__fuzzy("Pause or resume", "por") > 0);
	assert_true(lepton__fuzzy("Pause or resume", "xyz") < 0);
	assert_true(lepton__fuzzy("Compress", "comp") > lepton__fuzzy("Columns to the map", "comp"));
	assert_int_equal(lepton__fuzzy("anything", ""), 0);
}

/* What people type for an action, and what must then stand first in the palette. */
static void test_palette_ranks(void **state)
{
	struct stage *stage = *state;
	static const char *const wanted[][2] = {{"pause", "Pause or resume"}, {"resume", "Pause or resume"},
		{"comp", "Compress"}, {"fuse", "Fuse the marked versions"}, {"clone", "Clone with a change"},
		{"log scale", "Logarithmic or linear scale"}, {"stop", "Stop training for good"},
		{"theme", "Theme, tried on as you choose"}, {"quit", "Quit"}, {"roll", "Roll back"},
		{"archive", "Archive or restore"}, {"restore", "Archive or restore"}, {"undo", "Undo"},
		{"unmark", "Unmark all"}, {"mark all", "Mark all that are shown"}, {"x-axis", "X-axis: step"},
		{"zi", "Zoom in"}, {"settings", "Save settings"}, {"tour", "Tour: what"},
		{"smooth", "Smoothing"}, {"prom", "Promote"}, {"barrier", "Loss barrier"},
		{"EVAL", "Evaluate now"}, {"?", "Help"}, {"twice", "Twice the priority"},
		{"checkpoint", "Save a checkpoint"}, {"detach", "Detach"}};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		press(stage, ":");
		press(stage, wanted[i][0]);
		const struct lepton__menu *menu = (const struct lepton__menu *)stage->app->popup;
		assert_non_null(menu);
		const char *first = menu->found_count ? menu->items[menu->found[0]].label : "nothing";
		if (strncmp(first, wanted[i][1], strlen(wanted[i][1])) != 0)
			fail_msg("\"%s\" finds %s, not %s", wanted[i][0], first, wanted[i][1]);
		press(stage, "<Esc>");
	}
}

/* Each view's help says first what is seen there, and lists the keys of that view alone. */
static void test_help_is_the_views(void **state)
{
	(void)state;
	for (int v = 0; v < LEPTON__VIEWS; v++) {
		const char *summary = lepton__views[v]->summary;
		assert_true(strlen(summary) > 80 && strchr(summary, '.'));
		for (int w = 0; w < v; w++)
			assert_string_not_equal(summary, lepton__views[w]->summary);
	}
}

static void test_settings(void **state)
{
	(void)state;
	struct lepton__flat settings = {0};
	assert_true(lepton__flat_read(&settings,
		"{\"optimizer\":{\"name\":\"adam\",\"learning_rate\":0.001},\"epochs\":10,"
		"\"layers\":[{\"type\":\"Conv2D\",\"filters\":32,\"kernel_size\":[3,3],\"activation\":"
		"\"relu\"},{\"type\":\"Flatten\"}]}"));
	assert_string_equal(lepton__flat_get(&settings, "optimizer.learning_rate"), "0.001");
	assert_string_equal(lepton__flat_get(&settings, "layers"), "Conv2D 32 3x3 relu, Flatten");
	assert_string_equal(lepton__flat_get(&settings, "layers.0.filters"), "32");
	assert_string_equal(lepton__flat_get(&settings, "layers.0.kernel_size"), "[3,3]");
	assert_null(lepton__flat_get(&settings, "layers.1.filters"));
	lepton__flat_free(&settings);
	assert_true(lepton__flat_read(&settings,
		"{\"layers\":[{\"type\":\"RandomRotation\",\"factor\":0.05},{\"type\":\"RandomTranslation\","
		"\"height_factor\":0.1,\"width_factor\":[0,0.25]},{\"type\":\"Dropout\",\"rate\":0.4}]}"));
	assert_string_equal(lepton__flat_get(&settings, "layers"),
		"RandomRotation 0.05, RandomTranslation 0.1 0..0.25, Dropout 0.4");
	lepton__flat_free(&settings);
	assert_true(lepton__flat_read(&settings, "not json"));
	assert_int_equal(settings.count, 0);
}

/* ---- the model ---- */

static void test_selection_follows_its_version(void **state)
{
	struct stage *stage = *state;
	choose(stage, "mlp");
	int64_t id = stage->app->dash.selected;
	lepton__set_sort(stage->app, LEPTON__SORT_VAL);
	lepton__app_draw(stage->app);
	assert_int_equal(stage->app->dash.selected, id);
	long row = lepton__dash_row(&stage->app->dash);
	press(stage, "O");
	assert_int_equal(stage->app->dash.selected, id);
	assert_true(row >= 0 && lepton__dash_row(&stage->app->dash) >= 0);
	/* Filtered away, the neighbour takes over; nothing shown, nothing is selected. */
	press(stage, "/state:failed<Enter>");
	assert_int_equal(stage->app->dash.selected, id_of(stage, "mlp-hot"));
	press(stage, "/<C-u>nosuchname<Enter>");
	assert_int_equal(stage->app->dash.selected, 0);
	press(stage, "pxcfPndE<Enter>");
	press(stage, "<Esc>");
	assert_int_equal(stage->app->dash.shown, 8);
}

static void test_sorted_best_first(void **state)
{
	struct stage *stage = *state;
	struct lepton__dash *dash = &stage->app->dash;
	lepton__set_sort(stage->app, LEPTON__SORT_VAL);
	lepton__app_draw(stage->app);
	for (size_t i = 1; i < dash->shown; i++) {
		double a = stage->run.versions[dash->order[i - 1]]->val_accuracy,
		       b = stage->run.versions[dash->order[i]]->val_accuracy;
		assert_true(isnan(b) || (!isnan(a) && a >= b));
	}
	lepton__set_sort(stage->app, LEPTON__SORT_VAL); /* again: turned, but the unknown ones stay last */
	lepton__app_draw(stage->app);
	for (size_t i = 1; i < dash->shown; i++) {
		double a = stage->run.versions[dash->order[i - 1]]->val_accuracy,
		       b = stage->run.versions[dash->order[i]]->val_accuracy;
		assert_true(isnan(b) || (!isnan(a) && a <= b));
	}
}

static void test_curves_are_those_marked(void **state)
{
	struct stage *stage = *state;
	struct lepton__series series[16];
	struct lepton__curve_context contexts[16];
	size_t all = lepton__dash_series(&stage->app->dash, LEPTON__LOSS, series, contexts, 16);
	assert_int_equal(all, 5); /* those that trained */
	choose(stage, "mlp");
	press(stage, "<Space>");
	assert_int_equal(lepton__dash_series(&stage->app->dash, LEPTON__LOSS, series, contexts, 16), 1);
	assert_string_equal(series[0].name, "mlp");
	/* x as the axis says, never falling */
	for (size_t i = 1; i < series[0].trace->raw.count; i++)
		assert_true(series[0].x(series[0].context, i) >= series[0].x(series[0].context, i - 1));
	assert_int_equal(
		lepton__dash_series(&stage->app->dash, LEPTON__VAL_ACCURACY, series, contexts, 16), 1);
	assert_int_equal(series[0].trace->raw.count, 5);
}

/* ---- keys become commands ---- */

static void test_pause_resume_undo(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "p");
	expect_command(stage, LEPTON_CMD_PAUSE, 1, id_of(stage, "cnn"));
	press(stage, "p");
	expect_command(stage, LEPTON_CMD_RESUME, 1, id_of(stage, "cnn"));
	press(stage, "u");
	expect_command(stage, LEPTON_CMD_PAUSE, 1, id_of(stage, "cnn"));
	press(stage, "u");
	expect_command(stage, LEPTON_CMD_RESUME, 1, id_of(stage, "cnn"));
	size_t before = stage->fake.command_count;
	press(stage, "u");
	assert_int_equal(stage->fake.command_count, before);
	assert_non_null(strstr(said(stage), "nothing to undo"));
}

static void test_steering_goes_to_all_marked(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "<Space><Space>p"); /* cnn and cnn-fast: both run */
	expect_command(stage, LEPTON_CMD_PAUSE, 2, id_of(stage, "cnn"));
	assert_int_equal(lepton_run_version(&stage->run, id_of(stage, "cnn-fast"))->state, LEPTON_PAUSED);
}

static void test_stop_asks_first(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "x<Enter>"); /* Enter stands on no */
	assert_int_equal(stage->fake.command_count, 0);
	assert_null(stage->app->popup);
	press(stage, "xn");
	assert_int_equal(stage->fake.command_count, 0);
	press(stage, "xy");
	expect_command(stage, LEPTON_CMD_STOP, 1, id_of(stage, "cnn"));
	choose(stage, "mlp-wide"); /* done: nothing to stop */
	press(stage, "x");
	assert_null(stage->app->popup);
	assert_non_null(strstr(said(stage), "not training"));
}

static void test_compress_by_form(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "cquantize<Enter>");
	assert_non_null(stage->app->popup);
	press(stage, "<C-u>small<C-s>");
	struct lepton_command command = last(stage);
	assert_int_equal(command.type, LEPTON_CMD_COMPRESS);
	assert_string_equal(command.method, "quantize");
	assert_string_equal(command.name, "small");
	assert_int_equal(command.count, 1);
	assert_int_equal(command.versions[0], id_of(stage, "cnn"));
	lepton_command_clear(&command);
	/* The result shows by itself, with before and after. */
	assert_non_null(stage->app->popup);
	struct lepton__buffer text;
	lepton__buffer_init(&text, 1 << 20);
	lepton__screen_to_text(stage->screen, &text);
	assert_non_null(strstr(text.data, "7.9x smaller"));
	lepton__buffer_free(&text);
	press(stage, "<Esc>");
	assert_int_equal(stage->app->dash.selected, id_of(stage, "small"));
	press(stage, "u");
	expect_command(stage, LEPTON_CMD_ARCHIVE, 1, id_of(stage, "small"));
}

/* What a filter leaves out of the list is not selected, for there it would be nowhere; the window says so. */
static void test_result_that_the_filter_hides(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "/!small<Enter>");
	press(stage, "cquantize<Enter><C-u>small<C-s>");
	assert_int_not_equal(id_of(stage, "small"), 0);
	struct lepton__buffer text;
	lepton__buffer_init(&text, 1 << 20);
	lepton__screen_to_text(stage->screen, &text);
	assert_non_null(strstr(text.data, "7.9x smaller"));
	assert_non_null(strstr(text.data, "leaves it out of the list, where Esc shows all"));
	lepton__buffer_free(&text);
	assert_int_equal(stage->app->dash.selected, id_of(stage, "cnn"));
	press(stage, "<Esc>");
	lepton__select_or_say(stage->app, id_of(stage, "small"));
	assert_non_null(strstr(said(stage), "the filter leaves small out of the list: Esc shows all"));
	assert_int_equal(stage->app->dash.selected, id_of(stage, "cnn"));
	press(stage, "<Esc>");
	lepton__select_or_say(stage->app, id_of(stage, "small"));
	assert_int_equal(stage->app->dash.selected, id_of(stage, "small"));
}

static void test_result_in_a_folded_group(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	lepton__bunches_set(&stage->app->dash, LEPTON__BY_LEARNER);
	assert_int_equal(lepton__dash_update(&stage->app->dash, NULL), LEPTON_OK);
	for (size_t i = 0; i < stage->app->dash.bunches.count; i++)
		stage->app->dash.bunches.items[i].folded = true;
	assert_int_equal(lepton__dash_update(&stage->app->dash, NULL), LEPTON_OK);
	assert_true(lepton__is_header(stage->app->dash.selected));
	assert_true(lepton__dash_select(&stage->app->dash, id_of(stage, "cnn")));
	assert_true(lepton__dash_row(&stage->app->dash) >= 0);
	assert_int_equal(lepton__dash_update(&stage->app->dash, NULL), LEPTON_OK);
	assert_int_equal(stage->app->dash.selected, id_of(stage, "cnn"));
	assert_false(lepton__dash_select(&stage->app->dash, 999999));
	assert_int_equal(stage->app->dash.selected, id_of(stage, "cnn"));
}

static void test_delta_takes_a_base(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn-fast");
	press(stage, "cdelta<Enter>cnn<Enter><C-s>");
	struct lepton_command command = last(stage);
	assert_string_equal(command.method, "delta");
	assert_int_equal(command.count, 2);
	assert_int_equal(command.versions[0], id_of(stage, "cnn-fast"));
	assert_int_equal(command.versions[1], id_of(stage, "cnn"));
	lepton_command_clear(&command);
}

static void test_form_refuses_what_is_wrong(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "cquantize<Enter><C-u>mlp<C-s>"); /* the name is taken */
	assert_int_equal(stage->fake.command_count, 0);
	assert_non_null(stage->app->popup);
	assert_non_null(strstr(((struct lepton__form *)stage->app->popup)->problem, "already"));
	press(stage, "<C-u>fine<Down><Down><Down><C-u>99<C-s>"); /* bits: 8 only */
	assert_int_equal(stage->fake.command_count, 0);
	press(stage, "<Esc>");
	assert_null(stage->app->popup);
}

static void test_fuse_marked(void **state)
{
	struct stage *stage = *state;
	press(stage, "f");
	assert_null(stage->app->popup);
	assert_non_null(strstr(said(stage), "mark two"));
	choose(stage, "cnn");
	press(stage, "<Space><Space>faverage<Enter><C-u>both<C-s>");
	struct lepton_command command = last(stage);
	assert_int_equal(command.type, LEPTON_CMD_FUSE);
	assert_string_equal(command.method, "average");
	assert_string_equal(command.name, "both");
	assert_int_equal(command.count, 2);
	lepton_command_clear(&command);
}

static bool on_screen(const struct stage *stage, const char *words)
{
	struct lepton__buffer text;
	lepton__buffer_init(&text, 1 << 16);
	lepton__screen_to_text(stage->screen, &text);
	bool found = strstr(text.data, words) != NULL;
	lepton__buffer_free(&text);
	return found;
}

/* "report" is in no title's letters but the export's; "histograms" only in what is said behind one. */
static void test_palette_finds_by_words(void **state)
{
	struct stage *stage = *state;
	press(stage, ":report");
	assert_true(on_screen(stage, "> Export a summary or report"));
	press(stage, "<C-u>production");
	assert_true(on_screen(stage, "> Promote"));
	press(stage, "<C-u>not trained at all<Esc>");
}

/* Windows by keys of one's own: Ctrl-C leaves whatever is bound, and the bottom line says what holds. */
static void test_window_keys_are_bound(void **state)
{
	struct stage *stage = *state;
	struct lepton_error err;
	assert_int_equal(lepton__bind("text.close", "x", &err), 0);
	assert_int_equal(lepton__bind("menu.choose", "F2", &err), 0);
	assert_int_equal(lepton__bind("question.yes", "j", &err), 0);
	press(stage, "?");
	assert_true(on_screen(stage, "x close"));
	press(stage, "<Esc>");
	assert_non_null(stage->app->popup);
	press(stage, "x");
	assert_null(stage->app->popup);
	press(stage, "?<C-c>");
	assert_null(stage->app->popup);
	choose(stage, "cnn");
	press(stage, "c<Enter>");
	assert_true(on_screen(stage, "how?")); /* Enter does nothing now */
	press(stage, "<F2>");
	assert_true(on_screen(stage, "Compress cnn by"));
	press(stage, "<F1>");
	assert_true(on_screen(stage, "Keys of a form"));
	assert_true(on_screen(stage, "Done, wherever the cursor is"));
	press(stage, "x<Esc>");
	assert_null(stage->app->popup);
	press(stage, "xy");
	assert_true(on_screen(stage, "j  yes, stop"));
	press(stage, "j");
	assert_null(stage->app->popup);
	expect_command(stage, LEPTON_CMD_STOP, 1, id_of(stage, "cnn"));
	lepton__bindings_reset();
}

/* What was measured at these very steps is shown at once; else it is asked for. */
static void test_barrier(void **state)
{
	struct stage *stage = *state;
	press(stage, "B");
	assert_non_null(strstr(said(stage), "mark two versions first"));
	choose(stage, "cnn");
	press(stage, "<Space><Space>B");
	assert_int_equal(stage->fake.command_count, 0);
	assert_true(
		on_screen(stage, "Barrier between cnn and cnn-fast") && on_screen(stage, "validation loss"));
	assert_true(on_screen(stage, "at t = 0.5"));
	press(stage, "<Left>m");
	assert_true(on_screen(stage, "at t = 0.4") && on_screen(stage, "validation accuracy"));
	press(stage, "<End><Right>");
	assert_true(on_screen(stage, "at t = 1"));
	press(stage, "<Esc>");
	assert_null(stage->app->popup);
	press(stage, "Br");
	expect_command(stage, LEPTON_CMD_BARRIER, 2, id_of(stage, "cnn"));
	press(stage, "<Esc><Space>B"); /* a third is marked */
	assert_non_null(strstr(said(stage), "more than two"));
}

/* An engine that only hears. */
static struct lepton_command swallowed;

static int swallow(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	(void)context, (void)err;
	swallowed = *command;
	return 0;
}

static int nothing(void *context, struct lepton_event *event)
{
	(void)context, (void)event;
	return 0;
}

static struct lepton_event barrier_done(int64_t a, int64_t b, const char *detail)
{
	struct lepton_event event = {.type = LEPTON_EVENT_JOB, .version = a};
	char *text = lepton__format(
		"{\"versions\":[{\"id\":%d,\"step\":0},{\"id\":%d,\"step\":0}],%s}", (int)a, (int)b, detail);
	event.u.job.job = 9;
	event.u.job.state = LEPTON_JOB_DONE;
	event.u.job.detail = lepton_text_new(text);
	lepton__free(text);
	return event;
}

/* ---- roles: the run gives them, and what one may not do is off with its reason ---- */

static enum lepton_role role_asked, role_given;
static int role_refusal;
static bool role_news;

static int ask_role(void *context, enum lepton_role role, struct lepton_error *err)
{
	(void)context;
	(void)err;
	role_asked = role;
	role_given = role_refusal ? role_given : role;
	role_news = true;
	return 0;
}

static int role_now(void *context, enum lepton_role *now, struct lepton_error *refused)
{
	(void)context;
	bool news = role_news;
	role_news = false;
	*now = role_given;
	*refused = (struct lepton_error){.code = LEPTON_OK};
	if (role_refusal)
		(void)lepton_error_set(refused, role_refusal, "process 77 steers alone");
	return news;
}

static bool is_possible(const struct stage *stage, const char *id, const char **why)
{
	return lepton__action_possible(stage->app, lepton__action_find(id), why);
}

static void test_roles(void **state)
{
	struct stage *stage = *state;
	const struct lepton_tui_link link = {
		.submit = swallow, .next = nothing, .ask_role = ask_role, .role = role_now, .wake_fd = -1, .attached = true};
	static const char *const steering[] = {"pause", "stop", "archive", "promote", "evaluate", "checkpoint", "raise", "compress",
		"clone", "fuse", "end-run", "undo"},
		*const looking[] = {"mark", "sort", "export", "save-screen", "metric", "details", "log", "quit", "steer"};
	const char *why = NULL;
	stage->app->link = &link;
	choose(stage, "cnn");
	assert_true(is_possible(stage, "compress", &why) && is_possible(stage, "clone", &why));
	lepton__action_run(stage->app, lepton__action_find("watch"));
	assert_int_equal(role_asked, LEPTON_WATCHES);
	lepton__app_take_events(stage->app);
	assert_int_equal(stage->app->role, LEPTON_WATCHES);
	for (size_t i = 0; i < sizeof steering / sizeof *steering; i++) {
		assert_false(is_possible(stage, steering[i], &why));
		assert_non_null(strstr(why, "only watches"));
	}
	for (size_t i = 0; i < sizeof looking / sizeof *looking; i++)
		if (!is_possible(stage, looking[i], &why))
			fail_msg("%s: %s", looking[i], why);
	assert_false(is_possible(stage, "watch", &why));
	swallowed = (struct lepton_command){.type = LEPTON_CMD_QUIT};
	press(stage, "p");
	assert_int_equal(swallowed.type, LEPTON_CMD_QUIT); /* nothing was sent */
	role_refusal = LEPTON_E_BUSY;
	lepton__action_run(stage->app, lepton__action_find("steer-alone"));
	lepton__app_take_events(stage->app);
	assert_int_equal(stage->app->role, LEPTON_WATCHES);
	role_refusal = LEPTON_OK;
	lepton__action_run(stage->app, lepton__action_find("steer"));
	lepton__app_take_events(stage->app);
	assert_int_equal(stage->app->role, LEPTON_STEERS);
	assert_true(is_possible(stage, "compress", &why));
}

static void test_barrier_comes_back(void **state)
{
	struct stage *stage = *state;
	const struct lepton_tui_link link = {.submit = swallow, .next = nothing, .wake_fd = -1};
	const int64_t a = id_of(stage, "cnn"), b = id_of(stage, "mlp");
	stage->app->link = &link;
	lepton__dash_extra(&stage->app->dash, a)->marked = lepton__dash_extra(&stage->app->dash, b)->marked =
		true;
	press(stage, "B");
	assert_int_equal(swallowed.type, LEPTON_CMD_BARRIER);
	assert_int_equal(swallowed.count, 2);
	const uint64_t ticket = swallowed.ticket;
	assert_string_equal(lepton__action_find("barrier")->now(stage->app), "give up");
	press(stage, "B");
	assert_int_equal(swallowed.type, LEPTON_CMD_BARRIER);
	assert_int_equal(swallowed.count, 0);
	/* but the answer was on its way */
	struct lepton_event event = barrier_done(a, b,
		"\"split\":\"test\",\"samples\":12345,\"points\":3,\"before\":{\"barrier\":2.5,\"top\":1,"
		"\"loss\":[1,4,2],\"accuracy\":[0.5,0.25,0.75]},\"after\":null,\"unmatched\":\"it has odd "
		"layers\"");
	lepton__app_event(stage->app, &event);
	lepton_event_clear(&event);
	event = (struct lepton_event){.type = LEPTON_EVENT_REPLY};
	event.u.reply.ticket = ticket;
	lepton__app_event(stage->app, &event);
	lepton__app_draw(stage->app);
	assert_non_null(stage->app->popup);
	assert_true(
		on_screen(stage, "test loss") && on_screen(stage, "2.5000") && on_screen(stage, "25.00%"));
	assert_true(on_screen(stage, "units not matched: it has odd layers"));
	assert_true(on_screen(stage, "3 points, 12,345 samples"));
	assert_string_equal(lepton__action_find("barrier")->now(stage->app), "barrier");
	press(stage, "q");
	assert_null(stage->app->popup);
}

/* ---- all ways to fuse ---- */

static const int64_t two[] = {1, 2}; /* cnn and cnn-fast, as the story has them */

static void preview_job(struct stage *stage, enum lepton_job_state state, const char *methods, bool done)
{
	struct lepton_event event = {.type = LEPTON_EVENT_JOB, .version = two[0], .u.job.kind = "preview"};
	char *text = lepton__format("{\"versions\":[{\"name\":\"cnn\",\"id\":1,\"step\":%d,\"val_loss\":0.5,"
				    "\"val_accuracy\":0.75,\"bytes\":1000},"
				    "{\"name\":\"cnn-fast\",\"id\":2,\"step\":%d,\"val_loss\":0.25,\"val_"
				    "accuracy\":0.875,\"bytes\":1000}],"
				    "\"samples\":12345,\"done\":%s,\"methods\":[%s]}",
		(int)lepton_run_version(&stage->run, 1)->step, (int)lepton_run_version(&stage->run, 2)->step,
		done ? "true" : "false", methods);
	event.u.job.job = 9;
	event.u.job.state = state;
	event.u.job.detail = lepton_text_new(text);
	lepton__free(text);
	lepton__app_event(stage->app, &event);
	lepton_event_clear(&event);
	lepton__app_draw(stage->app);
}

static const char *const half =
	"{\"method\":\"average\",\"val_loss\":0.75,\"val_accuracy\":0.625,\"bytes\":2000,\"seconds\":12.4},"
	"{\"method\":\"soup\",\"val_loss\":0.125,\"val_accuracy\":0.9375,\"bytes\":2000,\"seconds\":3},"
	"{\"method\":\"ties\",\"refused\":\"they are no kin\"},{\"method\":\"dare\"},{\"method\":\"slerp\"},"
	"{\"method\":\"distil\",\"left_out\":\"it trains\"}";

/* f asks, the table fills in as the engine tells of it, Enter goes on and gives the rest up. */
static void test_preview_fills_in(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "<Space><Space>f");
	expect_command(stage, LEPTON_CMD_PREVIEW, 2, two[0]);
	assert_true(
		on_screen(stage, "Fuse cnn and cnn-fast: how?") && on_screen(stage, "waits for its turn"));
	preview_job(stage, LEPTON_JOB_RUNNING, half, false);
	assert_true(on_screen(stage, "3 of 5 tried") && on_screen(stage, "12,345 validation samples"));
	assert_true(on_screen(stage, ">  average           0.7500   62.50%     2 kB      12s"));
	assert_true(on_screen(stage, " \u2605 soup              0.1250   93.75%"));
	assert_true(on_screen(stage, "ties             they are no kin"));
	assert_true(on_screen(stage, "dare              trying") &&
		    !on_screen(stage, "slerp             trying"));
	assert_true(on_screen(stage, "cnn-fast          0.2500   87.50%"));
	press(stage, "tie");
	assert_true(on_screen(stage, ">  ties") && on_screen(stage, "ties: they are no kin"));
	press(stage, "s"); /* which completes the name */
	assert_true(on_screen(stage, ">  ties") && !on_screen(stage, "by loss"));
	press(stage, "s<Home>");
	assert_true(on_screen(stage, "by loss") && on_screen(stage, ">\u2605 soup"));
	press(stage, "<Down>");
	assert_true(on_screen(stage, ">  average"));
	press(stage, "s<Down>");
	assert_true(!on_screen(stage, "by loss") && on_screen(stage, ">\u2605 soup"));
	press(stage, "<Enter>");
	expect_command(stage, LEPTON_CMD_PREVIEW, 0, 0);
	assert_true(on_screen(stage, "Fuse 2 versions by soup"));
	press(stage, "<C-u>both<C-s>");
	struct lepton_command command = last(stage);
	assert_int_equal(command.type, LEPTON_CMD_FUSE);
	assert_string_equal(command.method, "soup");
	assert_int_equal(command.count, 2);
	lepton_command_clear(&command);
}

/* What was finished at these very steps is shown again unasked, as is what fills for someone else; older
 * figures are not. */
static void test_preview_is_kept(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "<Space><Space>");
	preview_job(stage, LEPTON_JOB_RUNNING, half, false);
	press(stage, "f");
	assert_int_equal(stage->fake.command_count, 0);
	assert_true(on_screen(stage, "3 of 5 tried"));
	preview_job(stage, LEPTON_JOB_FAILED, half, false);
	assert_true(on_screen(stage, "ended, 3 of 5 tried"));
	press(stage, "<Esc>"); /* not ours to give up */
	assert_int_equal(stage->fake.command_count, 0);
	preview_job(stage, LEPTON_JOB_DONE, half, true);
	press(stage, "f");
	assert_int_equal(stage->fake.command_count, 0);
	assert_true(on_screen(stage, "all tried") && on_screen(stage, "0.1250"));
	press(stage, "R");
	expect_command(stage, LEPTON_CMD_PREVIEW, 2, two[0]);
	assert_true(on_screen(stage, "waits for its turn") && !on_screen(stage, "0.1250"));
	press(stage, "<Esc>");
	expect_command(stage, LEPTON_CMD_PREVIEW, 0, 0);
	assert_null(stage->app->popup);
	lepton_run_version(&stage->run, 1)->step++; /* it trained on */
	press(stage, "f");
	expect_command(stage, LEPTON_CMD_PREVIEW, 2, two[0]);
	assert_true(on_screen(stage, "waits for its turn") && !on_screen(stage, "0.1250"));
	preview_job(stage, LEPTON_JOB_RUNNING, half, false);
	press(stage, "<Esc>f"); /* what we gave up ends soon: it is no table to follow */
	expect_command(stage, LEPTON_CMD_PREVIEW, 2, two[0]);
	assert_true(on_screen(stage, "waits for its turn"));
	press(stage, "<Esc>");
}

static void test_preview_refused(void **state)
{
	struct stage *stage = *state;
	stage->fake.refuse = "there are no validation samples";
	choose(stage, "cnn");
	press(stage, "<Space><Space>f");
	assert_true(on_screen(stage, "no preview: there are no validation samples"));
	assert_true(on_screen(stage, "ended, 0 of 12 tried"));
	size_t commands = stage->fake.command_count;
	press(stage, "soup<Enter>"); /* a method can be chosen all the same */
	assert_int_equal(stage->fake.command_count, commands);
	assert_true(on_screen(stage, "Fuse 2 versions by soup"));
	press(stage, "<Esc>f"); /* a table that nobody can read is no harm */
	preview_job(stage, LEPTON_JOB_RUNNING, "{}", false);
	assert_true(on_screen(stage, "its table cannot be read"));
	press(stage, "<Down><Up>ssR<PgDn><End><Esc>");
	assert_null(stage->app->popup);
}

/* More versions than there is room for: the best, and how many more. */
static void test_preview_of_many(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "af");
	assert_true(on_screen(stage, "and 6 more") || on_screen(stage, "and 7 more"));
	assert_true(on_screen(stage, "distil"));
	press(stage, "<Esc>");
}

static void test_promote_and_roll_back(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "P<Enter>");
	struct lepton_command command = last(stage);
	assert_int_equal(command.type, LEPTON_CMD_PROMOTE);
	assert_string_equal(command.alias, "production");
	lepton_command_clear(&command);
	assert_int_equal(lepton_run_alias(&stage->run, "production")->target, id_of(stage, "cnn"));
	press(stage, "Ry");
	command = last(stage);
	assert_int_equal(command.type, LEPTON_CMD_ROLLBACK);
	lepton_command_clear(&command);
	press(stage, "u"); /* undoing a rollback promotes what was there */
	expect_command(stage, LEPTON_CMD_PROMOTE, 1, id_of(stage, "cnn"));
}

static const char *tags(struct stage *stage, const char *name)
{
	struct lepton_run_version *version;
	assert_int_equal(lepton_run_find(&stage->run, name, &version, NULL), 0);
	return lepton_text_get(version->tags);
}

static const char *note(struct stage *stage, const char *name)
{
	struct lepton_run_version *version;
	assert_int_equal(lepton_run_find(&stage->run, name, &version, NULL), 0);
	return lepton_text_get(version->note);
}

/* Of one version whole, of several as changes; each gets back what it had. */
static void test_tags(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "#big slow<Enter>");
	assert_string_equal(tags(stage, "cnn"), "big slow");
	choose(stage, "mlp");
	press(stage, "#big<Space>,<Enter>"); /* refused while it is typed */
	assert_non_null(stage->app->popup);
	assert_true(on_screen(stage, "holds a comma"));
	press(stage, "<Esc>#<C-u>b<Tab><Enter>"); /* completed from what the run has */
	assert_string_equal(tags(stage, "mlp"), "big");
	choose(stage, "cnn");
	press(stage, "<Space>");
	choose(stage, "mlp");
	press(stage, "<Space>#");
	assert_true(on_screen(stage, "big 2, slow 1"));
	press(stage, "+new -big<Enter>");
	assert_string_equal(tags(stage, "cnn"), "new slow");
	assert_string_equal(tags(stage, "mlp"), "new");
	press(stage, "u"); /* two commands, since they had different ones: one act */
	assert_string_equal(tags(stage, "cnn"), "big slow");
	assert_string_equal(tags(stage, "mlp"), "big");
	press(stage, "<C-r>");
	assert_string_equal(tags(stage, "cnn"), "new slow");
	assert_string_equal(tags(stage, "mlp"), "new");
	press(stage, "A/tag:slow<Enter>");
	assert_int_equal(stage->app->dash.shown, 1);
	press(stage, "<Esc>/-tag:<Enter>");
	assert_int_equal(stage->app->dash.shown, stage->run.version_count - 2);
}

static void test_note(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "\"the first<Enter>the second line<Enter><Enter>");
	assert_null(stage->app->popup);
	assert_string_equal(note(stage, "cnn"), "the first\nthe second line");
	press(stage, "\"<C-u>changed<C-s>");
	assert_string_equal(note(stage, "cnn"), "changed\nthe second line");
	press(stage, "u");
	assert_string_equal(note(stage, "cnn"), "the first\nthe second line");
	press(stage, "/note:SECOND<Enter>");
	assert_int_equal(stage->app->dash.shown, 1);
	press(stage, "<Esc>\"<C-u><Down><C-u><C-s>");
	assert_string_equal(note(stage, "cnn"), "");
	press(stage, "uu");
	assert_string_equal(note(stage, "cnn"), "");
}

static size_t marked(struct stage *stage)
{
	size_t count = 0;
	for (size_t i = 0; i < stage->app->dash.extra_count; i++)
		count += stage->app->dash.extras[i].marked;
	return count;
}

/* What the cursor leaves is again as it was. */
static void test_ranges(void **state)
{
	struct stage *stage = *state;
	press(stage, "<Home><Down><Space><Home>v<Down><Down><Down>");
	assert_int_equal(marked(stage), 4);
	press(stage, "<Up><Up><Up>");
	assert_int_equal(marked(stage), 2); /* the first, and the one marked before */
	press(stage, "<Esc>");
	assert_int_equal(marked(stage), 1);
	press(stage, "A<Home><S-Down><S-Down><S-Up>");
	assert_int_equal(marked(stage), 2);
	press(stage, "<Down><Down>"); /* a plain move: what is marked stays */
	assert_int_equal(marked(stage), 2);
	press(stage, "I");
	assert_int_equal(marked(stage), stage->app->dash.shown - 2);
	assert_true(on_screen(stage, "marked:"));
	press(stage, "AG");
	press(stage, "v<Home>");
	assert_int_equal(marked(stage), stage->app->dash.shown);
	press(stage, "vG"); /* ended: it does not follow */
	assert_int_equal(marked(stage), stage->app->dash.shown);
}

/* Row of a name on the screen. */
static int row_of(struct stage *stage, const char *name)
{
	for (int y = 2; y < 12; y++) {
		size_t i = 0;
		for (; name[i]; i++)
			if (lepton__screen_at(stage->screen, y, 6 + (int)i)->glyph.code != (uint32_t)name[i])
				break;
		if (!name[i] && lepton__screen_at(stage->screen, y, 6 + (int)i)->glyph.code == ' ')
			return y;
	}
	fail_msg("%s is not in the list", name);
	return -1;
}

static void mouse(struct stage *stage, enum lepton__mouse what, int y, int x, bool shift)
{
	struct lepton__input input = {
		.kind = LEPTON__INPUT_MOUSE, .mouse = what, .button = 1, .y = y, .x = x, .shift = shift};
	lepton__app_input(stage->app, &input);
	lepton__app_draw(stage->app);
}

static void test_ranges_by_mouse(void **state)
{
	struct stage *stage = *state;
	int cnn = row_of(stage, "cnn"), mlp = row_of(stage, "mlp");
	mouse(stage, LEPTON__MOUSE_PRESS, cnn, 20, false);
	mouse(stage, LEPTON__MOUSE_PRESS, mlp, 20, true);
	assert_int_equal(marked(stage), mlp - cnn + 1);
	press(stage, "A");
	mouse(stage, LEPTON__MOUSE_PRESS, cnn, 2, false);
	mouse(stage, LEPTON__MOUSE_DRAG, cnn + 1, 2, false);
	mouse(stage, LEPTON__MOUSE_DRAG, mlp, 2, false);
	mouse(stage, LEPTON__MOUSE_DRAG, mlp, 2, false);
	mouse(stage, LEPTON__MOUSE_RELEASE, mlp, 2, false);
	assert_int_equal(marked(stage), 3);
	mouse(stage, LEPTON__MOUSE_DRAG, mlp + 1, 2, false); /* of nothing that was pressed */
	assert_int_equal(marked(stage), 3);
	mouse(stage, LEPTON__MOUSE_PRESS, mlp, 2, false);
	mouse(stage, LEPTON__MOUSE_DRAG, cnn, 2, false);
	assert_int_equal(marked(stage), 1);
}

static void test_groups(void **state)
{
	struct stage *stage = *state;
	const struct lepton__dash *dash = &stage->app->dash;
	size_t all = dash->shown;
	choose(stage, "cnn");
	press(stage, "#big<Enter>");
	choose(stage, "mlp");
	press(stage, "#big zz<Enter>");
	press(stage, "b"); /* big, and those without */
	assert_int_equal(dash->row_count, all + 2);
	assert_true(on_screen(stage, "big  2 versions"));
	assert_true(on_screen(stage, "no tag  "));
	press(stage, "<Home>#");
	assert_true(on_screen(stage, "Tags of cnn and mlp")); /* a header stands for all below it */
	press(stage, "-zz<Enter>");
	assert_string_equal(tags(stage, "mlp"), "big");
	press(stage, "p"); /* what trains is paused; the other is already */
	expect_command(stage, LEPTON_CMD_PAUSE, 1, id_of(stage, "cnn"));
	press(stage, "<Enter>");
	assert_int_equal(dash->row_count, all);
	press(stage, "<Space>");
	assert_int_equal(marked(stage), 2);
	press(stage, "<Space>");
	assert_int_equal(marked(stage), 0);
	press(stage, "<Enter><Down>"); /* unfolded: the first below it */
	assert_int_equal(dash->selected, id_of(stage, "cnn"));
	press(stage, "Z"); /* folded away: its header is selected then */
	assert_int_equal(dash->row_count, 2);
	assert_true(lepton__is_header(dash->selected));
	press(stage, "v<Down>");
	assert_int_equal(marked(stage), all);
	press(stage, "<Esc>Zbbbbb");
	assert_int_equal(dash->row_count, dash->shown);
	press(stage, "b<Esc>"); /* taken back at once as well */
	assert_int_equal(dash->row_count, dash->shown);
	assert_true(dash->selected > 0);
}

/* Places in the queue are priorities; all that one key changed goes back together. */
static void test_queue(void **state)
{
	struct stage *stage = *state;
	struct lepton_run_version *cnn = lepton_run_version(&stage->run, id_of(stage, "cnn")),
				  *fast = lepton_run_version(&stage->run, id_of(stage, "cnn-fast"));
	choose(stage, "cnn-fast");
	press(stage, "9K");
	assert_float_equal(fast->priority, 2, 1e-12);
	assert_true(on_screen(stage, "1. "));
	press(stage, "J"); /* with the one below, which has 1 */
	assert_float_equal(fast->priority, 1, 1e-12);
	assert_float_equal(cnn->priority, 2, 1e-12);
	press(stage, "u");
	assert_float_equal(fast->priority, 2, 1e-12);
	assert_float_equal(cnn->priority, 1, 1e-12);
	press(stage, "<C-p>");
	assert_int_equal(cnn->state, LEPTON_PAUSED);
	assert_int_equal(fast->state, LEPTON_PAUSED);
	assert_int_equal(stage->app->left_unknown, 0);
	press(stage, "<C-p>");
	assert_non_null(strstr(said(stage), "nothing trains"));
	press(stage, "u");
	assert_int_equal(fast->state, LEPTON_RUNNING);
	press(stage, "<C-g>u");
	assert_int_equal(lepton_run_version(&stage->run, id_of(stage, "mlp"))->state, LEPTON_PAUSED);
}

/* What is wrong is said at each key; Tab knows keys, those that are not set too, and the words that can stand
 * there. */
static void test_clone_form_helps(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "noptimizer.na<Tab>");
	assert_true(on_screen(stage, "optimizer.name="));
	assert_true(on_screen(stage, "adam|")); /* what could stand there */
	press(stage, "<Tab>");
	assert_true(on_screen(stage, "optimizer.name=adam "));
	press(stage, "<Tab>");
	assert_false(on_screen(stage, "optimizer.name=adam "));
	press(stage, "<C-u>optimizer.name=s<Tab>");
	assert_true(on_screen(stage, "optimizer.name=sgd "));
	press(stage, "<C-u>optimizer.name=adm");
	assert_true(on_screen(stage, "did you mean \"adam\""));
	press(stage, "<C-u>epoch=3");
	assert_true(on_screen(stage, "did you mean \"epochs\""));
	press(stage, "<C-u>epochs=-3");
	assert_true(on_screen(stage, "\"epochs\""));
	press(stage, "<BS><BS>");
	assert_true(on_screen(stage, "needs a value behind its = (passes over the"));
	press(stage, "<Tab>");
	assert_true(on_screen(stage, "epochs=10 ")); /* what it is now */
	press(stage, "<C-u>pruni");
	assert_true(on_screen(stage, "Tab: pruning (not set in the original)"));
	press(stage, "<Tab>");
	assert_true(on_screen(stage, "pruning="));
	press(stage, "<C-u>epochs=3<C-s>");
	assert_null(stage->app->popup);
}

/* A stack of a hundred, each step by its name; a new deed forgets those undone. */
static void test_undo_is_deep(void **state)
{
	struct stage *stage = *state;
	char keys[32];
	choose(stage, "cnn");
	for (int i = 0; i < 120; i++) {
		snprintf(keys, sizeof keys, "#<C-u>t%d<Enter>", i);
		press(stage, keys);
	}
	assert_string_equal(tags(stage, "cnn"), "t119");
	for (int i = 0; i < 99; i++)
		press(stage, "u");
	assert_string_equal(tags(stage, "cnn"), "t20");
	press(stage, "u");
	assert_string_equal(tags(stage, "cnn"), "t19");
	press(stage, "u");
	assert_string_equal(tags(stage, "cnn"), "t19"); /* only a hundred are remembered */
	assert_non_null(strstr(said(stage), "nothing to undo"));
	for (int i = 0; i < 100; i++)
		press(stage, "<C-r>");
	assert_string_equal(tags(stage, "cnn"), "t119");
	press(stage, "uu#<C-u>fresh<Enter><C-r>");
	assert_string_equal(tags(stage, "cnn"), "fresh");
	assert_non_null(strstr(said(stage), "nothing was undone"));
	press(stage, ":undo");
	assert_true(on_screen(stage, "undo tags of cnn"));
	press(stage, "<Esc>x");
	assert_true(on_screen(stage, "This cannot be undone"));
	press(stage, "y");
	assert_non_null(strstr(said(stage), "this cannot be undone"));
	press(stage, "u");
	assert_string_equal(tags(stage, "cnn"), "t117"); /* the deed before the stop */
}

/* What was made is put away, and comes back. */
static void test_redo_of_a_version_made(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "nepochs=3<C-s>");
	const struct lepton_run_version *made = stage->run.versions[stage->run.version_count - 1];
	press(stage, "u");
	assert_int_equal(made->state, LEPTON_ARCHIVED);
	press(stage, "<C-r>");
	assert_int_equal(made->state, LEPTON_DONE); /* the fake's */
	press(stage, "u");
	assert_int_equal(made->state, LEPTON_ARCHIVED);
}

static void test_refusal_is_told(void **state)
{
	struct stage *stage = *state;
	stage->fake.refuse = "the fake does not feel like it";
	choose(stage, "cnn");
	press(stage, "p");
	assert_non_null(strstr(said(stage), "does not feel like it"));
	assert_int_equal(stage->app->done.count, 0);
}

/* A slow line brings Esc and the next key at once: both count. */
static void test_escape_and_a_key_at_once(void **state)
{
	struct stage *stage = *state;
	const struct lepton__input both = {.kind = LEPTON__INPUT_KEY, .key = 'p', .alt = true};
	choose(stage, "cnn");
	press(stage, "/zzz");
	assert_non_null(stage->app->popup);
	lepton__app_input(stage->app, &both);
	assert_null(stage->app->popup);
	assert_string_equal(stage->app->dash.filter_text, "");
	expect_command(stage, LEPTON_CMD_PAUSE, 1, id_of(stage, "cnn"));
}

/* Figures wait for their turn, a second where they change much; what else comes is drawn at once. What the
 * workers do now comes by the clock and is figures.
 */
static void test_news_is_not_figures(void **state)
{
	static const struct {
		enum lepton_event_type type;
		bool news;
	} events[] = {{LEPTON_EVENT_METRIC, false}, {LEPTON_EVENT_EPOCH, false}, {LEPTON_EVENT_NODE, false},
		{LEPTON_EVENT_STATE, true}};
	struct stage *stage = *state;
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		struct lepton_event event = {.type = events[i].type, .version = id_of(stage, "cnn")};
		stage->app->news = stage->app->dirty = false;
		lepton__app_event(stage->app, &event);
		assert_int_equal(stage->app->news, events[i].news);
		assert_true(stage->app->dirty);
	}
}

/* Found by fuzz_tui: what a program of others said may have lines; what is said here is one. */
static void test_saying_is_one_line(void **state)
{
	struct stage *stage = *state;
	struct lepton_event event = {.type = LEPTON_EVENT_LOG,
		.version = 1,
		.u.log = {.level = LEPTON_LOG_ERROR, .line = lepton_text_new("it\nfailed\tat\rlast")}};
	lepton__app_event(stage->app, &event);
	lepton_event_clear(&event);
	assert_string_equal(said(stage), "it failed at last");
}

static void test_quit_asks_while_training(void **state)
{
	struct stage *stage = *state;
	press(stage, "q");
	assert_false(stage->app->quit);
	press(stage, "n");
	assert_false(stage->app->quit);
	press(stage, "qy");
	assert_true(stage->app->quit);
}

static bool asked(const struct stage *stage, const char *words)
{
	return strstr(((struct lepton__confirm *)stage->app->popup)->detail, words) != NULL;
}

/* What was asked for and waits, or runs, would be lost: that is said before. */
static void test_quit_names_what_is_given_up(void **state)
{
	struct stage *stage = *state;
	struct lepton__pending *first = stage->app->pending;
	press(stage, "q");
	assert_false(asked(stage, "Given up"));
	press(stage, "n");
	stage->app->pending_count = 3;
	first[0] = (struct lepton__pending){.ticket = 9001, .type = LEPTON_CMD_PAUSE, .doing = "pause mlp"};
	first[1] = (struct lepton__pending){
		.ticket = 9002, .type = LEPTON_CMD_COMPRESS, .doing = "compress cnn"};
	first[2] = (struct lepton__pending){
		.ticket = 9003, .type = LEPTON_CMD_FUSE, .doing = "fuse cnn and mlp"};
	press(stage, "q");
	assert_true(asked(stage, "Given up would be: compress cnn and 1 more."));
	press(stage, "n");
	stage->app->pending_count = 2;
	press(stage, "q");
	assert_true(asked(stage, "Given up would be: compress cnn."));
	press(stage, "n");
	first[1].outlives = true;
	press(stage, "q");
	assert_false(asked(stage, "Given up"));
	press(stage, "n");
	stage->app->pending_count = 0;
}

static void test_priority(void **state)
{
	struct stage *stage = *state;
	choose(stage, "cnn");
	press(stage, "]");
	struct lepton_command command = last(stage);
	assert_int_equal(command.type, LEPTON_CMD_PRIORITY);
	assert_float_equal(command.value, 2, 1e-12);
	lepton_command_clear(&command);
}

static void click(struct stage *stage, int y, int x, int button)
{
	struct lepton__input input = {
		.kind = LEPTON__INPUT_MOUSE, .mouse = LEPTON__MOUSE_PRESS, .button = button, .y = y, .x = x};
	lepton__app_input(stage->app, &input);
	lepton__app_take_events(stage->app);
	lepton__app_draw(stage->app);
}

/* Every place that can be clicked lies on the screen and does not crash; those of actions do what the key
 * does. */
static void test_clicks(void **state)
{
	struct stage *stage = *state;
	click(stage, 0, 0, 1);
	bool paused = false;
	choose(stage, "cnn");
	lepton__app_draw(stage->app);
	for (size_t i = 0; i < stage->app->hit_count; i++) {
		const struct lepton__hit hit = stage->app->hits[i];
		assert_true(hit.rect.y >= 0 && hit.rect.y + hit.rect.rows <= 24 && hit.rect.x >= 0 &&
			    hit.rect.x + hit.rect.cols <= 80);
		if (hit.kind == LEPTON__HIT_ACTION &&
			strcmp(lepton__actions[hit.argument].id, "pause") == 0 && !paused) {
			click(stage, hit.rect.y, hit.rect.x, 1);
			paused = true;
		}
	}
	assert_true(paused);
	expect_command(stage, LEPTON_CMD_PAUSE, 1, id_of(stage, "cnn"));
}

static void test_too_small_says_so(void **state)
{
	struct stage *stage = *state;
	struct lepton_error err = {0};
	struct lepton__buffer text;
	assert_int_equal(lepton__screen_resize(stage->screen, 10, 50, &err), 0);
	lepton__app_draw(stage->app);
	lepton__buffer_init(&text, 1 << 16);
	lepton__screen_to_text(stage->screen, &text);
	assert_non_null(strstr(text.data, "needs 60x18"));
	lepton__buffer_free(&text);
}

/* What stands at the left of a row, as text. */
static void left_of(const struct stage *stage, int y, char out[16])
{
	for (int x = 0; x < 15; x++) {
		uint32_t code = stage->screen->cells[y * stage->screen->cols + x].glyph.code;
		out[x] = (char)(code > 0 && code < 0x7f ? code : ' ');
	}
	out[15] = '\0';
}

/* The axis of quality: no number twice, and on a tall screen numbers up to the top. */
static void check_size_axis(struct stage *stage, int rows, int least, double highest_gap)
{
	char text[16], before[16] = "";
	int count = 0, first = -1, bottom = 0;
	press(stage, "7");
	for (int y = 2; y < rows; y++) {
		left_of(stage, y, text);
		if (strstr(text, " kB") || strstr(text, "name"))
			break;
		bottom = y;
		if (!strchr(text, '%'))
			continue;
		assert_string_not_equal(text, before);
		strcpy(before, text);
		first = first < 0 ? y : first;
		count++;
	}
	assert_true(count >= least);
	assert_true(first >= 0 && first - 2 <= highest_gap * bottom);
}

static void test_size_axis(void **state)
{
	struct stage *stage = *state;
	assert_int_equal(lepton__screen_resize(stage->screen, 24, 80, NULL), 0);
	check_size_axis(stage, 24, 3, 0.3);
	assert_int_equal(lepton__screen_resize(stage->screen, 120, 400, NULL), 0);
	check_size_axis(stage, 120, 8, 0.15);
	/* As good as each other, all of them: a window lower than the last digit of a percentage. */
	for (size_t i = 0; i < stage->run.version_count; i++)
		stage->run.versions[i]->val_accuracy = 0.8;
	check_size_axis(stage, 120, 1, 1);
}

static void paste(struct stage *stage, const char *text)
{
	for (; *text; text++) {
		struct lepton__input input = {
			.kind = LEPTON__INPUT_KEY, .key = (unsigned char)*text, .pasted = true};
		lepton__app_input(stage->app, &input);
	}
	lepton__app_draw(stage->app);
}

/* As keys this would stop a version, say yes, and quit. */
static void test_paste_is_text(void **state)
{
	struct stage *stage = *state;
	size_t before = stage->fake.command_count;
	paste(stage, "xyqy\ry");
	assert_int_equal(stage->fake.command_count, before);
	assert_false(stage->app->quit);
	assert_null(stage->app->popup);
	assert_non_null(strstr(said(stage), "pasted"));
	press(stage, "x"); /* a question, if that can be stopped: no answer is pasted */
	paste(stage, "y\r");
	assert_int_equal(stage->fake.command_count, before);
	press(stage, "<Esc>");
	assert_null(stage->app->popup);
	press(stage, "/");
	assert_non_null(stage->app->popup);
	paste(stage, "mlp\r\n");
	assert_non_null(stage->app->popup); /* the line end did not send it */
	press(stage, "<Enter>");
	assert_null(stage->app->popup);
	assert_string_equal(stage->app->dash.filter_text, "mlp");
}

int main(void)
{
	setenv("LEPTON_TEST_CLOCK", "1700000178", 1);
	setenv("TZ", "UTC", 1);
	unsetenv("NO_COLOR");
#define STAGED(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_whole),
		cmocka_unit_test(test_no_key_means_two_things),
		cmocka_unit_test(test_design_keys_are_there),
		cmocka_unit_test(test_key_names),
		cmocka_unit_test(test_numbers),
		STAGED(test_filter_matches),
		cmocka_unit_test(test_filter_faults),
		cmocka_unit_test(test_fuzzy),
		STAGED(test_palette_ranks),
		STAGED(test_palette_finds_by_words),
		STAGED(test_window_keys_are_bound),
		cmocka_unit_test(test_help_is_the_views),
		cmocka_unit_test(test_settings),
		STAGED(test_selection_follows_its_version),
		STAGED(test_sorted_best_first),
		STAGED(test_curves_are_those_marked),
		STAGED(test_pause_resume_undo),
		STAGED(test_steering_goes_to_all_marked),
		STAGED(test_stop_asks_first),
		STAGED(test_compress_by_form),
		STAGED(test_result_that_the_filter_hides),
		STAGED(test_result_in_a_folded_group),
		STAGED(test_delta_takes_a_base),
		STAGED(test_form_refuses_what_is_wrong),
		STAGED(test_fuse_marked),
		STAGED(test_barrier),
		STAGED(test_preview_fills_in),
		STAGED(test_preview_is_kept),
		STAGED(test_preview_refused),
		STAGED(test_preview_of_many),
		STAGED(test_barrier_comes_back),
		STAGED(test_roles),
		STAGED(test_promote_and_roll_back),
		STAGED(test_tags),
		STAGED(test_note),
		STAGED(test_ranges),
		STAGED(test_ranges_by_mouse),
		STAGED(test_groups),
		STAGED(test_queue),
		STAGED(test_clone_form_helps),
		STAGED(test_undo_is_deep),
		STAGED(test_redo_of_a_version_made),
		STAGED(test_refusal_is_told),
		STAGED(test_escape_and_a_key_at_once),
		STAGED(test_news_is_not_figures),
		STAGED(test_saying_is_one_line),
		STAGED(test_quit_asks_while_training),
		STAGED(test_quit_names_what_is_given_up),
		STAGED(test_priority),
		STAGED(test_clicks),
		STAGED(test_too_small_says_so),
		STAGED(test_size_axis),
		STAGED(test_paste_is_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
