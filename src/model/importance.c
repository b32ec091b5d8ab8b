/* model/importance.c - feature importance by gain.
 *
 * A split's gain is what it takes away of impurity, or of loss, weighted by the samples it parts; a feature's
 * share is that of its splits in the gain of all splits of all trees. It says what the trees go by, not what
 * causes what: of two features that say the same, either may get the share of both.
 */
#include "config.h"
#include "model/importance.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 16)

/* The sum of gains by feature; their total comes back, 0 where the weights are no trees of so many features.
 */
static double add_up(const struct lepton_params *weights, int64_t features, double *sum)
{
	const struct lepton_tensor *feature = lepton_params_find(weights, "feature"),
				   *gain = lepton_params_find(weights, "gain");
	double total = 0;
	if (!feature || !gain || feature->dtype != LEPTON_F32 || gain->dtype != LEPTON_F32 ||
		lepton_shape_count(&feature->shape) != lepton_shape_count(&gain->shape))
		return 0;
	const float *which = feature->data, *won = gain->data;
	for (int64_t i = 0; i < lepton_shape_count(&gain->shape); i++)
		if (which[i] >= 0 && which[i] < (float)features && won[i] > 0) {
			sum[(int64_t)which[i]] += (double)won[i];
			total += (double)won[i];
		}
	return isfinite(total) ? total : 0;
}

static int64_t largest(const double *sum, int64_t features)
{
	int64_t best = 0;
	for (int64_t f = 1; f < features; f++)
		best = sum[f] > sum[best] ? f : best;
	return best;
}

static void write_best(
	struct lepton__buffer *out, const struct lepton_data_info *info, double *sum, double total)
{
	int64_t features = lepton_shape_count(&info->sample);
	for (int i = 0; i < LEPTON__IMPORTANCE_MOST; i++) {
		int64_t best = largest(sum, features);
		if (!(sum[best] > 0))
			return;
		lepton__buffer_string(out, i ? ",{\"feature\":" : "{\"feature\":");
		lepton__json_string(out, info->features[best]);
		lepton__buffer_string(out, ",\"share\":");
		lepton__json_float(out, (float)(sum[best] / total));
		lepton__buffer_string(out, "}");
		sum[best] = 0;
	}
}

char *lepton__importance(const struct lepton_params *weights, const struct lepton_data_info *info)
{
	struct lepton__buffer out;
	int64_t features = lepton_shape_count(&info->sample);
	if (!info->features || !weights || !lepton_params_find(weights, "gain"))
		return NULL;
	double *sum = lepton__calloc((size_t)features, sizeof *sum);
	double total = sum ? add_up(weights, features, sum) : 0;
	lepton__buffer_init(&out, TEXT_MAX);
	if (total > 0) {
		lepton__buffer_string(&out, "[");
		write_best(&out, info, sum, total);
		lepton__buffer_string(&out, "]");
	}
	lepton__free(sum);
	char *text = total > 0 ? lepton__buffer_take(&out) : NULL;
	lepton__buffer_free(&out);
	return text;
}
