/* cmd/fuse_preview.c - "fuse --preview": all ways to fuse some versions as a table, the lowest validation
 * loss first. */
#include "config.h"
#include "cmd/verb.h"
#include "lepton/fuse.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_quality(const struct lepton_preview_row *row, bool regression)
{
	double quality = regression ? lepton_run_rmse(row->val_loss) : row->val_accuracy;
	if (isnan(quality))
		printf("  %8s", "-");
	else
		printf("  %8.4f", quality);
}

static void print_row(const struct lepton_preview_row *row, bool best, int width, bool regression)
{
	printf("%s %-*s", best ? "*" : " ", width, row->name);
	if (row->state != LEPTON_PREVIEW_SCORED) {
		printf("  %s\n", row->why);
		return;
	}
	printf("  %10.4f", row->val_loss);
	print_quality(row, regression);
	printf("  %12" PRId64, row->bytes);
	if (!row->id)
		printf("  %7.2fs", row->seconds);
	printf("\n");
}

static int widest(const struct lepton_preview *p)
{
	size_t most = 16;
	for (size_t i = 0; i < p->parent_count; i++)
		most = strlen(p->parents[i].name) > most ? strlen(p->parents[i].name) : most;
	return (int)most;
}

static void print_table(const struct lepton_preview *p, bool regression)
{
	const struct lepton_preview_row *best = lepton_preview_best(p);
	const int width = widest(p);
	size_t order[LEPTON_PREVIEW_ROWS_MAX];
	printf("%" PRId64 " validation samples, default settings\n", p->samples);
	printf("  %-*s  %10s  %8s  %12s  %8s\n", width, "version", "val loss",
		regression ? "val RMSE" : "val acc", "bytes", "time");
	lepton_preview_order(p->parents, p->parent_count, order);
	for (size_t i = 0; i < p->parent_count; i++)
		print_row(&p->parents[order[i]], false, width, regression);
	printf("  %s\n", "fused by");
	lepton_preview_order(p->methods, p->method_count, order);
	for (size_t i = 0; i < p->method_count; i++)
		print_row(&p->methods[order[i]], &p->methods[order[i]] == best, width, regression);
}

int verb_print_preview(const struct lepton_run *run, const struct lepton_command *command, bool json,
	struct lepton_error *err)
{
	const struct lepton_run_preview *kept = lepton_run_preview(run, command->versions, command->count);
	const char *text = kept ? lepton_text_get(kept->detail) : "";
	struct lepton_preview *table = lepton__calloc(1, sizeof *table);
	if (!table)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	int code = lepton_preview_read(text, table, err);
	if (!code && json)
		puts(text);
	else if (!code)
		print_table(table, run->regression);
	lepton__free(table);
	return code;
}
