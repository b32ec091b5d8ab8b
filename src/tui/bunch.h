/* tui/bunch.h - the list in bunches: versions under headers, which can be folded.
 *
 * The list's rows are made anew before each frame from what is shown, in its order. A row is an index of a version,
 * or, below zero, a header: so is what is selected, an id of a version or a header's.
 */
#ifndef LEPTON_TUI_BUNCH_H
#define LEPTON_TUI_BUNCH_H

#include "lepton/run.h"

enum lepton__grouping { LEPTON__UNGROUPED, LEPTON__BY_TAG, LEPTON__BY_NAME, LEPTON__BY_LEARNER, LEPTON__BY_STATE, LEPTON__BY_PARENT,
	LEPTON__GROUPINGS };
extern const char *const lepton__grouping_names[LEPTON__GROUPINGS]; /* "tag", … */

struct lepton__bunch {
	char name[LEPTON_NAME_MAX]; /* "" for those that have none */
	int rank;                   /* lower ones stand first, then by name */
	bool folded;
	size_t shown; /* members among what is shown */
};
struct lepton__bunches {
	enum lepton__grouping by;
	struct lepton__bunch *items; /* never fewer, so that a header stays the same one */
	size_t count, capacity;
};

struct lepton__dash;
/* The header of a bunch as a row and as what is selected; and back. */
static inline long lepton__bunch_row(size_t bunch)
{
	return -1 - (long)bunch;
}
static inline bool lepton__is_header(int64_t row_or_id)
{
	return row_or_id < 0;
}
static inline size_t lepton__bunch_at(int64_t row_or_id)
{
	return (size_t)(-1 - row_or_id);
}

/* Put each version that is shown into its bunch (before sorting): false without memory. */
bool lepton__bunches_assign(struct lepton__dash *dash);
/* Of two versions' bunches: <0, 0, >0. */
int lepton__bunches_compare(const struct lepton__dash *dash, size_t a, size_t b);
/* dash->rows out of the order: false without memory. */
bool lepton__bunches_rows(struct lepton__dash *dash);
void lepton__bunches_set(struct lepton__dash *dash, enum lepton__grouping by);
void lepton__bunches_free(struct lepton__bunches *bunches);

struct lepton__bunch_sum {
	size_t versions, running, marked;
	double rate, best_accuracy, best_loss; /* NaN where unknown; of validation where there is such, else of training */
};
struct lepton__bunch_sum lepton__bunch_sum(const struct lepton__dash *dash, size_t bunch);

#endif
