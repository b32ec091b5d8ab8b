/* compress/payload.c - weights to a table of records and their sections, and back.
 *
 * First comes the whole table, then the sections in the same order. So a reader knows every shape
 * and length, and that they add up to the bytes there are, before it allocates the weights; and what
 * it then allocates is bounded by what deflate could make of those bytes.
 */
#include "config.h"
#include "compress/payload.h"
#include "compress/coded.h"
#include "compress/levels.h"
#include "compress/pack.h"
#include "compress/record.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD_MAX ((size_t)1 << 36)

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "no memory for compressed weights");
}

/* ---- writing ----------------------------------------------------------------------------------- */

struct encoder {
	const struct lepton_params *weights, *base;
	struct lepton__buffer table, sections;
	struct lepton__payload_account *account;
};

static void append_floats(struct lepton__buffer *out, const float *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		lepton__buffer_f32(out, values[i]);
}

/* `alphas`: so many as the record says. */
static struct lepton__prediction prediction_for(const struct lepton_params *base, size_t index,
	const struct lepton__record *record, const float *alphas)
{
	if (record->predictor != LEPTON__PREDICT_BASE)
		return (struct lepton__prediction){.base = NULL};
	return (struct lepton__prediction){.base = lepton_params_at(base, index)->data,
		.alpha = alphas[0],
		.alphas = record->alphas > 1 ? alphas : NULL,
		.columns = record->alphas};
}

static const float *alphas_of(const struct lepton__plan *plan)
{
	return plan->alphas ? plan->alphas : &plan->alpha;
}

/* A float32 tensor as it is, in little-endian bytes. */
static int encode_floats(struct encoder *e, const struct lepton_tensor *tensor,
	const struct lepton__plan *plan, struct lepton__record *record, struct lepton_error *err)
{
	struct lepton__buffer raw;
	lepton__buffer_init(&raw, PAYLOAD_MAX);
	append_floats(&raw, tensor->data, (size_t)record->values);
	int code = raw.failed ? no_memory(err)
			      : lepton__pack((const uint8_t *)raw.data, raw.size, plan->deflate, &e->sections,
					&record->packing, err);
	lepton__buffer_free(&raw);
	return code;
}

static int encode_codes(struct encoder *e, const int8_t *codes, int64_t columns,
	const struct lepton__plan *plan, struct lepton__record *record, struct lepton_error *err)
{
	if (!plan->ranged)
		return lepton__pack((const uint8_t *)codes, (size_t)record->values, plan->deflate,
			&e->sections, &record->packing, err);
	record->packing = LEPTON__RANGE_CODED;
	return lepton__levels_encode(codes, record->values, columns, &e->sections, err);
}

static int encode_linear(struct encoder *e, size_t index, const struct lepton_tensor *tensor,
	const struct lepton__plan *plan, struct lepton__record *record, struct lepton_error *err)
{
	struct lepton__grid grid = lepton__grid_of(&tensor->shape);
	struct lepton__prediction prediction = prediction_for(e->base, index, record, alphas_of(plan));
	float *scales = lepton__calloc(record->scales, sizeof *scales);
	int8_t *codes = lepton__calloc((size_t)record->values, 1);
	int code = scales && codes ? LEPTON_OK : no_memory(err);
	if (!code && plan->most)
		lepton__linear_fit(grid, tensor->data, plan->per_channel, plan->most, scales);
	else if (!code)
		code = lepton__linear_scales(grid, tensor->data, prediction, plan->per_channel, scales, err);
	if (!code) {
		lepton__linear_encode(grid, tensor->data, prediction, plan->per_channel, scales,
			plan->most ? plan->most : LEPTON__LINEAR_MOST, codes);
		append_floats(&e->sections, alphas_of(plan), record->alphas);
		append_floats(&e->sections, scales, record->scales);
		code = encode_codes(e, codes, grid.columns, plan, record, err);
	}
	lepton__free(scales);
	lepton__free(codes);
	return code;
}

/* Bits of a code: 0 where codes have no fixed length. */
static uint8_t bits_for(enum lepton__coding coding)
{
	if (coding == LEPTON__CODE_LINEAR)
		return 8;
	bool fixed =
		coding == LEPTON__CODE_FLOAT || coding == LEPTON__CODE_SPARSE || coding == LEPTON__CODE_EXACT;
	return fixed ? 32 : 0;
}

static uint32_t scales_for(const struct lepton_tensor *tensor, const struct lepton__plan *plan)
{
	if (plan->coding == LEPTON__CODE_LINEAR)
		return plan->per_channel ? (uint32_t)lepton__grid_of(&tensor->shape).columns : 1;
	if (plan->coding == LEPTON__CODE_BOOK)
		return plan->centroid_count;
	if (plan->coding == LEPTON__CODE_PRODUCT)
		return plan->stepped ? 2 : 0;
	return plan->coding == LEPTON__CODE_LEVELS;
}

static struct lepton__record record_for(const struct lepton_tensor *tensor, const struct lepton__plan *plan)
{
	struct lepton__record record = {.shape = tensor->shape,
		.values = lepton_shape_count(&tensor->shape),
		.predictor = (uint8_t)plan->predictor,
		.coding = (uint8_t)plan->coding,
		.bits = bits_for(plan->coding),
		.packing = LEPTON__RANGE_CODED, /* the others say so themselves */
		.alphas = plan->predictor != LEPTON__PREDICT_BASE ? 0
			  : plan->alphas ? (uint32_t)lepton__grid_of(&tensor->shape).columns
					 : 1,
		.scales = scales_for(tensor, plan)};
	lepton__copy_name(record.name, sizeof record.name, tensor->name);
	return record;
}

static int encode_section(struct encoder *e, size_t index, const struct lepton__plan *plan,
	struct lepton__record *record, struct lepton_error *err)
{
	const struct lepton_tensor *tensor = lepton_params_at(e->weights, index);
	if (plan->coding == LEPTON__CODE_FLOAT)
		return encode_floats(e, tensor, plan, record, err);
	if (plan->coding == LEPTON__CODE_LINEAR)
		return encode_linear(e, index, tensor, plan, record, err);
	append_floats(&e->sections, alphas_of(plan), record->alphas);
	return lepton__coded_encode(
		tensor, plan, prediction_for(e->base, index, record, alphas_of(plan)), &e->sections, err);
}

static int encode_tensor(
	struct encoder *e, size_t index, const struct lepton__plan *plan, struct lepton_error *err)
{
	const struct lepton_tensor *tensor = lepton_params_at(e->weights, index);
	struct lepton__record record = record_for(tensor, plan);
	size_t before = e->sections.size;
	int code = encode_section(e, index, plan, &record, err);
	if (code) {
		lepton_error_prefix(err, "%s", tensor->name);
		return code;
	}
	size_t section = e->sections.size - before;
	if (section > UINT32_MAX)
		return lepton_error_set(
			err, LEPTON_E_UNSUPPORTED, "%s: more than 4 GiB in one tensor", tensor->name);
	record.section = (uint32_t)section;
	e->account->codes += (int64_t)lepton__record_code_bytes(&record);
	e->account->packed += (int64_t)(section - lepton__record_head_bytes(&record));
	lepton__record_write(&e->table, &record);
	return LEPTON_OK;
}

int lepton__payload_encode(const struct lepton_params *weights, const struct lepton_params *base,
	const struct lepton__plan *plans, uint8_t **payload, size_t *size,
	struct lepton__payload_account *account, struct lepton_error *err)
{
	struct encoder e = {.weights = weights, .base = base, .account = account};
	size_t count = lepton_params_count(weights);
	int code = LEPTON_OK;
	*account = (struct lepton__payload_account){.codes = 0};
	lepton__buffer_init(&e.table, PAYLOAD_MAX);
	lepton__buffer_init(&e.sections, PAYLOAD_MAX);
	lepton__buffer_u32(&e.table, (uint32_t)count);
	for (size_t i = 0; i < count && !code; i++)
		code = encode_tensor(&e, i, &plans[i], err);
	if (!code) {
		lepton__buffer_append(&e.table, e.sections.data, e.sections.size);
		*size = e.table.size;
		*payload = (uint8_t *)lepton__buffer_take(&e.table);
		if (!*payload)
			code = no_memory(err);
	}
	lepton__buffer_free(&e.table);
	lepton__buffer_free(&e.sections);
	return code;
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* The table; after it the cursor is at the first section, and the sections are exactly what is left. */
static int read_table(
	struct lepton__cursor *in, struct lepton__record **records, size_t *count, struct lepton_error *err)
{
	uint64_t sections = 0;
	uint32_t said = lepton__cursor_u32(in);
	if (in->failed || said == 0 || said > in->left / LEPTON__RECORD_LEAST)
		return lepton_error_set(
			err, LEPTON_E_CORRUPT, "a table of %u tensors in %zu bytes", said, in->left);
	*count = said;
	*records = lepton__calloc(said, sizeof **records);
	if (!*records)
		return no_memory(err);
	for (size_t i = 0; i < said; i++) {
		int code = lepton__record_read(in, &(*records)[i], err);
		if (code)
			return code;
		sections += (*records)[i].section;
	}
	if (sections != in->left)
		return lepton_error_set(err, LEPTON_E_CORRUPT,
			"the tensors take %llu bytes, but there are %zu", (unsigned long long)sections,
			in->left);
	return LEPTON_OK;
}

/* Zeroed weights of the table's names and shapes; like a base where one is needed. */
static int allocate(const struct lepton__record *records, size_t count, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err)
{
	struct lepton_tensor *like = lepton__calloc(count, sizeof *like);
	if (!like)
		return no_memory(err);
	bool predicts = false;
	for (size_t i = 0; i < count; i++) {
		lepton__copy_name(like[i].name, sizeof like[i].name, records[i].name);
		like[i].dtype = LEPTON_F32;
		like[i].shape = records[i].shape;
		predicts |= records[i].predictor == LEPTON__PREDICT_BASE;
	}
	int code = lepton_params_new(like, count, weights, err);
	lepton__free(like);
	if (!code && predicts && !base)
		code = lepton_error_set(
			err, LEPTON_E_CORRUPT, "a tensor needs a base, but the method has none");
	if (!code && predicts && lepton_params_match(*weights, base, err))
		code = lepton_error_set(err, LEPTON_E_CORRUPT, "the tensors are not the base's");
	return code;
}

static void read_floats(const uint8_t *bytes, float *out, size_t count)
{
	struct lepton__cursor in = {.at = bytes, .left = 4 * count};
	for (size_t i = 0; i < count; i++)
		out[i] = lepton__cursor_f32(&in);
}

static bool usable_floats(const float *values, size_t count, float least)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(values[i]) || values[i] < least)
			return false;
	return true;
}

/* Codes unpacked and turned to weights. */
static int rebuild(const struct lepton__record *record, struct lepton__prediction prediction,
	const float *scales, const uint8_t *codes, float *weights, struct lepton_error *err)
{
	bool fine = true;
	if (record->coding == LEPTON__CODE_FLOAT) {
		read_floats(codes, weights, (size_t)record->values);
		fine = usable_floats(weights, (size_t)record->values, -INFINITY);
	} else if (usable_floats(scales, record->scales, 0)) {
		lepton__linear_decode(lepton__grid_of(&record->shape), (const int8_t *)codes, prediction,
			record->scales > 1, scales, weights);
	} else {
		fine = false;
	}
	return fine ? LEPTON_OK
		    : lepton_error_set(err, LEPTON_E_CORRUPT, "%s: not finite numbers", record->name);
}

/* The codes of linear numbers out of the range coder. */
static int unpack_levels(const struct lepton__record *record, const uint8_t *bytes, size_t packed,
	int8_t *codes, struct lepton_error *err)
{
	int32_t *levels = lepton__calloc((size_t)record->values, sizeof *levels);
	if (!levels)
		return no_memory(err);
	bool fine = lepton__levels_decode(
		bytes, packed, levels, record->values, lepton__grid_of(&record->shape).columns);
	for (int64_t i = 0; i < record->values && fine; i++) {
		fine = abs(levels[i]) <= LEPTON__LINEAR_MOST;
		codes[i] = (int8_t)levels[i];
	}
	lepton__free(levels);
	return fine ? LEPTON_OK
		    : lepton_error_set(
			      err, LEPTON_E_CORRUPT, "%s: the range-coded numbers are damaged", record->name);
}

/* Sections of the fixed-length codings: unpacked, then turned to weights. */
static int decode_packed(const struct lepton__record *record, struct lepton__prediction prediction,
	const float *scales, const uint8_t *bytes, size_t packed, float *weights, struct lepton_error *err)
{
	size_t size = lepton__record_code_bytes(record);
	uint8_t *codes = lepton__malloc(size);
	if (!codes)
		return no_memory(err);
	int code = record->packing == LEPTON__RANGE_CODED
			   ? unpack_levels(record, bytes, packed, (int8_t *)codes, err)
			   : lepton__unpack(record->packing, bytes, packed, codes, size, err);
	if (!code)
		code = rebuild(record, prediction, scales, codes, weights, err);
	lepton__free(codes);
	return code;
}

static bool all_finite(const float *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(values[i]))
			return false;
	return true;
}

static int decode_tensor(const struct lepton__record *record, const struct lepton_params *base, size_t index,
	const uint8_t *section, struct lepton_params *weights, struct lepton_error *err)
{
	size_t floats = (size_t)record->alphas + record->scales, stream = record->section - 4 * floats;
	float *head = lepton__calloc(floats + 1, sizeof *head);
	float *to = lepton_params_data(weights, index);
	if (!head)
		return no_memory(err);
	read_floats(section, head, floats);
	const float *scales = head + record->alphas;
	const uint8_t *codes = section + 4 * floats;
	struct lepton__prediction prediction = prediction_for(base, index, record, head);
	int code;
	if (!all_finite(head, record->alphas))
		code = lepton_error_set(err, LEPTON_E_CORRUPT, "%s: not finite numbers", record->name);
	else if (record->packing == LEPTON__RANGE_CODED && record->coding != LEPTON__CODE_LINEAR)
		code = lepton__coded_decode(record, prediction, scales, codes, stream, to, err);
	else
		code = decode_packed(record, prediction, scales, codes, stream, to, err);
	lepton__free(head);
	return code;
}

int lepton__payload_decode(const uint8_t *payload, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err)
{
	struct lepton__cursor in = {.at = payload, .left = size};
	struct lepton__record *records = NULL;
	struct lepton_params *made = NULL;
	size_t count = 0;
	int code = read_table(&in, &records, &count, err);
	if (!code)
		code = allocate(records, count, base, &made, err);
	for (size_t i = 0; i < count && !code; i++)
		code = decode_tensor(
			&records[i], base, i, lepton__cursor_bytes(&in, records[i].section), made, err);
	lepton__free(records);
	if (code)
		lepton_params_release(made);
	else
		*weights = made;
	return code;
}
