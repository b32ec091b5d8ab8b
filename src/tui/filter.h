/* tui/filter.h - which versions to show: words of the name, and a small language.
 *
 *   cnn                 the name contains "cnn" (case does not matter)
 *   state:running       also learner: op: parent: optimizer: and any dotted hyper-parameter
 *   tag:big  note:slow  the version has this tag (the whole word; "tag:" any); its note contains the text
 *   loss<0.1  acc>=98%  figures: loss acc val val_loss test test_loss epoch step rate size params priority lr batch
 *   -state:failed       a leading '-' or '!' turns a term round
 *
 * Terms stand apart by blanks and must all hold. A figure that is not known yet matches nothing.
 */
#ifndef LEPTON_TUI_FILTER_H
#define LEPTON_TUI_FILTER_H

#include "lepton/option.h"
#include "lepton/run.h"
#include "spec/flat.h"

enum lepton__term_kind { LEPTON__TERM_NAME, LEPTON__TERM_WORD, LEPTON__TERM_NUMBER };
enum lepton__compare { LEPTON__LESS, LEPTON__LESS_EQUAL, LEPTON__MORE, LEPTON__MORE_EQUAL, LEPTON__EQUAL, LEPTON__UNLIKE };

struct lepton__term {
	enum lepton__term_kind kind;
	bool negated;
	enum lepton__compare compare;
	double number;
	char key[64], word[LEPTON_NAME_MAX];
};
struct lepton__filter {
	struct lepton__term terms[16];
	int count; /* 0 matches all */
};

/* LEPTON_E_USAGE names the term that is wrong and what could stand there. */
int lepton__filter_parse(const char *text, struct lepton__filter *out, struct lepton_error *err) LEPTON_MUST_CHECK;
bool lepton__filter_match(const struct lepton__filter *filter, const struct lepton_run *run,
		const struct lepton_run_version *version, const struct lepton__flat *settings);
/* True when `text` contains `part`, ASCII case aside. */
bool lepton__contains(const char *text, const char *part);

#endif
