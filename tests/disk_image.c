/* tests/disk_image.c - a recorded disk as it would be found had the power gone; see disk.c. */
#include "disk_parts.h"
#include "base/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SECTOR 512

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

static void save_file(const struct disk_file *file, enum disk_loss loss, const char *path)
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
static void save_name(
	const struct disk *disk, const struct disk_name *name, enum disk_loss loss, const char *target)
{
	char path[512], *slash;
	int file = loss == DISK_KEPT || (loss != DISK_DROPPED && draw(2)) ? name->now : name->safe;
	snprintf(path, sizeof path, "%s%s", target, name->path + strlen(disk_root));
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
	static const char *const kinds[] = {
		"make", "make folder", "write", "cut", "flush", "flush folder", "rename", "remove"};
	for (size_t i = 0; i < calls; i++) {
		const struct call *c = &tape.calls[i];
		print_message("%4zu %-12s file %d at %lld size %lld %s %s\n", i, kinds[c->kind], c->file,
			(long long)c->at, (long long)c->size, c->path ? c->path : "",
			c->other ? c->other : "");
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
