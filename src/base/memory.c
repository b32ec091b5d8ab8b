/* base/memory.c - the one door to the heap.
 *
 * Overflow of count × size is a failed allocation, not a small one. Under --enable-error-injection a
 * counter makes a chosen call fail, so that tests can walk every out-of-memory path in turn.
 */
#include "config.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64 /* a cache line, and a full AVX-512 register */

#ifdef LEPTON_ERROR_INJECTION
#include <stdatomic.h>
#include <stdbool.h>

static atomic_long calls;

/* LEPTON_FAIL_ALLOC=N fails the N-th call, N+ every one from the N-th on. */
static bool injected_failure(void)
{
	const char *wish = getenv("LEPTON_FAIL_ALLOC");
	if (!wish)
		return false;
	char *end;
	long n = strtol(wish, &end, 10), now = atomic_fetch_add(&calls, 1) + 1;
	return n > 0 && (*end == '+' ? now >= n : now == n);
}

long lepton__alloc_calls(void)
{
	return atomic_exchange(&calls, 0);
}
#else
#define injected_failure() false
#include <stdbool.h>
#endif

void *lepton__malloc(size_t size)
{
	return injected_failure() ? NULL : malloc(size ? size : 1);
}

void *lepton__calloc(size_t count, size_t size)
{
	size_t bytes;
	if (injected_failure() || __builtin_mul_overflow(count, size, &bytes))
		return NULL; /* said here, since a sanitizer's calloc aborts on it */
	return calloc(count ? count : 1, size ? size : 1);
}

void *lepton__realloc(void *old, size_t count, size_t size)
{
	size_t bytes;
	if (injected_failure() || __builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return realloc(old, bytes ? bytes : 1);
}

void *lepton__aligned(size_t count, size_t size)
{
	size_t bytes;
	void *block = NULL;
	if (injected_failure() || __builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT)
		return NULL;
	bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT *
		ALIGNMENT; /* whole lines, so that kernels may read to the end of one */
	if (posix_memalign(&block, ALIGNMENT, bytes ? bytes : ALIGNMENT))
		return NULL;
	return memset(block, 0, bytes);
}

char *lepton__strndup(const char *string, size_t length)
{
	size_t size = strnlen(string, length);
	char *copy = lepton__malloc(size + 1);
	if (!copy)
		return NULL;
	memcpy(copy, string, size);
	copy[size] = '\0';
	return copy;
}

char *lepton__strdup(const char *string)
{
	return lepton__strndup(string, strlen(string));
}

char *lepton__format(const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, fmt, args);
	char *text = size < 0 ? NULL : lepton__malloc((size_t)size + 1);
	if (text)
		vsnprintf(text, (size_t)size + 1, fmt, again);
	va_end(again);
	va_end(args);
	return text;
}

void lepton__free(void *pointer)
{
	free(pointer);
}

int lepton__grow(void *array_pointer, size_t *capacity, size_t needed, size_t element)
{
	if (needed <= *capacity)
		return LEPTON_OK;
	size_t wish = *capacity ? *capacity : 16;
	while (wish < needed)
		if (__builtin_mul_overflow(wish, (size_t)2, &wish))
			return LEPTON_E_NOMEM;
	void *old;
	memcpy(&old, array_pointer, sizeof old); /* the array's own pointer type is not ours to alias */
	void *larger = lepton__realloc(old, wish, element);
	if (!larger)
		return LEPTON_E_NOMEM;
	memcpy(array_pointer, &larger, sizeof larger);
	*capacity = wish;
	return LEPTON_OK;
}

void lepton__copy_name(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);
	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)from[length] & 0xC0) == 0x80)
			length--; /* not in the middle of a character */
	}
	memmove(to, from, length);
	to[length] = '\0';
}
