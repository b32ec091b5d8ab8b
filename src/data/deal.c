/* data/deal.c - a table's rows dealt to training and test.
 *
 * The rule, which must never change, for figures of old and new runs are compared: the rows of class k, in
 * the file's order, are shuffled by lepton_epoch_order(seed, k), and the first floor(n · share + ½) of these
 * n rows, but never all, are for the test. Rows without classes are one class, 0. Test rows stay in the
 * file's order. Training rows are shuffled by lepton_epoch_order(seed, 256), since tables often lie sorted,
 * and the validation split is the last part of them.
 */
#include "config.h"
#include "data/deal.h"
#include "base/memory.h"
#include "lepton/data.h"

#include <math.h>
#include <string.h>

#define TRAINING_ORDER 256 /* past any class */

void lepton__deal_free(struct lepton__deal *deal)
{
	lepton__free(deal->place);
	lepton__free(deal->test);
	*deal = (struct lepton__deal){0};
}

static int64_t rows_of(int64_t n, const uint8_t *label, int class, uint32_t *rows)
{
	int64_t count = 0;
	for (int64_t i = 0; i < n; i++)
		if (!label || label[i] == class)
			rows[count++] = (uint32_t)i;
	return count;
}

static void choose_test(struct lepton__deal *deal, const uint32_t *rows, uint32_t *order, int64_t count,
	double share, uint64_t seed, int class)
{
	int64_t wanted = (int64_t)floor((double)count * share + 0.5);
	lepton_epoch_order(seed, class, order, count);
	for (int64_t i = 0; i < wanted && i < count - 1; i++)
		deal->test[rows[order[i]]] = 1;
}

static void place_rows(struct lepton__deal *deal, int64_t n, uint32_t *rows, uint32_t *order, uint64_t seed)
{
	for (int64_t i = 0; i < n; i++) {
		if (deal->test[i])
			deal->place[i] = (uint32_t)deal->test_count++;
		else
			rows[deal->train_count++] = (uint32_t)i;
	}
	lepton_epoch_order(seed, TRAINING_ORDER, order, deal->train_count);
	for (int64_t i = 0; i < deal->train_count; i++)
		deal->place[rows[order[i]]] = (uint32_t)i;
}

int lepton__deal(int64_t n, const uint8_t *label, int classes, double share, uint64_t seed,
	struct lepton__deal *out, struct lepton_error *err)
{
	uint32_t *rows = lepton__calloc((size_t)n, sizeof *rows),
		 *order = lepton__calloc((size_t)n, sizeof *order);
	*out = (struct lepton__deal){.place = lepton__calloc((size_t)n, sizeof *out->place),
		.test = lepton__calloc((size_t)n, sizeof *out->test)};
	bool failed = !rows || !order || !out->place || !out->test;
	if (!failed) {
		for (int c = 0; share > 0 && c < (label ? classes : 1); c++)
			choose_test(out, rows, order, rows_of(n, label, c, rows), share, seed, c);
		place_rows(out, n, rows, order, seed);
	}
	lepton__free(rows);
	lepton__free(order);
	if (!failed)
		return LEPTON_OK;
	lepton__deal_free(out);
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the order of a table's rows");
}
