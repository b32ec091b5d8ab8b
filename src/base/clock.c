/* base/clock.c - the two clocks. LEPTON_TEST_CLOCK fixes the wall clock so that screens and files repeat. */
#include "config.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static double seconds_of(clockid_t clock)
{
	struct timespec now;
	if (clock_gettime(clock, &now))
		return 0; /* cannot fail for the clocks used */
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double lepton__monotonic(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

double lepton__thread_time(void)
{
	return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double lepton__wall(void)
{
	const char *fixed = getenv("LEPTON_TEST_CLOCK");
	return fixed ? strtod(fixed, NULL) : seconds_of(CLOCK_REALTIME);
}

void lepton__sleep(double seconds)
{
	struct timespec left = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
	while (nanosleep(&left, &left) && errno == EINTR)
		;
}
