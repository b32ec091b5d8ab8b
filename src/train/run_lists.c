/* train/run_lists.c - jobs, log lines and aliases. The first two are bounded: a run may last for days. */
#include "config.h"
#include "train/run_parts.h"
#include "base/memory.h"

#include <string.h>

#define JOBS_KEPT 1000
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
