/* tui/color_difference.c - how different two colours look, to every kind of eye.
 *
 * CIEDE2000, the CIE's measure for small and middling differences (CIE 142-2001), after Sharma, Wu and Dalal,
 * "The CIEDE2000 color-difference formula: implementation notes, supplementary test data, and mathematical
 * observations", Color Research & Application 30 (2005), 21-30, whose 34 test pairs tests/test_tui_color.c
 * has. About 2 can just be seen side by side; thin lines that cross need far more. How a dichromat sees a
 * colour follows Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color
 * vision deficiency", IEEE TVCG 15 (2009), 1291-1298: the matrices of severity 1.0, over linear RGB.
 */
#include "config.h"
#include "tui/color.h"

#include <math.h>

static const double degree = 3.14159265358979323846 / 180;
static const double half_turn = 180 + 1e-9; /* hues right across from each other, rounding apart */

static double lab_root(double t)
{
	return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

/* sRGB under its own white, D65. */
struct lepton__lab lepton__color_lab(int32_t color)
{
	double rgb[3];
	lepton__color_linear(color, rgb);
	double x = 0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2];
	double y = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2];
	double z = 0.0193339 * rgb[0] + 0.1191920 * rgb[1] + 0.9503041 * rgb[2];
	double fx = lab_root(x / 0.95047), fy = lab_root(y), fz = lab_root(z / 1.08883);
	return (struct lepton__lab){116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)};
}

/* 0 to 360; 0 for a grey, which has none. */
static double hue_of(double a, double b)
{
	double hue = atan2(b, a) / degree; /* of (0, 0): 0 */
	return hue < 0 ? hue + 360 : hue;
}

/* The mean of two hues the short way round; where one is a grey, the other's. */
static double mean_hue(double h1, double h2, double chroma_product)
{
	double sum = h1 + h2;
	if (!(chroma_product > 0))
		return sum;
	if (fabs(h1 - h2) <= half_turn)
		return sum / 2;
	return sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
}

static double hue_step(double h1, double h2, double chroma_product)
{
	double step = chroma_product > 0 ? h2 - h1 : 0;
	return step > half_turn ? step - 360 : step < -half_turn ? step + 360 : step;
}

/* sqrt(c^7 / (c^7 + 25^7)): how far the blues' own corrections reach. */
static double seventh(double c)
{
	double power = pow(c, 7);
	return sqrt(power / (power + 6103515625.0));
}

/* The formula's names: L', C' and h' of each, T and R_T between them. */
double lepton__lab_difference(struct lepton__lab one, struct lepton__lab two)
{
	double g = 0.5 * (1 - seventh((hypot(one.a, one.b) + hypot(two.a, two.b)) / 2));
	double a1 = one.a * (1 + g), a2 = two.a * (1 + g);
	double c1 = hypot(a1, one.b), c2 = hypot(a2, two.b);
	double h1 = hue_of(a1, one.b), h2 = hue_of(a2, two.b);
	double dl = two.l - one.l, dc = c2 - c1;
	double dh = 2 * sqrt(c1 * c2) * sin(hue_step(h1, h2, c1 * c2) / 2 * degree);
	double l = (one.l + two.l) / 2 - 50, c = (c1 + c2) / 2, h = mean_hue(h1, h2, c1 * c2);
	double t = 1 - 0.17 * cos((h - 30) * degree) + 0.24 * cos(2 * h * degree) +
		   0.32 * cos((3 * h + 6) * degree) - 0.20 * cos((4 * h - 63) * degree);
	double turn = (h - 275) / 25;
	double rt = -2 * seventh(c) * sin(60 * exp(-turn * turn) * degree);
	double nl = dl / (1 + 0.015 * l * l / sqrt(20 + l * l)), nc = dc / (1 + 0.045 * c),
	       nh = dh / (1 + 0.015 * c * t);
	return sqrt(fmax(0, nl * nl + nc * nc + nh * nh + rt * nc * nh));
}

double lepton__color_difference(int32_t a, int32_t b)
{
	if (a < 0 || b < 0)
		return a == b ? 0 : 100;
	return lepton__lab_difference(lepton__color_lab(a), lepton__color_lab(b));
}

static int32_t encoded(double linear)
{
	linear = linear < 0 ? 0 : linear > 1 ? 1 : linear;
	double v = linear <= 0.0031308 ? linear * 12.92 : 1.055 * pow(linear, 1 / 2.4) - 0.055;
	return (int32_t)lround(v * 255);
}

int32_t lepton__color_seen(int32_t color, enum lepton__eyes eyes)
{
	static const double matrix[LEPTON__EYES][3][3] = {
		[LEPTON__TRICHROMAT] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		[LEPTON__PROTANOPE] = {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216},
			{-0.003882, -0.048116, 1.051998}},
		[LEPTON__DEUTERANOPE] = {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413},
			{-0.011820, 0.042940, 0.968881}},
		[LEPTON__TRITANOPE] = {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602},
			{0.004733, 0.691367, 0.303900}},
	};
	double rgb[3];
	int32_t seen = 0;
	if (color < 0)
		return color;
	lepton__color_linear(color, rgb);
	for (int row = 0; row < 3; row++) {
		const double *m = matrix[eyes][row];
		seen = seen << 8 | encoded(m[0] * rgb[0] + m[1] * rgb[1] + m[2] * rgb[2]);
	}
	return seen;
}
