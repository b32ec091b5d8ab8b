/* tui/boxes.h - frames with titles, as btop draws them, and the little things inside: rules, scroll bars. */
#ifndef LEPTON_TUI_BOXES_H
#define LEPTON_TUI_BOXES_H

#include "tui/theme.h"

struct lepton__box {
	const char *title;   /* set into the top line; NULL: none */
	const char *right;   /* set into the top line's right end; NULL: none */
	const char *bottom;  /* set into the bottom line; NULL: none */
	char hot;            /* a key to press for this pane, shown before the title; 0: none */
	enum lepton__role role; /* colour of the frame: LEPTON__LIST_BOX … */
	bool focus;          /* has the keyboard: frame and title bold */
	bool fill;           /* clear the inside first (windows over others) */
};

/* Draws the frame and returns its inside. A rect too small for a frame is returned as it is. */
struct lepton__rect lepton__box_draw(struct lepton__screen *screen, const struct lepton__theme *theme, struct lepton__rect rect,
		const struct lepton__box *box);
/* That inside, of a frame that is drawn later. */
struct lepton__rect lepton__box_inside(struct lepton__rect rect);
/* A horizontal line with an optional caption. */
void lepton__rule_draw(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x, int cols,
		const char *caption);
/* A scroll bar down column x: `shown` of `total` lines from `first` on. Nothing when all is shown. */
void lepton__scrollbar_draw(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x, int rows,
		size_t first, size_t shown, size_t total);

#endif
