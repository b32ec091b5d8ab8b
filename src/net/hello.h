/* net/hello.h - the few lines of the protocol that are neither events nor commands. */
#ifndef LEPTON_NET_HELLO_H
#define LEPTON_NET_HELLO_H

#include "lepton/net.h"

#define LEPTON__PROTOCOL 1
#define LEPTON__COMMAND_MAX ((size_t)1 << 20) /* bytes of a line to the engine */
#define LEPTON__EVENT_MAX ((size_t)64 << 20)  /* and of one from it */

enum lepton__line {
	LEPTON__LINE_OTHER,   /* an event or a command */
	LEPTON__LINE_ATTACH,  /* to the engine: role */
	LEPTON__LINE_HELLO,   /* its answer: protocol, serial, role */
	LEPTON__LINE_REFUSED, /* or this: code, message */
};

struct lepton__hello {
	enum lepton__line line;
	enum lepton_role role;
	int protocol, code;
	uint64_t serial;
	char message[512];
};

char *lepton__hello_write(const struct lepton__hello *hello); /* heap, one line; NULL when out of memory */
/* What is no such line is OTHER. LEPTON_E_USAGE for one that is, with a fault in it. */
int lepton__hello_read(const char *line, struct lepton__hello *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
