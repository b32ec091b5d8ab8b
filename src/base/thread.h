/* base/thread.h - threads of ours, which leave signals to the main one. */
#ifndef LEPTON_BASE_THREAD_H
#define LEPTON_BASE_THREAD_H

#include "lepton/error.h"

#include <pthread.h>

/* Start a named thread with every signal blocked. */
int lepton__thread_start(pthread_t *thread, const char *name, void *(*body)(void *), void *arg,
	struct lepton_error *err) LEPTON_MUST_CHECK;
/* A condition that is waited for by the clock of lepton__monotonic: 0, or there is none. */
int lepton__thread_cond(pthread_cond_t *cond) LEPTON_MUST_CHECK;

#endif
