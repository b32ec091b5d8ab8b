/* train/shards.h - sub-models on shards of the data, and the whole that they are fused into round by round.
 *
 * The whole is a version like any other; its step is a fusion. In a round each sub-model ("part") takes the weights of the
 * last fusion, trains for some epochs or steps of its own, and waits. When all that train wait, the whole has its slice: it
 * fuses their weights, and the next round begins. Parts that are paused, stopped or failed are not waited for; one that comes
 * back takes the weights of the last fusion, from the round that the others are in.
 *
 * A part's checkpoints are taken where it waits, before the fusion's, so that what is found after a crash fits together:
 * either the parts wait for a fusion not kept yet, which is made again, or they take its weights, as they would have.
 */
#ifndef LEPTON_TRAIN_SHARDS_H
#define LEPTON_TRAIN_SHARDS_H

#include "train/engine_parts.h"

#define LEPTON__LOOKS 6 /* that nodes.c keeps beside the newest */

struct lepton__shards { /* the whole's; with the lock, or by the whole's slice while it has taken the parts */
	struct lepton_sharding plan;
	struct lepton__version *part[LEPTON_SHARDS_MAX];
	int64_t round, rounds;          /* fusions done, planned */
	int64_t seen[LEPTON__LOOKS + 1][LEPTON_SHARDS_MAX]; /* nodes.c's: what each had trained on at its looks */
	double fused;                   /* when last, seconds since 1970; 0: not by this engine */
	struct lepton_params *weights;  /* of the last fusion, or the start that all share; NULL: each part has its own */
	struct lepton_params *slots[2]; /* the server's moments; NULL: none yet */
	struct lepton__version *taken[LEPTON_SHARDS_MAX]; /* parts that the slice has, in order */
	int taken_count;
	bool ready;  /* to fuse, in this slice */
	bool keeps;  /* the end of this round is kept in checkpoints */
	bool orphan; /* no part is left */
};

/* For lepton_engine_add: if the configuration says "shards", make the version a whole of the parts "NAME/1" and so on, which
 * are there already. LEPTON_E_SPEC, LEPTON_E_NOMEM. */
int lepton__shards_add(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err) LEPTON_MUST_CHECK;
/* For lepton_engine_restore: the same for one that was a whole before; its parts are its parents. */
int lepton__shards_restore(struct lepton_engine *engine, struct lepton__version *v, const struct lepton_checkpoint *checkpoint,
		struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__shards_free(struct lepton__version *v);

/* With the lock held: has it nothing to do until others have? */
bool lepton__shards_wait(const struct lepton__version *v);
/* With the lock held, at both ends of a whole's slice: no other slice has its parts meanwhile. */
void lepton__shards_take(struct lepton__version *whole);
void lepton__shards_leave(struct lepton_engine *engine, struct lepton__version *whole);

/* For a part's slice: take the last fusion's weights where there is a new one. *ends: the whole has ended without it, and it is
 * stopped; resumed, it trains on alone. */
int lepton__shards_join(struct lepton_engine *engine, struct lepton__version *v, bool *ends, struct lepton_error *err)
		LEPTON_MUST_CHECK;
/* It is resumed, and no whole leads it: it is on its own. Takes the lock. */
void lepton__shards_resume(struct lepton_engine *engine, struct lepton__version *v);
/* Has it a part in what goes on, and so no checkpoints but at the ends of rounds? */
static inline bool lepton__shards_follows(const struct lepton__version *v)
{
	return v->whole && v->round >= 0;
}
/* For rest.c. A part's learner was made again: it is held near, as its round says. A whole has ended: with the lock held, it gives
 * up what its rounds go by, where there will be none. */
int lepton__shards_wake(struct lepton_engine *engine, struct lepton__version *v, struct lepton_error *err) LEPTON_MUST_CHECK;
void lepton__shards_doze(struct lepton__version *v);
/* For a part's slice: is its round at an end? */
bool lepton__shards_arrived(const struct lepton__version *v);
/* shards_fuse.c, for the whole's slice: one fusion; the sums of the parts' steps are its sums. */
int lepton__shards_round(struct lepton_engine *engine, struct lepton__version *whole, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Its state, for a checkpoint. */
int lepton__shards_save(struct lepton__version *whole, struct lepton_state *out, struct lepton_error *err) LEPTON_MUST_CHECK;

/* The step of `v`, a part or the whole itself, at the end of a round (from 0). */
int64_t lepton__shards_round_end(const struct lepton__version *whole, const struct lepton__version *v, int64_t round);

#endif
