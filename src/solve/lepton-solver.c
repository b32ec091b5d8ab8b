/* solve/lepton-solver.c - one training by LIBSVM or LIBLINEAR, in a process that can be held still and ended.
 *
 * Not for people: lepton starts it, with the samples in shared memory as its standard input (model/solver.h
 * has the layout), reads its progress as lines of JSON, and takes the answer out of the same memory.
 * Signals do what they always do: SIGSTOP holds it, SIGTERM ends it, and nothing is lost that could be kept.
 */
#include "config.h"
#include "solve/solve.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t answer_at;

void fail(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void *need(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		fail("out of memory for %zu MB; a lower \"train_limit\" needs less", count * size >> 20);
	return memory;
}

/* ---- the tray ---- */

static void check(const struct lepton__ask *ask, int64_t size)
{
	int64_t most = size / (int64_t)sizeof(struct lepton__tray_node);
	if (ask->magic != LEPTON__ASK_MAGIC || ask->samples < 2 || ask->samples > most || ask->nodes < 0 ||
		ask->nodes > most || ask->features < 1 || ask->answer != size ||
		size != (int64_t)sizeof *ask + ask->samples * 8 +
				ask->nodes * (int64_t)sizeof(struct lepton__tray_node))
		fail("lepton-solver is started by lepton, with samples as its input");
}

static void check_nodes(const struct samples *s)
{
	int64_t sum = 0;
	for (int64_t i = 0; i < s->ask.samples; i++) {
		if (s->lengths[i] < 0 || s->lengths[i] > s->ask.features || s->labels[i] < 0)
			fail("a sample is damaged");
		sum += s->lengths[i];
	}
	if (sum != s->ask.nodes)
		fail("the samples are damaged");
}

static void open_tray(struct samples *s)
{
	struct stat about;
	if (fstat(STDIN_FILENO, &about) || about.st_size < (off_t)sizeof s->ask)
		fail("lepton-solver is started by lepton, with samples as its input");
	const char *bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, STDIN_FILENO, 0);
	if (bytes == MAP_FAILED)
		fail("the samples cannot be read: %s", strerror(errno));
	memcpy(&s->ask, bytes, sizeof s->ask);
	check(&s->ask, about.st_size);
	s->labels = (const int32_t *)(const void *)(bytes + sizeof s->ask);
	s->lengths = s->labels + s->ask.samples;
	s->nodes = (const struct lepton__tray_node *)(const void *)(s->lengths + s->ask.samples);
	check_nodes(s);
}

/* ---- the answer ---- */

static void put(const void *bytes, size_t size)
{
	const char *from = bytes;
	while (size) {
		ssize_t count = pwrite(STDIN_FILENO, from, size, answer_at);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			fail("no memory to hand the model over: %s", strerror(errno));
		from += count;
		answer_at += count;
		size -= (size_t)count;
	}
}

void answer_begin(const struct samples *s, int classes, int vectors, int64_t numbers, int64_t integers)
{
	const struct lepton__answer answer = {LEPTON__ANSWER_MAGIC, classes, vectors, numbers, integers};
	answer_at = s->ask.answer;
	put(&answer, sizeof answer);
}

void answer_numbers(const double *numbers, int64_t count)
{
	put(numbers, (size_t)count * sizeof *numbers);
}

void answer_integers(const int *integers, int64_t count)
{
	put(integers, (size_t)count * sizeof *integers);
}

int main(int argc, char **argv)
{
	struct samples samples = {.labels = NULL};
	(void)argc, (void)argv; /* the version's name, for lists of processes */
	open_tray(&samples);
#ifdef HAVE_LIBSVM
	if (samples.ask.library == LEPTON__LIBSVM)
		solve_svm(&samples);
#endif
#ifdef HAVE_LIBLINEAR
	if (samples.ask.library == LEPTON__LIBLINEAR)
		solve_linear(&samples);
#endif
	if (!answer_at)
		fail("this lepton-solver was built without the library that is asked for");
	return 0;
}
