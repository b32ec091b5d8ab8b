/* tui/plot_legend.c - names, markers and values of the curves, in the corner where they cover least. */
#include "config.h"
#include "tui/plot_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define VALUE_COLS 8
#define BEST_COLS 9  /* its sign and the blank before it too */
#define BEST_FROM 60 /* columns of the area that leave room for it */
#define LEAST_COLS 28
#define LEAST_ROWS 5

static int covered(const struct lepton__screen *screen, struct lepton__rect rect)
{
	int count = 0;
	for (int y = rect.y; y < rect.y + rect.rows; y++)
		for (int x = rect.x; x < rect.x + rect.cols; x++) {
			const struct lepton__cell *cell = lepton__screen_at(screen, y, x);
			count += cell != NULL && cell->glyph.code != ' ' && cell->glyph.code != 0xb7;
		}
	return count;
}

/* The top row stays free where crosses stand that say when a value was no number. */
static struct lepton__rect below_gaps(struct lepton__rect area, const struct lepton__plot *plot)
{
	bool gaps = false;
	for (size_t i = 0; i < plot->series_count; i++)
		gaps = gaps || (plot->series[i].gaps != NULL && plot->series[i].gaps->count > 0);
	return gaps ? (struct lepton__rect){area.y + 1, area.x, area.rows - 1, area.cols} : area;
}

/* Of the four corners the emptiest; top right wins a tie, where a falling loss leaves room. */
static struct lepton__rect best_corner(
	const struct lepton__screen *screen, struct lepton__rect area, int rows, int cols)
{
	int left = area.x + 1, right = area.x + area.cols - cols - 1, top = area.y,
	    bottom = area.y + area.rows - rows;
	const struct lepton__rect corners[] = {{top, right, rows, cols}, {bottom, right, rows, cols},
		{top, left, rows, cols}, {bottom, left, rows, cols}};
	int best = 0, least = covered(screen, corners[0]);
	for (int i = 1; i < 4 && least > 0; i++) {
		int count = covered(screen, corners[i]);
		if (count < least) {
			least = count;
			best = i;
		}
	}
	return corners[best];
}

struct entry {
	const char *name;
	size_t look, count; /* count: members of a group that have a value there; 0: it is no group */
	bool pinned;
	double value, beside; /* the best value, or a group's standard deviation */
};

static size_t entry_count(const struct lepton__plot *plot)
{
	return plot->groups != NULL ? plot->group_count : plot->series_count;
}

static const char *name_at(const struct lepton__plot *plot, size_t i)
{
	return plot->groups != NULL ? plot->groups[i].name : plot->series[i].name;
}

static bool pinned_at(const struct lepton__plot *plot, size_t i)
{
	return plot->series[plot->groups != NULL ? plot->groups[i].first : i].pinned;
}

static struct entry entry_at(const struct lepton__plot *plot, size_t i, double x)
{
	const struct lepton__series *series = &plot->series[plot->groups != NULL ? plot->groups[i].first : i];
	struct entry entry = {name_at(plot, i), series->look, 0, series->pinned, NAN, NAN};
	if (plot->groups != NULL && plot->groups[i].count > 1) {
		double lo, hi;
		if (lepton__series_extent(series, plot->groups[i].count, false, &lo, &hi))
			x = fmin(x, hi);
		struct lepton__band_value value = lepton__band_value(series, plot->groups[i].count, x);
		entry.count = value.count;
		entry.value = value.mean;
		entry.beside = value.deviation;
		return entry;
	}
	double at;
	entry.value = lepton__series_value(series, x);
	if (!lepton__series_best(series, plot->best, x, &at, &entry.beside))
		entry.beside = NAN;
	return entry;
}

/* Which entry stands in line n: the pinned ones first. */
static size_t entry_of_line(const struct lepton__plot *plot, int n)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < entry_count(plot); i++)
			if (pinned_at(plot, i) == (pass == 0) && n-- == 0)
				return i;
	return 0;
}

void lepton__plot_figure(char *out, size_t size, double y)
{
	snprintf(out, size, fabs(y) < 1000 && fabs(y) >= 0.001 ? "%.4f" : "%.2e", y);
	if (isnan(y))
		snprintf(out, size, "-");
	if (fabs(y) >= 100 && fabs(y) < 1000)
		snprintf(out, size, "%.2f", y);
}

/* Behind its value what is best so far, or how far the members of a group lie apart. */
static void draw_beside(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect line, const struct entry *entry)
{
	char figure[24];
	struct lepton__style style = lepton__theme_style(theme, LEPTON__INACTIVE);
	if (!isfinite(entry->beside))
		return;
	lepton__plot_figure(figure, sizeof figure, entry->beside);
	for (int digits = 1; digits >= 0 && strlen(figure) > BEST_COLS - 2; digits--)
		snprintf(figure, sizeof figure, "%.*e", digits, entry->beside);
	int x = line.x + line.cols - BEST_COLS + 1;
	lepton__screen_put(
		screen, line.y, x, entry->count > 0 ? 0xb1 : lepton__best_sign(screen->glyphs), style);
	lepton__screen_right(screen, line.y, x + 1, BEST_COLS - 2, style, figure);
}

static void draw_entry(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect line, const struct entry *entry, bool wide)
{
	char value[24], members[24] = "";
	struct lepton__style text = lepton__theme_style(theme, LEPTON__MAIN), marker = text;
	marker.fg = lepton__theme_curve(theme, entry->look);
	marker.attributes = text.attributes = entry->pinned ? LEPTON__BOLD : 0;
	lepton__screen_put(screen, line.y, line.x, lepton__theme_marker(entry->look, screen->glyphs), marker);
	if (wide)
		draw_beside(screen, theme, line, entry);
	line.cols -= wide ? BEST_COLS : 0;
	if (entry->count > 0)
		snprintf(members, sizeof members, " n %zu", entry->count);
	int more = lepton__text_width(members), room = line.cols - 2 - VALUE_COLS - more;
	int used = lepton__screen_text(screen, line.y, line.x + 2, room, text, entry->name);
	lepton__screen_text(screen, line.y, line.x + 2 + used, more,
		lepton__theme_style(theme, LEPTON__INACTIVE), members);
	lepton__plot_figure(value, sizeof value, entry->value);
	lepton__screen_right(screen, line.y, line.x + line.cols - VALUE_COLS, VALUE_COLS,
		lepton__theme_style(theme, LEPTON__TITLE), value);
}

static int name_cols(const struct lepton__plot *plot)
{
	int longest = 0;
	for (size_t i = 0; i < entry_count(plot); i++) {
		int width = lepton__text_width(name_at(plot, i));
		width += plot->groups != NULL && plot->groups[i].count > 1 ? 5 : 0;
		longest = width > longest ? width : longest;
	}
	return longest;
}

void lepton__plot_legend(struct lepton__screen *screen, const struct lepton__theme *theme,
	struct lepton__rect area, const struct lepton__plot *plot, const struct lepton__window *window)
{
	size_t count = entry_count(plot);
	if (area.cols < LEAST_COLS || area.rows < LEAST_ROWS || count == 0)
		return;
	area = below_gaps(area, plot);
	bool wide = area.cols >= BEST_FROM && (plot->best != LEPTON__BEST_NONE || plot->groups != NULL);
	int cols = name_cols(plot) + 3 + VALUE_COLS + (wide ? BEST_COLS : 0), most = area.rows / 2;
	cols = cols > area.cols / 2 ? area.cols / 2 : cols;
	bool all = count <= (size_t)most;
	int rows = all ? (int)count : most, entries = all ? rows : rows - 1;
	struct lepton__rect rect = best_corner(screen, area, rows, cols);
	lepton__screen_fill(screen, rect, ' ', lepton__theme_style(theme, LEPTON__MAIN));
	double x = isfinite(plot->cursor) ? plot->cursor : window->to;
	for (int i = 0; i < entries; i++) {
		struct entry entry = entry_at(plot, entry_of_line(plot, i), x);
		draw_entry(
			screen, theme, (struct lepton__rect){rect.y + i, rect.x, 1, rect.cols}, &entry, wide);
	}
	if (!all)
		lepton__screen_textf(screen, rect.y + rows - 1, rect.x + 2, rect.cols - 2,
			lepton__theme_style(theme, LEPTON__INACTIVE), "and %zu more",
			count - (size_t)entries);
}
