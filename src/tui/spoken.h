/* tui/spoken.h - the dashboard without a screen: sentences out, commands in. */
#ifndef LEPTON_TUI_SPOKEN_H
#define LEPTON_TUI_SPOKEN_H

#include "tui/app.h"

#define LEPTON__SPOKEN_COLS 100 /* of the screen in memory that windows are read from */
#define LEPTON__SPOKEN_ROWS 160

struct lepton__news { /* of a version: the epoch last told, and the one that waits to be */
	int64_t version, told, waits;
	double when; /* it was told */
};
struct lepton__spoken {
	struct lepton__app *app;
	struct lepton__news *news;
	size_t news_count, news_capacity;
	double next;             /* not before then may a progress line come */
	size_t heard;            /* of app->said */
	struct lepton__popup *popup; /* whose lines were printed */
	int64_t selected;
	char read[512];          /* input that waits */
	size_t read_count, read_at;
	char line[1024];         /* of input, so far */
	size_t length;
	bool too_long, at_end, gone; /* gone: nobody reads what is printed */
};

/* spoken_words.c */
void lepton__spoken_event(struct lepton__spoken *spoken, const struct lepton_event *event);
double lepton__spoken_progress(struct lepton__spoken *spoken, bool all); /* tell what may be; seconds until more may, <0: nothing waits */
void lepton__spoken_sayings(struct lepton__spoken *spoken);
void lepton__spoken_status(struct lepton__spoken *spoken);
void lepton__spoken_print(struct lepton__spoken *spoken, const char *fmt, ...) LEPTON_PRINTF(2, 3);
/* spoken_command.c: a line of input; windows that opened by themselves */
void lepton__spoken_command(struct lepton__spoken *spoken, char *line);
void lepton__spoken_windows(struct lepton__spoken *spoken);

/* spoken.c: until the person leaves, or input has ended and nothing is left to do. */
int lepton__spoken_run(const struct lepton_tui_options *options, const struct lepton_tui_link *link, struct lepton_run *run,
		bool *detached, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
