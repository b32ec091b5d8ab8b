/* base/json.h - small helpers over cJSON: exact numbers in the C locale, typed look-ups, merging.
 *
 * cJSON is used to read. Text is written by lepton__json_… so that numbers round-trip: shortest
 * of %.15g/%.17g that reads back equal (floats %.9g), non-finite as null.
 */
#ifndef LEPTON_BASE_JSON_H
#define LEPTON_BASE_JSON_H

#include "base/buffer.h"
#include <cjson/cJSON.h>

void lepton__json_string(struct lepton__buffer *out, const char *string); /* quoted and escaped; bad UTF-8 becomes U+FFFD */
void lepton__json_number(struct lepton__buffer *out, double value);
void lepton__json_member(struct lepton__buffer *out, const char *key, double value); /* of an object, behind another */
void lepton__json_float(struct lepton__buffer *out, float value);
void lepton__json_int(struct lepton__buffer *out, int64_t value);
void lepton__json_value(struct lepton__buffer *out, const cJSON *value); /* compact, exact */
char *lepton__json_text(const cJSON *value); /* heap (lepton__free); NULL when out of memory */

/* Object look-ups with a fallback for missing or wrongly typed members (validation comes first, elsewhere). */
double lepton__json_get_number(const cJSON *object, const char *key, double fallback); /* null reads as NaN */
int64_t lepton__json_get_int(const cJSON *object, const char *key, int64_t fallback);
const char *lepton__json_get_string(const cJSON *object, const char *key, const char *fallback);
bool lepton__json_get_bool(const cJSON *object, const char *key, bool fallback);

/* Deep merge: members of `over` go into `under` (objects merge, all else replaces). False when out of memory. */
bool lepton__json_merge(cJSON *under, const cJSON *over);
/* Take these members away (a NULL ends the list), where they are there. */
void lepton__json_drop(cJSON *object, const char *const *keys);

#endif
