/* tests/fuzz/fuzz_history.c - any bytes as a block of points, or as the outline of one: refused in one sentence, or
 * read as so many points at rising steps. The checksum is made to fit first, or nothing behind it would ever be
 * reached. The first byte says which of the two, and the next two how many points the row says it has.
 */
#include "config.h"
#include "store/history_form.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FRONT 3
#define SUM 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sentence(const struct lepton_error *err)
{
	if (err->message[0] == '\0' || strchr(err->message, '\n'))
		abort();
}

static void as_block(const struct lepton__block_head *head, const char *bytes, size_t size)
{
	struct lepton__points points = {0};
	struct lepton_error err = {0};
	if (lepton__block_decode(head, bytes, size, &points, &err))
		check_sentence(&err);
	else if (points.count != head->count)
		abort();
	lepton__points_clear(&points);
}

static void as_outline(const struct lepton__block_head *head, const char *bytes, size_t size)
{
	struct lepton_history history = {0};
	struct lepton_error err = {0};
	if (lepton__outline_decode(head, bytes, size, &history, &err))
		check_sentence(&err);
	else if (lepton_history_points(&history) != (int64_t)head->count)
		abort();
	for (size_t i = 1; i < history.count; i++)
		if (history.step[i] < history.step[i - 1])
			abort();
	lepton_history_clear(&history);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lepton__buffer bytes;
	if (size < FRONT + SUM || size > 65536)
		return 0;
	struct lepton__block_head head = {1, 10, data[1] | (size_t)data[2] << 8};
	lepton__buffer_init(&bytes, 65536);
	lepton__buffer_append(&bytes, data + FRONT, size - FRONT);
	lepton__block_sign(&head, &bytes);
	if (!bytes.failed && data[0] % 2)
		as_outline(&head, bytes.data, bytes.size);
	else if (!bytes.failed)
		as_block(&head, bytes.data, bytes.size);
	lepton__buffer_free(&bytes);
	return 0;
}
