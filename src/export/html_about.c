/* export/html_about.c - on what machine and with what data, and the spec file to do it again. */
#include "config.h"
#include "base/json.h"
#include "base/memory.h"
#include "export/html.h"

static void draw_value(struct lepton__html *page, const cJSON *value)
{
	char *text = cJSON_IsString(value) ? NULL : lepton__json_text(value);
	if (cJSON_IsString(value))
		lepton__html_text(page->out, value->valuestring);
	else if (text)
		lepton__html_text(page->out, text);
	else
		page->failed = true;
	lepton__free(text);
}

static void draw_object(struct lepton__html *page, const char *title, const struct lepton_text *json)
{
	cJSON *object = cJSON_Parse(lepton_text_get(json));
	const cJSON *member;
	if (cJSON_IsObject(object) && object->child) {
		lepton__buffer_printf(page->out, "<div><h3>%s</h3><dl>", title);
		cJSON_ArrayForEach(member, object)
		{
			lepton__buffer_string(page->out, "<dt>");
			lepton__html_text(page->out, member->string);
			lepton__buffer_string(page->out, "</dt><dd>");
			draw_value(page, member);
			lepton__buffer_string(page->out, "</dd>");
		}
		lepton__buffer_string(page->out, "</dl></div>\n");
	}
	cJSON_Delete(object);
}

static void draw(struct lepton__html *page)
{
	const char *spec = lepton_text_get(page->run->spec);
	lepton__buffer_string(page->out, "<div class=\"pair\">\n");
	draw_object(page, "Data", page->run->data);
	draw_object(page, "Environment", page->run->environment);
	lepton__buffer_string(page->out, "</div>\n");
	if (*spec) {
		lepton__buffer_string(page->out, "<details><summary>The spec file</summary><pre>");
		lepton__html_text(page->out, spec);
		lepton__buffer_string(page->out, "</pre></details>\n");
	}
}

const struct lepton__html_section lepton__html_about = {"about", "Data and machine", NULL, draw};
