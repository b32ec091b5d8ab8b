/* tests/test_preview.c - all ways to fuse, side by side: the order of rows and their JSON; and the engine's
 * job, whose figures are those of the versions that "fuse" makes by the same methods.
 */
#include "config.h"
#include "corner_data.h"
#include "corner_versions.h"
#include "engine_world.h"
#include "fuse/preview.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- rows ---- */

static struct lepton_preview_row *row_of(struct lepton_preview *p, const char *name)
{
	size_t i = 0;
	while (i < p->method_count && strcmp(p->methods[i].name, name) != 0)
		i++;
	if (i == p->method_count)
		fail_msg("no row is called %s", name);
	return &p->methods[i];
}

static void give(struct lepton_preview *p, const char *name, double loss)
{
	struct lepton_preview_row *row = row_of(p, name);
	row->state = LEPTON_PREVIEW_SCORED;
	row->val_loss = loss;
	row->val_accuracy = loss / 4;
	row->seconds = loss * 3;
	row->bytes = 123456789012;
}

/* Every method has a row, and those that are not tried say why. */
static void all_methods_are_there(void **state)
{
	(void)state;
	struct lepton_preview p;
	lepton_preview_init(&p);
	for (const struct lepton_fuser *const *m = lepton_fusers(); *m; m++)
		assert_int_equal(row_of(&p, (*m)->name)->state,
			strcmp((*m)->name, "auto") ? LEPTON_PREVIEW_WAITS : LEPTON_PREVIEW_LEFT_OUT);
	assert_int_equal(row_of(&p, "ensemble")->state, LEPTON_PREVIEW_WAITS);
	expect(row_of(&p, "stacking")->why, "learns on the validation split itself");
	expect(row_of(&p, "distil")->why, "trains a network");
	assert_null(lepton_preview_best(&p));
	assert_int_equal(p.parent_count, 0);
}

static void least_loss_first(void **state)
{
	(void)state;
	struct lepton_preview p;
	size_t order[LEPTON_PREVIEW_ROWS_MAX];
	lepton_preview_init(&p);
	give(&p, "average", 3);
	give(&p, "weighted", (double)NAN); /* no number is not the best */
	give(&p, "soup", 1);
	give(&p, "ties", 1);
	give(&p, "dare", 2);
	row_of(&p, "fisher")->state = LEPTON_PREVIEW_REFUSED;
	lepton_preview_order(p.methods, p.method_count, order);
	const char *const first[] = {"soup", "ties", "dare", "average", "weighted", "slerp"};
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		assert_string_equal(p.methods[order[i]].name, first[i]);
	for (size_t i = 4; i + 1 < p.method_count; i++) /* the others as they were */
		assert_true(order[i] < order[i + 1]);
	assert_string_equal(lepton_preview_best(&p)->name, "soup");
}

/* ---- as JSON ---- */

static void same_row(const struct lepton_preview_row *a, const struct lepton_preview_row *b)
{
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->step, b->step);
	assert_int_equal(a->state, b->state);
	assert_string_equal(a->why, b->why);
	assert_true(isnan(a->val_loss) ? isnan(b->val_loss) : fabs(a->val_loss - b->val_loss) <= 0);
	if (a->state != LEPTON_PREVIEW_SCORED)
		return;
	assert_int_equal(a->bytes, b->bytes);
	assert_true(isnan(a->seconds) ? isnan(b->seconds) : fabs(a->seconds - b->seconds) <= 0);
}

static void json_and_back(void **state)
{
	(void)state;
	struct lepton_preview p, back;
	struct lepton__buffer text;
	lepton_preview_init(&p);
	p.samples = 6000;
	p.parent_count = 2;
	p.parents[0] = (struct lepton_preview_row){
		"a \"b\"", 7, 100, LEPTON_PREVIEW_SCORED, 0.1 + 0.2, 0.5, 44, (double)NAN, ""};
	p.parents[1] = (struct lepton_preview_row){
		"c", 8, 0, LEPTON_PREVIEW_REFUSED, (double)NAN, (double)NAN, 0, (double)NAN, "it\ndoes not"};
	give(&p, "average", 1.0 / 3);
	give(&p, "ties", (double)NAN);
	row_of(&p, "dare")->state = LEPTON_PREVIEW_REFUSED;
	strcpy(row_of(&p, "dare")->why, "unlike shapes");
	lepton__buffer_init(&text, 1 << 20);
	lepton__preview_write(&text, &p);
	assert_false(text.failed);
	assert_null(strchr(text.data, '\n'));
	assert_int_equal(lepton_preview_read(text.data, &back, NULL), 0);
	lepton__buffer_free(&text);
	assert_int_equal(back.samples, 6000);
	assert_false(back.done);
	assert_int_equal(back.parent_count, 2);
	assert_int_equal(back.method_count, p.method_count);
	for (size_t i = 0; i < 2; i++)
		same_row(&p.parents[i], &back.parents[i]);
	for (size_t i = 0; i < p.method_count; i++)
		same_row(&p.methods[i], &back.methods[i]);
}

static void json_of_nothing(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "[]", "{}", "{\"versions\":[]}",
		"{\"versions\":[],\"methods\":[{}]}", "{\"versions\":[3],\"methods\":[]}",
		"{\"versions\":{},\"methods\":[]}"};
	struct lepton_preview out;
	char many[2048] = "{\"versions\":[],\"methods\":[{\"method\":\"a\"}";
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct lepton_error err = {0};
		if (lepton_preview_read(bad[i], &out, &err) != LEPTON_E_CORRUPT)
			fail_msg("read: %s", bad[i]);
		expect(err.message, "cannot be read");
	}
	for (int i = 0; i < LEPTON_PREVIEW_ROWS_MAX; i++)
		strcat(many, ",{\"method\":\"a\"}");
	strcat(many, "]}");
	assert_int_equal(lepton_preview_read(many, &out, NULL), LEPTON_E_CORRUPT);
}

/* ---- the engine's job ---- */

static struct lepton_command of(int count, const int64_t *ids)
{
	struct lepton_command command = {.type = LEPTON_CMD_PREVIEW, .count = count};
	memcpy(command.versions, ids, (size_t)count * sizeof *ids);
	return command;
}

static struct lepton_preview kept(const struct world *w, int count, const int64_t *ids)
{
	struct lepton_preview out;
	const struct lepton_run_preview *record = lepton_run_preview(&w->run, ids, count);
	assert_non_null(record);
	assert_int_equal(lepton_preview_read(lepton_text_get(record->detail), &out, NULL), 0);
	return out;
}

/* What "fuse" makes of them by the row's method has the row's figures, to the bit. */
static void same_as_fused(
	struct world *w, int count, const int64_t *ids, const struct lepton_preview_row *row)
{
	struct lepton_command fuse = of(count, ids);
	fuse.type = LEPTON_CMD_FUSE;
	snprintf(fuse.method, sizeof fuse.method, "%s", row->name);
	const int code = order(w, fuse, NULL);
	if (row->state == LEPTON_PREVIEW_REFUSED) {
		assert_int_not_equal(code, 0);
		return;
	}
	if (code)
		fail_msg("%s: %s", row->name, w->message);
	const struct lepton_run_version *made = see(w, last_of(w));
	if (!(fabs(made->val_loss - row->val_loss) <= 0) ||
		!(fabs(made->val_accuracy - row->val_accuracy) <= 0))
		fail_msg("%s: fused %.17g %.17g, previewed %.17g %.17g", row->name, made->val_loss,
			made->val_accuracy, row->val_loss, row->val_accuracy);
	assert_int_equal(made->bytes, row->bytes);
	assert_true(row->seconds >= 0);
}

static void the_job_scores_all(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t ids[] = {add_net(w, "a", 2), add_net(w, "b", 5), add_net(w, "c", 9)};
	start(w);
	for (int i = 0; i < 3; i++)
		await(w, in_state, ids[i], LEPTON_DONE);
	const size_t versions = w->run.version_count;
	assert_int_equal(order(w, of(3, ids), NULL), 0);
	expect(w->message, "has the lowest validation loss");
	assert_int_equal(w->run.version_count, versions); /* nothing was made */
	struct lepton_preview p = kept(w, 3, ids);
	assert_true(p.done);
	assert_int_equal(p.samples, 100);
	assert_int_equal(p.parent_count, 3);
	for (int i = 0; i < 3; i++) {
		const struct lepton_run_version *v = see(w, ids[i]);
		assert_string_equal(p.parents[i].name, v->name);
		assert_int_equal(p.parents[i].step, v->step);
		assert_true(fabs(p.parents[i].val_loss - v->val_loss) < 1e-9);
	}
	size_t scored = 0;
	for (size_t i = 0; i < p.method_count; i++)
		if (p.methods[i].state != LEPTON_PREVIEW_LEFT_OUT) {
			same_as_fused(w, 3, ids, &p.methods[i]);
			scored += p.methods[i].state == LEPTON_PREVIEW_SCORED;
		}
	assert_true(scored >= 11);
	const struct lepton_run_job *job = &w->run.jobs[0];
	assert_string_equal(job->kind, "preview");
	assert_int_equal(job->state, LEPTON_JOB_DONE);
	assert_int_equal(job->result, 0);
	world_free(w);
}

/* The tables that come while it runs: each has one row more, the rows before stay. */
static void it_fills_in(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t ids[] = {add_net(w, "a", 1), add_net(w, "b", 1)};
	size_t before = 0, tables = 0;
	struct lepton_event e;
	start(w);
	await(w, in_state, ids[0], LEPTON_DONE);
	await(w, in_state, ids[1], LEPTON_DONE);
	struct lepton_command command = of(2, ids);
	command.ticket = 5;
	assert_int_equal(lepton_engine_submit(w->engine, &command, NULL), 0);
	for (bool ended = false; !ended;) {
		assert_int_equal(lepton_reader_next(w->reader, WORLD_PATIENCE, &e), 1);
		assert_int_equal(lepton_run_apply(&w->run, &e, NULL), 0);
		if (e.type == LEPTON_EVENT_JOB && e.u.job.detail) {
			struct lepton_preview p;
			size_t filled = 0;
			assert_int_equal(lepton_preview_read(lepton_text_get(e.u.job.detail), &p, NULL), 0);
			for (size_t i = 0; i < p.method_count; i++)
				filled += p.methods[i].state == LEPTON_PREVIEW_SCORED ||
					  p.methods[i].state == LEPTON_PREVIEW_REFUSED;
			assert_true(filled == before || filled == before + 1);
			assert_true(p.done || e.u.job.state == LEPTON_JOB_RUNNING);
			before = filled;
			tables++;
		}
		ended = e.type == LEPTON_EVENT_REPLY && e.u.reply.ticket == 5;
		lepton_event_clear(&e);
	}
	assert_int_equal(before, 12);
	assert_true(tables >= 1 + 2 + 12);
	world_free(w);
}

static void unlike_shapes_and_kinds(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	char wide[1024];
	snprintf(wide, sizeof wide,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":2,"
		"\"activation\":\"softmax\"}],\"epochs\":1}");
	int64_t ids[] = {add_net(w, "a", 1), add(w, "other", "network", wide),
		add(w, "tree", "decision_tree", "{\"max_depth\":2}")};
	start(w);
	for (int i = 0; i < 3; i++)
		await(w, in_state, ids[i], LEPTON_DONE);
	for (int count = 2; count <= 3; count++) {
		assert_int_equal(order(w, of(count, ids), NULL), 0);
		expect(w->message, "ensemble has the lowest validation loss");
		struct lepton_preview p = kept(w, count, ids);
		for (size_t i = 0; i < p.method_count; i++) {
			struct lepton_preview_row *row = &p.methods[i];
			if (strcmp(row->name, "ensemble") == 0 || row->state == LEPTON_PREVIEW_LEFT_OUT)
				continue;
			assert_int_equal(row->state, LEPTON_PREVIEW_REFUSED);
			if (count == 2)
				assert_int_equal(
					strncmp(row->why, "\"a\" and \"other\" have unlike shapes", 34), 0);
			else
				assert_string_equal(
					row->why, "tree is a decision_tree, whose weights have no mean");
		}
		same_as_fused(w, count, ids, row_of(&p, "ensemble"));
		/* an ensemble takes no ensemble, and then nothing is left */
		int64_t deep[] = {last_of(w), ids[0]};
		assert_int_equal(order(w, of(2, deep), NULL), 0);
		expect(w->message, "no method makes a version with a validation loss");
		p = kept(w, 2, deep);
		expect(row_of(&p, "ensemble")->why, "is an ensemble itself: take its members instead");
		assert_int_equal(p.parents[0].state, LEPTON_PREVIEW_SCORED);
	}
	world_free(w);
}

static void what_is_refused(void **state)
{
	(void)state;
	struct lepton_dataset *bare;
	struct world *w = world_new(data);
	int64_t a = add_net(w, "a", 1), ids[] = {a, 99};
	start(w);
	await(w, in_state, a, LEPTON_DONE);
	assert_int_equal(order(w, of(2, ids), NULL), LEPTON_E_NOTFOUND);
	assert_int_equal(order(w, of(1, ids), NULL), LEPTON_E_USAGE);
	expect(w->message, "preview takes two versions or more, not 1");
	ids[1] = a;
	assert_int_equal(order(w, of(2, ids), "{\"t\":1}"), LEPTON_E_USAGE);
	expect(w->message, "preview");
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_PREVIEW}, NULL), LEPTON_E_STATE);
	expect(w->message, "no preview is being made");
	assert_int_equal(w->run.preview_count, 0);
	world_free(w);
	assert_int_equal(make_corner(200, 50, 0, &bare), 0);
	w = world_new(bare);
	ids[0] = add_net(w, "a", 1);
	ids[1] = add_net(w, "b", 1);
	start(w);
	await(w, in_state, ids[0], LEPTON_DONE);
	await(w, in_state, ids[1], LEPTON_DONE);
	assert_int_equal(order(w, of(2, ids), NULL), LEPTON_E_STATE);
	expect(w->message, "scores on validation samples, and there are none: set validation_split");
	world_free(w);
	lepton_dataset_release(bare);
}

static void it_can_be_given_up(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t ids[] = {add_deep(w, "a"), add_deep(w, "b")}, turned[] = {ids[1], ids[0]};
	start(w);
	await(w, in_state, ids[0], LEPTON_DONE);
	await(w, in_state, ids[1], LEPTON_DONE);
	uint64_t runs = submit(w, of(2, ids), "{}"), waits = submit(w, of(2, turned), "{}");
	await(w, job_begun, ids[0], 0);
	/* who gives up barriers does not give up this */
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_BARRIER}, NULL), LEPTON_E_STATE);
	submit(w, (struct lepton_command){.type = LEPTON_CMD_PREVIEW}, "{}");
	await_reply(w, waits);
	assert_int_equal(w->code, LEPTON_E_CANCELED);
	expect(w->message, "given up before it began");
	await_reply(w, runs);
	assert_int_equal(w->code, LEPTON_E_CANCELED);
	expect(w->message, "given up");
	assert_int_equal(w->run.version_count, 2);
	assert_false(kept(w, 2, ids).done);
	assert_null(lepton_run_preview(&w->run, turned, 2));
	/* quitting does not wait for it */
	const int64_t before = w->run.jobs[w->run.job_count - 1].job;
	runs = submit(w, of(2, ids), "{}");
	while (w->run.jobs[w->run.job_count - 1].job == before)
		world_next(w, 0.05);
	submit(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, "{}");
	await_reply(w, runs);
	assert_int_equal(w->code, LEPTON_E_CANCELED);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_methods_are_there),
		cmocka_unit_test(least_loss_first),
		cmocka_unit_test(json_and_back),
		cmocka_unit_test(json_of_nothing),
		cmocka_unit_test(the_job_scores_all),
		cmocka_unit_test(it_fills_in),
		cmocka_unit_test(unlike_shapes_and_kinds),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(it_can_be_given_up),
	};
	return cmocka_run_group_tests_name("preview", tests, make_data, drop_data);
}
