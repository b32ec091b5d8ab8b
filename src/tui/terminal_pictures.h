/* tui/terminal_pictures.h - the pictures that are on the terminal, and what it takes to have others there.
 *
 * No curses here: what is to be sent comes as bytes, and which lines have to be written anew as flags.
 */
#ifndef LEPTON_TUI_TERMINAL_PICTURES_H
#define LEPTON_TUI_TERMINAL_PICTURES_H

#include "tui/screen.h"

struct lepton__placed { /* a picture on the terminal */
	char hash[65]; /* of all that it looks like */
	struct lepton__rect drawn;
	const struct lepton__patch *patch; /* of those that are to be there */
	uint32_t id;                       /* kitty's */
	bool stays;
};
struct lepton__placements {
	struct lepton__placed *items;
	size_t count, capacity;
};

enum { LEPTON__LINE_CHANGED = 1, LEPTON__LINE_REWRITE = 2 };

struct lepton__layer {
	struct lepton__placements there, wanted;
	enum lepton__pictures how; /* those there were drawn */
	bool lost;                 /* the terminal was cleared since */
	bool busy;                 /* between begin and end, with something to do */
	uint32_t last_id;
	uint8_t *lines;            /* of the screen, LEPTON__LINE_… or-ed; good while busy */
	size_t line_capacity;
};

void lepton__layer_free(struct lepton__layer *layer);
/* Before cells are flushed: covers those below pictures. `shown` are the cells as the terminal has them. Lines marked
 * REWRITE have to be sent though they are the same, for sixels lie on them that are to go. */
void lepton__layer_begin(
		struct lepton__layer *layer, struct lepton__screen *screen, const struct lepton__cell *shown);
/* Behind the cells: what puts the pictures there. Uncovers. */
void lepton__layer_end(struct lepton__layer *layer, struct lepton__screen *screen, struct lepton__buffer *out);
/* What takes away those that text does not: before the terminal is given back. */
void lepton__layer_leave(struct lepton__layer *layer, struct lepton__buffer *out);

#endif
