/* net/client.c - the other side of the socket: a run as its dashboards and `lepton pause` see it. */
#include "config.h"
#include "net/hello.h"
#include "net/socket.h"
#include "net/wire.h"
#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define SUBMIT_SECONDS 5.0
#define ATTACH_SECONDS 10.0

enum stage { HEARS, LOST, TOLD }; /* TOLD: END was given, nothing follows */

struct lepton_client {
	struct lepton__wire wire;
	pid_t pid;
	uint64_t skip;
	enum stage stage;
	enum lepton_role role;
	bool role_told;              /* and lepton_client_role has not said so yet */
	struct lepton_error refused; /* the role last asked for */
	bool last_word; /* what a lost connection means was said */
};

int lepton_client_connect(const char *dir, struct lepton_client **out, struct lepton_error *err)
{
	struct lepton_client *client = lepton__calloc(1, sizeof *client);
	int fd;
	*out = NULL;
	if (!client)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reaching the run in %s", dir);
	int code = lepton__socket_connect(dir, &fd, &client->pid, err);
	if (code) {
		lepton__free(client);
		return code;
	}
	lepton__wire_init(&client->wire, fd, LEPTON__EVENT_MAX);
	*out = client;
	return LEPTON_OK;
}

void lepton_client_close(struct lepton_client *client)
{
	if (!client)
		return;
	lepton__wire_free(&client->wire);
	lepton__free(client);
}

int lepton_client_fd(const struct lepton_client *client)
{
	return client->wire.fd;
}

int64_t lepton_client_pid(const struct lepton_client *client)
{
	return client->pid;
}

void lepton_client_skip(struct lepton_client *client, uint64_t serial)
{
	client->skip = serial;
}

/* ---- lines in and out ---- */

/* Wait for `events` on the socket, at most until the deadline (<0: for ever). False: it did not come. */
static bool await(const struct lepton_client *client, short events, double deadline)
{
	struct pollfd fd = {.fd = client->wire.fd, .events = events};
	for (;;) {
		double left = deadline < 0 ? -1 : deadline - lepton__monotonic();
		int timeout = deadline < 0 ? -1 : left > 0 ? (int)(left * 1000) + 1 : 0;
		int got = poll(&fd, 1, timeout);
		if (got > 0 || (got < 0 && errno != EINTR))
			return got > 0;
		if (got == 0 && deadline >= 0)
			return false;
	}
}

static double deadline_in(double seconds)
{
	return seconds < 0 ? -1 : lepton__monotonic() + seconds;
}

/* The next line; NULL: none came in time, or the connection is lost (then stage says so). */
static char *next_line(struct lepton_client *client, double timeout)
{
	double deadline = deadline_in(timeout);
	for (;;) {
		char *line = lepton__wire_line(&client->wire);
		if (line || client->stage != HEARS)
			return line;
		if (!await(client, POLLIN, deadline))
			return NULL;
		if (lepton__wire_read(&client->wire) != LEPTON__WIRE_OPEN) {
			client->stage = LOST;
			return lepton__wire_line(&client->wire);
		}
	}
}

static int send_line(struct lepton_client *client, char *line, struct lepton_error *err)
{
	bool put = line && lepton__wire_put(&client->wire, line);
	lepton__free(line);
	if (!put)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory writing to the run");
	double deadline = deadline_in(SUBMIT_SECONDS);
	while (lepton__wire_flush(&client->wire) == LEPTON__WIRE_OPEN) {
		if (!lepton__wire_waiting(&client->wire))
			return LEPTON_OK;
		if (!await(client, POLLOUT, deadline))
			return lepton_error_set(err, LEPTON_E_IO,
				"process %ld does not take commands: is it stopped?", (long)client->pid);
	}
	return lepton_error_set(err, LEPTON_E_IO, "process %ld, which trained, is gone", (long)client->pid);
}

int lepton_client_submit(
	struct lepton_client *client, const struct lepton_command *command, struct lepton_error *err)
{
	return send_line(client, lepton_command_to_json(command), err);
}

/* ---- attaching ---- */

static int welcome(const struct lepton__hello *hello, uint64_t *serial, struct lepton_error *err)
{
	if (hello->line == LEPTON__LINE_REFUSED)
		return lepton_error_set(err, hello->code, "%s", hello->message);
	if (hello->protocol != LEPTON__PROTOCOL)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"the run speaks protocol %d and this lepton %d: use the one it was started with",
			hello->protocol, LEPTON__PROTOCOL);
	*serial = hello->serial;
	return LEPTON_OK;
}

int lepton_client_attach(
	struct lepton_client *client, enum lepton_role role, uint64_t *serial, struct lepton_error *err)
{
	struct lepton__hello hello = {.line = LEPTON__LINE_ATTACH, .role = role};
	int code = send_line(client, lepton__hello_write(&hello), err);
	char *line = code ? NULL : next_line(client, ATTACH_SECONDS);
	if (!code && !line)
		return lepton_error_set(err, LEPTON_E_IO, "process %ld %s", (long)client->pid,
			client->stage == HEARS ? "does not answer: is it stopped?" : "has just ended");
	if (!code)
		code = lepton__hello_read(line, &hello, err);
	if (!code)
		code = welcome(&hello, serial, err);
	client->role = role;
	return code;
}

int lepton_client_ask_role(struct lepton_client *client, enum lepton_role role, struct lepton_error *err)
{
	const struct lepton__hello hello = {.line = LEPTON__LINE_ATTACH, .role = role};
	return send_line(client, lepton__hello_write(&hello), err);
}

int lepton_client_role(struct lepton_client *client, enum lepton_role *role, struct lepton_error *refused)
{
	bool told = client->role_told;
	client->role_told = false;
	*role = client->role;
	*refused = client->refused;
	return told;
}

/* The answer to another role asked for, in the midst of the events. */
static void hear_role(struct lepton_client *client, const char *line)
{
	struct lepton__hello hello;
	if (lepton__hello_read(line, &hello, NULL) ||
		(hello.line != LEPTON__LINE_HELLO && hello.line != LEPTON__LINE_REFUSED))
		return;
	client->refused = (struct lepton_error){.code = LEPTON_OK};
	if (hello.line == LEPTON__LINE_HELLO)
		client->role = hello.role;
	else
		lepton_error_set(&client->refused, hello.code, "%s", hello.message);
	client->role_told = true;
}

/* ---- events ---- */

/* A line that says nothing the caller has not: false. */
static bool event_of(struct lepton_client *client, const char *line, struct lepton_event *out)
{
	struct lepton_error err;
	if (lepton_event_from_json(line, out, &err)) {
		hear_role(client, line); /* or it is of a later version */
		return false;
	}
	bool known = out->type != LEPTON_EVENT_REPLY && out->serial && out->serial <= client->skip;
	if (known)
		lepton_event_clear(out);
	return !known;
}

/* The engine's process has gone without a word. */
static int last_words(struct lepton_client *client, struct lepton_event *out)
{
	*out = (struct lepton_event){.type = LEPTON_EVENT_END, .time = lepton__wall()};
	if (client->last_word) {
		client->stage = TOLD;
		return 1;
	}
	client->last_word = true;
	out->type = LEPTON_EVENT_LOG;
	out->u.log.level = LEPTON_LOG_ERROR;
	out->u.log.line = lepton_text_new("the training process is gone; what it kept is in the store, and "
					  "the same command goes on from there");
	return 1;
}

int lepton_client_next(struct lepton_client *client, double timeout, struct lepton_event *out)
{
	double deadline = deadline_in(timeout);
	for (;;) {
		double left = timeout < 0 ? -1 : deadline - lepton__monotonic();
		char *line = next_line(client, timeout < 0 || left > 0 ? left : 0);
		if (line && event_of(client, line, out)) {
			if (out->type == LEPTON_EVENT_END)
				client->stage = TOLD;
			return 1;
		}
		if (!line && client->stage == LOST)
			return last_words(client, out);
		if (!line)
			return 0;
	}
}
