/* tui/dash.h - what the dashboard knows beside the run itself: what is chosen, marked, filtered, sorted, zoomed.
 *
 * No drawing and no terminal here: a plain model that keys change and views read. Per version it
 * keeps what would be dear to make anew for each frame: the flattened configuration and the curves'
 * min/max pyramids, fed with what is new.
 */
#ifndef LEPTON_TUI_DASH_H
#define LEPTON_TUI_DASH_H

#include "tui/bunch.h"
#include "tui/filter.h"
#include "tui/plot.h"
#include "spec/flat.h"

enum lepton__metric { LEPTON__LOSS, LEPTON__ACCURACY, LEPTON__VAL_LOSS, LEPTON__VAL_ACCURACY, LEPTON__METRICS };
enum lepton__axis { LEPTON__BY_STEP, LEPTON__BY_EPOCH, LEPTON__BY_TIME, LEPTON__BY_SAMPLES, LEPTON__AXES };
enum lepton__layout_kind { LEPTON__LINES, LEPTON__PANELS, LEPTON__BANDS, LEPTON__HEAT, LEPTON__LAYOUTS }; /* of the curves */
enum lepton__kinship { LEPTON__KIN_SEED, LEPTON__KIN_NAME, LEPTON__KINSHIPS }; /* what makes versions one band */
enum lepton__sort {
	LEPTON__SORT_MADE, LEPTON__SORT_NAME, LEPTON__SORT_STATE, LEPTON__SORT_EPOCH, LEPTON__SORT_LOSS, LEPTON__SORT_ACCURACY,
	LEPTON__SORT_VAL, LEPTON__SORT_TEST, LEPTON__SORT_RATE, LEPTON__SORT_SIZE, LEPTON__SORTS,
};

struct lepton__closeup;
struct lepton__extra { /* beside run->versions[i]: extras[i] */
	int64_t id;
	bool marked, marked_before; /* before the range that is being marked */
	bool pinned; /* stays on top of the list, and drawn whatever is marked */
	size_t bunch;
	double share, left; /* of the workers; seconds until it ends; NaN: none, not known */
	struct lepton__flat settings;
	uint64_t kin;             /* of all settings but the seed: those of kin have the same */
	double samples_a_step;    /* for the x axis */
	struct lepton__gaps gaps; /* of the training loss */
	struct lepton__trace trace[LEPTON__METRICS];
	size_t fed;       /* history points the traces have */
	int64_t fed_step; /* step of the last one: a history that was cut and grew again shows by it */
	size_t fed_epochs;
	double fed_seconds; /* of the last epoch: the same for epochs */
	size_t fed_thinned; /* entries that were an outline */
	struct lepton__closeup *closeup; /* points from the store, where the outline is too coarse; NULL: none */
};

struct lepton__alias_move { /* one line of an alias's history */
	double time;
	char alias[LEPTON_NAME_MAX];
	int64_t from, to;
	bool rollback;
};

struct lepton__dash {
	struct lepton_run *run;
	struct lepton__extra *extras;
	size_t extra_count, extra_capacity;
	size_t *order; /* indices into run->versions: what is shown, in order */
	size_t shown, order_capacity;
	struct lepton__bunches bunches;
	long *rows; /* of the list: indices of versions, and headers (bunch.h) */
	size_t row_count, row_capacity;
	int64_t selected; /* id, or a header's; 0 when nothing is shown */
	struct {
		bool on, by_shift;
		int64_t anchor;
	} range; /* that is being marked */

	char filter_text[256];
	struct lepton__filter filter;
	bool archived; /* archived versions too */
	enum lepton__sort sort;
	bool turned; /* the other way round */

	enum lepton__metric metric;
	enum lepton__axis axis;
	bool log_x, log_y;
	enum lepton__layout_kind layout;
	enum lepton__kinship kinship;
	int smoothing;      /* index into lepton__smoothings */
	double zoom_width;  /* of the x window; NaN: everything */
	double zoom_right;  /* its right end; NaN: follows the newest */
	double cursor;      /* x of the cross-hair; NaN: none */

	struct lepton__alias_move *moves; /* newest last */
	size_t move_count, move_capacity;
	double last_time; /* of the newest event */
};

extern const char *const lepton__metric_names[LEPTON__METRICS]; /* "loss", "accuracy" … */
extern const char *const lepton__axis_names[LEPTON__AXES];
extern const char *const lepton__sort_names[LEPTON__SORTS];
#define LEPTON__SMOOTHINGS 5
extern const double lepton__smoothings[LEPTON__SMOOTHINGS]; /* 0 first */

void lepton__dash_init(struct lepton__dash *dash, struct lepton_run *run);
void lepton__dash_free(struct lepton__dash *dash);
/* Fold one event into the run and note what the run itself does not keep. */
void lepton__dash_apply(struct lepton__dash *dash, const struct lepton_event *event);
/* dash_settings.c: what curves need of a version's settings, read once. */
void lepton__extra_study(const struct lepton__dash *dash, struct lepton__extra *extra, const struct lepton_run_version *version);
/* Before a frame: extras for new versions, curves fed, order and selection made good. */
int lepton__dash_update(struct lepton__dash *dash, struct lepton_error *err) LEPTON_MUST_CHECK;

struct lepton_run_version *lepton__dash_selected(const struct lepton__dash *dash); /* NULL: nothing shown */
struct lepton__extra *lepton__dash_extra(const struct lepton__dash *dash, int64_t id); /* NULL */
size_t lepton__dash_index(const struct lepton__dash *dash, int64_t id); /* in run->versions; count when missing */
long lepton__dash_row_of(const struct lepton__dash *dash, int64_t id);  /* -1: not in the list */
long lepton__dash_row(const struct lepton__dash *dash);                 /* of what is selected, in rows; -1 */
int64_t lepton__dash_row_id(const struct lepton__dash *dash, size_t row); /* the version's, or the header's */
void lepton__dash_move(struct lepton__dash *dash, long by);             /* clamps */
bool lepton__dash_select(struct lepton__dash *dash,
	int64_t id); /* unfolds its bunch; false, and as it was, where the list leaves it out */
size_t lepton__dash_marked(const struct lepton__dash *dash, int64_t *ids, size_t max); /* in list order; returns how many */
size_t lepton__dash_targets(const struct lepton__dash *dash, int64_t *ids, size_t max); /* marked, or the selected one, or its bunch */
/* marks.c: ids may be headers' */
bool lepton__marked(const struct lepton__dash *dash, int64_t id);
void lepton__mark(struct lepton__dash *dash, int64_t id, bool marked);
void lepton__mark_others(struct lepton__dash *dash); /* of those shown */
void lepton__range_begin(struct lepton__dash *dash, bool by_shift);
void lepton__range_follow(struct lepton__dash *dash); /* the cursor has moved */
void lepton__range_end(struct lepton__dash *dash, bool take_back);
bool lepton__dash_drawn(const struct lepton__dash *dash, size_t index); /* its curve is shown */

/* The curves to draw for a metric, at most max; contexts[] (same length) must outlive the series. */
struct lepton__curve_context {
	const struct lepton_run_version *version;
	enum lepton__metric metric;
	enum lepton__axis axis;
	double samples_a_step;
	const struct lepton_history *history; /* the version's, or nearer points of it (closeup.h) */
};
double lepton__curve_x(const void *context, size_t i); /* of point i */
void lepton__curve_places(const struct lepton__curve_context *context, struct lepton__series *series); /* the same, as they lie */
size_t lepton__dash_series(const struct lepton__dash *dash, enum lepton__metric metric, struct lepton__series *series,
		struct lepton__curve_context *contexts, size_t max);

#endif
