/* compress/stages.c - a row of stages over one copy of the weights, then one payload.
 *
 * "Deep Compression" (Han, Mao, Dally 2016) is such a row: prune, share weights, code. What is stored does
 * not say how it came about: a record describes the numbers that are left, and a single method or a row of
 * them is read by the same few lines.
 */
#include "config.h"
#include "compress/stages.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void lepton__stage_says(struct lepton__stages *stages, const char *fmt, ...)
{
	size_t used = strlen(stages->detail);
	va_list args;
	va_start(args, fmt);
	if (used && used + 3 < sizeof stages->detail)
		used += (size_t)snprintf(stages->detail + used, sizeof stages->detail - used, "; ");
	vsnprintf(stages->detail + used, sizeof stages->detail - used, fmt, args);
	va_end(args);
}

static int start(struct lepton__stages *stages, const struct lepton_params *weights, struct lepton_error *err)
{
	size_t count = lepton_params_count(weights);
	int code = lepton_params_copy(weights, &stages->weights, err);
	if (code)
		return code;
	stages->plans = lepton__calloc(count, sizeof *stages->plans);
	stages->books = lepton__calloc(count, sizeof *stages->books);
	if (!stages->plans || !stages->books)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to compress %zu tensors", count);
	for (size_t i = 0; i < count; i++)
		stages->plans[i].coding = LEPTON__CODE_SPARSE;
	return LEPTON_OK;
}

static void stop(struct lepton__stages *stages, size_t count)
{
	for (size_t i = 0; stages->books && i < count; i++)
		lepton__free(stages->books[i]);
	lepton__free(stages->books);
	lepton__free(stages->plans);
	lepton_params_release(stages->weights);
}

int lepton__stages_encode(lepton__stage *const *list, const struct lepton_option *options,
	const struct lepton_params *weights, const char *settings, uint8_t **payload, size_t *size,
	struct lepton_compress_report *report, struct lepton_error *err)
{
	struct lepton__stages stages = {.options = options, .settings = settings};
	struct lepton__payload_account account;
	int code = start(&stages, weights, err);
	for (; *list && !code; list++)
		code = (*list)(&stages, err);
	if (!code)
		code = lepton__payload_encode(
			stages.weights, NULL, stages.plans, payload, size, &account, err);
	if (!code)
		snprintf(report->detail, sizeof report->detail, "%s", stages.detail);
	stop(&stages, lepton_params_count(weights));
	return code;
}

int lepton__stages_decode(const uint8_t *payload, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err)
{
	(void)base;
	return lepton__payload_decode(payload, size, NULL, weights, err);
}
