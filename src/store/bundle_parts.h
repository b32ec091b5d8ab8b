/* store/bundle_parts.h - what the files of a bundle share. */
#ifndef LEPTON_STORE_BUNDLE_PARTS_H
#define LEPTON_STORE_BUNDLE_PARTS_H

#include "lepton/bundle.h"
#include "base/json.h"

int lepton__bundle_render(const struct lepton_bundle *bundle, struct lepton__buffer *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The version out of statement and figures, checked; `file` for the sentence. LEPTON_E_DATA, LEPTON_E_NOMEM. */
int lepton__bundle_version(struct lepton_bundle *bundle, const cJSON *statement, const char *file, struct lepton_error *err)
	LEPTON_MUST_CHECK;

/* signatures.c, in the caller's transaction: the bundle's signature of its statement, kept for a version of the store. */
int lepton__signature_put(struct lepton_store *store, int64_t version, const struct lepton_bundle *bundle,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* Signer, signature and the statement that was signed, where the store has a good one for the version as it is. */
int lepton__signature_find(struct lepton_store *store, const struct lepton_run_version *version,
	struct lepton_bundle *bundle, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
