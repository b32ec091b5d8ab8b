/* store/inspect.h - what verify.c and repair.c share: a report, and checkpoints one after another. */
#ifndef LEPTON_STORE_INSPECT_H
#define LEPTON_STORE_INSPECT_H

#include "store/store_parts.h"

struct lepton__report {
	void (*say)(const char *line, void *arg);
	void *arg;
	size_t faults;
	bool lost; /* rows of the database that could not be read: who needs what is not known any more */
};
void lepton__report_fault(struct lepton__report *report, const char *fmt, ...) LEPTON_PRINTF(2, 3);
void lepton__report_done(struct lepton__report *report, const char *fmt, ...)
	LEPTON_PRINTF(2, 3); /* no fault */

struct lepton__place {
	int64_t row, version, step;
	char name[LEPTON_NAME_MAX]; /* the version's */
};
struct lepton__places {
	struct lepton__place *list;
	size_t count, capacity;
};
/* All checkpoints there are, oldest first. What was read before a fault is there with it. */
int lepton__places_read(struct lepton_store *store, struct lepton__places *out, struct lepton_error *err);

/* Is the checkpoint whole? LEPTON_E_CORRUPT with the first fault. */
int lepton__place_load(
	struct lepton_store *store, const struct lepton__place *place, struct lepton_error *err);

/* A tensor of a checkpoint. */
struct lepton__spot {
	char role[16], name[LEPTON_NAME_MAX], hash[LEPTON_HASH_HEX];
};
struct lepton__spots {
	struct lepton__spot *list;
	size_t count, capacity;
};
int lepton__spots_read(
	struct lepton_store *store, int64_t checkpoint, struct lepton__spots *out, struct lepton_error *err);

/* check_pages.c: SQLite's own checks, and each page's; *faults counts lines, said to `report` unless NULL. */
int lepton__check_pages(
	struct lepton_store *store, struct lepton__report *report, size_t *faults, struct lepton_error *err);
/* check_history.c: blocks of points and their outlines; said as faults, or mended and said. */
int lepton__history_check(
	struct lepton_store *store, struct lepton__report *report, bool mend, struct lepton_error *err);
/* store.c: close the database; and open it again. */
void lepton__store_disconnect(struct lepton_store *store);
int lepton__store_reconnect(struct lepton_store *store, struct lepton_error *err);
/* rescue.c: copy what can be read of a damaged database into a new one, which takes its place. */
int lepton__rescue(struct lepton_store *store, struct lepton__report *report, struct lepton_error *err);

#endif
