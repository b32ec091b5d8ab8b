/* tui/color.c - colour arithmetic.
 *
 * Distances are measured in OKLab, where equal numbers look equally different, so that the nearest of
 * 256 colours is the nearest to the eye; contrast follows WCAG 2. The sixteen are xterm's, since what a
 * terminal really shows for them cannot be asked.
 */
#include "config.h"
#include "tui/color.h"

#include <math.h>
#include <string.h>

struct oklab {
	double l, a, b;
};

static int channel(int32_t color, int shift)
{
	return color >> shift & 0xff;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool parse_hex(const char *digits, int32_t *out)
{
	int32_t value = 0;
	size_t length = strlen(digits);
	for (size_t i = 0; i < length; i++) {
		int digit = hex_digit(digits[i]);
		if (digit < 0 || length > 6)
			return false;
		value = value << 4 | digit;
	}
	if (length == 2)
		value *= 0x010101;
	*out = value;
	return length == 6 || length == 2;
}

/* One decimal channel and the blanks behind it. */
static bool parse_channel(const char **text, int *out)
{
	int value = 0, digits = 0;
	for (; **text >= '0' && **text <= '9' && digits < 4; (*text)++, digits++)
		value = value * 10 + (**text - '0');
	bool ended = **text == '\0' || **text == ' ' || **text == '\t';
	while (**text == ' ' || **text == '\t')
		(*text)++;
	*out = value;
	return digits > 0 && value <= 255 && ended;
}

bool lepton__color_parse(const char *text, int32_t *out)
{
	int red, green, blue;
	if (*text == '\0') {
		*out = LEPTON__COLOR_DEFAULT;
		return true;
	}
	if (*text == '#')
		return parse_hex(text + 1, out);
	if (!parse_channel(&text, &red) || !parse_channel(&text, &green) || !parse_channel(&text, &blue) ||
		*text != '\0')
		return false;
	*out = red << 16 | green << 8 | blue;
	return true;
}

int32_t lepton__color_mix(int32_t a, int32_t b, double t)
{
	t = !(t > 0) ? 0 : t > 1 ? 1 : t;
	if (a < 0 || b < 0)
		return t < 0.5 ? a : b;
	int32_t mixed = 0;
	for (int shift = 16; shift >= 0; shift -= 8)
		mixed |= (int32_t)lround(channel(a, shift) + (channel(b, shift) - channel(a, shift)) * t)
			 << shift;
	return mixed;
}

static double linear(int value)
{
	double v = value / 255.0;
	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

void lepton__color_linear(int32_t color, double rgb[3])
{
	for (int i = 0; i < 3; i++)
		rgb[i] = linear(channel(color, 16 - 8 * i));
}

double lepton__color_luminance(int32_t color)
{
	if (color < 0)
		return 0;
	return 0.2126 * linear(channel(color, 16)) + 0.7152 * linear(channel(color, 8)) +
	       0.0722 * linear(channel(color, 0));
}

double lepton__color_contrast(int32_t a, int32_t b)
{
	double one = lepton__color_luminance(a) + 0.05, other = lepton__color_luminance(b) + 0.05;
	return one > other ? one / other : other / one;
}

static struct oklab oklab_of(int32_t color)
{
	double r = linear(channel(color, 16)), g = linear(channel(color, 8)), b = linear(channel(color, 0));
	double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
	double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
	double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
	return (struct oklab){0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
		1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
		0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

static double apart(const struct oklab *one, const struct oklab *other)
{
	double l = one->l - other->l, x = one->a - other->a, y = one->b - other->b;
	return 100 * sqrt(l * l + x * x + y * y);
}

double lepton__color_distance(int32_t a, int32_t b)
{
	if (a < 0 || b < 0)
		return a == b ? 0 : 100;
	struct oklab one = oklab_of(a), other = oklab_of(b);
	return apart(&one, &other);
}

int32_t lepton__color_readable(int32_t color, int32_t background, double contrast)
{
	if (color < 0)
		return color;
	double black = lepton__color_contrast(0, background),
	       white = lepton__color_contrast(0xffffff, background);
	int32_t end = white >= black ? 0xffffff : 0;
	for (int step = 0; step <= 20; step++) {
		int32_t tried = lepton__color_mix(color, end, step / 20.0);
		if (lepton__color_contrast(tried, background) >= contrast)
			return tried;
	}
	return end;
}

static const int32_t sixteen[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd,
	0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};

int32_t lepton__color_from_256(int index)
{
	if (index < 0 || index > 255)
		return LEPTON__COLOR_DEFAULT;
	if (index < 16)
		return sixteen[index];
	if (index >= 232)
		return (8 + 10 * (index - 232)) * 0x010101;
	int32_t color = 0;
	for (int shift = 0, left = index - 16; shift <= 16; shift += 8, left /= 6)
		color |= (left % 6 == 0 ? 0 : 55 + 40 * (left % 6)) << shift;
	return color;
}

enum kind { ANY, GREY, CLEAR };

static enum kind kind_of(const struct oklab *color)
{
	double chroma = hypot(color->a, color->b);
	return chroma < 0.03 ? GREY : chroma > 0.1 ? CLEAR : ANY;
}

static int nearest(int32_t color, int from, int to, enum kind kind)
{
	struct oklab own = oklab_of(color);
	int best = from;
	double least = 1e9;
	for (int i = from; i <= to; i++) {
		struct oklab other = oklab_of(lepton__color_from_256(i));
		double distance = apart(&own, &other);
		if (distance < least && (kind == ANY || kind == kind_of(&other))) {
			least = distance;
			best = i;
		}
	}
	return best;
}

int lepton__color_to_256(int32_t color)
{
	return color < 0 ? -1 : nearest(color, 16, 255, ANY);
}

/* Of so few, one of another kind is often nearer, by its lightness: the end of a meter would be as grey as
 * what is empty behind it, and a picture's grey cyan. What is neither grey nor clear may be either. */
int lepton__color_to_16(int32_t color)
{
	struct oklab own = oklab_of(color < 0 ? 0 : color);
	return color < 0 ? -1 : nearest(color, 0, 15, kind_of(&own));
}
