/* test_run.c - the fold over events: what a reader knows after them, and finding versions by name. */
#include "config.h"
#include "lepton/run.h"
#include "base/memory.h"

#include <setjmp.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <stdio.h>
#include <cmocka.h>

static uint64_t serial;

static int apply(struct lepton_run *run, struct lepton_event event)
{
	struct lepton_error err = {0};
	event.serial = ++serial;
	event.time = 1000.0 + (double)serial;
	int code = lepton_run_apply(run, &event, &err);
	lepton_event_clear(&event);
	return code;
}

static struct lepton_event version(int64_t id, const char *name, const char *operation, int64_t parent)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id};
	lepton__copy_name(event.u.added.name, LEPTON_NAME_MAX, name);
	event.u.added.operation = lepton_text_new(operation);
	event.u.added.parent_count = parent ? 1 : 0;
	event.u.added.parents[0] = parent;
	return event;
}

static struct lepton_event change(
	int64_t id, enum lepton_version_state state, int64_t step, const char *reason)
{
	struct lepton_event event = {.type = LEPTON_EVENT_STATE, .version = id};
	event.u.state.state = state;
	event.u.state.step = step;
	event.u.state.reason = reason ? lepton_text_new(reason) : NULL;
	return event;
}

static struct lepton_event metric(int64_t id, int64_t step, double loss)
{
	struct lepton_event event = {.type = LEPTON_EVENT_METRIC, .version = id};
	event.u.metric.step = step;
	event.u.metric.loss = loss;
	event.u.metric.epoch = (double)step / 10;
	return event;
}

static struct lepton_event epoch(int64_t id, int64_t number, double val_accuracy)
{
	struct lepton_event event = {.type = LEPTON_EVENT_EPOCH, .version = id};
	event.u.epoch.epoch = number;
	event.u.epoch.step = number * 10;
	event.u.epoch.val_accuracy = val_accuracy;
	event.u.epoch.val_loss = 1 - val_accuracy;
	return event;
}

static void follows_a_version(void **state)
{
	(void)state;
	struct lepton_run run;
	lepton_run_init(&run);
	assert_int_equal(apply(&run, version(1, "a", "{\"op\":\"train\"}", 0)), LEPTON_OK);
	struct lepton_run_version *a = lepton_run_version(&run, 1);
	assert_non_null(a);
	assert_true(isnan(a->loss) && isnan(a->val_loss) && isnan(a->test_accuracy));
	assert_int_equal(a->checkpoint_step, -1);
	for (int64_t step = 1; step <= 1000; step++)
		assert_int_equal(apply(&run, metric(1, step, 1.0 / (double)step)), LEPTON_OK);
	assert_int_equal(a->history.count, 1000);
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(a->history.step[i], i + 1);
		assert_true(fabsf(a->history.loss[i] - 1.0F / (float)(i + 1)) < 1e-7F);
	}
	assert_int_equal(a->step, 1000);
	apply(&run, epoch(1, 1, 0.5));
	apply(&run, epoch(1, 2, 0.8));
	apply(&run, epoch(1, 3, 0.7));
	assert_int_equal(a->epochs_done.count, 3);
	assert_true(fabs(a->best_val_accuracy - 0.8) < 1e-6);
	assert_true(fabs(a->val_accuracy - 0.7) < 1e-12);
	lepton_run_clear(&run);
}

static void going_back_rewrites_the_curve(void **state)
{
	(void)state;
	struct lepton_run run;
	lepton_run_init(&run);
	apply(&run, version(1, "a", "{}", 0));
	for (int64_t step = 1; step <= 50; step++)
		apply(&run, metric(1, step, 1));
	apply(&run, epoch(1, 1, 0.5));
	apply(&run, epoch(1, 2, 0.9));
	apply(&run, metric(1, 21, 2));
	apply(&run, epoch(1, 2, 0.6));
	struct lepton_run_version *a = lepton_run_version(&run, 1);
	assert_int_equal(a->history.count, 21);
	assert_true(a->history.loss[20] > 1.5F);
	assert_int_equal(a->epochs_done.count, 2);
	assert_true(fabs(a->best_val_accuracy - 0.6) < 1e-6);
	lepton_run_clear(&run);
}

static void notes_tell_the_story(void **state)
{
	(void)state;
	static const char *const story[] = {"paused", "resumed", "cloned as b", "failed: out of luck",
		"archived", "restored", "promoted to production", "rolled back to by production"};
	struct lepton_run run;
	lepton_run_init(&run);
	apply(&run, version(1, "a", "{\"op\":\"train\"}", 0));
	apply(&run, change(1, LEPTON_QUEUED, 0, NULL));
	apply(&run, change(1, LEPTON_RUNNING, 0, NULL));
	apply(&run, change(1, LEPTON_PAUSED, 5, NULL));
	apply(&run, change(1, LEPTON_QUEUED, 5, NULL));
	apply(&run, change(1, LEPTON_RUNNING, 5, NULL));
	apply(&run, version(2, "b", "{\"op\":\"clone\"}", 1));
	apply(&run, version(2, "b", "{\"op\":\"clone\"}", 1)); /* said again after a restart */
	apply(&run, change(1, LEPTON_FAILED, 9, "out of luck"));
	apply(&run, change(1, LEPTON_ARCHIVED, 9, NULL));
	apply(&run, change(1, LEPTON_FAILED, 9, NULL));
	for (int i = 0; i < 2; i++) {
		struct lepton_event event = {.type = LEPTON_EVENT_ALIAS, .version = 1};
		strcpy(event.u.alias.alias, "production");
		event.u.alias.target = 1;
		event.u.alias.rollback = i == 1;
		apply(&run, event);
	}
	struct lepton_run_version *a = lepton_run_version(&run, 1);
	for (size_t i = 0; i < a->note_count && i < 8; i++)
		assert_string_equal(a->notes[i].what, story[i]);
	assert_int_equal(a->note_count, 8);
	assert_int_equal(a->notes[0].step, 5);
	assert_int_equal(run.version_count, 2);
	lepton_run_clear(&run);
}

static void lists_are_bounded(void **state)
{
	(void)state;
	struct lepton_run run;
	lepton_run_init(&run);
	for (int i = 1; i <= 1500; i++) {
		struct lepton_event event = {.type = LEPTON_EVENT_JOB};
		event.u.job.job = i;
		apply(&run, event);
		event.u.job.progress = 0.5;
		apply(&run, event);
	}
	assert_int_equal(run.job_count, 1000);
	assert_int_equal(run.jobs[999].job, 1500);
	assert_int_equal(run.jobs[0].job, 501);
	char line[32];
	for (int i = 1; i <= 25000; i++) {
		struct lepton_event event = {.type = LEPTON_EVENT_LOG};
		snprintf(line, sizeof line, "%d", i);
		event.u.log.line = lepton_text_new(line);
		apply(&run, event);
		assert_true(run.log_count <= 10000);
	}
	assert_string_equal(lepton_text_get(run.log[run.log_count - 1].line), "25000");
	lepton_run_clear(&run);
}

static void barrier(struct lepton_run *run, int64_t job, int64_t a, int64_t b, const char *more)
{
	struct lepton_event event = {.type = LEPTON_EVENT_JOB, .version = a};
	char detail[128];
	snprintf(detail, sizeof detail, "{\"versions\":[{\"id\":%d},{\"id\":%d}]%s}", (int)a, (int)b, more);
	event.u.job.job = job;
	event.u.job.state = LEPTON_JOB_DONE;
	event.u.job.detail = lepton_text_new(detail);
	apply(run, event);
}

/* The last of each pair, in its order; what names no two versions is none. */
static void barriers_are_kept(void **state)
{
	(void)state;
	struct lepton_run run;
	lepton_run_init(&run);
	barrier(&run, 1, 1, 2, "");
	barrier(&run, 2, 2, 1, "");
	barrier(&run, 3, 1, 3, "");
	barrier(&run, 4, 1, 2, ",\"again\":true");
	barrier(&run, 5, 0, 2, "");
	assert_int_equal(run.barrier_count, 3);
	assert_non_null(strstr(lepton_text_get(lepton_run_barrier(&run, 1, 2)->detail), "again"));
	assert_null(strstr(lepton_text_get(lepton_run_barrier(&run, 2, 1)->detail), "again"));
	assert_null(lepton_run_barrier(&run, 3, 1));
	struct lepton_event event = {.type = LEPTON_EVENT_JOB};
	event.u.job.detail = lepton_text_new("no JSON");
	apply(&run, event);
	for (int i = 1; i <= 1500; i++)
		barrier(&run, 6 + i, i, 9999, "");
	assert_int_equal(run.barrier_count, 1000);
	assert_null(lepton_run_barrier(&run, 500, 9999));
	assert_non_null(lepton_run_barrier(&run, 501, 9999));
	assert_int_equal(run.barriers[999].ends[0], 1500);
	lepton_run_clear(&run);
}

static void preview(struct lepton_run *run, int64_t job, const char *versions, const char *more)
{
	struct lepton_event event = {.type = LEPTON_EVENT_JOB, .version = 1, .u.job.kind = "preview"};
	char detail[160];
	snprintf(detail, sizeof detail, "{\"versions\":[%s]%s}", versions, more);
	event.u.job.job = job;
	event.u.job.detail = lepton_text_new(detail);
	apply(run, event);
}

/* The last of the same versions in the same order, also while it runs; a barrier is none, and it is no barrier. */
static void previews_are_kept(void **state)
{
	(void)state;
	struct lepton_run run;
	char versions[64];
	lepton_run_init(&run);
	preview(&run, 1, "{\"id\":1},{\"id\":2}", "");
	preview(&run, 2, "{\"id\":2},{\"id\":1}", "");
	preview(&run, 3, "{\"id\":1},{\"id\":2},{\"id\":3}", "");
	preview(&run, 4, "{\"id\":1},{\"id\":2}", ",\"again\":true");
	preview(&run, 5, "{\"id\":1}", "");
	preview(&run, 6, "{\"id\":1},{\"id\":0}", "");
	preview(&run, 7, "3", "");
	assert_int_equal(run.preview_count, 3);
	assert_int_equal(run.barrier_count, 0);
	const struct lepton_run_preview *kept = lepton_run_preview(&run, (int64_t[]){1, 2}, 2);
	assert_int_equal(kept->job, 4);
	assert_non_null(strstr(lepton_text_get(kept->detail), "again"));
	assert_int_equal(lepton_run_preview(&run, (int64_t[]){2, 1}, 2)->job, 2);
	assert_int_equal(lepton_run_preview(&run, (int64_t[]){1, 2, 3}, 3)->job, 3);
	assert_null(lepton_run_preview(&run, (int64_t[]){1, 3}, 2));
	for (int i = 1; i <= 150; i++) {
		snprintf(versions, sizeof versions, "{\"id\":%d},{\"id\":9999}", i);
		preview(&run, 10 + i, versions, "");
	}
	assert_int_equal(run.preview_count, 100);
	assert_null(lepton_run_preview(&run, (int64_t[]){50, 9999}, 2));
	assert_int_equal(run.previews[99].versions[0], 150);
	lepton_run_clear(&run);
}

/* When a store is opened again its jobs are counted from 1: the clock of the new one starts with it. */
static void a_job_of_an_old_number_begins_anew(void **state)
{
	(void)state;
	static const enum lepton_job_state states[] = {LEPTON_JOB_RUNNING, LEPTON_JOB_RUNNING,
		LEPTON_JOB_DONE, LEPTON_JOB_RUNNING, LEPTON_JOB_RUNNING};
	struct lepton_run run;
	lepton_run_init(&run);
	double first = 0, again = 0;
	for (int i = 0; i < 5; i++) {
		struct lepton_event event = {.type = LEPTON_EVENT_JOB};
		event.u.job.job = 1;
		event.u.job.state = states[i];
		apply(&run, event);
		if (i == 0)
			first = run.jobs[0].started;
		if (i == 3)
			again = run.jobs[0].started;
	}
	assert_true(again > first);
	assert_true(fabs(run.jobs[0].started - again) <= 0);
	assert_true(run.jobs[0].updated > again);
	lepton_run_clear(&run);
}

static void strangers_are_refused(void **state)
{
	(void)state;
	struct lepton_run run;
	lepton_run_init(&run);
	assert_int_equal(apply(&run, metric(7, 1, 1)), LEPTON_E_CORRUPT);
	assert_int_equal(apply(&run, epoch(0, 1, 1)), LEPTON_E_CORRUPT);
	assert_int_equal(apply(&run, version(0, "a", "{}", 0)), LEPTON_E_CORRUPT);
	assert_int_equal(apply(&run, version(-3, "a", "{}", 0)), LEPTON_E_CORRUPT);
	assert_int_equal(apply(&run, (struct lepton_event){.type = LEPTON_EVENT_END}), LEPTON_OK);
	assert_true(run.ended);
	assert_int_equal(run.version_count, 0);
	assert_int_equal(run.serial, serial);
	lepton_run_clear(&run);
}

static void ids_with_gaps(void **state)
{
	(void)state;
	struct lepton_run run;
	lepton_run_init(&run);
	apply(&run, version(3, "c", "{}", 0));
	apply(&run, version(1, "a", "{}", 0));
	apply(&run, version(9, "i", "{}", 0));
	assert_string_equal(lepton_run_version(&run, 3)->name, "c");
	assert_string_equal(lepton_run_version(&run, 1)->name, "a");
	assert_string_equal(lepton_run_version(&run, 9)->name, "i");
	assert_null(lepton_run_version(&run, 2));
	assert_null(lepton_run_version(&run, 0));
	assert_null(lepton_run_version(&run, -1));
	lepton_run_clear(&run);
}

static void expect(const struct lepton_run *run, const char *reference, int64_t id, const char *message)
{
	struct lepton_error err = {0};
	struct lepton_run_version *found;
	int code = lepton_run_find(run, reference, &found, &err);
	if (!message) {
		assert_int_equal(code, LEPTON_OK);
		assert_int_equal(found->id, id);
		return;
	}
	assert_int_equal(code, LEPTON_E_NOTFOUND);
	if (!strstr(err.message, message))
		fail_msg("\"%s\": \"%s\" lacks \"%s\"", reference, err.message, message);
}

static void finding(void **state)
{
	(void)state;
	struct lepton_run run;
	lepton_run_init(&run);
	expect(&run, "cnn", 0, "none yet");
	apply(&run, version(1, "cnn", "{}", 0));
	apply(&run, version(2, "cnn-fast", "{}", 0));
	apply(&run, version(3, "#1", "{}", 0));
	struct lepton_event alias = {.type = LEPTON_EVENT_ALIAS};
	strcpy(alias.u.alias.alias, "production");
	alias.u.alias.target = 2;
	apply(&run, alias);
	strcpy(alias.u.alias.alias, "gone");
	alias.u.alias.target = 99;
	apply(&run, alias);
	expect(&run, "cnn", 1, NULL);
	expect(&run, "#2", 2, NULL);
	expect(&run, "#1", 3, NULL); /* a name beats a number */
	expect(&run, ":production", 2, NULL);
	expect(&run, "cnn-fats", 0, "cnn-fast");
	expect(&run, ":producton", 0, "production");
	expect(&run, ":gone", 0, "no version");
	expect(&run, "#77", 0, "#77");
	expect(&run, "#2x", 0, "#2x");
	expect(&run, "", 0, "no version");
	lepton_run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(follows_a_version),
		cmocka_unit_test(going_back_rewrites_the_curve), cmocka_unit_test(notes_tell_the_story),
		cmocka_unit_test(lists_are_bounded), cmocka_unit_test(barriers_are_kept), cmocka_unit_test(previews_are_kept),
		cmocka_unit_test(a_job_of_an_old_number_begins_anew), cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(ids_with_gaps), cmocka_unit_test(finding)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
