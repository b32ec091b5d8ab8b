/* tests/test_store_pages.c - damage to the pages of the database: found, named, set back or rescued. */
#include "store_repaired.h"
#include "store/history.h"
#include "store/stamp.h"

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

/* A store of everything, closed: its database. */
static void some_database(char **bytes, size_t *size)
{
	char path[128];
	struct lepton_store *store = with_checkpoints(4);
	collected(store);
	lepton_store_close(store);
	snprintf(path, sizeof path, "%s/store.db", dir);
	read_file(path, bytes, size);
	assert_int_equal(*size % LEPTON__PAGE, 0);
	assert_true(*size >= (size_t)20 * LEPTON__PAGE);
}

static uint8_t *page_at(char *bytes, size_t page)
{
	return (uint8_t *)bytes + page * LEPTON__PAGE;
}

/* Each bit of each byte of a page, stamp and all; nor may pages change places. */
static void every_bit_is_in_the_checksum(void **state)
{
	(void)state;
	char *bytes;
	size_t size;
	some_database(&bytes, &size);
	for (size_t at = 0; at < size; at++) {
		uint32_t number = (uint32_t)(at / LEPTON__PAGE + 1);
		uint8_t *page = page_at(bytes, number - 1);
		for (int bit = (int)(number > 2 ? at % 8 : 0); bit<8; bit += number> 2 ? 8 : 1) {
			page[at % LEPTON__PAGE] ^= (uint8_t)(1 << bit);
			if (lepton__stamp_holds(page, number))
				fail_msg("bit %d of byte %zu is in no checksum", bit, at);
			page[at % LEPTON__PAGE] ^= (uint8_t)(1 << bit);
		}
	}
	for (uint32_t number = 1; number <= size / LEPTON__PAGE; number++) {
		assert_true(lepton__stamp_holds(page_at(bytes, number - 1), number));
		assert_false(lepton__stamp_holds(page_at(bytes, number - 1), number + 1));
	}
	lepton__free(bytes);
}

/* Named by its number, by who opens it already or by verify. */
static void assert_page_is_named(size_t page)
{
	struct lepton_store *store;
	struct lepton_error err = {0};
	char line[64], sentence[64];
	snprintf(line, sizeof line, "store.db: page %zu (bytes %zu to ", page, (page - 1) * LEPTON__PAGE);
	snprintf(sentence, sizeof sentence, "page %zu of store.db is damaged: `lepton verify --repair", page);
	hush();
	if (lepton_store_open(dir, LEPTON_STORE_READ, &store, &err) == LEPTON_OK) {
		assert_int_equal(verified(store), LEPTON_E_CORRUPT);
		lepton_store_close(store);
	}
	if (!strstr(heard, line) && !strstr(err.message, sentence))
		fail_msg("page %zu is not named: \"%s\" \"%s\"", page, err.message, heard);
}

/* One bit, wherever it is: found, named and set back, and the file is what it was to the byte. */
static void a_flipped_bit_is_named_and_set_back(void **state)
{
	(void)state;
	char path[128], *bytes, *after;
	size_t size, now;
	some_database(&bytes, &size);
	snprintf(path, sizeof path, "%s/store.db", dir);
	for (size_t at = 0; at < size; at += at < 100 ? 3 : 1013) {
		bytes[at] ^= (char)(1 << at % 8);
		put_back(bytes, size);
		bytes[at] ^= (char)(1 << at % 8);
		assert_page_is_named(at / LEPTON__PAGE + 1);
		assert_int_equal(repaired(), 0);
		assert_heard("one bit was wrong, of byte ");
		assert_int_equal(lines, 1);
		read_file(path, &after, &now);
		assert_int_equal(now, size);
		assert_memory_equal(after, bytes, size);
		lepton__free(after);
	}
	lepton__free(bytes);
}

/* More than a bit, everywhere: found; what is left is sound, and no length of the file ends it. */
static void a_damaged_database_never_ends_it(void **state)
{
	(void)state;
	char *bytes;
	size_t size;
	int tries = 0, opens = 0, sound = 0, kept = 0;
	some_database(&bytes, &size);
	for (size_t at = 100; at + 2 < size; at += 1597, tries++) {
		bytes[at] ^= (char)(1 << at % 8);
		bytes[at + 2] ^= 1;
		put_back(bytes, size);
		bytes[at] ^= (char)(1 << at % 8);
		bytes[at + 2] ^= 1;
		assert_page_is_named(at / LEPTON__PAGE + 1);
		try_database(&opens, &sound);
		kept += steps_read() == 4;
	}
	print_message("%d pages: %d opened, %d sound after repair, %d with all checkpoints\n", tries, opens,
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

/* A page that is nothing but `byte`. */
static void spoil(int64_t page, int byte)
{
	char path[128], *bytes;
	size_t size;
	snprintf(path, sizeof path, "%s/store.db", dir);
	read_file(path, &bytes, &size);
	memset(page_at(bytes, (size_t)page - 1), byte, LEPTON__PAGE);
	put_back(bytes, size);
	lepton__free(bytes);
}

static void a_free_page_is_looked_at(void **state)
{
	(void)state;
	lepton_store_close(with_checkpoints(4));
	sql("CREATE TABLE big(x); INSERT INTO big VALUES(randomblob(40000)); DROP TABLE big");
	int64_t page = count("PRAGMA page_count");
	assert_true(count("PRAGMA freelist_count") > 5);
	spoil(page, 0xA5);
	assert_page_is_named((size_t)page);
	assert_heard("it is free, or of what else is damaged");
	assert_int_equal(repaired(), 0);
	assert_heard("store.db: written anew");
	assert_int_equal(steps_read(), 4);
	assert_sound();
}

/* SQLite by itself takes them for the end of a text. */
static void a_page_of_zeros_in_use_is_found(void **state)
{
	(void)state;
	lepton_store_close(with_checkpoints(4));
	sql("INSERT INTO settings VALUES('long', hex(zeroblob(9000)))");
	int64_t page = count("SELECT max(pageno) FROM dbstat WHERE name='settings' AND pagetype='overflow'");
	assert_true(page > 0);
	spoil(page, 0);
	assert_page_is_named((size_t)page);
	assert_heard("of table settings: nothing but zeros, though it is in use");
}

static void an_older_database_gets_its_checksums(void **state)
{
	(void)state;
	char path[128], *bytes;
	size_t size;
	lepton_store_close(with_checkpoints(4));
	as_before_checksums(3);
	struct lepton_store *store = opened(LEPTON_STORE_READ);
	assert_int_equal(verified(store), 0);
	assert_heard("store.db: its pages have no checksums yet");
	struct lepton_store *writer = opened(LEPTON_STORE_WRITE); /* beside the reader */
	assert_clean(writer);
	put_checkpoint(writer, 1, 5, 7);
	for (int64_t step = 1; step <= 4; step++)
		assert_loads(store, 1, step, 7);
	lepton_store_close(store);
	lepton_store_close(writer);
	assert_sound();
	assert_int_equal(count("PRAGMA user_version"), 4);
	snprintf(path, sizeof path, "%s/store.db", dir);
	read_file(path, &bytes, &size);
	for (uint32_t number = 1; number <= size / LEPTON__PAGE; number++)
		assert_true(lepton__stamp_holds(page_at(bytes, number - 1), number));
	lepton__free(bytes);
}

/* It takes the log for whole though its pages have checksums, and carries those into the database. */
static void any_sqlite_may_look_at_a_killed_store(void **state)
{
	(void)state;
	char path[128];
	sqlite3 *db;
	leave_killed(with_checkpoints(4));
	snprintf(path, sizeof path, "%s/store.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "SELECT count(*) FROM events", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK); /* and with it the log is gone */
	assert_int_equal(steps_read(), 4);
	assert_sound();
}

/* To the bit, with where training stood. */
static void lost_rows_of_checkpoints_come_back(void **state)
{
	(void)state;
	lepton_store_close(with_checkpoints(4));
	sql("UPDATE checkpoints SET extra='{\"position\":' || step || '}', marked=step % 2");
	sql("CREATE TABLE before AS SELECT * FROM checkpoints");
	spoil(count("SELECT rootpage FROM sqlite_schema WHERE name='checkpoints'"), 0xA5);
	struct lepton_store *store = opened(LEPTON_STORE_READ);
	assert_int_equal(verified(store), LEPTON_E_CORRUPT);
	assert_heard("of table checkpoints: its checksum does not fit");
	lepton_store_close(store);
	char kept[128], aside[160];
	assert_int_equal(repaired(), 0);
	assert_heard("table checkpoints is damaged; 0 of its rows could be read");
	assert_heard("4 rows of checkpoints were lost; put back from their copies");
	snprintf(kept, sizeof kept, "%s/store.db.damaged", dir);
	snprintf(aside, sizeof aside, "ATTACH '%s' AS old", kept);
	sqlite3 *db = database();
	assert_int_equal(sqlite3_exec(db, aside, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_stmt *row;
	assert_int_equal(
		sqlite3_prepare_v2(db,
			"SELECT count(*), (SELECT count(*) FROM main.checkpoints) FROM (SELECT * FROM "
			"main.checkpoints INTERSECT SELECT * FROM old.before)",
			-1, &row, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(row, 0), 4);
	assert_int_equal(sqlite3_column_int(row, 1), 4);
	sqlite3_finalize(row);
	sqlite3_close(db);
	store = opened(LEPTON_STORE_WRITE);
	for (int64_t step = 1; step <= 4; step++)
		assert_loads(store, 1, step, 7);
	assert_clean(store);
	lepton_store_close(store);
}

/* Who needs which weights is not known any more: none are thrown after the rows. */
static void weights_outlive_the_rows_of_their_checkpoints(void **state)
{
	(void)state;
	char path[128], *bytes, *kernel = kernel_of(7, 1);
	size_t size;
	lepton_store_close(with_checkpoints(2));
	int64_t objects = count("SELECT count(*) FROM objects"),
		page = count("SELECT rootpage FROM sqlite_schema WHERE name='checkpoints'"),
		copy = count("SELECT rootpage FROM sqlite_schema WHERE name='checkpoint_copies'");
	assert_true(objects > 0);
	snprintf(path, sizeof path, "%s/store.db", dir);
	read_file(path, &bytes, &size);
	memset(bytes + (page - 1) * 4096, 0xA5, 4096);
	memset(bytes + (copy - 1) * 4096, 0xA5, 4096);
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
		CASE(every_bit_is_in_the_checksum),
		CASE(a_flipped_bit_is_named_and_set_back),
		CASE(a_damaged_database_never_ends_it),
		CASE(a_free_page_is_looked_at),
		CASE(a_page_of_zeros_in_use_is_found),
		CASE(an_older_database_gets_its_checksums),
		CASE(any_sqlite_may_look_at_a_killed_store),
		CASE(lost_rows_of_checkpoints_come_back),
		CASE(a_lost_page_costs_its_own_rows),
		CASE(weights_outlive_the_rows_of_their_checkpoints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
