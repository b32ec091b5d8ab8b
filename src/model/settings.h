/* model/settings.h - a network's configuration beside its layers. */
#ifndef LEPTON_MODEL_SETTINGS_H
#define LEPTON_MODEL_SETTINGS_H

#include "model/averaging.h"
#include "model/clustering.h"
#include "model/loss.h"
#include "model/optimizer.h"
#include "model/privacy.h"
#include "model/pruning.h"
#include "model/quantization.h"
#include "model/teacher.h"

struct lepton__settings {
	int batch_size;
	int64_t epochs;
	enum lepton__loss_kind loss;
	int micro_batches; /* parts a batch is split into, whatever the number of workers */
	struct lepton__optimizer optimizer;
	struct lepton__pruning pruning;
	struct lepton__quantization quantization;
	struct lepton__clustering clustering;
	struct lepton__averaging averaging;
	struct lepton__teacher teacher;
	struct lepton__privacy privacy;
};

/* Check every key but those inside "layers", and read them. LEPTON_E_SPEC. */
int lepton__settings_read(
		struct lepton__settings *settings, const cJSON *config, struct lepton_error *err) LEPTON_MUST_CHECK;

/* A layer of "layers" that needs the batch in one piece; NULL: there is none. */
const struct lepton_layer_ops *lepton__whole_batch_layer(const cJSON *config);

#endif
