/* train/run_privacy.c - what a version's training has cost the examples' privacy, from what a reader of the
 * events knows.
 *
 * Nothing is counted while it trains: configuration and steps say it all. A version costs its own steps, and
 * what those that it comes from had cost when it came from them: a clone that goes on from weights spends on
 * top of its source, and compressed weights are a function of others, which costs nothing more (as long as no
 * data is looked at). Sub-models train on different examples, so each example is only told of by its own; the
 * whole costs what the dearest of them does. What is not known to follow, by fusing versions or from a
 * teacher, is not said at all.
 *
 * Where a doubt is left it is settled upwards: a shard whose size is not known counts as the smallest that
 * has as many steps; where training went back to its best epoch, the steps after it count too, since they
 * were looked at.
 */
#include "config.h"
#include "base/json.h"
#include "lepton/compress.h"
#include "lepton/privacy.h"
#include "lepton/run.h"
#include "lepton/spec.h"
#include "model/settings.h"

#include <math.h>
#include <string.h>

#define DEEPEST 64 /* generations */

enum answer { UNKNOWN, KNOWN };

struct one_step { /* the last that was worked out: parts of a whole have the same, and a screen asks for all
		     of them often */
	double rate, noise, rdp[LEPTON_PRIVACY_ORDERS];
};

struct account {
	const struct lepton_run *run;
	struct one_step *last;
	double rdp[LEPTON_PRIVACY_ORDERS];
	int depth;
};

static enum answer account_for(struct account *account, const struct lepton_run_version *v, int64_t step);

/* At least so many examples. */
static int64_t samples_of(const struct lepton_run *run, const struct lepton_run_version *v, int batch)
{
	struct lepton_shard_rule rule;
	int index;
	const int64_t least = (v->steps_per_epoch - 1) * batch + 1;
	cJSON *data = cJSON_Parse(lepton_text_get(run->data));
	int64_t all = lepton__json_get_int(data, "train", 0);
	cJSON_Delete(data);
	if (lepton_shard_read(lepton_text_get(v->hyperparameters), &rule, &index))
		all = rule.by == LEPTON_SHARD_IID ? all / rule.count : 0;
	return all > least ? all : least;
}

/* Of those that end early all steps that were ever seen, since it may have gone back from them. */
static int64_t steps_of(const struct lepton_run_version *v, const cJSON *config, int64_t step)
{
	if (!cJSON_GetObjectItemCaseSensitive(config, "early_stopping"))
		return step;
	const struct lepton_epochs *e = &v->epochs_done;
	const int64_t last = e->count ? e->step[e->count - 1] : 0;
	step = v->step > step ? v->step : step;
	return last > step ? last : step;
}

static void spend(struct account *account, double rate, double noise, int64_t steps)
{
	struct one_step *last = account->last;
	if (fabs(last->rate - rate) > 0 || fabs(last->noise - noise) > 0) {
		*last = (struct one_step){.rate = rate, .noise = noise};
		lepton_privacy_spend(last->rdp, rate, noise, 1);
	}
	for (int k = 0; steps > 0 && k < LEPTON_PRIVACY_ORDERS; k++)
		account->rdp[k] += (double)steps * last->rdp[k];
}

/* Its own steps, `step` of them. */
static enum answer spend_own(struct account *account, const struct lepton_run_version *v, int64_t step)
{
	struct lepton__settings settings;
	cJSON *config = cJSON_Parse(lepton_text_get(v->hyperparameters));
	const bool read = config && strcmp(v->learner, "network") == 0 &&
			  lepton__settings_read(&settings, config, NULL) == LEPTON_OK;
	const int64_t steps = steps_of(v, config, step);
	cJSON_Delete(config);
	if (!read)
		return UNKNOWN;
	const double noise = settings.privacy.on ? settings.privacy.noise : 0;
	const double rate =
		(double)settings.batch_size / (double)samples_of(account->run, v, settings.batch_size);
	spend(account, fmin(rate, 1), noise, steps);
	return KNOWN;
}

/* What its parents had cost: the first at a step. */
static enum answer spend_parents(struct account *account, const struct lepton_run_version *v, int64_t step)
{
	for (int i = 0; i < v->parent_count; i++) {
		const struct lepton_run_version *parent = lepton_run_version(account->run, v->parents[i]);
		if (!parent || account_for(account, parent, i ? parent->step : step) == UNKNOWN)
			return UNKNOWN;
	}
	return KNOWN;
}

/* Each example is in one part only. */
static enum answer spend_dearest(struct account *account, const struct lepton_run_version *whole)
{
	double most[LEPTON_PRIVACY_ORDERS] = {0};
	for (int i = 0; i < whole->parent_count; i++) {
		struct account one = {.run = account->run, .last = account->last, .depth = account->depth};
		const struct lepton_run_version *part = lepton_run_version(account->run, whole->parents[i]);
		if (!part || account_for(&one, part, part->step) == UNKNOWN)
			return UNKNOWN;
		for (int k = 0; k < LEPTON_PRIVACY_ORDERS; k++)
			most[k] = fmax(most[k], one.rdp[k]);
	}
	for (int k = 0; k < LEPTON_PRIVACY_ORDERS; k++)
		account->rdp[k] += most[k];
	return KNOWN;
}

static bool sees_weights_only(const char *method)
{
	const struct lepton_compressor *const *table = lepton_compressors();
	while (*table && strcmp((*table)->name, method) != 0)
		table++;
	return *table;
}

static enum answer spend_all(
	struct account *account, const struct lepton_run_version *v, const cJSON *operation, int64_t step)
{
	const char *op = lepton__json_get_string(operation, "op", "");
	const int64_t from = lepton__json_get_int(operation, "from_step", 0);
	if (strcmp(op, "train") == 0)
		return spend_own(account, v, step);
	if (strcmp(op, "shards") == 0)
		return spend_dearest(account, v);
	if (strcmp(op, "compress") == 0 &&
		sees_weights_only(lepton__json_get_string(operation, "method", "")))
		return spend_parents(account, v, from);
	if (strcmp(op, "clone") != 0)
		return UNKNOWN;
	const bool scratch = strcmp(lepton__json_get_string(operation, "from", ""), "scratch") == 0;
	if (!scratch && spend_parents(account, v, from) == UNKNOWN)
		return UNKNOWN;
	return spend_own(account, v, step);
}

static enum answer account_for(struct account *account, const struct lepton_run_version *v, int64_t step)
{
	if (account->depth == DEEPEST)
		return UNKNOWN;
	account->depth++;
	cJSON *operation = cJSON_Parse(lepton_text_get(v->operation));
	const enum answer answer = spend_all(account, v, operation, step);
	cJSON_Delete(operation);
	account->depth--;
	return answer;
}

bool lepton_run_privacy(const struct lepton_run *run, const struct lepton_run_version *version,
	double *epsilon, double *delta)
{
	struct one_step last = {0};
	struct account account = {.run = run, .last = &last};
	cJSON *config = cJSON_Parse(lepton_text_get(version->hyperparameters));
	const cJSON *privacy = cJSON_GetObjectItemCaseSensitive(config, "privacy");
	const bool asked = cJSON_IsObject(privacy);
	*delta = lepton__json_get_number(privacy, "delta", LEPTON_PRIVACY_DELTA);
	cJSON_Delete(config);
	if (!asked || account_for(&account, version, version->step) == UNKNOWN)
		return false;
	*epsilon = lepton_privacy_epsilon(account.rdp, *delta);
	return true;
}
