/* tests/fuzz/fuzz_protocol.c - any bytes as what comes over the socket, cut into lines by the wire as they
 * come: each is taken, or refused in one sentence; and what is taken says the same again after it was written
 * and read once more.
 */
#include "config.h"
#include "base/utf8.h"
#include "lepton/command.h"
#include "net/hello.h"
#include "net/wire.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sentence(const struct lepton_error *err)
{
	if (err->message[0] == '\0' || strchr(err->message, '\n'))
		abort();
}

static void check_hello(const char *line)
{
	struct lepton__hello hello, again;
	struct lepton_error err = {0};
	if (lepton__hello_read(line, &hello, &err)) {
		check_sentence(&err);
		return;
	}
	if (hello.line == LEPTON__LINE_OTHER)
		return;
	char *written = lepton__hello_write(&hello);
	if (!written || strchr(written, '\n') || lepton__hello_read(written, &again, NULL) ||
		again.line != hello.line)
		abort();
	if (hello.line != LEPTON__LINE_REFUSED && again.role != hello.role)
		abort();
	free(written);
}

/* Written, read and written again: two texts that are the same. */
#define CHECK_ROUND(type, from, to, clear)                                                                   \
	static void check_##type(const char *line, bool text)                                                \
	{                                                                                                    \
		struct lepton_##type one, two;                                                               \
		struct lepton_error err = {0};                                                               \
		if (from(line, &one, &err)) {                                                                \
			check_sentence(&err);                                                                \
			return;                                                                              \
		}                                                                                            \
		char *first = to(&one);                                                                      \
		if (!first || strchr(first, '\n'))                                                           \
			abort();                                                                             \
		int code = from(first, &two, &err);                                                          \
		if (code && text)                                                                            \
			abort();                                                                             \
		char *second = code ? to(&one) : to(&two);                                                   \
		if (!second || (text && strcmp(first, second) != 0))                                         \
			abort();                                                                             \
		free(first);                                                                                 \
		free(second);                                                                                \
		clear(&one);                                                                                 \
		if (!code)                                                                                   \
			clear(&two);                                                                         \
	}
CHECK_ROUND(command, lepton_command_from_json, lepton_command_to_json, lepton_command_clear)
CHECK_ROUND(event, lepton_event_from_json, lepton_event_to_json, lepton_event_clear)

static void take_lines(struct lepton__wire *wire)
{
	for (char *line; (line = lepton__wire_line(wire));) {
		bool text = lepton__utf8_valid(
			line, strlen(line)); /* else what is no character is written as another */
		check_hello(line);
		check_command(line, text);
		check_event(line, text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lepton__wire wire;
	int ends[2];
	if (size > 65536 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends))
		return 0;
	lepton__wire_init(&wire, ends[0], LEPTON__COMMAND_MAX);
	for (size_t at = 0; at < size;) {
		size_t piece = 1 + (size_t)data[at] * 16; /* the bytes say in what pieces they come */
		piece = piece < size - at ? piece : size - at;
		if (send(ends[1], data + at, piece, MSG_NOSIGNAL) != (ssize_t)piece)
			break;
		at += piece;
		if (lepton__wire_read(&wire) != LEPTON__WIRE_OPEN)
			break;
		take_lines(&wire);
	}
	close(ends[1]);
	lepton__wire_free(&wire);
	return 0;
}
