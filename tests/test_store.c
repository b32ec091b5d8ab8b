/* tests/test_store.c - the store: what goes in comes out to the bit, whatever breaks in between. */
#include "base/file.h"
#include "base/io.h"
#include "base/memory.h"
#include "lepton/compress.h"
#include "lepton/store.h"
#include "remove_tree.h"
#include "store/page_vfs.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* Built a second time as test_store_sealed, where every store is an encrypted one: all must hold as it does
 * without. */
#ifdef LEPTON_TEST_SEALED
static struct lepton_key *key;
#define lepton_store_open(dir, mode, out, err) lepton_store_open_with(dir, mode, key, out, err)
#define A_STRANGER_CANNOT skip() /* the test looks into the store's files itself; see test_seal.c */
#else
#define A_STRANGER_CANNOT (void)0
#endif

/* ---- helpers: a folder, a store in it, events ---------------------------------------------------- */

static char base[64], dir[128];

static int make_folder(void **state)
{
	(void)state;
	snprintf(base, sizeof base, "/tmp/lepton-store-XXXXXX");
	if (!mkdtemp(base))
		return -1;
	snprintf(dir, sizeof dir, "%s/the store", base);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	remove_tree(base);
	return 0;
}

static struct lepton_store *opened(int mode)
{
	struct lepton_store *store;
	struct lepton_error err = {0};
	if (lepton_store_open(dir, mode, &store, &err))
		fail_msg("open: %s", err.message);
	return store;
}

static void put(struct lepton_store *store, const struct lepton_event *event)
{
	struct lepton_error err = {0};
	if (lepton_store_put(store, event, &err))
		fail_msg("put: %s", err.message);
}

static void put_version(struct lepton_store *store, int64_t id, const char *name)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id, .time = 100};
	lepton__copy_name(event.u.added.name, LEPTON_NAME_MAX, name);
	lepton__copy_name(event.u.added.learner, LEPTON_NAME_MAX, "network");
	put(store, &event);
}

static void fill(struct lepton_params *params, uint32_t seed)
{
	for (size_t i = 0; i < lepton_params_count(params); i++) {
		uint8_t *bytes = lepton_params_data(params, i);
		const struct lepton_tensor *t = lepton_params_at(params, i);
		int64_t count = lepton_shape_count(&t->shape);
		uint32_t x = seed * 2654435761u + (uint32_t)i + 1;
		for (int64_t k = 0; k < count; k++) {
			x = x * 1664525u + 1013904223u;
			float value = (float)(x >> 8) / 16777216.0f - 0.5f;
			if (t->dtype == LEPTON_F32)
				memcpy(bytes + 4 * k, &value, 4);
			else
				memset(bytes + (size_t)k * lepton_dtype_size(t->dtype), (int)(x >> 24),
					lepton_dtype_size(t->dtype));
		}
	}
}

static struct lepton_params *make_weights(uint32_t seed)
{
	const struct lepton_tensor like[] = {
		{.name = "dense/kernel", .shape = {2, {16, 8}}},
		{.name = "dense/bias", .shape = {1, {8}}},
	};
	struct lepton_params *params;
	assert_int_equal(lepton_params_new(like, 2, &params, NULL), 0);
	fill(params, seed);
	return params;
}

static struct lepton_params *make_slots(uint32_t seed)
{
	const struct lepton_tensor like[] = {
		{.name = "adam/m", .shape = {2, {16, 8}}},
		{.name = "adam/t", .dtype = LEPTON_I32, .shape = {0, {0}}},
		{.name = "adam/sum", .dtype = LEPTON_F64, .shape = {3, {1, 2, 3}}},
		{.name = "mask", .dtype = LEPTON_U8, .shape = {1, {5}}},
	};
	struct lepton_params *params;
	assert_int_equal(lepton_params_new(like, 4, &params, NULL), 0);
	fill(params, seed);
	return params;
}

/* The event takes the references. */
static struct lepton_event checkpoint_of(
	int64_t version, int64_t step, struct lepton_params *weights, struct lepton_params *slots)
{
	struct lepton_event event = {
		.type = LEPTON_EVENT_CHECKPOINT, .version = version, .time = 200 + (double)step};
	struct lepton_checkpoint *c = lepton__calloc(1, sizeof *c);
	assert_non_null(c);
	c->references = 1;
	c->state.weights = weights;
	c->state.slots = slots;
	c->state.step = event.u.checkpoint.step = step;
	c->state.epoch = event.u.checkpoint.epoch = (double)step / 3;
	c->state.extra = lepton__strdup("{\"rng\":[1,2,3],\"caf\xC3\xA9\":0.1}");
	event.u.checkpoint.bytes = lepton_params_bytes(weights);
	lepton_params_hash(weights, event.u.checkpoint.weights_hash);
	event.u.checkpoint.checkpoint = c;
	return event;
}

static struct lepton_event checkpoint(int64_t version, int64_t step, uint32_t seed)
{
	return checkpoint_of(version, step, make_weights(seed), make_slots(seed + 1000));
}

static void put_checkpoint(struct lepton_store *store, int64_t version, int64_t step, uint32_t seed)
{
	struct lepton_event event = checkpoint(version, step, seed);
	put(store, &event);
	lepton_event_clear(&event);
}

static void assert_same_params(const struct lepton_params *a, const struct lepton_params *b)
{
	assert_int_equal(lepton_params_match(a, b, NULL), 0);
	for (size_t i = 0; i < lepton_params_count(a); i++) {
		const struct lepton_tensor *t = lepton_params_at(a, i);
		assert_memory_equal(t->data, lepton_params_at(b, i)->data,
			(size_t)lepton_shape_count(&t->shape) * lepton_dtype_size(t->dtype));
	}
}

static void assert_holds(const struct lepton_checkpoint *c, int64_t step, uint32_t seed)
{
	struct lepton_params *weights = make_weights(seed), *slots = make_slots(seed + 1000);
	double epoch = (double)step / 3;
	assert_int_equal(c->state.step, step);
	assert_memory_equal(&c->state.epoch, &epoch, sizeof epoch);
	assert_string_equal(c->state.extra, "{\"rng\":[1,2,3],\"caf\xC3\xA9\":0.1}");
	assert_same_params(c->state.weights, weights);
	assert_same_params(c->state.slots, slots);
	lepton_params_release(weights);
	lepton_params_release(slots);
}

static int files_in(const char *path)
{
	int count = 0;
	DIR *listing = opendir(path);
	for (struct dirent *entry; listing && (entry = readdir(listing));) {
		if (entry->d_name[0] == '.')
			continue;
		char *inner = lepton__path_join(path, entry->d_name);
		struct stat info;
		assert_int_equal(stat(inner, &info), 0);
		count += S_ISDIR(info.st_mode) ? files_in(inner) : 1;
		lepton__free(inner);
	}
	if (listing)
		closedir(listing);
	return count;
}

static int object_files(void)
{
	char path[160];
	snprintf(path, sizeof path, "%s/objects", dir);
	return files_in(path);
}

static void hear(const char *line, void *arg)
{
	int *lines = arg;
	++*lines;
	if (getenv("LEPTON_TEST_TALK"))
		print_message("%s\n", line);
}

static void assert_clean(struct lepton_store *store)
{
	int lines = 0;
	struct lepton_error err = {0};
	if (lepton_store_verify(store, hear, &lines, &err))
		fail_msg("verify: %s", err.message);
	assert_int_equal(lines, 0);
}

/* ---- the run comes back ---------------------------------------------------------------------------- */

struct both {
	struct lepton_store *store;
	struct lepton_run run;
	uint64_t serial;
};

static void say(struct both *b, struct lepton_event event)
{
	event.serial = ++b->serial;
	event.time = 1000 + 0.1 * (double)b->serial;
	assert_int_equal(lepton_run_apply(&b->run, &event, NULL), 0);
	put(b->store, &event);
	lepton_event_clear(&event);
}

static void say_version(struct both *b, int64_t id, const char *name, int64_t parent)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id};
	lepton__copy_name(event.u.added.name, LEPTON_NAME_MAX, name);
	lepton__copy_name(event.u.added.learner, LEPTON_NAME_MAX, "network");
	event.u.added.parent_count = parent ? 1 : 0;
	event.u.added.parents[0] = parent;
	event.u.added.operation = lepton_text_new("{\"op\":\"train\"}");
	event.u.added.hyperparameters = lepton_text_new("{\"rate\":0.1}");
	event.u.added.seed = UINT64_MAX - (uint64_t)id;
	event.u.added.priority = 1.0 / 3;
	event.u.added.parameters = 136;
	event.u.added.bytes = event.u.added.raw_bytes = 544;
	event.u.added.steps_per_epoch = 10;
	event.u.added.epochs = 5;
	say(b, event);
}

static void say_state(struct both *b, int64_t id, enum lepton_version_state state, int64_t step)
{
	struct lepton_event event = {.type = LEPTON_EVENT_STATE, .version = id};
	event.u.state.state = state;
	event.u.state.step = step;
	event.u.state.seconds = 0.7 * (double)step;
	event.u.state.reason = state == LEPTON_FAILED ? lepton_text_new("it \"broke\"") : NULL;
	say(b, event);
}

static struct lepton_event metric(int64_t id, int64_t step, double loss)
{
	struct lepton_event event = {.type = LEPTON_EVENT_METRIC, .version = id};
	event.u.metric.step = step;
	event.u.metric.epoch = (double)step / 10;
	event.u.metric.seconds = (double)step / 7;
	event.u.metric.loss = loss;
	event.u.metric.accuracy = 1 / (1 + fabs(loss));
	event.u.metric.samples_per_second = 1e6 / 3;
	return event;
}

static void say_epoch(struct both *b, int64_t id, int64_t epoch, double val)
{
	struct lepton_event event = {.type = LEPTON_EVENT_EPOCH, .version = id};
	event.u.epoch.epoch = epoch;
	event.u.epoch.step = 10 * epoch;
	event.u.epoch.seconds = 3.3 * (double)epoch;
	event.u.epoch.loss = 1.0 / (double)(epoch + 2);
	event.u.epoch.accuracy = 0.9;
	event.u.epoch.val_loss = 2 * val;
	event.u.epoch.val_accuracy = val;
	say(b, event);
}

static void say_rest(struct both *b)
{
	struct lepton_event test = {.type = LEPTON_EVENT_TEST, .version = 2};
	test.u.test.loss = 0.3;
	test.u.test.accuracy = 0.91;
	test.u.test.val_loss = test.u.test.val_accuracy = (double)NAN;
	say(b, test);
	struct lepton_event alias = {.type = LEPTON_EVENT_ALIAS, .version = 1};
	lepton__copy_name(alias.u.alias.alias, LEPTON_NAME_MAX, "production");
	alias.u.alias.target = 1;
	lepton__copy_name(
		alias.u.alias.weights_hash, LEPTON_HASH_HEX, lepton_run_version(&b->run, 1)->weights_hash);
	say(b, alias);
	alias.version = alias.u.alias.target = 2;
	alias.u.alias.previous = 1;
	say(b, alias);
	struct lepton_event log = {.type = LEPTON_EVENT_LOG, .version = 2};
	log.u.log.level = LEPTON_LOG_WARNING;
	log.u.log.line = lepton_text_new("a line with \xE2\x82\xAC and \\");
	say(b, log);
}

static void say_all(struct both *b)
{
	struct lepton_event run = {.type = LEPTON_EVENT_RUN};
	lepton__copy_name(run.u.run.experiment, LEPTON_NAME_MAX, "exp\xC3\xA9riment");
	run.u.run.seed = UINT64_MAX;
	run.u.run.environment = lepton_text_new("{\"cpu\":\"x\"}");
	run.u.run.data = lepton_text_new("{\"rows\":7}");
	run.u.run.spec = lepton_text_new("name: x\n\tspec\n");
	say(b, run);
	say_version(b, 1, "one", 0);
	say_version(b, 2, "two", 1);
	say_state(b, 1, LEPTON_RUNNING, 0);
	for (int64_t step = 1; step <= 150; step++) {
		say(b, metric(1, step, 1.0 / (double)(3 * step)));
		say(b, metric(2, 2 * step, step == 9 ? (double)NAN : exp(-(double)step)));
		if (step % 10 == 0)
			say_epoch(b, 1, step / 10, sin((double)step));
		if (step % 50 == 0)
			say(b, checkpoint(1, step, (uint32_t)step));
	}
	say_epoch(b, 1, 12, 0.5); /* said again: epochs 12 to 15 go */
	for (int64_t step = 120; step <= 130; step++)
		say(b, metric(1, step, 5.0 / (double)step)); /* said again: 120 to 150 go */
	say_state(b, 1, LEPTON_PAUSED, 130);
	say_state(b, 1, LEPTON_DONE, 130);
	say_state(b, 2, LEPTON_FAILED, 300);
	say_rest(b);
}

#define SAME_ARRAY(a, b, member)                                                                             \
	assert_memory_equal((a)->member, (b)->member, (a)->count * sizeof *(a)->member)

static void assert_same_version(const struct lepton_run_version *a, const struct lepton_run_version *b)
{
	const struct lepton_history *h = &a->history, *g = &b->history;
	const struct lepton_epochs *e = &a->epochs_done, *f = &b->epochs_done;
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->reason, b->reason);
	assert_string_equal(a->weights_hash, b->weights_hash);
	assert_string_equal(lepton_text_get(a->hyperparameters), lepton_text_get(b->hyperparameters));
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->parent_count, b->parent_count);
	assert_memory_equal(a->parents, b->parents, sizeof a->parents);
	assert_true(a->seed == b->seed && a->step == b->step && a->bytes == b->bytes);
	assert_memory_equal(&a->priority, &b->priority, sizeof a->priority);
	assert_memory_equal(&a->seconds, &b->seconds, sizeof a->seconds);
	assert_memory_equal(&a->loss, &b->loss, sizeof a->loss);
	assert_memory_equal(&a->samples_per_second, &b->samples_per_second, sizeof a->loss);
	assert_memory_equal(&a->best_val_accuracy, &b->best_val_accuracy, sizeof a->loss);
	assert_int_equal(a->checkpoint_step, b->checkpoint_step);
	assert_int_equal(a->note_count, b->note_count);
	for (size_t i = 0; i < a->note_count; i++) {
		assert_string_equal(a->notes[i].what, b->notes[i].what);
		assert_int_equal(a->notes[i].step, b->notes[i].step);
	}
	assert_int_equal(h->count, g->count);
	assert_int_equal(e->count, f->count);
	SAME_ARRAY(h, g, step);
	SAME_ARRAY(h, g, epoch);
	SAME_ARRAY(h, g, seconds);
	SAME_ARRAY(h, g, loss);
	SAME_ARRAY(h, g, accuracy);
	if (e->count) {
		SAME_ARRAY(e, f, epoch);
		SAME_ARRAY(e, f, seconds);
		SAME_ARRAY(e, f, val_loss);
		SAME_ARRAY(e, f, val_accuracy);
	}
}

static void assert_same_run(const struct lepton_run *a, const struct lepton_run *b)
{
	assert_string_equal(a->experiment, b->experiment);
	assert_true(a->seed == b->seed);
	assert_memory_equal(&a->created, &b->created, sizeof a->created);
	assert_string_equal(lepton_text_get(a->spec), lepton_text_get(b->spec));
	assert_string_equal(lepton_text_get(a->environment), lepton_text_get(b->environment));
	assert_int_equal(a->version_count, b->version_count);
	for (size_t i = 0; i < a->version_count; i++)
		assert_same_version(a->versions[i], b->versions[i]);
	assert_int_equal(a->alias_count, b->alias_count);
	for (size_t i = 0; i < a->alias_count; i++) {
		assert_string_equal(a->aliases[i].alias, b->aliases[i].alias);
		assert_string_equal(a->aliases[i].weights_hash, b->aliases[i].weights_hash);
		assert_int_equal(a->aliases[i].target, b->aliases[i].target);
		assert_int_equal(a->aliases[i].previous, b->aliases[i].previous);
	}
	assert_int_equal(a->log_count, b->log_count);
	for (size_t i = 0; i < a->log_count; i++)
		assert_string_equal(lepton_text_get(a->log[i].line), lepton_text_get(b->log[i].line));
}

static int64_t history_rows(void)
{
	char database[160];
	sqlite3 *db;
	sqlite3_stmt *count;
	snprintf(database, sizeof database, "%s/store.db", dir);
	assert_int_equal(sqlite3_open(database, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT (SELECT count(*) FROM history WHERE version=1) + (SELECT sum(count) "
				 "FROM history_blocks WHERE version=1)",
				 -1, &count, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(count), SQLITE_ROW);
	int64_t rows = sqlite3_column_int64(count, 0);
	sqlite3_finalize(count);
	sqlite3_close(db);
	return rows;
}

static void the_run_comes_back(void **state)
{
	(void)state;
	struct both b = {.store = opened(LEPTON_STORE_WRITE)};
	lepton_run_init(&b.run);
	say_all(&b);
	assert_int_equal(lepton_run_version(&b.run, 1)->history.count, 130); /* 1..119, 120..130 */
	assert_int_equal(lepton_run_version(&b.run, 1)->epochs_done.count, 12);
	struct lepton_run loaded;
	for (int again = 0; again < 2; again++) { /* by the writer, then by a reader after it */
		lepton_run_init(&loaded);
		assert_int_equal(lepton_store_load_run(b.store, &loaded, NULL), 0);
		assert_int_equal(lepton_store_load_whole(b.store, &loaded, 0, NULL), 0);
		assert_same_run(&b.run, &loaded);
		lepton_run_clear(&loaded);
		assert_clean(b.store);
		lepton_store_close(b.store);
		b.store = opened(LEPTON_STORE_READ);
	}
	lepton_store_close(b.store);
	lepton_run_clear(&b.run);
	A_STRANGER_CANNOT;
	assert_int_equal(history_rows(), 130); /* the table forgot them too, not only the fold */
}

static void an_empty_store_is_an_empty_run(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	struct lepton_run run;
	struct lepton_checkpoint *c;
	lepton_run_init(&run);
	assert_int_equal(lepton_store_load_run(store, &run, NULL), 0);
	assert_int_equal(run.version_count, 0);
	assert_int_equal(lepton_store_load_checkpoint(store, 1, -1, &c, NULL), LEPTON_E_NOTFOUND);
	assert_clean(store);
	lepton_run_clear(&run);
	lepton_store_close(store);
}

/* ---- checkpoints -------------------------------------------------------------------------------------- */

static void assert_loads(struct lepton_store *store, int64_t version, int64_t at, int64_t step, uint32_t seed)
{
	struct lepton_checkpoint *c;
	struct lepton_error err = {0};
	if (lepton_store_load_checkpoint(store, version, at, &c, &err))
		fail_msg("load: %s", err.message);
	assert_holds(c, step, seed);
	lepton_checkpoint_release(c);
}

static void checkpoints_come_back_to_the_bit(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	put_version(store, 1, "one");
	put_checkpoint(store, 1, 10, 1);
	put_checkpoint(store, 1, 20, 2);
	assert_loads(store, 1, -1, 20, 2);
	assert_loads(store, 1, 20, 20, 2);
	assert_loads(store, 1, 19, 10, 1);
	struct lepton_checkpoint *c;
	assert_int_equal(lepton_store_load_checkpoint(store, 1, 9, &c, NULL), LEPTON_E_NOTFOUND);
	assert_null(c);
	assert_clean(store);
	lepton_store_close(store);
	store = opened(LEPTON_STORE_READ);
	assert_loads(store, 1, -1, 20, 2);
	lepton_store_close(store);
}

static void equal_tensors_are_one_file(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	put_version(store, 1, "one");
	put_version(store, 2, "two");
	put_checkpoint(store, 1, 10, 1);
	assert_int_equal(object_files(), 6); /* two weights, four slots */
	put_checkpoint(store, 2, 30, 1);
	assert_int_equal(object_files(), 6);
	struct lepton_event event = checkpoint_of(2, 40, make_weights(1), make_slots(7));
	put(store, &event);
	lepton_event_clear(&event);
	assert_int_equal(object_files(), 10);
	assert_clean(store);
	lepton_store_close(store);
}

static void the_newest_two_are_kept(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	put_version(store, 1, "one");
	for (uint32_t i = 1; i <= 6; i++) {
		put_checkpoint(store, 1, 10 * (int64_t)i, i);
		assert_int_equal(object_files(), i == 1 ? 6 : 12);
	}
	struct lepton_checkpoint *c;
	assert_int_equal(lepton_store_load_checkpoint(store, 1, 49, &c, NULL), LEPTON_E_NOTFOUND);
	assert_loads(store, 1, 59, 50, 5);
	assert_clean(store);
	lepton_store_close(store);
}

static void what_was_promoted_is_kept(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	struct lepton_event alias = {.type = LEPTON_EVENT_ALIAS, .version = 1};
	struct lepton_params *weights = make_weights(1);
	put_version(store, 1, "one");
	put_checkpoint(store, 1, 10, 1);
	lepton__copy_name(alias.u.alias.alias, LEPTON_NAME_MAX, "production");
	alias.u.alias.target = 1;
	lepton_params_hash(weights, alias.u.alias.weights_hash);
	put(store, &alias);
	for (uint32_t i = 2; i <= 5; i++)
		put_checkpoint(store, 1, 10 * (int64_t)i, i);
	assert_loads(store, 1, 10, 10, 1);
	assert_int_equal(object_files(), 18);
	lepton_params_release(weights);
	lepton_store_close(store);
}

static void compressed_versions_come_back(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	struct lepton_params *weights = make_weights(2), *first = make_weights(1), *blob, *rebuilt;
	struct lepton_compress_report report;
	char hash[LEPTON_HASH_HEX];
	put_version(store, 1, "one");
	put_version(store, 2, "small");
	put_checkpoint(store, 1, 10, 1);
	assert_int_equal(lepton_compress("delta", weights, first, NULL, &blob, &rebuilt, &report, NULL), 0);
	struct lepton_event event = checkpoint_of(2, 10, lepton_params_retain(rebuilt), NULL);
	struct lepton_checkpoint *c = event.u.checkpoint.checkpoint, *back;
	c->encoded = lepton_params_retain(blob);
	lepton__copy_name(c->method, sizeof c->method, "delta");
	lepton__copy_name(c->base_hash, sizeof c->base_hash, report.base_hash);
	put(store, &event);
	lepton_event_clear(&event);
	for (uint32_t i = 2; i <= 5; i++) /* the base is old now, and needed */
		put_checkpoint(store, 1, 10 * (int64_t)i, i + 100);
	struct lepton_error err = {0};
	if (lepton_store_load_checkpoint(store, 2, -1, &back, &err))
		fail_msg("load: %s", err.message);
	lepton_params_hash(rebuilt, hash);
	char loaded[LEPTON_HASH_HEX];
	lepton_params_hash(back->state.weights, loaded);
	assert_string_equal(loaded, hash);
	assert_string_equal(back->method, "delta");
	assert_same_params(back->encoded, blob);
	assert_clean(store);
	lepton_checkpoint_release(back);
	lepton_params_release(weights);
	lepton_params_release(first);
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
	lepton_store_close(store);
}

/* ---- damage ---- */

static char *object_of(const struct lepton_tensor *tensor)
{
	char hash[LEPTON_HASH_HEX];
	lepton_tensor_hash(tensor, hash);
	return lepton__format("%s/objects/%.2s/%s", dir, hash, hash + 2);
}

static void overwrite(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void assert_passed_over(struct lepton_store *store)
{
	struct lepton_checkpoint *c;
	struct lepton_error err = {0};
	int lines = 0;
	assert_int_equal(lepton_store_load_checkpoint(store, 1, -1, &c, &err), 0);
	assert_holds(c, 10, 1);
	assert_non_null(strstr(err.message, "an older checkpoint (step 10) is used"));
	lepton_checkpoint_release(c);
	assert_int_equal(lepton_store_verify(store, hear, &lines, &err), LEPTON_E_CORRUPT);
	assert_int_equal(lines, 1);
}

static void damage_is_seen_and_passed_over(void **state)
{
	(void)state;
	A_STRANGER_CANNOT;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	struct lepton_params *weights = make_weights(2);
	char *path = object_of(lepton_params_at(weights, 0)), *bytes;
	size_t size;
	put_version(store, 1, "one");
	put_checkpoint(store, 1, 10, 1);
	put_checkpoint(store, 1, 20, 2);
	assert_int_equal(lepton__file_read(path, 1 << 20, &bytes, &size, NULL), 0);
	assert_int_equal(size, 8 + 4 + 2 * 8 + 8 + 16 * 8 * 4 + 32); /* as FORMAT.md has it */
	for (size_t at = 0; at < size; at += at < 48 ? 1 : 37) {
		bytes[at] ^= (char)0x81;
		overwrite(path, bytes, size);
		assert_passed_over(store);
		bytes[at] ^= (char)0x81;
	}
	for (size_t length = 0; length < size; length += length < 40 ? 3 : 61) {
		overwrite(path, bytes, length);
		assert_passed_over(store);
	}
	assert_int_equal(unlink(path), 0);
	assert_passed_over(store);
	overwrite(path, bytes, size);
	assert_clean(store);
	assert_loads(store, 1, -1, 20, 2);
	lepton__free(bytes);
	lepton__free(path);
	lepton_params_release(weights);
	lepton_store_close(store);
}

/* ---- who may open it ---- */

static void one_writer_and_many_readers(void **state)
{
	(void)state;
	struct lepton_store *writer = opened(LEPTON_STORE_WRITE), *second;
	struct lepton_error err = {0};
	char pid[32];
	snprintf(pid, sizeof pid, "process %ld:", (long)getpid());
	assert_int_equal(lepton_store_open(dir, LEPTON_STORE_WRITE, &second, &err), LEPTON_E_BUSY);
	assert_null(second);
	assert_non_null(strstr(err.message, pid));
	put_version(writer, 1, "one");
	put_checkpoint(writer, 1, 10, 1);
	struct lepton_store *reader = opened(LEPTON_STORE_READ);
	assert_loads(reader, 1, -1, 10, 1);
	struct lepton_event event = metric(1, 11, 0.5);
	put(writer, &event); /* a transaction is open now */
	put_version(writer, 2, "two");
	put_checkpoint(writer, 1, 20, 2);
	assert_loads(reader, 1, -1, 20, 2);
	struct lepton_event refused = {.type = LEPTON_EVENT_LOG};
	assert_int_not_equal(lepton_store_put(reader, &refused, NULL), 0);
	lepton_store_close(reader);
	lepton_store_close(writer);
	lepton_store_close(opened(LEPTON_STORE_WRITE)); /* the lock went with the writer */
}

static void expect_open_fault(const char *path, int mode, int code, const char *part)
{
	struct lepton_store *store;
	struct lepton_error err = {0};
	assert_int_equal(lepton_store_open(path, mode, &store, &err), code);
	assert_null(store);
	if (!strstr(err.message, part))
		fail_msg("\"%s\" lacks \"%s\"", err.message, part);
}

static int stats, bad_at;

static int bad_stat(const char *path, struct stat *info)
{
	errno = EMFILE;
	return ++stats == bad_at ? -1 : stat(path, info);
}

/* The keys, the folder, the database: where it cannot be told, nobody says that there is none. */
static void what_cannot_be_looked_at_is_no_mistake(void **state)
{
	(void)state;
	A_STRANGER_CANNOT;
	lepton_store_close(opened(LEPTON_STORE_WRITE));
	int (*kept)(const char *, struct stat *) = lepton__io.stat;
	lepton__io.stat = bad_stat;
	for (bad_at = 1; bad_at <= 3; bad_at++) {
		stats = 0;
		expect_open_fault(dir, LEPTON_STORE_READ, LEPTON_E_IO, "cannot look at");
		assert_int_equal(stats, bad_at);
	}
	lepton__io.stat = kept;
}

static void sql(const char *path, const char *text)
{
	struct lepton__page_vfs *vfs = lepton__page_vfs_new(NULL); /* so that pages have their checksums */
	sqlite3 *db;
	assert_non_null(vfs);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				 lepton__page_vfs_name(vfs)),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	lepton__page_vfs_free(vfs);
}

static void what_is_no_store_is_refused(void **state)
{
	(void)state;
	A_STRANGER_CANNOT;
	char database[160];
	snprintf(database, sizeof database, "%s/store.db", dir);
	expect_open_fault(dir, LEPTON_STORE_READ, LEPTON_E_NOTFOUND, "no store at");
	expect_open_fault(base, LEPTON_STORE_READ, LEPTON_E_NOTFOUND, "holds no store");
	overwrite(dir, "x", 1);
	expect_open_fault(dir, LEPTON_STORE_READ, LEPTON_E_IO, "not a folder");
	expect_open_fault(dir, LEPTON_STORE_WRITE, LEPTON_E_IO, dir);
	assert_int_equal(unlink(dir), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	overwrite(database, "this is not a database, whatever its name says; it is only some text", 68);
	expect_open_fault(dir, LEPTON_STORE_READ, LEPTON_E_CORRUPT, dir);
	expect_open_fault(dir, LEPTON_STORE_WRITE, LEPTON_E_CORRUPT, dir);
	assert_int_equal(unlink(database), 0);
	sql(database, "CREATE TABLE other(x)");
	expect_open_fault(dir, LEPTON_STORE_READ, LEPTON_E_CORRUPT, "another program");
	expect_open_fault(dir, LEPTON_STORE_WRITE, LEPTON_E_CORRUPT, "another program");
	assert_int_equal(unlink(database), 0);
	overwrite(database, "", 0); /* a writer killed at once leaves this */
	expect_open_fault(dir, LEPTON_STORE_READ, LEPTON_E_NOTFOUND, "holds no store yet");
	lepton_store_close(opened(LEPTON_STORE_WRITE));
	sql(database, "PRAGMA user_version=99");
	expect_open_fault(dir, LEPTON_STORE_READ, LEPTON_E_UNSUPPORTED, "newer lepton (format 99");
	expect_open_fault(dir, LEPTON_STORE_WRITE, LEPTON_E_UNSUPPORTED, "newer lepton (format 99");
}

static void odd_paths_are_only_letters(void **state)
{
	(void)state;
	const char *const names[] = {"a b", "q?mode=memory", "p%41%2F", "file:x?y#z", "caf\xC3\xA9 'n\""};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char database[192];
		struct stat info;
		snprintf(dir, sizeof dir, "%s/%s", base, names[i]);
		struct lepton_store *store = opened(LEPTON_STORE_WRITE);
		put_version(store, 1, "one");
		put_checkpoint(store, 1, 10, 1);
		lepton_store_close(store);
		snprintf(database, sizeof database, "%s/store.db", dir);
		assert_int_equal(stat(database, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0600);
		store = opened(LEPTON_STORE_READ);
		assert_loads(store, 1, -1, 10, 1);
		lepton_store_close(store);
	}
}

static void expect_version(struct lepton_store *store, const char *reference, int64_t id, int64_t step)
{
	int64_t version, at;
	struct lepton_error err = {0};
	if (lepton_store_resolve(store, reference, &version, &at, &err))
		fail_msg("%s: %s", reference, err.message);
	assert_int_equal(version, id);
	assert_int_equal(at, step);
}

static void expect_no_version(struct lepton_store *store, const char *reference, const char *part)
{
	int64_t version, at;
	struct lepton_error err = {0};
	assert_int_equal(lepton_store_resolve(store, reference, &version, &at, &err), LEPTON_E_NOTFOUND);
	if (!strstr(err.message, part))
		fail_msg("\"%s\" lacks \"%s\"", err.message, part);
}

static void references_are_resolved(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	struct lepton_event alias = {.type = LEPTON_EVENT_ALIAS, .version = 2};
	put_version(store, 1, "baseline");
	put_version(store, 2, "wider");
	lepton__copy_name(alias.u.alias.alias, LEPTON_NAME_MAX, "production");
	alias.u.alias.target = 2;
	put(store, &alias);
	expect_version(store, "baseline", 1, -1);
	expect_version(store, "wider@120", 2, 120);
	expect_version(store, "#2", 2, -1);
	expect_version(store, ":production", 2, -1);
	expect_no_version(store, "basline", "did you mean \"baseline\"");
	expect_no_version(store, "zzzzzzzz", "`lepton list`");
	expect_no_version(store, "wider@x", "\"x\" is not a whole number");
	expect_no_version(store, "wider@", "is not a whole number");
	expect_no_version(store, "#9", "no version #9");
	expect_no_version(store, "#", "is not a whole number");
	expect_no_version(store, ":staging", "no alias");
	expect_no_version(store, "' OR 1=1 --", "no version");
	lepton_store_close(store);
}

/* ---- a writer killed ---- */

/* Puts checkpoints until it is killed; says each step once it is durable. */
static _Noreturn void write_until_killed(int64_t step, int pipe_end)
{
	struct lepton_store *store;
	if (lepton_store_open(dir, LEPTON_STORE_WRITE, &store, NULL))
		_exit(1);
	for (;; step++) {
		struct lepton_event say_loss = metric(1, step, 0.5);
		struct lepton_event event = checkpoint(1, step, (uint32_t)step);
		if (lepton_store_put(store, &say_loss, NULL) || lepton_store_put(store, &event, NULL) ||
			write(pipe_end, &step, sizeof step) != sizeof step)
			_exit(1);
		lepton_event_clear(&event);
	}
}

/* Every other time it is let come to its first checkpoint before the clock starts. */
static int64_t kill_a_writer(int64_t step, unsigned microseconds, bool wait)
{
	int ends[2], status;
	int64_t durable = step - 1, told;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		write_until_killed(step, ends[1]);
	close(ends[1]);
	if (wait && read(ends[0], &told, sizeof told) == sizeof told)
		durable = told;
	usleep(microseconds);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while (read(ends[0], &told, sizeof told) == sizeof told)
		durable = told;
	close(ends[0]);
	return durable;
}

static void a_killed_writer_loses_nothing_said(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	int64_t step = 1;
	int uncollected = 0; /* kills in a row between a commit and the collection of what it made old */
	unsigned random = 12345;
	put_version(store, 1, "one");
	put_checkpoint(store, 1, step, (uint32_t)step);
	lepton_store_close(store);
	for (int round = 0; round < 15; round++) {
		random = random * 1103515245u + 12345u;
		int64_t durable = kill_a_writer(step + 1, 1000 + (random >> 8) % 29000, round % 2);
		struct lepton_checkpoint *c;
		struct lepton_run run;
		store = opened(LEPTON_STORE_WRITE);
		assert_clean(store);
		lepton_run_init(&run);
		assert_int_equal(lepton_store_load_run(store, &run, NULL), 0);
		assert_int_equal(lepton_store_load_checkpoint(store, 1, -1, &c, NULL), 0);
		assert_in_range(c->state.step, durable, durable + 1);
		uncollected = durable > step ? 0 : uncollected;
		uncollected += c->state.step > durable;
		step = c->state.step;
		assert_holds(c, step, (uint32_t)step);
		assert_int_equal(run.versions[0]->checkpoint_step, step);
		assert_in_range(object_files(), 6, 12 + 6 * uncollected);
		lepton_checkpoint_release(c);
		lepton_run_clear(&run);
		lepton_store_close(store);
	}
	assert_true(step > 7);
	store = opened(LEPTON_STORE_WRITE);
	put_checkpoint(store, 1, step + 1, (uint32_t)step + 1);
	assert_int_equal(object_files(), 12); /* of two checkpoints: whatever was left is gone with the next one */
	lepton_store_close(store);
}

/* ---- each call in turn fails ---- */

static int countdown;
static struct lepton__io real;

static int failing(void)
{
	if (--countdown == 0) {
		errno = ENOSPC;
		return 1;
	}
	return 0;
}

static int bad_open(const char *path, int flags, mode_t mode)
{
	return failing() ? -1 : real.open(path, flags, mode);
}

static ssize_t bad_write(int fd, const void *bytes, size_t size)
{
	return failing() ? -1 : real.write(fd, bytes, size > 200 ? 200 : size); /* short writes too */
}

static int bad_fsync(int fd)
{
	return failing() ? -1 : real.fsync(fd);
}

static int bad_close(int fd)
{
	int fail = failing(), code = real.close(fd); /* close lets go of the file even when it fails */
	if (fail)
		errno = ENOSPC;
	return fail ? -1 : code;
}

static int bad_rename(const char *from, const char *to)
{
	return failing() ? -1 : real.rename(from, to);
}

static int bad_unlink(const char *path)
{
	return failing() ? -1 : real.unlink(path);
}

static int bad_mkdir(const char *path, mode_t mode)
{
	return failing() ? -1 : real.mkdir(path, mode);
}

static int put_with_fault(struct lepton_store *store, int64_t step, int nth, struct lepton_error *err)
{
	struct lepton_event event = checkpoint(1, step, (uint32_t)step);
	real = lepton__io;
	lepton__io.open = bad_open;
	lepton__io.write = bad_write;
	lepton__io.fsync = bad_fsync;
	lepton__io.close = bad_close;
	lepton__io.rename = bad_rename;
	lepton__io.unlink = bad_unlink;
	lepton__io.mkdir = bad_mkdir;
	countdown = nth;
	int code = lepton_store_put(store, &event, err);
	lepton__io = real;
	lepton_event_clear(&event);
	return code;
}

static void a_failed_checkpoint_changes_nothing(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	int64_t good = 1;
	int nth, failed = 0;
	put_version(store, 1, "one");
	put_checkpoint(store, 1, good, (uint32_t)good);
	for (nth = 1;; nth++) {
		struct lepton_error err = {0};
		int code = put_with_fault(store, nth + 1, nth, &err);
		bool reached = countdown <= 0;
		if (code) {
			failed++;
			assert_int_equal(code, LEPTON_E_IO);
			assert_non_null(strstr(err.message, "No space left"));
		} else {
			good = nth + 1;
		}
		for (int again = 0; again < 2; again++) { /* in the same process, then in the next */
			assert_clean(store);
			assert_loads(store, 1, -1, good, (uint32_t)good);
			lepton_store_close(store);
			store = opened(LEPTON_STORE_WRITE);
		}
		assert_in_range(object_files(), 6, 12); /* what failed left nothing, or the sweep took it */
		if (!reached)
			break;
	}
	assert_true(failed > 30);
	lepton_store_close(store);
}

/* ---- the best is kept ------------------------------------------------------------------------------ */

static void put_best(struct lepton_store *store, int64_t version, int64_t step, uint32_t seed)
{
	struct lepton_event event = checkpoint(version, step, seed);
	event.u.checkpoint.best = true;
	put(store, &event);
	lepton_event_clear(&event);
}

static bool has_step(struct lepton_store *store, int64_t version, int64_t step)
{
	struct lepton_checkpoint *c = NULL;
	bool there = lepton_store_load_checkpoint(store, version, step, &c, NULL) == LEPTON_OK && c->state.step == step;
	lepton_checkpoint_release(c); /* an older one is given for one that is gone */
	return there;
}

static void the_best_is_kept(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	put_version(store, 1, "one");
	put_version(store, 2, "two");
	put_best(store, 1, 10, 1);
	put_best(store, 2, 10, 91);
	for (int64_t step = 20; step <= 50; step += 10) {
		put_checkpoint(store, 1, step, (uint32_t)step);
		put_checkpoint(store, 2, step, 100 + (uint32_t)step);
	}
	assert_true(has_step(store, 1, 10) && !has_step(store, 1, 20) && has_step(store, 1, 40) && has_step(store, 1, 50));
	put_best(store, 1, 60, 6);
	put_checkpoint(store, 1, 70, 7);
	put_checkpoint(store, 1, 80, 8);
	lepton_store_close(store);
	store = opened(LEPTON_STORE_WRITE);
	put_checkpoint(store, 1, 90, 9);
	assert_true(!has_step(store, 1, 10) && has_step(store, 1, 60) && !has_step(store, 1, 70));
	assert_true(has_step(store, 2, 10)); /* another version's is its own */
	lepton_store_close(store);
}

/* ---- gc while somebody reads ---------------------------------------------------------------------- */

static struct lepton_store *meanwhile;

/* The reader is about to open its first object: the writer puts two checkpoints, and gc takes that one. */
static int open_too_late(const char *path, int flags, mode_t mode)
{
	lepton__io = real;
	put_checkpoint(meanwhile, 1, 30, 3);
	put_checkpoint(meanwhile, 1, 40, 4);
	return real.open(path, flags, mode);
}

static void a_reader_is_not_misled_by_gc(void **state)
{
	(void)state;
	struct lepton_checkpoint *c;
	struct lepton_error err = {0};
	meanwhile = opened(LEPTON_STORE_WRITE);
	put_version(meanwhile, 1, "one");
	put_checkpoint(meanwhile, 1, 10, 1);
	put_checkpoint(meanwhile, 1, 20, 2);
	struct lepton_store *reader = opened(LEPTON_STORE_READ);
	real = lepton__io;
	lepton__io.open = open_too_late;
	int code = lepton_store_load_checkpoint(reader, 1, -1, &c, &err);
	lepton__io = real;
	if (code)
		fail_msg("load: %s", err.message);
	assert_holds(c, 40, 4);
	assert_string_equal(err.message, "");
	lepton_checkpoint_release(c);
	lepton_store_close(reader);
	lepton_store_close(meanwhile);
}

static size_t versions_seen(void)
{
	struct lepton_store *reader = opened(LEPTON_STORE_READ);
	struct lepton_run run;
	lepton_run_init(&run);
	assert_int_equal(lepton_store_load_run(reader, &run, NULL), 0);
	size_t count = run.version_count;
	lepton_run_clear(&run);
	lepton_store_close(reader);
	return count;
}

/* Found by tests/e2e/faults.sh: a fault between a compressed version's name and its weights left the name
 * alone. */
static void a_made_version_comes_whole(void **state)
{
	(void)state;
	struct lepton_store *store = opened(LEPTON_STORE_WRITE);
	put_version(store, 1, "net");
	put_checkpoint(store, 1, 10, 1);
	struct lepton_event made = {.type = LEPTON_EVENT_VERSION, .version = 2, .time = 100};
	snprintf(made.u.added.name, sizeof made.u.added.name, "small");
	made.u.added.parent_count = 1;
	made.u.added.parents[0] = 1;
	struct lepton_event done = {
		.type = LEPTON_EVENT_STATE, .version = 2, .u.state = {.state = LEPTON_DONE, .step = 10}};
	put(store, &made);
	put(store, &done);
	assert_true(lepton_store_waits(store));
	assert_int_equal(versions_seen(), 1);
	put_checkpoint(store, 2, 10, 2);
	assert_false(lepton_store_waits(store));
	assert_int_equal(versions_seen(), 2);
	/* one that is to be trained is there at once */
	made.version = 3;
	done = (struct lepton_event){
		.type = LEPTON_EVENT_STATE, .version = 3, .u.state = {.state = LEPTON_QUEUED}};
	snprintf(made.u.added.name, sizeof made.u.added.name, "clone");
	put(store, &made);
	put(store, &done);
	assert_false(lepton_store_waits(store));
	assert_int_equal(versions_seen(), 3);
	lepton_store_close(store);
}

int main(void)
{
#ifdef LEPTON_TEST_SEALED
	char path[] = "/tmp/lepton-key-XXXXXX";
	if (!mkdtemp(path) || rmdir(path) || lepton_key_file_new(path, NULL) ||
		lepton_key_from_file(path, &key, NULL))
		return 1;
	unlink(path);
#endif
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		CASE(the_run_comes_back),
		CASE(a_made_version_comes_whole),
		CASE(an_empty_store_is_an_empty_run),
		CASE(checkpoints_come_back_to_the_bit),
		CASE(equal_tensors_are_one_file),
		CASE(the_newest_two_are_kept),
		CASE(what_was_promoted_is_kept),
		CASE(compressed_versions_come_back),
		CASE(damage_is_seen_and_passed_over),
		CASE(one_writer_and_many_readers),
		CASE(what_is_no_store_is_refused),
		CASE(what_cannot_be_looked_at_is_no_mistake),
		CASE(odd_paths_are_only_letters),
		CASE(references_are_resolved),
		CASE(a_killed_writer_loses_nothing_said),
		CASE(a_failed_checkpoint_changes_nothing),
		CASE(the_best_is_kept),
		CASE(a_reader_is_not_misled_by_gc),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
#ifdef LEPTON_TEST_SEALED
	lepton_key_free(key);
#endif
	return failed;
}
