/* data/corpus_folders.c - the files of texts in folders, sorted by name, so that every machine sees one
 * order. */
#include "config.h"
#include "data/corpus.h"
#include "data/table_file.h"
#include "base/file.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 16 /* a link to a folder above would never end */

struct names { /* of what is in a folder */
	char **name;
	size_t count, capacity;
};

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		lepton__free(names->name[i]);
	lepton__free(names->name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a folder's files");
}

static int add_name(struct names *names, const char *name, struct lepton_error *err)
{
	if (lepton__grow(&names->name, &names->capacity, names->count + 1, sizeof *names->name))
		return no_memory(err);
	names->name[names->count] = lepton__strdup(name);
	return names->name[names->count] && ++names->count ? LEPTON_OK : no_memory(err);
}

static int read_names(const char *folder, struct names *out, struct lepton_error *err)
{
	DIR *listing = opendir(folder);
	const struct dirent *entry;
	int code = LEPTON_OK;
	if (!listing)
		return lepton_error_set(
			err, LEPTON_E_IO, "%.*s: %s", LEPTON__PATH_SHOWN, folder, strerror(errno));
	while (!code && (errno = 0, entry = readdir(listing)))
		if (entry->d_name[0] != '.')
			code = add_name(out, entry->d_name, err);
	if (!code && errno)
		code = lepton_error_set(
			err, LEPTON_E_IO, "%.*s: %s", LEPTON__PATH_SHOWN, folder, strerror(errno));
	closedir(listing);
	if (out->count)
		qsort(out->name, out->count, sizeof *out->name, by_name);
	return code;
}

static int add_source(struct lepton__corpus *corpus, const char *path, int label, struct lepton_error *err)
{
	if (lepton__grow(&corpus->source, &corpus->capacity, corpus->sources + 1, sizeof *corpus->source))
		return no_memory(err);
	struct lepton__source *source = &corpus->source[corpus->sources];
	*source = (struct lepton__source){lepton__strdup(path), label};
	if (!source->path)
		return no_memory(err);
	corpus->sources++;
	return LEPTON_OK;
}

static int add_under(
	struct lepton__corpus *corpus, const char *path, int label, int depth, struct lepton_error *err);

static int add_folder(
	struct lepton__corpus *corpus, const char *folder, int label, int depth, struct lepton_error *err)
{
	struct names names = {0};
	int code = depth < DEPTH_MAX
			   ? read_names(folder, &names, err)
			   : lepton_error_set(err, LEPTON_E_DATA,
				     "%.*s: more than %d folders deep; is a link in it that leads back?",
				     LEPTON__PATH_SHOWN, folder, DEPTH_MAX);
	for (size_t i = 0; i < names.count && !code; i++) {
		char *path = lepton__path_join(folder, names.name[i]);
		code = path ? add_under(corpus, path, label, depth + 1, err) : no_memory(err);
		lepton__free(path);
	}
	free_names(&names);
	return code;
}

/* A file, or the files of a folder; sockets and the like are no texts. */
static int add_under(
	struct lepton__corpus *corpus, const char *path, int label, int depth, struct lepton_error *err)
{
	struct stat info;
	if (stat(path, &info))
		return lepton_error_set(
			err, LEPTON_E_IO, "%.*s: %s", LEPTON__PATH_SHOWN, path, strerror(errno));
	if (S_ISDIR(info.st_mode))
		return add_folder(corpus, path, label, depth, err);
	return S_ISREG(info.st_mode) ? add_source(corpus, path, label, err) : LEPTON_OK;
}

/* A folder in corpus->path is a class; a file beside the folders (a README) is none. */
static int add_class(struct lepton__corpus *corpus, const char *name, struct lepton_error *err)
{
	struct stat info;
	char *path = lepton__path_join(corpus->path, name);
	int label = 0, code = path ? LEPTON_OK : no_memory(err);
	if (!code && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
		code = lepton__corpus_class(corpus, path, name, strlen(name), &label, err);
		if (!code)
			code = add_folder(corpus, path, label, 1, err);
	}
	lepton__free(path);
	return code;
}

int lepton__corpus_list(struct lepton__corpus *corpus, struct lepton_error *err)
{
	struct names names = {0};
	if (!corpus->labelled)
		return add_under(corpus, corpus->path, 0, 0, err);
	int code = read_names(corpus->path, &names, err);
	for (size_t i = 0; i < names.count && !code; i++)
		code = add_class(corpus, names.name[i], err);
	free_names(&names);
	if (!code && !corpus->sources)
		code = lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: no texts in it; it holds a folder for each class with a file for each text, "
			"or "
			"train.txt and test.txt",
			LEPTON__PATH_SHOWN, corpus->path);
	return code;
}
