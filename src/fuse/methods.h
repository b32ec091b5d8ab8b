/* fuse/methods.h - the methods the table lists, one file each, and the sum they share. */
#ifndef LEPTON_FUSE_METHODS_H
#define LEPTON_FUSE_METHODS_H

#include "lepton/fuse.h"
#include "base/buffer.h"

extern const struct lepton_fuser lepton__fuse_average;
extern const struct lepton_fuser lepton__fuse_weighted;
extern const struct lepton_fuser lepton__fuse_slerp;
extern const struct lepton_fuser lepton__fuse_soup;
extern const struct lepton_fuser lepton__fuse_rebasin;
extern const struct lepton_fuser lepton__fuse_transport;
extern const struct lepton_fuser lepton__fuse_regmean;
extern const struct lepton_fuser lepton__fuse_fisher;
extern const struct lepton_fuser lepton__fuse_task_arithmetic;
extern const struct lepton_fuser lepton__fuse_ties;
extern const struct lepton_fuser lepton__fuse_dare;
extern const struct lepton_fuser lepton__fuse_auto;

/* What all methods may rely on: equal names and shapes, float32, finite. `what` begins the sentence: "fuse average". */
int lepton__fuse_check(const struct lepton_fuse_parent *parents, size_t count, const char *what,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* Each number of the result is Σ share·parent / Σ share, summed in double in the parents' order.
 * Shares are at least 0 and not all 0; parents match. */
int lepton__fuse_blend(const struct lepton_fuse_parent *parents, size_t count, const double *shares,
	struct lepton_params **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The same with equal shares. */
int lepton__fuse_mean(const struct lepton_fuse_parent *parents, size_t count, struct lepton_params **out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* align.c: the mean of the first parent and of copies of the others, which `align` has brought to it; then REPAIR by so many
 * samples, where that is wanted. */
struct lepton__aligning {
	int (*align)(void *context, struct lepton_params *other, struct lepton_error *err);
	void *context;
	bool repair;
	int64_t samples;
};
int lepton__fuse_aligned(const struct lepton_fuse_parent *parents, size_t count, const struct lepton__aligning *how,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Tensor t of out: Σ share·parent / whole, in the same order. Shares may be
 * of any sign. */
void lepton__fuse_sum(const struct lepton_fuse_parent *parents, size_t count, const double *shares,
	double whole, size_t t, struct lepton_params *out);

/* The option of methods that work on differences to a base, and its value as an index; LEPTON_E_USAGE. */
#define LEPTON__FUSE_BASE                                                                             \
	{"base", LEPTON_OPTION_INTEGER, 1, 1, 32, NULL,                                               \
		"which of the versions the others are differences to, by number; 1 is the first"}
int lepton__fuse_base(const struct lepton_option *options, const char *settings, size_t count,
	const char *method, size_t *base, struct lepton_error *err) LEPTON_MUST_CHECK;
/* fuse.c: is there the help that a method cannot do without? LEPTON_E_STATE. */
int lepton__fuse_check_help(const struct lepton_fuser *how, const char *settings, const struct lepton_fuse_help *help,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* `looks` of methods that always do, and of those with settings "by" and "repair". */
bool lepton__fuse_always_looks(const char *settings);
bool lepton__fuse_matching_looks(const struct lepton_option *options, const char *settings);
/* The option of methods that look at training samples. */
#define LEPTON__FUSE_SAMPLES(count)                                                                     \
	{"samples", LEPTON_OPTION_INTEGER, count, 1, 1000000, NULL, "of the training split, looked at"}
/* Pass on what was found, where anyone listens; frees both buffers. LEPTON_E_NOMEM when they failed. */
int lepton__fuse_report(const struct lepton_fuse_help *help, struct lepton__buffer *line,
	struct lepton__buffer *json, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
