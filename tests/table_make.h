/* table_make.h - tables in a folder of their own, for the tests of them. */
#ifndef TABLE_MAKE_H
#define TABLE_MAKE_H

#include "data_make.h"

#define TABLE_TEXT_MAX 4096

struct place { /* a folder, and what was put there */
	char folder[64];
	char path[256]; /* of the file put last */
};

static inline void make_place(struct place *place)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(place->folder, sizeof place->folder, "%.40s/lepton-XXXXXX",
		tmp && strlen(tmp) <= 40 ? tmp : "/tmp");
	assert_non_null(mkdtemp(place->folder));
}

static inline void drop_place(struct place *place)
{
	static const char *const names[] = {"t.csv", "train.csv", "test.csv", "t.csv.gz", "test.csv.gz", "t.libsvm",
		"train.libsvm", "test.libsvm", "t.svm"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		drop_file(place->folder, names[i]);
	assert_int_equal(rmdir(place->folder), 0);
}

static inline void put_bytes(struct place *place, const char *name, const void *bytes, size_t size)
{
	path_in(place->path, sizeof place->path, place->folder, name);
	put_file(place->folder, name, bytes, size);
}

static inline void put_text(struct place *place, const char *name, const char *text)
{
	put_bytes(place, name, text, strlen(text));
}

/* A .gz file of any size, through zlib's own writer. */
static inline void put_gz(struct place *place, const char *name, const char *text, size_t size)
{
	path_in(place->path, sizeof place->path, place->folder, name);
	gzFile file = gzopen(place->path, "wb6");
	assert_non_null(file);
	assert_int_equal(gzwrite(file, text, (unsigned)size), size);
	assert_int_equal(gzclose(file), Z_OK);
}

static inline struct lepton_dataset *open_table(const struct lepton_data_options *options)
{
	struct lepton_dataset *d = NULL;
	struct lepton_error err = {0};
	int code = lepton_dataset_open(options, &d, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return d;
}

#endif
