/* net/server.c - the engine's side of the socket: one thread, one poll, as many peers as come.
 *
 * The thread reads the stream of events as any reader does, writes each as a line once, and puts the line in
 * every attached peer's way out (peer.c). Nothing here waits for a peer, and the engine waits for nothing
 * here.
 *
 * Ending: the engine says END; what waits is written out for at most a second. The connections are closed
 * last of all, when the store is closed, too: who sees the end of file may open it.
 */
#include "config.h"
#include "net/server_parts.h"
#include "net/socket.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEERS_MAX 64
#define LINGER_SECONDS 1.0
#define DEAF_SECONDS 1.0 /* after accept found no descriptor or no memory */

/* ---- events out ---- */

/* The peer that asked, with its own ticket put into the reply; NULL when it was nobody here, or has left. */
static struct lepton__peer *whose(struct lepton_listener *server, struct lepton_event *reply)
{
	for (size_t i = 0; i < server->asked_count; i++) {
		struct lepton__asked asked = server->asked[i];
		if (asked.ticket != reply->u.reply.ticket)
			continue;
		server->asked[i] = server->asked[--server->asked_count];
		reply->u.reply.ticket = asked.theirs;
		return asked.peer;
	}
	return NULL;
}

static void tell(struct lepton_listener *server, struct lepton_event *event)
{
	bool reply = event->type == LEPTON_EVENT_REPLY;
	struct lepton__peer *one = reply ? whose(server, event) : NULL;
	bool wanted = reply ? one != NULL : server->attached > 0;
	char *line = wanted ? lepton_event_to_json(event) : NULL;
	for (size_t i = 0; i < server->count && line; i++) {
		struct lepton__peer *peer = server->peers[i];
		if (reply ? peer == one : peer->attached)
			lepton__peer_tell(server, peer, line, lepton_event_passes(event->type));
	}
	lepton__free(line); /* out of memory: they miss one; the store has it */
}

static void take_events(struct lepton_listener *server)
{
	struct lepton_event event;
	while (lepton_reader_next(server->reader, 0, &event) == 1) {
		server->serial = event.serial;
		tell(server, &event);
		lepton_event_clear(&event);
	}
}

/* ---- peers in and out ---- */

static void accept_one(struct lepton_listener *server)
{
	struct lepton__peer *peer;
	pid_t pid;
	int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			server->deaf_until = lepton__monotonic() + DEAF_SECONDS;
		return;
	}
	if (server->count >= PEERS_MAX || !lepton__socket_ours(fd, &pid) ||
		lepton__grow(&server->peers, &server->capacity, server->count + 1, sizeof *server->peers) ||
		lepton__peer_new(fd, pid, &peer))
		close(fd);
	else
		server->peers[server->count++] = peer;
}

static void let_go(struct lepton_listener *server, size_t i)
{
	struct lepton__peer *peer = server->peers[i];
	for (size_t k = 0; k < server->asked_count; k++)
		if (server->asked[k].peer == peer)
			server->asked[k].peer = NULL;
	memmove(&server->peers[i], &server->peers[i + 1], (--server->count - i) * sizeof *server->peers);
	if (peer->attached) {
		lepton__peers_count(server);
		lepton__peer_note(server, peer, LEPTON_LOG_INFO, "has left");
	}
	lepton__peer_free(peer);
}

static void flush_all(struct lepton_listener *server)
{
	for (size_t i = server->count; i-- > 0;) {
		struct lepton__peer *peer = server->peers[i];
		if (!peer->gone && lepton__wire_flush(&peer->wire) != LEPTON__WIRE_OPEN)
			peer->gone = true;
		if (peer->gone) {
			lepton__wire_flush(&peer->wire); /* why it is refused, where it still listens */
			let_go(server, i);
		}
	}
}

/* ---- the thread ---- */

static bool all_written(const struct lepton_listener *server)
{
	for (size_t i = 0; i < server->count; i++)
		if (lepton__wire_waiting(&server->peers[i]->wire))
			return false;
	return true;
}

enum { FD_STOP, FD_EVENTS, FD_LISTEN, FD_PEERS };

/* Sleep until something comes; what came is in fds. */
static void await(struct lepton_listener *server, struct pollfd *fds)
{
	bool deaf = lepton__monotonic() < server->deaf_until || server->stopping;
	fds[FD_STOP] = (struct pollfd){.fd = server->stopping ? -1 : server->stop_fd, .events = POLLIN};
	fds[FD_EVENTS] = (struct pollfd){.fd = server->wake_fd, .events = POLLIN};
	fds[FD_LISTEN] = (struct pollfd){.fd = deaf ? -1 : server->listen_fd, .events = POLLIN};
	for (size_t i = 0; i < server->count; i++) {
		const struct lepton__wire *wire = &server->peers[i]->wire;
		fds[FD_PEERS + i] = (struct pollfd){.fd = wire->fd,
			.events = (short)(POLLIN | (lepton__wire_waiting(wire) ? POLLOUT : 0))};
	}
	int timeout = server->stopping ? 20 : deaf ? (int)(DEAF_SECONDS * 1000) : -1;
	if (poll(fds, FD_PEERS + server->count, timeout) < 0)
		for (size_t i = 0; i < FD_PEERS + server->count; i++)
			fds[i].revents = 0; /* interrupted: look again */
}

static void turn(struct lepton_listener *server, const struct pollfd *fds)
{
	size_t count = server->count;
	if (fds[FD_STOP].revents) {
		server->stopping = true;
		server->deadline = lepton__monotonic() + LINGER_SECONDS;
	}
	for (size_t i = 0; i < count; i++)
		if (fds[FD_PEERS + i].revents & ~POLLOUT)
			lepton__peer_hear(server, server->peers[i]);
	take_events(server);
	if (fds[FD_LISTEN].revents)
		accept_one(server);
	flush_all(server);
}

static void *serve(void *arg)
{
	struct lepton_listener *server = arg;
	struct pollfd fds[FD_PEERS + PEERS_MAX];
	while (!server->stopping || (!all_written(server) && lepton__monotonic() < server->deadline)) {
		await(server, fds);
		turn(server, fds);
	}
	return NULL;
}

/* ---- start and end ---- */

static int start(struct lepton_listener *server, const char *dir, struct lepton_error *err)
{
	server->dir = lepton__strdup(dir);
	server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!server->dir)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory listening in %s", dir);
	if (server->stop_fd < 0)
		return lepton_error_set(err, LEPTON_E_IO, "cannot make an eventfd: %s", strerror(errno));
	int code = lepton_reader_open(server->engine, false, &server->reader, &server->wake_fd, err);
	if (!code)
		code = lepton__socket_listen(dir, &server->listen_fd, err);
	if (!code)
		code = lepton__thread_start(&server->thread, "lepton/net", serve, server, err);
	server->running = !code;
	return code;
}

int lepton_listener_start(
	struct lepton_engine *engine, const char *dir, struct lepton_listener **out, struct lepton_error *err)
{
	struct lepton_listener *server = lepton__calloc(1, sizeof *server);
	*out = NULL;
	if (!server)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory listening in %s", dir);
	server->engine = engine;
	server->listen_fd = server->stop_fd = server->wake_fd = -1;
	int code = start(server, dir, err);
	if (code)
		lepton_listener_free(server);
	else
		*out = server;
	return code;
}

int lepton_listener_steering(const struct lepton_listener *server)
{
	return server ? __atomic_load_n(&server->steering, __ATOMIC_RELAXED) : 0;
}

void lepton_listener_stop(struct lepton_listener *server)
{
	uint64_t one = 1;
	if (!server || !server->running)
		return;
	while (write(server->stop_fd, &one, sizeof one) < 0 && errno == EINTR)
		;
	pthread_join(server->thread, NULL);
	server->running = false;
	lepton__socket_remove(server->dir); /* while the store is still ours */
	lepton_reader_close(server->reader);
	server->reader = NULL;
}

void lepton_listener_free(struct lepton_listener *server)
{
	if (!server)
		return;
	lepton_listener_stop(server);
	lepton_reader_close(server->reader);
	for (size_t i = 0; i < server->count; i++)
		lepton__peer_free(server->peers[i]);
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	if (server->stop_fd >= 0)
		close(server->stop_fd);
	lepton__free(server->peers);
	lepton__free(server->asked);
	lepton__free(server->dir);
	lepton__free(server);
}
