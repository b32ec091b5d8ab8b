/* train/nodes.h - the thread that says what this machine's workers and sub-models do. */
#ifndef LEPTON_TRAIN_NODES_H
#define LEPTON_TRAIN_NODES_H

#include "train/engine_parts.h"

void *lepton__nodes(void *engine);
/* With the lock held, by a worker that begins a slice: whoever sleeps for want of one is to look again. */
static inline void lepton__nodes_stir(struct lepton_engine *engine)
{
	if (!engine->stirred)
		pthread_cond_signal(&engine->stir);
	engine->stirred = true;
}

#endif
