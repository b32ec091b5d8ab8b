/* fuse/preview.h - a preview of all ways to fuse as JSON. */
#ifndef LEPTON_FUSE_PREVIEW_H
#define LEPTON_FUSE_PREVIEW_H

#include "lepton/fuse.h"
#include "base/buffer.h"

void lepton__preview_write(struct lepton__buffer *out, const struct lepton_preview *preview); /* an object */

#endif
