/* tui/bunch_draw.c - a header in the list, and what the details pane says of it. */
#include "config.h"
#include "tui/format.h"
#include "tui/list.h"

#include <math.h>
#include <stdio.h>

/* A header: its fold, what its versions have in common, and what they come to. */
void lepton__bunch_draw(struct lepton__app *app, struct lepton__rect row, size_t index)
{
	const struct lepton__bunch *bunch = &app->dash.bunches.items[index];
	struct lepton__bunch_sum sum = lepton__bunch_sum(&app->dash, index);
	const int64_t id = lepton__bunch_row(index);
	bool here = id == app->dash.selected, plain = app->screen->glyphs == LEPTON__GLYPHS_ASCII;
	char best[LEPTON__FMT], rate[LEPTON__FMT], text[160], none[64];
	struct lepton__style style = here ? lepton__theme_bold(&app->theme, LEPTON__SELECTED)
					  : lepton__theme_bold(&app->theme, LEPTON__TITLE);
	if (here)
		lepton__screen_fill(app->screen, row, ' ', style);
	lepton__hit_add(app, row, LEPTON__HIT_ROW, id);
	lepton__hit_add(
		app, (struct lepton__rect){row.y, row.x, 1, LEPTON__LIST_SIGNS - 1}, LEPTON__HIT_MARK, id);
	lepton__fmt_quality(best, app->dash.run, sum.best_accuracy, sum.best_loss);
	lepton__fmt_rate(rate, sum.rate);
	lepton__print(none, sizeof none, "no %s", lepton__grouping_names[app->dash.bunches.by]);
	if (sum.marked)
		lepton__screen_text(
			app->screen, row.y, row.x, 1, style, sum.marked == sum.versions ? "*" : "+");
	lepton__screen_text(app->screen, row.y, row.x + 1, 1, style,
		bunch->folded ? plain ? ">" : "\u25b8"
		: plain       ? "v"
			      : "\u25be");
	int x = row.x + 3 +
		lepton__screen_text(app->screen, row.y, row.x + 3, row.cols / 3, style,
			*bunch->name ? bunch->name : none);
	bool scored = isfinite(sum.best_accuracy) || isfinite(sum.best_loss);
	lepton__print(text, sizeof text, "  %zu version%s%s%s%s%s", sum.versions,
		sum.versions == 1 ? "" : "s", scored ? ", best " : "", scored ? best : "",
		sum.running ? ", " : "", sum.running ? rate : "");
	lepton__screen_text(app->screen, row.y, x, row.x + row.cols - x,
		here ? lepton__style(app, LEPTON__SELECTED) : lepton__style(app, LEPTON__INACTIVE), text);
}

/* Of what stands below a header: how many there are of each state, and what they come to. */
void lepton__bunch_describe(const struct lepton__app *app, size_t bunch, struct lepton__lines *lines)
{
	struct lepton__bunch_sum sum = lepton__bunch_sum(&app->dash, bunch);
	char best[LEPTON__FMT];
	size_t states[LEPTON_ARCHIVED + 1] = {0};
	for (size_t i = 0; i < app->dash.shown; i++)
		if (app->dash.extras[app->dash.order[i]].bunch == bunch)
			states[app->dash.run->versions[app->dash.order[i]]->state]++;
	lepton__lines_pair(lines, "versions", LEPTON__MAIN, "%zu", sum.versions);
	for (int s = 0; s <= LEPTON_ARCHIVED; s++)
		if (states[s])
			lepton__lines_pair(lines, lepton_version_state_name((enum lepton_version_state)s),
				lepton__state_role((enum lepton_version_state)s), "%zu", states[s]);
	lepton__fmt_quality(best, app->dash.run, sum.best_accuracy, sum.best_loss);
	lepton__lines_pair(lines, "best", LEPTON__MAIN, "%s", best);
	lepton__lines_text(lines, LEPTON__INACTIVE, "Keys act on all of them, where none are marked.");
}
