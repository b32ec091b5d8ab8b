/* store/lock.c - one writer: a file locked with flock, the holder's pid in it.
 *
 * The kernel drops the lock when the holder dies, however it dies, so a stale lock cannot be; the pid
 * is only there to be told to a second writer.
 */
#include "config.h"
#include "store/store_parts.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int busy(struct lepton_store *store, int fd, struct lepton_error *err)
{
	char pid[32] = "";
	ssize_t got = lepton__io.read(fd, pid, sizeof pid - 1);
	pid[got > 0 ? got : 0] = '\0';
	pid[strcspn(pid, "\n")] = '\0';
	return lepton_error_set(err, LEPTON_E_BUSY,
		"store %s is in use by process %s: `lepton-tui --attach` joins a run there; or use another "
		"--store",
		store->dir, *pid ? pid : "(unknown)");
}

static int write_pid(struct lepton_store *store, int fd, struct lepton_error *err)
{
	char pid[32];
	int size = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (lepton__io.ftruncate(fd, 0) || lepton__io.write(fd, pid, (size_t)size) != size)
		return lepton_error_set(
			err, LEPTON_E_IO, "cannot write %s/lock: %s", store->dir, strerror(errno));
	return LEPTON_OK;
}

int lepton__lock(struct lepton_store *store, struct lepton_error *err)
{
	char *path = lepton__path_join(store->dir, "lock");
	if (!path)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", store->dir);
	int fd = lepton__io.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int code = LEPTON_OK;
	if (fd < 0)
		code = lepton_error_set(
			err, LEPTON_E_IO, "cannot write to store %s: %s", store->dir, strerror(errno));
	else if (lepton__io.flock(fd, LOCK_EX | LOCK_NB))
		code = errno == EWOULDBLOCK ? busy(store, fd, err)
					    : lepton_error_set(err, LEPTON_E_IO, "cannot lock %s: %s", path,
						      strerror(errno));
	else
		code = write_pid(store, fd, err);
	lepton__free(path);
	if (code && fd >= 0)
		lepton__io.close(fd);
	else
		store->lock_fd = fd;
	return code;
}

bool lepton__lock_is_free(const struct lepton_store *store)
{
	char *path = lepton__path_join(store->dir, "lock");
	int fd = path ? lepton__io.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0) : -1;
	bool free = fd >= 0 && lepton__io.flock(fd, LOCK_SH | LOCK_NB) == 0;
	if (fd >= 0)
		lepton__io.close(fd);
	lepton__free(path);
	return store->lock_fd >= 0 || free;
}
