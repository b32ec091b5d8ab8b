/* tui/popup.h - windows over the view: menus, forms, questions, pages of text.
 *
 * They form a stack; the topmost has the keyboard and the mouse. Each kind embeds a lepton__popup
 * first and brings its operations. Closing calls `free`.
 */
#ifndef LEPTON_TUI_POPUP_H
#define LEPTON_TUI_POPUP_H

#include "tui/app.h"
#include "tui/lines.h"
#include "tui/window_keys.h"

struct lepton__popup_ops {
	const struct lepton__window_keys *keys; /* its table; NULL: it has none, and `hint` says what to do */
	const char *hint;
	void (*draw)(struct lepton__app *app, struct lepton__popup *popup);
	void (*act)(struct lepton__app *app, struct lepton__popup *popup, int act); /* of a key of the table */
	/* A key before the table has it; true: that was all. May be NULL. */
	bool (*first)(struct lepton__app *app, struct lepton__popup *popup, uint32_t key);
	/* A key that is not in the table; may be NULL. */
	void (*type)(struct lepton__app *app, struct lepton__popup *popup, uint32_t key);
	void (*pick)(struct lepton__app *app, struct lepton__popup *popup, int64_t item); /* click on a HIT_ITEM; may be NULL */
	void (*wheel)(struct lepton__app *app, struct lepton__popup *popup, int by);      /* may be NULL */
	void (*close)(struct lepton__app *app, struct lepton__popup *popup);              /* left by Esc; may be NULL */
	void (*free)(struct lepton__popup *popup);
	bool reading; /* text only: nothing in it to choose or fill in */
};
struct lepton__popup {
	const struct lepton__popup_ops *ops;
	struct lepton__popup *under;
};

void lepton__popup_open(struct lepton__app *app, struct lepton__popup *popup);
void lepton__popup_close(struct lepton__app *app); /* the topmost */
void lepton__popup_leave(struct lepton__app *app); /* the same, as Esc does: ops->close first */

void lepton__popup_key(struct lepton__app *app, struct lepton__popup *popup, uint32_t key);
/* What a window that scrolls is told: moves it. */
void lepton__popup_scroll(struct lepton__app *app, struct lepton__scroll *scroll, int act);

extern const struct lepton__window_keys lepton__pager_keys, lepton__menu_keys, lepton__form_keys, lepton__question_keys,
		lepton__mistakes_keys, lepton__inside_keys, lepton__barrier_keys, lepton__preview_keys;

/* ---- a page of text, scrolled (pager.c) -------------------------------------------------------------- */
/* Takes the lines. */
void lepton__pager_open(struct lepton__app *app, const char *title, struct lepton__lines *lines);

/* ---- a question (confirm.c) --------------------------------------------------------------------------- */
struct lepton__confirm {
	struct lepton__popup popup;
	char question[160], detail[400];
	char yes[32], no[32];
	bool on_yes; /* where Enter is */
	void (*act)(struct lepton__app *app, struct lepton__confirm *confirm);
	int64_t ids[LEPTON_MAX_PARENTS];
	size_t count;
	char word[LEPTON_NAME_MAX];
};
/* A zeroed one to fill in, already open; NULL when out of memory (said). */
struct lepton__confirm *lepton__confirm_open(struct lepton__app *app,
		void (*act)(struct lepton__app *app, struct lepton__confirm *confirm));

/* ---- a list to choose from, narrowed by typing (menu.c) ------------------------------------------------- */
struct lepton__item {
	char label[96], note[200], keys[16];
	const char *words; /* found by these too, when nothing better matches; NULL: none */
	int64_t value;
	bool off; /* shown, but cannot be chosen; the note says why */
};
struct lepton__menu {
	struct lepton__popup popup;
	char title[80], prompt[32];
	struct lepton__item *items;
	size_t count, capacity;
	size_t *found; /* items that match what was typed, best first */
	size_t found_count;
	char typed[64];
	size_t cursor, top, page; /* in found */
	int64_t version;  /* the chooser's own */
	char word[LEPTON_NAME_MAX];
	void (*chosen)(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item); /* menu is freed after */
	void (*moved)(struct lepton__app *app, struct lepton__menu *menu, const struct lepton__item *item);  /* may be NULL */
	void (*left)(struct lepton__app *app, struct lepton__menu *menu);                                    /* Esc; may be NULL */
};
struct lepton__menu *lepton__menu_new(struct lepton__app *app, const char *title); /* NULL: said */
struct lepton__item *lepton__menu_add(struct lepton__menu *menu, const char *label, const char *note); /* NULL: no memory */
void lepton__menu_open(struct lepton__app *app, struct lepton__menu *menu, int64_t value); /* cursor on the item of that value */
/* How well `typed` fits text: letters in their order; higher is better, <0 not at all. */
int lepton__fuzzy(const char *text, const char *typed);

/* ---- a form (form.c) ------------------------------------------------------------------------------------ */
struct lepton__field {
	char label[32];
	char value[256];
	char help[200];
	const char *choices; /* "a|b|c": Left and Right go through them; NULL: free text */
	bool repeat;         /* typing into it adds another one below */
};
#define LEPTON__FIELDS 16
struct lepton__form {
	struct lepton__popup popup;
	char title[96], intro[240], verb[24]; /* verb: what Enter does at the end, "compress" */
	struct lepton__field fields[LEPTON__FIELDS];
	size_t count, cursor, caret, top;
	char problem[320], note[320];
	size_t problem_field;
	bool bad; /* the check refuses it, also when it has only a note to say */
	int history; /* LEPTON__HISTORY_…: the list of earlier answers that Up recalls; <0: none */
	long history_at;
	char kept[256];
	int64_t version;
	int64_t ids[LEPTON_MAX_PARENTS];
	size_t id_count;
	char word[LEPTON_NAME_MAX];
	/* After each change: 0, or a fault with *field and a sentence; may write form->note. */
	int (*check)(struct lepton__app *app, struct lepton__form *form, size_t *field, struct lepton_error *err);
	/* What Tab makes of the focused field; false: goes to the next. May be NULL. */
	bool (*complete)(struct lepton__app *app, struct lepton__form *form, char *out, size_t size);
	/* Enter at the end, after check said 0. Non-zero: stays open, the sentence is shown. */
	int (*accept)(struct lepton__app *app, struct lepton__form *form, struct lepton_error *err);
	void (*left)(struct lepton__app *app, struct lepton__form *form);    /* Esc; may be NULL */
};
struct lepton__form *lepton__form_new(struct lepton__app *app, const char *title, const char *verb); /* NULL: said */
struct lepton__field *lepton__form_field(struct lepton__form *form, const char *label, const char *value, const char *help);
void lepton__form_open(struct lepton__app *app, struct lepton__form *form);

#endif
