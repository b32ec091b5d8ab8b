/* tui/record.c - the session as an asciicast, frame by frame.
 *
 * Frames are made from the grid of cells, not from the bytes that are sent: so a session on any terminal,
 * or a script without one, gives a file that plays everywhere, and every event is a whole picture with no
 * character cut in two. Only cells that changed are written, each run behind a cursor position, as 24-bit SGR
 * and UTF-8. The format (docs.asciinema.org, "asciicast v2"): a line of JSON with the size, then lines
 * [seconds, "o", output], or "r" for a new size.
 */
#include "config.h"
#include "tui/record.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "tui/app.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FRAME_MAX ((size_t)64 << 20)

struct lepton__recorder {
	int fd; /* -1: ended by a failure */
	char *path;
	off_t size;                /* of the file, up to its last whole frame */
	double start;              /* of the first frame; <0: none yet */
	int rows, cols;            /* of the last frame */
	struct lepton__cell *last; /* its cells */
};

int lepton__recorder_open(const char *path, struct lepton__recorder **out, struct lepton_error *err)
{
	struct lepton__recorder *recorder = lepton__calloc(1, sizeof *recorder);
	*out = NULL;
	if (recorder)
		recorder->path = lepton__strdup(path);
	if (!recorder || !recorder->path) {
		lepton__free(recorder);
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to record the session");
	}
	recorder->start = -1;
	recorder->fd = lepton__io.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (recorder->fd < 0) {
		int code =
			lepton_error_set(err, LEPTON_E_IO, "cannot record to %s: %s", path, strerror(errno));
		lepton__recorder_close(recorder);
		return code;
	}
	*out = recorder;
	return LEPTON_OK;
}

void lepton__recorder_close(struct lepton__recorder *recorder)
{
	if (!recorder)
		return;
	if (recorder->fd >= 0)
		(void)lepton__io.close(
			recorder->fd); /* nothing is lost by then that could be told to anyone */
	lepton__free(recorder->path);
	lepton__free(recorder->last);
	lepton__free(recorder);
}

/* ---- one frame ---- */

/* A cell that is written moves the cursor on by what we think it is wide. Players may think otherwise of wide
 * characters and of marks, so behind these the place is said anew. */
static void append_row(const struct lepton__recorder *r, const struct lepton__screen *screen, int y,
	struct lepton__style *style, bool *styled, struct lepton__buffer *out)
{
	int cursor = -1;
	for (int x = 0; x < screen->cols; x++) {
		size_t i = (size_t)y * (size_t)screen->cols + (size_t)x;
		const struct lepton__cell *cell = &screen->cells[i];
		if (cell->glyph.code == 0 || lepton__cell_same(cell, &r->last[i]))
			continue;
		if (cursor != x)
			lepton__buffer_printf(out, "\x1b[%d;%dH", y + 1, x + 1);
		if (!*styled || !lepton__style_same(cell->style, *style))
			lepton__style_to_ansi(out, cell->style);
		*style = cell->style;
		*styled = true;
		lepton__glyph_to_utf8(out, &cell->glyph);
		cursor = cell->glyph.width == 1 && !cell->glyph.marks[0] ? x + 1 : -1;
	}
}

static void append_changes(
	const struct lepton__recorder *r, const struct lepton__screen *screen, struct lepton__buffer *out)
{
	struct lepton__style style = screen->base;
	bool styled = false;
	for (int y = 0; y < screen->rows; y++)
		append_row(r, screen, y, &style, &styled, out);
}

static void append_event(struct lepton__buffer *out, double seconds, const char *kind, const char *text)
{
	lepton__buffer_printf(out, "[%.6f, \"%s\", ", seconds, kind);
	lepton__json_string(out, text);
	lepton__buffer_string(out, "]\n");
}

/* The first frame begins the file, another size clears the screen: in both all cells are written. */
static int begin_size(struct lepton__recorder *r, const struct lepton__screen *screen, double now,
	struct lepton__buffer *lines)
{
	bool first = r->start < 0;
	if (!first && screen->rows == r->rows && screen->cols == r->cols)
		return LEPTON_OK;
	lepton__free(r->last);
	r->last = lepton__calloc(
		(size_t)screen->rows * (size_t)screen->cols, sizeof *r->last); /* code 0: as no glyph is */
	if (!r->last)
		return LEPTON_E_NOMEM;
	r->rows = screen->rows;
	r->cols = screen->cols;
	if (first) {
		r->start = now;
		lepton__buffer_printf(lines,
			"{\"version\": 2, \"width\": %d, \"height\": %d, \"timestamp\": %lld, \"title\": "
			"\"lepton-tui\", "
			"\"env\": {\"TERM\": \"xterm-256color\"}}\n",
			r->cols, r->rows, (long long)lepton__wall());
	} else {
		char size[32];
		snprintf(size, sizeof size, "%dx%d", r->cols, r->rows);
		append_event(lines, now - r->start, "r", size);
	}
	append_event(lines, now - r->start, "o", "\x1b[0m\x1b[?25l\x1b[2J");
	return LEPTON_OK;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t put = lepton__io.write(fd, bytes, size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		bytes += put;
		size -= (size_t)put;
	}
	return true;
}

/* Half a line would spoil the file: it ends where it was whole. */
static int give_up(
	struct lepton__recorder *r, int code, const char *why, double now, struct lepton_error *err)
{
	double seconds = r->start < 0 ? 0 : now - r->start;
	if (ftruncate(r->fd, r->size)) /* a pipe cannot be cut */
		errno = 0;
	(void)lepton__io.close(r->fd);
	r->fd = -1;
	return lepton_error_set(
		err, code, "the recording %s ends after %.0f seconds: %s", r->path, seconds, why);
}

int lepton__recorder_frame(
	struct lepton__recorder *r, const struct lepton__screen *screen, double now, struct lepton_error *err)
{
	struct lepton__buffer lines, output;
	if (r->fd < 0)
		return LEPTON_OK;
	lepton__buffer_init(&lines, 8 * FRAME_MAX);
	lepton__buffer_init(&output, FRAME_MAX);
	int code = begin_size(r, screen, now, &lines);
	if (!code)
		append_changes(r, screen, &output);
	if (!code && output.size)
		append_event(&lines, now - r->start, "o", output.data);
	if (code || lines.failed || output.failed) {
		code = give_up(r, LEPTON_E_NOMEM, "out of memory", now, err);
	} else if (!write_all(r->fd, lines.data, lines.size)) {
		code = give_up(r, LEPTON_E_IO, strerror(errno), now, err);
	} else {
		r->size += (off_t)lines.size;
		memcpy(r->last, screen->cells, (size_t)r->rows * (size_t)r->cols * sizeof *r->last);
	}
	lepton__buffer_free(&lines);
	lepton__buffer_free(&output);
	return code;
}

void lepton__app_record(struct lepton__app *app)
{
	struct lepton_error err = {0};
	if (app->options->recorder &&
		lepton__recorder_frame(app->options->recorder, app->screen, lepton__monotonic(), &err))
		lepton__app_say(app, LEPTON_LOG_ERROR, "%s", err.message);
}
