/* base/thread.c - threads of ours, which leave signals to the main one. */
#include "config.h"
#include "base/thread.h"

#include <signal.h>
#include <string.h>
#include <time.h>

int lepton__thread_start(
	pthread_t *thread, const char *name, void *(*body)(void *), void *arg, struct lepton_error *err)
{
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* inherited by the new thread */
	int failed = pthread_create(thread, NULL, body, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed)
		return lepton_error_set(
			err, LEPTON_E_IO, "cannot start thread %s: %s", name, strerror(failed));
	pthread_setname_np(*thread, name);
	return LEPTON_OK;
}

int lepton__thread_cond(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;
	if (pthread_condattr_init(&monotonic))
		return -1;
	int failed = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	if (!failed)
		failed = pthread_cond_init(cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return failed ? -1 : 0;
}
