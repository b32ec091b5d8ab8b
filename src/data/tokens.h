/* data/tokens.h - a text as numbers: its words and the runs of words in it, by their hash.
 *
 * There is no dictionary to be kept with a model: any text can be turned to numbers at any time. Different words may
 * share a number; with many more numbers than words that costs little (Weinberger et al., "Feature Hashing for Large
 * Scale Multitask Learning", 2009; Joulin et al., "Bag of Tricks for Efficient Text Classification", 2017).
 */
#ifndef LEPTON_DATA_TOKENS_H
#define LEPTON_DATA_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#define LEPTON__BUCKETS_MAX ((int64_t)1 << 24) /* a float32 holds each number exactly */
#define LEPTON__WORDS_MAX 65536
#define LEPTON__NGRAMS_MAX 8

struct lepton__tokenizer {
	uint32_t buckets; /* numbers go from 0 to buckets - 1; 0: no tokenizer */
	int max_words;    /* of a text; what comes behind is not looked at */
	int ngrams;       /* words in the longest run that has a number of its own */
};

/* As many numbers as a text can have. */
int64_t lepton__tokens_most(const struct lepton__tokenizer *tokenizer);
/* The numbers of a text into out (room for the most of them), or just how many where it is NULL. */
int64_t lepton__tokens(const struct lepton__tokenizer *tokenizer, const char *text, size_t length, uint32_t *out);

#endif
