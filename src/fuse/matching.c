/* fuse/matching.c - weight matching: the units of one network put in the order of another's.
 *
 * Two networks trained from different beginnings may have learned much the same units in another order.
 * Ainsworth, Hayase and Srinivasa (Git Re-Basin: Merging models modulo permutation symmetries, ICLR 2023)
 * put one network's units in the order of the other's: weight matching, their algorithm 1. For one hidden
 * layer, with the others held, the best order is a linear assignment: unit i of the first and unit j of the
 * second gain the dot product of all they read with and all that reads them. Layer after layer, until none
 * gains: each step raises the same bounded sum, so it ends. No data is needed.
 *
 * The first sweep goes from the input up, whose order is fixed and thus a good anchor; the later ones in
 * random order.
 */
#include "config.h"
#include "fuse/matching.h"
#include "fuse/assignment.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define UNITS_MAX 16384 /* 2 GB of gains, and hours of matching */
#define RISE 1e-9       /* of a sum, that counts as more than rounding */

/* What unit i of a and unit j of b have in common in what they read. */
static void gain_of_reading(size_t rows, size_t units, const float *a, const float *b, double *gain)
{
	for (size_t r = 0; r < rows; r++, a += units, b += units)
		for (size_t i = 0; i < units; i++) {
			const double with = (double)a[i];
			double *to = gain + i * units;
			for (size_t j = 0; j < units; j++)
				to[j] += with * (double)b[j];
		}
}

/* And in what the next layer makes of them. */
static void gain_of_being_read(const struct lepton__link *next, const float *a, const float *b, double *gain)
{
	const size_t in = next->in, units = next->units;
	for (size_t at = 0; at < next->rows; at += in, a += in * units, b += in * units)
		for (size_t i = 0; i < in; i++)
			for (size_t j = 0; j < in; j++) {
				const float *x = a + i * units, *y = b + j * units;
				double sum = 0;
				for (size_t k = 0; k < units; k++)
					sum += (double)x[k] * (double)y[k];
				gain[i * in + j] += sum;
			}
}

static const float *values(const struct lepton_params *params, size_t t)
{
	return lepton_params_at(params, t)->data;
}

/* Put one layer of `other` in the best order; *rose tells whether that was another one. */
static int match_layer(struct lepton__matching *m, size_t layer, const struct lepton_params *first,
	struct lepton_params *other, bool *rose, struct lepton_error *err)
{
	const struct lepton__link *own = &m->chain.links[layer], *next = own + 1;
	const size_t n = own->units;
	memset(m->gain, 0, n * n * sizeof *m->gain);
	gain_of_reading(own->rows, n, values(first, own->kernel), values(other, own->kernel), m->gain);
	if (own->bias != SIZE_MAX)
		gain_of_reading(1, n, values(first, own->bias), values(other, own->bias), m->gain);
	gain_of_being_read(next, values(first, next->kernel), values(other, next->kernel), m->gain);
	int code = lepton__assign(n, m->gain, m->from, err);
	double before = 0, after = 0;
	for (size_t i = 0; i < n && !code; i++) {
		before += m->gain[i * n + i];
		after += m->gain[i * n + m->from[i]];
	}
	if (code || !(after > before + RISE * (fabs(before) + fabs(after))))
		return code;
	for (size_t i = 0; i < n; i++)
		m->moved += m->from[i] != i;
	lepton__chain_permute(&m->chain, layer, m->from, other, m->room);
	*rose = true;
	return LEPTON_OK;
}

static void shuffle(struct lepton__matching *m, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = lepton__rng_below(&m->rng, (uint32_t)i), kept = m->order[i - 1];
		m->order[i - 1] = m->order[j];
		m->order[j] = kept;
	}
}

int lepton__match_units(struct lepton__matching *m, const struct lepton_params *first,
	struct lepton_params *other, struct lepton_error *err)
{
	const size_t hidden = m->chain.count - 1;
	bool rose = true;
	int code = LEPTON_OK;
	for (size_t l = 0; l < hidden; l++)
		m->order[l] = l;
	for (size_t sweep = 0; sweep < m->sweeps_most && rose && !code; sweep++) {
		rose = false;
		if (sweep)
			shuffle(m, hidden);
		for (size_t l = 0; l < hidden && !code; l++)
			code = m->go_on && !m->go_on(m->context)
				       ? lepton_error_set(
						 err, LEPTON_E_CANCELED, "given up while units were matched")
				       : match_layer(m, m->order[l], first, other, &rose, err);
		m->sweeps++;
	}
	return code;
}

int lepton__matching_init(struct lepton__matching *m, const struct lepton_params *params, uint64_t seed,
	size_t sweeps, struct lepton_error *err)
{
	*m = (struct lepton__matching){.sweeps_most = sweeps};
	lepton__rng_init(&m->rng, seed, 0);
	int code = lepton__chain_read(params, &m->chain, err);
	if (code)
		return code;
	for (size_t l = 0; l + 1 < m->chain.count; l++)
		m->widest = m->chain.links[l].units > m->widest ? m->chain.links[l].units : m->widest;
	if (m->widest > UNITS_MAX)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"a layer of %zu units takes too long to match; at most %d", m->widest, UNITS_MAX);
	m->gain = lepton__calloc(m->widest * m->widest, sizeof *m->gain);
	m->from = lepton__calloc(m->widest, sizeof *m->from);
	m->order = lepton__calloc(m->chain.count, sizeof *m->order);
	m->room = lepton__calloc(lepton__chain_room(&m->chain), sizeof *m->room);
	if (!m->gain || !m->from || !m->order || !m->room)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to match %zu units", m->widest);
	return LEPTON_OK;
}

void lepton__matching_free(struct lepton__matching *m)
{
	lepton__free(m->gain);
	lepton__free(m->from);
	lepton__free(m->order);
	lepton__free(m->room);
	lepton__chain_free(&m->chain);
}
