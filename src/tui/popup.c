/* tui/popup.c - the stack of windows over the view. */
#include "config.h"
#include "tui/popup.h"
#include "tui/views.h"

void lepton__popup_open(struct lepton__app *app, struct lepton__popup *popup)
{
	popup->under = app->popup;
	app->popup = popup;
	app->dirty = true;
}

void lepton__popup_close(struct lepton__app *app)
{
	struct lepton__popup *popup = app->popup;
	if (!popup)
		return;
	app->popup = popup->under;
	popup->ops->free(popup);
	app->dirty = true;
}

void lepton__popup_leave(struct lepton__app *app)
{
	if (app->popup && app->popup->ops->close)
		app->popup->ops->close(app, app->popup);
	lepton__popup_close(app);
}

/* ---- windows that scroll ---- */

static const struct {
	uint32_t keys[2];
	enum lepton__move how;
} moves[] = {
	{{LEPTON__KEY_DOWN, 'j'}, LEPTON__DOWN},
	{{LEPTON__KEY_UP, 'k'}, LEPTON__UP},
	{{LEPTON__KEY_PAGE_DOWN, ' '}, LEPTON__PAGE_DOWN},
	{{LEPTON__KEY_PAGE_UP, LEPTON__KEY_PAGE_UP}, LEPTON__PAGE_UP},
	{{LEPTON__KEY_HOME, 'g'}, LEPTON__FIRST},
	{{LEPTON__KEY_END, 'G'}, LEPTON__LAST},
};

bool lepton__popup_scroll(struct lepton__app *app, struct lepton__scroll *scroll, uint32_t key)
{
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
		if (moves[i].keys[0] == key || moves[i].keys[1] == key) {
			app->dirty = true;
			return lepton__scroll_move(scroll, moves[i].how);
		}
	if (key != LEPTON__KEY_ESC && key != LEPTON__KEY_ENTER && key != 'q')
		return false;
	lepton__popup_leave(app);
	return true;
}
