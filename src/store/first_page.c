/* store/first_page.c - the first page of the database, where it is lost, made anew from the others.
 *
 * It holds SQLite's own numbers and the root of the table of tables, without which nothing is found. But the
 * numbers are the same in every store, or can be counted; and the table of tables is longer than a page, so
 * that its rows lie in other pages, each with its checksum or its seal, and the first page only says which.
 * They are looked for: pages of which each row is one of that table (type, name, table, root, SQL). Together
 * they must have each of our tables once and no row twice; else nothing is made.
 *
 * Which pages are free is not known any more. SQLite's check says that nothing uses them, and the database is
 * written anew (rescue.c).
 *
 * https://www.sqlite.org/fileformat2.html
 */
#include "config.h"
#include "store/scan_file.h"
#include "store/schema.h"
#include "store/stamp.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 100
#define LEAF 0x0D
#define INNER 0x05
#define LEAVES_MAX 64
#define COLUMNS 5

struct leaf {
	uint32_t number;
	uint64_t first, last; /* rows */
};
struct search {
	const struct lepton__scan *scan;
	uint32_t pages;
	struct leaf leaves[LEAVES_MAX];
	size_t count;
	size_t tables; /* of ours */
};

/* ---- a row of the table of tables ---- */

struct reader {
	const uint8_t *at, *end;
};

static bool read_varint(struct reader *r, uint64_t *out)
{
	*out = 0;
	for (int i = 0; i < 9 && r->at < r->end; i++) {
		uint8_t byte = *r->at++;
		*out = i < 8 ? *out << 7 | (byte & 0x7F) : *out << 8 | byte;
		if (i == 8 || byte < 0x80)
			return true;
	}
	return false;
}

/* How many bytes a value takes, by its serial type. */
static uint64_t size_of(uint64_t type)
{
	static const uint8_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
	return type < sizeof sizes ? sizes[type] : (type - 12) / 2;
}

static bool is_text(uint64_t type)
{
	return type >= 13 && type % 2;
}

static uint64_t number_of(uint64_t type, const uint8_t *bytes)
{
	uint64_t value = type == 9;
	for (uint64_t i = 0; i < size_of(type); i++)
		value = value << 8 | bytes[i];
	return value;
}

static bool is_word(const uint8_t *bytes, uint64_t size, const char *word)
{
	return size == strlen(word) && memcmp(bytes, word, size) == 0;
}

static void count_table(struct search *s, const uint8_t *name, uint64_t size)
{
	for (size_t i = 0; i < lepton__table_count; i++)
		s->tables += is_word(name, size, lepton__tables[i].name);
}

static bool read_record(struct search *s, struct reader record)
{
	const uint8_t *start = record.at, *column[COLUMNS];
	uint64_t head, type[COLUMNS], root;
	if (!read_varint(&record, &head) || head > (uint64_t)(record.end - start))
		return false;
	const uint8_t *value = start + head;
	for (int i = 0; i < COLUMNS; i++) {
		if (!read_varint(&record, &type[i]) || size_of(type[i]) > (uint64_t)(record.end - value))
			return false;
		column[i] = value;
		value += size_of(type[i]);
	}
	if (record.at != start + head || value != record.end)
		return false;
	bool table = is_text(type[0]) && is_word(column[0], size_of(type[0]), "table");
	bool other = is_text(type[0]) && (is_word(column[0], size_of(type[0]), "index") ||
						 is_word(column[0], size_of(type[0]), "trigger"));
	if ((!table && !other) || !is_text(type[1]) || !is_text(type[2]) || type[3] == 7 || type[3] > 9 ||
		(type[4] && !is_text(type[4])))
		return false;
	root = number_of(type[3], column[3]);
	if (root > s->pages || (table && root < 2))
		return false;
	if (table)
		count_table(s, column[1], size_of(type[1]));
	return true;
}

/* ---- a page of it ---- */

static unsigned at_16(const uint8_t *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

static bool read_cell(struct search *s, const uint8_t *page, unsigned at, unsigned usable, uint64_t *row)
{
	struct reader r = {page + at, page + usable};
	uint64_t size;
	if (at >= usable || !read_varint(&r, &size) || !read_varint(&r, row) ||
		size > (uint64_t)(r.end - r.at))
		return false;
	return read_record(s, (struct reader){r.at, r.at + size});
}

static bool read_leaf(struct search *s, const uint8_t *page, unsigned usable, struct leaf *out)
{
	unsigned cells = at_16(page + 3);
	uint64_t row = 0;
	if (page[0] != LEAF || !cells || 8 + 2 * cells > usable)
		return false;
	for (unsigned i = 0; i < cells; i++, out->last = row)
		if (!read_cell(s, page, at_16(page + 8 + 2 * i), usable, &row) || (i && row <= out->last))
			return false;
		else if (i == 0)
			out->first = row;
	return true;
}

static unsigned usable(const struct search *s)
{
	return LEPTON__PAGE - (s->scan->vfs->vault ? LEPTON__PAGE_EXTRA : LEPTON__STAMP);
}

/* Is the page one of the table of tables? */
static int try_page(struct search *s, uint32_t number)
{
	uint8_t page[LEPTON__PAGE];
	struct leaf leaf = {.number = number};
	size_t tables = s->tables;
	int code = s->scan->file->pMethods->xRead(
		s->scan->file, page, LEPTON__PAGE, (sqlite3_int64)(number - 1) * LEPTON__PAGE);
	if (code)
		return code;
	if (!lepton__scan_is_whole(s->scan->vfs, page, number) || !read_leaf(s, page, usable(s), &leaf))
		s->tables = tables;
	else if (s->count == LEAVES_MAX)
		return SQLITE_DONE;
	else
		s->leaves[s->count++] = leaf;
	sodium_memzero(page, sizeof page);
	return SQLITE_OK;
}

/* ---- the first page ---- */

static int by_row(const void *a, const void *b)
{
	uint64_t x = ((const struct leaf *)a)->first, y = ((const struct leaf *)b)->first;
	return (x > y) - (x < y);
}

/* In order, each once. */
static bool is_all(struct search *s)
{
	qsort(s->leaves, s->count, sizeof *s->leaves, by_row);
	for (size_t i = 1; i < s->count; i++)
		if (s->leaves[i].first <= s->leaves[i - 1].last)
			return false;
	return s->count && s->tables == lepton__table_count;
}

static void put_16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

static void put_32(uint8_t *out, uint32_t value)
{
	put_16(out, value >> 16);
	put_16(out + 2, value & 0xFFFF);
}

/* The file's size is left at 0, which is not believed: SQLite counts. So is the list of free pages. */
static void put_numbers(const struct search *s, uint8_t *page)
{
	memcpy(page, "SQLite format 3", 16);
	put_16(page + 16, LEPTON__PAGE);
	page[18] = page[19] = 2; /* a log, for writing and for reading */
	page[20] = (uint8_t)(LEPTON__PAGE - usable(s));
	page[21] = 64; /* the fractions that SQLite wants */
	page[22] = page[23] = 32;
	put_32(page + 24, 1); /* changes */
	put_32(page + 40, 1); /* changes of the tables */
	put_32(page + 44, 4); /* the form of tables */
	put_32(page + 56, SQLITE_UTF8);
	put_32(page + 60, LEPTON__SCHEMA_VERSION);
	put_32(page + 68, LEPTON__APPLICATION_ID);
	put_32(page + 96, SQLITE_VERSION_NUMBER);
}

/* Rows are numbered from 1, and there are no more than fit into the leaves: two bytes are enough. */
static unsigned put_cell(uint8_t *page, unsigned end, const struct leaf *leaf)
{
	unsigned at = end - (leaf->last < 0x80 ? 5 : 6);
	put_32(page + at, leaf->number);
	if (leaf->last >= 0x80)
		page[at + 4] = (uint8_t)(0x80 | leaf->last >> 7);
	page[end - 1] = (uint8_t)(leaf->last & 0x7F);
	return at;
}

static void put_root(const struct search *s, uint8_t *page)
{
	uint8_t *root = page + HEAD;
	unsigned end = usable(s);
	for (size_t i = 0; i + 1 < s->count; i++) {
		end = put_cell(page, end, &s->leaves[i]);
		put_16(root + 12 + 2 * i, end);
	}
	root[0] = INNER;
	put_16(root + 3, (unsigned)s->count - 1);
	put_16(root + 5, end);
	put_32(root + 8, s->leaves[s->count - 1].number);
}

static int write_first(const struct search *s)
{
	uint8_t page[LEPTON__PAGE] = {0}, sealed[LEPTON__PAGE];
	put_numbers(s, page);
	put_root(s, page);
	if (!s->scan->vfs->vault)
		lepton__stamp_put(page, 1);
	else if (!lepton__page_seal(s->scan->vfs->vault, 0, NULL, page, sealed))
		return SQLITE_INTERNAL;
	return lepton__scan_set_back(s->scan, s->scan->vfs->vault ? sealed : page, LEPTON__PAGE, 0);
}

/* Of before there were checksums it is believed. */
static int is_lost(const struct lepton__scan *scan, bool *lost)
{
	uint8_t page[LEPTON__PAGE];
	int code = scan->file->pMethods->xRead(scan->file, page, LEPTON__PAGE, 0);
	*lost = !code && (sodium_is_zero(page, LEPTON__PAGE) || !lepton__scan_is_whole(scan->vfs, page, 1));
	sodium_memzero(page, sizeof page); /* which may have been opened */
	return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

static int mend(const struct lepton__scan *scan)
{
	struct search s = {.scan = scan};
	sqlite3_int64 size = 0;
	bool lost = false;
	int code = is_lost(scan, &lost);
	if (code || !lost)
		return code;
	code = scan->file->pMethods->xFileSize(scan->file, &size);
	s.pages = (uint32_t)(size / LEPTON__PAGE);
	for (uint32_t number = 2; number <= s.pages && !code; number++)
		code = try_page(&s, number);
	if (code || !is_all(&s) || s.leaves[s.count - 1].last >= 1 << 14)
		return code == SQLITE_DONE ? SQLITE_OK : code;
	lepton__page_vfs_found(scan->vfs, 1, LEPTON__PAGE_REMADE);
	return write_first(&s);
}

int lepton__first_page_mend(const struct lepton_store *store, const char *database, struct lepton_error *err)
{
	return lepton__scan_file(store, database, SQLITE_OPEN_MAIN_DB, true, mend, err);
}
