/* tests/test_engine_memory.c - every allocation of an engine that trains fails once in turn, from its start
 * to the versions' end. A version that is done has given its last weights; one that could not says so and has
 * failed; and the other one is not touched by it. Needs --enable-error-injection.
 */
#include "config.h"
#include "corner_make.h"
#include "fail_alloc.h"
#include "lepton/engine.h"
#include "base/memory.h"

#include <string.h>

#define MOST_TURNS 4000
#define PATIENCE 20.0
#define EPOCHS 2

struct fate {
	int64_t kept; /* the step of the last weights it gave; -1: none */
	int64_t step; /* its last epoch's */
	enum lepton_version_state state;
	char reason[200];
};

static struct fate fates[2];

static int complain(const char *what)
{
	printf("%s\n", what);
	return WRONG;
}

static int add_versions(struct lepton_engine *engine, struct lepton_error *err)
{
	char network[600], tree[] = "{\"max_depth\":3}";
	struct lepton_spec_version
		v = {.name = "net", .learner = "network", .seed = 1, .priority = 1, .config = network},
		w = {.name = "tree", .learner = "decision_tree", .seed = 1, .priority = 1, .config = tree};
	int64_t id;
	corner_config(network, sizeof network, EPOCHS, "");
	return lepton_engine_add(engine, &v, &id, err) || lepton_engine_add(engine, &w, &id, err);
}

static void follow(const struct lepton_event *event)
{
	struct fate *fate = &fates[event->version == 2];
	if (event->version < 1)
		return;
	if (event->type == LEPTON_EVENT_CHECKPOINT)
		fate->kept = event->u.checkpoint.step;
	if (event->type == LEPTON_EVENT_EPOCH)
		fate->step = event->u.epoch.step;
	if (event->type == LEPTON_EVENT_STATE) {
		fate->state = event->u.state.state;
		snprintf(fate->reason, sizeof fate->reason, "%s", lepton_text_get(event->u.state.reason));
	}
}

static bool ended(const struct fate *fate)
{
	return fate->state == LEPTON_DONE || fate->state == LEPTON_FAILED;
}

static void await_end(struct lepton_reader *reader)
{
	struct lepton_event event;
	while (!(ended(&fates[0]) && ended(&fates[1])) && lepton_reader_next(reader, PATIENCE, &event) == 1) {
		follow(&event);
		lepton_event_clear(&event);
	}
}

/* An event that there was no memory for was not heard of. */
static int judge(size_t missed)
{
	int failed = 0;
	for (int i = 0; i < 2 && !missed; i++) {
		const struct fate *fate = &fates[i];
		failed += fate->state == LEPTON_FAILED;
		if (!ended(fate))
			return complain("a version did not end");
		if (fate->state == LEPTON_DONE && (fate->kept < 1 || fate->kept != fate->step))
			return complain("a version is done, and its weights were not given");
		if (fate->state == LEPTON_FAILED && !strstr(fate->reason, "memory"))
			return complain(fate->reason);
	}
	return failed > 1 ? complain("both failed of one allocation") : ALL_WELL;
}

static int train(struct lepton_engine *engine, struct lepton_reader *reader, long n)
{
	char wish[16];
	long calls = 0;
	struct lepton_error err = {0};
	snprintf(wish, sizeof wish, "%ld", n);
	setenv("LEPTON_FAIL_ALLOC", wish, 1);
#ifdef LEPTON_ERROR_INJECTION
	(void)lepton__alloc_calls();
#endif
	int code = lepton_engine_start(engine, &err);
	if (!code)
		await_end(reader);
#ifdef LEPTON_ERROR_INJECTION
	calls = lepton__alloc_calls();
#endif
	unsetenv("LEPTON_FAIL_ALLOC");
	if (code)
		return strstr(err.message, "memory") ? RAN_OUT : complain(err.message);
	int verdict = judge(lepton_reader_missed(reader));
	return verdict != ALL_WELL ? verdict : n && calls >= n ? RAN_OUT : ALL_WELL;
}

static int turn(void)
{
	const struct lepton_engine_options options = {.workers = 1, .environment = "{}"};
	struct lepton_dataset *data;
	struct lepton_engine *engine;
	struct lepton_reader *reader;
	struct lepton_error err = {0};
	long n = atol(getenv("LEPTON_FAIL_ALLOC"));
	unsetenv("LEPTON_FAIL_ALLOC");
	fates[0].kept = fates[1].kept = -1;
	if (make_corner(200, 40, 0.2, &data) ||
		lepton_engine_create(&options, "memory", 1, data, "{}", &engine, &err) ||
		lepton_reader_open(engine, false, &reader, NULL, &err) || add_versions(engine, &err))
		return complain(err.message);
	int verdict = train(engine, reader, n);
	if (verdict == WRONG)
		printf("at %ld\n", n);
	lepton_reader_close(reader);
	lepton_engine_free(engine);
	lepton_dataset_release(data);
	return verdict;
}

int main(int argc, char **argv)
{
	return fail_main(argc, argv, turn, MOST_TURNS);
}
