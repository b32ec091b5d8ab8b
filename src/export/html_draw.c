/* export/html_draw.c - what the report's pictures share: markers, axes, places.
 *
 * A version has one of eight colours, of seven markers, and of four dashes, each with a period of its own, so
 * that neighbours differ in all they can and colour is never the only sign. What the numbers look like is
 * page.css's; page.js draws by the same rules.
 */
#include "config.h"
#include "base/format.h"
#include "base/ticks.h"
#include "export/html.h"

#include <math.h>

#define TICKS 16

void lepton__html_marker(struct lepton__buffer *out, size_t n, double x, double y)
{
	lepton__buffer_printf(
		out, "<use href=\"#m%zu\" class=\"mark c%zu\" x=\"%.1f\" y=\"%.1f\"/>", n % 7, n % 8, x, y);
}

void lepton__html_swatch(struct lepton__buffer *out, size_t n)
{
	lepton__buffer_printf(out,
		"<svg class=\"swatch\" viewBox=\"0 0 26 12\" width=\"26\" height=\"12\" aria-hidden=\"true\">"
		"<path class=\"curve c%zu d%zu\" d=\"M0 6H26\"/>",
		n % 8, n / 8 % 4);
	lepton__html_marker(out, n, 13, 6);
	lepton__buffer_string(out, "</svg>");
}

size_t lepton__html_index(const struct lepton__html *page, int64_t id)
{
	for (size_t i = 0; i < page->count; i++)
		if (page->versions[i]->id == id)
			return i;
	return page->count;
}

double lepton__html_at(const struct lepton__html_axis *axis, double value)
{
	double lo = axis->lo, hi = axis->hi;
	if (axis->log) {
		lo = log10(lo);
		hi = log10(hi);
		value = log10(value);
	}
	return axis->from + (hi > lo ? (value - lo) / (hi - lo) : 0.5) * (axis->to - axis->from);
}

void lepton__html_percent_label(char *to, size_t size, double value, double step)
{
	char text[24];
	lepton__tick_label(text, sizeof text, 100 * value, 100 * step);
	lepton__print(to, size, "%s%%", text);
}

void lepton__html_ticks(struct lepton__buffer *out, const struct lepton__html_axis *axis,
	const struct lepton__html_axis *across, bool x,
	void (*label)(char *to, size_t size, double value, double step))
{
	double ticks[TICKS];
	int most = x ? 7 : 5;
	int count = axis->log ? lepton__nice_log_ticks(axis->lo, axis->hi, most, ticks, TICKS)
			      : lepton__nice_ticks(axis->lo, axis->hi, most, ticks, TICKS);
	for (int i = 0; i < count; i++) {
		char text[32];
		double step = axis->log || count < 2 ? ticks[i] : ticks[1] - ticks[0],
		       at = lepton__html_at(axis, ticks[i]);
		label(text, sizeof text, ticks[i], step);
		if (x)
			lepton__buffer_printf(out,
				"<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/><text class=\"tick x\" "
				"x=\"%.1f\" y=\"%.1f\">",
				at, across->from, across->to, at, across->from + 18);
		else
			lepton__buffer_printf(out,
				"<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text class=\"tick y\" "
				"x=\"%.1f\" y=\"%.1f\">",
				across->from, at, across->to, across->from - 8, at + 4);
		lepton__html_text(out, text);
		lepton__buffer_string(out, "</text>");
	}
}
