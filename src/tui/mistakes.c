/* tui/mistakes.c - a window with the wrong answers that a version is surest of, as pictures where its
 * samples are images.
 *
 * As many tiles as fit stand beside each other; images are halved until six of them do, unless asked for
 * otherwise. Without images the same tiles are two lines of text.
 */
#include "config.h"
#include "base/json.h"
#include "base/memory.h"
#include "lepton/metrics.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/picture.h"
#include "tui/popup.h"

#include <stdio.h>

#define TILE_LEAST 18 /* columns: what the two lines need */
#define LINES 2
#define ENOUGH 6
#define SHRINK_MOST 4

struct window {
	struct lepton__popup popup;
	struct lepton_metrics found;
	char title[128], summary[96];
	char names[256][24]; /* of classes */
	int class_count;
	int shrink;               /* 0: as fits */
	struct lepton__scroll at; /* in rows of tiles */
};

struct tiling {
	int shrink, rows, cols; /* of a picture, in cells */
	int tile_rows, tile_cols, beside, below;
};

/* ---- how tiles are laid ---- */

static struct lepton__picture picture_of(const struct window *w, size_t i)
{
	const struct lepton_shape *s = &w->found.picture;
	struct lepton__picture picture = {(int)s->dim[0], (int)s->dim[1], (int)s->dim[2], NULL};
	if (w->found.pictures)
		picture.pixels = w->found.pictures + i * (size_t)lepton_shape_count(s);
	return picture;
}

static struct tiling tiling_with(const struct window *w, struct lepton__rect inside, int shrink)
{
	struct tiling t = {.shrink = shrink};
	if (w->found.pictures) {
		struct lepton__picture picture = picture_of(w, 0);
		lepton__picture_size(&picture, shrink, &t.rows, &t.cols);
	}
	t.tile_rows = t.rows + LINES + 1;
	t.tile_cols = (t.cols > TILE_LEAST ? t.cols : TILE_LEAST) + 2;
	t.beside = inside.cols / t.tile_cols > 0 ? inside.cols / t.tile_cols : 1;
	t.below = (inside.rows + 1) / t.tile_rows > 0 ? (inside.rows + 1) / t.tile_rows : 1;
	return t;
}

static struct tiling tiling_of(const struct window *w, struct lepton__rect inside)
{
	struct tiling t = tiling_with(w, inside, w->shrink ? w->shrink : 1);
	for (int shrink = 2; !w->shrink && shrink <= SHRINK_MOST && t.beside * t.below < ENOUGH; shrink *= 2)
		t = tiling_with(w, inside, shrink);
	return t;
}

/* ---- drawing ---- */

static void draw_tile(
	struct lepton__app *app, const struct window *w, const struct tiling *t, int y, int x, size_t i)
{
	const struct lepton_mistake *m = &w->found.mistakes[i];
	const int cols = t->tile_cols - 2;
	if (w->found.pictures) {
		struct lepton__picture picture = picture_of(w, i);
		lepton__picture_draw(
			app->screen, y, x + (cols - t->cols) / 2, &picture, t->shrink, app->mono);
	}
	y += t->rows;
	int used = lepton__screen_textf(app->screen, y, x, cols,
		lepton__theme_bold(&app->theme, LEPTON__GOOD), "%s", w->names[m->label]);
	lepton__screen_textf(app->screen, y, x + used, cols - used, lepton__style(app, LEPTON__BAD),
		", said %s", w->names[m->said]);
	lepton__screen_textf(app->screen, y + 1, x, cols, lepton__style(app, LEPTON__MISC), "%.3f  #%lld",
		(double)m->probability, (long long)m->sample);
}

static void keep_within(struct window *w, const struct tiling *t)
{
	w->at.total = ((long)w->found.mistake_count + t->beside - 1) / t->beside;
	w->at.page = t->below;
	long last = w->at.total > w->at.page ? w->at.total - w->at.page : 0;
	w->at.top = w->at.top > last ? last : w->at.top < 0 ? 0 : w->at.top;
}

static void draw(struct lepton__app *app, struct lepton__popup *popup)
{
	struct window *w = (struct window *)popup;
	struct lepton__rect all = {1, 0, app->screen->rows - 2, app->screen->cols};
	char bottom[96];
	lepton__spell_keys(w->found.pictures
				   ? "{mistakes.up} {mistakes.down} scroll · {mistakes.larger} "
				     "{mistakes.smaller} size · "
				     "{mistakes.close} close"
				   : "{mistakes.up} {mistakes.down} scroll · {mistakes.close} close",
		bottom, sizeof bottom);
	struct lepton__box box = {.title = w->title,
		.right = w->summary,
		.bottom = bottom,
		.role = LEPTON__OTHER_BOX,
		.focus = true,
		.fill = true};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, all, &box);
	struct lepton__rect room = {inside.y, inside.x + 1, inside.rows, inside.cols - 2};
	struct tiling t = tiling_of(w, room);
	keep_within(w, &t);
	for (long r = 0; r < w->at.page; r++)
		for (int c = 0; c < t.beside; c++) {
			size_t i = (size_t)((w->at.top + r) * t.beside + c);
			if (i < w->found.mistake_count)
				draw_tile(app, w, &t, room.y + (int)r * t.tile_rows, room.x + c * t.tile_cols,
					i);
		}
	lepton__scrollbar_draw(app->screen, &app->theme, inside.y, all.x + all.cols - 1, inside.rows,
		(size_t)w->at.top, (size_t)w->at.page, (size_t)w->at.total);
}

/* ---- keys ---- */

/* From what is seen now, one step larger or smaller. */
static void resize(struct lepton__app *app, struct window *w, bool larger)
{
	struct lepton__rect room = {2, 2, app->screen->rows - 4, app->screen->cols - 4};
	int shrink = tiling_of(w, room).shrink;
	w->shrink = larger ? (shrink > 1 ? shrink / 2 : 1) : (shrink < SHRINK_MOST ? 2 * shrink : shrink);
	app->dirty = true;
}

enum { LARGER = LEPTON__WINDOW_OWN, SMALLER };
static const struct lepton__window_key own_keys[] = {
	LEPTON__SCROLL_KEYS("scroll"),
	{"larger", "+ =", "size", "Larger pictures", LARGER},
	{"smaller", "-", "size", "Smaller pictures", SMALLER},
	LEPTON__CLOSE_KEY,
	LEPTON__HELP_KEY,
};
const struct lepton__window_keys lepton__mistakes_keys = {
	"mistakes", "the window of mistakes", LEPTON__KEYS_OF(own_keys), NULL, false};

static void act(struct lepton__app *app, struct lepton__popup *popup, int act)
{
	struct window *w = (struct window *)popup;
	if (act == LARGER || act == SMALLER)
		resize(app, w, act == LARGER);
	else
		lepton__popup_scroll(app, &w->at, act);
}

static void wheel(struct lepton__app *app, struct lepton__popup *popup, int by)
{
	((struct window *)popup)->at.top += by; /* drawing keeps it within */
	app->dirty = true;
}

static void free_window(struct lepton__popup *popup)
{
	struct window *w = (struct window *)popup;
	lepton_metrics_clear(&w->found);
	lepton__free(w);
}

static const struct lepton__popup_ops window_ops = {
	.keys = &lepton__mistakes_keys,
	.draw = draw,
	.act = act,
	.wheel = wheel,
	.free = free_window,
};

/* ---- opening ---- */

/* A class that the report does not name is known by its number. */
static void read_names(struct window *w, const char *report)
{
	cJSON *object = cJSON_Parse(report);
	const cJSON *classes = cJSON_GetObjectItemCaseSensitive(object, "classes"),
		    *class = classes ? classes->child : NULL;
	for (int c = 0; c < 256; c++, class = class ? class->next : NULL) {
		snprintf(w->names[c], sizeof w->names[c], "%d", c);
		if (class)
			lepton__copy_name(w->names[c], sizeof w->names[c],
				lepton__json_get_string(class, "name", w->names[c]));
	}
	cJSON_Delete(object);
}

static int fill(struct window *w, const struct lepton_run_version *version, struct lepton_error *err)
{
	const char *report = lepton_text_get(version->report);
	int code = lepton_mistakes_read(report, &w->found, err);
	if (code)
		return code;
	read_names(w, report);
	lepton__print(w->title, sizeof w->title, "What %.60s got wrong, surest first", version->name);
	lepton__print(w->summary, sizeof w->summary, "%zu of %lld wrong", w->found.mistake_count,
		(long long)w->found.wrong);
	return LEPTON_OK;
}

bool lepton__has_report(const struct lepton__app *app, const char **why)
{
	const struct lepton_run_version *version = lepton__dash_selected(&app->dash);
	*why = "evaluate it first: {evaluate}";
	return version && version->report;
}

void lepton__act_mistakes(struct lepton__app *app)
{
	struct lepton_error err = {0};
	struct window *w = lepton__calloc(1, sizeof *w);
	int code = w ? fill(w, lepton__dash_selected(&app->dash), &err)
		     : lepton_error_set(&err, LEPTON_E_NOMEM, "out of memory");
	if (!code && w->found.mistake_count) {
		w->popup.ops = &window_ops;
		lepton__popup_open(app, &w->popup);
		return;
	}
	if (code)
		lepton__app_say(app, LEPTON_LOG_WARNING, "%s", err.message);
	else
		lepton__app_say(app, LEPTON_LOG_INFO, "it got nothing wrong");
	if (w)
		free_window(&w->popup);
}
