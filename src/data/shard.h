/* data/shard.h - which training samples belong to which shard. See shard.c. */
#ifndef LEPTON_DATA_SHARD_H
#define LEPTON_DATA_SHARD_H

#include "lepton/data.h"

/* Write each sample's shard, 0 to rule->count - 1, to shard[0..n), and each shard's size to size[0..count). `labels`: NULL where
 * there are no classes. LEPTON_E_DATA: a shard is empty however it is dealt; LEPTON_E_UNSUPPORTED: the rule goes by classes and
 * there are none; LEPTON_E_NOMEM. */
int lepton__shard_deal(const struct lepton_shard_rule *rule, const uint8_t *labels, int64_t classes, int64_t n,
		uint16_t *shard, int64_t *size, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
