/* tests/test_bundle.c - versions as files, and signatures: what was signed comes back, anything else is kept
 * out.
 *
 * Signatures are made and checked once more by what RFC 8032 says of Ed25519, through libsodium's combined
 * form and the RFC's own vector.
 */
#include "config.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "lepton/bundle.h"
#include "lepton/compress.h"
#include "store/statement.h"
#include "store/store_parts.h"

#include <math.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char base[64], dir[128], file[128], key_path[128], signer[LEPTON_PUBLIC_HEX];
static struct lepton_store *store;

/* ---- a store with versions in it --------------------------------------------------------------------- */

#define CONFIG                                                                                               \
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[4]},{\"type\":\"Dense\",\"units\":3,"                   \
	"\"activation\":\"softmax\"}],\"epochs\":2}"

static void put(const struct lepton_event *event)
{
	struct lepton_error err = {0};
	if (lepton_store_put(store, event, &err))
		fail_msg("put: %s", err.message);
}

static void put_version(int64_t id, const char *name, const char *operation, int64_t parent)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id, .time = 1};
	lepton__copy_name(event.u.added.name, LEPTON_NAME_MAX, name);
	lepton__copy_name(event.u.added.learner, LEPTON_NAME_MAX, "network");
	event.u.added.operation = lepton_text_new(operation);
	event.u.added.hyperparameters = lepton_text_new(CONFIG);
	event.u.added.seed = UINT64_MAX - 5;
	event.u.added.parents[0] = parent;
	event.u.added.parent_count = parent != 0;
	put(&event);
	lepton_event_clear(&event);
}

static struct lepton_params *make_weights(float first)
{
	const struct lepton_tensor like[] = {
		{.name = "dense/kernel", .shape = {2, {4, 3}}}, {.name = "dense/bias", .shape = {1, {3}}}};
	struct lepton_params *params;
	assert_int_equal(lepton_params_new(like, 2, &params, NULL), 0);
	for (int i = 0; i < 12; i++)
		((float *)lepton_params_data(params, 0))[i] = first + (float)i / 7;
	return params;
}

/* Takes the references. */
static void put_checkpoint(
	int64_t id, int64_t step, struct lepton_params *weights, struct lepton_params *blob)
{
	struct lepton_event event = {.type = LEPTON_EVENT_CHECKPOINT, .version = id, .time = 2};
	struct lepton_checkpoint *c = lepton__calloc(1, sizeof *c);
	assert_non_null(c);
	c->references = 1;
	c->state.weights = weights;
	c->encoded = blob;
	lepton__copy_name(c->method, sizeof c->method, blob ? "quantize" : "");
	c->state.step = event.u.checkpoint.step = step;
	lepton_params_hash(weights, event.u.checkpoint.weights_hash);
	event.u.checkpoint.checkpoint = c;
	put(&event);
	lepton_event_clear(&event);
}

static int make_store(void **state)
{
	(void)state;
	struct lepton_params *weights = make_weights(1), *blob, *rebuilt;
	struct lepton_compress_report report;
	snprintf(base, sizeof base, "/tmp/lepton-bundle-XXXXXX");
	if (!mkdtemp(base))
		return -1;
	snprintf(dir, sizeof dir, "%s/store", base);
	snprintf(file, sizeof file, "%s/v.lepton", base);
	snprintf(key_path, sizeof key_path, "%s/sign", base);
	assert_int_equal(lepton_sign_key_new(key_path, signer, NULL), 0);
	assert_int_equal(lepton_store_open(dir, LEPTON_STORE_WRITE, &store, NULL), 0);
	put_version(1, "plain", "{\"op\":\"train\"}", 0);
	put_version(2, "small", "{\"op\":\"compress\",\"method\":\"quantize\"}", 1);
	assert_int_equal(lepton_compress("quantize", weights, NULL, "{}", &blob, &rebuilt, &report, NULL), 0);
	put_checkpoint(1, 5, weights, NULL);
	put_checkpoint(2, 0, rebuilt, blob);
	struct lepton_event test = {.type = LEPTON_EVENT_TEST, .version = 1, .time = 3};
	test.u.test.loss = 1.0 / 3;
	test.u.test.accuracy = 0.75;
	test.u.test.val_loss = test.u.test.val_accuracy = (double)NAN;
	put(&test);
	return 0;
}

static int remove_store(void **state)
{
	char command[96];
	(void)state;
	lepton_store_close(store);
	snprintf(command, sizeof command, "rm -rf %s", base);
	return system(command);
}

static void sign(int64_t id)
{
	char by[LEPTON_PUBLIC_HEX];
	struct lepton_error err = {0};
	if (lepton_store_sign(store, id, key_path, by, &err))
		fail_msg("sign: %s", err.message);
	assert_string_equal(by, signer);
}

static void write_out(int64_t id)
{
	struct lepton_error err = {0};
	if (lepton_bundle_write(store, id, file, &err))
		fail_msg("write: %s", err.message);
}

static const char *const *trust(const char *public_key)
{
	static const char *list[1];
	list[0] = public_key;
	return list;
}

static void read_in(struct lepton_bundle *out, const char *public_key)
{
	struct lepton_error err = {0};
	if (lepton_bundle_read(file, trust(public_key), public_key != NULL, out, &err))
		fail_msg("read: %s", err.message);
}

/* ---- Ed25519 ------------------------------------------------------------------------------------------ */

/* RFC 8032, 7.1, test 1: the public key of a seed, through our key file. */
static void keys_are_those_of_the_rfc(void **state)
{
	(void)state;
	const char *line = "lepton-sign-1 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n";
	char by[LEPTON_PUBLIC_HEX];
	uint8_t signature[64], together[64 + 64], public_key[32], text[256];
	unsigned long long length;
	unlink(key_path);
	assert_int_equal(lepton__file_write(key_path, line, strlen(line), 0600, NULL), 0);
	assert_int_equal(lepton__statement_sign("{}", key_path, by, signature, NULL), 0);
	assert_string_equal(by, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	assert_int_equal(lepton__statement_signed("{}", by, signature), 0);
	memcpy(together, signature, 64);
	memcpy(together + 64, "lepton signed version 1\n{}", 26);
	sodium_hex2bin(public_key, 32, by, 64, NULL, NULL, NULL);
	assert_int_equal(crypto_sign_open(text, &length, together, 64 + 26, public_key), 0);
	assert_int_equal(length, 26);
	for (int bit = 0; bit < 512; bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(lepton__statement_signed("{}", by, signature), LEPTON_E_KEY);
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(lepton__statement_signed("{ }", by, signature), LEPTON_E_KEY);
	by[3] = by[3] == '0' ? '1' : '0';
	assert_int_equal(lepton__statement_signed("{}", by, signature), LEPTON_E_KEY);
}

static int lines;
static char said[8][256];

static void hear(const char *line, void *arg)
{
	(void)arg;
	if (lines < 8)
		snprintf(said[lines], sizeof said[0], "%s", line);
	lines++;
}

static int look(const char *public_key, size_t *good)
{
	lines = 0;
	return lepton_store_signatures(store, trust(public_key), public_key != NULL, hear, NULL, good, NULL);
}

static void the_store_knows_what_is_signed(void **state)
{
	(void)state;
	size_t good;
	char stranger[] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
	assert_int_equal(look(NULL, &good), 0);
	assert_int_equal(lines, 0);
	sign(1);
	sign(2);
	assert_int_equal(look(NULL, &good), 0);
	assert_int_equal(good, 2);
	assert_int_equal(look(signer, &good), 0);
	assert_int_equal(look(stranger, &good), LEPTON_E_KEY);
	assert_non_null(strstr(said[0], "by none of the trusted keys"));
	put_checkpoint(1, 6, make_weights(2), NULL); /* it trains on */
	assert_int_equal(look(signer, &good), LEPTON_E_KEY);
	assert_int_equal(good, 1);
	assert_non_null(strstr(said[0], "version plain: "));
	assert_non_null(strstr(said[0], "something else than the version now is"));
	sign(1);
	assert_int_equal(look(signer, &good), 0);
	assert_int_equal(lepton__sql_run(store,
				 "UPDATE settings SET value=replace(value, '\\\"method\\\":\\\"\\\"', "
				 "'\\\"method\\\":\\\"x\\\"')",
				 NULL),
		0);
	assert_int_equal(look(NULL, &good), LEPTON_E_KEY);
	assert_non_null(strstr(said[0], "BAD"));
}

/* ---- there and back ----------------------------------------------------------------------------------- */

static void assert_same_weights(const struct lepton_params *a, const struct lepton_params *b)
{
	char one[LEPTON_HASH_HEX], two[LEPTON_HASH_HEX];
	lepton_params_hash(a, one);
	lepton_params_hash(b, two);
	assert_string_equal(one, two);
}

static void keep(struct lepton_bundle *b, int64_t id, const char *name)
{
	struct lepton_error err = {0};
	b->version.id = id;
	lepton__copy_name(b->version.name, LEPTON_NAME_MAX, name);
	if (lepton_bundle_keep(store, b, &err))
		fail_msg("keep: %s", err.message);
}

static void a_version_goes_round(int64_t id)
{
	struct lepton_bundle b, again;
	struct lepton_checkpoint *before, *after;
	struct lepton_run run;
	sign(id);
	write_out(id);
	read_in(&b, signer);
	assert_string_equal(b.signer, signer);
	assert_true(b.version.seed == UINT64_MAX - 5);
	assert_string_equal(lepton_text_get(b.version.hyperparameters), CONFIG);
	keep(&b, id + 10, id == 1 ? "again" : "again-small");
	assert_int_equal(lepton_store_load_checkpoint(store, id, -1, &before, NULL), 0);
	assert_int_equal(lepton_store_load_checkpoint(store, id + 10, -1, &after, NULL), 0);
	assert_same_weights(before->state.weights, after->state.weights);
	assert_int_equal(before->encoded != NULL, after->encoded != NULL);
	lepton_run_init(&run);
	assert_int_equal(lepton_store_load_run(store, &run, NULL), 0);
	const struct lepton_run_version *v = lepton_run_version(&run, id + 10);
	assert_int_equal(v->state, LEPTON_DONE);
	if (id == 1) {
		const double loss = 1.0 / 3, accuracy = 0.75;
		assert_memory_equal(&v->test_loss, &loss, sizeof loss);
		assert_memory_equal(&v->test_accuracy, &accuracy, sizeof accuracy);
		assert_true(isnan(v->val_loss));
	}
	lepton_run_clear(&run);
	write_out(id + 10); /* handed on, with the signature it came with */
	read_in(&again, signer);
	assert_string_equal(again.statement, b.statement);
	assert_memory_equal(again.signature, b.signature, 64);
	lepton_checkpoint_release(before);
	lepton_checkpoint_release(after);
	lepton_bundle_clear(&again);
	lepton_bundle_clear(&b);
}

static void versions_go_round(void **state)
{
	(void)state;
	size_t good;
	a_version_goes_round(1);
	a_version_goes_round(2);
	assert_int_equal(look(signer, &good), 0);
	assert_int_equal(good, 4);
}

static void what_cannot_be_kept_is_not_half_kept(void **state)
{
	(void)state;
	struct lepton_bundle b;
	struct lepton_run run;
	write_out(1);
	read_in(&b, NULL);
	b.version.id = 9;
	lepton__copy_name(b.version.name, LEPTON_NAME_MAX, "small"); /* taken */
	assert_int_not_equal(lepton_bundle_keep(store, &b, NULL), 0);
	lepton_run_init(&run);
	assert_int_equal(lepton_store_load_run(store, &run, NULL), 0);
	assert_int_equal(run.version_count, 2);
	lepton_run_clear(&run);
	lepton_bundle_clear(&b);
}

/* ---- what is kept out ---------------------------------------------------------------------------------- */

static char *bytes;
static size_t size;

static void take_file(int64_t id)
{
	write_out(id);
	assert_int_equal(lepton__file_read(file, 1 << 20, &bytes, &size, NULL), 0);
}

static void put_sum_right(char *of, size_t length)
{
	crypto_generichash((uint8_t *)of + length - 32, 32, (uint8_t *)of, length - 32, NULL, 0);
}

static int refused(const char *of, size_t length, const char *public_key, const char *words)
{
	struct lepton_bundle b;
	struct lepton_error err = {0};
	int code = lepton_bundle_parse(of, length, "it", trust(public_key), public_key != NULL, &b, &err);
	assert_true(code == LEPTON_E_DATA || code == LEPTON_E_KEY);
	assert_null(b.checkpoint);
	if (!strstr(err.message, words) || strncmp(err.message, "it", 2) != 0)
		fail_msg("\"%s\" lacks \"%s\"", err.message, words);
	return code;
}

static void every_flip_and_cut_is_refused(void **state)
{
	(void)state;
	for (int64_t id = 1; id <= 2; id++) {
		sign(id);
		take_file(id);
		for (size_t at = 0; at < size; at++) {
			bytes[at] ^= 0x24;
			refused(bytes, size, NULL, "not let in");
			bytes[at] ^= 0x24;
		}
		for (size_t length = 0; length < size; length++)
			refused(bytes, length, NULL, length < 8 ? "not a version's file" : "cut off");
		char *longer = calloc(1, size + 1);
		memcpy(longer, bytes, size);
		refused(longer, size + 1, NULL, "something follows its end");
		free(longer);
		lepton__free(bytes);
	}
}

/* The same with a checksum that fits, as a forger would do it: of a signed file only the figures can be other
 * ones. */
static void a_forger_gets_nowhere(void **state)
{
	(void)state;
	sign(1);
	take_file(1);
	size_t from = 128 + (size_t)(uint8_t)bytes[12] + 256 * (size_t)(uint8_t)bytes[13];
	size_t to = from + (size_t)(uint8_t)bytes[16] + 256 * (size_t)(uint8_t)bytes[17];
	int changed = 0;
	for (size_t at = 0; at < size - 32; at++)
		for (int bit = 0; bit < 8; bit++) {
			struct lepton_bundle b;
			bytes[at] ^= (char)(1 << bit);
			put_sum_right(bytes, size);
			int code = lepton_bundle_parse(bytes, size, "it", trust(signer), 1, &b, NULL);
			if (code == LEPTON_OK) {
				changed++;
				if (at < from || at >= to)
					fail_msg("a change at %zu was let in", at);
			}
			lepton_bundle_clear(&b);
			bytes[at] ^= (char)(1 << bit);
		}
	assert_true(changed > 0);
	lepton__free(bytes);
}

static void signatures_are_asked_for(void **state)
{
	(void)state;
	take_file(1);
	assert_int_equal(refused(bytes, size, signer, "is not signed"), LEPTON_E_KEY);
	lepton__free(bytes);
	sign(1);
	take_file(1);
	assert_int_equal(
		refused(bytes, size, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
			"none of the trusted keys"),
		LEPTON_E_KEY);
	bytes[70] ^= 1;
	put_sum_right(bytes, size);
	assert_int_equal(
		refused(bytes, size, NULL, "bad signature"), LEPTON_E_KEY); /* also when nobody asked */
	lepton__free(bytes);
}

/* An unsigned bundle of one's own making. */
static void refuse_made(
	const char *statement, const struct lepton_tensor *tensors, size_t count, const char *words)
{
	struct lepton__buffer out;
	uint8_t zero[128] = {0};
	uint64_t weights = 0;
	for (size_t i = 0; i < count; i++)
		weights += 3 + strlen(tensors[i].name) + 8 * (uint64_t)tensors[i].shape.rank + 16;
	lepton__buffer_init(&out, 1 << 20);
	lepton__buffer_append(&out, "LEPTVER1", 8);
	lepton__buffer_u32(&out, 0);
	lepton__buffer_u32(&out, (uint32_t)strlen(statement));
	lepton__buffer_u32(&out, 2);
	lepton__buffer_u32(&out, (uint32_t)count);
	lepton__buffer_u64(&out, weights);
	lepton__buffer_append(&out, zero, 96);
	lepton__buffer_string(&out, statement);
	lepton__buffer_string(&out, "{}");
	for (size_t i = 0; i < count; i++) {
		const uint8_t length = (uint8_t)strlen(tensors[i].name),
			      kind[2] = {(uint8_t)tensors[i].dtype, (uint8_t)tensors[i].shape.rank};
		lepton__buffer_append(&out, &length, 1);
		lepton__buffer_append(&out, tensors[i].name, length);
		lepton__buffer_append(&out, kind, 2);
		for (int d = 0; d < tensors[i].shape.rank; d++)
			lepton__buffer_u64(&out, (uint64_t)tensors[i].shape.dim[d]);
		lepton__buffer_append(&out, zero, 16);
	}
	lepton__buffer_append(&out, zero, 32);
	assert_false(out.failed);
	put_sum_right(out.data, out.size);
	refused(out.data, out.size, NULL, words);
	lepton__buffer_free(&out);
}

#define HASH "0000000000000000000000000000000000000000000000000000000000000000"
#define STATEMENT(name, learner, hyper)                                                                      \
	"{\"schema\":\"lepton.version/1\",\"name\":\"" name "\",\"learner\":\"" learner                      \
	"\",\"weights_hash\":\"" HASH "\",\"method\":\"\",\"seed\":\"1\",\"parents\":[],\"operation\":{},"   \
	"\"hyperparameters\":" hyper "}"

static void unsafe_files_are_refused(void **state)
{
	(void)state;
	const struct lepton_tensor good = {.name = "k", .shape = {1, {4}}};
	struct lepton_tensor bad = good, two[2] = {good, good};
	const char *fine = STATEMENT("v", "network", CONFIG);
	refuse_made(fine, &good, 1, "not those that it says");
	refuse_made(STATEMENT("a\\u0001b", "network", CONFIG), &good, 1, "its name is none");
	refuse_made(STATEMENT("", "network", CONFIG), &good, 1, "its name is none");
	refuse_made(STATEMENT("@", "network", CONFIG), &good, 1, "its name is none");
	refuse_made(
		STATEMENT("v", "external", "{\"command\":[\"sh\"]}"), &good, 1, "would have a command run");
	refuse_made(
		STATEMENT("v", "oracle", "{}"), &good, 1, "a kind of version that this build does not know");
	refuse_made(STATEMENT("v", "network", "{\"command\":[\"sh\"]}"), &good, 1,
		"its configuration is not sound");
	refuse_made(STATEMENT("v", "network",
			    "{\"layers\":[{\"type\":\"Input\",\"shape\":[4,4,1]},{\"type\":\"MaxPooling2D\","
			    "\"pool_size\":[1,9]},{\"type\":\"Flatten\"},{\"type\":\"Dense\",\"units\":3}]}"),
		&good, 1, "its configuration is not sound: ");
	refuse_made(STATEMENT("v", "network", "7"), &good, 1, "its statement lacks something");
	refuse_made("{}", &good, 1, "not one of ours");
	refuse_made(
		"{\"schema\": \"lepton.version/1\"}", &good, 1, "not one of ours"); /* not as we write it */
	refuse_made("{\"schema\":\"lepton.version/1\"}", &good, 1, "its name is none");
	refuse_made("[[[[[[[[[[", &good, 1, "not one of ours");
	refuse_made(fine, two, 2, "two tensors have one name");
	refuse_made(fine, &good, 0, "sizes that no version has");
	bad.dtype = (enum lepton_dtype)9;
	refuse_made(fine, &bad, 1, "impossible name, type or rank");
	bad = good;
	bad.shape.dim[0] = 0;
	refuse_made(fine, &bad, 1, "impossible shape");
	bad.shape.dim[0] = -1;
	refuse_made(fine, &bad, 1, "impossible shape");
	bad.shape.dim[0] = 5;
	refuse_made(fine, &bad, 1, "larger than the file");
	bad.shape.dim[0] = 3;
	refuse_made(fine, &bad, 1, "something follows its tensors");
	bad.shape = (struct lepton_shape){2, {1 << 30, 1 << 30}};
	refuse_made(fine, &bad, 1, "larger than the file");
	bad.shape = (struct lepton_shape){6, {1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20}};
	refuse_made(fine, &bad, 1, "impossible shape");
	bad = good;
	lepton__copy_name(bad.name, sizeof bad.name, "a\nb");
	refuse_made(fine, &bad, 1, "impossible name, type or rank");
	lepton__copy_name(bad.name, sizeof bad.name, "\xFF");
	refuse_made(fine, &bad, 1, "impossible name, type or rank");
}

static void weights_are_numbers(void **state)
{
	(void)state;
	struct lepton_params *weights = make_weights(1);
	((float *)lepton_params_data(weights, 0))[3] = INFINITY;
	put_checkpoint(1, 9, weights, NULL);
	take_file(1);
	refused(bytes, size, NULL, "what is no number");
	lepton__free(bytes);
}

static void external_versions_stay(void **state)
{
	(void)state;
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = 3, .time = 1};
	struct lepton_error err = {0};
	lepton__copy_name(event.u.added.name, LEPTON_NAME_MAX, "torch");
	lepton__copy_name(event.u.added.learner, LEPTON_NAME_MAX, "external");
	put(&event);
	assert_int_equal(lepton_bundle_write(store, 3, file, &err), LEPTON_E_UNSUPPORTED);
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(lepton_bundle_write(store, 77, file, &err), LEPTON_E_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_store, remove_store)
		CASE(keys_are_those_of_the_rfc),
		CASE(the_store_knows_what_is_signed),
		CASE(versions_go_round),
		CASE(what_cannot_be_kept_is_not_half_kept),
		CASE(every_flip_and_cut_is_refused),
		CASE(a_forger_gets_nowhere),
		CASE(signatures_are_asked_for),
		CASE(unsafe_files_are_refused),
		CASE(weights_are_numbers),
		CASE(external_versions_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
