/* net/wire.h - lines over a descriptor that never blocks. One thread at a time. */
#ifndef LEPTON_NET_WIRE_H
#define LEPTON_NET_WIRE_H

#include <stdbool.h>
#include <stddef.h>

struct lepton__wire {
	int fd;
	char *in, *out;
	size_t in_from, in_used, in_capacity; /* what is read and not yet taken: in[from, used) */
	size_t searched;                      /* no end of a line before this */
	size_t out_from, out_used, out_capacity;
	size_t line_max; /* of a line that comes in */
};

enum lepton__wire_state { LEPTON__WIRE_OPEN, LEPTON__WIRE_ENDED, LEPTON__WIRE_BROKEN };

/* `fd` becomes the wire's. */
void lepton__wire_init(struct lepton__wire *wire, int fd, size_t line_max);
void lepton__wire_free(struct lepton__wire *wire); /* closes */
/* Take in what has come. BROKEN: an error, no memory, or a line longer than line_max. */
enum lepton__wire_state lepton__wire_read(struct lepton__wire *wire);
/* The next whole line, without its end; stays valid until the next read. NULL: none yet. */
char *lepton__wire_line(struct lepton__wire *wire);
/* Put a line in the way out. False: no memory, and nothing of it is. */
bool lepton__wire_put(struct lepton__wire *wire, const char *line);
size_t lepton__wire_waiting(const struct lepton__wire *wire); /* bytes not yet written */
/* Write what the other side takes. */
enum lepton__wire_state lepton__wire_flush(struct lepton__wire *wire);

#endif
