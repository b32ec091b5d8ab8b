/* tui/undo.c - commands and their answers, and the two stacks of what can be undone and done again.
 *
 * A command is remembered until its answer comes, so that the answer can be told in the words of the
 * question. What worked and can be taken back then is a deed: the command that does it and the one that
 * undoes it. What one key set off is one act (a pause of a hundred versions takes four commands), and goes
 * back and forth together. A new act forgets those that were undone, as in any editor: they may make no sense
 * after it.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "base/json.h"
#include "base/memory.h"

#include <string.h>

/* ---- deeds ---- */

static void clear(struct lepton__deed *deed)
{
	lepton_command_clear(&deed->again);
	lepton_command_clear(&deed->back);
}

static void hold(struct lepton_command *to, const struct lepton_command *from)
{
	*to = *from;
	lepton_text_retain(to->settings);
}

static void forget(struct lepton__deeds *deeds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		clear(&deeds->items[i]);
	deeds->count -= count;
	if (deeds->count && count)
		memmove(deeds->items, deeds->items + count, deeds->count * sizeof *deeds->items);
}

/* The deeds at the beginning that go, so that another act has room. */
static size_t too_many(const struct lepton__deeds *deeds)
{
	size_t acts = 1, first = 0;
	for (size_t i = 1; i < deeds->count; i++)
		acts += deeds->items[i].act != deeds->items[i - 1].act;
	if (!deeds->count || acts < LEPTON__ACTS)
		return 0;
	while (first < deeds->count && deeds->items[first].act == deeds->items[0].act)
		first++;
	return first;
}

/* Takes the deed. */
static void push(struct lepton__deeds *deeds, struct lepton__deed *deed)
{
	bool new = !deeds->count || deeds->items[deeds->count - 1].act != deed->act;
	if (new)
		forget(deeds, too_many(deeds));
	if (lepton__grow(&deeds->items, &deeds->capacity, deeds->count + 1, sizeof *deeds->items)) {
		clear(deed); /* one thing less that can be taken back */
		return;
	}
	deeds->items[deeds->count++] = *deed;
}

const char *lepton__deeds_next(const struct lepton__deeds *deeds)
{
	return deeds->count ? deeds->items[deeds->count - 1].doing : NULL;
}

void lepton__deeds_free(struct lepton__deeds *deeds)
{
	forget(deeds, deeds->count);
	lepton__free(deeds->items);
	*deeds = (struct lepton__deeds){0};
}

/* ---- commands ---- */

static void drop_oldest(struct lepton__app *app)
{
	clear(&app->pending[0].deed);
	memmove(app->pending, app->pending + 1, --app->pending_count * sizeof *app->pending);
}

/* "compress" with epochs of training first waits in the operation of the version that trains
 * (train/retrain.c). */
static bool outlives(const struct lepton_command *command)
{
	cJSON *settings =
		command->type == LEPTON_CMD_COMPRESS ? cJSON_Parse(lepton_text_get(command->settings)) : NULL;
	bool retrains = lepton__json_get_number(settings, "retrain", 0) > 0;
	cJSON_Delete(settings);
	return retrains;
}

/* NULL: it could not be sent, and that was said. */
static struct lepton__pending *submit(
	struct lepton__app *app, struct lepton_command *command, const char *doing)
{
	struct lepton_error err = {0};
	command->ticket = ++app->ticket;
	if (app->link->submit(app->link->context, command, &err)) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s: %s", doing, err.message);
		return NULL;
	}
	if (app->pending_count == LEPTON__PENDING) /* its answer will be told in its own words only */
		drop_oldest(app);
	struct lepton__pending *pending = &app->pending[app->pending_count++];
	*pending = (struct lepton__pending){.ticket = command->ticket,
		.pair = {command->versions[0], command->versions[1]},
		.type = command->type,
		.outlives = outlives(command),
		.deed.act = app->act};
	lepton__copy_name(pending->doing, sizeof pending->doing, doing);
	lepton__copy_name(pending->deed.doing, sizeof pending->deed.doing, doing);
	return pending;
}

bool lepton__app_command(struct lepton__app *app, struct lepton_command *command,
	const struct lepton_command *inverse, bool archive_result, const char *doing)
{
	struct lepton__pending *pending = submit(app, command, doing);
	if (!pending)
		return false;
	pending->archive_result = archive_result;
	pending->undoable = inverse != NULL;
	if (inverse) {
		hold(&pending->deed.again, command);
		hold(&pending->deed.back, inverse);
	}
	if (archive_result)
		lepton__app_say(app, LEPTON_LOG_INFO, "%s: started", doing);
	return true;
}

/* A version made is still training when its making is undone: it cannot be archived before it stops. */
static void stop_first(struct lepton__app *app, const struct lepton_command *command)
{
	char doing[96];
	const struct lepton_run_version *made =
		command->type == LEPTON_CMD_ARCHIVE && command->count == 1
			? lepton_run_version(app->dash.run, command->versions[0])
			: NULL;
	if (!made || made->state > LEPTON_PAUSED)
		return;
	struct lepton_command stop = *command;
	stop.type = LEPTON_CMD_STOP;
	stop.settings = NULL;
	lepton__print(doing, sizeof doing, "stop %.80s", made->name);
	struct lepton__pending *pending = submit(app, &stop, doing);
	if (pending)
		pending->way = LEPTON__ASIDE;
}

/* Send the last act's commands one way, last deed first; each deed goes to the other stack when it is
 * answered. */
static void walk(struct lepton__app *app, struct lepton__deeds *deeds, enum lepton__way way)
{
	unsigned act = deeds->count ? deeds->items[deeds->count - 1].act : 0;
	while (deeds->count && deeds->items[deeds->count - 1].act == act) {
		struct lepton__deed deed = deeds->items[--deeds->count];
		struct lepton_command *command = way == LEPTON__BACK ? &deed.back : &deed.again;
		char doing[96];
		lepton__print(
			doing, sizeof doing, "%s: %.80s", way == LEPTON__BACK ? "undo" : "redo", deed.doing);
		stop_first(app, command);
		struct lepton__pending *pending = submit(app, command, doing);
		if (pending) {
			pending->way = way;
			pending->undoable = true;
			pending->deed = deed;
		} else {
			clear(&deed);
		}
	}
}

void lepton__app_undo(struct lepton__app *app)
{
	walk(app, &app->done, LEPTON__BACK);
}

void lepton__app_redo(struct lepton__app *app)
{
	walk(app, &app->undone, LEPTON__AGAIN);
}

/* ---- answers ---- */

/* A version that was made is undone by putting it away, and done again by bringing it back. */
static void deed_of_result(struct lepton__pending *pending, int64_t result)
{
	clear(&pending->deed);
	pending->deed.back =
		(struct lepton_command){.type = LEPTON_CMD_ARCHIVE, .count = 1, .versions = {result}};
	pending->deed.again = pending->deed.back;
	pending->deed.again.type = LEPTON_CMD_RESTORE;
	pending->undoable = true;
}

static void remember(struct lepton__app *app, struct lepton__pending *pending, int64_t result)
{
	if (pending->archive_result && result > 0)
		deed_of_result(pending, result);
	if (!pending->undoable)
		return;
	if (pending->way == LEPTON__FORTH)
		forget(&app->undone, app->undone.count);
	push(pending->way == LEPTON__BACK ? &app->undone : &app->done, &pending->deed);
}

/* What can be done about it now, or with it, by the keys that do it. */
static void way_back(
	const struct lepton__app *app, const struct lepton__pending *pending, char *out, size_t size)
{
	const char *text = "";
	if (pending->way == LEPTON__BACK)
		text = " ({redo} does it again)";
	else if (pending->way == LEPTON__FORTH && pending->type == LEPTON_CMD_STOP)
		text = " (this cannot be undone)";
	else if (pending->type == LEPTON_CMD_EVALUATE && !app->dash.run->regression)
		text = " ({classes} by class, {mistakes} mistakes)";
	else if (pending->undoable || pending->archive_result)
		text = " ({undo} undoes it)";
	lepton__spell_keys(text, out, size);
}

static bool makes_version(enum lepton_command_type type)
{
	return type == LEPTON_CMD_COMPRESS || type == LEPTON_CMD_FUSE;
}

static void refused(struct lepton__app *app, struct lepton__pending *pending, int code, const char *message)
{
	message = *message ? message : "refused";
	lepton__app_say(app, code == LEPTON_E_CANCELED ? LEPTON_LOG_WARNING : LEPTON_LOG_ERROR, "%s: %s",
		pending->doing, message);
	lepton__preview_refused(app, pending->ticket, message);
	clear(&pending->deed);
}

void lepton__app_reply(struct lepton__app *app, const struct lepton_event *event)
{
	const char *message = lepton_text_get(event->u.reply.message);
	size_t i = 0;
	while (i < app->pending_count && app->pending[i].ticket != event->u.reply.ticket)
		i++;
	if (i == app->pending_count)
		return; /* someone else's */
	struct lepton__pending pending = app->pending[i];
	memmove(&app->pending[i], &app->pending[i + 1], (app->pending_count - i - 1) * sizeof *app->pending);
	app->pending_count--;
	if (event->u.reply.code) {
		refused(app, &pending, event->u.reply.code, message);
		return;
	}
	char back[60];
	way_back(app, &pending, back, sizeof back);
	lepton__app_say(app, LEPTON_LOG_INFO, "%s%s%s", *message ? message : pending.doing,
		*message ? "" : ": done", back);
	remember(app, &pending, event->u.reply.result);
	if (makes_version(pending.type) && lepton_run_version(app->dash.run, event->u.reply.result))
		app->result = event->u.reply.result;
	if (pending.type == LEPTON_CMD_BARRIER)
		memcpy(app->pair, pending.pair, sizeof app->pair);
}

void lepton__app_forget(struct lepton__app *app)
{
	while (app->pending_count)
		drop_oldest(app);
	lepton__deeds_free(&app->done);
	lepton__deeds_free(&app->undone);
}
