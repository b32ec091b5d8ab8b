/* tui/terminal_graphics.c - which graphics the terminal is drawn to with, and drawing pictures around the
 * cells.
 *
 * A wish is obeyed, auto goes by the terminal's answers: kitty's protocol, else sixels, else the cells are
 * all. Within tmux or screen kitty's is as auto: they do not know it, and what they may be told to pass on
 * lands where the cursor of the terminal around them happens to be. A cell's pixels are what the terminal
 * says, else what the kernel was told of the window, else the VT340's. Where only ASCII or no colour is
 * drawn, nothing is asked of graphics: who has no colour will hardly have pictures.
 */
#include "config.h"
#include "tui/terminal_parts.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define VT340_HEIGHT 20
#define VT340_WIDTH 10
#define FRAME_MAX ((size_t)64 << 20)

/* ---- choosing ---- */

/* Kitty's commands would be a window's title to tmux, and screen drops them. */
static bool in_multiplexer(void)
{
	const char *term = getenv("TERM"), *tmux = getenv("TMUX"), *screen = getenv("STY");
	return (tmux && *tmux) || (screen && *screen) ||
	       (term && (strncmp(term, "tmux", 4) == 0 || strncmp(term, "screen", 6) == 0));
}

static enum lepton__pictures how_of(const struct lepton__terminal *terminal)
{
	const struct lepton__terminal_answers *answers = &terminal->sequence.answers;
	enum lepton__pictures wish = terminal->options.pictures;
	if (wish != LEPTON__PICTURES_AUTO && (wish != LEPTON__PICTURES_KITTY || !in_multiplexer()))
		return wish;
	return answers->kitty   ? LEPTON__PICTURES_KITTY
	       : answers->sixel ? LEPTON__PICTURES_SIXEL
				: LEPTON__PICTURES_BLOCKS;
}

static void measure_cell(const struct lepton__terminal_answers *answers, struct lepton__graphics *graphics)
{
	struct winsize size = {0};
	graphics->cell_height = answers->cell_height;
	graphics->cell_width = answers->cell_width;
	if (!graphics->cell_height && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row &&
		size.ws_col) {
		graphics->cell_height = size.ws_ypixel / size.ws_row;
		graphics->cell_width = size.ws_xpixel / size.ws_col;
	}
	if (!lepton__is_cell_size(graphics->cell_height, graphics->cell_width)) {
		graphics->cell_height = VT340_HEIGHT;
		graphics->cell_width = VT340_WIDTH;
	}
}

bool lepton__graphics_choose(struct lepton__terminal *terminal)
{
	struct lepton__terminal_answers *answers = &terminal->sequence.answers;
	struct lepton__graphics *now = &terminal->screen->graphics, before = *now;
	now->how = how_of(terminal);
	now->registers = answers->registers ? answers->registers : LEPTON__REGISTERS;
	measure_cell(answers, now);
	answers->news = false;
	if (now->how == LEPTON__PICTURES_BLOCKS) /* whatever a cell's size */
		return before.how == LEPTON__PICTURES_KITTY || before.how == LEPTON__PICTURES_SIXEL;
	return now->how != before.how || now->registers != before.registers ||
	       now->cell_height != before.cell_height || now->cell_width != before.cell_width;
}

void lepton__terminal_pictures(struct lepton__terminal *terminal, enum lepton__pictures wish)
{
	terminal->options.pictures = wish;
	(void)lepton__graphics_choose(terminal);
}

/* ---- asking ---- */

void lepton__terminal_ask(struct lepton__terminal *terminal)
{
	struct lepton__terminal_answers *answers = &terminal->sequence.answers;
	bool can = terminal->screen->glyphs == LEPTON__GLYPHS_BRAILLE &&
		   terminal->palette.colors != LEPTON__MONO,
	     wish = terminal->options.pictures != LEPTON__PICTURES_AUTO;
	unsigned which = terminal->may_key ? LEPTON__ASK_KEYS : 0;
	if (terminal->options.pictures != LEPTON__PICTURES_BLOCKS && (can || wish))
		which |= wish || in_multiplexer() ? LEPTON__ASK_SIXEL : LEPTON__ASK_SIXEL | LEPTON__ASK_KITTY;
	if (!answers->asked && which)
		lepton__terminal_send(terminal, lepton__answers_ask(answers, which, lepton__monotonic()));
}

/* ---- drawing ---- */

void lepton__graphics_begin(struct lepton__terminal *terminal)
{
	struct lepton__layer *layer = &terminal->layer;
	lepton__layer_begin(layer, terminal->screen, terminal->shown);
	for (int y = 0; layer->busy && y < terminal->screen->rows; y++)
		if (layer->lines[y] & LEPTON__LINE_REWRITE)
			lepton__writer_forget_row(&terminal->writer, y);
}

void lepton__graphics_end(struct lepton__terminal *terminal)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, FRAME_MAX);
	lepton__layer_end(&terminal->layer, terminal->screen, &out);
	if (out.size && !out.failed)
		lepton__buffer_append(&terminal->writer.out, out.data, out.size);
	lepton__buffer_free(&out);
}

void lepton__graphics_leave(struct lepton__terminal *terminal)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 16);
	lepton__layer_leave(&terminal->layer, &out);
	if (out.size && !out.failed)
		lepton__terminal_write(out.data, out.size);
	lepton__buffer_free(&out);
}
