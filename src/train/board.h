/* train/board.h - where running steps post their parts and idle threads look for them.
 *
 * A step that has parts posts them with lepton__board_team's run(); threads with nothing else to do
 * sit in lepton__board_help and take parts. The poster always works on its own parts, so a board
 * without helpers only costs it one look at a counter.
 */
#ifndef LEPTON_TRAIN_BOARD_H
#define LEPTON_TRAIN_BOARD_H

#include "lepton/model.h"
#include "train/work.h"

#include <pthread.h>

struct lepton__task; /* one run() in progress; lives on its poster's stack */

struct lepton__board {
	pthread_mutex_t lock;
	pthread_cond_t news; /* a task was posted, or poke() */
	pthread_cond_t left; /* a helper left a task */
	struct lepton__task *tasks; /* those with parts perhaps left */
	unsigned posted;            /* atomic: grows with every task */
	unsigned pokes;             /* atomic: grows with every poke */
	int idle;                   /* atomic: threads in lepton__board_help that hold no part */
};

int lepton__board_init(struct lepton__board *board, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__board_destroy(struct lepton__board *board); /* nobody may be in it */
/* What a thread saw before it looked for other work: give it to lepton__board_help. */
unsigned lepton__board_seen(struct lepton__board *board);
/* Take parts of others' steps, or sleep, until someone poked after `seen`. It is told in `work`; NULL: nobody asks. */
void lepton__board_help(struct lepton__board *board, unsigned seen, struct lepton__work *work);
void lepton__board_poke(struct lepton__board *board);
/* A team whose run() posts here, for a step of a version; width counts the threads idle now. */
struct lepton_team lepton__board_team(struct lepton__board *board, int64_t version);

#endif
