/* tui/theme_style.c - asking a theme: styles by role, shades of a gradient, curves and their markers.
 *
 * More curves than the theme has colours get the same hues, lighter and darker in turn. Markers have their
 * own period (seven, beside eight colours), so colour and marker together repeat only after fifty-six curves.
 */
#include "config.h"
#include "tui/theme.h"

struct lepton__style lepton__theme_style(const struct lepton__theme *theme, enum lepton__role role)
{
	return theme->role[role];
}

struct lepton__style lepton__theme_bold(const struct lepton__theme *theme, enum lepton__role role)
{
	struct lepton__style style = theme->role[role];
	style.attributes |= LEPTON__BOLD;
	return style;
}

struct lepton__style lepton__theme_shade(
	const struct lepton__theme *theme, enum lepton__gradient gradient, double t)
{
	struct lepton__style style = theme->role[LEPTON__MAIN];
	const int32_t *stop = theme->gradient[gradient];
	t = !(t > 0) ? 0 : t > 1 ? 1 : t;
	style.fg = t < 0.5 ? lepton__color_mix(stop[0], stop[1], t * 2)
			   : lepton__color_mix(stop[1], stop[2], t * 2 - 1);
	return style;
}

int32_t lepton__theme_curve(const struct lepton__theme *theme, size_t n)
{
	int32_t color = theme->curve[n % LEPTON__CURVES];
	int32_t background = theme->role[LEPTON__MAIN].bg;
	size_t turn = n / LEPTON__CURVES % 3;
	if (turn == 0 || color < 0)
		return color;
	int32_t turned = lepton__color_mix(color, turn == 1 ? 0xffffff : 0x000000, 0.4);
	return lepton__color_readable(turned, background < 0 ? 0x000000 : background, 2.5);
}

uint32_t lepton__theme_marker(size_t n, enum lepton__glyphs glyphs)
{
	static const uint32_t shapes[] = {0x25cf, 0x25a0, 0x25b2, 0x25c6, 0x25cb, 0x25a1, 0x25b3};
	static const char letters[] = "*o#x@%&";
	if (glyphs == LEPTON__GLYPHS_ASCII)
		return (unsigned char)letters[n % (sizeof letters - 1)];
	return shapes[n % (sizeof shapes / sizeof *shapes)];
}
