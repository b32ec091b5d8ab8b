/* cmd/evaluate_report.c - `lepton evaluate --report`: a table of the classes, then the confusion matrix. */
#include "config.h"
#include "lepton/metrics.h"
#include "cmd/verb.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_WIDTH 20

/* "-" for what cannot be said. */
static void figure(double value)
{
	if (isnan(value))
		printf(" %9s", "-");
	else
		printf(" %9.4f", value);
}

/* Padded or cut to the column, by characters; what would steer the terminal is not printed. */
static void put_name(const char *name)
{
	int shown = 0;
	size_t left = strlen(name), length;
	for (; *name && shown < NAME_WIDTH; name += length, left -= length, shown++) {
		length = lepton__utf8_length(name, left);
		bool plain = length > 0 && (unsigned char)*name >= ' ' && *name != 0x7f;
		length = length ? length : 1;
		if (plain)
			fwrite(name, 1, length, stdout);
		else
			putchar('?');
	}
	printf("%*s", NAME_WIDTH - shown, "");
}

static void row(const char *name, int64_t support, double precision, double recall, double f1, double auc)
{
	put_name(name);
	printf(" %8" PRId64, support);
	figure(precision);
	figure(recall);
	figure(f1);
	figure(auc);
	putchar('\n');
}

static const char *name_of(const struct lepton_data_info *info, int class, char number[16])
{
	snprintf(number, 16, "%d", class);
	return info->class_names ? info->class_names[class] : number;
}

/* As wide as the largest count. */
static int width_of(const struct lepton_metrics *m)
{
	int64_t largest = m->classes;
	for (int i = 0; i < m->classes * m->classes; i++)
		largest = m->confusion[i] > largest ? m->confusion[i] : largest;
	return snprintf(NULL, 0, "%" PRId64, largest);
}

static void confusion(const struct lepton_metrics *m, const struct lepton_data_info *info)
{
	char number[16];
	const int width = width_of(m);
	printf("\nconfusion: rows are the true classes, columns what the version said, in the same order\n");
	for (int c = 0; c < m->classes; c++) {
		put_name(name_of(info, c, number));
		for (int said = 0; said < m->classes; said++)
			printf(" %*" PRId64, width, m->confusion[c * m->classes + said]);
		putchar('\n');
	}
}

void verb_print_report(const struct lepton_metrics *m, const struct lepton_data_info *info)
{
	char number[16];
	if (info->regression) {
		printf("RMSE %.6g, mean absolute error %.6g, R2 %.4f\n", m->rmse, m->mean_absolute_error, m->r2);
		if (m->ranked_users)
			printf("of the first %d recommended: precision %.4f, recall %.4f, NDCG %.4f, over %" PRId64 " users\n",
				LEPTON_RANKED, m->ranked_precision, m->ranked_recall, m->ndcg, m->ranked_users);
		return;
	}
	printf("\n%-*s %8s %9s %9s %9s %9s\n", NAME_WIDTH, "class", "samples", "precision", "recall", "F1", "AUC");
	for (int c = 0; c < m->classes; c++)
		row(name_of(info, c, number), m->each[c].support, m->each[c].precision, m->each[c].recall,
			m->each[c].f1, m->each[c].auc);
	row("all", m->samples, m->precision, m->recall, m->f1, m->auc);
	if (!isnan(m->top_accuracy))
		printf("among the %d most probable: %.4f\n", LEPTON_TOP, m->top_accuracy);
	confusion(m, info);
}
