/* base/labels.h - what people write on a version: tags, which are words, and a note.
 *
 * The tags of a version are one text: its words in alphabetical order, a blank between. Spec files, commands,
 * the command line and the dashboard's forms all change and check them here.
 */
#ifndef LEPTON_BASE_LABELS_H
#define LEPTON_BASE_LABELS_H

#include "lepton/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#define LEPTON__TAG_BYTES 31
#define LEPTON__TAGS 16 /* of one version */
#define LEPTON__TAGS_SIZE ((LEPTON__TAG_BYTES + 1) * LEPTON__TAGS + 1)
#define LEPTON__NOTE_BYTES 2000

/* What becomes of `tags` by changes as people type them: "+big -old", words apart by blanks; a word without a sign is added; a
 * word "=" takes all away that stood before it. LEPTON_E_USAGE: one cannot be a tag, or there would be too many. */
int lepton__tags_change(const char *tags, const char *changes, char out[LEPTON__TAGS_SIZE], struct lepton_error *err)
		LEPTON_MUST_CHECK;
bool lepton__tags_have(const char *tags, const char *tag, size_t length);
/* The tag at *at (its length), which moves on behind it; NULL after the last. */
const char *lepton__tags_next(const char **at, size_t *length);
/* UTF-8 of at most LEPTON__NOTE_BYTES, no control characters but line ends and tabs. LEPTON_E_USAGE. */
int lepton__note_check(const char *note, struct lepton_error *err) LEPTON_MUST_CHECK;
/* "tags" and "note" of a configuration, "" and NULL where they are not there; the note stays the configuration's. */
int lepton__labels_read(const cJSON *config, char tags[LEPTON__TAGS_SIZE], const char **note, struct lepton_error *err)
		LEPTON_MUST_CHECK;

#endif
