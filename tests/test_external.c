/* tests/test_external.c - external programs as versions: small shell scripts that behave well, badly, and
 * very badly.
 */
#include "engine_world.h"
#include "base/clock.h"
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static struct lepton_dataset *data;
static char folder[] = "/tmp/lepton-test-XXXXXX";

static int setup(void **state)
{
	(void)state;
	static uint8_t images[300 * 64], labels[300];
	const struct lepton_shape sample = {3, {8, 8, 1}};
	for (int i = 0; i < 300; i++)
		labels[i] = (uint8_t)(i % 3);
	for (int i = 0; i < 300 * 64; i++)
		images[i] = (uint8_t)(i * 7 + i / 64 % 3 * 80);
	return !mkdtemp(folder) ||
	       lepton_dataset_from_u8(images, labels, 300, 50, &sample, 3, 0.1, &data, NULL);
}

static int teardown(void **state)
{
	(void)state;
	char command[128];
	lepton_dataset_release(data);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

/* A version whose program is this shell script; `more` are further keys, each after a comma. */
static void config_of(const char *script, const char *more, char *out, size_t size)
{
	struct lepton__buffer b;
	lepton__buffer_init(&b, 65536);
	lepton__buffer_string(&b, "{\"learner\":\"external\",\"command\":[\"sh\",\"-c\",");
	lepton__json_string(&b, script);
	lepton__buffer_printf(&b, "],\"folder\":\"%s\"%s}", folder, more);
	assert_true(b.size < size);
	snprintf(out, size, "%s", b.data);
	lepton__buffer_free(&b);
}

static int64_t add_script(struct world *w, const char *name, const char *script, const char *more)
{
	char config[8192];
	config_of(script, more, config, sizeof config);
	return add(w, name, "external", config);
}

/* What a script wrote into a file of the tests' folder; 0 when there is none yet. */
static long number_in(const char *name)
{
	char path[128], text[32] = "";
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "r");
	if (!file)
		return 0;
	size_t got = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	return got ? strtol(text, NULL, 10) : 0;
}

static long await_number(const char *name)
{
	double until = lepton__monotonic() + WORLD_PATIENCE;
	long number;
	while (!(number = number_in(name)) && lepton__monotonic() < until)
		lepton__sleep(0.01);
	assert_true(number > 0);
	return number;
}

/* A script alone in an engine, to its end: what is known of it then. */
static struct world *run_to(const char *script, const char *more, enum lepton_version_state end)
{
	struct world *w = world_new(data);
	int64_t id = add_script(w, "v", script, more);
	start(w);
	await(w, in_state, id, end);
	return w;
}

/* ---- programs that behave ---- */

static void figures_become_curves(void **state)
{
	(void)state;
	struct world *w = run_to("for i in 1 2 3 4; do echo \"{\\\"step\\\": $((i * 10)), \\\"epoch\\\": "
				 "0.$i, \\\"loss\\\": 0.$i, "
				 "\\\"accuracy\\\": 0.9}\"; done; echo '{\"epoch\": 1, \"val_loss\": 0.5, "
				 "\"val_accuracy\": 0.75}'; "
				 "echo '{\"test_loss\": 0.6, \"test_accuracy\": 0.7, \"message\": \"all "
				 "done\"}'; echo plain; echo bad >&2",
		",\"epochs\":3", LEPTON_DONE);
	const struct lepton_run_version *v = see(w, 1);
	assert_int_equal(v->history.count, 4);
	assert_int_equal(v->history.step[3], 40);
	assert_float_equal((double)v->history.loss[2], (double)0.3f, 0);
	assert_float_equal(v->history.epoch[1], 0.2, 0);
	assert_int_equal(v->epochs_done.count, 1);
	assert_float_equal(v->val_accuracy, 0.75, 0);
	assert_float_equal(v->test_accuracy, 0.7, 0);
	assert_int_equal(v->epochs, 3);
	assert_int_equal(v->checkpoint_step, -1);
	assert_string_equal(v->reason, "");
	assert_non_null(logged(w, "all done"));
	assert_non_null(logged(w, "plain"));
	assert_non_null(logged(w, "bad"));
	world_free(w);
}

static void steps_and_epochs_are_counted_where_not_said(void **state)
{
	(void)state;
	struct world *w = run_to("for e in 0 1 2; do echo '{\"loss\": 1}'; echo \"{\\\"epoch\\\": $e, "
				 "\\\"val_loss\\\": 0.$e}\"; done; "
				 "echo '{\"step\": 2, \"loss\": 0.5}'",
		"", LEPTON_DONE);
	const struct lepton_run_version *v = see(w, 1);
	assert_int_equal(v->step, 3); /* never back */
	assert_int_equal(v->epochs_done.count, 3);
	assert_int_equal(v->epochs_done.epoch[0], 1);
	assert_int_equal(v->epochs_done.epoch[2], 3);
	assert_float_equal((double)v->epochs_done.val_loss[2], (double)0.2f, 0);
	world_free(w);
}

static void it_is_told_what_it_needs(void **state)
{
	(void)state;
	struct world *w =
		run_to("echo \"$LEPTON_VERSION $LEPTON_SEED $LEPTON_EPOCHS $LEPTON_BATCH_SIZE $LEPTON_STEP "
		       "$LEPTON_EPOCH $PYTHONUNBUFFERED\"; echo \"$LEPTON_CONFIG\"; pwd; trap; cat",
			",\"epochs\":7,\"batch_size\":32,\"settings\":{\"x\":1}", LEPTON_DONE);
	assert_non_null(logged(w, "v 42 7 32 0 0 1"));
	assert_non_null(logged(w, "\"settings\":{\"x\":1}"));
	assert_non_null(logged(w, folder));
	expect(see(w, 1)->reason, "printed no figures");
	world_free(w);
}

static void it_can_be_paused_resumed_and_stopped(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t id = add_script(w, "v",
		"echo $$ >pid; trap 'echo bye; exit 0' TERM; i=0; while :; do i=$((i + 1)); "
		"echo \"{\\\"step\\\": $i, \\\"loss\\\": 1}\"; sleep 0.01; done",
		"");
	start(w);
	await(w, at_step, id, 5);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, id), 0);
	assert_int_equal(see(w, id)->state, LEPTON_PAUSED);
	lepton__sleep(0.4);
	drain(w);
	int64_t step = see(w, id)->step;
	double seconds = see(w, id)->seconds;
	lepton__sleep(0.4);
	drain(w);
	assert_int_equal(see(w, id)->step, step); /* what it had printed is heard, and no more comes */
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), 0);
	await(w, at_step, id, step + 5);
	assert_int_equal(see(w, id)->state, LEPTON_RUNNING);
	assert_true(see(w, id)->seconds < seconds + WORLD_PATIENCE);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, id), 0);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, id), 0); /* one that rests hears it too */
	assert_int_equal(see(w, id)->state, LEPTON_STOPPED);
	await_log(w, id, "its program has ended");
	assert_non_null(logged(w, "bye"));
	assert_true(dead(number_in("pid")));
	assert_int_not_equal(steer(w, LEPTON_CMD_PRIORITY, id), 0);
	world_free(w);
}

static void started_again_it_goes_on_or_is_put_behind(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t id = add_script(w, "v",
		"echo \"began at $LEPTON_STEP\"; for i in 1 2 3; do echo \"{\\\"step\\\": $i, \\\"epoch\\\": "
		"$i, "
		"\\\"loss\\\": 1, \\\"val_loss\\\": 1}\"; done; exec sleep 1000",
		"");
	int64_t other = add_script(w, "o",
		"i=$LEPTON_STEP; for k in 1 2 3; do i=$((i + 1)); echo \"{\\\"step\\\": $i, "
		"\\\"loss\\\": 1}\"; done; exec sleep 1000",
		"");
	start(w);
	await(w, at_step, id, 3);
	await(w, at_step, other, 3);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, id), 0);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, other), 0);
	assert_int_equal(
		steer(w, LEPTON_CMD_RESUME, id), 0); /* at once, while the old one may still be there */
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, other), 0);
	await(w, at_epoch, id, 6);
	await(w, at_step, other, 6);
	assert_non_null(logged(w, "began at 3"));
	assert_int_equal(see(w, id)->history.count, 6);
	assert_int_equal(see(w, id)->epochs_done.count, 6);
	assert_int_equal(see(w, id)->epochs_done.epoch[5], 6);
	assert_int_equal(see(w, other)->step, 6);
	world_free(w);
}

/* ---- programs that do not ---- */

static void fails_with(const char *config, const char *text)
{
	struct world *w = world_new(data);
	int64_t id = add(w, "v", "external", config);
	start(w);
	await(w, in_state, id, LEPTON_FAILED);
	expect(see(w, id)->reason, text);
	world_free(w);
}

static void a_wrong_command_is_told(void **state)
{
	(void)state;
	char path[96], config[512];
	snprintf(path, sizeof path, "%s/script", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("echo no interpreter\n", file);
	fclose(file);
	fails_with("{\"command\":[\"no-such-program\"]}",
		"cannot start \"no-such-program\": there is no such program on the PATH");
	fails_with("{\"command\":[\"/no/such\"]}", "No such file or directory");
	fails_with("{\"command\":[\"/tmp\"]}", "Permission denied");
	fails_with("{\"command\":[\"sh\"],\"folder\":\"/no/such\"}",
		"in folder /no/such: No such file or directory");
	snprintf(config, sizeof config, "{\"command\":[\"./script\"],\"folder\":\"%s\"}", folder);
	fails_with(config, "Permission denied (is it executable?)");
	assert_int_equal(chmod(path, 0755), 0);
	fails_with(config, "Exec format error (does its first line begin with #!?)");
}

static void its_exit_code_and_last_lines_are_shown(void **state)
{
	(void)state;
	struct world *w = run_to(
		"echo '{\"step\": 1, \"loss\": 1}'; echo one; echo two; echo three; printf four >&2; exit 3",
		"", LEPTON_FAILED);
	assert_string_equal(
		see(w, 1)->reason, "its program ended with exit code 3; it said last: two | three | four");
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, 1), 0); /* only when asked */
	await(w, in_state, 1, LEPTON_FAILED);
	assert_int_equal(see(w, 1)->step, 2);
	world_free(w);
}

static void death_by_a_signal_is_told(void **state)
{
	(void)state;
	struct world *w = run_to("kill -SEGV $$", "", LEPTON_FAILED);
	expect(see(w, 1)->reason, "its program was killed by signal 11 (Segmentation fault)");
	world_free(w);
	w = world_new(data); /* also while it rests */
	int64_t id = add_script(w, "v", "echo $$ >pid2; sleep 1000", "");
	start(w);
	long pid = await_number("pid2");
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, id), 0);
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	await(w, in_state, id, LEPTON_FAILED);
	expect(see(w, id)->reason, "killed by signal 9 (Killed)");
	world_free(w);
}

static void rubbish_goes_to_the_log(void **state)
{
	(void)state;
	struct world *w = run_to(
		"head -c 100000 /dev/zero | tr '\\0' x; echo; head -c 20000 /dev/urandom; echo; echo "
		"'{\"step\": }'; "
		"echo '{\"accuracy\": 99}'; printf '\\033[31mred\\033[0m\\n'; printf '1%%\\r2%%\\r3%%\\n'; "
		"echo '{\"step\": 7, \"loss\": 0.5}'",
		"", LEPTON_DONE);
	assert_int_equal(see(w, 1)->step, 7);
	assert_non_null(logged(w, "(cut: a line of more than 64 KB)"));
	assert_non_null(logged(w, "{\"step\": }"));
	assert_non_null(logged(w, "\"accuracy\" takes a share from 0 to 1: {\"accuracy\": 99}"));
	assert_true(w->run.log_count < 200);
	for (size_t i = 0; i < w->run.log_count; i++) {
		const char *line = lepton_text_get(w->run.log[i].line);
		assert_true(strlen(line) < 1024);
		for (; *line; line++)
			assert_true((unsigned char)*line >= 32);
	}
	world_free(w);
}

static void a_flood_is_left_out_of_the_log(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t id = add_script(w, "v", "yes >&2 & yes '{\"loss\": 1}' | head -n 20000; wait", "");
	start(w);
	await(w, at_step, id, 20000); /* figures are not */
	assert_int_equal(steer(w, LEPTON_CMD_STOP, id), 0);
	await_log(w, id, "its program has ended");
	assert_non_null(logged(w, "lines left out: it prints more than 20 a second)"));
	assert_true(w->run.log_count < 2000);
	world_free(w);
}

static void a_loss_that_is_no_number_fails_it(void **state)
{
	(void)state;
	struct world *w = run_to("echo $$ >pid3; echo '{\"step\": 1, \"loss\": 1}'; echo '{\"step\": 2, "
				 "\"loss\": NaN}'; exec sleep 1000",
		"", LEPTON_FAILED);
	assert_string_equal(
		see(w, 1)->reason, "the loss is no number any more at step 2: its program was asked to end");
	await_log(w, 1, "its program has ended");
	assert_true(dead(number_in("pid3")));
	world_free(w);
}

static void the_whole_group_is_ended(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t id = add_script(w, "v",
		"sh -c 'trap \"\" TERM; echo $$ >child; while :; do sleep 0.1; done' & sleep 1000 & wait",
		"");
	start(w);
	long child = await_number("child");
	assert_false(dead(child));
	assert_int_equal(steer(w, LEPTON_CMD_STOP, id), 0);
	await_death(child);
	await_log(w, id, "its program has ended");
	world_free(w);
	/* what a program leaves behind that ends by itself */
	w = run_to("sh -c 'echo $$ >child2; exec sleep 1000' & while [ ! -s child2 ]; do sleep 0.01; done; "
		   "echo '{\"loss\": 1}'",
		"", LEPTON_DONE);
	await_death(await_number("child2"));
	world_free(w);
}

static void one_that_will_not_end_is_killed(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t id = add_script(w, "v", "trap '' TERM; echo '{\"loss\": 1}'; while :; do sleep 0.05; done",
		",\"stop_seconds\":0.3");
	start(w);
	await(w, at_step, id, 1);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, id), 0);
	assert_int_equal(see(w, id)->state, LEPTON_STOPPED); /* the answer does not wait for it */
	await_log(w, id, "its program did not end within 0.3 s of being asked to, and was killed");
	world_free(w);
}

static double cpu_time(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Neither worker nor core is taken by programs that say nothing. */
static void silent_programs_cost_nothing(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	for (int i = 0; i < 4; i++) {
		char name[8];
		snprintf(name, sizeof name, "s%d", i);
		add_script(w, name, "exec sleep 1000", "");
	}
	add_script(w, "closed", "exec >&- 2>&-; exec sleep 1000", ""); /* both outputs at their end */
	start(w);
	for (int64_t id = 1; id <= 5; id++)
		await(w, in_state, id, LEPTON_RUNNING);
	lepton__sleep(0.2);
	double before = cpu_time();
	lepton__sleep(1.5);
	assert_true(cpu_time() - before < 0.15);
	drain(w);
	int64_t net = add(w, "net", "network",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[8,8,1]},{\"type\":\"Flatten\"},{\"type\":"
		"\"Dense\",\"units\":3,"
		"\"activation\":\"softmax\"}],\"epochs\":3}");
	await(w, in_state, net, LEPTON_DONE);
	assert_int_equal(see(w, 1)->state, LEPTON_RUNNING);
	world_free(w);
}

/* ---- weights ---- */

static void write_weights(const char *name, float value)
{
	static const char header[] = "{\"w\":{\"dtype\":\"F32\",\"shape\":[64,4],\"data_offsets\":[0,1024]}}";
	char path[128];
	float numbers[256];
	uint64_t length = sizeof header - 1;
	for (int i = 0; i < 256; i++)
		numbers[i] = value + (float)i;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(&length, 8, 1, file), 1);
	assert_int_equal(fwrite(header, 1, sizeof header - 1, file), sizeof header - 1);
	assert_int_equal(fwrite(numbers, 1, sizeof numbers, file), sizeof numbers);
	assert_int_equal(fclose(file), 0);
}

static void given_weights_are_compressed_fused_and_promoted(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	write_weights("a", 0);
	write_weights("b", 2);
	int64_t a = add_script(
		w, "a", "echo '{\"step\": 5, \"loss\": 1, \"val_loss\": 0.5, \"weights\": \"a\"}'", "");
	int64_t b = add_script(
		w, "b", "echo '{\"step\": 6, \"loss\": 1, \"val_loss\": 0.5, \"weights\": \"b\"}'", "");
	start(w);
	await(w, in_state, a, LEPTON_DONE);
	await(w, in_state, b, LEPTON_DONE);
	assert_int_equal(see(w, a)->checkpoint_step, 5);
	assert_int_equal(see(w, a)->bytes, 1024);
	assert_int_equal(see(w, a)->parameters, 256);
	assert_int_equal(
		order(w, (struct lepton_command){.type = LEPTON_CMD_PROMOTE, .count = 1, .versions = {a}},
			NULL),
		0);
	assert_string_equal(lepton_run_alias(&w->run, "production")->weights_hash, see(w, a)->weights_hash);
	struct lepton_command compress = {.type = LEPTON_CMD_COMPRESS,
		.count = 1,
		.versions = {a},
		.name = "small",
		.method = "quantize"};
	assert_int_equal(order(w, compress, NULL), 0);
	expect(w->message, "only its program can score it");
	assert_int_equal(see(w, 3)->state, LEPTON_DONE);
	assert_true(see(w, 3)->bytes < 1024);
	struct lepton_command fuse = {
		.type = LEPTON_CMD_FUSE, .count = 2, .versions = {a, b}, .name = "both", .method = "average"};
	assert_int_equal(order(w, fuse, NULL), 0);
	drain(w);
	const float *mean = lepton_params_at(w->last->state.weights, 0)->data;
	assert_float_equal((double)mean[10], 11, 0);
	assert_int_equal(see(w, 4)->bytes, 1024);
	assert_int_equal(see(w, 4)->parameters, 256);
	assert_int_equal(see(w, 3)->raw_bytes, 1024);
	fuse = (struct lepton_command){
		.type = LEPTON_CMD_FUSE, .count = 2, .versions = {a, b}, .name = "w", .method = "weighted"};
	assert_int_equal(order(w, fuse, NULL), 0); /* by the losses their programs said */
	fuse = (struct lepton_command){
		.type = LEPTON_CMD_FUSE, .count = 2, .versions = {a, b}, .name = "soup", .method = "soup"};
	assert_int_not_equal(order(w, fuse, NULL), 0);
	expect(w->message, "cannot be scored here");
	assert_int_equal(steer(w, LEPTON_CMD_EVALUATE, a), LEPTON_E_UNSUPPORTED);
	expect(w->message, "lepton cannot run its model");
	assert_int_equal(
		order(w,
			(struct lepton_command){
				.type = LEPTON_CMD_CLONE, .count = 1, .versions = {a}, .name = "twin"},
			NULL),
		0);
	await(w, in_state, lepton_run_version(&w->run, 6)->id,
		LEPTON_DONE); /* a program of its own, from the beginning */
	world_free(w);
}

static void without_weights_that_is_said(void **state)
{
	(void)state;
	struct world *w = run_to("echo '{\"loss\": 1}'; echo '{\"weights\": \"nowhere\"}'; echo text >t; "
				 "echo '{\"weights\": \"t\"}'",
		"", LEPTON_DONE);
	static const enum lepton_command_type types[] = {
		LEPTON_CMD_PROMOTE, LEPTON_CMD_CHECKPOINT, LEPTON_CMD_COMPRESS};
	assert_non_null(logged(w, "nowhere: No such file or directory"));
	assert_non_null(logged(w, "/t: is no safetensors file"));
	for (size_t i = 0; i < 3; i++) {
		struct lepton_command command = {
			.type = types[i], .count = 1, .versions = {1}, .method = "quantize"};
		assert_int_equal(order(w, command, NULL), LEPTON_E_STATE);
		expect(w->message, "no weights");
		expect(w->message, "v");
	}
	world_free(w);
}

/* ---- lepton's own end ---- */

static void quitting_ends_programs_and_says_so(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	int64_t id = add_script(w, "v",
		"echo $$ >pid4; trap 'echo \"{\\\"step\\\": 9, \\\"loss\\\": 1}\"; exit 0' TERM; "
		"echo '{\"step\": 8, \"loss\": 1}'; while :; do sleep 0.01; done",
		"");
	int64_t deaf = add_script(w, "d", "trap '' TERM; echo '{\"loss\": 1}'; while :; do sleep 0.01; done",
		",\"stop_seconds\":0.2");
	start(w);
	await(w, at_step, id, 8);
	await(w, at_step, deaf, 1);
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, NULL), 0);
	drain(w);
	assert_int_equal(see(w, id)->state, LEPTON_PAUSED);
	expect(see(w, id)->reason, "its program ended with lepton; resume starts it again");
	assert_int_equal(see(w, id)->step, 9); /* its last word was heard */
	assert_int_equal(see(w, deaf)->state, LEPTON_PAUSED);
	assert_true(dead(number_in("pid4")));
	world_free(w);
}

static void it_is_restored_with_its_history_and_not_started(void **state)
{
	(void)state;
	char config[512];
	struct world *w = world_new(data);
	config_of("echo \"began at $LEPTON_STEP\"; echo \"{\\\"step\\\": 31, \\\"loss\\\": 1}\"", "", config,
		sizeof config);
	struct lepton_run_version r = {.id = 3,
		.name = "v",
		.learner = "external",
		.state = LEPTON_RUNNING,
		.seed = 1,
		.priority = 1,
		.step = 30,
		.epoch = 2,
		.seconds = 5,
		.checkpoint_step = -1};
	r.hyperparameters = lepton_text_new(config);
	r.operation = lepton_text_new("{\"op\":\"train\"}");
	assert_int_equal(lepton_engine_restore(w->engine, &r, NULL, NULL), 0);
	r.id = 4;
	snprintf(r.name, sizeof r.name, "f");
	snprintf(r.reason, sizeof r.reason, "its program ended with exit code 1");
	r.state = LEPTON_FAILED;
	assert_int_equal(lepton_engine_restore(w->engine, &r, NULL, NULL), 0);
	start(w);
	lepton__sleep(0.3);
	drain(w);
	assert_int_equal(see(w, 3)->state, LEPTON_PAUSED);
	expect(see(w, 3)->reason, "resume starts it again");
	assert_int_equal(see(w, 4)->state, LEPTON_FAILED);
	expect(see(w, 4)->reason, "exit code 1");
	assert_null(logged(w, "began"));
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, 3), 0);
	await(w, in_state, 3, LEPTON_DONE);
	assert_non_null(logged(w, "began at 30"));
	assert_int_equal(see(w, 3)->step, 31);
	assert_true(see(w, 3)->seconds >= 5);
	lepton_text_release(r.hyperparameters);
	lepton_text_release(r.operation);
	world_free(w);
}

static void programs_can_be_left_alone(void **state)
{
	(void)state;
	struct world *w = world_with(data, (struct lepton_engine_options){.workers = 1, .one_command = true});
	int64_t id = add_script(w, "v", "echo started", "");
	start(w);
	lepton__sleep(0.3);
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, NULL), 0);
	drain(w);
	assert_int_equal(see(w, id)->state, LEPTON_QUEUED);
	assert_null(logged(w, "started"));
	world_free(w);
}

static void an_engine_freed_without_a_word_leaves_nothing(void **state)
{
	(void)state;
	struct world *w = world_new(data);
	add_script(w, "v",
		"trap '' TERM; sh -c 'trap \"\" TERM; echo $$ >child3; while :; do sleep 0.05; done' & echo "
		"$$ >pid5; wait",
		"");
	start(w);
	long child = await_number("child3"), pid = await_number("pid5");
	world_free(w);
	assert_true(dead(pid));
	await_death(child);
}

/* The engine in a process that is killed: the kernel takes the program along. */
static void it_does_not_outlive_a_killed_lepton(void **state)
{
	(void)state;
	pid_t lepton = fork();
	assert_true(lepton >= 0);
	if (lepton == 0) {
		struct world *w = world_new(data);
		add_script(w, "v", "trap '' TERM HUP; echo $$ >pid6; while :; do sleep 0.05; done", "");
		start(w);
		for (;;)
			world_next(w, 1);
	}
	long pid = await_number("pid6");
	assert_false(dead(pid));
	assert_int_equal(kill(lepton, SIGKILL), 0);
	assert_int_equal(waitpid(lepton, NULL, 0), lepton);
	await_death(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_does_not_outlive_a_killed_lepton), /* first: it forks, and no thread was
									  there yet */
		cmocka_unit_test(figures_become_curves),
		cmocka_unit_test(steps_and_epochs_are_counted_where_not_said),
		cmocka_unit_test(it_is_told_what_it_needs),
		cmocka_unit_test(it_can_be_paused_resumed_and_stopped),
		cmocka_unit_test(started_again_it_goes_on_or_is_put_behind),
		cmocka_unit_test(a_wrong_command_is_told),
		cmocka_unit_test(its_exit_code_and_last_lines_are_shown),
		cmocka_unit_test(death_by_a_signal_is_told),
		cmocka_unit_test(rubbish_goes_to_the_log),
		cmocka_unit_test(a_flood_is_left_out_of_the_log),
		cmocka_unit_test(a_loss_that_is_no_number_fails_it),
		cmocka_unit_test(the_whole_group_is_ended),
		cmocka_unit_test(one_that_will_not_end_is_killed),
		cmocka_unit_test(silent_programs_cost_nothing),
		cmocka_unit_test(given_weights_are_compressed_fused_and_promoted),
		cmocka_unit_test(without_weights_that_is_said),
		cmocka_unit_test(quitting_ends_programs_and_says_so),
		cmocka_unit_test(it_is_restored_with_its_history_and_not_started),
		cmocka_unit_test(programs_can_be_left_alone),
		cmocka_unit_test(an_engine_freed_without_a_word_leaves_nothing),
	};
	return cmocka_run_group_tests_name("external", tests, setup, teardown);
}
