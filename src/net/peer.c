/* net/peer.c - one connection to the engine: what it asks, what it is told, when it is let go.
 *
 * A peer may send commands at once; after "attach" it gets every event, too. Its commands go to the engine
 * with tickets of the server's own, so that two peers with the same tickets do not get each other's answers.
 *
 * Back-pressure: what a peer has not read waits here. Past half a mebibyte it gets no more metrics (the store
 * has them) and no news of nodes (newer ones will come), past 16 it is let go. So a stopped dashboard costs a
 * bounded piece of memory, and nobody waits for it.
 */
#include "config.h"
#include "net/server_parts.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define LAGS ((size_t)512 << 10)
#define HOPELESS ((size_t)16 << 20)
#define ASKED_MAX 1024 /* by all peers together */

int lepton__peer_new(int fd, pid_t pid, struct lepton__peer **out)
{
	struct lepton__peer *peer = lepton__calloc(1, sizeof *peer);
	if (!peer)
		return LEPTON_E_NOMEM;
	lepton__wire_init(&peer->wire, fd, LEPTON__COMMAND_MAX);
	peer->pid = pid;
	*out = peer;
	return LEPTON_OK;
}

void lepton__peer_free(struct lepton__peer *peer)
{
	lepton__wire_free(&peer->wire);
	lepton__free(peer);
}

void lepton__peer_note(struct lepton_listener *server, const struct lepton__peer *peer,
	enum lepton_log_level level, const char *what)
{
	char line[128];
	snprintf(line, sizeof line, "process %ld %s", (long)peer->pid, what);
	struct lepton_text *text = lepton_text_new(line);
	lepton_engine_say(server->engine, level, text);
	lepton_text_release(text);
}

void lepton__peer_tell(
	struct lepton_listener *server, struct lepton__peer *peer, const char *line, bool passes)
{
	size_t waiting = lepton__wire_waiting(&peer->wire);
	if (peer->gone || (passes && waiting > LAGS))
		return;
	if (waiting <= HOPELESS && lepton__wire_put(&peer->wire, line))
		return;
	peer->gone = true;
	lepton__peer_note(server, peer, LEPTON_LOG_WARNING, "reads too slowly and was let go; attach again");
}

static void tell_hello(struct lepton__peer *peer, const struct lepton__hello *hello)
{
	char *line = lepton__hello_write(hello);
	peer->gone = peer->gone || !line || !lepton__wire_put(&peer->wire, line);
	lepton__free(line);
}

static void refuse(struct lepton__peer *peer, const struct lepton_error *err)
{
	struct lepton__hello refused = {.line = LEPTON__LINE_REFUSED, .code = err->code};
	lepton__copy_name(refused.message, sizeof refused.message, err->message);
	tell_hello(peer, &refused);
}

/* ---- attaching ---- */

void lepton__peers_count(struct lepton_listener *server)
{
	int attached = 0, steering = 0;
	for (size_t i = 0; i < server->count; i++) {
		attached += server->peers[i]->attached;
		steering += server->peers[i]->attached && server->peers[i]->role != LEPTON_WATCHES;
	}
	server->attached = attached;
	__atomic_store_n(&server->steering, steering, __ATOMIC_RELAXED);
}

/* Who else steers alone; NULL for nobody. */
static const struct lepton__peer *alone(const struct lepton_listener *server, const struct lepton__peer *but)
{
	for (size_t i = 0; i < server->count; i++) {
		const struct lepton__peer *peer = server->peers[i];
		if (peer != but && !peer->gone && peer->attached && peer->role == LEPTON_STEERS_ALONE)
			return peer;
	}
	return NULL;
}

static void attach(
	struct lepton_listener *server, struct lepton__peer *peer, const struct lepton__hello *asked)
{
	static const char *const notes[2][3] = {
		{"is attached", "is attached and watches", "is attached and steers alone"},
		{"steers now", "only watches now", "steers alone now"}};
	const struct lepton__peer *other = alone(server, peer);
	struct lepton_error err;
	if (other && asked->role == LEPTON_STEERS_ALONE) {
		lepton_error_set(&err, LEPTON_E_BUSY, "process %ld steers alone", (long)other->pid);
		refuse(peer, &err);
		return;
	}
	const bool again = peer->attached;
	peer->role = asked->role;
	peer->attached = true;
	lepton__peers_count(server);
	struct lepton__hello hello = {.line = LEPTON__LINE_HELLO,
		.protocol = LEPTON__PROTOCOL,
		.serial = server->serial,
		.role = peer->role};
	tell_hello(peer, &hello);
	lepton__peer_note(
		server, peer, LEPTON_LOG_INFO, notes[again][peer->role]); /* which also flushes the store */
	lepton_engine_look(server->engine);
}

/* ---- commands ---- */

static void answer(struct lepton__peer *peer, uint64_t ticket, const struct lepton_error *err)
{
	struct lepton_event event = {.type = LEPTON_EVENT_REPLY};
	event.u.reply.ticket = ticket;
	event.u.reply.code = err->code;
	event.u.reply.message = lepton_text_new(err->message);
	char *line = lepton_event_to_json(&event);
	peer->gone = peer->gone || !line || !lepton__wire_put(&peer->wire, line);
	lepton__free(line);
	lepton_event_clear(&event);
}

static int may_steer(
	const struct lepton_listener *server, const struct lepton__peer *peer, struct lepton_error *err)
{
	const struct lepton__peer *other = alone(server, peer);
	if (peer->attached && peer->role == LEPTON_WATCHES)
		return lepton_error_set(err, LEPTON_E_STATE,
			"this one only watches: attach without --watch, or ask for another role, to steer");
	if (other)
		return lepton_error_set(
			err, LEPTON_E_BUSY, "process %ld steers this run alone: ask there", (long)other->pid);
	return LEPTON_OK;
}

/* Remember whose it is before it is given on: the answer may come at once. */
static int give_on(struct lepton_listener *server, struct lepton__peer *peer, struct lepton_command *command,
	struct lepton_error *err)
{
	if (server->asked_count >= ASKED_MAX || lepton__grow(&server->asked, &server->asked_capacity,
							server->asked_count + 1, sizeof *server->asked))
		return lepton_error_set(err, LEPTON_E_BUSY, "too many commands wait for their answers");
	struct lepton__asked asked = {.ticket = ++server->ticket, .theirs = command->ticket, .peer = peer};
	server->asked[server->asked_count++] = asked;
	command->ticket = asked.ticket;
	int code = lepton_engine_submit(server->engine, command, err);
	if (code)
		server->asked_count--;
	command->ticket = asked.theirs;
	return code;
}

static void obey(struct lepton_listener *server, struct lepton__peer *peer, const char *line)
{
	struct lepton_command command;
	struct lepton_error err;
	if (lepton_command_from_json(line, &command, &err)) {
		refuse(peer, &err);
		return;
	}
	int code = may_steer(server, peer, &err);
	if (!code)
		code = give_on(server, peer, &command, &err);
	if (code)
		answer(peer, command.ticket, &err);
	lepton_command_clear(&command);
}

void lepton__peer_hear(struct lepton_listener *server, struct lepton__peer *peer)
{
	struct lepton__hello hello;
	struct lepton_error err;
	enum lepton__wire_state state = lepton__wire_read(&peer->wire);
	char *line;
	while (!peer->gone && (line = lepton__wire_line(&peer->wire))) {
		if (lepton__hello_read(line, &hello, &err))
			refuse(peer, &err);
		else if (hello.line == LEPTON__LINE_ATTACH)
			attach(server, peer, &hello);
		else
			obey(server, peer, line);
	}
	peer->gone = peer->gone || state != LEPTON__WIRE_OPEN;
}
