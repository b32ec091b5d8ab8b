/* base/io.c - the system calls themselves, and under --enable-error-injection the one that is to fail.
 *
 * SQLite's way of testing I/O: the calls are counted, the N-th fails, once or for ever, and a test walks N
 * over all of them.
 */
#include "config.h"
#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#ifdef LEPTON_ERROR_INJECTION
#include "base/memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static atomic_long calls;

static int named_error(const char *name)
{
	static const struct {
		const char *name;
		int code;
	} errors[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EROFS", EROFS},
		{"EACCES", EACCES}, {"EMFILE", EMFILE}, {"ENOMEM", ENOMEM}, {"EINTR", EINTR}};
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].code;
	return EIO;
}

/* True, with errno set, when this call is the one to fail. */
static bool injected_failure(void)
{
	const char *wish = getenv("LEPTON_FAIL_IO");
	if (!wish)
		return false;
	char *end;
	long n = strtol(wish, &end, 10), now = atomic_fetch_add(&calls, 1) + 1;
	bool for_ever = *end == '+', fails = n > 0 && (for_ever ? now >= n : now == n);
	end += for_ever;
	if (fails)
		errno = named_error(*end == ':' ? end + 1 : end);
	return fails;
}
/* How many there were, for a test that is to walk over all: into the file LEPTON_FAIL_COUNT. */
__attribute__((destructor)) static void tell_calls(void)
{
	const char *path = getenv("LEPTON_FAIL_COUNT");
	FILE *file = path ? fopen(path, "w") : NULL;
	if (!file)
		return;
	fprintf(file, "%ld %ld\n", atomic_load(&calls), lepton__alloc_calls());
	fclose(file);
}

#define INJECT(failure)                                                                                      \
	if (injected_failure())                                                                              \
	return failure
#else
#define INJECT(failure) (void)0
#endif

#define CALL(type, name, failure, parameters, arguments)                                                     \
	static type io_##name parameters                                                                     \
	{                                                                                                    \
		INJECT(failure);                                                                             \
		return name arguments;                                                                       \
	}

CALL(int, open, -1, (const char *path, int flags, mode_t mode), (path, flags, mode))
CALL(ssize_t, read, -1, (int fd, void *buffer, size_t size), (fd, buffer, size))
CALL(ssize_t, write, -1, (int fd, const void *buffer, size_t size), (fd, buffer, size))
CALL(int, fsync, -1, (int fd), (fd))
CALL(int, close, (close(fd), -1), (int fd), (fd)) /* a close that fails has closed all the same */
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

#ifdef LEPTON_ERROR_INJECTION
static int io_database(const struct lepton__db_io *io)
{
	(void)io;
	INJECT(-1);
	return 0;
}
#else
#define io_database NULL
#endif

struct lepton__io lepton__io = {
	.open = io_open,
	.read = io_read,
	.write = io_write,
	.fsync = io_fsync,
	.close = io_close,
	.rename = io_rename,
	.unlink = io_unlink,
	.mkdir = io_mkdir,
	.rmdir = io_rmdir,
	.stat = io_stat,
	.chmod = io_chmod,
	.ftruncate = io_ftruncate,
	.flock = io_flock,
	.opendir = io_opendir,
	.readdir = io_readdir,
	.database = io_database,
};
