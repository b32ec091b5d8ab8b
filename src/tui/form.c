/* tui/form.c - a window with lines to fill in, checked at every key.
 *
 * The line below the fields always says one thing: what is wrong, or what will happen, or what the
 * focused field means. Nothing is sent before it is right, and a refusal from further down leaves
 * the form open with what was typed.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/form.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static int label_columns(const struct lepton__form *form)
{
	int widest = 4;
	for (size_t i = 0; i < form->count; i++) {
		int width = lepton__text_width(form->fields[i].label);
		widest = width > widest ? width : widest;
	}
	return widest;
}

/* Columns in front of the caret. */
static int caret_column(const char *value, size_t caret)
{
	char front[256];
	lepton__print(front, sizeof front, "%.*s", (int)caret, value);
	return lepton__text_width(front);
}

/* The value from where the caret can be seen, with the caret as a reversed cell. */
static void draw_value(struct lepton__app *app, const struct lepton__form *form,
	const struct lepton__field *field, struct lepton__rect at, bool here)
{
	struct lepton__style style = lepton__style(app, LEPTON__MAIN);
	style.attributes |= here ? LEPTON__BOLD : 0;
	if (field->choices) {
		lepton__screen_textf(
			app->screen, at.y, at.x, at.cols, style, here ? "< %s >" : "  %s", field->value);
		return;
	}
	const char *from = field->value;
	size_t caret = form->caret;
	while (here && caret_column(from, caret) >= at.cols) {
		uint32_t code;
		size_t step = lepton__utf8_decode(from, &code);
		from += step;
		caret -= step;
	}
	lepton__screen_text(app->screen, at.y, at.x, at.cols, style, from);
	if (here) {
		struct lepton__rect cell = {at.y, at.x + caret_column(from, caret), 1, 1};
		style.attributes |= LEPTON__REVERSE;
		lepton__screen_paint(app->screen, cell, style);
	}
}

static void draw_field(struct lepton__app *app, const struct lepton__form *form, size_t i,
	struct lepton__rect row, int label)
{
	const struct lepton__field *field = &form->fields[i];
	bool here = i == form->cursor, wrong = *form->problem && i == form->problem_field;
	struct lepton__style name = lepton__style(app, wrong  ? LEPTON__BAD
						       : here ? LEPTON__HOT
							      : LEPTON__TITLE);
	lepton__screen_text(
		app->screen, row.y, row.x, 1, lepton__theme_bold(&app->theme, LEPTON__HOT), here ? ">" : " ");
	lepton__screen_right(app->screen, row.y, row.x + 2, label, name, field->label);
	struct lepton__rect value = {row.y, row.x + label + 4, 1, row.cols - label - 5};
	struct lepton__style line = lepton__style(app, here ? LEPTON__HOT : LEPTON__DIVIDER);
	if (!field->choices)
		for (int x = 0; x < value.cols && !*field->value; x++)
			lepton__screen_put(app->screen, row.y, value.x + x, here ? '_' : 0x00b7, line);
	draw_value(app, form, field, value, here);
	lepton__hit_add(app, row, LEPTON__HIT_ITEM, (int64_t)i);
}

/* What the lines below the fields say, most urgent first. */
static void draw_words(struct lepton__app *app, const struct lepton__form *form, struct lepton__rect at)
{
	const struct lepton__field *field = &form->fields[form->cursor];
	const char *text = *form->problem ? form->problem : *form->note ? form->note : field->help;
	enum lepton__role role = *form->problem ? LEPTON__BAD : *form->note ? LEPTON__GOOD : LEPTON__INACTIVE;
	char line[512];
	for (int i = 0; i < at.rows && lepton__text_wrap(text, at.cols, i, line, sizeof line); i++)
		lepton__screen_text(app->screen, at.y + i, at.x, at.cols, lepton__style(app, role), line);
}

static struct lepton__rect place(const struct lepton__app *app, const struct lepton__form *form, int *intro)
{
	int cols = app->screen->cols - 6 < 76 ? app->screen->cols - 6 : 76;
	char line[512];
	*intro = 0;
	while (*form->intro && *intro < 3 &&
		lepton__text_wrap(form->intro, cols - 4, *intro, line, sizeof line))
		++*intro;
	struct lepton__rect all = {1, 0, app->screen->rows - 2, app->screen->cols};
	int rows = *intro + (*intro > 0) + (int)form->count + 6;
	return lepton__rect_center(all, rows < all.rows ? rows : all.rows, cols);
}

static void form_draw(struct lepton__app *app, struct lepton__popup *popup)
{
	struct lepton__form *form = (struct lepton__form *)popup;
	int intro;
	struct lepton__rect rect = place(app, form, &intro), inside, words, list;
	char ways[96], bottom[96], line[512];
	lepton__print(ways, sizeof ways, "{form.enter} %s%s · {form.leave} leave",
		form->count > 1 ? "next · {form.done} " : "", form->verb);
	lepton__spell_keys(ways, bottom, sizeof bottom);
	struct lepton__box box = {.title = form->title,
		.bottom = bottom,
		.role = LEPTON__OTHER_BOX,
		.focus = true,
		.fill = true};
	inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	inside.x++, inside.cols -= 2;
	for (int i = 0; i < intro && lepton__text_wrap(form->intro, inside.cols, i, line, sizeof line); i++)
		lepton__screen_text(app->screen, inside.y + i, inside.x, inside.cols,
			lepton__style(app, LEPTON__MAIN), line);
	lepton__rect_rows(inside, intro + (intro > 0), &list);
	words = lepton__rect_rows(list, -3, &list);
	int label = label_columns(form);
	size_t page = list.rows > 0 ? (size_t)list.rows : 1;
	if (form->cursor < form->top)
		form->top = form->cursor;
	if (form->cursor >= form->top + page)
		form->top = form->cursor - page + 1;
	for (size_t i = form->top; i < form->count && i < form->top + page; i++)
		draw_field(app, form, i,
			(struct lepton__rect){list.y + (int)(i - form->top), list.x, 1, list.cols}, label);
	draw_words(app, form, words);
	struct lepton__rect foot = {rect.y + rect.rows - 1, rect.x, 1, rect.cols};
	lepton__hit_add(app, foot, LEPTON__HIT_ITEM, LEPTON__FORM_ACCEPT);
}

static void form_close(struct lepton__app *app, struct lepton__popup *popup)
{
	struct lepton__form *form = (struct lepton__form *)popup;
	if (form->left)
		form->left(app, form);
}

static void form_free(struct lepton__popup *popup)
{
	lepton__free(popup);
}

static const struct lepton__popup_ops form_ops = {
	.keys = &lepton__form_keys,
	.draw = form_draw,
	.act = lepton__form_act,
	.type = lepton__form_type,
	.pick = lepton__form_pick,
	.close = form_close,
	.free = form_free,
};

struct lepton__form *lepton__form_new(struct lepton__app *app, const char *title, const char *verb)
{
	struct lepton__form *form = lepton__calloc(1, sizeof *form);
	if (!form) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "out of memory");
		return NULL;
	}
	form->popup.ops = &form_ops;
	form->history = -1;
	lepton__copy_name(form->title, sizeof form->title, title);
	lepton__copy_name(form->verb, sizeof form->verb, verb);
	return form;
}

struct lepton__field *lepton__form_field(
	struct lepton__form *form, const char *label, const char *value, const char *help)
{
	struct lepton__field *field =
		&form->fields[form->count < LEPTON__FIELDS ? form->count++ : LEPTON__FIELDS - 1];
	lepton__copy_name(field->label, sizeof field->label, label);
	lepton__copy_name(field->value, sizeof field->value, value);
	lepton__copy_name(field->help, sizeof field->help, help);
	return field;
}

void lepton__form_open(struct lepton__app *app, struct lepton__form *form)
{
	form->caret = strlen(form->fields[form->cursor].value);
	form->history_at = form->history >= 0 ? app->answers[form->history].count : 0;
	lepton__popup_open(app, &form->popup);
	lepton__form_changed(app, form);
}
