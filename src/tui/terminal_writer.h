/* tui/terminal_writer.h - the bytes that make a terminal's picture another one: as few as will do.
 *
 * No curses here, and no terminal: cells go in, bytes come out, so that tests can read them with a terminal
 * of their own. What the terminal understands comes from terminfo, once. Cells are put with putting what has
 * changed; a frame is what makes the difference to the last one.
 */
#ifndef LEPTON_TUI_TERMINAL_WRITER_H
#define LEPTON_TUI_TERMINAL_WRITER_H

#include "tui/screen.h"

struct lepton__paint {       /* of one cell, in the terminal's own numbers */
	int32_t fg, bg;      /* -1: the terminal's own */
	uint16_t attributes; /* LEPTON__BOLD … */
};

struct lepton__painted { /* glyph.code 0: the right half of a wide one */
	struct lepton__glyph glyph;
	struct lepton__paint paint;
};

enum lepton__capability {
	LEPTON__CAN_CLEAR,
	LEPTON__CAN_CUP,
	LEPTON__CAN_HPA,
	LEPTON__CAN_VPA,
	LEPTON__CAN_HOME,
	LEPTON__CAN_CUF,
	LEPTON__CAN_CUB,
	LEPTON__CAN_CUU,
	LEPTON__CAN_CUD,
	LEPTON__CAN_CUF1,
	LEPTON__CAN_CUB1,
	LEPTON__CAN_CUU1,
	LEPTON__CAN_CUD1,
	LEPTON__CAN_CR,
	LEPTON__CAN_EL,
	LEPTON__CAN_ECH,
	LEPTON__CAN_REP,
	LEPTON__CAN_CSR,
	LEPTON__CAN_IND,
	LEPTON__CAN_INDN,
	LEPTON__CAN_RI,
	LEPTON__CAN_RIN,
	LEPTON__CAN_SGR0,
	LEPTON__CAN_OP,
	LEPTON__CAN_SETAF,
	LEPTON__CAN_SETAB,
	LEPTON__CAN_BOLD,
	LEPTON__CAN_DIM,
	LEPTON__CAN_SMUL,
	LEPTON__CAN_REV,
	LEPTON__CAN_SITM,
	LEPTON__CAN_RMUL,
	LEPTON__CAN_CIVIS,
	LEPTON__CAN_CNORM,
	LEPTON__CAN_RMAM,
	LEPTON__CAN_SMAM,
	LEPTON__CAPABILITIES,
};

/* What a terminal can. */
struct lepton__can {
	char *text[LEPTON__CAPABILITIES]; /* without padding; NULL: that it cannot */
	bool true_color;                  /* 24 bits by ISO 8613-6, whatever setaf says */
	bool erases_in_color;             /* bce: what it erases takes the background of the moment */
	bool margin, waits; /* am: goes on in the next line; xenl: but not before the next character */
	bool moves_painted; /* msgr: the cursor may move while attributes are on */
	bool sgr;           /* attributes and colours are all ESC [ … m, and can be said in one */
	bool ends;          /* each attribute ends by itself: 22, 23, 24, 27 */
	bool color_ends;    /* 39, 49 */
	uint16_t attributes, plain_only; /* those it has; those of them that do not go with colours */
};
/* Of the terminal whose terminfo entry is loaded. */
int lepton__can_load(struct lepton__can *can, bool true_color, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__can_free(struct lepton__can *can);
/* A capability with its parameters, appended; nothing if there is none. */
void lepton__can_say(const struct lepton__can *can, enum lepton__capability which, int one, int two,
	struct lepton__buffer *out);
/* Without what the terminal has not. */
struct lepton__paint lepton__can_paint(const struct lepton__can *can, struct lepton__paint paint);

struct lepton__pen { /* what the terminal paints with */
	struct lepton__paint paint;
	bool known;
};
void lepton__pen_set(const struct lepton__can *can, struct lepton__pen *pen, struct lepton__paint paint,
	struct lepton__buffer *out);
bool lepton__paint_same(struct lepton__paint a, struct lepton__paint b);
bool lepton__is_blank(const struct lepton__painted *cell); /* nothing of its foreground is seen */
/* The cell looks right, painted with this. */
bool lepton__paint_does(struct lepton__paint paint, const struct lepton__painted *cell);

struct lepton__stroke { /* cells beside each other that are to be written with one pen */
	int y, x, end;  /* from x to before end */
	bool erase;     /* then to the end of the line */
	bool blank;     /* no foreground is seen: any will do */
	struct lepton__paint paint;
};

struct lepton__glass { /* what the terminal is left with: changes while bytes are made */
	struct lepton__pen pen;
	int y, x; /* the cursor; y < 0: who knows */
};

struct lepton__writer {
	struct lepton__can can;
	int rows, cols;
	struct lepton__painted *there, *next; /* rows * cols: on the terminal; what shall be */
	bool *changed;                        /* cols: of the line that is looked at */
	bool feeds; /* a line feed goes down and nothing else: the line adds no return to it */
	bool lost;  /* nothing is known of what is there: it is cleared first */
	bool cursor_shown, cursor_known;
	struct lepton__glass glass;
	struct lepton__stroke *strokes, *sorted;
	size_t stroke_count, stroke_capacity, sorted_capacity;
	struct lepton__buffer out; /* the frame; whoever sends it empties it */
};

/* The entry is loaded, as for can_load. */
int lepton__writer_open(
	struct lepton__writer *writer, bool true_color, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__writer_close(struct lepton__writer *writer);
int lepton__writer_resize(
	struct lepton__writer *writer, int rows, int cols, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__writer_forget(struct lepton__writer *writer); /* the next frame begins with a clear */
void lepton__writer_forget_row(struct lepton__writer *writer, int y);
/* What shall be seen at y, x, both inside; a wide glyph takes the cell to the right as well. */
void lepton__writer_put(struct lepton__writer *writer, int y, int x, const struct lepton__painted *cell);
/* All changes since the last frame into out; still: what is on the screen may not be scrolled. */
void lepton__writer_frame(struct lepton__writer *writer, bool still);
void lepton__writer_cursor(struct lepton__writer *writer, int y, int x); /* shown there; y < 0: hidden */
void lepton__writer_leave(struct lepton__writer *writer); /* plain again, and nothing is known afterwards */

/* Between its files. */
struct lepton__painted *lepton__writer_row(
	struct lepton__painted *cells, const struct lepton__writer *writer, int y);
bool lepton__painted_same(const struct lepton__painted *a, const struct lepton__painted *b);
bool lepton__may_erase(
	const struct lepton__can *can, struct lepton__paint paint); /* what is erased looks so */
void lepton__writer_move(
	struct lepton__writer *writer, int y, int x, struct lepton__buffer *out); /* terminal_move.c */
void lepton__writer_scroll(
	struct lepton__writer *writer, struct lepton__buffer *out); /* terminal_scroll.c: where it pays */
/* terminal_stroke.c: one after another. */
void lepton__writer_stroke(
	struct lepton__writer *writer, const struct lepton__stroke *stroke, struct lepton__buffer *out);

#endif
