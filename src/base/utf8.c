/* base/utf8.c - see utf8.h. */
#include "config.h"
#include "base/utf8.h"

size_t lepton__utf8_length(const char *at, size_t left)
{
	const unsigned char *s = (const unsigned char *)at;
	if (left && s[0] < 0x80)
		return 1;
	if (!left || s[0] < 0xC2 || s[0] > 0xF4)
		return 0;
	size_t length = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
	for (size_t i = 1; i < length; i++)
		if (i >= left || (s[i] & 0xC0) != 0x80)
			return 0;
	if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
		(s[0] == 0xF4 && s[1] > 0x8F))
		return 0;
	return length;
}

bool lepton__utf8_valid(const char *text, size_t length)
{
	for (size_t i = 0, step; i < length; i += step) {
		step = lepton__utf8_length(text + i, length - i);
		if (!step)
			return false;
	}
	return true;
}
