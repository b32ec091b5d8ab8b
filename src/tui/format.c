/* tui/format.c - see format.h. */
#include "config.h"
#include "tui/format.h"
#include "base/json.h"

#include <string.h>

#define LONG 9 /* characters of a number that is rounded */

const char *lepton__fmt_setting(char out[LEPTON__FMT], const char *value)
{
	if (strlen(value) < LONG || !strchr(value, '.') || value[strspn(value, "+-.0123456789eE")])
		return value;
	cJSON *number = cJSON_ParseWithOpts(value, NULL, true);
	bool is = cJSON_IsNumber(number);
	if (is)
		lepton__print(out, LEPTON__FMT, "%.5g", number->valuedouble);
	cJSON_Delete(number);
	return is ? out : value;
}

const char *lepton__short_key(const char *key)
{
	static const char *const names[][2] = {{"optimizer.learning_rate", "lr"},
		{"optimizer.name", "optimizer"}, {"batch_size", "batch"}, {"optimizer.momentum", "momentum"}};
	static const char layers[] = "layers.";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i][0], key) == 0)
			return names[i][1];
	if (strncmp(key, layers, sizeof layers - 1) == 0)
		return key + sizeof layers - 1;
	const char *dot = strrchr(key, '.');
	return dot ? dot + 1 : key;
}

void lepton__fmt_quality(char out[LEPTON__FMT], const struct lepton_run *run, double accuracy, double loss)
{
	if (run->regression)
		lepton__fmt_loss(out, lepton_run_rmse(loss));
	else
		lepton__fmt_percent(out, accuracy);
}
