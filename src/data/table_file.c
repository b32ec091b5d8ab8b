/* data/table_file.c - a table's text: a plain file is mapped, a .gz one inflated once.
 *
 * Unlike an idx file's header, nothing in a table says how long it is. The last four bytes of a .gz file do
 * for its last member; where that was not all of it, twice as much is tried, never more than deflate can make
 * of the file nor than the machine has.
 */
#include "config.h"
#include "data/table_file.h"
#include "data/gunzip.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM_MIN 65536

static bool is_gz(const char *path)
{
	size_t length = strlen(path);
	return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

/* ---- finding ---- */

static int find_in(
	const char *folder, const char *part, const char *extension, char **out, struct lepton_error *err)
{
	for (int gz = 0; gz < 2; gz++) {
		*out = lepton__format("%s/%s.%s%s", folder, part, extension, gz ? ".gz" : "");
		if (!*out)
			return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a file name");
		if (access(*out, F_OK) == 0)
			return LEPTON_OK;
		lepton__free(*out);
		*out = NULL;
	}
	return lepton_error_set(err, LEPTON_E_DATA,
		"no %s.%s, plain or .gz, in %.*s; a folder holds train.%s and test.%s, or name one file",
		part, extension, LEPTON__PATH_SHOWN, folder, extension, extension);
}

int lepton__table_find(const char *path, const char *extension, bool only_test, char **train, char **test,
	struct lepton_error *err)
{
	struct stat info;
	*train = *test = NULL;
	if (stat(path, &info)) {
		int saved = errno;
		return lepton_error_set(err, saved == ENOENT ? LEPTON_E_DATA : LEPTON_E_IO, "%.*s: %s",
			LEPTON__PATH_SHOWN, path,
			saved == ENOENT ? "no such file or folder; samples/get-data.sh fetches some tables"
					: strerror(saved));
	}
	if (!S_ISDIR(info.st_mode)) {
		*train = lepton__strdup(path);
		return *train ? LEPTON_OK
			      : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a file name");
	}
	int code = find_in(path, only_test ? "test" : "train", extension, train, err);
	if (!code && !only_test)
		code = find_in(path, "test", extension, test, err);
	if (code) {
		lepton__free(*train);
		*train = NULL;
	}
	return code;
}

/* ---- reading ---- */

static size_t machine_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	return pages > 0 && page > 0 ? (size_t)pages * (size_t)page : SIZE_MAX / 2;
}

/* What the last member says of its length, or what small files need anyway. */
static size_t first_guess(const struct lepton__block *gz)
{
	if (gz->size < 18) /* shorter than any gzip file, and maybe without bytes at all */
		return ROOM_MIN;
	const uint8_t *end = gz->bytes + gz->size;
	size_t said = (size_t)end[-1] << 24 | (size_t)end[-2] << 16 | (size_t)end[-3] << 8 | end[-4];
	size_t possible = gz->size * LEPTON__GUNZIP_MAX_RATIO;
	return said > ROOM_MIN && said <= possible ? said : ROOM_MIN;
}

static int inflate_into(const char *path, const struct lepton__block *gz, size_t room,
	struct lepton__block *out, bool *more, struct lepton_error *err)
{
	uint8_t *bytes;
	size_t got = 0;
	int code = lepton__block_new(room, out, &bytes, err);
	if (!code)
		code = lepton__gunzip(path, gz->bytes, gz->size, bytes, room, &got, more, err);
	if (code || *more)
		lepton__block_free(out);
	else
		out->size = got;
	return code;
}

static int inflate(const char *path, struct lepton__block *gz, struct lepton_error *err)
{
	struct lepton__block out = {0};
	size_t room = first_guess(gz), most = machine_memory();
	bool more = true;
	int code = LEPTON_OK;
	for (; more && !code; room *= 2) {
		if (room > most)
			return lepton_error_set(err, LEPTON_E_NOMEM,
				"%.*s: inflates to more than this machine's %.1f GB; gunzip it first",
				LEPTON__PATH_SHOWN, path, (double)most / 1e9);
		code = inflate_into(path, gz, room, &out, &more, err);
	}
	if (code)
		return code;
	lepton__block_free(gz);
	*gz = out;
	return LEPTON_OK;
}

int lepton__table_text(const char *path, struct lepton__block *out, struct lepton_error *err)
{
	int code = lepton__block_map(path, out, err);
	if (code == LEPTON_E_NOTFOUND)
		return lepton_error_set(err, LEPTON_E_DATA, "%.*s: no such file", LEPTON__PATH_SHOWN, path);
	if (!code && is_gz(path))
		code = inflate(path, out, err);
	else if (!code && out->size >= 2 && out->bytes[0] == 0x1F && out->bytes[1] == 0x8B)
		code = lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: compressed, but its name lacks .gz; rename it or gunzip it",
			LEPTON__PATH_SHOWN, path);
	if (!code && out->size == 0)
		code = lepton_error_set(
			err, LEPTON_E_DATA, "%.*s: the file is empty", LEPTON__PATH_SHOWN, path);
	if (code)
		lepton__block_free(out);
	return code;
}
