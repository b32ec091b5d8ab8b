/* tui/lines.h - text in lines with a label before some: the details pane, help, results. */
#ifndef LEPTON_TUI_LINES_H
#define LEPTON_TUI_LINES_H

#include "tui/theme.h"

struct lepton__line {
	enum { LEPTON__LINE_TEXT, LEPTON__LINE_HEAD, LEPTON__LINE_PAIR, LEPTON__LINE_KEY } kind;
	enum lepton__role role; /* of the text */
	char label[40];
	char *text;
};
struct lepton__lines {
	struct lepton__line *items;
	size_t count, capacity;
	bool failed; /* no memory for some */
};

void lepton__lines_text(struct lepton__lines *lines, enum lepton__role role, const char *fmt, ...) LEPTON_PRINTF(3, 4);
void lepton__lines_head(struct lepton__lines *lines, const char *fmt, ...) LEPTON_PRINTF(2, 3);
void lepton__lines_pair(struct lepton__lines *lines, const char *label, enum lepton__role role, const char *fmt, ...)
		LEPTON_PRINTF(4, 5);
void lepton__lines_key(struct lepton__lines *lines, const char *key, const char *text);
void lepton__lines_free(struct lepton__lines *lines);

/* Draw from row `first` on, wrapped to the width; returns how many rows all of it takes. */
long lepton__lines_draw(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect rect,
		const struct lepton__lines *lines, long first);
long lepton__lines_rows(const struct lepton__lines *lines, int cols);

#endif
