/* tui/menu.c - a list to choose from, narrowed by typing.
 *
 * The palette, the methods, the themes and the sort orders are all this. Letters typed narrow the
 * list at once (in their order, not necessarily together); what fits best stands first. Items that
 * are not possible now are shown with the reason, so that one learns they exist.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/popup.h"
#include "base/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool begins_word(const char *text, size_t at)
{
	return at == 0 || strchr(" -/", text[at - 1]) != NULL;
}

/* Each letter found from `first` on scores; at a word's beginning more, right after the last one more still.
 */
static int fits_from(const char *text, size_t first, const char *typed)
{
	int score = 0, streak = 0;
	for (size_t at = first, from = 0; *typed; typed++, from = at) {
		int wanted = tolower((unsigned char)*typed);
		while (text[at] && tolower((unsigned char)text[at]) != wanted)
			at++;
		if (!text[at])
			return -1;
		streak = at == from && from > 0 ? streak + 1 : 0;
		score += 4 + (begins_word(text, at) ? 8 : 0) + 6 * streak -
			 (at - from > 8 ? 8 : (int)(at - from)) / 2;
		at++;
	}
	return score < 0 ? 0 : score;
}

/* From each word on, since the first letter found may be within one: "resume" is not the r of "or". */
int lepton__fuzzy(const char *text, const char *typed)
{
	int best = fits_from(text, 0, typed);
	for (size_t at = 1; best >= 0 && text[at]; at++)
		if (begins_word(text, at)) {
			int score = fits_from(text, at, typed);
			best = score > best ? score : best;
		}
	return best;
}

/* Whole, whatever its case: three letters or more of what is behind a title would be in it somewhere. */
static bool mentions(const char *text, const char *typed)
{
	size_t length = strlen(typed);
	for (; length > 2 && text && *text; text++)
		if (strncasecmp(text, typed, length) == 0)
			return true;
	return false;
}

static int score_of(const struct lepton__item *item, const char *typed)
{
	int label = lepton__fuzzy(item->label, typed), key = strcmp(item->keys, typed) == 0 ? 1000 : -1;
	int note = mentions(item->note, typed) || mentions(item->words, typed) ? 1 : -1;
	int best = label >= 0 ? label + 2 : note;
	return key > best ? key : best;
}

/* Insertion keeps equal scores in the table's order. */
static void find(struct lepton__menu *menu)
{
	menu->found_count = 0;
	for (size_t i = 0; i < menu->count; i++) {
		int score = score_of(&menu->items[i], menu->typed);
		if (score < 0)
			continue;
		size_t at = menu->found_count++;
		while (*menu->typed && at > 0 &&
			score_of(&menu->items[menu->found[at - 1]], menu->typed) < score) {
			menu->found[at] = menu->found[at - 1];
			at--;
		}
		menu->found[at] = i;
	}
	if (menu->cursor >= menu->found_count)
		menu->cursor = menu->found_count ? menu->found_count - 1 : 0;
}

static const struct lepton__item *current(const struct lepton__menu *menu)
{
	return menu->cursor < menu->found_count ? &menu->items[menu->found[menu->cursor]] : NULL;
}

static void go(struct lepton__app *app, struct lepton__menu *menu, long to)
{
	long last = (long)menu->found_count - 1;
	to = to > last ? last : to;
	menu->cursor = (size_t)(to < 0 ? 0 : to);
	app->dirty = true;
	const struct lepton__item *item = current(menu);
	if (item && menu->moved)
		menu->moved(app, menu, item);
}

/* The function may open another window: take this one off first, free it after. */
static void choose(struct lepton__app *app, struct lepton__menu *menu)
{
	const struct lepton__item *item = current(menu);
	if (!item)
		return;
	if (item->off) {
		lepton__app_say(app, LEPTON_LOG_WARNING, "%s: %s", item->label, item->note);
		return;
	}
	app->popup = menu->popup.under;
	app->dirty = true;
	menu->chosen(app, menu, item);
	menu->popup.ops->free(&menu->popup);
}

static void erase(struct lepton__app *app, struct lepton__menu *menu, bool all)
{
	size_t length = strlen(menu->typed);
	while (length > 0 && (all || ((unsigned char)menu->typed[length - 1] & 0xc0) == 0x80))
		length--;
	menu->typed[length > 0 ? length - 1 : 0] = '\0';
	find(menu);
	go(app, menu, 0);
}

static void menu_type(struct lepton__app *app, struct lepton__popup *popup, uint32_t key)
{
	struct lepton__menu *menu = (struct lepton__menu *)popup;
	size_t length = strlen(menu->typed);
	char utf8[5];
	if (key < ' ' || key >= LEPTON__KEY_UP || key == LEPTON__KEY_BACKSPACE ||
		lepton__utf8_encode(key, utf8) + length >= sizeof menu->typed)
		return;
	memcpy(menu->typed + length, utf8, strlen(utf8) + 1);
	find(menu);
	go(app, menu, 0);
}

enum { CHOOSE = LEPTON__WINDOW_OWN, ROUND, ERASE, CLEAR };
static const struct lepton__window_key own_keys[] = {
	{"up", "Up S-Tab C-p", "move", "One up", LEPTON__UP},
	{"down", "Down C-n", "move", "One down", LEPTON__DOWN},
	{"round", "Tab", NULL, "One down, and from the last to the first", ROUND},
	{"page-up", "PgUp", NULL, "A page up", LEPTON__PAGE_UP},
	{"page-down", "PgDn", NULL, "A page down", LEPTON__PAGE_DOWN},
	{"first", "Home", NULL, "The first", LEPTON__FIRST},
	{"last", "End", NULL, "The last", LEPTON__LAST},
	{"choose", "Enter", "choose", "Choose it", CHOOSE},
	{"erase", "Backspace", NULL, "Take the last letter away", ERASE},
	{"clear", "C-u", NULL, "Take all letters away", CLEAR},
	{"leave", "Esc", "leave", "Leave without choosing", LEPTON__WINDOW_LEAVE},
	{"help", "F1", "keys", "Show these keys", LEPTON__WINDOW_HELP},
};
const struct lepton__window_keys lepton__menu_keys = {
	"menu", "a menu", LEPTON__KEYS_OF(own_keys), "or type to narrow the list", true};

static void menu_act(struct lepton__app *app, struct lepton__popup *popup, int act)
{
	struct lepton__menu *menu = (struct lepton__menu *)popup;
	long at = (long)menu->cursor, page = menu->page > 1 ? (long)menu->page - 1 : 1,
	     last = (long)menu->found_count - 1;
	switch (act) {
	case CHOOSE:
		choose(app, menu);
		break;
	case ROUND:
		go(app, menu, at < last ? at + 1 : 0);
		break;
	case ERASE:
	case CLEAR:
		erase(app, menu, act == CLEAR);
		break;
	default:
		go(app, menu,
			act == LEPTON__DOWN        ? at + 1
			: act == LEPTON__UP        ? at - 1
			: act == LEPTON__PAGE_DOWN ? at + page
			: act == LEPTON__PAGE_UP   ? at - page
			: act == LEPTON__FIRST     ? 0
						   : last);
	}
}

static void menu_pick(struct lepton__app *app, struct lepton__popup *popup, int64_t item)
{
	struct lepton__menu *menu = (struct lepton__menu *)popup;
	go(app, menu, (long)item);
	choose(app, menu);
}

static void menu_wheel(struct lepton__app *app, struct lepton__popup *popup, int by)
{
	struct lepton__menu *menu = (struct lepton__menu *)popup;
	go(app, menu, (long)menu->cursor + by);
}

static void draw_typed(struct lepton__app *app, const struct lepton__menu *menu, struct lepton__rect at)
{
	int x = at.x + lepton__screen_text(app->screen, at.y, at.x, at.cols,
			       lepton__theme_bold(&app->theme, LEPTON__HOT), "> ");
	int used = lepton__screen_text(
		app->screen, at.y, x, at.cols - 3, lepton__style(app, LEPTON__MAIN), menu->typed);
	struct lepton__style caret = lepton__style(app, LEPTON__MAIN);
	caret.attributes |= LEPTON__REVERSE;
	lepton__screen_put(app->screen, at.y, x + used, ' ', caret);
	if (!*menu->typed)
		lepton__screen_text(app->screen, at.y, x + 2, at.cols - 5,
			lepton__style(app, LEPTON__INACTIVE), menu->prompt);
}

static void draw_item(struct lepton__app *app, const struct lepton__menu *menu, struct lepton__rect row,
	size_t at, int label)
{
	const struct lepton__item *item = &menu->items[menu->found[at]];
	bool here = at == menu->cursor;
	int keys = item->keys[0] ? 8 : 0;
	if (here)
		lepton__screen_fill(app->screen, row, ' ', lepton__style(app, LEPTON__SELECTED));
	struct lepton__style text = here ? lepton__theme_bold(&app->theme, LEPTON__SELECTED)
					 : lepton__style(app, item->off ? LEPTON__INACTIVE : LEPTON__MAIN);
	struct lepton__style small =
		here ? lepton__style(app, LEPTON__SELECTED) : lepton__style(app, LEPTON__INACTIVE);
	lepton__screen_text(app->screen, row.y, row.x, 1, text, here ? ">" : " ");
	lepton__screen_text(app->screen, row.y, row.x + 2, label, text, item->label);
	lepton__screen_text(
		app->screen, row.y, row.x + label + 4, row.cols - label - 5 - keys, small, item->note);
	if (keys)
		lepton__screen_right(app->screen, row.y, row.x + row.cols - keys, keys - 1,
			here ? text : lepton__theme_bold(&app->theme, LEPTON__HOT), item->keys);
	lepton__hit_add(app, row, LEPTON__HIT_ITEM, (int64_t)at);
}

/* Does a note end in the dots of a cut? Then the chosen one's stands below in full. */
static bool has_long_note(const struct lepton__menu *menu, int cols)
{
	for (size_t i = 0; i < menu->count; i++)
		if (lepton__text_width(menu->items[i].note) > cols - (menu->items[i].keys[0] ? 8 : 0))
			return true;
	return false;
}

#define NOTE_ROWS 2
static void draw_note(struct lepton__app *app, const struct lepton__menu *menu, struct lepton__rect at)
{
	const struct lepton__item *item = current(menu);
	char line[512];
	for (int i = 0; item && i < at.rows && lepton__text_wrap(item->note, at.cols, i, line, sizeof line);
		i++)
		lepton__screen_text(
			app->screen, at.y + i, at.x, at.cols, lepton__style(app, LEPTON__MAIN), line);
}

static int label_columns(const struct lepton__menu *menu, int cols)
{
	int widest = 8;
	for (size_t i = 0; i < menu->count; i++) {
		int width = lepton__text_width(menu->items[i].label);
		widest = width > widest ? width : widest;
	}
	return widest > cols / 2 ? cols / 2 : widest;
}

static void menu_draw(struct lepton__app *app, struct lepton__popup *popup)
{
	struct lepton__menu *menu = (struct lepton__menu *)popup;
	int cols = app->screen->cols - 6 < 86 ? app->screen->cols - 6 : 86;
	int label = label_columns(menu, cols - 2);
	bool full = has_long_note(menu, cols - label - 7);
	int most = app->screen->rows - 4, rows = (int)menu->count + 4 + (full ? NOTE_ROWS + 1 : 0);
	struct lepton__rect all = {1, 0, app->screen->rows - 2, app->screen->cols};
	struct lepton__rect rect = lepton__rect_center(all, rows > most ? most : rows, cols);
	char bottom[96];
	lepton__spell_keys(
		"type to narrow · {menu.up} {menu.down} · {menu.choose} choose · {menu.leave} leave", bottom,
		sizeof bottom);
	struct lepton__box box = {.title = menu->title,
		.bottom = bottom,
		.role = LEPTON__OTHER_BOX,
		.focus = true,
		.fill = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box), list;
	struct lepton__rect head = lepton__rect_rows(inside, 2, &list);
	head.x++, head.cols -= 2;
	draw_typed(app, menu, head);
	if (full) {
		struct lepton__rect below = lepton__rect_rows(list, -NOTE_ROWS - 1, &list);
		draw_note(app, menu,
			(struct lepton__rect){below.y + 1, below.x + 2, below.rows - 1, below.cols - 3});
	}
	menu->page = list.rows > 0 ? (size_t)list.rows : 1;
	if (menu->cursor < menu->top)
		menu->top = menu->cursor;
	if (menu->cursor >= menu->top + menu->page)
		menu->top = menu->cursor - menu->page + 1;
	for (size_t i = menu->top; i < menu->found_count && i < menu->top + menu->page; i++)
		draw_item(app, menu,
			(struct lepton__rect){list.y + (int)(i - menu->top), list.x, 1, list.cols}, i, label);
	char nothing[80];
	lepton__spell_keys("nothing matches: {menu.erase} takes a letter away", nothing, sizeof nothing);
	if (!menu->found_count)
		lepton__screen_text(app->screen, list.y, list.x + 2, list.cols - 2,
			lepton__style(app, LEPTON__INACTIVE), nothing);
	lepton__scrollbar_draw(app->screen, &app->theme, list.y, rect.x + rect.cols - 1, list.rows, menu->top,
		menu->page, menu->found_count);
}

static void menu_close(struct lepton__app *app, struct lepton__popup *popup)
{
	struct lepton__menu *menu = (struct lepton__menu *)popup;
	if (menu->left)
		menu->left(app, menu);
}

static void menu_free(struct lepton__popup *popup)
{
	struct lepton__menu *menu = (struct lepton__menu *)popup;
	lepton__free(menu->items);
	lepton__free(menu->found);
	lepton__free(menu);
}

static const struct lepton__popup_ops menu_ops = {
	.keys = &lepton__menu_keys,
	.draw = menu_draw,
	.act = menu_act,
	.type = menu_type,
	.pick = menu_pick,
	.wheel = menu_wheel,
	.close = menu_close,
	.free = menu_free,
};

struct lepton__menu *lepton__menu_new(struct lepton__app *app, const char *title)
{
	struct lepton__menu *menu = lepton__calloc(1, sizeof *menu);
	if (!menu) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "out of memory");
		return NULL;
	}
	menu->popup.ops = &menu_ops;
	lepton__copy_name(menu->title, sizeof menu->title, title);
	return menu;
}

struct lepton__item *lepton__menu_add(struct lepton__menu *menu, const char *label, const char *note)
{
	if (lepton__grow(&menu->items, &menu->capacity, menu->count + 1, sizeof *menu->items))
		return NULL;
	struct lepton__item *item = &menu->items[menu->count];
	*item = (struct lepton__item){.value = (int64_t)menu->count++};
	lepton__copy_name(item->label, sizeof item->label, label);
	lepton__copy_name(item->note, sizeof item->note, note);
	return item;
}

void lepton__menu_open(struct lepton__app *app, struct lepton__menu *menu, int64_t value)
{
	menu->found = lepton__calloc(menu->count + 1, sizeof *menu->found);
	if (!menu->found) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "out of memory");
		menu_free(&menu->popup);
		return;
	}
	find(menu);
	for (size_t i = 0; i < menu->found_count; i++)
		if (menu->items[menu->found[i]].value == value)
			menu->cursor = i;
	lepton__popup_open(app, &menu->popup);
}
