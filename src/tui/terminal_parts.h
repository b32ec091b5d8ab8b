/* tui/terminal_parts.h - what the files of the terminal share. */
#ifndef LEPTON_TUI_TERMINAL_PARTS_H
#define LEPTON_TUI_TERMINAL_PARTS_H

#include "tui/terminal.h"
#include "tui/terminal_pictures.h"
#include "tui/terminal_writer.h"
#include "tui/terminfo.h"

#include <curses.h>

#define LEPTON__COLOR_CACHE 1024
#define LEPTON__COLOR_TRIES 16 /* places that a colour may be at */

struct lepton__palette { /* from colours to the terminal's numbers */
	enum lepton__colors colors;
	bool bright; /* has 8..15 as colours, not only as bold */
	struct {
		int32_t color;
		int index;
		bool known;
	} cache[LEPTON__COLOR_CACHE];
};

/* count: as many colours as the terminal's entry says. */
void lepton__palette_init(struct lepton__palette *palette, enum lepton__colors colors, int count);
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

/* terminal_answers.c */
struct lepton__terminal_answers {
	bool asked, done; /* done: the last one has come */
	double until;     /* that they are waited for, monotonic */
	bool kitty, sixel;
	bool keys;                              /* knows kitty's keyboard protocol */
	int cell_height, cell_width, registers; /* 0: not said */
	bool news;        /* since whoever acts on them has looked */
	char questions[80];
};
/* Which questions; what ends the answers is always asked. */
enum { LEPTON__ASK_KEYS = 1, LEPTON__ASK_SIXEL = 2, LEPTON__ASK_KITTY = 4 };
/* The questions, to be sent; good as long as the answers. */
const char *lepton__answers_ask(struct lepton__terminal_answers *answers, unsigned which, double now);
bool lepton__answers_awaited(const struct lepton__terminal_answers *answers, double now);
bool lepton__answers_csi(struct lepton__terminal_answers *answers, const char *text); /* false: it is none */
void lepton__answers_apc(struct lepton__terminal_answers *answers, const char *text);
bool lepton__is_cell_size(int height, int width); /* that can be believed */

/* terminal_pace.c: zeroed is good to begin with. */
#define LEPTON__PACE_FRAMES 16
struct lepton__pace_frame {
	double sent; /* monotonic */
	size_t bytes;
};
struct lepton__pace {
	struct lepton__pace_frame frames[LEPTON__PACE_FRAMES]; /* that nobody has answered, a ring */
	size_t first, count;
	double rate;           /* the most bytes a second that a frame came at */
	double quickest;       /* answer, in seconds … */
	size_t quickest_bytes; /* … and its frame */
	bool answers;          /* it has answered once */
	int unheard;           /* times in a row that waiting was given up */
};
/* A frame of so many bytes goes now; true: with LEPTON__PACE_QUESTION behind it. */
#define LEPTON__PACE_QUESTION "\x1b[5n"
bool lepton__pace_ask(struct lepton__pace *pace, size_t bytes, double now);
void lepton__pace_heard(struct lepton__pace *pace, double now); /* its answer to the oldest question */
/* 0: the next frame may go; else when it may at the latest, though the terminal says nothing. */
double lepton__pace_held(const struct lepton__pace *pace, double now);
void lepton__pace_forget(struct lepton__pace *pace); /* what was asked */

/* terminal_sequence.c: zeroed is good to begin with. */
struct lepton__sequence {
	int state;
	double until; /* it is forgotten */
	size_t used;
	char text[96];
	bool pasting;         /* between the marks around what is pasted */
	double pasting_until; /* the mark at its end is given up */
	struct lepton__terminal_answers answers;
	struct lepton__pace pace;
};
/* A character. False: it is a key by itself; else *out is what it completes, or NONE. */
bool lepton__sequence_take(struct lepton__sequence *sequence, uint32_t code, double now, struct lepton__input *out);
/* Nothing more is there: Esc, or Esc and a bracket, where that is all there was. */
struct lepton__input lepton__sequence_pause(struct lepton__sequence *sequence, double now);
bool lepton__sequence_pasting(struct lepton__sequence *sequence, double now); /* what comes is pasted */
bool lepton__sequence_escaped(struct lepton__sequence *sequence); /* an ESC came right before; it is gone */

#define LEPTON__PASTE_ON "\x1b[?2004h"
#define LEPTON__PASTE_OFF "\x1b[?2004l"

/* Keys that are told apart, Esc from what follows it, a letter from the same with Alt: the least of kitty's
 * keyboard protocol. The terminal's other screen has a state of its own, so the shell's is as it was. */
#define LEPTON__KEYS_ON "\x1b[>1u"
#define LEPTON__KEYS_OFF "\x1b[<u"

struct lepton__terminal {
	struct lepton__terminal_options options;
	struct lepton__terminfo info;
	struct lepton__screen *screen;
	struct lepton__cell *shown; /* as screen->cells at the last flush */
	struct lepton__layer layer;
	struct lepton__sequence sequence;
	SCREEN *curses;
	WINDOW *keys;
	struct lepton__palette palette;
	struct lepton__writer writer;
	struct lepton__catch caught;
	struct termios saved;
	struct lepton__buffer reset_bytes;
	enum lepton__signal signal;
	bool listening, mouse;
	bool may_key; /* it may be asked for kitty's keyboard protocol */
	bool keyed;   /* LEPTON__KEYS_ON was sent */
	bool pastes; /* marks around what is pasted, which come with the mouse where that is on */
	bool resized, stop, continued; /* what signals asked for */
	int cursor_y, cursor_x;
	struct lepton__input kept[16]; /* that came while answers were waited for */
	size_t kept_count;
};

/* terminal_csi.c: what stands behind "ESC [" as a key, 0 for none of ours, as letters with Alt. */
uint32_t lepton__csi_key(const char *text);
/* One event of curses' from the window; NONE when there is nothing. */
struct lepton__input lepton__input_read(WINDOW *keys, struct lepton__sequence *sequence);
void lepton__terminal_write_frame(struct lepton__terminal *terminal); /* what the writer has, in one go */
void lepton__terminal_ask_ahead(
	struct lepton__terminal *terminal); /* before the first frame: whether it answers */
void lepton__terminal_write(
	const char *bytes, size_t size); /* terminal_flush.c: whole, however slow the line */
/* terminal_graphics.c: what it can do, by wish and answers, into the screen; false: as before. */
bool lepton__graphics_choose(struct lepton__terminal *terminal);
void lepton__terminal_ask(struct lepton__terminal *terminal); /* once, which keyboard and, where it can help, graphics it has */
void lepton__graphics_begin(
	struct lepton__terminal *terminal); /* around the cells, into the writer's frame */
void lepton__graphics_end(struct lepton__terminal *terminal);
void lepton__graphics_leave(struct lepton__terminal *terminal); /* before the terminal is given back */

#endif
