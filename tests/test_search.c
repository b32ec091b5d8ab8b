/* tests/test_search.c - early stopping and successive halving: their arithmetic against tables, then in an engine: the best
 * weights come back, nothing changes what a version would have learned, the figures decide who goes on, the person may
 * overrule them, and a stop in the middle is as if it had not been.
 */
#include "config.h"
#include "engine_world.h"
#include "train/trial.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SAMPLES 400
#define KEPT 512

static struct lepton_dataset *data;

static uint32_t chance(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* Mostly noise, so that training soon fits what validation does not have. */
static int make_data(void **state)
{
	(void)state;
	static uint8_t images[SAMPLES * 16], labels[SAMPLES];
	const struct lepton_shape sample = {1, {16}};
	uint32_t seed = 3;
	for (int i = 0; i < SAMPLES; i++) {
		labels[i] = (uint8_t)(chance(&seed) % 2);
		for (int p = 0; p < 16; p++)
			images[i * 16 + p] = (uint8_t)(chance(&seed) % 200 + (p < 4) * labels[i] * 30);
	}
	return lepton_dataset_from_u8(images, labels, SAMPLES, 100, &sample, 2, 0.3, &data, NULL);
}

static int drop_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

static void config_of(char out[400], int epochs, double rate, const char *more)
{
	snprintf(out, 400,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":24,\"activation\":\"relu\"},"
		"{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}],\"batch_size\":16,\"epochs\":%d,"
		"\"optimizer\":{\"learning_rate\":%g}%s}",
		epochs, rate, more);
}

/* ---- arithmetic ------------------------------------------------------------------------------------------ */

static void test_rungs(void **state)
{
	(void)state;
	const struct lepton_search three = {.min_epochs = 2, .reduction_factor = 3},
				   two = {.min_epochs = 1, .reduction_factor = 2, .by_accuracy = true};
	static const int64_t at[] = {2, 6, 18, 54};
	for (int k = 0; k < 4; k++) {
		assert_int_equal(lepton__asha_epoch(&three, k), at[k]);
		assert_int_equal(lepton__asha_rung(&three, at[k]), k);
		assert_int_equal(lepton__asha_rung(&two, 1 << k), k);
	}
	assert_int_equal(lepton__asha_rung(&three, 1), -1);
	assert_int_equal(lepton__asha_rung(&three, 7), -1);
	assert_true(lepton__asha_epoch(&three, LEPTON__RUNGS_MAX - 1) > 0);
	for (size_t n = 0; n < 20; n++) {
		assert_int_equal(lepton__asha_go_on(&three, n, false), n / 3);
		assert_int_equal(lepton__asha_go_on(&three, n, true), n && n < 3 ? 1 : n / 3);
	}
	assert_true(lepton__asha_better(&three, 1, 9, 2, 1) && !lepton__asha_better(&three, 2, 1, 1, 9));
	assert_true(lepton__asha_better(&two, 2, 9, 1, 1) && !lepton__asha_better(&two, 1, 1, 2, 9));
	assert_true(lepton__asha_better(&three, 1, 1, 1, 2) && !lepton__asha_better(&three, 1, 2, 1, 1));
	assert_true(lepton__asha_better(&three, 1, 2, NAN, 1) && !lepton__asha_better(&three, NAN, 1, 1, 2));
	assert_true(lepton__asha_better(&two, NAN, 1, NAN, 2) && !lepton__asha_better(&two, NAN, 2, NAN, 1));
}

static void test_patience(void **state)
{
	(void)state;
	static const struct {
		const char *config;
		double loss[8], accuracy[8];
		int ends, best; /* epochs; 0: it does not */
	} cases[] = {
		{"{\"early_stopping\":{\"patience\":2}}", {5, 4, 4, 4.5, 3}, {0}, 4, 2},
		{"{\"early_stopping\":{\"patience\":2}}", {5, 4, 4, 3, 3, 2}, {0}, 0, 6},
		{"{\"early_stopping\":{\"patience\":1}}", {5, 5, 1}, {0}, 2, 1},
		{"{\"early_stopping\":{\"patience\":2,\"min_delta\":0.5}}", {5, 4.6, 4.5, 4.4, 1}, {0}, 3, 1},
		{"{\"early_stopping\":{\"patience\":2,\"min_delta\":0.5}}", {5, 4.6, 4.4, 4, 3.95}, {0}, 5, 3},
		{"{\"early_stopping\":{\"patience\":2}}", {NAN, NAN, 1}, {0}, 2, 0},
		{"{\"early_stopping\":{\"patience\":2}}", {5, NAN, 4, NAN, NAN}, {0}, 5, 3},
		{"{\"early_stopping\":{\"monitor\":\"val_accuracy\",\"patience\":2}}", {1, 1, 1, 1}, {0.5, 0.7, 0.7, 0.6}, 4, 2},
		{"{\"epochs\":3}", {1, 2, 3, 4, 5, 6}, {0}, 0, 1},
	};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct lepton__early early;
		int ended = 0;
		lepton__early_init(&early, cases[c].config);
		for (int e = 1; e <= 8 && !ended && !(fabs(cases[c].loss[e - 1]) <= 0); e++) {
			lepton__early_add(&early, e, 10 * e, cases[c].loss[e - 1], cases[c].accuracy[e - 1]);
			ended = lepton__early_ends(&early) ? e : 0;
		}
		assert_int_equal(ended, cases[c].ends);
		assert_int_equal(early.best_epoch, cases[c].best);
		assert_int_equal(early.best_step, 10 * cases[c].best);
	}
}

/* ---- an engine whose checkpoints are all kept ------------------------------------------------------------------ */

struct kept {
	int64_t version[KEPT];
	struct lepton_checkpoint *checkpoint[KEPT];
	bool best[KEPT];
	int count, went_on; /* "goes on" said */
};

static void look(struct world *w, struct kept *kept, struct lepton_reader *reader)
{
	struct lepton_event e;
	drain(w);
	while (lepton_reader_next(reader, 0, &e)) {
		if (e.type == LEPTON_EVENT_CHECKPOINT && kept->count < KEPT) {
			kept->version[kept->count] = e.version;
			kept->best[kept->count] = e.u.checkpoint.best;
			kept->checkpoint[kept->count++] = lepton_checkpoint_retain(e.u.checkpoint.checkpoint);
		}
		kept->went_on += e.type == LEPTON_EVENT_STATE && strstr(lepton_text_get(e.u.state.reason), "goes on") != NULL;
		lepton_event_clear(&e);
	}
}

static struct lepton_checkpoint *of_step(const struct kept *kept, int64_t version, int64_t step)
{
	for (int i = 0; i < kept->count; i++)
		if (kept->version[i] == version && kept->checkpoint[i]->state.step == step)
			return kept->checkpoint[i];
	fail_msg("no checkpoint of step %d", (int)step);
	abort(); /* not reached */
}

static void forget(struct kept *kept)
{
	for (int i = 0; i < kept->count; i++)
		lepton_checkpoint_release(kept->checkpoint[i]);
	kept->count = kept->went_on = 0;
}

static void hash_of(const struct lepton_checkpoint *c, char out[LEPTON_HASH_HEX])
{
	lepton_params_hash(c->state.weights, out);
}

#define STOPS ",\"early_stopping\":{\"patience\":3}"

/* The epoch whose val_loss is the first smallest, counted here. */
static size_t smallest(const struct lepton_epochs *e)
{
	size_t best = 0;
	for (size_t i = 1; i < e->count; i++)
		best = e->val_loss[i] < e->val_loss[best] ? i : best;
	return best;
}

/* One that stops early, with every checkpoint. */
static struct world *run_early(struct kept *kept, int64_t *id)
{
	char config[400];
	struct lepton_reader *reader;
	struct world *w = world_new(data);
	config_of(config, 200, 0.01, STOPS);
	assert_int_equal(lepton_reader_open(w->engine, true, &reader, NULL, NULL), 0);
	*id = add(w, "a", "network", config);
	start(w);
	await(w, in_state, *id, LEPTON_DONE);
	look(w, kept, reader);
	lepton_reader_close(reader);
	return w;
}

static void the_best_weights_come_back(void **state)
{
	(void)state;
	static struct kept kept;
	char config[400], hash[LEPTON_HASH_HEX];
	int64_t id, whole;
	struct world *w = run_early(&kept, &id), *other = world_new(data);
	const struct lepton_run_version *v = see(w, id);
	size_t best = smallest(&v->epochs_done);
	assert_int_equal(v->epochs_done.count, best + 4); /* and three that were no better */
	assert_true(best > 0 && v->epochs_done.count < 200);
	hash_of(of_step(&kept, id, v->epochs_done.step[best]), hash);
	assert_string_equal(v->weights_hash, hash);
	assert_int_equal(v->checkpoint_step, v->epochs_done.step[best]);
	expect(v->reason, "ended early: back at epoch");
	assert_true(kept.best[kept.count - 1]); /* the last one said is the best */
	assert_int_equal(kept.checkpoint[kept.count - 1]->state.step, v->epochs_done.step[best]);

	/* its figures on the test are those of these weights */
	struct lepton_learner *learner;
	struct lepton_score score;
	config_of(config, 200, 0.01, "");
	assert_int_equal(lepton_learner_find("network")->create(config, 1, data, &learner, NULL), 0);
	assert_int_equal(learner->ops->set_weights(learner, kept.checkpoint[kept.count - 1]->state.weights, NULL), 0);
	assert_int_equal(learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TEST, 0, 100, &score, NULL), 0);
	assert_true(fabs(score.loss - v->test_loss) < 1e-6 && fabs(score.accuracy - v->test_accuracy) < 1e-6);
	learner->ops->destroy(learner);

	/* and what it learned on the way is what it would have learned without */
	config_of(config, (int)v->epochs_done.count, 0.01, "");
	whole = add(other, "b", "network", config);
	start(other);
	await(other, in_state, whole, LEPTON_DONE);
	for (size_t i = 0; i < v->epochs_done.count; i++)
		assert_true(fabsf(see(other, whole)->epochs_done.val_loss[i] - v->epochs_done.val_loss[i]) <= 0);
	forget(&kept);
	world_free(other);
	world_free(w);
}

/* Without restore_best the last weights stay; with it they go back at the planned end too. */
static void going_back_can_be_left_out(void **state)
{
	(void)state;
	char config[400];
	struct world *w = world_new(data);
	config_of(config, 200, 0.01, ",\"early_stopping\":{\"patience\":3,\"restore_best\":false}");
	int64_t last = add(w, "last", "network", config);
	config_of(config, 12, 0.02, ",\"early_stopping\":{\"patience\":100}");
	int64_t planned = add(w, "planned", "network", config);
	start(w);
	await(w, in_state, last, LEPTON_DONE);
	await(w, in_state, planned, LEPTON_DONE);
	const struct lepton_run_version *v = see(w, last);
	assert_int_equal(v->checkpoint_step, v->epochs_done.step[v->epochs_done.count - 1]);
	expect(v->reason, "ended early: the best val_loss");
	v = see(w, planned);
	assert_int_equal(v->epochs_done.count, 12);
	assert_true(smallest(&v->epochs_done) < 11);
	assert_int_equal(v->checkpoint_step, v->epochs_done.step[smallest(&v->epochs_done)]);
	expect(v->reason, "back at epoch");
	assert_null(strstr(v->reason, "ended early"));
	world_free(w);
}

/* What is remembered after `epochs` epochs, as a store has it. */
static struct lepton_run_version after(const struct lepton_run_version *v, size_t epochs, enum lepton_version_state state)
{
	struct lepton_run_version r = *v;
	r.epochs_done.count = epochs;
	r.state = state;
	r.reason[0] = '\0';
	r.step = r.checkpoint_step = v->epochs_done.step[epochs - 1];
	return r;
}

/* From every epoch on, with the newest and the best checkpoint, it ends where it would have ended. */
static void a_stop_changes_nothing(void **state)
{
	(void)state;
	static struct kept kept;
	int64_t id;
	struct world *w = run_early(&kept, &id);
	const struct lepton_run_version *v = see(w, id);
	size_t count = v->epochs_done.count, best = smallest(&v->epochs_done);
	for (size_t epochs = 1; epochs <= count; epochs++) {
		struct lepton_run_version r = after(v, epochs, LEPTON_RUNNING);
		struct world *again = world_new(data);
		int64_t step = lepton_engine_best_step(&r);
		assert_int_equal(step, v->epochs_done.step[epochs > best ? best : smallest(&r.epochs_done)]);
		assert_int_equal(
			lepton_engine_restore(again->engine, &r, of_step(&kept, id, r.checkpoint_step), NULL), 0);
		assert_int_equal(lepton_engine_restore_best(again->engine, id, of_step(&kept, id, step), NULL), 0);
		start(again);
		await(again, in_state, id, LEPTON_DONE);
		assert_string_equal(see(again, id)->weights_hash, v->weights_hash);
		assert_int_equal(see(again, id)->epochs_done.count, count - epochs);
		assert_true(fabs(see(again, id)->test_loss - v->test_loss) <= 0);
		world_free(again);
	}
	/* an epoch was told, and a crash took its checkpoint: it is trained again, and counted once */
	struct lepton_run_version r = after(v, count - 1, LEPTON_RUNNING);
	r.checkpoint_step = v->epochs_done.step[count - 3];
	struct world *again = world_new(data);
	assert_int_equal(lepton_engine_restore(again->engine, &r, of_step(&kept, id, r.checkpoint_step), NULL), 0);
	assert_int_equal(
		lepton_engine_restore_best(again->engine, id, of_step(&kept, id, lepton_engine_best_step(&r)), NULL), 0);
	start(again);
	await(again, in_state, id, LEPTON_DONE);
	assert_string_equal(see(again, id)->weights_hash, v->weights_hash);
	world_free(again);
	/* it had gone back already, and a crash took the rest */
	r = after(v, count, LEPTON_RUNNING);
	r.checkpoint_step = v->epochs_done.step[best];
	again = world_new(data);
	assert_int_equal(lepton_engine_restore(again->engine, &r, of_step(&kept, id, r.checkpoint_step), NULL), 0);
	assert_int_equal(lepton_engine_restore_best(again->engine, id, of_step(&kept, id, r.checkpoint_step), NULL), 0);
	start(again);
	await(again, in_state, id, LEPTON_DONE);
	assert_string_equal(see(again, id)->weights_hash, ""); /* no checkpoint more: it has these weights */
	assert_true(fabs(see(again, id)->test_loss - v->test_loss) <= 0);
	assert_int_equal(see(again, id)->epochs_done.count, 0);
	world_free(again);
	forget(&kept);
	world_free(w);
}

/* ---- the search ---------------------------------------------------------------------------------------------------- */

#define ASHA "{\"search\":{\"asha\":{\"min_epochs\":1,\"reduction_factor\":3}}}"
#define TRIALS 9
#define EPOCHS 9

static struct world *search(int workers, int64_t ids[TRIALS], const char *spec)
{
	struct world *w = world_of(data, (struct lepton_engine_options){.workers = workers, .slice_seconds = 0.0005}, spec);
	for (int i = 0; i < TRIALS; i++) {
		char name[16], config[400];
		snprintf(name, sizeof name, "t%d", i);
		config_of(config, EPOCHS, 0.0002 * pow(2, (i * 4) % TRIALS), "");
		ids[i] = add(w, name, "network", config);
	}
	return w;
}

static void await_rest(struct world *w)
{
	for (int patience = 0; lepton_engine_busy(w->engine) && patience < 1200; patience++)
		world_next(w, 0.05);
	assert_false(lepton_engine_busy(w->engine));
	drain(w);
}

static size_t done(const struct world *w, int64_t id)
{
	return see(w, id)->epochs_done.count;
}

/* Who came to a rung, and how many of them are better than v there; counted from the histories. */
static size_t came_to(const struct world *w, const int64_t ids[TRIALS], size_t epoch, const struct lepton_run_version *v,
	size_t *better)
{
	size_t count = 0;
	*better = 0;
	for (int i = 0; i < TRIALS; i++) {
		const struct lepton_run_version *o = see(w, ids[i]);
		if (o->epochs_done.count < epoch)
			continue;
		count++;
		float a = o->epochs_done.val_loss[epoch - 1], b = v->epochs_done.val_loss[epoch - 1];
		*better += o != v && (a < b || (!(a > b) && o->id < v->id));
	}
	return count;
}

/* At the end nobody halts who is among the best third of those that came, and somebody trained to the end. */
static void check_end(const struct world *w, const int64_t ids[TRIALS])
{
	size_t ended = 0, better, epochs = 0;
	for (int i = 0; i < TRIALS; i++) {
		const struct lepton_run_version *v = see(w, ids[i]);
		epochs += done(w, ids[i]);
		if (v->state == LEPTON_DONE) {
			assert_int_equal(done(w, ids[i]), EPOCHS);
			ended++;
			continue;
		}
		assert_int_equal(v->state, LEPTON_STOPPED);
		expect(v->reason, "search: halted after epoch");
		assert_true(done(w, ids[i]) == 1 || done(w, ids[i]) == 3);
		assert_int_equal(v->checkpoint_step, v->epochs_done.step[done(w, ids[i]) - 1]);
		size_t count = came_to(w, ids, done(w, ids[i]), v, &better);
		size_t best = count / 3 ? count / 3 : 1;
		if (better < best)
			fail_msg("%s rests after epoch %zu, but is place %zu of %zu", v->name, done(w, ids[i]), better + 1, count);
	}
	assert_true(ended >= 1 && ended <= 4);
	assert_true(epochs < TRIALS * EPOCHS / 2); /* which is what it is for */
}

/* Searches to their end; how many that rested were let go on. */
static size_t search_once(int workers)
{
	static struct kept kept;
	int64_t ids[TRIALS];
	struct lepton_reader *reader;
	struct world *w = search(workers, ids, ASHA);
	assert_int_equal(lepton_reader_open(w->engine, true, &reader, NULL, NULL), 0);
	start(w);
	await_rest(w);
	look(w, &kept, reader);
	check_end(w, ids);
	size_t went_on = (size_t)kept.went_on;
	lepton_reader_close(reader);
	forget(&kept);
	world_free(w);
	return went_on;
}

/* The first to come waits for others, and mostly one that waited goes on; but where each that is among the best third
 * happens to come when there are enough, none has to wait. */
static void the_figures_decide(void **state)
{
	(void)state;
	for (int workers = 1; workers <= 3; workers += 2) {
		size_t went_on = 0;
		for (int attempt = 0; attempt < 20 && !went_on; attempt++)
			went_on = search_once(workers);
		assert_true(went_on >= 1);
	}
}

/* A halted one that the person resumes trains on, to what it would have learned alone. */
static void the_person_may_overrule(void **state)
{
	(void)state;
	int64_t ids[TRIALS], halted = 0;
	struct world *w = search(2, ids, ASHA), *alone = world_new(data);
	start(w);
	await_rest(w);
	for (int i = 0; i < TRIALS; i++)
		halted = see(w, ids[i])->state == LEPTON_STOPPED && done(w, ids[i]) == 1 ? ids[i] : halted;
	assert_true(halted > 0);
	assert_int_equal(steer(w, LEPTON_CMD_RESUME, halted), 0);
	await_rest(w);
	assert_true(done(w, halted) >= 3); /* judged again at the next rung, not at this one */
	for (int again = 0; see(w, halted)->state != LEPTON_DONE && again < 3; again++) {
		assert_int_equal(steer(w, LEPTON_CMD_RESUME, halted), 0);
		await_rest(w);
	}
	const struct lepton_run_version *v = see(w, halted);
	assert_int_equal(v->state, LEPTON_DONE);
	int64_t id = add(alone, "x", "network", lepton_text_get(v->hyperparameters));
	start(alone);
	await(alone, in_state, id, LEPTON_DONE);
	assert_string_equal(see(alone, id)->weights_hash, v->weights_hash);
	world_free(alone);
	/* one that is archived does not come back by itself */
	world_free(w);
}

/* Two of three come, the third is paused: nobody is waited for, and the better goes on. */
static void a_paused_one_is_not_waited_for(void **state)
{
	(void)state;
	char config[400];
	int64_t ids[3];
	struct world *w = world_of(data, (struct lepton_engine_options){.workers = 1}, ASHA);
	for (int i = 0; i < 3; i++) {
		char name[8];
		snprintf(name, sizeof name, "t%d", i);
		config_of(config, i == 2 ? 5 : 2, i == 2 ? 0.001 : 0.0001 + 0.01 * i, "");
		ids[i] = add(w, name, "network", config);
	}
	/* before the start nothing runs; the pause is carried out before the first slice can end an epoch */
	struct lepton_command pause = {.type = LEPTON_CMD_PAUSE, .ticket = 900, .count = 1, .versions = {ids[2]}};
	assert_int_equal(lepton_engine_submit(w->engine, &pause, NULL), 0);
	start(w);
	await_rest(w);
	if (done(w, ids[2]) == 0) { /* else it was faster than the pause, and came as well */
		assert_int_equal(see(w, ids[2])->state, LEPTON_PAUSED);
		bool first = see(w, ids[0])->epochs_done.val_loss[0] <= see(w, ids[1])->epochs_done.val_loss[0];
		assert_int_equal(see(w, ids[!first])->state, LEPTON_DONE);
		assert_int_equal(see(w, ids[first])->state, LEPTON_STOPPED);
		assert_int_equal(done(w, ids[first]), 1);
	}
	world_free(w);
}

/* Put back, the halted rest; one that a crash caught at a rung is judged there. */
static void a_search_is_put_back(void **state)
{
	(void)state;
	static struct kept kept;
	int64_t ids[TRIALS];
	struct lepton_reader *reader;
	struct world *w = search(1, ids, ASHA), *again;
	assert_int_equal(lepton_reader_open(w->engine, true, &reader, NULL, NULL), 0);
	start(w);
	await_rest(w);
	look(w, &kept, reader);
	again = world_of(data, (struct lepton_engine_options){.workers = 2}, ASHA);
	int caught = -1;
	for (int i = 0; i < TRIALS; i++) {
		struct lepton_run_version r = *see(w, ids[i]);
		if (caught < 0 && r.state == LEPTON_STOPPED && r.epochs_done.count == 1) {
			caught = i;
			r.state = LEPTON_RUNNING;
			r.reason[0] = '\0';
		}
		assert_int_equal(
			lepton_engine_restore(again->engine, &r, of_step(&kept, ids[i], r.checkpoint_step), NULL), 0);
	}
	assert_true(caught >= 0);
	drain(again);
	start(again);
	await_rest(again);
	for (int i = 0; i < TRIALS; i++) {
		assert_int_equal(see(again, ids[i])->state, see(w, ids[i])->state);
		assert_int_equal(done(again, ids[i]), 0); /* no epoch more */
		assert_string_equal(see(again, ids[i])->weights_hash, "");
	}
	expect(see(again, ids[caught])->reason, "search: halted after epoch 1");
	lepton_reader_close(reader);
	forget(&kept);
	world_free(again);
	world_free(w);
}

/* ---- what does not fit ------------------------------------------------------------------------------------------- */

static void test_refusals(void **state)
{
	(void)state;
	static const uint8_t pixels[8] = {0}, labels[8] = {0, 1, 0, 1, 0, 1, 0, 1};
	static const float values[8] = {0}, targets[8] = {0};
	const struct lepton_shape sample = {1, {1}};
	const struct lepton_engine_options options = {.workers = 1, .environment = "{}"};
	struct lepton_dataset *bare, *numbers;
	struct lepton_engine *engine = NULL;
	struct lepton_error err = {0};
	assert_int_equal(lepton_dataset_from_u8(pixels, labels, 8, 2, &sample, 2, 0, &bare, NULL), 0);
	assert_int_equal(lepton_dataset_from_f32(values, NULL, targets, 8, 2, 1, 0, 0.4, &numbers, NULL), 0);
	assert_int_equal(lepton_engine_create(&options, "x", 1, bare, ASHA, &engine, &err), LEPTON_E_SPEC);
	expect(err.message, "set \"validation_split\" in the data");
	assert_int_equal(lepton_engine_create(&options, "x", 1, numbers,
				 "{\"search\":{\"asha\":{\"monitor\":\"val_accuracy\"}}}", &engine, &err),
		LEPTON_E_SPEC);
	expect(err.message, "a regression has no val_accuracy");
	assert_int_equal(lepton_engine_create(&options, "x", 1, bare, "{}", &engine, &err), 0);
	struct lepton_spec_version v = {.name = "a", .learner = "decision_tree", .priority = 1};
	char config[] = "{\"early_stopping\":{}}";
	int64_t id;
	v.config = config;
	assert_int_equal(lepton_engine_add(engine, &v, &id, &err), LEPTON_E_SPEC);
	expect(err.message, "\"early_stopping\" goes by figures on validation data");
	lepton_engine_free(engine);
	lepton_dataset_release(bare);
	lepton_dataset_release(numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rungs),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(the_best_weights_come_back),
		cmocka_unit_test(going_back_can_be_left_out),
		cmocka_unit_test(a_stop_changes_nothing),
		cmocka_unit_test(the_figures_decide),
		cmocka_unit_test(the_person_may_overrule),
		cmocka_unit_test(a_paused_one_is_not_waited_for),
		cmocka_unit_test(a_search_is_put_back),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
