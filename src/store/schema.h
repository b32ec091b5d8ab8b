/* store/schema.h - the SQL that makes an empty store. */
#ifndef LEPTON_STORE_SCHEMA_H
#define LEPTON_STORE_SCHEMA_H

extern const char *const lepton__schema;

#endif
