/* The report against names that would like to be markup, histories that are long, lineages that are circles;
 * and against every allocation that can fail. That it looks and works well is seen in tests/e2e/html.sh. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "export/html.h"
#include "fail_alloc.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVIL "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\"&\xE2\x80\xA8\xE2\x80\xA9"
#define BROKEN                                                                                               \
	"a\xC3(\xFF\xED\xA0\x80\x01\x7F\xC2\x85z" /* cut, no byte of UTF-8, a surrogate, control characters  \
						   */
#define VERSIONS 3

struct world {
	struct lepton_run run;
	struct lepton_run_version versions[VERSIONS], *list[VERSIONS];
	struct lepton_run_alias alias;
	struct lepton_note note;
	struct lepton_run_log log;
	int64_t step[3], epoch_number[2];
	double epoch[3], seconds[3];
	float loss[3], accuracy[3];
};

static void make_version(struct world *w, int i, const char *name)
{
	struct lepton_run_version *v = &w->versions[i];
	*v = (struct lepton_run_version){
		.id = i + 1, .state = LEPTON_FAILED, .bytes = 1000 * (i + 1), .raw_bytes = 9000};
	lepton__copy_name(v->name, sizeof v->name, name);
	snprintf(v->reason, sizeof v->reason, "%s", EVIL);
	snprintf(v->learner, sizeof v->learner, "network");
	v->val_accuracy = 0.5 + 0.1 * i;
	v->test_accuracy = v->test_loss = v->val_loss = v->loss = v->accuracy = 0.25;
	v->samples_per_second = NAN;
	v->history = (struct lepton_history){.count = 3,
		.capacity = 3,
		.step = w->step,
		.epoch = w->epoch,
		.seconds = w->seconds,
		.loss = w->loss,
		.accuracy = w->accuracy};
	v->epochs_done = (struct lepton_epochs){
		2, 2, w->epoch_number, w->step, w->seconds, w->loss, w->accuracy, w->loss, w->accuracy};
	v->hyperparameters =
		lepton_text_new("{\"<b>key\":\"<i>value\",\"layers\":[{\"type\":\"<u>\"}],\"seed\":1}");
	v->operation = lepton_text_new("{\"op\":\"fuse\",\"method\":\"<s>method\"}");
	w->list[i] = v;
}

/* Three versions, each the parent of the next, and the last of the first: a circle. Names cut at 63 bytes or
 * so. */
static void make_world(struct world *w)
{
	*w = (struct world){.step = {1, 2, 3},
		.epoch = {0.1, 0.2, 0.3},
		.seconds = {1, 2, 3},
		.loss = {2, NAN, 1},
		.accuracy = {0.1f, 0.2f, NAN},
		.epoch_number = {1, 2}};
	make_version(w, 0, EVIL);
	make_version(w, 1, BROKEN);
	make_version(w, 2, "plain");
	for (int i = 0; i < VERSIONS; i++) {
		w->versions[i].parent_count = 1;
		w->versions[i].parents[0] = (i + 2) % VERSIONS + 1;
	}
	w->versions[2].report = lepton_text_new(
		"{\"samples\":2,\"accuracy\":0.5,\"classes\":[{\"name\":\"</td>\",\"support\":1},"
		"{\"name\":\"b\",\"support\":1}],\"confusion\":[[1,0],[1,0]]}");
	w->note = (struct lepton_note){1700000000, 2, "<script>note"};
	w->versions[1].notes = &w->note;
	w->versions[1].note_count = 1;
	w->log =
		(struct lepton_run_log){1700000001, 1, LEPTON_LOG_ERROR, lepton_text_new("log " EVIL BROKEN)};
	w->alias = (struct lepton_run_alias){
		.alias = "<al\xFFias>", .target = 3, .previous = 1, .weights_hash = "00<11"};
	w->run = (struct lepton_run){.versions = w->list,
		.version_count = VERSIONS,
		.aliases = &w->alias,
		.alias_count = 1,
		.log = &w->log,
		.log_count = 1,
		.created = 1700000000};
	lepton__copy_name(w->run.experiment, sizeof w->run.experiment, "</title>" EVIL);
	w->run.environment = lepton_text_new("{\"<cpu>\":\"<x>\",\"cores\":2}");
	w->run.data = lepton_text_new("{\"path\":\"/<d>\"}");
	w->run.spec = lepton_text_new("</pre>" EVIL);
}

static void clear_world(struct world *w)
{
	for (int i = 0; i < VERSIONS; i++) {
		lepton_text_release(w->versions[i].hyperparameters);
		lepton_text_release(w->versions[i].operation);
		lepton_text_release(w->versions[i].report);
	}
	lepton_text_release(w->log.line);
	lepton_text_release(w->run.environment);
	lepton_text_release(w->run.data);
	lepton_text_release(w->run.spec);
}

static char *render(const struct lepton_run *run, int64_t id)
{
	struct lepton_error err = {.code = 0};
	char *text = NULL;
	size_t size = 0;
	if (lepton__export_html.render(run, id, &text, &size, &err))
		fail_msg("%s", err.message);
	assert_int_equal(strlen(text), size);
	return text;
}

static int count(const char *text, const char *what)
{
	int found = 0;
	for (text = strstr(text, what); text; text = strstr(text + 1, what))
		found++;
	return found;
}

/* ---- names ---- */

static void test_text(void **state)
{
	(void)state;
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 16);
	lepton__html_text(&out, "<a href=\"x\" b='y'>&amp; \xC3\xA9\n");
	assert_string_equal(out.data, "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp; \xC3\xA9\n");
	out.size = 0;
#define U "\xEF\xBF\xBD"
	lepton__html_text(&out, BROKEN);
	assert_string_equal(out.data, "a" U "(" U U U U U U U "z");
	out.size = 0;
	static const char json[] = "[\"<\",\">\",\"&\",\"\xE2\x80\xA8\",\"\xE2\x80\xA9\",\"\xE2\x80\xA6\"]";
	lepton__html_json(&out, json, sizeof json - 1);
	assert_string_equal(
		out.data, "[\"\\u003c\",\"\\u003e\",\"\\u0026\",\"\\u2028\",\"\\u2029\",\"\xE2\x80\xA6\"]");
	lepton__buffer_free(&out);
}

/* Nothing of what others wrote is markup, and the figures' JSON gives back what they wrote. */
static void test_hostile_names(void **state)
{
	(void)state;
	struct world w;
	make_world(&w);
	char *page = render(&w.run, 0);
	assert_int_equal(count(page, "<script"), 2);
	assert_int_equal(count(page, "</script"), 2);
	assert_int_equal(count(page, "</title>"), count(page, "<title>"));
	static const char *const never[] = {"<img", "<b>key", "<i>value", "<u>", "<s>", "<script>note", "<al",
		"<cpu>", "<x>", "/<d>", "00<11", "</pre>\n<", "\xFF", "\x01"};
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (strstr(page, never[i]))
			fail_msg("%s is in the page", never[i]);
	char *json = strstr(page, "id=\"data\">") + strlen("id=\"data\">");
	*strstr(json, "</script") = '\0';
	assert_null(strpbrk(json, "<>&"));
	assert_null(strstr(json, "\xE2\x80\xA8")); /* ends a line of older JavaScript */
	cJSON *data = cJSON_ParseWithOpts(json, NULL, true);
	assert_non_null(data);
	const cJSON *versions = cJSON_GetObjectItem(data, "versions");
	assert_int_equal(cJSON_GetArraySize(versions), VERSIONS);
	assert_string_equal(
		cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetArrayItem(versions, 0), "name")),
		w.versions[0].name);
	assert_non_null(strstr(w.versions[0].name, "</script><script>"));
	cJSON_Delete(data);
	free(page);
	clear_world(&w);
}

/* ---- shape ---- */

/* A circle has no root: still every version stands in the lineage once, with its line. */
static void test_circle(void **state)
{
	(void)state;
	struct world w;
	make_world(&w);
	char *page = render(&w.run, 0);
	assert_int_equal(count(page, "<g class=\"node\""), VERSIONS);
	assert_int_equal(count(page, "<path class=\"edge"), VERSIONS);
	free(page);
	page = render(&w.run, 2); /* one alone: no lineage, no scatter, its curve */
	assert_int_equal(count(page, "<g class=\"node\""), 0);
	assert_int_equal(count(page, "<section id=\"size\""), 0);
	assert_int_equal(count(page, "<tr data-i="), 1);
	assert_int_equal(count(page, "<section id=\"curves\""), 1);
	free(page);
	clear_world(&w);
}

static void test_empty_run(void **state)
{
	(void)state;
	static const struct lepton_run nothing;
	char *page = render(&nothing, 0);
	assert_int_equal(count(page, "<section id=\"versions\""), 1);
	assert_int_equal(count(page, "<section id=\"curves\""), 0);
	free(page);
}

/* ---- long histories ---- */

enum { LONG = 1000000 };

/* Every extreme survives wherever it stands, points come in order, and there are no more than asked for. */
static void test_thin(void **state)
{
	(void)state;
	float *a = calloc(LONG, sizeof *a), *b = calloc(LONG, sizeof *b);
	size_t *keep = calloc(LONG, sizeof *keep);
	assert_true(a && b && keep);
	for (int turn = 0; turn < 50; turn++) {
		size_t n = 1000 + (size_t)turn * 19937, most = 64 + (size_t)turn * 13,
		       up = n / 2 + (size_t)turn * 7, down = n / 3;
		for (size_t i = 0; i < n; i++) {
			a[i] = sinf((float)i * 0.01f);
			b[i] = cosf((float)i * 0.013f);
		}
		a[up] = 50;
		b[down] = -70;
		a[n - 10] = NAN;
		size_t kept = lepton__html_thin(a, b, n, most, keep), seen = 0;
		assert_in_range(kept, most / 4, most);
		assert_int_equal(keep[0], 0);
		assert_int_equal(keep[kept - 1], n - 1);
		for (size_t i = 0; i < kept; i++) {
			assert_true(i == 0 || keep[i] > keep[i - 1]);
			seen += keep[i] == up || keep[i] == down || keep[i] == n - 10;
		}
		assert_int_equal(seen, 3);
	}
	for (size_t n = 0; n <= 70; n++) /* what is short stays as it is */
		assert_int_equal(lepton__html_thin(a, b, n, 70, keep), n);
	free(a);
	free(b);
	free(keep);
}

/* A million steps of each of three versions: the page stays small, and says of how many points it shows the
 * extremes. */
static void test_long_history(void **state)
{
	(void)state;
	struct world w;
	make_world(&w);
	int64_t *step = calloc(LONG, sizeof *step);
	double *x = calloc(LONG, sizeof *x);
	float *y = calloc(LONG, sizeof *y);
	assert_true(step && x && y);
	for (int i = 0; i < LONG; i++) {
		step[i] = i + 1;
		x[i] = i * 0.01;
		y[i] = 1 / (1 + (float)i * 1e-4f) + 0.01f * sinf((float)i);
	}
	for (int i = 0; i < VERSIONS; i++)
		w.versions[i].history = (struct lepton_history){.count = LONG,
			.capacity = LONG,
			.step = step,
			.epoch = x,
			.seconds = x,
			.loss = y,
			.accuracy = y};
	char *page = render(&w.run, 0);
	assert_in_range(strlen(page), 50000, 400000);
	assert_int_equal(count(page, "\"of\":1000000"), VERSIONS);
	free(page);
	free(step);
	free(x);
	free(y);
	clear_world(&w);
}

static void test_points(void **state)
{
	(void)state;
	assert_int_equal(lepton__html_points(1), LEPTON__HTML_POINTS_EACH);
	assert_int_equal(lepton__html_points(64), LEPTON__HTML_POINTS_EACH);
	assert_int_equal(lepton__html_points(256), LEPTON__HTML_POINTS / 256);
	assert_int_equal(lepton__html_points(100000), LEPTON__HTML_POINTS_EACH / 16);
}

/* ---- out of memory ---- */

static int turn(void)
{
	struct world w;
	struct lepton_error err = {.code = 0};
	char *text = NULL;
	size_t size = 0;
	make_world(&w);
	bool made = w.versions[2].report && w.log.line && w.run.environment && w.run.data && w.run.spec;
	for (int i = 0; i < VERSIONS; i++)
		made &= w.versions[i].hyperparameters && w.versions[i].operation;
	int code = made ? lepton__export_html.render(&w.run, 0, &text, &size, &err)
			: LEPTON_E_NOMEM; /* the world itself ran out */
	free(text);
	clear_world(&w);
	return code == LEPTON_OK ? ALL_WELL : code == LEPTON_E_NOMEM ? RAN_OUT : WRONG;
}

static void test_out_of_memory(void **state)
{
	(void)state;
#ifndef LEPTON_ERROR_INJECTION
	skip();
#else
	assert_int_equal(fail_all("/proc/self/exe", 400), 0);
#endif
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_circle),
		cmocka_unit_test(test_empty_run),
		cmocka_unit_test(test_thin),
		cmocka_unit_test(test_long_history),
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_out_of_memory),
	};
	if (argc > 1 && strcmp(argv[1], "turn") == 0)
		return turn();
	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
