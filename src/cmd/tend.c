/* cmd/tend.c - keep and gc, on whichever store: a verb's own, or that of a run.
 *
 * Where a run trains, the store is open for writing there and nowhere else; so the verbs send a command, and
 * the thread that keeps the run's events carries it out between two of them (keeper.c).
 */
#include "config.h"
#include "cmd/tend.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>

int tend_mark(int64_t version, int64_t step, bool drop, struct lepton_command *out, struct lepton_error *err)
{
	char settings[64];
	snprintf(settings, sizeof settings, "{\"step\":%" PRId64 ",\"drop\":%s}", step,
		drop ? "true" : "false");
	*out = (struct lepton_command){.type = LEPTON_CMD_KEEP, .count = 1, .versions = {version}};
	out->settings = lepton_text_new(settings);
	return out->settings ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
}

static int keep(struct lepton_store *store, const struct lepton_command *command, int64_t *result,
	char *message, size_t size, struct lepton_error *err)
{
	const char *text = lepton_text_get(command->settings);
	cJSON *settings = cJSON_Parse(*text ? text : "{}");
	int64_t step = lepton__json_get_int(settings, "step", -1);
	bool drop = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(settings, "drop"));
	bool is_object = cJSON_IsObject(settings);
	cJSON_Delete(settings);
	if (!is_object)
		return lepton_error_set(err, LEPTON_E_USAGE, "keep: settings are not a JSON object");
	if (command->count != 1)
		return lepton_error_set(err, LEPTON_E_USAGE, "keep takes one version");
	int code = lepton_store_mark(store, command->versions[0], step, !drop, result, err);
	if (!code)
		snprintf(message, size, "the checkpoint at step %" PRId64 " %s", *result,
			drop ? "is no longer marked" : "is kept");
	return code;
}

void tend_tally(const struct lepton_store_gc *t, bool dry, char *out, size_t size)
{
	char packed[120] = "";
	if (!dry)
		snprintf(packed, sizeof packed, "packed: %lld objects, from %.1f to %.1f MB\n",
			(long long)t->packed, (double)t->packed_from * 1e-6, (double)t->packed_to * 1e-6);
	snprintf(out, size,
		"%s %lld checkpoints, %lld objects of %.1f MB, %lld stray files of %.1f MB\n%sobjects: %.1f "
		"MB of files for "
		"%.1f MB of numbers; of weights alone %.1f for %.1f",
		dry ? "would go:" : "gone:", (long long)t->checkpoints, (long long)t->objects,
		(double)t->object_bytes * 1e-6, (long long)t->strays, (double)t->stray_bytes * 1e-6, packed,
		(double)t->files_bytes * 1e-6, (double)t->raw_bytes * 1e-6,
		(double)t->weight_files_bytes * 1e-6, (double)t->weight_raw_bytes * 1e-6);
}

int tend(struct lepton_store *store, const struct lepton_command *command, int64_t *result, char *message,
	size_t size, struct lepton_error *err)
{
	struct lepton_store_gc tally;
	*result = 0;
	if (command->type == LEPTON_CMD_KEEP)
		return keep(store, command, result, message, size, err);
	int code = lepton_store_gc(store, false, &tally, err);
	if (!code)
		tend_tally(&tally, false, message, size);
	return code;
}
