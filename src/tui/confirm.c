/* tui/confirm.c - a question before something that cannot simply be taken back.
 *
 * Enter stands on "no" until moved: a key too many never stops a training run. `y` says yes at once.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/popup.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

enum { ITEM_NO, ITEM_YES };

static void answer(struct lepton__app *app, struct lepton__confirm *confirm, bool yes)
{
	struct lepton__confirm copy = *confirm;
	lepton__popup_close(app);
	if (yes)
		copy.act(app, &copy);
}

enum { YES = LEPTON__WINDOW_OWN, NO, OTHER, ANSWER };
static const struct lepton__window_key own_keys[] = {
	{"yes", "y Y", "yes", "Yes", YES},
	{"no", "n N q Esc", "no", "No", NO},
	{"left", "Left h", NULL, "To the left", LEPTON__LEFT},
	{"right", "Right l", NULL, "To the right", LEPTON__RIGHT},
	{"other", "Tab S-Tab", "other answer", "To the other answer", OTHER},
	{"answer", "Enter", "this answer", "Give the answer that is chosen", ANSWER},
	LEPTON__HELP_KEY,
};
const struct lepton__window_keys lepton__question_keys = {
	"question", "a question", LEPTON__KEYS_OF(own_keys), NULL, false};

static void confirm_act(struct lepton__app *app, struct lepton__popup *popup, int act)
{
	struct lepton__confirm *confirm = (struct lepton__confirm *)popup;
	app->dirty = true;
	if (act == YES || act == NO)
		answer(app, confirm, act == YES);
	else if (act == ANSWER)
		answer(app, confirm, confirm->on_yes);
	else if (act == OTHER)
		confirm->on_yes = !confirm->on_yes;
	else
		confirm->on_yes = act == LEPTON__LEFT;
}

static void confirm_pick(struct lepton__app *app, struct lepton__popup *popup, int64_t item)
{
	answer(app, (struct lepton__confirm *)popup, item == ITEM_YES);
}

/* "[ y  stop it ]": the key stands out, the whole is reversed where Enter is. */
static int draw_button(
	struct lepton__app *app, int y, int x, const char *key, const char *text, bool here, int item)
{
	char label[64];
	lepton__print(label, sizeof label, " %s  %s ", key, text);
	struct lepton__style style =
		here ? lepton__theme_bold(&app->theme, LEPTON__SELECTED) : lepton__style(app, LEPTON__MAIN);
	int width = lepton__screen_text(app->screen, y, x, -1, style, here ? ">" : " ");
	width += lepton__screen_text(app->screen, y, x + width, -1, style, label);
	if (!here)
		lepton__screen_text(app->screen, y, x + 2, lepton__text_width(key),
			lepton__theme_bold(&app->theme, LEPTON__HOT), key);
	lepton__hit_add(app, (struct lepton__rect){y, x, 1, width}, LEPTON__HIT_ITEM, item);
	return x + width + 2;
}

static void confirm_draw(struct lepton__app *app, struct lepton__popup *popup)
{
	struct lepton__confirm *confirm = (struct lepton__confirm *)popup;
	struct lepton__lines lines = {0};
	int cols = app->screen->cols - 8 < 66 ? app->screen->cols - 8 : 66;
	lepton__lines_text(&lines, LEPTON__MAIN, "%s", confirm->detail);
	long rows = lepton__lines_rows(&lines, cols - 4);
	struct lepton__rect all = {1, 0, app->screen->rows - 2, app->screen->cols};
	struct lepton__rect rect = lepton__rect_center(all, (int)rows + 6, cols);
	char bottom[96], yes[16], no[16];
	lepton__spell_keys("{question.yes} yes · {question.no} no · {question.other} {question.answer}",
		bottom, sizeof bottom);
	lepton__spell_keys("{question.yes}", yes, sizeof yes);
	lepton__spell_keys("{question.no}", no, sizeof no);
	struct lepton__box box = {.title = confirm->question,
		.bottom = bottom,
		.role = LEPTON__OTHER_BOX,
		.focus = true,
		.fill = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	struct lepton__rect text = {inside.y + 1, inside.x + 1, inside.rows - 3, inside.cols - 2};
	lepton__lines_draw(app->screen, &app->theme, text, &lines, 0);
	lepton__lines_free(&lines);
	int y = inside.y + inside.rows - 2;
	int x = draw_button(app, y, inside.x + 1, yes, confirm->yes, confirm->on_yes, ITEM_YES);
	draw_button(app, y, x, no, confirm->no, !confirm->on_yes, ITEM_NO);
}

static void confirm_free(struct lepton__popup *popup)
{
	lepton__free(popup);
}

static const struct lepton__popup_ops confirm_ops = {
	.keys = &lepton__question_keys,
	.draw = confirm_draw,
	.act = confirm_act,
	.pick = confirm_pick,
	.free = confirm_free,
};

struct lepton__confirm *lepton__confirm_open(
	struct lepton__app *app, void (*act)(struct lepton__app *app, struct lepton__confirm *confirm))
{
	struct lepton__confirm *confirm = lepton__calloc(1, sizeof *confirm);
	if (!confirm) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "out of memory");
		return NULL;
	}
	confirm->popup.ops = &confirm_ops;
	confirm->act = act;
	lepton__copy_name(confirm->no, sizeof confirm->no, "no, leave it");
	lepton__popup_open(app, &confirm->popup);
	return confirm;
}
