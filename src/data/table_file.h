/* data/table_file.h - where a table lies, and its text. */
#ifndef LEPTON_DATA_TABLE_FILE_H
#define LEPTON_DATA_TABLE_FILE_H

#include "data/block.h"
#include <stdbool.h>

#define LEPTON__PATH_SHOWN 160 /* bytes of a path in a message */

/* A file, or a folder's train.EXTENSION and test.EXTENSION, each plain or .gz. *test is NULL for a single file. Both on
 * the heap. `only_test`: of a folder only the test, into *train. LEPTON_E_DATA, LEPTON_E_NOMEM. */
int lepton__table_find(const char *path, const char *extension, bool only_test, char **train, char **test,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* The whole text: mapped, or inflated. LEPTON_E_DATA: empty, or no text at all. */
int lepton__table_text(const char *path, struct lepton__block *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
