/* base/buffer.h - a byte buffer that grows to a stated maximum.
 *
 * Faults stick: after an append that found no memory or no room, `failed` is set, later appends do
 * nothing, and one check at the end suffices. Always NUL-terminated behind its bytes.
 */
#ifndef LEPTON_BASE_BUFFER_H
#define LEPTON_BASE_BUFFER_H

#include "lepton/error.h"
#include <stdbool.h>
#include <stdint.h>

struct lepton__buffer {
	char *data;
	size_t size, capacity, max;
	bool failed;
};

void lepton__buffer_init(struct lepton__buffer *buffer, size_t max);
void lepton__buffer_free(struct lepton__buffer *buffer);
void lepton__buffer_append(struct lepton__buffer *buffer, const void *bytes, size_t size);
void lepton__buffer_string(struct lepton__buffer *buffer, const char *string);
void lepton__buffer_printf(struct lepton__buffer *buffer, const char *fmt, ...) LEPTON_PRINTF(2, 3);
void lepton__buffer_u16(struct lepton__buffer *buffer, uint16_t value); /* little-endian */
void lepton__buffer_u32(struct lepton__buffer *buffer, uint32_t value);
void lepton__buffer_u64(struct lepton__buffer *buffer, uint64_t value);
void lepton__buffer_f32(struct lepton__buffer *buffer, float value);
char *lepton__buffer_take(struct lepton__buffer *buffer); /* the bytes, caller frees with lepton__free; NULL if failed */

/* Reading back: every get checks what is left; after a short read `failed` is set and zeros come. */
struct lepton__cursor {
	const uint8_t *at;
	size_t left;
	bool failed;
};
uint8_t lepton__cursor_u8(struct lepton__cursor *cursor);
uint16_t lepton__cursor_u16(struct lepton__cursor *cursor);
uint32_t lepton__cursor_u32(struct lepton__cursor *cursor);
uint64_t lepton__cursor_u64(struct lepton__cursor *cursor);
float lepton__cursor_f32(struct lepton__cursor *cursor);
const uint8_t *lepton__cursor_bytes(struct lepton__cursor *cursor, size_t size); /* NULL when short */

#endif
