/* tensor/kernels.c - which table of kernels this CPU gets.
 *
 * The files of operations are compiled once per instruction set (see room.am), each set ending in one
 * table. The first call picks the best table the CPU runs and every later call reads one pointer.
 * LEPTON_KERNELS=NAME picks another, for tests and comparisons; a name that is unknown or that this
 * CPU cannot run is ignored and the best table is used, so a stale setting never stops training.
 */
#include "config.h"
#include "tensor/ops.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct candidate {
	const struct lepton__kernels *table;
	bool (*runnable)(void);
};

#ifdef LEPTON_X86_KERNELS
static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
	return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
#endif

static bool always(void)
{
	return true;
}

static const struct candidate candidates[] = {
/* best first */
#ifdef LEPTON_X86_KERNELS
	{&lepton__kernels_avx512, has_avx512},
	{&lepton__kernels_avx2, has_avx2},
#endif
	{&lepton__kernels_portable, always},
};
enum { CANDIDATES = sizeof(candidates) / sizeof(candidates[0]) };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const struct lepton__kernels *chosen;

static void choose(void)
{
	const char *wish = getenv("LEPTON_KERNELS");
	chosen = wish ? lepton__kernels_find(wish) : NULL;
	for (int i = 0; !chosen; i++)
		if (candidates[i].runnable())
			chosen = candidates[i].table;
}

const struct lepton__kernels *lepton__kernels_get(void)
{
	pthread_once(&once, choose);
	return chosen;
}

const struct lepton__kernels *lepton__kernels_find(const char *name)
{
	for (int i = 0; i < CANDIDATES; i++)
		if (strcmp(candidates[i].table->name, name) == 0)
			return candidates[i].runnable() ? candidates[i].table : NULL;
	return NULL;
}

const char *const *lepton__kernels_names(void)
{
	static const char *const names[] = {
#ifdef LEPTON_X86_KERNELS
		"avx512", "avx2",
#endif
		"portable", NULL};
	return names;
}
