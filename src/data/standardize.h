/* data/standardize.h - mean and standard deviation of a column, in one pass. */
#ifndef LEPTON_DATA_STANDARDIZE_H
#define LEPTON_DATA_STANDARDIZE_H

#include <stdint.h>

struct lepton__moments { /* zeroed: of no values */
	int64_t n;
	double mean, squares; /* the sum of squared distances from the mean */
};

void lepton__moments_add(struct lepton__moments *moments, double value);
void lepton__moments_add_zeros(struct lepton__moments *moments, int64_t n);
/* The standard deviation of all of them (dividing by n, as scikit-learn's StandardScaler); 1 where it says nothing:
 * for values that are all the same, or differ only by what rounding leaves. */
double lepton__moments_scale(const struct lepton__moments *moments);

#endif
