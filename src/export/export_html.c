/* export/export_html.c - the report: one page that tells all of a run to people who were not there.
 *
 * The page needs nothing but itself: style, script and figures are in the file, and its security policy
 * forbids the browser to fetch anything. The same policy names the script and the style by their SHA-256, so
 * that no other one would run, should a name ever get past the escaping (html_text.c). Without JavaScript
 * there are the tables and plain pictures; with it the curves can be looked into. What has to be said is
 * drawn here, in C; page.js only makes it lively.
 */
#include "config.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/number.h"
#include "export/html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DRAWN 12 /* curves at first */

static const struct lepton__html_section *const sections[] = {&lepton__html_curves, &lepton__html_table,
	&lepton__html_size, &lepton__html_lineage, &lepton__html_settings, &lepton__html_classes,
	&lepton__html_aliases, &lepton__html_log, &lepton__html_about};
#define SECTIONS (sizeof sections / sizeof *sections)

static bool is_wanted(const struct lepton__html *page, size_t section)
{
	return !sections[section]->wanted || sections[section]->wanted(page);
}

/* ---- head ---- */

/* 'sha256-…' as a policy has it. */
static void source_hash(struct lepton__buffer *out, const char *text)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char base64[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	sodium_bin2base64(base64, sizeof base64, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
	lepton__buffer_printf(out, "'sha256-%s'", base64);
}

static void draw_head(struct lepton__html *page)
{
	struct lepton__buffer *out = page->out;
	lepton__buffer_string(out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
	source_hash(out, lepton__page_css);
	lepton__buffer_string(out, "; script-src ");
	source_hash(out, lepton__page_js);
	lepton__buffer_string(out,
		"\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" "
		"content=\"lepton " PACKAGE_VERSION "\">\n<title>");
	lepton__html_text(out, *page->run->experiment ? page->run->experiment : "Training report");
	lepton__buffer_string(out, "</title>\n<style>");
	lepton__buffer_string(out, lepton__page_css);
	lepton__buffer_string(out, "</style>\n</head>\n<body>\n");
}

/* One definition of the seven markers, for all pictures. */
static void draw_markers(struct lepton__buffer *out)
{
	static const char *const shapes[] = {"M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "M-3.6-3.6h7.2v7.2h-7.2z",
		"M0-4.8L4.6 3.6H-4.6z", "M0-5L5 0L0 5L-5 0z", "M0 4.8L4.6-3.6H-4.6z",
		"M-4.6-1.5h3.1v-3.1h3v3.1h3.1v3h-3.1v3.1h-3v-3.1h-3.1z",
		"M-5 0L-2.5-4.3H2.5L5 0L2.5 4.3H-2.5z"};
	lepton__buffer_string(
		out, "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs>");
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		lepton__buffer_printf(out, "<path id=\"m%zu\" d=\"%s\"/>", i, shapes[i]);
	lepton__buffer_string(out, "</defs></svg>\n");
}

static void tile(struct lepton__html *page, const char *what, const char *figure, const char *who)
{
	lepton__buffer_printf(page->out, "<div class=\"tile\"><span>%s</span><b>", what);
	lepton__html_text(page->out, figure);
	lepton__buffer_string(page->out, "</b>");
	if (who) {
		lepton__buffer_string(page->out, "<small>");
		lepton__html_name(page->out, who);
		lepton__buffer_string(page->out, "</small>");
	}
	lepton__buffer_string(page->out, "</div>\n");
}

static const struct lepton_run_version *best_of(const struct lepton__html *page)
{
	const struct lepton_run_version *best = NULL;
	for (size_t i = 0; i < page->count; i++) {
		double quality = lepton__html_quality(page->run, page->versions[i]);
		if (isfinite(quality) && (!best || quality > lepton__html_quality(page->run, best)))
			best = page->versions[i];
	}
	return best;
}

static void draw_tiles(struct lepton__html *page)
{
	const struct lepton_run_version *best = best_of(page), *small = NULL;
	double seconds = 0;
	char text[48];
	for (size_t i = 0; i < page->count; i++) {
		const struct lepton_run_version *v = page->versions[i];
		seconds += v->seconds > 0 ? v->seconds : 0;
		if (v->bytes > 0 && (!small || v->bytes < small->bytes))
			small = v;
	}
	lepton__buffer_string(page->out, "<div class=\"tiles\">\n");
	lepton__html_integer(text, sizeof text, (double)page->count);
	tile(page, page->count == 1 ? "version" : "versions", text, NULL);
	if (best) {
		bool validation = isfinite(page->run->regression ? best->val_loss : best->val_accuracy);
		lepton__html_quality_text(
			page->run, text, sizeof text, lepton__html_quality(page->run, best));
		tile(page, validation ? "best on validation data" : "best on test data", text, best->name);
	}
	if (best && isfinite(best->test_loss)) {
		lepton__html_quality_text(page->run, text, sizeof text,
			page->run->regression ? -lepton_run_rmse(best->test_loss) : best->test_accuracy);
		tile(page, "the same on test data", text, best->name);
	}
	if (small) {
		lepton__text_bytes(text, sizeof text, (double)small->bytes);
		tile(page, "smallest", text, small->name);
	}
	lepton__text_duration(text, sizeof text, seconds);
	tile(page, "training time, all together", text, NULL);
	lepton__buffer_string(page->out, "</div>\n");
}

static void draw_top(struct lepton__html *page)
{
	lepton__buffer_string(page->out, "<header>\n<h1>");
	lepton__html_name(page->out, *page->run->experiment ? page->run->experiment : "Training report");
	lepton__buffer_string(page->out, "</h1>\n<p class=\"quiet\">Begun ");
	lepton__html_time(page->out, page->run->created);
	lepton__buffer_printf(page->out, " UTC, seed %llu</p>\n", (unsigned long long)page->run->seed);
	draw_tiles(page);
	lepton__buffer_string(page->out, "<nav>");
	for (size_t i = 0; i < SECTIONS; i++)
		if (is_wanted(page, i))
			lepton__buffer_printf(
				page->out, "<a href=\"#%s\">%s</a>", sections[i]->id, sections[i]->title);
	lepton__buffer_string(page->out, "</nav>\n</header>\n");
}

/* ---- all of it ---- */

static void draw_script(struct lepton__html *page)
{
	struct lepton__buffer json;
	lepton__buffer_init(&json, LEPTON__EXPORT_MAX);
	lepton__html_data(page, &json);
	lepton__buffer_string(page->out, "<script type=\"application/json\" id=\"data\">");
	if (json.failed)
		page->failed = true;
	else
		lepton__html_json(page->out, json.data, json.size);
	lepton__buffer_free(&json);
	lepton__buffer_string(page->out, "</script>\n<script>");
	lepton__buffer_string(page->out, lepton__page_js);
	lepton__buffer_string(page->out, "</script>\n</body>\n</html>\n");
}

static void draw_page(struct lepton__html *page)
{
	draw_head(page);
	draw_markers(page->out);
	draw_top(page);
	lepton__buffer_string(page->out, "<main>\n");
	for (size_t i = 0; i < SECTIONS; i++) {
		if (!is_wanted(page, i))
			continue;
		lepton__buffer_printf(
			page->out, "<section id=\"%s\">\n<h2>%s</h2>\n", sections[i]->id, sections[i]->title);
		sections[i]->draw(page);
		lepton__buffer_string(page->out, "</section>\n");
	}
	lepton__buffer_string(page->out,
		"</main>\n<footer>Made by lepton " PACKAGE_VERSION "; this page fetches nothing.</footer>\n");
	draw_script(page);
}

static double rank_of(const struct lepton__html *page, size_t index)
{
	double quality = lepton__html_quality(page->run, page->versions[index]);
	return isfinite(quality) ? quality : -INFINITY;
}

/* The best dozen of those that have a curve. */
static void choose_drawn(const struct lepton__html *page, bool *drawn)
{
	for (int n = 0; n < DRAWN; n++) {
		size_t best = page->count;
		for (size_t i = 0; i < page->count; i++) {
			const struct lepton_run_version *v = page->versions[i];
			if (drawn[i] || !(v->history.count || v->epochs_done.count))
				continue;
			if (best == page->count || rank_of(page, i) > rank_of(page, best))
				best = i;
		}
		if (best < page->count)
			drawn[best] = true;
	}
}

static int render(
	const struct lepton_run *run, int64_t id, char **out, size_t *size, struct lepton_error *err)
{
	struct lepton__buffer text;
	int code = lepton__export_check(run, id, err);
	if (code)
		return code;
	bool *drawn = lepton__calloc(run->version_count + 1, sizeof *drawn);
	const struct lepton_run_version **versions = lepton__calloc(run->version_count + 1, sizeof *versions);
	struct lepton__html page = {.out = &text, .run = run, .versions = versions, .drawn = drawn};
	lepton__buffer_init(&text, LEPTON__EXPORT_MAX);
	page.failed = !drawn || !versions;
	for (size_t i = 0; !page.failed && i < run->version_count; i++)
		if (!id || run->versions[i]->id == id)
			versions[page.count++] = run->versions[i];
	if (!page.failed) {
		choose_drawn(&page, drawn);
		draw_page(&page);
	}
	text.failed |= page.failed;
	lepton__free(versions);
	lepton__free(drawn);
	return lepton__export_finish(&text, out, size, err);
}

const struct lepton_exporter lepton__export_html = {
	.name = "html",
	.extension = ".html",
	.summary = "a page to show people: curves, table, lineage, what differs, what happened",
	.render = render,
};
