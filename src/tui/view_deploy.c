/* tui/view_deploy.c - the aliases others ask for, what they point at, and how that changed. */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/views.h"

#include <math.h>
#include <stdio.h>

static void draw_alias(struct lepton__app *app, struct lepton__rect row, const struct lepton_run_alias *alias)
{
	const struct lepton_run_version *v = lepton_run_version(app->dash.run, alias->target);
	char acc[LEPTON__FMT] = "-", size[24] = "-", clock[LEPTON__FMT], before[80] = "";
	int x = row.x + 1, end = row.x + row.cols - 1;
	if (v) {
		lepton__fmt_quality(acc, app->dash.run,
			isfinite(v->test_accuracy) ? v->test_accuracy : v->val_accuracy,
			isfinite(v->test_loss) ? v->test_loss : v->val_loss);
		lepton__text_bytes(size, sizeof size, (double)v->bytes);
	}
	lepton__fmt_clock(clock, alias->time);
	lepton__screen_text(
		app->screen, row.y, x, 16, lepton__theme_bold(&app->theme, LEPTON__GOOD), alias->alias);
	lepton__screen_text(app->screen, row.y, x + 17, 20, lepton__theme_bold(&app->theme, LEPTON__MAIN),
		alias->target ? lepton__version_name(app, alias->target) : "nothing");
	lepton__screen_right(app->screen, row.y, x + 38, 8, lepton__style(app, LEPTON__MAIN), acc);
	lepton__screen_right(app->screen, row.y, x + 47, 8, lepton__style(app, LEPTON__MAIN), size);
	lepton__screen_text(app->screen, row.y, x + 57, 8, lepton__style(app, LEPTON__MAIN), clock);
	if (alias->previous)
		lepton__print(before, sizeof before, "%s", lepton__version_name(app, alias->previous));
	lepton__draw_piece(app, row.y, x + 67, end - 20 > x + 67 ? end - 19 : end,
		lepton__style(app, LEPTON__INACTIVE), before);
	if (end - 18 > x + 67 + 12)
		lepton__screen_textf(app->screen, row.y, end - 18, 18, lepton__style(app, LEPTON__INACTIVE),
			"%.16s", alias->weights_hash);
}

static void draw_aliases(struct lepton__app *app, struct lepton__rect rect)
{
	const struct lepton_run *run = app->dash.run;
	struct lepton__box box = {.title = "aliases", .role = LEPTON__LIST_BOX, .focus = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	struct lepton__style head = lepton__style(app, LEPTON__TITLE);
	if (!run->alias_count) {
		lepton__screen_center(app->screen, inside.y + inside.rows / 2, inside.x, inside.cols,
			lepton__style(app, LEPTON__INACTIVE),
			lepton__spell("nothing is promoted yet: choose a version and press {promote}"));
		return;
	}
	int x = inside.x + 1;
	lepton__screen_text(app->screen, inside.y, x, -1, head, "alias");
	lepton__screen_text(app->screen, inside.y, x + 17, -1, head, "points at");
	lepton__screen_right(app->screen, inside.y, x + 38, 8, head, "test acc");
	lepton__screen_right(app->screen, inside.y, x + 47, 8, head, "size");
	lepton__screen_text(app->screen, inside.y, x + 57, 8, head, "since");
	lepton__draw_piece(app, inside.y, x + 67, inside.x + inside.cols, head, "before");
	if (inside.x + inside.cols - 1 - 18 > x + 67 + 12)
		lepton__screen_text(app->screen, inside.y, inside.x + inside.cols - 19, 18, head, "weights");
	for (int i = 0; i < inside.rows - 1 && i < (int)run->alias_count; i++)
		draw_alias(app, (struct lepton__rect){inside.y + 1 + i, inside.x, 1, inside.cols},
			&run->aliases[i]);
}

static void draw_move(struct lepton__app *app, struct lepton__rect row, const struct lepton__alias_move *move)
{
	char clock[LEPTON__FMT], line[256], from[LEPTON_NAME_MAX] = "nothing";
	lepton__fmt_clock(clock, move->time);
	if (move->from)
		lepton__print(from, sizeof from, "%s", lepton__version_name(app, move->from));
	lepton__print(line, sizeof line, "%s from %s to %s", move->rollback ? "rolled back" : "promoted",
		from, move->to ? lepton__version_name(app, move->to) : "nothing");
	lepton__screen_text(app->screen, row.y, row.x + 1, 9, lepton__style(app, LEPTON__INACTIVE), clock);
	lepton__screen_text(
		app->screen, row.y, row.x + 10, 16, lepton__style(app, LEPTON__GOOD), move->alias);
	lepton__screen_text(app->screen, row.y, row.x + 27, row.cols - 28,
		lepton__style(app, move->rollback ? LEPTON__WARN : LEPTON__MAIN), line);
}

/* Aliases that were there before the dashboard have no moves of their own: what the run remembers of them
 * stands in. */
static void draw_history(struct lepton__app *app, struct lepton__rect rect)
{
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_DEPLOY];
	struct lepton__box box = {.title = "history, newest first", .role = LEPTON__DETAIL_BOX};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	scroll->page = inside.rows;
	scroll->total = (long)app->dash.move_count;
	if (scroll->top > lepton__scroll_last(scroll))
		scroll->top = lepton__scroll_last(scroll);
	for (long i = 0; i < inside.rows && scroll->top + i < scroll->total; i++)
		draw_move(app, (struct lepton__rect){inside.y + (int)i, inside.x, 1, inside.cols},
			&app->dash.moves[scroll->total - 1 - scroll->top - i]);
	lepton__scrollbar_draw(app->screen, &app->theme, inside.y, rect.x + rect.cols - 1, inside.rows,
		(size_t)scroll->top, (size_t)scroll->page, (size_t)scroll->total);
}

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	struct lepton__rect rest;
	int rows = (int)app->dash.run->alias_count + 3, most = area.rows / 2;
	draw_aliases(app, lepton__rect_rows(area, rows < 5 ? 5 : rows > most ? most : rows, &rest));
	draw_history(app, rest);
}

static void move(struct lepton__app *app, enum lepton__move how)
{
	lepton__scroll_move(&app->scroll[LEPTON__VIEW_DEPLOY], how);
}

const struct lepton__view lepton__view_deploy = {
	.name = "Deploy",
	.summary = "Aliases are names that others ask for, such as production. Each points at one version, "
		   "to the bit. {promote} (on a version, in "
		   "the Versions view) moves one here; {rollback} takes the last move back.\n"
		   "Below: every move since this dashboard started, and what is remembered from before.",
	.draw = draw,
	.move = move,
};
