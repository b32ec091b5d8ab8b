/* tests/test_crash.c - the power goes at each flush of a training that is compressed and promoted, and at
 * each write between: whatever the disk has kept, the store opens, is whole, and has all that was said to be
 * kept.
 */
#include "config.h"
#include "crash_script.h"
#include "disk.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define EPOCHS 5
#define CHANCES 2           /* seeds of each loss that goes by chance */
#ifdef __SANITIZE_ADDRESS__ /* several times as slow; each place is tried without it */
#define ONE_IN 4
#else
#define ONE_IN 1
#endif
#define FLUSHES_MAX 1000
#define NEXT 12 /* events that are put after a kill */

static struct script script;
static char base[64], dir[128], image[128];
static size_t *marks; /* how many calls had been made when the event was said to be kept; 0: it never was */
static bool *kept;    /* which events had been when the power went */

static void mark(size_t event)
{
	marks[event] = disk_calls();
}

/* So that the log is copied into the database, and begun anew, often. */
static int set_pages(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
	(void)message, (void)api;
	return sqlite3_wal_autocheckpoint(db, 30);
}

/* In memory where there is such a place: it is the tests' own disk that loses power, and a real one is slow.
 */
static int make(void **state)
{
	(void)state;
	snprintf(base, sizeof base, "%s/lepton-crash-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(base))
		return -1;
	snprintf(dir, sizeof dir, "%s/store", base);
	snprintf(image, sizeof image, "%s/image", base);
	sqlite3_auto_extension((void (*)(void))set_pages);
	script_make(&script, EPOCHS);
	marks = calloc(script.count, sizeof *marks);
	kept = calloc(script.count, sizeof *kept);
	return marks && kept ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	free(marks);
	free(kept);
	script_free(&script);
	remove_tree(base);
	return 0;
}

static void remember(size_t calls)
{
	for (size_t i = 0; i < script.count; i++)
		kept[i] = marks[i] && marks[i] <= calls;
}

static int images;

static void lose_power(size_t calls, enum disk_loss loss, uint32_t seed)
{
	if (getenv("LEPTON_TEST_TALK"))
		print_message("after %zu calls, loss %d, seed %u\n", calls, (int)loss, seed);
	remember(calls);
	disk_image(calls, loss, seed, image);
	script_check(&script, image, kept, loss == DISK_DROPPED);
	remove_tree(image);
	images++;
}

static void lose_power_every_way(size_t calls)
{
	lose_power(calls, DISK_KEPT, 0);
	lose_power(calls, DISK_DROPPED, 0);
	for (uint32_t seed = 1; seed <= CHANCES; seed++) {
		lose_power(calls, DISK_MIXED, seed * 977 + (uint32_t)calls);
		lose_power(calls, DISK_GARBLED, seed * 977 + (uint32_t)calls);
	}
}

/* Of the whole script, which the second test kills at the same places. */
static size_t flush_at[FLUSHES_MAX], flush_count, calls_in_all;

static void power_is_lost_at_every_flush(void **state)
{
	(void)state;
	const struct script_play play = {.dir = dir, .flush_each = 3, .kept = mark};
	disk_record(dir);
	script_play(&script, &play);
	disk_stop();
	for (size_t n = 0; n < disk_flushes(); n++) {
		if (n % ONE_IN == 0)
			lose_power_every_way(disk_flush(n));
		assert_true(flush_count < FLUSHES_MAX);
		flush_at[flush_count++] = disk_flush(n);
	}
	calls_in_all = disk_calls();
	lose_power_every_way(calls_in_all);
	print_message("%zu flushes, at one in %d of which the power went; %zu calls, %d images\n",
		disk_flushes(), ONE_IN, disk_calls(), images);
	assert_true(disk_flushes() > 100);
	disk_forget();
	remove_tree(dir);
}

/* ---- killed first ---- */

static size_t unkept; /* the first event that was put in vain */

/* What waits for the event behind it (a version, for its weights) went with that, though putting it did not
 * fail. */
static size_t first_unkept(void)
{
	for (size_t i = 0; i < unkept; i++)
		if (script.events[i].type != LEPTON_EVENT_METRIC && !marks[i])
			return i;
	return unkept;
}

static void note(size_t event, const struct lepton_error *err)
{
	(void)err; /* the dead say nothing */
	unkept = event < unkept ? event : unkept;
}

/* What the killed program wrote is seen by the next, but need not be on the disk: it must not be taken for
 * that. */
static void kill_then_lose_power(size_t calls)
{
	const struct script_play killed = {.dir = dir, .flush_each = 3, .kept = mark, .failed = note},
				 next = {.dir = dir, .flush_each = 3, .kept = mark};
	memset(marks, 0, script.count * sizeof *marks);
	unkept = script.count;
	disk_record(dir);
	disk_kill(calls);
	script_play_part(&script, &killed, 0, script.count);
	disk_revive();
	unkept = first_unkept();
	size_t from = disk_flushes(), to = unkept + NEXT < script.count ? unkept + NEXT : script.count;
	script_play_part(&script, &next, unkept, to);
	disk_stop();
	if (getenv("LEPTON_TEST_TALK")) {
		print_message("killed after %zu calls; events from %zu\n", calls, unkept);
		disk_print(disk_calls());
	}
	for (size_t n = from; n < disk_flushes(); n++) {
		lose_power(disk_flush(n), DISK_DROPPED, 0);
		lose_power(disk_flush(n), DISK_GARBLED, (uint32_t)(n + calls));
	}
	lose_power(disk_calls(), DISK_DROPPED, 0);
	disk_forget();
	remove_tree(dir);
}

static void power_is_lost_after_a_kill(void **state)
{
	(void)state;
	bool all = getenv("LEPTON_CRASH_ALL") != NULL; /* takes a minute */
	size_t kills = 0;
	images = 0;
	for (size_t n = 0; n < flush_count; n += all ? 1 : n < 50 ? ONE_IN : 25, kills++)
		kill_then_lose_power(flush_at[n]);
	for (size_t calls = 1; all && calls < calls_in_all; calls++, kills++)
		kill_then_lose_power(calls);
	print_message("%zu kills, %d images\n", kills, images);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_is_lost_at_every_flush),
		cmocka_unit_test(power_is_lost_after_a_kill),
	};
	return cmocka_run_group_tests(tests, make, drop);
}
