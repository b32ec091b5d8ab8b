/* tensor/winograd_use.c - whether minimal filtering is wanted; the same for every instruction set. */
#include "config.h"
#include "tensor/winograd.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN (-1)

static atomic_int chosen = UNKNOWN;

static enum lepton__winograd_use wished(void)
{
	const char *wish = getenv("LEPTON_WINOGRAD");
	if (wish && strcmp(wish, "never") == 0)
		return LEPTON__WINOGRAD_NEVER;
	if (wish && strcmp(wish, "always") == 0)
		return LEPTON__WINOGRAD_ALWAYS;
	return LEPTON__WINOGRAD_WHERE_IT_PAYS;
}

/* Two threads that are first at the same time find the same answer. */
enum lepton__winograd_use lepton__winograd_use(void)
{
	int use = atomic_load_explicit(&chosen, memory_order_relaxed);
	if (use == UNKNOWN) {
		use = wished();
		atomic_store_explicit(&chosen, use, memory_order_relaxed);
	}
	return (enum lepton__winograd_use)use;
}

void lepton__winograd_use_set(enum lepton__winograd_use use)
{
	atomic_store_explicit(&chosen, use, memory_order_relaxed);
}

int lepton__winograd_images(const struct lepton__winograd *k)
{
	const int images = k->block / (k->down * k->across);
	return images > 1 ? images : 1;
}
