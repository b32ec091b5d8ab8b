/* base/file.c - whole files in, whole files out.
 *
 * A file is written beside its target and renamed over it, so a reader or a crash sees the old one
 * or the new one. That is for files only: a pipe, a terminal or /dev/stdout would be gone then, so these are
 * written into as they are. Every call goes through lepton__io, which tests replace (io.c).
 */
#include "config.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* errno's text is read before anything else can change it. */
static int failed(struct lepton_error *err, const char *operation, const char *path)
{
	int code = errno;
	return lepton_error_set(err, LEPTON_E_IO, "cannot %s %s: %s", operation, path, strerror(code));
}

static int read_all(int fd, const char *path, size_t max, char **out, size_t *size, struct lepton_error *err)
{
	char *data = NULL;
	size_t used = 0, capacity = 0;
	for (;;) {
		if (lepton__grow(&data, &capacity, used + 65536 + 1, 1)) {
			lepton__free(data);
			return lepton_error_set(
				err, LEPTON_E_NOMEM, "%s: out of memory after %zu bytes", path, used);
		}
		ssize_t got = lepton__io.read(fd, data + used, capacity - used - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int code = failed(err, "read", path);
			lepton__free(data);
			return code;
		}
		if (got == 0)
			break;
		used += (size_t)got;
		if (used > max) {
			lepton__free(data);
			return lepton_error_set(
				err, LEPTON_E_DATA, "%s: larger than the %zu bytes allowed here", path, max);
		}
	}
	data[used] = '\0';
	*out = data;
	*size = used;
	return LEPTON_OK;
}

int lepton__file_read(const char *path, size_t max, char **out, size_t *size, struct lepton_error *err)
{
	int fd = lepton__io.open(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return failed(err, "open", path);
	int code = read_all(fd, path, max, out, size, err);
	lepton__io.close(fd); /* nothing was written, so its result says nothing */
	return code;
}

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t put = lepton__io.write(fd, bytes, size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -1;
		bytes += put;
		size -= (size_t)put;
	}
	return 0;
}

/* Write, flush to the disk and close; on failure *operation says which. */
static int fill(int fd, const void *bytes, size_t size, const char **operation)
{
	*operation = "write";
	bool bad = write_all(fd, bytes, size) != 0;
	if (!bad) {
		*operation = "flush to disk";
		bad = lepton__io.fsync(fd) != 0;
	}
	int saved = errno;
	if (lepton__io.close(fd) && !bad) {
		*operation = "close";
		return -1;
	}
	errno = saved;
	return bad ? -1 : 0;
}

/* fd is closed. */
static int sync_open(int fd, const char *path, struct lepton_error *err)
{
	int code = lepton__io.fsync(fd) ? failed(err, "flush to disk", path) : LEPTON_OK;
	lepton__io.close(fd);
	return code;
}

int lepton__sync_dir(const char *path, struct lepton_error *err)
{
	int fd = lepton__io.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	return fd < 0 ? failed(err, "open folder", path) : sync_open(fd, path, err);
}

/* The folder part of a path, heap: "." when it has none. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return lepton__strdup(".");
	return slash == path ? lepton__strdup("/") : lepton__strndup(path, (size_t)(slash - path));
}

int lepton__sync_file(const char *path, struct lepton_error *err)
{
	int fd = lepton__io.open(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return errno == ENOENT ? LEPTON_OK : failed(err, "open", path);
	return sync_open(fd, path, err);
}

int lepton__file_look(const char *path, struct stat *info, struct lepton_error *err)
{
	if (lepton__io.stat(path, info) == 0)
		return LEPTON_OK;
	if (errno == ENOENT || errno == ENOTDIR)
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "there is no %s", path);
	return failed(err, "look at", path);
}

int lepton__sync_name(const char *path, struct lepton_error *err)
{
	char *folder = folder_of(path);
	if (!folder)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory flushing %s", path);
	int fd = lepton__io.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), code = LEPTON_OK;
	if (fd >= 0)
		code = sync_open(fd, folder, err);
	else if (errno != EACCES)
		code = failed(err, "open folder", folder);
	lepton__free(folder);
	return code;
}

static int write_temporary(const char *temporary, const char *path, const void *bytes, size_t size,
	mode_t mode, struct lepton_error *err)
{
	const char *operation;
	int fd = lepton__io.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return failed(err, "create", path);
	int code = LEPTON_OK;
	if (fill(fd, bytes, size, &operation))
		code = failed(err, operation, path);
	else if (lepton__io.rename(temporary, path))
		code = failed(err, "rename into place", path);
	if (code)
		unlink(temporary); /* not through the table: clean-up must not be the call that fails */
	return code;
}

/* A new file, or one in place of the regular file that is there. */
static int write_anew(const char *path, const void *bytes, size_t size, mode_t mode, struct lepton_error *err)
{
	static int serial; /* tells apart temporaries of one process */
	int number = __atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED);
	char *temporary = lepton__format("%s.%ld-%d.tmp", path, (long)getpid(), number);
	char *folder = folder_of(path);
	int code;
	if (!temporary || !folder)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory writing %s", path);
	else
		code = write_temporary(temporary, path, bytes, size, mode, err);
	if (!code)
		code = lepton__sync_dir(folder, err);
	lepton__free(temporary);
	lepton__free(folder);
	return code;
}

/* Into what stays what it is. `out` is closed. */
static int write_into(int out, const char *path, const void *bytes, size_t size, struct lepton_error *err)
{
	if (out < 0)
		return failed(err, "open", path);
	bool bad = write_all(out, bytes, size) != 0;
	int saved = errno;
	bool unclosed = lepton__io.close(out) != 0;
	if (bad)
		errno = saved;
	return bad || unclosed ? failed(err, bad ? "write" : "close", path) : LEPTON_OK;
}

static bool is_standard_output(const struct stat *info)
{
	struct stat output;
	return fstat(STDOUT_FILENO, &output) == 0 && output.st_dev == info->st_dev &&
	       output.st_ino == info->st_ino;
}

int lepton__file_write(
	const char *path, const void *bytes, size_t size, mode_t mode, struct lepton_error *err)
{
	struct stat info;
	char real[PATH_MAX];
	if (lepton__io.stat(path, &info)) {
		bool dangling = errno == ENOENT && lstat(path, &info) == 0;
		return dangling ? lepton_error_set(err, LEPTON_E_IO,
					  "cannot write %s: a link to what is not there; remove the link",
					  path)
				: write_anew(path, bytes, size, mode, err);
	}
	if (is_standard_output(&info)) /* whatever it is, and wherever in it the last output ended */
		return write_into(dup(STDOUT_FILENO), path, bytes, size, err);
	if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode))
		return write_into(
			lepton__io.open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC, 0), path, bytes, size, err);
	if (!S_ISREG(info.st_mode))
		return lepton_error_set(err, LEPTON_E_IO, "cannot write %s: %s; name a file", path,
			S_ISDIR(info.st_mode) ? "it is a folder" : "it is no file, pipe or terminal");
	/* Of a link the file behind it is replaced, and the link stays. */
	return realpath(path, real) ? write_anew(real, bytes, size, mode, err) : failed(err, "follow", path);
}

static int make_one(const char *path, mode_t mode, struct lepton_error *err)
{
	struct stat info;
	if (lepton__io.mkdir(path, mode) == 0) {
		int code = lepton__sync_name(path, err);
		if (code)
			lepton__io.rmdir(path); /* or the next to want it would take its name for flushed */
		return code;
	}
	int saved = errno;
	if (saved == EEXIST && lepton__io.stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		return LEPTON_OK;
	errno = saved == EEXIST ? ENOTDIR : saved;
	return failed(err, "make folder", path);
}

int lepton__make_dirs(const char *path, mode_t mode, struct lepton_error *err)
{
	char *copy = lepton__strdup(path);
	if (!copy)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory making folder %s", path);
	int code = LEPTON_OK;
	for (char *slash = strchr(copy + (*copy == '/'), '/'); slash && !code;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		code = make_one(copy, mode, err);
		*slash = '/';
	}
	if (!code)
		code = make_one(copy, mode, err);
	lepton__free(copy);
	return code;
}

char *lepton__path_join(const char *folder, const char *name)
{
	size_t length = strlen(folder);
	bool has_slash = length > 0 && folder[length - 1] == '/';
	return lepton__format("%s%s%s", folder, has_slash ? "" : "/", name);
}
