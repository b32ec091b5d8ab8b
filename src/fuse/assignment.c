/* fuse/assignment.c - the linear assignment problem by shortest augmenting paths.
 *
 * The Hungarian method (Kuhn, 1955) in the form of Jonker and Volgenant (A shortest augmenting path
 * algorithm for dense and sparse linear assignment problems, Computing 38, 1987), without their start
 * heuristics. Rows are assigned one by one. Each looks, as Dijkstra does, for the cheapest way to a free
 * column over columns that are taken, whose rows then move along that way. Row and column prices keep all
 * reduced costs at 0 or above, so each step's way is shortest, and after the last row the assignment is
 * the best: n searches of n² at most.
 *
 * Index n stands for the row being assigned ("no column yet"), as a column that row holds.
 */
#include "config.h"
#include "fuse/assignment.h"
#include "base/memory.h"

#include <math.h>
#include <stdbool.h>

struct search {
	size_t n;
	const double *gain;
	double *row_price, *column_price; /* n, n + 1 */
	double *distance;                 /* to each column, so far */
	size_t *row_of, *before; /* of each column: its row (n: free), the column before it on the way */
	bool *reached;
};

/* Go on from the column just reached: its row looks at all others. Returns the nearest not reached. */
static size_t look_on(struct search *s, size_t from)
{
	const size_t n = s->n, row = s->row_of[from];
	const double *gain = s->gain + row * n;
	double least = INFINITY;
	size_t nearest = n;
	s->reached[from] = true;
	for (size_t j = 0; j < n; j++) {
		if (s->reached[j])
			continue;
		double reduced = -gain[j] - s->row_price[row] - s->column_price[j];
		if (reduced < s->distance[j]) {
			s->distance[j] = reduced;
			s->before[j] = from;
		}
		if (s->distance[j] < least) {
			least = s->distance[j];
			nearest = j;
		}
	}
	return nearest;
}

/* All that was reached comes nearer by `by`, in prices; what was not, in distance. */
static void reprice(struct search *s, double by)
{
	for (size_t j = 0; j <= s->n; j++) {
		if (s->reached[j]) {
			s->row_price[s->row_of[j]] += by;
			s->column_price[j] -= by;
		} else if (j < s->n) {
			s->distance[j] -= by;
		}
	}
}

static void assign_row(struct search *s, size_t row)
{
	const size_t n = s->n;
	size_t at = n;
	s->row_of[n] = row;
	for (size_t j = 0; j <= n; j++) {
		s->distance[j] = INFINITY;
		s->reached[j] = false;
		s->before[j] = n;
	}
	do {
		at = look_on(s, at);
		reprice(s, s->distance[at]);
	} while (s->row_of[at] != n);
	while (at != n) { /* everyone on the way moves one column along */
		s->row_of[at] = s->row_of[s->before[at]];
		at = s->before[at];
	}
}

static int solve(struct search *s, size_t *column, struct lepton_error *err)
{
	const size_t n = s->n;
	if (!s->row_price || !s->row_of || !s->reached)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to match %zu units", n);
	for (size_t j = 0; j < n; j++)
		s->row_of[j] = n;
	for (size_t i = 0; i < n; i++)
		assign_row(s, i);
	for (size_t j = 0; j < n; j++)
		column[s->row_of[j]] = j;
	return LEPTON_OK;
}

int lepton__assign(size_t n, const double *gain, size_t *column, struct lepton_error *err)
{
	if (n == 0)
		return LEPTON_OK;
	struct search s = {.n = n, .gain = gain};
	s.row_price = lepton__calloc(n + 1, 3 * sizeof *s.row_price);
	s.row_of = lepton__calloc(n + 1, 2 * sizeof *s.row_of);
	s.reached = lepton__calloc(n + 1, sizeof *s.reached);
	if (s.row_price) {
		s.column_price = s.row_price + n + 1;
		s.distance = s.column_price + n + 1;
	}
	if (s.row_of)
		s.before = s.row_of + n + 1;
	int code = solve(&s, column, err);
	lepton__free(s.row_price);
	lepton__free(s.row_of);
	lepton__free(s.reached);
	return code;
}
