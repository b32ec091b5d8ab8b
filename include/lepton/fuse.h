/* lepton/fuse.h - several versions into one.
 *
 * One file a method; fuse.c holds the table. Parents' weights are read only; the result is new.
 */
#ifndef LEPTON_FUSE_H
#define LEPTON_FUSE_H

#include "lepton/option.h"
#include "lepton/tensor.h"

struct lepton_fuse_parent {
	const char *name;
	const struct lepton_params *weights;
	double val_loss; /* NaN when unknown */
	int64_t samples; /* it was trained on */
};

struct lepton_fuser {
	const char *name;    /* "average", "weighted" */
	const char *summary; /* one line */
	const struct lepton_option *options;
	int (*fuse)(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
			struct lepton_params **out, struct lepton_error *err);
};

LEPTON_API const struct lepton_fuser *const *lepton_fusers(void); /* NULL-terminated table */
LEPTON_API int lepton_fuser_find(const char *name, const struct lepton_fuser **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Checks: at least two parents, settings, equal names and shapes (LEPTON_E_SHAPE says which parents differ
 * in which tensor), finite weights. */
LEPTON_API int lepton_fuse(const char *method, const struct lepton_fuse_parent *parents, size_t count,
		const char *settings, struct lepton_params **out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
