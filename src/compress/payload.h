/* compress/payload.h - the list of tensors inside a compressed blob, shared by the methods.
 *
 * A method decides, tensor by tensor, on a plan; this file's functions write the plan down and carry
 * it out, and read it back. A new method that codes tensors one by one needs only new plans.
 */
#ifndef LEPTON_COMPRESS_PAYLOAD_H
#define LEPTON_COMPRESS_PAYLOAD_H

#include "lepton/tensor.h"

enum lepton__predictor { LEPTON__PREDICT_NOTHING = 0, LEPTON__PREDICT_BASE = 1 };
enum lepton__coding {
	LEPTON__CODE_FLOAT = 0,
	LEPTON__CODE_LINEAR = 1,
	LEPTON__CODE_LEVELS = 2, /* even steps, as many as it takes */
	LEPTON__CODE_SPARSE = 3, /* float32 to the bit, zeros cheap */
	LEPTON__CODE_BOOK = 4,   /* a few shared numbers */
	LEPTON__CODE_EXACT_WITHIN = 5, /* EXACT as earlier builds wrote it */
	LEPTON__CODE_PRODUCT = 6,      /* of two thin matrices */
	LEPTON__CODE_EXACT = 7,        /* float32 to the bit, as what a prediction leaves of it */
};

struct lepton__plan {
	enum lepton__predictor predictor;
	float alpha; /* of PREDICT_BASE: for CODE_LINEAR, CODE_LEVELS and CODE_EXACT */
	float *alphas; /* instead, one for each channel (last dimension), the method's; NULL: alpha */
	enum lepton__coding coding;
	bool per_channel; /* CODE_LINEAR: one scale a channel (last dimension), else one for the tensor */
	int most;         /* CODE_LINEAR: the largest code, of scales that are fitted; 0: 127, and no weight cut short */
	bool ranged;      /* CODE_LINEAR: codes through the range coder */
	bool deflate;     /* try it; kept only where it is shorter */
	float step;       /* CODE_LEVELS */
	const float *centroids; /* CODE_BOOK: ascending, none is 0 */
	uint32_t centroid_count;
	double lambda; /* CODE_LEVELS, CODE_BOOK, CODE_PRODUCT: a bit's worth in squared steps */
	const float *left, *right; /* CODE_PRODUCT: rows × rank, and rank × last dimension */
	int64_t rank;
	bool stepped;     /* CODE_PRODUCT: `step` for the left and `step_right`; else floats to the bit */
	float step_right;
};

struct lepton__payload_account {
	int64_t codes, packed; /* bytes of the coded weights before and after packing */
};

/* plans[i] is for weights' tensor i; base may be NULL when none predicts. *payload is heap (lepton__free). */
int lepton__payload_encode(const struct lepton_params *weights, const struct lepton_params *base,
	const struct lepton__plan *plans, uint8_t **payload, size_t *size,
	struct lepton__payload_account *account, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Every length and product is checked before anything of that size is allocated. base NULL: a payload
 * that predicts from one is corrupt. */
int lepton__payload_decode(const uint8_t *payload, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
