/* data_make.h - tiny idx data sets in a folder of their own, for the tests of the data room.
 *
 * Samples are numbered on through both parts: pixel i of sample s is (7 s + 13 i) mod 256, its label s mod 4.
 */
#ifndef DATA_MAKE_H
#define DATA_MAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lepton/data.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define ROWS 3
#define COLS 2
#define PIXELS (ROWS * COLS)
#define TRAIN 20
#define TEST 5
#define CLASSES 4

static const char *const make_files[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
	"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

struct bytes {
	uint8_t at[512];
	size_t size;
};

static inline uint8_t pixel_of(int sample, int i)
{
	return (uint8_t)(7 * sample + 13 * i);
}

static inline void put_u32(struct bytes *b, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		b->at[b->size++] = (uint8_t)(value >> shift);
}

/* The bytes of make_files[which]. */
static inline struct bytes idx_bytes(int which)
{
	struct bytes b = {.size = 0};
	int first = which < 2 ? 0 : TRAIN, count = which < 2 ? TRAIN : TEST;
	bool images = which % 2 == 0;
	put_u32(&b, images ? 0x803 : 0x801);
	put_u32(&b, (uint32_t)count);
	if (images) {
		put_u32(&b, ROWS);
		put_u32(&b, COLS);
	}
	for (int s = first; s < first + count; s++)
		for (int i = 0; i < (images ? PIXELS : 1); i++)
			b.at[b.size++] = images ? pixel_of(s, i) : (uint8_t)(s % CLASSES);
	return b;
}

static inline struct bytes gz_of(const struct bytes *plain)
{
	struct bytes b = {.size = 0};
	z_stream z = {.next_in = (Bytef *)(uintptr_t)plain->at, .avail_in = (uInt)plain->size};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = b.at;
	z.avail_out = sizeof b.at;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	b.size = z.total_out;
	deflateEnd(&z);
	return b;
}

static inline void path_in(char *out, size_t size, const char *folder, const char *name)
{
	assert_true((size_t)snprintf(out, size, "%s/%s", folder, name) < size);
}

static inline void put_file(const char *folder, const char *name, const void *bytes, size_t size)
{
	char path[256];
	path_in(path, sizeof path, folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static inline void drop_file(const char *folder, const char *name)
{
	char path[256];
	path_in(path, sizeof path, folder, name);
	unlink(path);
}

/* A fresh folder with the four plain files. */
static inline void make_folder(char folder[64])
{
	const char *tmp = getenv("TMPDIR");
	snprintf(folder, 64, "%.40s/lepton-XXXXXX", tmp && strlen(tmp) <= 40 ? tmp : "/tmp");
	assert_non_null(mkdtemp(folder));
	for (int f = 0; f < 4; f++) {
		struct bytes b = idx_bytes(f);
		put_file(folder, make_files[f], b.at, b.size);
	}
}

static inline void drop_folder(const char *folder)
{
	char name[64];
	for (int f = 0; f < 4; f++) {
		drop_file(folder, make_files[f]);
		snprintf(name, sizeof name, "%s.gz", make_files[f]);
		drop_file(folder, name);
	}
	assert_int_equal(rmdir(folder), 0);
}

static inline int open_folder(const char *folder, struct lepton_dataset **out, struct lepton_error *err)
{
	struct lepton_data_options options = {.format = "idx", .path = folder};
	memset(err, 0, sizeof *err);
	return lepton_dataset_open(&options, out, err);
}

#endif
