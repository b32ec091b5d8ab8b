/* tui/format.c - see format.h. */
#include "config.h"
#include "tui/format.h"

void lepton__fmt_quality(char out[LEPTON__FMT], const struct lepton_run *run, double accuracy, double loss)
{
	if (run->regression)
		lepton__fmt_loss(out, lepton_run_rmse(loss));
	else
		lepton__fmt_percent(out, accuracy);
}
