/* tui/dash_settings.c - what curves need of a version's settings: samples a step, and who may be its kin. */
#include "config.h"
#include "tui/bands.h"
#include "base/json.h"
#include "spec/parts.h"

#include <stdlib.h>

/* The batch size; of a learner without one, a step's share of the training samples. */
static double samples_a_step(const struct lepton__dash *dash, const struct lepton_run_version *version,
	const struct lepton__flat *settings)
{
	const char *batch = lepton__learner_knows(version->learner, "batch_size")
				    ? lepton__flat_get(settings, "batch_size")
				    : NULL;
	double samples = batch ? strtod(batch, NULL) : 0;
	if (samples >= 1)
		return samples;
	cJSON *data = cJSON_Parse(lepton_text_get(dash->run->data));
	samples = (double)lepton__json_get_int(data, "train", 0);
	cJSON_Delete(data);
	return samples > 0 && version->steps_per_epoch > 0 ? samples / (double)version->steps_per_epoch : 1;
}

/* FNV-1a: most pairs of versions are told apart by a number. */
static uint64_t kin_hash(const struct lepton__flat *settings)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < settings->count; i++) {
		const struct lepton__flat_row *row = &settings->items[i];
		for (const char *at = row->key; lepton__kin_counts(row) && *at; at++)
			hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
		for (const char *at = row->value; lepton__kin_counts(row) && *at; at++)
			hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
	}
	return hash;
}

void lepton__extra_study(const struct lepton__dash *dash, struct lepton__extra *extra,
	const struct lepton_run_version *version)
{
	extra->kin = kin_hash(&extra->settings);
	extra->samples_a_step = samples_a_step(dash, version, &extra->settings);
}
