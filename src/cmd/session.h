/* cmd/session.h - one working session: a store, its data, an engine, and the thread that keeps events.
 *
 * Both programs open one. It resumes what the store remembers, adds what the spec has new, starts
 * the engine, and writes every event to the store from its own reader, so nothing the engine
 * says is lost. A store fault is said once as a LOG line, training goes on, and what was to be kept is tried
 * again (keeper.c).
 */
#ifndef LEPTON_CMD_SESSION_H
#define LEPTON_CMD_SESSION_H

#include "lepton/lepton.h"

struct lepton_session; /* opaque */

struct lepton_session_options {
	const char *spec_path; /* NULL: only what the store has (its spec names the data) */
	const char *store_dir; /* NULL: ./.lepton */
	int workers;           /* 0: one a core */
	int64_t epochs;        /* >0 overrides every new version's epochs */
	int64_t seed;          /* >=0 overrides the spec's */
	enum { SESSION_ALONE, SESSION_LISTENS, SESSION_SERVES } net; /* no socket; one where there can be one; not without one */
	struct lepton_bundle *import; /* NULL, or a version to keep first; gets its id */
	bool hold; /* for one command: what the store has stays as it is, also where it was training */
};

int lepton_session_open(const struct lepton_session_options *options, struct lepton_session **out,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* Asks the engine to checkpoint and end, keeps the last events, closes the store. LEPTON_E_IO where not all
 * could be kept. */
int lepton_session_close(struct lepton_session *session, struct lepton_error *err);
struct lepton_engine *lepton_session_engine(struct lepton_session *session);
/* A reader opened before the engine started (it sees everything), and its descriptor; owned by the session.
 */
struct lepton_reader *lepton_session_reader(struct lepton_session *session, int *wake_fd);
/* How many dashboards are attached and may steer. */
int lepton_session_steering(const struct lepton_session *session);
/* What the store remembered when the session opened, folded; the caller's reader goes on from there. Moves it
 * into *run (once). */
void lepton_session_take_run(struct lepton_session *session, struct lepton_run *run);

#endif
