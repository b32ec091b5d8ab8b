/* tui/spoken_words.c - events as short sentences, few enough to be listened to.
 *
 * What changes seldom (states, jobs, aliases, messages) is told at once. Epochs may end many times a second:
 * at most one is told in two seconds, the version's whose turn is longest ago, and always its newest; what
 * was passed over is in `status` and in the log. When the run ends each version's last epoch is told.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/spoken.h"
#include "base/clock.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double between_epochs = 2;

void lepton__spoken_print(struct lepton__spoken *spoken, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int wrote = vprintf(fmt, args);
	va_end(args);
	if (wrote < 0 || fputc('\n', stdout) == EOF || fflush(stdout) != 0)
		spoken->gone = true;
}

static struct lepton__news *news_of(struct lepton__spoken *spoken, int64_t version)
{
	for (size_t i = 0; i < spoken->news_count; i++)
		if (spoken->news[i].version == version)
			return &spoken->news[i];
	if (lepton__grow(&spoken->news, &spoken->news_capacity, spoken->news_count + 1, sizeof *spoken->news))
		return NULL;
	spoken->news[spoken->news_count] = (struct lepton__news){.version = version};
	return &spoken->news[spoken->news_count++];
}

/* ", loss 0.0812", or nothing where it is not known. */
static void add_figure(char *out, size_t size, const char *name, double value)
{
	size_t used = strlen(out);
	if (isfinite(value))
		lepton__print(out + used, size - used, ", %s %.4g", name, value);
}

static void add_figures(
	const struct lepton__spoken *spoken, const struct lepton_run_version *version, char *out, size_t size)
{
	bool regression = spoken->app->dash.run->regression;
	add_figure(out, size, "loss", version->loss);
	if (regression) {
		add_figure(out, size, "validation RMSE", lepton_run_rmse(version->val_loss));
		return;
	}
	add_figure(out, size, isfinite(version->val_accuracy) ? "validation accuracy" : "accuracy",
		isfinite(version->val_accuracy) ? version->val_accuracy : version->accuracy);
}

static void tell_epoch(struct lepton__spoken *spoken, struct lepton__news *news)
{
	const struct lepton_run_version *version = lepton_run_version(spoken->app->dash.run, news->version);
	char figures[160] = "", of[32] = "";
	if (version && version->epochs)
		lepton__print(of, sizeof of, " of %" PRId64, version->epochs);
	if (version) {
		add_figures(spoken, version, figures, sizeof figures);
		lepton__spoken_print(
			spoken, "%s: epoch %" PRId64 "%s%s", version->name, news->waits, of, figures);
	}
	news->told = news->waits;
	news->when = lepton__monotonic();
}

double lepton__spoken_progress(struct lepton__spoken *spoken, bool all)
{
	double now = lepton__monotonic();
	struct lepton__news *first = NULL;
	for (size_t i = 0; i < spoken->news_count; i++) {
		struct lepton__news *news = &spoken->news[i];
		if (news->waits == news->told)
			continue;
		if (all)
			tell_epoch(spoken, news);
		else if (!first || news->when < first->when)
			first = news;
	}
	if (!first)
		return -1;
	if (now < spoken->next)
		return spoken->next - now;
	tell_epoch(spoken, first);
	spoken->next = lepton__monotonic() + between_epochs;
	return between_epochs;
}

/* Before what ends it is told. */
static void tell_last_epoch(struct lepton__spoken *spoken, int64_t version)
{
	struct lepton__news *news = news_of(spoken, version);
	if (news && news->waits != news->told)
		tell_epoch(spoken, news);
}

static void tell_state(struct lepton__spoken *spoken, const struct lepton_run_version *version)
{
	if (version->state != LEPTON_RUNNING)
		tell_last_epoch(spoken, version->id);
	if (version->state == LEPTON_DONE || version->state == LEPTON_FAILED)
		return; /* the dashboard says so itself */
	lepton__spoken_print(spoken, "%s: %s%s%s", version->name, lepton_version_state_name(version->state),
		*version->reason ? ", " : "", version->reason);
}

static void tell_job(struct lepton__spoken *spoken, const struct lepton_event *event)
{
	const char *message = lepton_text_get(event->u.job.message), *kind = event->u.job.kind,
		   *name = lepton__version_name(spoken->app, event->version);
	if (event->u.job.state == LEPTON_JOB_FAILED)
		lepton__spoken_print(spoken, "%s: %s failed: %s", name, kind, message);
	else if (event->u.job.state == LEPTON_JOB_DONE)
		lepton__spoken_print(spoken, "%s: %s %s done", name, kind, event->u.job.method);
	else if (event->u.job.progress <= 0)
		lepton__spoken_print(spoken, "%s: %s %s began", name, kind, event->u.job.method);
}

void lepton__spoken_event(struct lepton__spoken *spoken, const struct lepton_event *event)
{
	const struct lepton_run_version *version = lepton_run_version(spoken->app->dash.run, event->version);
	struct lepton__news *news;
	switch (event->type) {
	case LEPTON_EVENT_VERSION:
		if (version && version->parent_count)
			lepton__spoken_print(spoken, "%s: a new version", version->name);
		break;
	case LEPTON_EVENT_EPOCH:
		news = news_of(spoken, event->version);
		if (news)
			news->waits = event->u.epoch.epoch;
		break;
	case LEPTON_EVENT_STATE:
		if (version)
			tell_state(spoken, version);
		break;
	case LEPTON_EVENT_TEST:
		tell_last_epoch(spoken, event->version);
		if (version && isfinite(event->u.test.accuracy))
			lepton__spoken_print(
				spoken, "%s: test accuracy %.4g", version->name, event->u.test.accuracy);
		break;
	case LEPTON_EVENT_JOB:
		tell_job(spoken, event);
		break;
	case LEPTON_EVENT_ALIAS:
		lepton__spoken_print(spoken, "%s points at %s", event->u.alias.alias,
			version ? version->name : lepton__version_name(spoken->app, event->u.alias.target));
		break;
	case LEPTON_EVENT_LOG:
		if (event->u.log.level == LEPTON_LOG_WARNING)
			lepton__spoken_print(spoken, "warning: %s", lepton_text_get(event->u.log.line));
		break;
	default:
		break;
	}
}

void lepton__spoken_sayings(struct lepton__spoken *spoken)
{
	const struct lepton__app *app = spoken->app;
	size_t fresh = app->said - spoken->heard;
	fresh = fresh > app->saying_count ? app->saying_count : fresh;
	for (size_t i = app->saying_count - fresh; i < app->saying_count; i++)
		lepton__spoken_print(spoken, "%s%s", app->sayings[i].level == LEPTON_LOG_INFO ? "" : "! ",
			app->sayings[i].text);
	spoken->heard = app->said;
}

void lepton__spoken_status(struct lepton__spoken *spoken)
{
	const struct lepton__dash *dash = &spoken->app->dash;
	for (size_t i = 0; i < dash->shown; i++) {
		const struct lepton_run_version *version = dash->run->versions[dash->order[i]];
		const struct lepton__extra *extra = lepton__dash_extra(dash, version->id);
		char figures[160] = "", epoch[48] = "";
		if (isfinite(version->epoch) && version->epochs)
			lepton__print(epoch, sizeof epoch, ", epoch %.1f of %" PRId64, version->epoch,
				version->epochs);
		add_figures(spoken, version, figures, sizeof figures);
		lepton__spoken_print(spoken, "%s: %s%s%s%s%s", version->name,
			lepton_version_state_name(version->state), epoch, figures,
			extra && extra->marked ? ", marked" : "",
			version->id == dash->selected ? ", selected" : "");
	}
	if (!dash->shown)
		lepton__spoken_print(spoken, "no version is shown");
}
