/* export/html_log.c - what happened, oldest first: the versions' own events and the log in one list by time;
 * and the aliases.
 *
 * The list stops growing at a thousand lines, the newest ones, so that a chatty trainer does not swell the
 * page.
 */
#include "config.h"
#include "base/memory.h"
#include "export/html.h"

#include <stdlib.h>

#define LINES 1000

struct line {
	double time;
	size_t version; /* the page's count: of none */
	const char *level, *text;
	size_t order; /* among lines of the same time */
};

/* ---- aliases ---- */

static bool aliases_wanted(const struct lepton__html *page)
{
	for (size_t i = 0; i < page->run->alias_count; i++)
		if (lepton__html_index(page, page->run->aliases[i].target) < page->count)
			return true;
	return false;
}

static void name_of(struct lepton__html *page, int64_t id)
{
	size_t index = lepton__html_index(page, id);
	if (index == page->count) {
		lepton__buffer_string(page->out, id ? "<span class=\"none\">not in this report</span>"
						    : "<span class=\"none\">&ndash;</span>");
		return;
	}
	lepton__html_swatch(page->out, index);
	lepton__html_name(page->out, page->versions[index]->name);
}

static void draw_aliases(struct lepton__html *page)
{
	lepton__buffer_string(page->out, "<div class=\"wide\"><table><thead><tr><th "
					 "scope=\"col\">alias</th><th scope=\"col\">points at</th>"
					 "<th scope=\"col\">before</th><th scope=\"col\">since</th><th "
					 "scope=\"col\">weights</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < page->run->alias_count; i++) {
		const struct lepton_run_alias *a = &page->run->aliases[i];
		char hash[13]; /* its beginning */
		if (lepton__html_index(page, a->target) == page->count)
			continue;
		lepton__buffer_string(page->out, "<tr><th scope=\"row\"><span class=\"chip\">");
		lepton__html_name(page->out, a->alias);
		lepton__buffer_string(page->out, "</span></th><td>");
		name_of(page, a->target);
		lepton__buffer_string(page->out, "</td><td>");
		name_of(page, a->previous);
		lepton__buffer_string(page->out, "</td><td>");
		lepton__html_time(page->out, a->time);
		lepton__buffer_string(page->out, "</td><td><code title=\"");
		lepton__html_text(page->out, a->weights_hash);
		lepton__buffer_string(page->out, "\">");
		lepton__copy_name(hash, sizeof hash, a->weights_hash);
		lepton__html_text(page->out, hash);
		lepton__buffer_string(page->out, "</code></td></tr>\n");
	}
	lepton__buffer_string(page->out, "</tbody></table></div>\n");
}

const struct lepton__html_section lepton__html_aliases = {"aliases", "Aliases", aliases_wanted, draw_aliases};

/* ---- events and log ---- */

static size_t count_lines(const struct lepton__html *page)
{
	size_t count = page->run->log_count;
	for (size_t i = 0; i < page->count; i++)
		count += page->versions[i]->note_count;
	return count;
}

static size_t gather(const struct lepton__html *page, struct line *lines)
{
	static const char *const levels[] = {"", "warning", "error"};
	size_t count = 0;
	for (size_t i = 0; i < page->count; i++)
		for (size_t n = 0; n < page->versions[i]->note_count; n++) {
			const struct lepton_note *note = &page->versions[i]->notes[n];
			lines[count] = (struct line){note->time, i, "", note->what, count};
			count++;
		}
	for (size_t i = 0; i < page->run->log_count; i++) {
		const struct lepton_run_log *entry = &page->run->log[i];
		size_t version = lepton__html_index(page, entry->version);
		if (entry->version && version == page->count)
			continue; /* of a version that is not in the report */
		lines[count] = (struct line){
			entry->time, version, levels[entry->level], lepton_text_get(entry->line), count};
		count++;
	}
	return count;
}

static int compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	if (x->time < y->time || x->time > y->time)
		return x->time < y->time ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void draw_line(struct lepton__html *page, const struct line *line)
{
	lepton__buffer_printf(page->out, "<li class=\"%s\">", line->level);
	lepton__html_time(page->out, line->time);
	if (line->version < page->count) {
		lepton__buffer_string(page->out, " <b>");
		lepton__html_name(page->out, page->versions[line->version]->name);
		lepton__buffer_string(page->out, "</b>");
	}
	if (*line->level)
		lepton__buffer_printf(page->out, " <em>%s:</em>", line->level);
	lepton__buffer_string(page->out, " ");
	lepton__html_text(page->out, line->text);
	lepton__buffer_string(page->out, "</li>\n");
}

static bool log_wanted(const struct lepton__html *page)
{
	return count_lines(page) > 0;
}

static void draw_log(struct lepton__html *page)
{
	struct line *lines = lepton__calloc(count_lines(page) + 1, sizeof *lines);
	if (!lines) {
		page->failed = true;
		return;
	}
	size_t count = gather(page, lines), from = count > LINES ? count - LINES : 0;
	qsort(lines, count, sizeof *lines, compare);
	if (from)
		lepton__buffer_printf(
			page->out, "<p class=\"quiet\">The last %d of %zu lines.</p>\n", LINES, count);
	lepton__buffer_string(page->out, "<ol class=\"log\" tabindex=\"0\">\n");
	for (size_t i = from; i < count; i++)
		draw_line(page, &lines[i]);
	lepton__buffer_string(page->out, "</ol>\n<p class=\"quiet\">Times are UTC.</p>\n");
	lepton__free(lines);
}

const struct lepton__html_section lepton__html_log = {"log", "What happened", log_wanted, draw_log};
