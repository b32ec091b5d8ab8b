/* lepton/net.h - a run steered and watched from other processes: JSON lines over a Unix socket.
 *
 * The socket is DIR/socket in the store's folder, mode 0600; who connects must be the same user (or root), as the
 * kernel says. The protocol, line by line, is src/net/PROTOCOL.md. A peer that reads too slowly loses metrics first,
 * and then its connection; training never waits for it.
 */
#ifndef LEPTON_NET_H
#define LEPTON_NET_H

#include "lepton/engine.h"

enum lepton_role {
	LEPTON_STEERS,       /* its commands are taken, as those of all others */
	LEPTON_WATCHES,      /* its commands are refused */
	LEPTON_STEERS_ALONE, /* while it is attached, everyone else's are refused */
};
LEPTON_API const char *lepton_role_name(enum lepton_role role); /* "steers" */

struct lepton_listener; /* opaque: the engine's side */
struct lepton_client; /* opaque: the other side */

/* ---- the engine's side; start, stop and free from the thread that has the engine ---- */

/* Listen in the folder of a store that this process holds locked (a socket left there by a dead process is replaced),
 * with a thread of its own that blocks all signals. Before lepton_engine_start, so that no event is missed.
 * LEPTON_E_IO, LEPTON_E_NOMEM. */
LEPTON_API int lepton_listener_start(struct lepton_engine *engine, const char *dir, struct lepton_listener **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* How many are attached and may steer: a run with nothing left to do waits for those, not for who only watches. Any thread. */
LEPTON_API int lepton_listener_steering(const struct lepton_listener *server);
/* Tell everyone what was said to the end (for at most a second), and take no one new; before lepton_engine_free. */
LEPTON_API void lepton_listener_stop(struct lepton_listener *server);
/* Close the connections: what the others take as the end of the process, so last of all. NULL is fine. */
LEPTON_API void lepton_listener_free(struct lepton_listener *server);

/* ---- the other side; a client is used by one thread at a time ---- */

/* LEPTON_E_NOTFOUND when nothing listens in that store; LEPTON_E_IO, LEPTON_E_NOMEM. Commands may be sent at once. */
LEPTON_API int lepton_client_connect(const char *dir, struct lepton_client **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Ask for all events from now on. What happened up to *serial is what the store has as soon as lepton_store_serial says
 * so. LEPTON_E_BUSY when someone else steers alone, and that was asked for; LEPTON_E_UNSUPPORTED when the other side
 * speaks another version of the protocol. */
LEPTON_API int lepton_client_attach(struct lepton_client *client, enum lepton_role role, uint64_t *serial,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* Once attached: ask for another role. The answer comes among the events, and lepton_client_role has it then. */
LEPTON_API int lepton_client_ask_role(struct lepton_client *client, enum lepton_role role, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* 1: since the last call the other side has answered: *role is the one that this client has, and *refused says why it is not
 * another (LEPTON_OK: it is what was asked for). 0: nothing new. */
LEPTON_API int lepton_client_role(struct lepton_client *client, enum lepton_role *role, struct lepton_error *refused);
/* Leave out events up to this one: the caller has them from the store. */
LEPTON_API void lepton_client_skip(struct lepton_client *client, uint64_t serial);
/* As lepton_engine_submit; the answer is a REPLY event, also where nothing was attached. LEPTON_E_IO when the other side
 * does not take it within five seconds, or is gone. */
LEPTON_API int lepton_client_submit(struct lepton_client *client, const struct lepton_command *command,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* As lepton_reader_next. A connection that ends without an END event gives one, after a LOG event that says so. */
LEPTON_API int lepton_client_next(struct lepton_client *client, double timeout, struct lepton_event *out);
LEPTON_API int lepton_client_fd(const struct lepton_client *client); /* polls readable when there is something to take */
LEPTON_API int64_t lepton_client_pid(const struct lepton_client *client); /* the other side's process */
LEPTON_API void lepton_client_close(struct lepton_client *client); /* NULL is fine */

#endif
