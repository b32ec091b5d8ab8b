/* tui/kitty_graphics.c - an image by the graphics protocol that kitty began and others took over.
 *
 * After its page (sw.kovidgoyal.net/kitty/graphics-protocol): a command is ESC _ G, keys with their values, a
 * semicolon, a payload in base64, ESC \. The pixels are packed by zlib (o=z), in chunks of at most 4,096
 * characters, of which only the first has the keys and all but the last m=1. C=1 keeps the cursor where it
 * is; q=2 asks for no answer. Pixels are made larger here, for the terminal would blur them.
 */
#include "config.h"
#include "tui/graphics.h"
#include "base/memory.h"

#include <sodium.h>
#include <string.h>
#include <zlib.h>

#define CHUNK ((size_t)4096)

static uint8_t *enlarge(const struct lepton__picture *picture, int factor, size_t *size)
{
	const int height = picture->height * factor, width = picture->width * factor;
	*size = (size_t)height * (size_t)width * 3;
	uint8_t *pixels = lepton__malloc(*size);
	for (int y = 0; pixels && y < height; y++)
		for (int x = 0; x < width; x++)
			lepton__picture_rgb(picture, y / factor, x / factor,
				pixels + ((size_t)y * (size_t)width + (size_t)x) * 3);
	return pixels;
}

/* Packed, then in base64; NULL: no memory. */
static char *payload_of(const uint8_t *pixels, size_t size)
{
	uLongf packed_size = compressBound((uLong)size);
	uint8_t *packed = lepton__malloc(packed_size);
	char *text = NULL;
	if (packed && compress(packed, &packed_size, pixels, (uLong)size) == Z_OK) {
		size_t room = sodium_base64_encoded_len(packed_size, sodium_base64_VARIANT_ORIGINAL);
		text = lepton__malloc(room);
		if (text)
			sodium_bin2base64(text, room, packed, packed_size, sodium_base64_VARIANT_ORIGINAL);
	}
	lepton__free(packed);
	return text;
}

static void write_chunks(struct lepton__buffer *out, const char *keys, const char *payload)
{
	for (size_t left = strlen(payload), size; left; payload += size, left -= size) {
		size = left < CHUNK ? left : CHUNK;
		lepton__buffer_printf(out, "\x1b_G%sq=2,m=%d;", keys, size < left);
		lepton__buffer_append(out, payload, size);
		lepton__buffer_string(out, "\x1b\\");
		keys = "";
	}
}

void lepton__kitty_send(
	const struct lepton__picture *picture, int factor, uint32_t id, struct lepton__buffer *out)
{
	size_t size;
	uint8_t *pixels = enlarge(picture, factor, &size);
	char *payload = pixels ? payload_of(pixels, size) : NULL;
	char *keys = lepton__format("a=T,f=24,o=z,s=%d,v=%d,i=%u,p=1,C=1,", picture->width * factor,
		picture->height * factor, (unsigned)id);
	if (payload && keys)
		write_chunks(out, keys, payload);
	else
		out->failed = true;
	lepton__free(keys);
	lepton__free(payload);
	lepton__free(pixels);
}

void lepton__kitty_place(uint32_t id, struct lepton__buffer *out)
{
	lepton__buffer_printf(out, "\x1b_Ga=p,i=%u,p=1,C=1,q=2\x1b\\", (unsigned)id);
}

void lepton__kitty_delete(uint32_t id, struct lepton__buffer *out)
{
	lepton__buffer_printf(out, "\x1b_Ga=d,d=I,i=%u,q=2\x1b\\", (unsigned)id);
}
