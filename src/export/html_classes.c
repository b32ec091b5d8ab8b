/* export/html_classes.c - the versions that were asked class by class ("evaluate now"): figures and the
 * confusion matrix.
 *
 * A row of the matrix is a true class, a column what the version said. Wrong answers are shaded by their
 * share of the row, in ten steps, each also with its number; right ones stand in bold on another ground. Of
 * very many classes the matrix is left out, as nobody could read it.
 */
#include "config.h"
#include "base/json.h"
#include "export/html.h"

#include <math.h>

#define MATRIX_MOST 60 /* classes */
#define SHADES 10
#define LOUD 4 /* a quarter of a row's samples gone to one wrong class has the last shade */

static bool wanted(const struct lepton__html *page)
{
	for (size_t i = 0; i < page->count; i++)
		if (page->versions[i]->report)
			return true;
	return false;
}

static void figure_cell(struct lepton__html *page, const cJSON *object, const char *key)
{
	double value = lepton__json_get_number(object, key, (double)NAN);
	if (isfinite(value))
		lepton__buffer_printf(page->out, "<td class=\"n\">%.4f</td>", value);
	else
		lepton__buffer_string(page->out, "<td class=\"n none\">&ndash;</td>");
}

static void count_cell(struct lepton__html *page, double count, double of, bool right)
{
	double share = of > 0 ? count / of : 0;
	int shade = (int)ceil(fmin(share * LOUD, 1) * SHADES);
	if (!(count > 0))
		lepton__buffer_string(page->out, "<td class=\"n none\">\u00b7</td>");
	else if (right)
		lepton__buffer_printf(
			page->out, "<td class=\"n right\" title=\"%.1f%%\">%.0f</td>", 100 * share, count);
	else
		lepton__buffer_printf(page->out, "<td class=\"n h%d\" title=\"%.1f%%\">%.0f</td>", shade,
			100 * share, count);
}

static void draw_head(struct lepton__html *page, const cJSON *classes, bool matrix)
{
	const cJSON *item;
	lepton__buffer_string(page->out,
		"<thead><tr><th scope=\"col\">true class</th><th class=\"n\">samples</th>"
		"<th class=\"n\">precision</th><th class=\"n\">recall</th><th class=\"n\">F1</th><th "
		"class=\"n\">AUC</th>");
	cJSON_ArrayForEach(item, classes)
	{
		if (!matrix)
			break;
		lepton__buffer_string(page->out, item == classes->child
							 ? "<th class=\"n first\" scope=\"col\">"
							 : "<th class=\"n\" scope=\"col\">");
		lepton__html_text(page->out, lepton__json_get_string(item, "name", "?"));
		lepton__buffer_string(page->out, "</th>");
	}
	lepton__buffer_string(page->out, "</tr></thead>\n");
}

static void draw_class(
	struct lepton__html *page, const cJSON *item, const cJSON *counts, int class, bool matrix)
{
	static const char *const keys[] = {"precision", "recall", "f1", "auc"};
	double support = lepton__json_get_number(item, "support", 0);
	const cJSON *count;
	int column = 0;
	lepton__buffer_string(page->out, "<tr><th scope=\"row\">");
	lepton__html_name(page->out, lepton__json_get_string(item, "name", "?"));
	lepton__buffer_printf(page->out, "</th><td class=\"n\">%.0f</td>", support);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		figure_cell(page, item, keys[i]);
	cJSON_ArrayForEach(count, counts)
	{
		if (matrix)
			count_cell(page, cJSON_IsNumber(count) ? count->valuedouble : 0, support,
				column == class);
		column++;
	}
	lepton__buffer_string(page->out, "</tr>\n");
}

static void draw_table(struct lepton__html *page, const cJSON *report)
{
	const cJSON *classes = cJSON_GetObjectItemCaseSensitive(report, "classes"), *item;
	const cJSON *counts = cJSON_GetObjectItemCaseSensitive(report, "confusion");
	bool matrix = cJSON_GetArraySize(classes) <= MATRIX_MOST;
	int class = 0;
	counts = cJSON_IsArray(counts) ? counts->child : NULL;
	lepton__buffer_string(page->out, "<div class=\"wide\"><table class=\"confusion\">\n");
	draw_head(page, classes, matrix);
	lepton__buffer_string(page->out, "<tbody>\n");
	cJSON_ArrayForEach(item, classes)
	{
		draw_class(page, item, counts, class ++, matrix);
		counts = counts ? counts->next : NULL;
	}
	lepton__buffer_string(page->out, "</tbody></table></div>\n");
}

/* The figures over all classes, or of a quantity, or of recommendations: those that are there. */
static void draw_summary(struct lepton__html *page, const cJSON *report)
{
	static const char *const keys[][2] = {{"samples", "samples"}, {"accuracy", "accuracy"},
		{"top_5_accuracy", "top 5"}, {"precision", "precision"}, {"recall", "recall"}, {"f1", "F1"},
		{"auc", "AUC"}, {"rmse", "RMSE"}, {"mean_absolute_error", "mean absolute error"},
		{"r2", "R\u00b2"}, {"users", "users"}, {"precision_at_10", "precision at 10"},
		{"recall_at_10", "recall at 10"}, {"ndcg_at_10", "NDCG at 10"}};
	lepton__buffer_string(page->out, "<p class=\"figures\">");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		double value = lepton__json_get_number(report, keys[i][0], (double)NAN);
		if (isfinite(value))
			lepton__buffer_printf(page->out, "<span>%s <b>%.6g</b></span> ", keys[i][1], value);
	}
	lepton__buffer_string(page->out, "</p>\n");
}

static void draw(struct lepton__html *page)
{
	bool first = true;
	for (size_t i = 0; i < page->count; i++) {
		cJSON *report = cJSON_Parse(lepton_text_get(page->versions[i]->report));
		if (!report)
			continue;
		lepton__buffer_printf(page->out, "<details%s><summary>", first ? " open" : "");
		lepton__html_swatch(page->out, i);
		lepton__html_name(page->out, page->versions[i]->name);
		lepton__buffer_string(page->out, "</summary>\n");
		draw_summary(page, report);
		if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(report, "classes")))
			draw_table(page, report);
		lepton__buffer_string(page->out, "</details>\n");
		first = false;
		cJSON_Delete(report);
	}
	lepton__buffer_string(page->out,
		"<p class=\"quiet\">On the test data. A row of the matrix is a true class, a column what the "
		"version said.</p>\n");
}

const struct lepton__html_section lepton__html_classes = {"classes", "Class by class", wanted, draw};
