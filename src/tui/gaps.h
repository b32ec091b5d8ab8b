/* tui/gaps.h - where a growing series has values that are no numbers, as runs of them. */
#ifndef LEPTON_TUI_GAPS_H
#define LEPTON_TUI_GAPS_H

#include "lepton/error.h"
#include <stddef.h>

struct lepton__gap {
	size_t from, to; /* [from, to) */
};

struct lepton__gaps {
	struct lepton__gap *items; /* in order, never touching */
	size_t count, capacity;
	size_t looked_at; /* values */
};

/* The series is now these values: the first `looked_at` as before, more behind. Fewer: starts over. */
int lepton__gaps_update(struct lepton__gaps *gaps, const float *values, size_t count, struct lepton_error *err)
		LEPTON_MUST_CHECK;
void lepton__gaps_free(struct lepton__gaps *gaps);

#endif
