/* tests/remove_tree.h - a folder and all in it, taken away; nothing there is fine. */
#ifndef LEPTON_TESTS_REMOVE_TREE_H
#define LEPTON_TESTS_REMOVE_TREE_H

#include "base/file.h"
#include "base/memory.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

static inline void remove_tree(const char *path)
{
	DIR *listing = opendir(path);
	for (struct dirent *entry; listing && (entry = readdir(listing));) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		char *inner = lepton__path_join(path, entry->d_name);
		if (inner && unlink(inner))
			remove_tree(inner);
		lepton__free(inner);
	}
	if (listing)
		closedir(listing);
	rmdir(path);
}

#endif
