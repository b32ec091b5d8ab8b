/* data/text.c - texts read twice: once for their classes and lengths, once for their numbers.
 *
 * A part's block holds where each text's numbers start, one more than there are texts, and behind them the
 * numbers.
 */
#include "config.h"
#include "data/text.h"
#include "data/corpus.h"
#include "data/deal.h"
#include "data/plan.h"
#include "data/table_file.h"
#include "data/text_place.h"
#include "data/tokens.h"
#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

#define BUCKETS 131072
#define WORDS 1024
#define NGRAMS 2

struct reading {
	struct lepton__corpus corpus;
	const struct lepton__tokenizer *tokenizer;
	int64_t count;
	uint8_t *label;   /* of each text; classes numbered as they came */
	uint32_t *length; /* numbers it has */
	size_t label_capacity, length_capacity;
};

static void reading_free(struct reading *r)
{
	lepton__corpus_close(&r->corpus);
	lepton__free(r->label);
	lepton__free(r->length);
}

/* ---- survey ---- */

static int add_document(struct reading *r, const struct lepton__document *document, struct lepton_error *err)
{
	size_t needed = (size_t)r->count + 1;
	if (r->count == LEPTON__SAMPLES_MAX)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: more texts than the %" PRId64 " there may be", LEPTON__PATH_SHOWN,
			r->corpus.path, LEPTON__SAMPLES_MAX);
	if (lepton__grow(&r->label, &r->label_capacity, needed, sizeof *r->label) ||
		lepton__grow(&r->length, &r->length_capacity, needed, sizeof *r->length))
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the lengths of texts");
	r->label[r->count] = (uint8_t)document->label;
	r->length[r->count++] =
		(uint32_t)lepton__tokens(r->tokenizer, document->text, document->length, NULL);
	return LEPTON_OK;
}

static int survey(struct reading *r, struct lepton_error *err)
{
	struct lepton__document document;
	bool more = true;
	int code = LEPTON_OK;
	while (!code && !(code = lepton__corpus_next(&r->corpus, &document, &more, err)) && more)
		code = add_document(r, &document, err);
	if (!code && r->count < 1)
		code = lepton_error_set(err, LEPTON_E_DATA, "%.*s: there is no text in it",
			LEPTON__PATH_SHOWN, r->corpus.path);
	return code;
}

static int sort_classes(struct reading *r, struct lepton__words *classes, struct lepton_error *err)
{
	int to[LEPTON__CLASSES_MOST];
	if (classes->count < 2)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: all texts are of one class, \"%.60s\"; there must be two at least",
			LEPTON__PATH_SHOWN, r->corpus.path, classes->count ? classes->word[0] : "");
	int code = lepton__words_sort(classes, to, err);
	for (int64_t i = 0; i < r->count && !code; i++)
		r->label[i] = (uint8_t)to[r->label[i]];
	return code;
}

/* ---- the parts ---- */

struct room {
	int64_t *starts;
	uint32_t *tokens;
	uint8_t *labels;
};

/* With each text's length where its start will be. */
static int make_part(
	int64_t count, int64_t tokens, struct lepton__part *part, struct room *room, struct lepton_error *err)
{
	uint8_t *numbers;
	size_t starts = ((size_t)count + 1) * sizeof *room->starts;
	int code = lepton__block_new(
		starts + (size_t)tokens * sizeof *room->tokens + 1, &part->blocks[0], &numbers, err);
	if (!code)
		code = lepton__block_new((size_t)count + 1, &part->blocks[1], &room->labels, err);
	if (code)
		return code;
	room->starts = (int64_t *)(void *)numbers;
	room->tokens = (uint32_t *)(void *)(numbers + starts);
	part->count = count;
	part->starts = room->starts;
	part->tokens = room->tokens;
	part->labels = room->labels;
	return LEPTON_OK;
}

/* Texts' places and labels: those of the deal that test, or that do not. */
static int place_part(const struct reading *r, const struct lepton__deal *deal, bool test,
	struct lepton__part *part, struct room *room, struct lepton_error *err)
{
	int64_t tokens = 0, count = test ? deal->test_count : deal->train_count;
	for (int64_t i = 0; i < r->count; i++)
		tokens += deal->test[i] == test ? r->length[i] : 0;
	int code = make_part(count, tokens, part, room, err);
	if (code)
		return code;
	room->starts[0] = 0;
	for (int64_t i = 0; i < r->count; i++)
		if (deal->test[i] == test) {
			room->starts[deal->place[i] + 1] = r->length[i];
			room->labels[deal->place[i]] = r->label[i];
		}
	for (int64_t i = 0; i < count; i++)
		room->starts[i + 1] += room->starts[i];
	return LEPTON_OK;
}

static int changed(const struct reading *r, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_DATA, "%.*s: it changed while it was read; try again",
		LEPTON__PATH_SHOWN, r->corpus.path);
}

/* The second pass: the numbers. Files may have changed meanwhile: nothing is written past its place. */
static int encode(struct reading *r, const struct lepton__deal *deal, const struct room *train,
	const struct room *test, struct lepton_error *err)
{
	struct lepton__document document;
	bool more = true;
	int code = LEPTON_OK;
	lepton__corpus_again(&r->corpus);
	for (int64_t i = 0; !code && i < r->count; i++) {
		code = lepton__corpus_next(&r->corpus, &document, &more, err);
		if (code)
			return code;
		const struct room *room = deal->test[i] ? test : train;
		int64_t length =
			more ? lepton__tokens(r->tokenizer, document.text, document.length, NULL) : -1;
		if (length != r->length[i])
			return changed(r, err);
		(void)lepton__tokens(r->tokenizer, document.text, document.length,
			room->tokens + room->starts[deal->place[i]]);
	}
	return code;
}

static int split(struct reading *r, const struct lepton__words *classes, double share, uint64_t seed,
	struct lepton__samples *out, struct lepton_error *err)
{
	struct lepton__deal deal = {0};
	struct room train, test;
	int code = lepton__deal(r->count, r->label, classes->count, share, seed, &deal, err);
	if (!code)
		code = place_part(r, &deal, false, &out->train, &train, err);
	if (!code)
		code = place_part(r, &deal, true, &out->test, &test, err);
	if (!code)
		code = encode(r, &deal, &train, &test, err);
	lepton__deal_free(&deal);
	return code;
}

/* ---- the whole ---- */

/* All texts of a place as a test part. */
static int read_test(const char *path, bool lines, const struct lepton__tokenizer *tokenizer,
	struct lepton__words *classes, bool with_target, struct lepton__part *out, struct lepton_error *err)
{
	struct reading r = {.tokenizer = tokenizer};
	struct lepton__deal deal = {0};
	struct room room;
	int code = lepton__corpus_open(&r.corpus, path, lines, with_target, classes, false, err);
	if (!code)
		code = survey(&r, err);
	if (!code) { /* each its own place, in order */
		deal = (struct lepton__deal){.place = lepton__calloc((size_t)r.count, sizeof *deal.place),
			.test = lepton__calloc((size_t)r.count, sizeof *deal.test),
			.train_count = r.count};
		if (!deal.place || !deal.test)
			code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for texts");
	}
	for (int64_t i = 0; i < r.count && !code; i++)
		deal.place[i] = (uint32_t)i;
	if (!code)
		code = place_part(&r, &deal, false, out, &room, err);
	if (!code)
		code = encode(&r, &deal, &room, &room, err);
	lepton__deal_free(&deal);
	reading_free(&r);
	return code;
}

int lepton__text_more(const char *path, bool lines, const struct lepton__tokenizer *tokenizer,
	struct lepton__words *classes, bool with_target, struct lepton__part *out, struct lepton_error *err)
{
	struct lepton__text_place place = {0};
	int code = LEPTON_OK;
	if (with_target) {
		code = lepton__text_find(path, &place, err);
		lines = place.lines;
	}
	if (!code)
		code = read_test(place.test    ? place.test
				 : place.train ? place.train
					       : path,
			lines, tokenizer, classes, with_target, out, err);
	lepton__text_place_free(&place);
	return code;
}

static int read_training(const struct lepton_data_options *options, const struct lepton__text_place *place,
	double share, struct lepton__samples *out, struct lepton_error *err)
{
	struct reading r = {.tokenizer = &out->tokenizer};
	struct lepton__words *classes = &out->plan->classes;
	int code = lepton__corpus_open(&r.corpus, place->train, place->lines, true, classes, true, err);
	if (!code)
		code = survey(&r, err);
	if (!code)
		code = sort_classes(&r, classes, err);
	if (!code)
		code = split(&r, classes, share, options->split_seed, out, err);
	reading_free(&r);
	return code;
}

static int read_all(const struct lepton_data_options *options, const struct lepton__text_place *place,
	struct lepton__samples *out, struct lepton_error *err)
{
	double share = options->test_split > 0 ? options->test_split : LEPTON__TEST_SPLIT;
	if (place->test && options->test_split > 0)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"data: \"test_split\" is for texts in one place, but %.*s has a test of its own",
			LEPTON__PATH_SHOWN, options->path);
	int code = read_training(options, place, place->test ? 0 : share, out, err);
	if (code || !place->test)
		return code;
	for (int i = 0; i < 2; i++) /* that of the deal, which is empty */
		lepton__block_free(&out->test.blocks[i]);
	return read_test(
		place->test, place->lines, &out->tokenizer, &out->plan->classes, true, &out->test, err);
}

static int read_settings(
	const struct lepton_data_options *options, struct lepton__tokenizer *out, struct lepton_error *err)
{
	int64_t buckets = options->buckets ? options->buckets : BUCKETS;
	int words = options->max_words ? options->max_words : WORDS,
	    ngrams = options->ngrams ? options->ngrams : NGRAMS;
	if (buckets < 2 || buckets > LEPTON__BUCKETS_MAX || words < 1 || words > LEPTON__WORDS_MAX ||
		ngrams < 1 || ngrams > LEPTON__NGRAMS_MAX)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"data: \"buckets\" goes from 2 to %" PRId64
			", \"max_words\" from 1 to %d, \"ngrams\" from 1 to %d",
			LEPTON__BUCKETS_MAX, LEPTON__WORDS_MAX, LEPTON__NGRAMS_MAX);
	*out = (struct lepton__tokenizer){(uint32_t)buckets, words, ngrams};
	return LEPTON_OK;
}

static int open_text(
	const struct lepton_data_options *options, struct lepton__samples *out, struct lepton_error *err)
{
	struct lepton__text_place place = {0};
	out->plan = lepton__calloc(1, sizeof *out->plan);
	if (!out->plan)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for texts");
	int code = read_settings(options, &out->tokenizer, err);
	if (!code)
		code = lepton__text_find(options->path, &place, err);
	if (!code)
		code = read_all(options, &place, out, err);
	out->lines = place.lines;
	out->shape = (struct lepton_shape){1, {lepton__tokens_most(&out->tokenizer)}};
	out->classes = out->plan->classes.count;
	lepton__text_place_free(&place);
	return code;
}

const struct lepton__data_format lepton__format_text = {"text", open_text, NULL};
