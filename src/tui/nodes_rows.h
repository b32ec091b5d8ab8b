/* tui/nodes_rows.h - the rows of the view Nodes: machines, their workers, versions made of sub-models, and these. */
#ifndef LEPTON_TUI_NODES_ROWS_H
#define LEPTON_TUI_NODES_ROWS_H

#include "tui/app.h"

enum lepton__node_kind { LEPTON__ROW_NODE, LEPTON__ROW_WORKERS, LEPTON__ROW_WORKER, LEPTON__ROW_WHOLE, LEPTON__ROW_SHARDS,
	LEPTON__ROW_SHARD }; /* _WORKERS and _SHARDS are heads of columns */
struct lepton__node_row {
	enum lepton__node_kind kind;
	const struct lepton_node *node;
	const struct lepton_sharded *whole; /* of the last three kinds */
	int index;                          /* of the worker or shard */
	int64_t version;                    /* that it leads to; 0: none */
};
struct lepton__node_rows {
	struct lepton__node_row *items;
	size_t count, capacity;
};

/* Samples a second of all that trains: by what the workers said they did in the last seconds, and what
 * programs outside say of themselves. Until the workers have said so: by each version's newest figure, which
 * is of the time it had a core. */
double lepton__node_rate(const struct lepton_node *node); /* its workers' */
double lepton__run_rate(const struct lepton_run *run);

/* Of the run's nodes, as they stand; false without memory. */
bool lepton__node_rows_make(const struct lepton_run *run, struct lepton__node_rows *rows);
/* Is it one that can be chosen? */
bool lepton__node_row_leads(const struct lepton__node_row *row);

/* Columns that fit, those that matter most first to stay. */
enum { LEPTON__NODE_COLUMNS = 11, LEPTON__NODE_CELL = 48 };
struct lepton__node_column {
	const char *head;
	int width, keep; /* the least `keep` goes first; 0 ends the table */
	bool left;
};
extern const struct lepton__node_column lepton__worker_columns[], lepton__shard_columns[];
/* Widths within `cols`, 0 where a column is left out; what is over is the version's. */
void lepton__node_fit(const struct lepton__node_column *columns, int cols, int widths[LEPTON__NODE_COLUMNS]);
/* The words of a row, a cell a column; and what its bar shows, NaN for no bar. */
double lepton__worker_cells(const struct lepton__app *app, const struct lepton__node_row *row,
		char out[LEPTON__NODE_COLUMNS][LEPTON__NODE_CELL]);
double lepton__shard_cells(const struct lepton__app *app, const struct lepton__node_row *row,
		char out[LEPTON__NODE_COLUMNS][LEPTON__NODE_CELL]);
/* Of a version with sub-models: "round 3 of 10, fused 12s ago: 2 train, 1 waits". */
void lepton__whole_say(const struct lepton__app *app, const struct lepton__node_row *row, char *out, size_t size);

#endif
