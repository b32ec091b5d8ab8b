/* store/schema.h - the SQL that makes an empty store. */
#ifndef LEPTON_STORE_SCHEMA_H
#define LEPTON_STORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

extern const char *const lepton__schema;  /* of format 1 */
extern const char *const lepton__upgrade; /* from format 1 to 2 */
extern const char *const lepton__upgrade_3; /* from 2 to 3 */
extern const char *const lepton__upgrade_4; /* from 3 to 4 */
/* Rows of checkpoints that are not there, from their copies. */
extern const char *const lepton__put_back_checkpoints;

struct lepton__table {
	const char *name, *backwards; /* the order that reads it from its end */
	bool twin;                    /* one of two with the same rows */
};
extern const struct lepton__table lepton__tables[]; /* those that others refer to first */
extern const size_t lepton__table_count;

#endif
