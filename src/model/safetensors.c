/* model/safetensors.c - see safetensors.h.
 *
 * The header comes from another program: every offset is checked against the file's length, and each
 * tensor's bytes against its type and shape, before anything is allocated for them.
 */
#include "config.h"
#include "model/safetensors.h"
#include "base/bits.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX ((size_t)4 << 30)
#define HEADER_MAX ((size_t)100 << 20) /* the format's own limit */
#define TENSORS_MAX 100000

/* ---- numbers, little-endian ---- */

static uint64_t little(const uint8_t *at, size_t size)
{
	uint64_t value = 0;
	for (size_t i = size; i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

static float f32(const uint8_t *at)
{
	return lepton__float_of_bits((uint32_t)little(at, 4));
}
static float f64(const uint8_t *at)
{
	return (float)lepton__double_of_bits(little(at, 8));
}
static float bf16(const uint8_t *at)
{
	const uint8_t wide[4] = {0, 0, at[0], at[1]};
	return f32(wide);
}
static float f16(const uint8_t *at)
{
	unsigned bits = (unsigned)little(at, 2), exponent = bits >> 10 & 31, fraction = bits & 1023;
	float value = exponent == 31 ? (fraction ? NAN : INFINITY)
		      : exponent     ? ldexpf((float)(fraction + 1024), (int)exponent - 25)
				     : ldexpf((float)fraction, -24);
	return bits >> 15 ? -value : value;
}
static float i64(const uint8_t *at)
{
	return (float)(int64_t)little(at, 8);
}
static float i32(const uint8_t *at)
{
	return (float)(int32_t)(uint32_t)little(at, 4);
}
static float i16(const uint8_t *at)
{
	return (float)(int16_t)(uint16_t)little(at, 2);
}
static float i8(const uint8_t *at)
{
	return (float)(int8_t)*at;
}
static float u8(const uint8_t *at)
{
	return (float)*at;
}

static const struct type {
	const char *name;
	size_t size;
	float (*read)(const uint8_t *at);
} types[] = {{"F32", 4, f32}, {"F16", 2, f16}, {"BF16", 2, bf16}, {"F64", 8, f64}, {"I64", 8, i64},
	{"I32", 4, i32}, {"I16", 2, i16}, {"I8", 1, i8}, {"U8", 1, u8}, {"BOOL", 1, u8}};

/* ---- the header ---- */

struct entry {
	const struct type *type;
	const uint8_t *bytes;
};

struct file {
	const char *path;
	const uint8_t *data; /* behind the header */
	size_t size;
	struct lepton_tensor *like;
	struct entry *entries;
	size_t count;
};

static int wrong(const struct file *f, const char *name, const char *what, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_DATA, "%.200s: tensor \"%.60s\" %s", f->path, name, what);
}

static bool whole(const cJSON *value, double max, int64_t *out)
{
	if (!cJSON_IsNumber(value) || !(value->valuedouble >= 0 && value->valuedouble <= max) ||
		floor(value->valuedouble) < value->valuedouble)
		return false;
	*out = (int64_t)value->valuedouble;
	return true;
}

static int read_shape(
	const struct file *f, const cJSON *member, struct lepton_shape *shape, struct lepton_error *err)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(member, "shape"), *dim;
	if (!cJSON_IsArray(list))
		return wrong(f, member->string, "has no shape", err);
	if (cJSON_GetArraySize(list) > LEPTON_MAX_RANK)
		return wrong(f, member->string, "has more than 6 dimensions", err);
	cJSON_ArrayForEach(dim, list)
	{
		if (!whole(dim, (double)FILE_MAX, &shape->dim[shape->rank]))
			return wrong(f, member->string, "has an impossible shape", err);
		shape->rank++;
	}
	return LEPTON_OK;
}

static int64_t bytes_of(const struct lepton_shape *shape, size_t element)
{
	int64_t bytes = (int64_t)element;
	for (int i = 0; i < shape->rank; i++)
		if (__builtin_mul_overflow(bytes, shape->dim[i], &bytes))
			return -1;
	return bytes;
}

static int read_entry(struct file *f, const cJSON *member, struct lepton_error *err)
{
	struct lepton_tensor *t = &f->like[f->count];
	struct entry *e = &f->entries[f->count];
	const cJSON *range = cJSON_GetObjectItemCaseSensitive(member, "data_offsets");
	const char *type = lepton__json_get_string(member, "dtype", "");
	int64_t from, to;
	*t = (struct lepton_tensor){.dtype = LEPTON_F32};
	if (!*member->string || strlen(member->string) >= sizeof t->name)
		return wrong(f, member->string, "has a name of no bytes, or of more than 63", err);
	lepton__copy_name(t->name, sizeof t->name, member->string);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].name, type) == 0)
			e->type = &types[i];
	if (!e->type)
		return wrong(f, t->name, "has a type that is not known here", err);
	int code = read_shape(f, member, &t->shape, err);
	if (code)
		return code;
	if (cJSON_GetArraySize(range) != 2 || !whole(cJSON_GetArrayItem(range, 0), (double)f->size, &from) ||
		!whole(cJSON_GetArrayItem(range, 1), (double)f->size, &to) || from > to)
		return wrong(f, t->name, "lies outside the file: was it still being written?", err);
	if (bytes_of(&t->shape, e->type->size) != to - from)
		return wrong(f, t->name, "does not have the bytes of its shape", err);
	e->bytes = f->data + from;
	f->count++;
	return LEPTON_OK;
}

static int read_entries(struct file *f, const cJSON *header, struct lepton_error *err)
{
	int size = cJSON_GetArraySize(header), code = LEPTON_OK;
	if (size > TENSORS_MAX)
		return lepton_error_set(
			err, LEPTON_E_DATA, "%.200s: more than %d tensors", f->path, TENSORS_MAX);
	f->like = lepton__calloc((size_t)size + 1, sizeof *f->like);
	f->entries = lepton__calloc((size_t)size + 1, sizeof *f->entries);
	if (!f->like || !f->entries)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading %.200s", f->path);
	for (const cJSON *member = header->child; member && !code; member = member->next)
		if (strcmp(member->string, "__metadata__") != 0)
			code = read_entry(f, member, err);
	if (!code && !f->count)
		code = lepton_error_set(err, LEPTON_E_DATA, "%.200s: there are no tensors in it", f->path);
	return code;
}

static int convert(const struct file *f, struct lepton_params **out, struct lepton_error *err)
{
	int code = lepton_params_new(f->like, f->count, out, err);
	for (size_t i = 0; i < f->count && !code; i++) {
		float *to = lepton_params_data(*out, i);
		const struct entry *e = &f->entries[i];
		int64_t count = lepton_shape_count(&f->like[i].shape);
		for (int64_t k = 0; k < count; k++)
			to[k] = e->type->read(e->bytes + (size_t)k * e->type->size);
	}
	return code;
}

static int parse(const char *path, const uint8_t *bytes, size_t size, struct lepton_params **out,
	struct lepton_error *err)
{
	uint64_t length = size >= 8 ? little(bytes, 8) : 0;
	struct file f = {.path = path};
	if (size < 8 || length < 2 || length > size - 8 || length > HEADER_MAX)
		return lepton_error_set(err, LEPTON_E_DATA, "%.200s: is no safetensors file", path);
	f.data = bytes + 8 + length;
	f.size = size - 8 - (size_t)length;
	cJSON *header = cJSON_ParseWithLength((const char *)bytes + 8, (size_t)length);
	int code = cJSON_IsObject(header)
			   ? read_entries(&f, header, err)
			   : lepton_error_set(err, LEPTON_E_DATA, "%.200s: is no safetensors file", path);
	if (!code)
		code = convert(&f, out, err);
	cJSON_Delete(header);
	lepton__free(f.like);
	lepton__free(f.entries);
	return code;
}

int lepton__safetensors_read(const char *path, struct lepton_params **out, struct lepton_error *err)
{
	struct stat about;
	char *bytes;
	size_t size;
	*out = NULL;
	if (stat(path, &about))
		return lepton_error_set(err, LEPTON_E_IO, "%.200s: %s", path, strerror(errno));
	if (!S_ISREG(about.st_mode)) /* a pipe would be waited for */
		return lepton_error_set(err, LEPTON_E_DATA, "%.200s: is no file", path);
	int code = lepton__file_read(path, FILE_MAX, &bytes, &size, err);
	if (code)
		return code;
	code = parse(path, (const uint8_t *)bytes, size, out, err);
	lepton__free(bytes);
	return code;
}
