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

static inline int steps_read(void)
{
	struct lepton_store *store;
	int steps = 0;
	if (lepton_store_open_with(dir, LEPTON_STORE_READ, store_key, &store, NULL))
		return -1;
	for (int64_t step = 1; step <= 4; step++)
		steps += has_step(store, 1, step);
	lepton_store_close(store);
	return steps;
}

/* The database, and nothing beside it. */
static inline void put_back(const char *bytes, size_t size)
{
	static const char *const others[] = {"store.db-wal", "store.db-shm", "store.db.damaged",
		"store.db.new", "store.db-wal.damaged", "store.db-wal.damaged.2"};
	char path[160];
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, others[i]);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/store.db", dir);
	overwrite(path, bytes, size);
}

/* As a kill leaves it: the files as they are while a writer has it open. */
static inline void leave_killed(struct lepton_store *writer)
{
	static const char *const names[] = {"store.db", "store.db-wal"};
	char path[128], *bytes[2];
	size_t sizes[2];
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		read_file(path, &bytes[i], &sizes[i]);
	}
	lepton_store_close(writer);
	put_back(bytes[0], sizes[0]);
	overwrite(path, bytes[1], sizes[1]);
	for (int i = 0; i < 2; i++)
		lepton__free(bytes[i]);
}

#endif
