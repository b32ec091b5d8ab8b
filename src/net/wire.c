/* net/wire.c - lines over a descriptor that never blocks.
 *
 * What has come lies in one block, and lines are handed out where they lie; what is to go lies in another.
 * Both are moved to their front only when more room is needed, so a byte is moved a bounded number of times.
 */
#include "config.h"
#include "net/wire.h"
#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)

void lepton__wire_init(struct lepton__wire *wire, int fd, size_t line_max)
{
	*wire = (struct lepton__wire){.fd = fd, .line_max = line_max};
}

void lepton__wire_free(struct lepton__wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	lepton__free(wire->in);
	lepton__free(wire->out);
	*wire = (struct lepton__wire){.fd = -1};
}

/* What lies in block[from, used) to the block's front, and room for `more` behind it. */
static bool make_room(char **block, size_t *from, size_t *used, size_t *capacity, size_t more)
{
	if (*from) {
		memmove(*block, *block + *from, *used - *from);
		*used -= *from;
		*from = 0;
	}
	return lepton__grow(block, capacity, *used + more, 1) == 0;
}

enum lepton__wire_state lepton__wire_read(struct lepton__wire *wire)
{
	if (wire->in_used - wire->in_from > wire->line_max)
		return LEPTON__WIRE_BROKEN;
	if (wire->in_capacity - wire->in_used < PIECE) {
		wire->searched -= wire->in_from;
		if (!make_room(&wire->in, &wire->in_from, &wire->in_used, &wire->in_capacity, PIECE))
			return LEPTON__WIRE_BROKEN;
	}
	for (;;) {
		ssize_t got = recv(wire->fd, wire->in + wire->in_used, wire->in_capacity - wire->in_used, 0);
		if (got > 0)
			wire->in_used += (size_t)got;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
			return LEPTON__WIRE_BROKEN;
		return got == 0 ? LEPTON__WIRE_ENDED : LEPTON__WIRE_OPEN;
	}
}

char *lepton__wire_line(struct lepton__wire *wire)
{
	if (wire->searched < wire->in_from)
		wire->searched = wire->in_from;
	char *line = wire->in + wire->in_from;
	char *end = wire->in_used > wire->searched
			    ? memchr(wire->in + wire->searched, '\n', wire->in_used - wire->searched)
			    : NULL;
	if (!end) {
		wire->searched = wire->in_used;
		return NULL;
	}
	*end = '\0';
	wire->in_from = (size_t)(end + 1 - wire->in);
	return line;
}

bool lepton__wire_put(struct lepton__wire *wire, const char *line)
{
	size_t size = strlen(line);
	if (wire->out_capacity - wire->out_used < size + 1 &&
		!make_room(&wire->out, &wire->out_from, &wire->out_used, &wire->out_capacity, size + 1))
		return false;
	memcpy(wire->out + wire->out_used, line, size);
	wire->out[wire->out_used + size] = '\n';
	wire->out_used += size + 1;
	return true;
}

size_t lepton__wire_waiting(const struct lepton__wire *wire)
{
	return wire->out_used - wire->out_from;
}

enum lepton__wire_state lepton__wire_flush(struct lepton__wire *wire)
{
	while (lepton__wire_waiting(wire)) {
		ssize_t put =
			send(wire->fd, wire->out + wire->out_from, lepton__wire_waiting(wire), MSG_NOSIGNAL);
		if (put > 0)
			wire->out_from += (size_t)put;
		else if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return LEPTON__WIRE_OPEN;
		else if (put < 0 && errno != EINTR)
			return LEPTON__WIRE_BROKEN;
	}
	wire->out_from = wire->out_used = 0;
	return LEPTON__WIRE_OPEN;
}
