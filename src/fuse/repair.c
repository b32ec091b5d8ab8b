/* fuse/repair.c - giving the units of a fused network back the spread that the mean took from them.
 *
 * A mean of two units that agree only in part varies less than either, and layer after layer the signal
 * fades. REPAIR (Jordan, Sedghi, Saukh, Entezari and Neyshabur: REPAIR: REnormalizing Permuted Activations
 * for Interpolation Repair, ICLR 2023) gives each unit, before its activation, the mean of its parents' means
 * and of their deviations: with a slope and a shift a unit, which go into its kernel and its bias. Layers are
 * put right from the input up, as each changes what the next one reads. Where BatchNormalization follows, its
 * statistics are set to what is there, which comes to the same. A layer that has neither it nor a bias has
 * only its deviations set.
 */
#include "config.h"
#include "fuse/units.h"
#include "base/memory.h"

#include <stdint.h>

/* The parents' mean and deviation of unit u in layer l, on the whole. */
struct wish {
	double mean, deviation;
};

static struct wish wish_of(const struct lepton__units *units, size_t count, size_t l, int64_t u)
{
	struct wish wish = {0, 0};
	for (size_t p = 0; p < count; p++) {
		wish.mean += units[p].layers[l].mean[u] / (double)count;
		wish.deviation += units[p].layers[l].deviation[u] / (double)count;
	}
	return wish;
}

static void set_statistics(
	const struct lepton__link *link, const struct lepton__said *said, struct lepton_params *fused)
{
	float *mean = lepton_params_data(fused, link->norm[LEPTON__NORM_MEAN]),
	      *variance = lepton_params_data(fused, link->norm[LEPTON__NORM_VARIANCE]);
	for (int64_t u = 0; u < said->units; u++) {
		mean[u] = (float)said->mean[u];
		variance[u] = (float)(said->deviation[u] * said->deviation[u]);
	}
}

/* A unit that says always the same has no spread to be given back. */
static void rescale(const struct lepton__link *link, const struct lepton__said *said,
	const struct lepton__units *units, size_t count, size_t l, struct lepton_params *fused)
{
	float *kernel = lepton_params_data(fused, link->kernel),
	      *bias = link->bias == SIZE_MAX ? NULL : lepton_params_data(fused, link->bias);
	for (size_t u = 0; u < link->units; u++) {
		const struct wish wish = wish_of(units, count, l, (int64_t)u);
		const double slope = said->deviation[u] > 0 ? wish.deviation / said->deviation[u] : 1;
		for (size_t row = 0; row < link->rows; row++)
			kernel[row * link->units + u] =
				(float)((double)kernel[row * link->units + u] * slope);
		if (bias)
			bias[u] = (float)(((double)bias[u] - said->mean[u]) * slope + wish.mean);
	}
}

static int repair_layer(const struct lepton_fuse_help *help, const struct lepton__chain *chain,
	const struct lepton__units *units, size_t count, size_t l, int64_t samples,
	struct lepton_params *fused, struct lepton_error *err)
{
	const struct lepton__link *link = &chain->links[l];
	struct lepton__units now;
	if (!units[0].layers[l].rows)
		return LEPTON_OK;
	int code = lepton__units_read(help, chain, fused, l, samples, &now, err);
	if (code)
		return code;
	if (link->norm[LEPTON__NORM_MEAN] != SIZE_MAX)
		set_statistics(link, &now.layers[l], fused);
	else
		rescale(link, &now.layers[l], units, count, l, fused);
	lepton__units_free(&now);
	return LEPTON_OK;
}

int lepton__fuse_repair(const struct lepton_fuse_help *help, const struct lepton_fuse_parent *parents,
	size_t count, struct lepton_params *const *others, int64_t samples, struct lepton_params *fused,
	struct lepton_error *err)
{
	struct lepton__chain chain = {NULL, 0};
	struct lepton__units *units = lepton__calloc(count, sizeof *units);
	int code = units ? lepton__chain_read(fused, &chain, err)
			 : lepton_error_set(err, LEPTON_E_NOMEM, "no memory to renormalise");
	for (size_t p = 0; p < count && !code; p++)
		code = lepton__units_read(help, &chain, others[p] ? others[p] : parents[p].weights,
			LEPTON__ALL_LAYERS, samples, &units[p], err);
	for (size_t l = 0; l + 1 < chain.count && !code; l++)
		code = repair_layer(help, &chain, units, count, l, samples, fused, err);
	for (size_t p = 0; units && p < count; p++)
		lepton__units_free(&units[p]);
	lepton__free(units);
	lepton__chain_free(&chain);
	return code;
}
