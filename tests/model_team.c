/* tests/model_team.c - see model_team.h. */
#include "config.h"
#include "model_team.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#define WIDTH_MAX 16

struct run {
	atomic_int left;
	void (*part)(void *arg, int index);
	void *arg;
};

static void *work(void *arg)
{
	struct run *run = arg;
	int i;
	while ((i = atomic_fetch_sub(&run->left, 1) - 1) >= 0)
		run->part(run->arg, i);
	return NULL;
}

static void run_threads(
	const struct lepton_team *team, int parts, void (*part)(void *arg, int index), void *arg)
{
	struct run run = {.part = part, .arg = arg};
	pthread_t threads[WIDTH_MAX];
	atomic_init(&run.left, parts);
	for (int i = 0; i < team->width; i++) {
		int failed = pthread_create(&threads[i], NULL, work, &run);
		assert(!failed);
		(void)failed;
	}
	for (int i = 0; i < team->width; i++)
		pthread_join(threads[i], NULL);
}

struct lepton_team test_team(int width)
{
	assert(width >= 1 && width <= WIDTH_MAX);
	return (struct lepton_team){.run = run_threads, .pool = NULL, .width = width};
}
