/* tests/test_store_repair.c - damage to objects and to what refers to them: found, named, mended where it can
 * be, and never more than itself. The database's own pages: test_store_pages.c. */
#include "lepton/compress.h"
#include "store_repaired.h"

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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
