/* tui/terminfo.h - what terminfo says of a terminal, and an entry of our own made from it. */
#ifndef LEPTON_TUI_TERMINFO_H
#define LEPTON_TUI_TERMINFO_H

#include "base/buffer.h"

struct lepton__terminfo {
	int colors;         /* 0: none */
	bool direct;        /* its colours are red, green, blue: the RGB flag */
	bool true_color;    /* sets these too, though the entry's colours are others: the Tc flag, as of kitty and tmux */
	bool ansi_colors;   /* sets colours by ESC [ … m */
	bool mouse;         /* sends mouse events as xterm does */
	bool can_move;      /* has cursor addressing: the least we need */
	int rows, cols;     /* as the entry says; 0: it does not */
};

/* Ask for TERM's entry. LEPTON_E_UNSUPPORTED with a sentence when there is none. Leaves it loaded for the
 * next two calls and lepton__can_load; done frees it. */
int lepton__terminfo_open(const char *term, int fd, struct lepton__terminfo *out, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__terminfo_done(void);
/* The bytes that give the terminal back from within curses. */
void lepton__terminfo_reset_bytes(bool mouse, struct lepton__buffer *out);
/* The same entry under the name LEPTON__TERM_NAME, with SGR mouse reports, in the text form
 * that ncurses takes in the variable TERMINFO ("hex:…"). */
#define LEPTON__TERM_NAME "lepton-terminal"
void lepton__terminfo_make(struct lepton__buffer *out);

#endif
