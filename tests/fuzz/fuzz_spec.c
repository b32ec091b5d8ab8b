/* libFuzzer: any text as a spec file, and, split at its first two NULs, as (configuration, key, value).
 *
 * What is accepted must be whole: its configurations pass the check again. Build with ./configure CC=clang
 * --enable-fuzzing --enable-asan --enable-ubsan, then make check; run ./fuzz_spec CORPUS samples.
 */
#include "config.h"
#include "lepton/spec.h"
#include "base/json.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_spec(const char *text, size_t size)
{
	struct lepton_spec spec;
	struct lepton_error err;
	if (lepton_spec_parse(text, size, "fuzz", NULL, &spec, &err)) {
		if (!*err.message || strncmp(err.message, "fuzz:", 5) != 0)
			abort();
		return;
	}
	for (size_t i = 0; i < spec.count; i++)
		if (lepton_config_check(spec.versions[i].learner, spec.versions[i].config, &err) ||
			lepton_name_check(spec.versions[i].name, &err))
			abort();
	lepton_spec_clear(&spec);
}

static void as_change(const char *text, const char *end)
{
	const char *key = text + strlen(text) + 1;
	const char *value = key < end ? key + strlen(key) + 1 : end;
	char *out;
	if (value >= end || lepton_config_set(text, key, value, &out, NULL))
		return;
	cJSON *tree = cJSON_Parse(out);
	if (lepton_config_check(lepton__json_get_string(tree, "learner", "network"), out, NULL))
		abort();
	cJSON_Delete(tree);
	lepton__free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	as_spec(text, size);
	as_change(text, text + size);
	free(text);
	return 0;
}
