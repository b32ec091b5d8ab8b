/* base/memory.h - allocation that checks for overflow and can be made to fail.
 *
 * Every allocation of the library goes through here. With --enable-error-injection the environment
 * variable LEPTON_FAIL_ALLOC=N makes the N-th call fail (N+ makes all from the N-th on fail).
 */
#ifndef LEPTON_BASE_MEMORY_H
#define LEPTON_BASE_MEMORY_H

#include "lepton/error.h"

#ifdef LEPTON_ERROR_INJECTION
long lepton__alloc_calls(
	void); /* how many there were while the variable was set; they are counted anew from now on */
#endif

void *lepton__malloc(size_t size) LEPTON_MUST_CHECK;                 /* NULL when out of memory */
void *lepton__calloc(size_t count, size_t size) LEPTON_MUST_CHECK;   /* zeroed; NULL on overflow too */
void *lepton__realloc(void *old, size_t count, size_t size) LEPTON_MUST_CHECK; /* old stays valid on NULL */
void *lepton__aligned(size_t count, size_t size) LEPTON_MUST_CHECK;  /* zeroed, 64-byte aligned; free with lepton__free */
char *lepton__strdup(const char *string) LEPTON_MUST_CHECK;
char *lepton__strndup(const char *string, size_t length) LEPTON_MUST_CHECK;
char *lepton__format(const char *fmt, ...) LEPTON_PRINTF(1, 2) LEPTON_MUST_CHECK; /* heap; NULL when out of memory */
void lepton__free(void *pointer);
/* Make room for one more element in a growing array: doubles *capacity (from 16). 0 or LEPTON_E_NOMEM. */
int lepton__grow(void *array_pointer, size_t *capacity, size_t needed, size_t element) LEPTON_MUST_CHECK;
/* Copy a string into a fixed array, cut at a UTF-8 boundary; always terminated. */
void lepton__copy_name(char *to, size_t size, const char *from);

#endif
