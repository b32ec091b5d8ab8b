/* train/codec.h - structs to JSON and back, by tables that say where each member lies.
 *
 * One table serves both directions, so they cannot disagree. Whole numbers past 2^53 travel as
 * strings of digits, since most JSON readers keep numbers as doubles; non-finite ones as null, read
 * back as NaN. Texts, also those that hold JSON themselves, travel as strings: byte for byte.
 */
#ifndef LEPTON_TRAIN_CODEC_H
#define LEPTON_TRAIN_CODEC_H

#include "base/json.h"

enum lepton__field_kind {
	LEPTON__FIELD_INT,    /* int */
	LEPTON__FIELD_I64,    /* int64_t */
	LEPTON__FIELD_U64,    /* uint64_t */
	LEPTON__FIELD_NUMBER, /* double */
	LEPTON__FIELD_BOOL,   /* bool */
	LEPTON__FIELD_NAME,   /* char[size] */
	LEPTON__FIELD_TEXT,   /* struct lepton_text *; null for NULL */
	LEPTON__FIELD_ENUM,   /* an enum, by the words in `names` */
	LEPTON__FIELD_IDS,    /* int64_t[size / 8]; how many is the int at `count` */
};

struct lepton__field {
	const char *name; /* NULL ends a table */
	enum lepton__field_kind kind;
	size_t offset, size, count;
	const char *const *const *names;
	bool optional; /* when missing, what the struct has already stays */
};

/* Appends `,"name":value` for each field (the caller has begun the object with another member). */
void lepton__codec_write(struct lepton__buffer *out, const struct lepton__field *table, const void *from);
/* Fills *to. On a fault *to may hold some texts already: the caller clears it. `code` is what faults return.
 */
int lepton__codec_read(const cJSON *object, const struct lepton__field *table, void *to, int code,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* codec_quick.c: the members of a table as lepton__codec_write has them, read from *at on, which comes behind them. False:
 * not so plain, or not in that order; what is in *to then is no texts. */
bool lepton__codec_quick(const char **at, const struct lepton__field *table, void *to);
bool lepton__codec_quick_numbers(void); /* can it read numbers, in this locale? */
/* The index of a word in a NULL-ended table; -1 when it is not there. */
int lepton__codec_word(const char *const *names, const char *word);
/* Parse one whole JSON object; NULL with *err set. */
cJSON *lepton__codec_parse(const char *json, const char *what, int code, struct lepton_error *err);

#endif
