/* export/export_csv.c - every curve of every version as one long table.
 *
 * One row for each recorded step of a version, in order, with the training figures since the row
 * before. Where an epoch ended, its validation figures stand in the row of that step; if no metric was
 * recorded at that very step, the epoch gets a row of its own with its training means. What is not
 * known is empty. Fields are quoted as RFC 4180 says; lines end in a bare newline, as Unix tools want.
 */
#include "config.h"
#include "export/formats.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

#define HEADER "version,name,step,epoch,seconds,loss,accuracy,val_loss,val_accuracy\n"

static void quoted(struct lepton__buffer *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		lepton__buffer_string(out, text);
		return;
	}
	lepton__buffer_string(out, "\"");
	for (const char *c = text; *c; c++) {
		if (*c == '"')
			lepton__buffer_string(out, "\"");
		lepton__buffer_append(out, c, 1);
	}
	lepton__buffer_string(out, "\"");
}

static void field(struct lepton__buffer *out, double value)
{
	lepton__buffer_string(out, ",");
	if (isfinite(value))
		lepton__json_number(out, value);
}

static void field_float(struct lepton__buffer *out, float value)
{
	lepton__buffer_string(out, ",");
	if (isfinite(value))
		lepton__json_float(out, value);
}

struct row {
	int64_t step;
	double epoch, seconds;
	float loss, accuracy, val_loss, val_accuracy;
};

static void write_row(
	struct lepton__buffer *out, const struct lepton_run_version *version, const struct row *row)
{
	lepton__json_int(out, version->id);
	lepton__buffer_string(out, ",");
	quoted(out, version->name);
	lepton__buffer_string(out, ",");
	lepton__json_int(out, row->step);
	field(out, row->epoch);
	field(out, row->seconds);
	field_float(out, row->loss);
	field_float(out, row->accuracy);
	field_float(out, row->val_loss);
	field_float(out, row->val_accuracy);
	lepton__buffer_string(out, "\n");
}

static struct row metric_row(const struct lepton_history *h, size_t at)
{
	return (struct row){
		h->step[at], h->epoch[at], h->seconds[at], h->loss[at], h->accuracy[at], NAN, NAN};
}

static struct row epoch_row(const struct lepton_epochs *e, size_t at)
{
	return (struct row){e->step[at], (double)e->epoch[at], e->seconds[at], e->loss[at], e->accuracy[at],
		e->val_loss[at], e->val_accuracy[at]};
}

/* Both lists are in the order of steps: merge them, joining rows of the same step. */
static void write_version(struct lepton__buffer *out, const struct lepton_run_version *version)
{
	const struct lepton_history *h = &version->history;
	const struct lepton_epochs *e = &version->epochs_done;
	for (size_t m = 0, n = 0; m < h->count || n < e->count;) {
		bool metric = m < h->count && (n == e->count || h->step[m] <= e->step[n]);
		struct row row = metric ? metric_row(h, m) : epoch_row(e, n);
		bool last_of_step = metric && (m + 1 == h->count || h->step[m + 1] != h->step[m]);
		if (last_of_step && n < e->count && h->step[m] == e->step[n]) {
			row.val_loss = e->val_loss[n];
			row.val_accuracy = e->val_accuracy[n++];
		} else if (!metric) {
			n++;
		}
		m += metric;
		write_row(out, version, &row);
	}
}

static int render(
	const struct lepton_run *run, int64_t id, char **out, size_t *size, struct lepton_error *err)
{
	struct lepton__buffer text;
	int code = lepton__export_check(run, id, err);
	if (code)
		return code;
	lepton__buffer_init(&text, LEPTON__EXPORT_MAX);
	lepton__buffer_string(&text, HEADER);
	for (size_t i = 0; i < run->version_count; i++)
		if (!id || run->versions[i]->id == id)
			write_version(&text, run->versions[i]);
	return lepton__export_finish(&text, out, size, err);
}

const struct lepton_exporter lepton__export_csv = {
	.name = "csv",
	.extension = ".csv",
	.summary = "every recorded step of every version, one row each",
	.render = render,
};
