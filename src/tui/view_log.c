/* tui/view_log.c - everything that was said: by the engine, by versions, and by the dashboard in answer to
 * keys.
 *
 * Two lists in order of time, shown as one. It follows the newest line until scrolled up; End follows again.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/views.h"

#include <stdio.h>

struct entry {
	double time;
	int64_t version;
	enum lepton_log_level level;
	const char *text;
	bool own;
};

static struct entry from_log(const struct lepton_run_log *log)
{
	return (struct entry){log->time, log->version, log->level, lepton_text_get(log->line), false};
}

static struct entry from_saying(const struct lepton__saying *saying)
{
	return (struct entry){
		saying->time, saying->version, saying->level, saying->text, saying->version == 0};
}

static long total(const struct lepton__app *app)
{
	long count = (long)app->dash.run->log_count;
	for (size_t s = 0; s < app->saying_count; s++)
		count += !app->sayings[s].quiet;
	return count;
}

/* Whether there was room for all of it. */
static bool draw_entry(struct lepton__app *app, struct lepton__rect row, const struct entry *entry)
{
	static const enum lepton__role roles[] = {LEPTON__MAIN, LEPTON__WARN, LEPTON__BAD};
	static const char *const signs[] = {" ", "!", "!"};
	char clock[LEPTON__FMT];
	int x = row.x + 1, end = row.x + row.cols - 1;
	long left = app->scroll[LEPTON__VIEW_LOG].left;
	lepton__fmt_clock(clock, entry->time);
	x = lepton__draw_piece(app, row.y, x, end, lepton__style(app, LEPTON__INACTIVE), clock) + 1;
	x = lepton__draw_piece(app, row.y, x, end, lepton__theme_bold(&app->theme, roles[entry->level]),
		    signs[entry->level]) +
	    1;
	const char *who = entry->own       ? "you"
			  : entry->version ? lepton__version_name(app, entry->version)
					   : "engine";
	struct lepton__style style = lepton__style(app, entry->own ? LEPTON__HOT : LEPTON__TITLE);
	size_t index = lepton__dash_index(&app->dash, entry->version);
	if (!entry->own && index < app->dash.extra_count)
		style = lepton__curve_style(app, index);
	lepton__screen_text(app->screen, row.y, x, 14, style, who);
	x += 15;
	const char *text = entry->text;
	for (long skip = left; skip > 0 && *text; skip--) {
		struct lepton__glyph glyph;
		text += lepton__text_glyph(text, &glyph);
	}
	lepton__draw_piece(app, row.y, x, end,
		lepton__style(app, entry->own && !entry->level ? LEPTON__INACTIVE : roles[entry->level]),
		text);
	return lepton__text_width(text) <= end - x;
}

/* Whether all that is shown has room. */
static bool draw_entries(struct lepton__app *app, struct lepton__rect rows, long top)
{
	const struct lepton_run *run = app->dash.run;
	size_t l = 0, s = 0;
	bool whole = true;
	for (long i = 0, all = total(app); i < top + rows.rows && i < all; i++) {
		while (s < app->saying_count && app->sayings[s].quiet)
			s++;
		bool own = l == run->log_count ||
			   (s < app->saying_count && app->sayings[s].time < run->log[l].time);
		struct entry entry = own ? from_saying(&app->sayings[s]) : from_log(&run->log[l]);
		own ? s++ : l++;
		if (i >= top)
			whole = draw_entry(app,
					(struct lepton__rect){rows.y + (int)(i - top), rows.x, 1, rows.cols},
					&entry) &&
				whole;
	}
	return whole;
}

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_LOG];
	char right[48];
	const struct lepton__rect inside = lepton__box_inside(area);
	scroll->page = inside.rows;
	scroll->total = total(app);
	long last = lepton__scroll_last(scroll);
	if (!app->log_held || scroll->top >= last)
		scroll->top = last, app->log_held = false;
	lepton__print(right, sizeof right,
		app->log_held ? "%ld lines, held; End follows" : "%ld lines, following", total(app));
	struct lepton__box box = {.title = "log", .right = right, .role = LEPTON__LIST_BOX, .focus = true};
	bool whole = draw_entries(app, inside, scroll->top);
	if (!whole || scroll->left)
		box.bottom = lepton__spell(
			whole          ? "{left} goes back to where lines begin"
			: scroll->left ? "{right} shows more of long lines, {left} where they begin"
				       : "{right} shows the rest of long lines");
	lepton__box_draw(app->screen, &app->theme, area, &box);
	if (!scroll->total)
		lepton__screen_center(app->screen, inside.y + inside.rows / 2, inside.x, inside.cols,
			lepton__style(app, LEPTON__INACTIVE), "nothing has been said yet");
	lepton__scrollbar_draw(app->screen, &app->theme, inside.y, area.x + area.cols - 1, inside.rows,
		(size_t)scroll->top, (size_t)scroll->page, (size_t)scroll->total);
}

static void move(struct lepton__app *app, enum lepton__move how)
{
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_LOG];
	if (how == LEPTON__LEFT || how == LEPTON__RIGHT) {
		scroll->left += how == LEPTON__RIGHT ? 8 : scroll->left >= 8 ? -8 : -scroll->left;
		scroll->left = scroll->left > 400 ? 400 : scroll->left;
		return;
	}
	lepton__scroll_move(scroll, how);
	app->log_held = scroll->top < lepton__scroll_last(scroll);
}

const struct lepton__view lepton__view_log = {
	.name = "Log",
	.summary = "What the engine and each version said, and what this dashboard did at your keys "
		   "(\"you\"), newest last. "
		   "! marks warnings and faults. It follows the newest line; scrolling up holds it, {last} "
		   "follows again.",
	.draw = draw,
	.move = move,
};
