/* fuse/barrier.c - the loss on the straight line between two versions, and how high it rises.
 *
 * Two networks whose mean is as good as they are lie in one valley of the loss; where the loss rises between
 * them, no method that mixes their weights can do well. How far it rises is the barrier: the most that the
 * loss at (1 - t)·A + t·B exceeds the straight line between the losses of A and B, over t from 0 to 1. This
 * is the definition of Entezari, Sedghi, Saukh and Neyshabur (The role of permutation invariance in linear
 * mode connectivity of neural networks, ICLR 2022). Frankle, Dziugaite, Roy and Carbin (Linear mode
 * connectivity and the lottery ticket hypothesis, ICML 2020) and Ainsworth, Hayase and Srinivasa (Git
 * Re-Basin, ICLR 2023) take the mean of the two losses instead of the line between them; for ends that are
 * equally good it is the same, and for others the line does not count as a barrier what is only the way up to
 * the worse end.
 *
 * It is measured twice: with the weights as they are, and with B's units put in A's order (matching.c), which
 * changes nothing in what B computes but much in what lies between. All tensors are mixed alike, the moving
 * statistics of BatchNormalization too. Each point is scored by the caller, on data that is the caller's.
 */
#include "config.h"
#include "fuse/barrier.h"
#include "fuse/matching.h"
#include "fuse/methods.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

const struct lepton_option lepton_barrier_options[] = {
	{"points", LEPTON_OPTION_INTEGER, 11, LEPTON_BARRIER_POINTS_MIN, LEPTON_BARRIER_POINTS_MAX, NULL,
		"along the line, both ends among them"},
	{"split", LEPTON_OPTION_CHOICE, 0, 0, 0, "validation|test", "which samples are scored"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static void find_barrier(struct lepton_line *line, size_t points)
{
	const double first = line->loss[0], last = line->loss[points - 1];
	line->barrier = 0; /* both ends lie on the line */
	line->top = 0;
	for (size_t i = 0; i < points && !isnan(line->barrier); i++) {
		const double t = (double)i / (double)(points - 1),
			     rise = line->loss[i] - ((1 - t) * first + t * last);
		bool end = i == 0 || i + 1 == points; /* what differs there is rounding */
		if (isnan(rise) || (rise > line->barrier && !end)) {
			line->barrier = rise;
			line->top = i;
		}
	}
}

struct work {
	const struct lepton_fuse_help *help;
	bool (*go_on)(void *context);
	size_t points;
};

static int measure_line(const struct work *w, const struct lepton_fuse_parent ends[2],
	struct lepton_line *line, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < w->points && !code; i++) {
		const double t = (double)i / (double)(w->points - 1), shares[2] = {1 - t, t};
		struct lepton_params *between; /* a new one each time: who scores it may keep it */
		if (w->go_on && !w->go_on(w->help->context))
			return lepton_error_set(err, LEPTON_E_CANCELED, "given up at t = %g", t);
		code = lepton__fuse_blend(ends, 2, shares, &between, err);
		if (code)
			break;
		code = w->help->evaluate(w->help->context, between, &line->loss[i], &line->accuracy[i], err);
		lepton_params_release(between);
	}
	if (!code)
		find_barrier(line, w->points);
	return code;
}

/* A copy of B's weights in A's order; NULL where there is none, and out->unmatched says why. */
static int match(const struct work *w, const struct lepton_fuse_parent ends[2], struct lepton_barrier *out,
	struct lepton_params **other, struct lepton_error *err)
{
	struct lepton__matching m;
	struct lepton_error why = {0};
	int code = lepton__matching_init(
		&m, ends[0].weights, LEPTON__MATCHING_SEED, LEPTON__MATCHING_SWEEPS, &why);
	m.go_on = w->go_on;
	m.context = w->help->context;
	if (code == LEPTON_E_UNSUPPORTED) {
		lepton__copy_name(out->unmatched, sizeof out->unmatched, why.message);
		code = LEPTON_OK;
	} else if (code) {
		lepton_error_set(err, code, "barrier: %s", why.message);
	} else {
		code = lepton_params_copy(ends[1].weights, other, err);
		if (!code)
			code = lepton__match_units(&m, ends[0].weights, *other, err);
		out->sweeps = m.sweeps;
		out->moves = m.moved;
	}
	lepton__matching_free(&m);
	return code;
}

int lepton_barrier_measure(const struct lepton_fuse_parent ends[2], size_t points,
	const struct lepton_fuse_help *help, bool (*go_on)(void *context), struct lepton_barrier *out,
	struct lepton_error *err)
{
	const struct work w = {help, go_on, points};
	struct lepton_params *other = NULL;
	*out = (struct lepton_barrier){.points = points};
	if (points < LEPTON_BARRIER_POINTS_MIN || points > LEPTON_BARRIER_POINTS_MAX)
		return lepton_error_set(err, LEPTON_E_USAGE, "barrier: it takes %d to %d points, not %zu",
			LEPTON_BARRIER_POINTS_MIN, LEPTON_BARRIER_POINTS_MAX, points);
	if (!help || !help->evaluate)
		return lepton_error_set(err, LEPTON_E_STATE,
			"barrier: it scores what lies between two versions, and no one does that here");
	int code = lepton__fuse_check(ends, 2, "barrier", err);
	if (!code)
		code = measure_line(&w, ends, &out->before, err);
	if (!code)
		code = match(&w, ends, out, &other, err);
	if (!code && other) {
		const struct lepton_fuse_parent matched[2] = {
			ends[0], {.name = ends[1].name, .weights = other}};
		code = measure_line(&w, matched, &out->after, err);
	}
	lepton_params_release(other);
	return code;
}
