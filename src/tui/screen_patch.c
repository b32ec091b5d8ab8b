/* tui/screen_patch.c - pictures in pixels, over the cells that show them coarser.
 *
 * Whoever draws a picture draws its cells first and then says so here. A picture is shown whole or not at
 * all: its cells are compared with what they were, and where a window or a word has been drawn over them
 * since, the cells are what is seen. So nobody who draws needs to know of pictures, and a saved screen has
 * the cells.
 */
#include "config.h"
#include "tui/screen.h"

#include "base/memory.h"

#include <string.h>

#define LARGEST ((size_t)1 << 20) /* bytes of pixels; what would be larger stays in its cells */

/* How often each pixel is repeated in both directions to fill the cells, as far as whole numbers do; 0: it is
 * larger. */
static int factor_in(
	const struct lepton__graphics *graphics, const struct lepton__picture *picture, int rows, int cols)
{
	int down = rows * graphics->cell_height / picture->height,
	    across = cols * graphics->cell_width / picture->width;
	return down < across ? down : across;
}

static bool has_pixels(const struct lepton__graphics *graphics)
{
	return graphics->how == LEPTON__PICTURES_KITTY || graphics->how == LEPTON__PICTURES_SIXEL;
}

static int cells_of(int pixels, int cell)
{
	return (pixels + cell - 1) / cell;
}

/* The last row is left out: a terminal that draws there may scroll. */
static bool fits(const struct lepton__screen *screen, struct lepton__rect rect)
{
	return rect.y >= 0 && rect.x >= 0 && rect.rows > 0 && rect.cols > 0 &&
	       rect.y + rect.rows < screen->rows && rect.x + rect.cols <= screen->cols;
}

static void place(struct lepton__patch *patch, const struct lepton__graphics *graphics)
{
	struct lepton__rect *drawn = &patch->drawn;
	*drawn = patch->rect;
	drawn->rows = cells_of(patch->picture.height * patch->factor, graphics->cell_height);
	drawn->cols = cells_of(patch->picture.width * patch->factor, graphics->cell_width);
	drawn->y += (patch->rect.rows - drawn->rows) / 2;
	drawn->x += (patch->rect.cols - drawn->cols) / 2;
}

static struct lepton__cell *row_of(
	const struct lepton__screen *screen, const struct lepton__patch *patch, int row)
{
	return lepton__screen_at(screen, patch->rect.y + row, patch->rect.x);
}

static struct lepton__cell *under_of(const struct lepton__patch *patch, int row)
{
	return patch->under + (size_t)row * (size_t)patch->rect.cols;
}

static void drop(struct lepton__patch *patch)
{
	lepton__free(patch->under);
	lepton__free(patch->pixels);
}

void lepton__screen_patch(
	struct lepton__screen *screen, struct lepton__rect rect, const struct lepton__picture *picture)
{
	const size_t size = (size_t)picture->height * (size_t)picture->width * (size_t)picture->channels;
	struct lepton__patch patch = {.rect = rect, .picture = *picture};
	if (!has_pixels(&screen->graphics) || !size || size > LARGEST || !fits(screen, rect))
		return;
	patch.factor = factor_in(&screen->graphics, picture, rect.rows, rect.cols);
	if (patch.factor < 1 || lepton__grow(&screen->patches, &screen->patch_capacity,
					screen->patch_count + 1, sizeof *screen->patches))
		return;
	place(&patch, &screen->graphics);
	patch.pixels = lepton__malloc(size);
	patch.under = lepton__calloc((size_t)rect.rows * (size_t)rect.cols, sizeof *patch.under);
	if (!patch.pixels || !patch.under) {
		drop(&patch);
		return;
	}
	memcpy(patch.pixels, picture->pixels, size);
	patch.picture.pixels = patch.pixels;
	for (int r = 0; r < rect.rows; r++)
		memcpy(under_of(&patch, r), row_of(screen, &patch, r),
			(size_t)rect.cols * sizeof *patch.under);
	screen->patches[screen->patch_count++] = patch;
}

void lepton__screen_unpatch(struct lepton__screen *screen)
{
	for (size_t i = 0; i < screen->patch_count; i++)
		drop(&screen->patches[i]);
	screen->patch_count = 0;
}

static bool is_untouched(const struct lepton__screen *screen, const struct lepton__patch *patch)
{
	for (int r = 0; r < patch->rect.rows; r++)
		for (int c = 0; c < patch->rect.cols; c++)
			if (!lepton__cell_same(row_of(screen, patch, r) + c, under_of(patch, r) + c))
				return false;
	return true;
}

void lepton__screen_cover(struct lepton__screen *screen)
{
	const struct lepton__cell empty = {{.code = ' ', .width = 1}, screen->base};
	for (size_t i = 0; i < screen->patch_count; i++)
		screen->patches[i].covering =
			has_pixels(&screen->graphics) && is_untouched(screen, &screen->patches[i]);
	for (size_t i = 0; i < screen->patch_count; i++)
		for (int r = 0; screen->patches[i].covering && r < screen->patches[i].rect.rows; r++)
			for (int c = 0; c < screen->patches[i].rect.cols; c++)
				row_of(screen, &screen->patches[i], r)[c] = empty;
}

void lepton__screen_uncover(struct lepton__screen *screen)
{
	for (size_t i = 0; i < screen->patch_count; i++)
		for (int r = 0; screen->patches[i].covering && r < screen->patches[i].rect.rows; r++)
			memcpy(row_of(screen, &screen->patches[i], r), under_of(&screen->patches[i], r),
				(size_t)screen->patches[i].rect.cols * sizeof(struct lepton__cell));
}
