/* tui/act_steer.c - commands on versions that exist: pause, stop, archive, evaluate, checkpoint, priority.
 *
 * They go to all marked versions, or to the selected one when none is marked. Only those are asked
 * of which the engine would not refuse it; a key pressed by mistake is answered in words.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/popup.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define TARGETS 4096

struct targets {
	int64_t ids[TARGETS];
	size_t count;
};

static unsigned bit(enum lepton_version_state state)
{
	return 1u << state;
}

static const unsigned alive = 1u << LEPTON_QUEUED | 1u << LEPTON_RUNNING;
static const unsigned resumable = 1u << 31; /* no state: what resume has a meaning for */

/* An external program can be started again whenever it is not there; stopping our own is for good. */
static bool resumes(const struct lepton_run_version *version)
{
	const struct lepton_learner_ops *ops = lepton_learner_find(version->learner);
	bool again = ops && ops->outside && (version->state == LEPTON_STOPPED || version->state == LEPTON_FAILED);
	return version->state == LEPTON_PAUSED || again;
}

/* The targets whose state is among `states`. */
static size_t targets(const struct lepton__app *app, unsigned states, int64_t *ids, size_t max)
{
	int64_t all[TARGETS];
	size_t count = lepton__dash_targets(&app->dash, all, TARGETS), kept = 0;
	for (size_t i = 0; i < count && kept < max; i++) {
		const struct lepton_run_version *version = lepton_run_version(app->dash.run, all[i]);
		if (version && ((bit(version->state) & states) || ((states & resumable) && resumes(version))))
			ids[kept++] = all[i];
	}
	return kept;
}

static bool any(const struct lepton__app *app, unsigned states)
{
	int64_t id;
	return targets(app, states, &id, 1) > 0;
}

/* One command takes at most LEPTON_MAX_PARENTS versions. inverse < 0: cannot be undone. */
static void send(struct lepton__app *app, enum lepton_command_type type, const int64_t *ids, size_t count,
	int inverse, const char *verb)
{
	for (size_t from = 0; from < count; from += LEPTON_MAX_PARENTS) {
		size_t part = count - from < LEPTON_MAX_PARENTS ? count - from : LEPTON_MAX_PARENTS;
		struct lepton_command command = {.type = type, .count = (int)part}, back;
		memcpy(command.versions, ids + from, part * sizeof *ids);
		back = command;
		back.type = (enum lepton_command_type)(inverse < 0 ? 0 : inverse);
		char names[128], doing[96];
		lepton__name_list(app, ids + from, part, names, sizeof names);
		lepton__print(doing, sizeof doing, "%s %.80s", verb, names);
		lepton__app_command(app, &command, inverse < 0 ? NULL : &back, false, doing);
	}
}

bool lepton__has_targets(const struct lepton__app *app, const char **why)
{
	*why = "no version is selected or marked";
	return any(app, ~0u);
}

bool lepton__has_selected(const struct lepton__app *app, const char **why)
{
	*why = "no version is selected";
	return lepton__dash_selected(&app->dash) != NULL;
}

bool lepton__selected_trained(const struct lepton__app *app, const char **why)
{
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	*why = version ? "it has no weights yet: let it train first" : "no version is selected";
	return version &&
	       (version->state != LEPTON_QUEUED || version->step > 0 || version->checkpoint_step >= 0);
}

bool lepton__can_pause(const struct lepton__app *app, const char **why)
{
	*why = "it is not training: only queued, running and paused versions can be paused or resumed";
	return any(app, alive | resumable);
}

const char *lepton__now_pause(const struct lepton__app *app)
{
	return any(app, alive) ? "pause" : "resume";
}

void lepton__act_pause(struct lepton__app *app)
{
	int64_t ids[TARGETS];
	size_t count = targets(app, alive, ids, TARGETS);
	if (count) {
		send(app, LEPTON_CMD_PAUSE, ids, count, LEPTON_CMD_RESUME, "pause");
		return;
	}
	count = targets(app, resumable, ids, TARGETS);
	send(app, LEPTON_CMD_RESUME, ids, count, LEPTON_CMD_PAUSE, "resume");
}

bool lepton__can_stop(const struct lepton__app *app, const char **why)
{
	*why = "it is not training";
	return any(app, alive | bit(LEPTON_PAUSED));
}

/* All that were asked about: nothing is marked or selected while the question stands. */
static void stop_now(struct lepton__app *app, struct lepton__confirm *confirm)
{
	int64_t ids[TARGETS];
	size_t count = targets(app, alive | bit(LEPTON_PAUSED), ids, TARGETS);
	(void)confirm;
	send(app, LEPTON_CMD_STOP, ids, count, -1, "stop");
}

/* What is lost and kept. One call into a library leaves nothing before its end. */
static const char *stop_detail(const struct lepton__app *app, const int64_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct lepton_run_version *version = lepton_run_version(app->dash.run, ids[i]);
		const struct lepton_learner_ops *ops = version ? lepton_learner_find(version->learner) : NULL;
		if (!ops || !ops->outside || ops->foreign || version->checkpoint_step >= 0)
			return lepton__spell(
				"Training ends for good; the weights so far are kept and can be compressed, "
				"fused, promoted or cloned. This cannot be undone: to go on later, pause "
				"instead ({pause}).");
	}
	return lepton__spell(
		"Nothing is kept of a training that has not ended: {pause} then starts it from the "
		"beginning. To go on later, pause instead ({pause}).");
}

void lepton__act_stop(struct lepton__app *app)
{
	int64_t ids[TARGETS];
	char names[128];
	size_t count = targets(app, alive | bit(LEPTON_PAUSED), ids, TARGETS);
	struct lepton__confirm *confirm = lepton__confirm_open(app, stop_now);
	if (!confirm)
		return;
	lepton__name_list(app, ids, count, names, sizeof names);
	lepton__print(confirm->question, sizeof confirm->question, "Stop %s?", names);
	lepton__copy_name(confirm->detail, sizeof confirm->detail, stop_detail(app, ids, count));
	lepton__copy_name(confirm->yes, sizeof confirm->yes, "yes, stop");
	lepton__copy_name(confirm->no, sizeof confirm->no, "no, let it train");
}

bool lepton__can_archive(const struct lepton__app *app, const char **why)
{
	*why = "it is still training: stop it first ({stop})";
	return any(app, ~alive);
}

const char *lepton__now_archive(const struct lepton__app *app)
{
	return any(app, ~(alive | bit(LEPTON_ARCHIVED))) ? "archive" : "restore";
}

void lepton__act_archive(struct lepton__app *app)
{
	int64_t ids[TARGETS];
	size_t count = targets(app, ~(alive | bit(LEPTON_ARCHIVED)), ids, TARGETS);
	if (count) {
		send(app, LEPTON_CMD_ARCHIVE, ids, count, LEPTON_CMD_RESTORE, "archive");
		return;
	}
	count = targets(app, bit(LEPTON_ARCHIVED), ids, TARGETS);
	send(app, LEPTON_CMD_RESTORE, ids, count, LEPTON_CMD_ARCHIVE, "restore");
}

bool lepton__can_evaluate(const struct lepton__app *app, const char **why)
{
	*why = "it has no weights yet: let it train first";
	return any(app, ~bit(LEPTON_QUEUED));
}

void lepton__act_evaluate(struct lepton__app *app)
{
	int64_t ids[TARGETS];
	size_t count = targets(app, ~bit(LEPTON_QUEUED), ids, TARGETS);
	for (size_t i = 0; i < count; i++) /* each has its own answer */
		send(app, LEPTON_CMD_EVALUATE, &ids[i], 1, -1, "evaluate");
}

void lepton__act_checkpoint(struct lepton__app *app)
{
	int64_t ids[TARGETS];
	size_t count = targets(app, ~0u, ids, TARGETS);
	send(app, LEPTON_CMD_CHECKPOINT, ids, count, -1, "checkpoint");
}

/* Each has its own; those that were one act are undone together. */
void lepton__set_priority(struct lepton__app *app, const struct lepton_run_version *version, double value)
{
	struct lepton_command command = {.type = LEPTON_CMD_PRIORITY, .count = 1, .versions = {version->id}};
	struct lepton_command back = command;
	char doing[96];
	command.value = value;
	back.value = version->priority;
	lepton__print(doing, sizeof doing, "priority %g for %.60s", command.value, version->name);
	lepton__app_command(app, &command, &back, false, doing);
}

static void priority(struct lepton__app *app, double factor)
{
	int64_t ids[TARGETS];
	size_t count = targets(app, alive | resumable, ids, TARGETS);
	for (size_t i = 0; i < count; i++) {
		const struct lepton_run_version *version = lepton_run_version(app->dash.run, ids[i]);
		lepton__set_priority(
			app, version, version->priority > 0 ? version->priority * factor : factor);
	}
}

void lepton__act_raise(struct lepton__app *app)
{
	priority(app, 2);
}

void lepton__act_lower(struct lepton__app *app)
{
	priority(app, 0.5);
}

/* ---- all there are, marked or not ---- */

static size_t all_of(const struct lepton__app *app, enum lepton_version_state first,
	enum lepton_version_state last, int64_t *ids, size_t max)
{
	size_t count = 0;
	for (size_t i = 0; i < app->dash.run->version_count && count < max; i++) {
		const struct lepton_run_version *version = app->dash.run->versions[i];
		if (version->state >= first && version->state <= last)
			ids[count++] = version->id;
	}
	return count;
}

bool lepton__can_pause_all(const struct lepton__app *app, const char **why)
{
	int64_t id;
	*why = "nothing trains or waits to";
	return all_of(app, LEPTON_QUEUED, LEPTON_RUNNING, &id, 1) > 0;
}

bool lepton__can_resume_all(const struct lepton__app *app, const char **why)
{
	int64_t id;
	*why = "nothing is paused";
	return all_of(app, LEPTON_PAUSED, LEPTON_PAUSED, &id, 1) > 0;
}

void lepton__act_pause_all(struct lepton__app *app)
{
	int64_t ids[TARGETS];
	size_t count = all_of(app, LEPTON_QUEUED, LEPTON_RUNNING, ids, TARGETS);
	send(app, LEPTON_CMD_PAUSE, ids, count, LEPTON_CMD_RESUME, "pause");
}

void lepton__act_resume_all(struct lepton__app *app)
{
	int64_t ids[TARGETS];
	size_t count = all_of(app, LEPTON_PAUSED, LEPTON_PAUSED, ids, TARGETS);
	send(app, LEPTON_CMD_RESUME, ids, count, LEPTON_CMD_PAUSE, "resume");
}
