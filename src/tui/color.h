/* tui/color.h - colours as numbers: parsing, mixing, contrast, and the nearest one a poorer terminal has.
 *
 * A colour is 0xRRGGBB, or LEPTON__COLOR_DEFAULT for whatever the terminal shows by itself.
 * All of it is pure arithmetic; nothing here knows a terminal.
 */
#ifndef LEPTON_TUI_COLOR_H
#define LEPTON_TUI_COLOR_H

#include <stdbool.h>
#include <stdint.h>

#define LEPTON__COLOR_DEFAULT (-1)

/* btop's ways to write one: "#RRGGBB", "#GG" (a grey), "r g b" in decimal, "" (the terminal's own). */
bool lepton__color_parse(const char *text, int32_t *out);
/* Part of the way from a to b, t within 0..1; a default colour on either side gives the nearer end. */
int32_t lepton__color_mix(int32_t a, int32_t b, double t);

double lepton__color_luminance(int32_t color);             /* WCAG relative luminance, 0..1 */
double lepton__color_contrast(int32_t a, int32_t b);       /* WCAG contrast, 1..21 */
double lepton__color_distance(int32_t a, int32_t b);       /* Euclidean in OKLab, times 100; black to white is 100 */
/* The colour, lightened or darkened as little as gives this contrast on the background. */
int32_t lepton__color_readable(int32_t color, int32_t background, double contrast);

int lepton__color_to_256(int32_t color);                   /* xterm's cube and greys: 16..255; -1 for default */
int lepton__color_to_16(int32_t color);                    /* 0..15; -1 for default */
int32_t lepton__color_from_256(int index);                 /* xterm's values, 0..255 */

#endif
