/* cmd/recall.c - checkpoints out of the store for an engine whose versions rest.
 *
 * The keeper's thread owns the connection that writes. This is a second one, which reads what is committed,
 * as another process would; so neither waits for the other. It is opened when something is asked for the
 * first time, since most sessions never ask. The engine asks from several threads, one after another here.
 */
#include "config.h"
#include "cmd/recall.h"
#include "cmd/unlock.h"
#include "base/memory.h"

#include <pthread.h>

struct recall {
	pthread_mutex_t lock;
	char *dir;
	struct lepton_store *store; /* NULL: nobody has asked yet */
};

int recall_new(const char *dir, struct recall **out, struct lepton_error *err)
{
	struct recall *r = lepton__calloc(1, sizeof *r);
	*out = NULL;
	if (!r || !(r->dir = lepton__strdup(dir)) || pthread_mutex_init(&r->lock, NULL)) {
		if (r)
			lepton__free(r->dir);
		lepton__free(r);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening the session");
	}
	*out = r;
	return LEPTON_OK;
}

void recall_free(struct recall *r)
{
	if (!r)
		return;
	lepton_store_close(r->store);
	pthread_mutex_destroy(&r->lock);
	lepton__free(r->dir);
	lepton__free(r);
}

int recall_checkpoint(
	void *recall, int64_t version, int64_t step, struct lepton_checkpoint **out, struct lepton_error *err)
{
	struct recall *r = recall;
	*out = NULL;
	pthread_mutex_lock(&r->lock);
	int code = r->store ? LEPTON_OK : unlock_store(r->dir, LEPTON_STORE_READ, &r->store, err);
	if (!code)
		*err = (struct lepton_error){.code = LEPTON_OK}; /* how the store is locked was tried in ways that failed */
	if (!code)
		code = lepton_store_load_checkpoint(r->store, version, step, out, err);
	pthread_mutex_unlock(&r->lock);
	return code;
}
