/* lepton/error.h - how every call of the library says what went wrong.
 *
 * A function that can fail returns 0 or a negative LEPTON_E… code, and, where it takes a
 * `struct lepton_error *`, leaves there one sentence for the person: what, where, and what to do
 * instead. The pointer may be NULL. Nothing in the library prints or exits.
 *
 * Threads: an error object belongs to its caller.
 */
#ifndef LEPTON_ERROR_H
#define LEPTON_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#if defined(__GNUC__)
#define LEPTON_API __attribute__((visibility("default")))
#define LEPTON_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define LEPTON_MUST_CHECK __attribute__((warn_unused_result))
#else
#define LEPTON_API
#define LEPTON_PRINTF(fmt, args)
#define LEPTON_MUST_CHECK
#endif

enum {
	LEPTON_OK = 0,
	LEPTON_E_NOMEM = -1,    /* an allocation failed */
	LEPTON_E_IO = -2,       /* a system call failed; the sentence has errno's text */
	LEPTON_E_USAGE = -3,    /* the caller's argument, option or command is wrong */
	LEPTON_E_SPEC = -4,     /* the spec file is wrong; the sentence has file, line and key */
	LEPTON_E_DATA = -5,     /* a data file is missing, short, or not what it claims */
	LEPTON_E_SHAPE = -6,    /* shapes do not fit each other */
	LEPTON_E_NOTFOUND = -7, /* no such version, method, theme, alias */
	LEPTON_E_EXISTS = -8,   /* the name is taken */
	LEPTON_E_STATE = -9,    /* not possible in the version's present state */
	LEPTON_E_BUSY = -10,    /* the store is in use by another program */
	LEPTON_E_CORRUPT = -11, /* stored bytes do not match their checksum or format */
	LEPTON_E_DIVERGED = -12,/* the loss became NaN or infinite */
	LEPTON_E_CANCELED = -13,/* stopped at the user's wish */
	LEPTON_E_UNSUPPORTED = -14, /* a thing this kind of model or build cannot do */
	LEPTON_E_KEY = -15,     /* a key is missing, wrong, or not to be used; a signature is bad, or a stranger's */
};

struct lepton_error {
	int code;
	char message[512]; /* one line, UTF-8, no trailing newline or full stop */
};

/* Fill *err (when not NULL) and return code, so that `return lepton_error_set(…)` reads well. */
LEPTON_API int lepton_error_set(struct lepton_error *err, int code, const char *fmt, ...) LEPTON_PRINTF(3, 4);
LEPTON_API int lepton_error_setv(struct lepton_error *err, int code, const char *fmt, va_list args)
		LEPTON_PRINTF(3, 0);
/* Put "prefix: " before the sentence already in *err; returns err's code. */
LEPTON_API int lepton_error_prefix(struct lepton_error *err, const char *fmt, ...) LEPTON_PRINTF(2, 3);
/* The program's exit code for a library code: 0, 1 failed, 2 usage (usage, spec, not-found errors). */
LEPTON_API int lepton_error_exit_code(int code);

#endif
