/* fuse/fuse_auto.c - every method that applies, and the best by validation loss.
 *
 * Which method fits depends on what the parents share: one beginning, one base, nothing. It costs little to
 * ask the data: each method runs with its default settings, its result is scored on the validation
 * split, and the best is kept. A method that refuses these parents is noted with its reason. As
 * the greedy soup is among them, the result is no worse on validation data than the best parent. The
 * ranking goes into the record, since a choice of many by one figure flatters that figure a little:
 * the test split, which decided nothing, tells the rest.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define METHODS_MAX 32

static const struct lepton_option options[] = {
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

struct trial {
	const char *method;
	double loss, accuracy;
	struct lepton_error refusal;
};

struct contest {
	const struct lepton_fuse_parent *parents;
	size_t count;
	const struct lepton_fuse_help *help;
	struct trial *trials;
	size_t tried;
	struct lepton_params *best;
	double best_loss;
};

static int try_method(struct contest *c, const struct lepton_fuser *how, struct lepton_error *err)
{
	struct trial *trial = &c->trials[c->tried++];
	struct lepton_params *made = NULL;
	struct lepton_fuse_help quiet = *c->help;
	quiet.report = NULL;
	*trial = (struct trial){.method = how->name, .loss = (double)NAN, .accuracy = (double)NAN};
	int code = lepton__fuse_check_help(how, NULL, &quiet, &trial->refusal);
	if (!code)
		code = how->fuse(c->parents, c->count, NULL, &quiet, &made, &trial->refusal);
	if (code == LEPTON_E_NOMEM || code == LEPTON_E_CANCELED) {
		if (err)
			*err = trial->refusal;
		return code; /* of the machine or the user, not of the method */
	}
	if (code)
		return LEPTON_OK;
	code = c->help->evaluate(c->help->context, made, &trial->loss, &trial->accuracy, err);
	if (!code && trial->loss < c->best_loss) {
		lepton_params_release(c->best);
		c->best = lepton_params_retain(made);
		c->best_loss = trial->loss;
	}
	lepton_params_release(made);
	return code;
}

/* Best first; those without a figure last, in the table's order. */
static int by_loss(const void *a, const void *b)
{
	const struct trial *x = a, *y = b;
	const int no_x = isnan(x->loss) ? 1 : 0, no_y = isnan(y->loss) ? 1 : 0;
	if (no_x || no_y)
		return no_x - no_y;
	return (x->loss > y->loss) - (x->loss < y->loss);
}

static void sort(struct contest *c)
{
	for (size_t i = 1; i < c->tried; i++) /* a dozen at most, and the first of equals stays first */
		for (size_t j = i; j > 0 && by_loss(&c->trials[j - 1], &c->trials[j]) > 0; j--) {
			struct trial kept = c->trials[j];
			c->trials[j] = c->trials[j - 1];
			c->trials[j - 1] = kept;
		}
}

static void tell_trial(
	const struct trial *t, bool first, struct lepton__buffer *line, struct lepton__buffer *json)
{
	lepton__buffer_printf(json, "%s{\"method\":\"%s\",", first ? "" : ",", t->method);
	if (t->refusal.code) {
		lepton__buffer_string(json, "\"refused\":");
		lepton__json_string(json, t->refusal.message);
		lepton__buffer_printf(line, "%s%s refused", first ? "" : ", ", t->method);
	} else {
		lepton__buffer_string(json, "\"val_loss\":");
		lepton__json_number(json, t->loss);
		lepton__buffer_string(json, ",\"val_accuracy\":");
		lepton__json_number(json, t->accuracy);
		lepton__buffer_printf(line, "%s%s %.4f", first ? "" : ", ", t->method, t->loss);
	}
	lepton__buffer_string(json, "}");
}

static int tell(const struct contest *c, struct lepton_error *err)
{
	struct lepton__buffer line, json;
	lepton__buffer_init(&line, 1 << 16);
	lepton__buffer_init(&json, 1 << 16);
	lepton__buffer_string(&line, "fuse auto, by validation loss: ");
	lepton__buffer_printf(&json, "{\"chosen\":\"%s\",\"ranking\":[", c->trials[0].method);
	for (size_t i = 0; i < c->tried; i++)
		tell_trial(&c->trials[i], i == 0, &line, &json);
	lepton__buffer_string(&json, "]}");
	return lepton__fuse_report(c->help, &line, &json, err);
}

static int run(struct contest *c, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (const struct lepton_fuser *const *m = lepton_fusers(); *m && c->tried < METHODS_MAX && !code;
		m++)
		if (strcmp((*m)->name, lepton__fuse_auto.name) != 0)
			code = try_method(c, *m, err);
	if (!code && !c->best)
		code = lepton_error_set(err, LEPTON_E_DIVERGED,
			"fuse auto: no method made a version with a finite validation loss");
	return code;
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	(void)settings;
	struct contest c = {.parents = parents, .count = count, .help = help, .best_loss = INFINITY};
	c.trials = lepton__calloc(METHODS_MAX, sizeof *c.trials);
	if (!c.trials)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	int code = run(&c, err);
	if (!code) {
		sort(&c);
		code = tell(&c, err);
	}
	if (!code)
		*out = lepton_params_retain(c.best);
	lepton_params_release(c.best);
	lepton__free(c.trials);
	return code;
}

const struct lepton_fuser lepton__fuse_auto = {
	.name = "auto",
	.summary = "tries them all, keeps the lowest validation loss",
	.options = options,
	.evaluates = true,
	.fuse = fuse,
};
