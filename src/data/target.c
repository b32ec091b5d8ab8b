/* data/target.c - what is to be learned: a class, or a number.
 *
 * 1, 1.0 and 01 are one class: a number is written the shortest way before it is looked up.
 */
#include "config.h"
#include "data/plan.h"
#include "data/number.h"
#include "data/table_file.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static int find_cell(const struct lepton__plan *plan, const struct lepton__rows *rows,
	const struct lepton__cell **out, enum lepton__cell_kind *kind, double *value,
	struct lepton_error *err)
{
	const char *name = lepton__plan_name(plan, plan->target);
	*out = NULL;
	for (int i = 0; i < rows->count && !*out; i++)
		if (rows->cell[i].column == plan->target)
			*out = &rows->cell[i];
	*kind = *out ? lepton__number_read((*out)->text, (*out)->length, value) : LEPTON__CELL_MISSING;
	if (*kind == LEPTON__CELL_MISSING)
		return lepton__rows_fault(rows, name, err, "the target is missing; leave such rows out");
	if (*kind == LEPTON__CELL_OUT_OF_RANGE)
		return lepton__rows_fault(rows, name, err, "a target that is no number float32 holds");
	return LEPTON_OK;
}

int lepton__target_class(struct lepton__plan *plan, const struct lepton__rows *rows, bool add, int *class,
	struct lepton_error *err)
{
	const struct lepton__cell *cell;
	const char *name = lepton__plan_name(plan, plan->target);
	enum lepton__cell_kind kind;
	double value;
	char number[40];
	int code = find_cell(plan, rows, &cell, &kind, &value, err);
	if (code)
		return code;
	const char *text = cell->text;
	size_t length = cell->length;
	if (kind == LEPTON__CELL_NUMBER) {
		length = (size_t)snprintf(number, sizeof number, "%.15g", value + 0.0); /* no -0 */
		text = number;
	} else if (length > LEPTON__WORD_MAX || !lepton__utf8_valid(text, length)) {
		return lepton__rows_fault(rows, name, err, "no name of a class: too long, or not UTF-8");
	}
	*class = lepton__words_find(&plan->classes, text, length);
	if (*class < 0 && !add)
		return lepton__rows_fault(rows, name, err, "\"%.*s\" is no class of the training data",
			(int)(length < 40 ? length : 40), text);
	if (*class < 0 && plan->classes.count == LEPTON__CLASSES_MOST)
		return lepton__rows_fault(rows, name, err,
			"more than %d different classes; for a target that is a quantity set \"task\": "
			"\"regression\"",
			LEPTON__CLASSES_MOST);
	return *class < 0 ? lepton__words_add(&plan->classes, text, length, class, err) : LEPTON_OK;
}

int lepton__target_number(const struct lepton__plan *plan, const struct lepton__rows *rows, double *value,
	struct lepton_error *err)
{
	const struct lepton__cell *cell;
	enum lepton__cell_kind kind;
	int code = find_cell(plan, rows, &cell, &kind, value, err);
	if (!code && kind != LEPTON__CELL_NUMBER)
		code = lepton__rows_fault(rows, lepton__plan_name(plan, plan->target), err,
			"\"%.*s\" is no number; for classes leave \"task\" out",
			(int)(cell->length < 40 ? cell->length : 40), cell->text);
	return code;
}

int lepton__target_check(const struct lepton__plan *plan, const char *path, struct lepton_error *err)
{
	if (plan->regression || plan->classes.count >= 2)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_DATA,
		"%.*s: all rows are of one class, \"%.60s\" in column \"%.60s\"; is it the right \"target\"?",
		LEPTON__PATH_SHOWN, path, plan->classes.count ? plan->classes.word[0] : "",
		lepton__plan_name(plan, plan->target));
}
