/* export/html_size.c - what a byte buys: every version by its size and its quality, and the front that none
 * beats in both. */
#include "config.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/pareto.h"
#include "base/ticks.h"
#include "export/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 720
#define HEIGHT 370
#define LETTER 6.8 /* about as wide as one of a label is */
#define FAR 8      /* times as far below the best as the middle is: out of the picture */

struct place {
	double x, y, width;
};
struct scatter {
	struct lepton__offer *offers; /* one a version of the page */
	struct lepton__html_axis x, y;
	bool regression;
	struct place *labels;      /* those that stand already */
	size_t label_count, below; /* below: so many versions are far worse than the rest and not drawn */
};

static bool is_there(const struct lepton__offer *offer)
{
	return isfinite(offer->good) && offer->cost > 0;
}

static bool wanted(const struct lepton__html *page)
{
	size_t seen = 0;
	for (size_t i = 0; i < page->count; i++)
		seen += page->versions[i]->bytes > 0 &&
			isfinite(lepton__html_quality(page->run, page->versions[i]));
	return seen > 1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The quality below which a version is too far off; NaN when out of memory. */
static double find_least(struct lepton__html *page, const struct scatter *s)
{
	double *good = lepton__calloc(page->count + 1, sizeof *good), least = NAN;
	size_t count = 0;
	page->failed |= !good;
	for (size_t i = 0; good && i < page->count; i++)
		if (is_there(&s->offers[i]))
			good[count++] = s->offers[i].good;
	if (count) {
		qsort(good, count, sizeof *good, compare);
		double best = good[count - 1];
		least = best - fmax(FAR * (best - good[count / 2]), 0.02 * fabs(best));
	}
	lepton__free(good);
	return least;
}

/* One version that went astray would press all others into a line: what is far below, and not on the front,
 * is told, not drawn. */
static void leave_out(struct lepton__html *page, struct scatter *s)
{
	double least = find_least(page, s);
	for (size_t i = 0; i < page->count; i++)
		if (!s->offers[i].front && s->offers[i].good < least) {
			s->offers[i].good = NAN;
			s->below++;
		}
}

static void measure(struct lepton__html *page, struct scatter *s)
{
	s->x = (struct lepton__html_axis){
		.lo = INFINITY, .hi = -INFINITY, .from = 64, .to = WIDTH - 24, .log = true};
	s->y = (struct lepton__html_axis){.lo = INFINITY, .hi = -INFINITY, .from = HEIGHT - 40, .to = 18};
	for (size_t i = 0; i < page->count; i++) {
		const struct lepton_run_version *v = page->versions[i];
		s->offers[i] = (struct lepton__offer){.cost = (double)v->bytes,
			.good = v->bytes > 0 ? lepton__html_quality(page->run, v) : (double)NAN};
	}
	lepton__pareto(s->offers, page->count);
	leave_out(page, s);
	for (size_t i = 0; i < page->count; i++) {
		const struct lepton__offer *o = &s->offers[i];
		if (!is_there(o))
			continue;
		s->x.lo = fmin(s->x.lo, o->cost);
		s->x.hi = fmax(s->x.hi, o->cost);
		s->y.lo = fmin(s->y.lo, o->good);
		s->y.hi = fmax(s->y.hi, o->good);
	}
	double room = fmax(0.08 * (s->y.hi - s->y.lo), 1e-4), times = pow(s->x.hi / s->x.lo, 0.05) * 1.08;
	s->y.lo -= room;
	s->y.hi = page->run->regression ? fmin(s->y.hi + room, 0) : fmin(s->y.hi + room, 1.0005);
	s->x.lo /= times;
	s->x.hi *= times;
}

static void size_label(char *to, size_t size, double value, double step)
{
	(void)step;
	lepton__text_bytes(to, size, value);
}

/* Quality upwards is -RMSE, which nobody wants to read. */
static void rmse_label(char *to, size_t size, double value, double step)
{
	lepton__tick_label(to, size, -value, step);
}

/* From one of the front to the next larger: to the right, then up, as nothing is known between. */
static void draw_front(struct lepton__html *page, const struct scatter *s)
{
	double reached = 0;
	lepton__buffer_string(page->out, "<path class=\"front\" d=\"");
	for (bool first = true;; first = false) {
		const struct lepton__offer *next = NULL;
		for (size_t i = 0; i < page->count; i++)
			if (s->offers[i].front && is_there(&s->offers[i]) && s->offers[i].cost > reached &&
				(!next || s->offers[i].cost < next->cost))
				next = &s->offers[i];
		if (!next)
			break;
		double x = lepton__html_at(&s->x, next->cost), y = lepton__html_at(&s->y, next->good);
		if (first)
			lepton__buffer_printf(page->out, "M%.1f %.1f", x, y);
		else
			lepton__buffer_printf(page->out, "H%.1fV%.1f", x, y);
		reached = next->cost;
	}
	lepton__buffer_printf(page->out, "H%.1f\"/>", s->x.to);
}

static bool is_free(const struct scatter *s, const struct place *at)
{
	for (size_t i = 0; i < s->label_count; i++) {
		const struct place *l = &s->labels[i];
		if (fabs(l->y - at->y) < 14 && at->x < l->x + l->width && l->x < at->x + at->width)
			return false;
	}
	return at->x > s->x.from && at->x + at->width < WIDTH;
}

/* Beside its marker, where there is still room; else its row in the table must do. */
static void draw_label(struct lepton__html *page, struct scatter *s, const char *name, double x, double y)
{
	double width = (double)strlen(name) * LETTER;
	const struct place tries[] = {{x + 8, y - 7, width}, {x - 8 - width, y - 7, width},
		{x + 8, y + 16, width}, {x - 8 - width, y + 16, width}};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		bool left = tries[i].x < x;
		if (!is_free(s, &tries[i]))
			continue;
		s->labels[s->label_count++] = tries[i];
		lepton__buffer_printf(page->out, "<text class=\"spot%s\" x=\"%.1f\" y=\"%.1f\">",
			left ? " left" : "", left ? x - 8 : x + 8, tries[i].y);
		lepton__html_text(page->out, name);
		lepton__buffer_string(page->out, "</text>");
		return;
	}
}

static void draw_version(struct lepton__html *page, struct scatter *s, size_t index)
{
	const struct lepton__offer *o = &s->offers[index];
	char size[24], quality[48];
	double x = lepton__html_at(&s->x, o->cost), y = lepton__html_at(&s->y, o->good);
	lepton__text_bytes(size, sizeof size, o->cost);
	lepton__html_quality_text(page->run, quality, sizeof quality, o->good);
	lepton__buffer_printf(
		page->out, "<g class=\"spot%s\" data-i=\"%zu\"><title>", o->front ? " on" : "", index);
	lepton__html_text(page->out, page->versions[index]->name);
	lepton__buffer_printf(
		page->out, ": %s, %s%s</title>", size, quality, o->front ? ", on the front" : "");
	lepton__html_marker(page->out, index, x, y);
	if (o->front)
		draw_label(page, s, page->versions[index]->name, x, y);
	lepton__buffer_string(page->out, "</g>");
}

static void draw(struct lepton__html *page)
{
	struct scatter s = {.offers = lepton__calloc(page->count + 1, sizeof *s.offers),
		.labels = lepton__calloc(page->count + 1, sizeof *s.labels),
		.regression = page->run->regression};
	if (s.offers && s.labels)
		measure(page, &s);
	if (!s.offers || !s.labels || page->failed) {
		page->failed = true;
		lepton__free(s.offers);
		lepton__free(s.labels);
		return;
	}
	lepton__buffer_printf(page->out,
		"<div class=\"wide\"><svg class=\"plot scatter\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-label=\"size against "
		"%s\">",
		WIDTH, HEIGHT, s.regression ? "RMSE" : "accuracy");
	lepton__html_ticks(page->out, &s.x, &s.y, true, size_label);
	lepton__html_ticks(
		page->out, &s.y, &s.x, false, s.regression ? rmse_label : lepton__html_percent_label);
	lepton__buffer_printf(page->out, "<path class=\"axis\" d=\"M%.1f %.1fV%.1fH%.1f\"/>", s.x.from,
		s.y.to, s.y.from, s.x.to);
	draw_front(page, &s);
	for (size_t i = 0; i < page->count; i++)
		if (is_there(&s.offers[i]))
			draw_version(page, &s, i);
	lepton__buffer_printf(page->out,
		"</svg></div>\n<p class=\"quiet\">Size to the right, %s upwards, on validation data where it "
		"was "
		"seen. "
		"The line is the Pareto front: no other version is both smaller and better.",
		s.regression ? "RMSE (less is better)" : "accuracy");
	if (s.below)
		lepton__buffer_printf(
			page->out, " %zu far below %s not drawn.", s.below, s.below == 1 ? "is" : "are");
	lepton__buffer_string(page->out, "</p>\n");
	lepton__free(s.labels);
	lepton__free(s.offers);
}

const struct lepton__html_section lepton__html_size = {"size", "Size and quality", wanted, draw};
