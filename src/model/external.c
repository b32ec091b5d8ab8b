/* model/external.c - any program as a version: {"learner": "external", "command": ["python3", "train.py"]}.
 *
 * The program trains in a process of its own and says how it goes by lines of JSON (message.c). So it has
 * no steps that a worker could do; the engine runs, rests and ends it by the `outside` operations, and
 * listens. Weights are the program's to give, by naming a safetensors file; until then it has none. What they
 * mean only the program knows, so lepton cannot score them or predict with them.
 */
#include "config.h"
#include "model/external.h"
#include "model/safetensors.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

#include <string.h>
#include <unistd.h>

#define EPOCHS_MAX 1000000
#define WORDS_MAX 1000
#define PATIENCE_MAX 3600

const struct lepton__key lepton__external_keys[] = {
	{"command", LEPTON__KEY_ARRAY, 1, WORDS_MAX, NULL, true, "the program and its arguments"},
	{"folder", LEPTON__KEY_STRING, 0, 0, NULL, false, "where it runs; that of the spec file"},
	{"settings", LEPTON__KEY_OBJECT, 0, 0, NULL, false,
		"the program's own, which it finds in LEPTON_CONFIG"},
	{"epochs", LEPTON__KEY_INTEGER, 1, EPOCHS_MAX, NULL, false, "how many are planned; not known"},
	{"batch_size", LEPTON__KEY_INTEGER, 1, 1e9, NULL, false, "for the program"},
	{"optimizer", LEPTON__KEY_ANY, 0, 0, NULL, false, "for the program"},
	{"stop_seconds", LEPTON__KEY_NUMBER, 0, PATIENCE_MAX, NULL, false,
		"from asking it to end to killing it; 5"},
	{0},
};

int lepton__external_check(const cJSON *config, struct lepton_error *err)
{
	const cJSON *word, *command = cJSON_GetObjectItemCaseSensitive(config, "command");
	const cJSON *folder = cJSON_GetObjectItemCaseSensitive(config, "folder");
	int code = lepton__keys_check(lepton__external_keys, config, true, "external", err);
	if (code)
		return code;
	cJSON_ArrayForEach(word, command)
	{
		if (!cJSON_IsString(word))
			return lepton_error_set(err, LEPTON_E_SPEC,
				"external: \"command\" takes a list of strings, such as [\"python3\", "
				"\"train.py\"]");
	}
	if (!*cJSON_GetArrayItem(command, 0)->valuestring)
		return lepton_error_set(err, LEPTON_E_SPEC, "external: \"command\" names no program");
	if (folder && !*folder->valuestring)
		return lepton_error_set(err, LEPTON_E_SPEC, "external: \"folder\" is empty");
	return LEPTON_OK;
}

/* ---- made and freed ---- */

static struct lepton__external *self(struct lepton_learner *learner)
{
	return (struct lepton__external *)learner;
}

static int take_file(struct lepton__external *e, const char *path, struct lepton_params **out,
	struct lepton_error *err)
{
	char *whole = *path == '/' || !e->folder ? lepton__strdup(path) : lepton__path_join(e->folder, path);
	if (!whole)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading %.200s", path);
	int code = lepton__safetensors_read(whole, out, err);
	lepton__free(whole);
	return code;
}

void lepton__external_init(struct lepton__external *e, const char *what, lepton__take *take)
{
	e->program = lepton__program_none;
	e->input = -1;
	e->what = what;
	e->take = take;
	e->patience = LEPTON__PATIENCE;
}

void lepton__external_clear(struct lepton__external *e)
{
	lepton__program_kill(&e->program);
	for (int i = 0; i < LEPTON__OUTPUTS; i++)
		lepton__intake_clear(&e->intake[i]);
	for (size_t i = 0; e->command && e->command[i]; i++)
		lepton__free(e->command[i]);
	lepton__free(e->command);
	lepton__free(e->folder);
	lepton__free(e->config);
	lepton_params_release(e->weights);
	if (e->input >= 0)
		close(e->input);
}

static void destroy(struct lepton_learner *learner)
{
	lepton__external_clear(self(learner));
	lepton__free(learner);
}

static bool copy(struct lepton__external *e, const char *text, const cJSON *config)
{
	const cJSON *word, *command = cJSON_GetObjectItemCaseSensitive(config, "command");
	const char *folder = lepton__json_get_string(config, "folder", NULL);
	size_t count = 0;
	e->config = lepton__strdup(text);
	e->folder = folder ? lepton__strdup(folder) : NULL;
	e->command = lepton__calloc((size_t)cJSON_GetArraySize(command) + 1, sizeof *e->command);
	if (!e->config || (folder && !e->folder) || !e->command)
		return false;
	cJSON_ArrayForEach(word, command)
	{
		if (!(e->command[count++] = lepton__strdup(word->valuestring)))
			return false;
	}
	return true;
}

static int create(const char *text, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	(void)data; /* the program reads its own */
	cJSON *config = cJSON_Parse(text);
	struct lepton__external *e = lepton__calloc(1, sizeof *e);
	int code = config && e
			   ? lepton__external_check(config, err)
			   : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for an external program");
	if (e) {
		e->learner.ops = &lepton__learner_external;
		lepton__external_init(e, "program", take_file);
		e->seed = seed;
		e->epochs = lepton__json_get_int(config, "epochs", 0);
		e->patience = lepton__json_get_number(config, "stop_seconds", e->patience);
	}
	if (!code && !copy(e, text, config))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for an external program");
	cJSON_Delete(config);
	if (!code)
		*out = &e->learner;
	else if (e)
		destroy(&e->learner);
	return code;
}

/* ---- what it cannot do ---- */

static int step(struct lepton_learner *learner, const struct lepton_team *team,
	struct lepton_step_result *result, struct lepton_error *err)
{
	(void)learner, (void)team;
	*result = (struct lepton_step_result){.partial = true};
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED, "an external program trains by itself");
}

static int64_t steps_per_epoch(const struct lepton_learner *learner)
{
	(void)learner;
	return 0; /* not known */
}

static int64_t epochs(const struct lepton_learner *learner)
{
	return ((const struct lepton__external *)learner)->epochs;
}

static int evaluate(struct lepton_learner *learner, const struct lepton_team *team, enum lepton_split split,
	int64_t from, int64_t to, struct lepton_score *score, struct lepton_error *err)
{
	(void)learner, (void)team, (void)split, (void)from, (void)to, (void)score;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"the weights of an external program cannot be scored here: only the program knows its model");
}

static int predict(struct lepton_learner *learner, const float *x, int64_t n, float *probabilities,
	struct lepton_error *err)
{
	(void)learner, (void)x, (void)n, (void)probabilities;
	return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
		"the weights of an external program cannot predict here: only the program knows its model");
}

/* ---- weights ---- */

int lepton__external_weights(
	struct lepton_learner *learner, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton__external *e = self(learner);
	if (!e->weights && !learner->ops->foreign)
		return lepton_error_set(err, LEPTON_E_STATE, "no weights yet: they come when training ends");
	if (!e->weights)
		return lepton_error_set(err, LEPTON_E_STATE,
			"no weights yet: its program gives them by printing {\"weights\": "
			"\"FILE.safetensors\"}");
	*out = lepton_params_retain(e->weights);
	return LEPTON_OK;
}

/* Never writes into the shared set: a reference is as good as a copy. */
void lepton__external_hold(struct lepton__external *e, const struct lepton_params *given)
{
	lepton_params_release(e->weights);
	e->weights = lepton_params_retain((struct lepton_params *)(uintptr_t)given);
}

/* Of any names and shapes: nothing here depends on them. */
static int set_weights(
	struct lepton_learner *learner, const struct lepton_params *given, struct lepton_error *err)
{
	(void)err;
	lepton__external_hold(self(learner), given);
	return LEPTON_OK;
}

int lepton__external_save(struct lepton_learner *learner, struct lepton_state *out, struct lepton_error *err)
{
	struct lepton__external *e = self(learner);
	*out = (struct lepton_state){.step = e->weights_step, .epoch = e->weights_epoch};
	return lepton__external_weights(learner, &out->weights, err);
}

static int load(struct lepton_learner *learner, const struct lepton_state *state, struct lepton_error *err)
{
	struct lepton__external *e = self(learner);
	(void)err;
	lepton__external_hold(e, state->weights);
	e->weights_step = state->step;
	e->weights_epoch = state->epoch;
	return LEPTON_OK;
}

/* ---- outside ---- */

static int begin(struct lepton__external *e, int64_t step, double epoch, struct lepton_error *err)
{
	char *at;
	e->step = step;
	e->epoch = epoch;
	e->step_shift = 0;
	e->epoch_shift = 0;
	e->step_placed = e->epoch_placed = step == 0 && !(epoch > 0); /* nothing to be put behind */
	e->figures = false;
	e->lines = 0;
	e->after_end = 0;
	for (int i = 0; i < LEPTON__OUTPUTS; i++)
		if (!lepton__intake_room(&e->intake[i], &at)) /* now, so that reading cannot fail */
			return lepton_error_set(
				err, LEPTON_E_NOMEM, "out of memory starting \"%.100s\"", e->command[0]);
	return LEPTON_OK;
}

bool lepton__external_there(struct lepton__external *e, int *code)
{
	*code = e->program.pid && e->program.ending ? LEPTON_E_BUSY : LEPTON_OK;
	if (e->program.pid && !*code)
		lepton__program_go_on(&e->program);
	return e->program.pid != 0;
}

int lepton__external_launch(struct lepton__external *e, int64_t step, double epoch, char *const *environment,
	struct lepton_error *err)
{
	int code = begin(e, step, epoch, err);
	return code ? code
		    : lepton__program_start(&e->program, e->command, environment, e->folder, e->input, err);
}

static int run(
	struct lepton_learner *learner, const struct lepton_outside_start *start, struct lepton_error *err)
{
	struct lepton__external *e = self(learner);
	int code;
	if (lepton__external_there(e, &code))
		return code;
	char **environment = lepton__external_environment(e, start);
	if (!environment)
		return lepton_error_set(
			err, LEPTON_E_NOMEM, "out of memory starting \"%.100s\"", e->command[0]);
	code = lepton__external_launch(e, start->step, start->epoch, environment, err);
	lepton__external_environment_free(environment);
	return code;
}

void lepton__external_rest(struct lepton_learner *learner)
{
	lepton__program_rest(&self(learner)->program);
}

void lepton__external_end(struct lepton_learner *learner)
{
	lepton__program_end(&self(learner)->program, self(learner)->patience);
}

int lepton__external_descriptor(const struct lepton_learner *learner)
{
	return ((const struct lepton__external *)learner)->program.poll;
}

static const struct lepton_outside_ops outside = {run, lepton__external_rest, lepton__external_end,
	lepton__external_next, lepton__external_descriptor};

const struct lepton_learner_ops lepton__learner_external = {
	.name = "external",
	.summary = "any program, which says how it goes by lines of JSON",
	.outside = &outside,
	.foreign = true,
	.how = "a program of its own; its checkpoint is the weights it gave last",
	.create = create,
	.destroy = destroy,
	.step = step,
	.steps_per_epoch = steps_per_epoch,
	.epochs = epochs,
	.evaluate = evaluate,
	.predict = predict,
	.weights = lepton__external_weights,
	.set_weights = set_weights,
	.save = lepton__external_save,
	.load = load,
};
