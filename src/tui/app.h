/* tui/app.h - the dashboard as one object: what the loop, the views, the popups and the actions share.
 *
 * It runs in one thread. Events come in (lepton__app_event), input comes in (lepton__app_input),
 * commands go out (lepton__app_command); lepton__app_draw paints everything anew into the screen. The
 * screen is a terminal's or one in memory: nothing here can tell.
 */
#ifndef LEPTON_TUI_APP_H
#define LEPTON_TUI_APP_H

#include "tui/actions.h"
#include "tui/boxes.h"
#include "tui/dash.h"
#include "tui/notify.h"
#include "tui/sparkline.h"
#include "tui/terminal.h"
#include "tui/tui.h"

struct lepton__app;
struct lepton__popup;
struct lepton__machine;

enum lepton__move { LEPTON__UP, LEPTON__DOWN, LEPTON__PAGE_UP, LEPTON__PAGE_DOWN, LEPTON__FIRST, LEPTON__LAST, LEPTON__LEFT,
	LEPTON__RIGHT };

struct lepton__view {
	const char *name;
	const char *summary; /* for its help: what is seen here, what the signs mean; lines apart by '\n' */
	void (*draw)(struct lepton__app *app, struct lepton__rect area);
	void (*move)(struct lepton__app *app, enum lepton__move how);
	void (*pick)(struct lepton__app *app, int64_t line); /* a click on a line of its own; NULL: it has none */
};
extern const struct lepton__view *const lepton__views[LEPTON__VIEWS];

/* Where a click does what; the last one added at a place wins. */
enum lepton__hit_kind {
	LEPTON__HIT_VIEW,   /* argument: view */
	LEPTON__HIT_ROW,    /* version id: select; double click: details */
	LEPTON__HIT_LINE,   /* a view's own: pick it; double click: open its version */
	LEPTON__HIT_MARK,   /* version id: mark */
	LEPTON__HIT_ACTION, /* index in the table */
	LEPTON__HIT_SORT,   /* sort key */
	LEPTON__HIT_PLOT,   /* which plot: cross-hair, wheel zooms */
	LEPTON__HIT_PANE,   /* the wheel scrolls the view */
	LEPTON__HIT_ITEM,   /* a popup's own */
};
struct lepton__hit {
	struct lepton__rect rect;
	enum lepton__hit_kind kind;
	int64_t argument;
};
#define LEPTON__HITS 512

struct lepton__saying { /* something the dashboard itself said; also shown in the Log view */
	double time;
	int64_t version; /* whom it is about; 0: an answer to a key */
	bool quiet;      /* the run's own log has it too: not shown twice */
	enum lepton_log_level level;
	char text[320];
};
#define LEPTON__SAYINGS 200

enum lepton__way { LEPTON__FORTH, LEPTON__BACK, LEPTON__AGAIN, LEPTON__ASIDE }; /* done, undone, redone; in the course of that */
struct lepton__deed { /* something done that can be taken back */
	struct lepton_command again, back; /* does it; undoes it */
	char doing[96];
	unsigned act; /* those of one key press have the same, and go together */
};
struct lepton__deeds { /* newest last; of at most LEPTON__ACTS acts */
	struct lepton__deed *items;
	size_t count, capacity;
};
struct lepton__pending { /* a command whose answer has not come */
	uint64_t ticket;
	char doing[96];
	struct lepton__deed deed; /* remembered once it worked */
	enum lepton__way way;
	bool undoable, archive_result;
	bool outlives;   /* the store keeps it: it is done after a restart, too */
	int64_t pair[2]; /* its first two versions; 0 for none */
	enum lepton_command_type type;
};
#define LEPTON__PENDING 256
#define LEPTON__ACTS 100
#define LEPTON__PLOTS 64

struct lepton__drag { /* the mouse's button is held down in a plot */
	enum { LEPTON__DRAG_NONE, LEPTON__DRAG_CHOOSE, LEPTON__DRAG_PAN } kind;
	double from; /* x where it went down */
	int column;
	bool moved; /* far enough to be no click */
	struct lepton__plot_view view; /* as the plot was then */
};

struct lepton__scroll {
	long top, left;
	long page; /* rows shown last time */
	long total; /* lines there are */
};

enum { LEPTON__HISTORY_FILTER, LEPTON__HISTORY_EXPORT, LEPTON__HISTORY_SAVE, LEPTON__HISTORIES };
struct lepton__past_answers { /* earlier answers to one kind of prompt, oldest first */
	char text[16][256];
	long count;
};

struct lepton__app {
	const struct lepton_tui_options *options;
	const struct lepton_tui_link *link;
	struct lepton__terminal *terminal; /* NULL: the screen is in memory */
	struct lepton__screen *screen;
	struct lepton__theme theme;
	char theme_name[128];
	bool mono;
	enum lepton__colors colors;    /* that the terminal has */
	enum lepton__pictures pictures; /* as they are wished for */
	struct lepton__dash dash;
	enum lepton__view_id view;
	struct lepton__scroll scroll[LEPTON__VIEWS];
	bool log_held;                 /* scrolled up: the log does not follow */
	struct lepton__popup *popup;   /* the topmost; NULL: none */
	struct lepton__hit hits[LEPTON__HITS];
	size_t hit_count;
	struct lepton__plot_view plots[LEPTON__PLOTS];
	struct lepton__drag drag;
	struct lepton__input pressed;  /* the last press, and when: a second one there makes a double click */
	double pressed_at;
	struct lepton__saying sayings[LEPTON__SAYINGS]; /* oldest first */
	size_t saying_count;
	struct lepton__notices notices;
	size_t said; /* ever */
	double toast_until;            /* monotonic; the newest saying is shown until then */
	struct lepton__pending pending[LEPTON__PENDING];
	size_t pending_count;
	struct lepton__deeds done, undone;
	unsigned act;                  /* the key or click that is being dealt with */
	struct lepton__past_answers answers[LEPTON__HISTORIES];
	uint64_t ticket;
	int64_t result;                /* a version just made whose result waits to be shown; 0: none */
	int64_t pair[2];               /* versions whose barrier was just measured and waits to be shown; 0: none */
	double left;                   /* seconds until all is trained whose pace is known */
	size_t left_unknown;           /* versions whose pace is not */
	enum lepton_role role;         /* what the run takes from this dashboard */
	int workers;                   /* of the engine, from the run's environment */
	const struct lepton_text *workers_from;
	bool dirty;                    /* something changed since the last frame */
	bool quit;
	bool detached;                 /* and the run is to go on */
	bool drags, drag_marks;        /* over the signs: to mark, or to unmark */
	bool news;                     /* an event came that is more than a running version's figures */
	bool pasted;                   /* the last key was */
	bool touched;                  /* a key was pressed: the first hint has done its work */
	struct lepton__sweep_cache *sweep; /* what the view Compare found; NULL: not looked at yet */
	bool compare_picture;          /* where there is not room for both: the picture, not the words */
	struct lepton__machine *machine; /* what the view Machine has seen; NULL: not looked at yet */
	long node_row;                 /* that is chosen in the view Nodes */
	bool headless;                 /* no one to wait for: no bell, toasts stay */
};

/* `screen` stays the caller's. */
void lepton__app_init(struct lepton__app *app, const struct lepton_tui_options *options, const struct lepton_tui_link *link,
		struct lepton_run *run, struct lepton__screen *screen);
void lepton__app_free(struct lepton__app *app);
int lepton__app_set_theme(struct lepton__app *app, const char *name, struct lepton_error *err) LEPTON_MUST_CHECK;

void lepton__app_event(struct lepton__app *app, const struct lepton_event *event);
/* act_role.c: the answer to a role that was asked for, if it has come. */
void lepton__app_hear_role(struct lepton__app *app);
size_t lepton__app_take_events(struct lepton__app *app); /* all that wait on the link (bounded); how many */
void lepton__app_input(struct lepton__app *app, const struct lepton__input *input);
void lepton__app_draw(struct lepton__app *app);
double lepton__app_deadline(const struct lepton__app *app); /* seconds until the picture changes by itself; <0: never */

/* Say something in the message line (and the log). */
void lepton__app_say(struct lepton__app *app, enum lepton_log_level level, const char *fmt, ...) LEPTON_PRINTF(3, 4);
/* The same for an event: with its time, and the version it is about. */
void lepton__app_tell(struct lepton__app *app, const struct lepton_event *event, enum lepton_log_level level, bool quiet,
		const char *text);
/* Send a command; its answer is said. `doing` is the present tense: "pause cnn". inverse may be NULL. */
bool lepton__app_command(struct lepton__app *app, struct lepton_command *command, const struct lepton_command *inverse,
		bool archive_result, const char *doing);
void lepton__app_reply(struct lepton__app *app, const struct lepton_event *event);
void lepton__app_undo(struct lepton__app *app);
void lepton__app_redo(struct lepton__app *app);
void lepton__app_forget(struct lepton__app *app); /* what was sent and done */
const char *lepton__deeds_next(const struct lepton__deeds *deeds); /* what would be taken back or done again next; NULL */
void lepton__deeds_free(struct lepton__deeds *deeds);
void lepton__app_show(struct lepton__app *app, enum lepton__view_id view);
bool lepton__app_busy(const struct lepton__app *app); /* something trains or waits to, or a job runs */

void lepton__hit_add(struct lepton__app *app, struct lepton__rect rect, enum lepton__hit_kind kind, int64_t argument);
void lepton__app_mouse(struct lepton__app *app, const struct lepton__input *input);

/* chrome.c: what surrounds every view */
void lepton__draw_header(struct lepton__app *app, struct lepton__rect rect);
void lepton__draw_message(struct lepton__app *app, struct lepton__rect rect);
/* " 5.8s left", or "" while nothing can be said */
void lepton__job_left(const struct lepton_run_job *job, char *out, size_t size);
void lepton__draw_footer(struct lepton__app *app, struct lepton__rect rect);

/* looks.c: signs and colours that mean the same everywhere */
void lepton__say_signs(const struct lepton__app *app, char *text);
const char *lepton__state_sign(const struct lepton__app *app, enum lepton_version_state state);
enum lepton__role lepton__state_role(enum lepton_version_state state);
struct lepton__style lepton__style(const struct lepton__app *app, enum lepton__role role);
struct lepton__style lepton__curve_style(const struct lepton__app *app, size_t index);
void lepton__theme_mono(struct lepton__theme *theme);
const char *lepton__version_name(const struct lepton__app *app, int64_t id); /* "#7" when unknown; good until the next call */
/* "cnn", "cnn and mlp", "cnn, mlp and 3 more" */
void lepton__name_list(const struct lepton__app *app, const int64_t *ids, size_t count, char *out, size_t size);
/* Text that stays within columns, a piece at a time; returns the next x. */
int lepton__draw_piece(struct lepton__app *app, int y, int x, int end, struct lepton__style style, const char *text);

#endif
