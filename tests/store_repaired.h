/* tests/store_repaired.h - a store (store_make.h) that was damaged, repaired and looked at. */
#ifndef LEPTON_TESTS_STORE_REPAIRED_H
#define LEPTON_TESTS_STORE_REPAIRED_H

#include "store_make.h"

static int repaired(void)
{
	struct lepton_error err = {0};
	struct lepton_store *store = opened(LEPTON_STORE_REPAIR);
	hush();
	int code = lepton_store_repair(store, hear, NULL, &err);
	lepton_store_close(store);
	return code;
}

static void assert_sound(void)
{
	struct lepton_store *store = opened(LEPTON_STORE_READ);
	assert_clean(store);
	lepton_store_close(store);
}

#endif
