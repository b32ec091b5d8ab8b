/* model/mistakes.h - the most certain of a model's wrong answers. */
#ifndef LEPTON_MODEL_MISTAKES_H
#define LEPTON_MODEL_MISTAKES_H

#include "lepton/metrics.h"
#include "base/buffer.h"

/* Fill out->mistakes, ->mistake_count, ->wrong and, of images, ->picture: `answers` is samples × classes. LEPTON_E_NOMEM. */
int lepton__mistakes_find(struct lepton_dataset *data, enum lepton_split split, const float *answers,
	struct lepton_metrics *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* ,"mistakes":{…} */
void lepton__mistakes_write(struct lepton__buffer *out, const struct lepton_metrics *metrics);

#endif
