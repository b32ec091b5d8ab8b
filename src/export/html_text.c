/* export/html_text.c - what others wrote, made harmless, and numbers as people read them.
 *
 * Names, reasons and logs come from spec files, from programs and from libraries. Between tags the five
 * characters of markup are written as references. Inside <script> references mean nothing, so there they are
 * written as JSON's own escapes; they can stand only in its strings, so no parser is needed to find those.
 * The page's security policy is the second line of defence (export_html.c).
 */
#include "config.h"
#include "base/format.h"
#include "base/json.h"
#include "base/number.h"
#include "base/utf8.h"
#include "export/html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

static const char *reference(unsigned char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? REPLACEMENT : NULL;
	}
}

/* Control characters of the second kind, U+0080 to U+009F, and U+FFFE and U+FFFF, are no characters of HTML
 * either. */
static bool is_text(const char *at, size_t length)
{
	const unsigned char *s = (const unsigned char *)at;
	return !(length == 2 && s[0] == 0xC2 && s[1] < 0xA0) &&
	       !(length == 3 && s[0] == 0xEF && s[1] == 0xBF && s[2] > 0xBD);
}

void lepton__html_text(struct lepton__buffer *out, const char *text)
{
	for (size_t length; *text; text += length ? length : 1) {
		length = lepton__utf8_length(text, 4);
		const char *instead = length == 1 ? reference((unsigned char)*text) : NULL;
		if (!length || (length > 1 && !is_text(text, length)))
			instead = REPLACEMENT;
		if (instead)
			lepton__buffer_string(out, instead);
		else
			lepton__buffer_append(out, text, length);
	}
}

void lepton__html_name(struct lepton__buffer *out, const char *name)
{
	char part[LEPTON_NAME_MAX];
	lepton__buffer_string(out, "<bdi>");
	while (*name) { /* long names may break behind what joins their words */
		size_t length = strcspn(name, ".,/_-");
		length += name[length] != '\0';
		length = length < sizeof part ? length : sizeof part - 1;
		memcpy(part, name, length);
		part[length] = '\0';
		lepton__html_text(out, part);
		name += length;
		if (*name)
			lepton__buffer_string(out, "<wbr>");
	}
	lepton__buffer_string(out, "</bdi>");
}

void lepton__html_json(struct lepton__buffer *out, const char *json, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)json[i];
		bool line = c == 0xE2 && i + 2 < size && (unsigned char)json[i + 1] == 0x80 &&
			    ((unsigned char)json[i + 2] | 1) == 0xA9; /* U+2028, U+2029 */
		if (c == '<' || c == '>' || c == '&')
			lepton__buffer_printf(out, "\\u%04x", c);
		else if (line)
			lepton__buffer_string(
				out, (unsigned char)json[i + 2] == 0xA8 ? "\\u2028" : "\\u2029");
		else
			lepton__buffer_append(out, json + i, 1);
		i += line ? 2 : 0;
	}
}

/* ---- figures ---- */

void lepton__html_loss(char *out, size_t size, double value)
{
	char text[LEPTON__FMT];
	lepton__fmt_loss(text, value);
	lepton__print(out, size, "%s", text);
}

void lepton__html_percent(char *out, size_t size, double value)
{
	char text[LEPTON__FMT];
	lepton__fmt_percent(text, value);
	lepton__print(out, size, "%s", text);
}

void lepton__html_integer(char *out, size_t size, double value)
{
	char text[LEPTON__FMT];
	lepton__fmt_integer(text, isfinite(value) && fabs(value) < 9e15 ? (int64_t)value : 0);
	lepton__print(out, size, "%s", isfinite(value) ? text : "-");
}

void lepton__html_rate(char *out, size_t size, double value)
{
	char text[LEPTON__FMT];
	lepton__fmt_rate(text, value);
	lepton__print(out, size, "%s", text);
}

void lepton__html_cell(struct lepton__buffer *out, double value, bool best, lepton__html_format *format)
{
	char text[48];
	format(text, sizeof text, value);
	if (!isfinite(value)) {
		lepton__buffer_string(out, "<td class=\"n none\">&ndash;</td>");
		return;
	}
	lepton__buffer_string(out, best ? "<td class=\"n best\" data-v=\"" : "<td class=\"n\" data-v=\"");
	lepton__json_number(out, value);
	lepton__buffer_string(out, "\">");
	lepton__html_text(out, text);
	lepton__buffer_string(out, "</td>");
}

double lepton__html_quality(const struct lepton_run *run, const struct lepton_run_version *version)
{
	double seen = run->regression ? -lepton_run_rmse(version->val_loss) : version->val_accuracy;
	if (isfinite(seen))
		return seen;
	return run->regression ? -lepton_run_rmse(version->test_loss) : version->test_accuracy;
}

void lepton__html_quality_text(const struct lepton_run *run, char *out, size_t size, double quality)
{
	if (run->regression)
		lepton__html_loss(out, size, -quality);
	else
		lepton__html_percent(out, size, quality);
}

void lepton__html_made_by(const struct lepton_run_version *version, char *out, size_t size)
{
	cJSON *operation = cJSON_Parse(lepton_text_get(version->operation));
	const char *op = lepton__json_get_string(operation, "op", "train");
	const char *plain = strcmp(op, "train") == 0 ? version->learner : op;
	lepton__print(out, size, "%s", lepton__json_get_string(operation, "method", plain));
	cJSON_Delete(operation);
}

void lepton__html_time(struct lepton__buffer *out, double seconds)
{
	struct tm utc;
	char text[40];
	time_t whole = isfinite(seconds) && fabs(seconds) < 1e11 ? (time_t)seconds : 0;
	if (!whole || !gmtime_r(&whole, &utc) || !strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc))
		return;
	lepton__buffer_printf(out, "<time>%s</time>", text);
}
