/* data/text.h - texts with classes, held as the numbers of their words. */
#ifndef LEPTON_DATA_TEXT_H
#define LEPTON_DATA_TEXT_H

#include "data/formats.h"
#include "data/words.h"

/* The texts of another place as a test part: a folder's test where it has one; without `with_target` any file or folder.
 * `lines`: those trained on were lines of a file. LEPTON_E_DATA, LEPTON_E_IO, LEPTON_E_NOMEM. */
int lepton__text_more(const char *path, bool lines, const struct lepton__tokenizer *tokenizer, struct lepton__words *classes,
		bool with_target, struct lepton__part *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
