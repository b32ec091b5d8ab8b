/* fuse/fuse_soup.c - greedy soup: only those in that make it better.
 *
 * The parents are sorted by their validation score. The best goes in; each next one goes in when the mean
 * with it scores no worse than the mean without (Wortsman et al.: Model soups, ICML 2022, recipe 1).
 * So the soup is never worse on validation data than the best parent, which it may well be alone:
 * parents that share no past spoil it and are left out.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lepton_option options[] = {
	{"by", LEPTON_OPTION_CHOICE, 0, 0, 0, "val_loss|val_accuracy", "what better means"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

struct taste {
	size_t parent;
	double badness; /* the less the better: the loss, or 1 - accuracy */
	double loss, accuracy;
};

struct soup {
	const struct lepton_fuse_parent *parents;
	size_t count;
	const struct lepton_fuse_help *help;
	bool by_accuracy;
	struct taste *tastes;
	double *shares;
	struct taste now;
	struct lepton_params *pot;
};

static int taste(const struct soup *s, const struct lepton_params *weights, struct taste *out,
	struct lepton_error *err)
{
	int code = s->help->evaluate(s->help->context, weights, &out->loss, &out->accuracy, err);
	if (!code && s->by_accuracy && isnan(out->accuracy) && isfinite(out->loss))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"fuse soup: quantities have no accuracy; set \"by\": \"val_loss\"");
	out->badness = s->by_accuracy ? 1 - out->accuracy : out->loss;
	if (!code && !isfinite(out->badness))
		out->badness = INFINITY;
	return code;
}

static int by_badness(const void *a, const void *b)
{
	const struct taste *x = a, *y = b;
	if (x->badness < y->badness || y->badness < x->badness)
		return x->badness < y->badness ? -1 : 1;
	return x->parent < y->parent ? -1 : x->parent > y->parent; /* qsort is not stable */
}

/* Try the mean with one more, and keep it when it is no worse. */
static int try_one(struct soup *s, size_t parent, struct lepton_error *err)
{
	struct lepton_params *mixed = NULL;
	struct taste with = {.parent = parent};
	s->shares[parent] = 1;
	int code = lepton__fuse_blend(s->parents, s->count, s->shares, &mixed, err);
	if (!code)
		code = taste(s, mixed, &with, err);
	if (!code && with.badness <= s->now.badness) {
		lepton_params_release(s->pot);
		s->pot = mixed;
		s->now = with;
		return LEPTON_OK;
	}
	lepton_params_release(mixed);
	s->shares[parent] = 0;
	return code;
}

static int cook(struct soup *s, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t p = 0; p < s->count && !code; p++) {
		s->tastes[p].parent = p;
		code = taste(s, s->parents[p].weights, &s->tastes[p], err);
	}
	if (code)
		return code;
	qsort(s->tastes, s->count, sizeof *s->tastes, by_badness);
	if (isinf(s->tastes[0].badness))
		return lepton_error_set(err, LEPTON_E_DIVERGED,
			"fuse soup: no version has a finite validation loss: there is nothing to begin with");
	s->now = s->tastes[0];
	s->shares[s->now.parent] = 1;
	code = lepton_params_copy(s->parents[s->now.parent].weights, &s->pot, err);
	for (size_t i = 1; i < s->count && !code; i++)
		code = try_one(s, s->tastes[i].parent, err);
	return code;
}

static void list(const struct soup *s, double share, struct lepton__buffer *out)
{
	const char *comma = "";
	for (size_t p = 0; p < s->count; p++)
		if ((s->shares[p] > 0) == (share > 0)) {
			lepton__buffer_string(out, comma);
			lepton__json_string(out, s->parents[p].name);
			comma = ",";
		}
}

static int tell(const struct soup *s, struct lepton_error *err)
{
	struct lepton__buffer line, json;
	size_t in = 0;
	for (size_t p = 0; p < s->count; p++)
		in += s->shares[p] > 0;
	lepton__buffer_init(&line, 1 << 16);
	lepton__buffer_init(&json, 1 << 16);
	lepton__buffer_printf(&line, "fuse soup: %zu of %zu versions are in it: ", in, s->count);
	list(s, 1, &line);
	lepton__buffer_string(&json, "{\"in\":[");
	list(s, 1, &json);
	lepton__buffer_string(&json, "],\"out\":[");
	list(s, 0, &json);
	lepton__buffer_string(&json, "],\"val_loss\":");
	lepton__json_number(&json, s->now.loss);
	lepton__buffer_string(&json, ",\"val_accuracy\":");
	lepton__json_number(&json, s->now.accuracy);
	lepton__buffer_string(&json, "}");
	return lepton__fuse_report(s->help, &line, &json, err);
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	char by[32];
	lepton_options_choice(options, settings, "by", by, sizeof by);
	struct soup s = {.parents = parents, .count = count, .help = help};
	s.by_accuracy = strcmp(by, "val_accuracy") == 0;
	s.tastes = lepton__calloc(count, sizeof *s.tastes);
	s.shares = lepton__calloc(count, sizeof *s.shares);
	int code = s.tastes && s.shares ? cook(&s, err)
					: lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	if (!code)
		code = tell(&s, err);
	if (!code)
		*out = lepton_params_retain(s.pot);
	lepton_params_release(s.pot);
	lepton__free(s.tastes);
	lepton__free(s.shares);
	return code;
}

const struct lepton_fuser lepton__fuse_soup = {
	.name = "soup",
	.summary = "the mean of those that lower validation loss",
	.options = options,
	.evaluates = true,
	.fuse = fuse,
};
