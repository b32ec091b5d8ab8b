/* train/fit_team.c - a handful of threads that run the parts of one step.
 *
 * A run is announced under the lock; threads and the caller then take parts one by one until none is
 * left. Steps last milliseconds, so one lock for everything is cheap, and it also makes what the parts
 * wrote visible to the caller. Which thread runs which part does not matter to the results.
 */
#include "config.h"
#include "train/fit_team.h"
#include "base/memory.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define WORKERS_MAX 256

struct fit_team {
	struct lepton_team team; /* first: the caller holds a pointer to it */
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	void (*part)(void *arg, int index);
	void *arg;
	int parts, next, running; /* of the present run: all, the next to take, taken but not finished */
	bool quit;
	int threads;
	pthread_t thread[WORKERS_MAX];
};

/* Take parts until none is left. The lock is held on entry and on return. */
static void take_parts(struct fit_team *t)
{
	while (t->next < t->parts) {
		int index = t->next++;
		t->running++;
		pthread_mutex_unlock(&t->lock);
		t->part(t->arg, index);
		pthread_mutex_lock(&t->lock);
		t->running--;
	}
	if (t->running == 0)
		pthread_cond_signal(&t->done);
}

static void *worker(void *arg)
{
	struct fit_team *t = arg;
	pthread_mutex_lock(&t->lock);
	while (!t->quit) {
		if (t->next < t->parts)
			take_parts(t);
		else
			pthread_cond_wait(&t->work, &t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static void run(const struct lepton_team *team, int parts, void (*part)(void *arg, int index), void *arg)
{
	struct fit_team *t = team->pool;
	pthread_mutex_lock(&t->lock);
	t->part = part;
	t->arg = arg;
	t->next = t->running = 0;
	t->parts = parts;
	pthread_cond_broadcast(&t->work);
	take_parts(t);
	while (t->running > 0)
		pthread_cond_wait(&t->done, &t->lock);
	t->parts = t->next = 0;
	pthread_mutex_unlock(&t->lock);
}

/* Signals are the program's own threads' business: they go to the caller. */
static void start_threads(struct fit_team *t, int wish)
{
	sigset_t all, old;
	sigfillset(&all);
	bool masked = pthread_sigmask(SIG_SETMASK, &all, &old) == 0;
	while (masked && t->threads < wish && pthread_create(&t->thread[t->threads], NULL, worker, t) == 0)
		t->threads++;
	if (masked)
		pthread_sigmask(SIG_SETMASK, &old, NULL);
}

struct lepton_team *lepton__fit_team_new(int workers)
{
	struct fit_team *t = lepton__calloc(1, sizeof *t);
	if (!t)
		return NULL;
	long cores = workers > 0 ? workers : sysconf(_SC_NPROCESSORS_ONLN);
	pthread_mutex_init(&t->lock, NULL); /* with default attributes these three cannot fail on Linux */
	pthread_cond_init(&t->work, NULL);
	pthread_cond_init(&t->done, NULL);
	start_threads(t, cores > WORKERS_MAX ? WORKERS_MAX : (int)cores - 1);
	t->team = (struct lepton_team){.run = run, .pool = t, .width = t->threads + 1};
	return &t->team;
}

void lepton__fit_team_free(struct lepton_team *team)
{
	struct fit_team *t = team ? team->pool : NULL;
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->quit = true;
	pthread_cond_broadcast(&t->work);
	pthread_mutex_unlock(&t->lock);
	for (int i = 0; i < t->threads; i++)
		pthread_join(t->thread[i], NULL);
	pthread_cond_destroy(&t->done);
	pthread_cond_destroy(&t->work);
	pthread_mutex_destroy(&t->lock);
	lepton__free(t);
}
