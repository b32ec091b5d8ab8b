/* tests/test_distil.c - a network that learns from answers: the loss against its formula in doubles and
 * finite differences, and the job that asks the teachers and lets the student train.
 */
#include "config.h"
#include "corner_data.h"
#include "engine_world.h"
#include "lepton/model.h"
#include "model/loss.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define CLASSES 5
#define TRAIN 400 /* of corner_data.h */

/* ---- the loss ---- */

static double log_softmax(const double *z, int c, double temperature)
{
	double sum = 0;
	for (int k = 0; k < CLASSES; k++)
		sum += exp((z[k] - z[c]) / temperature);
	return -log(sum);
}

static double loss_of(const double *z, int label, const float *q, double share, double temperature)
{
	double kl = 0;
	for (int c = 0; c < CLASSES; c++)
		if (q[c] > 0)
			kl += (double)q[c] * (log((double)q[c]) - log_softmax(z, c, temperature));
	return -(1 - share) * log_softmax(z, label, 1) + share * temperature * temperature * kl;
}

static void test_loss_and_gradient(void **state)
{
	static const float q[2][CLASSES] = {{0.1F, 0.2F, 0.3F, 0.15F, 0.25F}, {0, 0.9F, 0.1F, 0, 0}};
	static const float z[2][CLASSES] = {
		{1.5F, -0.3F, 0.2F, 2.0F, -1.0F}, {0.5F, 3.0F, -2.0F, 0.1F, 0.7F}};
	static const int32_t labels[2] = {3, 1};
	(void)state;
	for (double share = 0.25; share <= 1; share += 0.25)
		for (double temperature = 0.5; temperature <= 8; temperature *= 2) {
			const struct lepton__lesson lesson = {(float)share, (float)temperature};
			float d[2][CLASSES];
			struct lepton__loss loss;
			double expected = 0;
			lepton__loss_taught(CLASSES, lesson, 2, z[0], labels, q[0], 0.5F, d[0], &loss);
			for (int i = 0; i < 2; i++) {
				double at[CLASSES];
				for (int c = 0; c < CLASSES; c++)
					at[c] = (double)z[i][c];
				expected += loss_of(at, labels[i], q[i], share, temperature);
				for (int c = 0; c < CLASSES; c++) {
					const double h = 1e-5, kept = at[c];
					at[c] = kept + h;
					double up = loss_of(at, labels[i], q[i], share, temperature);
					at[c] = kept - h;
					double down = loss_of(at, labels[i], q[i], share, temperature);
					at[c] = kept;
					assert_float_equal(
						d[i][c], (float)(0.5 * (up - down) / (2 * h)), 2e-4F);
				}
			}
			assert_float_equal((float)loss.sum, (float)expected, 1e-3F);
			assert_int_equal(loss.right, 2);
		}
}

/* ---- the learner ---- */

static struct lepton_learner *make(const char *more)
{
	char config[1024];
	struct lepton_learner *learner;
	corner_config(config, sizeof config, 4, more);
	assert_int_equal(lepton_learner_find("network")->create(config, 3, data, &learner, NULL), 0);
	return learner;
}

static void steps(struct lepton_learner *learner, int count)
{
	struct lepton_step_result result;
	for (int i = 0; i < count; i++)
		assert_int_equal(learner->ops->step(learner, &lepton_team_alone, &result, NULL), 0);
}

static void labels_as_answers(float answers[TRAIN * 2])
{
	for (uint32_t i = 0; i < TRAIN; i++) {
		int32_t label;
		lepton_dataset_gather(data, LEPTON_TRAIN, &i, 1, NULL, &label);
		answers[i * 2] = label == 0;
		answers[i * 2 + 1] = label == 1;
	}
}

static float furthest(struct lepton_learner *a, struct lepton_learner *b)
{
	struct lepton_params *x, *y;
	float most = 0;
	assert_int_equal(a->ops->weights(a, &x, NULL), 0);
	assert_int_equal(b->ops->weights(b, &y, NULL), 0);
	for (size_t t = 0; t < lepton_params_count(x); t++)
		for (int64_t k = 0; k < lepton_shape_count(&lepton_params_at(x, t)->shape); k++)
			most = fmaxf(most, fabsf(((const float *)lepton_params_at(x, t)->data)[k] -
						   ((const float *)lepton_params_at(y, t)->data)[k]));
	lepton_params_release(x);
	lepton_params_release(y);
	return most;
}

/* A teacher that says the labels and nothing else is no teacher. */
static void test_a_teacher_of_labels(void **state)
{
	static float answers[TRAIN * 2];
	(void)state;
	labels_as_answers(answers);
	struct lepton_learner *plain = make(""),
			      *taught = make(",\"teacher\":{\"share\":1,\"temperature\":1}"),
			      *half = make(",\"teacher\":{\"share\":0.5,\"temperature\":1}");
	assert_int_equal(taught->ops->learn_from(taught, answers, NULL), 0);
	assert_int_equal(half->ops->learn_from(half, answers, NULL), 0);
	steps(plain, 60); /* into the third epoch */
	steps(taught, 60);
	steps(half, 60);
	assert_true(furthest(plain, taught) < 1e-3F);
	assert_true(furthest(plain, half) < 1e-3F);
	struct lepton_learner *all[] = {plain, taught, half};
	for (size_t i = 0; i < 3; i++)
		all[i]->ops->destroy(all[i]);
}

/* Softened once, and in every checkpoint; a learner that has only that goes on to the bit. */
static void test_answers_are_kept(void **state)
{
	static float answers[TRAIN * 2];
	static const char more[] = ",\"teacher\":{\"share\":0.7,\"temperature\":4}";
	struct lepton_state kept;
	struct lepton_step_result result;
	struct lepton_error err;
	(void)state;
	for (int i = 0; i < TRAIN; i++) {
		answers[i * 2] = (float)(i + 1) / (TRAIN + 1);
		answers[i * 2 + 1] = 1 - answers[i * 2];
	}
	struct lepton_learner *a = make(more), *b = make(more), *c = make("");
	assert_int_equal(a->ops->step(a, &lepton_team_alone, &result, &err), LEPTON_E_STATE);
	expect(err.message, "its teacher's answers are not there");
	assert_int_equal(c->ops->learn_from(c, answers, &err), LEPTON_E_STATE);
	expect(err.message, "no \"teacher\"");
	assert_int_equal(a->ops->learn_from(a, answers, NULL), 0);
	steps(a, 30);
	assert_int_equal(a->ops->save(a, &kept, NULL), 0);
	const struct lepton_tensor *soft = lepton_params_find(kept.slots, "teacher/answers");
	assert_non_null(soft);
	for (int i = 0; i < TRAIN; i++) {
		double p = pow((double)answers[i * 2], 0.25), q = pow((double)answers[i * 2 + 1], 0.25);
		assert_float_equal(((const float *)soft->data)[i * 2], (float)(p / (p + q)), 1e-6F);
	}
	assert_int_equal(b->ops->load(b, &kept, NULL), 0);
	steps(a, 30);
	steps(b, 30);
	assert_true(furthest(a, b) <= 0);
	assert_int_equal(c->ops->load(c, &kept, NULL), 0); /* without a teacher they are left behind */
	steps(c, 1);
	lepton_state_clear(&kept);
	a->ops->destroy(a);
	b->ops->destroy(b);
	c->ops->destroy(c);
}

static void test_what_cannot_be_taught(void **state)
{
	static const char *const layers[] = {"\"loss\":\"binary_crossentropy\"", "\"loss\":\"hinge\""};
	static const char *const ends[] = {"sigmoid", "linear"};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char config[512];
		struct lepton_learner *learner;
		struct lepton_error err;
		snprintf(config, sizeof config,
			"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":2,"
			"\"activation\":\"%s\"}],%s,"
			"\"teacher\":{}}",
			ends[i], layers[i]);
		assert_int_equal(lepton_learner_find("network")->create(config, 3, data, &learner, &err),
			LEPTON_E_UNSUPPORTED);
		expect(err.message, "learns from a teacher by categorical cross-entropy");
		snprintf(config, sizeof config,
			"{\"layers\":[{\"type\":\"Input\",\"shape\":[16]},{\"type\":\"Dense\",\"units\":2,"
			"\"activation\":\"softmax\"}],"
			"\"teacher\":{\"temprature\":1}}");
		assert_int_equal(lepton_learner_find("network")->create(config, 3, data, &learner, &err),
			LEPTON_E_SPEC);
		expect(err.message, "did you mean \"temperature\"?");
	}
}

/* ---- the job ---- */

static int64_t teach(struct world *w, int64_t ids[3])
{
	char config[1024];
	corner_config(config, sizeof config, 3, "");
	ids[0] = add(w, "net", "network", config);
	ids[1] = add(w, "forest", "random_forest", "{\"n_estimators\":5}");
	corner_config(config, sizeof config, 40, "");
	ids[2] = add(w, "long", "network", config);
	start(w);
	for (int i = 0; i < 3; i++)
		await(w, in_state, ids[i], LEPTON_DONE);
	return ids[0];
}

static struct lepton_command distil_of(
	enum lepton_command_type type, const int64_t *ids, int count, const char *name)
{
	struct lepton_command c = {.type = type, .count = count, .method = "distil"};
	memcpy(c.versions, ids, (size_t)count * sizeof *ids);
	snprintf(c.name, sizeof c.name, "%s", name);
	return c;
}

/* Of unlike teachers; the answer comes when the student is done. */
static void test_a_student_of_two(void **state)
{
	struct world *w = world_new(data);
	int64_t ids[3];
	(void)state;
	teach(w, ids);
	assert_int_equal(order(w, distil_of(LEPTON_CMD_FUSE, ids, 2, "pupil"),
				 "{\"epochs\":5,\"share\":0.8,\"temperature\":3}"),
		0);
	expect(w->message, "distil: pupil has test accuracy 0.");
	expect(w->message, "its teacher 0.");
	const struct lepton_run_version *pupil = see(w, last_of(w));
	assert_string_equal(pupil->name, "pupil");
	assert_int_equal(pupil->state, LEPTON_DONE);
	assert_int_equal(pupil->epochs_done.count, 5);
	assert_int_equal(pupil->parent_count, 2);
	expect(lepton_text_get(pupil->operation), "\"op\":\"distil\",\"like\":\"net\"");
	expect(lepton_text_get(pupil->hyperparameters), "\"teacher\":{\"share\":0.8,\"temperature\":3}");

	/* a clone learns from labels alone */
	const struct lepton_command clone = {
		.type = LEPTON_CMD_CLONE, .count = 1, .versions = {pupil->id}, .name = "free"};
	assert_int_equal(order(w, clone, "{\"epochs\":1}"), 0);
	await(w, in_state, last_of(w), LEPTON_DONE);
	assert_null(strstr(lepton_text_get(see(w, last_of(w))->hyperparameters), "teacher"));
	world_free(w);
}

/* Stopped in the middle and found again, without its teachers' help, it ends as one that was not stopped. */
static void test_a_student_goes_on(void **state)
{
	struct world *w = world_new(data), *again = world_new(data);
	int64_t ids[3];
	(void)state;
	teach(w, ids);
	assert_int_equal(order(w, distil_of(LEPTON_CMD_FUSE, ids, 2, "whole"), "{\"epochs\":300}"), 0);
	const int64_t whole = last_of(w);
	struct lepton_command command = distil_of(LEPTON_CMD_FUSE, ids, 2, "halved");
	command.ticket = ++w->ticket;
	command.settings = lepton_text_new("{\"epochs\":300}");
	assert_int_equal(lepton_engine_submit(w->engine, &command, NULL), 0);
	lepton_command_clear(&command);
	while (last_of(w) == whole)
		world_next(w, 0.05);
	const int64_t halved = last_of(w);
	await(w, at_epoch, halved, 5);
	assert_int_equal(order(w, (struct lepton_command){.type = LEPTON_CMD_QUIT}, NULL), 0);
	drain(w);
	assert_true(see(w, halved)->step < see(w, whole)->step);
	assert_int_equal(lepton_engine_restore(again->engine, see(w, halved), w->kept[halved], NULL), 0);
	start(again);
	await(again, in_state, halved, LEPTON_DONE);
	assert_string_equal(see(again, halved)->weights_hash, see(w, whole)->weights_hash);
	world_free(w);
	world_free(again);
}

static const struct lepton_tensor *tensor(const struct world *w, int64_t id, const char *name)
{
	assert_non_null(w->kept[id]);
	return lepton_params_find(w->kept[id]->state.weights, name);
}

/* By "compress": half of the hidden units, unless said, and of the answers all. */
static void test_a_smaller_one(void **state)
{
	struct world *w = world_new(data);
	int64_t ids[3];
	(void)state;
	teach(w, ids);
	assert_int_equal(order(w, distil_of(LEPTON_CMD_COMPRESS, &ids[2], 1, "small"), "{\"epochs\":2}"), 0);
	const int64_t small = last_of(w);
	assert_int_equal(tensor(w, small, "dense/kernel")->shape.dim[1], CORNER_UNITS / 2);
	assert_int_equal(tensor(w, small, "dense_1/kernel")->shape.dim[1], 2);
	assert_true(see(w, small)->bytes < see(w, ids[2])->bytes);
	assert_int_equal(order(w, distil_of(LEPTON_CMD_FUSE, &ids[1], 1, "net of trees"),
				 "{\"like\":\"small\",\"width\":2}"),
		0);
	assert_int_equal(tensor(w, last_of(w), "dense/kernel")->shape.dim[1], CORNER_UNITS);
	assert_null(strstr(lepton_text_get(see(w, last_of(w))->hyperparameters), "\"epochs\":40"));
	world_free(w);
}

static void refused(struct world *w, struct lepton_command command, const char *settings, const char *text)
{
	const size_t versions = w->run.version_count;
	assert_int_not_equal(order(w, command, settings), 0);
	expect(w->message, text);
	assert_int_equal(w->run.version_count, versions);
}

static void test_refusals(void **state)
{
	struct world *w = world_new(data);
	int64_t ids[3], missing = 99;
	(void)state;
	teach(w, ids);
	refused(w, distil_of(LEPTON_CMD_FUSE, &ids[1], 1, "x"), NULL,
		"none of them is a network for the student to be like");
	refused(w, distil_of(LEPTON_CMD_FUSE, ids, 2, "x"), "{\"like\":\"forest\"}",
		"forest is a random_forest, and only a network");
	refused(w, distil_of(LEPTON_CMD_FUSE, ids, 2, "x"), "{\"like\":\"nobody\"}", "no version \"nobody\"");
	refused(w, distil_of(LEPTON_CMD_FUSE, ids, 2, "x"), "{\"temprature\":1}",
		"did you mean \"temperature\"?");
	refused(w, distil_of(LEPTON_CMD_FUSE, ids, 2, "net"), NULL, "there is a version net already");
	refused(w, distil_of(LEPTON_CMD_FUSE, &missing, 1, "x"), NULL, "no such version");
	refused(w, distil_of(LEPTON_CMD_FUSE, ids, 0, "x"), NULL, "name a version to learn from");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loss_and_gradient),
		cmocka_unit_test(test_a_teacher_of_labels),
		cmocka_unit_test(test_answers_are_kept),
		cmocka_unit_test(test_what_cannot_be_taught),
		cmocka_unit_test(test_a_student_of_two),
		cmocka_unit_test(test_a_student_goes_on),
		cmocka_unit_test(test_a_smaller_one),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests_name("distil", tests, make_data, drop_data);
}
