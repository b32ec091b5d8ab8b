/* base/labels.c - tags and notes: read, checked, changed. See labels.h. */
#include "config.h"
#include "base/labels.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

/* ---- one tag ---- */

static bool control(const char *at)
{
	const unsigned char *s = (const unsigned char *)at;
	return s[0] < 0x20 || s[0] == 0x7F || (s[0] == 0xC2 && s[1] < 0xA0);
}

/* Words that the filter and the command line can take as they are. */
static int tag_check(const char *tag, size_t length, struct lepton_error *err)
{
	int shown = length > 40 ? 40 : (int)length;
	if (length < 1 || length > LEPTON__TAG_BYTES)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "a tag has 1 to %d bytes, not %zu", LEPTON__TAG_BYTES, length);
	if (strchr("-+=#", tag[0]))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"the tag \"%.*s\" begins with '%c'; begin it otherwise", shown, tag, tag[0]);
	for (size_t i = 0, step; i < length; i += step) {
		step = lepton__utf8_length(tag + i, length - i);
		if (!step || control(tag + i))
			return lepton_error_set(
				err, LEPTON_E_USAGE, "a tag is UTF-8 without control characters");
		if (strchr(" ,\"", tag[i]))
			return lepton_error_set(err, LEPTON_E_USAGE,
				"the tag \"%.*s\" holds %s; a tag is one word, without commas and quotes",
				shown, tag,
				tag[i] == ' '   ? "a blank"
				: tag[i] == ',' ? "a comma"
						: "a quote");
	}
	return LEPTON_OK;
}

/* ---- several ---- */

const char *lepton__tags_next(const char **at, size_t *length)
{
	*at += strspn(*at, " ");
	const char *tag = *at;
	*length = strcspn(tag, " ");
	*at += *length;
	return *length ? tag : NULL;
}

static int compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
	return order ? order : (a_length > b_length) - (a_length < b_length);
}

bool lepton__tags_have(const char *tags, const char *tag, size_t length)
{
	const char *word;
	size_t other;
	while ((word = lepton__tags_next(&tags, &other)))
		if (compare(word, other, tag, length) == 0)
			return true;
	return false;
}

struct list {
	char text[LEPTON__TAGS_SIZE + LEPTON__TAG_BYTES + 2]; /* one too many fits, and is counted */
	size_t used;
	int count;
};

static void append(struct list *list, const char *tag, size_t length)
{
	int more = snprintf(list->text + list->used, sizeof list->text - list->used, "%s%.*s",
		list->count ? " " : "", (int)length, tag);
	list->used += more > 0 ? (size_t)more : 0;
	list->count++;
}

/* The tags without this one, or with it in its place; how many there are. */
static int put(char tags[LEPTON__TAGS_SIZE], const char *tag, size_t length, bool with)
{
	struct list list = {.count = 0};
	const char *at = tags, *word;
	size_t other;
	do {
		word = lepton__tags_next(&at, &other);
		int order = word ? compare(word, other, tag, length) : 1;
		if (with && order >= 0) {
			append(&list, tag, length);
			with = false;
		}
		if (word && order)
			append(&list, word, other);
	} while (word);
	if (list.count <= LEPTON__TAGS)
		memcpy(tags, list.text, list.used + 1);
	return list.count;
}

static int change(char tags[LEPTON__TAGS_SIZE], const char *word, size_t length, struct lepton_error *err)
{
	bool less = word[0] == '-', sign = less || word[0] == '+';
	if (length == 1 && word[0] == '=') {
		*tags = '\0';
		return LEPTON_OK;
	}
	word += sign;
	length -= sign;
	int code = tag_check(word, length, err);
	if (!code && put(tags, word, length, !less) > LEPTON__TAGS)
		code = lepton_error_set(err, LEPTON_E_USAGE, "a version has at most %d tags", LEPTON__TAGS);
	return code;
}

int lepton__tags_change(
	const char *tags, const char *changes, char out[LEPTON__TAGS_SIZE], struct lepton_error *err)
{
	char made[LEPTON__TAGS_SIZE] = "";
	const char *word;
	size_t length;
	int code = LEPTON_OK;
	while (!code && (word = lepton__tags_next(&tags, &length)))
		code = change(made, word, length, err);
	while (!code && (word = lepton__tags_next(&changes, &length)))
		code = change(made, word, length, err);
	if (!code)
		memcpy(out, made, sizeof made);
	return code;
}

/* ---- notes ---- */

int lepton__note_check(const char *note, struct lepton_error *err)
{
	size_t length = strlen(note);
	if (length > LEPTON__NOTE_BYTES)
		return lepton_error_set(err, LEPTON_E_USAGE, "a note has at most %d bytes, not %zu",
			LEPTON__NOTE_BYTES, length);
	if (!lepton__utf8_valid(note, length))
		return lepton_error_set(err, LEPTON_E_USAGE, "a note is not UTF-8");
	for (size_t i = 0; i < length; i++)
		if (control(note + i) && note[i] != '\n' && note[i] != '\t')
			return lepton_error_set(err, LEPTON_E_USAGE,
				"a note cannot hold control characters, but for line ends and tabs");
	return LEPTON_OK;
}

/* ---- as a spec file has them ---- */

static int read_tags(const cJSON *list, char tags[LEPTON__TAGS_SIZE], struct lepton_error *err)
{
	const cJSON *item;
	int code = LEPTON_OK;
	*tags = '\0';
	if (!list)
		return LEPTON_OK;
	if (!cJSON_IsArray(list))
		return lepton_error_set(
			err, LEPTON_E_USAGE, "\"tags\" takes a list of words, e.g. [\"big\"]");
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item))
			return lepton_error_set(
				err, LEPTON_E_USAGE, "\"tags\" takes words in quotes, e.g. [\"big\"]");
		code = tag_check(item->valuestring, strlen(item->valuestring), err);
		if (!code)
			code = change(tags, item->valuestring, strlen(item->valuestring), err);
		if (code) {
			lepton_error_prefix(err, "\"tags\"");
			return code;
		}
	}
	return LEPTON_OK;
}

int lepton__labels_read(
	const cJSON *config, char tags[LEPTON__TAGS_SIZE], const char **note, struct lepton_error *err)
{
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(config, "note");
	int code = read_tags(cJSON_GetObjectItemCaseSensitive(config, "tags"), tags, err);
	*note = cJSON_GetStringValue(text);
	if (!code && text && !*note)
		return lepton_error_set(err, LEPTON_E_USAGE, "\"note\" takes a text in quotes");
	if (!code && *note) {
		code = lepton__note_check(*note, err);
		if (code)
			lepton_error_prefix(err, "\"note\"");
	}
	return code;
}
