/* tui/theme_apart.c - curve colours that can be told apart, whatever a file or a terminal says.
 *
 * Each curve in turn, those that a file sets itself first, keeps its colour where that is far enough, by
 * CIEDE2000, from the background and from the curves before it; else it takes the nearest of xterm's 240
 * colours that is; where none is, the one that is farthest from all. On a terminal of 256 or 16 colours the
 * choice is from that terminal's own, so that two curves do not become one there. Nothing is drawn by lot: a
 * file always gives the same colours.
 */
#include "config.h"
#include "tui/theme.h"

int32_t lepton__theme_ground(const struct lepton__theme *theme)
{
	struct lepton__style main = theme->role[LEPTON__MAIN];
	if (main.bg >= 0)
		return main.bg;
	return main.fg >= 0 && lepton__color_luminance(main.fg) < 0.2 ? 0xffffff : 0x000000;
}

/* How near the nearest of what is there already comes, in parts of what is wanted; 1: far enough. */
static double room(
	const struct lepton__theme *theme, const bool there[LEPTON__CURVES], int32_t color, double apart)
{
	int32_t ground = lepton__theme_ground(theme);
	double least = lepton__color_difference(color, ground) / LEPTON__CURVE_OFF_GROUND;
	double contrast = lepton__color_contrast(color, ground) / LEPTON__CURVE_CONTRAST;
	least = contrast < least ? contrast : least;
	for (int i = 0; i < LEPTON__CURVES; i++) {
		double part = there[i] ? lepton__color_difference(color, theme->curve[i]) / apart : 1;
		least = part < least ? part : least;
	}
	return least < 1 ? least : 1;
}

/* Of the terminal's colours from..to: the nearest with room; else the one with the most. */
static int32_t nearest_with_room(const struct lepton__theme *theme, const bool there[LEPTON__CURVES],
	int32_t wanted, double apart, int from, int to)
{
	int32_t best = wanted;
	double most = -1, nearest = 0;
	for (int i = from; i <= to; i++) {
		int32_t color = lepton__color_from_256(i);
		double space = room(theme, there, color, apart),
		       away = lepton__color_difference(color, wanted);
		if (space > most || (space >= most && away < nearest)) {
			best = color;
			most = space;
			nearest = away;
		}
	}
	return best;
}

/* Those with first[i] == turn; what stands already is in there[]. */
static void set_apart(struct lepton__theme *theme, bool there[LEPTON__CURVES],
	const bool first[LEPTON__CURVES], bool turn, double apart)
{
	for (int i = 0; i < LEPTON__CURVES; i++) {
		int32_t *color = &theme->curve[i];
		if (first[i] != turn || *color < 0)
			continue;
		if (room(theme, there, *color, apart) < 1)
			*color = nearest_with_room(theme, there, *color, apart, 16, 255);
		there[i] = true;
	}
}

static bool are_apart(const struct lepton__theme *theme, double apart)
{
	bool there[LEPTON__CURVES] = {false};
	for (int i = 0; i < LEPTON__CURVES; i++) {
		if (theme->curve[i] >= 0 && room(theme, there, theme->curve[i], apart) < 1)
			return false;
		there[i] = theme->curve[i] >= 0;
	}
	return true;
}

void lepton__theme_apart(struct lepton__theme *theme, const bool own[LEPTON__CURVES])
{
	bool all = true, there[LEPTON__CURVES] = {false};
	for (int i = 0; i < LEPTON__CURVES; i++)
		all = all && own[i];
	theme->apart = all && !are_apart(theme, LEPTON__APART) ? LEPTON__APART_OWN : LEPTON__APART;
	set_apart(theme, there, own, true, theme->apart);
	set_apart(theme, there, own, false, theme->apart);
}

void lepton__theme_curves_of(struct lepton__theme *theme, int colors)
{
	bool there[LEPTON__CURVES] = {false}, few = colors == 16;
	double apart = few ? LEPTON__APART_16 : theme->apart;
	for (int i = 0; i < LEPTON__CURVES && (few || colors == 256); i++)
		if (theme->curve[i] >= 0) {
			theme->curve[i] = nearest_with_room(
				theme, there, theme->curve[i], apart, few ? 0 : 16, few ? 15 : 255);
			there[i] = true;
		}
}
