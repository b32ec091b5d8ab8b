/* tui/theme.h - the colours of everything, read from btop's .theme files.
 *
 * Drawing asks for a role ("title", "selected") and gets a style; which colour that is, is the theme's
 * affair. Files of btop work unchanged; keys they do not have fall back to our default theme's, and our own
 * few (curve_1 … curve_8, good, warn, bad) may stand in a file of btop without harm.
 */
#ifndef LEPTON_TUI_THEME_H
#define LEPTON_TUI_THEME_H

#include "lepton/error.h"
#include "tui/screen.h"

enum lepton__role {
	LEPTON__MAIN,      /* main_fg on main_bg */
	LEPTON__TITLE,     /* title: box titles, column heads */
	LEPTON__HOT,       /* hi_fg: the key in "pause" */
	LEPTON__SELECTED,  /* selected_fg on selected_bg: the cursor's row */
	LEPTON__INACTIVE,  /* inactive_fg */
	LEPTON__GRAPH_TEXT,/* graph_text: axis labels */
	LEPTON__MISC,      /* proc_misc: small print, marked rows */
	LEPTON__LIST_BOX,  /* proc_box: frame of the list */
	LEPTON__CURVE_BOX, /* cpu_box: frame of the curves */
	LEPTON__DETAIL_BOX,/* mem_box */
	LEPTON__OTHER_BOX, /* net_box: prompts, palette, help */
	LEPTON__DIVIDER,   /* div_line: inner lines */
	LEPTON__METER_BG,  /* meter_bg: the empty part of a meter */
	LEPTON__GOOD,      /* good, or temp_start: done, improved */
	LEPTON__WARN,      /* warn, or temp_mid: paused, worse */
	LEPTON__BAD,       /* bad, or temp_end: failed */
	LEPTON__ROLES,
};

enum lepton__gradient { /* each has start, mid and end in the file */
	LEPTON__TEMP, LEPTON__CPU, LEPTON__FREE, LEPTON__CACHED, LEPTON__AVAILABLE, LEPTON__USED, LEPTON__DOWNLOAD,
	LEPTON__UPLOAD, LEPTON__PROCESS, LEPTON__GRADIENTS,
};

#define LEPTON__CURVES 8
/* How far apart curves are, by CIEDE2000: where a file leaves some curves to us; where it says all eight itself,
 * since shades of grey cannot do better; and where there are sixteen colours. */
#define LEPTON__APART 14.0
#define LEPTON__APART_OWN 6.5
#define LEPTON__APART_16 10.0
#define LEPTON__CURVE_OFF_GROUND 20.0 /* and from the background */
#define LEPTON__CURVE_CONTRAST 3.0    /* WCAG, with the background */

struct lepton__theme {
	char name[64];
	struct lepton__style role[LEPTON__ROLES];
	int32_t gradient[LEPTON__GRADIENTS][3];
	int32_t curve[LEPTON__CURVES];
	double apart; /* at least so far by CIEDE2000, where there are colours enough */
};

/* The built-in default: needs no file. */
void lepton__theme_default(struct lepton__theme *theme);
/* A file's text; `file` names it in errors ("nord.theme:12: …"). LEPTON_E_SPEC. Over the default. */
int lepton__theme_parse(struct lepton__theme *theme, const char *file, const char *text, size_t size, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* By name or path, looked for as theme_file.c says; NULL or "default": the built-in one. LEPTON_E_NOTFOUND lists the
 * names there are and suggests the nearest. */
int lepton__theme_load(struct lepton__theme *theme, const char *name_or_path, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Sorted names without ".theme", each once, NULL-terminated; free with lepton__theme_names_free. */
int lepton__theme_names(char ***out, size_t *count, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__theme_names_free(char **names);

struct lepton__style lepton__theme_style(const struct lepton__theme *theme, enum lepton__role role);
/* The role's foreground with other attributes added. */
struct lepton__style lepton__theme_bold(const struct lepton__theme *theme, enum lepton__role role);
/* A gradient's colour, t within 0..1 (clamped), on the main background. */
struct lepton__style lepton__theme_shade(const struct lepton__theme *theme, enum lepton__gradient gradient, double t);
/* Colour of the n-th curve: the eight of the theme, then lighter and darker turns of them. Keep n with the version
 * (for example its id), so that its colour never changes. */
int32_t lepton__theme_curve(const struct lepton__theme *theme, size_t n);
/* theme_apart.c: the background, or what it likely is where the terminal's own stays. */
int32_t lepton__theme_ground(const struct lepton__theme *theme);
/* Curves that are too near to each other or to the background are moved, as little as can be; own[i]: the file says
 * that colour itself, so others make room for it. */
void lepton__theme_apart(struct lepton__theme *theme, const bool own[LEPTON__CURVES]);
/* The curves in the colours of a terminal that has 256 or 16; any other number leaves them. */
void lepton__theme_curves_of(struct lepton__theme *theme, int colors);
/* The marker that tells the n-th curve where colours cannot: ● ○ ■ … or * o # … */
uint32_t lepton__theme_marker(size_t n, enum lepton__glyphs glyphs);

#endif
