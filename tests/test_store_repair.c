/* tests/test_store_repair.c - damage anywhere: found, named, mended where it can be, and never more than
 * itself. */
#include "lepton/compress.h"
#include "store_make.h"
#include "store/history.h"

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

/* ---- every byte, every length ---- */

#define LAST 7

/* The kernel of `step` is damaged: said so, and all others are read. */
static void assert_found(struct lepton_store *store, int64_t step, bool leant_on)
{
	char place[64];
	assert_int_equal(verified(store), LEPTON_E_CORRUPT);
	if (leant_on ? lines < 2 : lines != 1)
		fail_msg("%d lines: %s", lines, heard);
	snprintf(place, sizeof place, "version one, step %d, weight dense/kernel: object ", (int)step);
	assert_heard(place);
	assert_loads(store, 1, LAST, 7);
	assert_loads(store, 1, LAST - 1, 7);
}

static void damage_every_byte(struct lepton_store *store, int64_t step, const char *kind, bool leant_on)
{
	char *path = kernel_of(7, step), *bytes;
	size_t size;
	read_file(path, &bytes, &size);
	assert_memory_equal(bytes, kind, 8);
	for (size_t at = 0; at < size; at++) {
		bytes[at] ^= (char)(1 << at % 8);
		overwrite(path, bytes, size);
		assert_found(store, step, leant_on);
		bytes[at] ^= (char)(1 << at % 8);
	}
	for (size_t length = 0; length < size; length++) {
		overwrite(path, bytes, length);
		assert_found(store, step, leant_on);
	}
	assert_int_equal(unlink(path), 0);
	assert_found(store, step, leant_on);
	overwrite(path, bytes, size);
	assert_clean(store);
	lepton__free(bytes);
	lepton__free(path);
}

/* 2 leans on 3, and so on to 6, which stands alone as 7 and, the chain being full, 1 do: by planes. */
static void every_flip_and_length_is_found(void **state)
{
	(void)state;
	struct lepton_store *store = with_checkpoints(LAST);
	collected(store);
	assert_int_equal(
		count("SELECT count(*) FROM objects o JOIN checkpoint_objects p USING(hash) WHERE p.name="
		      "'dense/kernel' AND o.base IS NULL"),
		3);
	damage_every_byte(store, 1, "LEPTOBJ2", false);
	damage_every_byte(store, 5, "LEPTOBJ2", true);
	lepton_store_close(store);
}

/* ---- repair ---- */

static void an_older_generation_stands_in(void **state)
{
	(void)state;
	lepton_store_close(with_checkpoints(3));
	char *path = kernel_of(7, 3);
	flip(path, 100); /* among the numbers: nowhere else are they */
	assert_int_equal(repaired(), 0);
	assert_heard("version one, step 3: dropped; step 2 is whole");
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	assert_clean(store);
	assert_loads(store, 1, 2, 7);
	assert_false(has_step(store, 1, 3));
	put_checkpoint(store, 1, 3, 7); /* training came there again */
	assert_loads(store, 1, 3, 7);
	lepton_store_close(store);
	assert_int_equal(repaired(), 0);
	assert_int_equal(lines, 0);
	lepton__free(path);
}

static void the_last_of_a_version_stays(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	put_version(store, 1, "one", 0);
	put_checkpoint(store, 1, 5, 7);
	lepton_store_close(store);
	char *path = kernel_of(7, 5);
	flip(path, 100);
	assert_int_equal(repaired(), LEPTON_E_CORRUPT);
	assert_int_equal(lines, 1);
	assert_heard("version one, step 5, weight dense/kernel: object ");
	lepton__free(path);
}

static void what_an_alias_points_at_stays(void **state)
{
	(void)state;
	struct lepton_store *store = with_checkpoints(3);
	struct lepton_event alias = {.type = LEPTON_EVENT_ALIAS, .version = 1};
	struct lepton_params *weights = weights_at(7, 2);
	lepton__copy_name(alias.u.alias.alias, LEPTON_NAME_MAX, "production");
	alias.u.alias.target = 1;
	lepton_params_hash(weights, alias.u.alias.weights_hash);
	lepton_params_release(weights);
	put(store, alias);
	lepton_store_close(store);
	char *path = kernel_of(7, 2);
	flip(path, 100);
	assert_int_equal(repaired(), LEPTON_E_CORRUPT);
	assert_heard("step 2");
	sql("DELETE FROM checkpoints WHERE step=2");
	store = opened(LEPTON_STORE_READ);
	assert_int_equal(verified(store), LEPTON_E_CORRUPT);
	assert_heard("alias production: the weights it points at");
	lepton_store_close(store);
	lepton__free(path);
}

/* Magic, type, shape, size, checksum: the numbers between them are whole, and their hash tells. */
static void what_is_around_the_numbers_is_mended(void **state)
{
	(void)state;
	lepton_store_close(with_checkpoints(3));
	char *path = kernel_of(7, 2), *before, *after;
	size_t size, now;
	read_file(path, &before, &size);
	for (size_t at = 0; at < size; at = at == 35 ? size - 32 : at + 1) {
		flip(path, at);
		assert_int_equal(repaired(), 0);
		assert_heard("version one, step 2, weight dense/kernel: object ");
		assert_heard("its numbers are whole");
		read_file(path, &after, &now);
		assert_int_equal(now, size);
		assert_memory_equal(after, before, size);
		lepton__free(after);
	}
	assert_sound();
	lepton__free(before);
	lepton__free(path);
}

/* A compressed version of the same weights, to the bit, has them too. */
static void a_compressed_version_gives_them_back(void **state)
{
	(void)state;
	struct lepton_store *store = with_checkpoints(2);
	struct lepton_params *weights = weights_at(7, 1), *base = weights_at(7, 2), *blob, *rebuilt;
	struct lepton_compress_report report;
	assert_int_equal(lepton_compress("delta", weights, base, "{\"residual\":\"exact\"}", &blob, &rebuilt,
				 &report, NULL),
		0);
	assert_same(weights, rebuilt);
	put_version(store, 2, "small", 1);
	struct lepton_event event = checkpoint_of(2, 1, rebuilt, NULL);
	struct lepton_checkpoint *c = event.u.checkpoint.checkpoint;
	c->encoded = blob;
	lepton__copy_name(c->method, sizeof c->method, "delta");
	lepton__copy_name(c->base_hash, sizeof c->base_hash, report.base_hash);
	put(store, event);
	lepton_store_close(store);
	char *path = kernel_of(7, 1);
	flip(path, 100);
	assert_int_equal(repaired(), 0);
	assert_heard("version one, step 1, weight dense/kernel: object ");
	assert_heard("written anew from a compressed version of the same weights");
	store = opened(LEPTON_STORE_READ);
	assert_loads(store, 1, 1, 7);
	assert_clean(store);
	lepton_store_close(store);
	lepton__free(path);
	lepton_params_release(weights);
	lepton_params_release(base);
}

static void strays_are_named_and_removed(void **state)
{
	(void)state;
	char stray[192], temporary[192];
	lepton_store_close(with_checkpoints(2));
	char *path = kernel_of(7, 1);
	snprintf(temporary, sizeof temporary, "%s.123-4.tmp", path);
	overwrite(temporary, "half", 4);
	snprintf(stray, sizeof stray, "%.*s/%062d", (int)(strrchr(path, '/') - path), path, 0);
	overwrite(stray, "old", 3);
	struct lepton_store *store = opened(LEPTON_STORE_READ);
	assert_int_equal(verified(store), 0); /* a killed writer's, and no fault */
	assert_int_equal(lines, 2);
	assert_heard(".tmp: no row names it; the next writer removes it");
	assert_heard("0000: no row names it; the next writer removes it");
	lepton_store_close(store);
	assert_int_equal(repaired(), 0);
	assert_int_equal(lines, 2);
	assert_heard("removed");
	assert_int_not_equal(access(stray, F_OK), 0);
	assert_int_not_equal(access(temporary, F_OK), 0);
	assert_sound();
	lepton__free(path);
}

static void rows_that_refer_to_nothing(void **state)
{
	(void)state;
	struct lepton_store *store = with_checkpoints(4);
	collected(store);
	lepton_store_close(store);
	sql("PRAGMA foreign_keys=OFF; INSERT INTO lineage VALUES(1, 0, 77);"
	    "INSERT INTO history(seq, version, step) VALUES(900, 88, 1);"
	    "DELETE FROM objects WHERE hash=(SELECT base FROM objects WHERE base IS NOT NULL LIMIT 1)");
	store = opened(LEPTON_STORE_READ);
	assert_int_equal(verified(store), LEPTON_E_CORRUPT);
	assert_heard("version one: its parent #77 is not in the store");
	assert_heard("table history, row 900: refers to a row of versions that is not there");
	assert_heard("refers to a row of objects that is not there");
	lepton_store_close(store);
	assert_int_equal(repaired(), 0);
	assert_heard("1 points of history without a version; removed");
	assert_heard("1 rows of lineage whose parent is not in the store; removed");
	assert_heard("its row was lost; made anew");
	assert_sound();
	store = opened(LEPTON_STORE_READ);
	for (int64_t step = 1; step <= 4; step++)
		assert_loads(store, 1, step, 7);
	lepton_store_close(store);
}

static void a_reader_cannot_repair_beside_a_writer(void **state)
{
	(void)state;
	struct lepton_store *writer = with_checkpoints(1), *second;
	struct lepton_error err = {0};
	assert_int_equal(lepton_store_open(dir, LEPTON_STORE_REPAIR, &second, &err), LEPTON_E_BUSY);
	lepton_store_close(writer);
}

/* ---- the database ---- */

static int steps_read(void)
{
	struct lepton_store *store;
	int steps = 0;
	if (lepton_store_open(dir, LEPTON_STORE_READ, &store, NULL))
		return -1;
	for (int64_t step = 1; step <= 4; step++)
		steps += has_step(store, 1, step);
	lepton_store_close(store);
	return steps;
}

/* Repair of whatever this is; afterwards verify says the same as repair did. */
static void try_database(int *opens, int *sound)
{
	struct lepton_store *store;
	if (lepton_store_open(dir, LEPTON_STORE_READ, &store, NULL) == LEPTON_OK) {
		(void)verified(store);
		lepton_store_close(store);
	}
	if (lepton_store_open(dir, LEPTON_STORE_REPAIR, &store, NULL))
		return; /* not a database any more: said so */
	++*opens;
	hush();
	int code = lepton_store_repair(store, hear, NULL, NULL);
	lepton_store_close(store);
	if (code == LEPTON_OK) {
		++*sound;
		assert_sound();
	}
}

static void put_back(const char *bytes, size_t size)
{
	static const char *const others[] = {
		"store.db-wal", "store.db-shm", "store.db.damaged", "store.db.new"};
	char path[160];
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, others[i]);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/store.db", dir);
	overwrite(path, bytes, size);
}

/* No flip and no length makes it crash, nor costs a file of an object that is still named. SQLite has no
 * checksums: a flip within a text or a number of a row may pass. */
static void a_damaged_database_never_ends_it(void **state)
{
	(void)state;
	char path[128], *bytes;
	size_t size;
	int tries = 0, opens = 0, sound = 0, kept = 0;
	struct lepton_store *store = with_checkpoints(4);
	collected(store);
	lepton_store_close(store);
	snprintf(path, sizeof path, "%s/store.db", dir);
	read_file(path, &bytes, &size);
	for (size_t at = 0; at < size; at += at < 128 ? 5 : 797, tries++) {
		bytes[at] ^= (char)(1 << at % 8);
		put_back(bytes, size);
		bytes[at] ^= (char)(1 << at % 8);
		try_database(&opens, &sound);
		kept += steps_read() == 4;
	}
	print_message("%d flips: %d opened, %d sound after repair, %d with all checkpoints\n", tries, opens,
		sound, kept);
	assert_true(opens > tries / 2 && sound > tries / 2);
	for (size_t length = 0; length < size; length += 4099) {
		put_back(bytes, length);
		try_database(&opens, &sound);
	}
	lepton__free(bytes);
}

static void a_lost_page_costs_its_own_rows(void **state)
{
	(void)state;
	char path[128], *bytes;
	size_t size;
	struct lepton_store *store = with_checkpoints(4);
	lepton__block_points = 4096; /* rows, all of them */
	for (int64_t step = 1; step <= 2000; step++) {
		struct lepton_event metric = {.type = LEPTON_EVENT_METRIC, .version = 1};
		metric.u.metric.step = step;
		put(store, metric);
	}
	lepton__block_points = LEPTON__BLOCK_POINTS;
	lepton_store_close(store);
	int64_t page = count("SELECT pageno FROM dbstat WHERE name='history' AND pagetype='leaf' ORDER BY "
			     "pageno LIMIT 1 OFFSET 3");
	snprintf(path, sizeof path, "%s/store.db", dir);
	read_file(path, &bytes, &size);
	memset(bytes + (page - 1) * 4096, 0xA5, 4096);
	put_back(bytes, size);
	assert_int_equal(repaired(), 0);
	assert_heard("table history is damaged");
	assert_heard("kept as store.db.damaged");
	assert_int_equal(steps_read(), 4);
	assert_in_range(count("SELECT count(*) FROM history"), 1700, 1999);
	assert_sound();
	lepton__free(bytes);
}

/* Who needs which weights is not known any more: none are thrown after the rows. */
static void weights_outlive_the_rows_of_their_checkpoints(void **state)
{
	(void)state;
	char path[128], *bytes, *kernel = kernel_of(7, 1);
	size_t size;
	lepton_store_close(with_checkpoints(2));
	int64_t objects = count("SELECT count(*) FROM objects"),
		page = count("SELECT rootpage FROM sqlite_schema WHERE name='checkpoints'");
	assert_true(objects > 0);
	snprintf(path, sizeof path, "%s/store.db", dir);
	read_file(path, &bytes, &size);
	memset(bytes + (page - 1) * 4096, 0xA5, 4096);
	put_back(bytes, size);
	(void)repaired(); /* the version has no checkpoint now, which is no fault of the store */
	assert_heard("table checkpoints is damaged");
	assert_heard("objects that no checkpoint names are left");
	assert_int_equal(count("SELECT count(*) FROM objects"), objects);
	assert_int_equal(access(kernel, F_OK), 0);
	lepton_store_close(opened(LEPTON_STORE_WRITE)); /* the sweep of the next writer leaves them, too */
	assert_int_equal(access(kernel, F_OK), 0);
	lepton__free(kernel);
	lepton__free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		CASE(every_flip_and_length_is_found),
		CASE(an_older_generation_stands_in),
		CASE(the_last_of_a_version_stays),
		CASE(what_an_alias_points_at_stays),
		CASE(what_is_around_the_numbers_is_mended),
		CASE(a_compressed_version_gives_them_back),
		CASE(strays_are_named_and_removed),
		CASE(rows_that_refer_to_nothing),
		CASE(a_reader_cannot_repair_beside_a_writer),
		CASE(a_damaged_database_never_ends_it),
		CASE(a_lost_page_costs_its_own_rows),
		CASE(weights_outlive_the_rows_of_their_checkpoints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
