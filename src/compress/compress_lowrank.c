/* compress/compress_lowrank.c - a layer as the product of two thin ones.
 *
 * A kernel of m × n numbers is m·r + r·n numbers when its rank is r, and the matrix of rank r nearest to it,
 * in squared error, is made of its r largest singular values (Eckart, Young, "The approximation of one matrix
 * by another of lower rank", 1936; for networks Denton et al., "Exploiting linear structure within
 * convolutional networks", 2014). A kernel of a convolution is a matrix too: a column is a filter. Each
 * factor gets the square root of the singular values, so that an error in one weighs as much as in the other.
 * r is given, or the least that keeps a share of the sum of squares; a tensor that two factors would not make
 * smaller stays whole.
 */
#include "config.h"
#include "compress/methods.h"
#include "compress/product.h"
#include "compress/stages.h"
#include "compress/svd.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>

static const struct lepton_option options[] = {LEPTON__LOWRANK_OPTIONS, LEPTON__OPTIONS_END};

static int64_t rank_for(const struct lepton__svd *svd, int64_t given, double energy)
{
	double whole = 0, kept = 0;
	int64_t rank = 0;
	if (given)
		return given < svd->count ? given : svd->count;
	for (int64_t k = 0; k < svd->count; k++)
		whole += svd->value[k] * svd->value[k];
	while (rank < svd->count && kept < energy * whole) {
		kept += svd->value[rank] * svd->value[rank];
		rank++;
	}
	return rank ? rank : 1;
}

/* Both factors in one piece of memory, the left one first. */
static float *factors(const struct lepton__svd *svd, struct lepton__grid grid, int64_t rank)
{
	float *left = lepton__calloc((size_t)(rank * (grid.rows + grid.columns)), sizeof *left);
	float *right = left ? left + rank * grid.rows : NULL;
	for (int64_t k = 0; k < rank && left; k++) {
		double root = sqrt(svd->value[k]);
		for (int64_t row = 0; row < grid.rows; row++)
			left[row * rank + k] = (float)(root * svd->left[k * grid.rows + row]);
		for (int64_t column = 0; column < grid.columns; column++)
			right[k * grid.columns + column] =
				(float)(root * svd->right[k * grid.columns + column]);
	}
	return left;
}

static int split(struct lepton__stages *stages, size_t i, int64_t given, double energy, int64_t *rank,
	struct lepton_error *err)
{
	const struct lepton_tensor *tensor = lepton_params_at(stages->weights, i);
	struct lepton__grid grid = lepton__grid_of(&tensor->shape);
	struct lepton__plan *plan = &stages->plans[i];
	struct lepton__svd svd;
	int code = lepton__svd(grid, tensor->data, &svd, err);
	if (code) {
		lepton_error_prefix(err, "%s", tensor->name);
		return code;
	}
	*rank = rank_for(&svd, given, energy);
	if (*rank * (grid.rows + grid.columns) < grid.rows * grid.columns) {
		stages->books[i] = factors(&svd, grid, *rank);
		if (!stages->books[i])
			code = lepton_error_set(
				err, LEPTON_E_NOMEM, "no memory for the factors of %s", tensor->name);
		plan->coding = LEPTON__CODE_PRODUCT;
		plan->rank = *rank;
		plan->left = stages->books[i];
		plan->right = code ? NULL : plan->left + *rank * grid.rows;
	} else {
		*rank = 0;
	}
	lepton__svd_free(&svd);
	return code;
}

int lepton__stage_lowrank(struct lepton__stages *stages, struct lepton_error *err)
{
	int64_t given = (int64_t)lepton_options_number(stages->options, stages->settings, "rank");
	double energy = lepton_options_number(stages->options, stages->settings, "energy");
	int code = LEPTON_OK;
	if (given && lepton_options_given(stages->settings, "energy"))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"compress lowrank: \"rank\" and \"energy\" both say how much is kept: leave one out");
	for (size_t i = 0; i < lepton_params_count(stages->weights) && !code; i++) {
		const struct lepton_tensor *tensor = lepton_params_at(stages->weights, i);
		int64_t rank;
		if (lepton__stage_spares(tensor))
			continue;
		code = split(stages, i, given, energy, &rank, err);
		if (!code && rank)
			lepton__stage_says(stages, "%s of rank %lld", tensor->name, (long long)rank);
		else if (!code)
			lepton__stage_says(stages, "%s whole", tensor->name);
	}
	return code;
}

LEPTON__ROW(lowrank, "lowrank", "each kernel as the product of two thin matrices", options,
	lepton__stage_lowrank);
