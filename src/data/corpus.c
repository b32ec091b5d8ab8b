/* data/corpus.c - the next text of a file of lines, or of a list of files. */
#include "config.h"
#include "data/corpus.h"
#include "data/plan.h"
#include "data/table_file.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char label_mark[] = "__label__";
#define MARK_LENGTH (sizeof label_mark - 1)

int lepton__corpus_class(struct lepton__corpus *corpus, const char *where, const char *name, size_t length,
	int *label, struct lepton_error *err)
{
	int shown = (int)(length < 40 ? length : 40);
	*label = 0;
	if (!corpus->labelled)
		return LEPTON_OK;
	if (length < 1 || length > LEPTON__WORD_MAX || !lepton__utf8_valid(name, length))
		return lepton_error_set(
			err, LEPTON_E_DATA, "%s: no name of a class: empty, too long, or not UTF-8", where);
	*label = lepton__words_find(corpus->classes, name, length);
	if (*label >= 0)
		return LEPTON_OK;
	if (!corpus->grow)
		return lepton_error_set(err, LEPTON_E_DATA, "%s: \"%.*s\" is no class of the training data",
			where, shown, name);
	if (corpus->classes->count == LEPTON__CLASSES_MOST)
		return lepton_error_set(err, LEPTON_E_DATA, "%s: more than %d different classes", where,
			LEPTON__CLASSES_MOST);
	return lepton__words_add(corpus->classes, name, length, label, err);
}

/* ---- lines ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static size_t blanks(const char *text, size_t length)
{
	size_t count = 0;
	while (count < length && is_blank(text[count]))
		count++;
	return count;
}

static bool is_labelled(const struct lepton__document *document)
{
	return document->length >= MARK_LENGTH && memcmp(document->text, label_mark, MARK_LENGTH) == 0;
}

static void skip(struct lepton__document *document, size_t count)
{
	document->text += count;
	document->length -= count;
}

/* Take "__label__CLASS " off the front. */
static int take_label(
	struct lepton__corpus *corpus, struct lepton__document *document, struct lepton_error *err)
{
	char where[LEPTON__PATH_SHOWN + 32];
	size_t length = 0;
	snprintf(where, sizeof where, "%.*s:%" PRId64, LEPTON__PATH_SHOWN, corpus->path, corpus->line);
	if (!is_labelled(document) && corpus->labelled)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%s: begins with no __label__CLASS; each line is \"__label__CLASS the text\"", where);
	if (!is_labelled(document))
		return LEPTON_OK;
	skip(document, MARK_LENGTH);
	while (length < document->length && !is_blank(document->text[length]))
		length++;
	int code = lepton__corpus_class(corpus, where, document->text, length, &document->label, err);
	skip(document, length);
	skip(document, blanks(document->text, document->length));
	if (!code && is_labelled(document))
		code = lepton_error_set(
			err, LEPTON_E_DATA, "%s: two labels, but a text has one class here", where);
	return code;
}

static int next_line(
	struct lepton__corpus *corpus, struct lepton__document *out, bool *more, struct lepton_error *err)
{
	*more = false;
	while (!*more && corpus->at < corpus->end) {
		size_t left = (size_t)(corpus->end - corpus->at);
		const char *end = memchr(corpus->at, '\n', left);
		*out = (struct lepton__document){corpus->at, end ? (size_t)(end - corpus->at) : left, 0};
		corpus->at = end ? end + 1 : corpus->end;
		corpus->line++;
		skip(out, blanks(out->text, out->length));
		*more = out->length > 0;
	}
	return *more ? take_label(corpus, out, err) : LEPTON_OK;
}

/* ---- files ---- */

static int next_file(
	struct lepton__corpus *corpus, struct lepton__document *out, bool *more, struct lepton_error *err)
{
	struct stat info;
	lepton__block_free(&corpus->text);
	*more = corpus->next < corpus->sources;
	if (!*more)
		return LEPTON_OK;
	const struct lepton__source *source = &corpus->source[corpus->next++];
	*out = (struct lepton__document){"", 0, source->label};
	if (stat(source->path, &info) == 0 && info.st_size == 0) /* a text without words */
		return LEPTON_OK;
	int code = lepton__table_text(source->path, &corpus->text, err);
	if (!code) {
		out->text = (const char *)corpus->text.bytes;
		out->length = corpus->text.size;
	}
	return code;
}

/* ---- the whole ---- */

int lepton__corpus_next(
	struct lepton__corpus *corpus, struct lepton__document *out, bool *more, struct lepton_error *err)
{
	return corpus->lines ? next_line(corpus, out, more, err) : next_file(corpus, out, more, err);
}

void lepton__corpus_again(struct lepton__corpus *corpus)
{
	corpus->next = 0;
	corpus->line = 0;
	if (corpus->lines)
		corpus->at = (const char *)corpus->text.bytes;
}

void lepton__corpus_close(struct lepton__corpus *corpus)
{
	for (size_t i = 0; i < corpus->sources; i++)
		lepton__free(corpus->source[i].path);
	lepton__free(corpus->source);
	lepton__free(corpus->path);
	lepton__block_free(&corpus->text);
	*corpus = (struct lepton__corpus){0};
}

int lepton__corpus_open(struct lepton__corpus *corpus, const char *path, bool lines, bool labelled,
	struct lepton__words *classes, bool grow, struct lepton_error *err)
{
	*corpus = (struct lepton__corpus){.path = lepton__strdup(path),
		.classes = classes,
		.grow = grow,
		.labelled = labelled,
		.lines = lines};
	if (!corpus->path)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a file name");
	if (!lines)
		return lepton__corpus_list(corpus, err);
	int code = lepton__table_text(path, &corpus->text, err);
	if (code)
		return code;
	corpus->end = (const char *)corpus->text.bytes + corpus->text.size;
	lepton__corpus_again(corpus);
	return LEPTON_OK;
}
