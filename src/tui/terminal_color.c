/* tui/terminal_color.c - a cell's style in the terminal's own numbers.
 *
 * A colour's number is its own value on a true-colour terminal, else the nearest of 256 or 16 (remembered,
 * since the search costs). Without colours, whatever lies on another background than the screen's is shown in
 * reverse.
 */
#include "config.h"
#include "tui/terminal_parts.h"

void lepton__palette_init(struct lepton__palette *palette, enum lepton__colors colors, int count)
{
	*palette = (struct lepton__palette){.colors = colors, .bright = colors > LEPTON__MONO && count >= 16};
}

static int find_index(const struct lepton__palette *palette, int32_t color)
{
	if (palette->colors == LEPTON__COLORS_TRUE)
		return (int)color;
	return palette->colors == LEPTON__COLORS_256 ? lepton__color_to_256(color)
						     : lepton__color_to_16(color);
}

/* Two colours that want the same place both have one: else each frame would look for both anew. */
static int index_of(struct lepton__palette *palette, int32_t color)
{
	uint32_t first = (uint32_t)color * 2654435761u >> 16, slot = first % LEPTON__COLOR_CACHE;
	if (color < 0)
		return -1;
	for (uint32_t i = 0; i < LEPTON__COLOR_TRIES; i++) {
		uint32_t at = (first + i) % LEPTON__COLOR_CACHE;
		if (palette->cache[at].known && palette->cache[at].color == color)
			return palette->cache[at].index;
		if (!palette->cache[at].known) {
			slot = at;
			break;
		}
	}
	palette->cache[slot].color = color;
	palette->cache[slot].index = find_index(palette, color);
	palette->cache[slot].known = true;
	return palette->cache[slot].index;
}

/* Sixteen colours often make one of two; then text goes to the far end of its background. */
static void keep_apart(struct lepton__style style, int *fg, int bg)
{
	if (*fg == bg && bg >= 0 && style.fg != style.bg)
		*fg = lepton__color_luminance(lepton__color_from_256(bg)) > 0.2 ? 0 : 15;
}

/* Eight colours: the bright ones are bold in front, plain behind. */
static void fold_bright(int *fg, int *bg, uint16_t *attributes)
{
	if (*fg == 8) {
		*fg = 7; /* bold black is invisible on too many terminals */
	} else if (*fg > 8) {
		*fg -= 8;
		*attributes |= LEPTON__BOLD;
	}
	if (*bg >= 8)
		*bg = *bg == 8 ? 0 : *bg - 8;
}

struct lepton__paint lepton__palette_paint(
	struct lepton__palette *palette, struct lepton__style style, struct lepton__style base)
{
	struct lepton__paint paint = {-1, -1, style.attributes};
	if (palette->colors == LEPTON__MONO) {
		if (style.bg != base.bg)
			paint.attributes ^= LEPTON__REVERSE;
		return paint;
	}
	int fg = index_of(palette, style.fg), bg = index_of(palette, style.bg);
	if (palette->colors == LEPTON__COLORS_16)
		keep_apart(style, &fg, bg);
	if (palette->colors == LEPTON__COLORS_16 && !palette->bright)
		fold_bright(&fg, &bg, &paint.attributes);
	paint.fg = fg;
	paint.bg = bg;
	return paint;
}
