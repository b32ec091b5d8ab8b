/* base/utf8.h - which bytes are a character. */
#ifndef LEPTON_BASE_UTF8_H
#define LEPTON_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes (1..4) of the UTF-8 character at the first of `left` bytes; 0 when it is none: overlong forms, surrogates and values past
 * U+10FFFF are not. A NUL among them is looked at, but nothing behind it. */
size_t lepton__utf8_length(const char *at, size_t left);
bool lepton__utf8_valid(const char *text, size_t length);

#endif
