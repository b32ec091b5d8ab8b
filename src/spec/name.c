/* spec/name.c - what versions and aliases may be called.
 *
 * Names stand on command lines, in lists on the screen and in references ("name@step", ":alias",
 * "#id"), so they hold nothing that could be taken for one of those or that moves the cursor.
 */
#include "config.h"
#include "lepton/spec.h"
#include "spec/where.h"

#include <string.h>

int lepton_name_check(const char *name, struct lepton_error *err)
{
	size_t length = strlen(name);
	if (length < 1 || length >= LEPTON_NAME_MAX)
		return lepton_error_set(err, LEPTON_E_USAGE, "a name has 1 to %d bytes, not %zu",
			LEPTON_NAME_MAX - 1, length);
	if (strchr(":-#", name[0]))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"the name \"%s\" begins with '%c'; begin it otherwise", name, name[0]);
	for (size_t at = 0, step; at < length; at += step) {
		uint32_t c;
		step = lepton__where_utf8(name + at, length - at, &c);
		if (!step)
			return lepton_error_set(err, LEPTON_E_USAGE, "a name is not UTF-8");
		if (c < 0x20 || (c >= 0x7F && c < 0xA0))
			return lepton_error_set(err, LEPTON_E_USAGE, "a name cannot hold control characters");
		if (c == '@')
			return lepton_error_set(err, LEPTON_E_USAGE,
				"the name \"%s\" holds '@', which stands before a step", name);
	}
	return LEPTON_OK;
}
