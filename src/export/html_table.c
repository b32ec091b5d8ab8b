/* export/html_table.c - the versions, a row each; page.js sorts them by any column.
 *
 * Rows are in the order they were made. A cell carries the figure itself beside what is shown of it, so that
 * sorting, and whoever takes the table apart with a program, has all its digits.
 */
#include "config.h"
#include "base/format.h"
#include "base/labels.h"
#include "base/number.h"
#include "export/html.h"

#include <math.h>
#include <stdio.h>

struct figure {
	const char *head, *head_of_regression; /* the latter NULL: not of a regression */
	double (*value)(const struct lepton_run *run, const struct lepton_run_version *v);
	lepton__html_format *format, *format_of_regression;
	int better; /* 1: more is, -1: less is, 0: neither */
};

static double epochs_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return v->epoch;
}
static double loss_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return v->loss;
}
static double accuracy_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return v->accuracy;
}
static double val_loss_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return v->val_loss;
}
static double val_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	return run->regression ? lepton_run_rmse(v->val_loss) : v->val_accuracy;
}
static double test_loss_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return v->test_loss;
}
static double test_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	return run->regression ? lepton_run_rmse(v->test_loss) : v->test_accuracy;
}
static double bytes_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return v->bytes > 0 ? (double)v->bytes : (double)NAN;
}
static double rate_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return v->samples_per_second;
}
static double seconds_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return v->seconds > 0 ? v->seconds : (double)NAN;
}

static void epochs_text(char *out, size_t size, double value)
{
	lepton__print(out, size, "%.*f", fabs(value - rint(value)) < 0.005 ? 0 : 2, value);
}

static const struct figure figures[] = {{"epochs", "epochs", epochs_of, epochs_text, epochs_text, 0},
	{"loss", "loss", loss_of, lepton__html_loss, lepton__html_loss, -1},
	{"accuracy", NULL, accuracy_of, lepton__html_percent, NULL, 1},
	{"val loss", "val loss", val_loss_of, lepton__html_loss, lepton__html_loss, -1},
	{"val accuracy", "val RMSE", val_of, lepton__html_percent, lepton__html_loss, 0},
	{"test loss", "test loss", test_loss_of, lepton__html_loss, lepton__html_loss, -1},
	{"test accuracy", "test RMSE", test_of, lepton__html_percent, lepton__html_loss, 0},
	{"size", "size", bytes_of, lepton__text_bytes, lepton__text_bytes, -1},
	{"rate", "rate", rate_of, lepton__html_rate, lepton__html_rate, 0},
	{"trained", "trained", seconds_of, lepton__text_duration, lepton__text_duration, 0}};
enum { FIGURES = sizeof figures / sizeof *figures };

static const char *head_of(const struct lepton_run *run, const struct figure *f)
{
	return run->regression ? f->head_of_regression : f->head;
}

static int direction(const struct lepton_run *run, const struct figure *f)
{
	if (f->value == val_of || f->value == test_of)
		return run->regression ? -1 : 1;
	return f->better;
}

static double best_of(const struct lepton__html *page, const struct figure *f)
{
	double best = NAN, worst = NAN; /* where all are the same, none is best */
	int better = direction(page->run, f);
	for (size_t i = 0; better && page->count > 1 && i < page->count; i++) {
		double value = f->value(page->run, page->versions[i]);
		if (isfinite(value) && !(better * value <= better * best))
			best = value;
		if (isfinite(value) && !(better * value >= better * worst))
			worst = value;
	}
	return better * best > better * worst ? best : (double)NAN;
}

static void draw_head(struct lepton__html *page)
{
	static const char *const words[] = {"version", "how", "state"};
	lepton__buffer_string(page->out, "<thead><tr>");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		lepton__buffer_printf(page->out, "<th scope=\"col\">%s</th>", words[i]);
	for (int f = 0; f < FIGURES; f++)
		if (head_of(page->run, &figures[f]))
			lepton__buffer_printf(page->out, "<th scope=\"col\" class=\"n\">%s</th>",
				head_of(page->run, &figures[f]));
	lepton__buffer_string(page->out, "</tr></thead>\n");
}

static void draw_aliases(struct lepton__html *page, int64_t id)
{
	for (size_t i = 0; i < page->run->alias_count; i++) {
		if (page->run->aliases[i].target != id)
			continue;
		lepton__buffer_string(page->out, " <span class=\"chip\">");
		lepton__html_name(page->out, page->run->aliases[i].alias);
		lepton__buffer_string(page->out, "</span>");
	}
}

/* Tags as chips, the note below the name. */
static void draw_labels(struct lepton__html *page, const struct lepton_run_version *v)
{
	const char *at = lepton_text_get(v->tags), *tag;
	for (size_t length; (tag = lepton__tags_next(&at, &length));) {
		char word[LEPTON__TAG_BYTES + 1];
		snprintf(word, sizeof word, "%.*s", (int)length, tag);
		lepton__buffer_string(page->out, " <span class=\"chip tag\">");
		lepton__html_text(page->out, word);
		lepton__buffer_string(page->out, "</span>");
	}
	if (!*lepton_text_get(v->note))
		return;
	lepton__buffer_string(page->out, "<div class=\"remark\">");
	lepton__html_text(page->out, lepton_text_get(v->note));
	lepton__buffer_string(page->out, "</div>");
}

static void draw_words(struct lepton__html *page, size_t index)
{
	const struct lepton_run_version *v = page->versions[index];
	const char *state = lepton_version_state_name(v->state);
	char made[LEPTON_NAME_MAX];
	lepton__buffer_string(page->out, "<th scope=\"row\">");
	lepton__html_swatch(page->out, index);
	lepton__html_name(page->out, v->name);
	draw_aliases(page, v->id);
	draw_labels(page, v);
	lepton__buffer_string(page->out, "</th><td>");
	lepton__html_made_by(v, made, sizeof made);
	lepton__html_text(page->out, made);
	lepton__buffer_printf(page->out, "</td><td><span class=\"state %s\">%s</span>", state, state);
	if (*v->reason) {
		lepton__buffer_string(page->out, "<div class=\"reason\">");
		lepton__html_text(page->out, v->reason);
		lepton__buffer_string(page->out, "</div>");
	}
	lepton__buffer_string(page->out, "</td>");
}

static void draw_row(struct lepton__html *page, size_t index, const double best[FIGURES])
{
	const struct lepton_run_version *v = page->versions[index];
	lepton__buffer_printf(page->out, "<tr data-i=\"%zu\">", index);
	draw_words(page, index);
	for (int f = 0; f < FIGURES; f++) {
		const struct figure *figure = &figures[f];
		double value = figure->value(page->run, v);
		if (head_of(page->run, figure))
			lepton__html_cell(page->out, value,
				isfinite(best[f]) && !(value < best[f]) && !(value > best[f]),
				page->run->regression ? figure->format_of_regression : figure->format);
	}
	lepton__buffer_string(page->out, "</tr>\n");
}

static void draw(struct lepton__html *page)
{
	double best[FIGURES];
	for (int f = 0; f < FIGURES; f++)
		best[f] = best_of(page, &figures[f]);
	lepton__buffer_string(page->out, "<div class=\"wide\"><table id=\"table\" class=\"sortable\">\n");
	draw_head(page);
	lepton__buffer_string(page->out, "<tbody>\n");
	for (size_t i = 0; i < page->count; i++)
		draw_row(page, i, best);
	lepton__buffer_string(page->out, "</tbody></table></div>\n");
}

const struct lepton__html_section lepton__html_table = {"versions", "Versions", NULL, draw};
