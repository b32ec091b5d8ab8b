/* tests/test_svm_engine.c - SVMs and linear models in the engine: watched, paused, stopped, cut off, begun
 * anew, scored, kept, and made smaller. One of the versions would train for hours.
 */
#include "config.h"
#include "engine_world.h"
#include "base/clock.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SAMPLES 1500
#define FEATURES 24
#define CLASSES 3

/* Clouds that overlap, and hardly a sample may be on the wrong side: it does not end. */
#define ENDLESS "{\"kernel\":\"linear\",\"C\":1e6,\"tolerance\":1e-10,\"shrinking\":false}"

static struct lepton_dataset *data;

static int setup(void **state)
{
	static uint8_t x[SAMPLES * FEATURES], y[SAMPLES];
	const struct lepton_shape shape = {1, {FEATURES}};
	uint64_t seed = 7;
	(void)state;
	for (int i = 0; i < SAMPLES; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		y[i] = (uint8_t)((seed >> 33) % CLASSES);
		for (int f = 0; f < FEATURES; f++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			x[i * FEATURES + f] =
				(uint8_t)((seed >> 33) % 200 + (f % CLASSES == y[i] ? 55u : 0u));
		}
	}
	return lepton_dataset_from_u8(x, y, SAMPLES, 300, &shape, CLASSES, 0.2, &data, NULL);
}

static int teardown(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

/* ---- the solver's process ---- */

/* "PID (lepton-solver) S PPID": ours? */
static bool is_solver(const char *pid, char *state)
{
	char path[300], name[32] = "";
	int parent = 0;
	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	FILE *file = fopen(path, "r");
	if (!file)
		return false;
	int got = fscanf(file, "%*d (%31[^)]) %c %d", name, state, &parent);
	fclose(file);
	return got == 3 && parent == getpid() && strcmp(name, "lepton-solver") == 0;
}

static long solver(char *state)
{
	DIR *proc = opendir("/proc");
	long pid = 0;
	assert_non_null(proc);
	for (const struct dirent *entry; !pid && (entry = readdir(proc));)
		if (*entry->d_name >= '1' && *entry->d_name <= '9' && is_solver(entry->d_name, state))
			pid = strtol(entry->d_name, NULL, 10);
	closedir(proc);
	return pid;
}

static long await_solver(char wanted)
{
	double until = lepton__monotonic() + WORLD_PATIENCE;
	char state = '?';
	long pid = 0;
	while ((!(pid = solver(&state)) || (wanted && state != wanted)) && lepton__monotonic() < until)
		lepton__sleep(0.01);
	assert_true(pid > 0);
	return pid;
}

static bool says_figures(struct world *w, int64_t id, int64_t what)
{
	return see(w, id)->history.count >= (size_t)what;
}

/* ---- to the end ---- */

static void trained_validated_tested_done(void **state)
{
	struct world *w = world_new(data);
	int64_t svm = add(w, "svm", "svm", "{\"C\":5}"),
		line = add(w, "line", "linear", "{\"loss\":\"logistic\"}");
	(void)state;
	start(w);
	for (int64_t id = svm; id <= line; id++) {
		await(w, in_state, id, LEPTON_DONE);
		const struct lepton_run_version *v = see(w, id);
		assert_true(v->history.count >= 1);
		assert_true(v->step > 0);
		assert_int_equal(v->checkpoint_step, v->step);
		assert_float_equal(v->epoch, 1, 0);
		assert_int_equal(v->epochs_done.count, 1);
		assert_int_equal(v->epochs_done.epoch[0], 1);
		assert_true(isfinite(v->loss) && isfinite(v->val_loss) && isfinite(v->test_loss));
		assert_true(v->val_accuracy > 0.6 && v->test_accuracy > 0.6);
		assert_string_equal(v->reason, "");
		assert_true(v->parameters > 0 && v->bytes > 0);
		double told = v->test_accuracy;
		assert_int_equal(steer(w, LEPTON_CMD_EVALUATE, id), 0); /* by a learner made for it */
		assert_float_equal(see(w, id)->test_accuracy, told, 0);
		assert_int_equal(order(w,
					 (struct lepton_command){
						 .type = LEPTON_CMD_PROMOTE, .count = 1, .versions = {id}},
					 NULL),
			0);
	}
	world_free(w);
}

static void without_validation_samples_too(void **state)
{
	static uint8_t x[400], y[400];
	const struct lepton_shape shape = {1, {1}};
	struct lepton_dataset *small;
	(void)state;
	for (int i = 0; i < 400; i++) {
		y[i] = (uint8_t)(i % 2);
		x[i] = (uint8_t)(100 * (i % 2) + i % 90);
	}
	assert_int_equal(lepton_dataset_from_u8(x, y, 400, 100, &shape, 2, 0, &small, NULL), 0);
	struct world *w = world_new(small);
	int64_t id = add(w, "v", "linear", "{\"C\":10}");
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	assert_true(isnan(see(w, id)->val_loss));
	assert_true(see(w, id)->test_accuracy > 0.9);
	world_free(w);
	lepton_dataset_release(small);
}

static void linear_ones_are_compressed_and_fused(void **state)
{
	struct world *w = world_new(data);
	int64_t a = add(w, "a", "linear", "{\"loss\":\"hinge\"}"), b = add(w, "b", "linear", "{}"),
		svm = add(w, "svm", "svm", "{}");
	struct lepton_command compress = {.type = LEPTON_CMD_COMPRESS,
		.count = 1,
		.versions = {a},
		.name = "small",
		.method = "quantize"};
	const struct lepton_command fuse = {
		.type = LEPTON_CMD_FUSE, .count = 2, .versions = {a, b}, .name = "both", .method = "average"};
	(void)state;
	start(w);
	for (int64_t id = a; id <= svm; id++)
		await(w, in_state, id, LEPTON_DONE);
	assert_int_equal(order(w, compress, NULL), 0);
	expect(w->message, "test accuracy");
	assert_int_equal(order(w, fuse, NULL), 0);
	expect(w->message, "its best parent");
	drain(w);
	assert_true(see(w, 5)->test_accuracy > 0.6);
	compress.versions[0] = svm;
	assert_int_not_equal(order(w, compress, NULL), 0);
	world_free(w);
}

static void a_clone_trains_by_itself(void **state)
{
	struct world *w = world_new(data);
	int64_t id = add(w, "v", "svm", "{\"learner\":\"svm\"}");
	const struct lepton_command clone = {
		.type = LEPTON_CMD_CLONE, .count = 1, .versions = {id}, .name = "twin"};
	(void)state;
	start(w);
	await(w, in_state, id, LEPTON_DONE);
	assert_int_equal(order(w, clone, "{\"C\":0.5}"), 0);
	await(w, in_state, 2, LEPTON_DONE);
	assert_string_not_equal(see(w, 1)->weights_hash, see(w, 2)->weights_hash);
	world_free(w);
}

/* ---- steered ---- */

static void it_can_be_paused_resumed_and_stopped(void **state)
{
	struct world *w = world_new(data);
	int64_t id = add(w, "v", "svm", ENDLESS);
	(void)state;
	start(w);
	await(w, says_figures, id, 3);
	assert_int_equal(steer(w, LEPTON_CMD_CHECKPOINT, id), LEPTON_E_STATE);
	expect(w->message, "v has no weights that could be kept: they come when training ends");
	assert_int_equal(steer(w, LEPTON_CMD_EVALUATE, id), LEPTON_E_STATE);
	expect(w->message, "they come when training ends");
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, id), 0);
	assert_int_equal(see(w, id)->state, LEPTON_PAUSED);
	await_solver('T');
	lepton__sleep(0.4);
	drain(w);
	int64_t step = see(w, id)->step;
	lepton__sleep(0.4);
	drain(w);
	assert_int_equal(see(w, id)->step, step);
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), 0);
	await(w, at_step, id, step + 1);
	long pid = await_solver(0);
	assert_int_equal(steer(w, LEPTON_CMD_PAUSE, id), 0);
	assert_int_equal(steer(w, LEPTON_CMD_STOP, id), 0); /* one that rests hears it too */
	assert_int_equal(see(w, id)->state, LEPTON_STOPPED);
	await_log(w, id, "its solver has ended");
	assert_true(dead(pid));
	assert_int_equal(see(w, id)->checkpoint_step, -1);
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, id), 0); /* from the beginning */
	await(w, in_state, id, LEPTON_RUNNING);
	await(w, says_figures, id, 1);
	assert_true(see(w, id)->history.step[0] == 0);
	assert_true(see(w, id)->history.count < 1000);
	world_free(w);
}

static void a_killed_solver_fails_in_one_line(void **state)
{
	struct world *w = world_new(data);
	int64_t id = add(w, "v", "svm", ENDLESS), other = add(w, "o", "linear", "{}");
	(void)state;
	start(w);
	await(w, in_state, other, LEPTON_DONE);
	await(w, says_figures, id, 2);
	assert_int_equal(kill((pid_t)await_solver(0), SIGKILL), 0);
	await(w, in_state, id, LEPTON_FAILED);
	assert_string_equal(see(w, id)->reason, "its solver was killed by signal 9 (Killed): was there "
						"memory enough? A lower \"train_limit\" or "
						"\"cache_mb\" needs less");
	assert_int_equal(see(w, other)->state, LEPTON_DONE);
	world_free(w);
}

/* ---- lepton's own end ---- */

/* What the run remembers of it, put into another engine. */
static void restore(struct world *w, const struct lepton_run_version *v, struct lepton_checkpoint *checkpoint)
{
	struct lepton_error err = {0};
	int code = lepton_engine_restore(w->engine, v, checkpoint, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	drain(w);
}

static void quitting_leaves_it_to_begin_anew(void **state)
{
	struct world *w = world_new(data);
	int64_t id = add(w, "v", "svm", ENDLESS);
	(void)state;
	start(w);
	await(w, says_figures, id, 3);
	long pid = await_solver(0);
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, NULL), 0);
	drain(w);
	assert_true(dead(pid));
	assert_int_equal(see(w, id)->state, LEPTON_RUNNING); /* in the store, as a network is */
	struct world *next = world_new(data);
	restore(next, see(w, id), NULL);
	start(next);
	await(next, says_figures, id, 2);
	assert_true(see(next, id)->history.step[0] == 0);
	assert_int_equal(see(next, id)->state, LEPTON_RUNNING);
	world_free(next);
	world_free(w);
}

/* After a kill that came before the end, before the scores, and after the first of them. */
static void what_was_cut_off_ends_the_same(void **state)
{
	static const char *const kinds[][2] = {{"svm", "{\"C\":5}"}, {"linear", "{\"loss\":\"logistic\"}"}};
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct world *w = world_new(data);
		int64_t id = add(w, "v", kinds[k][0], kinds[k][1]);
		start(w);
		await(w, in_state, id, LEPTON_DONE);
		const struct lepton_run_version *v = see(w, id);
		for (int cut = 0; cut < 3; cut++) {
			struct world *again = world_new(data);
			struct lepton_run_version killed = *v;
			killed.state = LEPTON_RUNNING;
			killed.step = cut ? v->step : v->step / 2;
			if (cut < 2)
				killed.epochs_done.count = 0;
			restore(again, &killed, cut ? w->last : NULL);
			start(again);
			await(again, in_state, id, LEPTON_DONE);
			drain(again);
			assert_int_equal(see(again, id)->step, v->step);
			assert_float_equal(see(again, id)->test_accuracy, v->test_accuracy, 0);
			assert_memory_equal(&see(again, id)->test_loss, &v->test_loss, sizeof v->test_loss);
			if (cut < 2)
				assert_memory_equal(
					&see(again, id)->val_loss, &v->val_loss, sizeof v->val_loss);
			if (!cut)
				assert_string_equal(see(again, id)->weights_hash, v->weights_hash);
			world_free(again);
		}
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trained_validated_tested_done),
		cmocka_unit_test(without_validation_samples_too),
		cmocka_unit_test(linear_ones_are_compressed_and_fused),
		cmocka_unit_test(a_clone_trains_by_itself),
		cmocka_unit_test(it_can_be_paused_resumed_and_stopped),
		cmocka_unit_test(a_killed_solver_fails_in_one_line),
		cmocka_unit_test(quitting_leaves_it_to_begin_anew),
		cmocka_unit_test(what_was_cut_off_ends_the_same),
	};
#if !defined(HAVE_LIBSVM) || !defined(HAVE_LIBLINEAR)
	printf("built without LIBSVM or LIBLINEAR: skipped\n");
	return 77;
#endif
	return cmocka_run_group_tests_name("svm_engine", tests, setup, teardown);
}
