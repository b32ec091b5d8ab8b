/* data/text_place.h - where texts lie. */
#ifndef LEPTON_DATA_TEXT_PLACE_H
#define LEPTON_DATA_TEXT_PLACE_H

#include "lepton/error.h"
#include <stdbool.h>

struct lepton__text_place { /* zeroed: empty */
	char *train, *test; /* owned; test is NULL where there is none of its own */
	bool lines;         /* files of lines; else folders of files */
};

/* A file of lines; a folder with train.txt and test.txt, plain or .gz; one with train/ and test/, a folder a class in each;
 * one with a folder a class. LEPTON_E_DATA, LEPTON_E_IO, LEPTON_E_NOMEM. */
int lepton__text_find(const char *path, struct lepton__text_place *out, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__text_place_free(struct lepton__text_place *place);

#endif
