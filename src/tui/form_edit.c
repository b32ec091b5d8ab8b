/* tui/form_edit.c - the keys of a form: editing a line, moving between lines, recalling earlier answers. */
#include "config.h"
#include "tui/format.h"
#include "tui/form.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static struct lepton__field *focused(struct lepton__form *form)
{
	return &form->fields[form->cursor];
}

static size_t back_one(const char *text, size_t at)
{
	while (at > 0 && ((unsigned char)text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t on_one(const char *text, size_t at)
{
	uint32_t code;
	return at + lepton__utf8_decode(text + at, &code);
}

static void cut(struct lepton__form *form, size_t from, size_t to)
{
	char *value = focused(form)->value;
	memmove(value + from, value + to, strlen(value + to) + 1);
	form->caret = from;
}

static void insert(struct lepton__form *form, uint32_t key)
{
	char utf8[5], *value = focused(form)->value;
	size_t size = lepton__utf8_encode(key, utf8), length = strlen(value);
	if (length + size >= sizeof form->fields[0].value)
		return;
	memmove(value + form->caret + size, value + form->caret, length - form->caret + 1);
	memcpy(value + form->caret, utf8, size);
	form->caret += size;
}

/* Go round the choices "a|b|c". */
static void turn(struct lepton__field *field, int by)
{
	const char *starts[32];
	int count = 0, at = 0;
	for (const char *c = field->choices; c && count < 32;
		c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL) {
		size_t length = strcspn(c, "|");
		if (strlen(field->value) == length && strncmp(field->value, c, length) == 0)
			at = count;
		starts[count++] = c;
	}
	at = (at + by + count) % count;
	lepton__print(field->value, sizeof field->value, "%.*s", (int)strcspn(starts[at], "|"), starts[at]);
}

static void focus(struct lepton__form *form, long to)
{
	form->cursor = (size_t)(to < 0 ? 0 : to >= (long)form->count ? (long)form->count - 1 : to);
	form->caret = strlen(focused(form)->value);
}

static void recall(struct lepton__app *app, struct lepton__form *form, int by)
{
	const struct lepton__past_answers *answers = &app->answers[form->history];
	long at = form->history_at + by;
	if (at < 0 || at > answers->count)
		return;
	if (form->history_at == answers->count)
		memcpy(form->kept, focused(form)->value, sizeof form->kept);
	form->history_at = at;
	lepton__copy_name(focused(form)->value, sizeof form->kept,
		at == answers->count ? form->kept : answers->text[at]);
	form->caret = strlen(focused(form)->value);
}

static void up_down(struct lepton__app *app, struct lepton__form *form, int by)
{
	if (form->history >= 0 && form->count == 1)
		recall(app, form, by);
	else
		focus(form, (long)form->cursor + by);
}

static void complete(struct lepton__app *app, struct lepton__form *form)
{
	char text[sizeof form->fields[0].value];
	if (form->complete && form->complete(app, form, text, sizeof text)) {
		lepton__copy_name(focused(form)->value, sizeof form->fields[0].value, text);
		form->caret = strlen(focused(form)->value);
	} else if (form->count > 1) {
		focus(form, form->cursor + 1 < form->count ? (long)form->cursor + 1 : 0);
	}
}

/* A word and the blanks behind it, as ^W in a shell. */
static size_t word_back(const char *value, size_t at)
{
	while (at > 0 && value[at - 1] == ' ')
		at--;
	while (at > 0 && value[at - 1] != ' ')
		at--;
	return at;
}

enum { ENTER = LEPTON__WINDOW_OWN, DONE, COMPLETE, BACK, ERASE, DELETE, CUT_FRONT, CUT_REST, CUT_WORD };
static const struct lepton__window_key own_keys[] = {
	{"enter", "Enter", "next or done", "To the next line; done, on the last one", ENTER},
	{"done", "C-s", "done", "Done, wherever the cursor is", DONE},
	{"complete", "Tab", "complete", "Complete what was typed, or to the next line", COMPLETE},
	{"up", "Up", "line", "The line above, or an earlier answer", LEPTON__UP},
	{"down", "Down", "line", "The line below, or a later answer", LEPTON__DOWN},
	{"back", "S-Tab", NULL, "The line above", BACK},
	{"left", "Left", NULL, "To the left, or the choice before", LEPTON__LEFT},
	{"right", "Right", NULL, "To the right, or the next choice", LEPTON__RIGHT},
	{"first", "Home C-a", NULL, "To the beginning of the line", LEPTON__FIRST},
	{"last", "End C-e", NULL, "To the end of the line", LEPTON__LAST},
	{"erase", "Backspace", NULL, "Take away the letter before", ERASE},
	{"delete", "Del", NULL, "Take away the letter here", DELETE},
	{"cut-front", "C-u", NULL, "Take away all before", CUT_FRONT},
	{"cut-rest", "C-k", NULL, "Take away all behind", CUT_REST},
	{"cut-word", "C-w", NULL, "Take away the word before", CUT_WORD},
	{"leave", "Esc", "leave", "Leave, and nothing is done", LEPTON__WINDOW_LEAVE},
	{"help", "F1", "keys", "Show these keys", LEPTON__WINDOW_HELP},
};
const struct lepton__window_keys lepton__form_keys = {
	"form", "a form", LEPTON__KEYS_OF(own_keys), NULL, true};

/* Among choices there is nothing to cut. */
static void edit(struct lepton__form *form, int act)
{
	struct lepton__field *field = focused(form);
	const size_t end = strlen(field->value), at = form->caret;
	if ((act == LEPTON__LEFT || act == LEPTON__RIGHT) && field->choices)
		turn(field, act == LEPTON__LEFT ? -1 : 1);
	else if (act == LEPTON__LEFT || act == LEPTON__RIGHT)
		form->caret = act == LEPTON__LEFT ? back_one(field->value, at) : on_one(field->value, at);
	else if (act == LEPTON__FIRST || act == LEPTON__LAST)
		form->caret = act == LEPTON__FIRST ? 0 : end;
	else if (field->choices)
		return;
	else if (act == ERASE)
		cut(form, back_one(field->value, at), at);
	else if (act == DELETE)
		cut(form, at, on_one(field->value, at));
	else if (act == CUT_FRONT)
		cut(form, 0, at);
	else if (act == CUT_REST)
		cut(form, at, end);
	else if (act == CUT_WORD)
		cut(form, word_back(field->value, at), at);
}

void lepton__form_changed(struct lepton__app *app, struct lepton__form *form)
{
	struct lepton_error err = {0};
	struct lepton__field *last = &form->fields[form->count - 1];
	if (last->repeat && *last->value && form->count < LEPTON__FIELDS) {
		form->fields[form->count] = *last;
		form->fields[form->count++].value[0] = '\0';
	}
	form->note[0] = form->problem[0] = '\0';
	form->problem_field = form->cursor;
	form->bad = form->check && form->check(app, form, &form->problem_field, &err);
	if (form->bad)
		lepton__copy_name(form->problem, sizeof form->problem, err.message);
	app->dirty = true;
}

static void remember(struct lepton__app *app, const struct lepton__form *form)
{
	const char *value = form->fields[0].value;
	struct lepton__past_answers *answers = form->history >= 0 ? &app->answers[form->history] : NULL;
	if (!answers || !*value || (answers->count && strcmp(answers->text[answers->count - 1], value) == 0))
		return;
	long most = sizeof answers->text / sizeof *answers->text;
	if (answers->count == most)
		memmove(answers->text[0], answers->text[1], sizeof answers->text - sizeof *answers->text),
			answers->count--;
	lepton__copy_name(answers->text[answers->count++], sizeof *answers->text, value);
}

/* The form leaves the stack before it acts, so that what it opens lies on top; it comes back if that failed.
 */
static void accept(struct lepton__app *app, struct lepton__form *form)
{
	struct lepton_error err = {0};
	lepton__form_changed(app, form);
	if (form->bad) {
		if (!*form->problem)
			lepton__copy_name(
				form->problem, sizeof form->problem, "this line is not finished yet");
		focus(form, (long)form->problem_field);
		return;
	}
	app->popup = form->popup.under;
	if (form->accept(app, form, &err)) {
		form->popup.under = app->popup;
		app->popup = &form->popup;
		lepton__copy_name(form->problem, sizeof form->problem, err.message);
		return;
	}
	remember(app, form);
	form->popup.ops->free(&form->popup);
}

static void enter(struct lepton__app *app, struct lepton__form *form)
{
	bool last = form->cursor + 1 == form->count;
	if (last || (focused(form)->repeat && !*focused(form)->value))
		accept(app, form);
	else
		focus(form, (long)form->cursor + 1);
}

void lepton__form_act(struct lepton__app *app, struct lepton__popup *popup, int act)
{
	struct lepton__form *form = (struct lepton__form *)popup;
	app->dirty = true;
	if (act == ENTER || act == DONE) { /* the form may be gone afterwards */
		if (act == ENTER)
			enter(app, form);
		else
			accept(app, form);
		return;
	}
	if (act == LEPTON__UP || act == LEPTON__DOWN)
		up_down(app, form, act == LEPTON__UP ? -1 : 1);
	else if (act == BACK)
		focus(form, (long)form->cursor - 1);
	else if (act == COMPLETE)
		complete(app, form);
	else
		edit(form, act);
	lepton__form_changed(app, form);
}

void lepton__form_type(struct lepton__app *app, struct lepton__popup *popup, uint32_t key)
{
	struct lepton__form *form = (struct lepton__form *)popup;
	if (key < ' ' || key >= LEPTON__KEY_UP || key == LEPTON__KEY_BACKSPACE)
		return;
	if (!focused(form)->choices)
		insert(form, key);
	else if (key == ' ')
		turn(focused(form), 1);
	else
		return;
	lepton__form_changed(app, form);
}

void lepton__form_pick(struct lepton__app *app, struct lepton__popup *popup, int64_t item)
{
	struct lepton__form *form = (struct lepton__form *)popup;
	if (item == LEPTON__FORM_ACCEPT) {
		accept(app, form);
	} else if (item >= 0 && item < (int64_t)form->count) {
		if (form->cursor == (size_t)item && form->fields[item].choices)
			turn(&form->fields[item], 1);
		focus(form, (long)item);
		lepton__form_changed(app, form);
	}
	app->dirty = true;
}
