/* store/gc.c - what may go: old checkpoints nobody needs, then objects nobody names.
 *
 * A version keeps its newest two checkpoints, the best where it is to go back to that, whatever an alias points or pointed
 * at, and whatever a compressed version needs as its base. Rows go first and are committed; files after. A crash between leaves
 * a file without a row, which the next writer's sweep removes; never a row without its file.
 */
#include "config.h"
#include "store/store_parts.h"
#include "base/memory.h"

#include <string.h>

#define OLD_CHECKPOINTS                                                                                      \
	"DELETE FROM checkpoints WHERE version=?1"                                                           \
	" AND id NOT IN (SELECT id FROM checkpoints WHERE version=?1 ORDER BY id DESC LIMIT 2)"              \
	" AND weights_hash NOT IN (SELECT weights_hash FROM alias_history)"                                  \
	" AND weights_hash NOT IN (SELECT value FROM settings WHERE key='best/' || ?1)"                      \
	" AND weights_hash NOT IN (SELECT base_hash FROM checkpoints WHERE base_hash IS NOT NULL)"
#define LOOSE_OBJECTS "SELECT hash FROM objects WHERE hash NOT IN (SELECT hash FROM checkpoint_objects)"

struct hashes {
	char (*list)[LEPTON_HASH_HEX];
	size_t count, capacity;
};

static int collect(struct lepton_store *store, struct hashes *loose, struct lepton_error *err)
{
	sqlite3_stmt *rows;
	int code = lepton__sql_prepare(store, &rows, err, LOOSE_OBJECTS, "");
	while (lepton__sql_more(store, rows, &code, err)) {
		code = lepton__grow(&loose->list, &loose->capacity, loose->count + 1, sizeof *loose->list);
		if (!code)
			lepton__copy_name(
				loose->list[loose->count++], LEPTON_HASH_HEX, lepton__sql_text(rows, 0));
	}
	sqlite3_finalize(rows);
	return code;
}

int lepton__gc(struct lepton_store *store, int64_t version, struct lepton_error *err)
{
	struct hashes loose = {0};
	int code = lepton__sql_begin(store, err);
	if (!code)
		code = lepton__sql_do(store, err, OLD_CHECKPOINTS, "i", version);
	if (!code)
		code = collect(store, &loose, err);
	for (size_t i = 0; i < loose.count && !code; i++)
		code = lepton__sql_do(store, err, "DELETE FROM objects WHERE hash=?", "t", loose.list[i]);
	if (!code)
		code = lepton__sql_commit(store, err);
	else
		lepton__sql_rollback(store);
	for (size_t i = 0; i < loose.count && !code; i++)
		lepton__object_delete(store, loose.list[i]);
	lepton__free(loose.list);
	return code;
}
