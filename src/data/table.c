/* data/table.c - a table read in passes.
 *
 * Survey: how many rows, which columns are words, which classes there are. Deal: which row goes where. Study:
 * means, deviations and categories, of the rows that train alone: neither test nor validation may leak into
 * what a model is given. Encode: each row's numbers into their place. Only the labels are kept from one pass
 * to the next.
 */
#include "config.h"
#include "data/table.h"
#include "data/deal.h"
#include "data/table_file.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

struct table {
	const struct lepton__table_kind *kind;
	const struct lepton_data_options *options;
	struct lepton__plan *plan;
	struct lepton__rows rows;
	int64_t count;
	uint8_t *label; /* of each row; classes numbered as they came */
	size_t label_capacity;
	struct lepton__deal deal;
};

/* ---- memory for a part ---- */

static int check_memory(const struct lepton__plan *plan, int64_t rows, struct lepton_error *err)
{
	double need = (double)rows * plan->features * sizeof(float);
	double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	if (have > 0 && need > have)
		return lepton_error_set(err, LEPTON_E_NOMEM,
			"data: %" PRId64 " rows of %d features take %.1f GB, but this machine has %.1f GB",
			rows, plan->features, need / 1e9, have / 1e9);
	return LEPTON_OK;
}

struct room {
	float *values, *targets;
	uint8_t *labels;
};

static int make_part(const struct lepton__plan *plan, int64_t count, struct lepton__part *part,
	struct room *room, struct lepton_error *err)
{
	uint8_t *values, *answers;
	size_t answer = plan->regression ? sizeof(float) : 1;
	int code = check_memory(plan, count, err);
	if (!code)
		code = lepton__block_new((size_t)count * (size_t)plan->features * sizeof(float) + 1,
			&part->blocks[0], &values, err);
	if (!code)
		code = lepton__block_new((size_t)count * answer + 1, &part->blocks[1], &answers, err);
	if (code)
		return code;
	*room = (struct room){(float *)(void *)values, NULL, NULL};
	if (plan->regression)
		room->targets = (float *)(void *)answers;
	else
		room->labels = answers;
	part->count = count;
	part->values = room->values;
	part->targets = room->targets;
	part->labels = room->labels;
	return LEPTON_OK;
}

/* ---- survey ---- */

static int too_many_rows(const struct lepton__rows *rows, struct lepton_error *err)
{
	return lepton__rows_fault(
		rows, NULL, err, "more rows than the %" PRId64 " there may be", LEPTON__SAMPLES_MAX);
}

static int count_row(struct table *t, struct lepton_error *err)
{
	if (t->count == LEPTON__SAMPLES_MAX)
		return too_many_rows(&t->rows, err);
	t->count++;
	return LEPTON_OK;
}

static int survey_target(struct table *t, struct lepton_error *err)
{
	double number;
	int class, code;
	if (t->plan->regression)
		return lepton__target_number(t->plan, &t->rows, &number, err);
	code = lepton__target_class(t->plan, &t->rows, true, &class, err);
	if (!code && lepton__grow(&t->label, &t->label_capacity, (size_t)t->count, sizeof *t->label))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a table's labels");
	if (!code)
		t->label[t->count - 1] = (uint8_t) class;
	return code;
}

static int sort_classes(struct table *t, struct lepton_error *err)
{
	int to[LEPTON__CLASSES_MOST];
	int code = lepton__words_sort(&t->plan->classes, to, err);
	for (int64_t i = 0; i < t->count && !code && t->label; i++)
		t->label[i] = (uint8_t)to[t->label[i]];
	return code;
}

static int survey(struct table *t, struct lepton_error *err)
{
	bool more = true;
	int code = LEPTON_OK;
	while (!code && !(code = t->rows.next(&t->rows, &more, err)) && more) {
		code = count_row(t, err);
		if (!code)
			code = survey_target(t, err);
		if (!code)
			code = lepton__plan_survey(t->plan, &t->rows, err);
	}
	if (!code && t->count < 1)
		code = lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: there is no row in it but the names of columns", LEPTON__PATH_SHOWN,
			t->rows.path);
	if (!code)
		code = lepton__plan_check(t->plan, t->rows.path, err);
	if (!code)
		code = lepton__target_check(t->plan, t->rows.path, err);
	return code ? code : sort_classes(t, err);
}

/* ---- study ---- */

static int study_row(struct table *t, int64_t *trained, struct lepton_error *err)
{
	double number;
	++*trained;
	int code = lepton__plan_study(t->plan, &t->rows, err);
	if (!code && t->plan->regression) {
		code = lepton__target_number(t->plan, &t->rows, &number, err);
		lepton__moments_add(&t->plan->target_moments, code ? 0 : number);
	}
	return code;
}

static int study(struct table *t, struct lepton_error *err)
{
	int64_t train = lepton__train_count(t->deal.train_count, t->options), trained = 0;
	bool more = true;
	int code = LEPTON_OK;
	lepton__rows_again(&t->rows);
	for (int64_t i = 0; !code && !(code = t->rows.next(&t->rows, &more, err)) && more; i++)
		if (!t->deal.test[i] && t->deal.place[i] < train)
			code = study_row(t, &trained, err);
	if (code)
		return code;
	t->plan->target_mean = t->plan->target_moments.mean;
	t->plan->target_scale = lepton__moments_scale(&t->plan->target_moments);
	return lepton__plan_finish(t->plan, t->rows.path, trained, err);
}

/* ---- encode ---- */

static int encode_row(struct lepton__plan *plan, const struct lepton__rows *rows, const struct room *room,
	int64_t at, bool with_target, struct lepton_error *err)
{
	double number = plan->target_mean;
	int class = 0;
	int code = lepton__plan_encode(plan, rows, room->values + at * plan->features, err);
	if (!code && with_target && plan->regression)
		code = lepton__target_number(plan, rows, &number, err);
	else if (!code && with_target)
		code = lepton__target_class(plan, rows, false, &class, err);
	if (code)
		return code;
	if (!plan->regression) {
		room->labels[at] = (uint8_t) class;
		return LEPTON_OK;
	}
	room->targets[at] = (float)((number - plan->target_mean) / plan->target_scale);
	if (isfinite(room->targets[at]))
		return LEPTON_OK;
	return lepton__rows_fault(rows, lepton__plan_name(plan, plan->target), err,
		"%g is too far from the other targets for float32", number);
}

static int encode(struct table *t, struct lepton__samples *out, struct lepton_error *err)
{
	struct room train, test;
	bool more = true;
	int code = make_part(t->plan, t->deal.train_count, &out->train, &train, err);
	if (!code)
		code = make_part(t->plan, t->deal.test_count, &out->test, &test, err);
	if (code)
		return code;
	lepton__rows_again(&t->rows);
	for (int64_t i = 0; !code && !(code = t->rows.next(&t->rows, &more, err)) && more; i++)
		code = encode_row(
			t->plan, &t->rows, t->deal.test[i] ? &test : &train, t->deal.place[i], true, err);
	return code;
}

/* ---- the whole ---- */

static int count_rows(struct lepton__rows *rows, int64_t *count, struct lepton_error *err)
{
	bool more = true;
	int code = LEPTON_OK;
	*count = 0;
	while (!(code = rows->next(rows, &more, err)) && more) {
		if (*count == LEPTON__SAMPLES_MAX)
			return too_many_rows(rows, err);
		++*count;
	}
	return code;
}

int lepton__table_more(const struct lepton__table_kind *kind, const char *path,
	const struct lepton_data_options *options, struct lepton__plan *plan, bool with_target,
	struct lepton__part *out, struct lepton_error *err)
{
	struct lepton__rows rows = {0};
	struct room room;
	int64_t count = 0;
	bool more = true;
	int code = kind->open(&rows, path, options, plan, true, with_target, err);
	if (!code)
		code = count_rows(&rows, &count, err);
	if (!code && count < 1)
		code = lepton_error_set(
			err, LEPTON_E_DATA, "%.*s: there is no row in it", LEPTON__PATH_SHOWN, path);
	if (!code)
		code = make_part(plan, count, out, &room, err);
	lepton__rows_again(&rows);
	for (int64_t i = 0; i < count && !code && !(code = rows.next(&rows, &more, err)) && more; i++)
		code = encode_row(plan, &rows, &room, i, with_target, err);
	lepton__rows_close(&rows);
	return code;
}

static int read_training(struct table *t, const char *path, double share, struct lepton_error *err)
{
	int code = t->kind->open(&t->rows, path, t->options, t->plan, false, true, err);
	if (!code)
		code = survey(t, err);
	if (!code)
		code = lepton__deal(t->count, t->label, t->plan->classes.count, share, t->options->split_seed,
			&t->deal, err);
	return code ? code : study(t, err);
}

static int read_all(struct table *t, struct lepton__samples *out, struct lepton_error *err)
{
	char *train, *test;
	double share = t->options->test_split > 0 ? t->options->test_split : LEPTON__TEST_SPLIT;
	int code = lepton__table_find(t->options->path, t->kind->extension, false, &train, &test, err);
	if (!code && test && t->options->test_split > 0)
		code = lepton_error_set(err, LEPTON_E_USAGE,
			"data: \"test_split\" is for a single file, but %.*s is a folder with a test of its "
			"own",
			LEPTON__PATH_SHOWN, t->options->path);
	if (!code)
		code = read_training(t, train, test ? 0 : share, err);
	if (!code)
		code = encode(t, out, err);
	if (!code && test) {
		for (int i = 0; i < 2; i++)
			lepton__block_free(&out->test.blocks[i]);
		code = lepton__table_more(t->kind, test, t->options, t->plan, true, &out->test, err);
	}
	lepton__free(train);
	lepton__free(test);
	return code;
}

int lepton__table_open(const struct lepton__table_kind *kind, const struct lepton_data_options *options,
	struct lepton__samples *out, struct lepton_error *err)
{
	out->plan = lepton__calloc(1, sizeof *out->plan);
	if (!out->plan)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a table");
	struct table t = {.kind = kind, .options = options, .plan = out->plan};
	int code = read_all(&t, out, err);
	lepton__rows_close(&t.rows);
	lepton__deal_free(&t.deal);
	lepton__free(t.label);
	out->shape = (struct lepton_shape){1, {out->plan->features}};
	out->classes = out->plan->regression ? 0 : out->plan->classes.count;
	return code;
}
