/* tests/fuzz/fuzz_theme.c - any bytes as a .theme file: an error with a sentence, or a theme that can be
 * drawn with. */
#include "config.h"
#include "tui/theme.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lepton__theme theme;
	struct lepton_error err;
	if (lepton__theme_parse(&theme, "fuzz.theme", (const char *)data, size, &err) != 0) {
		if (err.message[0] == '\0' || strchr(err.message, '\n') != NULL)
			abort();
		return 0;
	}
	for (size_t n = 0; n < 30; n++)
		if (lepton__theme_curve(&theme, n) < -1 || lepton__theme_curve(&theme, n) > 0xffffff)
			abort();
	for (int role = 0; role < LEPTON__ROLES; role++) {
		struct lepton__style style = lepton__theme_style(&theme, (enum lepton__role)role);
		if (style.fg < -1 || style.fg > 0xffffff || style.bg < -1 || style.bg > 0xffffff)
			abort();
	}
	return 0;
}
