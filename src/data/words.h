/* data/words.h - the different values of a column, numbered. */
#ifndef LEPTON_DATA_WORDS_H
#define LEPTON_DATA_WORDS_H

#include "lepton/error.h"
#include <stddef.h>
#include <stdint.h>

#define LEPTON__WORD_MAX 1024 /* bytes of one */

struct lepton__words { /* zeroed: empty */
	char **word;
	int count;
	size_t capacity;
	uint32_t *slot; /* hash table of number + 1 */
	size_t slots;
};

void lepton__words_free(struct lepton__words *words);
/* The number of a word, or -1. */
int lepton__words_find(const struct lepton__words *words, const char *text, size_t length);
/* The number of a word, new or not. LEPTON_E_NOMEM. */
int lepton__words_add(struct lepton__words *words, const char *text, size_t length, int *number, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* Put in order: by value where all are numbers, else by bytes. to[old number] is the new one; may be NULL. LEPTON_E_NOMEM. */
int lepton__words_sort(struct lepton__words *words, int *to, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
