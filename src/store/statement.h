/* store/statement.h - what is signed of a version, and by whom. */
#ifndef LEPTON_STORE_STATEMENT_H
#define LEPTON_STORE_STATEMENT_H

#include "lepton/bundle.h"
#include "base/json.h"

#define LEPTON__STATEMENT_MAX ((size_t)16 << 20)

/* The statement of a version whose weights are `hash`, heap; of an imported one what was stated where it comes from. */
int lepton__statement_new(const struct lepton_run *run, const struct lepton_run_version *version, const char *hash, const char *method,
	char **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Is the version still what the statement says? LEPTON_E_DATA: no; LEPTON_E_NOMEM. */
int lepton__statement_holds(const struct lepton_run_version *version, const char *statement) LEPTON_MUST_CHECK;
/* Read it, exactly as it would be written: *out, for cJSON_Delete. LEPTON_E_DATA: it is none; LEPTON_E_NOMEM. */
int lepton__statement_parse(const char *text, cJSON **out) LEPTON_MUST_CHECK;
/* Is the signature this key's, of this statement? LEPTON_E_KEY: no; LEPTON_E_NOMEM. */
int lepton__statement_signed(const char *statement, const char signer[LEPTON_PUBLIC_HEX],
	const uint8_t signature[LEPTON_SIGNATURE_BYTES]) LEPTON_MUST_CHECK;
int lepton__statement_sign(const char *statement, const char *key_path, char signer[LEPTON_PUBLIC_HEX],
	uint8_t signature[LEPTON_SIGNATURE_BYTES], struct lepton_error *err) LEPTON_MUST_CHECK;
bool lepton__trusted(const char *signer, const char *const *trusted, size_t count);

#endif
