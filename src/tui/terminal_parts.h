/* tui/terminal_parts.h - what the files of the terminal share. */
#ifndef LEPTON_TUI_TERMINAL_PARTS_H
#define LEPTON_TUI_TERMINAL_PARTS_H

#include "tui/terminal.h"
#include "tui/terminfo.h"

#include <curses.h>

#define LEPTON__COLOR_CACHE 512

struct lepton__palette { /* from colours to what curses calls them */
	enum lepton__colors colors;
	bool bright; /* has 8..15 as colours, not only as bold */
	struct {
		int32_t color;
		int index;
		bool known;
	} cache[LEPTON__COLOR_CACHE];
};

struct lepton__paint { /* of one cell */
	attr_t attributes;
	int pair;
};

/* After start_color. */
void lepton__palette_init(struct lepton__palette *palette, enum lepton__colors colors);
struct lepton__paint lepton__palette_paint(
		struct lepton__palette *palette, struct lepton__style style, struct lepton__style base);

/* Standard error while the screen is ours: a pipe whose lines go to a callback. */
struct lepton__catch {
	int read_fd, saved_fd; /* -1: not caught */
	size_t used;
	char line[1024];
};
int lepton__catch_open(struct lepton__catch *caught, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__catch_read(struct lepton__catch *caught, void (*line)(void *context, const char *line), void *context);
void lepton__catch_pause(struct lepton__catch *caught, bool pause); /* while stopped, standard error is the real one */
void lepton__catch_close(struct lepton__catch *caught);

struct lepton__terminal {
	struct lepton__terminal_options options;
	struct lepton__terminfo info;
	struct lepton__screen *screen;
	struct lepton__cell *shown; /* as screen->cells at the last flush */
	SCREEN *curses;
	WINDOW *keys;
	struct lepton__palette palette;
	struct lepton__catch caught;
	struct termios saved;
	struct lepton__buffer reset_bytes;
	enum lepton__signal signal;
	bool listening, mouse;
	bool resized, stop, continued; /* what signals asked for */
	int cursor_y, cursor_x;
};

/* terminal_csi.c: what stands behind "ESC [" as a key, 0 for none of ours; *alt: with Alt. */
uint32_t lepton__csi_key(const char *text, bool *alt);
/* One event of curses' from the window; NONE when there is nothing. */
struct lepton__input lepton__input_read(WINDOW *keys);

#endif
