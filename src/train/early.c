/* train/early.c - when to end training early. */
#include "config.h"
#include "train/early.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

void lepton__early_init(struct lepton__early *early, const char *config)
{
	*early = (struct lepton__early){.best = (double)NAN};
	early->on = lepton_early_stopping_read(config, &early->settings);
}

bool lepton__early_add(
	struct lepton__early *early, int64_t epoch, int64_t step, double val_loss, double val_accuracy)
{
	double value = early->settings.by_accuracy ? val_accuracy : val_loss;
	double gain = early->settings.by_accuracy ? value - early->best : early->best - value;
	bool better = isnan(early->best) ? !isnan(value) : gain > early->settings.min_delta;
	early->waited = better ? 0 : early->waited + 1;
	if (!better)
		return false;
	early->best = value;
	early->best_epoch = epoch;
	early->best_step = step;
	return true;
}

bool lepton__early_ends(const struct lepton__early *early)
{
	return early->on && early->waited >= early->settings.patience;
}

static void replay(struct lepton__early *early, const struct lepton_epochs *epochs, int64_t kept)
{
	for (size_t i = 0; i < epochs->count; i++)
		if (epochs->step[i] <= kept)
			(void)lepton__early_add(early, epochs->epoch[i], epochs->step[i], (double)epochs->val_loss[i],
				(double)epochs->val_accuracy[i]);
}

void lepton__early_replay(struct lepton__early *early, const struct lepton_epochs *epochs, int64_t kept)
{
	struct lepton__early fresh = *early;
	replay(early, epochs, INT64_MAX);
	if (lepton__early_ends(early))
		return;
	*early = fresh;
	replay(early, epochs, kept);
}

void lepton__early_say(const struct lepton__early *early, bool back, char *out, size_t size)
{
	const char *figure = early->settings.by_accuracy ? "val_accuracy" : "val_loss";
	const char *lead = lepton__early_ends(early) ? "ended early: " : "";
	if (isnan(early->best))
		snprintf(out, size, "%sthere was no %s", lead, figure);
	else if (back)
		snprintf(out, size, "%sback at epoch %" PRId64 ", whose %s %.4g is the best", lead, early->best_epoch,
			figure, early->best);
	else
		snprintf(out, size, "%sthe best %s, %.4g, was at epoch %" PRId64, lead, figure, early->best,
			early->best_epoch);
}
