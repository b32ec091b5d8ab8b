/* model/tray.c - the memory that a solver gets its samples in and leaves its answer in. See solver.h.
 *
 * It is a file without a name (memfd), so nothing is left behind however either process ends. It is filled
 * by writes, not through a mapping: where memory is short a write fails, a mapping kills.
 */
#include "config.h"
#include "model/solver.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS 64 /* at a time */
#define CLASSES_MAX 256

struct filling {
	struct lepton__solver *solver;
	int tray;
	int64_t at;
	float *x; /* ROWS × features */
	struct lepton__tray_node *nodes;
	double sum, squares;
};

static int write_all(int fd, const void *bytes, size_t size, int64_t at, struct lepton_error *err)
{
	const char *from = bytes;
	while (size) {
		ssize_t put = pwrite(fd, from, size, at);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return lepton_error_set(err, LEPTON_E_NOMEM,
				"no memory to hand the samples to the solver: %s; lower \"train_limit\"",
				put ? strerror(errno) : "nothing was taken");
		from += put;
		at += put;
		size -= (size_t)put;
	}
	return LEPTON_OK;
}

static int read_all(int fd, void *bytes, size_t size, int64_t at, struct lepton_error *err)
{
	char *to = bytes;
	while (size) {
		ssize_t got = pread(fd, to, size, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return lepton_error_set(err, LEPTON_E_IO, "the solver's answer cannot be read: %s",
				got ? strerror(errno) : "it is too short");
		to += got;
		at += got;
		size -= (size_t)got;
	}
	return LEPTON_OK;
}

/* ---- the samples ---- */

/* The nodes of one row behind those already there; how many they are. */
static int32_t sparse(struct filling *f, const float *x, struct lepton__tray_node *out)
{
	int32_t count = 0;
	for (int32_t i = 0; i < f->solver->features; i++)
		if (x[i] < 0 || x[i] > 0) {
			out[count++] = (struct lepton__tray_node){i, x[i]};
			f->sum += (double)x[i];
			f->squares += (double)x[i] * (double)x[i];
		}
	return count;
}

static int fill_rows(struct filling *f, int64_t first, int64_t count, struct lepton_error *err)
{
	const struct lepton__ask *ask = &f->solver->ask;
	int32_t labels[ROWS], lengths[ROWS];
	uint32_t index[ROWS];
	size_t nodes = 0;
	for (int64_t i = 0; i < count; i++)
		index[i] = (uint32_t)(first + i);
	lepton_dataset_gather(f->solver->data, LEPTON_TRAIN, index, count, f->x, labels);
	for (int64_t i = 0; i < count; i++) {
		lengths[i] = sparse(f, f->x + i * f->solver->features, f->nodes + nodes);
		nodes += (size_t)lengths[i];
	}
	int64_t place = (int64_t)sizeof *ask + first * 4;
	int code = write_all(f->tray, labels, (size_t)count * 4, place, err);
	if (!code)
		code = write_all(f->tray, lengths, (size_t)count * 4, place + ask->samples * 4, err);
	if (!code)
		code = write_all(f->tray, f->nodes, nodes * sizeof *f->nodes, f->at, err);
	f->at += (int64_t)(nodes * sizeof *f->nodes);
	return code;
}

/* gamma "scale" is 1 / (features × variance of all values), as scikit-learn has it. */
static double scaled_gamma(const struct filling *f)
{
	double count = (double)f->solver->ask.samples * f->solver->features, mean = f->sum / count,
	       variance = f->squares / count - mean * mean;
	return variance > 0 ? 1 / (f->solver->features * variance) : 1;
}

static int fill(struct filling *f, struct lepton_error *err)
{
	struct lepton__ask *ask = &f->solver->ask;
	int64_t nodes_at = (int64_t)sizeof *ask + ask->samples * 8;
	int code = LEPTON_OK;
	f->at = nodes_at;
	for (int64_t first = 0; first < ask->samples && !code; first += ROWS)
		code = fill_rows(f, first, ask->samples - first < ROWS ? ask->samples - first : ROWS, err);
	ask->nodes = (f->at - nodes_at) / (int64_t)sizeof *f->nodes;
	ask->answer = f->at;
	if (f->solver->scale_gamma)
		ask->gamma = scaled_gamma(f);
	else if (!(ask->gamma > 0))
		ask->gamma = 1.0 / f->solver->features;
	return code ? code : write_all(f->tray, ask, sizeof *ask, 0, err);
}

int lepton__tray_fill(struct lepton__solver *solver, int *out, struct lepton_error *err)
{
	size_t row = (size_t)solver->features;
	struct filling f = {.solver = solver, .tray = memfd_create("lepton-tray", MFD_CLOEXEC)};
	int number = errno;
	f.x = lepton__calloc(ROWS * row, sizeof *f.x);
	f.nodes = lepton__calloc(ROWS * row, sizeof *f.nodes);
	int code = f.tray < 0 ? lepton_error_set(err, LEPTON_E_IO, "no shared memory for the solver: %s",
					strerror(number))
		   : !f.x || !f.nodes
			   ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the solver's samples")
			   : fill(&f, err);
	lepton__free(f.x);
	lepton__free(f.nodes);
	if (code && f.tray >= 0)
		close(f.tray);
	else
		*out = f.tray;
	return code;
}

/* ---- the answer ---- */

static int check_answer(const struct lepton__answer *a, int64_t room, struct lepton_error *err)
{
	if (a->magic == LEPTON__ANSWER_MAGIC && a->classes >= 2 && a->classes <= CLASSES_MAX &&
		a->vectors >= 0 && a->numbers >= 0 && a->integers >= 0 && a->numbers <= room / 8 &&
		a->integers <= room / 4 && a->numbers * 8 + a->integers * 4 == room)
		return LEPTON_OK;
	return lepton_error_set(err, LEPTON_E_DATA, "the solver's answer is damaged");
}

int lepton__tray_answer(int tray, int64_t at, struct lepton__answered *out, struct lepton_error *err)
{
	struct lepton__answer a = {0};
	struct stat about;
	*out = (struct lepton__answered){0};
	if (fstat(tray, &about))
		return lepton_error_set(
			err, LEPTON_E_IO, "the solver's answer cannot be read: %s", strerror(errno));
	int code = read_all(tray, &a, sizeof a, at, err);
	if (!code)
		code = check_answer(&a, about.st_size - at - (int64_t)sizeof a, err);
	if (code)
		return code;
	*out = (struct lepton__answered){a.classes, a.vectors, a.numbers, a.integers,
		lepton__calloc((size_t)a.numbers, 8), lepton__calloc((size_t)a.integers, 4)};
	if (!out->numbers || !out->integers)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the solver's answer");
	at += (int64_t)sizeof a;
	if (!code)
		code = read_all(tray, out->numbers, (size_t)a.numbers * 8, at, err);
	if (!code)
		code = read_all(tray, out->integers, (size_t)a.integers * 4, at + a.numbers * 8, err);
	if (code)
		lepton__answered_clear(out);
	return code;
}

void lepton__answered_clear(struct lepton__answered *answered)
{
	lepton__free(answered->numbers);
	lepton__free(answered->integers);
	*answered = (struct lepton__answered){0};
}
