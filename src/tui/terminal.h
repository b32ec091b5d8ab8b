/* tui/terminal.h - the real terminal: taken, drawn to, listened to, and given back whatever happens.
 *
 * Only terminal*.c and terminfo.c call curses, which takes the terminal and reads its keys. Draw into the
 * screen, then flush: only what changed is sent, in one write. Only the thread that opened it may call it.
 */
#ifndef LEPTON_TUI_TERMINAL_H
#define LEPTON_TUI_TERMINAL_H

#include "tui/screen.h"
#include "tui/signals.h"

enum lepton__key { /* what is no character; characters are their code point, Ctrl-A..Z 1..26 */
	LEPTON__KEY_ESC = 27,
	LEPTON__KEY_TAB = 9,
	LEPTON__KEY_ENTER = 13,
	LEPTON__KEY_BACKSPACE = 127,
	LEPTON__KEY_UP = 0x110000,
	LEPTON__KEY_DOWN,
	LEPTON__KEY_LEFT,
	LEPTON__KEY_RIGHT,
	LEPTON__KEY_HOME,
	LEPTON__KEY_END,
	LEPTON__KEY_PAGE_UP,
	LEPTON__KEY_PAGE_DOWN,
	LEPTON__KEY_INSERT,
	LEPTON__KEY_DELETE,
	LEPTON__KEY_BACKTAB,
	LEPTON__KEY_SHIFT_LEFT,
	LEPTON__KEY_SHIFT_RIGHT,
	LEPTON__KEY_SHIFT_UP,
	LEPTON__KEY_SHIFT_DOWN,
	LEPTON__KEY_F1, /* F1 … F12 follow each other */
	LEPTON__KEY_F12 = LEPTON__KEY_F1 + 11,
};

enum lepton__mouse {
	LEPTON__MOUSE_PRESS, LEPTON__MOUSE_RELEASE, LEPTON__MOUSE_DRAG, LEPTON__MOUSE_DOUBLE, LEPTON__MOUSE_WHEEL_UP,
	LEPTON__MOUSE_WHEEL_DOWN,
};

enum lepton__input_kind { LEPTON__INPUT_NONE, LEPTON__INPUT_KEY, LEPTON__INPUT_MOUSE, LEPTON__INPUT_RESIZE };

struct lepton__input {
	enum lepton__input_kind kind;
	uint32_t key;  /* KEY: a code point or a LEPTON__KEY_… */
	bool alt;      /* KEY: ESC came right before it; MOUSE: with Alt */
	bool pasted;   /* KEY: not typed */
	bool ctrl, shift; /* MOUSE */
	enum lepton__mouse mouse;
	int button;    /* 1 left, 2 middle, 3 right */
	int y, x;
};

enum lepton__colors { LEPTON__MONO, LEPTON__COLORS_16, LEPTON__COLORS_256, LEPTON__COLORS_TRUE };

struct lepton__terminal_options {
	bool ascii, no_color; /* NO_COLOR in the environment does it too */
	bool no_mouse;
	enum lepton__pictures pictures;
	int most_colors; /* 0: all the terminal has; else 1 + enum lepton__colors, true colour also unasked */
	/* Lines that libraries write to standard error while the terminal is ours; NULL: dropped. */
	void (*stderr_line)(void *context, const char *line);
	void *context;
};

struct lepton__terminal; /* opaque; one at a time in a process */

/* Checks first that standard input and output are terminals, TERM is usable; otherwise LEPTON_E_USAGE or
 * LEPTON_E_UNSUPPORTED with one sentence, and nothing has been touched. Opens signals.h's pipe as well. Calls
 * setlocale(LC_CTYPE, "") only. */
int lepton__terminal_open(const struct lepton__terminal_options *options, struct lepton__terminal **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__terminal_close(struct lepton__terminal *terminal); /* NULL is fine; the terminal is as it was */

struct lepton__screen *lepton__terminal_screen(struct lepton__terminal *terminal);
enum lepton__colors lepton__terminal_colors(const struct lepton__terminal *terminal);
size_t lepton__terminal_flush(struct lepton__terminal *terminal); /* screen to terminal: only changes; how many cells */
/* Monotonic: until when the next frame should wait at most, since the line has not brought the last ones yet;
 * 0: it need not. An answer that comes earlier is input. */
double lepton__terminal_held(const struct lepton__terminal *terminal);
void lepton__terminal_redraw(struct lepton__terminal *terminal);                   /* everything anew at the next flush (^L) */
void lepton__terminal_cursor(struct lepton__terminal *terminal, int y, int x);     /* show it there; y < 0: hide */
void lepton__terminal_pictures(struct lepton__terminal *terminal, enum lepton__pictures wish); /* from the next flush on */
void lepton__terminal_bell(struct lepton__terminal *terminal);
void lepton__terminal_send(struct lepton__terminal *terminal, const char *bytes); /* that move nothing and draw nothing */

/* Poll these for reading (there are *count, at most 3), then call next until it gives NONE. */
size_t lepton__terminal_fds(const struct lepton__terminal *terminal, int fds[3]);
/* The next key, mouse event or resize; never waits. The screen has its new size when RESIZE comes, or other graphics. Also reads
 * waiting stderr lines. TSTP and CONT are dealt with inside (given back, taken again, RESIZE follows). */
struct lepton__input lepton__terminal_next(struct lepton__terminal *terminal);
/* INT, TERM or HUP since the last call; NONE otherwise. */
enum lepton__signal lepton__terminal_signal(struct lepton__terminal *terminal);

#endif
