/* compress/compress_cluster.c - a few shared values stand for all weights of a tensor.
 *
 * Each tensor gets its own code book by k-means (kmeans.c), kept as float32; a weight is the number of its
 * nearest entry, counted outwards from zero, so that the same coder that writes quantised levels writes
 * these: near zero and frequent means short (Han, Mao, Dally, "Deep Compression", 2016, section 3).
 */
#include "config.h"
#include "compress/methods.h"
#include "compress/stages.h"
#include "model/kmeans.h"
#include "base/memory.h"

static const struct lepton_option options[] = {
	LEPTON__CLUSTER_OPTIONS, LEPTON__CLUSTER_RETRAIN, LEPTON__OPTIONS_END};

int lepton__stage_cluster(struct lepton__stages *stages, struct lepton_error *err)
{
	uint32_t clusters = (uint32_t)lepton_options_number(stages->options, stages->settings, "clusters");
	for (size_t i = 0; i < lepton_params_count(stages->weights); i++) {
		const struct lepton_tensor *tensor = lepton_params_at(stages->weights, i);
		struct lepton__plan *plan = &stages->plans[i];
		if (lepton__stage_spares(tensor))
			continue;
		stages->books[i] = lepton__calloc(clusters, sizeof **stages->books);
		if (!stages->books[i])
			return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for %u clusters", clusters);
		int code = lepton__kmeans(tensor->data, lepton_shape_count(&tensor->shape), clusters,
			stages->books[i], &plan->centroid_count, err);
		if (code)
			return code;
		plan->coding = LEPTON__CODE_BOOK;
		plan->centroids = stages->books[i];
	}
	lepton__stage_says(stages, "up to %u shared values a tensor", clusters);
	return LEPTON_OK;
}

LEPTON__ROW(cluster, "cluster", "a few values that all weights of a tensor share", options,
	lepton__stage_cluster);
