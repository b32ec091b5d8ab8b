/* base/error.c - one sentence a fault, and the exit code it means. */
#include "config.h"
#include "lepton/error.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

/* One line that no terminal takes for a command, whatever a file's name or a cell of it holds. */
static void make_plain(char *text)
{
	for (char *at = text; *at;) {
		size_t length = lepton__utf8_length(at, 4);
		if (length == 0)
			*at = '?';
		else if ((unsigned char)*at < 0x20 || *at == 0x7F)
			*at = ' ';
		at += length ? length : 1;
	}
}

int lepton_error_setv(struct lepton_error *err, int code, const char *fmt, va_list args)
{
	if (!err)
		return code;
	char text[1024]; /* made aside: arguments may point into err->message */
	vsnprintf(text, sizeof text, fmt, args);
	make_plain(text);
	err->code = code;
	lepton__copy_name(err->message, sizeof err->message, text);
	return code;
}

int lepton_error_set(struct lepton_error *err, int code, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	lepton_error_setv(err, code, fmt, args);
	va_end(args);
	return code;
}

int lepton_error_prefix(struct lepton_error *err, const char *fmt, ...)
{
	if (!err)
		return LEPTON_E_USAGE;
	char prefix[256];
	va_list args;
	va_start(args, fmt);
	vsnprintf(prefix, sizeof prefix, fmt, args);
	va_end(args);
	return lepton_error_set(err, err->code, "%s: %s", prefix, err->message);
}

int lepton_error_exit_code(int code)
{
	switch (code) {
	case LEPTON_OK:
		return 0;
	case LEPTON_E_USAGE:
	case LEPTON_E_SPEC:
	case LEPTON_E_NOTFOUND:
		return 2;
	default:
		return 1;
	}
}
