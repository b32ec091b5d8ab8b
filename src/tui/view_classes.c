/* tui/view_classes.c - the selected version class by class: its figures, and beside them its confusion matrix.
 *
 * What is shown is the report of the last "evaluate now". Cells are counts where they fit, else hundredths of their row;
 * columns that still do not fit are reached sideways.
 */
#include "config.h"
#include "base/json.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/views.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define FIGURE 6         /* columns of one */
#define FIGURES 4
#define SUPPORT 6
#define NAME_MOST 20
#define PERCENT_CELL 4
#define LOUD 4           /* a quarter of a row's samples gone to one wrong class has the last colour */

struct table {
	cJSON *report;
	const cJSON *classes, *confusion;
	int count, name, cell, columns; /* classes; columns of a name, of a cell; cells beside each other */
	bool percent, numbered;         /* numbered: names do not fit over the cells, so numbers stand for them */
};

static int digits(double largest)
{
	return snprintf(NULL, 0, "%.0f", largest);
}

/* How wide names and counts are. */
static void measure(struct table *t, int cols)
{
	int widest = 0;
	double largest = 0;
	const cJSON *item, *cell;
	cJSON_ArrayForEach(item, t->classes)
	{
		int width = lepton__text_width(lepton__json_get_string(item, "name", ""));
		widest = width > widest ? width : widest;
	}
	cJSON_ArrayForEach(item, t->confusion)
		cJSON_ArrayForEach(cell, item)
			largest = cell->valuedouble > largest ? cell->valuedouble : largest;
	t->cell = digits(largest) + 1;
	t->numbered = widest > t->cell - 1;
	t->name = (widest < NAME_MOST ? widest : NAME_MOST) + (t->numbered ? digits(t->count) + 1 : 0);
	t->name = t->name < 5 ? 5 : t->name;
	int room = cols - t->name - SUPPORT - FIGURES * FIGURE - 1;
	if (t->count * t->cell > room && t->cell > PERCENT_CELL) {
		t->percent = true;
		t->cell = PERCENT_CELL;
		t->numbered |= widest > t->cell - 1;
	}
	t->columns = room / t->cell < t->count ? room / t->cell : t->count;
	t->columns = t->columns < 1 ? 1 : t->columns;
}

static bool read_table(struct table *t, const struct lepton_run_version *version, int cols)
{
	*t = (struct table){.report = cJSON_Parse(lepton_text_get(version->report))};
	t->classes = cJSON_GetObjectItemCaseSensitive(t->report, "classes");
	t->confusion = cJSON_GetObjectItemCaseSensitive(t->report, "confusion");
	t->count = cJSON_GetArraySize(t->classes);
	if (t->count)
		measure(t, cols);
	return t->report != NULL;
}

/* ---- drawing ---- */

static int figure(struct lepton__app *app, int y, int x, struct lepton__style style, const cJSON *item, const char *key)
{
	char text[16] = "-";
	double value = lepton__json_get_number(item, key, (double)NAN);
	if (isfinite(value))
		lepton__print(text, sizeof text, "%.3f", value);
	lepton__screen_right(app->screen, y, x, FIGURE, style, text);
	return x + FIGURE;
}

static void draw_head(struct lepton__app *app, const struct table *t, struct lepton__rect row, long left)
{
	static const char *const heads[FIGURES] = {"prec", "rec", "F1", "AUC"};
	struct lepton__style style = lepton__theme_bold(&app->theme, LEPTON__TITLE);
	int x = row.x + t->name;
	lepton__screen_text(app->screen, row.y, row.x, t->name, style, "class");
	lepton__screen_right(app->screen, row.y, x, SUPPORT, style, "n");
	x += SUPPORT;
	for (int i = 0; i < FIGURES; i++, x += FIGURE)
		lepton__screen_right(app->screen, row.y, x, FIGURE, style, heads[i]);
	x++;
	for (int c = (int)left; c < left + t->columns && c < t->count; c++, x += t->cell) {
		char number[16];
		lepton__print(number, sizeof number, "%d", c + 1);
		lepton__screen_right(app->screen, row.y, x + 1, t->cell - 1, style,
			t->numbered ? number
				    : lepton__json_get_string(cJSON_GetArrayItem(t->classes, c), "name", ""));
	}
}

static void draw_cell(struct lepton__app *app, const struct table *t, int y, int x, double count, double of, bool right)
{
	char text[32];
	double share = of > 0 ? count / of : 0;
	struct lepton__style style = right ? lepton__theme_bold(&app->theme, LEPTON__GOOD)
					   : lepton__theme_shade(&app->theme, LEPTON__TEMP, share * LOUD);
	if (!(count > 0)) {
		style = lepton__style(app, LEPTON__INACTIVE);
		lepton__print(text, sizeof text, "%s", app->screen->glyphs == LEPTON__GLYPHS_ASCII ? "." : "\u00b7");
	} else if (t->percent && share < 0.005)
		lepton__print(text, sizeof text, "<1");
	else
		lepton__print(text, sizeof text, "%.0f", t->percent ? 100 * share : count);
	lepton__screen_right(app->screen, y, x + 1, t->cell - 1, style, text);
}

static void draw_class(struct lepton__app *app, const struct table *t, struct lepton__rect row, int class, long left)
{
	static const char *const keys[FIGURES] = {"precision", "recall", "f1", "auc"};
	const cJSON *item = cJSON_GetArrayItem(t->classes, class), *counts = cJSON_GetArrayItem(t->confusion, class);
	double support = lepton__json_get_number(item, "support", 0);
	struct lepton__style style = lepton__style(app, LEPTON__MAIN);
	int x = row.x;
	if (t->numbered)
		x += lepton__screen_textf(app->screen, row.y, x, t->name, lepton__style(app, LEPTON__TITLE), "%*d ",
			digits(t->count), class + 1);
	lepton__screen_text(app->screen, row.y, x, row.x + t->name - x, style, lepton__json_get_string(item, "name", ""));
	x = row.x + t->name;
	char text[32];
	lepton__print(text, sizeof text, "%.0f", support);
	lepton__screen_right(app->screen, row.y, x, SUPPORT, lepton__style(app, LEPTON__MISC), text);
	x += SUPPORT;
	for (int i = 0; i < FIGURES; i++)
		x = figure(app, row.y, x, style, item, keys[i]);
	x++;
	for (int c = (int)left; c < left + t->columns && c < t->count; c++, x += t->cell) {
		const cJSON *count = cJSON_GetArrayItem(counts, c);
		draw_cell(app, t, row.y, x, cJSON_IsNumber(count) ? count->valuedouble : 0, support, c == class);
	}
}

static void draw_quantity(struct lepton__app *app, const struct table *t, struct lepton__rect inside)
{
	static const struct {
		const char *key, *title;
	} figures[] = {{"rmse", "RMSE"}, {"mean_absolute_error", "mean absolute error"}, {"r2", "R2"},
		{"precision_at_10", "precision at 10"}, {"recall_at_10", "recall at 10"}, {"ndcg_at_10", "NDCG at 10"},
		{"users", "users ranked for"}};
	int row = 0;
	for (size_t i = 0; i < sizeof figures / sizeof *figures && row < inside.rows; i++) {
		char text[LEPTON__FMT];
		if (i > 2 && !cJSON_HasObjectItem(t->report, figures[i].key)) /* those of ratings */
			continue;
		lepton__print(text, sizeof text, "%.6g", lepton__json_get_number(t->report, figures[i].key, (double)NAN));
		lepton__screen_text(app->screen, inside.y + row, inside.x, 22, lepton__style(app, LEPTON__TITLE),
			figures[i].title);
		lepton__screen_right(
			app->screen, inside.y + row++, inside.x + 22, 12, lepton__style(app, LEPTON__MAIN), text);
	}
}

/* Another version may have fewer classes, or the screen more room. */
static void keep_within(struct lepton__scroll *scroll, const struct table *t, int rows)
{
	scroll->page = rows > 1 ? rows : 1;
	scroll->total = t->count;
	long last = lepton__scroll_last(scroll);
	scroll->top = scroll->top > last ? last : scroll->top;
	scroll->left = scroll->left > t->count - t->columns ? t->count - t->columns : scroll->left;
}

static void draw_table(struct lepton__app *app, const struct table *t, struct lepton__rect inside, int bar)
{
	const struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_CLASSES];
	draw_head(app, t, (struct lepton__rect){inside.y, inside.x, 1, inside.cols}, scroll->left);
	for (long i = 0; i < scroll->page && scroll->top + i < t->count; i++)
		draw_class(app, t, (struct lepton__rect){inside.y + 1 + (int)i, inside.x, 1, inside.cols},
			(int)(scroll->top + i), scroll->left);
	lepton__scrollbar_draw(app->screen, &app->theme, inside.y + 1, bar, inside.rows - 1, (size_t)scroll->top,
		(size_t)scroll->page, (size_t)t->count);
}

static void summary(const struct table *t, char *out, size_t size)
{
	double top = lepton__json_get_number(t->report, "top_5_accuracy", (double)NAN);
	char five[32] = "";
	*out = '\0';
	if (!t->count)
		return;
	if (isfinite(top))
		lepton__print(five, sizeof five, "top 5 %.4f  ", top);
	lepton__print(out, size, "test acc %.4f  %sF1 %.4f  AUC %.4f", lepton__json_get_number(t->report, "accuracy", (double)NAN),
		five, lepton__json_get_number(t->report, "f1", (double)NAN),
		lepton__json_get_number(t->report, "auc", (double)NAN));
}

/* What the numbers are, and which of the columns are seen. */
static void legend(const struct table *t, long left, char *out, size_t size)
{
	char part[64] = "";
	if (t->columns < t->count)
		lepton__print(part, sizeof part, ", %ld-%ld of %d (Left, Right)", left + 1, left + t->columns, t->count);
	lepton__print(out, size, "rows: true classes; columns: said%s%s", t->percent ? ", in % of the row" : "", part);
}

static void draw(struct lepton__app *app, struct lepton__rect area)
{
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	struct table t = {0};
	char right[96] = "", bottom[160] = "", advice[160] = "no version is shown";
	bool known = version && read_table(&t, version, area.cols - 4);
	keep_within(&app->scroll[LEPTON__VIEW_CLASSES], &t, area.rows - 3);
	if (t.count)
		legend(&t, app->scroll[LEPTON__VIEW_CLASSES].left, bottom, sizeof bottom);
	if (known)
		summary(&t, right, sizeof right);
	else if (version)
		lepton__print(advice, sizeof advice, "%s has no figures by class yet: %s evaluates it now",
			version->name, lepton__spell("{evaluate}"));
	struct lepton__box box = {.title = version ? version->name : "classes",
		.right = *right ? right : NULL,
		.bottom = *bottom ? bottom : NULL,
		.role = LEPTON__LIST_BOX,
		.focus = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, area, &box);
	inside.x++;
	inside.cols -= 2;
	if (!known)
		lepton__screen_center(app->screen, inside.y + inside.rows / 2, inside.x, inside.cols,
			lepton__style(app, LEPTON__INACTIVE), advice);
	else if (t.count)
		draw_table(app, &t, inside, area.x + area.cols - 1);
	else
		draw_quantity(app, &t, inside);
	cJSON_Delete(t.report);
}

static void move(struct lepton__app *app, enum lepton__move how)
{
	struct lepton__scroll *scroll = &app->scroll[LEPTON__VIEW_CLASSES];
	if (how == LEPTON__LEFT)
		scroll->left -= scroll->left > 0;
	else if (how == LEPTON__RIGHT)
		scroll->left++; /* drawing keeps it within */
	else if (how == LEPTON__PAGE_UP || how == LEPTON__PAGE_DOWN)
		lepton__scroll_move(scroll, how);
	else
		lepton__list_move(app, how);
}

const struct lepton__view lepton__view_classes = {
	.name = "Classes",
	.summary = "The selected version on the test data, class by class, as {evaluate} (evaluate now) "
		   "found it: samples, "
		   "precision, recall, F1 and area under the ROC curve, then the confusion matrix. A row is "
		   "a true "
		   "class, a column what the version said; the warmer a cell, the more of its row went wrong "
		   "there. "
		   "{up} and {down} choose the version, {page-up} and {page-down} go through classes, {left} "
		   "and "
		   "{right} through columns.",
	.draw = draw,
	.move = move,
};
