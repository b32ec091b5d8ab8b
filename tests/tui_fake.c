/* tests/tui_fake.c - see tui_fake.h. */
#include "config.h"
#include "tui_fake.h"
#include "base/json.h"
#include "base/labels.h"
#include "base/memory.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lepton_event *say(struct fake *fake, enum lepton_event_type type, int64_t version)
{
	assert(fake->count < FAKE_EVENTS);
	struct lepton_event *event = &fake->queue[(fake->first + fake->count++) % FAKE_EVENTS];
	*event = (struct lepton_event){.type = type,
		.version = version,
		.time = 1700000180,
		.serial = fake->run->serial + fake->count};
	return event;
}

static void say_state(struct fake *fake, int64_t id, enum lepton_version_state state)
{
	const struct lepton_run_version *version = lepton_run_version(fake->run, id);
	struct lepton_event *event = say(fake, LEPTON_EVENT_STATE, id);
	event->u.state.state = state;
	event->u.state.step = version ? version->step : 0;
	event->u.state.seconds = version ? version->seconds : 0;
}

static void say_job(struct fake *fake, const struct lepton_command *command, double progress, int64_t result)
{
	struct lepton_event *event = say(fake, LEPTON_EVENT_JOB, command->versions[0]);
	event->u.job.job = (int64_t)command->ticket;
	snprintf(event->u.job.kind, sizeof event->u.job.kind, "%s", lepton_command_name(command->type));
	memcpy(event->u.job.method, command->method, sizeof command->method);
	event->u.job.state = result ? LEPTON_JOB_DONE : LEPTON_JOB_RUNNING;
	event->u.job.progress = progress;
	event->u.job.result = result;
}

static const char *operation_of(const struct lepton_command *command, char *out, size_t size)
{
	if (command->type == LEPTON_CMD_COMPRESS)
		snprintf(out, size,
			"{\"op\":\"compress\",\"method\":\"%s\",\"detail\":\"made by the "
			"fake\",\"before\":{\"bytes\":217640,"
			"\"val_accuracy\":0.9871,\"test_accuracy\":0.9859},\"after\":{\"bytes\":27400,\"val_"
			"accuracy\":0.9866,"
			"\"test_accuracy\":0.9858}}",
			command->method);
	else
		snprintf(out, size, "{\"op\":\"%s\",\"method\":\"%s\"}", lepton_command_name(command->type),
			command->method);
	return out;
}

static int64_t say_version(struct fake *fake, const struct lepton_command *command)
{
	const struct lepton_run_version *parent = lepton_run_version(fake->run, command->versions[0]);
	char operation[512];
	int64_t id = fake->next_id++;
	struct lepton_event *event = say(fake, LEPTON_EVENT_VERSION, id);
	memcpy(event->u.added.name, command->name, sizeof command->name);
	snprintf(event->u.added.learner, sizeof event->u.added.learner, "network");
	event->u.added.parent_count = command->count;
	memcpy(event->u.added.parents, command->versions, sizeof command->versions);
	event->u.added.operation = lepton_text_new(operation_of(command, operation, sizeof operation));
	event->u.added.hyperparameters =
		lepton_text_new(parent ? lepton_text_get(parent->hyperparameters) : "{}");
	event->u.added.parameters = parent ? parent->parameters : 10;
	event->u.added.raw_bytes = event->u.added.parameters * 4;
	event->u.added.bytes = command->type == LEPTON_CMD_COMPRESS ? 27400 : event->u.added.raw_bytes;
	event->u.added.epochs = parent ? parent->epochs : 1;
	event->u.added.steps_per_epoch = parent ? parent->steps_per_epoch : 1;
	return id;
}

static void say_alias(struct fake *fake, const struct lepton_command *command)
{
	const struct lepton_run_alias *now = lepton_run_alias(fake->run, command->alias);
	bool back = command->type == LEPTON_CMD_ROLLBACK;
	struct lepton_event *event =
		say(fake, LEPTON_EVENT_ALIAS, back && now ? now->previous : command->versions[0]);
	memcpy(event->u.alias.alias, command->alias, sizeof command->alias);
	event->u.alias.target = event->version;
	event->u.alias.previous = now ? now->target : 0;
	event->u.alias.rollback = back;
}

/* As the engine does. */
static void say_labels(struct fake *fake, const struct lepton_command *command, int64_t id)
{
	const struct lepton_run_version *version = lepton_run_version(fake->run, id);
	cJSON *settings = cJSON_Parse(lepton_text_get(command->settings));
	char tags[LEPTON__TAGS_SIZE];
	struct lepton_event *event = say(fake, LEPTON_EVENT_LABELS, id);
	event->u.labels.tags = version ? lepton_text_retain(version->tags) : NULL;
	event->u.labels.note = version ? lepton_text_retain(version->note) : NULL;
	struct lepton_text **place =
		command->type == LEPTON_CMD_TAG ? &event->u.labels.tags : &event->u.labels.note;
	const char *text =
		lepton__json_get_string(settings, command->type == LEPTON_CMD_TAG ? "tags" : "note", "");
	if (command->type == LEPTON_CMD_TAG &&
		!lepton__tags_change(lepton_text_get(*place), text, tags, NULL))
		text = tags;
	lepton_text_release(*place);
	*place = *text ? lepton_text_new(text) : NULL;
	cJSON_Delete(settings);
}

static int64_t act(struct fake *fake, const struct lepton_command *command)
{
	static const int states[] = {[LEPTON_CMD_PAUSE] = LEPTON_PAUSED,
		[LEPTON_CMD_RESUME] = LEPTON_RUNNING,
		[LEPTON_CMD_STOP] = LEPTON_STOPPED,
		[LEPTON_CMD_ARCHIVE] = LEPTON_ARCHIVED,
		[LEPTON_CMD_RESTORE] = LEPTON_DONE};
	int64_t id = 0;
	switch (command->type) {
	case LEPTON_CMD_CLONE:
		id = say_version(fake, command);
		say_state(fake, id, LEPTON_QUEUED);
		break;
	case LEPTON_CMD_COMPRESS:
	case LEPTON_CMD_FUSE:
		say_job(fake, command, 0, 0);
		say_job(fake, command, 0.5, 0);
		id = say_version(fake, command);
		say_state(fake, id, LEPTON_DONE);
		say_job(fake, command, 1, id);
		break;
	case LEPTON_CMD_TAG:
	case LEPTON_CMD_NOTE:
		for (int i = 0; i < command->count; i++)
			say_labels(fake, command, command->versions[i]);
		break;
	case LEPTON_CMD_PRIORITY:
		for (int i = 0; i < command->count; i++)
			say(fake, LEPTON_EVENT_PRIORITY, command->versions[i])->u.priority.value =
				command->value;
		break;
	case LEPTON_CMD_PROMOTE:
	case LEPTON_CMD_ROLLBACK:
		say_alias(fake, command);
		break;
	default:
		if (command->type <= LEPTON_CMD_RESTORE)
			for (int i = 0; i < command->count; i++)
				say_state(fake, command->versions[i],
					(enum lepton_version_state)states[command->type]);
	}
	return id;
}

static int submit(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	struct fake *fake = context;
	if (fake->count + 128 > FAKE_EVENTS)
		return lepton_error_set(err, LEPTON_E_STATE, "the fake engine has its queue full");
	if (fake->command_count == FAKE_COMMANDS) {
		lepton__free(fake->commands[0]);
		memmove(fake->commands, fake->commands + 1, sizeof fake->commands - sizeof *fake->commands);
		fake->command_count--;
	}
	fake->commands[fake->command_count++] = lepton_command_to_json(command);
	if (command->type == LEPTON_CMD_PREVIEW && command->count && !fake->refuse)
		return LEPTON_OK; /* it takes its time: the answer never comes */
	int64_t result = fake->refuse ? 0 : act(fake, command);
	struct lepton_event *event = say(fake, LEPTON_EVENT_REPLY, 0);
	event->u.reply.ticket = command->ticket;
	event->u.reply.code = fake->refuse ? LEPTON_E_STATE : 0;
	event->u.reply.result = result;
	event->u.reply.message = fake->refuse ? lepton_text_new(fake->refuse) : NULL;
	return LEPTON_OK;
}

static int next(void *context, struct lepton_event *event)
{
	struct fake *fake = context;
	if (!fake->count)
		return 0;
	*event = fake->queue[fake->first];
	fake->first = (fake->first + 1) % FAKE_EVENTS;
	fake->count--;
	return 1;
}

/* A minute of a machine of six cores, two of which train: all samples at once, so that the picture does not
 * depend on the clock. */
static int machine(void *context, struct lepton_tui_machine *out)
{
	struct fake *fake = context;
	if (fake->machine_samples == 60)
		return 0;
	int t = fake->machine_samples++;
	*out = (struct lepton_tui_machine){
		.cores = 6, .total = 16e9, .available = 11.5e9 - 1e7 * t, .own = 412e6};
	for (int i = 0; i < out->cores; i++)
		out->busy[i] = (float)(i < 2 ? 96 + (t + i) % 4 : (t * 7 + i * 13) % (9 + i * 6)) / 100;
	out->busy[5] = NAN; /* a core that has just come */
	return 1;
}

void fake_init(struct fake *fake, struct lepton_run *run)
{
	memset(fake, 0, sizeof *fake);
	fake->run = run;
	fake->next_id = 1000;
	fake->link = (struct lepton_tui_link){.submit = submit,
		.next = next,
		.machine = machine,
		.wake_fd = -1,
		.can_detach = true,
		.context = fake};
}

void fake_free(struct fake *fake)
{
	struct lepton_event event;
	while (next(fake, &event))
		lepton_event_clear(&event);
	for (size_t i = 0; i < fake->command_count; i++)
		lepton__free(fake->commands[i]);
}

const char *fake_last(const struct fake *fake)
{
	return fake->command_count ? fake->commands[fake->command_count - 1] : "";
}
