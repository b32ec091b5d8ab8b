/* model/metrics_json.c - metrics as one JSON object: for events, the store, exports, and `lepton evaluate --report`. */
#include "config.h"
#include "model/mistakes.h"
#include "base/json.h"

#include <inttypes.h>

#define JSON_MAX ((size_t)8 << 20)

static void class_name(struct lepton__buffer *out, const char *const *names, int class)
{
	if (names)
		lepton__json_string(out, names[class]);
	else
		lepton__buffer_printf(out, "\"%d\"", class);
}

static void classes(struct lepton__buffer *out, const struct lepton_metrics *metrics, const char *const *names)
{
	for (int c = 0; c < metrics->classes; c++) {
		const struct lepton_class_metrics *m = &metrics->each[c];
		lepton__buffer_string(out, c ? ",{\"name\":" : "{\"name\":");
		class_name(out, names, c);
		lepton__buffer_printf(out, ",\"support\":%" PRId64, m->support);
		lepton__json_member(out, "precision", m->precision);
		lepton__json_member(out, "recall", m->recall);
		lepton__json_member(out, "f1", m->f1);
		lepton__json_member(out, "auc", m->auc);
		lepton__buffer_string(out, "}");
	}
}

static void confusion(struct lepton__buffer *out, const struct lepton_metrics *metrics)
{
	for (int row = 0; row < metrics->classes; row++) {
		lepton__buffer_string(out, row ? ",[" : "[");
		for (int said = 0; said < metrics->classes; said++)
			lepton__buffer_printf(out, said ? ",%" PRId64 : "%" PRId64,
				metrics->confusion[row * metrics->classes + said]);
		lepton__buffer_string(out, "]");
	}
}

static void ranking(struct lepton__buffer *out, const struct lepton_metrics *metrics)
{
	if (!metrics->ranked_users)
		return;
	lepton__buffer_printf(out, ",\"users\":%" PRId64, metrics->ranked_users);
	lepton__json_member(out, "precision_at_10", metrics->ranked_precision);
	lepton__json_member(out, "recall_at_10", metrics->ranked_recall);
	lepton__json_member(out, "ndcg_at_10", metrics->ndcg);
}

char *lepton_metrics_to_json(const struct lepton_metrics *metrics, const char *const *names)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, JSON_MAX);
	lepton__buffer_printf(&out, "{\"samples\":%" PRId64, metrics->samples);
	if (!metrics->classes) {
		lepton__json_member(&out, "rmse", metrics->rmse);
		lepton__json_member(&out, "mean_absolute_error", metrics->mean_absolute_error);
		lepton__json_member(&out, "r2", metrics->r2);
		ranking(&out, metrics);
	} else {
		lepton__json_member(&out, "accuracy", metrics->accuracy);
		lepton__json_member(&out, "top_5_accuracy", metrics->top_accuracy);
		lepton__json_member(&out, "auc", metrics->auc);
		lepton__json_member(&out, "precision", metrics->precision);
		lepton__json_member(&out, "recall", metrics->recall);
		lepton__json_member(&out, "f1", metrics->f1);
		lepton__buffer_string(&out, ",\"classes\":[");
		classes(&out, metrics, names);
		lepton__buffer_string(&out, "],\"confusion\":[");
		confusion(&out, metrics);
		lepton__buffer_string(&out, "]");
		lepton__mistakes_write(&out, metrics);
	}
	lepton__buffer_string(&out, "}");
	return lepton__buffer_take(&out);
}
