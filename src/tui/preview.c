/* tui/preview.c - a window that tries all ways to fuse the marked versions and fills in as they are scored;
 * Enter goes on with the chosen one.
 *
 * Nobody has to wait: a method can be chosen before its row is filled, by arrows or by typing its name. The
 * table is the run's (lepton_run_preview), whoever asked for it: a second dashboard sees the same one fill,
 * and what was finished at these very steps is shown again without asking. Leaving gives up what was asked
 * for here.
 */
#include "config.h"
#include "base/memory.h"
#include "tui/acts.h"
#include "tui/format.h"
#include "tui/preview.h"

#include <string.h>

static bool pending(const struct lepton__app *app, uint64_t ticket)
{
	for (size_t i = 0; i < app->pending_count && ticket; i++)
		if (app->pending[i].ticket == ticket)
			return true;
	return false;
}

static bool job_runs(const struct lepton_run *run, int64_t id)
{
	for (size_t i = 0; i < run->job_count; i++)
		if (run->jobs[i].job == id)
			return run->jobs[i].state == LEPTON_JOB_RUNNING &&
			       strcmp(run->jobs[i].kind, "preview") == 0;
	return false;
}

static const struct lepton_run_preview *kept_of(
	const struct lepton__app *app, const struct lepton__preview *w)
{
	return lepton_run_preview(app->dash.run, w->ids, w->count);
}

bool lepton__preview_runs(const struct lepton__app *app, const struct lepton__preview *w)
{
	const struct lepton_run_preview *kept = kept_of(app, w);
	return pending(app, w->ticket) ||
	       (kept && kept->detail == w->shown && !w->table.done && job_runs(app->dash.run, kept->job));
}

void lepton__preview_rows(const struct lepton__preview *w, size_t order[LEPTON_PREVIEW_ROWS_MAX])
{
	if (w->by_loss)
		lepton_preview_order(w->table.methods, w->table.method_count, order);
	else
		for (size_t i = 0; i < w->table.method_count; i++)
			order[i] = i;
}

/* ---- following the run ---- */

static void keep(struct lepton_text **place, struct lepton_text *text)
{
	lepton_text_retain(text);
	lepton_text_release(*place);
	*place = text;
}

/* The newest table, unless it is the one of before. */
static void follow(struct lepton__app *app, struct lepton__preview *w)
{
	const struct lepton_run_preview *kept = kept_of(app, w);
	struct lepton_error err;
	if (!kept || kept->detail == w->shown || kept->detail == w->stale)
		return;
	keep(&w->shown, kept->detail);
	if (lepton_preview_read(lepton_text_get(kept->detail), &w->table, &err) || !w->table.method_count) {
		lepton_preview_init(&w->table);
		lepton__copy_name(w->problem, sizeof w->problem, "its table cannot be read");
	}
	if (w->cursor >= w->table.method_count)
		w->cursor = w->table.method_count - 1;
}

static void ask(struct lepton__app *app, struct lepton__preview *w)
{
	struct lepton_command command = {.type = LEPTON_CMD_PREVIEW, .count = w->count};
	const struct lepton_run_preview *kept = kept_of(app, w);
	char names[128], doing[96];
	memcpy(command.versions, w->ids, sizeof command.versions);
	lepton__name_list(app, w->ids, (size_t)w->count, names, sizeof names);
	lepton__print(doing, sizeof doing, "preview of %.70s", names);
	keep(&w->stale, kept ? kept->detail : NULL);
	keep(&w->shown, NULL);
	lepton_preview_init(&w->table);
	*w->problem = '\0';
	w->ticket = 0;
	if (lepton__app_command(app, &command, NULL, false, doing))
		w->ticket = command.ticket;
	else
		lepton__copy_name(w->problem, sizeof w->problem, app->sayings[app->saying_count - 1].text);
}

static void give_up(struct lepton__app *app, const struct lepton__preview *w)
{
	struct lepton_command command = {.type = LEPTON_CMD_PREVIEW};
	if (pending(app, w->ticket))
		lepton__app_command(app, &command, NULL, false, "preview");
}

/* One that was asked for here for the same versions, and left, but has not ended yet. */
static bool ends(const struct lepton__app *app, const struct lepton__preview *w)
{
	for (size_t i = 0; i < app->pending_count; i++)
		if (app->pending[i].type == LEPTON_CMD_PREVIEW && app->pending[i].pair[0] == w->ids[0] &&
			app->pending[i].pair[1] == w->ids[1])
			return true;
	return false;
}

/* Whether what is kept needs no asking: it fills right now, or is whole and of the very weights of now. */
static bool known(const struct lepton__app *app, const struct lepton__preview *w)
{
	const struct lepton_run_preview *kept = kept_of(app, w);
	bool same = w->table.done && w->table.parent_count == (size_t)w->count;
	for (int i = 0; i < w->count && same; i++) {
		const struct lepton_run_version *v = lepton_run_version(app->dash.run, w->ids[i]);
		same = v && v->step == w->table.parents[i].step;
	}
	return same || (kept && !w->table.done && !ends(app, w) && job_runs(app->dash.run, kept->job));
}

/* ---- keys ---- */

static void select_row(struct lepton__app *app, struct lepton__preview *w, long by)
{
	size_t order[LEPTON_PREVIEW_ROWS_MAX];
	long at = 0, last = (long)w->table.method_count - 1;
	lepton__preview_rows(w, order);
	while (at < last && order[at] != w->cursor)
		at++;
	at = at + by < 0 ? 0 : at + by > last ? last : at + by;
	w->cursor = order[at];
	*w->typed = '\0';
	app->dirty = true;
}

/* The first method that begins with what was typed and this letter. */
static bool goes_on(struct lepton__preview *w, char letter)
{
	char typed[sizeof w->typed];
	lepton__print(typed, sizeof typed, "%s%c", w->typed, letter);
	for (size_t i = 0; i < w->table.method_count; i++)
		if (strncmp(w->table.methods[i].name, typed, strlen(typed)) == 0) {
			w->cursor = i;
			memcpy(w->typed, typed, sizeof typed);
			return true;
		}
	return false;
}

static bool is_letter(uint32_t key)
{
	return (key >= 'a' && key <= 'z') || key == '_';
}

/* The first letters of a name choose it; one that does not go on with those before begins anew. A key of the
 * table that is a letter is first looked at as one that goes on. */
static bool letter_first(struct lepton__app *app, struct lepton__popup *popup, uint32_t key)
{
	struct lepton__preview *w = (struct lepton__preview *)popup;
	app->dirty = true;
	follow(app, w);
	w->letter = is_letter(key) ? (char)key : '\0';
	return w->letter && *w->typed && goes_on(w, w->letter);
}

static void type(struct lepton__app *app, struct lepton__popup *popup, uint32_t key)
{
	struct lepton__preview *w = (struct lepton__preview *)popup;
	(void)app, (void)key;
	*w->typed = '\0';
	if (w->letter)
		(void)goes_on(w, w->letter);
}

/* The letter of that key, if it is one, may be the first of a name as well. */
static void turn_order(struct lepton__preview *w)
{
	w->by_loss = !w->by_loss;
	w->top = 0;
	lepton__print(w->typed, sizeof w->typed, "%.1s", &w->letter);
}

/* As a menu does: off first, freed after, since the form is opened in between. */
static void choose(struct lepton__app *app, struct lepton__preview *w)
{
	app->popup = w->popup.under;
	app->dirty = true;
	give_up(app, w);
	lepton__fuse_form(app, w->table.methods[w->cursor].name, w->ids, (size_t)w->count);
	w->popup.ops->free(&w->popup);
}

enum { CHOOSE = LEPTON__WINDOW_OWN, ORDER, AGAIN };
static const struct lepton__window_key own_keys[] = {
	{"up", "Up S-Tab C-p", "or a name", "One up", LEPTON__UP},
	{"down", "Down Tab C-n", "or a name", "One down", LEPTON__DOWN},
	{"page-up", "PgUp", NULL, "A page up", LEPTON__PAGE_UP},
	{"page-down", "PgDn", NULL, "A page down", LEPTON__PAGE_DOWN},
	{"first", "Home", NULL, "The first", LEPTON__FIRST},
	{"last", "End", NULL, "The last", LEPTON__LAST},
	{"choose", "Enter", "go on", "Go on with this method", CHOOSE},
	{"order", "s", "sort", "By loss, or in the order of the table", ORDER},
	{"leave", "Esc", "leave", "Leave, and give up what is not tried yet", LEPTON__WINDOW_LEAVE},
	{"again", "R", "again", "Try all once more", AGAIN},
	LEPTON__HELP_KEY,
};
const struct lepton__window_keys lepton__preview_keys = {
	"preview", "the table of ways to fuse", LEPTON__KEYS_OF(own_keys), NULL, false};

static void act(struct lepton__app *app, struct lepton__popup *popup, int act)
{
	struct lepton__preview *w = (struct lepton__preview *)popup;
	const long page = w->page > 1 ? (long)w->page - 1 : 1;
	if (act == CHOOSE)
		choose(app, w);
	else if (act == LEPTON__DOWN || act == LEPTON__UP)
		select_row(app, w, act == LEPTON__UP ? -1 : 1);
	else if (act == LEPTON__PAGE_DOWN || act == LEPTON__PAGE_UP)
		select_row(app, w, act == LEPTON__PAGE_UP ? -page : page);
	else if (act == LEPTON__FIRST || act == LEPTON__LAST)
		select_row(app, w, act == LEPTON__LAST ? LEPTON_PREVIEW_ROWS_MAX : -LEPTON_PREVIEW_ROWS_MAX);
	else if (act == ORDER)
		turn_order(w);
	else if (act == AGAIN && !lepton__preview_runs(app, w))
		ask(app, w);
}

static void draw(struct lepton__app *app, struct lepton__popup *popup)
{
	follow(app, (struct lepton__preview *)popup);
	lepton__preview_draw(app, (struct lepton__preview *)popup);
}

/* A click selects, one on the selected row goes on. */
static void pick(struct lepton__app *app, struct lepton__popup *popup, int64_t item)
{
	struct lepton__preview *w = (struct lepton__preview *)popup;
	if (item < 0 || (size_t)item >= w->table.method_count)
		return;
	if (w->cursor == (size_t)item) {
		choose(app, w);
		return;
	}
	w->cursor = (size_t)item;
	app->dirty = true;
}

static void wheel(struct lepton__app *app, struct lepton__popup *popup, int by)
{
	select_row(app, (struct lepton__preview *)popup, by);
}

static void leave(struct lepton__app *app, struct lepton__popup *popup)
{
	give_up(app, (struct lepton__preview *)popup);
}

static void free_window(struct lepton__popup *popup)
{
	struct lepton__preview *w = (struct lepton__preview *)popup;
	lepton_text_release(w->shown);
	lepton_text_release(w->stale);
	lepton__free(w);
}

static const struct lepton__popup_ops window_ops = {
	.keys = &lepton__preview_keys,
	.draw = draw,
	.act = act,
	.first = letter_first,
	.type = type,
	.pick = pick,
	.wheel = wheel,
	.close = leave,
	.free = free_window,
};

/* ---- opening, and the answer ---- */

void lepton__preview_open(struct lepton__app *app, const int64_t *ids, size_t count)
{
	struct lepton__preview *w = lepton__calloc(1, sizeof *w);
	if (!w) {
		lepton__app_say(app, LEPTON_LOG_ERROR, "out of memory");
		return;
	}
	w->popup.ops = &window_ops;
	w->count = (int)count;
	memcpy(w->ids, ids, count * sizeof *ids);
	lepton_preview_init(&w->table);
	follow(app, w);
	if (!known(app, w))
		ask(app, w);
	lepton__popup_open(app, &w->popup);
}

void lepton__preview_refused(struct lepton__app *app, uint64_t ticket, const char *message)
{
	for (struct lepton__popup *p = app->popup; p; p = p->under)
		if (p->ops == &window_ops && ((struct lepton__preview *)p)->ticket == ticket)
			lepton__copy_name(((struct lepton__preview *)p)->problem,
				sizeof((struct lepton__preview *)p)->problem, message);
}
