/* compress/svd.c - dgesdd of LAPACK, which OpenBLAS brings along.
 *
 * LAPACK has matrices column after column: to it our rows × columns is columns × rows, and its U is our right
 * side.
 */
#include "config.h"
#include "compress/svd.h"
#include "base/memory.h"

#include <limits.h>

/* Of Fortran. No header of it is sure to be there; all that is passed is int and double. */
void dgesdd_(const char *job, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
	const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork, int *iwork, int *info);

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to decompose a matrix");
}

struct space {
	double *a, *vt, *work;
	int *iwork;
};

/* dgesdd asked how much it wants (work NULL), or run. */
static int run(struct lepton__grid grid, struct space *space, struct lepton__svd *out, double *work, int size)
{
	int m = (int)grid.columns, n = (int)grid.rows, k = (int)out->count, info = 0;
	dgesdd_("S", &m, &n, space->a, &m, out->value, out->right, &m, space->vt, &k, work, &size,
		space->iwork, &info);
	return info;
}

static int allocate(
	struct lepton__grid grid, struct space *space, struct lepton__svd *out, struct lepton_error *err)
{
	size_t k = (size_t)out->count, rows = (size_t)grid.rows, columns = (size_t)grid.columns;
	space->a = lepton__calloc(rows * columns, sizeof *space->a);
	space->vt = lepton__calloc(k * rows, sizeof *space->vt);
	space->iwork = lepton__calloc(8 * k, sizeof *space->iwork);
	out->left = lepton__calloc(rows * k, sizeof *out->left);
	out->right = lepton__calloc(k * columns, sizeof *out->right);
	out->value = lepton__calloc(k, sizeof *out->value);
	bool fine = space->a && space->vt && space->iwork && out->left && out->right && out->value;
	return fine ? LEPTON_OK : no_memory(err);
}

static int decompose(struct lepton__grid grid, const float *matrix, struct space *space,
	struct lepton__svd *out, struct lepton_error *err)
{
	double wish = 0;
	for (int64_t i = 0; i < grid.rows * grid.columns; i++)
		space->a[i] = (double)matrix[i];
	int info = run(grid, space, out, &wish, -1);
	if (!info && !(wish <= INT_MAX))
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED, "a matrix too large to decompose");
	space->work = info ? NULL : lepton__calloc((size_t)wish + 1, sizeof *space->work);
	if (!info && !space->work)
		return no_memory(err);
	if (!info)
		info = run(grid, space, out, space->work, (int)wish + 1);
	if (info)
		return lepton_error_set(
			err, LEPTON_E_UNSUPPORTED, "its singular values do not settle (LAPACK: %d)", info);
	for (int64_t k = 0; k < out->count; k++)
		for (int64_t row = 0; row < grid.rows; row++)
			out->left[k * grid.rows + row] = space->vt[row * out->count + k];
	return LEPTON_OK;
}

int lepton__svd(
	struct lepton__grid grid, const float *matrix, struct lepton__svd *out, struct lepton_error *err)
{
	struct space space = {.a = NULL};
	*out = (struct lepton__svd){.count = grid.rows < grid.columns ? grid.rows : grid.columns};
	int code = allocate(grid, &space, out, err);
	if (!code)
		code = decompose(grid, matrix, &space, out, err);
	lepton__free(space.a);
	lepton__free(space.vt);
	lepton__free(space.work);
	lepton__free(space.iwork);
	if (code)
		lepton__svd_free(out);
	return code;
}

void lepton__svd_free(struct lepton__svd *svd)
{
	lepton__free(svd->left);
	lepton__free(svd->right);
	lepton__free(svd->value);
	*svd = (struct lepton__svd){.count = 0};
}
