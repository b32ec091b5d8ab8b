/* tests/glass_read.h - a terminal of the tests' own, after the manuals (VT100, ECMA-48, xterm's control
 * sequences), with nothing of the writer in it. Where terminals differ it does the worst: half a wide
 * character that is left turns into rubbish, and moving on from behind the last column fails the test, as
 * does what the terminal of its kind has not.
 */
#ifndef TESTS_GLASS_READ_H
#define TESTS_GLASS_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GLASS_ROWS 48
#define GLASS_COLS 180

struct kind { /* of terminal */
	const char *term;
	bool bce, xenl, colors_256, colors_16, colors_8, rgb, ends, ech, rep, hpa, csr;
};

struct pixel {                   /* one place on the glass */
	uint32_t code, marks[2]; /* code 0: the right half */
	int width;
	int32_t fg, bg; /* -1: its own; a number; with rgb 0xRRGGBB */
	bool bold, dim, italic, underline, reverse;
};

struct glass_terminal {
	struct kind kind;
	int rows, cols, y, x, top, bottom;
	bool waiting, hidden, no_margin,
		returns; /* waiting: behind the last column; returns: the line adds one to a feed */
	struct pixel pen, last, cells[GLASS_ROWS][GLASS_COLS];
};

void glass_begin(
	struct glass_terminal *glass, const struct kind *kind, int rows, int cols); /* full of rubbish */
void glass_read(struct glass_terminal *glass, const char *bytes, size_t size);

#endif
