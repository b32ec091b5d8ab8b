/* tests/test_tensor_params.c - shapes, and sets of tensors: layout, matching, hashes, counting under threads.
 */
#include "config.h"
#include "lepton/tensor.h"

#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct lepton_tensor like[] = {
	{.name = "conv2d/kernel", .dtype = LEPTON_F32, .shape = {4, {3, 3, 1, 2}}},
	{.name = "conv2d/bias", .dtype = LEPTON_F32, .shape = {1, {2}}},
	{.name = "scale", .dtype = LEPTON_F64, .shape = {0, {0}}},
	{.name = "codes", .dtype = LEPTON_I8, .shape = {2, {5, 3}}},
};

static struct lepton_params *filled(void)
{
	struct lepton_params *p;
	struct lepton_error err;
	assert_int_equal(lepton_params_new(like, 4, &p, &err), 0);
	for (int i = 0; i < 18; i++)
		((float *)lepton_params_data(p, 0))[i] = (float)i - 4.5f;
	((float *)lepton_params_data(p, 1))[1] = 0.25f;
	*(double *)lepton_params_data(p, 2) = 3.5;
	for (int i = 0; i < 15; i++)
		((int8_t *)lepton_params_data(p, 3))[i] = (int8_t)(i - 7);
	return p;
}

static void test_shape(void **state)
{
	(void)state;
	char text[64];
	const struct lepton_shape kernel = {4, {3, 3, 1, 32}}, scalar = {0, {0}}, empty = {2, {3, 0}};
	assert_int_equal(lepton_shape_count(&kernel), 288);
	assert_int_equal(lepton_shape_count(&scalar), 1);
	assert_int_equal(lepton_shape_count(&empty), 0);
	lepton_shape_format(&kernel, text, sizeof(text));
	assert_string_equal(text, "[3,3,1,32]");
	lepton_shape_format(&scalar, text, sizeof(text));
	assert_string_equal(text, "[]");
	lepton_shape_format(&kernel, text, 6); /* cut, but terminated */
	assert_string_equal(text, "[3,3,");
	assert_true(lepton_shape_equal(&kernel, &kernel));
	assert_false(lepton_shape_equal(&kernel, &empty));
	assert_int_equal(lepton_dtype_size(LEPTON_F64), 8);
	assert_int_equal(lepton_dtype_size(LEPTON_U8), 1);
	assert_int_equal(lepton_dtype_size((enum lepton_dtype)77), 0);
}

static void test_layout(void **state)
{
	(void)state;
	struct lepton_params *p = filled(), *copy;
	struct lepton_error err;
	assert_int_equal(lepton_params_count(p), 4);
	assert_int_equal(lepton_params_values(p), 18 + 2 + 1 + 15);
	assert_int_equal(lepton_params_bytes(p), 72 + 8 + 8 + 15);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal((uintptr_t)lepton_params_at(p, i)->data % 64, 0);
	assert_ptr_equal(lepton_params_find(p, "codes"), lepton_params_at(p, 3));
	assert_null(lepton_params_find(p, "code"));
	assert_int_equal(lepton_params_copy(p, &copy, &err), 0);
	assert_int_equal(lepton_params_match(p, copy, &err), 0);
	((float *)lepton_params_data(copy, 0))[0] = 9;
	assert_true(*(float *)lepton_params_data(p, 0) < 0); /* the copy is a copy */
	lepton_params_release(copy);
	lepton_params_release(p);
	lepton_params_release(NULL);
	assert_int_equal(lepton_params_new(NULL, 0, &p, &err), 0); /* an empty set is a set */
	assert_int_equal(lepton_params_bytes(p), 0);
	lepton_params_release(p);
}

static void refuse(struct lepton_tensor bad, const char *says)
{
	struct lepton_params *p;
	struct lepton_error err;
	assert_int_equal(lepton_params_new(&bad, 1, &p, &err), LEPTON_E_SHAPE);
	assert_null(p);
	assert_non_null(strstr(err.message, says));
}

static void test_refusals(void **state)
{
	(void)state;
	struct lepton_tensor unterminated = {.dtype = LEPTON_F32};
	memset(unterminated.name, 'x', sizeof(unterminated.name));
	refuse(unterminated, "longer than 63");
	refuse((struct lepton_tensor){.name = "a", .dtype = LEPTON_F32, .shape = {2, {3, -1}}}, "impossible");
	refuse((struct lepton_tensor){.name = "a", .dtype = LEPTON_F32, .shape = {2, {INT64_MAX, 4}}},
		"impossible");
	refuse((struct lepton_tensor){.name = "a", .dtype = LEPTON_F64, .shape = {1, {INT64_MAX / 4}}},
		"too large");
	refuse((struct lepton_tensor){.name = "a", .dtype = LEPTON_F32, .shape = {LEPTON_MAX_RANK + 1, {1}}},
		"rank 7");
	refuse((struct lepton_tensor){.name = "a", .dtype = (enum lepton_dtype)9}, "unknown element type");
}

static void mismatch(size_t index, struct lepton_tensor other, const char *says)
{
	struct lepton_tensor changed[4];
	struct lepton_params *a = filled(), *b;
	struct lepton_error err;
	memcpy(changed, like, sizeof(changed));
	changed[index] = other;
	assert_int_equal(lepton_params_new(changed, 4, &b, &err), 0);
	assert_int_equal(lepton_params_match(a, b, &err), LEPTON_E_SHAPE);
	assert_non_null(strstr(err.message, says));
	lepton_params_release(a);
	lepton_params_release(b);
}

static void test_match(void **state)
{
	(void)state;
	mismatch(1, (struct lepton_tensor){.name = "bias", .shape = {1, {2}}},
		"conv2d/bias in one model and bias");
	mismatch(1, (struct lepton_tensor){.name = "conv2d/bias", .shape = {1, {3}}},
		"[2] in one model and [3]");
	mismatch(3, (struct lepton_tensor){.name = "codes", .dtype = LEPTON_U8, .shape = {2, {5, 3}}},
		"element types");
	struct lepton_params *a = filled(), *b;
	struct lepton_error err;
	assert_int_equal(lepton_params_new(like, 3, &b, &err), 0);
	assert_int_equal(lepton_params_match(a, b, &err), LEPTON_E_SHAPE);
	assert_non_null(strstr(err.message, "4 tensors, the other 3"));
	lepton_params_release(a);
	lepton_params_release(b);
}

/* Figures of tests/oracles/params_hash.py (Python's own hashlib). */
static void test_hash(void **state)
{
	(void)state;
	char hex[LEPTON_HASH_HEX], other[LEPTON_HASH_HEX];
	struct lepton_params *p = filled();
	lepton_params_hash(p, hex);
	assert_string_equal(hex, "b53c27ad44420693413f4415d869ebad0425402a95e3daacc6f899203a9c9404");
	lepton_tensor_hash(lepton_params_at(p, 0), hex);
	assert_string_equal(hex, "4bb6a6e254e97b8606eac7b53397778928cb02c1f12e1f90298e24318f9a51d2");
	((int8_t *)lepton_params_data(p, 3))[14]++;
	lepton_tensor_hash(lepton_params_at(p, 0), other);
	assert_string_equal(hex, other);
	lepton_params_hash(p, other);
	assert_string_not_equal(other, "b53c27ad44420693413f4415d869ebad0425402a95e3daacc6f899203a9c9404");
	lepton_params_release(p);
}

static void *hold_and_let_go(void *arg)
{
	struct lepton_params *p = arg;
	int64_t seen = 0;
	for (int i = 0; i < 2000; i++) {
		struct lepton_params *mine = lepton_params_retain(p);
		seen += (int64_t) * (double *)lepton_params_at(mine, 2)->data;
		lepton_params_release(mine);
	}
	lepton_params_release(p); /* the reference this thread was given; the last one frees */
	return seen == 3 * 2000 ? NULL : arg;
}

static void test_threads(void **state)
{
	(void)state;
	pthread_t thread[4];
	struct lepton_params *p = filled();
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, hold_and_let_go, lepton_params_retain(p)), 0);
	lepton_params_release(p);
	for (int i = 0; i < 4; i++) {
		void *failed;
		assert_int_equal(pthread_join(thread[i], &failed), 0);
		assert_null(failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
