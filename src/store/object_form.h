/* store/object_form.h - a tensor as the bytes of an object's file, and back. */
#ifndef LEPTON_STORE_OBJECT_FORM_H
#define LEPTON_STORE_OBJECT_FORM_H

#include "base/buffer.h"
#include "lepton/tensor.h"
#include "store/vault.h"

#define LEPTON__OBJECT_MAX ((size_t)1 << 34)

enum lepton__object_coding {
	LEPTON__OBJECT_PLAIN = 0,  /* the numbers as they are: "LEPTOBJ1" */
	LEPTON__OBJECT_PLANES = 1, /* bytes of equal place together, deflated */
	LEPTON__OBJECT_DELTA = 2,  /* float32: differences to a base of the same shape */
};

/* What a file says of itself; points into its bytes. */
struct lepton__object_head {
	struct lepton_tensor like; /* without data */
	enum lepton__object_coding coding;
	char base[LEPTON_HASH_HEX]; /* of a delta; else "" */
	const uint8_t *payload;
	size_t size; /* of the payload */
};

/* Append the file's bytes. `base` is for deltas, base_hash its name. LEPTON_E_NOMEM. */
int lepton__object_render(const struct lepton_tensor *tensor, enum lepton__object_coding coding,
	const struct lepton_tensor *base, const char *base_hash, struct lepton__buffer *out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* Can `tensor` be a delta against `base`: float32, one shape, all numbers finite? */
bool lepton__object_can_lean(const struct lepton_tensor *tensor, const struct lepton_tensor *base);
/* Lengths, then the checksum. `hash` is for the sentence. LEPTON_E_CORRUPT. */
int lepton__object_head(const char *bytes, size_t size, const char *hash, struct lepton__object_head *head,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* The numbers, as a set with the one tensor, compared with the name (in an encrypted store, the one it has there). `base` for deltas. LEPTON_E_CORRUPT,
 * LEPTON_E_NOMEM. */
int lepton__object_decode(const struct lepton__vault *vault, const struct lepton__object_head *head, const struct lepton_tensor *base,
	const char *hash, struct lepton_params **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* "object ab12… is damaged: how": LEPTON_E_CORRUPT. */
int lepton__object_damaged(const char *hash, const char *how, struct lepton_error *err);

#endif
