/* tests/test_net.c - the socket: lines whole whatever their pieces, the same events as a reader in process
 * has, answers to whom they belong, roles, and peers that stall, send rubbish, vanish, or are not allowed.
 */
#include "config.h"
#include "corner_data.h"
#include "corner_versions.h"
#include "engine_world.h"
#include "base/clock.h"
#include "lepton/net.h"
#include "net/hello.h"
#include "net/socket.h"
#include "net/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- a folder, an engine that listens in it ---- */

static char folder[4096];

static void make_folder(void)
{
	snprintf(folder, sizeof folder, "%s/test_net.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(folder));
}

static void drop_folder(void)
{
	lepton__socket_remove(folder);
	assert_int_equal(rmdir(folder), 0);
}

#define ENDLESS 1000000 /* epochs */

struct house {
	struct world *w;
	struct lepton_listener *listener;
	int64_t net;
};

/* Of a run without end a metric of every step is more than some machines send on, and what is asked would
 * wait behind. */
static void open_house(struct house *h, int epochs)
{
	struct lepton_error err = {0};
	make_folder();
	h->w = world_with(data,
		(struct lepton_engine_options){.workers = 1, .metric_seconds = epochs < ENDLESS ? 0 : 0.001});
	h->net = add_net(h->w, "net", epochs);
	int code = lepton_listener_start(h->w->engine, folder, &h->listener, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
}

static void close_house(struct house *h)
{
	lepton_listener_stop(h->listener);
	lepton_engine_free(h->w->engine);
	h->w->engine = NULL;
	lepton_listener_free(h->listener);
	world_free(h->w);
	drop_folder();
}

static struct lepton_client *connect_to_house(void)
{
	struct lepton_client *client;
	struct lepton_error err = {0};
	int code = lepton_client_connect(folder, &client, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	assert_int_equal(lepton_client_pid(client), getpid());
	return client;
}

static struct lepton_client *attached(enum lepton_role role)
{
	struct lepton_client *client = connect_to_house();
	struct lepton_error err = {0};
	uint64_t serial;
	int code = lepton_client_attach(client, role, &serial, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return client;
}

/* The next event of a type; what comes before it is passed over. */
static struct lepton_event next_of(struct lepton_client *client, enum lepton_event_type type)
{
	struct lepton_event event;
	double until = lepton__monotonic() + WORLD_PATIENCE;
	while (lepton__monotonic() < until) {
		if (!lepton_client_next(client, 1, &event))
			continue;
		if (event.type == type)
			return event;
		lepton_event_clear(&event);
	}
	fail_msg("no event of type %d came", (int)type);
	return event;
}

static void send_command(
	struct lepton_client *client, enum lepton_command_type type, int64_t version, uint64_t ticket)
{
	struct lepton_command command = {
		.type = type, .ticket = ticket, .count = version ? 1 : 0, .versions = {version}};
	assert_int_equal(lepton_client_submit(client, &command, NULL), 0);
}

/* Its code; the sentence holds `words`. */
static int reply_to(struct lepton_client *client, uint64_t ticket, const char *words)
{
	struct lepton_event event = next_of(client, LEPTON_EVENT_REPLY);
	int code = event.u.reply.code;
	assert_int_equal(event.u.reply.ticket, ticket);
	expect(lepton_text_get(event.u.reply.message), words);
	lepton_event_clear(&event);
	return code;
}

/* ---- lines ---- */

static void pair_of_wires(struct lepton__wire *in, int *out, size_t line_max)
{
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	lepton__wire_init(in, ends[0], line_max);
	*out = ends[1];
}

/* 500 lines of 0 to 499 letters, sent in pieces of each size from 1 to 40: what comes out is what went in. */
static void lines_come_whole(void **state)
{
	(void)state;
	char all[500 * 256], *end = all;
	for (int i = 0; i < 500; i++) {
		memset(end, 'a' + i % 26, (size_t)i);
		end += i;
		*end++ = '\n';
	}
	for (size_t piece = 1; piece <= 40; piece++) {
		struct lepton__wire wire;
		int out, lines = 0;
		pair_of_wires(&wire, &out, 1000);
		for (const char *at = all; at < end || lines < 500;) {
			size_t size = (size_t)(end - at) < piece ? (size_t)(end - at) : piece;
			if (size)
				assert_int_equal(send(out, at, size, 0), size);
			at += size;
			assert_int_equal(lepton__wire_read(&wire), LEPTON__WIRE_OPEN);
			for (char *line; (line = lepton__wire_line(&wire)); lines++) {
				assert_int_equal(strlen(line), lines);
				assert_int_equal(
					strspn(line, (char[]){(char)('a' + lines % 26), '\0'}), lines);
			}
		}
		close(out);
		assert_int_equal(lepton__wire_read(&wire), LEPTON__WIRE_ENDED);
		lepton__wire_free(&wire);
	}
}

static void a_line_too_long_breaks_the_wire(void **state)
{
	(void)state;
	struct lepton__wire wire;
	int out, reads = 0;
	pair_of_wires(&wire, &out, 100);
	char letters[64] = {0};
	memset(letters, 'x', sizeof letters);
	enum lepton__wire_state now = LEPTON__WIRE_OPEN;
	while (now == LEPTON__WIRE_OPEN && reads++ < 10) {
		assert_int_equal(send(out, letters, sizeof letters, 0), sizeof letters);
		now = lepton__wire_read(&wire);
		assert_null(lepton__wire_line(&wire));
	}
	assert_int_equal(now, LEPTON__WIRE_BROKEN);
	assert_int_equal(
		reads, 3); /* the second piece is the one too many, and seen when more is asked for */
	close(out);
	lepton__wire_free(&wire);
}

/* What the other side does not take waits, and nothing of it is lost. */
static void what_is_not_taken_waits(void **state)
{
	(void)state;
	struct lepton__wire wire;
	int other;
	size_t sent = 0, got = 0;
	char line[1000], bytes[8192];
	pair_of_wires(&wire, &other, 1000);
	memset(line, 'y', sizeof line);
	line[sizeof line - 1] = '\0';
	while (sent < 2000000) {
		assert_true(lepton__wire_put(&wire, line));
		sent += sizeof line;
		assert_int_equal(lepton__wire_flush(&wire), LEPTON__WIRE_OPEN);
	}
	assert_true(lepton__wire_waiting(&wire) > 1000000);
	while (got < sent) {
		ssize_t size = recv(other, bytes, sizeof bytes, 0);
		assert_true(size > 0 || errno == EAGAIN);
		got += size > 0 ? (size_t)size : 0;
		assert_int_equal(lepton__wire_flush(&wire), LEPTON__WIRE_OPEN);
	}
	assert_int_equal(got, sent);
	assert_int_equal(lepton__wire_waiting(&wire), 0);
	close(other);
	assert_true(lepton__wire_put(&wire, line));
	assert_int_equal(lepton__wire_flush(&wire), LEPTON__WIRE_BROKEN);
	lepton__wire_free(&wire);
}

static void hellos_go_round(void **state)
{
	(void)state;
	const struct lepton__hello all[] = {
		{.line = LEPTON__LINE_ATTACH, .role = LEPTON_WATCHES},
		{.line = LEPTON__LINE_HELLO,
			.role = LEPTON_STEERS_ALONE,
			.protocol = 1,
			.serial = UINT64_MAX - 1},
		{.line = LEPTON__LINE_REFUSED, .code = LEPTON_E_BUSY, .message = "a \"b\"\n c"},
	};
	for (size_t i = 0; i < 3; i++) {
		struct lepton__hello back;
		char *line = lepton__hello_write(&all[i]);
		assert_non_null(line);
		assert_null(strchr(line, '\n'));
		assert_int_equal(lepton__hello_read(line, &back, NULL), 0);
		assert_int_equal(back.line, all[i].line);
		assert_int_equal(back.role, all[i].role);
		assert_int_equal(back.protocol, all[i].protocol);
		assert_int_equal(back.code, all[i].line == LEPTON__LINE_REFUSED ? all[i].code : back.code);
		assert_true(back.serial == all[i].serial);
		assert_string_equal(back.message, all[i].message);
		free(line);
	}
	struct lepton__hello other;
	struct lepton_error err;
	assert_int_equal(
		lepton__hello_read("{\"type\":\"attach\",\"role\":\"boss\"}", &other, &err), LEPTON_E_USAGE);
	expect(err.message, "\"boss\" is no role: there are steers, watches, alone");
	const char *const others[] = {
		"", "attach", "{\"type\":7}", "[]", "{\"type\":\"pause\"}", "{\"type\":\"attach\""};
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(lepton__hello_read(others[i], &other, NULL), 0);
		assert_int_equal(other.line, LEPTON__LINE_OTHER);
	}
}

/* ---- events and answers ---- */

/* Every event a reader in process has from the attaching on, with the same words, in the same order. */
static void events_are_those_of_a_reader(void **state)
{
	(void)state;
	struct house h;
	struct lepton_event here, there;
	struct lepton_reader *reader;
	open_house(&h, 3);
	assert_int_equal(lepton_reader_open(h.w->engine, true, &reader, NULL, NULL), 0);
	struct lepton_client *client = attached(LEPTON_STEERS);
	start(h.w);
	size_t count = 0, metrics = 0;
	for (bool ends = false; !ends; count++) {
		assert_int_equal(lepton_reader_next(reader, WORLD_PATIENCE, &here), 1);
		assert_int_equal(lepton_client_next(client, WORLD_PATIENCE, &there), 1);
		char *a = lepton_event_to_json(&here), *b = lepton_event_to_json(&there);
		assert_string_equal(a, b);
		free(a);
		free(b);
		metrics += here.type == LEPTON_EVENT_METRIC;
		ends = here.type == LEPTON_EVENT_STATE && here.u.state.state == LEPTON_DONE;
		lepton_event_clear(&here);
		lepton_event_clear(&there);
	}
	assert_true(metrics > 5 && count > metrics + 5);
	assert_int_equal(lepton_listener_steering(h.listener), 1);
	lepton_reader_close(reader);
	lepton_client_close(client);
	close_house(&h);
}

/* Also where nothing goes on, and so nothing would be said by itself. */
static void who_attaches_is_told_what_workers_do(void **state)
{
	(void)state;
	struct house h;
	open_house(&h, 3);
	start(h.w);
	while (lepton_engine_busy(h.w->engine))
		world_next(h.w, 0.05);
	for (int i = 0; i < 2; i++) {
		struct lepton_node node = {0};
		struct lepton_client *client = attached(LEPTON_WATCHES);
		struct lepton_event event = next_of(client, LEPTON_EVENT_NODE);
		assert_int_equal(lepton_node_read(lepton_text_get(event.u.node.workers),
					 lepton_text_get(event.u.node.sharded), &node, NULL),
			0);
		assert_int_equal(node.worker_count, lepton_engine_workers(h.w->engine));
		assert_true(*event.u.node.figures.host);
		lepton_node_clear(&node);
		lepton_event_clear(&event);
		lepton_client_close(client);
	}
	close_house(&h);
}

static void what_is_known_is_left_out(void **state)
{
	(void)state;
	struct house h;
	struct lepton_event event;
	open_house(&h, 3);
	struct lepton_client *client = attached(LEPTON_STEERS);
	lepton_client_skip(client, 20);
	start(h.w);
	event = next_of(client, LEPTON_EVENT_METRIC);
	assert_true(event.serial > 20);
	lepton_event_clear(&event);
	lepton_client_close(client);
	close_house(&h);
}

/* Two ask with one ticket: each has its own answer, and nobody else has any. One has not even attached. */
static void answers_go_to_who_asked(void **state)
{
	(void)state;
	struct house h;
	struct lepton_event event;
	open_house(&h, ENDLESS);
	struct lepton_client *one = attached(LEPTON_STEERS), *two = connect_to_house(),
			     *three = attached(LEPTON_STEERS);
	start(h.w);
	send_command(one, LEPTON_CMD_PAUSE, h.net, 5);
	assert_int_equal(reply_to(one, 5, "net paused"), 0);
	send_command(two, LEPTON_CMD_PAUSE, 77, 5);
	assert_int_equal(reply_to(two, 5, "no version #77"), LEPTON_E_NOTFOUND);
	send_command(two, LEPTON_CMD_RESUME, h.net, 6);
	assert_int_equal(reply_to(two, 6, "net resumed"), 0);
	assert_int_equal(lepton_client_next(two, 0.05, &event), 0); /* and no events */
	send_command(three, LEPTON_CMD_STOP, h.net, 9);
	assert_int_equal(reply_to(three, 9, ""), 0); /* its first answer is its own */
	lepton_client_close(one);
	lepton_client_close(two);
	lepton_client_close(three);
	close_house(&h);
}

static void roles_are_kept(void **state)
{
	(void)state;
	struct house h;
	struct lepton_error err;
	uint64_t serial;
	open_house(&h, ENDLESS);
	start(h.w);
	struct lepton_client *watches = attached(LEPTON_WATCHES);
	assert_int_equal(lepton_listener_steering(h.listener), 0);
	struct lepton_client *steers = attached(LEPTON_STEERS);
	assert_int_equal(lepton_listener_steering(h.listener), 1);
	send_command(watches, LEPTON_CMD_PAUSE, h.net, 1);
	assert_int_equal(reply_to(watches, 1, "only watches"), LEPTON_E_STATE);
	struct lepton_client *alone = attached(LEPTON_STEERS_ALONE);
	send_command(steers, LEPTON_CMD_PAUSE, h.net, 2);
	assert_int_equal(reply_to(steers, 2, "steers this run alone"), LEPTON_E_BUSY);
	struct lepton_client *second = connect_to_house();
	assert_int_equal(lepton_client_attach(second, LEPTON_STEERS_ALONE, &serial, &err), LEPTON_E_BUSY);
	expect(err.message, "steers alone");
	lepton_client_close(second);
	send_command(alone, LEPTON_CMD_PAUSE, h.net, 3);
	assert_int_equal(reply_to(alone, 3, "net paused"), 0);
	lepton_client_close(alone); /* and all may again */
	double until = lepton__monotonic() + WORLD_PATIENCE;
	int code = LEPTON_E_BUSY;
	for (uint64_t ticket = 4; code == LEPTON_E_BUSY && lepton__monotonic() < until; ticket++) {
		send_command(steers, LEPTON_CMD_RESUME, h.net, ticket);
		code = reply_to(steers, ticket, "");
	}
	assert_int_equal(code, 0);
	lepton_client_close(steers);
	lepton_client_close(watches);
	close_house(&h);
}

/* Until the other side has said which role it is. */
static enum lepton_role ask_role(
	struct lepton_client *client, enum lepton_role role, struct lepton_error *refused)
{
	enum lepton_role now;
	struct lepton_event event;
	double until = lepton__monotonic() + WORLD_PATIENCE;
	assert_int_equal(lepton_client_ask_role(client, role, NULL), 0);
	while (lepton__monotonic() < until) {
		if (lepton_client_next(client, 0.05, &event))
			lepton_event_clear(&event);
		if (lepton_client_role(client, &now, refused)) {
			assert_int_equal(
				lepton_client_role(client, &now, refused), 0); /* news is told once */
			return now;
		}
	}
	fail_msg("no answer to the role asked for");
	return now;
}

static void roles_change(void **state)
{
	(void)state;
	struct house h;
	struct lepton_error refused;
	open_house(&h, ENDLESS);
	start(h.w);
	struct lepton_client *one = attached(LEPTON_WATCHES), *two = attached(LEPTON_STEERS);
	send_command(one, LEPTON_CMD_PAUSE, h.net, 1);
	assert_int_equal(reply_to(one, 1, "only watches"), LEPTON_E_STATE);
	assert_int_equal(ask_role(one, LEPTON_STEERS, &refused), LEPTON_STEERS);
	assert_int_equal(refused.code, LEPTON_OK);
	send_command(one, LEPTON_CMD_PAUSE, h.net, 2);
	assert_int_equal(reply_to(one, 2, "net paused"), 0);
	assert_int_equal(ask_role(two, LEPTON_STEERS_ALONE, &refused), LEPTON_STEERS_ALONE);
	assert_int_equal(
		ask_role(one, LEPTON_STEERS_ALONE, &refused), LEPTON_STEERS); /* it stays what it was */
	assert_int_equal(refused.code, LEPTON_E_BUSY);
	expect(refused.message, "steers alone");
	send_command(one, LEPTON_CMD_RESUME, h.net, 3);
	assert_int_equal(reply_to(one, 3, "steers this run alone"), LEPTON_E_BUSY);
	assert_int_equal(ask_role(two, LEPTON_WATCHES, &refused), LEPTON_WATCHES);
	send_command(two, LEPTON_CMD_RESUME, h.net, 4);
	assert_int_equal(reply_to(two, 4, "only watches"), LEPTON_E_STATE);
	send_command(one, LEPTON_CMD_RESUME, h.net, 5);
	assert_int_equal(reply_to(one, 5, "net resumed"), 0);
	assert_int_equal(lepton_listener_steering(h.listener), 1);
	lepton_client_close(one);
	lepton_client_close(two);
	close_house(&h);
}

static void the_end_is_told(void **state)
{
	(void)state;
	struct house h;
	struct lepton_event event;
	open_house(&h, ENDLESS);
	start(h.w);
	struct lepton_client *one = attached(LEPTON_STEERS), *two = attached(LEPTON_STEERS);
	send_command(one, LEPTON_CMD_QUIT, 0, 3);
	event = next_of(one, LEPTON_EVENT_END);
	assert_int_equal(lepton_client_next(one, 0.01, &event), 0);
	event = next_of(two, LEPTON_EVENT_END);
	lepton_client_close(one);
	lepton_client_close(two);
	close_house(&h);
}

/* No END came: whoever looks is told that, once, and then it ends. */
static void a_process_that_vanishes_is_told(void **state)
{
	(void)state;
	struct house h;
	struct lepton_event event;
	open_house(&h, ENDLESS);
	struct lepton_client *client = attached(LEPTON_STEERS);
	close_house(&h);
	do
		event = next_of(client, LEPTON_EVENT_LOG);
	while (event.u.log.level != LEPTON_LOG_ERROR && (lepton_event_clear(&event), true));
	expect(lepton_text_get(event.u.log.line), "the training process is gone");
	lepton_event_clear(&event);
	assert_int_equal(lepton_client_next(client, 0, &event), 1);
	assert_int_equal(event.type, LEPTON_EVENT_END);
	assert_int_equal(lepton_client_next(client, 0.01, &event), 0);
	lepton_client_close(client);
}

/* ---- those who behave badly ---- */

static int raw_connection(void)
{
	int fd;
	pid_t pid;
	assert_int_equal(lepton__socket_connect(folder, &fd, &pid, NULL), 0);
	fcntl(fd, F_SETFL, 0);
	struct timeval patience = {.tv_sec = 60};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

static void say(int fd, const char *bytes)
{
	assert_int_equal(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
}

/* What is said within a line's time. */
static void hear(int fd, char *out, size_t size)
{
	size_t used = 0;
	ssize_t got;
	while (used + 1 < size && (got = recv(fd, out + used, 1, 0)) == 1 && out[used] != '\n')
		used++;
	out[used] = '\0';
}

static void rubbish_is_refused_and_survived(void **state)
{
	(void)state;
	static const struct {
		const char *line, *words;
	} all[] = {
		{"hello\n", "command"},
		{"\n", "command"},
		{"{}\n", "is no command"},
		{"{\"type\":\"paws\"}\n", "\\\"paws\\\" is no command"},
		{"{\"type\":\"pause\",\"versions\":\"all\"}\n", "versions"},
		{"{\"type\":\"attach\",\"role\":\"boss\"}\n", "is no role"},
		{"{\"type\":\"pause\",\"versions\":[1e300]}\n", "versions"},
	};
	struct house h;
	char line[2048];
	open_house(&h, ENDLESS);
	int fd = raw_connection();
	start(h.w);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		say(fd, all[i].line);
		hear(fd, line, sizeof line);
		expect(line, "\"type\":\"refused\"");
		expect(line, all[i].words);
	}
	say(fd, "{\"type\":\"pause\",\"versions\":[1]}\n");
	hear(fd, line, sizeof line);
	expect(line, "net paused");
	close(fd);
	close_house(&h);
}

/* A line without end is not gathered for ever. */
static void an_endless_line_is_let_go(void **state)
{
	(void)state;
	struct house h;
	static char letters[65536];
	size_t sent = 0;
	open_house(&h, ENDLESS);
	int fd = raw_connection();
	memset(letters, 'x', sizeof letters);
	while (sent < ((size_t)64 << 20)) {
		ssize_t put = send(fd, letters, sizeof letters, MSG_NOSIGNAL);
		if (put <= 0)
			break;
		sent += (size_t)put;
	}
	assert_true(sent > ((size_t)1 << 20) && sent < ((size_t)4 << 20));
	close(fd);
	close_house(&h);
}

/* One who does not read: training ends as without it, others get on, and it loses metrics but nothing else.
 */
static void who_stalls_delays_nobody(void **state)
{
	(void)state;
	struct house h;
	struct lepton_event event;
	char alone[LEPTON_HASH_HEX];
	struct world *plain = world_new(data);
	int64_t id = add_net(plain, "net", 400);
	start(plain);
	await(plain, in_state, id, LEPTON_DONE);
	snprintf(alone, sizeof alone, "%s", see(plain, id)->weights_hash);
	world_free(plain);

	open_house(&h, 400);
	struct lepton_client *stalls = attached(LEPTON_STEERS), *reads = attached(LEPTON_STEERS);
	start(h.w);
	size_t kept = 0, epochs = 0;
	for (bool ends = false; !ends;) {
		event = next_of(reads, LEPTON_EVENT_STATE);
		ends = event.u.state.state == LEPTON_DONE;
		lepton_event_clear(&event);
	}
	await(h.w, in_state, h.net, LEPTON_DONE);
	assert_string_equal(see(h.w, h.net)->weights_hash, alone);
	for (bool ends = false; !ends;) {
		assert_int_equal(lepton_client_next(stalls, WORLD_PATIENCE, &event), 1);
		kept += event.type == LEPTON_EVENT_METRIC;
		epochs += event.type == LEPTON_EVENT_EPOCH;
		ends = event.type == LEPTON_EVENT_STATE && event.u.state.state == LEPTON_DONE;
		lepton_event_clear(&event);
	}
	assert_int_equal(epochs, 400);
	if (kept == 0 || kept >= see(h.w, h.net)->history.count)
		fail_msg("%zu of %zu metrics kept", kept, see(h.w, h.net)->history.count);
	lepton_client_close(stalls);
	lepton_client_close(reads);
	close_house(&h);
}

/* The kernel's word counts, not the file's mode. */
static void another_user_is_not_let_in(void **state)
{
	(void)state;
	struct house h;
	struct stat info;
	int status;
	if (geteuid() != 0) {
		print_message("only root can be two users: not tried\n");
		skip();
	}
	open_house(&h, ENDLESS);
	char path[4200];
	snprintf(path, sizeof path, "%s/socket", folder);
	assert_int_equal(stat(path, &info), 0);
	assert_true(S_ISSOCK(info.st_mode));
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(chmod(folder, 0755) | chmod(path, 0666), 0);
	pid_t child = fork();
	if (child == 0) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		char byte;
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		memcpy(address.sun_path, path, strlen(path) + 1);
		bool other = setuid(65534) == 0;
		bool connected = other && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
		_exit(!other ? 3 : !connected ? 2 : recv(fd, &byte, 1, 0) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close_house(&h);
}

/* ---- the file ---- */

static void nothing_listens(void **state)
{
	(void)state;
	struct lepton_client *client;
	struct lepton_error err;
	make_folder();
	assert_int_equal(lepton_client_connect(folder, &client, &err), LEPTON_E_NOTFOUND);
	expect(err.message, "nothing trains in store");
	int fd;
	assert_int_equal(lepton__socket_listen(folder, &fd, &err), 0);
	close(fd); /* as after SIGKILL: the file stays, nobody is behind it */
	assert_int_equal(lepton_client_connect(folder, &client, &err), LEPTON_E_NOTFOUND);
	assert_int_equal(lepton__socket_listen(folder, &fd, &err), 0); /* and is replaced */
	int other;
	pid_t pid;
	assert_int_equal(lepton__socket_connect(folder, &other, &pid, &err), 0);
	close(fd);
	close(other);
	drop_folder();
}

static void a_long_path_will_do(void **state)
{
	(void)state;
	char top[sizeof folder], name[101];
	struct house h = {.w = world_new(data)};
	make_folder();
	snprintf(top, sizeof top, "%s", folder);
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	snprintf(folder + strlen(folder), sizeof folder - strlen(folder), "/%s", name);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_true(strlen(folder) > 107);
	add_net(h.w, "net", 1);
	assert_int_equal(lepton_listener_start(h.w->engine, folder, &h.listener, NULL), 0);
	lepton_client_close(attached(LEPTON_STEERS));
	close_house(&h);
	assert_int_equal(rmdir(top), 0);
}

static void no_folder_no_socket(void **state)
{
	(void)state;
	struct lepton_listener *listener;
	struct lepton_error err;
	struct world *w = world_new(data);
	assert_int_equal(lepton_listener_start(w->engine, "no/such/folder", &listener, &err), LEPTON_E_IO);
	expect(err.message, "cannot listen at no/such/folder/socket: No such file or directory");
	assert_null(listener);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_whole),
		cmocka_unit_test(a_line_too_long_breaks_the_wire),
		cmocka_unit_test(what_is_not_taken_waits),
		cmocka_unit_test(hellos_go_round),
		cmocka_unit_test(events_are_those_of_a_reader),
		cmocka_unit_test(who_attaches_is_told_what_workers_do),
		cmocka_unit_test(what_is_known_is_left_out),
		cmocka_unit_test(answers_go_to_who_asked),
		cmocka_unit_test(roles_are_kept),
		cmocka_unit_test(roles_change),
		cmocka_unit_test(the_end_is_told),
		cmocka_unit_test(a_process_that_vanishes_is_told),
		cmocka_unit_test(rubbish_is_refused_and_survived),
		cmocka_unit_test(an_endless_line_is_let_go),
		cmocka_unit_test(who_stalls_delays_nobody),
		cmocka_unit_test(another_user_is_not_let_in),
		cmocka_unit_test(nothing_listens),
		cmocka_unit_test(a_long_path_will_do),
		cmocka_unit_test(no_folder_no_socket),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
