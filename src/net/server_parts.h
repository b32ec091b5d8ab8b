/* net/server_parts.h - what the files of the server share. All of it belongs to the server's thread. */
#ifndef LEPTON_NET_SERVER_PARTS_H
#define LEPTON_NET_SERVER_PARTS_H

#include "net/hello.h"
#include "net/wire.h"

#include <pthread.h>
#include <sys/types.h>

struct lepton__peer {
	struct lepton__wire wire;
	pid_t pid;
	enum lepton_role role;
	bool attached; /* it gets events */
	bool gone;     /* to be let go at the end of this turn */
};

struct lepton__asked { /* a command whose answer has not come */
	uint64_t ticket, theirs; /* the engine knows it by the first, the peer by the second */
	struct lepton__peer *peer; /* NULL: it has left */
};

struct lepton_listener {
	struct lepton_engine *engine;
	struct lepton_reader *reader;
	char *dir;
	int wake_fd, listen_fd, stop_fd;
	pthread_t thread;
	bool running;
	struct lepton__peer **peers;
	size_t count, capacity;
	struct lepton__asked *asked;
	size_t asked_count, asked_capacity;
	uint64_t ticket, serial; /* of the last command given on; of the last event read */
	int attached, steering; /* peers; the second atomic: others ask, too */
	bool stopping;
	double deadline, deaf_until;
};

/* peer.c */
int lepton__peer_new(int fd, pid_t pid, struct lepton__peer **out);
void lepton__peer_free(struct lepton__peer *peer);
/* Take what it sent, and obey. */
void lepton__peer_hear(struct lepton_listener *server, struct lepton__peer *peer);
/* Who is attached, counted anew. */
void lepton__peers_count(struct lepton_listener *server);
/* An event's line on its way; metrics only while the peer keeps up. */
void lepton__peer_tell(struct lepton_listener *server, struct lepton__peer *peer, const char *line, bool passes);
/* Say something about it in the run's log. */
void lepton__peer_note(struct lepton_listener *server, const struct lepton__peer *peer, enum lepton_log_level level,
	const char *what);

#endif
