/* Damaged, cut, random and forged blobs: an error each, never a crash, never memory the bytes do not justify.
 */
#include "config.h"
#include "compress_make.h"
#include "lepton/compress.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define METHODS 15

struct fixture {
	struct lepton_params *base, *other, *weights;
	struct lepton_params *blobs[METHODS], *rebuilt[METHODS];
};

static const struct {
	const char *name, *settings;
} methods[METHODS] = {{"delta", NULL}, {"quantize", NULL}, {"entropy", NULL}, {"prune", NULL},
	{"cluster", NULL}, {"prune,entropy", NULL}, {"prune,cluster", NULL}, {"cluster,entropy", NULL},
	{"prune,cluster,entropy", NULL}, {"delta", "{\"residual\":\"exact\"}"},
	{"delta", "{\"residual\":\"steps\",\"biases\":\"coded\"}"}, {"quantize", "{\"bits\":4}"},
	{"delta", "{\"alphas\":\"channel\"}"}, {"lowrank", "{\"rank\":2}"},
	{"lowrank,entropy", "{\"rank\":3}"}};

static int set_up(void **state)
{
	static struct fixture f;
	struct lepton_compress_report report;
	f.base = make_random(small_net, SMALL_NET, 1);
	f.other = make_random(small_net, SMALL_NET, 2);
	f.weights = make_near(f.base, 1, 0.1f, 3);
	((float *)lepton_params_data(f.weights, 2))[9] = 6; /* small codes else: so deflate is used */
	for (int m = 0; m < METHODS; m++)
		if (lepton_compress(methods[m].name, f.weights, f.base, methods[m].settings, &f.blobs[m],
			    &f.rebuilt[m], &report, NULL))
			return -1;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	for (int m = 0; m < METHODS; m++) {
		lepton_params_release(f->blobs[m]);
		lepton_params_release(f->rebuilt[m]);
	}
	lepton_params_release(f->base);
	lepton_params_release(f->other);
	lepton_params_release(f->weights);
	return 0;
}

static const uint8_t *bytes_of(const struct lepton_params *blob, size_t *size)
{
	*size = (size_t)lepton_params_bytes(blob);
	return lepton_params_at(blob, 0)->data;
}

/* A heap copy of just that size, so that a sanitizer sees a read past the end. */
static uint8_t *copy_of(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	return copy;
}

static int decode(
	const uint8_t *bytes, size_t size, const struct lepton_params *base, struct lepton_error *err)
{
	struct lepton_params *weights = NULL;
	uint8_t *copy = copy_of(bytes, size);
	int code = lepton_decompress(copy, size, base, &weights, err);
	assert_true((code == 0) == (weights != NULL));
	lepton_params_release(weights);
	free(copy);
	return code;
}

static void refused(
	const uint8_t *bytes, size_t size, const struct lepton_params *base, int code, const char *words)
{
	struct lepton_error err = {.code = 0};
	assert_int_equal(decode(bytes, size, base, &err), code);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" does not say \"%s\"", err.message, words);
}

static void test_every_truncation(void **state)
{
	struct fixture *f = *state;
	for (int m = 0; m < METHODS; m++) {
		size_t size;
		const uint8_t *bytes = bytes_of(f->blobs[m], &size);
		for (size_t cut = 0; cut < size; cut++)
			assert_int_equal(decode(bytes, cut, f->base, NULL), LEPTON_E_CORRUPT);
		uint8_t *longer = calloc(size + 1, 1);
		assert_non_null(longer);
		memcpy(longer, bytes, size);
		assert_int_equal(decode(longer, size + 1, f->base, NULL), LEPTON_E_CORRUPT);
		free(longer);
	}
}

static void test_every_bit_flip(void **state)
{
	struct fixture *f = *state;
	for (int m = 0; m < METHODS; m++) {
		size_t size;
		const uint8_t *bytes = bytes_of(f->blobs[m], &size);
		uint8_t *copy = copy_of(bytes, size);
		for (size_t bit = 0; bit < 8 * size; bit++) {
			copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(decode(copy, size, f->base, NULL), LEPTON_E_CORRUPT);
			copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		free(copy);
	}
}

static void test_random_bytes(void **state)
{
	struct fixture *f = *state;
	uint32_t seed = 77;
	uint8_t bytes[300];
	for (int round = 0; round < 2000; round++) {
		size_t size = (size_t)(round % 300);
		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)((next_number(&seed) + 0.5f) * 256);
		if (size >= 4 && round % 2)
			memcpy(bytes, "LEPC", 4);
		assert_int_equal(decode(bytes, size, f->base, NULL), LEPTON_E_CORRUPT);
		for (const struct lepton_compressor *const *m = lepton_compressors(); *m; m++) {
			struct lepton_params *weights = NULL;
			uint8_t *copy = copy_of(bytes, size);
			assert_int_equal((*m)->decode(copy, size, f->base, &weights, NULL), LEPTON_E_CORRUPT);
			free(copy);
		}
	}
}

static void seal(uint8_t *bytes, size_t size)
{
	crypto_generichash(bytes + size - 32, 32, bytes, size - 32, NULL, 0);
}

/* Any byte of a well-sealed blob may be a forger's: every byte in turn gets telling values, then a few
 * at a time random ones. What decodes must be finite and of the shapes said; the rest is an error. */
static void test_forged_payloads(void **state)
{
	struct fixture *f = *state;
	static const uint8_t telling[] = {0x00, 0x01, 0x02, 0x7f, 0x80, 0xff};
	uint32_t seed = 5;
	for (int m = 0; m < METHODS; m++) {
		size_t size, kept = 0;
		const uint8_t *bytes = bytes_of(f->blobs[m], &size);
		uint8_t *copy = copy_of(bytes, size);
		for (size_t at = 0; at < (size - 32) * sizeof telling; at++) {
			copy[at / sizeof telling] = telling[at % sizeof telling];
			seal(copy, size);
			kept += decode(copy, size, f->base, NULL) == 0;
			copy[at / sizeof telling] = bytes[at / sizeof telling];
		}
		assert_true(kept > 0); /* a code may be any byte */
		for (int round = 0; round < 3000; round++) {
			memcpy(copy, bytes, size);
			for (int change = 0; change <= round % 4; change++) {
				size_t at = (size_t)((next_number(&seed) + 0.5f) * (float)(size - 32));
				copy[at] = (uint8_t)((next_number(&seed) + 0.5f) * 256);
			}
			seal(copy, size);
			decode(copy, size, f->base, NULL);
		}
		free(copy);
	}
}

/* One tensor "k" of [2,2] by quantize: where its fields are, from FORMAT.md. */
enum {
	RANK_AT = 24 + 4 + 3,
	DIM_AT = RANK_AT + 1,
	WAYS_AT = DIM_AT + 8,
	COUNTS_AT = WAYS_AT + 4,
	SECTION_AT = COUNTS_AT + 12
};

static void put_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* A forged field of a small blob is refused for what it is. */
static void test_forged_fields(void **state)
{
	struct fixture *f = *state;
	static const float values[] = {127, 63.5f, -64, -2};
	static const struct {
		size_t at;
		uint32_t value;
		const char *words;
	} cases[] = {
		{24, 0, "a table of 0 tensors"},
		{24, 0xffffffff, "a table of 4294967295 tensors"},
		{24, 2, ""},
		{DIM_AT, 0, "type or shape"},
		{DIM_AT, 0xffffffff, "type or shape"},
		{DIM_AT, 0x20000000, "not as long"},
		{DIM_AT + 4, 0x40000000, "type or shape"},
		{DIM_AT, 3, "not as long"},
		{WAYS_AT, 0x00080101, "does not know"},
		{WAYS_AT, 0x00080200, "does not know"},
		{WAYS_AT, 0x00040100, "does not know"},
		{WAYS_AT, 0x02080100, "damaged"}, /* the codes are no stream of the range coder */
		{WAYS_AT, 0x00200000, "does not know"},
		{WAYS_AT, 0x01080100, "damaged"},
		{COUNTS_AT, 1, "does not know"},
		{COUNTS_AT + 4, 0, "does not know"},
		{COUNTS_AT + 4, 3, "does not know"},
		{COUNTS_AT + 4, 0x40000000, "does not know"},
		{COUNTS_AT + 8, 0, "not as long"},
		{COUNTS_AT + 8, 13, "not as long"},
		{COUNTS_AT + 8, 0xffffffff, "not as long"},
		{SECTION_AT, 0x7fc00000, "not finite"},
		{SECTION_AT, 0xff800000, "not finite"},
		{SECTION_AT, 0xbf800000, "not finite"},
	};
	struct lepton_params *weights = make_one((struct lepton_shape){2, {2, 2}}, values), *blob, *rebuilt;
	struct lepton_compress_report report;
	assert_int_equal(lepton_compress("quantize", weights, NULL, NULL, &blob, &rebuilt, &report, NULL), 0);
	size_t size;
	const uint8_t *bytes = bytes_of(blob, &size);
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		uint8_t *copy = copy_of(bytes, size);
		put_u32(copy + cases[c].at, cases[c].value);
		seal(copy, size);
		refused(copy, size, f->base, LEPTON_E_CORRUPT, cases[c].words);
		free(copy);
	}
	lepton_params_release(weights);
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
}

/* The same for a cluster blob, whose code book of two is -1, 3. */
static void test_forged_books(void **state)
{
	struct fixture *f = *state;
	enum { CLUSTER_AT = -1, BOOK_AT = SECTION_AT + CLUSTER_AT }; /* a shorter name than quantize */
	static const float values[] = {3, 0, -1, 3};
	static const struct {
		size_t at;
		uint32_t value;
		const char *words;
	} cases[] = {
		{BOOK_AT, 0x7fc00000, "damaged"},     /* not a number */
		{BOOK_AT, 0x80000000, "damaged"},     /* zero */
		{BOOK_AT, 0x40800000, "damaged"},     /* 4, which is above 3 */
		{BOOK_AT, 0x40400000, "damaged"},     /* 3 twice */
		{BOOK_AT, 0x3f800000, "damaged"},     /* 1: then no level is below zero */
		{BOOK_AT + 8, 0xffffffff, "damaged"}, /* another stream */
		{DIM_AT + CLUSTER_AT, 3, "damaged"},  /* more numbers than the stream holds */
		{DIM_AT + CLUSTER_AT, 0x08000000, "does not know"},
		{WAYS_AT + CLUSTER_AT, 0x02080400, "does not know"},
		{WAYS_AT + CLUSTER_AT, 0x00000400, "does not know"},
		{WAYS_AT + CLUSTER_AT, 0x03000400, "does not know"},
		{WAYS_AT + CLUSTER_AT, 0x02000500, "does not know"},
		{WAYS_AT + CLUSTER_AT, 0x02000401, "does not know"},
		{WAYS_AT + CLUSTER_AT, 0x02000200, "does not know"}, /* even steps have one scale */
		{WAYS_AT + CLUSTER_AT, 0x02200300, "does not know"}, /* sparse floats have none */
		{COUNTS_AT + CLUSTER_AT + 4, 0, "damaged"},
		{COUNTS_AT + CLUSTER_AT + 4, 3, "damaged"},
		{COUNTS_AT + CLUSTER_AT + 4, 0x40000000, "does not know"},
	};
	struct lepton_params *weights = make_one((struct lepton_shape){2, {2, 2}}, values), *blob, *rebuilt;
	struct lepton_compress_report report;
	assert_int_equal(lepton_compress("cluster", weights, NULL, NULL, &blob, &rebuilt, &report, NULL), 0);
	size_t size;
	const uint8_t *bytes = bytes_of(blob, &size);
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		uint8_t *copy = copy_of(bytes, size);
		put_u32(copy + cases[c].at, cases[c].value);
		seal(copy, size);
		refused(copy, size, f->base, LEPTON_E_CORRUPT, cases[c].words);
		free(copy);
	}
	lepton_params_release(weights);
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
}

static void test_wrong_base(void **state)
{
	struct fixture *f = *state;
	size_t size;
	const uint8_t *bytes = bytes_of(f->blobs[0], &size);
	char hash[LEPTON_HASH_HEX];
	lepton_params_hash(f->base, hash);
	hash[12] = '\0';
	refused(bytes, size, NULL, LEPTON_E_NOTFOUND, hash);
	refused(bytes, size, f->other, LEPTON_E_NOTFOUND, hash);
	bytes = bytes_of(f->blobs[1], &size);
	assert_int_equal(decode(bytes, size, f->other, NULL), 0); /* none needed: one too many is no fault */
}

/* A forged blob whose hash is the other's fits its shapes or is refused; here a base of other shapes. */
static void test_base_of_other_shapes(void **state)
{
	struct fixture *f = *state;
	size_t size;
	const uint8_t *bytes = bytes_of(f->blobs[0], &size);
	struct lepton_params *few = make_random(small_net, SMALL_NET - 1, 1);
	char hash[LEPTON_HASH_HEX];
	uint8_t *copy = copy_of(bytes, size);
	lepton_params_hash(few, hash);
	assert_int_equal(sodium_hex2bin(copy + 13, 32, hash, 64, NULL, NULL, NULL), 0);
	seal(copy, size);
	refused(copy, size, few, LEPTON_E_CORRUPT, "not the base's");
	free(copy);
	lepton_params_release(few);
}

static void test_foreign_envelopes(void **state)
{
	struct fixture *f = *state;
	size_t size;
	const uint8_t *bytes = bytes_of(f->blobs[1], &size);
	char hash[LEPTON_HASH_HEX];
	uint8_t *copy = copy_of(bytes, size);
	copy[4] = 2;
	seal(copy, size);
	refused(copy, size, NULL, LEPTON_E_UNSUPPORTED, "version 2");
	memcpy(copy, bytes, size);
	copy[6] = 2;
	seal(copy, size);
	refused(copy, size, NULL, LEPTON_E_UNSUPPORTED, "version 1.2");
	memcpy(copy, bytes, size);
	memcpy(copy + 8, "quantumz", 8);
	seal(copy, size);
	refused(copy, size, NULL, LEPTON_E_UNSUPPORTED, "does not have");
	assert_int_equal(lepton_blob_base(copy, size, hash, NULL), LEPTON_E_UNSUPPORTED);
	memcpy(copy, bytes, size);
	copy[0] = 'l';
	seal(copy, size);
	refused(copy, size, NULL, LEPTON_E_CORRUPT, "LEPC");
	assert_int_equal(lepton_blob_base(copy, size, hash, NULL), LEPTON_E_CORRUPT);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_every_bit_flip),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_forged_payloads),
		cmocka_unit_test(test_forged_fields),
		cmocka_unit_test(test_forged_books),
		cmocka_unit_test(test_wrong_base),
		cmocka_unit_test(test_base_of_other_shapes),
		cmocka_unit_test(test_foreign_envelopes),
	};
	return cmocka_run_group_tests_name("compress corrupt", tests, set_up, tear_down);
}
