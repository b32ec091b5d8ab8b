/* tui/machine.c - cores and memory, out of Linux's /proc.
 *
 * A core's line in /proc/stat counts the ticks it spent on each kind of work since it started; how busy it
 * was is what was added since the last look, so the first look knows nothing yet. A guest's time is in its
 * host's already (proc(5)). Waiting for a disk is idling. Nothing is read while the view is not shown. Where
 * there is no /proc the figures stay unknown. In a container these are the whole machine's.
 */
#include "config.h"
#include "tui/machine.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20)
enum { USER, NICE, SYSTEM, IDLE, DISK, IRQ, SOFTIRQ, STEAL, KINDS };

static bool read_core(const char *line, struct lepton__core_time *core)
{
	char *at;
	uint64_t ticks[KINDS] = {0}, all = 0;
	if (strncmp(line, "cpu", 3) != 0 || line[3] < '0' || line[3] > '9')
		return false;
	(void)strtoull(line + 3, &at, 10);
	for (int kind = 0; kind < KINDS && *at == ' '; kind++) {
		ticks[kind] = strtoull(at, &at, 10);
		all += ticks[kind];
	}
	*core = (struct lepton__core_time){.busy = all - ticks[IDLE] - ticks[DISK], .all = all};
	return true;
}

int lepton__machine_read_stat(const char *text, struct lepton__core_time *cores, int max)
{
	int count = 0;
	while (text && count < max) {
		count += read_core(text, &cores[count]);
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return count;
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

/* ---- one sample ---- */

static char *read_file(const char *path)
{
	char *text = NULL;
	size_t size;
	return lepton__file_read(path, FILE_MAX, &text, &size, NULL) ? NULL : text;
}

static void read_cores(struct lepton__machine *m)
{
	struct lepton__core_time cores[LEPTON_TUI_CORES];
	char *text = read_file("/proc/stat");
	int count = text ? lepton__machine_read_stat(text, cores, LEPTON_TUI_CORES) : 0;
	for (int i = 0; i < count; i++) {
		bool known = count == m->last_cores && cores[i].all > m->last[i].all &&
			     cores[i].busy >= m->last[i].busy;
		m->now.busy[i] = known ? (float)((double)(cores[i].busy - m->last[i].busy) /
						 (double)(cores[i].all - m->last[i].all))
				       : NAN;
	}
	m->now.cores = m->last_cores = count;
	memcpy(m->last, cores, (size_t)count * sizeof *cores);
	lepton__free(text);
}

static void read_memory(struct lepton__machine *m, int64_t pid)
{
	char statm[48] = "/proc/self/statm";
	if (pid)
		snprintf(statm, sizeof statm, "/proc/%" PRId64 "/statm", pid);
	char *all = read_file("/proc/meminfo"), *own = read_file(statm);
	m->now.total = lepton__machine_read_memory(all, "MemTotal");
	m->now.available = lepton__machine_read_memory(all, "MemAvailable");
	uint64_t pages = 0;
	bool known = own && sscanf(own, "%*u %" SCNu64, &pages) == 1;
	m->now.own = known ? (double)pages * (double)sysconf(_SC_PAGESIZE) : (double)NAN;
	lepton__free(all);
	lepton__free(own);
}

double lepton__machine_busy(const struct lepton_tui_machine *machine)
{
	double sum = 0;
	int known = 0;
	for (int i = 0; i < machine->cores; i++)
		if (isfinite(machine->busy[i])) {
			sum += (double)machine->busy[i];
			known++;
		}
	return known ? sum / known : (double)NAN;
}

static void keep(struct lepton__machine *m, double rate)
{
	if (m->count == LEPTON__MACHINE_SAMPLES) {
		memmove(m->busy, m->busy + 1, (m->count - 1) * sizeof *m->busy);
		memmove(m->rate, m->rate + 1, (m->count - 1) * sizeof *m->rate);
		m->count--;
	}
	m->busy[m->count] = (float)lepton__machine_busy(&m->now);
	m->rate[m->count++] = (float)rate;
}

void lepton__machine_look(struct lepton__machine *m, const struct lepton_tui_link *link, double rate)
{
	double now = lepton__monotonic();
	if (link->machine) {
		while (link->machine(link->context, &m->now))
			keep(m, rate);
		return;
	}
	if (m->looked > 0 && now - m->looked < 1)
		return;
	read_cores(m);
	read_memory(m, link->pid);
	if (m->looked > 0)
		keep(m, rate);
	m->looked = now;
}
