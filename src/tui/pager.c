/* tui/pager.c - a window with text to read: help, all details of a version, the result of a job. */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/popup.h"
#include "tui/views.h"
#include "base/memory.h"

#include <stdio.h>

struct pager {
	struct lepton__popup popup;
	char title[96];
	struct lepton__lines lines;
	struct lepton__scroll at;
};

static const struct lepton__window_key own_keys[] = {
	LEPTON__SCROLL_KEYS("scroll"),
	{"close", "Esc Enter q ?", "close", "Close the window", LEPTON__WINDOW_LEAVE},
};
const struct lepton__window_keys lepton__pager_keys = {
	"text", "a window with text", LEPTON__KEYS_OF(own_keys), NULL, false};

static void pager_act(struct lepton__app *app, struct lepton__popup *popup, int act)
{
	lepton__popup_scroll(app, &((struct pager *)popup)->at, act);
}

static void pager_wheel(struct lepton__app *app, struct lepton__popup *popup, int by)
{
	((struct pager *)popup)->at.top += 3 * by; /* drawing keeps it within */
	app->dirty = true;
}

/* As wide as reads well, as high as the text needs. */
static struct lepton__rect place(const struct lepton__app *app, struct pager *pager)
{
	int cols = app->screen->cols - 6 < 92 ? app->screen->cols - 6 : 92;
	pager->at.total = lepton__lines_rows(&pager->lines, cols - 4);
	long rows = pager->at.total + 2, most = app->screen->rows - 3;
	struct lepton__rect all = {1, 0, app->screen->rows - 2, app->screen->cols};
	return lepton__rect_center(all, (int)(rows > most ? most : rows), cols);
}

static void pager_draw(struct lepton__app *app, struct lepton__popup *popup)
{
	struct pager *pager = (struct pager *)popup;
	struct lepton__rect rect = place(app, pager);
	char bottom[96];
	bool longer = pager->at.total > rect.rows - 2;
	lepton__spell_keys(
		longer ? "{text.up} {text.down} scroll · {text.close} close" : "{text.close} close", bottom,
		sizeof bottom);
	struct lepton__box box = {.title = pager->title,
		.bottom = bottom,
		.role = LEPTON__OTHER_BOX,
		.focus = true,
		.fill = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	pager->at.page = inside.rows;
	long last = lepton__scroll_last(&pager->at);
	pager->at.top = pager->at.top > last ? last : pager->at.top < 0 ? 0 : pager->at.top;
	struct lepton__rect text = {inside.y, inside.x + 1, inside.rows, inside.cols - 2};
	lepton__lines_draw(app->screen, &app->theme, text, &pager->lines, pager->at.top);
	lepton__scrollbar_draw(app->screen, &app->theme, inside.y, rect.x + rect.cols - 1, inside.rows,
		(size_t)pager->at.top, (size_t)pager->at.page, (size_t)pager->at.total);
}

static void pager_free(struct lepton__popup *popup)
{
	struct pager *pager = (struct pager *)popup;
	lepton__lines_free(&pager->lines);
	lepton__free(pager);
}

static const struct lepton__popup_ops pager_ops = {
	.keys = &lepton__pager_keys,
	.draw = pager_draw,
	.act = pager_act,
	.wheel = pager_wheel,
	.free = pager_free,
	.reading = true,
};

void lepton__pager_open(struct lepton__app *app, const char *title, struct lepton__lines *lines)
{
	struct pager *pager = lepton__calloc(1, sizeof *pager);
	if (!pager || lines->failed) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "out of memory");
		lepton__lines_free(lines);
		lepton__free(pager);
		return;
	}
	pager->popup.ops = &pager_ops;
	lepton__print(pager->title, sizeof pager->title, "%s", title);
	pager->lines = *lines;
	*lines = (struct lepton__lines){0};
	lepton__popup_open(app, &pager->popup);
}
