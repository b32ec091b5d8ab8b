/* store/look_before.c - the files of the database before SQLite opens them.
 *
 * Two things cannot wait until it has: what is wrong with the first page, without which there is no opening,
 * and with the log of a killed writer, whose recovery would end there (scan_log.c). To be repaired, both are
 * set right; else what is surely wrong with the log is an error, so that nothing is lost before anybody has a
 * say in it.
 *
 * What may just as well be the end that a power cut tore off is no error, and SQLite passes over it, whoever
 * opens the store: but a copy of the log is kept first, and it is said.
 */
#include "config.h"
#include "store/store_parts.h"
#include "base/file.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KEPT_MAX 100

/* ---- a log that is not all recovered ---- */

/* Is the copy there already, or room for it under this name? */
static int keep_as(const char *path, const char *bytes, size_t size, bool *done, struct lepton_error *err)
{
	struct stat info;
	char *there = NULL;
	size_t length;
	int code = lepton__file_look(path, &info, NULL);
	*done = code == LEPTON_E_NOTFOUND;
	if (*done)
		return lepton__file_write(path, bytes, size, 0600, err);
	code = lepton__file_read(path, SIZE_MAX / 2, &there, &length, err);
	*done = !code && length == size && memcmp(there, bytes, size) == 0;
	lepton__free(there);
	return code;
}

static int keep_bytes(
	struct lepton_store *store, const char *log, const char *bytes, size_t size, struct lepton_error *err)
{
	bool done = false;
	int code = LEPTON_OK;
	for (int i = 1; i < KEPT_MAX && !code && !done; i++) {
		char *kept =
			i == 1 ? lepton__format("%s.damaged", log) : lepton__format("%s.damaged.%d", log, i);
		code = kept ? keep_as(kept, bytes, size, &done, err)
			    : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
		if (done && !code)
			lepton__copy_name(store->kept_log, sizeof store->kept_log, strrchr(kept, '/') + 1);
		lepton__free(kept);
	}
	if (!code && !done)
		code = lepton_error_set(err, LEPTON_E_IO,
			"store %s: there are %d kept logs, store.db-wal.damaged and on, and another one to "
			"keep: "
			"move them away",
			store->dir, KEPT_MAX - 1);
	return code;
}

/* The log as it is, beside what SQLite will make of it; what an earlier one kept stays. Where nothing can be
 * written SQLite cannot drop anything either. */
static int keep_log(struct lepton_store *store, const char *log, struct lepton_error *err)
{
	char *bytes = NULL;
	size_t size;
	if (access(store->dir, W_OK))
		return LEPTON_OK;
	int code = lepton__file_read(log, SIZE_MAX / 2, &bytes, &size, err);
	if (!code)
		code = keep_bytes(store, log, bytes, size, err);
	lepton__free(bytes);
	return code;
}

bool lepton__keeps_log(const struct lepton_store *store)
{
	char *kept = lepton__path_join(store->dir, "store.db-wal.damaged");
	bool there = !kept || lepton__size_of(kept) > 0; /* in doubt nothing goes */
	lepton__free(kept);
	return there;
}

static int refuse(const struct lepton_store *store, struct lepton_error *err)
{
	const struct lepton__page_found *found = &lepton__page_vfs_faults(store->vfs)->list[0];
	char what[32];
	lepton__page_found_place(found, "the head", what, sizeof what);
	return lepton_error_set(err, LEPTON_E_CORRUPT,
		"store %s: %s of store.db-wal is damaged: `lepton verify --repair --store %s` mends what can "
		"be",
		store->dir, what, store->dir);
}

static int look_at_log(struct lepton_store *store, const char *log, struct lepton_error *err)
{
	if (!lepton__size_of(log) || (store->lock_fd < 0 && !lepton__lock_is_free(store)))
		return LEPTON_OK;
	int code = lepton__scan_log(store, log, store->repairs, err);
	if (!code && !store->repairs && lepton__page_vfs_faults(store->vfs)->count)
		return refuse(store, err);
	return !code && lepton__page_vfs_rest(store->vfs)->frames ? keep_log(store, log, err) : code;
}

/* ---- both ---- */

int lepton__look_before(struct lepton_store *store, const char *database, struct lepton_error *err)
{
	char *log = lepton__format("%s-wal", database);
	int code = log ? look_at_log(store, log, err)
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", store->dir);
	if (!code && store->repairs)
		code = lepton__scan_pages(store, database, true, err);
	if (!code && store->repairs)
		code = lepton__first_page_mend(store, database, err);
	lepton__free(log);
	return code;
}

const char *lepton_store_dropped(const struct lepton_store *store, char *out, size_t size)
{
	const struct lepton__log_rest *rest = lepton__page_vfs_rest(store->vfs);
	char part[64] = "its head does not hold";
	if (!rest->frames)
		return NULL;
	if (!rest->headless)
		snprintf(part, sizeof part, "from frame %zu on it does not hold", rest->first);
	snprintf(out, size,
		"store.db-wal: %s, as after a power cut: %zu frame%s not recovered, of which %zu end%s a "
		"transaction; the log is kept as %s",
		part, rest->frames, rest->frames == 1 ? "" : "s", rest->commits,
		rest->commits == 1 ? "s" : "", *store->kept_log ? store->kept_log : "it is");
	return out;
}
