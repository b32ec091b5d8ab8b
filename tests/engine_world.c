/* tests/engine_world.c - see engine_world.h. */
#include "engine_world.h"
#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

struct world *world_of(struct lepton_dataset *data, struct lepton_engine_options options, const char *spec)
{
	struct world *w = calloc(1, sizeof *w);
	assert_non_null(w);
	options.environment = "{}";
	if (!(options.metric_seconds > 0))
		options.metric_seconds = -1;
	lepton_run_init(&w->run);
	assert_int_equal(lepton_engine_create(&options, "test", 1, data, spec, &w->engine, NULL), 0);
	assert_int_equal(lepton_reader_open(w->engine, true, &w->reader, NULL, NULL), 0);
	return w;
}

struct world *world_with(struct lepton_dataset *data, struct lepton_engine_options options)
{
	return world_of(data, options, "{}");
}

struct world *world_new(struct lepton_dataset *data)
{
	return world_with(data, (struct lepton_engine_options){.workers = 1});
}

bool world_next(struct world *w, double timeout)
{
	struct lepton_event e;
	if (!lepton_reader_next(w->reader, timeout, &e))
		return false;
	assert_int_equal(lepton_run_apply(&w->run, &e, NULL), 0);
	if (e.type == LEPTON_EVENT_CHECKPOINT) {
		lepton_checkpoint_release(w->last);
		w->last = lepton_checkpoint_retain(e.u.checkpoint.checkpoint);
		if (e.version < WORLD_VERSIONS) {
			lepton_checkpoint_release(w->kept[e.version]);
			w->kept[e.version] = lepton_checkpoint_retain(e.u.checkpoint.checkpoint);
		}
	}
	if (e.type == LEPTON_EVENT_REPLY) {
		w->replied = e.u.reply.ticket;
		w->code = e.u.reply.code;
		snprintf(w->message, sizeof w->message, "%s", lepton_text_get(e.u.reply.message));
	}
	lepton_event_clear(&e);
	return true;
}

void drain(struct world *w)
{
	while (world_next(w, 0))
		;
}

void world_free(struct world *w)
{
	lepton_engine_free(w->engine);
	drain(w);
	lepton_reader_close(w->reader);
	lepton_checkpoint_release(w->last);
	for (int i = 0; i < WORLD_VERSIONS; i++)
		lepton_checkpoint_release(w->kept[i]);
	lepton_run_clear(&w->run);
	free(w);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* not a zombie is left */
	assert_int_equal(errno, ECHILD);
}

int64_t add(struct world *w, const char *name, const char *learner, const char *config)
{
	struct lepton_error err = {0};
	struct lepton_spec_version v = {.config = strdup(config), .seed = 42, .priority = 1};
	int64_t id = 0;
	snprintf(v.name, sizeof v.name, "%s", name);
	snprintf(v.learner, sizeof v.learner, "%s", learner);
	int code = lepton_engine_add(w->engine, &v, &id, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	free(v.config);
	drain(w);
	return id;
}

void start(struct world *w)
{
	assert_int_equal(lepton_engine_start(w->engine, NULL), 0);
}

int64_t last_of(const struct world *w)
{
	return w->run.versions[w->run.version_count - 1]->id;
}

const struct lepton_run_version *see(const struct world *w, int64_t id)
{
	const struct lepton_run_version *v = lepton_run_version(&w->run, id);
	assert_non_null(v);
	return v;
}

void await(struct world *w, bool (*is)(struct world *w, int64_t id, int64_t what), int64_t id, int64_t what)
{
	double until = lepton__monotonic() + WORLD_PATIENCE;
	while (!is(w, id, what)) {
		world_next(w, 0.05);
		if (lepton__monotonic() > until)
			fail_msg("version #%d is %s (%s) at step %d", (int)id,
				lepton_version_state_name(see(w, id)->state), see(w, id)->reason,
				(int)see(w, id)->step);
	}
}

bool in_state(struct world *w, int64_t id, int64_t what)
{
	return lepton_run_version(&w->run, id) && (int64_t)see(w, id)->state == what;
}
bool at_step(struct world *w, int64_t id, int64_t what)
{
	return see(w, id)->step >= what;
}

bool at_epoch(struct world *w, int64_t id, int64_t what)
{
	const struct lepton_epochs *e = &see(w, id)->epochs_done;
	return e->count && e->epoch[e->count - 1] >= what;
}

const char *logged(const struct world *w, const char *text)
{
	for (size_t i = 0; i < w->run.log_count; i++)
		if (strstr(lepton_text_get(w->run.log[i].line), text))
			return lepton_text_get(w->run.log[i].line);
	return NULL;
}
static const char *awaited_text;
static bool has_logged(struct world *w, int64_t id, int64_t what)
{
	(void)id, (void)what;
	return logged(w, awaited_text) != NULL;
}
void await_log(struct world *w, int64_t id, const char *text)
{
	awaited_text = text;
	await(w, has_logged, id, 0);
}

uint64_t submit(struct world *w, struct lepton_command command, const char *settings)
{
	command.ticket = ++w->ticket;
	command.settings = settings ? lepton_text_new(settings) : NULL;
	assert_int_equal(lepton_engine_submit(w->engine, &command, NULL), 0);
	lepton_command_clear(&command);
	return w->ticket;
}

void await_reply(struct world *w, uint64_t ticket)
{
	double until = lepton__monotonic() + WORLD_PATIENCE;
	while (w->replied != ticket && lepton__monotonic() < until)
		world_next(w, 0.05);
	assert_int_equal(w->replied, ticket);
}

bool job_begun(struct world *w, int64_t id, int64_t what)
{
	(void)id, (void)what;
	return w->run.job_count && w->run.jobs[w->run.job_count - 1].progress > 0;
}

int order(struct world *w, struct lepton_command command, const char *settings)
{
	await_reply(w, submit(w, command, settings));
	return w->code;
}

int steer(struct world *w, enum lepton_command_type type, int64_t id)
{
	return order(w, (struct lepton_command){.type = type, .count = 1, .versions = {id}}, NULL);
}

void expect(const char *sentence, const char *text)
{
	if (!strstr(sentence, text))
		fail_msg("\"%s\" does not say \"%s\"", sentence, text);
}

/* Gone, or a zombie that is not ours to reap. */
bool dead(long pid)
{
	char path[64], state = 'X';
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	FILE *file = fopen(path, "r");
	if (!file)
		return true;
	int got = fscanf(file, "%*d (%*[^)]) %c", &state);
	fclose(file);
	return got != 1 || state == 'Z' || state == 'X';
}

void await_death(long pid)
{
	double until = lepton__monotonic() + WORLD_PATIENCE;
	while (!dead(pid) && lepton__monotonic() < until)
		lepton__sleep(0.01);
	assert_true(dead(pid));
}
