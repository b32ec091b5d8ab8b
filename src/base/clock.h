/* base/clock.h - time. Tests may replace both clocks by LEPTON_TEST_CLOCK=SECONDS (fixed wall clock). */
#ifndef LEPTON_BASE_CLOCK_H
#define LEPTON_BASE_CLOCK_H

double lepton__monotonic(void); /* seconds, never goes back */
double lepton__wall(void);      /* seconds since 1970 */
double lepton__thread_time(void); /* seconds the calling thread has had of a core */
void lepton__sleep(double seconds);

#endif
