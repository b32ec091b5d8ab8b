/* model/message.c - JSON lines of external programs: {"step": 10, "loss": 0.4, "accuracy": 0.9}.
 *
 * Programs are forgiven what they commonly do: Python writes NaN and Infinity where JSON has no word for
 * them. A value that cannot be used is left out and named; the others of its line count.
 */
#include "config.h"
#include "model/message.h"
#include "base/json.h"
#include "base/memory.h"
#include "model/intake.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define STEP_MAX 9007199254740992.0 /* 2^53: whole numbers are exact so far */
#define EPOCH_MAX 1e9

enum kind { STEP, EPOCH, LOSS, SHARE, RATE, TEXT, PATH };

static const struct {
	const char *name;
	enum kind kind;
	size_t offset; /* of a double in the report */
} keys[] = {
	{"step", STEP, 0},
	{"epoch", EPOCH, offsetof(struct lepton_report, epoch)},
	{"loss", LOSS, offsetof(struct lepton_report, loss)},
	{"accuracy", SHARE, offsetof(struct lepton_report, accuracy)},
	{"val_loss", RATE, offsetof(struct lepton_report, val_loss)},
	{"val_accuracy", SHARE, offsetof(struct lepton_report, val_accuracy)},
	{"test_loss", RATE, offsetof(struct lepton_report, test_loss)},
	{"test_accuracy", SHARE, offsetof(struct lepton_report, test_accuracy)},
	{"samples_per_second", RATE, offsetof(struct lepton_report, samples_per_second)},
	{"message", TEXT, 0},
	{"weights", PATH, 0},
};

/* Python's words for what is no number become strings of the same length, outside of strings. */
static void quote_words(char *line)
{
	static const char *const words[][2] = {
		{"-Infinity", "\"I\"      "}, {"Infinity", "\"I\"     "}, {"NaN", "\"N\""}};
	bool inside = false;
	for (char *at = line; *at; at++) {
		if (inside && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			inside = !inside;
		for (size_t i = 0; i < 3 && !inside; i++)
			if (strncmp(at, words[i][0], strlen(words[i][0])) == 0) {
				memcpy(at, words[i][1], strlen(words[i][0]));
				at += strlen(words[i][0]) - 1;
				break;
			}
	}
}

/* A number, or NaN for one that is none; false for anything else. */
static bool number(const cJSON *value, double *out)
{
	*out = (double)NAN;
	if (cJSON_IsNumber(value) && isfinite(value->valuedouble))
		*out = value->valuedouble;
	return cJSON_IsNumber(value) ||
	       (cJSON_IsString(value) &&
		       (strcmp(value->valuestring, "N") == 0 || strcmp(value->valuestring, "I") == 0));
}

static const char *take_number(enum kind kind, double value, double *place, struct lepton_report *report)
{
	if (kind == STEP && !(value >= 0 && value <= STEP_MAX && floor(value) >= value))
		return "takes a whole number from 0";
	if (kind == EPOCH && !(value >= 0 && value <= EPOCH_MAX))
		return "takes a number from 0";
	if (kind == SHARE && (value < 0 || value > 1))
		return "takes a share from 0 to 1";
	if (kind == LOSS)
		report->diverged = !isfinite(value);
	if (kind == STEP)
		report->step = (int64_t)value;
	else
		*place = value;
	return NULL;
}

/* NULL when it could be used. */
static const char *take(
	size_t key, const cJSON *value, struct lepton__message *m, struct lepton_report *report)
{
	double *place = (double *)(void *)((char *)report + keys[key].offset), now;
	if (keys[key].kind == TEXT || keys[key].kind == PATH) {
		if (!cJSON_IsString(value))
			return "takes a string";
		if (keys[key].kind == TEXT)
			lepton__intake_clean(value->valuestring, m->text, sizeof m->text);
		else if (!*value->valuestring || strlen(value->valuestring) >= sizeof m->weights)
			return "takes the path of a file";
		else
			lepton__copy_name(m->weights, sizeof m->weights, value->valuestring);
		return NULL;
	}
	if (!number(value, &now))
		return "takes a number";
	m->figures = true;
	return take_number(keys[key].kind, now, place, report);
}

static void take_all(const cJSON *object, struct lepton__message *m, struct lepton_report *report)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, keys[i].name);
		if (!value)
			continue;
		m->ours = true;
		const char *fault =
			cJSON_IsNull(value) ? NULL : take(i, value, m, report); /* null: not known */
		if (fault && !*m->fault)
			snprintf(m->fault, sizeof m->fault, "\"%s\" %s", keys[i].name, fault);
	}
}

void lepton__message_read(char *line, struct lepton__message *m, struct lepton_report *report)
{
	const double none = (double)NAN;
	*report = (struct lepton_report){.kind = LEPTON_REPORT_FIGURES,
		.step = -1,
		.epoch = -1,
		.loss = none,
		.accuracy = none,
		.val_loss = none,
		.val_accuracy = none,
		.test_loss = none,
		.test_accuracy = none,
		.samples_per_second = none};
	m->ours = m->figures = false;
	*m->fault = *m->text = *m->weights = '\0';
	while (isspace((unsigned char)*line))
		line++;
	if (*line != '{')
		return;
	cJSON *object = cJSON_ParseWithOpts(line, NULL, true);
	if (!object) {
		quote_words(line);
		object = cJSON_ParseWithOpts(line, NULL, true);
	}
	if (cJSON_IsObject(object))
		take_all(object, m, report);
	cJSON_Delete(object);
}
