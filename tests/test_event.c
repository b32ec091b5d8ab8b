/* test_event.c - events and commands: copying, counting references, and JSON there and back.
 *
 * The oracle for the round trip is the struct itself, compared member by member here, not by the
 * codec's table. The lines are also read with cJSON to see that they are plain JSON.
 */
#include "config.h"
#include "lepton/command.h"
#include "base/memory.h"

#include <setjmp.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <cjson/cJSON.h>

#define HOSTILE "quote\" back\\slash \n\t\r\x01\x7f /* \xE2\x82\xAC \xF0\x9F\x98\x80 */ {\"a\":[1,2]} %s%n"

static struct lepton_text *text(const char *string)
{
	struct lepton_text *made = lepton_text_new(string);
	assert_non_null(made);
	return made;
}

static void same_text(const struct lepton_text *a, const struct lepton_text *b)
{
	assert_int_equal(a == NULL, b == NULL);
	assert_string_equal(lepton_text_get(a), lepton_text_get(b));
}

/* The same bits, or both no finite number (which JSON cannot tell apart). */
static void same_number(double a, double b)
{
	if (!isfinite(a))
		assert_true(isnan(b));
	else
		assert_memory_equal(&a, &b, sizeof a);
}

/* A line with a blank in it is not read the quick way (codec_quick.c): both ways say the same. */
static void same_with_blanks(const char *json, const struct lepton_event *event)
{
	struct lepton_event slow;
	struct lepton_error err = {0};
	char *spaced = lepton__format("{ %s", json + 1);
	assert_non_null(spaced);
	if (lepton_event_from_json(spaced, &slow, &err))
		fail_msg("%s: %s", spaced, err.message);
	char *a = lepton_event_to_json(event), *b = lepton_event_to_json(&slow);
	assert_string_equal(a, b);
	assert_int_equal(event->type, slow.type);
	lepton_event_clear(&slow);
	lepton__free(spaced);
	lepton__free(a);
	lepton__free(b);
}

static struct lepton_event there_and_back(const struct lepton_event *event)
{
	struct lepton_error err = {0};
	struct lepton_event back;
	char *json = lepton_event_to_json(event);
	assert_non_null(json);
	assert_null(strchr(json, '\n'));
	cJSON *plain = cJSON_ParseWithOpts(json, NULL, true);
	assert_non_null(plain);
	cJSON_Delete(plain);
	if (lepton_event_from_json(json, &back, &err))
		fail_msg("%s: %s", json, err.message);
	same_with_blanks(json, &back);
	lepton__free(json);
	assert_int_equal(back.type, event->type);
	assert_int_equal(back.serial, event->serial);
	assert_int_equal(back.version, event->version);
	same_number(event->time, back.time);
	return back;
}

static struct lepton_event base_event(enum lepton_event_type type)
{
	return (struct lepton_event){
		.type = type, .serial = UINT64_MAX, .time = 1730000000.1234567, .version = INT64_MAX};
}

static void run_event(void **state)
{
	(void)state;
	struct lepton_event event = base_event(LEPTON_EVENT_RUN);
	strcpy(event.u.run.experiment, "mnist \"x\"");
	event.u.run.seed = (1ULL << 53) + 1;
	event.u.run.environment = text("{\"cpu\":\"x\"}");
	event.u.run.spec = text(HOSTILE);
	struct lepton_event back = there_and_back(&event);
	assert_string_equal(back.u.run.experiment, event.u.run.experiment);
	assert_true(back.u.run.seed == (1ULL << 53) + 1);
	same_text(event.u.run.environment, back.u.run.environment);
	same_text(event.u.run.data, back.u.run.data);
	same_text(event.u.run.spec, back.u.run.spec);
	lepton_event_clear(&event);
	lepton_event_clear(&back);
}

static void version_event(void **state)
{
	(void)state;
	struct lepton_event event = base_event(LEPTON_EVENT_VERSION);
	memset(event.u.added.name, 'n', LEPTON_NAME_MAX - 1);
	strcpy(event.u.added.learner, "network");
	event.u.added.parent_count = LEPTON_MAX_PARENTS;
	for (int i = 0; i < LEPTON_MAX_PARENTS; i++)
		event.u.added.parents[i] = i % 2 ? INT64_MIN + i : (1LL << 53) + i;
	event.u.added.operation = text("{\"op\":\"fuse\"}");
	event.u.added.hyperparameters = text(HOSTILE);
	event.u.added.seed = 0;
	event.u.added.priority = 0.1;
	event.u.added.parameters = 216330;
	event.u.added.bytes = -1;
	event.u.added.raw_bytes = 865320;
	event.u.added.steps_per_epoch = 422;
	event.u.added.epochs = 10;
	struct lepton_event back = there_and_back(&event);
	assert_string_equal(back.u.added.name, event.u.added.name);
	assert_string_equal(back.u.added.learner, "network");
	assert_int_equal(back.u.added.parent_count, LEPTON_MAX_PARENTS);
	assert_memory_equal(back.u.added.parents, event.u.added.parents, sizeof event.u.added.parents);
	same_text(event.u.added.operation, back.u.added.operation);
	same_text(event.u.added.hyperparameters, back.u.added.hyperparameters);
	same_number(event.u.added.priority, back.u.added.priority);
	assert_int_equal(back.u.added.seed, 0);
	assert_int_equal(back.u.added.parameters, 216330);
	assert_int_equal(back.u.added.bytes, -1);
	assert_int_equal(back.u.added.raw_bytes, 865320);
	assert_int_equal(back.u.added.steps_per_epoch, 422);
	assert_int_equal(back.u.added.epochs, 10);
	lepton_event_clear(&event);
	lepton_event_clear(&back);
}

static void state_event(void **state)
{
	(void)state;
	for (int s = LEPTON_QUEUED; s <= LEPTON_ARCHIVED; s++) {
		struct lepton_event event = base_event(LEPTON_EVENT_STATE);
		event.u.state.state = (enum lepton_version_state)s;
		event.u.state.reason = s % 2 ? text(HOSTILE) : NULL;
		event.u.state.step = 12345678901;
		event.u.state.seconds = 1e-300;
		struct lepton_event back = there_and_back(&event);
		assert_int_equal(back.u.state.state, s);
		same_text(event.u.state.reason, back.u.state.reason);
		assert_int_equal(back.u.state.step, 12345678901);
		same_number(1e-300, back.u.state.seconds);
		lepton_event_clear(&event);
		lepton_event_clear(&back);
	}
}

static void figures(void **state)
{
	(void)state;
	static const double values[] = {0.0, -0.0, 0.1, 1.0 / 3, 1e308, 5e-324, -123456.789, NAN, INFINITY,
		-INFINITY, 0.30000000000000004, 9007199254740993.0};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct lepton_event event = base_event(LEPTON_EVENT_METRIC);
		event.u.metric.step = (int64_t)i;
		event.u.metric.epoch = event.u.metric.seconds = event.u.metric.loss = values[i];
		event.u.metric.accuracy = event.u.metric.samples_per_second = -values[i];
		struct lepton_event back = there_and_back(&event);
		assert_int_equal(back.u.metric.step, i);
		same_number(values[i], back.u.metric.epoch);
		same_number(values[i], back.u.metric.seconds);
		same_number(values[i], back.u.metric.loss);
		same_number(-values[i], back.u.metric.accuracy);
		same_number(-values[i], back.u.metric.samples_per_second);

		event = base_event(LEPTON_EVENT_EPOCH);
		event.u.epoch.epoch = 3;
		event.u.epoch.step = 1266;
		event.u.epoch.seconds = event.u.epoch.loss = event.u.epoch.accuracy = values[i];
		event.u.epoch.val_loss = event.u.epoch.val_accuracy = -values[i];
		back = there_and_back(&event);
		assert_int_equal(back.u.epoch.epoch, 3);
		assert_int_equal(back.u.epoch.step, 1266);
		same_number(values[i], back.u.epoch.seconds);
		same_number(values[i], back.u.epoch.loss);
		same_number(values[i], back.u.epoch.accuracy);
		same_number(-values[i], back.u.epoch.val_loss);
		same_number(-values[i], back.u.epoch.val_accuracy);

		event = base_event(LEPTON_EVENT_TEST);
		event.u.test.loss = event.u.test.val_accuracy = values[i];
		event.u.test.accuracy = event.u.test.val_loss = -values[i];
		event.u.test.report = i ? text(HOSTILE) : NULL;
		back = there_and_back(&event);
		same_number(values[i], back.u.test.loss);
		same_number(-values[i], back.u.test.accuracy);
		same_number(-values[i], back.u.test.val_loss);
		same_number(values[i], back.u.test.val_accuracy);
		same_text(event.u.test.report, back.u.test.report);
		lepton_event_clear(&event);
		lepton_event_clear(&back);
	}
}

static void checkpoint_event(void **state)
{
	(void)state;
	struct lepton_event event = base_event(LEPTON_EVENT_CHECKPOINT);
	struct lepton_checkpoint *checkpoint = lepton__calloc(1, sizeof *checkpoint);
	assert_non_null(checkpoint);
	checkpoint->references = 1;
	event.u.checkpoint.checkpoint = checkpoint;
	event.u.checkpoint.step = 42;
	event.u.checkpoint.epoch = 0.5;
	event.u.checkpoint.bytes = 4096;
	memset(event.u.checkpoint.weights_hash, 'a', LEPTON_HASH_HEX - 1);
	struct lepton_event back = there_and_back(&event), copy;
	assert_int_equal(back.u.checkpoint.step, 42);
	same_number(0.5, back.u.checkpoint.epoch);
	assert_int_equal(back.u.checkpoint.bytes, 4096);
	assert_string_equal(back.u.checkpoint.weights_hash, event.u.checkpoint.weights_hash);
	assert_null(back.u.checkpoint.checkpoint);
	lepton_event_copy(&copy, &event);
	assert_int_equal(checkpoint->references, 2);
	lepton_event_clear(&event);
	assert_int_equal(checkpoint->references, 1);
	lepton_event_clear(&copy);
	lepton_event_clear(&back);
}

static void job_event(void **state)
{
	(void)state;
	for (int s = LEPTON_JOB_RUNNING; s <= LEPTON_JOB_FAILED; s++) {
		struct lepton_event event = base_event(LEPTON_EVENT_JOB);
		event.u.job.job = 7;
		strcpy(event.u.job.kind, "compress");
		strcpy(event.u.job.method, "delta");
		event.u.job.state = (enum lepton_job_state)s;
		event.u.job.progress = 0.7;
		event.u.job.result = 9;
		event.u.job.message = text(HOSTILE);
		event.u.job.detail = s == LEPTON_JOB_DONE ? text("{\"points\":3}") : NULL;
		struct lepton_event back = there_and_back(&event);
		assert_int_equal(back.u.job.job, 7);
		assert_string_equal(back.u.job.kind, "compress");
		assert_string_equal(back.u.job.method, "delta");
		assert_int_equal(back.u.job.state, s);
		same_number(0.7, back.u.job.progress);
		assert_int_equal(back.u.job.result, 9);
		same_text(event.u.job.message, back.u.job.message);
		same_text(event.u.job.detail, back.u.job.detail);
		lepton_event_clear(&event);
		lepton_event_clear(&back);
	}
}

static void alias_log_reply_end(void **state)
{
	(void)state;
	struct lepton_event event = base_event(LEPTON_EVENT_ALIAS), back;
	strcpy(event.u.alias.alias, "production");
	event.u.alias.target = 3;
	event.u.alias.previous = 1;
	event.u.alias.rollback = true;
	strcpy(event.u.alias.weights_hash, "0123abcd");
	back = there_and_back(&event);
	assert_string_equal(back.u.alias.alias, "production");
	assert_string_equal(back.u.alias.weights_hash, "0123abcd");
	assert_int_equal(back.u.alias.target, 3);
	assert_int_equal(back.u.alias.previous, 1);
	assert_true(back.u.alias.rollback);

	for (int level = LEPTON_LOG_INFO; level <= LEPTON_LOG_ERROR; level++) {
		event = base_event(LEPTON_EVENT_LOG);
		event.u.log.level = (enum lepton_log_level)level;
		event.u.log.line = text("");
		back = there_and_back(&event);
		assert_int_equal(back.u.log.level, level);
		same_text(event.u.log.line, back.u.log.line);
		lepton_event_clear(&event);
		lepton_event_clear(&back);
	}
	event = base_event(LEPTON_EVENT_REPLY);
	event.u.reply.ticket = UINT64_MAX - 1;
	event.u.reply.code = LEPTON_E_SHAPE;
	event.u.reply.result = 5;
	event.u.reply.message = text("no");
	back = there_and_back(&event);
	assert_true(back.u.reply.ticket == UINT64_MAX - 1);
	assert_int_equal(back.u.reply.code, LEPTON_E_SHAPE);
	assert_int_equal(back.u.reply.result, 5);
	same_text(event.u.reply.message, back.u.reply.message);
	lepton_event_clear(&event);
	lepton_event_clear(&back);
	event = base_event(LEPTON_EVENT_LABELS);
	event.u.labels.tags = text("big slow");
	event.u.labels.note = text(HOSTILE);
	back = there_and_back(&event);
	same_text(event.u.labels.tags, back.u.labels.tags);
	same_text(event.u.labels.note, back.u.labels.note);
	lepton_event_clear(&event);
	lepton_event_clear(&back);
	event = base_event(LEPTON_EVENT_PRIORITY);
	event.u.priority.value = 0.1;
	back = there_and_back(&event);
	same_number(0.1, back.u.priority.value);
	event = base_event(LEPTON_EVENT_NODE);
	event.u.node.figures.node = 3;
	strcpy(event.u.node.figures.host, "box \"x\"");
	strcpy(event.u.node.figures.kernels, "avx2");
	event.u.node.figures.cores = 64;
	event.u.node.figures.span = 3.0000000000000004;
	event.u.node.figures.busy = event.u.node.figures.memory = NAN;
	event.u.node.figures.used = 1.0 / 3;
	event.u.node.figures.memory_used = event.u.node.figures.memory_own = 1e10;
	event.u.node.workers = text("[{\"work\":\"training\"}]");
	event.u.node.sharded = text(HOSTILE);
	back = there_and_back(&event);
	assert_int_equal(back.u.node.figures.node, 3);
	assert_string_equal(back.u.node.figures.host, event.u.node.figures.host);
	assert_string_equal(back.u.node.figures.kernels, "avx2");
	assert_int_equal(back.u.node.figures.cores, 64);
	same_number(event.u.node.figures.span, back.u.node.figures.span);
	same_number(NAN, back.u.node.figures.busy);
	same_number(1.0 / 3, back.u.node.figures.used);
	same_number(NAN, back.u.node.figures.memory);
	same_number(1e10, back.u.node.figures.memory_used);
	same_number(1e10, back.u.node.figures.memory_own);
	same_text(event.u.node.workers, back.u.node.workers);
	same_text(event.u.node.sharded, back.u.node.sharded);
	lepton_event_clear(&event);
	lepton_event_clear(&back);
	event = base_event(LEPTON_EVENT_END);
	back = there_and_back(&event);
}

static void bad_utf8_becomes_the_replacement_character(void **state)
{
	(void)state;
	struct lepton_event event = base_event(LEPTON_EVENT_LOG);
	event.u.log.line = text("a\xC3(\xFF");
	struct lepton_event back = there_and_back(&event);
	assert_string_equal(lepton_text_get(back.u.log.line), "a\xEF\xBF\xBD(\xEF\xBF\xBD");
	lepton_event_clear(&event);
	lepton_event_clear(&back);
}

/* Each line: what is wrong, and a word the sentence must have. */
static void malformed_events(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"", "JSON"},
		{"{", "JSON"},
		{"[]", "object"},
		{"null", "object"},
		{"{\"type\":\"end\",\"serial\":1,\"time\":0,\"version\":0} x", "JSON"},
		{"{}", "type"},
		{"{\"type\":\"dance\"}", "dance"},
		{"{\"type\":7}", "type"},
		{"{\"type\":\"end\"}", "serial"},
		{"{\"type\":\"end\",\"serial\":-1,\"time\":0,\"version\":0}", "serial"},
		{"{\"type\":\"end\",\"serial\":1.5,\"time\":0,\"version\":0}", "serial"},
		{"{\"type\":\"end\",\"serial\":1e30,\"time\":0,\"version\":0}", "serial"},
		{"{\"type\":\"end\",\"serial\":\"1x\",\"time\":0,\"version\":0}", "serial"},
		{"{\"type\":\"end\",\"serial\":\"99999999999999999999\",\"time\":0,\"version\":0}", "serial"},
		{"{\"type\":\"end\",\"serial\":1,\"time\":\"now\",\"version\":0}", "time"},
		{"{\"type\":\"log\",\"serial\":1,\"time\":0,\"version\":0,\"level\":\"loud\",\"line\":\"\"}",
			"level"},
		{"{\"type\":\"log\",\"serial\":1,\"time\":0,\"version\":0,\"level\":\"info\",\"line\":[]}",
			"line"},
		{"{\"type\":\"alias\",\"serial\":1,\"time\":0,\"version\":0,\"alias\":"
		 "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
			"alias"},
		{"{\"type\":\"reply\",\"serial\":1,\"time\":0,\"version\":0,\"ticket\":1,\"code\":3000000000,"
		 "\"result\":0,\"message\":null}",
			"code"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lepton_error err = {0};
		struct lepton_event out;
		assert_int_equal(lepton_event_from_json(cases[i][0], &out, &err), LEPTON_E_CORRUPT);
		if (!strstr(err.message, cases[i][1]))
			fail_msg("%s: \"%s\" does not speak of %s", cases[i][0], err.message, cases[i][1]);
	}
}

/* Every prefix of a good line is refused, and leaks nothing. */
static void truncated_event(void **state)
{
	(void)state;
	struct lepton_event event = base_event(LEPTON_EVENT_VERSION), back;
	event.u.added.operation = text("{\"op\":\"train\"}");
	event.u.added.hyperparameters = text(HOSTILE);
	char *json = lepton_event_to_json(&event);
	for (size_t length = strlen(json); length-- > 0;) {
		json[length] = '\0';
		assert_int_not_equal(lepton_event_from_json(json, &back, NULL), LEPTON_OK);
	}
	lepton__free(json);
	lepton_event_clear(&event);
}

static void commands_round_trip(void **state)
{
	(void)state;
	for (int type = LEPTON_CMD_PAUSE; type <= LEPTON_CMD_QUIT; type++) {
		struct lepton_error err = {0};
		struct lepton_command back, command = {.type = (enum lepton_command_type)type,
						    .ticket = UINT64_MAX,
						    .count = 3,
						    .versions = {1, INT64_MAX, 5},
						    .name = "x\"y",
						    .method = "delta",
						    .alias = "production",
						    .value = 0.1,
						    .settings = type % 2 ? text(HOSTILE) : NULL};
		char *json = lepton_command_to_json(&command);
		assert_non_null(json);
		if (lepton_command_from_json(json, &back, &err))
			fail_msg("%s: %s", json, err.message);
		assert_int_equal(back.type, type);
		assert_true(back.ticket == UINT64_MAX);
		assert_int_equal(back.count, 3);
		assert_memory_equal(back.versions, command.versions, 3 * sizeof *command.versions);
		assert_string_equal(back.name, command.name);
		assert_string_equal(back.method, command.method);
		assert_string_equal(back.alias, command.alias);
		same_number(0.1, back.value);
		same_text(command.settings, back.settings);
		lepton__free(json);
		lepton_command_clear(&command);
		lepton_command_clear(&back);
	}
}

static void commands_by_hand(void **state)
{
	(void)state;
	struct lepton_command command;
	struct lepton_error err = {0};
	assert_int_equal(lepton_command_from_json("{\"type\":\"quit\"}", &command, &err), LEPTON_OK);
	assert_int_equal(command.type, LEPTON_CMD_QUIT);
	assert_int_equal(command.count, 0);
	lepton_command_clear(&command);
	assert_int_equal(
		lepton_command_from_json(
			"{\"type\":\"clone\",\"versions\":[2],\"settings\":{\"a\" : 0.5}}", &command, &err),
		LEPTON_OK);
	assert_string_equal(lepton_text_get(command.settings), "{\"a\":0.5}");
	lepton_command_clear(&command);
}

static void malformed_commands(void **state)
{
	(void)state;
	static const char *const cases[][2] = {{"x", "JSON"}, {"{}", "command"},
		{"{\"type\":\"jump\"}", "jump"}, {"{\"type\":\"pause\",\"versions\":1}", "versions"},
		{"{\"type\":\"pause\",\"versions\":[\"a\"]}", "versions"},
		{"{\"type\":\"pause\",\"versions\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
		 "0,0,0,0,0]}",
			"versions"},
		{"{\"type\":\"clone\",\"settings\":7}", "settings"},
		{"{\"type\":\"clone\",\"name\":null}", "name"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lepton_error err = {0};
		struct lepton_command out;
		assert_int_equal(lepton_command_from_json(cases[i][0], &out, &err), LEPTON_E_USAGE);
		if (!strstr(err.message, cases[i][1]))
			fail_msg("%s: \"%s\" does not speak of %s", cases[i][0], err.message, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(run_event), cmocka_unit_test(version_event),
		cmocka_unit_test(state_event), cmocka_unit_test(figures), cmocka_unit_test(checkpoint_event),
		cmocka_unit_test(job_event), cmocka_unit_test(alias_log_reply_end),
		cmocka_unit_test(bad_utf8_becomes_the_replacement_character),
		cmocka_unit_test(malformed_events), cmocka_unit_test(truncated_event),
		cmocka_unit_test(commands_round_trip), cmocka_unit_test(commands_by_hand),
		cmocka_unit_test(malformed_commands)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
