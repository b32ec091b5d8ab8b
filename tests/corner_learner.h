/* corner_learner.h - small networks on the rows of corner_make.h, for tests of what training does to weights. make_data and
 * drop_data are a group's setup and teardown.
 */
#ifndef CORNER_LEARNER_H
#define CORNER_LEARNER_H

#include "corner_make.h"
#include "model_hash.h"
#include "model_team.h"

#include <stdio.h>
#include <string.h>

#define SAMPLES 320
#define EPOCHS 6
#define STEPS (EPOCHS * 20) /* batches of 16 */

static struct lepton_dataset *data;

static int make_data(void **state)
{
	(void)state;
	return make_corner(SAMPLES, 0, 0, &data);
}

static int drop_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

/* `more`: ",\"key\":…" of the configuration. */
static inline int create(const char *more, struct lepton_learner **out, struct lepton_error *err)
{
	char config[600];
	corner_config(config, sizeof config, EPOCHS, more);
	return lepton_learner_find("network")->create(config, 7, data, out, err);
}

static inline struct lepton_learner *make(const char *more)
{
	struct lepton_learner *learner;
	struct lepton_error err = {0};
	if (create(more, &learner, &err))
		fail_msg("%s", err.message);
	return learner;
}

static inline void steps(struct lepton_learner *learner, const struct lepton_team *team, int count)
{
	struct lepton_step_result result;
	for (int i = 0; i < count; i++)
		assert_int_equal(learner->ops->step(learner, team, &result, NULL), 0);
}

static inline struct lepton_params *weights_of(struct lepton_learner *learner)
{
	struct lepton_params *weights;
	assert_int_equal(learner->ops->weights(learner, &weights, NULL), 0);
	return weights;
}

static inline struct lepton_score score_of(struct lepton_learner *learner)
{
	struct lepton_score score;
	assert_int_equal(learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TRAIN, 0, SAMPLES, &score, NULL), 0);
	return score;
}

/* Trained to its end by one thread, and by three with a stop, a score and a new start every six steps: the same bits. */
static inline void check_stops(const char *more)
{
	char straight[LEPTON_HASH_HEX], stopped[LEPTON_HASH_HEX];
	const struct lepton_team team = test_team(3);
	struct lepton_learner *one = make(more), *other = make(more);
	steps(one, &lepton_team_alone, STEPS);
	hash_of(one, straight);
	for (int step = 0; step < STEPS; step += 6) {
		struct lepton_state saved;
		steps(other, &team, 6);
		(void)score_of(other);
		assert_int_equal(other->ops->save(other, &saved, NULL), 0);
		other->ops->destroy(other);
		other = make(more);
		assert_int_equal(other->ops->load(other, &saved, NULL), 0);
		lepton_state_clear(&saved);
	}
	hash_of(other, stopped);
	assert_string_equal(straight, stopped);
	one->ops->destroy(one);
	other->ops->destroy(other);
}

/* Each {what stands for the key's value, a part of what is said}: LEPTON_E_SPEC. */
static inline void check_refused(const char *key, const char *const (*cases)[2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char more[200];
		struct lepton_learner *learner = NULL;
		struct lepton_error err = {0};
		snprintf(more, sizeof more, ",\"%s\":%s", key, cases[i][0]);
		assert_int_equal(create(more, &learner, &err), LEPTON_E_SPEC);
		if (!strstr(err.message, cases[i][1]))
			fail_msg("%s: \"%s\" does not say: %s", cases[i][0], err.message, cases[i][1]);
	}
}

#endif
