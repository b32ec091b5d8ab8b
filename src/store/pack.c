/* store/pack.c - tensors of older checkpoints into less room, to the bit.
 *
 * A tensor is written plain when its checkpoint comes, and packed when that has grown old: where its bytes
 * count more, and nothing waits for it. A tensor of one of the newest checkpoints a version keeps becomes a
 * delta against the same tensor of the next newer one: newer, because the newer outlives it, so that
 * collection seldom needs to rewrite what leans on something. The newest of a version that has ended may lean
 * on its parent's. What is kept for other reasons (promoted, best, marked) outlives its neighbours and stands
 * alone. So do the two newest of a version that may train on: one damaged file must never cost both
 * generations. Chains are bounded, and a base's own bases are looked through, so no circle can come about.
 *
 * Order of writes: the row names the base before the file needs it, and forgets it after: whenever a crash
 * comes, collection leaves the base where it is. What replaces a file is decoded and compared first.
 *
 * The keeper's thread packs too, but for 2 % of the time and objects up to 16 MiB only; `lepton gc` does
 * the rest, and objects up to 1 GiB.
 */
#include "config.h"
#include "store/object_form.h"
#include "store/store_parts.h"
#include "base/clock.h"
#include "base/memory.h"

#include <string.h>

#define KEEPER_SHARE 0.02
#define KEEPER_BYTES ((int64_t)16 << 20)
#define MOST_BYTES ((int64_t)1 << 30)

enum { TRIED_ALONE = 1, TRIED_ALL = 2 }; /* objects.packed */

/* A tensor in its place, and what may be done with it. */
struct candidate {
	char hash[LEPTON_HASH_HEX], base[LEPTON_HASH_HEX];
	char role[16], name[LEPTON_NAME_MAX];
	int64_t checkpoint, version;
	int tried;
};

struct candidates {
	struct candidate *list;
	size_t count, capacity;
};

#define CANDIDATES                                                                                           \
	"SELECT p.hash, p.role, p.name, c.id, c.version FROM checkpoints c"                                  \
	" JOIN checkpoint_objects p ON p.checkpoint=c.id JOIN objects o ON o.hash=p.hash"                    \
	" WHERE (?1=0 OR c.version=?1) AND o.packed<2 AND o.bytes<=?2 AND p.role<>'encoded'"                 \
	" ORDER BY c.id DESC, p.role, p.ordinal"
/* Does one of the two newest checkpoints of a version that may train on hold it? */
#define FRESH                                                                                                \
	"SELECT count(*) FROM checkpoint_objects q JOIN checkpoints d ON d.id=q.checkpoint"                  \
	" JOIN versions v ON v.id=d.version AND v.state IN ('queued','running','paused')"                    \
	" WHERE q.hash=? AND (SELECT count(*) FROM checkpoints e WHERE e.version=d.version AND e.id>d.id)<2"
#define NEWER "SELECT count(*) FROM checkpoints WHERE version=? AND id>?"
#define NEXT_NEWER                                                                                           \
	"SELECT q.hash FROM checkpoints d JOIN checkpoint_objects q ON q.checkpoint=d.id"                    \
	" WHERE d.version=? AND d.id>? AND q.role=? AND q.name=? ORDER BY d.id LIMIT 1"
#define OF_PARENT                                                                                            \
	"SELECT q.hash FROM lineage l JOIN versions v ON v.id=l.parent"                                      \
	" AND v.state NOT IN ('queued','running','paused')"                                                  \
	" JOIN checkpoints d ON d.version=l.parent JOIN checkpoint_objects q ON q.checkpoint=d.id"           \
	" WHERE l.child=? AND q.role=? AND q.name=? ORDER BY l.ordinal, d.id DESC LIMIT 1"
/* How long the longest chain through both would be; 100 more where the base needs the tensor itself. */
#define CHAIN                                                                                                \
	"WITH RECURSIVE up(hash, n) AS (SELECT ?1, 0 UNION ALL SELECT o.base, n+1 FROM up"                   \
	" JOIN objects o ON o.hash=up.hash WHERE o.base IS NOT NULL AND n<9),"                               \
	" down(hash, n) AS (SELECT ?2, 0 UNION ALL SELECT o.hash, n+1 FROM down"                             \
	" JOIN objects o ON o.base=down.hash WHERE n<9)"                                                     \
	" SELECT 1 + (SELECT max(n) + 100*max(hash=?2) FROM up) + (SELECT max(n) FROM down)"

static int find_candidates(
	struct lepton_store *store, int64_t version, struct candidates *out, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(
		store, &rows, err, CANDIDATES, "ii", version, version ? KEEPER_BYTES : MOST_BYTES);
	while (lepton__sql_more(store, rows, &code, err)) {
		if (lepton__grow(&out->list, &out->capacity, out->count + 1, sizeof *out->list)) {
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory packing objects");
			break;
		}
		struct candidate *c = &out->list[out->count++];
		*c = (struct candidate){.checkpoint = sqlite3_column_int64(rows, 3),
			.version = sqlite3_column_int64(rows, 4)};
		lepton__copy_name(c->hash, sizeof c->hash, lepton__sql_text(rows, 0));
		lepton__copy_name(c->role, sizeof c->role, lepton__sql_text(rows, 1));
		lepton__copy_name(c->name, sizeof c->name, lepton__sql_text(rows, 2));
	}
	sqlite3_finalize(rows);
	return code;
}

/* ---- on what it may lean ---- */

static int check_chain(struct lepton_store *store, struct candidate *c, struct lepton_error *err)
{
	int64_t length;
	int code = lepton__sql_int(store, &length, 100, err, CHAIN, "tt", c->base, c->hash);
	if (length > LEPTON__OBJECT_CHAIN)
		c->base[0] = '\0';
	return code;
}

static int find_base(struct lepton_store *store, const struct lepton__keep *keep, struct candidate *c,
	struct lepton_error *err)
{
	struct lepton__hashes found = {0};
	int64_t newer;
	int code = lepton__sql_int(store, &newer, 0, err, NEWER, "ii", c->version, c->checkpoint);
	if (code || (keep->last >= 0 && newer >= keep->last))
		return code;
	code = newer ? lepton__hashes_select(store, &found, err, NEXT_NEWER, "iitt", c->version,
			       c->checkpoint, c->role, c->name)
		     : lepton__hashes_select(
			       store, &found, err, OF_PARENT, "itt", c->version, c->role, c->name);
	if (!code && found.count && strcmp(found.list[0], c->hash) != 0)
		lepton__copy_name(c->base, sizeof c->base, found.list[0]);
	lepton__hashes_free(&found);
	return code || !*c->base ? code : check_chain(store, c, err);
}

/* ---- one tensor ---- */

/* Is this what the name says? The replaced file may be the only one there is. */
static int check_back(const struct lepton_store *store, const struct lepton__buffer *bytes,
	const struct lepton_tensor *base, const char *hash, struct lepton_error *err)
{
	struct lepton__object_head head;
	struct lepton_params *back = NULL;
	int code = lepton__object_head(bytes->data, bytes->size, hash, &head, err);
	if (!code)
		code = lepton__object_decode(store->vault, &head, base, hash, &back, err);
	lepton_params_release(back);
	return code;
}

static int set_row(
	struct lepton_store *store, const char *hash, const char *base, int tried, struct lepton_error *err)
{
	return lepton__sql_do(store, err, "UPDATE objects SET base=?, packed=? WHERE hash=?", "tit", base,
		(int64_t)tried, hash);
}

static int replace(struct lepton_store *store, const struct candidate *c, const char *base,
	const struct lepton__buffer *bytes, struct lepton_error *err)
{
	int code = base ? set_row(store, c->hash, base, c->tried, err) : LEPTON_OK;
	if (!code)
		code = lepton__object_write(store, c->hash, bytes, err);
	return code || base ? code : set_row(store, c->hash, NULL, c->tried, err);
}

/* The shorter of the two ways; base set to NULL where it is not needed. A delta must save enough to be worth
 * its base. */
static int render_shorter(const struct lepton_tensor *tensor, const struct lepton_tensor **base,
	const char *base_hash, struct lepton__buffer *out, struct lepton_error *err)
{
	struct lepton__buffer alone;
	size_t raw = (size_t)lepton_shape_count(&tensor->shape) * lepton_dtype_size(tensor->dtype);
	int code = *base ? lepton__object_render(tensor, LEPTON__OBJECT_DELTA, *base, base_hash, out, err)
			 : LEPTON_OK;
	if (code || (*base && out->size < raw - raw / 4))
		return code;
	lepton__buffer_init(&alone, LEPTON__OBJECT_MAX);
	code = lepton__object_render(tensor, LEPTON__OBJECT_PLANES, NULL, NULL, &alone, err);
	if (!code && (!*base || out->size > alone.size - alone.size / 16)) {
		struct lepton__buffer swap = *out;
		*out = alone;
		alone = swap;
		*base = NULL;
	}
	lepton__buffer_free(&alone);
	return code;
}

static int pack_tensor(struct lepton_store *store, struct candidate *c, const struct lepton_tensor *tensor,
	const struct lepton_tensor *base, struct lepton_store_gc *tally, struct lepton_error *err)
{
	struct lepton__buffer bytes;
	int64_t before = lepton__object_size(store, c->hash);
	lepton__buffer_init(&bytes, LEPTON__OBJECT_MAX);
	if (base && !lepton__object_can_lean(tensor, base))
		base = NULL;
	int code = render_shorter(tensor, &base, c->base, &bytes, err);
	bool shorter = !code && (int64_t)bytes.size < before;
	if (shorter)
		code = check_back(store, &bytes, base, c->hash, err);
	if (!code && shorter)
		code = replace(store, c, base ? c->base : NULL, &bytes, err);
	else if (!code)
		code = lepton__sql_do(store, err, "UPDATE objects SET packed=? WHERE hash=?", "it",
			(int64_t)c->tried, c->hash);
	if (!code && shorter) {
		tally->packed++;
		tally->packed_from += before;
		tally->packed_to += (int64_t)bytes.size;
	}
	lepton__buffer_free(&bytes);
	return code;
}

static int pack_one(struct lepton_store *store, struct candidate *c, struct lepton_store_gc *tally,
	struct lepton_error *err)
{
	struct lepton_params *tensor, *base = NULL;
	int code = lepton__object_get(store, c->hash, &tensor, err);
	if (code)
		return code;
	if (*c->base && lepton__object_get(store, c->base, &base, NULL))
		base = NULL; /* it cannot be read: verify says so */
	code = pack_tensor(
		store, c, lepton_params_at(tensor, 0), base ? lepton_params_at(base, 0) : NULL, tally, err);
	lepton_params_release(base);
	lepton_params_release(tensor);
	return code;
}

/* Damaged objects are verify's business; only what ends the work ends it. */
static int try_one(struct lepton_store *store, struct candidate *c, const struct lepton__keep *keep,
	bool keeper, struct lepton_store_gc *tally, struct lepton_error *err)
{
	int64_t fresh, tried;
	int code = lepton__sql_int(
		store, &tried, TRIED_ALL, err, "SELECT packed FROM objects WHERE hash=?", "t", c->hash);
	if (!code)
		code = lepton__sql_int(store, &fresh, 0, err, FRESH, "t", c->hash);
	if (code || (fresh && keeper))
		return code;
	c->tried = fresh ? TRIED_ALONE : TRIED_ALL;
	if (tried >= c->tried)
		return LEPTON_OK;
	if (!fresh)
		code = find_base(store, keep, c, err);
	if (!code)
		code = pack_one(store, c, tally, err);
	return code == LEPTON_E_CORRUPT ? LEPTON_OK : code;
}

int lepton__pack_objects(struct lepton_store *store, int64_t version, const struct lepton__keep *keep,
	struct lepton_store_gc *tally, struct lepton_error *err)
{
	struct candidates candidates = {0};
	int code = find_candidates(store, version, &candidates, err);
	for (size_t i = 0; i < candidates.count && !code; i++) {
		double now = lepton__monotonic();
		if (version && store->packing > KEEPER_SHARE * (now - store->opened))
			break;
		code = try_one(store, &candidates.list[i], keep, version != 0, tally, err);
		store->packing += lepton__monotonic() - now;
	}
	lepton__free(candidates.list);
	return code;
}

int lepton__object_stand_alone(struct lepton_store *store, const char *hash, struct lepton_error *err)
{
	struct candidate c = {.tried = TRIED_ALONE};
	struct lepton_params *tensor;
	struct lepton__buffer bytes;
	lepton__copy_name(c.hash, sizeof c.hash, hash);
	lepton__buffer_init(&bytes, LEPTON__OBJECT_MAX);
	int code = lepton__object_get(store, hash, &tensor, err);
	if (!code)
		code = lepton__object_render(
			lepton_params_at(tensor, 0), LEPTON__OBJECT_PLANES, NULL, NULL, &bytes, err);
	if (!code)
		code = check_back(store, &bytes, NULL, hash, err);
	if (!code)
		code = replace(store, &c, NULL, &bytes, err);
	lepton__buffer_free(&bytes);
	lepton_params_release(tensor);
	return code;
}
