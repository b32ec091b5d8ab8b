/* tests/crash_script.h - what a small network says while it trains, is compressed and promoted, kept as a
 * list of events; the same list put into a store as often as a test likes; and what has to be true of a store
 * that broke on the way.
 */
#ifndef LEPTON_TESTS_CRASH_SCRIPT_H
#define LEPTON_TESTS_CRASH_SCRIPT_H

#include "lepton/engine.h"
#include "lepton/store.h"

#include <stdbool.h>
#include <stddef.h>

#define SCRIPT_VERSION 1 /* the network's id */
#define SCRIPT_SMALL 2   /* of what was made of it */

struct script {
	struct lepton_event *events;
	size_t count, capacity;
	char final_hash[LEPTON_HASH_HEX]; /* the weights of a training that nothing came between */
	int epochs;
};

/* A real engine's; 0 or the test has failed. Setup and teardown of a group: */
void script_make(struct script *script, int epochs);
void script_free(struct script *script);

/* The store's life: opened, two thirds of the events put, closed, opened again, the rest put, closed. `kept`
 * hears of each event that is on the disk then, `failed` of each fault (NULL: the test has failed), and what
 * failed is tried once more, as the session's keeper does. A store that cannot be opened twice ends it.
 * Opened again it is read first, as a session does: what is read is right, or said to be a fault. */
struct script_play {
	const char *dir;
	int flush_each; /* metrics */
	void (*kept)(size_t event);
	void (*failed)(size_t event, const struct lepton_error *err);
	const int *faults; /* how many `failed` has counted; NULL: none */
};
void script_play(const struct script *script, const struct script_play *play);
/* The events [from, to) only, in one opening of the store; false: it did not open. */
bool script_play_part(const struct script *script, const struct script_play *play, size_t from, size_t to);

/* The store opens, verifies clean, and has of the events that were kept (a flag each) what lasts: versions,
 * the newest checkpoint or a later one with the weights it had, the alias. `resume`: and training goes on
 * from it to the same bits. */
void script_check(const struct script *script, const char *dir, const bool *kept, bool resume);

#endif
