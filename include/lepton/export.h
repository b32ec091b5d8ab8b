/* lepton/export.h - run summaries for other programs.
 *
 * One file a format; export.c holds the table. Files are written beside their target and renamed,
 * so a reader never sees half of one. Numbers round-trip, in the C locale; non-finite ones are null
 * (JSON) or empty (CSV).
 */
#ifndef LEPTON_EXPORT_H
#define LEPTON_EXPORT_H

#include "lepton/run.h"

struct lepton_exporter {
	const char *name;      /* "json", "csv" */
	const char *extension; /* ".json" */
	const char *summary;
	/* The file's contents, heap, *size bytes. id 0: all versions, else that one alone. */
	int (*render)(const struct lepton_run *run, int64_t id, char **out, size_t *size, struct lepton_error *err);
};

LEPTON_API const struct lepton_exporter *const *lepton_exporters(void); /* NULL-terminated table */
LEPTON_API int lepton_exporter_find(const char *name, const struct lepton_exporter **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* format NULL: by the file's extension, JSON otherwise. */
LEPTON_API int lepton_export(const struct lepton_run *run, int64_t id, const char *format, const char *path,
		struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
