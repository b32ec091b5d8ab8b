/* tui/acts.h - what the actions do, by file; only actions.c's table and the popups call these. */
#ifndef LEPTON_TUI_ACTS_H
#define LEPTON_TUI_ACTS_H

#include "tui/app.h"
#include "tui/lines.h"

/* act_steer.c: on the marked versions, or the selected one */
void lepton__act_pause(struct lepton__app *app);
void lepton__act_stop(struct lepton__app *app);
void lepton__act_archive(struct lepton__app *app);
void lepton__act_evaluate(struct lepton__app *app);
void lepton__act_checkpoint(struct lepton__app *app);
void lepton__act_raise(struct lepton__app *app);
void lepton__act_lower(struct lepton__app *app);
void lepton__act_pause_all(struct lepton__app *app);
void lepton__act_resume_all(struct lepton__app *app);
bool lepton__can_pause_all(const struct lepton__app *app, const char **why);
bool lepton__can_resume_all(const struct lepton__app *app, const char **why);
void lepton__set_priority(struct lepton__app *app, const struct lepton_run_version *version, double value);
bool lepton__can_pause(const struct lepton__app *app, const char **why);
bool lepton__can_stop(const struct lepton__app *app, const char **why);
bool lepton__can_archive(const struct lepton__app *app, const char **why);
bool lepton__can_evaluate(const struct lepton__app *app, const char **why);
bool lepton__has_targets(const struct lepton__app *app, const char **why);
bool lepton__has_selected(const struct lepton__app *app, const char **why);
bool lepton__selected_trained(const struct lepton__app *app, const char **why);
const char *lepton__now_pause(const struct lepton__app *app);
const char *lepton__now_archive(const struct lepton__app *app);

/* act_alias.c */
void lepton__act_promote(struct lepton__app *app);
void lepton__act_rollback(struct lepton__app *app);
bool lepton__can_rollback(const struct lepton__app *app, const char **why);

/* act_queue.c */
void lepton__act_go_up(struct lepton__app *app);
void lepton__act_go_down(struct lepton__app *app);
bool lepton__can_go_up(const struct lepton__app *app, const char **why);
bool lepton__can_go_down(const struct lepton__app *app, const char **why);
/* Before a frame: who has which share of the workers, and how long it will take (extras, app->left). */
void lepton__forecast_update(struct lepton__app *app);
bool lepton__trains_elsewhere(const struct lepton_run_version *version); /* not on a worker: in a program of its own */
size_t lepton__queue_rows(const struct lepton__app *app, size_t **out);  /* indices, first first; heap; NULL: no memory */

/* view_nodes.c */
void lepton__act_open_version(struct lepton__app *app);
bool lepton__can_open_version(const struct lepton__app *app, const char **why);

/* act_notify.c */
void lepton__act_notify(struct lepton__app *app);

/* act_pictures.c */
void lepton__act_pictures(struct lepton__app *app);

/* act_label.c */
void lepton__act_tag(struct lepton__app *app);
void lepton__act_note(struct lepton__app *app);

/* act_compress.c, act_fuse.c, act_clone.c, act_export.c: a menu or form first, then a command */
void lepton__act_compress(struct lepton__app *app);
void lepton__act_fuse(struct lepton__app *app);
void lepton__act_barrier(struct lepton__app *app); /* act_barrier.c */
bool lepton__can_barrier(const struct lepton__app *app, const char **why);
const char *lepton__now_barrier(const struct lepton__app *app);
void lepton__barrier_ask(struct lepton__app *app, int64_t a, int64_t b); /* have it measured */
void lepton__act_keep_point(struct lepton__app *app); /* act_point.c */
bool lepton__can_keep_point(const struct lepton__app *app, const char **why);
void lepton__act_clone(struct lepton__app *app);
void lepton__act_export(struct lepton__app *app);
void lepton__act_save_screen(struct lepton__app *app);
int lepton__save_screen(const struct lepton__app *app, const char *path, struct lepton_error *err) LEPTON_MUST_CHECK;
bool lepton__can_fuse(const struct lepton__app *app, const char **why);

/* act_look.c: what is shown and how */
void lepton__act_mark(struct lepton__app *app);
void lepton__act_mark_all(struct lepton__app *app);
void lepton__act_unmark(struct lepton__app *app);
void lepton__act_pin(struct lepton__app *app);
const char *lepton__now_pin(const struct lepton__app *app);
void lepton__act_invert(struct lepton__app *app);
void lepton__act_range(struct lepton__app *app);
const char *lepton__now_mark(const struct lepton__app *app);
const char *lepton__now_range(const struct lepton__app *app);
void lepton__act_extend_up(struct lepton__app *app);
void lepton__act_extend_down(struct lepton__app *app);
void lepton__act_group(struct lepton__app *app);
void lepton__act_fold_all(struct lepton__app *app);
bool lepton__can_fold(const struct lepton__app *app, const char **why);
bool lepton__has_row(const struct lepton__app *app, const char **why); /* a version or a header is selected */
void lepton__act_filter(struct lepton__app *app);
void lepton__act_sort(struct lepton__app *app);
void lepton__act_turn(struct lepton__app *app);
void lepton__act_archived(struct lepton__app *app);
/* Select a version in the list, or say why the list does not show it. */
void lepton__select_or_say(struct lepton__app *app, int64_t id);
void lepton__act_picture(struct lepton__app *app);
const char *lepton__now_picture(const struct lepton__app *app);
void lepton__act_escape(struct lepton__app *app);
void lepton__act_details(struct lepton__app *app);
void lepton__set_sort(struct lepton__app *app, enum lepton__sort sort);
bool lepton__can_unmark(const struct lepton__app *app, const char **why);
const char *lepton__now_archived(const struct lepton__app *app);

/* act_curve.c */
void lepton__act_metric(struct lepton__app *app);
void lepton__act_log(struct lepton__app *app);
void lepton__act_smooth(struct lepton__app *app);
void lepton__act_axis(struct lepton__app *app);
void lepton__act_log_x(struct lepton__app *app);
void lepton__act_layout(struct lepton__app *app);
void lepton__act_kinship(struct lepton__app *app);
bool lepton__can_kinship(const struct lepton__app *app, const char **why);
void lepton__curves_show(struct lepton__app *app, double from, double to); /* this window of x, as far as there are values */
void lepton__act_zoom_in(struct lepton__app *app);
void lepton__act_zoom_out(struct lepton__app *app);
void lepton__act_zoom_all(struct lepton__app *app);
void lepton__act_pan_left(struct lepton__app *app);
void lepton__act_pan_right(struct lepton__app *app);
void lepton__act_cursor_left(struct lepton__app *app);
void lepton__act_cursor_right(struct lepton__app *app);
void lepton__zoom_about(struct lepton__app *app, double about, double factor);
bool lepton__can_unzoom(const struct lepton__app *app, const char **why);

/* act_program.c */
void lepton__act_undo(struct lepton__app *app);
void lepton__act_palette(struct lepton__app *app);
void lepton__act_help(struct lepton__app *app);
void lepton__act_theme(struct lepton__app *app);
void lepton__act_redraw(struct lepton__app *app);
void lepton__act_detach(struct lepton__app *app);
void lepton__act_end(struct lepton__app *app);
bool lepton__can_detach(const struct lepton__app *app, const char **why);
bool lepton__can_end(const struct lepton__app *app, const char **why);
void lepton__act_quit(struct lepton__app *app);
void lepton__act_tour(struct lepton__app *app); /* tour.c */
/* act_settings.c */
void lepton__act_save_settings(struct lepton__app *app);
bool lepton__can_save_settings(const struct lepton__app *app, const char **why);
bool lepton__can_undo(const struct lepton__app *app, const char **why);
void lepton__act_redo(struct lepton__app *app);
bool lepton__can_redo(const struct lepton__app *app, const char **why);
const char *lepton__now_undo(const struct lepton__app *app);
const char *lepton__now_redo(const struct lepton__app *app);

/* act_role.c */
void lepton__act_steers(struct lepton__app *app);
void lepton__act_watches(struct lepton__app *app);
void lepton__act_alone(struct lepton__app *app);
bool lepton__can_steers(const struct lepton__app *app, const char **why);
bool lepton__can_watches(const struct lepton__app *app, const char **why);
bool lepton__can_alone(const struct lepton__app *app, const char **why);
/* Does the action ask something of the run? */
bool lepton__action_steers(const struct lepton__action *action);

/* option_form.c: a method's options as fields, and back to a JSON object (heap; NULL when out of memory) */
struct lepton__form;
void lepton__form_options(struct lepton__form *form, const struct lepton_option *options);
char *lepton__form_settings(const struct lepton__form *form, const struct lepton_option *options, const char *base);

/* barrier.c: a window with the last measured barrier of a pair; nothing where there is none */
void lepton__barrier_show(struct lepton__app *app, int64_t a, int64_t b);

/* act_fuse.c: the form of a method's settings and the new version's name */
void lepton__fuse_form(struct lepton__app *app, const char *method, const int64_t *ids, size_t count);
/* preview.c: a window with all ways to fuse these, two at least; and what the engine answered to its command, a fault */
void lepton__preview_open(struct lepton__app *app, const int64_t *ids, size_t count);
void lepton__preview_refused(struct lepton__app *app, uint64_t ticket, const char *message);

/* mistakes.c, inside.c: windows with what the selected version's last evaluation found */
void lepton__act_mistakes(struct lepton__app *app);
void lepton__act_inside(struct lepton__app *app);
bool lepton__has_report(const struct lepton__app *app, const char **why);

/* details.c */
void lepton__details(const struct lepton__app *app, const struct lepton_run_version *version, bool all,
		struct lepton__lines *lines);
void lepton__result_lines(const struct lepton__app *app, const struct lepton_run_version *version, struct lepton__lines *lines);
void lepton__show_result(struct lepton__app *app, int64_t id);
/* "compress delta of cnn", "clone of mlp", "" for one of the spec's */
void lepton__origin(const struct lepton__app *app, const struct lepton_run_version *version, char *out, size_t size);

#endif
