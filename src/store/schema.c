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

const struct lepton__table lepton__tables[] = {
	{"experiments", "id DESC"},
	{"versions", "id DESC"},
	{"lineage", "child DESC, ordinal DESC"},
	{"history", "seq DESC"},
	{"history_blocks", "id DESC"},
	{"history_summaries", "id DESC"},
	{"history_outlines", "version DESC, first_step DESC"},
	{"events", "seq DESC"},
	{"aliases", "alias DESC"},
	{"alias_history", "seq DESC"},
	{"checkpoints", "id DESC"},
	{"objects", "hash DESC"},
	{"checkpoint_objects", "checkpoint DESC, role DESC, ordinal DESC"},
	{"settings", "key DESC"},
};
const size_t lepton__table_count = sizeof lepton__tables / sizeof *lepton__tables;
