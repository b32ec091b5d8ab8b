/* fuse/fuse_weighted.c - a mean in which better parents, or those that saw more, count more.
 *
 *   val_loss      share = exp(-val_loss / temperature), scaled so that the best has 1; a high
 *                 temperature makes the plain mean of it, a low one keeps the best parent alone
 *   samples       share = samples it was trained on (federated averaging's own weights)
 *   inverse_loss  share = 1 / val_loss
 *
 * Losses are those on the validation split; the test split decides nothing here.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static const struct lepton_option options[] = {
	{"by", LEPTON_OPTION_CHOICE, 0, 0, 0, "val_loss|samples|inverse_loss",
		"what a parent's share follows"},
	{"temperature", LEPTON_OPTION_NUMBER, 0.1, 1e-6, 1e6, NULL, "of val_loss's exp(-loss/temperature)"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

static int check_losses(
	const struct lepton_fuse_parent *parents, size_t count, bool positive, struct lepton_error *err)
{
	for (size_t p = 0; p < count; p++) {
		if (!isfinite(parents[p].val_loss))
			return lepton_error_set(err, LEPTON_E_STATE,
				"fuse weighted: no validation loss is known of \"%s\": evaluate it first, or "
				"set by=samples",
				parents[p].name);
		if (positive && parents[p].val_loss <= 0)
			return lepton_error_set(err, LEPTON_E_STATE,
				"fuse weighted: the validation loss of \"%s\" is %g, which has no inverse "
				"share: set by=val_loss",
				parents[p].name, parents[p].val_loss);
	}
	return LEPTON_OK;
}

static int shares_by_loss(const struct lepton_fuse_parent *parents, size_t count, double temperature,
	double *shares, struct lepton_error *err)
{
	int code = check_losses(parents, count, false, err);
	double best = INFINITY;
	for (size_t p = 0; p < count && !code; p++)
		best = fmin(best, parents[p].val_loss);
	for (size_t p = 0; p < count && !code; p++)
		shares[p] = exp(-(parents[p].val_loss - best) / temperature);
	return code;
}

static int shares_by_inverse(
	const struct lepton_fuse_parent *parents, size_t count, double *shares, struct lepton_error *err)
{
	int code = check_losses(parents, count, true, err);
	double best = INFINITY;
	for (size_t p = 0; p < count && !code; p++)
		best = fmin(best, parents[p].val_loss);
	for (size_t p = 0; p < count && !code; p++)
		shares[p] = best / parents[p].val_loss; /* so that no loss, however small, overflows */
	return code;
}

static int shares_by_samples(
	const struct lepton_fuse_parent *parents, size_t count, double *shares, struct lepton_error *err)
{
	for (size_t p = 0; p < count; p++) {
		if (parents[p].samples <= 0)
			return lepton_error_set(err, LEPTON_E_STATE,
				"fuse weighted: it is not known how many samples \"%s\" was trained on: set "
				"by=val_loss",
				parents[p].name);
		shares[p] = (double)parents[p].samples;
	}
	return LEPTON_OK;
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	(void)help;
	char by[32];
	int code;
	double *shares = lepton__calloc(count, sizeof *shares);
	if (!shares)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	lepton_options_choice(options, settings, "by", by, sizeof by);
	if (strcmp(by, "samples") == 0)
		code = shares_by_samples(parents, count, shares, err);
	else if (strcmp(by, "inverse_loss") == 0)
		code = shares_by_inverse(parents, count, shares, err);
	else
		code = shares_by_loss(
			parents, count, lepton_options_number(options, settings, "temperature"), shares, err);
	if (!code)
		code = lepton__fuse_blend(parents, count, shares, out, err);
	lepton__free(shares);
	return code;
}

const struct lepton_fuser lepton__fuse_weighted = {
	.name = "weighted",
	.summary = "a mean weighted by validation loss or by samples",
	.options = options,
	.fuse = fuse,
};
