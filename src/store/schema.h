/* store/schema.h - the SQL that makes an empty store. */
#ifndef LEPTON_STORE_SCHEMA_H
#define LEPTON_STORE_SCHEMA_H

extern const char *const lepton__schema;  /* of format 1 */
extern const char *const lepton__upgrade; /* from format 1 to 2 */
extern const char *const lepton__upgrade_3; /* from 2 to 3 */

#endif
