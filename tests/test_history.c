/* tests/test_history.c - points of history in blocks: what comes back is what was put, to the bit.
 *
 * The oracle is the fold: a run that heard the same events and never saw a store has every point. Training of
 * several versions at once goes on, rests, and goes back, into blocks and to before them; the store is closed
 * and opened between. Outlines are held against a plain loop over the points.
 */
#include "config.h"
#include "store_folder.h"
#include "store/history.h"
#include "store/history_columns.h"

#include <math.h>

#define VERSIONS 3
#define EVENTS 3000

static uint32_t random_state;
static bool only_forward; /* else a note may be of a step that was taken back */

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)(random_state >> 4) * below) >> 28);
}

struct both { /* a store, and the run that heard the same */
	struct lepton_store *store;
	struct lepton_run run;
	int64_t step[VERSIONS + 1];
};

static void say(struct both *b, struct lepton_event event)
{
	struct lepton_error err = {0};
	int code = lepton_run_apply(&b->run, &event, &err);
	if (!code)
		code = lepton_store_put(b->store, &event, &err);
	if (code)
		fail_msg("%s", err.message);
	lepton_event_clear(&event);
}

static void say_version(struct both *b, int64_t id, int64_t parent)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = id, .time = 100};
	snprintf(event.u.added.name, LEPTON_NAME_MAX, "v%d", (int)id);
	lepton__copy_name(event.u.added.learner, LEPTON_NAME_MAX, "network");
	event.u.added.parent_count = parent ? 1 : 0;
	event.u.added.parents[0] = parent;
	event.u.added.operation = parent ? lepton_text_new("{\"op\":\"clone\"}") : NULL;
	say(b, event);
}

static void say_state(struct both *b, int64_t id, enum lepton_version_state is)
{
	struct lepton_event event = {.type = LEPTON_EVENT_STATE, .version = id};
	event.u.state.state = is;
	event.u.state.step = b->step[id];
	say(b, event);
}

static double figure(void)
{
	uint32_t kind = draw(40);
	if (kind == 0)
		return (double)NAN;
	if (kind == 1)
		return -(double)(1 + draw(1000)) / 7; /* SQLite keeps no sign of zero */
	return kind == 2   ? 1e300 * (double)draw(10)
	       : kind < 20 ? (double)((float)draw(1000) / 640)
			   : (double)draw(9999) / 7;
}

static void say_metric(struct both *b, int64_t id)
{
	struct lepton_event event = {
		.type = LEPTON_EVENT_METRIC, .version = id, .time = (double)draw(9) + 0.1};
	b->step[id] += 1 + (draw(5) == 0) * draw(100);
	event.u.metric.step = b->step[id];
	event.u.metric.epoch = (double)b->step[id] / 7;
	event.u.metric.seconds = (double)b->step[id] * 0.1 + (double)draw(100) / 1000;
	event.u.metric.loss = figure();
	event.u.metric.accuracy = figure();
	event.u.metric.samples_per_second = figure();
	say(b, event);
}

static struct both begin(void)
{
	struct both b = {.store = opened(LEPTON_STORE_WRITE)};
	lepton_run_init(&b.run);
	for (int64_t id = 1; id <= VERSIONS; id++)
		say_version(&b, id, 0);
	return b;
}

static void end(struct both *b)
{
	lepton_store_close(b->store);
	lepton_run_clear(&b->run);
	remove_folder(NULL);
	make_folder(NULL);
	lepton__block_points = LEPTON__BLOCK_POINTS;
}

/* Something happens: mostly a point, at times a rest, a clone, a jump back, or another program. */
static void happen(struct both *b)
{
	int64_t id = 1 + draw(VERSIONS), back = 1 + draw(draw(3) ? 20 : 3000);
	switch (draw(60)) {
	case 0:
		say_state(b, id, draw(2) ? LEPTON_PAUSED : LEPTON_DONE);
		break;
	case 1:
		b->step[id] = only_forward ? b->step[id] : b->step[id] > back ? b->step[id] - back : 0;
		break;
	case 2:
		lepton_store_close(b->store);
		b->store = opened(LEPTON_STORE_WRITE);
		break;
	case 3:
		say_version(b, (int64_t)b->run.version_count + 1, id);
		break;
	default:
		say_metric(b, id);
	}
}

/* ---- the same points ---- */

#define SAME(member) assert_memory_equal(a->member + from, b->member, b->count * sizeof *b->member)

static void assert_slice(const struct lepton_history *a, size_t from, const struct lepton_history *b)
{
	assert_true(from + b->count <= a->count);
	if (!b->count)
		return;
	SAME(step);
	SAME(epoch);
	SAME(seconds);
	SAME(loss);
	SAME(accuracy);
}

static void assert_whole(const struct lepton_run *live, struct lepton_run *loaded)
{
	assert_int_equal(loaded->version_count, live->version_count);
	for (size_t i = 0; i < live->version_count; i++) {
		const struct lepton_run_version *a = live->versions[i], *b = loaded->versions[i];
		assert_int_equal(b->history.thinned, 0);
		assert_int_equal(a->history.count, b->history.count);
		assert_slice(&a->history, 0, &b->history);
		assert_int_equal(a->note_count, b->note_count);
		for (size_t n = 0; n < a->note_count && only_forward; n++)
			assert_int_equal(a->notes[n].step, b->notes[n].step);
		if (!a->history.count || a->history.step[a->history.count - 1] != a->step)
			continue;
		assert_int_equal(a->step, b->step);
		assert_memory_equal(&a->loss, &b->loss, sizeof a->loss);
		assert_memory_equal(&a->samples_per_second, &b->samples_per_second, sizeof a->loss);
	}
}

/* ---- outlines by a plain loop ---- */

static bool same_float(float a, float b)
{
	return isnan(a) ? isnan(b) : !(a < b) && !(a > b);
}

static void assert_in_entries(
	const struct lepton_history *h, size_t at, size_t entries, const float *values, float value)
{
	bool there = false;
	for (size_t i = at; i < at + entries; i++)
		there = there || same_float(values[i], value);
	if (!there)
		fail_msg("%g is in no entry of its bucket at step %d", (double)value, (int)h->step[at]);
}

static void assert_bucket(const struct lepton_history *h, size_t at, const struct lepton_bucket *bucket,
	const float *thin, const float *points, float mean)
{
	double sum = 0;
	size_t finite = 0;
	float min = NAN, max = NAN, least = NAN;
	for (size_t i = 0; i < bucket->points; i++) {
		if (!isfinite(points[i]))
			continue;
		min = fminf(min, points[i]);
		max = fmaxf(max, points[i]);
		least = points[i] > 0 ? fminf(least, points[i]) : least;
		sum += (double)points[i];
		finite++;
	}
	assert_true(same_float(thin[at], points[0]));
	assert_true(same_float(thin[at + bucket->entries - 1], points[bucket->points - 1]));
	float of_thin_min = NAN, of_thin_max = NAN, of_thin_least = NAN;
	for (size_t i = at; i < at + bucket->entries; i++) {
		if (!isfinite(thin[i]))
			continue;
		of_thin_min = fminf(of_thin_min, thin[i]);
		of_thin_max = fmaxf(of_thin_max, thin[i]);
		of_thin_least = thin[i] > 0 ? fminf(of_thin_least, thin[i]) : of_thin_least;
	}
	assert_true(same_float(of_thin_min, min) && same_float(of_thin_max, max) &&
		    same_float(of_thin_least, least));
	assert_true(finite ? !(fabs((double)mean - sum / (double)finite) > 1e-6 * fabs(sum)) : isnan(mean));
	if (finite)
		assert_in_entries(h, at, bucket->entries, thin, min);
}

/* What the loaded history says of the older points is true of them; returns how many they are. */
static size_t assert_outlines(const struct lepton_history *all, const struct lepton_history *h)
{
	size_t point = 0, at = 0;
	for (size_t i = 0; i < h->bucket_count; i++) {
		const struct lepton_bucket *bucket = &h->buckets[i];
		assert_true(point + bucket->points <= all->count && bucket->entries <= 5);
		assert_bucket(h, at, bucket, h->loss, all->loss + point, bucket->loss);
		assert_bucket(h, at, bucket, h->accuracy, all->accuracy + point, bucket->accuracy);
		point += bucket->points;
		at += bucket->entries;
		assert_int_equal(h->step[at - 1], all->step[point - 1]);
		assert_memory_equal(&h->seconds[at - 1], &all->seconds[point - 1], sizeof(double));
		assert_true(h->step[at - bucket->entries] <= h->step[at - 1]);
		assert_true(at == bucket->entries ||
			    h->step[at - bucket->entries] > h->step[at - bucket->entries - 1]);
	}
	assert_int_equal(at, h->thinned);
	assert_int_equal(lepton_history_points(h), all->count);
	struct lepton_history rest = {.count = h->count - h->thinned,
		.step = h->step + h->thinned,
		.epoch = h->epoch + h->thinned,
		.seconds = h->seconds + h->thinned,
		.loss = h->loss + h->thinned,
		.accuracy = h->accuracy + h->thinned};
	assert_slice(all, point, &rest);
	return point;
}

static size_t assert_all(struct both *b, int mode)
{
	struct lepton_run loaded;
	struct lepton_store *store = mode == LEPTON_STORE_READ ? opened(mode) : b->store;
	struct lepton_error err = {0};
	size_t packed = 0;
	assert_int_equal(lepton_store_flush(b->store, NULL), 0);
	lepton_run_init(&loaded);
	if (lepton_store_load_run(store, &loaded, &err))
		fail_msg("%s", err.message);
	for (size_t i = 0; i < loaded.version_count; i++)
		packed += assert_outlines(&b->run.versions[i]->history, &loaded.versions[i]->history);
	if (lepton_store_load_whole(store, &loaded, 0, &err))
		fail_msg("%s", err.message);
	assert_whole(&b->run, &loaded);
	lepton_run_clear(&loaded);
	if (store != b->store)
		lepton_store_close(store);
	return packed;
}

static void run_at_length(int64_t block, uint32_t seed)
{
	lepton__block_points = block;
	random_state = seed;
	struct both b = begin();
	size_t packed = 0;
	for (int i = 1; i <= EVENTS; i++) {
		happen(&b);
		if (i % 250 == 0)
			packed += assert_all(&b, i % 500 ? LEPTON_STORE_WRITE : LEPTON_STORE_READ);
	}
	assert_true(packed > 1000);
	assert_clean(b.store);
	end(&b);
}

static void what_was_put_comes_back(void **state)
{
	(void)state;
	static const int64_t blocks[] = {1, 7, 40, 300};
	for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++)
		run_at_length(blocks[k], 11 + (uint32_t)k);
}

static void notes_have_their_steps(void **state)
{
	(void)state;
	only_forward = true;
	run_at_length(7, 1);
	run_at_length(60, 2);
	only_forward = false;
}

/* Of very many points only the coarse outlines are read at first, as true as the fine ones. */
static void very_many_points_come_roughly(void **state)
{
	(void)state;
	random_state = 17;
	struct both b = begin();
	for (int i = 0; i < 6000; i++)
		happen(&b);
	for (int rough = 0; rough < 2; rough++) {
		struct lepton_run loaded;
		size_t packed = 0, buckets = 0, all = 0;
		lepton__fine_blocks_most = rough ? 0 : 2048;
		assert_int_equal(lepton_store_flush(b.store, NULL), 0);
		lepton_run_init(&loaded);
		assert_int_equal(lepton_store_load_run(b.store, &loaded, NULL), 0);
		for (size_t i = 0; i < loaded.version_count; i++) {
			const struct lepton_history *h = &loaded.versions[i]->history;
			assert_int_equal(h->rough, rough && h->thinned);
			packed += assert_outlines(&b.run.versions[i]->history, h);
			buckets += h->bucket_count;
			all += h->thinned > 0;
		}
		assert_true(packed > 1000 && all > 0);
		assert_true(rough ? buckets < packed / 100 : buckets > packed / 20);
		assert_int_equal(lepton_store_load_whole(b.store, &loaded, 0, NULL), 0);
		assert_whole(&b.run, &loaded);
		lepton_run_clear(&loaded);
	}
	lepton__fine_blocks_most = 2048;
	end(&b);
}

static void a_window_is_a_slice(void **state)
{
	(void)state;
	random_state = 3;
	lepton__block_points = 50;
	struct both b = begin();
	for (int i = 0; i < 2000; i++)
		happen(&b);
	for (int i = 0; i < 200; i++) {
		const struct lepton_run_version *v = b.run.versions[draw(VERSIONS)];
		const struct lepton_history *h = &v->history;
		int64_t from = draw(4) ? (int64_t)draw(3000) : INT64_MIN,
			to = draw(4) ? (int64_t)draw(6000) : INT64_MAX;
		size_t first = 0, count = 0;
		struct lepton_history window;
		assert_int_equal(lepton_store_load_history(b.store, v->id, from, to, 0, &window, NULL), 0);
		while (first < h->count && h->step[first] < from)
			first++;
		while (first + count < h->count && h->step[first + count] <= to)
			count++;
		assert_int_equal(window.count, count);
		assert_slice(h, first, &window);
		lepton_history_clear(&window);
	}
	end(&b);
}

static void much_comes_as_an_outline(void **state)
{
	(void)state;
	random_state = 5;
	struct both b = begin();
	for (int i = 0; i < 3000; i++)
		say_metric(&b, 1);
	struct lepton_history window;
	assert_int_equal(lepton_store_load_history(b.store, 1, INT64_MIN, INT64_MAX, 1000, &window, NULL), 0);
	assert_true(window.count < 1200 && window.thinned > 0);
	assert_outlines(&b.run.versions[0]->history, &window);
	lepton_history_clear(&window);
	end(&b);
}

/* ---- memory of a long run ---- */

static void a_long_run_is_thinned_in_memory(void **state)
{
	(void)state;
	struct lepton_run all, backed;
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = 1};
	lepton_run_init(&all);
	lepton_run_init(&backed);
	backed.backed = true;
	assert_int_equal(lepton_run_apply(&all, &event, NULL) | lepton_run_apply(&backed, &event, NULL), 0);
	random_state = 9;
	for (int64_t step = 1; step <= 200000; step++) {
		event = (struct lepton_event){.type = LEPTON_EVENT_METRIC, .version = 1};
		event.u.metric.step = step;
		event.u.metric.seconds = (double)step;
		event.u.metric.loss = figure();
		event.u.metric.accuracy = figure();
		assert_int_equal(
			lepton_run_apply(&all, &event, NULL) | lepton_run_apply(&backed, &event, NULL), 0);
	}
	const struct lepton_history *h = &backed.versions[0]->history;
	assert_in_range(h->count - h->thinned, LEPTON__LIVE_MOST / 2, LEPTON__LIVE_MOST);
	assert_true(h->thinned < 4000);
	assert_outlines(&all.versions[0]->history, h);
	lepton_run_clear(&all);
	lepton_run_clear(&backed);
}

/* Back into the outline: what is left never passes the step, and counts as what it is. */
static void going_back_cuts_the_outline(void **state)
{
	(void)state;
	random_state = 21;
	lepton__block_points = 64;
	struct both b = begin();
	for (int i = 0; i < 1000; i++)
		say_metric(&b, 1);
	struct lepton_run loaded;
	lepton_run_init(&loaded);
	assert_int_equal(lepton_store_load_run(b.store, &loaded, NULL), 0);
	struct lepton_history *h = &loaded.versions[0]->history;
	for (int64_t step = loaded.versions[0]->step; step > 0; step -= 37) {
		struct lepton_event event = {.type = LEPTON_EVENT_METRIC, .version = 1};
		event.u.metric.step = step;
		assert_int_equal(lepton_run_apply(&loaded, &event, NULL), 0);
		assert_true(h->thinned < h->count && h->step[h->count - 1] == step);
		size_t entries = 0;
		for (size_t i = 0; i < h->bucket_count; i++)
			entries += h->buckets[i].entries;
		assert_int_equal(entries, h->thinned);
		for (size_t i = 1; i < h->count; i++)
			assert_true(h->step[i] >= h->step[i - 1]);
	}
	lepton_run_clear(&loaded);
	end(&b);
}

/* ---- older stores, damage ---- */

static void an_older_store_is_read_and_packed(void **state)
{
	(void)state;
	random_state = 2;
	lepton__block_points = LEPTON__BLOCK_POINTS_MAX;
	struct both b = begin();
	for (int i = 0; i < 4000; i++)
		say_metric(&b, 1 + i % 2);
	lepton_store_close(b.store);
	sql("DROP TABLE history_blocks; DROP TABLE history_summaries; DROP TABLE history_outlines");
	as_before_checksums(2);
	lepton__block_points = LEPTON__BLOCK_POINTS;
	b.store = opened(LEPTON_STORE_READ);
	assert_int_equal(assert_all(&b, LEPTON_STORE_WRITE), 0);
	assert_int_equal(verified(b.store), 0);
	assert_heard("store.db: its pages have no checksums yet");
	lepton_store_close(b.store);
	b.store = opened(LEPTON_STORE_WRITE);
	assert_true(assert_all(&b, LEPTON_STORE_WRITE) > 3000);
	assert_clean(b.store);
	assert_int_equal(count("SELECT count(*) FROM history"), 2); /* the last of each */
	assert_int_equal(count("PRAGMA user_version"), 4);
	end(&b);
}

static int repaired(void)
{
	struct lepton_store *store = opened(LEPTON_STORE_REPAIR);
	struct lepton_error err = {0};
	hush();
	int code = lepton_store_repair(store, hear, NULL, &err);
	lepton_store_close(store);
	return code;
}

static struct both some_blocks(void)
{
	random_state = 17;
	lepton__block_points = 24;
	struct both b = begin();
	for (int i = 0; i < 150; i++)
		say_metric(&b, 1 + i % 2);
	lepton_store_close(b.store);
	b.store = NULL;
	return b;
}

static void flip_blob(const char *table, const char *column, int row, int byte)
{
	char text[400];
	snprintf(text, sizeof text,
		"UPDATE %s SET %s = CAST(substr(%s,1,%d) || CASE WHEN substr(%s,%d,1)=x'55' THEN x'56' ELSE "
		"x'55' END || "
		"substr(%s,%d) AS BLOB) WHERE rowid=%d",
		table, column, column, byte, column, byte + 1, column, byte + 2, row);
	sql(text);
}

static void every_flipped_byte_of_a_block_is_named(void **state)
{
	(void)state;
	struct both b = some_blocks();
	char before[512];
	int64_t size = count("SELECT length(data) FROM history_blocks WHERE id=2");
	assert_true(size > 40);
	snprintf(before, sizeof before, "CREATE TABLE kept AS SELECT data FROM history_blocks WHERE id=2");
	sql(before);
	for (int byte = 0; byte < size; byte++) {
		flip_blob("history_blocks", "data", 2, byte);
		b.store = opened(LEPTON_STORE_READ);
		assert_int_equal(verified(b.store), LEPTON_E_CORRUPT);
		assert_int_equal(lines, 1);
		assert_heard("a block of 24 points is damaged");
		lepton_store_close(b.store);
		sql("UPDATE history_blocks SET data=(SELECT data FROM kept) WHERE id=2");
	}
	sql("DROP TABLE kept");
	b.store = opened(LEPTON_STORE_READ);
	assert_clean(b.store);
	end(&b);
}

static void a_damaged_block_alone_is_dropped(void **state)
{
	(void)state;
	struct both b = some_blocks();
	int64_t of = count("SELECT version FROM history_blocks WHERE id=3"),
		from = count("SELECT first_step FROM history_blocks WHERE id=3");
	struct lepton_history window;
	struct lepton_error err = {0};
	flip_blob("history_blocks", "data", 3, 30);
	b.store = opened(LEPTON_STORE_READ);
	assert_int_equal(lepton_store_load_history(b.store, of, INT64_MIN, INT64_MAX, 0, &window, &err),
		LEPTON_E_CORRUPT);
	assert_non_null(strstr(err.message, "is damaged"));
	assert_null(window.step);
	lepton_store_close(b.store);
	assert_int_equal(repaired(), 0);
	assert_int_equal(lines, 1);
	assert_heard("; dropped");
	b.store = opened(LEPTON_STORE_READ);
	assert_clean(b.store);
	const struct lepton_history *all = &lepton_run_version(&b.run, of)->history;
	size_t first = 0;
	while (all->step[first] < from)
		first++;
	assert_int_equal(lepton_store_load_history(b.store, of, INT64_MIN, INT64_MAX, 0, &window, NULL), 0);
	assert_int_equal(window.count, all->count - 24);
	struct lepton_history after = window;
	after.count = first;
	assert_slice(all, 0, &after);
	assert_int_equal(window.step[first], all->step[first + 24]);
	lepton_history_clear(&window);
	end(&b);
}

static void a_damaged_outline_is_made_anew(void **state)
{
	(void)state;
	struct both b = some_blocks();
	flip_blob("history_summaries", "summary", 1, 40);
	sql("DELETE FROM history_outlines WHERE version=2");
	sql("INSERT INTO history_outlines SELECT 2, 9999, 9999, 1, 1, 1, x'00'");
	b.store = opened(LEPTON_STORE_READ);
	assert_int_equal(verified(b.store), LEPTON_E_CORRUPT);
	assert_heard("the outline of 24 points is damaged");
	assert_heard("1 outlines of points that are not there");
	lepton_store_close(b.store);
	assert_int_equal(repaired(), 0);
	assert_heard("made anew from the points");
	b.store = opened(LEPTON_STORE_WRITE);
	assert_clean(b.store);
	assert_true(assert_all(&b, LEPTON_STORE_WRITE) > 100);
	end(&b);
}

/* A row of another version, or of another place, is not taken for this one's. */
static void bytes_of_another_row_are_known(void **state)
{
	(void)state;
	struct both b = some_blocks();
	sql("UPDATE history_blocks SET data=(SELECT data FROM history_blocks WHERE id=1) WHERE id=2");
	b.store = opened(LEPTON_STORE_READ);
	assert_int_equal(verified(b.store), LEPTON_E_CORRUPT);
	assert_int_equal(lines, 1);
	end(&b);
}

/* ---- columns ---- */

static void columns_come_back(void **state)
{
	(void)state;
	uint64_t values[70], back[70];
	random_state = 77;
	for (int round = 0; round < 3000; round++) {
		size_t count = 1 + draw(70);
		uint64_t kind = draw(6), at = draw(1 << 20), by = draw(1000);
		for (size_t i = 0; i < count; i++) {
			uint64_t wide = (uint64_t)draw(1u << 28) << 36 ^ (uint64_t)draw(1u << 28) << 12 ^
					draw(1u << 28);
			at += kind == 5 ? 0 - by * i : by * (kind == 1);
			const uint64_t choice[] = {wide, at, at,
				lepton__bits_of((double)((float)draw(1000) / 3)),
				draw(2) ? UINT64_MAX - draw(3) : draw(3), at};
			values[i] = choice[kind];
		}
		struct lepton__buffer out;
		lepton__buffer_init(&out, 1 << 20);
		lepton__column_write(&out, values, count);
		assert_false(out.failed);
		struct lepton__cursor in = {.at = (const uint8_t *)out.data, .left = out.size};
		lepton__column_read(&in, back, count);
		assert_true(!in.failed && in.left == 0);
		assert_memory_equal(values, back, count * sizeof *values);
		lepton__buffer_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_comes_back),
		cmocka_unit_test(notes_have_their_steps),
		cmocka_unit_test(very_many_points_come_roughly),
		cmocka_unit_test(a_window_is_a_slice),
		cmocka_unit_test(much_comes_as_an_outline),
		cmocka_unit_test(a_long_run_is_thinned_in_memory),
		cmocka_unit_test(going_back_cuts_the_outline),
		cmocka_unit_test(an_older_store_is_read_and_packed),
		cmocka_unit_test(every_flipped_byte_of_a_block_is_named),
		cmocka_unit_test(a_damaged_block_alone_is_dropped),
		cmocka_unit_test(a_damaged_outline_is_made_anew),
		cmocka_unit_test(bytes_of_another_row_are_known),
		cmocka_unit_test(columns_come_back),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
