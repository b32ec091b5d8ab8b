/* tests/test_store_pack.c - packed tensors come back to the bit; the policy keeps what it says, and no more.
 */
#include "store/object_form.h"
#include "store_make.h"
#include "oracles/store_golden.h"

#include <errno.h>
#include <math.h>

#define LONGEST_CHAIN                                                                                        \
	"WITH RECURSIVE up(hash, n) AS (SELECT hash, 0 FROM objects UNION ALL SELECT o.base, n+1 FROM up "   \
	"JOIN objects o ON o.hash=up.hash WHERE o.base IS NOT NULL AND n<20) SELECT max(n) FROM up"
#define LEANING_IN_NEWEST_TWO                                                                                \
	"SELECT count(*) FROM objects WHERE base IS NOT NULL AND hash IN (SELECT hash FROM "                 \
	"checkpoint_objects WHERE checkpoint IN (SELECT id FROM checkpoints ORDER BY id DESC LIMIT 2))"

/* ---- bytes ---- */

static struct lepton_params *golden_set(float add)
{
	const struct lepton_tensor like = {.name = "object", .shape = {2, {2, 3}}};
	struct lepton_params *set;
	assert_int_equal(lepton_params_new(&like, 1, &set, NULL), 0);
	for (int i = 0; i < 6; i++)
		((float *)lepton_params_data(set, 0))[i] = 0.25f * (float)(i - 2) + add;
	return set;
}

static struct lepton_params *decoded(
	const uint8_t *bytes, size_t size, const char *hash, const struct lepton_params *base)
{
	struct lepton__object_head head;
	struct lepton_params *back = NULL;
	struct lepton_error err = {0};
	if (lepton__object_head((const char *)bytes, size, hash, &head, &err) ||
		lepton__object_decode(
			NULL, &head, base ? lepton_params_at(base, 0) : NULL, hash, &back, &err))
		fail_msg("%s", err.message);
	return back;
}

/* The file by planes was made by Python's zlib and hashlib, the delta's frame too. */
static void the_bytes_are_as_documented(void **state)
{
	(void)state;
	char hash[LEPTON_HASH_HEX], base_hash[LEPTON_HASH_HEX];
	struct lepton_params *base = golden_set(0), *set = golden_set(1.0f / 1024), *back;
	struct lepton__buffer bytes;
	lepton_tensor_hash(lepton_params_at(base, 0), base_hash);
	lepton_tensor_hash(lepton_params_at(set, 0), hash);
	assert_string_equal(hash, golden_hash);
	assert_string_equal(base_hash, golden_base);
	back = decoded(golden_planes, sizeof golden_planes, hash, NULL);
	assert_same(back, set);
	lepton_params_release(back);
	back = decoded(golden_delta, sizeof golden_delta, hash, base);
	assert_same(back, set);
	lepton_params_release(back);
	lepton__buffer_init(&bytes, 1 << 20);
	assert_int_equal(lepton__object_render(lepton_params_at(set, 0), LEPTON__OBJECT_DELTA,
				 lepton_params_at(base, 0), base_hash, &bytes, NULL),
		0);
	assert_int_equal(bytes.size, sizeof golden_delta);
	assert_memory_equal(bytes.data, golden_delta, sizeof golden_delta);
	lepton__buffer_free(&bytes);
	lepton_params_release(base);
	lepton_params_release(set);
}

/* A file that says of no rows that each is very long asks for no memory. (Found by tests/fuzz/fuzz_object.c.)
 */
static void no_rows_need_no_room(void **state)
{
	(void)state;
	const uint8_t payload[8] = {0};
	struct lepton__object_head head = {.like = {.name = "object", .shape = {2, {0, INT64_C(1) << 42}}},
		.coding = LEPTON__OBJECT_DELTA,
		.payload = payload,
		.size = sizeof payload};
	struct lepton_params *base, *set = NULL;
	struct lepton_error err = {0};
	assert_int_equal(lepton_params_new(&head.like, 1, &base, NULL), 0);
	int code = lepton__object_decode(NULL, &head, lepton_params_at(base, 0), golden_base, &set, &err);
	assert_int_equal(code, LEPTON_E_CORRUPT);
	assert_null(set);
	lepton_params_release(base);
}

/* Collecting comes after the commit: what it cannot do now is no fault of the checkpoint, which would else be
 * tried again. */
static void a_checkpoint_counts_though_gc_fails(void **state)
{
	(void)state;
	struct lepton_store *store = with_checkpoints(3);
	put_keep(store, "{\"keep\":{\"last\":9}}");
	sql("ALTER TABLE alias_history RENAME TO elsewhere"); /* which collecting asks, and putting does not
							       */
	struct lepton_store_gc tally;
	assert_int_not_equal(lepton_store_gc(store, false, &tally, NULL), 0);
	put_checkpoint(store, 1, 4, 7); /* fails the test where it is not kept */
	assert_loads(store, 1, 4, 7);
	sql("ALTER TABLE elsewhere RENAME TO alias_history");
	put_checkpoint(store, 1, 5, 7);
	assert_int_equal(count("SELECT count(*) FROM checkpoints WHERE step=4"), 1);
	assert_int_equal(lepton_store_gc(store, false, &tally, NULL), 0);
	assert_loads(store, 1, 4, 7);
	assert_clean(store);
	lepton_store_close(store);
}

/* ---- packing ---- */

static void packed_checkpoints_come_back(void **state)
{
	(void)state;
	enum { LAST = 12 };
	struct lepton_store *store = with_checkpoints(LAST);
	struct lepton_store_gc tally = collected(store);
	assert_int_equal(tally.checkpoints, 0);
	assert_true(tally.packed > 0 && tally.packed_to < tally.packed_from);
	assert_true(count("SELECT count(*) FROM objects WHERE base IS NOT NULL") > LAST);
	assert_int_equal(count(LONGEST_CHAIN), 4);
	assert_int_equal(count(LEANING_IN_NEWEST_TWO), 0);
	for (int64_t step = 1; step <= LAST; step++)
		assert_loads(store, 1, step, 7);
	assert_clean(store);
	assert_int_equal(collected(store).packed, 0); /* once is enough */
	put_state(store, 1, LEPTON_DONE);
	put_checkpoint(store, 1, LAST + 1, 7);
	collected(store);
	assert_true(count(LEANING_IN_NEWEST_TWO) > 0); /* it has ended: the second newest may lean */
	assert_in_range(count(LONGEST_CHAIN), 1, 4);
	lepton_store_close(store);
	store = opened(LEPTON_STORE_READ);
	for (int64_t step = 1; step <= LAST + 1; step++)
		assert_loads(store, 1, step, 7);
	assert_clean(store);
	lepton_store_close(store);
}

/* What no difference can be taken of: numbers that are not finite, other types, nothing at all. */
static struct lepton_params *odd_slots(int64_t step)
{
	const struct lepton_tensor like[] = {
		{.name = "nan", .shape = {2, {9, 11}}},
		{.name = "none", .shape = {2, {0, 4}}},
		{.name = "scalar", .shape = {0, {0}}},
		{.name = "f64", .dtype = LEPTON_F64, .shape = {1, {50}}},
		{.name = "i32", .dtype = LEPTON_I32, .shape = {1, {70}}},
	};
	struct lepton_params *set = drifting(like, 5, 3, step);
	((float *)lepton_params_data(set, 0))[5] = step % 2 ? (float)NAN : -(float)INFINITY;
	((float *)lepton_params_data(set, 0))[6] = -0.0f;
	((float *)lepton_params_data(set, 0))[7] = 1e-42f; /* subnormal */
	return set;
}

static void odd_tensors_come_back(void **state)
{
	(void)state;
	enum { LAST = 6 };
	struct lepton_store *store = with_checkpoints(0);
	for (int64_t step = 1; step <= LAST; step++)
		put(store, checkpoint_of(1, step, weights_at(7, step), odd_slots(step)));
	collected(store);
	for (int64_t step = 1; step <= LAST; step++) {
		struct lepton_checkpoint *c;
		struct lepton_params *slots = odd_slots(step);
		assert_int_equal(lepton_store_load_checkpoint(store, 1, step, &c, NULL), 0);
		assert_int_equal(c->state.step, step);
		assert_same(c->state.slots, slots);
		lepton_params_release(slots);
		lepton_checkpoint_release(c);
	}
	assert_clean(store);
	lepton_store_close(store);
}

/* A child leans on its parent, in which one damaged file then costs both: both are named. */
static void a_child_leans_on_its_parent(void **state)
{
	(void)state;
	struct lepton_store *store = with_checkpoints(1);
	put_version(store, 2, "two", 1);
	put_checkpoint(store, 2, 2, 7); /* a step on from its parent's */
	put_state(store, 2, LEPTON_DONE);
	collected(store);
	assert_int_equal(
		count("SELECT count(*) FROM objects WHERE base IS NOT NULL"), 0); /* the parent trains on */
	put_state(store, 1, LEPTON_DONE);
	sql("UPDATE objects SET packed=0");
	collected(store);
	assert_true(count("SELECT count(*) FROM objects WHERE base IS NOT NULL") >= 2);
	assert_loads(store, 2, 2, 7);
	assert_clean(store);
	char *path = kernel_of(7, 1);
	flip(path, 60);
	assert_int_equal(verified(store), LEPTON_E_CORRUPT);
	assert_int_equal(lines, 2);
	assert_heard("version one, step 1, weight dense/kernel: object ");
	assert_heard("version two, step 2, weight dense/kernel: object ");
	assert_heard("needs its base: object ");
	lepton__free(path);
	lepton_store_close(store);
}

/* A clone begins with its parent's very tensors: the same objects in two chains. */
static void shared_tensors_make_no_circle(void **state)
{
	(void)state;
	struct lepton_store *store = with_checkpoints(3);
	put_version(store, 2, "clone", 1);
	for (int64_t step = 3; step <= 9; step++)
		put_checkpoint(store, 2, step, 7);
	put_state(store, 1, LEPTON_DONE);
	put_state(store, 2, LEPTON_DONE);
	collected(store);
	for (int again = 0; again < 3; again++) {
		sql("UPDATE objects SET packed=0"); /* try every way again */
		collected(store);
		assert_in_range(count(LONGEST_CHAIN), 1, 4);
	}
	for (int64_t step = 1; step <= 9; step++)
		assert_loads(store, step <= 3 ? 1 : 2, step, 7);
	assert_clean(store);
	lepton_store_close(store);
}

/* ---- what is kept ---- */

static void put_epoch(struct lepton_store *store, int64_t step, double val_loss)
{
	struct lepton_event event = {.type = LEPTON_EVENT_EPOCH, .version = 1};
	event.u.epoch.epoch = event.u.epoch.step = step;
	event.u.epoch.val_loss = val_loss;
	put(store, event);
}

static void assert_steps(struct lepton_store *store, const char *expected)
{
	char steps[128] = "";
	for (int64_t step = 1; step <= 20; step++)
		if (has_step(store, 1, step))
			snprintf(steps + strlen(steps), sizeof steps - strlen(steps), " %d", (int)step);
	assert_string_equal(steps, expected);
}

static void mark(struct lepton_store *store, int64_t step, bool marked)
{
	int64_t at;
	assert_int_equal(lepton_store_mark(store, 1, step, marked, &at, NULL), 0);
	assert_int_equal(at, step);
}

static void the_policy_is_kept(void **state)
{
	(void)state;
	struct lepton_store *store = with_checkpoints(10);
	struct lepton_store_gc dry;
	struct lepton_error err = {0};
	int64_t at;
	for (int64_t step = 1; step <= 10; step++)
		put_epoch(store, step, fabs((double)step - 4.1));
	collected(store);
	mark(store, 2, true);
	mark(store, 3, true);
	mark(store, 3, false);
	assert_int_equal(lepton_store_mark(store, 1, 77, true, &at, &err), LEPTON_E_NOTFOUND);
	assert_non_null(strstr(err.message, "no checkpoint at step 77"));
	hush();
	assert_int_equal(lepton_store_marks(store, hear, NULL, NULL), 0);
	assert_string_equal(heard, "one@2\n");
	assert_steps(store, " 1 2 3 4 5 6 7 8 9 10");
	put_keep(store, "{\"keep\":{\"last\":3,\"best\":true}}");
	assert_int_equal(lepton_store_gc(store, true, &dry, NULL), 0);
	assert_int_equal(dry.checkpoints, 5);
	assert_steps(store, " 1 2 3 4 5 6 7 8 9 10"); /* it only looked */
	struct lepton_store_gc tally = collected(store);
	assert_int_equal(tally.checkpoints, 5);
	assert_steps(store, " 2 4 8 9 10");
	/* what leant on those that went was written anew: no object but those of the five is left */
	assert_int_equal(
		count("SELECT count(*) FROM objects WHERE hash NOT IN (SELECT hash FROM checkpoint_objects)"),
		0);
	put_keep(store, "{\"keep\":{\"marked\":false}}");
	collected(store);
	assert_steps(store, " 9 10");
	put_keep(store, "{}");
	put_checkpoint(store, 1, 11, 7);
	assert_steps(store, " 10 11");
	assert_loads(store, 1, 10, 7);
	assert_clean(store);
	lepton_store_close(store);
}

static void put_alias(struct lepton_store *store, int64_t step)
{
	struct lepton_event event = {.type = LEPTON_EVENT_ALIAS, .version = 1};
	struct lepton_params *weights = weights_at(7, step);
	lepton__copy_name(event.u.alias.alias, LEPTON_NAME_MAX, "production");
	event.u.alias.target = 1;
	lepton_params_hash(weights, event.u.alias.weights_hash);
	lepton_params_release(weights);
	put(store, event);
}

static void aliases_keep_what_they_point_at(void **state)
{
	(void)state;
	struct lepton_store *store = with_checkpoints(8);
	put_alias(store, 2);
	put_alias(store, 5);
	put_keep(store, "{}");
	collected(store);
	assert_steps(store, " 2 5 7 8"); /* where it pointed too: rollback goes there */
	put_keep(store, "{\"keep\":{\"promoted\":false}}");
	collected(store);
	assert_steps(store, " 5 7 8"); /* where it points stays, whatever the policy */
	assert_clean(store);
	lepton_store_close(store);
}

/* ---- formats and faults ---- */

/* As format 1 had it: no bases, no marks. */
static void make_old(void)
{
	sql("PRAGMA foreign_keys=OFF; PRAGMA legacy_alter_table=ON; BEGIN; DROP INDEX objects_base;"
	    "DROP TRIGGER checkpoints_put; DROP TRIGGER checkpoints_change; DROP TRIGGER checkpoints_drop;"
	    "CREATE TABLE o(hash TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;"
	    "INSERT INTO o SELECT hash, bytes FROM objects; DROP TABLE objects; ALTER TABLE o RENAME TO "
	    "objects;"
	    "ALTER TABLE checkpoints DROP COLUMN marked; DROP TABLE history_blocks; DROP TABLE "
	    "history_summaries;"
	    "DROP TABLE history_outlines; COMMIT");
	as_before_checksums(1);
}

static void an_old_store_is_read_and_brought_up(void **state)
{
	(void)state;
	struct lepton_store_gc tally;
	struct lepton_error err = {0};
	lepton_store_close(with_checkpoints(5));
	make_old();
	struct lepton_store *store = opened(LEPTON_STORE_READ);
	assert_loads(store, 1, 5, 7);
	assert_int_equal(verified(store), 0);
	assert_int_equal(lines, 1);
	assert_heard("store.db: its pages have no checksums yet");
	assert_int_equal(lepton_store_marks(store, hear, NULL, NULL), 0);
	assert_int_equal(lepton_store_gc(store, true, &tally, &err), LEPTON_E_UNSUPPORTED);
	lepton_store_close(store);
	store = opened(LEPTON_STORE_WRITE);
	assert_true(collected(store).packed > 0);
	for (int64_t step = 1; step <= 5; step++)
		assert_loads(store, 1, step, 7);
	assert_clean(store);
	lepton_store_close(store);
	assert_int_equal(count("PRAGMA user_version"), 4);
}

static struct lepton__io real;
static int countdown;

static int failing_write(void)
{
	errno = ENOSPC;
	return --countdown == 0;
}

static ssize_t bad_write(int fd, const void *bytes, size_t size)
{
	return failing_write() ? -1 : real.write(fd, bytes, size);
}

static int bad_fsync(int fd)
{
	return failing_write() ? -1 : real.fsync(fd);
}

static int bad_rename(const char *from, const char *to)
{
	return failing_write() ? -1 : real.rename(from, to);
}

/* Packing is cut short at each of its calls: what was there is there, and the next time it goes on. */
static void packing_cut_short_loses_nothing(void **state)
{
	(void)state;
	enum { LAST = 5 };
	struct lepton_store *store = with_checkpoints(LAST);
	struct lepton_store_gc tally;
	int failures = 0;
	for (int nth = 1;; nth++) {
		real = lepton__io;
		lepton__io.write = bad_write;
		lepton__io.fsync = bad_fsync;
		lepton__io.rename = bad_rename;
		countdown = nth;
		int code = lepton_store_gc(store, false, &tally, NULL);
		lepton__io = real;
		failures += code != 0;
		assert_clean(store);
		for (int64_t step = 1; step <= LAST; step++)
			assert_loads(store, 1, step, 7);
		if (countdown > 0)
			break;
		assert_int_equal(code, LEPTON_E_IO);
	}
	assert_true(failures > 3);
	lepton_store_close(store);
	assert_clean(store = opened(LEPTON_STORE_WRITE));
	lepton_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		CASE(the_bytes_are_as_documented),
		CASE(no_rows_need_no_room),
		CASE(a_checkpoint_counts_though_gc_fails),
		CASE(packed_checkpoints_come_back),
		CASE(odd_tensors_come_back),
		CASE(a_child_leans_on_its_parent),
		CASE(shared_tensors_make_no_circle),
		CASE(the_policy_is_kept),
		CASE(aliases_keep_what_they_point_at),
		CASE(an_old_store_is_read_and_brought_up),
		CASE(packing_cut_short_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
