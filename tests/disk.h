/* tests/disk.h - a disk that can lose power: what is done to files below a folder is recorded, call by call,
 * and the folder can be made as it would be found had the power gone at any of the calls. One at a time, used
 * by one thread.
 */
#ifndef LEPTON_TESTS_DISK_H
#define LEPTON_TESTS_DISK_H

#include <stddef.h>
#include <stdint.h>

enum disk_loss {
	DISK_KEPT,    /* all that was written had come to the disk by itself: what SIGKILL leaves */
	DISK_DROPPED, /* nothing had that was not flushed: neither bytes nor names */
	DISK_MIXED,   /* of each write, truncation and name by chance all or nothing, in no order */
	DISK_GARBLED, /* and of each 512 bytes of a write by chance the old, the new, or noise */
	DISK_LOSSES
};

/* From now on. `root` must not be there yet. */
void disk_record(const char *root);
/* The calls as they were before; what was recorded stays until disk_forget. */
void disk_stop(void);
void disk_forget(void);

/* After so many calls nothing comes to the disk any more, as if the program had been killed, until
 * disk_revive. */
void disk_kill(size_t calls);
void disk_revive(void);

/* How many calls that change anything, and flushes, were recorded so far. */
size_t disk_calls(void);
size_t disk_flushes(void);
size_t disk_flush(size_t n); /* the n-th flush's place among the calls */

/* `root`, as after the first `calls` calls, into the folder `target`, which must not be there. */
void disk_image(size_t calls, enum disk_loss loss, uint32_t seed, const char *target);

void disk_print(size_t calls); /* what was recorded, for who looks into a failure */

void remove_tree(const char *path); /* a folder and all in it; nothing there is fine */

#endif
