/* store/schema.c - the tables. Their meaning, column by column, is in FORMAT.md. */
#include "config.h"
#include "store/schema.h"

const char *const lepton__schema =
	"CREATE TABLE experiments(id INTEGER PRIMARY KEY, name TEXT NOT NULL, seed INTEGER NOT NULL, created "
	"REAL NOT NULL);"
	"CREATE TABLE versions(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, learner TEXT NOT NULL,"
	" state TEXT NOT NULL DEFAULT 'queued', created REAL NOT NULL, operation TEXT, hyperparameters TEXT);"
	"CREATE TABLE lineage(child INTEGER NOT NULL REFERENCES versions(id), ordinal INTEGER NOT NULL,"
	" parent INTEGER NOT NULL, PRIMARY KEY(child, ordinal)) WITHOUT ROWID;"
	"CREATE TABLE history(seq INTEGER PRIMARY KEY, version INTEGER NOT NULL REFERENCES versions(id), "
	"step INTEGER NOT NULL,"
	" time REAL, epoch REAL, seconds REAL, loss REAL, accuracy REAL, rate REAL);"
	"CREATE INDEX history_version ON history(version, step);"
	"CREATE TABLE events(seq INTEGER PRIMARY KEY, version INTEGER NOT NULL, type INTEGER NOT NULL, step "
	"INTEGER, json TEXT NOT NULL);"
	"CREATE INDEX events_version ON events(version, type, step);"
	"CREATE TABLE aliases(alias TEXT PRIMARY KEY, version INTEGER NOT NULL REFERENCES versions(id), "
	"weights_hash TEXT NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE alias_history(seq INTEGER PRIMARY KEY, alias TEXT NOT NULL, version INTEGER NOT NULL, "
	"previous INTEGER NOT NULL,"
	" weights_hash TEXT NOT NULL, time REAL NOT NULL, rollback INTEGER NOT NULL);"
	"CREATE TABLE checkpoints(id INTEGER PRIMARY KEY, version INTEGER NOT NULL REFERENCES versions(id), "
	"step INTEGER NOT NULL,"
	" epoch REAL NOT NULL, weights_hash TEXT NOT NULL, bytes INTEGER NOT NULL, extra TEXT, method TEXT, "
	"base_hash TEXT,"
	" time REAL NOT NULL);"
	"CREATE INDEX checkpoints_version ON checkpoints(version, step);"
	"CREATE INDEX checkpoints_hash ON checkpoints(weights_hash);"
	"CREATE TABLE objects(hash TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE checkpoint_objects(checkpoint INTEGER NOT NULL REFERENCES checkpoints(id) ON DELETE "
	"CASCADE,"
	" role TEXT NOT NULL, ordinal INTEGER NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL REFERENCES "
	"objects(hash),"
	" PRIMARY KEY(checkpoint, role, ordinal)) WITHOUT ROWID;"
	"CREATE INDEX checkpoint_objects_hash ON checkpoint_objects(hash);"
	"CREATE TABLE settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";

/* `packed`: 0 not tried, 1 on its own, 2 in every way (pack.c). */
const char *const lepton__upgrade = "ALTER TABLE objects ADD COLUMN base TEXT REFERENCES objects(hash);"
				    "ALTER TABLE objects ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;"
				    "ALTER TABLE checkpoints ADD COLUMN marked INTEGER NOT NULL DEFAULT 0;"
				    "CREATE INDEX objects_base ON objects(base) WHERE base IS NOT NULL;";

/* Blocks of points, and what is seen of them: buckets of 16, and of 256, which the way to a block is found by
 * too. */
const char *const lepton__upgrade_3 =
	"CREATE TABLE history_blocks(id INTEGER PRIMARY KEY, version INTEGER NOT NULL REFERENCES "
	"versions(id),"
	" first_step INTEGER NOT NULL, last_step INTEGER NOT NULL, count INTEGER NOT NULL, data BLOB NOT "
	"NULL);"
	"CREATE UNIQUE INDEX history_blocks_version ON history_blocks(version, first_step);"
	"CREATE TABLE history_summaries(id INTEGER PRIMARY KEY, version INTEGER NOT NULL REFERENCES "
	"versions(id),"
	" first_step INTEGER NOT NULL, count INTEGER NOT NULL, summary BLOB NOT NULL);"
	"CREATE UNIQUE INDEX history_summaries_version ON history_summaries(version, first_step);"
	"CREATE TABLE history_outlines(version INTEGER NOT NULL REFERENCES versions(id), first_step INTEGER "
	"NOT NULL,"
	" last_step INTEGER NOT NULL, count INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER "
	"NOT NULL,"
	" outline BLOB NOT NULL, PRIMARY KEY(version, first_step)) WITHOUT ROWID;";

/* Each row of checkpoints a second time, in pages of its own: nothing else in the store has all that is in
 * one (where training stood, and how compressed weights are to be opened), and without it no weights are
 * found. */
#define COLUMNS "id, version, step, epoch, weights_hash, bytes, extra, method, base_hash, time, marked"
#define COPY                                                                                                 \
	" INSERT OR REPLACE INTO checkpoint_copies(" COLUMNS ") SELECT " COLUMNS " FROM checkpoints WHERE "  \
	"id=new.id; END;"

const char *const lepton__upgrade_4 =
	"CREATE TABLE checkpoint_copies(id INTEGER PRIMARY KEY, version INTEGER NOT NULL, step INTEGER NOT "
	"NULL,"
	" epoch REAL NOT NULL, weights_hash TEXT NOT NULL, bytes INTEGER NOT NULL, extra TEXT, method TEXT,"
	" base_hash TEXT, time REAL NOT NULL, marked INTEGER NOT NULL);"
	"INSERT INTO checkpoint_copies(" COLUMNS ") SELECT " COLUMNS " FROM checkpoints;"
	"CREATE TRIGGER checkpoints_put AFTER INSERT ON checkpoints BEGIN" COPY
	"CREATE TRIGGER checkpoints_change AFTER UPDATE ON checkpoints BEGIN" COPY
	"CREATE TRIGGER checkpoints_drop AFTER DELETE ON checkpoints BEGIN DELETE FROM checkpoint_copies "
	"WHERE "
	"id=old.id; END;";

const char *const lepton__put_back_checkpoints = "INSERT INTO checkpoints(" COLUMNS ") SELECT " COLUMNS
						 " FROM checkpoint_copies WHERE id NOT IN (SELECT id FROM "
						 "checkpoints) ORDER BY id";

const struct lepton__table lepton__tables[] = {
	{"experiments", "id DESC", false},
	{"versions", "id DESC", false},
	{"lineage", "child DESC, ordinal DESC", false},
	{"history", "seq DESC", false},
	{"history_blocks", "id DESC", false},
	{"history_summaries", "id DESC", false},
	{"history_outlines", "version DESC, first_step DESC", false},
	{"events", "seq DESC", false},
	{"aliases", "alias DESC", false},
	{"alias_history", "seq DESC", false},
	{"checkpoints", "id DESC", true},
	{"checkpoint_copies", "id DESC", true},
	{"objects", "hash DESC", false},
	{"checkpoint_objects", "checkpoint DESC, role DESC, ordinal DESC", false},
	{"settings", "key DESC", false},
};
const size_t lepton__table_count = sizeof lepton__tables / sizeof *lepton__tables;
