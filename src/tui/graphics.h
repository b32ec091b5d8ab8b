/* tui/graphics.h - images as a terminal's own graphics: sixels, or kitty's protocol.
 *
 * The encoders are functions from pixels to bytes. They ask nothing and send nothing: where a picture goes, and when
 * it has to be sent again, is terminal_pictures.c's matter.
 */
#ifndef LEPTON_TUI_GRAPHICS_H
#define LEPTON_TUI_GRAPHICS_H

#include "base/buffer.h"

struct lepton__picture {
	int height, width, channels; /* 1: grey; 3: red, green, blue */
	const uint8_t *pixels;       /* row by row, channels last */
};

/* How pictures are drawn, and how a person wishes them to be: then auto leaves it to the terminal's answers. */
enum lepton__pictures {
	LEPTON__PICTURES_AUTO,
	LEPTON__PICTURES_KITTY,
	LEPTON__PICTURES_SIXEL,
	LEPTON__PICTURES_BLOCKS,
	LEPTON__PICTURES,
};
extern const char *const lepton__pictures_names[LEPTON__PICTURES]; /* "auto" … */

struct lepton__graphics { /* what the screen's terminal can do */
	enum lepton__pictures how;  /* kitty or sixel; all else: blocks */
	int cell_height, cell_width; /* of a cell, in pixels */
	int registers;               /* colours of one sixel picture */
};

/* One red, green and blue of a pixel; of a grey one three times the same. */
const uint8_t *lepton__picture_rgb(const struct lepton__picture *picture, int y, int x, uint8_t rgb[3]);

/* A picture of few colours, as percent of red, green and blue. */
#define LEPTON__REGISTERS 256
struct lepton__registers {
	int count;
	uint8_t percent[LEPTON__REGISTERS][3];
};
/* At most `most` of them (2 to 256), and which one each pixel has. False: no memory. */
bool lepton__registers_choose(
		const struct lepton__picture *picture, int most, struct lepton__registers *out, uint8_t *index) LEPTON_MUST_CHECK;

/* Each pixel becomes factor × factor. Faults show in out->failed. */
void lepton__sixel(const struct lepton__picture *picture, int factor, int registers, struct lepton__buffer *out);

/* Sent and shown where the cursor stands, known as `id` (not 0) from then on; shown at the cursor instead of where it
 * was; forgotten. */
void lepton__kitty_send(const struct lepton__picture *picture, int factor, uint32_t id, struct lepton__buffer *out);
void lepton__kitty_place(uint32_t id, struct lepton__buffer *out);
void lepton__kitty_delete(uint32_t id, struct lepton__buffer *out);

#endif
