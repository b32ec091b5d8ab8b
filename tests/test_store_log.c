/* tests/test_store_log.c - a killed writer's log that is damaged, and a first page that is lost: in a store
 * without keys, and (test_store_log_sealed) in one that is encrypted.
 *
 * What is flipped is set back; what is surely lost is refused until it is repaired; what a power cut may have
 * torn is passed over, but kept and said. Nothing goes without a word.
 */
#include "config.h"
#include "store_repaired.h"
#include "store/page.h"
#include "store/schema.h"
#include "store/store_parts.h"

#include <sodium.h>

#define HEAD 32
#ifdef LEPTON_TEST_SEALED
#define STRIDE 37019 /* the tag is tried for each bit before the wrong one, which takes its time */
#else
#define STRIDE 3001
#endif

static int make(void **state)
{
	if (make_folder(state))
		return -1;
#ifdef LEPTON_TEST_SEALED
	char path[128];
	snprintf(path, sizeof path, "%s.key", dir);
	unlink(path);
	if (lepton_key_file_new(path, NULL) || lepton_key_from_file(path, &store_key, NULL))
		return -1;
	unlink(path);
#endif
	return 0;
}

static int drop(void **state)
{
	lepton_key_free(store_key);
	store_key = NULL;
	return remove_folder(state);
}

static int tried(int mode, struct lepton_error *err)
{
	struct lepton_store *store;
	int code = lepton_store_open_with(dir, mode, store_key, &store, err);
	lepton_store_close(store);
	return code;
}

/* ---- a killed writer's files ---- */

static char database_path[128], log_path[128], *bytes, *log_bytes;
static size_t size, length, frames;

static void with_killed(void)
{
	leave_killed(with_checkpoints(4));
	snprintf(database_path, sizeof database_path, "%s/store.db", dir);
	snprintf(log_path, sizeof log_path, "%s/store.db-wal", dir);
	read_file(database_path, &bytes, &size);
	read_file(log_path, &log_bytes, &length);
	frames = (length - HEAD) / LEPTON__FRAME;
	assert_true(frames > 20);
}

static void forget_killed(void)
{
	lepton__free(bytes);
	lepton__free(log_bytes);
}

static void set_files(size_t log_length)
{
	put_back(bytes, size);
	overwrite(log_path, log_bytes, log_length);
}

/* The log's frame, from 0. */
static uint8_t *frame(size_t n)
{
	return (uint8_t *)log_bytes + HEAD + n * LEPTON__FRAME;
}

static bool ends_transaction(size_t n)
{
	static const uint8_t none[4];
	return memcmp(frame(n) + 4, none, 4) != 0;
}

/* The frame that ends the transaction so many before the last. */
static size_t end_before_last(int before)
{
	size_t n = frames - 1;
	assert_true(ends_transaction(n)); /* a log begun anew has older frames behind: not this one */
	for (; before > 0; before--)
		while (!ends_transaction(--n))
			;
	return n;
}

/* Each bit of the head's last words, which stand for one another; one of each byte of three frames' heads,
 * and now and then one of the rest. */
static size_t next_bit(size_t at)
{
	if (at < HEAD)
		return at < 12 ? 9 : 1;
	return (at - HEAD) % LEPTON__FRAME < 24 && at < (size_t)3 * LEPTON__FRAME ? 9 : STRIDE * 8 + 1;
}

/* One bit of it, wherever it is: nothing is recovered before it is set back, and then all is. */
static void a_flipped_bit_of_the_log_loses_nothing(void **state)
{
	(void)state;
	with_killed();
	for (size_t bit = 0; bit < 8 * length; bit += next_bit(bit / 8)) {
		const size_t at = bit / 8;
		struct lepton_error err = {0};
		log_bytes[at] ^= (char)(1 << bit % 8);
		set_files(length);
		log_bytes[at] ^= (char)(1 << bit % 8);
		if (tried(LEPTON_STORE_READ, &err) != LEPTON_E_CORRUPT ||
			!strstr(err.message, " of store.db-wal is damaged: `lepton verify --repair"))
			fail_msg("byte %zu of the log: \"%s\"", at, err.message);
		if (bit % 5 == 0)
			assert_int_equal(tried(LEPTON_STORE_WRITE, NULL), LEPTON_E_CORRUPT);
		assert_int_equal(repaired(), 0);
		if (lines != 1)
			fail_msg("byte %zu of the log: \"%s\"", at, heard);
		assert_heard("one bit was wrong; set back");
		assert_int_equal(steps_read(), 4);
	}
	assert_sound();
	forget_killed();
}

/* Cut off anywhere it is what a power cut leaves: what was committed before is there, and never less than in
 * a shorter one. */
static void a_log_cut_off_anywhere_is_a_torn_one(void **state)
{
	(void)state;
	int most = -1; /* there is no store yet */
	with_killed();
	for (size_t cut = 0; cut <= length; cut += cut < 100 ? 1 : 509) {
		struct lepton_error err = {0};
		set_files(cut);
		if (tried(LEPTON_STORE_READ, &err) && err.code != LEPTON_E_NOTFOUND)
			fail_msg("cut off at %zu: %s", cut, err.message);
		int steps = steps_read();
		if (steps < most)
			fail_msg("cut off at %zu: %d checkpoints, where there were %d", cut, steps, most);
		most = steps;
	}
	set_files(length);
	assert_int_equal(steps_read(), 4);
	assert_sound();
	forget_killed();
}

static void assert_kept(const char *name)
{
	char path[160], *kept;
	size_t now;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	read_file(path, &kept, &now);
	assert_int_equal(now, length);
	assert_memory_equal(kept, log_bytes, length);
	lepton__free(kept);
}

/* Opened in one way or the other: there are so many checkpoints left, and what goes is said. */
static void assert_dropped(int mode, int steps, const char *said)
{
	char what[512];
	struct lepton_store *store;
	struct lepton_error err = {0};
	set_files(length);
	if (lepton_store_open_with(dir, mode, store_key, &store, &err))
		fail_msg("%s", err.message);
	assert_non_null(lepton_store_dropped(store, what, sizeof what));
	if (!strstr(what, said))
		fail_msg("\"%s\" lacks \"%s\"", what, said);
	assert_non_null(strstr(what, "; the log is kept as store.db-wal.damaged"));
	assert_int_equal(verified(store), 0);
	assert_heard(said);
	lepton_store_close(store);
	assert_kept("store.db-wal.damaged");
	assert_int_equal(steps_read(), steps);
	store = opened(LEPTON_STORE_READ); /* nothing is said of it any more, but for weights without a row */
	assert_null(lepton_store_dropped(store, what, sizeof what));
	assert_int_equal(verified(store), 0);
	assert_null(strstr(heard, "does not hold"));
	assert_heard("store.db-wal.damaged may name it");
	lepton_store_close(store);
}

/* The last commit may be what the power cut off. It is not recovered, but it is kept, and said. */
static void a_torn_end_is_kept_and_said(void **state)
{
	(void)state;
	char said[64];
	with_killed();
	size_t first = end_before_last(1) + 1;
	for (size_t n = first; n < frames; n++) {
		uint8_t before[LEPTON__FRAME];
		memcpy(before, frame(n), LEPTON__FRAME);
		memset(frame(n) + 1000, 0x5A, 512);
		snprintf(said, sizeof said, "from frame %zu on it does not hold", n + 1);
		assert_dropped(n % 2 ? LEPTON_STORE_WRITE : LEPTON_STORE_READ, 3, said);
		assert_dropped(n % 2 ? LEPTON_STORE_READ : LEPTON_STORE_REPAIR, 3,
			" not recovered, of which 1 ends a transaction");
		memcpy(frame(n), before, LEPTON__FRAME);
	}
	forget_killed();
}

/* The weights of a commit that was not recovered stay while its log is kept, and come back with it. */
static void weights_of_a_kept_log_are_not_swept(void **state)
{
	(void)state;
	uint8_t before[512];
	with_killed();
	memcpy(before, frame(frames - 1) + 1000, sizeof before);
	memset(frame(frames - 1) + 1000, 0x5A, sizeof before);
	set_files(length);
	for (int i = 0; i < 2; i++)
		lepton_store_close(opened(LEPTON_STORE_WRITE));
	assert_int_equal(steps_read(), 3);
	memcpy(frame(frames - 1) + 1000, before, sizeof before);
	set_files(length);
	assert_int_equal(steps_read(), 4);
	forget_killed();
}

/* What was kept before stays; what is there already is not kept twice. */
static void kept_logs_stay(void **state)
{
	(void)state;
	char path[160];
	with_killed();
	memset(frame(frames - 1) + 1000, 0x5A, 512);
	set_files(length);
	snprintf(path, sizeof path, "%s/store.db-wal.damaged", dir);
	overwrite(path, "another", 7);
	struct lepton_store *one = opened(LEPTON_STORE_READ), *two = opened(LEPTON_STORE_READ);
	lepton_store_close(one);
	lepton_store_close(two);
	assert_kept("store.db-wal.damaged.2");
	snprintf(path, sizeof path, "%s/store.db-wal.damaged.3", dir);
	assert_int_equal(access(path, F_OK), -1);
	forget_killed();
}

/* A sector, in a frame or over the head of one: what is behind was on the disk before, so it is no torn end.
 */
static void a_damaged_log_is_no_torn_one(void **state)
{
	(void)state;
	const size_t places[] = {1000, LEPTON__FRAME - 256}; /* the second takes the next one's head */
	with_killed();
	for (size_t i = 0; i < 2; i++) {
		uint8_t before[512], *at = frame(frames / 2) + places[i];
		struct lepton_error err = {0};
		memcpy(before, at, sizeof before);
		memset(at, 0x5A, sizeof before);
		set_files(length);
		assert_int_equal(tried(LEPTON_STORE_READ, &err), LEPTON_E_CORRUPT);
		assert_non_null(strstr(err.message, "frame "));
		assert_int_equal(tried(LEPTON_STORE_WRITE, NULL), LEPTON_E_CORRUPT);
		(void)repaired();
		assert_heard(
			"what was written from there on is lost; the log is kept as store.db-wal.damaged");
		assert_kept("store.db-wal.damaged");
		assert_in_range(steps_read(), 0, 3);
		memcpy(at, before, sizeof before);
	}
	forget_killed();
}

/* More than a bit of the log's head: SQLite would take it for empty. */
static void a_log_without_its_head_is_kept_and_said(void **state)
{
	(void)state;
	struct lepton_store *store;
	char what[512];
	with_killed();
	memset(log_bytes + 8, 0x5A, 16);
	set_files(length);
	int code = lepton_store_open_with(dir, LEPTON_STORE_WRITE, store_key, &store, NULL);
	if (!code)
		assert_non_null(
			strstr(lepton_store_dropped(store, what, sizeof what), "its head does not hold"));
	lepton_store_close(store);
	assert_kept("store.db-wal.damaged");
	forget_killed();
}

/* ---- the first page ---- */

/* Every row of every table. */
static void hash_rows(uint8_t out[32])
{
	struct lepton_store *store = opened(LEPTON_STORE_READ);
	crypto_generichash_state hash;
	crypto_generichash_init(&hash, NULL, 0, 32);
	for (size_t i = 0; i < lepton__table_count; i++) {
		char text[128];
		sqlite3_stmt *row;
		snprintf(text, sizeof text, "SELECT * FROM %s ORDER BY %s", lepton__tables[i].name,
			lepton__tables[i].backwards);
		assert_int_equal(sqlite3_prepare_v2(store->db, text, -1, &row, NULL), SQLITE_OK);
		while (sqlite3_step(row) == SQLITE_ROW)
			for (int c = 0; c < sqlite3_column_count(row); c++) {
				const void *value = sqlite3_column_blob(row, c);
				int n = sqlite3_column_bytes(row, c);
				crypto_generichash_update(&hash, (uint8_t *)&n, sizeof n);
				crypto_generichash_update(&hash, value, (size_t)n);
			}
		assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
	}
	crypto_generichash_final(&hash, out, 32);
	lepton_store_close(store);
}

/* SQLite alone, which knows of no checksums. */
static void assert_integrity(void)
{
#ifndef LEPTON_TEST_SEALED
	sqlite3 *db;
	sqlite3_stmt *row;
	assert_int_equal(sqlite3_open(database_path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(row, 0), "ok");
	sqlite3_finalize(row);
	sqlite3_close(db);
#endif
}

static void some_store(void)
{
	struct lepton_store *store = with_checkpoints(4);
	for (int64_t step = 1; step <= 900; step++) {
		struct lepton_event metric = {.type = LEPTON_EVENT_METRIC, .version = 1};
		metric.u.metric.step = step;
		metric.u.metric.loss = 1.0 / (double)step;
		put(store, metric);
	}
	collected(store);
	lepton_store_close(store);
	snprintf(database_path, sizeof database_path, "%s/store.db", dir);
}

/* Pages that nothing uses, of which the first page has the list. */
static void free_some_pages(void)
{
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	assert_int_equal(
		sqlite3_exec(store->db,
			"CREATE TABLE big(x); INSERT INTO big VALUES(randomblob(40000)); DROP TABLE big",
			NULL, NULL, NULL),
		SQLITE_OK);
	lepton_store_close(store);
}

static void lose(size_t from, size_t to, int byte)
{
	read_file(database_path, &bytes, &size);
	memset(bytes + from, byte, to - from);
	put_back(bytes, size);
	lepton__free(bytes);
}

static void assert_first_page_comes_back(size_t from, size_t to, int byte, const char *said)
{
	uint8_t before[32], after[32];
	struct lepton_error err = {0};
	hash_rows(before);
	lose(from, to, byte);
	assert_int_equal(tried(LEPTON_STORE_READ, &err), LEPTON_E_CORRUPT);
	if (!strstr(err.message, "page 1 of store.db is damaged: `lepton verify --repair"))
		fail_msg("bytes %zu to %zu: \"%s\"", from, to, err.message);
	assert_int_equal(tried(LEPTON_STORE_WRITE, NULL), LEPTON_E_CORRUPT);
	assert_int_equal(repaired(), 0);
	assert_heard("store.db: page 1 was lost; made anew from the others");
	assert_heard(said);
	hash_rows(after);
	assert_memory_equal(after, before, sizeof after);
	assert_sound();
	assert_integrity();
	struct lepton_store *store = opened(LEPTON_STORE_WRITE); /* and it is written to as before */
	put_checkpoint(store, 1, 5, 7);
	assert_loads(store, 1, 5, 7);
	assert_clean(store);
	lepton_store_close(store);
	assert_integrity();
}

static void a_lost_first_page_comes_back(void **state)
{
	(void)state;
	static const struct {
		size_t from, to;
		int byte;
	} lost[] = {{0, 4096, 0}, {0, 4096, 0xA5}, {0, 2048, 0}, {0, 2048, 0xA5}, {2048, 4096, 0},
		{2048, 4096, 0xA5}, {0, 512, 0xA5}, {0, 100, 0}, {100, 612, 0x5A}};
	some_store();
	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++)
		assert_first_page_comes_back(lost[i].from, lost[i].to, lost[i].byte, "");
}

static void a_lost_list_of_free_pages_is_made_good(void **state)
{
	(void)state;
	some_store();
	free_some_pages();
	assert_first_page_comes_back(0, 4096, 0, "store.db: written anew; the damaged one is kept as");
}

/* What the log has is newer than what is made. */
static void a_killed_log_goes_before_a_page_made_anew(void **state)
{
	(void)state;
	uint8_t before[32], after[32];
	some_store();
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	put_checkpoint(store, 1, 5, 7);
	leave_killed(store);
	hash_rows(before); /* and closing it wrote the log back */
	store = opened(LEPTON_STORE_WRITE);
	put_checkpoint(store, 1, 6, 7);
	leave_killed(store);
	read_file(database_path, &bytes, &size);
	memset(bytes, 0, LEPTON__PAGE);
	overwrite(database_path, bytes, size);
	(void)repaired();
	assert_heard("store.db: page 1 was lost; made anew from the others");
	assert_sound();
	assert_integrity();
	store = opened(LEPTON_STORE_READ);
	for (int64_t step = 1; step <= 6; step++)
		assert_loads(store, 1, step, 7);
	lepton_store_close(store);
	hash_rows(after);
	assert_memory_not_equal(after, before, sizeof after);
	lepton__free(bytes);
}

/* Nothing is made of a file that is none of ours, nor where rows of the table of tables are lost too. */
static void no_first_page_is_made_of_what_is_no_store(void **state)
{
	(void)state;
	some_store();
	read_file(database_path, &bytes, &size);
	for (size_t page = 0; page < size / LEPTON__PAGE; page++) {
		uint8_t *at = (uint8_t *)bytes + page * LEPTON__PAGE;
		if (page == 0 || memmem(at, LEPTON__PAGE, "CREATE TRIGGER", 14))
			memset(at, 0xA5, LEPTON__PAGE);
	}
#ifdef LEPTON_TEST_SEALED
	memset(bytes, 0xA5, size);
#endif
	put_back(bytes, size);
	struct lepton_error err = {0};
	assert_int_equal(tried(LEPTON_STORE_REPAIR, &err), LEPTON_E_CORRUPT);
	assert_non_null(strstr(err.message, "page 1 of store.db is damaged"));
	lepton__free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)
		CASE(a_flipped_bit_of_the_log_loses_nothing),
		CASE(a_log_cut_off_anywhere_is_a_torn_one),
		CASE(a_torn_end_is_kept_and_said),
		CASE(weights_of_a_kept_log_are_not_swept),
		CASE(kept_logs_stay),
		CASE(a_damaged_log_is_no_torn_one),
		CASE(a_log_without_its_head_is_kept_and_said),
		CASE(a_lost_first_page_comes_back),
		CASE(a_lost_list_of_free_pages_is_made_good),
		CASE(a_killed_log_goes_before_a_page_made_anew),
		CASE(no_first_page_is_made_of_what_is_no_store),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
