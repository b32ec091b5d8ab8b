/* train/board.c - lending idle threads to the parts of running steps.
 *
 * Parts are taken by an atomic counter, so whoever is free takes the next one; results never depend
 * on who took which. A task lives on its poster's stack: a helper registers under the lock while the
 * task is on the list, and the poster takes the task off the list and waits for the last helper to
 * leave before it returns. Waiting begins with a short spin, since parts take about a millisecond
 * and putting a thread to sleep costs a tenth of that.
 *
 * Locks: board->lock is a leaf. Nothing is called with it held.
 */
#include "config.h"
#include "train/board.h"

#include <string.h>

#define SPINS 2000

struct lepton__task {
	struct lepton__task *next;
	void (*part)(void *arg, int index);
	void *arg;
	int64_t version;
	int parts;
	int taken;   /* atomic */
	int helpers; /* atomic; changed under the lock */
};

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

static void work(struct lepton__task *task)
{
	int i;
	while ((i = __atomic_fetch_add(&task->taken, 1, __ATOMIC_RELAXED)) < task->parts)
		task->part(task->arg, i);
}

static bool parts_left(struct lepton__task *task)
{
	return __atomic_load_n(&task->taken, __ATOMIC_RELAXED) < task->parts;
}

/* ---- the poster --------------------------------------------------------------------------------- */

static void post(struct lepton__board *board, struct lepton__task *task)
{
	pthread_mutex_lock(&board->lock);
	task->next = board->tasks;
	board->tasks = task;
	__atomic_add_fetch(&board->posted, 1, __ATOMIC_RELEASE);
	pthread_cond_broadcast(&board->news);
	pthread_mutex_unlock(&board->lock);
}

static void withdraw(struct lepton__board *board, struct lepton__task *task)
{
	for (int i = 0; i < SPINS && __atomic_load_n(&task->helpers, __ATOMIC_ACQUIRE) > 0; i++)
		relax();
	pthread_mutex_lock(&board->lock);
	struct lepton__task **link = &board->tasks;
	while (*link != task)
		link = &(*link)->next;
	*link = task->next;
	while (__atomic_load_n(&task->helpers, __ATOMIC_ACQUIRE) > 0)
		pthread_cond_wait(&board->left, &board->lock);
	pthread_mutex_unlock(&board->lock);
}

static void run(const struct lepton_team *team, int parts, void (*part)(void *arg, int index), void *arg)
{
	struct lepton__board *board = team->pool;
	struct lepton__task task = {.part = part, .arg = arg, .version = team->version, .parts = parts};
	if (parts < 2 || __atomic_load_n(&board->idle, __ATOMIC_RELAXED) == 0) {
		for (int i = 0; i < parts; i++)
			part(arg, i);
		return;
	}
	post(board, &task);
	work(&task);
	withdraw(board, &task);
}

struct lepton_team lepton__board_team(struct lepton__board *board, int64_t version)
{
	int idle = __atomic_load_n(&board->idle, __ATOMIC_RELAXED);
	return (struct lepton_team){.run = run, .pool = board, .width = 1 + idle, .version = version};
}

/* ---- the helper ----------------------------------------------------------------------------------- */

/* With the lock held: register at a task that has parts left. */
static struct lepton__task *join(struct lepton__board *board)
{
	for (struct lepton__task *task = board->tasks; task; task = task->next)
		if (parts_left(task)) {
			__atomic_add_fetch(&task->helpers, 1, __ATOMIC_ACQ_REL);
			return task;
		}
	return NULL;
}

static void leave(struct lepton__board *board, struct lepton__task *task)
{
	pthread_mutex_lock(&board->lock);
	if (__atomic_sub_fetch(&task->helpers, 1, __ATOMIC_ACQ_REL) == 0)
		pthread_cond_broadcast(&board->left);
	pthread_mutex_unlock(&board->lock);
}

static bool poked(struct lepton__board *board, unsigned seen)
{
	return __atomic_load_n(&board->pokes, __ATOMIC_ACQUIRE) != seen;
}

/* The next task to help with; NULL after a poke. */
static struct lepton__task *await(struct lepton__board *board, unsigned seen)
{
	pthread_mutex_lock(&board->lock);
	struct lepton__task *task = poked(board, seen) ? NULL : join(board);
	unsigned posted = __atomic_load_n(&board->posted, __ATOMIC_ACQUIRE);
	pthread_mutex_unlock(&board->lock);
	if (task)
		return task;
	for (int i = 0; i < SPINS && !poked(board, seen); i++) {
		if (__atomic_load_n(&board->posted, __ATOMIC_ACQUIRE) != posted)
			break;
		relax();
	}
	pthread_mutex_lock(&board->lock);
	while (!poked(board, seen) && !(task = join(board)))
		pthread_cond_wait(&board->news, &board->lock);
	pthread_mutex_unlock(&board->lock);
	return task;
}

void lepton__board_help(struct lepton__board *board, unsigned seen, struct lepton__work *said)
{
	struct lepton__task *task;
	__atomic_add_fetch(&board->idle, 1, __ATOMIC_RELAXED);
	while ((task = await(board, seen))) {
		__atomic_sub_fetch(&board->idle, 1, __ATOMIC_RELAXED);
		lepton__work_begin(said, LEPTON_WORK_HELPING, task->version, 0);
		work(task);
		lepton__work_end(said);
		leave(board, task);
		__atomic_add_fetch(&board->idle, 1, __ATOMIC_RELAXED);
	}
	__atomic_sub_fetch(&board->idle, 1, __ATOMIC_RELAXED);
}

unsigned lepton__board_seen(struct lepton__board *board)
{
	return __atomic_load_n(&board->pokes, __ATOMIC_ACQUIRE);
}

void lepton__board_poke(struct lepton__board *board)
{
	pthread_mutex_lock(&board->lock);
	__atomic_add_fetch(&board->pokes, 1, __ATOMIC_RELEASE);
	pthread_cond_broadcast(&board->news);
	pthread_mutex_unlock(&board->lock);
}

int lepton__board_init(struct lepton__board *board, struct lepton_error *err)
{
	memset(board, 0, sizeof *board);
	if (pthread_mutex_init(&board->lock, NULL))
		return lepton_error_set(err, LEPTON_E_NOMEM, "cannot make a lock");
	if (pthread_cond_init(&board->news, NULL) || pthread_cond_init(&board->left, NULL)) {
		pthread_mutex_destroy(&board->lock);
		return lepton_error_set(err, LEPTON_E_NOMEM, "cannot make a lock");
	}
	return LEPTON_OK;
}

void lepton__board_destroy(struct lepton__board *board)
{
	pthread_cond_destroy(&board->left);
	pthread_cond_destroy(&board->news);
	pthread_mutex_destroy(&board->lock);
}
