/* cmd/verb.c - what the verbs share: parsing, messages, one command on a store. */
#include "config.h"
#include "cmd/verb.h"
#include "cmd/attach.h"
#include "cmd/session.h"
#include "cmd/unlock.h"

#include <stdio.h>
#include <string.h>

bool verb_manual;

static void print_help(const struct verb *verb, const struct arg *table)
{
	char options[8192];
	if (verb_manual) {
		args_manual(table, options, sizeof options);
		printf(".Ss lepton %s %s\n\\&%s.\n%s", verb->name, verb->usage, verb->summary, options);
		return;
	}
	args_help(table, options, sizeof options);
	printf("usage: lepton %s %s\n\n%s\n\n%s", verb->name, verb->usage, verb->summary, options);
}

int verb_fail(const struct verb *verb, const struct lepton_error *err)
{
	fprintf(stderr, "lepton %s: %s\n", verb->name, err->message);
	return lepton_error_exit_code(err->code);
}

int verb_parse(const struct verb *verb, const struct arg *table, int argc, char **argv,
	struct arg_list *operands, size_t min, size_t max)
{
	struct lepton_error err = {0};
	bool help;
	if (args_parse(table, argc, argv, operands, &help, &err))
		return verb_fail(verb, &err);
	if (help) {
		print_help(verb, table);
		return 0;
	}
	if (operands->count < min || operands->count > max) {
		fprintf(stderr, "lepton %s: %s; usage: lepton %s %s\n", verb->name,
			operands->count < min ? "something is missing" : "too many arguments", verb->name,
			verb->usage);
		return 2;
	}
	return -1;
}

int verb_load(const char *dir, struct lepton_store **store, struct lepton_run *run, struct lepton_error *err)
{
	lepton_run_init(run);
	int code = unlock_store(args_store(dir), LEPTON_STORE_READ, store, err);
	if (code)
		return code;
	code = lepton_store_load_run(*store, run, err);
	if (code) {
		lepton_store_close(*store);
		*store = NULL;
		lepton_run_clear(run);
	}
	return code;
}

int verb_check_trusted(struct arg_list *trusted, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < trusted->count && !code; i++)
		code = lepton_public_key_check(trusted->items[i], err);
	return code;
}

/* ---- one command, on a run that is there or in a session of its own ---- */

struct answer {
	int64_t *made;
	char *message;
	size_t size;
	uint64_t serial; /* of the event that is the answer */
};

/* The one stream of events, wherever the engine is. */
struct source {
	int (*next)(void *context, struct lepton_event *event); /* waits; 0: nothing comes any more */
	void *context;
};

/* Until our ticket is answered; events are folded where there is a picture. */
static int await_reply(const struct source *source, struct lepton_run *run, uint64_t ticket,
	struct answer *answer, struct lepton_error *err)
{
	struct lepton_event event;
	for (bool end = false; !end && source->next(source->context, &event) == 1;) {
		bool ours = event.type == LEPTON_EVENT_REPLY && event.u.reply.ticket == ticket;
		int code = ours ? event.u.reply.code : LEPTON_OK;
		end = event.type == LEPTON_EVENT_END;
		if (run)
			lepton_run_apply(run, &event, NULL);
		if (ours) {
			*answer->made = event.u.reply.result;
			answer->serial = event.serial;
			snprintf(answer->message, answer->size, "%s", lepton_text_get(event.u.reply.message));
			if (code)
				lepton_error_set(err, code, "%s", answer->message);
		}
		lepton_event_clear(&event);
		if (ours)
			return code;
	}
	return lepton_error_set(err, LEPTON_E_STATE, "the engine ended before it answered");
}

/* "name@step" is not for steering: a command works on the version as it stands. */
static int resolve(const struct lepton_run *run, const struct arg_list *references,
	struct lepton_command *command, struct lepton_error *err)
{
	if (references->count > LEPTON_MAX_PARENTS)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "at most %d versions at once", LEPTON_MAX_PARENTS);
	for (size_t i = 0; i < references->count; i++) {
		struct lepton_run_version *version;
		int code = lepton_run_find(run, references->items[i], &version, err);
		if (code)
			return code;
		command->versions[command->count++] = version->id;
	}
	return LEPTON_OK;
}

static int next_here(void *reader, struct lepton_event *event)
{
	return lepton_reader_next(reader, -1, event);
}

static int next_there(void *client, struct lepton_event *event)
{
	return lepton_client_next(client, -1, event);
}

static int command_here(const char *dir, struct lepton_command *command, const struct arg_list *references,
	struct lepton_run *run, struct answer *answer, struct lepton_error *err)
{
	struct lepton_session_options options = {.store_dir = dir, .seed = -1, .hold = true};
	struct lepton_session *session;
	int code = lepton_session_open(&options, &session, err);
	if (code)
		return code;
	lepton_session_take_run(session, run);
	struct lepton_reader *reader = lepton_session_reader(session, NULL);
	struct source source = {next_here, reader};
	code = resolve(run, references, command, err);
	if (!code)
		code = lepton_engine_submit(lepton_session_engine(session), command, err);
	if (!code)
		code = await_reply(&source, run, command->ticket, answer, err);
	/* The last events say what came of it (a promotion's checkpoint, a derived version's figures). */
	struct lepton_event event;
	while (lepton_reader_next(reader, 0, &event) == 1) {
		lepton_run_apply(run, &event, NULL);
		lepton_event_clear(&event);
	}
	struct lepton_error unkept = {0};
	int kept = lepton_session_close(session, &unkept);
	if (kept && !code) {
		*err = unkept;
		code = kept;
	}
	return code;
}

static int ask_there(struct lepton_client *client, struct lepton_command *command, struct lepton_run *run,
	struct answer *answer, struct lepton_error *err)
{
	struct source source = {next_there, client};
	int code = lepton_client_submit(client, command, err);
	return code ? code : await_reply(&source, run, command->ticket, answer, err);
}

int verb_ask(struct lepton_client *client, struct lepton_command *command, int64_t *result, char *message,
	size_t size, struct lepton_error *err)
{
	struct answer answer = {.made = result, .message = message, .size = size};
	return ask_there(client, command, NULL, &answer, err);
}

/* What came of it is in the store when the answer is. */
static int command_there(struct lepton_client *client, const char *dir, struct lepton_command *command,
	const struct arg_list *references, struct lepton_run *run, struct answer *answer,
	struct lepton_error *err)
{
	int code = attach_picture(dir, 0, run, err);
	if (!code)
		code = resolve(run, references, command, err);
	if (!code)
		code = ask_there(client, command, run, answer, err);
	if (code)
		return code;
	lepton_run_clear(run);
	return attach_picture(dir, answer->serial, run, err);
}

int verb_command(const char *store_dir, struct lepton_command *command, const struct arg_list *references,
	struct lepton_run *run, int64_t *made, char *message, size_t size, struct lepton_error *err)
{
	const char *dir = args_store(store_dir);
	struct answer answer = {.made = made, .message = message, .size = size};
	struct lepton_client *client;
	*made = 0;
	command->ticket = 1;
	lepton_run_init(run);
	int code = lepton_client_connect(dir, &client, err);
	if (code == LEPTON_E_NOTFOUND)
		return command_here(dir, command, references, run, &answer, err);
	if (!code)
		code = command_there(client, dir, command, references, run, &answer, err);
	lepton_client_close(client);
	return code;
}

int verb_carry_out(const struct verb *verb, const char *store_dir, struct lepton_command *command,
	const struct arg_list *references)
{
	struct lepton_error err = {0};
	struct lepton_run run;
	int64_t made;
	char message[512] = "";
	int code = verb_command(store_dir, command, references, &run, &made, message, sizeof message, &err);
	if (code)
		verb_fail(verb, &err);
	else
		printf("%s\n", message);
	lepton_run_clear(&run);
	return lepton_error_exit_code(code);
}
