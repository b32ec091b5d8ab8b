/* train/event.c - copying and clearing events, checkpoints shared by reference, names of enums.
 *
 * An event is a plain struct; all it owns are references to texts and to a checkpoint. Which ones a
 * type has is said once, in owned(), and copy and clear both follow it.
 */
#include "config.h"
#include "train/names.h"
#include "base/memory.h"

#define MAX_TEXTS 3

static const char *const event_types[] = {"run", "version", "state", "metric", "epoch", "test", "checkpoint",
	"job", "alias", "log", "reply", "labels", "priority", "node", "end", NULL};
static const char *const states[] = {
	"queued", "running", "paused", "done", "stopped", "failed", "archived", NULL};
static const char *const job_states[] = {"running", "done", "failed", NULL};
static const char *const levels[] = {"info", "warning", "error", NULL};

const char *const *const lepton__event_names = event_types;
const char *const *const lepton__state_names = states;
const char *const *const lepton__job_state_names = job_states;
const char *const *const lepton__level_names = levels;

/* Fills the places of the texts an event owns; returns how many. */
static int owned(struct lepton_event *event, struct lepton_text **places[MAX_TEXTS])
{
	switch (event->type) {
	case LEPTON_EVENT_RUN:
		places[0] = &event->u.run.environment;
		places[1] = &event->u.run.data;
		places[2] = &event->u.run.spec;
		return 3;
	case LEPTON_EVENT_VERSION:
		places[0] = &event->u.added.operation;
		places[1] = &event->u.added.hyperparameters;
		return 2;
	case LEPTON_EVENT_STATE:
		places[0] = &event->u.state.reason;
		return 1;
	case LEPTON_EVENT_TEST:
		places[0] = &event->u.test.report;
		return 1;
	case LEPTON_EVENT_CHECKPOINT:
		places[0] = &event->u.checkpoint.importance;
		return 1;
	case LEPTON_EVENT_JOB:
		places[0] = &event->u.job.message;
		places[1] = &event->u.job.detail;
		return 2;
	case LEPTON_EVENT_LOG:
		places[0] = &event->u.log.line;
		return 1;
	case LEPTON_EVENT_REPLY:
		places[0] = &event->u.reply.message;
		return 1;
	case LEPTON_EVENT_LABELS:
		places[0] = &event->u.labels.tags;
		places[1] = &event->u.labels.note;
		return 2;
	case LEPTON_EVENT_NODE:
		places[0] = &event->u.node.workers;
		places[1] = &event->u.node.sharded;
		return 2;
	default:
		return 0;
	}
}

const char *lepton_version_state_name(enum lepton_version_state state)
{
	return (unsigned)state <= LEPTON_ARCHIVED ? states[state] : "unknown";
}

struct lepton_checkpoint *lepton_checkpoint_retain(struct lepton_checkpoint *checkpoint)
{
	if (checkpoint)
		__atomic_add_fetch(&checkpoint->references, 1, __ATOMIC_RELAXED);
	return checkpoint;
}

void lepton_checkpoint_release(struct lepton_checkpoint *checkpoint)
{
	if (!checkpoint || __atomic_sub_fetch(&checkpoint->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	lepton_state_clear(&checkpoint->state);
	lepton_params_release(checkpoint->encoded);
	lepton_params_release(checkpoint->base);
	lepton__free(checkpoint);
}

bool lepton_event_passes(enum lepton_event_type type)
{
	return type == LEPTON_EVENT_METRIC || type == LEPTON_EVENT_NODE;
}

void lepton_event_copy(struct lepton_event *to, const struct lepton_event *from)
{
	struct lepton_text **places[MAX_TEXTS];
	*to = *from;
	int count = owned(to, places);
	for (int i = 0; i < count; i++)
		lepton_text_retain(*places[i]);
	if (to->type == LEPTON_EVENT_CHECKPOINT)
		lepton_checkpoint_retain(to->u.checkpoint.checkpoint);
}

void lepton_event_clear(struct lepton_event *event)
{
	struct lepton_text **places[MAX_TEXTS];
	int count = owned(event, places);
	for (int i = 0; i < count; i++)
		lepton_text_release(*places[i]);
	if (event->type == LEPTON_EVENT_CHECKPOINT)
		lepton_checkpoint_release(event->u.checkpoint.checkpoint);
	*event = (struct lepton_event){.type = LEPTON_EVENT_END};
}
