/* data/corpus.h - texts one after the other, whatever way they lie.
 *
 * In a file, a line is a text, and "__label__CLASS" before it says its class, as fastText has it. In folders, a file is
 * a text, and the folder says its class: CLASS/any/depth/file; hidden files are left out. Each may be .gz.
 */
#ifndef LEPTON_DATA_CORPUS_H
#define LEPTON_DATA_CORPUS_H

#include "data/block.h"
#include "data/words.h"

#include <stdbool.h>

struct lepton__document {
	const char *text; /* until the next is asked for; no NUL behind it */
	size_t length;
	int label; /* a class as it came; 0 where there is none to be known */
};

struct lepton__corpus { /* zeroed: empty */
	char *path;
	struct lepton__words *classes;
	bool grow;     /* a class not seen before is one more, not a fault */
	bool labelled; /* classes are looked at */
	bool lines;
	struct lepton__block text; /* the file of lines, or the present document */
	const char *at, *end;      /* lines not read yet */
	int64_t line;
	struct lepton__source *source; /* files in folders, in order */
	size_t sources, capacity, next;
};

struct lepton__source {
	char *path;
	int label;
};

/* `lines`: path is a file of them; else a folder with a folder a class, or without labels any folder or file. LEPTON_E_DATA,
 * LEPTON_E_IO, LEPTON_E_NOMEM. To be closed after a failure too. */
int lepton__corpus_open(struct lepton__corpus *corpus, const char *path, bool lines, bool labelled, struct lepton__words *classes,
		bool grow, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__corpus_close(struct lepton__corpus *corpus);
void lepton__corpus_again(struct lepton__corpus *corpus); /* from the first text on */
int lepton__corpus_next(struct lepton__corpus *corpus, struct lepton__document *out, bool *more, struct lepton_error *err)
		LEPTON_MUST_CHECK;

/* The number of a class by its name, new where it may grow. `where` leads the sentence. LEPTON_E_DATA, LEPTON_E_NOMEM. */
int lepton__corpus_class(struct lepton__corpus *corpus, const char *where, const char *name, size_t length, int *label,
		struct lepton_error *err) LEPTON_MUST_CHECK;
/* corpus_folders.c: the files under corpus->path. */
int lepton__corpus_list(struct lepton__corpus *corpus, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
