/* text_make.h - texts in a folder of their own, for the tests of them. */
#ifndef TEXT_MAKE_H
#define TEXT_MAKE_H

#include "table_make.h"

#include <ftw.h>
#include <sys/stat.h>

/* A file at any depth of the place, folders made as needed. */
static inline void put_deep(struct place *place, const char *name, const char *text)
{
	char path[256];
	path_in(path, sizeof path, place->folder, name);
	for (char *slash = strchr(path + strlen(place->folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	put_text(place, name, text);
}

static inline int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	(void)where;
	return remove(path);
}

static inline void drop_all(struct place *place)
{
	assert_int_equal(nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* The place of a test, for set_up and tear_down. */
static struct place place;

static inline int set_up(void **state)
{
	(void)state;
	make_place(&place);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	drop_all(&place);
	return 0;
}

#endif
