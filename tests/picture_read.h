/* tests/picture_read.h - what a terminal makes of the bytes of a picture: decoders of the tests' own, after the manuals, with
 * nothing of the encoders in them. What no terminal would take fails the test.
 */
#ifndef TESTS_PICTURE_READ_H
#define TESTS_PICTURE_READ_H

#include <stdbool.h>
#include <stdint.h>

#define SIDE_MOST 512

struct image {
	int height, width, registers;
	int painted;                          /* pixels that were set */
	uint8_t rgb[SIDE_MOST][SIDE_MOST][3]; /* percent, in sixels; else 0 to 255 */
	bool set[SIDE_MOST][SIDE_MOST];
};

struct command { /* one, of any number of chunks */
	char keys[128];
	char payload[1 << 20];
	int chunks;
};

/* Pieces of a text; what they take is gone from it. */
int read_number(const char **at);
const char *read_words(const char *at, const char *text);

/* One sixel picture, or one command; what stands behind it. */
const char *read_sixel(const char *at, struct image *image);
const char *read_command(const char *at, struct command *command);
long key_of(const struct command *command, const char *key); /* ",s=" */
void unpack(const struct command *command, struct image *image); /* the pixels it sends */

/* The same numbers in each run; 0 to below - 1. */
uint32_t any(uint32_t below);

#endif
