/* tui/actions.c - the table, and looking things up in it.
 *
 * To add something the dashboard can do: a function in an act_*.c and one entry here. It then has a
 * key, a place on the bottom line, in the palette, in the help and in the manual.
 */
#include "config.h"
#include "tui/acts.h"
#include "tui/bindings.h"
#include "tui/keymap.h"
#include "tui/popup.h"

#include <stdio.h>
#include <string.h>

#define MOVE(name, how)                                                                                      \
	static void name(struct lepton__app *app)                                                            \
	{                                                                                                    \
		if (lepton__views[app->view]->move)                                                          \
			lepton__views[app->view]->move(app, how);                                            \
	}
MOVE(go_up, LEPTON__UP)
MOVE(go_down, LEPTON__DOWN)
MOVE(go_page_up, LEPTON__PAGE_UP)
MOVE(go_page_down, LEPTON__PAGE_DOWN)
MOVE(go_first, LEPTON__FIRST)
MOVE(go_last, LEPTON__LAST)
MOVE(go_left, LEPTON__LEFT)
MOVE(go_right, LEPTON__RIGHT)

#define SHOW(name, which)                                                                                    \
	static void name(struct lepton__app *app)                                                            \
	{                                                                                                    \
		lepton__app_show(app, which);                                                                \
	}
SHOW(show_versions, LEPTON__VIEW_VERSIONS)
SHOW(show_compare, LEPTON__VIEW_COMPARE)
SHOW(show_lineage, LEPTON__VIEW_LINEAGE)
SHOW(show_deploy, LEPTON__VIEW_DEPLOY)
SHOW(show_log, LEPTON__VIEW_LOG)
SHOW(show_classes, LEPTON__VIEW_CLASSES)
SHOW(show_size, LEPTON__VIEW_SIZE)
SHOW(show_machine, LEPTON__VIEW_MACHINE)
SHOW(show_queue, LEPTON__VIEW_QUEUE)
SHOW(show_nodes, LEPTON__VIEW_NODES)

static void show_next(struct lepton__app *app)
{
	lepton__app_show(app, (enum lepton__view_id)((app->view + 1) % LEPTON__VIEWS));
}

static void show_before(struct lepton__app *app)
{
	lepton__app_show(app, (enum lepton__view_id)((app->view + LEPTON__VIEWS - 1) % LEPTON__VIEWS));
}

const char *const lepton__group_names[LEPTON__GROUPS] = {"Moving", "Choosing what is shown",
	"Steering versions", "Making versions and files", "Curves", "Program"};

bool lepton__action_possible(
	const struct lepton__app *app, const struct lepton__action *action, const char **why)
{
	const char *unused;
	if (app->role == LEPTON_WATCHES && lepton__action_steers(action)) {
		if (why)
			*why = "this dashboard only watches: \"steer\" in the palette lets it";
		return false;
	}
	return !action->possible || action->possible(app, why ? why : &unused);
}

void lepton__action_run(struct lepton__app *app, const struct lepton__action *action)
{
	const char *why = "";
	app->dirty = true;
	if (lepton__action_possible(app, action, &why))
		action->run(app);
	else
		lepton__app_say(app, LEPTON_LOG_WARNING, "%s: %s", action->title, lepton__spell(why));
}

const struct lepton__action *lepton__action_find(const char *id)
{
	for (size_t i = 0; i < lepton__action_count(); i++)
		if (strcmp(lepton__actions[i].id, id) == 0)
			return &lepton__actions[i];
	return NULL;
}

const struct lepton__action *lepton__action_for_key(enum lepton__view_id view, uint32_t key)
{
	for (size_t i = 0; i < lepton__action_count(); i++)
		if ((lepton__actions[i].views & 1u << view) &&
			lepton__key_among(lepton__action_keys(&lepton__actions[i]), key))
			return &lepton__actions[i];
	return NULL;
}

void lepton__action_key(const struct lepton__action *action, char *out, size_t size)
{
	const char *keys = lepton__action_keys(action);
	uint32_t key = lepton__key_named(keys, strcspn(keys, " "));
	*out = '\0';
	if (key)
		lepton__key_name(key, out, size);
}

#define VERSIONS (1u << LEPTON__VIEW_VERSIONS)
#define COMPARE (1u << LEPTON__VIEW_COMPARE)
#define LINEAGE (1u << LEPTON__VIEW_LINEAGE)
#define DEPLOY (1u << LEPTON__VIEW_DEPLOY)
#define LOG (1u << LEPTON__VIEW_LOG)
#define CLASSES (1u << LEPTON__VIEW_CLASSES)
#define SIZE (1u << LEPTON__VIEW_SIZE)
#define MACHINE (1u << LEPTON__VIEW_MACHINE)
#define QUEUE (1u << LEPTON__VIEW_QUEUE)
#define NODES (1u << LEPTON__VIEW_NODES)
#define LISTS                                                                                                \
	(VERSIONS | COMPARE | LINEAGE | CLASSES | SIZE | MACHINE | QUEUE) /* views with a selected version   \
									   */
#define ALL (LISTS | DEPLOY | LOG | NODES)

const struct lepton__action lepton__actions[] = {
	/* moving */
	{"down", "Down j", "click a row, or the wheel", "down", "Next row", NULL, LEPTON__MOVING, ALL, 0,
		false, NULL, go_down, NULL},
	{"up", "Up k", NULL, "up", "Row before", NULL, LEPTON__MOVING, ALL, 0, false, NULL, go_up, NULL},
	{"page-down", "PgDn C-f", NULL, "page down", "A page down", NULL, LEPTON__MOVING, ALL, 0, false, NULL,
		go_page_down, NULL},
	{"page-up", "PgUp C-b", NULL, "page up", "A page up", NULL, LEPTON__MOVING, ALL, 0, false, NULL,
		go_page_up, NULL},
	{"first", "Home g", NULL, "first", "First row", NULL, LEPTON__MOVING, ALL, 0, false, NULL, go_first,
		NULL},
	{"last", "End G", NULL, "last", "Last row", NULL, LEPTON__MOVING, ALL, 0, false, NULL, go_last, NULL},
	{"left", "Left h", NULL, "left", "Columns to the left", NULL, LEPTON__MOVING, COMPARE | LOG | CLASSES,
		0, false, NULL, go_left, NULL},
	{"right", "Right l", NULL, "right", "Columns to the right", NULL, LEPTON__MOVING,
		COMPARE | LOG | CLASSES, 0, false, NULL, go_right, NULL},
	{"details", "Enter", "double click a row", "details", "All details of the version", NULL,
		LEPTON__MOVING, LISTS, 12, false, lepton__has_row, lepton__act_details, NULL},
	{"versions", "1", "click its name at the top", "versions", "Versions: list, curves, details", NULL,
		LEPTON__MOVING, ALL, 0, false, NULL, show_versions, NULL},
	{"compare", "2", NULL, "compare", "Compare: what differs, best first", NULL, LEPTON__MOVING, ALL, 0,
		false, NULL, show_compare, NULL},
	{"lineage", "3", NULL, "lineage", "Lineage: who comes from whom", NULL, LEPTON__MOVING, ALL, 0, false,
		NULL, show_lineage, NULL},
	{"deploy", "4", NULL, "deploy", "Deploy: aliases and their history", NULL, LEPTON__MOVING, ALL, 0,
		false, NULL, show_deploy, NULL},
	{"log", "5", NULL, "log", "Log: everything that was said", NULL, LEPTON__MOVING, ALL, 0, false, NULL,
		show_log, NULL},
	{"classes", "6", NULL, "classes", "Classes: figures and confusion matrix of the version", NULL,
		LEPTON__MOVING, ALL, 0, false, NULL, show_classes, NULL},
	{"size", "7", NULL, "size", "Size: what a byte buys, and the front", NULL, LEPTON__MOVING, ALL, 0,
		false, NULL, show_size, NULL},
	{"machine", "8", NULL, "machine", "Machine: cores, memory, samples a second", NULL, LEPTON__MOVING,
		ALL, 0, false, NULL, show_machine, NULL},
	{"queue", "9", NULL, "queue", "Queue: what runs, what waits, jobs, and when all is done", NULL,
		LEPTON__MOVING, ALL, 0, false, NULL, show_queue, NULL},
	{"nodes", "0", NULL, "nodes", "Nodes: workers, sub-models, throughput", NULL, LEPTON__MOVING, ALL, 0,
		false, NULL, show_nodes, NULL},
	{"open-version", "Enter", "double click a row", "show version", "Show the row's version in the list",
		NULL, LEPTON__MOVING, NODES, 1, false, lepton__can_open_version, lepton__act_open_version,
		NULL},
	{"next-view", "Tab", NULL, "next view", "Next view", NULL, LEPTON__MOVING, ALL, 0, false, NULL,
		show_next, NULL},
	{"view-before", "S-Tab", NULL, "view before", "View before", NULL, LEPTON__MOVING, ALL, 0, false,
		NULL, show_before, NULL},
	/* choosing */
	{"mark", "Space", "click the sign before a name, or right-click", "mark", "Mark or unmark",
		"Marked versions alone have their curves drawn; steering goes to all of them",
		LEPTON__CHOOSING, LISTS, 7, false, lepton__has_row, lepton__act_mark, lepton__now_mark},
	{"range", "v", "Shift-click, or drag over the signs", "range", "Mark a range",
		"Move, then act on all of it; {escape} takes it back", LEPTON__CHOOSING, VERSIONS, 0, false,
		lepton__has_row, lepton__act_range, lepton__now_range},
	{"extend-down", "S-Down", NULL, "range down", "Mark down to the next row", NULL, LEPTON__CHOOSING,
		VERSIONS, 0, false, lepton__has_row, lepton__act_extend_down, NULL},
	{"extend-up", "S-Up", NULL, "range up", "Mark up to the row before", NULL, LEPTON__CHOOSING, VERSIONS,
		0, false, lepton__has_row, lepton__act_extend_up, NULL},
	{"mark-all", "a", NULL, "mark all", "Mark all that are shown", NULL, LEPTON__CHOOSING, LISTS, 0,
		false, lepton__has_row, lepton__act_mark_all, NULL},
	{"unmark", "A", NULL, "unmark", "Unmark all", NULL, LEPTON__CHOOSING, LISTS, 0, false,
		lepton__can_unmark, lepton__act_unmark, NULL},
	{"pin", "H", NULL, "pin", "Pin or unpin",
		"A pinned version stays at the top, and drawn whatever is marked", LEPTON__CHOOSING, LISTS, 0,
		false, lepton__has_selected, lepton__act_pin, lepton__now_pin},
	{"invert", "I", NULL, "invert", "Mark the others: marked or not, the other way round", NULL,
		LEPTON__CHOOSING, LISTS, 0, false, lepton__has_row, lepton__act_invert, NULL},
	{"group", "b", NULL, "group", "Group the list: by tag, name before /, learner, state, parent",
		"Headers stand for all below them: {mark} marks them, {details} folds them, other keys act "
		"on "
		"them",
		LEPTON__CHOOSING, VERSIONS, 0, false, NULL, lepton__act_group, NULL},
	{"fold", "Z", NULL, "fold all", "Fold all groups, or unfold them", NULL, LEPTON__CHOOSING, VERSIONS,
		0, false, lepton__can_fold, lepton__act_fold_all, NULL},
	{"filter", "/", NULL, "filter", "Filter", "Shows only versions that match, as you type",
		LEPTON__CHOOSING, LISTS, 9, false, NULL, lepton__act_filter, NULL},
	{"sort", "o", "click a column's head", "sort", "Sort", NULL, LEPTON__CHOOSING, LISTS, 11, false, NULL,
		lepton__act_sort, NULL},
	{"turn", "O", NULL, "reverse", "The other way round", NULL, LEPTON__CHOOSING, LISTS, 0, false, NULL,
		lepton__act_turn, NULL},
	{"archived", "z", NULL, "archived", "Show or hide archived versions", NULL, LEPTON__CHOOSING, LISTS,
		0, false, NULL, lepton__act_archived, lepton__now_archived},
	{"picture", "w", NULL, "picture", "Picture or words below the table",
		"Each version as a line through its settings to its figure, and what mattered",
		LEPTON__CHOOSING, COMPARE, 7, false, NULL, lepton__act_picture, lepton__now_picture},
	{"escape", "Esc", NULL, "back", "Take back: range, cross-hair, zoom, filter, marks, groups", NULL,
		LEPTON__CHOOSING, ALL, 0, false, NULL, lepton__act_escape, NULL},
	/* steering */
	{"pause", "p", NULL, "pause", "Pause or resume", "Takes effect within 20 ms", LEPTON__STEERING, LISTS,
		1, false, lepton__can_pause, lepton__act_pause, lepton__now_pause},
	{"stop", "x", NULL, "stop", "Stop training for good", NULL, LEPTON__STEERING, LISTS, 2, true,
		lepton__can_stop, lepton__act_stop, NULL},
	{"archive", "d", NULL, "archive", "Archive or restore",
		"Nothing is deleted; {archived} shows archived versions", LEPTON__STEERING, LISTS, 10, false,
		lepton__can_archive, lepton__act_archive, lepton__now_archive},
	{"promote", "P", NULL, "promote", "Promote",
		"Makes an alias such as production point at this version", LEPTON__STEERING, LISTS, 5, false,
		lepton__selected_trained, lepton__act_promote, NULL},
	{"rollback", "R", NULL, "roll back", "Roll back", "Makes an alias point at what it pointed at before",
		LEPTON__STEERING, LISTS | DEPLOY, 13, true, lepton__can_rollback, lepton__act_rollback, NULL},
	{"evaluate", "E", NULL, "evaluate", "Evaluate now",
		"On the validation and test data, in the background", LEPTON__STEERING, LISTS, 0, false,
		lepton__can_evaluate, lepton__act_evaluate, NULL},
	{"mistakes", "M", NULL, "mistakes", "Mistakes, as pictures",
		"The wrong answers it is surest of, after {evaluate} has evaluated it", LEPTON__CHOOSING,
		LISTS, 19, false, lepton__has_report, lepton__act_mistakes, NULL},
	{"inside", "i", NULL, "inside", "Inside: weights and outputs",
		"How they are spread, after {evaluate} has evaluated the version", LEPTON__CHOOSING, LISTS,
		20, false, lepton__has_report, lepton__act_inside, NULL},
	{"checkpoint", "S", NULL, "checkpoint", "Save a checkpoint now", NULL, LEPTON__STEERING, LISTS, 0,
		false, lepton__has_targets, lepton__act_checkpoint, NULL},
	{"tag", "#", NULL, "tags", "Tags",
		"Words to find, filter (tag:big) and group by; on all marked versions", LEPTON__STEERING,
		LISTS, 17, false, lepton__has_targets, lepton__act_tag, NULL},
	{"note", "\"", NULL, "note", "Write a note", "Shown with the version's details", LEPTON__STEERING,
		LISTS, 18, false, lepton__has_selected, lepton__act_note, NULL},
	{"raise", "]", NULL, "priority up", "Twice the priority", "A larger share of the processor",
		LEPTON__STEERING, LISTS, 0, false, lepton__can_pause, lepton__act_raise, NULL},
	{"lower", "[", NULL, "priority down", "Half the priority", NULL, LEPTON__STEERING, LISTS, 0, false,
		lepton__can_pause, lepton__act_lower, NULL},
	{"go-up", "K", NULL, "up", "Move up in the queue", "Changes priorities with the version above",
		LEPTON__STEERING, QUEUE, 3, false, lepton__can_go_up, lepton__act_go_up, NULL},
	{"go-down", "J", NULL, "down", "Move down in the queue", NULL, LEPTON__STEERING, QUEUE, 3, false,
		lepton__can_go_down, lepton__act_go_down, NULL},
	{"pause-all", "C-p", NULL, "pause all", "Pause all that trains or waits to", NULL, LEPTON__STEERING,
		LISTS | NODES, 0, false, lepton__can_pause_all, lepton__act_pause_all, NULL},
	{"resume-all", "C-g", NULL, "resume all", "All that is paused: resume", NULL, LEPTON__STEERING,
		LISTS | NODES, 0, false, lepton__can_resume_all, lepton__act_resume_all, NULL},
	/* making */
	{"compress", "c", NULL, "compress", "Compress",
		"A small copy, with size and accuracy before and after", LEPTON__MAKING, LISTS, 3, false,
		lepton__selected_trained, lepton__act_compress, NULL},
	{"keep-point", "K", NULL, "keep point", "Keep another point of a search",
		"What \"auto\" tried along its front, as a version of its own", LEPTON__MAKING, SIZE, 3,
		false, lepton__can_keep_point, lepton__act_keep_point, NULL},
	{"fuse", "f", NULL, "fuse", "Fuse the marked versions",
		"All methods are tried in a table; one of them makes a new version", LEPTON__MAKING, LISTS, 4,
		false, lepton__can_fuse, lepton__act_fuse, NULL},
	{"barrier", "B", NULL, "barrier", "Loss barrier between the two marked versions",
		"How the loss rises from one to the other, before and after their units are matched",
		LEPTON__MAKING, LISTS, 15, false, lepton__can_barrier, lepton__act_barrier,
		lepton__now_barrier},
	{"clone", "n", NULL, "clone", "Clone with a change",
		"A new version that goes on from here with other hyper-parameters", LEPTON__MAKING, LISTS, 6,
		false, lepton__has_selected, lepton__act_clone, NULL},
	{"export", "e", NULL, "export", "Export a summary or report of the run",
		"As JSON or CSV, or as a page to show people (HTML)", LEPTON__MAKING, ALL, 8, false, NULL,
		lepton__act_export, NULL},
	{"save-screen", "W", NULL, "save screen", "Save this screen", "As SVG picture, ANSI or plain text",
		LEPTON__MAKING, ALL, 0, false, NULL, lepton__act_save_screen, NULL},
	/* curves */
	{"metric", "m", "click it above the curves", "metric",
		"Metric: loss, accuracy, val loss, val accuracy", NULL, LEPTON__CURVE_GROUP, VERSIONS, 14,
		false, NULL, lepton__act_metric, NULL},
	{"axis", "t", "click it above the curves", "x-axis", "X-axis: step, epoch, time, samples", NULL,
		LEPTON__CURVE_GROUP, VERSIONS, 0, false, NULL, lepton__act_axis, NULL},
	{"scale-x", "L", NULL, "log x-axis", "Logarithmic or linear x-axis", NULL, LEPTON__CURVE_GROUP,
		VERSIONS, 0, false, NULL, lepton__act_log_x, NULL},
	{"layout", "y", "click it above the curves", "layout",
		"Layout of the curves: lines, panels, bands, heat-map",
		"All in one plot; a panel a version; kin as mean and range; a row a version",
		LEPTON__CURVE_GROUP, VERSIONS, 0, false, NULL, lepton__act_layout, NULL},
	{"kinship", "F", "click it above the curves", "grouping", "Which versions make a band",
		"Those that differ only in their seed, or that one entry of the spec made (NAME/\u2026)",
		LEPTON__CURVE_GROUP, VERSIONS, 0, false, lepton__can_kinship, lepton__act_kinship, NULL},
	{"scale", "l", "click it above the curves", "log scale", "Logarithmic or linear scale", NULL,
		LEPTON__CURVE_GROUP, VERSIONS, 0, false, NULL, lepton__act_log, NULL},
	{"smooth", "s", "click it above the curves", "smooth", "Smoothing, in steps",
		"The raw curve stays, dimmed", LEPTON__CURVE_GROUP, VERSIONS, 0, false, NULL,
		lepton__act_smooth, NULL},
	{"zoom-in", "+ =", "wheel over the curves, or drag over a part", "zoom in", "Zoom in",
		"About the cross-hair, or the newest values", LEPTON__CURVE_GROUP, VERSIONS, 0, false, NULL,
		lepton__act_zoom_in, NULL},
	{"zoom-out", "-", NULL, "zoom out", "Zoom out", NULL, LEPTON__CURVE_GROUP, VERSIONS, 0, false,
		lepton__can_unzoom, lepton__act_zoom_out, NULL},
	{"zoom-all", "*", "double click in the curves", "zoom all", "Show everything", NULL,
		LEPTON__CURVE_GROUP, VERSIONS, 0, false, lepton__can_unzoom, lepton__act_zoom_all, NULL},
	{"pan-left", "Left h", "drag with the right button, or with Shift", "pan left",
		"Earlier, when zoomed", NULL, LEPTON__CURVE_GROUP, VERSIONS, 0, false, lepton__can_unzoom,
		lepton__act_pan_left, NULL},
	{"pan-right", "Right", NULL, "pan right", "Later, when zoomed", NULL, LEPTON__CURVE_GROUP, VERSIONS,
		0, false, lepton__can_unzoom, lepton__act_pan_right, NULL},
	{"cursor-left", ",", "click in the curves", "cross-hair", "Cross-hair to the left",
		"It shows each curve's value", LEPTON__CURVE_GROUP, VERSIONS, 0, false, NULL,
		lepton__act_cursor_left, NULL},
	{"cursor-right", ".", NULL, "cross-hair", "Cross-hair to the right", NULL, LEPTON__CURVE_GROUP,
		VERSIONS, 0, false, NULL, lepton__act_cursor_right, NULL},
	/* program; these three always stand at the right end of the bottom line */
	{"undo", "u", NULL, "undo", "Undo",
		"Pause, resume, archive, tags, notes, priority, promotion, versions made: "
		"the last hundred, one after another. A stop cannot be undone",
		LEPTON__PROGRAM, ALL, 0, false, lepton__can_undo, lepton__act_undo, lepton__now_undo},
	{"redo", "C-r", NULL, "redo", "Redo what was undone", NULL, LEPTON__PROGRAM, ALL, 0, false,
		lepton__can_redo, lepton__act_redo, lepton__now_redo},
	{"notify", "N", NULL, "notify", "Notifications: the last ones, and how they are told",
		"Bell and desktop notifications, of trainings and jobs that end", LEPTON__PROGRAM, ALL, 0,
		false, NULL, lepton__act_notify, NULL},
	{"theme", "T", NULL, "theme", "Theme, tried on as you choose", NULL, LEPTON__PROGRAM, ALL, 0, false,
		NULL, lepton__act_theme, NULL},
	{"pictures", "", NULL, "pictures", "Pictures: pixels or half blocks",
		"Wrong answers as images in pixels where the terminal has sixels or kitty's graphics, else "
		"half blocks",
		LEPTON__PROGRAM, ALL, 0, false, NULL, lepton__act_pictures, NULL},
	{"tour", "", NULL, "tour", "Tour: what is where on the screen", NULL, LEPTON__PROGRAM, ALL, 0, false,
		NULL, lepton__act_tour, NULL},
	{"save-settings", "", NULL, "save settings", "Save settings",
		"Theme, pictures, metric, axis, smoothing and order as they are now, for the next start",
		LEPTON__PROGRAM, ALL, 0, false, lepton__can_save_settings, lepton__act_save_settings, NULL},
	{"redraw", "C-l", NULL, "redraw", "Draw the screen anew", NULL, LEPTON__PROGRAM, ALL, 0, false, NULL,
		lepton__act_redraw, NULL},
	{"detach", "D", NULL, "detach", "Detach: leave, training goes on", "lepton-tui --attach comes back",
		LEPTON__PROGRAM, ALL, 16, false, lepton__can_detach, lepton__act_detach, NULL},
	{"end-run", "Q", NULL, "end run", "End the run this dashboard was attached to",
		"Checkpoints are kept", LEPTON__PROGRAM, ALL, 0, true, lepton__can_end, lepton__act_end,
		NULL},
	{"steer", "", NULL, "steer", "Steer this run, as others may", NULL, LEPTON__PROGRAM, ALL, 0, false,
		lepton__can_steers, lepton__act_steers, NULL},
	{"watch", "", NULL, "watch", "Watch: only look at this run", "What would change it is off",
		LEPTON__PROGRAM, ALL, 0, false, lepton__can_watches, lepton__act_watches, NULL},
	{"steer-alone", "", NULL, "steer alone", "Steer alone: nobody else does meanwhile",
		"The commands of all others are refused", LEPTON__PROGRAM, ALL, 0, false, lepton__can_alone,
		lepton__act_alone, NULL},
	{"palette", ":", NULL, "all", "Palette: every action by name", NULL, LEPTON__PROGRAM, ALL, 100, false,
		NULL, lepton__act_palette, NULL},
	{"help", "? F1", NULL, "help", "Help for this view", NULL, LEPTON__PROGRAM, ALL, 101, false, NULL,
		lepton__act_help, NULL},
	{"quit", "q C-c", NULL, "quit", "Quit", "Checkpoints are kept; a run it was attached to goes on",
		LEPTON__PROGRAM, ALL, 102, false, NULL, lepton__act_quit, NULL},
};

size_t lepton__action_count(void)
{
	return sizeof lepton__actions / sizeof *lepton__actions;
}
