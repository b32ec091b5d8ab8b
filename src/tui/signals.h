/* tui/signals.h - signals as bytes in a pipe, and the terminal given back when the program crashes.
 *
 * INT, TERM, HUP, WINCH, TSTP and CONT write one byte each into a self-pipe that the loop polls. The
 * fatal ones (SEGV, BUS, FPE, ILL, ABRT) run on their own stack, write prebuilt bytes that reset the
 * terminal, restore the saved termios, and are raised again with their old handler. Only
 * async-signal-safe calls. The dashboard's thread opens this; worker threads block all signals.
 */
#ifndef LEPTON_TUI_SIGNALS_H
#define LEPTON_TUI_SIGNALS_H

#include "lepton/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

enum lepton__signal { /* the bytes */
	LEPTON__SIGNAL_NONE = 0,
	LEPTON__SIGNAL_INT = 'I',
	LEPTON__SIGNAL_TERM = 'T',
	LEPTON__SIGNAL_HUP = 'H',
	LEPTON__SIGNAL_WINCH = 'W',
	LEPTON__SIGNAL_TSTP = 'Z',
	LEPTON__SIGNAL_CONT = 'C',
};

int lepton__signals_open(struct lepton_error *err) LEPTON_MUST_CHECK; /* once at a time in a process */
void lepton__signals_close(void);                                     /* old handlers back */
int lepton__signals_fd(void);                                         /* polls readable */
enum lepton__signal lepton__signals_next(void);                       /* NONE when the pipe is empty */
/* What a crash shall do: write these bytes to `fd`, restore `saved` there, and make `stderr_fd` (<0: leave it)
 * standard error again, so that what the crash says is seen. size 0: nothing (the terminal was given back). */
void lepton__signals_arm(int fd, const void *bytes, size_t size, const struct termios *saved, int stderr_fd);
/* Stop as ^Z would (the terminal must have been given back); returns after the CONT. */
void lepton__signals_stop_self(void);

#endif
