/* lepton/store.h - where versions live: SQLite and content-addressed weights.
 *
 * Layout (byte by byte in src/store/FORMAT.md):
 *   DIR/store.db          SQLite, WAL: experiments, versions, lineage, history, events, aliases, checkpoints, settings
 *   DIR/objects/ab/cdef…  one tensor each, named by the BLAKE2b-256 of what it holds; older ones packed, lossless
 *   DIR/lock              the writer's pid, held by flock
 * A row refers to an object only after the object is fsynced and renamed into place.
 *
 * Threads: a store handle is used by one thread at a time.
 */
#ifndef LEPTON_STORE_H
#define LEPTON_STORE_H

#include "lepton/key.h"
#include "lepton/run.h"

struct lepton_store; /* opaque */

/* WRITE creates DIR when missing. REPAIR is WRITE of one that is there, with strays left for lepton_store_repair to
 * tell of. */
enum { LEPTON_STORE_READ = 0, LEPTON_STORE_WRITE = 1, LEPTON_STORE_REPAIR = 2 };

/* LEPTON_E_BUSY names the holder's pid; LEPTON_E_NOTFOUND when there is none to read; LEPTON_E_IO. */
LEPTON_API int lepton_store_open(const char *dir, int mode, struct lepton_store **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The same with a key: it opens an encrypted store, and a store that WRITE creates with it is one. LEPTON_E_KEY, before
 * anything is written: the key is missing, wrong, or the store is not encrypted. The key is only used in this call. */
LEPTON_API int lepton_store_open_with(const char *dir, int mode, struct lepton_key *key, struct lepton_store **out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API bool lepton_store_encrypted(const struct lepton_store *store);
/* What a killed writer left that did not hold when the store was opened, and so was not recovered, in a
 * sentence: the last transaction, torn by a power cut, or damage that looks the same. A copy of it is kept.
 * NULL: there was no such thing. */
LEPTON_API const char *lepton_store_dropped(const struct lepton_store *store, char *out, size_t size);

/* Keys of an encrypted store that is open for writing; `key` is one that opens it. LEPTON_E_KEY for a store that is not
 * encrypted, or when `key` does not open it. */
#define LEPTON_STORE_KEYS_MAX 8
/* What opens it, in the order they are numbered from 1: "key file", "passphrase". */
LEPTON_API int lepton_store_keys(struct lepton_store *store, const char *kinds[LEPTON_STORE_KEYS_MAX], size_t *count,
		struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API int lepton_store_key_add(struct lepton_store *store, struct lepton_key *key, struct lepton_key *added,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* `key` opens it no more, `with` does in its place. */
LEPTON_API int lepton_store_key_change(struct lepton_store *store, struct lepton_key *key, struct lepton_key *with,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* LEPTON_E_USAGE for a number that is none, or the last key. */
LEPTON_API int lepton_store_key_remove(struct lepton_store *store, struct lepton_key *key, size_t number,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* A new data key, and everything sealed anew by it; other people's keys than `key` go. Cut off anywhere, the store stays
 * whole, and the same call goes on. *objects: how many were sealed anew. LEPTON_E_BUSY: somebody reads it; what is left
 * is done by the same call later. */
LEPTON_API int lepton_store_rotate(struct lepton_store *store, struct lepton_key *key, size_t *objects,
		struct lepton_error *err) LEPTON_MUST_CHECK;

LEPTON_API void lepton_store_close(struct lepton_store *store); /* NULL is fine */

/* Keep one event. Metrics are batched and committed with the next other event or lepton_store_flush; so is a version made
 * from others, which comes with its weights or not at all. A CHECKPOINT is durable (objects fsynced, one transaction) when
 * the call returns. */
LEPTON_API int lepton_store_put(struct lepton_store *store, const struct lepton_event *event, struct lepton_error *err) LEPTON_MUST_CHECK;
LEPTON_API bool lepton_store_waits(const struct lepton_store *store); /* something put is not committed yet */
LEPTON_API int lepton_store_flush(struct lepton_store *store, struct lepton_error *err) LEPTON_MUST_CHECK;

/* Everything visible, folded into *run (initialised by the caller), older points as outlines (struct lepton_history). An
 * empty store gives an empty run. */
LEPTON_API int lepton_store_load_run(struct lepton_store *store, struct lepton_run *run, struct lepton_error *err) LEPTON_MUST_CHECK;
/* All points of a version of the run (0: of all) in place of their outline: for exports. */
LEPTON_API int lepton_store_load_whole(struct lepton_store *store, struct lepton_run *run, int64_t version,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* A version's points with steps in [from_step, to_step]; where there are more than `most` (0: no limit), an outline of 16
 * points each in place of the older. The caller clears *out (lepton_history_clear). LEPTON_E_CORRUPT names a damaged block. */
LEPTON_API int lepton_store_load_history(struct lepton_store *store, int64_t version, int64_t from_step, int64_t to_step,
		int64_t most, struct lepton_history *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The serial of the last event that is in it; 0 before the first. A run that is loaded has it as its own. */
LEPTON_API int lepton_store_serial(struct lepton_store *store, uint64_t *serial, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The newest good checkpoint of a version (or the newest at or before `step` when step >= 0); when the newest is
 * damaged, the one before it, and err's sentence says so with return 0. LEPTON_E_NOTFOUND when there is none.
 * Compressed versions come back decoded, with their blob. */
LEPTON_API int lepton_store_load_checkpoint(struct lepton_store *store, int64_t version, int64_t step,
		struct lepton_checkpoint **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* "name", "name@step", ":alias", "#id" → version id and step (-1: newest). */
LEPTON_API int lepton_store_resolve(struct lepton_store *store, const char *reference, int64_t *version, int64_t *step,
		struct lepton_error *err) LEPTON_MUST_CHECK;

/* What a collection found, or would. */
struct lepton_store_gc {
	int64_t checkpoints, objects, object_bytes; /* gone */
	int64_t strays, stray_bytes;                /* files no row named, gone */
	int64_t packed, packed_from, packed_to;     /* objects packed, and the bytes of their files */
	int64_t files_bytes, raw_bytes;             /* of all objects: their files, and their numbers */
	int64_t weight_files_bytes, weight_raw_bytes; /* of those that are weights */
};
/* Drop checkpoints that the policy ("keep" of the spec) does not keep and objects nothing refers to; pack what is
 * left. look_only, for a reader too: count what would go, and change nothing. */
LEPTON_API int lepton_store_gc(struct lepton_store *store, bool look_only, struct lepton_store_gc *out,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* Mark the checkpoint of a version at a step (-1: its newest) so that collection leaves it, or no longer. *at: its step.
 * LEPTON_E_NOTFOUND. */
LEPTON_API int lepton_store_mark(struct lepton_store *store, int64_t version, int64_t step, bool marked, int64_t *at,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* One line a marked checkpoint: "name@step". */
LEPTON_API int lepton_store_marks(struct lepton_store *store, void (*say)(const char *line, void *arg), void *arg,
		struct lepton_error *err) LEPTON_MUST_CHECK;

/* Check every hash, chain and row; one line a fault to `say`. Returns 0 when all is well, LEPTON_E_CORRUPT otherwise. */
LEPTON_API int lepton_store_verify(struct lepton_store *store, void (*say)(const char *line, void *arg), void *arg,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* Mend what can be, of a store opened for REPAIR; one line to `say` for each thing done and each fault left. Checkpoints
 * that cannot be read go where an older or newer one is whole; nothing is pointed elsewhere. LEPTON_E_CORRUPT when
 * faults are left. */
LEPTON_API int lepton_store_repair(struct lepton_store *store, void (*say)(const char *line, void *arg), void *arg,
		struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
