/* base/file.h - files, through one table of calls that tests can make fail.
 *
 * lepton__file_write is the only way the library makes a file: a temporary in the same folder, short
 * writes and EINTR looped over, fsync, close checked, rename, folder fsynced; unlinked on failure. A
 * failed fsync is a failure, never retried.
 */
#ifndef LEPTON_BASE_FILE_H
#define LEPTON_BASE_FILE_H

#include "base/io.h"
#include "lepton/error.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whole file into memory (heap, NUL behind it). LEPTON_E_IO; LEPTON_E_DATA when larger than max. */
int lepton__file_read(const char *path, size_t max, char **out, size_t *size, struct lepton_error *err) LEPTON_MUST_CHECK;
/* A link is followed. A pipe, a terminal or another character device, and our own standard output under any name, stay what
 * they are and are written straight into; opening a pipe waits for its reader. LEPTON_E_IO, LEPTON_E_NOMEM. */
int lepton__file_write(const char *path, const void *bytes, size_t size, mode_t mode, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Make a folder and its parents, their names flushed to disk; existing ones are fine. */
int lepton__make_dirs(const char *path, mode_t mode, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__sync_dir(const char *path, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton__sync_file(
	const char *path, struct lepton_error *err) LEPTON_MUST_CHECK; /* one not there is fine */
/* Flush the folder that path is in, and so path's name. One that may be written in but not read cannot be,
 * and is let be. */
int lepton__sync_name(const char *path, struct lepton_error *err) LEPTON_MUST_CHECK;
/* stat. LEPTON_E_NOTFOUND only where the system says just that, and in the least of words; else LEPTON_E_IO. */
int lepton__file_look(const char *path, struct stat *info, struct lepton_error *err) LEPTON_MUST_CHECK;
char *lepton__path_join(const char *folder, const char *name) LEPTON_MUST_CHECK; /* heap; NULL when out of memory */

#endif
