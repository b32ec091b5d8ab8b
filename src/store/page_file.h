/* store/page_file.h - a file behind the checking VFS: what page_vfs.c and the two ways of checking share. */
#ifndef LEPTON_STORE_PAGE_FILE_H
#define LEPTON_STORE_PAGE_FILE_H

#include "store/page_vfs.h"

struct lepton__page_vfs {
	sqlite3_vfs base;
	sqlite3_vfs *real;
	const struct lepton__vault *vault;
	bool stamped, stamp_all, looking;
	char name[48], part[48];
	struct lepton__page_faults found;
	struct lepton__log_rest rest;
};

enum lepton__page_kind {
	LEPTON__PAGE_DATABASE,
	LEPTON__PAGE_LOG,
	LEPTON__PAGE_TEMPORARY,
	LEPTON__PAGE_JOURNAL,
	LEPTON__PAGE_KINDS
};

struct lepton__page_file {
	sqlite3_file base;
	sqlite3_file *real; /* right behind this */
	struct lepton__page_vfs *vfs;
	enum lepton__page_kind kind;
	uint8_t nonce[24];   /* a sealed temporary's */
	bool known, stamped; /* a plain database: was its first page seen, and is it stamped? */
	struct lepton__page_file *database; /* a log's */
	sqlite3_int64 frame_at; /* a log: where the last frame's head was written, and of which page */
	uint32_t frame_page;
};

struct lepton__page_way {
	int (*read)(struct lepton__page_file *f, uint8_t *out, int size, sqlite3_int64 offset);
	int (*write)(struct lepton__page_file *f, const uint8_t *bytes, int size, sqlite3_int64 offset);
};
/* sealed_file.c, stamped_file.c: by kind of file. */
extern const struct lepton__page_way lepton__sealed_ways[LEPTON__PAGE_KINDS],
	lepton__stamped_ways[LEPTON__PAGE_KINDS];

/* page_vfs.c: the file's bytes as they are. SQLite codes. */
int lepton__page_file_read(struct lepton__page_file *f, uint8_t *out, int size, sqlite3_int64 offset);
int lepton__page_file_write(
	struct lepton__page_file *f, const uint8_t *bytes, int size, sqlite3_int64 offset);
void lepton__page_vfs_found(struct lepton__page_vfs *vfs, uint32_t number, enum lepton__page_fault fault);
void lepton__page_vfs_mended(struct lepton__page_vfs *vfs, uint32_t number, size_t byte);

#endif
