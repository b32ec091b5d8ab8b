/* base/machine.h - what Linux's /proc says of cores and memory. Where there is none, nothing is known. */
#ifndef LEPTON_BASE_MACHINE_H
#define LEPTON_BASE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

struct lepton__core_time { /* in ticks since it started */
	uint64_t busy, all;
};
struct lepton__memory { /* bytes; NaN where unknown */
	double total, available, own;
};

/* A line of /proc/stat, of one core ("cpu0 …") or of all ("cpu …"): false where it is neither. */
bool lepton__machine_read_core(const char *line, struct lepton__core_time *core);
/* "MemAvailable" of /proc/meminfo's text, in bytes; NaN where it is not there. */
double lepton__machine_read_memory(const char *text, const char *name);
/* All cores together; false where nothing is known. */
bool lepton__machine_cores(struct lepton__core_time *cores);
/* The machine's memory, and what process `pid` has of it; 0: this one. */
void lepton__machine_memory(int64_t pid, struct lepton__memory *out);
/* What share of the ticks between two looks was work, 0 to 1; NaN where it cannot be said. */
double lepton__machine_share(const struct lepton__core_time *before, const struct lepton__core_time *now);

#endif
