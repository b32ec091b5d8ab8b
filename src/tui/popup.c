/* tui/popup.c - the stack of windows over the view. */
#include "config.h"
#include "tui/popup.h"

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
