/* tests/test_faults.c - each call of the operating system and each allocation fails in turn, once and for
 * ever, ours and SQLite's, while a training that is compressed and promoted is put into a store. The fault is
 * said, nothing leaks, the store opens afterwards and is whole; and what failed once only is all kept in the
 * end, since it is tried again.
 */
#include "config.h"
#include "crash_script.h"
#include "disk.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define EPOCHS 2
#ifdef __SANITIZE_ADDRESS__ /* several times as slow; each call is tried without it */
#define ONE_CALL_IN 4
#else
#define ONE_CALL_IN 1
#endif
#define PATIENCE 1200 /* seconds; what hangs is ended */

static struct script script;
static char base[64], dir[128];
static bool *kept;
static int faults;

static void keep(size_t event)
{
	kept[event] = true;
}

static void note(size_t event, const struct lepton_error *err)
{
	(void)event, (void)err;
	faults++;
}

/* ---- which one fails ---- */

static long calls, fails_at;
static bool for_ever;

static bool fails(void)
{
	static const int errors[] = {EIO, ENOSPC, EROFS, EDQUOT, EMFILE};
	calls++;
	bool now = fails_at && (for_ever ? calls >= fails_at : calls == fails_at);
	if (now)
		errno = errors[fails_at % 5];
	return now;
}

static struct lepton__io real;

#define CALL(type, name, failure, parameters, arguments)                                                     \
	static type bad_##name parameters                                                                    \
	{                                                                                                    \
		if (fails())                                                                                 \
			return failure;                                                                      \
		return real.name arguments;                                                                  \
	}

CALL(int, open, -1, (const char *path, int flags, mode_t mode), (path, flags, mode))
CALL(ssize_t, read, -1, (int fd, void *buffer, size_t size), (fd, buffer, size))
CALL(ssize_t, write, -1, (int fd, const void *buffer, size_t size),
	(fd, buffer, size > 200 ? 200 : size)) /* short ones too */
CALL(int, fsync, -1, (int fd), (fd))
CALL(int, close, (real.close(fd), -1), (int fd), (fd))
CALL(int, rename, -1, (const char *from, const char *to), (from, to))
CALL(int, unlink, -1, (const char *path), (path))
CALL(int, mkdir, -1, (const char *path, mode_t mode), (path, mode))
CALL(int, rmdir, -1, (const char *path), (path))
CALL(int, stat, -1, (const char *path, struct stat *info), (path, info))
CALL(int, chmod, -1, (const char *path, mode_t mode), (path, mode))
CALL(int, ftruncate, -1, (int fd, off_t size), (fd, size))
CALL(int, flock, -1, (int fd, int operation), (fd, operation))
CALL(DIR *, opendir, NULL, (const char *path), (path))
CALL(struct dirent *, readdir, NULL, (DIR * folder), (folder))

static int bad_database(const struct lepton__db_io *io)
{
	(void)io;
	return fails() ? -1 : 0;
}

static const struct lepton__io bad = {bad_open, bad_read, bad_write, bad_fsync, bad_close, bad_rename,
	bad_unlink, bad_mkdir, bad_rmdir, bad_stat, bad_chmod, bad_ftruncate, bad_flock, bad_opendir,
	bad_readdir, bad_database};

/* ---- SQLite's memory ---- */

static sqlite3_mem_methods memory;
static bool counts; /* SQLite's allocations, now */

static void *bad_malloc(int size)
{
	return counts && fails() ? NULL : memory.xMalloc(size);
}

static void *bad_realloc(void *old, int size)
{
	return counts && fails() ? NULL : memory.xRealloc(old, size);
}

static bool watch_memory(void)
{
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK)
		return false;
	static sqlite3_mem_methods watched;
	watched = memory;
	watched.xMalloc = bad_malloc;
	watched.xRealloc = bad_realloc;
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &watched) == SQLITE_OK;
}

/* ---- each in turn ---- */

/* A source of faults: begin() makes the n-th call fail from now on (0: none), end() says how many there were.
 */
struct source {
	const char *what;
	void (*begin)(long n, bool for_ever);
	long (*end)(void);
};

static void begin_counting(long n, bool ever)
{
	calls = 0;
	fails_at = n;
	for_ever = ever;
}

static void begin_io(long n, bool ever)
{
	begin_counting(n, ever);
	real = lepton__io;
	lepton__io = bad;
}

static long end_io(void)
{
	lepton__io = real;
	return calls;
}

static void begin_sqlite(long n, bool ever)
{
	begin_counting(n, ever);
	counts = true;
}

static long end_sqlite(void)
{
	counts = false;
	return calls;
}

static int open_files(void)
{
	int count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The number of calls; the store is checked, and gone afterwards. */
static long turn(const struct source *source, long n, bool ever)
{
	const struct script_play play = {
		.dir = dir, .flush_each = 10, .kept = keep, .failed = note, .faults = &faults};
	int before = open_files();
	memset(kept, 0, script.count * sizeof *kept);
	source->begin(n, ever);
	script_play(&script, &play);
	long count = source->end();
	if (getenv("LEPTON_TEST_TALK"))
		print_message(
			"%s %ld%s of %ld: %d faults\n", source->what, n, ever ? "+" : "", count, faults);
	assert_int_equal(open_files(), before);
	for (size_t i = 0; i < script.count && !ever; i++)
		assert_true(kept[i] || script.events[i].type == LEPTON_EVENT_METRIC);
	script_check(&script, dir, kept, false);
	remove_tree(dir);
	return count;
}

/* Every `stride`-th; with LEPTON_FAULTS_ALL in the environment every one. */
static void each_in_turn(const struct source *source, long stride)
{
	stride = getenv("LEPTON_FAULTS_ALL") ? 1 : stride;
	long count = turn(source, 0, false);
	assert_int_equal(faults, 0);
	for (long n = 1; n <= count + 1; n += stride) {
		turn(source, n, false);
		turn(source, n, true);
	}
	print_message("%s: %ld, one in %ld failed once and for ever; %d faults were said\n", source->what,
		count, stride, faults);
	assert_true(count > 100 && faults > count / stride);
	faults = 0;
}

static void each_call_fails(void **state)
{
	(void)state;
	each_in_turn(&(const struct source){"calls of the system, ours and SQLite's", begin_io, end_io},
		ONE_CALL_IN);
}

static void each_allocation_of_sqlite_fails(void **state)
{
	(void)state;
	each_in_turn(&(const struct source){"allocations of SQLite", begin_sqlite, end_sqlite}, 41);
}

#ifdef LEPTON_ERROR_INJECTION
static void begin_alloc(long n, bool ever)
{
	char wish[32];
	snprintf(wish, sizeof wish, "%ld%s", n, ever ? "+" : "");
	setenv("LEPTON_FAIL_ALLOC", wish, 1);
	(void)lepton__alloc_calls();
}

static long end_alloc(void)
{
	unsetenv("LEPTON_FAIL_ALLOC");
	return lepton__alloc_calls();
}

static void each_allocation_fails(void **state)
{
	(void)state;
	each_in_turn(&(const struct source){"allocations", begin_alloc, end_alloc}, 1);
}
#endif

static int make(void **state)
{
	(void)state;
	snprintf(
		base, sizeof base, "%s/lepton-faults-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(base))
		return -1;
	snprintf(dir, sizeof dir, "%s/store", base);
	script_make(&script, EPOCHS);
	kept = calloc(script.count, sizeof *kept);
	alarm(PATIENCE);
	return kept ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	free(kept);
	script_free(&script);
	remove_tree(base);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_fails),
		cmocka_unit_test(each_allocation_of_sqlite_fails),
#ifdef LEPTON_ERROR_INJECTION
		cmocka_unit_test(each_allocation_fails),
#endif
	};
	return watch_memory() ? cmocka_run_group_tests(tests, make, drop) : 1;
}
