/* spec/keep.c - "keep": which checkpoints the store holds on to. Read by the store itself (store/keep.c). */
#include "config.h"
#include "spec/parts.h"

static const struct lepton__key keep_keys[] = {
	{"last", LEPTON__KEY_INTEGER, 2, 1e6, NULL, false, "a version's newest checkpoints; 2"},
	{"all", LEPTON__KEY_BOOL, 0, 0, NULL, false, "every checkpoint; false"},
	{"best", LEPTON__KEY_BOOL, 0, 0, NULL, false, "a version's best by validation loss; false"},
	{"promoted", LEPTON__KEY_BOOL, 0, 0, NULL, false, "what an alias ever pointed at; true"},
	{"marked", LEPTON__KEY_BOOL, 0, 0, NULL, false, "what `lepton keep` marked; true"},
	{0},
};

int lepton__spec_check_keep(const char *name, const cJSON *root, struct lepton_error *err)
{
	const cJSON *keep = cJSON_GetObjectItemCaseSensitive(root, "keep");
	return keep ? lepton__spec_check_table(name, keep_keys, keep, "keep", err) : LEPTON_OK;
}
