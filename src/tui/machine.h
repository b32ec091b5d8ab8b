/* tui/machine.h - how busy the machine is: cores and memory, a sample a second while someone looks. */
#ifndef LEPTON_TUI_MACHINE_H
#define LEPTON_TUI_MACHINE_H

#include "base/machine.h"
#include "tui/tui.h"

#define LEPTON__MACHINE_SAMPLES 240 /* kept: four minutes */

struct lepton__machine {
	struct lepton_tui_machine now; /* the newest sample */
	float busy[LEPTON__MACHINE_SAMPLES], rate[LEPTON__MACHINE_SAMPLES]; /* of all cores, 0 to 1; samples/s; oldest first */
	size_t count;
	double looked; /* when, monotonic; 0: never */
	struct lepton__core_time last[LEPTON_TUI_CORES];
	int last_cores;
};

/* Take a sample, when a second has passed since the last; `rate` goes with it. Where the link has figures of its own, these. */
void lepton__machine_look(struct lepton__machine *machine, const struct lepton_tui_link *link, double rate);
/* The mean of the cores that are known; NaN where none is. */
double lepton__machine_busy(const struct lepton_tui_machine *machine);

/* The text of /proc/stat: the cores' times, in order; how many. What is damaged or too much is left out. */
int lepton__machine_read_stat(const char *text, struct lepton__core_time *cores, int max);

#endif
