/* cmd/predict_table.c - answers for the rows of a table, or for texts, as csv: the class and the probability of each. */
#include "config.h"
#include "cmd/verb.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A name between quotes where csv wants them. */
static void print_name(const char *name)
{
	if (!strpbrk(name, ",\"\n\r")) {
		fputs(name, stdout);
		return;
	}
	putchar('"');
	for (; *name; name++) {
		if (*name == '"')
			putchar('"');
		putchar(*name);
	}
	putchar('"');
}

static void print_header(const struct lepton_data_info *info)
{
	print_name(info->target);
	for (int64_t c = 0; c < info->classes; c++) {
		putchar(',');
		print_name(info->class_names[c]);
	}
	putchar('\n');
}

static void print_row(const struct lepton_data_info *info, const float *answer)
{
	int64_t best = 0;
	if (info->regression) {
		printf("%.9g\n", (double)*answer * info->target_scale + info->target_mean);
		return;
	}
	for (int64_t c = 1; c < info->classes; c++)
		best = answer[c] > answer[best] ? c : best;
	print_name(info->class_names[best]);
	for (int64_t c = 0; c < info->classes; c++)
		printf(",%.6f", (double)answer[c]);
	putchar('\n');
}

int verb_predict_table(struct lepton_learner *learner, const struct lepton_dataset *trained, const char *path,
	struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(trained);
	struct lepton_dataset *asked = NULL;
	float *answer = lepton__calloc((size_t)(info->classes ? info->classes : 1), sizeof *answer);
	float *text = lepton__calloc((size_t)info->sample.dim[0], sizeof *text);
	int code = answer && text ? lepton_dataset_open_like(trained, path, false, &asked, err)
			  : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	int64_t rows = code ? 0 : lepton_dataset_count(asked, LEPTON_TEST);
	if (!code)
		print_header(info);
	for (int64_t i = 0; i < rows && !code; i++) {
		const float *row = lepton_dataset_values(asked, LEPTON_TEST);
		uint32_t index = (uint32_t)i;
		if (!row)
			lepton_dataset_gather(asked, LEPTON_TEST, &index, 1, text, NULL);
		code = learner->ops->predict(
			learner, row ? row + i * info->sample.dim[0] : text, 1, answer, err);
		if (!code)
			print_row(info, answer);
	}
	lepton_dataset_release(asked);
	lepton__free(answer);
	lepton__free(text);
	return code;
}
