/* export/html_settings.c - the settings in which versions differ, side by side; what they have in common,
 * once. */
#include "config.h"
#include "base/format.h"
#include "base/json.h"
#include "base/memory.h"
#include "export/html.h"
#include "spec/flat.h"

#include <stdlib.h>
#include <string.h>

#define LONG 40  /* characters: the cell may break into lines */
#define MOST 200 /* bytes shown of a value: an ensemble's members would fill a page */

struct key {
	const char *name;
	bool differs;
};
struct settings {
	struct lepton__flat *flats; /* one a version */
	struct key *keys;           /* of all of them, in the order they turn up */
	size_t count, capacity;
};

static const char *value_of(const struct settings *s, size_t version, const char *key)
{
	return lepton__flat_get(&s->flats[version], key);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool differs(const struct lepton__html *page, const struct settings *s, const char *key)
{
	for (size_t i = 1; i < page->count; i++)
		if (!same(value_of(s, i, key), value_of(s, 0, key)))
			return true;
	return false;
}

static bool add_key(struct settings *s, const char *key)
{
	for (size_t k = 0; k < s->count; k++)
		if (strcmp(s->keys[k].name, key) == 0)
			return true;
	if (lepton__grow(&s->keys, &s->capacity, s->count + 1, sizeof *s->keys))
		return false;
	s->keys[s->count++] = (struct key){key, false};
	return true;
}

static void free_settings(const struct lepton__html *page, struct settings *s)
{
	for (size_t i = 0; s->flats && i < page->count; i++)
		lepton__flat_free(&s->flats[i]);
	lepton__free(s->flats);
	lepton__free(s->keys);
}

static bool read_settings(struct lepton__html *page, struct settings *s)
{
	*s = (struct settings){.flats = lepton__calloc(page->count + 1, sizeof *s->flats)};
	bool ok = s->flats != NULL;
	for (size_t i = 0; ok && i < page->count; i++) {
		struct lepton__flat *flat = &s->flats[i];
		ok = lepton__flat_read(flat, lepton_text_get(page->versions[i]->hyperparameters));
		for (size_t r = 0; ok && r < flat->count; r++)
			ok = flat->items[r].inner || add_key(s, flat->items[r].key);
	}
	for (size_t k = 0; ok && k < s->count; k++)
		s->keys[k].differs = differs(page, s, s->keys[k].name);
	if (!ok) {
		free_settings(page, s);
		page->failed = true;
	}
	return ok;
}

/* ---- drawing ---- */

/* The last word of "optimizer.learning_rate", but of "optimizer.name" the first. */
static void short_key(const char *key, char *out, size_t size)
{
	const char *dot = strrchr(key, '.');
	if (dot && strcmp(dot, ".name") == 0)
		lepton__print(out, size, "%.*s", (int)(dot - key), key);
	else
		lepton__print(out, size, "%s", dot ? dot + 1 : key);
}

static void draw_text(struct lepton__html *page, const char *value)
{
	char shown[MOST];
	lepton__copy_name(shown, sizeof shown, value);
	lepton__html_text(page->out, shown);
	if (strlen(value) > strlen(shown))
		lepton__buffer_string(page->out, "\u2026");
}

static void draw_value(struct lepton__html *page, const char *value)
{
	char *end = NULL;
	double number = value ? strtod(value, &end) : 0;
	if (!value) {
		lepton__buffer_string(page->out, "<td class=\"none\">&ndash;</td>");
		return;
	}
	if (*value && !*end) {
		lepton__buffer_string(page->out, "<td data-v=\"");
		lepton__json_number(page->out, number);
		lepton__buffer_string(page->out, "\">");
	} else {
		lepton__buffer_string(page->out, strlen(value) > LONG ? "<td class=\"long\">" : "<td>");
	}
	draw_text(page, value);
	lepton__buffer_string(page->out, "</td>");
}

static void draw_differences(struct lepton__html *page, const struct settings *s, size_t different)
{
	if (!different) {
		lepton__buffer_string(page->out, "<p>The settings of all versions are the same.</p>\n");
		return;
	}
	lepton__buffer_string(page->out,
		"<div class=\"wide\"><table class=\"sortable\">\n<thead><tr><th scope=\"col\">version</th>");
	for (size_t k = 0; k < s->count; k++) {
		char name[96];
		if (!s->keys[k].differs)
			continue;
		lepton__buffer_string(page->out, "<th scope=\"col\" title=\"");
		lepton__html_text(page->out, s->keys[k].name);
		lepton__buffer_string(page->out, "\">");
		short_key(s->keys[k].name, name, sizeof name);
		lepton__html_text(page->out, name);
		lepton__buffer_string(page->out, "</th>");
	}
	lepton__buffer_string(page->out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < page->count; i++) {
		lepton__buffer_printf(page->out, "<tr data-i=\"%zu\"><th scope=\"row\">", i);
		lepton__html_swatch(page->out, i);
		lepton__html_name(page->out, page->versions[i]->name);
		lepton__buffer_string(page->out, "</th>");
		for (size_t k = 0; k < s->count; k++)
			if (s->keys[k].differs)
				draw_value(page, value_of(s, i, s->keys[k].name));
		lepton__buffer_string(page->out, "</tr>\n");
	}
	lepton__buffer_string(page->out, "</tbody></table></div>\n");
}

static void draw_common(struct lepton__html *page, const struct settings *s)
{
	lepton__buffer_printf(page->out, "<details><summary>%s</summary><dl>",
		page->count > 1 ? "The same in all" : "All settings");
	for (size_t k = 0; k < s->count; k++) {
		if (s->keys[k].differs)
			continue;
		lepton__buffer_string(page->out, "<dt>");
		lepton__html_text(page->out, s->keys[k].name);
		lepton__buffer_string(page->out, "</dt><dd>");
		draw_text(page, value_of(s, 0, s->keys[k].name));
		lepton__buffer_string(page->out, "</dd>");
	}
	lepton__buffer_string(page->out, "</dl></details>\n");
}

static void draw(struct lepton__html *page)
{
	struct settings s;
	size_t different = 0;
	if (!read_settings(page, &s))
		return;
	for (size_t k = 0; k < s.count; k++)
		different += s.keys[k].differs;
	if (page->count > 1)
		draw_differences(page, &s, different);
	if (different < s.count)
		draw_common(page, &s);
	free_settings(page, &s);
}

static bool wanted(const struct lepton__html *page)
{
	for (size_t i = 0; i < page->count; i++) {
		const char *json = lepton_text_get(page->versions[i]->hyperparameters);
		if (*json && strcmp(json, "{}") != 0)
			return true;
	}
	return false;
}

const struct lepton__html_section lepton__html_settings = {"settings", "What differs", wanted, draw};
