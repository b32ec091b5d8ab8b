/* tests/disk.c - see disk.h.
 *
 * As SQLite tests loss of power (its test_vfs and crash tests), but with the names too: of each file the
 * bytes that were flushed and the writes since, of each name what it stood for when its folder was flushed
 * and what it stands for now. POSIX promises no more than that. A write that was not flushed damages no bytes
 * but its own (SQLite's "powersafe overwrite", which is its default).
 */
#include "disk_parts.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define DESCRIPTORS 256

struct tape tape;
char disk_root[256];
static struct disk *live; /* as programs see it */
static struct lepton__io real;
static struct {
	int file; /* FOLDER: of a folder; NOTHING: not below disk_root */
	int64_t at;
	char *path;
} open_as[DESCRIPTORS];

static size_t last_breath = SIZE_MAX; /* calls that come to the disk */

static bool is_dead(void)
{
	if (tape.count >= last_breath)
		errno = EIO;
	return tape.count >= last_breath;
}

static void record(struct call call)
{
	call.path = call.path ? must(strdup(call.path)) : NULL;
	call.other = call.other ? must(strdup(call.other)) : NULL;
	if (call.kind == WRITE) {
		const uint8_t *bytes = call.bytes;
		call.bytes = must(malloc((size_t)call.size + 1));
		memcpy(call.bytes, bytes, (size_t)call.size);
	}
	if (call.kind == FLUSH || call.kind == FLUSH_FOLDER) {
		grow(&tape.flushes, &tape.flush_capacity, tape.flush_count + 1, sizeof *tape.flushes);
		tape.flushes[tape.flush_count++] = tape.count;
	}
	grow(&tape.calls, &tape.capacity, tape.count + 1, sizeof *tape.calls);
	tape.calls[tape.count] = call;
	do_call(live, &tape.calls[tape.count], tape.count);
	tape.count++;
}

/* ---- the calls of lepton__io, recorded ---- */

/* The path below root's parent ("" and NULL: not there), so that root's own name can be lost too. */
static const char *below(const char *path)
{
	size_t length = strlen(disk_root);
	bool inside = strncmp(path, disk_root, length) == 0 && (path[length] == '/' || path[length] == '\0');
	return inside ? path : NULL;
}

static int tape_open(const char *path, int flags, mode_t mode)
{
	int fd = is_dead() && (flags & O_CREAT) ? -1 : real.open(path, flags, mode);
	const char *slash = strrchr(disk_root, '/');
	bool parent = slash && strlen(path) == (size_t)(slash - disk_root) &&
		      strncmp(path, disk_root, (size_t)(slash - disk_root)) == 0;
	if (fd < 0 || fd >= DESCRIPTORS)
		return fd;
	open_as[fd].file = NOTHING;
	open_as[fd].at = 0;
	if (!below(path) && !parent)
		return fd;
	if (!parent && (flags & O_CREAT) && name_of(live, path)->now == NOTHING)
		record((struct call){.kind = MAKE, .path = (char *)(uintptr_t)path});
	open_as[fd].file = parent ? FOLDER : name_of(live, path)->now;
	free(open_as[fd].path);
	open_as[fd].path = must(strdup(path));
	return fd;
}

static bool tracked(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS && open_as[fd].file >= 0;
}

static ssize_t tape_write(int fd, const void *bytes, size_t size)
{
	ssize_t put = is_dead() ? -1 : real.write(fd, bytes, size);
	if (put > 0 && tracked(fd)) {
		record((struct call){WRITE, open_as[fd].file, open_as[fd].at, put, NULL, NULL,
			(uint8_t *)(uintptr_t)bytes});
		open_as[fd].at += put;
	}
	return put;
}

static int tape_ftruncate(int fd, off_t size)
{
	if (is_dead())
		return -1;
	if (tracked(fd))
		record((struct call){.kind = CUT, .file = open_as[fd].file, .size = size});
	return real.ftruncate(fd, size);
}

/* The real disk is not bothered: what is safe is known here. */
static int tape_fsync(int fd)
{
	if (is_dead())
		return -1;
	if (tracked(fd))
		record((struct call){.kind = FLUSH, .file = open_as[fd].file});
	else if (fd >= 0 && fd < DESCRIPTORS && open_as[fd].file == FOLDER)
		record((struct call){.kind = FLUSH_FOLDER, .path = open_as[fd].path});
	return 0;
}

static int tape_close(int fd)
{
	if (fd >= 0 && fd < DESCRIPTORS)
		open_as[fd].file = NOTHING;
	return real.close(fd);
}

static int tape_rename(const char *from, const char *to)
{
	int code = is_dead() ? -1 : real.rename(from, to);
	if (!code && below(from))
		record((struct call){
			.kind = RENAME, .path = (char *)(uintptr_t)from, .other = (char *)(uintptr_t)to});
	return code;
}

static int tape_unlink(const char *path)
{
	int code = is_dead() ? -1 : real.unlink(path);
	if (!code && below(path))
		record((struct call){.kind = REMOVE, .path = (char *)(uintptr_t)path});
	return code;
}

static int tape_mkdir(const char *path, mode_t mode)
{
	int code = is_dead() ? -1 : real.mkdir(path, mode);
	if (!code && below(path))
		record((struct call){.kind = MAKE_FOLDER, .path = (char *)(uintptr_t)path});
	return code;
}

static int tape_rmdir(const char *path)
{
	int code = is_dead() ? -1 : real.rmdir(path);
	if (!code && below(path))
		record((struct call){.kind = REMOVE, .path = (char *)(uintptr_t)path});
	return code;
}

/* ---- and SQLite's ---- */

static char
	unflushed[256]; /* a new journal or WAL: SQLite flushes its folder with the file, the first time */

static void record_folder_of(const char *path)
{
	char folder[256];
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
	record((struct call){.kind = FLUSH_FOLDER, .path = folder});
}

static void open_database(const struct lepton__db_io *io)
{
	if ((io->flags & SQLITE_OPEN_CREATE) && name_of(live, io->path)->now == NOTHING) {
		record((struct call){.kind = MAKE, .path = (char *)(uintptr_t)io->path});
		if (io->flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL))
			snprintf(unflushed, sizeof unflushed, "%s", io->path);
	}
}

static void sync_database(const struct lepton__db_io *io, int file)
{
	record((struct call){.kind = FLUSH, .file = file});
	if (strcmp(unflushed, io->path) != 0)
		return;
	record_folder_of(io->path);
	*unflushed = '\0';
}

static void delete_database(const struct lepton__db_io *io)
{
	if (name_of(live, io->path)->now == NOTHING)
		return;
	record((struct call){.kind = REMOVE, .path = (char *)(uintptr_t)io->path});
	if (io->size)
		record_folder_of(io->path);
}

static int tape_database(const struct lepton__db_io *io)
{
	bool changes = io->call == LEPTON__DB_WRITE || io->call == LEPTON__DB_TRUNCATE ||
		       io->call == LEPTON__DB_SYNC || io->call == LEPTON__DB_DELETE ||
		       io->call == LEPTON__DB_OPEN;
	if (changes && is_dead())
		return -1;
	if (!below(io->path))
		return 0;
	int file = name_of(live, io->path)->now;
	if (io->call == LEPTON__DB_OPEN)
		open_database(io);
	else if (io->call == LEPTON__DB_DELETE)
		delete_database(io);
	else if (file >= 0 && io->call == LEPTON__DB_WRITE)
		record((struct call){
			WRITE, file, io->at, io->size, NULL, NULL, (uint8_t *)(uintptr_t)io->bytes});
	else if (file >= 0 && io->call == LEPTON__DB_TRUNCATE)
		record((struct call){.kind = CUT, .file = file, .size = io->size});
	else if (file >= 0 && io->call == LEPTON__DB_SYNC)
		sync_database(io, file);
	return 0;
}

void disk_record(const char *path)
{
	snprintf(disk_root, sizeof disk_root, "%s", path);
	if (!live)
		live = must(calloc(1, sizeof *live));
	for (int i = 0; i < DESCRIPTORS; i++)
		open_as[i].file = NOTHING;
	real = lepton__io;
	lepton__io.open = tape_open;
	lepton__io.write = tape_write;
	lepton__io.fsync = tape_fsync;
	lepton__io.close = tape_close;
	lepton__io.rename = tape_rename;
	lepton__io.unlink = tape_unlink;
	lepton__io.mkdir = tape_mkdir;
	lepton__io.rmdir = tape_rmdir;
	lepton__io.ftruncate = tape_ftruncate;
	lepton__io.database = tape_database;
}

void disk_stop(void)
{
	lepton__io = real;
}

void disk_kill(size_t calls)
{
	last_breath = calls;
}

void disk_revive(void)
{
	last_breath = SIZE_MAX;
}

void disk_forget(void)
{
	for (size_t i = 0; i < tape.count; i++) {
		free(tape.calls[i].path);
		free(tape.calls[i].other);
		free(tape.calls[i].bytes);
	}
	free(tape.calls);
	free(tape.flushes);
	memset(&tape, 0, sizeof tape);
	free_disk(live);
	live = NULL;
	for (int i = 0; i < DESCRIPTORS; i++) {
		free(open_as[i].path);
		open_as[i].path = NULL;
	}
}

size_t disk_calls(void)
{
	return tape.count;
}

size_t disk_flushes(void)
{
	return tape.flush_count;
}

size_t disk_flush(size_t n)
{
	return tape.flushes[n];
}
