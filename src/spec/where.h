/* spec/where.h - JSON text read strictly, with each value's line kept. */
#ifndef LEPTON_SPEC_WHERE_H
#define LEPTON_SPEC_WHERE_H

#include "lepton/error.h"
#include <cjson/cJSON.h>
#include <stdint.h>

#define LEPTON__SPEC_DEPTH 32   /* of nested objects and lists */
#define LEPTON__SPEC_MEMBERS 256 /* of one object */

/* Parse `text`. Every node of *out has its line (from 1) in `valueint`, which cJSON_Duplicate copies
 * along, so a merged configuration still knows where each of its parts was written. LEPTON_E_SPEC:
 * "name:line:column: …" for a syntax fault, "name:line: …" for a key that is there twice. */
int lepton__where_parse(const char *text, size_t length, const char *name, cJSON **out, struct lepton_error *err)
		LEPTON_MUST_CHECK;

/* The code point at s and its bytes (1..4); 0 when there is no valid UTF-8 within `left` bytes. */
size_t lepton__where_utf8(const char *s, size_t left, uint32_t *code_point);

#endif
