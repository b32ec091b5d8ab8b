/* export/formats.h - the formats the table lists, one file each, and what they share. */
#ifndef LEPTON_EXPORT_FORMATS_H
#define LEPTON_EXPORT_FORMATS_H

#include "lepton/export.h"
#include "base/buffer.h"

#define LEPTON__EXPORT_MAX ((size_t)1 << 34) /* bytes of one file */

extern const struct lepton_exporter lepton__export_json;
extern const struct lepton_exporter lepton__export_csv;
extern const struct lepton_exporter lepton__export_html;

/* Is there anything to write for this id (0: all versions)? LEPTON_E_NOTFOUND. */
int lepton__export_check(
	const struct lepton_run *run, int64_t id, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Hand over the finished text, or say that memory ran out. Frees the buffer either way. */
int lepton__export_finish(
	struct lepton__buffer *buffer, char **out, size_t *size, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
