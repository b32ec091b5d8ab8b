/* tests/disk_parts.h - what the recording of a disk's calls (disk.c) and the making of images (disk_image.c)
 * share. */
#ifndef LEPTON_TESTS_DISK_PARTS_H
#define LEPTON_TESTS_DISK_PARTS_H

#include "disk.h"

#define FILES_MAX 4096
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

struct tape {
	struct call *calls;
	size_t count, capacity;
	size_t *flushes;
	size_t flush_count, flush_capacity;
};
extern struct tape tape;

/* ---- what is on it ---- */

struct disk_file {
	uint8_t *safe, *now; /* as last flushed; as programs see it */
	int64_t safe_size, now_size;
	size_t *since; /* places of the calls since it was flushed */
	size_t since_count, since_capacity;
};

struct disk_name {
	char *path;
	int safe, now; /* the file it stands for, FOLDER or NOTHING */
};

struct disk {
	struct disk_file *files[FILES_MAX];
	int file_count;
	struct disk_name names[FILES_MAX];
	int name_count;
};

extern char disk_root[256];

void *must(void *memory); /* or the test ends */
void grow(void *array, size_t *capacity, size_t needed, size_t element);
struct disk_name *name_of(struct disk *disk, const char *path); /* made where there is none */
void free_disk(struct disk *disk);
void put_bytes(uint8_t **to, int64_t *size, const uint8_t *bytes, int64_t count, int64_t at);
void do_to(uint8_t **to, int64_t *size, const struct call *call); /* a write or a truncation */
void do_call(struct disk *disk, const struct call *call, size_t place);

#endif
