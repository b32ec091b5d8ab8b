/* store/rotate.c - a new data key, and everything sealed anew by it.
 *
 * 1. DIR/keys gets both keys, old and new. From here on all that is written is the new one's, and both can be
 * read.
 * 2. Each object is opened and written anew in its place; one that is the new key's already is left alone.
 * 3. VACUUM writes every page of the database anew, in one transaction, and the log is emptied into it.
 * 4. Each page is tried with the new key alone; then DIR/keys forgets the old one.
 * Cut off anywhere, the store has both keys and is whole, and the next rotation goes on where this one was.
 */
#include "config.h"
#include "store/page.h"
#include "store/store_parts.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* The payload into DIR/keys, for this key alone, and into the vault in use. */
static int put_payload(
	struct lepton__ring *r, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	struct lepton__vault *vault = lepton__vault_new(r->payload);
	int code = vault ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for keys");
	r->ring.count = 1;
	r->slot = 0;
	if (!code)
		code = lepton__keyring_wrap(&r->ring.slots[0], key, r->payload, err);
	if (!code)
		code = lepton__keyring_write(r->path, &r->ring, err);
	if (!code)
		*store->vault = *vault;
	lepton__vault_free(vault);
	return code;
}

static int begin(
	struct lepton__ring *r, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	struct lepton__payload *p = r->payload;
	if (p->previous_number) /* one was cut off */
		return LEPTON_OK;
	p->previous_number = p->number++;
	memcpy(p->previous, p->key, LEPTON__KEY_BYTES);
	randombytes_buf(p->key, LEPTON__KEY_BYTES);
	return put_payload(r, store, key, err);
}

/* Objects that are damaged stay so: `lepton verify` names them. */
static int seal_objects(struct lepton_store *store, size_t *objects, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err, "SELECT hash FROM objects", "");
	while (lepton__sql_more(store, rows, &code, err)) {
		code = lepton__object_reseal(store, lepton__sql_text(rows, 0), objects, err);
		if (code == LEPTON_E_CORRUPT)
			code = LEPTON_OK;
	}
	sqlite3_finalize(rows);
	return code;
}

static int seal_database(struct lepton_store *store, struct lepton_error *err)
{
	int64_t busy;
	int code = lepton__sql_run(store, "VACUUM", err);
	if (!code)
		code = lepton__sql_int(store, &busy, 1, err, "PRAGMA wal_checkpoint(TRUNCATE)", "");
	if (!code && busy)
		code = lepton_error_set(err, LEPTON_E_BUSY,
			"somebody reads store %s: run `lepton key rotate` again when nobody does",
			store->dir);
	return code;
}

static int check_page(const struct lepton_store *store, const struct lepton__vault *now, uint64_t offset,
	uint8_t *page, struct lepton_error *err)
{
	if (lepton__page_open(now, offset, NULL, page))
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_CORRUPT,
		"page %llu of %s/store.db is not sealed by the new key: both keys are kept",
		(unsigned long long)(offset / LEPTON__PAGE + 1), store->dir);
}

static int check_pages(const struct lepton_store *store, const struct lepton__vault *now, int fd,
	uint8_t *page, struct lepton_error *err)
{
	uint64_t offset = 0;
	int code = LEPTON_OK;
	for (size_t have = 0; !code;) {
		ssize_t got = lepton__io.read(fd, page + have, LEPTON__PAGE - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return lepton_error_set(
				err, LEPTON_E_IO, "cannot read %s/store.db: %s", store->dir, strerror(errno));
		if (got == 0)
			break;
		have += (size_t)got;
		if (have < LEPTON__PAGE)
			continue;
		code = check_page(store, now, offset, page, err);
		offset += LEPTON__PAGE;
		have = 0;
	}
	return code;
}

/* With the new key alone, before the old one is forgotten. */
static int check_database(struct lepton_store *store, struct lepton_error *err)
{
	char *path = lepton__path_join(store->dir, "store.db");
	uint8_t *page = lepton__malloc(LEPTON__PAGE);
	struct lepton__vault *now = lepton__secret_new(sizeof *now);
	int fd = -1, code = LEPTON_OK;
	if (!path || !page || !now)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory checking store %s", store->dir);
	else if ((fd = lepton__io.open(path, O_RDONLY | O_CLOEXEC, 0)) < 0)
		code = lepton_error_set(err, LEPTON_E_IO, "cannot open %s: %s", path, strerror(errno));
	if (!code) {
		now->now = store->vault->now;
		code = check_pages(store, now, fd, page, err);
	}
	if (fd >= 0)
		lepton__io.close(fd);
	lepton__secret_free(now);
	lepton__free(page);
	lepton__free(path);
	return code;
}

static int finish(
	struct lepton__ring *r, struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	r->payload->previous_number = 0;
	sodium_memzero(r->payload->previous, LEPTON__KEY_BYTES);
	return put_payload(r, store, key, err);
}

int lepton_store_rotate(
	struct lepton_store *store, struct lepton_key *key, size_t *objects, struct lepton_error *err)
{
	struct lepton__ring r;
	*objects = 0;
	int code = lepton__ring_open(&r, store, key, err);
	if (code)
		return code;
	code = lepton__sql_commit(store, err);
	if (!code)
		code = begin(&r, store, key, err);
	if (!code)
		code = seal_objects(store, objects, err);
	if (!code)
		code = seal_database(store, err);
	if (!code)
		code = check_database(store, err);
	if (!code)
		code = finish(&r, store, key, err);
	lepton__ring_close(&r);
	return code;
}
