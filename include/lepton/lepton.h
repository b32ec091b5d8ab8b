/* lepton/lepton.h - the whole public library. Each header is the manual of its module. */
#ifndef LEPTON_LEPTON_H
#define LEPTON_LEPTON_H

#include "lepton/error.h"
#include "lepton/option.h"
#include "lepton/tensor.h"
#include "lepton/data.h"
#include "lepton/model.h"
#include "lepton/metrics.h"
#include "lepton/look.h"
#include "lepton/sweep.h"
#include "lepton/privacy.h"
#include "lepton/spec.h"
#include "lepton/node.h"
#include "lepton/event.h"
#include "lepton/command.h"
#include "lepton/run.h"
#include "lepton/engine.h"
#include "lepton/compress.h"
#include "lepton/fuse.h"
#include "lepton/key.h"
#include "lepton/store.h"
#include "lepton/bundle.h"
#include "lepton/export.h"
#include "lepton/net.h"

#endif
