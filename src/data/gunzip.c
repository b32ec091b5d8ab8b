/* data/gunzip.c - gzip through zlib, into room of a known size.
 *
 * The caller reads a file's header first, works out from it how many bytes there must be, makes
 * room for exactly these, and inflates again from the start. So the output is never larger than
 * what the header claims, and what the header claims is bounded by the compressed size before.
 */
#include "config.h"
#include "data/gunzip.h"

#include <zlib.h>

#define PIECE ((size_t)1 << 30) /* zlib counts in unsigned int */

struct inflating {
	z_stream zlib;
	const uint8_t *in;
	size_t in_left, room_left;
	bool spare_used; /* a byte came after the room was full */
	uint8_t *out, spare;
};

static void offer(struct inflating *s)
{
	s->zlib.next_in =
		(Bytef *)(uintptr_t)s->in; /* zlib does not write there, but says so only by z_const */
	s->zlib.avail_in = (uInt)(s->in_left < PIECE ? s->in_left : PIECE);
	s->zlib.next_out = s->room_left ? s->out : &s->spare;
	s->zlib.avail_out = (uInt)(s->room_left < PIECE ? s->room_left : PIECE);
	if (s->room_left == 0)
		s->zlib.avail_out = 1;
}

/* One call of inflate, and the books kept. */
static int advance(struct inflating *s)
{
	offer(s);
	uInt in_before = s->zlib.avail_in, out_before = s->zlib.avail_out;
	int result = inflate(&s->zlib, Z_NO_FLUSH);
	size_t taken = in_before - s->zlib.avail_in, made = out_before - s->zlib.avail_out;
	s->in += taken;
	s->in_left -= taken;
	if (s->room_left) {
		s->out += made;
		s->room_left -= made;
	} else if (made) {
		s->spare_used = true;
	}
	return result;
}

static int run(struct inflating *s, const char *path, struct lepton_error *err)
{
	for (;;) {
		int result = advance(s);
		if (s->spare_used)
			return LEPTON_OK; /* there is more than was asked for: enough is known */
		if (result == Z_STREAM_END && s->in_left == 0)
			return LEPTON_OK;
		if (result == Z_STREAM_END && inflateReset(&s->zlib) == Z_OK)
			continue; /* the next member */
		if (result == Z_BUF_ERROR || (result == Z_OK && s->in_left == 0 && s->zlib.avail_out > 0))
			return lepton_error_set(
				err, LEPTON_E_DATA, "%s: the gzip file is cut short; fetch it again", path);
		if (result == Z_MEM_ERROR)
			return lepton_error_set(err, LEPTON_E_NOMEM, "%s: out of memory to inflate it", path);
		if (result != Z_OK)
			return lepton_error_set(err, LEPTON_E_DATA,
				"%s: the gzip file is damaged (%s); fetch it again", path,
				s->zlib.msg ? s->zlib.msg : "bad stream");
	}
}

int lepton__gunzip(const char *path, const uint8_t *in, size_t in_size, uint8_t *out, size_t room,
	size_t *got, bool *more, struct lepton_error *err)
{
	*got = 0;
	*more = false;
	if (in_size < 2 || in[0] != 0x1F || in[1] != 0x8B)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%s: not a gzip file though its name ends in .gz; if it is a plain one, rename it",
			path);
	struct inflating s = {.in = in, .in_left = in_size, .room_left = room, .out = out};
	if (inflateInit2(&s.zlib, 15 + 16) != Z_OK) /* the largest window; a gzip wrapper, nothing else */
		return lepton_error_set(err, LEPTON_E_NOMEM, "%s: out of memory to inflate it", path);
	int code = run(&s, path, err);
	inflateEnd(&s.zlib);
	*got = room - s.room_left;
	*more = s.spare_used;
	return code;
}
