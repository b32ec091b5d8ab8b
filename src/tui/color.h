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

struct lepton__lab { double l, a, b; };                    /* CIE L*a*b*, D65 */
struct lepton__lab lepton__color_lab(int32_t color);
/* CIEDE2000: about 2 can just be seen side by side; black to white is 100. With a default colour 0 or 100. */
double lepton__lab_difference(struct lepton__lab one, struct lepton__lab two);
double lepton__color_difference(int32_t a, int32_t b);
enum lepton__eyes { LEPTON__TRICHROMAT, LEPTON__PROTANOPE, LEPTON__DEUTERANOPE, LEPTON__TRITANOPE, LEPTON__EYES };
int32_t lepton__color_seen(int32_t color, enum lepton__eyes eyes); /* as such eyes see it */
void lepton__color_linear(int32_t color, double rgb[3]);   /* without sRGB's curve, 0..1 */

int lepton__color_to_256(int32_t color);                   /* xterm's cube and greys: 16..255; -1 for default */
int lepton__color_to_16(int32_t color);                    /* 0..15; -1 for default */
int32_t lepton__color_from_256(int index);                 /* xterm's values, 0..255 */

#endif
