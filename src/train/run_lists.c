/* train/run_lists.c - jobs, barriers, log lines and aliases. All but the last are bounded: a run may last for
 * days. */
#include "config.h"
#include "train/run_parts.h"
#include "base/json.h"
#include "base/memory.h"

#include <string.h>

#define JOBS_KEPT 1000
#define BARRIERS_KEPT 1000
#define LOG_KEPT 10000
#define LOG_DROP 1000 /* at a time, so that a full log does not move at every line */

static struct lepton_run_job *find_job(struct lepton_run *run, int64_t id)
{
	for (size_t i = run->job_count; i > 0; i--)
		if (run->jobs[i - 1].job == id)
			return &run->jobs[i - 1];
	return NULL;
}

static struct lepton_run_job *new_job(struct lepton_run *run, const struct lepton_event *event)
{
	if (run->job_count == JOBS_KEPT) {
		memmove(run->jobs, run->jobs + 1, (JOBS_KEPT - 1) * sizeof *run->jobs);
		run->job_count--;
	}
	if (lepton__grow(&run->jobs, &run->job_capacity, run->job_count + 1, sizeof *run->jobs))
		return NULL;
	struct lepton_run_job *job = &run->jobs[run->job_count++];
	*job = (struct lepton_run_job){.job = event->u.job.job, .started = event->time};
	return job;
}

int lepton__run_job(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	struct lepton_run_job *job = find_job(run, event->u.job.job);
	if (!job)
		job = new_job(run, event);
	if (!job)
		return lepton__run_nomem(err);
	/* Jobs are counted anew when a store is opened again. */
	if (job->state != LEPTON_JOB_RUNNING && event->u.job.state == LEPTON_JOB_RUNNING)
		job->started = event->time;
	job->version = event->version;
	job->result = event->u.job.result;
	job->state = event->u.job.state;
	job->progress = event->u.job.progress;
	job->updated = event->time;
	lepton__copy_name(job->kind, sizeof job->kind, event->u.job.kind);
	lepton__copy_name(job->method, sizeof job->method, event->u.job.method);
	lepton__copy_name(job->message, sizeof job->message, lepton_text_get(event->u.job.message));
	return LEPTON_OK;
}

const struct lepton_run_barrier *lepton_run_barrier(const struct lepton_run *run, int64_t a, int64_t b)
{
	for (size_t i = run->barrier_count; i > 0; i--)
		if (run->barriers[i - 1].ends[0] == a && run->barriers[i - 1].ends[1] == b)
			return &run->barriers[i - 1];
	return NULL;
}

/* What was measured of the pair before goes, or the oldest of all when there are too many. */
static void drop_barrier(struct lepton_run *run, const int64_t ends[2])
{
	const struct lepton_run_barrier *old = lepton_run_barrier(run, ends[0], ends[1]);
	size_t at = old ? (size_t)(old - run->barriers) : 0;
	if (!old && run->barrier_count < BARRIERS_KEPT)
		return;
	lepton_text_release(run->barriers[at].detail);
	memmove(&run->barriers[at], &run->barriers[at + 1],
		(run->barrier_count - at - 1) * sizeof *run->barriers);
	run->barrier_count--;
}

/* A detail that names no two versions is no barrier's, and passed over. */
int lepton__run_barrier(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	cJSON *detail = cJSON_Parse(lepton_text_get(event->u.job.detail));
	const cJSON *versions = cJSON_GetObjectItemCaseSensitive(detail, "versions");
	int64_t ends[2];
	for (int i = 0; i < 2; i++)
		ends[i] = lepton__json_get_int(cJSON_GetArrayItem(versions, i), "id", 0);
	cJSON_Delete(detail);
	if (ends[0] < 1 || ends[1] < 1)
		return LEPTON_OK;
	drop_barrier(run, ends);
	if (lepton__grow(
		    &run->barriers, &run->barrier_capacity, run->barrier_count + 1, sizeof *run->barriers))
		return lepton__run_nomem(err);
	run->barriers[run->barrier_count++] = (struct lepton_run_barrier){.ends = {ends[0], ends[1]},
		.time = event->time,
		.detail = lepton_text_retain(event->u.job.detail)};
	return LEPTON_OK;
}

int lepton__run_log(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	if (run->log_count == LOG_KEPT) {
		for (size_t i = 0; i < LOG_DROP; i++)
			lepton_text_release(run->log[i].line);
		memmove(run->log, run->log + LOG_DROP, (LOG_KEPT - LOG_DROP) * sizeof *run->log);
		run->log_count -= LOG_DROP;
	}
	if (lepton__grow(&run->log, &run->log_capacity, run->log_count + 1, sizeof *run->log))
		return lepton__run_nomem(err);
	run->log[run->log_count++] = (struct lepton_run_log){.time = event->time,
		.version = event->version,
		.level = event->u.log.level,
		.line = lepton_text_retain(event->u.log.line)};
	return LEPTON_OK;
}

static struct lepton_run_alias *alias_place(struct lepton_run *run, const char *alias)
{
	for (size_t i = 0; i < run->alias_count; i++)
		if (strcmp(run->aliases[i].alias, alias) == 0)
			return &run->aliases[i];
	if (lepton__grow(&run->aliases, &run->alias_capacity, run->alias_count + 1, sizeof *run->aliases))
		return NULL;
	return &run->aliases[run->alias_count++];
}

int lepton__run_set_alias(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	struct lepton_run_alias *alias = alias_place(run, event->u.alias.alias);
	struct lepton_run_version *target = lepton_run_version(run, event->u.alias.target);
	if (!alias)
		return lepton__run_nomem(err);
	*alias = (struct lepton_run_alias){
		.target = event->u.alias.target, .previous = event->u.alias.previous, .time = event->time};
	lepton__copy_name(alias->alias, sizeof alias->alias, event->u.alias.alias);
	lepton__copy_name(alias->weights_hash, sizeof alias->weights_hash, event->u.alias.weights_hash);
	if (!target)
		return LEPTON_OK;
	return lepton__run_note(target, event->time, err, "%s %s",
		event->u.alias.rollback ? "rolled back to by" : "promoted to", alias->alias);
}
