/* store/object_form.c - the bytes of an object's file: plain, by planes, or as a delta.
 *
 * Plain files ("LEPTOBJ1") hold the numbers as they are. Packed ones ("LEPTOBJ2") come in two ways, both
 * lossless. By planes: the first bytes of all numbers, then the second ones, and so on, each plane deflated
 * with a Huffman code alone; of floats only the plane with sign and exponent gives anything, and string
 * matching finds nothing, at a fifth of the speed. As a delta: float32 numbers as whole-number differences
 * to those of a base, the exact coding of compress/exact.c. The layouts are in FORMAT.md. A file is known by
 * what it decodes to, whatever its form, so the same tensor may change its form and keep its name. Every
 * length is checked against the file's size before anything is allocated for it.
 */
#include "config.h"
#include "store/object_form.h"
#include "base/hash.h"
#include "base/memory.h"
#include "compress/exact.h"
#include "compress/pack.h"
#include "compress/range_coder.h"

#include <math.h>
#include <string.h>

#define MAGIC_PLAIN "LEPTOBJ1"
#define MAGIC_PACKED "LEPTOBJ2"
#define DIGEST 32

static void digest(const void *bytes, size_t size, uint8_t out[DIGEST])
{
	crypto_generichash(out, DIGEST, bytes, size, NULL, 0);
}

static size_t bytes_of(const struct lepton_tensor *t)
{
	return (size_t)lepton_shape_count(&t->shape) * lepton_dtype_size(t->dtype);
}

/* ---- writing ---- */

static int render_planes(const struct lepton_tensor *t, struct lepton__buffer *out, struct lepton_error *err)
{
	size_t width = lepton_dtype_size(t->dtype), count = (size_t)lepton_shape_count(&t->shape);
	const uint8_t *numbers = t->data;
	uint8_t *plane = lepton__malloc(count + 1);
	int code = plane ? LEPTON_OK
			 : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory packing %s", t->name);
	struct lepton__buffer packed;
	lepton__buffer_init(&packed, LEPTON__OBJECT_MAX);
	for (size_t k = 0; k < width && !code; k++) {
		uint8_t packing;
		for (size_t i = 0; i < count; i++)
			plane[i] = numbers[i * width + k];
		packed.size = 0;
		code = lepton__pack(plane, count, LEPTON__PACK_QUICK, &packed, &packing, err);
		lepton__buffer_append(out, &packing, 1);
		lepton__buffer_u64(out, packed.size);
		lepton__buffer_append(out, packed.data, packed.size);
	}
	lepton__buffer_free(&packed);
	lepton__free(plane);
	return code;
}

static int render_delta(const struct lepton_tensor *t, const struct lepton_tensor *base,
	struct lepton__buffer *out, struct lepton_error *err)
{
	struct lepton__grid grid = lepton__grid_of(&t->shape);
	struct lepton__prediction same = {.base = base->data, .alpha = 1, .columns = grid.columns};
	return lepton__exact_encode(grid, t->data, same, out, err);
}

static void render_head(const struct lepton_tensor *t, enum lepton__object_coding coding, size_t payload,
	const char *base_hash, struct lepton__buffer *out)
{
	uint8_t head[4] = {(uint8_t)t->dtype, (uint8_t)t->shape.rank, (uint8_t)coding, 0}, name[DIGEST];
	bool plain = coding == LEPTON__OBJECT_PLAIN;
	lepton__buffer_append(out, plain ? MAGIC_PLAIN : MAGIC_PACKED, 8);
	lepton__buffer_append(out, head, sizeof head);
	for (int i = 0; i < t->shape.rank; i++)
		lepton__buffer_u64(out, (uint64_t)t->shape.dim[i]);
	lepton__buffer_u64(out, bytes_of(t));
	if (!plain)
		lepton__buffer_u64(out, payload);
	if (coding == LEPTON__OBJECT_DELTA &&
		sodium_hex2bin(name, sizeof name, base_hash, strlen(base_hash), NULL, NULL, NULL) == 0)
		lepton__buffer_append(out, name, sizeof name);
}

int lepton__object_render(const struct lepton_tensor *t, enum lepton__object_coding coding,
	const struct lepton_tensor *base, const char *base_hash, struct lepton__buffer *out,
	struct lepton_error *err)
{
	struct lepton__buffer payload;
	uint8_t sum[DIGEST];
	int code = LEPTON_OK;
	lepton__buffer_init(&payload, LEPTON__OBJECT_MAX);
	if (coding == LEPTON__OBJECT_PLANES)
		code = render_planes(t, &payload, err);
	else if (coding == LEPTON__OBJECT_DELTA)
		code = render_delta(t, base, &payload, err);
	if (!code)
		render_head(t, coding, payload.size, base_hash, out);
	if (coding == LEPTON__OBJECT_PLAIN)
		lepton__buffer_append(out, t->data, bytes_of(t));
	else
		lepton__buffer_append(out, payload.data, payload.size);
	if (!code && (out->failed || payload.failed))
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory storing %s", t->name);
	lepton__buffer_free(&payload);
	if (code)
		return code;
	digest(out->data, out->size, sum);
	lepton__buffer_append(out, sum, sizeof sum);
	return out->failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory storing %s", t->name)
			   : LEPTON_OK;
}

static bool all_finite(const struct lepton_tensor *t)
{
	const float *numbers = t->data;
	for (int64_t i = 0; i < lepton_shape_count(&t->shape); i++)
		if (!isfinite(numbers[i]))
			return false;
	return true;
}

bool lepton__object_can_lean(const struct lepton_tensor *tensor, const struct lepton_tensor *base)
{
	return tensor->dtype == LEPTON_F32 && base->dtype == LEPTON_F32 && bytes_of(tensor) > 0 &&
	       lepton_shape_equal(&tensor->shape, &base->shape) && all_finite(tensor) && all_finite(base);
}

/* ---- reading ---- */

int lepton__object_damaged(const char *hash, const char *how, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_CORRUPT, "object %.12s… is damaged: %s", hash, how);
}

static int bad_header(const char *hash, struct lepton_error *err)
{
	return lepton__object_damaged(hash, "not an object's header", err);
}

/* Magic, type, rank and coding. */
static int read_kind(
	struct lepton__cursor *c, struct lepton__object_head *h, const char *hash, struct lepton_error *err)
{
	const uint8_t *magic = lepton__cursor_bytes(c, 8), *head = lepton__cursor_bytes(c, 4);
	if (!magic || !head || head[0] > LEPTON_F64 || head[1] > LEPTON_MAX_RANK || head[3] != 0)
		return bad_header(hash, err);
	bool plain = memcmp(magic, MAGIC_PLAIN, 8) == 0, packed = memcmp(magic, MAGIC_PACKED, 8) == 0;
	if (!plain && !packed)
		return bad_header(hash, err);
	if (plain ? head[2] != 0 : head[2] != LEPTON__OBJECT_PLANES && head[2] != LEPTON__OBJECT_DELTA)
		return bad_header(hash, err);
	h->coding = (enum lepton__object_coding)head[2];
	h->like = (struct lepton_tensor){
		.name = "object", .dtype = (enum lepton_dtype)head[0], .shape = {.rank = head[1]}};
	return h->coding == LEPTON__OBJECT_DELTA && h->like.dtype != LEPTON_F32 ? bad_header(hash, err)
										: LEPTON_OK;
}

/* Shape and the numbers' size, which must fit it. */
static int read_shape(struct lepton__cursor *c, struct lepton__object_head *h, uint64_t *size,
	const char *hash, struct lepton_error *err)
{
	*size = lepton_dtype_size(h->like.dtype);
	for (int i = 0; i < h->like.shape.rank; i++) {
		uint64_t dim = lepton__cursor_u64(c);
		h->like.shape.dim[i] = (int64_t)dim;
		if (dim > LEPTON__OBJECT_MAX || __builtin_mul_overflow(*size, dim, size))
			return lepton__object_damaged(hash, "impossible shape", err);
	}
	if (lepton__cursor_u64(c) != *size || c->failed || *size > LEPTON__OBJECT_MAX)
		return lepton__object_damaged(hash, "its length does not fit its shape", err);
	return LEPTON_OK;
}

/* Can so few bytes hold so many numbers? Asked before anything is allocated. */
static bool plausible(const struct lepton__object_head *h, uint64_t size)
{
	if (h->coding == LEPTON__OBJECT_DELTA)
		return size / sizeof(float) <= (uint64_t)LEPTON__RANGE_MOST_BINS * h->size;
	struct lepton__cursor c = {h->payload, h->size, false};
	size_t width = lepton_dtype_size(h->like.dtype);
	for (size_t k = 0; k < width; k++) {
		uint8_t packing = lepton__cursor_u8(&c);
		uint64_t packed = lepton__cursor_u64(&c);
		if (c.failed || packed > c.left || !lepton__unpack_plausible(packing, packed, size / width))
			return false;
		(void)lepton__cursor_bytes(&c, (size_t)packed);
	}
	return c.left == 0;
}

int lepton__object_head(const char *bytes, size_t size, const char *hash, struct lepton__object_head *head,
	struct lepton_error *err)
{
	struct lepton__cursor c = {(const uint8_t *)bytes, size, false};
	uint8_t sum[DIGEST];
	uint64_t numbers, payload;
	*head = (struct lepton__object_head){.size = 0};
	int code = read_kind(&c, head, hash, err);
	if (!code)
		code = read_shape(&c, head, &numbers, hash, err);
	if (code)
		return code;
	payload = head->coding == LEPTON__OBJECT_PLAIN ? numbers : lepton__cursor_u64(&c);
	const uint8_t *base = head->coding == LEPTON__OBJECT_DELTA ? lepton__cursor_bytes(&c, DIGEST) : NULL;
	if (base)
		sodium_bin2hex(head->base, sizeof head->base, base, DIGEST);
	if (c.failed || payload > c.left || c.left - payload != DIGEST)
		return lepton__object_damaged(hash, "its length does not fit its shape", err);
	head->payload = c.at;
	head->size = (size_t)payload;
	digest(bytes, size - DIGEST, sum);
	if (memcmp(sum, c.at + payload, DIGEST) != 0)
		return lepton__object_damaged(hash, "its checksum does not match", err);
	if (head->coding != LEPTON__OBJECT_PLAIN && !plausible(head, numbers))
		return lepton__object_damaged(hash, "its packed numbers are too short", err);
	return LEPTON_OK;
}

static int decode_planes(
	const struct lepton__object_head *h, uint8_t *out, const char *hash, struct lepton_error *err)
{
	struct lepton__cursor c = {h->payload, h->size, false};
	size_t width = lepton_dtype_size(h->like.dtype), count = (size_t)lepton_shape_count(&h->like.shape);
	uint8_t *plane = lepton__malloc(count + 1);
	int code =
		plane ? LEPTON_OK : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading an object");
	for (size_t k = 0; k < width && !code; k++) {
		uint8_t packing = lepton__cursor_u8(&c);
		size_t packed = (size_t)lepton__cursor_u64(&c);
		code = lepton__unpack(packing, lepton__cursor_bytes(&c, packed), packed, plane, count, err);
		for (size_t i = 0; i < count && !code; i++)
			out[i * width + k] = plane[i];
	}
	lepton__free(plane);
	return code == LEPTON_E_CORRUPT ? lepton__object_damaged(hash, "its planes do not unpack", err)
					: code;
}

static int decode_delta(const struct lepton__object_head *h, const struct lepton_tensor *base, float *out,
	const char *hash, struct lepton_error *err)
{
	struct lepton__grid grid = lepton__grid_of(&h->like.shape);
	struct lepton__prediction same = {.alpha = 1, .columns = grid.columns};
	bool whole;
	if (!base || base->dtype != LEPTON_F32 || !lepton_shape_equal(&base->shape, &h->like.shape))
		return lepton__object_damaged(hash, "its base has another shape", err);
	same.base = base->data;
	int code = lepton__exact_decode(h->payload, h->size, true, grid, same, out, &whole, err);
	return code || whole ? code : lepton__object_damaged(hash, "its differences are not whole", err);
}

static int decode(const struct lepton__object_head *h, const struct lepton_tensor *base, const char *hash,
	void *out, struct lepton_error *err)
{
	switch (h->coding) {
	case LEPTON__OBJECT_PLANES:
		return decode_planes(h, out, hash, err);
	case LEPTON__OBJECT_DELTA:
		return decode_delta(h, base, out, hash, err);
	case LEPTON__OBJECT_PLAIN:
		memcpy(out, h->payload, h->size);
	}
	return LEPTON_OK;
}

int lepton__object_decode(const struct lepton__vault *vault, const struct lepton__object_head *head,
	const struct lepton_tensor *base, const char *hash, struct lepton_params **out,
	struct lepton_error *err)
{
	char name[LEPTON_HASH_HEX];
	*out = NULL;
	int code = lepton_params_new(&head->like, 1, out, err);
	if (!code)
		code = decode(head, base, hash, lepton_params_data(*out, 0), err);
	if (code) {
		lepton_params_release(*out);
		*out = NULL;
		return code;
	}
	lepton_tensor_hash(lepton_params_at(*out, 0), name);
	lepton__sealed_name(vault, name);
	if (strcmp(name, hash) == 0)
		return LEPTON_OK;
	lepton_params_release(*out);
	*out = NULL;
	return lepton__object_damaged(hash, "it holds something else than its name says", err);
}
