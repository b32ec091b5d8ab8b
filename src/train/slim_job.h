/* train/slim_job.h - "compress" with the method "slim": the network of fewer units. */
#ifndef LEPTON_TRAIN_SLIM_JOB_H
#define LEPTON_TRAIN_SLIM_JOB_H

#include "lepton/tensor.h"

/* *weights, a reference, gives way to those of the smaller network, whose configuration is *config (heap). `settings`: as
 * lepton_compress_slim has them, checked. `detail` says how many units stay. LEPTON_E_UNSUPPORTED where layers have
 * no units to take out; on failure nothing changes. */
int lepton__slim_network(const char *from, const char *settings, struct lepton_params **weights, char **config,
	char *detail, size_t size, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
