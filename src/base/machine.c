/* base/machine.c - cores and memory, out of Linux's /proc.
 *
 * A core's line in /proc/stat counts the ticks it spent on each kind of work since it started; how busy it
 * was is what was added since the last look. A guest's time is in its host's already (proc(5)). Waiting for a
 * disk is idling. In a container these are the whole machine's. Nothing here takes from the heap, so that a
 * thread may look twice a second.
 */
#include "config.h"
#include "base/machine.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_SIZE 8192 /* what is read here stands at the beginnings of its files */
enum { USER, NICE, SYSTEM, IDLE, DISK, IRQ, SOFTIRQ, STEAL, KINDS };

bool lepton__machine_read_core(const char *line, struct lepton__core_time *core)
{
	char *end;
	uint64_t ticks[KINDS] = {0}, all = 0;
	if (strncmp(line, "cpu", 3) != 0)
		return false;
	const char *at = line + 3 + strspn(line + 3, "0123456789");
	if (*at != ' ' && *at != '\0')
		return false;
	for (int kind = 0; kind < KINDS && *at == ' '; kind++) {
		ticks[kind] = strtoull(at, &end, 10);
		at = end;
		all += ticks[kind];
	}
	*core = (struct lepton__core_time){.busy = all - ticks[IDLE] - ticks[DISK], .all = all};
	return true;
}

double lepton__machine_read_memory(const char *text, const char *name)
{
	size_t length = strlen(name);
	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (strncmp(text, name, length) == 0 && text[length] == ':')
			return strtod(text + length + 1, NULL) * 1024;
	}
	return NAN;
}

/* "" where the file cannot be read. */
static void read_start(const char *path, char *out, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(out, 1, size - 1, file) : 0;
	out[length] = '\0';
	if (file)
		fclose(file);
}

bool lepton__machine_cores(struct lepton__core_time *cores)
{
	char text[TEXT_SIZE];
	read_start("/proc/stat", text, sizeof text);
	return lepton__machine_read_core(text, cores);
}

void lepton__machine_memory(int64_t pid, struct lepton__memory *out)
{
	char text[TEXT_SIZE], path[48] = "/proc/self/statm";
	uint64_t pages = 0;
	read_start("/proc/meminfo", text, sizeof text);
	out->total = lepton__machine_read_memory(text, "MemTotal");
	out->available = lepton__machine_read_memory(text, "MemAvailable");
	if (pid)
		snprintf(path, sizeof path, "/proc/%" PRId64 "/statm", pid);
	read_start(path, text, sizeof text);
	bool known = sscanf(text, "%*u %" SCNu64, &pages) == 1;
	out->own = known ? (double)pages * (double)sysconf(_SC_PAGESIZE) : (double)NAN;
}

double lepton__machine_share(const struct lepton__core_time *before, const struct lepton__core_time *now)
{
	if (now->all <= before->all || now->busy < before->busy)
		return NAN;
	return (double)(now->busy - before->busy) / (double)(now->all - before->all);
}
