/* cmd/attach.c - the picture of a run that trains in another process.
 *
 * Its past is read from the store, which both processes have; its future comes over the socket. The two meet
 * at an event's serial: the engine says which was its last when events begin to come, and the store which is
 * its last.
 */
#include "config.h"
#include "cmd/attach.h"
#include "cmd/unlock.h"
#include "base/clock.h"

#define PATIENCE 3.0
#define LOOK_SECONDS 0.005

static int await_serial(struct lepton_store *store, uint64_t serial, struct lepton_error *err)
{
	double until = lepton__monotonic() + PATIENCE;
	for (;;) {
		uint64_t has;
		int code = lepton_store_serial(store, &has, err);
		if (code || has >= serial || lepton__monotonic() >= until)
			return code;
		lepton__sleep(LOOK_SECONDS);
	}
}

int attach_picture(const char *dir, uint64_t serial, struct lepton_run *run, struct lepton_error *err)
{
	struct lepton_store *store;
	lepton_run_init(run);
	int code = unlock_store(dir, LEPTON_STORE_READ, &store, err);
	if (code)
		return code;
	code = await_serial(store, serial, err);
	if (!code)
		code = lepton_store_load_run(store, run, err);
	lepton_store_close(store);
	if (code)
		lepton_run_clear(run);
	return code;
}

int attach_whole(const char *dir, struct lepton_run *run, struct lepton_error *err)
{
	struct lepton_store *store;
	bool thinned = false;
	for (size_t i = 0; i < run->version_count; i++)
		thinned = thinned || run->versions[i]->history.thinned;
	if (!thinned)
		return LEPTON_OK;
	int code = unlock_store(dir, LEPTON_STORE_READ, &store, err);
	if (code)
		return code;
	code = lepton_store_load_whole(store, run, 0, err);
	lepton_store_close(store);
	return code;
}

int attach_run(struct lepton_client *client, const char *dir, enum lepton_role role, struct lepton_run *run,
	struct lepton_error *err)
{
	uint64_t serial;
	lepton_run_init(run);
	int code = lepton_client_attach(client, role, &serial, err);
	if (!code)
		code = attach_picture(dir, serial, run, err);
	if (!code)
		lepton_client_skip(client, run->serial);
	return code;
}

int attach_watch(const char *dir,
	int (*watch)(struct lepton_client *client, struct lepton_run *run, struct lepton_error *err),
	struct lepton_error *err)
{
	struct lepton_client *client;
	struct lepton_run run;
	int code = lepton_client_connect(dir, &client, err);
	if (code)
		return code;
	code = attach_run(client, dir, LEPTON_WATCHES, &run, err);
	if (!code)
		code = watch(client, &run, err);
	lepton_run_clear(&run);
	lepton_client_close(client);
	return code;
}
