/* model/schedule.c - the table of learning-rate schedules; adding one is a key table, a function and a line.
 *
 * With t steps done since the warm-up's end and d = decay_steps (or decay_epochs, in steps):
 *
 *     step         rate · decay_rate^floor(t / d)
 *     exponential  rate · decay_rate^(t / d)
 *     cosine       rate · (alpha + (1 − alpha) · (1 + cos(π · min(t / d, 1))) / 2)
 *     constant     rate
 *
 * as Keras's ExponentialDecay (staircase or not) and CosineDecay have it. A warm-up of w steps climbs
 * rate/w, 2·rate/w, … rate first; the decay's clock starts behind it.
 */
#include "config.h"
#include "model/schedule.h"
#include "base/json.h"
#include "lepton/option.h"

#include <math.h>
#include <string.h>

#define STEPS_MAX 1e12
#define EPOCHS_MAX 1e6
#define WHERE "optimizer.schedule"

struct lepton__schedule_kind {
	const char *name;
	const struct lepton__key *keys;
	bool needs_length; /* without decay_steps or decay_epochs it makes no sense */
	double (*factor)(const struct lepton__schedule *schedule, double t);
};

/* ---- the kinds ---- */

static double step_factor(const struct lepton__schedule *schedule, double t)
{
	return pow(schedule->decay_rate, floor(t / schedule->decay));
}

static double exponential_factor(const struct lepton__schedule *schedule, double t)
{
	return pow(schedule->decay_rate, t / schedule->decay);
}

static double cosine_factor(const struct lepton__schedule *schedule, double t)
{
	const double pi = 3.141592653589793238;
	double done = t < schedule->decay ? t / schedule->decay : 1;
	return schedule->alpha + (1 - schedule->alpha) * (1 + cos(pi * done)) / 2;
}

static double constant_factor(const struct lepton__schedule *schedule, double t)
{
	(void)schedule;
	(void)t;
	return 1;
}

#define COMMON_KEYS                                                                                          \
	{"name", LEPTON__KEY_STRING, 0, 0, "step|cosine|exponential|constant", true, "which schedule"},      \
		{"warmup_steps", LEPTON__KEY_INTEGER, 0, STEPS_MAX, NULL, false,                             \
			"steps of climbing to the rate; 0"},                                                 \
	{                                                                                                    \
		"warmup_epochs", LEPTON__KEY_NUMBER, 0, EPOCHS_MAX, NULL, false, "the same in epochs"        \
	}
#define DECAY_KEYS                                                                                           \
	{"decay_steps", LEPTON__KEY_INTEGER, 1, STEPS_MAX, NULL, false, "steps of one decay"},               \
	{                                                                                                    \
		"decay_epochs", LEPTON__KEY_NUMBER, 1e-6, EPOCHS_MAX, NULL, false, "the same in epochs"      \
	}

static const struct lepton__key decay_keys[] = {
	COMMON_KEYS,
	DECAY_KEYS,
	{"decay_rate", LEPTON__KEY_NUMBER, 0, 1, NULL, false, "what is left of the rate after a decay; 0.1"},
	{0},
};
static const struct lepton__key cosine_keys[] = {
	COMMON_KEYS,
	DECAY_KEYS,
	{"alpha", LEPTON__KEY_NUMBER, 0, 1, NULL, false, "share of the rate it ends at; 0"},
	{0},
};
static const struct lepton__key constant_keys[] = {
	COMMON_KEYS,
	{0},
};

static const struct lepton__schedule_kind table[] = {
	{"step", decay_keys, true, step_factor},
	{"cosine", cosine_keys, false, cosine_factor},
	{"exponential", decay_keys, true, exponential_factor},
	{"constant", constant_keys, false, constant_factor},
};

#define COUNT (sizeof table / sizeof *table)

/* ---- reading ---- */

static const struct lepton__schedule_kind *find(const char *name)
{
	for (size_t i = 0; name && i < COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static int unknown(const char *name, struct lepton_error *err)
{
	const char *names[COUNT + 1] = {NULL};
	char list[128];
	for (size_t i = 0; i < COUNT; i++)
		names[i] = table[i].name;
	lepton__key_list(names, list, sizeof list);
	const char *near = name ? lepton_suggest(name, names, COUNT) : NULL;
	if (near)
		return lepton_error_set(err, LEPTON_E_SPEC,
			WHERE ": unknown name \"%.40s\"; did you mean \"%s\"?", name, near);
	if (name)
		return lepton_error_set(
			err, LEPTON_E_SPEC, WHERE ": unknown name \"%.40s\"; there are %s", name, list);
	return lepton_error_set(
		err, LEPTON_E_SPEC, WHERE ": takes an object with a \"name\", one of %s", list);
}

/* A length given in steps or in epochs, not both; 0 when left out. */
static int read_length(const cJSON *config, const char *steps, const char *epochs, double *length,
	bool *in_epochs, struct lepton_error *err)
{
	*in_epochs = cJSON_GetObjectItemCaseSensitive(config, epochs) != NULL;
	if (*in_epochs && cJSON_GetObjectItemCaseSensitive(config, steps))
		return lepton_error_set(
			err, LEPTON_E_SPEC, WHERE ": takes \"%s\" or \"%s\", not both", steps, epochs);
	*length = lepton__json_get_number(config, *in_epochs ? epochs : steps, 0);
	return LEPTON_OK;
}

int lepton__schedule_read(struct lepton__schedule *schedule, const cJSON *config, struct lepton_error *err)
{
	*schedule = (struct lepton__schedule){0};
	if (!config)
		return LEPTON_OK;
	const char *name = lepton__json_get_string(config, "name", NULL);
	const struct lepton__schedule_kind *kind = find(name);
	if (!kind)
		return unknown(name, err);
	int code = lepton__keys_check(kind->keys, config, false, WHERE, err);
	if (!code)
		code = read_length(config, "warmup_steps", "warmup_epochs", &schedule->warmup,
			&schedule->warmup_in_epochs, err);
	if (!code)
		code = read_length(config, "decay_steps", "decay_epochs", &schedule->decay,
			&schedule->decay_in_epochs, err);
	if (code)
		return code;
	if (kind->needs_length && schedule->decay <= 0)
		return lepton_error_set(err, LEPTON_E_SPEC,
			WHERE ": \"%s\" needs \"decay_epochs\" or \"decay_steps\", as in {\"name\": \"%s\", "
			      "\"decay_epochs\": 5}",
			kind->name, kind->name);
	schedule->kind = kind;
	schedule->decay_rate = lepton__json_get_number(config, "decay_rate", 0.1);
	schedule->alpha = lepton__json_get_number(config, "alpha", 0);
	return LEPTON_OK;
}

/* ---- use ---- */

void lepton__schedule_plan(struct lepton__schedule *schedule, int64_t steps_per_epoch, int64_t epochs)
{
	double per_epoch = (double)steps_per_epoch;
	if (schedule->warmup_in_epochs)
		schedule->warmup = round(schedule->warmup * per_epoch);
	if (schedule->decay_in_epochs)
		schedule->decay = round(schedule->decay * per_epoch);
	else if (schedule->decay <= 0)
		schedule->decay = per_epoch * (double)epochs - schedule->warmup;
	schedule->warmup_in_epochs = schedule->decay_in_epochs = false;
	if (schedule->decay < 1)
		schedule->decay = 1;
}

float lepton__schedule_rate(const struct lepton__schedule *schedule, float rate, int64_t done)
{
	double t = (double)done;
	if (!schedule->kind)
		return rate;
	if (t < schedule->warmup)
		return (float)((double)rate * (t + 1) / schedule->warmup);
	return (float)((double)rate * schedule->kind->factor(schedule, t - schedule->warmup));
}
