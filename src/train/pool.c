/* train/pool.c - a board with its own helpers. */
#include "config.h"
#include "train/pool.h"
#include "train/board.h"
#include "base/memory.h"
#include "base/thread.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORKERS_MAX 1024

struct lepton__worker_pool {
	struct lepton__board board;
	bool ending; /* atomic */
	int count;
	pthread_t *threads;
};

int lepton__cores(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		return CPU_COUNT(&set);
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	return online > 0 ? (int)online : 1;
}

static void *help(void *arg)
{
	struct lepton__worker_pool *pool = arg;
	for (;;) {
		unsigned seen = lepton__board_seen(&pool->board);
		if (__atomic_load_n(&pool->ending, __ATOMIC_ACQUIRE))
			return NULL;
		lepton__board_help(&pool->board, seen, NULL);
	}
}

int lepton__pool_create(int workers, struct lepton__worker_pool **out, struct lepton_error *err)
{
	char name[32];
	int wish = workers > 0 ? workers : lepton__cores(), helpers = (wish < WORKERS_MAX ? wish : WORKERS_MAX) - 1;
	struct lepton__worker_pool *pool = lepton__calloc(1, sizeof *pool);
	pthread_t *threads = lepton__calloc((size_t)helpers + 1, sizeof *threads);
	int code = pool && threads ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	if (!code)
		code = lepton__board_init(&pool->board, err);
	if (code) {
		lepton__free(pool);
		lepton__free(threads);
		return code;
	}
	pool->threads = threads;
	while (pool->count < helpers && !code) {
		snprintf(name, sizeof name, "lepton/fit%d", pool->count + 1);
		code = lepton__thread_start(&threads[pool->count], name, help, pool, NULL);
		pool->count += code ? 0 : 1;
	}
	while (__atomic_load_n(&pool->board.idle, __ATOMIC_RELAXED) < pool->count)
		sched_yield(); /* a caller's only run would else find nobody yet */
	*out = pool;
	return LEPTON_OK;
}

void lepton__pool_team(struct lepton__worker_pool *pool, struct lepton_team *team)
{
	*team = lepton__board_team(&pool->board, 0);
}

int lepton__pool_step(struct lepton__worker_pool *pool, struct lepton_learner *learner,
	struct lepton_step_result *result, struct lepton_error *err)
{
	struct lepton_team team;
	lepton__pool_team(pool, &team);
	return learner->ops->step(learner, &team, result, err);
}

void lepton__pool_free(struct lepton__worker_pool *pool)
{
	if (!pool)
		return;
	__atomic_store_n(&pool->ending, true, __ATOMIC_RELEASE);
	lepton__board_poke(&pool->board);
	for (int i = 0; i < pool->count; i++)
		pthread_join(pool->threads[i], NULL);
	lepton__board_destroy(&pool->board);
	lepton__free(pool->threads);
	lepton__free(pool);
}
