/* tests/picture_read.c - see picture_read.h. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "picture_read.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static uint32_t seed = 1;

uint32_t any(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

int read_number(const char **at)
{
	assert_true(**at >= '0' && **at <= '9');
	return (int)strtol(*at, (char **)(uintptr_t)at, 10);
}

const char *read_words(const char *at, const char *text)
{
	if (strncmp(at, text, strlen(text)) != 0)
		fail_msg("\"%s\" should be at \"%.40s\"", text + 1, at);
	return at + strlen(text);
}

static void paint(struct image *image, int y, int x, int bits, const uint8_t percent[3])
{
	for (int bit = 0; bit < 6; bit++)
		if (bits >> bit & 1) {
			assert_true(y + bit < image->height && x < image->width);
			image->painted += !image->set[y + bit][x];
			image->set[y + bit][x] = true;
			memcpy(image->rgb[y + bit][x], percent, 3);
		}
}

/* Returns what stands behind it. */
const char *read_sixel(const char *at, struct image *image)
{
	static uint8_t percent[256][3];
	int y = 0, x = 0, color = -1;
	memset(image, 0, sizeof *image);
	memset(percent, 255, sizeof percent);
	at = read_words(at, "\x1bP0;1;0q\"1;1;");
	image->width = read_number(&at);
	at = read_words(at, ";");
	image->height = read_number(&at);
	assert_in_range(image->width, 1, SIDE_MOST);
	assert_in_range(image->height, 1, SIDE_MOST);
	while (*at != '\x1b') {
		if (*at == '#') {
			at++;
			color = read_number(&at);
			assert_in_range(color, 0, 255);
			if (*at != ';')
				continue;
			at = read_words(at, ";2");
			for (int c = 0; c < 3; c++) {
				at = read_words(at, ";");
				percent[color][c] = (uint8_t)read_number(&at);
				assert_in_range(percent[color][c], 0, 100);
			}
			image->registers++;
			continue;
		}
		if (*at == '$' || *at == '-') {
			y += *at == '-' ? 6 : 0;
			x = 0;
			at++;
			continue;
		}
		int times = 1;
		if (*at == '!') {
			at++;
			times = read_number(&at);
		}
		assert_in_range(*at, '?', '~');
		for (; times > 0; times--)
			paint(image, y, x++, *at - '?', percent[color]);
		at++;
	}
	return read_words(at, "\x1b\\");
}

static const char *read_chunk(const char *at, char *keys, size_t room, char *payload, size_t payload_room)
{
	at = read_words(at, "\x1b_G");
	size_t length = strcspn(at, ";\x1b");
	assert_true(length < room);
	memcpy(keys, at, length);
	keys[length] = '\0';
	at += length;
	length = *at == ';' ? strcspn(++at, "\x1b") : 0;
	assert_true(length <= 4096 && length < payload_room);
	memcpy(payload, at, length);
	payload[length] = '\0';
	return read_words(at + length, "\x1b\\");
}

const char *read_command(const char *at, struct command *command)
{
	char keys[128];
	size_t used = 0;
	command->chunks = 0;
	do {
		at = read_chunk(at, command->chunks ? keys : command->keys, sizeof keys,
			command->payload + used, sizeof command->payload - used);
		if (command->chunks++)
			assert_true(strcmp(keys, "q=2,m=1") == 0 || strcmp(keys, "q=2,m=0") == 0);
		else
			strcpy(keys, command->keys);
		assert_true(!strstr(keys, "m=1") || strlen(command->payload + used) % 4 == 0);
		used += strlen(command->payload + used);
	} while (strstr(keys, "m=1"));
	return at;
}

long key_of(const struct command *command, const char *key)
{
	const char *at = strstr(command->keys, key);
	assert_non_null(at);
	return strtol(at + strlen(key), NULL, 10);
}

void unpack(const struct command *command, struct image *image)
{
	static uint8_t packed[1 << 20], pixels[1 << 20];
	size_t size;
	uLongf got = sizeof pixels;
	assert_int_equal(sodium_base642bin(packed, sizeof packed, command->payload, strlen(command->payload),
				 NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL),
		0);
	assert_int_equal(uncompress(pixels, &got, packed, size), Z_OK);
	image->width = (int)key_of(command, ",s=");
	image->height = (int)key_of(command, ",v=");
	assert_int_equal(got, image->width * image->height * 3);
	for (int y = 0; y < image->height; y++)
		for (int x = 0; x < image->width; x++)
			memcpy(image->rgb[y][x], pixels + (y * image->width + x) * 3, 3);
}
