/* compress/tree_fields.c - coding trees node by node.
 *
 * One coder serves both ways: every field is a number of some bits that is asked of, or told to, models of
 * its own (`pass`), so what is written and what is read cannot differ in order. The first 8 bits of a number
 * go through a tree of models, one for each beginning, which learns any distribution; the others are as good
 * as random, and raw.
 */
#include "config.h"
#include "compress/tree_fields.h"
#include "compress/range_coder.h"
#include "base/bits.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define NODES_MAX (1 << 24) /* a float names so many exactly */
#define FEATURES_MAX (1 << 20)
#define WIDTH_MAX 256
#define PAYLOAD_MAX ((size_t)1 << 31)
#define MODELLED 8 /* bits */
#define MODELS (1 << MODELLED)
#define DEPTHS 32

/* ---- finding them ---- */

static const struct lepton_tensor *tensor_of(const struct lepton_params *weights, const char *name, int rank)
{
	const struct lepton_tensor *tensor = lepton_params_find(weights, name);
	return tensor && tensor->dtype == LEPTON_F32 && tensor->shape.rank == rank ? tensor : NULL;
}

static const float *column_of(const struct lepton_params *weights, const char *name, int64_t count)
{
	const struct lepton_tensor *tensor = tensor_of(weights, name, 1);
	return tensor && tensor->shape.dim[0] == count ? tensor->data : NULL;
}

/* A tree ends where no node is left that a parent has promised. */
static bool in_order(const struct lepton__tree_fields *f)
{
	int64_t at = 0;
	for (int64_t tree = 0; tree < f->trees; tree++) {
		int64_t next = at + 1;
		if (fabsf(f->root[tree] - (float)at) > 0)
			return false;
		for (; at < next; at++) {
			if (next > f->count)
				return false;
			if (f->feature[at] < 0)
				continue;
			if (fabsf(f->left[at] - (float)next) > 0 || !(f->feature[at] < FEATURES_MAX) ||
				(!f->numbers && !(f->threshold[at] >= 0 && f->threshold[at] < 256)))
				return false;
			next += 2;
		}
	}
	return at == f->count;
}

int lepton__tree_fields_find(
	const struct lepton_params *weights, struct lepton__tree_fields *f, struct lepton_error *err)
{
	const struct lepton_tensor *feature = tensor_of(weights, "feature", 1),
				   *value = tensor_of(weights, "value", 2),
				   *roots = tensor_of(weights, "roots", 1);
	*f = (struct lepton__tree_fields){.count = feature ? feature->shape.dim[0] : 0};
	f->threshold = column_of(weights, "threshold", f->count);
	f->left = column_of(weights, "left", f->count);
	f->missing = column_of(weights, "missing", f->count);
	f->gain = column_of(weights, "gain", f->count);
	if (!feature || !value || !roots || !f->threshold || !f->left || value->shape.dim[0] != f->count ||
		f->count > NODES_MAX || value->shape.dim[1] > WIDTH_MAX)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"compress trees: these are not the weights of trees; take another method");
	f->numbers = f->missing && f->gain;
	f->trees = roots->shape.dim[0];
	f->width = (int)value->shape.dim[1];
	f->feature = feature->data;
	f->value = value->data;
	f->root = roots->data;
	if (!in_order(f))
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"compress trees: their nodes are not in order; an engine's compress puts them so");
	for (int64_t i = 0; i < f->count; i++)
		f->features = f->feature[i] + 1 > (float)f->features ? (int)f->feature[i] + 1 : f->features;
	return LEPTON_OK;
}

/* ---- the coder, both ways ---- */

struct numbers { /* models of one kind of number */
	struct lepton__model model[MODELS];
};

struct coder {
	bool writes;
	struct lepton__range_encoder out;
	struct lepton__range_decoder in;
	int threshold_bits, value_bits;
	struct lepton__model leaf[DEPTHS], missing;
	struct numbers feature, threshold, gain, value[2];
};

static void learn_nothing(struct numbers *n)
{
	for (int i = 0; i < MODELS; i++)
		n->model[i] = lepton__model_even;
}

static bool pass_bit(struct coder *c, struct lepton__model *model, bool bit)
{
	if (!c->writes)
		return lepton__range_decode(&c->in, model);
	lepton__range_encode(&c->out, model, bit);
	return bit;
}

static uint32_t pass_raw(struct coder *c, uint32_t value, int bits)
{
	if (!c->writes)
		return lepton__range_decode_raw(&c->in, bits);
	lepton__range_encode_raw(&c->out, value, bits);
	return value;
}

static uint32_t pass(struct coder *c, struct numbers *n, uint32_t value, int bits)
{
	const int modelled = bits < MODELLED ? bits : MODELLED, rest = bits - modelled;
	uint32_t begun = 1; /* and what has come so far */
	for (int i = modelled - 1; i >= 0; i--)
		begun = begun << 1 | pass_bit(c, &n->model[begun], value >> (rest + i) & 1);
	const uint32_t first = begun - (1U << modelled);
	return rest ? first << rest | pass_raw(c, value & ((1U << rest) - 1), rest) : first;
}

static float pass_float(struct coder *c, float x)
{
	return lepton__float_of_bits(pass_raw(c, lepton__float_bits(x), 32));
}

/* One of 2^bits even steps from low to high. */
struct span {
	float low, high;
};

static float pass_step(struct coder *c, struct numbers *n, struct span span, int bits, float x)
{
	const double most = (double)((1U << bits) - 1), width = (double)span.high - (double)span.low;
	uint32_t code = 0;
	if (c->writes && width > 0)
		code = (uint32_t)fmin(fmax(rint(((double)x - (double)span.low) / width * most), 0), most);
	return (float)((double)span.low + pass(c, n, code, bits) / most * width);
}

/* ---- fields ---- */

/* Bits that a number below `count` takes. */
static int bits_below(uint32_t count)
{
	int bits = 0;
	while (bits < 32 && (UINT64_C(1) << bits) < count)
		bits++;
	return bits;
}

static float pass_threshold(struct coder *c, const struct lepton__tree_fields *f, struct span span, float x)
{
	const int bits = c->threshold_bits;
	if (f->numbers)
		return bits == 32 ? pass_float(c, x) : pass_step(c, &c->threshold, span, bits, x);
	const int kept = bits < 8 ? bits : 8; /* a byte: its middle stands for what is left out */
	const uint32_t first = pass(c, &c->threshold, (uint32_t)x >> (8 - kept), kept);
	return (float)(first << (8 - kept) | (kept < 8 ? 1U << (7 - kept) : 0));
}

/* A gain is only told to people: 8 bits of exponent and 8 of what follows, rounded up. */
static float pass_gain(struct coder *c, float x)
{
	const uint32_t bits = c->writes && x > 0 ? (lepton__float_bits(x) + 0x3fff) >> 15 : 0,
		       most = 0xfeff; /* the largest float */
	return lepton__float_of_bits(pass(c, &c->gain, bits < most ? bits : most, 16) << 15);
}

/* Shares of classes add up to 1: once they have, the others are zero nearly always. */
static void pass_shares(struct coder *c, int width, const float *from, float *to)
{
	const uint32_t most = (1U << c->value_bits) - 1;
	uint32_t sum = 0;
	for (int k = 0; k < width; k++) {
		const uint32_t share = c->writes ? (uint32_t)fmin(fmax(rint((double)from[k] * most), 0), most)
						 : 0,
			       got = pass(c, &c->value[sum >= most], share, c->value_bits);
		sum += got;
		to[k] = (float)got;
	}
	for (int k = 0; k < width; k++)
		to[k] = sum ? to[k] / (float)sum : 1 / (float)width;
}

static void pass_value(struct coder *c, int width, struct span span, const float *from, float *to)
{
	if (c->value_bits < 32 && width > 1) {
		pass_shares(c, width, from, to);
		return;
	}
	for (int k = 0; k < width; k++) {
		const float x = from ? from[k] : 0;
		to[k] = c->value_bits == 32 ? pass_float(c, x)
					    : pass_step(c, &c->value[0], span, c->value_bits, x);
	}
}

/* ---- all nodes ---- */

/* Where what comes out goes, in both directions; what goes in is in the fields, and is what comes out already
 * where it is read. */
struct tree_writer {
	float *feature, *threshold, *left, *value, *root, *missing, *gain;
	uint8_t *depth;
	struct span *span; /* a feature */
	struct span values;
};

static void pass_inner(struct coder *c, const struct lepton__tree_fields *f, const struct tree_writer *to,
	int64_t at, int64_t next)
{
	const bool w = c->writes;
	uint32_t feature =
		pass(c, &c->feature, w ? (uint32_t)f->feature[at] : 0, bits_below((uint32_t)f->features));
	if (feature >= (uint32_t)f->features) {
		c->in.in.failed = true;
		return;
	}
	to->feature[at] = (float)feature;
	to->left[at] = (float)next;
	to->threshold[at] = pass_threshold(c, f, to->span[feature], w ? f->threshold[at] : 0);
	if (f->numbers) {
		to->missing[at] = pass_bit(c, &c->missing, w && f->missing[at] > 0);
		to->gain[at] = pass_gain(c, w ? f->gain[at] : 0);
	}
}

/* False: the trees have more nodes than they should. */
static bool pass_tree(
	struct coder *c, const struct lepton__tree_fields *f, const struct tree_writer *to, int64_t *at)
{
	int64_t next = *at + 1;
	to->depth[*at] = 0;
	for (; *at < next; ++*at) {
		const uint8_t depth = to->depth[*at],
			      below = (uint8_t)(depth + 1 < DEPTHS ? depth + 1 : depth);
		if (pass_bit(c, &c->leaf[depth], c->writes && f->feature[*at] < 0)) {
			to->feature[*at] = -1;
			pass_value(c, f->width, to->values, c->writes ? f->value + *at * f->width : NULL,
				to->value + *at * f->width);
			continue;
		}
		if (next + 2 > f->count || c->in.in.failed)
			return false;
		pass_inner(c, f, to, *at, next);
		to->depth[next] = to->depth[next + 1] = below;
		next += 2;
	}
	return true;
}

static void pass_spans(struct coder *c, const struct lepton__tree_fields *f, struct tree_writer *to)
{
	for (int k = 0; f->numbers && c->threshold_bits < 32 && k < f->features; k++) {
		struct span *span = &to->span[k];
		if (!pass_raw(c, span->low <= span->high, 1))
			continue;
		span->low = pass_float(c, span->low);
		span->high = pass_float(c, span->high);
	}
	if (f->width == 1 && c->value_bits < 32) {
		to->values.low = pass_float(c, to->values.low);
		to->values.high = pass_float(c, to->values.high);
	}
}

static bool pass_trees(struct coder *c, const struct lepton__tree_fields *f, struct tree_writer *to)
{
	int64_t at = 0;
	for (int d = 0; d < DEPTHS; d++)
		c->leaf[d] = lepton__model_even;
	c->missing = lepton__model_even;
	learn_nothing(&c->feature);
	learn_nothing(&c->threshold);
	learn_nothing(&c->gain);
	learn_nothing(&c->value[0]);
	learn_nothing(&c->value[1]);
	pass_spans(c, f, to);
	for (int64_t tree = 0; tree < f->trees; tree++) {
		if (at >= f->count)
			return false;
		to->root[tree] = (float)at;
		if (!pass_tree(c, f, to, &at))
			return false;
	}
	return at == f->count;
}

/* ---- writing ---- */

static void widen(struct span *span, float x)
{
	span->low = fminf(span->low, x);
	span->high = fmaxf(span->high, x);
}

static void find_spans(const struct lepton__tree_fields *f, struct tree_writer *to)
{
	to->values = (struct span){INFINITY, -INFINITY};
	for (int k = 0; k < f->features; k++)
		to->span[k] = to->values;
	for (int64_t i = 0; i < f->count; i++)
		if (f->feature[i] >= 0)
			widen(&to->span[(int)f->feature[i]], f->threshold[i]);
		else
			for (int k = 0; k < f->width; k++)
				widen(&to->values, f->value[i * f->width + k]);
}

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the nodes of trees");
}

/* Scratch for what comes out while writing, which nobody wants. */
static int scratch(
	const struct lepton__tree_fields *f, struct tree_writer *to, float **block, struct lepton_error *err)
{
	const size_t n = (size_t)f->count;
	*block = lepton__calloc(n * (size_t)(f->width + 5) + (size_t)f->trees, sizeof(float));
	to->depth = lepton__calloc(n + 2, 1);
	to->span = lepton__calloc((size_t)f->features + 1, sizeof *to->span);
	if (!*block || !to->depth || !to->span)
		return no_memory(err);
	to->feature = *block;
	to->threshold = to->feature + n;
	to->left = to->threshold + n;
	to->missing = to->left + n;
	to->gain = to->missing + n;
	to->value = to->gain + n;
	to->root = to->value + n * (size_t)f->width;
	return LEPTON_OK;
}

int lepton__tree_fields_encode(const struct lepton__tree_fields *f, int threshold_bits, int value_bits,
	uint8_t **payload, size_t *size, struct lepton_error *err)
{
	struct tree_writer to = {0};
	struct lepton__buffer out;
	float *block = NULL;
	struct coder *c = lepton__calloc(1, sizeof *c);
	int code = c ? scratch(f, &to, &block, err) : no_memory(err);
	lepton__buffer_init(&out, PAYLOAD_MAX);
	if (!code) {
		find_spans(f, &to);
		lepton__buffer_u32(&out, (uint32_t)f->count);
		lepton__buffer_u32(&out, (uint32_t)f->trees);
		lepton__buffer_u32(&out, (uint32_t)f->features);
		lepton__buffer_u16(&out, (uint16_t)f->width);
		lepton__buffer_append(
			&out, (uint8_t[]){f->numbers, (uint8_t)threshold_bits, (uint8_t)value_bits}, 3);
		c->writes = true;
		c->threshold_bits = threshold_bits;
		c->value_bits = value_bits;
		lepton__range_encode_start(&c->out, &out);
		(void)pass_trees(c, f, &to);
		lepton__range_encode_end(&c->out);
		*size = out.size;
		*payload = (uint8_t *)lepton__buffer_take(&out);
		code = *payload ? LEPTON_OK : no_memory(err);
	}
	lepton__buffer_free(&out);
	lepton__free(block);
	lepton__free(to.depth);
	lepton__free(to.span);
	lepton__free(c);
	return code;
}

/* ---- reading ---- */

static bool good_bits(int bits)
{
	return (bits >= 2 && bits <= LEPTON__TREE_BITS_MAX) || bits == 32;
}

static bool read_head(struct lepton__cursor *in, struct lepton__tree_fields *f, struct coder *c)
{
	*f = (struct lepton__tree_fields){.count = lepton__cursor_u32(in)};
	f->trees = lepton__cursor_u32(in);
	const uint32_t features = lepton__cursor_u32(in);
	f->width = lepton__cursor_u16(in);
	const uint8_t numbers = lepton__cursor_u8(in);
	c->threshold_bits = lepton__cursor_u8(in);
	c->value_bits = lepton__cursor_u8(in);
	f->numbers = numbers;
	f->features = (int)(features <= FEATURES_MAX ? features : 0);
	return !in->failed && numbers <= 1 && f->count >= 1 && f->count <= NODES_MAX && f->trees >= 1 &&
	       f->trees <= f->count && features <= FEATURES_MAX && f->width >= 1 && f->width <= WIDTH_MAX &&
	       good_bits(c->threshold_bits) && good_bits(c->value_bits) &&
	       (uint64_t)f->count <= LEPTON__RANGE_MOST_BINS * (uint64_t)in->left;
}

/* Leaves have so many values, and at least half of the nodes are leaves. */
static bool justified(const struct lepton__tree_fields *f, const struct coder *c, size_t left)
{
	const uint64_t leaves = (uint64_t)(f->count + f->trees) / 2,
		       bits = (uint64_t)(c->value_bits < 8 ? c->value_bits : 8);
	return leaves * (uint64_t)f->width * bits <= LEPTON__RANGE_MOST_BINS * (uint64_t)left;
}

static int make_tensors(const struct lepton__tree_fields *f, struct tree_writer *to,
	struct lepton_params **out, struct lepton_error *err)
{
	static const char *const names[] = {
		"feature", "threshold", "left", "value", "roots", "missing", "gain"};
	float **const place[] = {
		&to->feature, &to->threshold, &to->left, &to->value, &to->root, &to->missing, &to->gain};
	struct lepton_tensor like[7] = {{.dtype = LEPTON_F32}};
	const size_t tensors = f->numbers ? 7 : 5;
	for (size_t t = 0; t < tensors; t++) {
		lepton__copy_name(like[t].name, sizeof like[t].name, names[t]);
		like[t].dtype = LEPTON_F32;
		like[t].shape = (struct lepton_shape){
			.rank = t == 3 ? 2 : 1, .dim = {t == 4 ? f->trees : f->count, f->width}};
		if (t != 3)
			like[t].shape.dim[1] = 0;
	}
	int code = lepton_params_new(like, tensors, out, err);
	for (size_t t = 0; t < tensors && !code; t++)
		*place[t] = lepton_params_data(*out, t);
	to->depth = lepton__calloc((size_t)f->count + 2, 1);
	to->span = lepton__calloc((size_t)f->features + 1, sizeof *to->span);
	return code || (to->depth && to->span) ? code : no_memory(err);
}

static bool all_finite(const struct lepton_params *weights)
{
	for (size_t t = 0; t < lepton_params_count(weights); t++) {
		const struct lepton_tensor *tensor = lepton_params_at(weights, t);
		const float *values = tensor->data;
		for (int64_t i = 0; i < lepton_shape_count(&tensor->shape); i++)
			if (!isfinite(values[i]))
				return false;
	}
	return true;
}

static int read_trees(struct coder *c, const struct lepton__tree_fields *f, struct lepton__cursor in,
	struct lepton_params **weights, struct lepton_error *err)
{
	struct tree_writer to = {0};
	struct lepton_params *made = NULL;
	int code = make_tensors(f, &to, &made, err);
	if (!code) {
		lepton__range_decode_start(&c->in, in.at, in.left);
		bool good = pass_trees(c, f, &to) && lepton__range_decode_ended(&c->in) && all_finite(made);
		if (!good)
			code = lepton_error_set(
				err, LEPTON_E_CORRUPT, "compressed trees: their nodes do not add up");
	}
	lepton__free(to.depth);
	lepton__free(to.span);
	if (code)
		lepton_params_release(made);
	else
		*weights = made;
	return code;
}

int lepton__tree_fields_decode(
	const uint8_t *payload, size_t size, struct lepton_params **weights, struct lepton_error *err)
{
	struct lepton__cursor in = {payload, size, false};
	struct lepton__tree_fields f;
	struct coder *c = lepton__calloc(1, sizeof *c);
	if (!c)
		return no_memory(err);
	int code = read_head(&in, &f, c) && justified(&f, c, in.left)
			   ? read_trees(c, &f, in, weights, err)
			   : lepton_error_set(
				     err, LEPTON_E_CORRUPT, "compressed trees: a head that makes no sense");
	lepton__free(c);
	return code;
}
