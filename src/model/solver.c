/* model/solver.c - learners of LIBSVM and LIBLINEAR made, saved and loaded. See solver.h.
 *
 * The libraries themselves are not in this process: training is lepton-solver's, and decisions are made here
 * by the tensors it gave: in all threads at once, and whatever becomes of the libraries. A spec that asks for
 * what the build has no library for is refused as a whole.
 */
#include "config.h"
#include "model/solver.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>

static struct lepton__solver *self(struct lepton_learner *learner)
{
	return (struct lepton__solver *)learner;
}

int lepton__solver_built(const struct lepton__solver_kind *kind, struct lepton_error *err)
{
	if (kind->built)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"%s: %s was not there when lepton was built: on Debian, run \"apt-get install %s\", then "
		"configure and build again",
		kind->name, kind->library, kind->package);
}

/* How many classes the training samples have, and the first that they lack (-1: none). */
static int count_classes(const struct lepton__solver *s, int *lacking)
{
	bool seen[256] = {false};
	int count = 0;
	for (uint32_t i = 0; i < s->ask.samples; i++) {
		int32_t label;
		lepton_dataset_gather(s->data, LEPTON_TRAIN, &i, 1, NULL, &label);
		count += !seen[label & 255];
		seen[label & 255] = true;
	}
	*lacking = 0;
	while (*lacking < s->classes && seen[*lacking])
		++*lacking;
	if (*lacking == s->classes)
		*lacking = -1;
	return count;
}

static int check_samples(struct lepton__solver *s, struct lepton_error *err)
{
	int lacking, count = count_classes(s, &lacking);
	s->ask.classes = count;
	if (count < 2)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%s: all %" PRId64 " training samples are of one class; it needs two or more",
			s->kind->name, s->ask.samples);
	if (s->ask.library == LEPTON__LIBLINEAR && lacking >= 0)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%s: none of the %" PRId64
			" training samples is of class %d; raise \"train_limit\" or "
			"the data's \"limit\"",
			s->kind->name, s->ask.samples, lacking);
	return LEPTON_OK;
}

static int check_data(struct lepton__solver *s, int64_t limit, struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(s->data);
	int64_t features = lepton_shape_count(&info->sample),
		count = lepton_dataset_count(s->data, LEPTON_TRAIN);
	if (info->tokens)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s: the data is text, which it cannot read; set \"learner\": \"text\"", s->kind->name);
	if (info->classes < 2 || info->classes > 256)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%s: needs data with 2 to 256 classes, but this has %" PRId64, s->kind->name,
			info->classes);
	if (count < 2 || count > INT32_MAX || features < 1 || features > INT32_MAX - 2)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%s: cannot train on %" PRId64 " samples of %" PRId64 " values", s->kind->name, count,
			features);
	s->ask.samples = limit && limit < count ? limit : count;
	s->ask.features = features;
	s->features = (int)features;
	s->classes = (int)info->classes;
	return check_samples(s, err);
}

static int configure(struct lepton__solver *s, const char *text, struct lepton_error *err)
{
	cJSON *config = text ? cJSON_Parse(text) : NULL;
	int code = config ? s->kind->configure(s, config, err)
			  : lepton_error_set(
				    err, LEPTON_E_SPEC, "%s: the configuration is not JSON", s->kind->name);
	if (!code)
		code = check_data(s, lepton__json_get_int(config, "train_limit", 0), err);
	cJSON_Delete(config);
	return code;
}

int lepton__solver_create(const struct lepton_learner_ops *ops, const struct lepton__solver_kind *kind,
	const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	struct lepton__solver *s = lepton__calloc(1, sizeof *s);
	(void)seed; /* neither library draws numbers by it: each run of the same data is the same */
	*out = NULL;
	if (!s)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a %s", kind->name);
	lepton__external_init(&s->outside, "solver", lepton__solver_take);
	s->outside.learner.ops = ops;
	s->outside.epochs = 1;
	s->kind = kind;
	s->data = lepton_dataset_retain(data);
	s->ask.magic = LEPTON__ASK_MAGIC;
	int code = configure(s, config, err);
	if (code)
		lepton__solver_destroy(&s->outside.learner);
	else
		*out = &s->outside.learner;
	return code;
}

void lepton__solver_destroy(struct lepton_learner *learner)
{
	struct lepton__solver *s = self(learner);
	lepton_dataset_release(s->data);
	lepton__external_clear(&s->outside); /* closes its tray too */
	lepton__free(s->svm.norms);
	lepton__free(s);
}

int lepton__solver_step(struct lepton_learner *learner, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	(void)team;
	*result = (struct lepton_step_result){.partial = true};
	return lepton_error_set(
		err, LEPTON_E_UNSUPPORTED, "%s trains in a process of its own", self(learner)->kind->name);
}

int64_t lepton__solver_steps_per_epoch(const struct lepton_learner *learner)
{
	(void)learner;
	return 0; /* iterations until it is good enough: not known before */
}

int64_t lepton__solver_epochs(const struct lepton_learner *learner)
{
	(void)learner;
	return 1;
}

/* ---- weights ---- */

int lepton__solver_set_weights(
	struct lepton_learner *learner, const struct lepton_params *weights, struct lepton_error *err)
{
	struct lepton__solver *s = self(learner);
	int code = s->kind->hold(s, weights, err);
	if (!code)
		lepton__external_hold(&s->outside, weights);
	return code;
}

int lepton__solver_load(
	struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err)
{
	struct lepton__solver *s = self(learner);
	if (!state->weights)
		return lepton_error_set(err, LEPTON_E_CORRUPT, "the checkpoint has no weights");
	int code = lepton__solver_set_weights(learner, state->weights, err);
	s->outside.weights_step = code ? s->outside.weights_step : state->step;
	s->outside.weights_epoch = code ? s->outside.weights_epoch : state->epoch;
	return code;
}
