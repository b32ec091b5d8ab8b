/* tui/picture.c - an image in cells, by half blocks: the upper pixel in one colour, the lower in the other.
 *
 * A half block can be drawn as the upper half or as the lower one with the colours the other way round. The
 * brighter pixel is made the ink, and where both are alike the cell is full or empty. So the same cells,
 * copied without their colours, still show the shapes. Without colours, or without blocks, a cell is one
 * of a few signs that fill more and more of it. Where the terminal has graphics, the image itself lies over
 * its cells, with all pixels that a shrunk one lacks.
 */
#include "config.h"
#include "tui/picture.h"

#define ALIKE 24  /* of 255: pixels no further apart share a cell */
#define BRIGHT 96 /* where both are alike: filled */

struct color {
	int red, green, blue;
};

/* The mean of the pixels that one stands for; those beyond the edge do not count. */
static struct color mean_at(const struct lepton__picture *p, int shrink, int row, int col)
{
	int sum[3] = {0}, n = 0;
	for (int y = row * shrink; y < (row + 1) * shrink && y < p->height; y++)
		for (int x = col * shrink; x < (col + 1) * shrink && x < p->width; x++, n++)
			for (int c = 0; c < 3; c++)
				sum[c] += p->pixels[(y * p->width + x) * p->channels +
						    (c < p->channels ? c : 0)];
	n = n ? n : 1;
	return (struct color){sum[0] / n, sum[1] / n, sum[2] / n};
}

/* As the eye weighs it (Rec. 601). */
static int brightness(struct color c)
{
	return (299 * c.red + 587 * c.green + 114 * c.blue) / 1000;
}

static int32_t rgb(struct color c)
{
	return (int32_t)(c.red << 16 | c.green << 8 | c.blue);
}

static bool alike(struct color a, struct color b)
{
	int red = a.red - b.red, green = a.green - b.green, blue = a.blue - b.blue;
	return red * red + green * green + blue * blue <= ALIKE * ALIKE;
}

static void put_colors(struct lepton__screen *screen, int y, int x, struct color up, struct color down)
{
	struct lepton__style style = {rgb(up), rgb(down), 0};
	uint32_t sign = 0x2580; /* upper half */
	if (alike(up, down)) {
		sign = brightness(up) >= BRIGHT ? 0x2588 : ' ';
		style.bg = rgb(up);
	} else if (brightness(down) > brightness(up)) {
		sign = 0x2584;
		style = (struct lepton__style){rgb(down), rgb(up), 0};
	}
	lepton__screen_put(screen, y, x, sign, style);
}

static void put_shade(struct lepton__screen *screen, int y, int x, struct color up, struct color down)
{
	static const char signs[] = " .:-=+*#%@";
	static const uint32_t blocks[] = {' ', 0x2591, 0x2592, 0x2593, 0x2588};
	const int level = (brightness(up) + brightness(down)) / 2;
	uint32_t sign = screen->glyphs == LEPTON__GLYPHS_ASCII ? (uint32_t)signs[level * 10 / 256]
							       : blocks[level * 5 / 256];
	lepton__screen_put(screen, y, x, sign, screen->base);
}

void lepton__picture_size(const struct lepton__picture *picture, int shrink, int *rows, int *cols)
{
	const int height = (picture->height + shrink - 1) / shrink;
	*cols = (picture->width + shrink - 1) / shrink;
	*rows = (height + 1) / 2;
}

void lepton__picture_draw(struct lepton__screen *screen, int y, int x, const struct lepton__picture *picture,
	int shrink, bool mono)
{
	int rows, cols;
	lepton__picture_size(picture, shrink, &rows, &cols);
	for (int r = 0; r < rows; r++)
		for (int c = 0; c < cols; c++) {
			struct color up = mean_at(picture, shrink, 2 * r, c),
				     down = mean_at(picture, shrink, 2 * r + 1, c);
			if (mono || screen->glyphs == LEPTON__GLYPHS_ASCII)
				put_shade(screen, y + r, x + c, up, down);
			else
				put_colors(screen, y + r, x + c, up, down);
		}
	lepton__screen_patch(screen, (struct lepton__rect){y, x, rows, cols}, picture);
}
