/* data/tokens.c - words found, and hashed.
 *
 * A word is a run of ASCII letters and digits and of bytes above 127 (so of any UTF-8 letters), with
 * apostrophes inside; A to Z count as a to z. A run of one punctuation mark is a word too, of at most three
 * marks: "!!!!!" tells something, and as much as "!!!!". Everything else separates. Whatever the bytes, it is
 * a text.
 *
 * The rule must never change, since trained models know words by these numbers. A word's hash is 64-bit
 * FNV-1a over its bytes; a run's is FNV-1a over its words' hashes, eight bytes each, lowest first; the number
 * is the hash, its upper half folded onto its lower, modulo the buckets.
 */
#include "config.h"
#include "data/tokens.h"

#include <stdbool.h>

#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)
#define MARKS_MAX 3

static bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 128;
}

static bool is_mark(unsigned char c)
{
	return c > ' ' && c < 127 && !is_letter(c);
}

static uint64_t add_byte(uint64_t hash, unsigned char c)
{
	return (hash ^ c) * FNV_PRIME;
}

static uint64_t add_word(uint64_t hash, uint64_t word)
{
	for (int i = 0; i < 8; i++, word >>= 8)
		hash = add_byte(hash, word & 255);
	return hash;
}

static bool goes_on(const char *text, size_t at, size_t length)
{
	if (is_letter((unsigned char)text[at]))
		return true;
	return text[at] == '\'' && at + 1 < length && is_letter((unsigned char)text[at + 1]);
}

static uint64_t letters(const char *text, size_t *at, size_t length)
{
	uint64_t hash = FNV_START;
	for (; *at < length && goes_on(text, *at, length); ++*at) {
		unsigned char c = (unsigned char)text[*at];
		hash = add_byte(hash, c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	return hash;
}

static uint64_t marks(const char *text, size_t *at, size_t length)
{
	uint64_t hash = FNV_START;
	unsigned char mark = (unsigned char)text[*at];
	for (int i = 0; *at < length && (unsigned char)text[*at] == mark; i++, ++*at)
		if (i < MARKS_MAX)
			hash = add_byte(hash, mark);
	return hash;
}

/* The next word's hash; false at the end of the text. */
static bool next_word(const char *text, size_t *at, size_t length, uint64_t *hash)
{
	while (*at < length && !is_letter((unsigned char)text[*at]) && !is_mark((unsigned char)text[*at]))
		++*at;
	if (*at == length)
		return false;
	*hash = is_mark((unsigned char)text[*at]) ? marks(text, at, length) : letters(text, at, length);
	return true;
}

static uint32_t number_of(uint64_t hash, uint32_t buckets)
{
	return (uint32_t)(hash ^ hash >> 32) % buckets;
}

int64_t lepton__tokens_most(const struct lepton__tokenizer *tokenizer)
{
	return (int64_t)tokenizer->max_words * tokenizer->ngrams;
}

/* After each word: itself, and the runs that end with it. */
int64_t lepton__tokens(
	const struct lepton__tokenizer *tokenizer, const char *text, size_t length, uint32_t *out)
{
	uint64_t run[LEPTON__NGRAMS_MAX] = {0}, word; /* run[k]: of the last k + 1 words */
	size_t at = 0;
	int64_t count = 0;
	for (int words = 0; words < tokenizer->max_words && next_word(text, &at, length, &word); words++) {
		int longest = words < tokenizer->ngrams - 1 ? words : tokenizer->ngrams - 1;
		for (int k = longest; k > 0; k--)
			run[k] = add_word(k > 1 ? run[k - 1] : add_word(FNV_START, run[0]), word);
		run[0] = word;
		for (int k = 0; k <= longest; k++, count++)
			if (out)
				out[count] = number_of(run[k], tokenizer->buckets);
	}
	return count;
}
