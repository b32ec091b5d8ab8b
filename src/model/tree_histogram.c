/* model/tree_histogram.c - the training bytes by feature, and counting them into bins.
 *
 * A feature's histogram fits the first-level cache and its column the second, so counting goes feature by
 * feature. Nodes of few samples touch few bins: `used` lets the split search and the clearing see only those.
 */
#include "config.h"
#include "model/tree.h"
#include "base/memory.h"

#define TILE 64 /* rows turned at a time: a tile's lines stay in the cache */

int lepton__columns_allocate(struct lepton__columns *columns, struct lepton_error *err)
{
	int code = columns->numbers ? lepton__columns_allocate_cuts(columns, err) : LEPTON_OK;
	if (code)
		return code;
	columns->byte = lepton__aligned((size_t)columns->features, (size_t)columns->rows);
	columns->varying = lepton__calloc((size_t)columns->features, sizeof *columns->varying);
	columns->varying_count = columns->done = 0;
	if (columns->byte && columns->varying)
		return LEPTON_OK;
	lepton__columns_free(columns);
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %lld bytes of features",
		(long long)(columns->features * columns->rows));
}

void lepton__columns_free(struct lepton__columns *columns)
{
	lepton__free(columns->byte);
	lepton__free(columns->varying);
	lepton__free(columns->cut);
	lepton__free(columns->cuts);
	lepton__free(columns->sorted);
	columns->byte = NULL;
	columns->varying = columns->cuts = NULL;
	columns->cut = NULL;
	columns->sorted = NULL;
}

void lepton__columns_done(struct lepton__columns *columns, int to)
{
	for (int f = columns->done; f < to; f++) {
		const uint8_t *column = columns->byte + f * columns->rows;
		uint8_t different = 0;
		for (int64_t r = 1; r < columns->rows; r++)
			different |= column[r] ^ column[0];
		if (different)
			columns->varying[columns->varying_count++] = f;
	}
	columns->done = to;
}

void lepton__columns_turn(struct lepton__columns *columns, const uint8_t *pixels, int to)
{
	int from = columns->done;
	int64_t rows = columns->rows;
	for (int64_t tile = 0; tile < rows; tile += TILE) {
		int64_t end = tile + TILE < rows ? tile + TILE : rows;
		for (int f = from; f < to; f++)
			for (int64_t r = tile; r < end; r++)
				columns->byte[f * rows + r] = pixels[r * columns->features + f];
	}
	lepton__columns_done(columns, to);
}

void lepton__histogram_classes(const struct lepton__crowd *crowd, const uint8_t *column, int classes,
	uint32_t *cells, uint64_t used[LEPTON__USED])
{
	for (int64_t i = 0; i < crowd->count; i++) {
		unsigned bin = column[crowd->sample[i]];
		cells[bin * (unsigned)classes + crowd->label[i]]++;
		used[bin / 64] |= (uint64_t)1 << bin % 64;
	}
}

/* Both sums of a bin at once; the count lies behind them. */
typedef int64_t pair __attribute__((vector_size(16), aligned(8), may_alias));

static inline void add(struct lepton__bin *bin, pair gradient)
{
	*(pair *)(void *)bin += gradient;
	bin->n++;
}

void lepton__histogram_gradients(const struct lepton__crowd *crowd, const uint8_t *column,
	struct lepton__bin *cells, uint64_t used[LEPTON__USED])
{
	for (int64_t i = 0; i < crowd->count; i++) {
		unsigned bin = column[crowd->sample[i]];
		add(&cells[bin], *(const pair *)(const void *)&crowd->gradient[i]);
		used[bin / 64] |= (uint64_t)1 << bin % 64;
	}
}

/* Where most samples share a bin, as in a column of zeros, each addition waits for the one before: those of
 * other columns fill the time. A sample and its gradient are read once for all of them. */
void lepton__histogram_gradients_abreast(const struct lepton__crowd *crowd,
	const uint8_t *const column[LEPTON__ABREAST], struct lepton__bin *cells)
{
	const uint8_t *a = column[0], *b = column[1], *c = column[2], *d = column[3];
	struct lepton__bin *second = cells + LEPTON__BINS, *third = second + LEPTON__BINS,
			   *fourth = third + LEPTON__BINS;
	for (int64_t i = 0; i < crowd->count; i++) {
		uint32_t sample = crowd->sample[i];
		pair gradient = *(const pair *)(const void *)&crowd->gradient[i];
		add(&cells[a[sample]], gradient);
		add(&second[b[sample]], gradient);
		add(&third[c[sample]], gradient);
		add(&fourth[d[sample]], gradient);
	}
}

void lepton__histogram_used(const struct lepton__bin *cells, uint64_t used[LEPTON__USED])
{
	for (int bin = 0; bin < LEPTON__BINS; bin++)
		used[bin / 64] |= (uint64_t)(cells[bin].n > 0) << bin % 64;
}

void lepton__histogram_subtract_classes(uint32_t *parent, const uint32_t *child, int classes)
{
	for (int i = 0; i < LEPTON__BINS * classes; i++)
		parent[i] -= child[i];
}

void lepton__histogram_subtract_gradients(struct lepton__bin *parent, const struct lepton__bin *child)
{
	for (int i = 0; i < LEPTON__BINS; i++) {
		parent[i].g -= child[i].g;
		parent[i].h -= child[i].h;
		parent[i].n -= child[i].n;
	}
}
