/* tui/terminal_flush.c - the grid into the writer, and its bytes to the terminal.
 *
 * `shown` remembers what was flushed, so an unchanged cell costs one comparison, and only the others are
 * looked up as colours. A frame is one write, pictures and all; on a line that is slow it waits there, and
 * what is drawn next is what is true by then.
 */
#include "config.h"
#include "tui/terminal_parts.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

/* A glyph the C library measures otherwise than we do would shift the line: U+FFFD stands in, if it can. */
static bool is_measured_alike(const struct lepton__glyph *glyph)
{
	if (wcwidth((wchar_t)glyph->code) != glyph->width)
		return false;
	for (int i = 0; i < LEPTON__MARKS && glyph->marks[i] != 0; i++)
		if (wcwidth((wchar_t)glyph->marks[i]) != 0)
			return false;
	return true;
}

static void put(struct lepton__terminal *terminal, int y, int x, const struct lepton__cell *cell)
{
	struct lepton__painted painted = {
		cell->glyph, lepton__palette_paint(&terminal->palette, cell->style, terminal->screen->base)};
	if (is_measured_alike(&cell->glyph)) {
		lepton__writer_put(&terminal->writer, y, x, &painted);
		return;
	}
	uint32_t stand_in = terminal->screen->glyphs == LEPTON__GLYPHS_ASCII ? '?' : 0xfffd;
	painted.glyph = (struct lepton__glyph){.code = stand_in, .width = 1};
	lepton__writer_put(&terminal->writer, y, x, &painted);
	painted.glyph.code = ' ';
	if (cell->glyph.width == 2)
		lepton__writer_put(&terminal->writer, y, x + 1, &painted);
}

static size_t put_changes(struct lepton__terminal *terminal)
{
	const struct lepton__screen *screen = terminal->screen;
	const size_t count = (size_t)screen->rows * (size_t)screen->cols;
	size_t changed = 0;
	for (size_t i = 0; i < count; i++) {
		if (lepton__cell_same(&screen->cells[i], &terminal->shown[i]))
			continue;
		terminal->shown[i] = screen->cells[i];
		changed++;
		if (screen->cells[i].glyph.code != 0)
			put(terminal, (int)(i / (size_t)screen->cols), (int)(i % (size_t)screen->cols),
				&screen->cells[i]);
	}
	return changed;
}

void lepton__terminal_write(const char *bytes, size_t size)
{
	struct pollfd room = {.fd = STDOUT_FILENO, .events = POLLOUT};
	while (size > 0) {
		ssize_t written = write(STDOUT_FILENO, bytes, size);
		if (written > 0) {
			bytes += written;
			size -= (size_t)written;
		} else if (written < 0 && errno == EAGAIN) {
			if (poll(&room, 1, 1000) < 0 && errno != EINTR)
				return;
		} else if (written == 0 || errno != EINTR) {
			return; /* the terminal is gone, which terminal_next will say */
		}
	}
}

void lepton__terminal_write_frame(struct lepton__terminal *terminal)
{
	struct lepton__buffer *out = &terminal->writer.out;
	if (out->failed)
		lepton__terminal_redraw(terminal); /* without memory: all of it, when there is some */
	else if (out->size)
		lepton__terminal_write(out->data, out->size);
	out->size = 0;
	out->failed = false;
}

/* How far it has come is only asked of what understands ECMA-48. */
static bool asks(struct lepton__terminal *terminal, size_t bytes)
{
	const char *moves = terminal->writer.can.text[LEPTON__CAN_CUP];
	return moves && strncmp(moves, "\x1b[", 2) == 0 &&
	       lepton__pace_ask(&terminal->sequence.pace, bytes, lepton__monotonic());
}

static void ask_behind(struct lepton__terminal *terminal)
{
	struct lepton__buffer *out = &terminal->writer.out;
	if (out->size && !out->failed && asks(terminal, out->size))
		lepton__buffer_string(out, LEPTON__PACE_QUESTION);
}

void lepton__terminal_ask_ahead(struct lepton__terminal *terminal)
{
	size_t size = strlen(LEPTON__PACE_QUESTION);
	if (asks(terminal, size))
		lepton__terminal_write(LEPTON__PACE_QUESTION, size);
}

double lepton__terminal_held(const struct lepton__terminal *terminal)
{
	return lepton__pace_held(&terminal->sequence.pace, lepton__monotonic());
}

size_t lepton__terminal_flush(struct lepton__terminal *terminal)
{
	lepton__graphics_begin(terminal);
	size_t changed = put_changes(terminal);
	lepton__writer_frame(&terminal->writer, terminal->layer.busy);
	lepton__graphics_end(terminal);
	lepton__writer_cursor(&terminal->writer, terminal->cursor_y, terminal->cursor_x);
	ask_behind(terminal);
	lepton__terminal_write_frame(terminal);
	lepton__terminal_ask(terminal);
	return changed;
}
