/* model/external_say.c - what an external program prints, line by line, as reports to the engine.
 *
 * Nothing here waits, and nothing grows: lines have a greatest length, a program that talks too much has
 * its log lines left out (figures never are) with a word of how many, and what comes after its end is read
 * so far and no further.
 */
#include "config.h"
#include "model/external.h"
#include "model/message.h"
#include "base/clock.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define BURST 100.0     /* log lines at once */
#define PER_SECOND 20.0 /* and lastingly: each is kept in the store */
#define AFTER_END_MAX ((size_t)1 << 20)
#define READS_MAX 16 /* in one call, of lines that come to nothing */

/* ---- lines for the log ---- */

static void refill(struct lepton__external *e)
{
	double now = lepton__monotonic();
	if (e->counted <= 0)
		e->tokens = BURST;
	else
		e->tokens = fmin(BURST, e->tokens + (now - e->counted) * PER_SECOND);
	e->counted = now;
}

static bool say(struct lepton_report *out, bool warning, const char *line)
{
	*out = (struct lepton_report){.kind = LEPTON_REPORT_LINE, .warning = warning};
	lepton__copy_name(out->line, sizeof out->line, line);
	return true;
}

/* A line costs a token; without one it is only counted. */
static bool afford(struct lepton__external *e, struct lepton_report *out, bool warning, const char *line)
{
	refill(e);
	if (e->tokens < 1 || e->left_out) {
		e->left_out++;
		return false;
	}
	e->tokens -= 1;
	return say(out, warning, line);
}

/* Once there is room again, or at the end, how many were left out. */
static bool tell_left_out(struct lepton__external *e, struct lepton_report *out, bool now)
{
	char line[96];
	if (!e->left_out)
		return false;
	refill(e);
	if (!now && e->tokens < PER_SECOND)
		return false;
	snprintf(line, sizeof line, "(%u lines left out: it prints more than %.0f a second)", e->left_out,
		PER_SECOND);
	e->left_out = 0;
	return say(out, true, line);
}

static bool plain_line(struct lepton__external *e, struct lepton_report *out, const char *line, bool cut)
{
	char shown[sizeof out->line];
	if (!*line)
		return false;
	lepton__copy_name(e->last[e->lines % LEPTON__LAST_LINES], LEPTON__LAST_ROOM, line);
	e->lines++;
	if (!cut)
		return afford(e, out, false, line);
	snprintf(shown, sizeof shown, "%.200s … (cut: a line of more than %zu KB)", line,
		LEPTON__LINE_ROOM >> 10);
	return afford(e, out, true, shown);
}

/* ---- lines of ours ---- */

static int take_weights(struct lepton__external *e, const char *path, struct lepton_error *err)
{
	struct lepton_params *given;
	int code = e->take(e, path, &given, err);
	if (code)
		return code;
	lepton_params_release(e->weights);
	e->weights = given;
	e->weights_step = e->step;
	e->weights_epoch = e->epoch;
	return LEPTON_OK;
}

/* What a line says beside its figures goes behind them: `waiting` is told first the next time. */
static void wait_with(struct lepton__external *e, struct lepton_report *out, const struct lepton__message *m,
	const char *shown, struct lepton_report *figures)
{
	struct lepton_error err;
	char line[sizeof out->line];
	if (*m->fault) {
		snprintf(line, sizeof line, "%s: %.300s", m->fault, shown);
		afford(e, out, true, line);
	} else if (*m->text) {
		afford(e, out, false, m->text);
	}
	if (!*m->weights)
		return;
	figures->kind = LEPTON_REPORT_WEIGHTS;
	if (take_weights(e, m->weights, &err)) {
		figures->kind = LEPTON_REPORT_FIGURES;
		say(out, true, err.message);
	}
}

/* A program started again may count on from LEPTON_STEP, or begin anew: then its steps and epochs are put
 * behind the old ones, since a curve cannot go back. Its first word of each decides. */
static void place(struct lepton__external *e, struct lepton_report *figures)
{
	if (figures->step >= 0 && !e->step_placed) {
		e->step_placed = true;
		e->step_shift = figures->step <= e->step ? e->step : 0;
	}
	if (figures->epoch >= 0 && !e->epoch_placed) {
		e->epoch_placed = true;
		e->epoch_shift = e->step_shift || figures->epoch < e->epoch ? e->epoch : 0;
	}
	if (figures->step >= 0)
		figures->step += e->step_shift;
	if (figures->epoch >= 0)
		figures->epoch += e->epoch_shift;
}

/* Figures without a step are of the one after the last; steps that go back stay where they were. */
static void count_step(struct lepton__external *e, struct lepton_report *figures)
{
	bool trained = isfinite(figures->loss) || isfinite(figures->accuracy);
	place(e, figures);
	if (figures->step < 0)
		figures->step = e->step + trained;
	else if (figures->step < e->step)
		figures->step = e->step;
	if (figures->epoch < e->epoch)
		figures->epoch = e->epoch;
	e->step = figures->step;
	e->epoch = figures->epoch;
}

static bool understand(struct lepton__external *e, char *line, bool cut, struct lepton_report *out)
{
	struct lepton__message m;
	struct lepton_report figures, beside = {.kind = LEPTON_REPORT_NOTHING};
	char shown[sizeof out->line];
	lepton__intake_clean(line, shown, sizeof shown);
	if (cut)
		return plain_line(e, out, shown, true);
	lepton__message_read(line, &m, &figures);
	if (!m.ours)
		return plain_line(e, out, shown, false);
	count_step(e, &figures);
	wait_with(e, &beside, &m, shown, &figures);
	if (!m.figures && figures.kind == LEPTON_REPORT_FIGURES) {
		*out = beside;
		return beside.kind != LEPTON_REPORT_NOTHING;
	}
	e->figures = e->figures || m.figures;
	e->waiting = beside;
	*out = figures;
	return true;
}

/* ---- the end ---- */

/* "; it said last: a | b | c": as many as fit into the reason that is shown, the newest for sure. */
static void add_last_lines(const struct lepton__external *e, char *line, size_t size)
{
	unsigned most = e->lines < LEPTON__LAST_LINES ? e->lines : LEPTON__LAST_LINES, count = 0;
	size_t length = 0;
	while (count < most) {
		length += strlen(e->last[(e->lines - 1 - count) % LEPTON__LAST_LINES]) + 3;
		if (count && length > LEPTON__LAST_ROOM)
			break;
		count++;
	}
	for (unsigned i = e->lines - count; i != e->lines; i++) {
		size_t used = strlen(line);
		snprintf(line + used, size - used, "%s%s", i == e->lines - count ? "; it said last: " : " | ",
			e->last[i % LEPTON__LAST_LINES]);
	}
}

static void describe(const struct lepton__external *e, int status, struct lepton_report *out)
{
	if (WIFSIGNALED(status))
		snprintf(out->line, sizeof out->line, "its %s was killed by signal %d (%s)", e->what,
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(out->line, sizeof out->line, "its %s ended with exit code %d", e->what,
			WEXITSTATUS(status));
	out->code = LEPTON_E_IO;
	add_last_lines(e, out->line, sizeof out->line);
}

static void finish(struct lepton__external *e, struct lepton_report *out)
{
	bool ending = e->program.ending, killed = e->program.killed;
	int status = lepton__program_reap(&e->program);
	*out = (struct lepton_report){.kind = LEPTON_REPORT_ENDED};
	if (ending) {
		out->code = LEPTON_E_CANCELED;
		out->warning = killed;
		if (killed)
			snprintf(out->line, sizeof out->line,
				"its %s did not end within %g s of being asked to, and was killed", e->what,
				e->patience);
		else
			snprintf(out->line, sizeof out->line, "its %s has ended", e->what);
	} else if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		describe(e, status, out);
	} else if (!e->figures) {
		snprintf(out->line, sizeof out->line, "its %s ended well, but printed no figures", e->what);
	}
	for (int i = 0; i < LEPTON__OUTPUTS; i++)
		lepton__intake_clear(&e->intake[i]);
}

/* ---- reading ---- */

static bool from_lines(struct lepton__external *e, bool last, struct lepton_report *out)
{
	for (int i = 0; i < LEPTON__OUTPUTS; i++) {
		bool cut;
		char *line;
		while ((line = lepton__intake_next(&e->intake[i], last, &cut)))
			if (understand(e, line, cut, out))
				return true;
	}
	return false;
}

static bool read_more(struct lepton__external *e)
{
	size_t all = 0;
	for (int i = 0; i < LEPTON__OUTPUTS; i++) {
		char *at;
		size_t room = lepton__intake_room(&e->intake[i], &at);
		size_t got = lepton__program_read(&e->program, i, at, room);
		lepton__intake_fill(&e->intake[i], got);
		all += got;
	}
	if (e->program.gone)
		e->after_end += all;
	return all > 0 && e->after_end < AFTER_END_MAX;
}

void lepton__external_next(struct lepton_learner *learner, struct lepton_report *out)
{
	struct lepton__external *e = (struct lepton__external *)learner;
	*out = (struct lepton_report){.kind = LEPTON_REPORT_NOTHING};
	if (e->waiting.kind != LEPTON_REPORT_NOTHING) {
		*out = e->waiting;
		e->waiting.kind = LEPTON_REPORT_NOTHING;
		return;
	}
	if (!e->program.pid)
		return;
	for (int reads = 0;; reads++) {
		if (from_lines(e, false, out) || reads == READS_MAX)
			return;
		(void)lepton__program_look(
			&e->program); /* before reading, so that nothing it wrote is missed */
		if (!read_more(e))
			break;
	}
	if (tell_left_out(e, out, e->program.gone) || !e->program.gone || from_lines(e, true, out))
		return;
	finish(e, out);
}
