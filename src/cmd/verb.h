/* cmd/verb.h - the subcommands of `lepton`: one file each, ending in a const entry. */
#ifndef LEPTON_CMD_VERB_H
#define LEPTON_CMD_VERB_H

#include "cmd/args.h"
#include "lepton/model.h"

struct verb {
	const char *name;
	const char *usage;   /* behind "lepton NAME": "SPEC [--store DIR] …" */
	const char *summary; /* one line */
	/* argv[0] is the verb. Returns the program's exit code: 0 done, 1 failed, 2 usage, 130 interrupted.
	 */
	int (*run)(const struct verb *verb, int argc, char **argv);
};

extern const struct verb verb_train, verb_list, verb_show, verb_diff, verb_log, verb_pause, verb_resume,
	verb_stop, verb_archive, verb_restore, verb_clone, verb_compress, verb_fuse, verb_promote,
	verb_rollback, verb_quit, verb_evaluate, verb_barrier, verb_predict, verb_export, verb_report,
	verb_verify, verb_tag, verb_note, verb_keep, verb_gc, verb_bench, verb_key, verb_sign, verb_import, verb_nodes;

/* --help speaks mdoc, for the manual. */
extern bool verb_manual;
/* Print "lepton NAME: sentence" to standard error; returns the exit code of the fault. */
int verb_fail(const struct verb *verb, const struct lepton_error *err);
/* Parse; prints help or the fault itself. Returns -1 to go on, else the exit code to leave with. The number
 * of operands must lie in min..max. */
int verb_parse(const struct verb *verb, const struct arg *table, int argc, char **argv,
	struct arg_list *operands, size_t min, size_t max);

/* Open the store read-only and fold it. */
int verb_load(const char *dir, struct lepton_store **store, struct lepton_run *run, struct lepton_error *err);

/* Are these public keys? LEPTON_E_USAGE. */
int verb_check_trusted(struct arg_list *trusted, struct lepton_error *err);

/* Print what was measured class by class (evaluate_report.c). `info`: of the data asked about. */
struct lepton_metrics;
void verb_print_report(const struct lepton_metrics *metrics, const struct lepton_data_info *info);

/* Print what was previewed of the command's versions (fuse_preview.c), as a table or as the JSON it is. LEPTON_E_CORRUPT, LEPTON_E_NOMEM. */
int verb_print_preview(const struct lepton_run *run, const struct lepton_command *command, bool json,
	struct lepton_error *err);

/* Print a learner's answers for the rows of a table (predict_table.c). `trained`: the data it was made for. */
int verb_predict_table(struct lepton_learner *learner, const struct lepton_dataset *trained, const char *path,
	struct lepton_error *err);

/* Have one command carried out, by the run that trains in the store, or else in a session of its own (nothing else trains
 * meanwhile), and wait for its reply. References are resolved to ids first. *made is the id of the version it made, or 0. `run` (initialised
 * here, cleared by the caller) is the picture afterwards. */
int verb_command(const char *store_dir, struct lepton_command *command, const struct arg_list *references,
	struct lepton_run *run, int64_t *made, char *message, size_t size, struct lepton_error *err);
/* The same, and its answer printed, or the fault; returns the exit code. */
int verb_carry_out(const struct verb *verb, const char *store_dir, struct lepton_command *command,
	const struct arg_list *references);
/* One command with its ids, to a run that is there; *result and message are its answer's. */
int verb_ask(struct lepton_client *client, struct lepton_command *command, int64_t *result, char *message,
	size_t size, struct lepton_error *err);

#endif
