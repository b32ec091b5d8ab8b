/* fuse/fuse.c - the table of methods, and the checks that hold for all of them.
 *
 * Methods may rely on it: at least two parents, settings within their table, float32 tensors of equal
 * names and shapes, every number finite.
 */
#include "config.h"
#include "fuse/methods.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct lepton_fuser *const table[] = {
	&lepton__fuse_average,
	&lepton__fuse_weighted,
	&lepton__fuse_slerp,
	&lepton__fuse_soup,
	&lepton__fuse_rebasin,
	&lepton__fuse_transport,
	&lepton__fuse_regmean,
	&lepton__fuse_fisher,
	&lepton__fuse_task_arithmetic,
	&lepton__fuse_ties,
	&lepton__fuse_dare,
	&lepton__fuse_auto,
	NULL,
};
#define METHODS (sizeof table / sizeof *table - 1)

const struct lepton_fuser *const *lepton_fusers(void)
{
	return table;
}

int lepton_fuser_find(const char *name, const struct lepton_fuser **out, struct lepton_error *err)
{
	static const struct lepton_fuser *const others[] = {
		&lepton_fuse_ensemble, &lepton_fuse_stacking, &lepton_fuse_distil};
	const size_t all = METHODS + sizeof others / sizeof *others;
	const char *names[METHODS + sizeof others / sizeof *others];
	char list[256] = "";
	for (size_t i = 0; i < all; i++) {
		size_t used = strlen(list);
		*out = i < METHODS ? table[i] : others[i - METHODS];
		names[i] = (*out)->name;
		if (strcmp(names[i], name) == 0)
			return LEPTON_OK;
		snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
	}
	*out = NULL;
	const char *near = lepton_suggest(name, names, all);
	if (near)
		return lepton_error_set(err, LEPTON_E_NOTFOUND,
			"unknown fusion method \"%.64s\"; did you mean \"%s\"? Known: %s", name, near, list);
	return lepton_error_set(
		err, LEPTON_E_NOTFOUND, "unknown fusion method \"%.64s\"; known: %s", name, list);
}

static int check_match(const struct lepton_fuse_parent *first, const struct lepton_fuse_parent *other,
	const char *what, struct lepton_error *err)
{
	int code = lepton_params_match(first->weights, other->weights, err);
	if (code)
		lepton_error_prefix(
			err, "%s: \"%s\" and \"%s\" have unlike shapes", what, first->name, other->name);
	return code;
}

static int check_tensor(const struct lepton_fuse_parent *parent, const struct lepton_tensor *tensor,
	const char *what, struct lepton_error *err)
{
	if (tensor->dtype != LEPTON_F32)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s: %s of \"%s\" is not float32, and only such weights have a mean", what,
			tensor->name, parent->name);
	const float *values = tensor->data;
	int64_t count = lepton_shape_count(&tensor->shape);
	for (int64_t i = 0; i < count; i++)
		if (!isfinite(values[i]))
			return lepton_error_set(err, LEPTON_E_DIVERGED,
				"%s: %s of \"%s\" holds %s at number %lld: leave that version out", what,
				tensor->name, parent->name, isnan(values[i]) ? "NaN" : "infinity",
				(long long)i);
	return LEPTON_OK;
}

int lepton__fuse_check(
	const struct lepton_fuse_parent *parents, size_t count, const char *what, struct lepton_error *err)
{
	for (size_t p = 0; p < count; p++) {
		int code = p ? check_match(&parents[0], &parents[p], what, err) : LEPTON_OK;
		for (size_t t = 0; t < lepton_params_count(parents[p].weights) && !code; t++)
			code = check_tensor(&parents[p], lepton_params_at(parents[p].weights, t), what, err);
		if (code)
			return code;
	}
	return LEPTON_OK;
}

int lepton__fuse_check_help(const struct lepton_fuser *how, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_error *err)
{
	if (how->evaluates && (!help || !help->evaluate))
		return lepton_error_set(err, LEPTON_E_STATE,
			"fuse %s: it tries what it makes on validation data, and there is none here",
			how->name);
	if (how->looks && how->looks(settings) && (!help || !help->inputs || !help->fisher))
		return lepton_error_set(err, LEPTON_E_STATE,
			"fuse %s: it looks into networks at work on training data, and here there are none",
			how->name);
	return LEPTON_OK;
}

int lepton_fuse(const char *method, const struct lepton_fuse_parent *parents, size_t count,
	const char *settings, struct lepton_params **out, struct lepton_error *err)
{
	return lepton_fuse_with(method, parents, count, settings, NULL, out, err);
}

int lepton_fuse_with(const char *method, const struct lepton_fuse_parent *parents, size_t count,
	const char *settings, const struct lepton_fuse_help *help, struct lepton_params **out,
	struct lepton_error *err)
{
	const struct lepton_fuser *how;
	char what[LEPTON_NAME_MAX + 16];
	int code = lepton_fuser_find(method, &how, err);
	if (code)
		return code;
	if (count < 2)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"fuse %s: it takes at least two versions, not %zu", how->name, count);
	snprintf(what, sizeof what, "fuse %s", how->name);
	code = lepton_options_check(how->options, settings, what, err);
	if (!code)
		code = lepton__fuse_check(parents, count, what, err);
	if (!code)
		code = lepton__fuse_check_help(how, settings, help, err);
	if (!code && how->takes_engine)
		code = lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"fuse %s: %s, which takes an engine; name another method", how->name,
			how->takes_engine);
	return code ? code : how->fuse(parents, count, settings, help, out, err);
}
