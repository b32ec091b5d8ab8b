/* base/buffer.c - growing output, and reading that cannot run off the end. */
#include "config.h"
#include "base/bits.h"
#include "base/buffer.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

void lepton__buffer_init(struct lepton__buffer *buffer, size_t max)
{
	*buffer = (struct lepton__buffer){.max = max};
}

void lepton__buffer_free(struct lepton__buffer *buffer)
{
	lepton__free(buffer->data);
	*buffer = (struct lepton__buffer){.max = buffer->max};
}

/* Room for `more` bytes and the NUL behind them. */
static bool reserve(struct lepton__buffer *buffer, size_t more)
{
	if (buffer->failed || more > buffer->max || buffer->size > buffer->max - more)
		buffer->failed = true;
	else if (lepton__grow(&buffer->data, &buffer->capacity, buffer->size + more + 1, 1))
		buffer->failed = true;
	return !buffer->failed;
}

void lepton__buffer_append(struct lepton__buffer *buffer, const void *bytes, size_t size)
{
	if (!reserve(buffer, size))
		return;
	if (size)
		memcpy(buffer->data + buffer->size, bytes, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
}

void lepton__buffer_string(struct lepton__buffer *buffer, const char *string)
{
	lepton__buffer_append(buffer, string, strlen(string));
}

void lepton__buffer_printf(struct lepton__buffer *buffer, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, fmt, args);
	if (size < 0)
		buffer->failed = true;
	else if (reserve(buffer, (size_t)size)) {
		vsnprintf(buffer->data + buffer->size, (size_t)size + 1, fmt, again);
		buffer->size += (size_t)size;
	}
	va_end(again);
	va_end(args);
}

static void append_little_endian(struct lepton__buffer *buffer, uint64_t value, size_t bytes)
{
	uint8_t raw[8];
	for (size_t i = 0; i < bytes; i++)
		raw[i] = (uint8_t)(value >> (8 * i));
	lepton__buffer_append(buffer, raw, bytes);
}

void lepton__buffer_u16(struct lepton__buffer *buffer, uint16_t value)
{
	append_little_endian(buffer, value, 2);
}

void lepton__buffer_u32(struct lepton__buffer *buffer, uint32_t value)
{
	append_little_endian(buffer, value, 4);
}

void lepton__buffer_u64(struct lepton__buffer *buffer, uint64_t value)
{
	append_little_endian(buffer, value, 8);
}

void lepton__buffer_f32(struct lepton__buffer *buffer, float value)
{
	lepton__buffer_u32(buffer, lepton__float_bits(value));
}

char *lepton__buffer_take(struct lepton__buffer *buffer)
{
	char *data = NULL;
	if (!reserve(buffer, 0))
		lepton__free(buffer->data);
	else {
		data = buffer->data;
		data[buffer->size] = '\0';
	}
	*buffer = (struct lepton__buffer){.max = buffer->max};
	return data;
}

const uint8_t *lepton__cursor_bytes(struct lepton__cursor *cursor, size_t size)
{
	if (cursor->failed || size > cursor->left) {
		cursor->failed = true;
		return NULL;
	}
	const uint8_t *bytes = cursor->at;
	cursor->at += size;
	cursor->left -= size;
	return bytes;
}

static uint64_t little_endian(struct lepton__cursor *cursor, size_t size)
{
	const uint8_t *bytes = lepton__cursor_bytes(cursor, size);
	uint64_t value = 0;
	for (size_t i = 0; bytes && i < size; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

uint8_t lepton__cursor_u8(struct lepton__cursor *cursor)
{
	return (uint8_t)little_endian(cursor, 1);
}

uint16_t lepton__cursor_u16(struct lepton__cursor *cursor)
{
	return (uint16_t)little_endian(cursor, 2);
}

uint32_t lepton__cursor_u32(struct lepton__cursor *cursor)
{
	return (uint32_t)little_endian(cursor, 4);
}

uint64_t lepton__cursor_u64(struct lepton__cursor *cursor)
{
	return little_endian(cursor, 8);
}

float lepton__cursor_f32(struct lepton__cursor *cursor)
{
	return lepton__float_of_bits(lepton__cursor_u32(cursor));
}
