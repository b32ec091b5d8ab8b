/* Every allocation that is made while a session keeps what an engine says fails once in turn: the run's
 * events, checkpoints and commands about its store, in cmd/keeper.c and the store under it. What could not be
 * kept is tried again, so all of it is in the store at the end, or the end says in one line that it is not;
 * and what is there is whole. Needs --enable-error-injection.
 */
#include "config.h"
#include "fail_alloc.h"
#include "cmd/keeper.h"
#include "train/engine_parts.h"
#include "base/memory.h"

#include <string.h>

#define MOST_TURNS 4000
#define CHECKPOINTS 5

static struct lepton_dataset *data;
static char hashes[CHECKPOINTS + 1][LEPTON_HASH_HEX]; /* of the weights at each step; [0]: none */

struct session {
	struct lepton_engine *engine;
	struct lepton_reader *reader;
	struct lepton_store *store;
	struct keeper *keeper;
};

static int tend(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	struct session *s = context;
	return keeper_tend(s->keeper, command, err);
}

static int begin(struct session *s, const char *dir)
{
	static uint8_t images[8], labels[8] = {0, 1, 0, 1, 0, 1, 0, 1};
	const struct lepton_shape sample = {1, {1}};
	const struct lepton_engine_options options = {
		.workers = 1, .environment = "{}", .tend = tend, .tend_context = s};
	return lepton_dataset_from_u8(images, labels, 8, 2, &sample, 2, 0, &data, NULL) ||
	       lepton_engine_create(&options, "test", 1, data, "{}", &s->engine, NULL) ||
	       lepton_reader_open(s->engine, true, &s->reader, NULL, NULL) ||
	       lepton_store_open(dir, LEPTON_STORE_WRITE, &s->store, NULL);
}

static void end(struct session *s)
{
	lepton_reader_close(s->reader);
	lepton_engine_free(s->engine);
	lepton_store_close(s->store);
	lepton_dataset_release(data);
}

/* ---- what is said ---- */

static struct lepton_event checkpoint_at(int64_t step)
{
	const struct lepton_tensor like = {.name = "k", .shape = {1, {64}}};
	struct lepton_event event = {.type = LEPTON_EVENT_CHECKPOINT, .version = 1};
	struct lepton_checkpoint *c = lepton__calloc(1, sizeof *c);
	c->references = 1;
	c->state.step = event.u.checkpoint.step = step;
	if (lepton_params_new(&like, 1, &c->state.weights, NULL))
		exit(WRONG);
	for (int i = 0; i < 64; i++)
		((float *)lepton_params_data(c->state.weights, 0))[i] = (float)(step * 64 + i);
	lepton_params_hash(c->state.weights, event.u.checkpoint.weights_hash);
	lepton__copy_name(hashes[step], LEPTON_HASH_HEX, event.u.checkpoint.weights_hash);
	event.u.checkpoint.checkpoint = c;
	return event;
}

static size_t make_events(struct lepton_event *out)
{
	size_t n = 0;
	out[n++] = (struct lepton_event){.type = LEPTON_EVENT_RUN, .u.run.spec = lepton_text_new("{}")};
	out[n] = (struct lepton_event){.type = LEPTON_EVENT_VERSION, .version = 1};
	strcpy(out[n].u.added.name, "v");
	strcpy(out[n++].u.added.learner, "network");
	for (int64_t step = 1; step <= CHECKPOINTS; step++) {
		out[n++] = (struct lepton_event){
			.type = LEPTON_EVENT_METRIC, .version = 1, .u.metric.step = step, .u.metric.loss = 1};
		out[n++] = (struct lepton_event){.type = LEPTON_EVENT_EPOCH,
			.version = 1,
			.u.epoch.epoch = step,
			.u.epoch.step = step};
		out[n++] = checkpoint_at(step);
	}
	out[n++] =
		(struct lepton_event){.type = LEPTON_EVENT_STATE, .version = 1, .u.state.state = LEPTON_DONE};
	return n;
}

/* As a run does it: events, a command about the store in the midst of them, the end. */
static void say_all(struct session *s, struct lepton_event *events, size_t count)
{
	struct lepton_command mark = {.type = LEPTON_CMD_KEEP, .count = 1, .versions = {1}};
	struct lepton_event last = {.type = LEPTON_EVENT_END};
	struct lepton_error err;
	for (size_t i = 0; i < count; i++) {
		lepton__say(s->engine, &events[i]);
		if (i == count / 2 && keeper_tend(s->keeper, &mark, &err) && err.code != LEPTON_E_NOMEM)
			exit(WRONG);
	}
	lepton__say(s->engine, &last);
}

/* ---- what came of it ---- */

static int complain(const char *what)
{
	printf("%s\n", what);
	return WRONG;
}

static void hear(const char *line, void *arg)
{
	(void)arg;
	printf("%s\n", line);
}

/* kept: the keeper has said that all is. */
static int look(const char *dir, bool kept)
{
	struct lepton_store *store;
	struct lepton_checkpoint *newest = NULL;
	struct lepton_error err = {0};
	struct lepton_run run;
	char hash[LEPTON_HASH_HEX] = "";
	int verdict = ALL_WELL;
	lepton_run_init(&run);
	if (lepton_store_open(dir, LEPTON_STORE_WRITE, &store, &err) ||
		lepton_store_verify(store, hear, NULL, &err) || lepton_store_load_run(store, &run, &err))
		return complain(err.message);
	int code = lepton_store_load_checkpoint(store, 1, -1, &newest, &err);
	if (newest)
		lepton_params_hash(newest->state.weights, hash);
	if (newest && strcmp(hash, hashes[newest->state.step]) != 0)
		verdict = complain("a checkpoint that was never said");
	if (kept && (code || newest->state.step != CHECKPOINTS))
		verdict = complain("the newest checkpoint is not there");
	if (kept && (run.version_count != 1 || run.versions[0]->epochs_done.count != CHECKPOINTS ||
			    run.versions[0]->state != LEPTON_DONE))
		verdict = complain("what was said is not all there");
	lepton_checkpoint_release(newest);
	lepton_run_clear(&run);
	lepton_store_close(store);
	return verdict;
}

static int play(const char *dir, long n)
{
	struct lepton_event events[3 * CHECKPOINTS + 8];
	struct session s = {NULL, NULL, NULL, NULL};
	struct lepton_error err = {0};
	char wish[16];
	if (begin(&s, dir))
		return complain("the session did not begin");
	size_t count = make_events(events);
	snprintf(wish, sizeof wish, "%ld", n);
	setenv("LEPTON_FAIL_ALLOC", wish, 1);
#ifdef LEPTON_ERROR_INJECTION
	(void)lepton__alloc_calls();
#endif
	int code = keeper_start(s.store, s.engine, s.reader, &s.keeper, &err);
	if (!code)
		say_all(&s, events, count);
	if (!code)
		code = keeper_end(s.keeper, false, &err);
	unsetenv("LEPTON_FAIL_ALLOC");
	long calls = 0;
#ifdef LEPTON_ERROR_INJECTION
	calls = lepton__alloc_calls();
#endif
	end(&s);
	for (size_t i = 0; i < count; i++)
		lepton_event_clear(&events[i]);
	if (code && (!*err.message || strchr(err.message, '\n') || !strstr(err.message, "memory")))
		return complain("not said in one line");
	int verdict = look(dir, code == LEPTON_OK);
	return verdict != ALL_WELL ? verdict : n && calls >= n ? RAN_OUT : ALL_WELL;
}

static int turn(void)
{
	char folder[] = "/tmp/lepton-keeper-XXXXXX", dir[64], command[64];
	long n = atol(getenv("LEPTON_FAIL_ALLOC"));
	unsetenv("LEPTON_FAIL_ALLOC");
	if (!mkdtemp(folder))
		return WRONG;
	snprintf(dir, sizeof dir, "%s/store", folder);
	int verdict = play(dir, n);
	if (verdict == WRONG)
		printf("at %ld\n", n);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) ? WRONG : verdict;
}

int main(int argc, char **argv)
{
	return fail_main(argc, argv, turn, MOST_TURNS);
}
