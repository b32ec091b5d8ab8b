/* fuse/matching_said.c - matching by what units say: activation matching, of Git Re-Basin.
 *
 * Two units are alike as much as what they say of the same training samples is correlated (Ainsworth, Hayase
 * and Srinivasa, 2023, 3.1, take the product itself, which a unit that speaks louder would sway; the
 * correlation is REPAIR's choice). Each layer is a linear assignment by itself.
 */
#include "config.h"
#include "fuse/assignment.h"
#include "fuse/matching.h"

#include <string.h>

/* gain[i][j]: the correlation of unit i of a with unit j of b; of a unit that says always the same, 0. */
static void correlate(const struct lepton__said *a, const struct lepton__said *b, double *gain)
{
	const int64_t n = a->units;
	memset(gain, 0, (size_t)(n * n) * sizeof *gain);
	for (int64_t row = 0; row < a->rows; row++) {
		const float *x = a->values + row * n, *y = b->values + row * n;
		for (int64_t i = 0; i < n; i++) {
			const double off = (double)x[i] - a->mean[i];
			double *to = gain + i * n;
			for (int64_t j = 0; j < n; j++)
				to[j] += off * ((double)y[j] - b->mean[j]);
		}
	}
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < n; j++) {
			const double both = a->deviation[i] * b->deviation[j] * (double)a->rows;
			gain[i * n + j] = both > 0 ? gain[i * n + j] / both : 0;
		}
}

int lepton__match_units_said(struct lepton__matching *m, const struct lepton__units *first,
	const struct lepton__units *others, struct lepton_params *other, struct lepton_error *err)
{
	for (size_t l = 0; l < first->count; l++) {
		const size_t n = m->chain.links[l].units;
		if (!first->layers[l].rows)
			continue;
		correlate(&first->layers[l], &others->layers[l], m->gain);
		int code = lepton__assign(n, m->gain, m->from, err);
		if (code)
			return code;
		for (size_t i = 0; i < n; i++)
			m->moved += m->from[i] != i;
		lepton__chain_permute(&m->chain, l, m->from, other, m->room);
	}
	m->sweeps++;
	return LEPTON_OK;
}
