/* tui/terminal_pictures.c - pictures brought onto the terminal when they are new, and when something wiped
 * them.
 *
 * The terminal remembers pictures in two ways. Kitty keeps them by a number, above the text, until they are
 * deleted; so they are sent once, moved by their number, and only clearing the screen takes them away. Sixels
 * become part of the cells below them, and whatever is written there wipes them. The writer may send more
 * than what has changed (a line's end is erased), but never on a line where nothing has; so a sixel picture
 * is sent again when a cell of its lines has changed, and when one goes, its lines are written anew as a
 * whole.
 */
#include "config.h"
#include "tui/terminal_pictures.h"

#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

void lepton__layer_free(struct lepton__layer *layer)
{
	lepton__free(layer->there.items);
	lepton__free(layer->wanted.items);
	lepton__free(layer->lines);
	*layer = (struct lepton__layer){.lost = false};
}

/* ---- what is wanted ---- */

static void hash_patch(const struct lepton__patch *patch, int registers, char hex[65])
{
	const struct lepton__picture *picture = &patch->picture;
	const int form[] = {picture->height, picture->width, picture->channels, patch->factor, registers};
	struct lepton__hash hash;
	lepton__hash_begin(&hash);
	lepton__hash_add(&hash, form, sizeof form);
	lepton__hash_add(&hash, picture->pixels,
		(size_t)picture->height * (size_t)picture->width * (size_t)picture->channels);
	lepton__hash_end(&hash, hex);
}

/* There is room. */
static void gather(struct lepton__placements *wanted, const struct lepton__screen *screen)
{
	wanted->count = 0;
	for (size_t i = 0; i < screen->patch_count; i++) {
		const struct lepton__patch *patch = &screen->patches[i];
		if (!patch->covering)
			continue;
		struct lepton__placed *placed = &wanted->items[wanted->count++];
		*placed = (struct lepton__placed){.drawn = patch->drawn, .patch = patch};
		hash_patch(patch, screen->graphics.registers, placed->hash);
	}
}

static bool same_place(struct lepton__rect a, struct lepton__rect b)
{
	return a.y == b.y && a.x == b.x && a.rows == b.rows && a.cols == b.cols;
}

/* One of these that looks the same, at the same place if there is such a one; those that stay are taken. */
static struct lepton__placed *find(
	const struct lepton__placements *placements, const struct lepton__placed *like, bool elsewhere)
{
	for (size_t i = 0; i < placements->count; i++) {
		struct lepton__placed *placed = &placements->items[i];
		if (!placed->stays && strcmp(placed->hash, like->hash) == 0 &&
			(elsewhere || same_place(placed->drawn, like->drawn)))
			return placed;
	}
	return NULL;
}

/* ---- before the cells ---- */

static void mark(struct lepton__layer *layer, struct lepton__rect rect, int rows, uint8_t how)
{
	for (int y = rect.y; y < rect.y + rect.rows && y < rows; y++)
		layer->lines[y] |= how;
}

/* Sixels that are not wanted any more, where they are. */
static void mark_gone(struct lepton__layer *layer, const struct lepton__screen *screen)
{
	bool other = layer->how != screen->graphics.how;
	for (size_t i = 0; layer->how == LEPTON__PICTURES_SIXEL && i < layer->there.count; i++)
		if (other || !find(&layer->wanted, &layer->there.items[i], false))
			mark(layer, layer->there.items[i].drawn, screen->rows,
				LEPTON__LINE_CHANGED | LEPTON__LINE_REWRITE);
}

static void mark_changed(
	struct lepton__layer *layer, const struct lepton__screen *screen, const struct lepton__cell *shown)
{
	const size_t cols = (size_t)screen->cols;
	for (size_t y = 0; y < (size_t)screen->rows; y++)
		for (size_t i = y * cols; i < (y + 1) * cols; i++)
			if (!lepton__cell_same(&screen->cells[i], &shown[i])) {
				layer->lines[y] |= LEPTON__LINE_CHANGED;
				break;
			}
}

static bool has_room(struct lepton__layer *layer, const struct lepton__screen *screen)
{
	return lepton__grow(&layer->lines, &layer->line_capacity, (size_t)screen->rows, 1) == LEPTON_OK &&
	       lepton__grow(&layer->wanted.items, &layer->wanted.capacity, screen->patch_count + 1,
		       sizeof *layer->wanted.items) == LEPTON_OK;
}

void lepton__layer_begin(
	struct lepton__layer *layer, struct lepton__screen *screen, const struct lepton__cell *shown)
{
	layer->busy = (screen->patch_count || layer->there.count) && has_room(layer, screen);
	if (!layer->busy)
		return;
	memset(layer->lines, 0, (size_t)screen->rows);
	lepton__screen_cover(screen);
	gather(&layer->wanted, screen);
	mark_gone(layer, screen);
	mark_changed(layer, screen, shown);
}

/* ---- behind them ---- */

static void go_to(struct lepton__buffer *out, struct lepton__rect drawn)
{
	lepton__buffer_printf(out, "\x1b[%d;%dH", drawn.y + 1, drawn.x + 1);
}

static void delete_all(struct lepton__layer *layer, struct lepton__buffer *out)
{
	for (size_t i = 0; layer->how == LEPTON__PICTURES_KITTY && i < layer->there.count; i++)
		if (!layer->there.items[i].stays)
			lepton__kitty_delete(layer->there.items[i].id, out);
	layer->there.count = 0;
}

static void put_kitty(struct lepton__layer *layer, struct lepton__placed *placed, struct lepton__buffer *out)
{
	struct lepton__placed *before = find(&layer->there, placed, false);
	bool moves = !before;
	if (moves)
		before = find(&layer->there, placed, true);
	if (!before) {
		placed->id = ++layer->last_id;
		go_to(out, placed->drawn);
		lepton__kitty_send(&placed->patch->picture, placed->patch->factor, placed->id, out);
		return;
	}
	before->stays = true;
	placed->id = before->id;
	if (moves) {
		go_to(out, placed->drawn);
		lepton__kitty_place(placed->id, out);
	}
}

static void put_sixel(const struct lepton__layer *layer, const struct lepton__placed *placed, int registers,
	struct lepton__buffer *out)
{
	bool wiped = !find(&layer->there, placed, false);
	for (int y = placed->drawn.y; y < placed->drawn.y + placed->drawn.rows; y++)
		wiped |= (layer->lines[y] & LEPTON__LINE_CHANGED) != 0;
	if (!wiped)
		return;
	go_to(out, placed->drawn);
	lepton__sixel(&placed->patch->picture, placed->patch->factor, registers, out);
}

static void put_all(
	struct lepton__layer *layer, const struct lepton__graphics *graphics, struct lepton__buffer *out)
{
	if (layer->lost || layer->how != graphics->how)
		delete_all(layer, out);
	for (size_t i = 0; i < layer->wanted.count; i++)
		if (graphics->how == LEPTON__PICTURES_KITTY)
			put_kitty(layer, &layer->wanted.items[i], out);
		else
			put_sixel(layer, &layer->wanted.items[i], graphics->registers, out);
	delete_all(layer, out);
}

void lepton__layer_end(struct lepton__layer *layer, struct lepton__screen *screen, struct lepton__buffer *out)
{
	static const char keep_cursor[] = "\x1b"
					  "7",
			  cursor_back[] = "\x1b"
					  "8";
	if (!layer->busy)
		return;
	lepton__buffer_string(out, keep_cursor);
	put_all(layer, &screen->graphics, out);
	if (out->size == strlen(keep_cursor))
		out->size = 0; /* nothing to do */
	else
		lepton__buffer_string(out, cursor_back);
	lepton__screen_uncover(screen);
	struct lepton__placements there = layer->there;
	layer->there = layer->wanted;
	layer->wanted = there;
	layer->how = screen->graphics.how;
	layer->lost = out->failed; /* then all of it again, next time */
	layer->busy = false;
}

void lepton__layer_leave(struct lepton__layer *layer, struct lepton__buffer *out)
{
	delete_all(layer, out);
	layer->lost = true;
}
