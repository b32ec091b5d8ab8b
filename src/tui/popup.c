/* tui/popup.c - the stack of windows over the view. */
#include "config.h"
#include "tui/popup.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/keymap.h"
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

/* ---- keys ---- */

/* A window's keys, as all windows are told them. */
static void show_keys(struct lepton__app *app, const struct lepton__window_keys *window)
{
	struct lepton__lines lines = {0};
	char title[96];
	for (size_t i = 0; i < window->count; i++) {
		char names[LEPTON__KEYS_MAX];
		lepton__key_names(lepton__bound_keys(&window->keys[i]), names, sizeof names);
		if (*names)
			lepton__lines_key(&lines, names, window->keys[i].title);
	}
	if (window->types)
		lepton__lines_text(&lines, LEPTON__INACTIVE, "All other characters are typed into it.");
	lepton__print(title, sizeof title, "Keys of %s", window->title);
	lepton__pager_open(app, title, &lines);
}

/* Ctrl-C leaves whatever is bound. */
void lepton__popup_key(struct lepton__app *app, struct lepton__popup *popup, uint32_t key)
{
	const struct lepton__popup_ops *ops = popup->ops;
	const struct lepton__window_key *found;
	if (key != 3 && ops->first && ops->first(app, popup, key))
		return;
	found = ops->keys ? lepton__window_key_for(ops->keys, key) : NULL;
	if (key == 3 || (found && found->act == LEPTON__WINDOW_LEAVE))
		lepton__popup_leave(app);
	else if (found && found->act == LEPTON__WINDOW_HELP)
		show_keys(app, ops->keys);
	else if (found)
		ops->act(app, popup, found->act);
	else if (ops->type)
		ops->type(app, popup, key);
}

void lepton__popup_scroll(struct lepton__app *app, struct lepton__scroll *scroll, int act)
{
	(void)lepton__scroll_move(scroll, (enum lepton__move)act);
	app->dirty = true;
}
