/* data/text_place.c - the forms in which texts come. */
#include "config.h"
#include "data/text_place.h"
#include "data/table_file.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void lepton__text_place_free(struct lepton__text_place *place)
{
	lepton__free(place->train);
	lepton__free(place->test);
	*place = (struct lepton__text_place){0};
}

/* folder/name where that is a folder; *out stays NULL where not. LEPTON_E_NOMEM. */
static int folder_in(const char *folder, const char *name, char **out, struct lepton_error *err)
{
	struct stat info;
	*out = lepton__path_join(folder, name);
	if (!*out)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a file name");
	if (stat(*out, &info) || !S_ISDIR(info.st_mode)) {
		lepton__free(*out);
		*out = NULL;
	}
	return LEPTON_OK;
}

static bool has_lines(const char *path)
{
	struct lepton_error unused;
	char *train, *test;
	bool found = lepton__table_find(path, "txt", false, &train, &test, &unused) == LEPTON_OK;
	lepton__free(train);
	lepton__free(test);
	return found;
}

static int find_folders(const char *path, struct lepton__text_place *out, struct lepton_error *err)
{
	int code = folder_in(path, "train", &out->train, err);
	if (!code)
		code = folder_in(path, "test", &out->test, err);
	if (code || (out->train && out->test))
		return code;
	if (out->train || out->test)
		return lepton_error_set(err, LEPTON_E_DATA, "%.*s: there is %s/ in it, but no %s/ beside it",
			LEPTON__PATH_SHOWN, path, out->train ? "train" : "test",
			out->train ? "test" : "train");
	out->train = lepton__strdup(path);
	return out->train ? LEPTON_OK
			  : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a file name");
}

int lepton__text_find(const char *path, struct lepton__text_place *out, struct lepton_error *err)
{
	struct stat info;
	*out = (struct lepton__text_place){0};
	if (stat(path, &info)) {
		int saved = errno;
		return lepton_error_set(err, saved == ENOENT ? LEPTON_E_DATA : LEPTON_E_IO, "%.*s: %s",
			LEPTON__PATH_SHOWN, path,
			saved == ENOENT ? "no such file or folder; \"samples/get-data.sh spam-assassin\" "
					  "fetches real mail"
					: strerror(saved));
	}
	out->lines = !S_ISDIR(info.st_mode) || has_lines(path);
	return out->lines ? lepton__table_find(path, "txt", false, &out->train, &out->test, err)
			  : find_folders(path, out, err);
}
