/* export/export.c - the table of formats, and one way to the disk.
 *
 * A format renders the whole file in memory from the folded run; the file is then written beside its
 * target and renamed over it, so a failure leaves the old one.
 */
#include "config.h"
#include "export/formats.h"
#include "base/file.h"
#include "base/memory.h"
#include "lepton/option.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct lepton_exporter *const table[] = {
	&lepton__export_json, /* the first is taken where neither format nor extension says */
	&lepton__export_csv,
	&lepton__export_html,
	NULL,
};
#define FORMATS (sizeof table / sizeof *table - 1)

const struct lepton_exporter *const *lepton_exporters(void)
{
	return table;
}

int lepton_exporter_find(const char *name, const struct lepton_exporter **out, struct lepton_error *err)
{
	const char *names[FORMATS];
	char list[256] = "";
	for (size_t i = 0; i < FORMATS; i++) {
		size_t used = strlen(list);
		*out = table[i];
		if (strcmp(table[i]->name, name) == 0)
			return LEPTON_OK;
		names[i] = table[i]->name;
		snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
	}
	*out = NULL;
	const char *near = lepton_suggest(name, names, FORMATS);
	if (near)
		return lepton_error_set(err, LEPTON_E_NOTFOUND,
			"unknown export format \"%.64s\"; did you mean \"%s\"? Known: %s", name, near, list);
	return lepton_error_set(
		err, LEPTON_E_NOTFOUND, "unknown export format \"%.64s\"; known: %s", name, list);
}

static const struct lepton_exporter *by_extension(const char *path)
{
	size_t length = strlen(path);
	for (size_t i = 0; i < FORMATS; i++) {
		size_t tail = strlen(table[i]->extension);
		if (length > tail && strcasecmp(path + length - tail, table[i]->extension) == 0)
			return table[i];
	}
	return table[0];
}

int lepton__export_check(const struct lepton_run *run, int64_t id, struct lepton_error *err)
{
	if (id == 0 || lepton_run_version(run, id))
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_NOTFOUND, "there is no version #%lld to export", (long long)id);
}

int lepton__export_finish(struct lepton__buffer *buffer, char **out, size_t *size, struct lepton_error *err)
{
	size_t used = buffer->size;
	char *text = lepton__buffer_take(buffer);
	if (!text)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to export %zu bytes", used);
	*out = text;
	*size = used;
	return LEPTON_OK;
}

int lepton_export(const struct lepton_run *run, int64_t id, const char *format, const char *path,
	struct lepton_error *err)
{
	const struct lepton_exporter *how = NULL;
	char *text = NULL;
	size_t size = 0;
	if (!path || !*path)
		return lepton_error_set(err, LEPTON_E_USAGE, "export: no file is named");
	int code = format ? lepton_exporter_find(format, &how, err) : LEPTON_OK;
	if (code)
		return code;
	if (!how)
		how = by_extension(path);
	code = how->render(run, id, &text, &size, err);
	if (!code)
		code = lepton__file_write(path, text, size, 0644, err);
	lepton__free(text);
	return code;
}
