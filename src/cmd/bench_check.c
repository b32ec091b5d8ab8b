/* cmd/bench_check.c - are the products right on this CPU?
 *
 * Some builds of OpenBLAS compute wrong products on CPUs they do not know; a speed from one is worth nothing.
 * So before any figure, one product of odd sizes by our kernels and by OpenBLAS is held against three plain
 * loops in double precision.
 */
#include "config.h"
#include "cmd/bench.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>

enum { M = 67, N = 131, K = 259 };

/* Largest difference of c (M × N) from a (M × K) times w (K × N). */
static double worst_difference(const float *a, const float *w, const float *c)
{
	double worst = 0;
	for (int i = 0; i < M; i++)
		for (int j = 0; j < N; j++) {
			double sum = 0;
			for (int p = 0; p < K; p++)
				sum += (double)a[i * K + p] * (double)w[p * N + j];
			double difference = fabs(sum - (double)c[i * N + j]);
			worst = difference <= worst ? worst : difference; /* NaN is the worst of all */
		}
	return worst;
}

static int judge(struct bench *b, const char *what, double worst, struct lepton_error *err)
{
	if (!(worst < 1e-3))
		return lepton_error_set(err, LEPTON_E_STATE,
			"products by %s are off by %g from a plain triple loop: choose other kernels with "
			"LEPTON_KERNELS, or another core with OPENBLAS_CORETYPE",
			what, worst);
	if (!b->json)
		printf("products by %s against a plain triple loop: largest difference %.1e\n", what, worst);
	return LEPTON_OK;
}

int bench_check(struct bench *b, struct lepton_error *err)
{
	const struct lepton__kernels *k = lepton__kernels_get();
	float *a = lepton__aligned(1, (size_t)(M * K + K * N + M * N) * sizeof(float));
	if (!a)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory checking the products");
	float *w = a + M * K, *c = w + K * N;
	struct lepton__rng rng;
	lepton__rng_init(&rng, 7, 0);
	for (int i = 0; i < M * K + K * N; i++)
		a[i] = (float)lepton__rng_below(&rng, 2001) / 1000.0f - 1.0f;
	k->gemm(false, false, M, N, K, 1.0f, a, K, w, N, 0.0f, c, N);
	int code = judge(b, k->name, worst_difference(a, w, c), err);
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, M, N, K, 1.0f, a, K, w, N, 0.0f, c, N);
	if (!code)
		code = judge(b, "OpenBLAS", worst_difference(a, w, c), err);
	lepton__free(a);
	return code;
}
