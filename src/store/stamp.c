/* store/stamp.c - the checksum of a page: which bits it finds, and why SQLite's log does not see it.
 *
 * Four little-endian words at the end of a page: a, b, -(2a + b), -(a + b). a is the CRC-32 of the page's
 * number and of all its other bytes: it finds each error of up to three bits, and each of any number of bits
 * within 32 in a row, since a page has fewer than 91,607 bits (Koopman, "32-bit cyclic redundancy codes for
 * Internet applications", DSN 2002). b is a sum like SQLite's own of its log
 * (https://www.sqlite.org/fileformat2.html#walcksm) and knows nothing of a: what passes both by chance is one
 * in 2^64. The page's number is in it so that pages cannot change places.
 *
 * The last two words undo the first two in SQLite's sum of the page in its log, which is linear: (s, t)
 * becomes (s + t + x, s + 2t + x + y) by two words x, y. By a, b there come (a, a + b) to the sum, which are
 * (2a + b, 3a + 2b) after the next step, and -(2a + b), -(a + b) take just that away. So the log is stamped
 * too, and still one that SQLite by itself takes for whole, recovers, and copies into the database, stamps
 * and all: a store that was killed may be looked at with any SQLite.
 */
#include "config.h"
#include "store/stamp.h"

#include <string.h>
#include <zlib.h>

#define BODY (LEPTON__PAGE - LEPTON__STAMP)
#define RESERVED_AT 20 /* in the first page: how many bytes SQLite leaves free at a page's end */

static uint32_t word_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void put_word(uint8_t *out, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(word >> (8 * i));
}

static uint32_t crc_of(const uint8_t *body, uint32_t number)
{
	uint8_t place[4];
	put_word(place, number);
	return (uint32_t)crc32(crc32(0, place, sizeof place), body, BODY);
}

void lepton__log_sum(uint32_t sum[2], const uint8_t *bytes, size_t size)
{
	uint32_t s = sum[0], t = sum[1];
	for (size_t i = 0; i < size; i += 8) {
		s += word_at(bytes + i) + t;
		t += word_at(bytes + i + 4) + s;
	}
	sum[0] = s;
	sum[1] = t;
}

static uint32_t sum_of(const uint8_t *body)
{
	uint32_t sum[2] = {1, 0};
	lepton__log_sum(sum, body, BODY);
	return sum[0] ^ sum[1];
}

static void put_words(uint8_t *out, uint32_t a, uint32_t b)
{
	put_word(out, a);
	put_word(out + 4, b);
	put_word(out + 8, 0 - (2 * a + b));
	put_word(out + 12, 0 - (a + b));
}

void lepton__stamp_put(uint8_t page[LEPTON__PAGE], uint32_t number)
{
	put_words(page + BODY, crc_of(page, number), sum_of(page));
}

bool lepton__stamp_is_neutral(const uint8_t page[LEPTON__PAGE])
{
	uint8_t same[LEPTON__STAMP];
	put_words(same, word_at(page + BODY), word_at(page + BODY + 4));
	return memcmp(page + BODY, same, LEPTON__STAMP) == 0;
}

bool lepton__stamp_holds(const uint8_t page[LEPTON__PAGE], uint32_t number)
{
	return crc_of(page, number) == word_at(page + BODY) && sum_of(page) == word_at(page + BODY + 4) &&
	       lepton__stamp_is_neutral(page);
}

bool lepton__stamp_is_due(const uint8_t first_page[LEPTON__PAGE])
{
	static const uint8_t none[LEPTON__STAMP];
	return first_page[RESERVED_AT] == LEPTON__STAMP ||
	       (lepton__stamp_is_neutral(first_page) && memcmp(first_page + BODY, none, LEPTON__STAMP) != 0);
}

int lepton__bits_apart(const uint8_t *a, const uint8_t *b, size_t size, size_t *byte)
{
	int bits = 0;
	for (size_t i = 0; i < size; i++)
		for (unsigned x = a[i] ^ b[i]; x; x &= x - 1, bits++)
			*byte = i;
	return bits;
}

/* Tried one after another: it is a thing of once in years. */
bool lepton__stamp_mend(uint8_t page[LEPTON__PAGE], uint32_t number, size_t *byte)
{
	uint8_t right[LEPTON__PAGE];
	memcpy(right, page, LEPTON__PAGE);
	lepton__stamp_put(right, number);
	if (lepton__bits_apart(page + BODY, right + BODY, LEPTON__STAMP, byte) ==
		1) { /* of the stamp itself */
		*byte += BODY;
		memcpy(page, right, LEPTON__PAGE);
		return true;
	}
	if (!lepton__stamp_is_neutral(page))
		return false;
	for (size_t bit = 0; bit < BODY * 8; bit++) {
		page[bit / 8] ^= (uint8_t)(1U << bit % 8);
		*byte = bit / 8;
		if (lepton__stamp_holds(page, number))
			return true;
		page[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	return false;
}
