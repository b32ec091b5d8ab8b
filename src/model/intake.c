/* model/intake.c - see intake.h. */
#include "config.h"
#include "model/intake.h"
#include "base/memory.h"

#include <string.h>

size_t lepton__intake_room(struct lepton__intake *in, char **at)
{
	if (!in->data)
		in->data = lepton__malloc(LEPTON__LINE_ROOM + 1);
	if (!in->data)
		return 0;
	memmove(in->data, in->data + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	*at = in->data + in->end;
	return LEPTON__LINE_ROOM - in->end;
}

void lepton__intake_fill(struct lepton__intake *in, size_t size)
{
	in->end += size;
}

static char *take(struct lepton__intake *in, size_t length, size_t skip)
{
	char *line = in->data + in->start;
	line[length] = '\0';
	for (char *nul = line; (nul = memchr(nul, '\0', length - (size_t)(nul - line))); nul++)
		*nul = ' ';
	in->start += skip;
	return line;
}

char *lepton__intake_next(struct lepton__intake *in, bool last, bool *cut)
{
	*cut = false;
	while (in->data && in->end > in->start) {
		size_t left = in->end - in->start;
		char *from = in->data + in->start, *end = memchr(from, '\n', left);
		bool passed = in->passing;
		if (end) {
			in->passing = false;
			if (!passed)
				return take(in, (size_t)(end - from), (size_t)(end - from) + 1);
			in->start += (size_t)(end - from) + 1;
			continue;
		}
		if (passed) {
			in->start = in->end;
			return NULL;
		}
		if (left < LEPTON__LINE_ROOM && !last)
			return NULL;
		*cut = in->passing = left == LEPTON__LINE_ROOM;
		return take(in, left, left);
	}
	return NULL;
}

void lepton__intake_clear(struct lepton__intake *in)
{
	lepton__free(in->data);
	*in = (struct lepton__intake){0};
}

/* Behind an escape: "[…letter" (colours, cursor), "]…BEL" (titles), else one character. */
static const char *behind_escape(const char *at)
{
	if (*at == '[') {
		at++;
		while (*at && (unsigned char)*at < 0x40)
			at++;
	} else if (*at == ']') {
		while (*at && *at != '\a' && *at != '\x1b')
			at++;
	}
	return *at ? at + 1 : at;
}

/* What stands after the last carriage return that is not at the end. */
static const char *left_standing(const char *line)
{
	size_t length = strlen(line);
	while (length && line[length - 1] == '\r')
		length--;
	for (size_t i = length; i > 0; i--)
		if (line[i - 1] == '\r')
			return line + i;
	return line;
}

void lepton__intake_clean(const char *line, char *out, size_t size)
{
	char plain[4096];
	size_t used = 0;
	for (const char *at = left_standing(line); *at && used + 1 < sizeof plain;) {
		unsigned char c = (unsigned char)*at++;
		if (c == 0x1b)
			at = behind_escape(at);
		else
			plain[used++] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
	}
	while (used && plain[used - 1] == ' ')
		used--;
	plain[used] = '\0';
	lepton__copy_name(out, size, plain);
}
