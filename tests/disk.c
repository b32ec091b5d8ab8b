/* tests/disk.c - see disk.h.
 *
 * As SQLite tests loss of power (its test_vfs and crash tests), but with the names too: of each file the bytes that were
 * flushed and the writes since, of each name what it stood for when its folder was flushed and what it stands for now.
 * POSIX promises no more than that. A write that was not flushed damages no bytes but its own (SQLite's "powersafe
 * overwrite", which is its default).
 */
#include "disk.h"
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

#define SECTOR 512
#define FILES_MAX 4096
#define DESCRIPTORS 256
#define FOLDER (-2) /* what a folder's name stands for */
#define NOTHING (-1)

/* ---- what was done ---- */

enum kind { MAKE, MAKE_FOLDER, WRITE, CUT, FLUSH, FLUSH_FOLDER, RENAME, REMOVE };

struct call {
	enum kind kind;
	int file;
	int64_t at, size;
	char *path, *other;
	uint8_t *bytes;
};

static struct {
	struct call *calls;
	size_t count, capacity;
	size_t *flushes;
	size_t flush_count, flush_capacity;
} tape;

/* ---- what is on it ---- */

struct file {
	uint8_t *safe, *now; /* as last flushed; as programs see it */
	int64_t safe_size, now_size;
	size_t *since; /* places of the calls since it was flushed */
	size_t since_count, since_capacity;
};

struct name {
	char *path;
	int safe, now; /* the file it stands for, FOLDER or NOTHING */
};

struct disk {
	struct file *files[FILES_MAX];
	int file_count;
	struct name names[FILES_MAX];
	int name_count;
};

static struct disk *live; /* as programs see it */
static char root[256];
static struct lepton__io real;
static struct {
	int file; /* FOLDER: of a folder; NOTHING: not below root */
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

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void grow(void *array, size_t *capacity, size_t needed, size_t element)
{
	if (needed <= *capacity)
		return;
	*capacity = needed * 2;
	*(void **)array = must(realloc(*(void **)array, *capacity * element));
}

static struct name *name_of(struct disk *disk, const char *path)
{
	for (int i = 0; i < disk->name_count; i++)
		if (strcmp(disk->names[i].path, path) == 0)
			return &disk->names[i];
	assert_true(disk->name_count < FILES_MAX);
	disk->names[disk->name_count] = (struct name){must(strdup(path)), NOTHING, NOTHING};
	return &disk->names[disk->name_count++];
}

static void free_disk(struct disk *disk)
{
	for (int i = 0; disk && i < disk->file_count; i++) {
		free(disk->files[i]->safe);
		free(disk->files[i]->now);
		free(disk->files[i]->since);
		free(disk->files[i]);
	}
	for (int i = 0; disk && i < disk->name_count; i++)
		free(disk->names[i].path);
	free(disk);
}

/* ---- one call, done to it ---- */

static void put_bytes(uint8_t **to, int64_t *size, const uint8_t *bytes, int64_t count, int64_t at)
{
	if (at + count > *size) {
		*to = must(realloc(*to, (size_t)(at + count) + 1));
		memset(*to + *size, 0, (size_t)(at + count - *size));
		*size = at + count;
	}
	memcpy(*to + at, bytes, (size_t)count);
}

static void cut(uint8_t **to, int64_t *size, int64_t wanted)
{
	if (wanted < *size)
		*size = wanted;
	else
		put_bytes(to, size, (const uint8_t *)"", 0, wanted);
}

static void do_to(uint8_t **to, int64_t *size, const struct call *call)
{
	if (call->kind == WRITE)
		put_bytes(to, size, call->bytes, call->size, call->at);
	else
		cut(to, size, call->size);
}

static void flush(struct file *file)
{
	file->safe = must(realloc(file->safe, (size_t)file->now_size + 1));
	if (file->now_size)
		memcpy(file->safe, file->now, (size_t)file->now_size);
	file->safe_size = file->now_size;
	file->since_count = 0;
}

static bool is_in(const char *path, const char *folder)
{
	size_t length = strlen(folder);
	return strncmp(path, folder, length) == 0 && path[length] == '/' && !strchr(path + length + 1, '/');
}

static void flush_folder(struct disk *disk, const char *folder)
{
	for (int i = 0; i < disk->name_count; i++)
		if (is_in(disk->names[i].path, folder))
			disk->names[i].safe = disk->names[i].now;
}

static void change(struct disk *disk, const struct call *call, size_t place)
{
	struct file *file = disk->files[call->file];
	do_to(&file->now, &file->now_size, call);
	grow(&file->since, &file->since_capacity, file->since_count + 1, sizeof *file->since);
	file->since[file->since_count++] = place;
}

static void do_call(struct disk *disk, const struct call *call, size_t place)
{
	switch (call->kind) {
	case MAKE:
		assert_true(disk->file_count < FILES_MAX);
		disk->files[disk->file_count] = must(calloc(1, sizeof(struct file)));
		name_of(disk, call->path)->now = disk->file_count++;
		break;
	case MAKE_FOLDER:
		name_of(disk, call->path)->now = FOLDER;
		break;
	case WRITE:
	case CUT:
		change(disk, call, place);
		break;
	case FLUSH:
		flush(disk->files[call->file]);
		break;
	case FLUSH_FOLDER:
		flush_folder(disk, call->path);
		break;
	case RENAME:
		name_of(disk, call->other)->now = name_of(disk, call->path)->now;
		/* fallthrough */
	case REMOVE:
		name_of(disk, call->path)->now = NOTHING;
		break;
	}
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
	size_t length = strlen(root);
	bool inside = strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == '\0');
	return inside ? path : NULL;
}

static int tape_open(const char *path, int flags, mode_t mode)
{
	int fd = is_dead() && (flags & O_CREAT) ? -1 : real.open(path, flags, mode);
	const char *slash = strrchr(root, '/');
	bool parent = slash && strlen(path) == (size_t)(slash - root) && strncmp(path, root, (size_t)(slash - root)) == 0;
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
		record((struct call){WRITE, open_as[fd].file, open_as[fd].at, put, NULL, NULL, (uint8_t *)(uintptr_t)bytes});
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
		record((struct call){.kind = RENAME, .path = (char *)(uintptr_t)from, .other = (char *)(uintptr_t)to});
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

static char unflushed[256]; /* a new journal or WAL: SQLite flushes its folder with the file, the first time */

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
	bool changes = io->call == LEPTON__DB_WRITE || io->call == LEPTON__DB_TRUNCATE || io->call == LEPTON__DB_SYNC ||
		       io->call == LEPTON__DB_DELETE || io->call == LEPTON__DB_OPEN;
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
		record((struct call){WRITE, file, io->at, io->size, NULL, NULL, (uint8_t *)(uintptr_t)io->bytes});
	else if (file >= 0 && io->call == LEPTON__DB_TRUNCATE)
		record((struct call){.kind = CUT, .file = file, .size = io->size});
	else if (file >= 0 && io->call == LEPTON__DB_SYNC)
		sync_database(io, file);
	return 0;
}

void disk_record(const char *path)
{
	snprintf(root, sizeof root, "%s", path);
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

/* ---- what is found afterwards ---- */

static uint32_t chance;

static uint32_t draw(uint32_t below_this)
{
	chance = chance * 1664525u + 1013904223u;
	return (chance >> 8) % below_this;
}

static void garble(uint8_t **bytes, int64_t *size, const struct call *call)
{
	for (int64_t at = 0; at < call->size;) {
		int64_t length = SECTOR - (call->at + at) % SECTOR;
		uint8_t sector[SECTOR];
		uint32_t fate = draw(3); /* 0: the old stays */
		if (length > call->size - at)
			length = call->size - at;
		memcpy(sector, call->bytes + at, (size_t)length);
		for (int64_t i = 0; fate == 2 && i < length; i++)
			sector[i] = (uint8_t)draw(256);
		if (fate)
			put_bytes(bytes, size, sector, length, call->at + at);
		at += length;
	}
}

static void save(const char *path, const uint8_t *bytes, int64_t size)
{
	FILE *out = fopen(path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(size ? bytes : (const uint8_t *)"", 1, (size_t)size, out), size);
	assert_int_equal(fclose(out), 0);
}

static void save_file(const struct file *file, enum disk_loss loss, const char *path)
{
	if (loss == DISK_KEPT) {
		save(path, file->now, file->now_size);
		return;
	}
	int64_t size = file->safe_size;
	uint8_t *bytes = must(malloc((size_t)size + 1));
	if (size)
		memcpy(bytes, file->safe, (size_t)size);
	for (size_t i = 0; i < file->since_count && loss != DISK_DROPPED; i++) {
		const struct call *call = &tape.calls[file->since[i]];
		if (loss == DISK_GARBLED && call->kind == WRITE)
			garble(&bytes, &size, call);
		else if (draw(2))
			do_to(&bytes, &size, call);
	}
	save(path, bytes, size);
	free(bytes);
}

/* Names come in the order they were first used in, so that a folder's is before those in it. */
static void save_name(const struct disk *disk, const struct name *name, enum disk_loss loss, const char *target)
{
	char path[512], *slash;
	int file = loss == DISK_KEPT || (loss != DISK_DROPPED && draw(2)) ? name->now : name->safe;
	snprintf(path, sizeof path, "%s%s", target, name->path + strlen(root));
	slash = strrchr(path, '/');
	*slash = '\0';
	bool lost = access(path, F_OK) != 0; /* with its folder */
	*slash = '/';
	if (lost || file == NOTHING)
		return;
	if (file == FOLDER)
		assert_int_equal(mkdir(path, 0700), 0);
	else
		save_file(disk->files[file], loss, path);
}

void disk_print(size_t calls)
{
	static const char *const kinds[] = {"make", "make folder", "write", "cut", "flush", "flush folder", "rename", "remove"};
	for (size_t i = 0; i < calls; i++) {
		const struct call *c = &tape.calls[i];
		print_message("%4zu %-12s file %d at %lld size %lld %s %s\n", i, kinds[c->kind], c->file, (long long)c->at, (long long)c->size,
			c->path ? c->path : "", c->other ? c->other : "");
	}
}

void disk_image(size_t calls, enum disk_loss loss, uint32_t seed, const char *target)
{
	struct disk *disk = must(calloc(1, sizeof *disk));
	chance = seed;
	for (size_t i = 0; i < calls; i++)
		do_call(disk, &tape.calls[i], i);
	for (int i = 0; i < disk->name_count; i++)
		save_name(disk, &disk->names[i], loss, target);
	free_disk(disk);
}

void remove_tree(const char *path)
{
	struct dirent *entry;
	DIR *listing = opendir(path);
	while (listing && (entry = readdir(listing))) {
		char inner[1024];
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
		if (unlink(inner))
			remove_tree(inner);
	}
	if (listing)
		closedir(listing);
	rmdir(path);
}
