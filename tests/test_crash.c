/* tests/test_crash.c - the power goes at each flush of a training that is compressed and promoted, and at each write between:
 * whatever the disk has kept, the store opens, is whole, and has all that was said to be kept.
 */
#include "config.h"
#include "crash_script.h"
#include "disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define EPOCHS 8
#define CHANCES 3 /* seeds of each loss that goes by chance */

static struct script script;
static char base[64], dir[128], image[128];
static size_t *marks; /* how many calls had been made when the event was said to be kept; 0: it never was */

static void mark(size_t event)
{
	marks[event] = disk_calls();
}

/* In memory where there is such a place: it is the tests' own disk that loses power, and a real one is slow. */
static int make(void **state)
{
	(void)state;
	snprintf(base, sizeof base, "%s/lepton-crash-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(base))
		return -1;
	snprintf(dir, sizeof dir, "%s/store", base);
	snprintf(image, sizeof image, "%s/image", base);
	script_make(&script, EPOCHS);
	marks = calloc(script.count, sizeof *marks);
	return marks ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	free(marks);
	script_free(&script);
	remove_tree(base);
	return 0;
}

/* The last event that was said to be kept before that call. */
static long kept_before(size_t calls)
{
	for (long i = (long)script.count - 1; i >= 0; i--)
		if (marks[i] && marks[i] <= calls)
			return i;
	return -1;
}

static int images;

static void lose_power(size_t calls, enum disk_loss loss, uint32_t seed)
{
	if (getenv("LEPTON_TEST_TALK"))
		print_message("after %zu calls, loss %d, seed %u; kept up to %ld\n", calls, (int)loss, seed, kept_before(calls));
	disk_image(calls, loss, seed, image);
	script_check(&script, image, kept_before(calls), loss == DISK_DROPPED);
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

static void power_is_lost_at_every_flush(void **state)
{
	(void)state;
	const struct script_play play = {.dir = dir, .flush_each = 2, .kept = mark};
	disk_record(dir);
	script_play(&script, &play);
	disk_stop();
	for (size_t n = 0; n < disk_flushes(); n++)
		lose_power_every_way(disk_flush(n));
	lose_power_every_way(disk_calls());
	print_message("%zu flushes, %zu calls, %d images\n", disk_flushes(), disk_calls(), images);
	assert_true(disk_flushes() > 100);
	disk_forget();
	remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_is_lost_at_every_flush),
	};
	return cmocka_run_group_tests(tests, make, drop);
}
