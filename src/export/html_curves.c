/* export/html_curves.c - the curves: drawn here, plainly, for who has no JavaScript; page.js draws them anew.
 *
 * Two pictures, the training loss and what validation said at the ends of epochs, by step. Where a run has
 * more than a dozen versions only the best are drawn at first, as a tangle tells nobody anything.
 */
#include "config.h"
#include "base/memory.h"
#include "base/ticks.h"
#include "export/html.h"

#include <math.h>

#define WIDTH 560
#define HEIGHT 320
#define MUCH                                                                                                 \
	1e4 /* times: a version that went astray would press all others flat, so the axis is logarithmic */

struct points { /* of one version: what is drawn of it */
	const int64_t *x;
	const float *y;
	size_t count;
};
struct picture {
	const char *title;
	struct points (*points)(const struct lepton_run *run, const struct lepton_run_version *version);
	void (*label)(char *to, size_t size, double value, double step);
};

static struct points loss_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	(void)run;
	return (struct points){v->history.step, v->history.loss, v->history.count};
}

static struct points validation_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	return (struct points){v->epochs_done.step,
		run->regression ? v->epochs_done.val_loss : v->epochs_done.val_accuracy,
		v->epochs_done.count};
}

/* Room for every point of those that are drawn; false where there is none. */
static bool extent(const struct lepton__html *page, const struct picture *picture,
	struct lepton__html_axis *x, struct lepton__html_axis *y)
{
	x->lo = 0;
	x->hi = y->hi = -INFINITY;
	y->lo = INFINITY;
	for (size_t i = 0; i < page->count; i++) {
		struct points p = picture->points(page->run, page->versions[i]);
		for (size_t k = 0; page->drawn[i] && k < p.count; k++) {
			if (!isfinite(p.y[k]))
				continue;
			x->hi = fmax(x->hi, (double)p.x[k]);
			y->lo = fmin(y->lo, (double)p.y[k]);
			y->hi = fmax(y->hi, (double)p.y[k]);
		}
	}
	if (y->lo > 0 && y->hi > MUCH * y->lo) {
		y->log = true;
		y->lo /= 1.3;
		y->hi *= 1.3;
		return isfinite(x->hi) && isfinite(y->hi);
	}
	double room = y->hi > y->lo ? 0.04 * (y->hi - y->lo) : fmax(fabs(y->hi) * 0.1, 1e-6);
	y->lo -= room;
	y->hi += room;
	return isfinite(x->hi) && isfinite(y->hi);
}

static void draw_curve(struct lepton__html *page, const struct points *p, size_t index,
	const struct lepton__html_axis *x, const struct lepton__html_axis *y)
{
	size_t *keep = lepton__calloc(p->count + 1, sizeof *keep);
	if (!keep) {
		page->failed = true;
		return;
	}
	size_t kept = p->count ? lepton__html_thin(p->y, p->y, p->count, 2 * WIDTH, keep) : 0, last = 0;
	bool pen = false, any = false;
	lepton__buffer_printf(page->out, "<path class=\"curve c%zu d%zu\" d=\"", index % 8, index / 8 % 4);
	for (size_t i = 0; i < kept; i++) {
		double value = (double)p->y[keep[i]];
		if (isfinite(value)) {
			lepton__buffer_printf(page->out, "%c%.1f %.1f", pen ? 'L' : 'M',
				lepton__html_at(x, (double)p->x[keep[i]]), lepton__html_at(y, value));
			last = keep[i];
			any = true;
		}
		pen = isfinite(value);
	}
	lepton__buffer_string(page->out, "\"><title>");
	lepton__html_text(page->out, page->versions[index]->name);
	lepton__buffer_string(page->out, "</title></path>");
	if (any)
		lepton__html_marker(page->out, index, lepton__html_at(x, (double)p->x[last]),
			lepton__html_at(y, (double)p->y[last]));
	lepton__free(keep);
}

static void draw_picture(struct lepton__html *page, const struct picture *picture)
{
	struct lepton__html_axis x = {.from = 56, .to = WIDTH - 16}, y = {.from = HEIGHT - 36, .to = 14};
	if (!extent(page, picture, &x, &y))
		return;
	lepton__buffer_printf(page->out,
		"<figure><figcaption>%s</figcaption><svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-label=\"%s of the versions\">",
		picture->title, WIDTH, HEIGHT, picture->title);
	lepton__html_ticks(page->out, &x, &y, true, lepton__tick_label);
	lepton__html_ticks(page->out, &y, &x, false, picture->label);
	lepton__buffer_printf(page->out,
		"<path class=\"axis\" d=\"M%.1f %.1fV%.1fH%.1f\"/>"
		"<text class=\"label\" x=\"%.1f\" y=\"%d\">step</text>",
		x.from, y.to, y.from, x.to, (x.from + x.to) / 2, HEIGHT - 3);
	for (size_t i = 0; i < page->count; i++) {
		struct points p = picture->points(page->run, page->versions[i]);
		if (page->drawn[i])
			draw_curve(page, &p, i, &x, &y);
	}
	lepton__buffer_string(page->out, "</svg></figure>\n");
}

static bool wanted(const struct lepton__html *page)
{
	for (size_t i = 0; i < page->count; i++)
		if (page->versions[i]->history.count || page->versions[i]->epochs_done.count)
			return true;
	return false;
}

static void draw(struct lepton__html *page)
{
	struct picture loss = {"Training loss", loss_of, lepton__tick_label},
		       validation = {page->run->regression ? "Validation loss" : "Validation accuracy",
			       validation_of,
			       page->run->regression ? lepton__tick_label : lepton__html_percent_label};
	size_t drawn = 0;
	for (size_t i = 0; i < page->count; i++)
		drawn += page->drawn[i];
	lepton__buffer_string(page->out, "<div id=\"chart\" class=\"pair\">\n");
	draw_picture(page, &loss);
	draw_picture(page, &validation);
	lepton__buffer_string(page->out, "</div>\n");
	if (drawn < page->count)
		lepton__buffer_printf(page->out,
			"<noscript><p class=\"quiet\">Drawn are the best %zu of %zu "
			"versions.</p></noscript>\n",
			drawn, page->count);
}

const struct lepton__html_section lepton__html_curves = {"curves", "Curves", wanted, draw};
