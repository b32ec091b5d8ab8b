/* export/html_data.c - the curves as JSON, for page.js.
 *
 * Columns as in the run summary (export_json.c), thinned where they are long (html_thin.c), numbers to the
 * bit. What is drawn without JavaScript is not in here.
 */
#include "config.h"
#include "base/json.h"
#include "base/memory.h"
#include "export/html.h"

struct column {
	const char *name;
	const int64_t *ints; /* one of the three */
	const double *doubles;
	const float *floats;
};

static void write_column(struct lepton__buffer *out, const struct column *c, const size_t *keep, size_t kept)
{
	lepton__json_string(out, c->name);
	lepton__buffer_string(out, ":[");
	for (size_t i = 0; i < kept; i++) {
		if (i)
			lepton__buffer_string(out, ",");
		if (c->ints)
			lepton__json_int(out, c->ints[keep[i]]);
		else if (c->doubles)
			lepton__json_number(out, c->doubles[keep[i]]);
		else
			lepton__json_float(out, c->floats[keep[i]]);
	}
	lepton__buffer_string(out, "],");
}

/* The columns of `count` points, thinned by two of them; and how many there were. */
static void write_columns(struct lepton__html *page, struct lepton__buffer *out, const struct column *columns,
	size_t count, const float *a, const float *b)
{
	size_t *keep = lepton__calloc(count + 1, sizeof *keep);
	if (!keep) {
		page->failed = true;
		return;
	}
	size_t kept = count ? lepton__html_thin(a, b, count, lepton__html_points(page->count), keep) : 0;
	for (; columns->name; columns++)
		write_column(out, columns, keep, kept);
	lepton__buffer_string(out, "\"of\":");
	lepton__json_int(out, (int64_t)count);
	lepton__free(keep);
}

static void write_history(
	struct lepton__html *page, struct lepton__buffer *out, const struct lepton_run_version *v)
{
	const struct lepton_history *h = &v->history;
	const struct lepton_epochs *e = &v->epochs_done;
	const struct column steps[] = {{"step", h->step, NULL, NULL}, {"epoch", NULL, h->epoch, NULL},
		{"seconds", NULL, h->seconds, NULL}, {"loss", NULL, NULL, h->loss},
		{"accuracy", NULL, NULL, h->accuracy}, {NULL, NULL, NULL, NULL}};
	const struct column epochs[] = {{"step", e->step, NULL, NULL}, {"epoch", e->epoch, NULL, NULL},
		{"seconds", NULL, e->seconds, NULL}, {"val_loss", NULL, NULL, e->val_loss},
		{"val_accuracy", NULL, NULL, e->val_accuracy}, {NULL, NULL, NULL, NULL}};
	lepton__buffer_string(out, ",\"steps\":{");
	write_columns(page, out, steps, h->count, h->loss, h->accuracy);
	lepton__buffer_string(out, "},\"epochs\":{");
	write_columns(page, out, epochs, e->count, e->val_loss, e->val_accuracy);
	lepton__buffer_string(out, "}");
}

static void write_notes(struct lepton__buffer *out, const struct lepton_run_version *v)
{
	lepton__buffer_string(out, ",\"notes\":[");
	for (size_t i = 0; i < v->note_count; i++) {
		lepton__buffer_string(out, i ? ",[" : "[");
		lepton__json_int(out, v->notes[i].step);
		lepton__buffer_string(out, ",");
		lepton__json_string(out, v->notes[i].what);
		lepton__buffer_string(out, "]");
	}
	lepton__buffer_string(out, "]");
}

void lepton__html_data(struct lepton__html *page, struct lepton__buffer *json)
{
	lepton__buffer_printf(
		json, "{\"regression\":%s,\"versions\":[", page->run->regression ? "true" : "false");
	for (size_t i = 0; i < page->count; i++) {
		const struct lepton_run_version *v = page->versions[i];
		lepton__buffer_string(json, i ? ",\n{\"name\":" : "\n{\"name\":");
		lepton__json_string(json, v->name);
		lepton__buffer_printf(json, ",\"drawn\":%s", page->drawn[i] ? "true" : "false");
		write_history(page, json, v);
		write_notes(json, v);
		lepton__buffer_string(json, "}");
	}
	lepton__buffer_string(json, "\n]}\n");
}
