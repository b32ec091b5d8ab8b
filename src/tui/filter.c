/* tui/filter.c - the filter language: a list of terms that must all hold.
 *
 * Parsing and matching are apart so that the prompt can check what is typed at each key without
 * touching what is shown. There is no grouping and no "or" on purpose: what can be read in one
 * glance needs no brackets. Figures come from one table, which also makes the list in the error.
 */
#include "config.h"
#include "tui/filter.h"
#include "base/json.h"
#include "base/labels.h"
#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct figure {
	const char *key;
	double (*of)(const struct lepton_run_version *version);
};

#define FIGURE(name, member)                                                                                 \
	static double name(const struct lepton_run_version *version)                                         \
	{                                                                                                    \
		return (double)version->member;                                                              \
	}
FIGURE(f_loss, loss)
FIGURE(f_accuracy, accuracy)
FIGURE(f_val, val_accuracy)
FIGURE(f_val_loss, val_loss)
FIGURE(f_test, test_accuracy)
FIGURE(f_test_loss, test_loss)
FIGURE(f_epoch, epoch)
FIGURE(f_step, step)
FIGURE(f_rate, samples_per_second)
FIGURE(f_size, bytes)
FIGURE(f_parameters, parameters)
FIGURE(f_priority, priority)
FIGURE(f_seed, seed)

static const struct figure figures[] = {
	{"loss", f_loss},
	{"acc", f_accuracy},
	{"val", f_val},
	{"val_loss", f_val_loss},
	{"test", f_test},
	{"test_loss", f_test_loss},
	{"epoch", f_epoch},
	{"step", f_step},
	{"rate", f_rate},
	{"size", f_size},
	{"params", f_parameters},
	{"priority", f_priority},
	{"seed", f_seed},
	/* longer words for the same, not listed in the message */
	{"accuracy", f_accuracy},
	{"val_accuracy", f_val},
	{"test_accuracy", f_test},
	{"bytes", f_size},
	{"parameters", f_parameters},
};
static const char *const words[] = {
	"state", "learner", "op", "parent", "name", "optimizer", "lr", "batch", "tag", "note"};
enum { FIGURES = sizeof figures / sizeof *figures, LISTED = 13, WORDS = sizeof words / sizeof *words };

bool lepton__contains(const char *text, const char *part)
{
	for (;; text++) {
		size_t i = 0;
		while (part[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
			i++;
		if (!part[i])
			return true;
		if (!*text)
			return false;
	}
}

static const struct figure *figure_of(const char *key)
{
	for (int i = 0; i < FIGURES; i++)
		if (strcmp(figures[i].key, key) == 0)
			return &figures[i];
	return NULL;
}

/* The name under which the configuration has what people call by a short word. */
static const char *setting_key(const char *key)
{
	if (strcmp(key, "lr") == 0)
		return "optimizer.learning_rate";
	if (strcmp(key, "optimizer") == 0)
		return "optimizer.name";
	return strcmp(key, "batch") == 0 ? "batch_size" : key;
}

static bool known_word(const char *key)
{
	for (int i = 0; i < WORDS; i++)
		if (strcmp(words[i], key) == 0)
			return true;
	return strchr(key, '.') || strcmp(key, "batch_size") == 0 || strcmp(key, "epochs") == 0;
}

static int unknown_key(const char *key, struct lepton_error *err)
{
	const char *all[FIGURES + WORDS];
	size_t count = 0;
	for (int i = 0; i < FIGURES; i++)
		all[count++] = figures[i].key;
	for (int i = 0; i < WORDS; i++)
		all[count++] = words[i];
	const char *near = lepton_suggest(key, all, count);
	if (near)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "unknown \"%s\"; did you mean \"%s\"?", key, near);
	return lepton_error_set(err, LEPTON_E_USAGE,
		"unknown \"%s\"; use loss, acc, val, test, epoch, step, rate, size, params, state:, "
		"learner:, tag:, note:, lr",
		key);
}

/* "98%" is 0.98; a sign of size (k, M) multiplies. */
static int parse_number(const char *text, const char *key, double *out, struct lepton_error *err)
{
	char *end = NULL;
	errno = 0;
	*out = *text ? strtod(text, &end) : 0;
	if (!*text || end == text)
		return lepton_error_set(err, LEPTON_E_USAGE, "\"%s\" needs a number, e.g. %s<0.1", key, key);
	if (*end == '%')
		*out /= 100, end++;
	else if (*end == 'k')
		*out *= 1e3, end++;
	else if (*end == 'M')
		*out *= 1e6, end++;
	if (*end || errno == ERANGE || !isfinite(*out))
		return lepton_error_set(err, LEPTON_E_USAGE, "\"%.40s\" is not a number", text);
	return LEPTON_OK;
}

static const char *parse_compare(const char *at, enum lepton__compare *out)
{
	bool equal = at[1] == '=';
	switch (*at) {
	case '<':
		*out = equal ? LEPTON__LESS_EQUAL : LEPTON__LESS;
		return at + (equal ? 2 : 1);
	case '>':
		*out = equal ? LEPTON__MORE_EQUAL : LEPTON__MORE;
		return at + (equal ? 2 : 1);
	case '!':
		*out = LEPTON__UNLIKE;
		return equal ? at + 2 : NULL;
	default:
		*out = LEPTON__EQUAL;
		return at + (equal ? 2 : 1);
	}
}

static int parse_state(const char *word, struct lepton_error *err)
{
	const char *names[LEPTON_ARCHIVED + 1];
	for (int s = LEPTON_QUEUED; s <= LEPTON_ARCHIVED; s++) {
		names[s] = lepton_version_state_name((enum lepton_version_state)s);
		if (*word && strncmp(names[s], word, strlen(word)) == 0)
			return LEPTON_OK;
	}
	const char *near = lepton_suggest(word, names, LEPTON_ARCHIVED + 1);
	return lepton_error_set(err, LEPTON_E_USAGE,
		near ? "no state \"%.20s\"; did you mean \"%s\"?"
		     : "no state \"%.20s\"; use queued, running, paused, done, stopped, failed or "
		       "archived%.0s",
		word, near ? near : "");
}

static int parse_term(const char *text, struct lepton__term *term, struct lepton_error *err)
{
	*term = (struct lepton__term){.kind = LEPTON__TERM_NAME};
	if ((*text == '-' || *text == '!') && text[1])
		term->negated = true, text++;
	size_t length = strcspn(text, "<>=!:");
	if (!text[length]) {
		lepton__copy_name(term->word, sizeof term->word, text);
		return LEPTON_OK;
	}
	if (length == 0 || length >= sizeof term->key)
		return lepton_error_set(
			err, LEPTON_E_USAGE, "\"%.40s\" needs a word before its sign, e.g. loss<0.1", text);
	memcpy(term->key, text, length);
	bool figure = figure_of(term->key) != NULL;
	if (!figure && !known_word(term->key))
		return unknown_key(term->key, err);
	if (text[length] == ':' || (text[length] == '=' && !figure)) {
		term->kind = LEPTON__TERM_WORD;
		lepton__copy_name(
			term->word, sizeof term->word, text + length + 1 + (text[length + 1] == '='));
		if (figure)
			return lepton_error_set(err, LEPTON_E_USAGE,
				"\"%s\" is a figure: write %s<0.1 or %s>0.1", term->key, term->key,
				term->key);
		return strcmp(term->key, "state") == 0 ? parse_state(term->word, err) : LEPTON_OK;
	}
	term->kind = LEPTON__TERM_NUMBER;
	const char *value = parse_compare(text + length, &term->compare);
	if (!value)
		return lepton_error_set(err, LEPTON_E_USAGE, "\"%.40s\": use < <= > >= = or !=", text);
	return parse_number(value, term->key, &term->number, err);
}

int lepton__filter_parse(const char *text, struct lepton__filter *out, struct lepton_error *err)
{
	*out = (struct lepton__filter){0};
	for (const char *at = text; *at;) {
		char term[256];
		size_t length = strcspn(at, " \t");
		if (length > 0) {
			if (out->count == sizeof out->terms / sizeof *out->terms || length >= sizeof term)
				return lepton_error_set(err, LEPTON_E_USAGE, "the filter is too long");
			memcpy(term, at, length);
			term[length] = '\0';
			int code = parse_term(term, &out->terms[out->count++], err);
			if (code)
				return code;
		}
		at += length + (at[length] != '\0');
	}
	return LEPTON_OK;
}

static bool compares(enum lepton__compare compare, double a, double b)
{
	bool same = fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
	switch (compare) {
	case LEPTON__LESS:
		return a < b && !same;
	case LEPTON__LESS_EQUAL:
		return a < b || same;
	case LEPTON__MORE:
		return a > b && !same;
	case LEPTON__MORE_EQUAL:
		return a > b || same;
	case LEPTON__EQUAL:
		return same;
	case LEPTON__UNLIKE:
		return !same;
	}
	return false;
}

static bool number_holds(const struct lepton__term *term, const struct lepton_run_version *version,
	const struct lepton__flat *settings)
{
	const struct figure *figure = figure_of(term->key);
	double value = NAN;
	if (figure) {
		value = figure->of(version);
	} else {
		const char *text = lepton__flat_get(settings, setting_key(term->key));
		char *end = NULL;
		if (text && *text)
			value = strtod(text, &end);
		if (!end || *end)
			return false;
	}
	return isfinite(value) && compares(term->compare, value, term->number);
}

static bool operation_is(const struct lepton_run_version *version, const char *word)
{
	cJSON *object = cJSON_Parse(lepton_text_get(version->operation));
	bool is = lepton__contains(lepton__json_get_string(object, "op", ""), word) ||
		  lepton__contains(lepton__json_get_string(object, "method", ""), word);
	cJSON_Delete(object);
	return is;
}

static bool parent_is(
	const struct lepton_run *run, const struct lepton_run_version *version, const char *word)
{
	for (int i = 0; i < version->parent_count; i++) {
		const struct lepton_run_version *parent = lepton_run_version(run, version->parents[i]);
		if (parent && lepton__contains(parent->name, word))
			return true;
	}
	return false;
}

static bool word_holds(const struct lepton__term *term, const struct lepton_run *run,
	const struct lepton_run_version *version, const struct lepton__flat *settings)
{
	if (strcmp(term->key, "state") == 0)
		return strncmp(lepton_version_state_name(version->state), term->word, strlen(term->word)) ==
		       0;
	if (strcmp(term->key, "learner") == 0)
		return lepton__contains(version->learner, term->word);
	if (strcmp(term->key, "name") == 0)
		return lepton__contains(version->name, term->word);
	if (strcmp(term->key, "op") == 0)
		return operation_is(version, term->word);
	if (strcmp(term->key, "parent") == 0)
		return parent_is(run, version, term->word);
	if (strcmp(term->key, "tag") == 0) /* the whole word; "tag:" any at all */
		return *term->word ? lepton__tags_have(
					     lepton_text_get(version->tags), term->word, strlen(term->word))
				   : *lepton_text_get(version->tags) != '\0';
	if (strcmp(term->key, "note") == 0)
		return *lepton_text_get(version->note) &&
		       lepton__contains(lepton_text_get(version->note), term->word);
	const char *value = lepton__flat_get(settings, setting_key(term->key));
	return value && lepton__contains(value, term->word);
}

bool lepton__filter_match(const struct lepton__filter *filter, const struct lepton_run *run,
	const struct lepton_run_version *version, const struct lepton__flat *settings)
{
	for (int i = 0; i < filter->count; i++) {
		const struct lepton__term *term = &filter->terms[i];
		bool holds = term->kind == LEPTON__TERM_NAME   ? lepton__contains(version->name, term->word)
			     : term->kind == LEPTON__TERM_WORD ? word_holds(term, run, version, settings)
							       : number_holds(term, version, settings);
		if (holds == term->negated)
			return false;
	}
	return true;
}
