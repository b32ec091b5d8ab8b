/* compress/compress.c - the table of methods, and what holds for all of them.
 *
 * A method turns weights into a payload and back; everything round it is here, once: the checks of the
 * input, the envelope, and the honesty. What is reported was decoded again from the very bytes that
 * will be kept, through the same door a reader takes, so a fault in an encoder shows here and not in
 * a restored model; and bytes are the whole blob's, with names, shapes, scales and checksum.
 */
#include "config.h"
#include "compress/methods.h"
#include "compress/envelope.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_VALUES ((int64_t)1 << 30) /* numbers in a tensor, the format's bound */

static const struct lepton_compressor *const table[] = {
	&lepton__compress_delta,
	&lepton__compress_quantize,
	&lepton__compress_entropy,
	&lepton__compress_prune,
	&lepton__compress_cluster,
	&lepton__compress_lowrank,
	&lepton__compress_lowrank_entropy,
	&lepton__compress_prune_entropy,
	&lepton__compress_prune_cluster,
	&lepton__compress_cluster_entropy,
	&lepton__compress_prune_cluster_entropy,
	&lepton__compress_trees,
	NULL,
};
#define METHODS (sizeof table / sizeof *table - 1)

const struct lepton_compressor *const *lepton_compressors(void)
{
	return table;
}

bool lepton__compress_deflates(const struct lepton_option *options, const char *settings)
{
	char pack[32];
	lepton_options_choice(options, settings, "pack", pack, sizeof pack);
	return strcmp(pack, "deflate") == 0;
}

static const struct lepton_compressor *find(const char *name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	return NULL;
}

int lepton_compressor_find(const char *name, const struct lepton_compressor **out, struct lepton_error *err)
{
	static const struct lepton_compressor *const others[] = {
		&lepton_compress_auto, &lepton_compress_slim, &lepton_compress_distil};
	const size_t engine = sizeof others / sizeof *others; /* which take one */
	const char *names[METHODS + sizeof others / sizeof *others];
	char list[512] = "";
	*out = find(name);
	for (size_t i = 0; i < engine && !*out; i++)
		if (strcmp(name, others[i]->name) == 0)
			*out = others[i];
	if (*out)
		return LEPTON_OK;
	for (size_t i = 0; i < METHODS + engine; i++) {
		size_t used = strlen(list);
		names[i] = i < engine ? others[i]->name : table[i - engine]->name;
		snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
	}
	const char *near = lepton_suggest(name, names, METHODS + engine);
	if (near)
		return lepton_error_set(err, LEPTON_E_NOTFOUND,
			"unknown compression method \"%.64s\"; did you mean \"%s\"? Known: %s", name, near,
			list);
	return lepton_error_set(
		err, LEPTON_E_NOTFOUND, "unknown compression method \"%.64s\"; known: %s", name, list);
}

/* ---- checks of the input ----------------------------------------------------------------------- */

static int check_tensor(const struct lepton_tensor *tensor, const char *whose, struct lepton_error *err)
{
	if (tensor->dtype != LEPTON_F32)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"%s: %s is not float32; only float32 weights can be compressed", whose, tensor->name);
	if (tensor->shape.rank > LEPTON_MAX_RANK || tensor->name[0] == '\0')
		return lepton_error_set(
			err, LEPTON_E_SHAPE, "%s: a tensor without name or of too high a rank", whose);
	const float *values = tensor->data;
	int64_t count = lepton_shape_count(&tensor->shape);
	if (count < 1 || count > MOST_VALUES)
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"%s: %s has %lld numbers; from 1 to 2^30 can be compressed", whose, tensor->name,
			(long long)count);
	for (int64_t i = 0; i < count; i++)
		if (!isfinite(values[i]))
			return lepton_error_set(err, LEPTON_E_DIVERGED,
				"%s: %s holds %s at number %lld: take a checkpoint from before it diverged",
				whose, tensor->name, isnan(values[i]) ? "NaN" : "infinity", (long long)i);
	return LEPTON_OK;
}

static int check_weights(const struct lepton_params *weights, const char *whose, struct lepton_error *err)
{
	size_t count = lepton_params_count(weights);
	if (count == 0)
		return lepton_error_set(err, LEPTON_E_SHAPE, "%s: there are no weights to compress", whose);
	for (size_t i = 0; i < count; i++) {
		int code = check_tensor(lepton_params_at(weights, i), whose, err);
		if (code)
			return code;
	}
	return LEPTON_OK;
}

static int check_input(const struct lepton_compressor *method, const struct lepton_params *weights,
	const struct lepton_params *base, const char *settings, struct lepton_error *err)
{
	char what[LEPTON_NAME_MAX + 16];
	snprintf(what, sizeof what, "compress %s", method->name);
	int code = lepton_options_check(method->options, settings, what, err);
	if (!code && lepton_options_has(method->options, "retrain") &&
		lepton_options_number(method->options, settings, "retrain") > 0)
		code = lepton_error_set(err, LEPTON_E_USAGE,
			"%s: \"retrain\" takes an engine, which trains the version first", what);
	if (!code)
		code = check_weights(weights, what, err);
	if (code || !method->needs_base)
		return code;
	if (!base)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"%s: it needs a base, another version with the same layers to take the difference to",
			what);
	code = lepton_params_match(weights, base, err);
	if (code) {
		lepton_error_prefix(err, "%s: the base has other tensors", what);
		return code;
	}
	snprintf(what, sizeof what, "compress %s: the base", method->name);
	return check_weights(base, what, err);
}

/* ---- both ways --------------------------------------------------------------------------------- */

static double relative_error(const struct lepton_params *from, const struct lepton_params *to)
{
	double wrong = 0, whole = 0;
	for (size_t t = 0; t < lepton_params_count(from); t++) {
		const float *a = lepton_params_at(from, t)->data, *b = lepton_params_at(to, t)->data;
		int64_t count = lepton_shape_count(&lepton_params_at(from, t)->shape);
		for (int64_t i = 0; i < count; i++) {
			double difference = (double)b[i] - (double)a[i];
			wrong += difference * difference;
			whole += (double)a[i] * (double)a[i];
		}
	}
	return wrong > 0 ? sqrt(wrong / whole) : 0; /* infinite where zeros did not stay zeros */
}

/* Encode and put into the envelope. */
static int make_blob(const struct lepton_compressor *method, const struct lepton_params *weights,
	const struct lepton_params *base, const char *settings, struct lepton_params **blob,
	struct lepton_compress_report *report, struct lepton_error *err)
{
	struct lepton__envelope envelope = {.size = 0};
	uint8_t *payload = NULL;
	int code = method->encode(weights, base, settings, &payload, &envelope.size, report, err);
	if (code)
		return code;
	lepton__copy_name(envelope.method, sizeof envelope.method, method->name);
	lepton__copy_name(envelope.base_hash, sizeof envelope.base_hash, report->base_hash);
	envelope.payload = payload;
	code = lepton__envelope_seal(&envelope, blob, err);
	lepton__free(payload);
	return code;
}

/* Rebuild from the finished blob, and compare. */
static int prove(const struct lepton_params *weights, const struct lepton_params *base,
	const struct lepton_params *blob, struct lepton_params **rebuilt,
	struct lepton_compress_report *report, struct lepton_error *err)
{
	const struct lepton_tensor *bytes = lepton_params_at(blob, 0);
	int code = lepton_decompress(bytes->data, (size_t)lepton_params_bytes(blob), base, rebuilt, err);
	if (code)
		return code;
	code = lepton_params_match(weights, *rebuilt, err);
	report->raw_bytes = lepton_params_bytes(weights);
	report->bytes = lepton_params_bytes(blob);
	report->relative_error = code ? NAN : relative_error(weights, *rebuilt);
	return code;
}

int lepton_compress(const char *method, const struct lepton_params *weights, const struct lepton_params *base,
	const char *settings, struct lepton_params **blob, struct lepton_params **rebuilt,
	struct lepton_compress_report *report, struct lepton_error *err)
{
	const struct lepton_compressor *how;
	struct lepton_compress_report account = {.bytes = 0};
	struct lepton_params *made = NULL, *again = NULL;
	int code = lepton_compressor_find(method, &how, err);
	if (!code)
		code = check_input(how, weights, base, settings, err);
	if (code)
		return code;
	base = how->needs_base ? base : NULL;
	if (base)
		lepton_params_hash(base, account.base_hash);
	code = make_blob(how, weights, base, settings, &made, &account, err);
	if (!code)
		code = prove(weights, base, made, &again, &account, err);
	if (code) {
		lepton_params_release(made);
		lepton_params_release(again);
		return code;
	}
	*blob = made;
	*rebuilt = again;
	*report = account;
	return LEPTON_OK;
}

/* The method an opened envelope names, if this program has it and both agree on the base. */
static int method_of(const struct lepton__envelope *envelope, const struct lepton_compressor **out,
	struct lepton_error *err)
{
	*out = find(envelope->method);
	if (!*out)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"compressed weights by a method this program does not have; update it");
	if ((*out)->needs_base != (envelope->base_hash[0] != '\0'))
		return lepton_error_set(err, LEPTON_E_CORRUPT, "compressed weights: method %s %s",
			(*out)->name, (*out)->needs_base ? "without a base" : "with a base");
	return LEPTON_OK;
}

static int check_base(
	const struct lepton__envelope *envelope, const struct lepton_params *base, struct lepton_error *err)
{
	char hash[LEPTON_HASH_HEX];
	if (!envelope->base_hash[0])
		return LEPTON_OK;
	if (!base)
		return lepton_error_set(err, LEPTON_E_NOTFOUND,
			"these compressed weights need their base, the weights %.12s", envelope->base_hash);
	lepton_params_hash(base, hash);
	if (strcmp(hash, envelope->base_hash) != 0)
		return lepton_error_set(err, LEPTON_E_NOTFOUND,
			"these compressed weights need the base %.12s, but were given %.12s",
			envelope->base_hash, hash);
	return LEPTON_OK;
}

int lepton_decompress(const void *blob, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err)
{
	struct lepton__envelope envelope;
	const struct lepton_compressor *method;
	int code = lepton__envelope_open(blob, size, &envelope, err);
	if (!code)
		code = method_of(&envelope, &method, err);
	if (!code)
		code = check_base(&envelope, base, err);
	if (code)
		return code;
	code = method->decode(
		envelope.payload, envelope.size, method->needs_base ? base : NULL, weights, err);
	if (code)
		lepton_error_prefix(err, "compressed weights (%s)", method->name);
	return code;
}

int lepton_blob_base(const void *blob, size_t size, char *hash, struct lepton_error *err)
{
	struct lepton__envelope envelope;
	const struct lepton_compressor *method;
	int code = lepton__envelope_open(blob, size, &envelope, err);
	if (!code)
		code = method_of(&envelope, &method, err);
	if (!code)
		lepton__copy_name(hash, LEPTON_HASH_HEX, envelope.base_hash);
	return code;
}
