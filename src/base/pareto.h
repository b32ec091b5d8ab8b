/* base/pareto.h - which of several things no other beats in cost and in quality both. */
#ifndef LEPTON_BASE_PARETO_H
#define LEPTON_BASE_PARETO_H

#include <stdbool.h>
#include <stddef.h>

struct lepton__offer {
	double cost, good; /* less, more is better; a good of NaN is no offer */
	bool front;        /* set: nothing is as good for less, nor better for as much; of equals all are */
};

void lepton__pareto(struct lepton__offer *offers, size_t count);

#endif
