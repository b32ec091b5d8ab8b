/* tui/sixel_colors.c - the few colours that a sixel picture is drawn with.
 *
 * Sixel registers hold percent, so colours are counted as those: a grey image has 101 at most and keeps them
 * all. Where there are more colours than registers, boxes of them are cut in two, as in the median cut
 * (Heckbert, "Color image quantization for frame buffer display", SIGGRAPH 1982): always the box with the
 * longest edge, across it, until there are as many as registers; each becomes the mean of its pixels. The cut
 * is at the mean along the edge and not at the median, so that a few pixels far from all others soon have a
 * colour of their own.
 */
#include "config.h"
#include "tui/graphics.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct color {
	uint8_t percent[3];
	uint8_t box; /* once cut */
	uint32_t pixels;
};

struct box { /* a range of the colours */
	size_t from, to;
	int axis, edge; /* the longest, and its length; 0: nothing to cut */
};

const uint8_t *lepton__picture_rgb(const struct lepton__picture *picture, int y, int x, uint8_t rgb[3])
{
	const uint8_t *pixel = picture->pixels + (size_t)(y * picture->width + x) * (size_t)picture->channels;
	for (int c = 0; c < 3; c++)
		rgb[c] = pixel[c < picture->channels ? c : 0];
	return rgb;
}

static struct color color_at(const struct lepton__picture *picture, int y, int x)
{
	struct color color = {.pixels = 1};
	uint8_t rgb[3];
	lepton__picture_rgb(picture, y, x, rgb);
	for (int c = 0; c < 3; c++)
		color.percent[c] = (uint8_t)((rgb[c] * 100 + 127) / 255);
	return color;
}

/* ---- orders ---- */

static int compare_colors(const void *a, const void *b)
{
	const struct color *left = a, *right = b;
	return memcmp(left->percent, right->percent, sizeof left->percent);
}

/* Along one axis; where they are alike there, in the order of all three, so that equal input gives equal
 * boxes. */
static int compare_along(const void *a, const void *b, int axis)
{
	const struct color *left = a, *right = b;
	int apart = left->percent[axis] - right->percent[axis];
	return apart ? apart : compare_colors(a, b);
}

static int by_red(const void *a, const void *b)
{
	return compare_along(a, b, 0);
}

static int by_green(const void *a, const void *b)
{
	return compare_along(a, b, 1);
}

static int by_blue(const void *a, const void *b)
{
	return compare_along(a, b, 2);
}

/* ---- cutting ---- */

static size_t gather(const struct lepton__picture *picture, struct color *colors)
{
	size_t all = 0, count = 0;
	for (int y = 0; y < picture->height; y++)
		for (int x = 0; x < picture->width; x++)
			colors[all++] = color_at(picture, y, x);
	qsort(colors, all, sizeof *colors, compare_colors);
	for (size_t i = 0; i < all; i++)
		if (count && compare_colors(&colors[count - 1], &colors[i]) == 0)
			colors[count - 1].pixels++;
		else
			colors[count++] = colors[i];
	return count;
}

static struct box box_around(const struct color *colors, size_t from, size_t to)
{
	struct box box = {.from = from, .to = to};
	for (int axis = 0; axis < 3; axis++) {
		int least = 100, most = 0;
		for (size_t i = from; i < to; i++) {
			least = colors[i].percent[axis] < least ? colors[i].percent[axis] : least;
			most = colors[i].percent[axis] > most ? colors[i].percent[axis] : most;
		}
		if (most - least > box.edge) {
			box.axis = axis;
			box.edge = most - least;
		}
	}
	return box;
}

/* The first colour above the mean along the edge; some are, and some are not, for the edge has a length. */
static size_t middle_of(const struct color *colors, const struct box *box)
{
	uint64_t sum = 0, pixels = 0;
	size_t at = box->from;
	for (size_t i = box->from; i < box->to; i++) {
		sum += (uint64_t)colors[i].percent[box->axis] * colors[i].pixels;
		pixels += colors[i].pixels;
	}
	while (colors[at].percent[box->axis] * pixels <= sum)
		at++;
	return at;
}

static int cut(struct color *colors, size_t count, int most, struct box *boxes)
{
	static int (*const orders[])(const void *a, const void *b) = {by_red, by_green, by_blue};
	int made = 1;
	boxes[0] = box_around(colors, 0, count);
	while (made < most) {
		struct box *longest = boxes;
		for (int i = 1; i < made; i++)
			longest = boxes[i].edge > longest->edge ? &boxes[i] : longest;
		if (!longest->edge)
			break;
		qsort(colors + longest->from, longest->to - longest->from, sizeof *colors,
			orders[longest->axis]);
		size_t middle = middle_of(colors, longest);
		boxes[made++] = box_around(colors, middle, longest->to);
		*longest = box_around(colors, longest->from, middle);
	}
	return made;
}

static void mean_of(struct color *colors, const struct box *box, uint8_t which, uint8_t percent[3])
{
	uint64_t sum[3] = {0}, pixels = 0;
	for (size_t i = box->from; i < box->to; i++) {
		colors[i].box = which;
		pixels += colors[i].pixels;
		for (int c = 0; c < 3; c++)
			sum[c] += (uint64_t)colors[i].percent[c] * colors[i].pixels;
	}
	for (int c = 0; c < 3; c++)
		percent[c] = (uint8_t)((sum[c] + pixels / 2) / pixels);
}

bool lepton__registers_choose(
	const struct lepton__picture *picture, int most, struct lepton__registers *out, uint8_t *index)
{
	struct box boxes[LEPTON__REGISTERS];
	size_t at = 0;
	struct color *colors =
		lepton__calloc((size_t)picture->height * (size_t)picture->width, sizeof *colors);
	if (!colors)
		return false;
	most = most > LEPTON__REGISTERS ? LEPTON__REGISTERS : most < 2 ? 2 : most;
	size_t count = gather(picture, colors);
	out->count = cut(colors, count, most, boxes);
	for (int i = 0; i < out->count; i++)
		mean_of(colors, &boxes[i], (uint8_t)i, out->percent[i]);
	qsort(colors, count, sizeof *colors, compare_colors);
	for (int y = 0; y < picture->height; y++)
		for (int x = 0; x < picture->width; x++) {
			struct color wanted = color_at(picture, y, x);
			const struct color *found =
				bsearch(&wanted, colors, count, sizeof *colors, compare_colors);
			index[at++] = found ? found->box : 0; /* every pixel was gathered */
		}
	lepton__free(colors);
	return true;
}
