/* fuse/help.c - small things several methods share: telling what was found, which parent is the base, whether
 * there is help. */
#include "config.h"
#include "fuse/methods.h"

#include <string.h>

int lepton__fuse_report(const struct lepton_fuse_help *help, struct lepton__buffer *line,
	struct lepton__buffer *json, struct lepton_error *err)
{
	bool failed = line->failed || json->failed;
	if (!failed && help && help->report)
		help->report(help->context, line->data, json->data);
	lepton__buffer_free(line);
	lepton__buffer_free(json);
	return failed ? lepton_error_set(err, LEPTON_E_NOMEM, "no memory for the record of a fusion")
		      : LEPTON_OK;
}

int lepton__fuse_base(const struct lepton_option *options, const char *settings, size_t count,
	const char *method, size_t *base, struct lepton_error *err)
{
	double given = lepton_options_number(options, settings, "base");
	if (given > (double)count)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"fuse %s: \"base\" is version number %.0f, but there are %zu", method, given, count);
	*base = (size_t)given - 1;
	return LEPTON_OK;
}

bool lepton__fuse_always_looks(const char *settings)
{
	(void)settings;
	return true;
}

bool lepton__fuse_matching_looks(const struct lepton_option *options, const char *settings)
{
	char by[32];
	lepton_options_choice(options, settings, "by", by, sizeof by);
	return strcmp(by, "activations") == 0 || lepton_options_number(options, settings, "repair") > 0;
}
