/* tui/act_pictures.c - how images are drawn, as a menu: left to the terminal's answers, or as the person
 * says. */
#include "config.h"
#include "tui/acts.h"
#include "tui/format.h"
#include "tui/popup.h"

static void chosen(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	(void)menu;
	app->pictures = (enum lepton__pictures)item->value;
	if (app->terminal)
		lepton__terminal_pictures(app->terminal, app->pictures);
	app->dirty = true;
	lepton__app_say(app, LEPTON_LOG_INFO, "pictures from now on: %s", item->label);
}

static const char *now_drawn(const struct lepton__app *app)
{
	enum lepton__pictures how = app->screen->graphics.how;
	return how == LEPTON__PICTURES_KITTY   ? "now: kitty's graphics"
	       : how == LEPTON__PICTURES_SIXEL ? "now: sixels"
					       : "now: half blocks";
}

void lepton__act_pictures(struct lepton__app *app)
{
	static const char *const ways[LEPTON__PICTURES][2] = {
		{"as the terminal can", "it is asked at the start, tmux too"},
		{"kitty's graphics", "kitty, WezTerm, Ghostty, Konsole"},
		{"sixels", "xterm as a VT340, foot, mlterm, tmux from 3.4 on where its terminal has them"},
		{"half blocks", "two pixels a cell, on any terminal"}};
	struct lepton__menu *menu = lepton__menu_new(app, "Pictures");
	for (int i = 0; menu && i < LEPTON__PICTURES; i++) {
		struct lepton__item *item = lepton__menu_add(
			menu, ways[i][0], i == (int)app->pictures ? now_drawn(app) : ways[i][1]);
		if (item)
			item->value = i;
	}
	if (!menu)
		return;
	menu->chosen = chosen;
	lepton__menu_open(app, menu, (int64_t)app->pictures);
}
