/* tui/act_notify.c - how the ends of trainings and jobs are told, and the last of them: one menu. */
#include "config.h"
#include "tui/acts.h"
#include "tui/format.h"
#include "tui/popup.h"

#define FIRST_NOTICE 100 /* values below are ways to be told */

static void chosen(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item)
{
	(void)menu;
	if (item->value < FIRST_NOTICE) {
		app->notices.how = (enum lepton__notify)item->value;
		lepton__app_say(app, LEPTON_LOG_INFO, "from now on: %s", item->label);
		return;
	}
	size_t which = (size_t)(item->value - FIRST_NOTICE);
	int64_t version = which < app->notices.count ? app->notices.items[which].version : 0;
	if (lepton_run_version(app->dash.run, version))
		lepton__select_or_say(app, version);
}

void lepton__act_notify(struct lepton__app *app)
{
	static const char *const ways[LEPTON__NOTIFIES][2] = {
		{"only in the message line", "when a version or a job ends"},
		{"the terminal's bell, too", "lepton-tui --notify bell"},
		{"bell and desktop notification",
			"OSC 9 or 777, where the terminal knows it; --notify desktop"}};
	struct lepton__menu *menu = lepton__menu_new(app, "Notifications");
	for (int i = 0; menu && i < LEPTON__NOTIFIES; i++)
		lepton__menu_add(menu, ways[i][0], i == (int)app->notices.how ? "now" : ways[i][1]);
	for (size_t i = app->notices.count; menu && i-- > 0;) {
		const struct lepton__notice *notice = &app->notices.items[i];
		char label[96], clock[LEPTON__FMT];
		lepton__fmt_clock(clock, notice->time);
		lepton__print(label, sizeof label, "%s %s", clock, notice->failed ? "failed" : "ended");
		struct lepton__item *item = lepton__menu_add(menu, label, notice->text);
		if (item)
			item->value = FIRST_NOTICE + (int64_t)i;
	}
	if (!menu)
		return;
	menu->chosen = chosen;
	lepton__menu_open(app, menu, (int64_t)app->notices.how);
}
