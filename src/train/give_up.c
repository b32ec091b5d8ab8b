/* train/give_up.c - jobs that can be given up: those that only measure. Nothing is made, so nothing is lost;
 * both a command of their type without versions and the engine's quitting end them, at their next piece of
 * work.
 */
#include "config.h"
#include "train/engine_parts.h"

#include <stdio.h>

bool lepton__can_give_up(enum lepton_command_type type)
{
	return type == LEPTON_CMD_BARRIER || type == LEPTON_CMD_PREVIEW;
}

/* Those that wait are answered and leave the queue; how many. With the lock held. */
static size_t drop_waiting(struct lepton_engine *engine, enum lepton_command_type type)
{
	struct lepton__queue *queue = &engine->jobs;
	size_t kept = 0, count = queue->count;
	for (size_t i = 0; i < count; i++) {
		struct lepton_command *command = &queue->items[i];
		if (command->type != type) {
			queue->items[kept++] = *command;
			continue;
		}
		lepton__reply(engine, command, LEPTON_E_CANCELED, 0, "given up before it began");
		lepton_command_clear(command);
	}
	queue->count = kept;
	return count - kept;
}

int lepton__give_up(struct lepton_engine *engine, enum lepton_command_type type, char *message, size_t size,
	struct lepton_error *err)
{
	const char *name = lepton_command_name(type);
	pthread_mutex_lock(&engine->lock);
	bool runs = engine->measuring && engine->measured == type;
	engine->give_up = engine->give_up || runs;
	bool any = drop_waiting(engine, type) > 0 || runs;
	pthread_mutex_unlock(&engine->lock);
	if (!any)
		return lepton_error_set(err, LEPTON_E_STATE, "no %s is being %s", name,
			type == LEPTON_CMD_BARRIER
				? "measured; name two versions to measure the one between them"
				: "made; name two versions or more to see how they could be fused");
	snprintf(message, size, "%s: given up", name);
	return LEPTON_OK;
}
