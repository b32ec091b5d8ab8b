/* tui/boxes.c - frames, rules and scroll bars.
 *
 * Titles sit in the frame between ┐ and ┌, as in btop. The linux console has no round corners in its font,
 * so the square ones stand there; ASCII mode folds everything when it is put.
 */
#include "config.h"
#include "tui/boxes.h"

struct corners {
	uint32_t top_left, top_right, bottom_left, bottom_right;
};

static const struct corners rounded = {0x256d, 0x256e, 0x2570, 0x256f},
			    square = {0x250c, 0x2510, 0x2514, 0x2518};

static void draw_frame(struct lepton__screen *screen, struct lepton__rect rect, struct lepton__style style)
{
	const struct corners *corners = screen->glyphs == LEPTON__GLYPHS_BRAILLE ? &rounded : &square;
	int right = rect.x + rect.cols - 1, bottom = rect.y + rect.rows - 1;
	for (int x = rect.x + 1; x < right; x++) {
		lepton__screen_put(screen, rect.y, x, 0x2500, style);
		lepton__screen_put(screen, bottom, x, 0x2500, style);
	}
	for (int y = rect.y + 1; y < bottom; y++) {
		lepton__screen_put(screen, y, rect.x, 0x2502, style);
		lepton__screen_put(screen, y, right, 0x2502, style);
	}
	lepton__screen_put(screen, rect.y, rect.x, corners->top_left, style);
	lepton__screen_put(screen, rect.y, right, corners->top_right, style);
	lepton__screen_put(screen, bottom, rect.x, corners->bottom_left, style);
	lepton__screen_put(screen, bottom, right, corners->bottom_right, style);
}

/* One inset title between its two corners, at x; returns the columns it took. */
static int draw_inset(struct lepton__screen *screen, int y, int x, int room, bool at_bottom,
	struct lepton__style frame, struct lepton__style text, const char *title)
{
	if (room < 4)
		return 0;
	lepton__screen_put(screen, y, x, at_bottom ? 0x2518 : 0x2510, frame);
	int used = lepton__screen_text(screen, y, x + 1, room - 2, text, title);
	lepton__screen_put(screen, y, x + 1 + used, at_bottom ? 0x2514 : 0x250c, frame);
	return used + 2;
}

/* The hot key before the title; returns the columns it took. */
static int draw_hot(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x, int room,
	const struct lepton__box *box, struct lepton__style frame)
{
	char key[2] = {box->hot, '\0'};
	if (box->hot == '\0' || room < 8)
		return 0;
	return draw_inset(screen, y, x, room, false, frame, lepton__theme_style(theme, LEPTON__HOT), key);
}

static void draw_titles(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__box *box, struct lepton__style frame)
{
	struct lepton__style title = lepton__theme_style(theme, box->focus ? LEPTON__TITLE : LEPTON__MAIN);
	int x = rect.x + 2, room = rect.cols - 4, bottom = rect.y + rect.rows - 1;
	int used = draw_hot(screen, theme, rect.y, x, room, box, frame);
	if (box->title != NULL)
		used += draw_inset(screen, rect.y, x + used, room - used, false, frame, title, box->title);
	if (box->right != NULL && *box->right != '\0') {
		int width = lepton__text_width(box->right) + 2;
		if (width <= room - used - 1)
			draw_inset(screen, rect.y, x + room - width, width, false, frame,
				lepton__theme_style(theme, LEPTON__GRAPH_TEXT), box->right);
	}
	if (box->bottom != NULL && *box->bottom != '\0')
		draw_inset(screen, bottom, x, room, true, frame,
			lepton__theme_style(theme, LEPTON__GRAPH_TEXT), box->bottom);
}

static bool has_room(struct lepton__rect rect)
{
	return rect.rows >= 2 && rect.cols >= 4;
}

struct lepton__rect lepton__box_inside(struct lepton__rect rect)
{
	return has_room(rect) ? (struct lepton__rect){rect.y + 1, rect.x + 1, rect.rows - 2, rect.cols - 2}
			      : rect;
}

struct lepton__rect lepton__box_draw(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__box *box)
{
	if (!has_room(rect))
		return rect;
	struct lepton__style frame = lepton__theme_style(theme, box->role);
	frame.attributes |= box->focus ? LEPTON__BOLD : 0;
	if (box->fill)
		lepton__screen_fill(screen, rect, ' ', lepton__theme_style(theme, LEPTON__MAIN));
	draw_frame(screen, rect, frame);
	draw_titles(screen, theme, rect, box, frame);
	return lepton__box_inside(rect);
}

void lepton__rule_draw(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x,
	int cols, const char *caption)
{
	struct lepton__style line = lepton__theme_style(theme, LEPTON__DIVIDER);
	lepton__screen_fill(screen, (struct lepton__rect){y, x, 1, cols}, 0x2500, line);
	if (caption == NULL || *caption == '\0' || cols < 6)
		return;
	lepton__screen_put(screen, y, x + 1, ' ', line);
	int used = lepton__screen_text(
		screen, y, x + 2, cols - 4, lepton__theme_style(theme, LEPTON__GRAPH_TEXT), caption);
	lepton__screen_put(screen, y, x + 2 + used, ' ', line);
}

void lepton__scrollbar_draw(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x,
	int rows, size_t first, size_t shown, size_t total)
{
	if (shown >= total || rows < 1)
		return;
	int thumb = (int)((double)rows * (double)shown / (double)total);
	thumb = thumb < 1 ? 1 : thumb;
	size_t last_first = total - shown;
	double place = first >= last_first ? 1 : (double)first / (double)last_first;
	int from = (int)((rows - thumb) * place + 0.5);
	for (int i = 0; i < rows; i++) {
		bool on = i >= from && i < from + thumb;
		lepton__screen_put(screen, y + i, x, on ? 0x2588 : 0x2502,
			lepton__theme_style(theme, on ? LEPTON__GRAPH_TEXT : LEPTON__DIVIDER));
	}
}
