/* export/html.h - the sections of the report, and what they share. One file a section; export_html.c has the
 * table. */
#ifndef LEPTON_EXPORT_HTML_H
#define LEPTON_EXPORT_HTML_H

#include "export/formats.h"
#include "lepton/error.h"

#include <stdbool.h>

struct lepton__html {
	struct lepton__buffer *out;
	const struct lepton_run *run;
	const struct lepton_run_version *
		*versions; /* those the report is about, in the order they were made */
	size_t count;
	const bool *drawn; /* of each: is its curve drawn before anyone chooses */
	bool failed;       /* memory ran out beside the buffer's */
};

struct lepton__html_section {
	const char *id, *title;
	bool (*wanted)(const struct lepton__html *page); /* NULL: always */
	void (*draw)(struct lepton__html *page);
};
extern const struct lepton__html_section lepton__html_curves, lepton__html_table, lepton__html_size,
	lepton__html_lineage, lepton__html_settings, lepton__html_classes, lepton__html_aliases,
	lepton__html_log, lepton__html_about;

/* ---- text that others wrote ---- */

/* Escaped for HTML, between tags and in attributes; bytes that are no UTF-8, and control characters, become
 * U+FFFD. */
void lepton__html_text(struct lepton__buffer *out, const char *text);
/* A name, kept from turning the text around it from right to left. */
void lepton__html_name(struct lepton__buffer *out, const char *name);
/* JSON that is safe inside <script>: no character of markup is left in it, nor one that ends a line of
 * JavaScript. */
void lepton__html_json(struct lepton__buffer *out, const char *json, size_t size);

/* ---- figures ---- */

/* "0.0412", or a dash; and the number itself, to the bit, for sorting: <td data-v="0.041200001">0.0412</td>.
 */
typedef void lepton__html_format(char *out, size_t size, double value);
void lepton__html_cell(struct lepton__buffer *out, double value, bool best, lepton__html_format *format);
lepton__html_format lepton__html_loss, lepton__html_percent, lepton__html_integer, lepton__html_rate;

/* How good a version is, larger is better: accuracy, or for a regression -RMSE, on validation data where it
 * was seen, else on test data; NaN unknown. */
double lepton__html_quality(const struct lepton_run *run, const struct lepton_run_version *version);
/* "98.71%", or for a regression the RMSE. */
void lepton__html_quality_text(const struct lepton_run *run, char *out, size_t size, double quality);
/* How it was made: "network", "clone", "quantize", "average". */
void lepton__html_made_by(const struct lepton_run_version *version, char *out, size_t size);
void lepton__html_time(
	struct lepton__buffer *out, double seconds); /* <time>2026-01-31 12:00:00</time>, UTC */

/* ---- pictures ---- */

/* The marker of the n-th version at a place of an <svg>, or as a small one of its own with its line. */
void lepton__html_marker(struct lepton__buffer *out, size_t n, double x, double y);
void lepton__html_swatch(struct lepton__buffer *out, size_t n);
size_t lepton__html_index(const struct lepton__html *page, int64_t id); /* page->count: not in the report */

struct lepton__html_axis { /* of a picture: values from lo to hi, at from and to in the picture's units */
	double lo, hi, from, to;
	bool log;
};
double lepton__html_at(const struct lepton__html_axis *axis, double value);
/* Lines across the picture with their labels; x: the lower axis, else the left one. `across`: the other axis.
 */
void lepton__html_ticks(struct lepton__buffer *out, const struct lepton__html_axis *axis,
	const struct lepton__html_axis *across, bool x,
	void (*label)(char *to, size_t size, double value, double step));
void lepton__html_percent_label(char *to, size_t size, double value, double step); /* as lepton__tick_label */

/* ---- curves ---- */

/* Which of `count` points are kept when no more than `most` (8 or more) may be: the first and the last, and
 * from each of equal stretches the least, the largest and the first unknown of both columns. Writes indices
 * in order to `keep` (room for count); returns how many. */
size_t lepton__html_thin(const float *a, const float *b, size_t count, size_t most, size_t *keep);
#define LEPTON__HTML_POINTS ((size_t)1 << 16) /* of all curves of a page together, and as many epochs */
#define LEPTON__HTML_POINTS_EACH 1024        /* of one curve; of ever so many versions at least a sixteenth */
size_t lepton__html_points(size_t versions); /* of one curve, where there are so many */

/* The curves as JSON, for page.js. */
void lepton__html_data(struct lepton__html *page, struct lepton__buffer *json);

/* page.css and page.js, by embed.sh. */
extern const char lepton__page_css[], lepton__page_js[];

#endif
