/* fuse/barrier.h - a measured barrier as JSON. */
#ifndef LEPTON_FUSE_BARRIER_H
#define LEPTON_FUSE_BARRIER_H

#include "lepton/fuse.h"
#include "base/buffer.h"

/* The members of an object that has begun: `"points":11,"t":[…],"before":{…},"after":{…} or null,…`. */
void lepton__barrier_write(struct lepton__buffer *out, const struct lepton_barrier *barrier);

#endif
