/* store/sweep.c - files under objects/ that no row names: what a crash between file and row leaves.
 *
 * Temporaries of writers that died, and objects whose transaction was never committed. Only the holder of
 * the lock may take them: while a writer is at work, such files are its next checkpoint.
 */
#include "config.h"
#include "store/store_parts.h"
#include "base/file.h"
#include "base/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define REST_DIGITS (LEPTON_HASH_HEX - 3) /* of a hash whose first two name the folder */
/* By any row: one damaged table must not cost the files. */
#define NAMED                                                                                                \
	"SELECT EXISTS (SELECT 1 FROM objects WHERE hash=?1)"                                                \
	" OR EXISTS (SELECT 1 FROM checkpoint_objects WHERE hash=?1)"                                        \
	" OR EXISTS (SELECT 1 FROM objects WHERE base=?1)"

int64_t lepton__size_of(const char *path)
{
	struct stat info;
	return lepton__io.stat(path, &info) ? 0 : (int64_t)info.st_size;
}

static bool wanted(struct lepton_store *store, const char *two, const char *rest)
{
	char hash[LEPTON_HASH_HEX];
	int64_t known = 0;
	if (strlen(two) != 2 || strlen(rest) != REST_DIGITS)
		return false;
	snprintf(hash, sizeof hash, "%.2s%.62s", two, rest);
	return lepton__sql_int(store, &known, 0, NULL, NAMED, "t", hash) || known; /* in doubt, keep */
}

static void stray(struct lepton__sweep *sweep, const char *two, const char *rest, const char *path)
{
	char line[400];
	sweep->files++;
	sweep->bytes += lepton__size_of(path);
	if (sweep->say) {
		snprintf(line, sizeof line, "file objects/%s/%.200s: no row names it%s", two, rest,
			sweep->look_only ? "" : "; removed");
		sweep->say(line, sweep->arg);
	}
	if (!sweep->look_only)
		lepton__io.unlink(path);
}

static void sweep_folder(struct lepton_store *store, const char *two, struct lepton__sweep *sweep)
{
	char *folder = lepton__format("%s/%s", store->objects, two);
	DIR *listing = folder ? lepton__io.opendir(folder) : NULL;
	for (struct dirent *entry; listing && (entry = lepton__io.readdir(listing));) {
		if (entry->d_name[0] == '.' || wanted(store, two, entry->d_name))
			continue;
		char *path = lepton__path_join(folder, entry->d_name);
		if (path)
			stray(sweep, two, entry->d_name, path);
		lepton__free(path);
	}
	if (listing)
		closedir(listing);
	lepton__free(folder);
}

void lepton__objects_sweep(struct lepton_store *store, struct lepton__sweep *sweep)
{
	DIR *listing = lepton__io.opendir(store->objects);
	for (struct dirent *entry; listing && (entry = lepton__io.readdir(listing));)
		if (entry->d_name[0] != '.' && strlen(entry->d_name) == 2)
			sweep_folder(store, entry->d_name, sweep);
	if (listing)
		closedir(listing);
}
