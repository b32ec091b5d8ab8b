/* net/socket.h - the socket in a store's folder. */
#ifndef LEPTON_NET_SOCKET_H
#define LEPTON_NET_SOCKET_H

#include "lepton/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* A listening descriptor (not blocking) at DIR/socket, mode 0600, in place of what was there. LEPTON_E_IO. */
int lepton__socket_listen(const char *dir, int *out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* LEPTON_E_NOTFOUND when nothing listens; LEPTON_E_IO, also when it is another user's. */
int lepton__socket_connect(const char *dir, int *out, pid_t *pid, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Is the other side ours: the same user, or root? And its process. */
bool lepton__socket_ours(int fd, pid_t *pid);
void lepton__socket_remove(const char *dir);

#endif
