/* store/look_before.c - the files of the database before SQLite opens them.
 *
 * Two things cannot wait until it has: a wrong bit in the first page, without which there is no opening, and
 * one in the log of a killed writer, which would end its recovery there (scan_log.c). To be repaired, both
 * are set back; else what is wrong with the log is an error, so that nothing is lost before anybody has a say
 * in it. A sealed store's log is left to SQLite: what it says of itself is sealed too.
 */
#include "config.h"
#include "store/store_parts.h"
#include "base/file.h"
#include "base/memory.h"

#include <stdio.h>

/* The log as it is, beside what SQLite will make of it. */
static int keep_log(const char *log, struct lepton_error *err)
{
	char *kept = lepton__format("%s.damaged", log), *bytes = NULL;
	size_t size;
	int code = kept ? lepton__file_read(log, SIZE_MAX / 2, &bytes, &size, err)
			: lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	if (!code)
		code = lepton__file_write(kept, bytes, size, 0600, err);
	lepton__free(bytes);
	lepton__free(kept);
	return code;
}

static bool is_lost(const struct lepton__page_faults *found)
{
	for (size_t i = 0; i < found->count && i < LEPTON__PAGE_FAULTS; i++)
		if (found->list[i].fault == LEPTON__LOG_LOST)
			return true;
	return false;
}

static int refuse(const struct lepton_store *store, struct lepton_error *err)
{
	uint32_t page = lepton__page_vfs_faults(store->vfs)->list[0].number;
	char what[32] = "the head";
	if (page)
		snprintf(what, sizeof what, "page %u", (unsigned)page);
	return lepton_error_set(err, LEPTON_E_CORRUPT,
		"store %s: %s of store.db-wal is damaged: `lepton verify --repair --store %s` mends what can "
		"be",
		store->dir, what, store->dir);
}

static int look_at_log(struct lepton_store *store, const char *log, struct lepton_error *err)
{
	const struct lepton__page_faults *found = lepton__page_vfs_faults(store->vfs);
	if (store->vault || !lepton__size_of(log) || (store->lock_fd < 0 && !lepton__lock_is_free(store)))
		return LEPTON_OK;
	int code = lepton__scan_log(store, log, store->repairs, err);
	if (code || !found->count)
		return code;
	if (!store->repairs)
		return refuse(store, err);
	return is_lost(found) ? keep_log(log, err) : LEPTON_OK;
}

int lepton__look_before(struct lepton_store *store, const char *database, struct lepton_error *err)
{
	char *log = lepton__format("%s-wal", database);
	int code = log ? look_at_log(store, log, err)
		       : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", store->dir);
	if (!code && store->repairs)
		code = lepton__scan_pages(store, database, true, err);
	lepton__free(log);
	return code;
}
