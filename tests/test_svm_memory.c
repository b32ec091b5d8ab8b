/* tests/test_svm_memory.c - every allocation in the life of an SVM and a linear model fails in turn, each
 * time in a process of its own: it is a sentence, never a crash. Needs --enable-error-injection.
 */
#include "config.h"
#include "lepton/model.h"
#include "fail_alloc.h"

#include <poll.h>
#include <string.h>

#define SAMPLES 60
#define FEATURES 4
#define MOST_TURNS 2000

static int verdict_of(int code, const struct lepton_error *err)
{
	if (!code)
		return ALL_WELL;
	fprintf(stderr, "%d: %s\n", code, err->message);
	return *err->message ? RAN_OUT : WRONG;
}

/* To its end; the code it ended with. */
static int train(struct lepton_learner *learner, struct lepton_error *err)
{
	const struct lepton_outside_ops *ops = learner->ops->outside;
	const struct lepton_outside_start start = {"v", 0, 0, NULL};
	struct lepton_report r = {.kind = LEPTON_REPORT_NOTHING};
	int code = ops->run(learner, &start, err);
	while (!code && r.kind != LEPTON_REPORT_ENDED) {
		struct pollfd fd = {ops->descriptor(learner), POLLIN, 0};
		ops->next(learner, &r);
		if (r.kind == LEPTON_REPORT_NOTHING && poll(&fd, 1, 10000) == 0)
			return lepton_error_set(err, LEPTON_E_IO, "%s", "");
	}
	return code ? code : r.code ? lepton_error_set(err, r.code, "%s", r.line) : LEPTON_OK;
}

static int use(struct lepton_learner *learner, struct lepton_error *err)
{
	struct lepton_state state = {0};
	struct lepton_score score;
	float x[FEATURES] = {0.5f}, p[3];
	int code = train(learner, err);
	if (!code)
		code = learner->ops->evaluate(learner, &lepton_team_alone, LEPTON_TEST, 0, 10, &score, err);
	if (!code)
		code = learner->ops->predict(learner, x, 1, p, err);
	if (!code)
		code = learner->ops->save(learner, &state, err);
	if (!code)
		code = learner->ops->load(learner, &state, err);
	lepton_state_clear(&state);
	return code;
}

static int scenario(void)
{
	static uint8_t x[SAMPLES * FEATURES], y[SAMPLES];
	static const char *const kinds[][2] = {
		{"svm", "{\"probability\":true}"}, {"linear", "{\"loss\":\"logistic\"}"}};
	const struct lepton_shape shape = {1, {FEATURES}};
	struct lepton_error err = {0};
	struct lepton_dataset *data;
	int code = LEPTON_OK;
	for (int i = 0; i < SAMPLES * FEATURES; i++)
		x[i] = (uint8_t)(i * 37 % 150 + i / FEATURES % 3 * 50);
	for (int i = 0; i < SAMPLES; i++)
		y[i] = (uint8_t)(i % 3);
	if ((code = lepton_dataset_from_u8(x, y, SAMPLES, 10, &shape, 3, 0, &data, &err)))
		return verdict_of(code, &err);
	for (int k = 0; k < 2 && !code; k++) {
		struct lepton_learner *learner;
		code = lepton_learner_find(kinds[k][0])->create(kinds[k][1], 1, data, &learner, &err);
		if (code)
			break;
		code = use(learner, &err);
		learner->ops->destroy(learner);
	}
	lepton_dataset_release(data);
	return verdict_of(code, &err);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return scenario();
#if !defined(LEPTON_ERROR_INJECTION) || !defined(HAVE_LIBSVM) || !defined(HAVE_LIBLINEAR)
	printf("built without --enable-error-injection, LIBSVM or LIBLINEAR: skipped\n");
	return SKIPPED;
#endif
	return fail_all(argv[0], MOST_TURNS);
}
