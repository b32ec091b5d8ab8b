/* base/io.h - the table of system calls that files and folders are used by, which tests replace to make them
 * fail.
 *
 * With --enable-error-injection LEPTON_FAIL_IO=N makes the N-th call through the table fail with EIO (N+ all
 * from the N-th on; N:ENOSPC names the error: EIO, ENOSPC, EDQUOT, EROFS, EACCES, EMFILE, ENOMEM, EINTR).
 * SQLite's own calls are counted and fail with them: store/vfs.c asks `database` before each.
 */
#ifndef LEPTON_BASE_IO_H
#define LEPTON_BASE_IO_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum lepton__db_call {
	LEPTON__DB_OPEN,
	LEPTON__DB_READ,
	LEPTON__DB_WRITE,
	LEPTON__DB_TRUNCATE,
	LEPTON__DB_SYNC,
	LEPTON__DB_DELETE,
	LEPTON__DB_ACCESS,
	LEPTON__DB_SIZE,
	LEPTON__DB_LOCK,
	LEPTON__DB_SHARE, /* memory that processes have in common */
	LEPTON__DB_CALLS
};

struct lepton__db_io { /* what SQLite is about to do */
	enum lepton__db_call call;
	const char *path; /* "" for a temporary file */
	const void *bytes;
	int64_t size, at; /* of a TRUNCATE, the new length; of a DELETE, whether its folder is to be flushed
			     to disk */
	int flags;        /* of an OPEN, SQLite's */
};

struct lepton__io {
	int (*open)(const char *path, int flags, mode_t mode);
	ssize_t (*read)(int fd, void *buffer, size_t size);
	ssize_t (*write)(int fd, const void *buffer, size_t size);
	int (*fsync)(int fd);
	int (*close)(int fd);
	int (*rename)(const char *from, const char *to);
	int (*unlink)(const char *path);
	int (*mkdir)(const char *path, mode_t mode);
	int (*rmdir)(const char *path);
	int (*stat)(const char *path, struct stat *info);
	int (*chmod)(const char *path, mode_t mode);
	int (*ftruncate)(int fd, off_t size);
	int (*flock)(int fd, int operation);
	DIR *(*opendir)(const char *path);
	struct dirent *(*readdir)(DIR *folder); /* errno tells a failure from the end, as always */
	/* -1 with errno set: SQLite is told that it failed. NULL: nobody asks, and SQLite is not stood in the
	 * way of. */
	int (*database)(const struct lepton__db_io *io);
};
extern struct lepton__io lepton__io; /* the calls in use; tests replace members */

#endif
