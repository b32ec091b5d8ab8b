/* net/socket.c - the socket in a store's folder.
 *
 * The name of a Unix socket has room for 107 bytes, a store's path may be longer: then the folder is opened
 * and the socket named through the descriptor (/proc/self/fd/N/socket). Who may connect is decided twice: by
 * the file's mode (given to the socket before it has a name, so that there is no moment at which it is
 * wider), and by the credentials that the kernel tells of the other side.
 */
#include "config.h"
#include "net/socket.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "socket"
#define BACKLOG 16

/* *folder: to be closed when the address is not needed any more; -1 for none. */
static int address_of(const char *dir, struct sockaddr_un *address, int *folder, struct lepton_error *err)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	*folder = -1;
	int size = snprintf(address->sun_path, sizeof address->sun_path, "%s/%s", dir, NAME);
	if (size >= 0 && (size_t)size < sizeof address->sun_path)
		return LEPTON_OK;
	*folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0)
		return lepton_error_set(err, errno == ENOENT ? LEPTON_E_NOTFOUND : LEPTON_E_IO,
			"cannot open folder %s: %s", dir, strerror(errno));
	snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", *folder, NAME);
	return LEPTON_OK;
}

static int new_socket(int *out, struct lepton_error *err)
{
	*out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return *out < 0 ? lepton_error_set(err, LEPTON_E_IO, "cannot make a socket: %s", strerror(errno))
			: LEPTON_OK;
}

int lepton__socket_listen(const char *dir, int *out, struct lepton_error *err)
{
	struct sockaddr_un address;
	int folder, fd = -1, code = address_of(dir, &address, &folder, err);
	if (!code)
		code = new_socket(&fd, err);
	if (!code && unlink(address.sun_path) && errno != ENOENT)
		code = lepton_error_set(
			err, LEPTON_E_IO, "cannot remove %s/%s: %s", dir, NAME, strerror(errno));
	if (!code && (fchmod(fd, 0600) || bind(fd, (struct sockaddr *)&address, sizeof address) ||
			     listen(fd, BACKLOG)))
		code = lepton_error_set(
			err, LEPTON_E_IO, "cannot listen at %s/%s: %s", dir, NAME, strerror(errno));
	if (folder >= 0)
		close(folder);
	if (code && fd >= 0)
		close(fd);
	*out = code ? -1 : fd;
	return code;
}

bool lepton__socket_ours(int fd, pid_t *pid)
{
	struct ucred other;
	socklen_t size = sizeof other;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &other, &size))
		return false;
	*pid = other.pid;
	return other.uid == geteuid() || other.uid == 0;
}

static int try_connect(
	int fd, const struct sockaddr_un *address, const char *dir, pid_t *pid, struct lepton_error *err)
{
	int failed;
	do
		failed = connect(fd, (const struct sockaddr *)address, sizeof *address);
	while (failed && errno == EINTR);
	if (failed && (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR))
		return lepton_error_set(err, LEPTON_E_NOTFOUND,
			"nothing trains in store %s: `lepton train SPEC --detach` or lepton-tui begins a run",
			dir);
	if (failed)
		return lepton_error_set(
			err, LEPTON_E_IO, "cannot reach the run in store %s: %s", dir, strerror(errno));
	return lepton__socket_ours(fd, pid)
		       ? LEPTON_OK
		       : lepton_error_set(err, LEPTON_E_IO, "the run in store %s is another user's", dir);
}

int lepton__socket_connect(const char *dir, int *out, pid_t *pid, struct lepton_error *err)
{
	struct sockaddr_un address;
	int folder, fd = -1, code = address_of(dir, &address, &folder, err);
	if (!code)
		code = new_socket(&fd, err);
	if (!code)
		code = try_connect(fd, &address, dir, pid, err);
	if (folder >= 0)
		close(folder);
	if (code && fd >= 0)
		close(fd);
	*out = code ? -1 : fd;
	return code;
}

void lepton__socket_remove(const char *dir)
{
	char *path = lepton__path_join(dir, NAME);
	if (path)
		unlink(path); /* one that stays is replaced by the next who listens */
	lepton__free(path);
}
