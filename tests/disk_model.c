/* tests/disk_model.c - a disk's files and names, and what one call does to them; see disk.c. */
#include "disk_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

void grow(void *array, size_t *capacity, size_t needed, size_t element)
{
	if (needed <= *capacity)
		return;
	*capacity = needed * 2;
	*(void **)array = must(realloc(*(void **)array, *capacity * element));
}

struct disk_name *name_of(struct disk *disk, const char *path)
{
	for (int i = 0; i < disk->name_count; i++)
		if (strcmp(disk->names[i].path, path) == 0)
			return &disk->names[i];
	assert_true(disk->name_count < FILES_MAX);
	disk->names[disk->name_count] = (struct disk_name){must(strdup(path)), NOTHING, NOTHING};
	return &disk->names[disk->name_count++];
}

void free_disk(struct disk *disk)
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

void put_bytes(uint8_t **to, int64_t *size, const uint8_t *bytes, int64_t count, int64_t at)
{
	if (at + count > *size) {
		*to = must(realloc(*to, (size_t)(at + count) + 1));
		memset(*to + *size, 0, (size_t)(at + count - *size));
		*size = at + count;
	}
	if (count)
		memcpy(*to + at, bytes, (size_t)count);
}

static void cut(uint8_t **to, int64_t *size, int64_t wanted)
{
	if (wanted < *size)
		*size = wanted;
	else
		put_bytes(to, size, (const uint8_t *)"", 0, wanted);
}

void do_to(uint8_t **to, int64_t *size, const struct call *call)
{
	if (call->kind == WRITE)
		put_bytes(to, size, call->bytes, call->size, call->at);
	else
		cut(to, size, call->size);
}

static void flush(struct disk_file *file)
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
	struct disk_file *file = disk->files[call->file];
	do_to(&file->now, &file->now_size, call);
	grow(&file->since, &file->since_capacity, file->since_count + 1, sizeof *file->since);
	file->since[file->since_count++] = place;
}

void do_call(struct disk *disk, const struct call *call, size_t place)
{
	switch (call->kind) {
	case MAKE:
		assert_true(disk->file_count < FILES_MAX);
		disk->files[disk->file_count] = must(calloc(1, sizeof(struct disk_file)));
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
