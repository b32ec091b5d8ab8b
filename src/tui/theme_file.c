/* tui/theme_file.c - finding theme files.
 *
 * A name with a slash is a path. Any other is looked for, with ".theme" added, in the person's own folders
 * first ($XDG_CONFIG_HOME/lepton/themes, ~/.config/lepton/themes), then in the installed one, then in
 * ./themes and beside the program, so that a build nobody installed has its colours. An unknown name is
 * answered with the nearest one there is, or with all of them.
 */
#include "config.h"
#include "tui/theme.h"

#include "base/file.h"
#include "base/memory.h"
#include "lepton/option.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGEST_FILE (1 << 20)
#define MOST_FOLDERS 8
#define MOST_NAMES 1000

struct folders {
	char *path[MOST_FOLDERS];
	size_t count;
};

/* Takes a path from lepton__format; NULL (out of memory) is only one folder less. */
static void add_folder(struct folders *folders, char *path)
{
	if (path != NULL && folders->count < MOST_FOLDERS)
		folders->path[folders->count++] = path;
	else
		lepton__free(path);
}

static void add_program_folders(struct folders *folders)
{
	char program[4096];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	if (length <= 0)
		return;
	program[length] = '\0';
	char *slash = strrchr(program, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	static const char *const from_there[] = {"themes", "../themes", "../../themes"};
	for (size_t i = 0; i < sizeof from_there / sizeof *from_there; i++)
		add_folder(folders, lepton__format("%s/%s", program, from_there[i]));
}

static void list_folders(struct folders *folders)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	memset(folders, 0, sizeof *folders);
	if (config != NULL && *config == '/')
		add_folder(folders, lepton__format("%s/lepton/themes", config));
	if (home != NULL && *home != '\0')
		add_folder(folders, lepton__format("%s/.config/lepton/themes", home));
	add_folder(folders, lepton__format("%s/themes", LEPTON_DATADIR));
	add_folder(folders, lepton__strdup("themes"));
	add_program_folders(folders);
}

static void free_folders(struct folders *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		lepton__free(folders->path[i]);
}

static int load_path(struct lepton__theme *theme, const char *path, struct lepton_error *err)
{
	char *text;
	size_t size;
	int code = lepton__file_read(path, LARGEST_FILE, &text, &size, err);
	if (code != 0)
		return code;
	code = lepton__theme_parse(theme, path, text, size, err);
	lepton__free(text);
	return code;
}

/* The file of that name in the first folder that has one; NULL when none has. */
static char *find_file(const char *name)
{
	struct folders folders;
	char *found = NULL;
	list_folders(&folders);
	for (size_t i = 0; i < folders.count && found == NULL; i++) {
		found = lepton__format("%s/%s.theme", folders.path[i], name);
		if (found != NULL && access(found, R_OK) != 0) {
			lepton__free(found);
			found = NULL;
		}
	}
	free_folders(&folders);
	return found;
}

static int unknown_theme(const char *name, struct lepton_error *err)
{
	char **names, list[300] = "";
	size_t count;
	int code = lepton__theme_names(&names, &count, err);
	if (code != 0)
		return code;
	const char *near = lepton_suggest(name, (const char *const *)names, count);
	if (near != NULL) {
		code = lepton_error_set(err, LEPTON_E_NOTFOUND,
			"no theme is called \"%s\"; did you mean \"%s\"?", name, near);
	} else {
		for (size_t i = 0, at = 0; i < count && at + strlen(names[i]) + 3 < sizeof list; i++)
			at += (size_t)snprintf(
				list + at, sizeof list - at, "%s%s", i > 0 ? ", " : "", names[i]);
		code = lepton_error_set(
			err, LEPTON_E_NOTFOUND, "no theme is called \"%s\"; there are %s", name, list);
	}
	lepton__theme_names_free(names);
	return code;
}

int lepton__theme_load(struct lepton__theme *theme, const char *name_or_path, struct lepton_error *err)
{
	if (name_or_path == NULL || strcmp(name_or_path, "default") == 0) {
		lepton__theme_default(theme);
		return 0;
	}
	if (strchr(name_or_path, '/') != NULL)
		return load_path(theme, name_or_path, err);
	char *path = find_file(name_or_path);
	if (path != NULL) {
		int code = load_path(theme, path, err);
		lepton__free(path);
		return code;
	}
	if (strcmp(name_or_path, "lepton") != 0)
		return unknown_theme(name_or_path, err);
	lepton__theme_default(theme);
	return 0;
}

static bool is_listed(char *const *names, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return true;
	return false;
}

struct names {
	char **name; /* one NULL behind the last */
	size_t count, capacity;
};

static int add_name(struct names *names, const char *name, size_t length)
{
	if (names->count >= MOST_NAMES || is_listed(names->name, names->count, name, length))
		return 0;
	if (lepton__grow(&names->name, &names->capacity, names->count + 2, sizeof *names->name) != 0)
		return LEPTON_E_NOMEM;
	names->name[names->count] = lepton__strndup(name, length);
	if (names->name[names->count] == NULL)
		return LEPTON_E_NOMEM;
	names->name[++names->count] = NULL;
	return 0;
}

static int add_names_of(struct names *names, const char *folder)
{
	int code = 0;
	DIR *dir = opendir(folder);
	if (dir == NULL)
		return 0;
	for (struct dirent *entry; code == 0 && (entry = readdir(dir)) != NULL;) {
		size_t length = strlen(entry->d_name);
		if (length > 6 && entry->d_name[0] != '.' &&
			strcmp(entry->d_name + length - 6, ".theme") == 0)
			code = add_name(names, entry->d_name, length - 6);
	}
	closedir(dir);
	return code;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int lepton__theme_names(char ***out, size_t *count, struct lepton_error *err)
{
	struct names names = {0};
	struct folders folders;
	int code = add_name(&names, "lepton", 6);
	list_folders(&folders);
	for (size_t i = 0; i < folders.count && code == 0; i++)
		code = add_names_of(&names, folders.path[i]);
	free_folders(&folders);
	*out = NULL;
	*count = 0;
	if (code != 0) {
		lepton__theme_names_free(names.name);
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for the list of themes");
	}
	qsort(names.name, names.count, sizeof *names.name, by_name);
	*out = names.name;
	*count = names.count;
	return 0;
}

void lepton__theme_names_free(char **names)
{
	for (char **name = names; name != NULL && *name != NULL; name++)
		lepton__free(*name);
	lepton__free(names);
}
