/* tui/machine.c - cores and memory, out of Linux's /proc.
 *
 * The first look knows nothing yet of how busy a core is (base/machine.c). Nothing is read while the view is
 * not shown. Where there is no /proc the figures stay unknown.
 */
#include "config.h"
#include "tui/machine.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)

static bool is_one(const char *line)
{
	return strncmp(line, "cpu", 3) == 0 && line[3] >= '0' && line[3] <= '9';
}

int lepton__machine_read_stat(const char *text, struct lepton__core_time *cores, int max)
{
	int count = 0;
	while (text && count < max) {
		count += is_one(text) && lepton__machine_read_core(text, &cores[count]);
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return count;
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
	for (int i = 0; i < count; i++)
		m->now.busy[i] =
			count == m->last_cores ? (float)lepton__machine_share(&m->last[i], &cores[i]) : NAN;
	m->now.cores = m->last_cores = count;
	memcpy(m->last, cores, (size_t)count * sizeof *cores);
	lepton__free(text);
}

static void read_memory(struct lepton__machine *m, int64_t pid)
{
	struct lepton__memory memory;
	lepton__machine_memory(pid, &memory);
	m->now.total = memory.total;
	m->now.available = memory.available;
	m->now.own = memory.own;
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
