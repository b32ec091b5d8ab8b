/* compress/svd.h - the singular value decomposition, by LAPACK. */
#ifndef LEPTON_COMPRESS_SVD_H
#define LEPTON_COMPRESS_SVD_H

#include "compress/linear.h"

/* matrix = left · diag(value) · right, row-major; count = min(rows, columns) values, descending. Heap. */
struct lepton__svd {
	double *left;  /* rows × count, column after column */
	double *right; /* count × columns, row after row */
	double *value;
	int64_t count;
};

/* LEPTON_E_NOMEM; LEPTON_E_UNSUPPORTED for a matrix too large for LAPACK, or whose values do not settle. */
int lepton__svd(struct lepton__grid grid, const float *matrix, struct lepton__svd *out, struct lepton_error *err)
	LEPTON_MUST_CHECK;
void lepton__svd_free(struct lepton__svd *svd);

#endif
