/* tui/preferences_save.c - the settings as they stand, into the file.
 *
 * The file is the person's: comments, bindings and lines that were not understood stay where they are, word
 * for word. Only the values of settings that are there change, and those that are no longer the usual ones
 * are added at the end. It is written as a whole beside the old one, which it then replaces.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/preferences.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"

#include <string.h>
#include <unistd.h>

#define LARGEST_FILE (1 << 18)

/* Which setting a line is about; count: none. */
static size_t setting_of(const char *line, size_t length)
{
	size_t i = 0;
	const char *end = line + length;
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	for (; i < lepton__preference_count; i++) {
		size_t name = strlen(lepton__preference_table[i].name);
		if ((size_t)(end - line) <= name ||
			strncmp(line, lepton__preference_table[i].name, name) != 0)
			continue;
		const char *at = line + name;
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		if (at < end && *at == '=')
			break;
	}
	return i;
}

static void write_setting(
	struct lepton__buffer *out, const struct lepton__preferences *preferences, size_t which)
{
	const struct lepton__preference *setting = &lepton__preference_table[which];
	lepton__buffer_printf(
		out, "%s = %s\n", setting->name, lepton__preference_value(preferences, setting));
}

static void copy_lines(struct lepton__buffer *out, const struct lepton__preferences *preferences,
	const char *text, bool *written)
{
	while (*text) {
		size_t length = strcspn(text, "\n"), which = setting_of(text, length);
		if (which < lepton__preference_count) {
			write_setting(out, preferences, which);
			written[which] = true;
		} else {
			lepton__buffer_append(out, text, length);
			lepton__buffer_string(out, "\n");
		}
		text += length + (text[length] == '\n');
	}
}

static bool is_usual(const struct lepton__preferences *preferences, const struct lepton__preference *setting)
{
	const char *value = lepton__preference_value(preferences, setting);
	return setting->choices ? strcmp(value, setting->choices[setting->usual]) == 0 : !*value;
}

static int make_folder(const char *path, struct lepton_error *err)
{
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return LEPTON_OK;
	char *folder = lepton__strndup(path, (size_t)(slash - path));
	int code = folder ? lepton__make_dirs(folder, 0755, err)
			  : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton__free(folder);
	return code;
}

int lepton__preferences_save(const struct lepton__preferences *preferences, struct lepton_error *err)
{
	const char *path = preferences->path;
	struct lepton__buffer out;
	bool written[32] = {false};
	char *text = NULL;
	size_t size;
	if (!*path)
		return lepton_error_set(
			err, LEPTON_E_STATE, "there is no file to keep settings in: HOME is not set");
	int code = access(path, F_OK) == 0 ? lepton__file_read(path, LARGEST_FILE, &text, &size, err)
					   : make_folder(path, err);
	if (code)
		return code;
	lepton__buffer_init(&out, 2 * LARGEST_FILE);
	copy_lines(
		&out, preferences, text ? text : "# lepton-tui: see lepton-tui(1), CONFIGURATION\n", written);
	for (size_t i = 0; i < lepton__preference_count; i++)
		if (!written[i] && !is_usual(preferences, &lepton__preference_table[i]))
			write_setting(&out, preferences, i);
	code = out.failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the settings")
			  : lepton__file_write(path, out.data, out.size, 0644, err);
	lepton__buffer_free(&out);
	lepton__free(text);
	return code;
}
