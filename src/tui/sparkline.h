/* tui/sparkline.h - a series in one line, and a fraction as a bar. */
#ifndef LEPTON_TUI_SPARKLINE_H
#define LEPTON_TUI_SPARKLINE_H

#include "tui/theme.h"

/* The last values (or, where there are more than fit, means of equal parts) in `cols` columns, scaled to their own
 * finite minimum and maximum. NaN leaves a gap. */
void lepton__sparkline_draw(struct lepton__screen *screen, int y, int x, int cols, struct lepton__style style,
		const float *values, size_t count);
/* The block that stands for a level from 0 to 1. */
uint32_t lepton__sparkline_bar(double level, enum lepton__glyphs glyphs);
/* A bar filled to `fraction` (clamped; NaN: empty) in the gradient's colours. */
void lepton__meter_draw(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x, int cols,
		enum lepton__gradient gradient, double fraction);
/* The same with "42 %" over its right end. */
void lepton__progress_draw(struct lepton__screen *screen, const struct lepton__theme *theme, int y, int x, int cols,
		enum lepton__gradient gradient, double fraction);

#endif
