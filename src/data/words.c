/* data/words.c - a dictionary: words in the order they came, found by a hash.
 *
 * Open addressing over a table of a power of two, at most half full. The hash is FNV-1a with no secret:
 * somebody who makes a table of colliding words only makes reading his own file slow, and columns of more
 * than some hundred different words are refused anyway.
 */
#include "config.h"
#include "data/words.h"
#include "data/number.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 32

void lepton__words_free(struct lepton__words *words)
{
	for (int i = 0; i < words->count; i++)
		lepton__free(words->word[i]);
	lepton__free(words->word);
	lepton__free(words->slot);
	*words = (struct lepton__words){0};
}

static uint32_t hash_of(const char *text, size_t length)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash;
}

/* The slot of a word, or the free one where it belongs. */
static size_t slot_of(const struct lepton__words *words, const char *text, size_t length)
{
	size_t at = hash_of(text, length) & (words->slots - 1);
	for (; words->slot[at]; at = (at + 1) & (words->slots - 1)) {
		const char *word = words->word[words->slot[at] - 1];
		if (strlen(word) == length && memcmp(word, text, length) == 0)
			break;
	}
	return at;
}

int lepton__words_find(const struct lepton__words *words, const char *text, size_t length)
{
	return words->slots ? (int)words->slot[slot_of(words, text, length)] - 1 : -1;
}

static void fill_slots(struct lepton__words *words)
{
	memset(words->slot, 0, words->slots * sizeof *words->slot);
	for (int i = 0; i < words->count; i++)
		words->slot[slot_of(words, words->word[i], strlen(words->word[i]))] = (uint32_t)i + 1;
}

static int make_room(struct lepton__words *words)
{
	if (lepton__grow(&words->word, &words->capacity, (size_t)words->count + 1, sizeof *words->word))
		return LEPTON_E_NOMEM;
	if (((size_t)words->count + 1) * 2 <= words->slots)
		return LEPTON_OK;
	size_t slots = words->slots ? words->slots * 2 : SLOTS_MIN;
	uint32_t *slot = lepton__calloc(slots, sizeof *slot);
	if (!slot)
		return LEPTON_E_NOMEM;
	lepton__free(words->slot);
	words->slot = slot;
	words->slots = slots;
	fill_slots(words);
	return LEPTON_OK;
}

int lepton__words_add(
	struct lepton__words *words, const char *text, size_t length, int *number, struct lepton_error *err)
{
	*number = lepton__words_find(words, text, length);
	if (*number >= 0)
		return LEPTON_OK;
	char *copy = make_room(words) ? NULL : lepton__strndup(text, length);
	if (!copy)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a column's values");
	*number = words->count;
	words->word[words->count++] = copy;
	words->slot[slot_of(words, copy, length)] = (uint32_t)words->count;
	return LEPTON_OK;
}

/* ---- order ---- */

struct sorted {
	char *word;
	double value;
	int old;
};

static int by_value(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	if (x->value < y->value || x->value > y->value)
		return x->value < y->value ? -1 : 1;
	return strcmp(x->word, y->word);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(((const struct sorted *)a)->word, ((const struct sorted *)b)->word);
}

int lepton__words_sort(struct lepton__words *words, int *to, struct lepton_error *err)
{
	size_t count = (size_t)words->count;
	struct sorted *list = lepton__calloc(count ? count : 1, sizeof *list);
	bool numbers = true;
	if (!list)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a column's values");
	for (size_t i = 0; i < count; i++) {
		list[i] = (struct sorted){.word = words->word[i], .old = (int)i};
		numbers &= lepton__number_read(list[i].word, strlen(list[i].word), &list[i].value) ==
			   LEPTON__CELL_NUMBER;
	}
	qsort(list, count, sizeof *list, numbers ? by_value : by_bytes);
	for (size_t i = 0; i < count; i++) {
		words->word[i] = list[i].word;
		if (to)
			to[list[i].old] = (int)i;
	}
	lepton__free(list);
	if (words->slots)
		fill_slots(words);
	return LEPTON_OK;
}
