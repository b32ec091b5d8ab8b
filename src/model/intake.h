/* model/intake.h - bytes of a program's output into lines, and lines made fit to be shown.
 *
 * Memory is bounded: of a line longer than the room, the beginning is given and the rest passed over.
 */
#ifndef LEPTON_MODEL_INTAKE_H
#define LEPTON_MODEL_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

#define LEPTON__LINE_ROOM ((size_t)64 << 10)

struct lepton__intake { /* zeroed at first */
	char *data; /* LEPTON__LINE_ROOM and a NUL; from the first room() on */
	size_t start, end;
	bool passing; /* over the rest of a line that was too long */
};

/* Where to put more bytes and how many; 0 when out of memory. Call it only after next() gave NULL. */
size_t lepton__intake_room(struct lepton__intake *intake, char **at);
void lepton__intake_fill(struct lepton__intake *intake, size_t size);
/* The next whole line without its end, valid until room(); `last`: what is left is one too. *cut: it was too long. */
char *lepton__intake_next(struct lepton__intake *intake, bool last, bool *cut);
void lepton__intake_clear(struct lepton__intake *intake); /* also frees */

/* A line as a terminal would leave it, in plain text: what a carriage return writes over is gone, so are
 * escape sequences; other control characters are blanks; cut at a character. */
void lepton__intake_clean(const char *line, char *out, size_t size);

#endif
