/* train/run_parts.h - the pieces of the fold over events, shared by run*.c alone. */
#ifndef LEPTON_TRAIN_RUN_PARTS_H
#define LEPTON_TRAIN_RUN_PARTS_H

#include "lepton/run.h"

int lepton__run_nomem(struct lepton_error *err);
void lepton__run_set_text(struct lepton_text **place, struct lepton_text *text); /* retains */
/* run_history.c: points at or after `step` are dropped first, since training went back before them. */
int lepton__history_add(
	struct lepton_history *history, const struct lepton_event *event, struct lepton_error *err);
int lepton__epochs_add(
	struct lepton_epochs *epochs, const struct lepton_event *event, struct lepton_error *err);
bool lepton__history_room(struct lepton_history *history, size_t more);
/* run_outline.c: the buckets of entries that are no more there */
void lepton__history_cut_buckets(struct lepton_history *history);
void lepton__epochs_free(struct lepton_epochs *epochs);
/* run_notes.c */
int lepton__run_note(struct lepton_run_version *version, double time, struct lepton_error *err,
	const char *fmt, ...) LEPTON_PRINTF(4, 5);
int lepton__run_note_state(
	struct lepton_run_version *version, const struct lepton_event *event, struct lepton_error *err);
int lepton__run_note_child(
	struct lepton_run *run, const struct lepton_run_version *child, struct lepton_error *err);
/* run_lists.c: jobs, barriers, log and aliases */
int lepton__run_job(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err);
int lepton__run_barrier(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err);
/* run_previews.c */
int lepton__run_preview(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err);
/* run_nodes.c */
int lepton__run_node(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err);
void lepton__run_nodes_free(struct lepton_run *run);
int lepton__run_log(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err);
int lepton__run_set_alias(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err);

#endif
