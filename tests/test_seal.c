/* tests/test_seal.c - encryption at rest: what is sealed tells nothing, cannot be changed unseen, and
 * outlives a change of keys.
 *
 * That the bytes are what FORMAT.md says is for tests/e2e/secret.sh, where Python opens a store without our
 * code. Every test of tests/test_store.c runs on an encrypted store too (test_store_sealed).
 */
#include "config.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"
#include "lepton/store.h"
#include "store/page.h"
#include "store/store_parts.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char base[64], dir[128], where[160];
static struct lepton_key *key, *other;

/* ---- a folder, keys, a store ----------------------------------------------------------------------- */

static const char *in_base(const char *name)
{
	snprintf(where, sizeof where, "%s/%s", base, name);
	return where;
}

static struct lepton_key *new_key(const char *name)
{
	struct lepton_key *made;
	assert_int_equal(lepton_key_file_new(in_base(name), NULL), 0);
	assert_int_equal(lepton_key_from_file(in_base(name), &made, NULL), 0);
	return made;
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(base, sizeof base, "/tmp/lepton-seal-XXXXXX");
	if (!mkdtemp(base))
		return -1;
	snprintf(dir, sizeof dir, "%s/store", base);
	key = new_key("key");
	other = new_key("other");
	return 0;
}

static int remove_folder(void **state)
{
	char command[96];
	(void)state;
	lepton_key_free(key);
	lepton_key_free(other);
	snprintf(command, sizeof command, "rm -rf %s", base);
	return system(command);
}

static struct lepton_store *opened(int mode, struct lepton_key *with)
{
	struct lepton_store *store;
	struct lepton_error err = {0};
	if (lepton_store_open_with(dir, mode, with, &store, &err))
		fail_msg("open: %s", err.message);
	return store;
}

static void expect_fault(int mode, struct lepton_key *with, int code, const char *words)
{
	struct lepton_store *store;
	struct lepton_error err = {0};
	assert_int_equal(lepton_store_open_with(dir, mode, with, &store, &err), code);
	assert_null(store);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" lacks \"%s\"", err.message, words);
}

#define MARK "a-name-nobody-else-has"

static void put_version(struct lepton_store *store, int64_t id, const char *name)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id, .time = 1};
	lepton__copy_name(event.u.added.name, LEPTON_NAME_MAX, name);
	lepton__copy_name(event.u.added.learner, LEPTON_NAME_MAX, "network");
	event.u.added.hyperparameters = lepton_text_new("{\"" MARK "\":1}");
	assert_int_equal(lepton_store_put(store, &event, NULL), 0);
	lepton_event_clear(&event);
}

#define SIDE 64

static struct lepton_params *make_weights(uint32_t seed)
{
	const struct lepton_tensor like[] = {{.name = "kernel", .shape = {2, {SIDE, SIDE}}}};
	struct lepton_params *params;
	uint32_t x = seed * 2654435761u + 1;
	assert_int_equal(lepton_params_new(like, 1, &params, NULL), 0);
	float *values = lepton_params_data(params, 0);
	for (int i = 0; i < SIDE * SIDE; i++) {
		x = x * 1664525u + 1013904223u;
		values[i] = (float)(x >> 8) / 16777216.0f - 0.5f;
	}
	return params;
}

static int put_checkpoint(struct lepton_store *store, int64_t version, int64_t step)
{
	struct lepton_event event = {.type = LEPTON_EVENT_CHECKPOINT, .version = version, .time = 2};
	struct lepton_checkpoint *c = lepton__calloc(1, sizeof *c);
	assert_non_null(c);
	c->references = 1;
	c->state.weights = make_weights((uint32_t)(100 * version + step));
	c->state.step = event.u.checkpoint.step = step;
	lepton_params_hash(c->state.weights, event.u.checkpoint.weights_hash);
	event.u.checkpoint.checkpoint = c;
	int code = lepton_store_put(store, &event, NULL);
	lepton_event_clear(&event);
	return code;
}

#define VERSIONS 5

static void fill(struct lepton_store *store)
{
	for (int64_t v = 1; v <= VERSIONS; v++) {
		char name[64];
		snprintf(name, sizeof name, MARK "-%d", (int)v);
		put_version(store, v, name);
		assert_int_equal(put_checkpoint(store, v, 1), 0);
		assert_int_equal(put_checkpoint(store, v, 2), 0);
	}
}

static void hear(const char *line, void *arg)
{
	++*(int *)arg;
	if (getenv("LEPTON_TEST_TALK"))
		print_message("%s\n", line);
}

static void assert_whole(struct lepton_store *store)
{
	struct lepton_error err = {0};
	struct lepton_checkpoint *c;
	int lines = 0;
	if (lepton_store_verify(store, hear, &lines, &err))
		fail_msg("verify: %s", err.message);
	for (int64_t v = 1; v <= VERSIONS; v++) {
		struct lepton_params *weights = make_weights((uint32_t)(100 * v + 2));
		if (lepton_store_load_checkpoint(store, v, -1, &c, &err))
			fail_msg("load: %s", err.message);
		assert_memory_equal(lepton_params_at(c->state.weights, 0)->data,
			lepton_params_at(weights, 0)->data, SIDE * SIDE * 4);
		lepton_checkpoint_release(c);
		lepton_params_release(weights);
	}
}

static void make_store(void)
{
	struct lepton_store *store = opened(LEPTON_STORE_WRITE, key);
	fill(store);
	lepton_store_close(store);
}

/* Each file below a folder. */
static void each_file(const char *path, void (*see)(const char *path, void *arg), void *arg)
{
	DIR *listing = opendir(path);
	assert_non_null(listing);
	for (struct dirent *entry; (entry = readdir(listing));) {
		struct stat info;
		if (entry->d_name[0] == '.')
			continue;
		char *inner = lepton__path_join(path, entry->d_name);
		assert_int_equal(stat(inner, &info), 0);
		if (S_ISDIR(info.st_mode))
			each_file(inner, see, arg);
		else
			see(inner, arg);
		lepton__free(inner);
	}
	closedir(listing);
}

static char *slurp(const char *path, size_t *size)
{
	char *bytes;
	assert_int_equal(lepton__file_read(path, (size_t)1 << 30, &bytes, size, NULL), 0);
	return bytes;
}

static void overwrite(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* ---- nothing in the clear --------------------------------------------------------------------------- */

struct scan {
	int files;
	const char *const *words;
	const uint8_t *weights; /* any 16 bytes of these are looked for, every 64 */
	bool found;
};

static void scan_file(const char *path, void *arg)
{
	struct scan *scan = arg;
	size_t size;
	char *bytes = slurp(path, &size);
	scan->files++;
	for (const char *const *word = scan->words; *word; word++)
		scan->found |= memmem(bytes, size, *word, strlen(*word)) != NULL;
	for (size_t at = 0; at + 16 <= SIDE * SIDE * 4; at += 64)
		scan->found |= memmem(bytes, size, scan->weights + at, 16) != NULL;
	lepton__free(bytes);
}

static bool in_the_clear(int *files)
{
	static const char *const words[] = {
		MARK, "network", "CREATE TABLE", "SQLite format", "LEPTOBJ1", "kernel", NULL};
	struct lepton_params *weights = make_weights(102);
	struct scan scan = {.words = words, .weights = lepton_params_at(weights, 0)->data};
	each_file(dir, scan_file, &scan);
	lepton_params_release(weights);
	*files = scan.files;
	return scan.found;
}

static void no_file_says_anything(void **state)
{
	(void)state;
	int files;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE, key);
	fill(store);
	assert_false(in_the_clear(&files)); /* with the log beside the database */
	assert_true(files > VERSIONS + 4);
	lepton_store_close(store);
	assert_false(in_the_clear(&files));
	store = opened(LEPTON_STORE_READ, key);
	assert_true(lepton_store_encrypted(store));
	assert_whole(store);
	lepton_store_close(store);
	snprintf(dir, sizeof dir, "%s/plain", base); /* the scan finds what there is to find */
	store = opened(LEPTON_STORE_WRITE, NULL);
	assert_false(lepton_store_encrypted(store));
	fill(store);
	lepton_store_close(store);
	assert_true(in_the_clear(&files));
}

static void names_of_objects_need_the_key(void **state)
{
	(void)state;
	char hash[LEPTON_HASH_HEX], path[256];
	struct lepton_params *weights = make_weights(102);
	make_store();
	lepton_tensor_hash(lepton_params_at(weights, 0), hash);
	snprintf(path, sizeof path, "%s/objects/%.2s/%s", dir, hash, hash + 2);
	assert_int_equal(access(path, F_OK), -1);
	lepton_params_release(weights);
}

/* ---- keys that do not fit --------------------------------------------------------------------------- */

static void add_to_hash(const char *path, void *arg)
{
	size_t size;
	char *bytes = slurp(path, &size);
	crypto_generichash_update(arg, (const uint8_t *)path, strlen(path));
	crypto_generichash_update(arg, (const uint8_t *)bytes, size);
	lepton__free(bytes);
}

static void hash_store(uint8_t out[32])
{
	crypto_generichash_state state;
	crypto_generichash_init(&state, NULL, 0, 32);
	each_file(dir, add_to_hash, &state);
	crypto_generichash_final(&state, out, 32);
}

static void a_wrong_key_is_told_and_leaves_no_trace(void **state)
{
	(void)state;
	uint8_t before[32], after[32];
	struct lepton_key *passphrase;
	make_store();
	hash_store(before);
	assert_int_equal(lepton_key_from_passphrase("correct horse", 13, &passphrase, NULL), 0);
	for (int mode = LEPTON_STORE_READ; mode <= LEPTON_STORE_WRITE; mode++) {
		expect_fault(mode, NULL, LEPTON_E_KEY, "is encrypted: give its key");
		expect_fault(mode, other, LEPTON_E_KEY, "wrong key: this key file");
		expect_fault(mode, passphrase, LEPTON_E_KEY, "wrong key: this passphrase");
	}
	hash_store(after);
	assert_memory_equal(before, after, 32);
	lepton_key_free(passphrase);
	snprintf(dir, sizeof dir, "%s/plain", base);
	lepton_store_close(opened(LEPTON_STORE_WRITE, NULL));
	hash_store(before);
	expect_fault(LEPTON_STORE_READ, key, LEPTON_E_KEY, "is not encrypted");
	expect_fault(LEPTON_STORE_WRITE, key, LEPTON_E_KEY, "is not encrypted");
	hash_store(after);
	assert_memory_equal(before, after, 32);
	snprintf(dir, sizeof dir, "%s/none", base);
	expect_fault(LEPTON_STORE_READ, key, LEPTON_E_NOTFOUND, "no store at");
}

static void expect_no_key(const char *text, mode_t mode, const char *words)
{
	struct lepton_key *none;
	struct lepton_error err = {0};
	overwrite(in_base("bad"), text, strlen(text));
	assert_int_equal(chmod(where, mode), 0);
	assert_int_equal(lepton_key_from_file(where, &none, &err), LEPTON_E_KEY);
	assert_null(none);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" lacks \"%s\"", err.message, words);
}

static void what_is_no_key_file_is_told(void **state)
{
	(void)state;
	char line[128];
	size_t size;
	char *good = slurp(in_base("key"), &size);
	snprintf(line, sizeof line, "%.*s", (int)size, good);
	expect_no_key(line, 0644, "can be read by others");
	for (size_t length = 0; length + 1 < size; length++) {
		line[length] = '\0';
		expect_no_key(line, 0600, "is no key file");
		line[length] = good[length];
	}
	line[20] = 'g';
	expect_no_key(line, 0600, "is no key file");
	struct lepton_error err = {0};
	assert_int_equal(lepton_key_file_new(in_base("key"), &err), LEPTON_E_EXISTS);
	struct lepton_key *none;
	assert_int_equal(lepton_key_from_file(in_base("missing"), &none, &err), LEPTON_E_IO);
	assert_int_equal(lepton_key_from_passphrase("", 0, &none, &err), LEPTON_E_KEY);
	lepton__free(good);
}

/* ---- tampering --------------------------------------------------------------------------------------- */

static void a_changed_ring_of_keys_opens_nothing(void **state)
{
	(void)state;
	size_t size;
	make_store();
	char path[160];
	snprintf(path, sizeof path, "%s/keys", dir);
	char *bytes = slurp(path, &size);
	assert_int_equal(size, 16 + 184 + 32); /* as FORMAT.md has it */
	for (size_t at = 0; at < size; at++) {
		struct lepton_store *store;
		struct lepton_error err = {0};
		bytes[at] ^= 0x41;
		overwrite(path, bytes, size);
		int code = lepton_store_open_with(dir, LEPTON_STORE_READ, key, &store, &err);
		assert_true(code == LEPTON_E_CORRUPT || code == LEPTON_E_UNSUPPORTED);
		assert_non_null(strstr(err.message, "keys"));
		bytes[at] ^= 0x41;
	}
	for (size_t length = 0; length < size; length++) {
		overwrite(path, bytes, length);
		expect_fault(LEPTON_STORE_READ, key, LEPTON_E_CORRUPT, "is damaged");
	}
	/* With the checksum put right again, what is wrapped still holds. */
	for (size_t at = 16; at < size - 32; at++) {
		struct lepton_store *store;
		bytes[at] ^= 0x10;
		crypto_generichash((uint8_t *)bytes + size - 32, 32, (uint8_t *)bytes, size - 32, NULL, 0);
		overwrite(path, bytes, size);
		assert_int_not_equal(lepton_store_open_with(dir, LEPTON_STORE_READ, key, &store, NULL),
			at >= 17 && at < 24 ? -1000 : 0); /* seven bytes of a slot say nothing */
		lepton_store_close(store);
		bytes[at] ^= 0x10;
	}
	crypto_generichash((uint8_t *)bytes + size - 32, 32, (uint8_t *)bytes, size - 32, NULL, 0);
	overwrite(path, bytes, size);
	struct lepton_store *store = opened(LEPTON_STORE_READ, key);
	assert_whole(store);
	lepton_store_close(store);
	lepton__free(bytes);
}

static struct lepton__vault *make_vault(void)
{
	struct lepton__payload *payload = lepton__secret_new(sizeof *payload);
	assert_non_null(payload);
	payload->number = 7;
	randombytes_buf(payload->key, sizeof payload->key);
	randombytes_buf(payload->names, sizeof payload->names);
	struct lepton__vault *vault = lepton__vault_new(payload);
	lepton__secret_free(payload);
	assert_non_null(vault);
	return vault;
}

static void sealed_files_come_back(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 200000};
	struct lepton__vault *vault = make_vault();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t size = sizes[i], back_size;
		char *bytes = calloc(1, size + 1), *back;
		randombytes_buf(bytes, size);
		assert_int_equal(lepton__sealed_write(vault, in_base("f"), "name", bytes, size, NULL), 0);
		assert_int_equal(
			lepton__sealed_read(vault, where, "name", 1 << 20, &back, &back_size, NULL), 0);
		assert_int_equal(back_size, size);
		assert_memory_equal(back, bytes, size);
		lepton__free(back);
		assert_int_equal(lepton__sealed_read(vault, where, "game", 1 << 20, &back, &back_size, NULL),
			LEPTON_E_CORRUPT);
		free(bytes);
	}
	lepton__vault_free(vault);
}

static void every_flip_and_cut_is_seen(void **state)
{
	(void)state;
	struct lepton__vault *vault = make_vault();
	char text[300], *back;
	size_t size, back_size;
	memset(text, 'x', sizeof text);
	assert_int_equal(lepton__sealed_write(vault, in_base("f"), "name", text, sizeof text, NULL), 0);
	char *bytes = slurp(where, &size);
	for (size_t at = 0; at < size; at++)
		for (int bit = 0; bit < 8; bit++) {
			bytes[at] ^= (char)(1 << bit);
			overwrite(where, bytes, size);
			assert_int_equal(
				lepton__sealed_read(vault, where, "name", 1 << 20, &back, &back_size, NULL),
				LEPTON_E_CORRUPT);
			bytes[at] ^= (char)(1 << bit);
		}
	for (size_t length = 0; length < size; length++) {
		overwrite(where, bytes, length);
		assert_int_equal(lepton__sealed_read(vault, where, "name", 1 << 20, &back, &back_size, NULL),
			LEPTON_E_CORRUPT);
	}
	lepton__free(bytes);
	/* Cut off at the end of a piece, and two pieces in the other order. */
	char *large = calloc(3, 65536);
	assert_int_equal(lepton__sealed_write(vault, in_base("f"), "name", large, 3 * 65536, NULL), 0);
	bytes = slurp(where, &size);
	overwrite(where, bytes, 36 + 2 * 65553);
	assert_int_equal(lepton__sealed_read(vault, where, "name", 1 << 20, &back, &back_size, NULL),
		LEPTON_E_CORRUPT);
	char *swapped = malloc(size);
	memcpy(swapped, bytes, size);
	memcpy(swapped + 36, bytes + 36 + 65553, 65553);
	memcpy(swapped + 36 + 65553, bytes + 36, 65553);
	overwrite(where, swapped, size);
	assert_int_equal(lepton__sealed_read(vault, where, "name", 1 << 20, &back, &back_size, NULL),
		LEPTON_E_CORRUPT);
	free(swapped);
	free(large);
	lepton__free(bytes);
	lepton__vault_free(vault);
}

static void pages_stay_in_their_place(void **state)
{
	(void)state;
	struct lepton__vault *vault = make_vault();
	uint8_t plain[LEPTON__PAGE] = {1, 2, 3}, sealed[LEPTON__PAGE], again[LEPTON__PAGE],
		page[LEPTON__PAGE];
	uint8_t head[LEPTON__FRAME_HEAD] = {0, 0, 0, 9, 0, 0, 0, 0, 5, 5, 5, 5, 6, 6, 6, 6},
		covered[LEPTON__FRAME_HEAD];
	assert_true(lepton__page_seal(vault, 4096, NULL, plain, sealed));
	assert_true(lepton__page_seal(vault, 4096, NULL, plain, again));
	assert_memory_not_equal(sealed, again, LEPTON__PAGE); /* never twice the same */
	memcpy(page, sealed, sizeof page);
	assert_true(lepton__page_open(vault, 4096, NULL, page));
	assert_memory_equal(page, plain, LEPTON__PAGE);
	memcpy(page, sealed, sizeof page);
	assert_false(lepton__page_open(vault, 8192, NULL, page));
	assert_false(lepton__page_open(vault, 4096, head, page));
	for (size_t at = 0; at < LEPTON__PAGE; at++) {
		memcpy(page, sealed, sizeof page);
		page[at] ^= 0x20;
		assert_false(lepton__page_open(vault, 4096, NULL, page));
	}
	assert_true(lepton__page_seal(vault, 32, head, plain, sealed));
	for (int at = 0; at < 16; at++) { /* of another page, or another round of the log */
		memcpy(page, sealed, sizeof page);
		head[at] ^= 1;
		assert_false(lepton__page_open(vault, 32, head, page));
		head[at] ^= 1;
	}
	memcpy(covered, head, sizeof head);
	lepton__frame_cover(vault, 32, covered);
	assert_memory_equal(covered, head, 16);
	assert_memory_not_equal(covered + 16, head + 16, 8);
	lepton__frame_cover(vault, 32, covered);
	assert_memory_equal(covered, head, sizeof head);
	plain[LEPTON__PAGE - 1] = 1; /* SQLite has written where it was told not to */
	assert_false(lepton__page_seal(vault, 4096, NULL, plain, sealed));
	lepton__vault_free(vault);
}

static void a_stream_is_covered_alike_in_any_pieces(void **state)
{
	(void)state;
	struct lepton__vault *vault = make_vault();
	uint8_t whole[5000] = {0}, parts[5000] = {0}, nonce[24] = {3};
	lepton__stream_cover(vault, nonce, 77, whole, sizeof whole);
	assert_false(sodium_is_zero(whole, 16));
	for (size_t at = 0, n = 1; at < sizeof parts; at += n, n = n * 2 % 997 + 1) {
		n = n < sizeof parts - at ? n : sizeof parts - at;
		lepton__stream_cover(vault, nonce, 77 + at, parts + at, n);
	}
	assert_memory_equal(whole, parts, sizeof whole);
	lepton__vault_free(vault);
}

static void a_changed_database_is_not_believed(void **state)
{
	(void)state;
	char path[160];
	size_t size;
	int lines, passed = 0;
	make_store();
	snprintf(path, sizeof path, "%s/store.db", dir);
	char *bytes = slurp(path, &size);
	assert_int_equal(size % LEPTON__PAGE, 0);
	for (size_t page = 0; page < size / LEPTON__PAGE; page++) {
		struct lepton_store *store;
		struct lepton_error err = {0};
		bytes[page * LEPTON__PAGE + 100 + page] ^= 1;
		overwrite(path, bytes, size);
		lines = 0;
		int code = lepton_store_open_with(dir, LEPTON_STORE_READ, key, &store, &err);
		if (!code)
			code = lepton_store_verify(store, hear, &lines, &err);
		passed += code == LEPTON_OK;
		lepton_store_close(store);
		bytes[page * LEPTON__PAGE + 100 + page] ^= 1;
	}
	assert_int_equal(passed, 0);
	lepton__free(bytes);
}

/* ---- keys change ------------------------------------------------------------------------------------- */

static void keys_are_added_changed_and_removed(void **state)
{
	(void)state;
	const char *kinds[LEPTON_STORE_KEYS_MAX];
	size_t count;
	struct lepton_key *passphrase;
	struct lepton_error err = {0};
	make_store();
	assert_int_equal(lepton_key_from_passphrase("correct horse", 13, &passphrase, NULL), 0);
	struct lepton_store *store = opened(LEPTON_STORE_WRITE, key);
	assert_int_equal(lepton_store_key_remove(store, key, 1, &err), LEPTON_E_USAGE);
	assert_int_equal(lepton_store_key_add(store, key, passphrase, NULL), 0);
	assert_int_equal(lepton_store_keys(store, kinds, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_string_equal(kinds[0], "key file");
	assert_string_equal(kinds[1], "passphrase");
	assert_int_equal(lepton_store_key_change(store, other, key, &err), LEPTON_E_KEY);
	lepton_store_close(store);
	store = opened(LEPTON_STORE_WRITE, passphrase);
	assert_int_equal(lepton_store_key_remove(store, passphrase, 3, NULL), LEPTON_E_USAGE);
	assert_int_equal(lepton_store_key_remove(store, passphrase, 1, NULL), 0);
	lepton_store_close(store);
	expect_fault(LEPTON_STORE_READ, key, LEPTON_E_KEY, "wrong key");
	store = opened(LEPTON_STORE_WRITE, passphrase);
	assert_int_equal(lepton_store_key_change(store, passphrase, other, NULL), 0);
	for (int i = 1; i < LEPTON_STORE_KEYS_MAX; i++)
		assert_int_equal(lepton_store_key_add(store, other, key, NULL), 0);
	assert_int_equal(lepton_store_key_add(store, other, key, &err), LEPTON_E_USAGE);
	lepton_store_close(store);
	expect_fault(LEPTON_STORE_READ, passphrase, LEPTON_E_KEY, "wrong key");
	store = opened(LEPTON_STORE_READ, other);
	assert_whole(store);
	lepton_store_close(store);
	lepton_key_free(passphrase);
}

static void read_number(const char *path, void *arg)
{
	size_t size;
	char *bytes = slurp(path, &size);
	if (strstr(path, "/objects/")) {
		assert_memory_equal(bytes, "LEPTSEAL", 8);
		assert_int_equal(bytes[8], *(int *)arg);
	}
	lepton__free(bytes);
}

static void rotation_seals_all_anew(void **state)
{
	(void)state;
	char path[160];
	size_t size, again, objects;
	int number = 2;
	make_store();
	snprintf(path, sizeof path, "%s/store.db", dir);
	char *before = slurp(path, &size);
	struct lepton_store *store = opened(LEPTON_STORE_WRITE, key);
	assert_int_equal(lepton_store_key_add(store, key, other, NULL), 0);
	assert_int_equal(lepton_store_rotate(store, key, &objects, NULL), 0);
	assert_int_equal(objects, 2 * VERSIONS);
	assert_whole(store);
	assert_int_equal(put_checkpoint(store, 1, 3), 0);
	lepton_store_close(store);
	each_file(dir, read_number, &number);
	expect_fault(LEPTON_STORE_READ, other, LEPTON_E_KEY, "wrong key");
	char *after = slurp(path, &again);
	for (size_t at = 0; at < size && at < again; at += LEPTON__PAGE)
		assert_memory_not_equal(before + at, after + at, LEPTON__PAGE);
	lepton__free(before);
	lepton__free(after);
	store = opened(LEPTON_STORE_READ, key);
	struct lepton_error err = {0};
	int lines = 0;
	assert_int_equal(lepton_store_verify(store, hear, &lines, &err), 0);
	lepton_store_close(store);
}

static int countdown;
static struct lepton__io real;

static bool failing(void)
{
	if (--countdown != 0)
		return false;
	errno = EIO;
	return true;
}

static int bad_stat(const char *path, struct stat *info)
{
	return failing() ? -1 : real.stat(path, info);
}

/* Whether there are keys, or anything, could not be told: none are made for a store that has its content
 * already. */
static void a_failed_look_makes_no_keys(void **state)
{
	(void)state;
	lepton_store_close(opened(LEPTON_STORE_WRITE, NULL));
	for (int nth = 1; nth <= 2; nth++) {
		real = lepton__io;
		lepton__io.stat = bad_stat;
		countdown = nth;
		struct lepton_store *store;
		int code = lepton_store_open_with(dir, LEPTON_STORE_WRITE, key, &store, NULL);
		lepton__io = real;
		assert_int_equal(code, LEPTON_E_IO);
		expect_fault(LEPTON_STORE_WRITE, key, LEPTON_E_KEY, "is not encrypted");
	}
	lepton_store_close(opened(LEPTON_STORE_WRITE, NULL));
}

static int bad_open(const char *path, int flags, mode_t mode)
{
	return failing() ? -1 : real.open(path, flags, mode);
}

static ssize_t bad_read(int fd, void *buffer, size_t size)
{
	return failing() ? -1 : real.read(fd, buffer, size);
}

static ssize_t bad_write(int fd, const void *bytes, size_t size)
{
	return failing() ? -1 : real.write(fd, bytes, size);
}

static int bad_fsync(int fd)
{
	return failing() ? -1 : real.fsync(fd);
}

static int bad_rename(const char *from, const char *to)
{
	return failing() ? -1 : real.rename(from, to);
}

/* Each call in turn fails: the store is whole after each, and the next rotation goes on. */
static void a_failed_rotation_leaves_the_store_whole(void **state)
{
	(void)state;
	int failed = 0;
	size_t objects;
	make_store();
	for (int nth = 1;; nth++) {
		struct lepton_store *store = opened(LEPTON_STORE_WRITE, key);
		real = lepton__io;
		lepton__io.open = bad_open;
		lepton__io.read = bad_read;
		lepton__io.write = bad_write;
		lepton__io.fsync = bad_fsync;
		lepton__io.rename = bad_rename;
		countdown = nth;
		int code = lepton_store_rotate(store, key, &objects, NULL);
		lepton__io = real;
		assert_whole(store);
		lepton_store_close(store);
		store = opened(LEPTON_STORE_READ, key);
		assert_whole(store);
		lepton_store_close(store);
		failed += code != LEPTON_OK;
		if (countdown > 0)
			break;
	}
	assert_true(failed > 60);
}

static _Noreturn void rotate_until_killed(void)
{
	struct lepton_store *store;
	size_t objects;
	if (lepton_store_open_with(dir, LEPTON_STORE_WRITE, key, &store, NULL))
		_exit(1);
	for (;;)
		if (lepton_store_rotate(store, key, &objects, NULL))
			_exit(1);
}

static void a_killed_rotation_leaves_the_store_whole(void **state)
{
	(void)state;
	unsigned random = 4711;
	make_store();
	for (int round = 0; round < 25; round++) {
		int status;
		random = random * 1103515245u + 12345u;
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			rotate_until_killed();
		usleep(2000 + (random >> 8) % 40000);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		struct lepton_store *store = opened(round % 2 ? LEPTON_STORE_WRITE : LEPTON_STORE_READ, key);
		assert_whole(store);
		lepton_store_close(store);
	}
	size_t objects;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE, key);
	assert_int_equal(lepton_store_rotate(store, key, &objects, NULL), 0);
	assert_whole(store);
	lepton_store_close(store);
}

/* The log cannot be emptied while somebody reads an earlier state in it: both keys stay until the next call.
 */
static void a_reader_keeps_the_old_key_alive(void **state)
{
	(void)state;
	struct lepton_error err = {0};
	size_t objects;
	make_store();
	struct lepton_store *store = opened(LEPTON_STORE_WRITE, key),
			    *reader = opened(LEPTON_STORE_READ, key);
	put_version(store, VERSIONS + 1, "one more");
	assert_int_equal(lepton__sql_run(reader, "BEGIN; SELECT count(*) FROM events", NULL), 0);
	assert_int_equal(lepton_store_rotate(store, key, &objects, &err), LEPTON_E_BUSY);
	assert_int_equal(objects, 2 * VERSIONS);
	assert_int_equal(lepton__sql_run(reader, "COMMIT", NULL), 0);
	lepton_store_close(store);
	store = opened(LEPTON_STORE_WRITE, key);
	assert_whole(store);
	assert_int_not_equal(store->vault->before.number, 0);
	assert_int_equal(lepton_store_rotate(store, key, &objects, &err), 0);
	assert_int_equal(objects, 0);
	assert_int_equal(store->vault->before.number, 0);
	assert_whole(store);
	lepton_store_close(reader);
	lepton_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		CASE(no_file_says_anything),
		CASE(names_of_objects_need_the_key),
		CASE(a_wrong_key_is_told_and_leaves_no_trace),
		CASE(what_is_no_key_file_is_told),
		CASE(a_changed_ring_of_keys_opens_nothing),
		CASE(sealed_files_come_back),
		CASE(every_flip_and_cut_is_seen),
		CASE(pages_stay_in_their_place),
		CASE(a_stream_is_covered_alike_in_any_pieces),
		CASE(a_changed_database_is_not_believed),
		CASE(keys_are_added_changed_and_removed),
		CASE(rotation_seals_all_anew),
		CASE(a_failed_look_makes_no_keys),
		CASE(a_failed_rotation_leaves_the_store_whole),
		CASE(a_killed_rotation_leaves_the_store_whole),
		CASE(a_reader_keeps_the_old_key_alive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
