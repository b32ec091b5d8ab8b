/* model/solver_run.c - lepton-solver found, started, heard, and its answer made the learner's weights.
 *
 * It is looked for where LEPTON_SOLVER says, beside the running program (a build tree), one folder up (the
 * same, of a program that libtool keeps in .libs), and where `make install` puts it. It gets an
 * environment of its own: a BLAS of one thread, like ours, and numbers written with a point. Of ours it gets
 * what says which libraries and kernels to take, so that it computes as the libraries' own tools would.
 */
#include "config.h"
#include "model/solver.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 4096
#define PASSED_MAX 6

/* ---- finding it ---- */

/* The running program's folder, or the one above; "" where that is not known. */
static void own_folder(int up, char out[PATH_ROOM])
{
	ssize_t length = readlink("/proc/self/exe", out, PATH_ROOM - 1);
	out[length > 0 ? length : 0] = '\0';
	for (char *slash; up >= 0 && (slash = strrchr(out, '/')); up--)
		*slash = '\0';
}

/* Heap; *failed when out of memory, else NULL where it is not there. */
static char *at(const char *folder, bool *failed)
{
	char *path = *folder ? lepton__path_join(folder, LEPTON__SOLVER) : NULL;
	*failed = *failed || (*folder && !path);
	if (path && access(path, X_OK) == 0)
		return path;
	lepton__free(path);
	return NULL;
}

static char *find(struct lepton_error *err)
{
	const char *named = getenv("LEPTON_SOLVER");
	char folder[PATH_ROOM];
	bool failed = false;
	char *path = named && *named ? lepton__strdup(named) : NULL;
	for (int up = 0; up < 2 && !path && !(named && *named); up++) {
		own_folder(up, folder);
		path = at(folder, &failed);
	}
	if (!path && !(named && *named))
		path = at(LEPTON_LIBEXECDIR, &failed);
	if (!path && (failed || (named && *named)))
		lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	else if (!path)
		lepton_error_set(err, LEPTON_E_NOTFOUND,
			"cannot start the solver: there is no " LEPTON__SOLVER
			" in %.200s; run \"make install\", or "
			"name it in LEPTON_SOLVER",
			LEPTON_LIBEXECDIR);
	return path;
}

/* ---- starting it ---- */

static bool add(char **out, size_t *count, char *text)
{
	if (text)
		out[(*count)++] = text;
	return text != NULL;
}

/* NULL-terminated, with its strings freed by lepton__external_environment_free. */
static char **environment(void)
{
	static const char *const own[] = {
		"LC_ALL=C", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "PATH=/usr/bin:/bin"};
	static const char *const passed[] = {"OPENBLAS_CORETYPE", "LD_LIBRARY_PATH", "LD_PRELOAD",
		"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"};
	size_t count = 0, known = sizeof own / sizeof *own;
	char **out = lepton__calloc(known + PASSED_MAX + 1, sizeof *out);
	bool good = out != NULL;
	for (size_t i = 0; i < known && good; i++)
		good = add(out, &count, lepton__strdup(own[i]));
	for (size_t i = 0; i < PASSED_MAX && good; i++) {
		const char *value = getenv(passed[i]);
		if (value)
			good = add(out, &count, lepton__format("%s=%s", passed[i], value));
	}
	if (good)
		return out;
	lepton__external_environment_free(out);
	return NULL;
}

static void close_tray(struct lepton__solver *s)
{
	if (s->outside.input >= 0)
		close(s->outside.input);
	s->outside.input = -1;
}

static int command(struct lepton__external *e, const char *version, struct lepton_error *err)
{
	char *path = find(err);
	if (!path)
		return err->code;
	if (!e->command)
		e->command = lepton__calloc(3, sizeof *e->command);
	char *name = e->command ? lepton__strdup(version) : NULL;
	if (!name) {
		lepton__free(path);
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory starting the solver");
	}
	lepton__free(e->command[0]);
	lepton__free(e->command[1]);
	e->command[0] = path;
	e->command[1] = name; /* so that it is told apart in a list of processes */
	return LEPTON_OK;
}

static int launch(struct lepton__solver *s, const char *version, struct lepton_error *err)
{
	int code = command(&s->outside, version, err);
	if (!code)
		code = lepton__tray_fill(s, &s->outside.input, err);
	if (code)
		return code;
	char **own = environment();
	if (!own)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory starting the solver");
	else
		code = lepton__external_launch(&s->outside, 0, 0, own, err);
	lepton__external_environment_free(own);
	if (code)
		close_tray(s);
	return code;
}

static int run(
	struct lepton_learner *learner, const struct lepton_outside_start *start, struct lepton_error *err)
{
	struct lepton__solver *s = (struct lepton__solver *)learner;
	struct lepton_error inner = {0};
	int code;
	if (lepton__external_there(&s->outside, &code))
		return code;
	s->answered = false;
	*s->fault = '\0';
	code = lepton__solver_built(s->kind, &inner);
	if (!code)
		code = launch(s, start->version, &inner);
	if (code && err)
		*err = inner;
	return code;
}

/* ---- its answer ---- */

int lepton__solver_take(
	struct lepton__external *e, const char *named, struct lepton_params **out, struct lepton_error *err)
{
	struct lepton__solver *s = (struct lepton__solver *)e;
	struct lepton_error inner = {0};
	struct lepton__answered answered;
	(void)named; /* there is one place only */
	int code = lepton__tray_answer(e->input, s->ask.answer, &answered, &inner);
	if (!code)
		code = s->kind->make(s, &answered, out, &inner);
	lepton__answered_clear(&answered);
	if (!code && (code = s->kind->hold(s, *out, &inner)))
		lepton_params_release(*out);
	s->answered = !code;
	if (code)
		lepton__copy_name(s->fault, sizeof s->fault, inner.message);
	if (code && err)
		*err = inner;
	return code;
}

/* It has ended: without an answer, that is a failure, whatever it says. */
static void end_without(struct lepton__solver *s, struct lepton_report *out)
{
	size_t used = strlen(out->line);
	if (out->code == LEPTON_E_IO && strstr(out->line, "killed by signal 9"))
		snprintf(out->line + used, sizeof out->line - used,
			": was there memory enough? A lower \"train_limit\" or \"cache_mb\" needs less");
	if (out->code || s->answered)
		return;
	out->code = LEPTON_E_IO;
	snprintf(out->line, sizeof out->line, "%s",
		*s->fault ? s->fault : "its solver ended without an answer");
}

static void next(struct lepton_learner *learner, struct lepton_report *out)
{
	struct lepton__solver *s = (struct lepton__solver *)learner;
	lepton__external_next(learner, out);
	if (out->kind != LEPTON_REPORT_ENDED)
		return;
	close_tray(s);
	end_without(s, out);
}

const struct lepton_outside_ops lepton__solver_outside = {
	run, lepton__external_rest, lepton__external_end, next, lepton__external_descriptor};
