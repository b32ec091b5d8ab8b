/* train/run_notes.c - what happened to a version, in words, for its curve and its history. */
#include "config.h"
#include "train/run_parts.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int lepton__run_note(
	struct lepton_run_version *version, double time, struct lepton_error *err, const char *fmt, ...)
{
	char what[256];
	va_list args;
	if (lepton__grow(&version->notes, &version->note_capacity, version->note_count + 1,
		    sizeof *version->notes))
		return lepton__run_nomem(err);
	va_start(args, fmt);
	int length = vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	struct lepton_note *note = &version->notes[version->note_count++];
	*note = (struct lepton_note){.time = time, .step = version->step};
	lepton__copy_name(note->what, sizeof note->what, length < 0 ? "" : what);
	return LEPTON_OK;
}

/* The word for a change of state that is worth a note; NULL for the routine ones. */
static const char *word(enum lepton_version_state from, enum lepton_version_state to)
{
	if (from == to)
		return NULL;
	if (from == LEPTON_ARCHIVED)
		return "restored";
	if (to == LEPTON_QUEUED || to == LEPTON_RUNNING)
		return from == LEPTON_PAUSED || from == LEPTON_STOPPED || from == LEPTON_FAILED ? "resumed"
												: NULL;
	return lepton_version_state_name(to);
}

int lepton__run_note_state(
	struct lepton_run_version *version, const struct lepton_event *event, struct lepton_error *err)
{
	const char *what = word(version->state, event->u.state.state);
	if (!what)
		return LEPTON_OK;
	const char *reason = lepton_text_get(event->u.state.reason);
	version->step = event->u.state.step;
	return lepton__run_note(version, event->time, err, "%s%s%s", what, *reason ? ": " : "", reason);
}

/* "cloned as x" on each parent of a new version. */
int lepton__run_note_child(
	struct lepton_run *run, const struct lepton_run_version *child, struct lepton_error *err)
{
	static const char *const ops[][2] = {
		{"clone", "cloned"}, {"compress", "compressed"}, {"fuse", "fused"}};
	cJSON *operation = cJSON_Parse(lepton_text_get(child->operation));
	const char *op = lepton__json_get_string(operation, "op", ""), *done = NULL;
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
		if (strcmp(ops[i][0], op) == 0)
			done = ops[i][1];
	for (int i = 0; done && !code && i < child->parent_count; i++) {
		struct lepton_run_version *parent = lepton_run_version(run, child->parents[i]);
		if (parent)
			code = lepton__run_note(parent, child->created, err, "%s as %s", done, child->name);
	}
	cJSON_Delete(operation);
	return code;
}
