/* tui/notify.c - news of what has ended. See notify.h.
 *
 * The message line says it in any case, and a list keeps the last hundred (N). The terminal's bell and the
 * desktop's notifications are for people who look elsewhere, and only come when asked for. Events that come
 * together are told together: when a search ends fifty versions at once, that is one notification.
 *
 * OSC 9 is iTerm2's and is known to most terminals that have anything of the kind; OSC 777 is rxvt's, which
 * VTE and foot took over. tmux passes neither on unless wrapped (its option allow-passthrough must be on),
 * screen likewise.
 */
#include "config.h"
#include "base/clock.h"
#include "tui/app.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const lepton__notify_names[LEPTON__NOTIFIES] = {"line", "bell", "desktop"};

/* ---- the list ---- */

static struct lepton__notice *add(
	struct lepton__notices *notices, const struct lepton_event *event, bool failed)
{
	if (notices->count == LEPTON__NOTICES) {
		memmove(notices->items, notices->items + 1, sizeof notices->items - sizeof *notices->items);
		notices->count--;
	}
	struct lepton__notice *notice = &notices->items[notices->count++];
	*notice = (struct lepton__notice){.time = event->time, .version = event->version, .failed = failed};
	notices->fresh += notices->fresh < LEPTON__NOTICES;
	return notice;
}

static void take_state(struct lepton__app *app, const struct lepton_event *event)
{
	const struct lepton_run_version *v = lepton_run_version(app->dash.run, event->version);
	bool failed = event->u.state.state == LEPTON_FAILED;
	/* what compress and fuse make is done when it is announced: the job tells of that */
	if (!v || v->state == event->u.state.state ||
		(!failed && !(event->u.state.state == LEPTON_DONE && v->step > 0 && v->history.count)))
		return;
	struct lepton__notice *notice = add(&app->notices, event, failed);
	lepton__print(notice->text, sizeof notice->text,
		failed ? "%.60s failed: %.120s" : "%.60s has finished training%.0s", v->name,
		lepton_text_get(event->u.state.reason));
}

static void take_job(struct lepton__app *app, const struct lepton_event *event)
{
	if (event->u.job.state == LEPTON_JOB_RUNNING)
		return;
	bool failed = event->u.job.state == LEPTON_JOB_FAILED;
	const char *message = lepton_text_get(event->u.job.message), *method = event->u.job.method;
	struct lepton__notice *notice = add(&app->notices, event, failed);
	if (event->u.job.result > 0)
		notice->version = event->u.job.result;
	lepton__print(notice->text, sizeof notice->text, "%s%s%s of %.50s %s%s%.100s", event->u.job.kind,
		*method ? " " : "", method, lepton__version_name(app, event->version),
		failed ? "failed" : "is done", *message ? ": " : "", message);
}

void lepton__notices_take(struct lepton__app *app, const struct lepton_event *event)
{
	if (event->type == LEPTON_EVENT_STATE)
		take_state(app, event);
	else if (event->type == LEPTON_EVENT_JOB)
		take_job(app, event);
}

bool lepton__notices_sum(const struct lepton__notices *notices, char *out, size_t size)
{
	size_t failed = 0;
	const struct lepton__notice *fresh = notices->items + notices->count - notices->fresh;
	for (size_t i = 0; i < notices->fresh; i++)
		failed += fresh[i].failed;
	if (notices->fresh == 1)
		lepton__print(out, size, "%s", fresh->text);
	else if (failed)
		lepton__print(out, size, "%zu have ended, %zu of them failed", notices->fresh, failed);
	else
		lepton__print(out, size, "%zu have ended", notices->fresh);
	return notices->fresh > 0;
}

/* ---- the terminal ---- */

void lepton__notices_tell(struct lepton__app *app)
{
	char text[sizeof app->notices.items[0].text], bytes[1024];
	const struct lepton__surroundings where = {getenv("TERM"), getenv("TMUX"), getenv("VTE_VERSION")};
	if (!lepton__notices_sum(&app->notices, text, sizeof text))
		return;
	app->notices.fresh = 0;
	if (!app->terminal || app->notices.how == LEPTON__NOTIFY_LINE)
		return;
	lepton__terminal_bell(app->terminal);
	if (app->notices.how != LEPTON__NOTIFY_DESKTOP)
		return;
	lepton__notify_bytes(&where, *app->dash.run->experiment ? app->dash.run->experiment : "lepton", text,
		bytes, sizeof bytes);
	lepton__terminal_send(app->terminal, bytes);
}

static bool begins(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

/* Without what would end the sequence or begin another: bytes below a blank, DEL, and C1 controls; ';' parts
 * fields. */
static void clean(const char *text, bool fields, char *out, size_t size)
{
	size_t used = 0;
	const unsigned char *s = (const unsigned char *)text;
	for (; *s && used + 1 < size; s++) {
		if (*s == 0xC2 && s[1] >= 0x80 && s[1] < 0xA0)
			s++;
		else if (*s >= 0x20 && *s != 0x7F)
			out[used++] = fields && *s == ';' ? ',' : (char)*s;
	}
	while (*s && used > 0 && ((unsigned char)out[used - 1] & 0xC0) == 0x80)
		used--; /* no half of a character at a cut */
	used -= *s && used > 0 && (unsigned char)out[used - 1] >= 0xC0;
	out[used] = '\0';
}

/* tmux takes each ESC twice within its wrapping. */
static void wrap(const char *from, const char *before, bool twice, char *out, size_t size)
{
	size_t used = strlen(before);
	lepton__print(out, size, "%s", before);
	for (; *from && used + 4 < size; from++) {
		if (twice && *from == '\033')
			out[used++] = '\033';
		out[used++] = *from;
	}
	lepton__print(out + used, size - used, "\033\\");
}

void lepton__notify_bytes(
	const struct lepton__surroundings *where, const char *title, const char *text, char *out, size_t size)
{
	char name[64], words[256], plain[400];
	bool rxvt = where->vte || begins(where->term, "rxvt") || begins(where->term, "foot");
	clean(title, true, name, sizeof name);
	clean(text, rxvt, words, sizeof words);
	*out = '\0';
	if (!where->term || begins(where->term, "linux") || begins(where->term, "dumb") ||
		begins(where->term, "vt"))
		return;
	if (rxvt)
		lepton__print(plain, sizeof plain, "\033]777;notify;%s;%s\007", name, words);
	else
		lepton__print(plain, sizeof plain, "\033]9;%s: %s\007", name, words);
	if (where->tmux && *where->tmux)
		wrap(plain, "\033Ptmux;", true, out, size);
	else if (begins(where->term, "screen"))
		wrap(plain, "\033P", false, out, size);
	else
		lepton__print(out, size, "%s", plain);
}
