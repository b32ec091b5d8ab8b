/* tests/tui_fake.h - an engine for tests of the dashboard: takes commands, says the events they would cause.
 *
 * It knows only what a reader of the events knows. Nothing trains; a compress or fuse job takes three
 * events. Every command is also kept as one JSON line, for tests to look at.
 */
#ifndef TESTS_TUI_FAKE_H
#define TESTS_TUI_FAKE_H

#include "tui/tui.h"

#define FAKE_EVENTS 4096
#define FAKE_COMMANDS 512

struct fake {
	struct lepton_run *run; /* what the dashboard folds into: read only here */
	struct lepton_event queue[FAKE_EVENTS];
	size_t first, count;
	char *commands[FAKE_COMMANDS]; /* JSON, oldest first */
	size_t command_count;
	int64_t next_id;
	int machine_samples; /* given so far */
	const char *refuse; /* when set, every command is answered with this fault */
	struct lepton_tui_link link;
};

void fake_init(struct fake *fake, struct lepton_run *run);
void fake_free(struct fake *fake);
/* The newest command; "" before the first. */
const char *fake_last(const struct fake *fake);

#endif
