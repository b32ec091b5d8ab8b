/* tests/test_tui_machine.c - /proc's texts into cores and memory, and the samples that are kept. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tui/machine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As Linux writes it, with an older kernel's short line, one without an end, and other matter around. */
static void test_stat(void **state)
{
	(void)state;
	struct lepton__core_time cores[4];
	static const char text[] = "cpu  100 0 100 1000 5 0 0 0 0 0\n"
				   "cpu0 1000 50 200 5000 300 10 20 30 400 0\n"
				   "cpu1 7 0 3 90\n"
				   "intr 12345 cpu9 1 2 3\n"
				   "cpu12 1 1 1 18446744073709551000 1 1 1 1";
	assert_int_equal(lepton__machine_read_stat(text, cores, 4), 3);
	assert_int_equal(cores[0].busy, 1000 + 50 + 200 + 10 + 20 + 30); /* the guest's 400 are in the 1000 */
	assert_int_equal(cores[0].all, 1310 + 5000 + 300);
	assert_int_equal(cores[1].busy, 10);
	assert_int_equal(cores[1].all, 100);
	assert_int_equal(cores[2].busy, 6);
	assert_int_equal(lepton__machine_read_stat(text, cores, 1), 1);
	assert_int_equal(lepton__machine_read_stat("", cores, 4), 0);
	assert_int_equal(lepton__machine_read_stat("cpu\ncpux 1\ncp", cores, 4), 0);
	assert_int_equal(lepton__machine_read_stat("cpu3", cores, 4), 1);
	assert_int_equal(cores[0].all, 0);
}

static void test_memory(void **state)
{
	(void)state;
	static const char text[] =
		"MemTotal:       16311234 kB\nMemFree:          123 kB\nMemAvailable:    8000000 kB\n";
	assert_int_equal((int64_t)lepton__machine_read_memory(text, "MemTotal"), 16311234 * (int64_t)1024);
	assert_int_equal((int64_t)lepton__machine_read_memory(text, "MemAvailable"), 8000000 * (int64_t)1024);
	assert_true(isnan(lepton__machine_read_memory(text, "Mem")));
	assert_true(isnan(lepton__machine_read_memory(NULL, "MemTotal")));
}

static int given;

/* The n-th sample: both cores n thousandths busy. */
static int give(void *context, struct lepton_tui_machine *out)
{
	int *left = context;
	if (*left == 0)
		return 0;
	--*left;
	given++;
	*out = (struct lepton_tui_machine){
		.cores = 3, .busy = {(float)given / 1000, (float)given / 1000, NAN}};
	return 1;
}

static void test_samples_kept(void **state)
{
	(void)state;
	static struct lepton__machine machine;
	int left = 500;
	const struct lepton_tui_link link = {.machine = give, .context = &left};
	lepton__machine_look(&machine, &link, 7);
	assert_int_equal(machine.count, LEPTON__MACHINE_SAMPLES);
	for (size_t i = 0; i < machine.count; i++) {
		assert_true(fabs((double)machine.busy[i] -
				    (double)(500 - LEPTON__MACHINE_SAMPLES + (int)i + 1) / 1000) < 1e-6);
		assert_true(fabs((double)machine.rate[i] - 7) < 1e-9);
	}
	lepton__machine_look(&machine, &link, 8); /* nothing new */
	assert_int_equal(machine.count, LEPTON__MACHINE_SAMPLES);
	assert_true(fabs((double)machine.rate[machine.count - 1] - 7) < 1e-9);
}

/* This machine: figures that can be, and nothing kept before there are two looks to compare. */
static void test_this_machine(void **state)
{
	(void)state;
	static struct lepton__machine machine;
	const struct lepton_tui_link link = {.wake_fd = -1, .pid = getpid()};
	lepton__machine_look(&machine, &link, 1);
	assert_int_equal(machine.count, 0);
	if (!machine.now.cores)
		skip(); /* no /proc */
	assert_true(isnan(lepton__machine_busy(&machine.now)));
	assert_true(machine.now.total > machine.now.available && machine.now.available > 0);
	assert_true(machine.now.own > 1e5 && machine.now.own < machine.now.total);
	machine.looked -= 2; /* as if two seconds had gone by, in which half the time was spent on work */
	for (int i = 0; i < machine.last_cores; i++)
		machine.last[i].all -= machine.last[i].all < 200 ? 0 : 200;
	for (int i = 0; i < machine.last_cores; i++)
		machine.last[i].busy -= machine.last[i].busy < 100 ? 0 : 100;
	lepton__machine_look(&machine, &link, 1);
	assert_int_equal(machine.count, 1);
	assert_in_range((int)(100 * lepton__machine_busy(&machine.now)), 20, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_samples_kept),
		cmocka_unit_test(test_this_machine),
	};
	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
