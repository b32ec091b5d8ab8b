/* cmd/cmd_barrier.c - the loss on the line between two versions, as a table: before and after their units are
 * matched.
 */
#include "config.h"
#include "cmd/verb.h"
#include "lepton/fuse.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int fill(struct lepton_command *command, int64_t points, const char *split, struct lepton_error *err)
{
	if (strcmp(split, "validation") != 0 && strcmp(split, "test") != 0)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "--split takes validation or test, not \"%.40s\"", split);
	char *settings = lepton__format("{\"points\":%" PRId64 ",\"split\":\"%s\"}", points, split);
	command->settings = settings ? lepton_text_new(settings) : NULL;
	lepton__free(settings);
	return command->settings ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
}

static void print_figures(const struct lepton_line *line, size_t i, bool regression)
{
	printf("  %10.4f", line->loss[i]);
	if (regression)
		printf(" %10.4f", lepton_run_rmse(line->loss[i]));
	else if (isnan(line->accuracy[i]))
		printf(" %10s", "-");
	else
		printf(" %10.4f", line->accuracy[i]);
}

static void print_barrier(const char *label, const struct lepton_line *line, size_t points)
{
	printf("barrier %s: %.4f", label, line->barrier);
	if (line->barrier > 0)
		printf(", at t = %.4g", (double)line->top / (double)(points - 1));
	printf("\n");
}

static void print_table(const struct lepton_barrier *b, bool regression)
{
	const char *quality = regression ? "RMSE" : "accuracy";
	const int digits = 100 % (b->points - 1) ? 4 : 2;
	bool matched = !*b->unmatched;
	printf("%6s  %21s%s\n", "", "weights as they are", matched ? "          units matched" : "");
	printf("%6s  %10s %10s", "t", "loss", quality);
	printf(matched ? "  %10s %10s\n" : "\n", "loss", quality);
	for (size_t i = 0; i < b->points; i++) {
		printf("%6.*f", digits, (double)i / (double)(b->points - 1));
		print_figures(&b->before, i, regression);
		if (matched)
			print_figures(&b->after, i, regression);
		printf("\n");
	}
	print_barrier("of the weights as they are", &b->before, b->points);
	if (matched)
		print_barrier("with units matched", &b->after, b->points);
	else
		printf("units are not matched: %s\n", b->unmatched);
}

static int print(
	const struct lepton_run *run, const struct lepton_run_barrier *kept, struct lepton_error *err)
{
	struct lepton_barrier barrier;
	const char *text = lepton_text_get(kept->detail);
	int code = lepton_barrier_read(text, &barrier, err);
	if (code)
		return code;
	cJSON *detail = cJSON_Parse(text);
	printf("from %s (t = 0) to %s (t = 1), %" PRId64 " %s samples\n",
		lepton_run_version(run, kept->ends[0])->name, lepton_run_version(run, kept->ends[1])->name,
		lepton__json_get_int(detail, "samples", 0), lepton__json_get_string(detail, "split", ""));
	cJSON_Delete(detail);
	print_table(&barrier, run->regression);
	return LEPTON_OK;
}

static int run_barrier(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL, *split = "validation";
	int64_t points = (int64_t)lepton_options_number(lepton_barrier_options, NULL, "points"), made;
	bool json = false;
	const struct arg table[] = {
		{"--points", ARG_INTEGER, &points, LEPTON_BARRIER_POINTS_MIN, LEPTON_BARRIER_POINTS_MAX, "N",
			"points along the line, both ends among them (default 11)"},
		{"--split", ARG_STRING, &split, 0, 0, "S",
			"validation or test: which samples are scored (default validation)"},
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{"--json", ARG_FLAG, &json, 0, 0, NULL, "as one JSON object"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct lepton_command command = {.type = LEPTON_CMD_BARRIER};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	struct lepton_run run;
	char message[512] = "";
	int code = verb_parse(verb, table, argc, argv, &operands, 2, 2);
	if (code >= 0)
		return code;
	lepton_run_init(&run);
	code = fill(&command, points, split, &err);
	if (!code)
		code = verb_command(dir, &command, &operands, &run, &made, message, sizeof message, &err);
	const struct lepton_run_barrier *kept =
		code ? NULL : lepton_run_barrier(&run, command.versions[0], command.versions[1]);
	if (kept && json)
		puts(lepton_text_get(kept->detail));
	else if (kept)
		code = print(&run, kept, &err);
	lepton_run_clear(&run);
	lepton_command_clear(&command);
	return code ? verb_fail(verb, &err) : 0;
}

const struct verb verb_barrier = {"barrier",
	"A B [--points N] [--split validation|test] [--store DIR] [--json]",
	"how the loss rises on the line between two versions, before and after their units are matched",
	run_barrier};
