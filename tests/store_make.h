/* tests/store_make.h - a store (store_folder.h), and checkpoints whose weights drift as training's do.
 *
 * Included by tests of packing, collecting and repair; each is one program, so all here is static.
 */
#ifndef LEPTON_TESTS_STORE_MAKE_H
#define LEPTON_TESTS_STORE_MAKE_H

#include "store_folder.h"

#define ROWS 12
#define COLUMNS 10

static void put(struct lepton_store *store, struct lepton_event event)
{
	struct lepton_error err = {0};
	if (lepton_store_put(store, &event, &err))
		fail_msg("put: %s", err.message);
	lepton_event_clear(&event);
}

static void put_keep(struct lepton_store *store, const char *spec)
{
	struct lepton_event event = {.type = LEPTON_EVENT_RUN};
	event.u.run.spec = lepton_text_new(spec);
	put(store, event);
}

static void put_version(struct lepton_store *store, int64_t id, const char *name, int64_t parent)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id, .time = 100};
	lepton__copy_name(event.u.added.name, LEPTON_NAME_MAX, name);
	lepton__copy_name(event.u.added.learner, LEPTON_NAME_MAX, "network");
	event.u.added.parent_count = parent ? 1 : 0;
	event.u.added.parents[0] = parent;
	put(store, event);
}

static void put_state(struct lepton_store *store, int64_t id, enum lepton_version_state is)
{
	struct lepton_event event = {.type = LEPTON_EVENT_STATE, .version = id};
	event.u.state.state = is;
	put(store, event);
}

/* Numbers that begin with `seed`, of which a step changes each a little. */
static float drifted(uint32_t seed, int64_t k, int64_t step)
{
	uint32_t x = (seed * 2654435761u) ^ ((uint32_t)k * 40503u);
	float value = 0;
	for (int64_t i = 0; i <= step; i++) {
		x = x * 1664525u + 1013904223u;
		value += ((float)(x >> 8) / 16777216.0f - 0.5f) * (i ? 0.001f : 1.0f);
	}
	return value;
}

static struct lepton_params *drifting(
	const struct lepton_tensor *like, size_t count, uint32_t seed, int64_t step)
{
	struct lepton_params *params;
	assert_int_equal(lepton_params_new(like, count, &params, NULL), 0);
	for (size_t i = 0; i < count; i++) {
		int64_t numbers = lepton_shape_count(&like[i].shape);
		for (int64_t k = 0; k < numbers; k++) {
			float value = drifted(seed + (uint32_t)i, k, step);
			if (like[i].dtype == LEPTON_F32)
				((float *)lepton_params_data(params, i))[k] = value;
			else if (like[i].dtype == LEPTON_F64)
				((double *)lepton_params_data(params, i))[k] = (double)value;
			else
				((int32_t *)lepton_params_data(params, i))[k] = (int32_t)(1000 * value);
		}
	}
	return params;
}

static struct lepton_params *weights_at(uint32_t seed, int64_t step)
{
	const struct lepton_tensor like[] = {
		{.name = "dense/kernel", .shape = {2, {ROWS, COLUMNS}}},
		{.name = "dense/bias", .shape = {1, {COLUMNS}}},
	};
	return drifting(like, 2, seed, step);
}

static struct lepton_params *slots_at(uint32_t seed, int64_t step)
{
	const struct lepton_tensor like[] = {
		{.name = "adam/v", .shape = {2, {ROWS, COLUMNS}}},
		{.name = "adam/t", .dtype = LEPTON_I32, .shape = {0, {0}}},
		{.name = "sum", .dtype = LEPTON_F64, .shape = {2, {ROWS, COLUMNS}}},
	};
	return drifting(like, 3, seed + 100, step);
}

static struct lepton_event checkpoint_of(
	int64_t version, int64_t step, struct lepton_params *weights, struct lepton_params *slots)
{
	struct lepton_event event = {.type = LEPTON_EVENT_CHECKPOINT, .version = version};
	struct lepton_checkpoint *c = lepton__calloc(1, sizeof *c);
	assert_non_null(c);
	c->references = 1;
	c->state.weights = weights;
	c->state.slots = slots;
	c->state.step = event.u.checkpoint.step = step;
	event.u.checkpoint.bytes = lepton_params_bytes(weights);
	lepton_params_hash(weights, event.u.checkpoint.weights_hash);
	event.u.checkpoint.checkpoint = c;
	return event;
}

static void put_checkpoint(struct lepton_store *store, int64_t version, int64_t step, uint32_t seed)
{
	put(store, checkpoint_of(version, step, weights_at(seed, step), slots_at(seed, step)));
}

static void assert_same(const struct lepton_params *a, const struct lepton_params *b)
{
	assert_int_equal(lepton_params_match(a, b, NULL), 0);
	for (size_t i = 0; i < lepton_params_count(a); i++) {
		const struct lepton_tensor *t = lepton_params_at(a, i);
		assert_memory_equal(t->data, lepton_params_at(b, i)->data,
			(size_t)lepton_shape_count(&t->shape) * lepton_dtype_size(t->dtype));
	}
}

static void assert_loads(struct lepton_store *store, int64_t version, int64_t step, uint32_t seed)
{
	struct lepton_checkpoint *c;
	struct lepton_error err = {0};
	struct lepton_params *weights = weights_at(seed, step), *slots = slots_at(seed, step);
	if (lepton_store_load_checkpoint(store, version, step, &c, &err))
		fail_msg("load: %s", err.message);
	assert_string_equal(err.message, "");
	assert_int_equal(c->state.step, step);
	assert_same(c->state.weights, weights);
	assert_same(c->state.slots, slots);
	lepton_checkpoint_release(c);
	lepton_params_release(weights);
	lepton_params_release(slots);
}

static bool has_step(struct lepton_store *store, int64_t version, int64_t step)
{
	struct lepton_checkpoint *c = NULL;
	bool there = lepton_store_load_checkpoint(store, version, step, &c, NULL) == LEPTON_OK &&
		     c->state.step == step;
	lepton_checkpoint_release(c); /* an older one is given for one that is gone */
	return there;
}

/* ---- what was said ---- */

/* ---- behind the store's back ---- */

static char *object_of(const struct lepton_tensor *tensor)
{
	char hash[LEPTON_HASH_HEX];
	lepton_tensor_hash(tensor, hash);
	return lepton__format("%s/objects/%.2s/%s", dir, hash, hash + 2);
}

/* Of the kernel of a step. */
static inline char *kernel_of(uint32_t seed, int64_t step)
{
	struct lepton_params *weights = weights_at(seed, step);
	char *path = object_of(lepton_params_at(weights, 0));
	lepton_params_release(weights);
	return path;
}

static void overwrite(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void read_file(const char *path, char **bytes, size_t *size)
{
	assert_int_equal(lepton__file_read(path, 1 << 24, bytes, size, NULL), 0);
}

static inline void flip(const char *path, size_t at)
{
	char *bytes;
	size_t size;
	read_file(path, &bytes, &size);
	bytes[at] ^= 0x10;
	overwrite(path, bytes, size);
	lepton__free(bytes);
}

/* A version with checkpoints at 1, 2 … last, all kept. */
static struct lepton_store *with_checkpoints(int64_t last)
{
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	put_keep(store, "{\"keep\":{\"all\":true}}");
	put_version(store, 1, "one", 0);
	put_state(store, 1, LEPTON_RUNNING);
	for (int64_t step = 1; step <= last; step++)
		put_checkpoint(store, 1, step, 7);
	return store;
}

static struct lepton_store_gc collected(struct lepton_store *store)
{
	struct lepton_store_gc tally;
	struct lepton_error err = {0};
	if (lepton_store_gc(store, false, &tally, &err))
		fail_msg("gc: %s", err.message);
	return tally;
}

#endif
