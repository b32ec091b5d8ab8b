/* tui/lines.c - labelled lines, wrapped when drawn.
 *
 * The details pane, the help and the results of jobs are all the same thing: some lines, some of
 * them a label and a value. They are gathered once and drawn at whatever width there is; a value
 * too long for its line goes on below itself, not below its label.
 */
#include "config.h"
#include "tui/lines.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(struct lepton__lines *lines, int kind, enum lepton__role role, const char *label,
	const char *fmt, va_list args) LEPTON_PRINTF(5, 0);

static void add(struct lepton__lines *lines, int kind, enum lepton__role role, const char *label,
	const char *fmt, va_list args)
{
	char text[2048];
	vsnprintf(text, sizeof text, fmt, args);
	if (lepton__grow(&lines->items, &lines->capacity, lines->count + 1, sizeof *lines->items)) {
		lines->failed = true;
		return;
	}
	struct lepton__line *line = &lines->items[lines->count++];
	*line = (struct lepton__line){.kind = kind, .role = role, .text = lepton__strdup(text)};
	lepton__copy_name(line->label, sizeof line->label, label);
	lines->failed = lines->failed || !line->text;
}

void lepton__lines_text(struct lepton__lines *lines, enum lepton__role role, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	add(lines, LEPTON__LINE_TEXT, role, "", fmt, args);
	va_end(args);
}

void lepton__lines_head(struct lepton__lines *lines, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	add(lines, LEPTON__LINE_HEAD, LEPTON__TITLE, "", fmt, args);
	va_end(args);
}

void lepton__lines_pair(
	struct lepton__lines *lines, const char *label, enum lepton__role role, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	add(lines, LEPTON__LINE_PAIR, role, label, fmt, args);
	va_end(args);
}

static void add_key(struct lepton__lines *lines, const char *key, const char *fmt, ...) LEPTON_PRINTF(3, 4);

static void add_key(struct lepton__lines *lines, const char *key, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	add(lines, LEPTON__LINE_KEY, LEPTON__MAIN, key, fmt, args);
	va_end(args);
}

void lepton__lines_key(struct lepton__lines *lines, const char *key, const char *text)
{
	add_key(lines, key, "%s", text);
}

void lepton__lines_free(struct lepton__lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		lepton__free(lines->items[i].text);
	lepton__free(lines->items);
	*lines = (struct lepton__lines){0};
}

/* Columns that labels take: the widest pair's, within reason. */
static int label_columns(const struct lepton__lines *lines, int cols)
{
	int widest = 0;
	for (size_t i = 0; i < lines->count; i++) {
		int width = lines->items[i].kind >= LEPTON__LINE_PAIR
				    ? lepton__text_width(lines->items[i].label)
				    : 0;
		widest = width > widest ? width : widest;
	}
	int most = cols < 40 ? 10 : cols / 2; /* a narrow pane gives the values what there is */
	return widest + 2 > most ? most : widest ? widest + 2 : 0;
}

static long draw_line(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__line *line, int label, long row)
{
	bool labelled = line->kind >= LEPTON__LINE_PAIR;
	int indent = labelled ? label : 0, width = rect.cols - indent > 1 ? rect.cols - indent : 1;
	char part[1024];
	int n = 0;
	for (; lepton__text_wrap(line->text ? line->text : "", width, n, part, sizeof part); n++) {
		long y = row + n;
		if (!screen || y < 0 || y >= rect.rows)
			continue;
		struct lepton__style style = line->kind == LEPTON__LINE_HEAD
						     ? lepton__theme_bold(theme, LEPTON__TITLE)
						     : lepton__theme_style(theme, line->role);
		if (labelled && n == 0)
			lepton__screen_text(screen, rect.y + (int)y, rect.x, label - 1,
				line->kind == LEPTON__LINE_KEY ? lepton__theme_bold(theme, LEPTON__HOT)
							       : lepton__theme_style(theme, LEPTON__INACTIVE),
				line->label);
		lepton__screen_text(screen, rect.y + (int)y, rect.x + indent, width, style, part);
	}
	return n ? n : 1;
}

long lepton__lines_draw(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect rect, const struct lepton__lines *lines, long first)
{
	int label = label_columns(lines, rect.cols);
	long row = 0;
	for (size_t i = 0; i < lines->count; i++)
		row += draw_line(screen, theme, rect, &lines->items[i], label, row - first);
	return row;
}

long lepton__lines_rows(const struct lepton__lines *lines, int cols)
{
	return lepton__lines_draw(NULL, NULL, (struct lepton__rect){0, 0, 0, cols}, lines, 0);
}
