/* tui/curves.h - the plots of the Versions view. */
#ifndef LEPTON_TUI_CURVES_H
#define LEPTON_TUI_CURVES_H

#include "tui/app.h"

struct lepton__drawn { /* the curves that are drawn now, in list order */
	struct lepton__series *series;
	struct lepton__curve_context *contexts; /* each series' own */
	size_t count;
};
int lepton__drawn_make(const struct lepton__dash *dash, enum lepton__metric metric, struct lepton__drawn *out) LEPTON_MUST_CHECK;
void lepton__drawn_free(struct lepton__drawn *drawn);
size_t lepton__drawn_selected(const struct lepton__app *app, const struct lepton__drawn *drawn); /* its place; count: not drawn */

/* Plot `which` (0: the one with the switches) of a metric, in its frame. */
void lepton__curves_draw(struct lepton__app *app, struct lepton__rect rect, enum lepton__metric metric, int which);
enum lepton__metric lepton__metric_beside(const struct lepton__app *app, enum lepton__metric metric);
extern const char *const lepton__layout_names[LEPTON__LAYOUTS]; /* "lines", "panels" … */
/* A plot as all layouts begin: axes, window, cross-hair. */
void lepton__curves_plot(const struct lepton__app *app, enum lepton__metric metric, const struct lepton__drawn *drawn,
		struct lepton__plot *plot);

/* curves_panels.c: a panel a version, and a row a version; *page says which of them are seen. */
struct lepton__page lepton__panels_page(struct lepton__rect rect, size_t count, size_t at);
void lepton__curves_panels(struct lepton__app *app, struct lepton__rect rect, enum lepton__metric metric,
		const struct lepton__drawn *drawn, const struct lepton__page *page);
void lepton__curves_heat(struct lepton__app *app, struct lepton__rect rect, const struct lepton__plot *plot, int which,
		const struct lepton__page *page);

/* curves_notes.c: what happened to the versions of some series, as marks; free with lepton__free. NULL where there is
 * nothing (or no memory for it: curves matter more). */
struct lepton__plot_mark *lepton__notes_make(const struct lepton__app *app, const struct lepton__series *series, size_t count,
		size_t *marks);

/* mouse_plot.c: presses, drags and releases in plot `which` */
void lepton__plot_press(struct lepton__app *app, const struct lepton__input *input, int which);
void lepton__plot_drag(struct lepton__app *app, const struct lepton__input *input);
void lepton__plot_release(struct lepton__app *app, const struct lepton__input *input);

#endif
